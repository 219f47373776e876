/** Digits of URL-safe base64. */
export const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Bits of a digit. */
const BITS = 6;
/** Larger quotients are written with their size in front. */
const MAX_UNARY = 8;
/** Bits of the largest whole number that a double holds exactly. */
const MAX_BITS = 53;
/** Bits that are taken from a number at once: JavaScript shifts whole numbers of 32 bits, one of which is the sign. */
const BITS_AT_ONCE = 30;
/** The value of each digit, by its character code. */
const VALUES = new Map([...DIGITS].map((digit, value) => [digit.charCodeAt(0), value]));
/** The highest order of a number. */
export const MAX_ORDER = 53;
/** A digit of a variable-length quantity (VLQ) from here on is followed by another one. */
const MORE = 32;

/** Reads the numbers of a text one after the other. */
export interface NumberReader {
	/** The next number; 0 where the text has none. */
	next(order: number): number;
	bits(size: number): number;
	/** Whether all was read, and nothing else stands in the text. */
	isAtEnd(): boolean;
	/** False once something was read that no writer writes. */
	isSound(): boolean;
}

/**
 * Writes whole numbers from 0 on as text, by Rice codes: the number of whole units of 2 ** order in unary, then the rest in `order`
 * bits. So a number takes little more than the bits of its order if it is not far above 2 ** order.
 *
 * @example
 * // 5 of order 2, one unit of 4: '10', then the rest of 1 in two bits, '01'.
 */
export class NumberWriter {
	private text = '';
	private digit = 0;
	private freeBits = BITS;

	put(number: number, order: number): void {
		const units = Math.floor(number / 2 ** order);
		const isLarge = units >= MAX_UNARY;
		const ones = isLarge ? MAX_UNARY : units;
		this.putBits(2 ** (ones + 1) - 2, ones + 1);
		if (isLarge) this.putBits(units, MAX_BITS);
		this.putBits(number % 2 ** order, order);
	}

	/** The text, the last digit of which is filled with zeros. */
	end(): string {
		this.putBits(0, this.freeBits % BITS);
		return this.text;
	}

	putBits(bits: number, size: number): void {
		if (size > BITS_AT_ONCE) {
			this.putBits(Math.floor(bits / 2 ** BITS_AT_ONCE), size - BITS_AT_ONCE);
			this.putBits(bits % 2 ** BITS_AT_ONCE, BITS_AT_ONCE);
			return;
		}
		for (let left = size; left > 0;) {
			const taken = Math.min(left, this.freeBits);
			left -= taken;
			this.digit = (this.digit << taken) | ((bits >>> left) & ((1 << taken) - 1));
			this.freeBits -= taken;
			if (this.freeBits > 0) continue;
			this.text += DIGITS[this.digit];
			this.digit = 0;
			this.freeBits = BITS;
		}
	}
}

/** The order in which numbers like these take the fewest bits: of their median, so that a few that are far off do not count. */
export function orderOf(numbers: number[]): number {
	const sorted = Float64Array.from(numbers).sort();
	return Math.floor(Math.log2(Math.max(1, sorted[sorted.length >> 1] ?? 1)));
}

/** Reads what a {@link NumberWriter} wrote. */
export function numberReader(text: string): NumberReader {
	let at = 0;
	let digit = 0;
	let bitsLeft = 0;
	let sound = true;
	const bits = (size: number): number => {
		if (size > BITS_AT_ONCE) return bits(size - BITS_AT_ONCE) * 2 ** BITS_AT_ONCE + bits(BITS_AT_ONCE);
		let value = 0;
		for (let left = size; left > 0 && sound;) {
			if (bitsLeft === 0) {
				const read = VALUES.get(text.charCodeAt(at++));
				sound &&= read !== undefined;
				digit = read ?? 0;
				bitsLeft = BITS;
			}
			const taken = Math.min(left, bitsLeft);
			left -= taken;
			bitsLeft -= taken;
			value = (value << taken) | ((digit >>> bitsLeft) & ((1 << taken) - 1));
		}
		return sound ? value : 0;
	};
	return {
		next: (order) => {
			let units = 0;
			while (units <= MAX_UNARY && bits(1) === 1) units++;
			sound &&= units <= MAX_UNARY;
			if (units === MAX_UNARY) units = bits(MAX_BITS);
			const value = units * 2 ** order + bits(order);
			sound &&= Number.isSafeInteger(value);
			return sound ? value : 0;
		},
		bits,
		isAtEnd: () => at === text.length && (digit & ((1 << bitsLeft) - 1)) === 0,
		isSound: () => sound,
	};
}

/** Reads the numbers of format 3 and before: VLQs, the lowest digit first, with plain texts between them. */
export function vlqReader(text: string): Omit<NumberReader, 'bits'> & { readText(length: number): string } {
	let at = 0;
	let sound = true;
	return {
		next: () => {
			let value = 0;
			for (let factor = 1; ; factor *= MORE) {
				const digit = DIGITS.indexOf(text[at++] ?? ' ');
				sound &&= digit >= 0 && factor <= 2 ** 50;
				if (!sound) return 0;
				value += (digit % MORE) * factor;
				if (digit < MORE) return value;
			}
		},
		readText: (length) => {
			const taken = text.slice(at, (at += length));
			sound &&= /^[\w-]*$/.test(taken);
			return taken;
		},
		isAtEnd: () => at === text.length,
		isSound: () => sound,
	};
}
