import { readDecimal, roundTo } from '../util/numbers';
import type { Warning } from './warnings';

/** No charger for cars gives more; used where the record does not name its highest power. */
const MAX_POWER_KW = 400;

/** What the record's own highest power may be exceeded by, as it is often a mean of some seconds. */
const POWER_MARGIN = 1.1;

/** Start and end can be rounded to minutes. */
const ROUNDING_H = 1 / 60;

/** More than any session, where its duration is not known. */
const MAX_ENERGY_KWH = 1000;

/** A meter that began at zero and shows more than any battery takes was read since it was new, not since the session began. */
const LARGE_METER_KWH = 200;

/** A highest power above this is more likely in watts. No charger gives more than the second number in kW; a socket gives 2,300 W. */
const LIKELY_WATTS = 1000;
const NEVER_KW = 1500;

/** Energy, meters and highest power of a session; null where unknown. */
export interface Measured {
	energyKwh: number | null;
	meterStartKwh: number | null;
	meterStopKwh: number | null;
	maxPowerKw: number | null;
	/** The longest time in which the energy can have flowed. */
	hours: number | null;
}

/** The codes of what cannot be right in the energy of a session. */
export function energyDoubts(measured: Measured): Warning[] {
	const { energyKwh, meterStartKwh, meterStopKwh } = measured;
	const doubts: Warning[] = [];
	if (meterStartKwh !== null && meterStopKwh !== null && meterStopKwh < meterStartKwh)
		doubts.push('meter-backwards');
	if (energyKwh === null || energyKwh === 0) return doubts;
	if (energyKwh < 0) doubts.push('energy-negative');
	else if (energyKwh > mostEnergyKwh(measured) || isWholeMeter(measured)) doubts.push('energy-implausible');
	return doubts;
}

/** Whether meters and energy differ by more than 1 % and the last digit of the meters. All in kWh. */
export function isMismatch(difference: number, energyKwh: number, lastDigitKwh: number): boolean {
	return Math.abs(difference) > Math.max(0.02, Math.abs(energyKwh) * 0.01, lastDigitKwh);
}

/** The most energy that can have flowed, in kWh. */
function mostEnergyKwh({ hours, maxPowerKw }: Measured): number {
	const powerKw = maxPowerKw !== null && maxPowerKw > 0 ? maxPowerKw * POWER_MARGIN : MAX_POWER_KW;
	return hours === null ? MAX_ENERGY_KWH : (hours + ROUNDING_H) * powerKw;
}

/** Whether the energy is all that the meter has ever counted, because its value at the start was lost. */
function isWholeMeter({ energyKwh, meterStartKwh, meterStopKwh }: Measured): boolean {
	if (meterStopKwh === null || Math.abs(meterStopKwh - energyKwh!) > Math.max(0.02, meterStopKwh * 0.01))
		return false;
	return meterStartKwh === null || (meterStartKwh === 0 && meterStopKwh > LARGE_METER_KWH);
}

/**
 * The highest power in kW, of a value in kW or in watts: the unit in which the session's own mean power is below it, and which a
 * charger has. 900 of a session with a mean of 0.5 kW are watts; 1,001 of one with a mean of 500 kW are kW.
 */
export function maxPowerKwOf(value: unknown, energyKwh: number | null, hours: number | null): number | null {
	const power = readDecimal(value) ?? null;
	if (power === null || power <= MAX_POWER_KW) return power;
	const asWatts = roundTo(power / 1000, 3);
	if (power > NEVER_KW) return asWatts;
	if (energyKwh === null || hours === null) return power > LIKELY_WATTS ? asWatts : power;
	const isTooLittle = energyKwh > (hours + ROUNDING_H) * asWatts * POWER_MARGIN;
	return isTooLittle && energyKwh <= MAX_ENERGY_KWH ? power : asWatts;
}
