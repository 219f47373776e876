import { readUtc } from '../parameters/dates';
import type { SessionFields, MeterUnit } from './fields';
import { readDecimal } from '../util/numbers';

/** Seconds in each possible unit of a duration, the likeliest first. */
const DURATION_UNITS = [1, 60, 3600, 0.001];

const METER_UNITS: MeterUnit[] = ['kWh', 'Wh'];

/** The units of all records of a page. One record alone may fit several units. */
export interface PageUnits {
	/** Seconds in the unit of durations; `undefined` where no unit fits. */
	durationUnit: number | undefined;
	meterUnit: MeterUnit | undefined;
	/** What the records of a record's charger say of its meters. */
	metersOf: (record: SessionFields) => ChargerMeters;
}

/** What all records of a charger on a page say of its meters. */
export interface ChargerMeters {
	/** The most decimals. As a number, 1463.0 has none, so that others tell. */
	decimals: number;
	/** The unit that most of them agree with; `undefined` if none tells. */
	unit: MeterUnit | undefined;
}

/**
 * The units that most records of a page agree with. Counting ends when the remaining records cannot change the result.
 *
 * @param read Reads the fields of a record.
 */
export function unitsOf<T>(
	page: T[],
	read: (record: T) => SessionFields,
	declaredMeterUnit: MeterUnit | undefined,
): PageUnits {
	const durations = DURATION_UNITS.map(() => 0);
	const meters = [0, 0];
	for (let index = 0; index < page.length; index++) {
		const rest = page.length - index;
		if (lead(durations) > rest && (declaredMeterUnit ?? lead(meters) > rest)) break;
		const fields = read(page[index]);
		const { durationTotal, startedAt, endedAt } = fields;
		const total = readDecimal(durationTotal);
		if (total) {
			const elapsed = ((readUtc(endedAt) ?? NaN) - (readUtc(startedAt) ?? NaN)) / 1000;
			for (let unit = 0; unit < DURATION_UNITS.length; unit++) {
				if (isDuration(total * DURATION_UNITS[unit], elapsed)) durations[unit]++;
			}
		}
		const unit = declaredMeterUnit ?? meterUnitOf(fields);
		if (unit) meters[METER_UNITS.indexOf(unit)]++;
	}
	return {
		durationUnit: mostOf(DURATION_UNITS, durations),
		meterUnit: declaredMeterUnit ?? mostOf(METER_UNITS, meters),
		metersOf: chargersIn(page, read),
	};
}

/** Counted when it is first asked for, since few pages have doubtful meters. */
function chargersIn<T>(page: T[], read: (record: T) => SessionFields): PageUnits['metersOf'] {
	let byCharger: Map<unknown, { decimals: number; votes: number[] }> | undefined;
	const chargerOf = ({ chargerId, evseId }: SessionFields) => chargerId ?? evseId;
	return (asked) => {
		if (byCharger === undefined) {
			byCharger = new Map();
			for (const record of page) {
				const fields = read(record);
				const charger = chargerOf(fields);
				const known = byCharger.get(charger) ?? { decimals: 0, votes: METER_UNITS.map(() => 0) };
				known.decimals = Math.max(
					known.decimals,
					decimalsOf(fields.meterStart),
					decimalsOf(fields.meterStop),
				);
				const unit = meterUnitOf(fields);
				if (unit) known.votes[METER_UNITS.indexOf(unit)]++;
				byCharger.set(charger, known);
			}
		}
		const { decimals = 0, votes = [] } = byCharger.get(chargerOf(asked)) ?? {};
		return { decimals, unit: mostOf(METER_UNITS, votes) };
	};
}

/** The decimals of a number as it is written. */
export function decimalsOf(value: unknown): number {
	if ((typeof value !== 'number' && typeof value !== 'string') || Number.isInteger(value)) return 0;
	return /[.,](\d+)\s*$/.exec(String(value))?.[1].length ?? 0;
}

/** The lead of the first unit over the second, in votes. */
function lead(votes: number[]): number {
	let [first, second] = [0, 0];
	for (const count of votes) {
		if (count > first) [first, second] = [count, first];
		else if (count > second) second = count;
	}
	return first - second;
}

/** The unit with the most votes, the first one of equals; `undefined` without any vote. */
function mostOf<T>(candidates: T[], votes: number[]): T | undefined {
	const most = Math.max(...votes);
	return most > 0 ? candidates[votes.indexOf(most)] : undefined;
}

/** Whether a total agrees with the time from start to end, within a minute or two percent. All in seconds. */
export function isDuration(total: number, elapsed: number): boolean {
	return Math.abs(total - elapsed) <= Math.max(60, elapsed * 0.02);
}

/** The unit in which the difference of the meters is close to the energy. */
export function meterUnitOf({ meterStart, meterStop, energyKwh }: SessionFields): MeterUnit | undefined {
	const start = readDecimal(meterStart);
	const stop = readDecimal(meterStop);
	const energy = readDecimal(energyKwh);
	if (typeof start !== 'number' || typeof stop !== 'number' || !energy) return undefined;
	const ratio = (stop - start) / energy;
	if (ratio >= 0.5 && ratio <= 2) return 'kWh';
	return ratio >= 500 && ratio <= 2000 ? 'Wh' : undefined;
}
