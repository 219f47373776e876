import Big from 'big.js';

/** No amount and no meter is larger, and up to here numbers have their decimals. */
export const LARGEST = 1e15;

/**
 * Reads a number, or a decimal as text in the ways vendors write one.
 *
 * Of a comma and a point, the last is the decimal mark, with one to four digits behind it; the other one groups thousands. A
 * single comma is a decimal mark, and so is a single point: `1.234` stays 1.234.
 *
 * @returns The number; null where there is none; `undefined` where something stands that is no number.
 */
export function readDecimal(given: unknown): number | null | undefined {
	if (given === undefined || given === null || given === '') return null;
	if (typeof given === 'number') return Math.abs(given) <= LARGEST ? given : undefined;
	if (typeof given !== 'string') return undefined;
	const text = given.trim();
	if (text === '') return null;
	if (/^[+-]?\d{1,15}([.,]\d+)?$/.test(text)) return Number(text.replace(',', '.'));
	const grouped = /^[+-]?\d{1,3}(?:([.,])\d{3}){1,4}(?!\1)[.,]\d{1,4}$/.exec(text);
	if (!grouped) return undefined;
	const [, group] = grouped;
	return Number(text.replaceAll(group, '').replace(',', '.'));
}

/** Rounds to decimal places, half away from zero, as it stands in decimal: 1.005 to two places is 1.01. */
export function roundTo(value: number, places: number): number {
	// Quickly, where it is clear on which side of a half the value lies.
	const power = 10 ** places;
	const scaled = value * power;
	const whole = Math.round(scaled);
	const isClear = Math.abs(Math.abs(scaled - whole) - 0.5) > 1e-4 && Math.abs(whole) < 2 ** 33;
	if (isClear && places >= 0 && places <= 6) return whole === 0 ? 0 : whole / power;

	if (!Number.isFinite(value)) return value;
	// Big keeps the sign of a negative zero; adding zero removes it.
	return new Big(value).round(places, Big.roundHalfUp).toNumber() + 0;
}

/** What was calculated from numbers of a record, null where it is larger than any that can be read. */
export function bounded(value: number | null): number | null {
	return value !== null && Math.abs(value) <= LARGEST ? value : null;
}
