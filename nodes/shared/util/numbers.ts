import Big from 'big.js';

/** The largest number that is read. Amounts and meters are smaller, and larger numbers lose decimals in JavaScript. */
export const LARGEST = 1e15;

/**
 * Reads a number, or a decimal number in a text.
 *
 * If the text has commas and points, the last of them is the decimal mark, followed by one to four digits, and the other one
 * groups thousands. A single comma or point is a decimal mark: `1.234` stays 1.234.
 *
 * @returns The number; null if the value is empty; `undefined` if it is not a number.
 */
export function readDecimal(given: unknown): number | null | undefined {
	if (given === undefined || given === null || given === '') return null;
	if (typeof given === 'number') return Math.abs(given) <= LARGEST ? given : undefined;
	if (typeof given !== 'string') return undefined;
	const text = given.trim();
	if (text === '') return null;
	if (/^[+-]?\d{1,15}([.,]\d+)?$/.test(text)) return Number(text.replace(',', '.'));
	const grouped = /^[+-]?\d{1,3}([.,])\d{3}(?:\1\d{3}){0,3}(?!\1)[.,]\d{1,4}$/.exec(text);
	if (!grouped) return undefined;
	const [, group] = grouped;
	return Number(text.replaceAll(group, '').replace(',', '.'));
}

/** Rounds the decimal notation of a number, half away from zero: 1.005 to two places is 1.01. */
export function roundTo(value: number, places: number): number {
	// Fast path: the value is far enough from a half that binary rounding gives the same result.
	const power = 10 ** places;
	const scaled = value * power;
	const whole = Math.round(scaled);
	const isClear = Math.abs(Math.abs(scaled - whole) - 0.5) > 1e-4 && Math.abs(whole) < 2 ** 33;
	if (isClear && places >= 0 && places <= 6) return whole === 0 ? 0 : whole / power;

	if (!Number.isFinite(value)) return value;
	// Big keeps the sign of a negative zero; adding zero removes it.
	return new Big(value).round(places, Big.roundHalfUp).toNumber() + 0;
}

/** A calculated number; null if it is larger than {@link LARGEST}. */
export function bounded(value: number | null): number | null {
	return value !== null && Math.abs(value) <= LARGEST ? value : null;
}
