// In Jest's context, every access to a global such as Math is slow, and these functions run millions of times.
const { floor, imul, round: nearest } = Math;
const NUDGE = 1 + Number.EPSILON;

/** Gives the next number of its own sequence, from 0 (included) to 1 (not included). */
export type Dice = () => number;

/**
 * A sequence of pseudorandom numbers that depends on the arguments only, so that record number `index` can be computed
 * without the other records (Mulberry32 after a mixing step).
 *
 * @param seed Chooses the data set.
 * @param index Chooses the record in it.
 */
export function dice(seed: number, index: number): Dice {
	let state = imul(seed + 0x9e3779b9, 0x85ebca6b) ^ imul(index + 1, 0xc2b2ae35);
	state ^= state >>> 15;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** A whole number from 0 to `count - 1`. */
export function below(next: Dice, count: number): number {
	return floor(next() * count);
}

/** One of the list. */
export function pick<T>(next: Dice, list: readonly T[]): T {
	return list[below(next, list.length)];
}

/** That many upper-case hexadecimal digits. */
export function hex(next: Dice, digits: number): string {
	let text = '';
	while (text.length < digits) text += below(next, 0x10000).toString(16).padStart(4, '0');
	return text.slice(0, digits).toUpperCase();
}

/** A UUID of version 4. */
export function uuid(next: Dice): string {
	const all = hex(next, 32).toLowerCase();
	return `${all.slice(0, 8)}-${all.slice(8, 12)}-4${all.slice(13, 16)}-a${all.slice(17, 20)}-${all.slice(20)}`;
}

/** Rounds to that many decimals, half away from zero. */
export function round(value: number, places: number): number {
	const factor = 10 ** places;
	return nearest(value * factor * NUDGE) / factor;
}
