import { digest, type Sighting } from './snapshot';

/** What is remembered of a session. Times are milliseconds since 1970. */
export interface Remembered {
	/** The last moment that its record knew of, up to an hour later once it was packed. */
	time: number;
	/** Set while it runs: when it began, and at which charger, where the source needs to know. */
	running?: { startedAt: number; charger: number };
	/** As `printOf` gives it; its length is the same for all. */
	print: string;
	energyWh?: number;
	amountCents?: number;
}

/** Sessions by the number of their id. */
export type Memory = Map<number, Remembered>;

/** A memory as text, a few characters a session. */
export interface PackedMemory {
	/** The hour from which the others count, since 1970. */
	hour: number;
	text: string;
}

const HOUR = 3_600_000;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const MORE = 32;

/**
 * The number under which a session is remembered: its id, or 48 bits of the id's digest where that is no whole number as JSON
 * writes one: `"007"` is another id than `"7"`.
 */
export function numberOf(id: Sighting['id']): number {
	const number = typeof id === 'number' || /^(0|[1-9]\d*)$/.test(id) ? Number(id) : NaN;
	if (Number.isSafeInteger(number) && number >= 0) return number;
	return Buffer.from(digest(String(id), 8), 'base64url').readUIntBE(0, 6);
}

/**
 * Packs a memory into text: ids as differences, times as hours, numbers in digits of five bits each.
 *
 * @param detailed Whether energy and amount are kept.
 */
export function pack(memory: Memory, detailed: boolean): PackedMemory {
	const ids = [...memory.keys()].sort((a, b) => a - b);
	let hour = Infinity;
	for (const { time, running } of memory.values()) {
		hour = Math.min(hour, Math.ceil(time / HOUR), Math.floor((running?.startedAt ?? time) / HOUR));
	}
	const parts: string[] = [];
	let last = 0;
	for (const id of ids) {
		const { time, running, print, energyWh, amountCents } = memory.get(id) as Remembered;
		const hours = Math.ceil(time / HOUR) - hour;
		// Twice the hours, and one more for a session that runs.
		parts.push(digits(id - last), digits(hours * 2 + (running ? 1 : 0)));
		if (running) parts.push(digits(Math.floor(running.startedAt / HOUR) - hour), digits(running.charger));
		parts.push(print);
		if (detailed) parts.push(signed(energyWh), signed(amountCents));
		last = id;
	}
	return { hour: memory.size > 0 ? hour : 0, text: parts.join('') };
}

/**
 * Reads a packed memory.
 *
 * @returns `undefined` when the text is not one that {@link pack} writes.
 */
export function unpack(
	{ hour, text }: PackedMemory,
	detailed: boolean,
	printLength: number,
): Memory | undefined {
	const memory: Memory = new Map();
	let at = 0;
	let sound = true;
	const number = () => {
		let value = 0;
		for (let factor = 1; ; factor *= MORE) {
			const digit = DIGITS.indexOf(text[at++] ?? ' ');
			if (digit < 0 || factor > 2 ** 50) sound = false;
			if (!sound) return 0;
			value += (digit % MORE) * factor;
			if (digit < MORE) return value;
		}
	};
	const signedNumber = () => {
		const value = number();
		if (value === 0) return undefined;
		return value % 2 === 1 ? (value - 1) / 2 : -value / 2;
	};

	let id = 0;
	while (at < text.length && sound) {
		id += number();
		const hours = number();
		const remembered: Remembered = { time: (hour + Math.floor(hours / 2)) * HOUR, print: '' };
		if (hours % 2 === 1) remembered.running = { startedAt: (hour + number()) * HOUR, charger: number() };
		remembered.print = text.slice(at, at + printLength);
		at += printLength;
		if (detailed) {
			remembered.energyWh = signedNumber();
			remembered.amountCents = signedNumber();
		}
		memory.set(id, remembered);
	}
	return sound && at === text.length ? memory : undefined;
}

/** A whole number from 0, the low digits first; every digit but the last has 32 more. */
function digits(number: number): string {
	let text = '';
	let rest = number;
	while (rest >= MORE) {
		text += DIGITS[MORE + (rest % MORE)];
		rest = Math.floor(rest / MORE);
	}
	return text + DIGITS[rest];
}

/** Nothing as 0, n as 2n + 1, -n as 2n. */
function signed(number: number | undefined): string {
	if (number === undefined) return digits(0);
	return digits(number >= 0 ? number * 2 + 1 : -number * 2);
}
