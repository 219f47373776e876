import { readUtc } from '../request/dates';
import type { Facts, MeterUnit } from './facts';
import { readDecimal } from './numbers';

/** Seconds in each unit in which a duration may be meant, the likeliest first. */
const DURATION_UNITS = [1, 60, 3600, 0.001];

/** What holds for all records of a page, since one record alone may fit several units. */
export interface PageUnits {
	/** Seconds in the unit of durations; `undefined` where no unit fits. */
	durationUnit: number | undefined;
	meterUnit: MeterUnit | undefined;
}

/** The units that most records of a page agree with. */
export function unitsOf(page: Facts[], declaredMeterUnit: MeterUnit | undefined): PageUnits {
	const durations = DURATION_UNITS.map(() => 0);
	const meters = { kWh: 0, Wh: 0 };
	for (const facts of page) {
		const total = readDecimal(facts.durationTotal);
		const [start, end] = [readUtc(facts.startedAt), readUtc(facts.endedAt)];
		if (total && start !== undefined && end !== undefined) {
			DURATION_UNITS.forEach((unit, index) => {
				if (isDuration(total * unit, (end - start) / 1000)) durations[index]++;
			});
		}
		const unit = declaredMeterUnit ?? meterUnitOf(facts);
		if (unit) meters[unit]++;
	}
	const most = Math.max(...durations);
	const { kWh, Wh } = meters;
	return {
		durationUnit: most > 0 ? DURATION_UNITS[durations.indexOf(most)] : undefined,
		meterUnit: declaredMeterUnit ?? (kWh + Wh === 0 ? undefined : kWh >= Wh ? 'kWh' : 'Wh'),
	};
}

/** Whether a total is the time from start to end: within a minute, or two percent. All in seconds. */
export function isDuration(total: number, elapsed: number): boolean {
	return Math.abs(total - elapsed) <= Math.max(60, elapsed * 0.02);
}

/** The unit in which meter stop less meter start is about the energy. */
export function meterUnitOf({ meterStart, meterStop, energyKwh }: Facts): MeterUnit | undefined {
	const [start, stop, energy] = [meterStart, meterStop, energyKwh].map(readDecimal);
	if (typeof start !== 'number' || typeof stop !== 'number' || !energy) return undefined;
	const ratio = (stop - start) / energy;
	if (ratio >= 0.5 && ratio <= 2) return 'kWh';
	return ratio >= 500 && ratio <= 2000 ? 'Wh' : undefined;
}
