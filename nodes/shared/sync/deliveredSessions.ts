import { wholeId } from './risingIds';
import { AMOUNT_UNIT, digest, type SessionSnapshot } from './snapshot';

/** A running session, as far as a source needs it to find its end. */
export interface RunningSession {
	startedAt: number;
	/** The partition that it was read from, where the source has partitions. */
	partition?: string;
}

/** The stored facts of a delivered session. Times are milliseconds since 1970. */
export interface DeliveredSession {
	/**
	 * The last time in its record, or the time of its first reading where no time in the record can be relied on. Storing rounds it
	 * up to the next hour.
	 */
	time: number;
	/** Set while the session runs. */
	running?: RunningSession;
	/** The result of `fingerprintOf`, or {@link unknownFingerprint}. All fingerprints of a state have the same length. */
	fingerprint: string;
	energyWh?: number;
	amountTenThousandths?: number;
}

/** Delivered sessions by session number, see {@link sessionNumber}. */
export type DeliveredSessions = Map<number, DeliveredSession>;

/** Delivered sessions as text, a few characters for each. */
export interface EncodedSessions {
	/** The base hour, in hours since 1970. All other hours are stored relative to it. */
	hour: number;
	/** Digits of an id's difference that are written without a length. */
	idDigits: number;
	text: string;
	/** The partitions of running sessions. The text refers to them by position, counted from 1; 0 means none. */
	partitions: string[];
}

/** The partitions by position; or, for format 1, a function that turns the number in the text into the key. */
type PartitionReader = string[] | ((number: number) => string);

const HOUR_MS = 3_600_000;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const MORE = 32;
/** Bits of a digit. */
const BITS = 6;

/** Fixed digits of energy and amount: 131 kWh take three characters. */
const MEASURE_DIGITS = 2;
/** Codes before a number: whole units below zero; parts of a unit; parts of a unit below zero. */
const NEGATIVE = 1;
const FINE = 2;
const FINE_NEGATIVE = 3;

/** The unit of most amounts. */
const CENT = AMOUNT_UNIT / 100;

/**
 * The number that a session is stored by: its id where that is a whole number as JSON writes it, else 48 bits of the digest of
 * the id. So `"007"` and `"7"` are different sessions.
 */
export function sessionNumber(id: SessionSnapshot['id']): number {
	return wholeId(id) ?? Buffer.from(digest(String(id), 8), 'base64url').readUIntBE(0, 6);
}

/**
 * Encodes delivered sessions as text: sorted ids as differences, times as hours, numbers as variable-length quantities (VLQ).
 * Numbers that are mostly large end with a fixed number of digits of six bits, where a digit of a VLQ holds five.
 *
 * @param detailed Whether energy and amount are stored.
 */
export function encodeSessions(memory: DeliveredSessions, detailed: boolean): EncodedSessions {
	const ids = [...memory.keys()].sort((a, b) => a - b);
	let hour = Infinity;
	for (const { time, running } of memory.values()) {
		hour = Math.min(hour, Math.ceil(time / HOUR_MS), Math.floor((running?.startedAt ?? time) / HOUR_MS));
	}
	const parts: string[] = [];
	const positions = new Map<string, number>();
	const positionOf = (partition: string | undefined) => {
		if (partition === undefined) return 0;
		const position = positions.get(partition) ?? positions.size + 1;
		positions.set(partition, position);
		return position;
	};
	// As many digits as nearly every difference has, so that those of 48-bit digests take a character less.
	const gap = ids.length > 1 ? (ids[ids.length - 1] - ids[0]) / ids.length : 1;
	const idDigits = Math.max(0, Math.floor(Math.log2(gap) / BITS));
	let last = 0;
	for (const id of ids) {
		const { time, running, fingerprint, energyWh, amountTenThousandths } = memory.get(id) as DeliveredSession;
		const hours = Math.ceil(time / HOUR_MS) - hour;
		// Twice the hours, plus one for a running session.
		parts.push(encodeLarge(id - last, idDigits), encodeVlq(hours * 2 + (running ? 1 : 0)));
		if (running) {
			const startHour = Math.floor(running.startedAt / HOUR_MS) - hour;
			parts.push(encodeVlq(startHour), encodeVlq(positionOf(running.partition)));
		}
		parts.push(fingerprint);
		if (detailed) parts.push(encodeMeasure(energyWh), encodeMeasure(amountTenThousandths, CENT));
		last = id;
	}
	const partitions = [...positions.keys()];
	return { hour: memory.size > 0 ? hour : 0, idDigits, text: parts.join(''), partitions };
}

/**
 * Decodes delivered sessions.
 *
 * @param encoded `idDigits` is `undefined` for a text of format 3 or before, which has no numbers with fixed digits.
 * @returns `undefined` for a text that {@link encodeSessions} does not write.
 */
export function decodeSessions(
	{
		hour,
		idDigits,
		text,
		partitions,
	}: { hour: number; idDigits?: number; text: string; partitions: PartitionReader },
	detailed: boolean,
	printLength: number,
): DeliveredSessions | undefined {
	const memory: DeliveredSessions = new Map();
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
	const large = (fixedDigits: number) => {
		let value = number();
		for (let digit = 0; digit < fixedDigits; digit++) {
			const rest = DIGITS.indexOf(text[at++] ?? ' ');
			if (rest < 0) sound = false;
			value = value * DIGITS.length + rest;
		}
		return value;
	};
	const measure = (unit = 1) => {
		const isOfOldFormat = idDigits === undefined;
		const code = isOfOldFormat ? number() : large(MEASURE_DIGITS);
		if (code === 0) return undefined;
		if (isOfOldFormat) return (code % 2 === 1 ? (code - 1) / 2 : -code / 2) * unit;
		if (code > FINE_NEGATIVE) return (code - FINE_NEGATIVE - 1) * unit;
		const value = large(MEASURE_DIGITS) * (code === NEGATIVE ? unit : 1);
		return code === FINE ? value : -value;
	};

	const partition = () => {
		const value = number();
		if (typeof partitions === 'function') return partitions(value);
		if (value > partitions.length) sound = false;
		return value === 0 ? undefined : partitions[value - 1];
	};

	let id = 0;
	while (at < text.length && sound) {
		id += large(idDigits ?? 0);
		const hours = number();
		const remembered: DeliveredSession = { time: (hour + Math.floor(hours / 2)) * HOUR_MS, fingerprint: '' };
		if (hours % 2 === 1)
			remembered.running = { startedAt: (hour + number()) * HOUR_MS, partition: partition() };
		remembered.fingerprint = text.slice(at, at + printLength);
		at += printLength;
		if (detailed) {
			remembered.energyWh = measure();
			remembered.amountTenThousandths = measure(CENT);
		}
		memory.set(id, remembered);
	}
	return sound && at === text.length && Number.isSafeInteger(id) ? memory : undefined;
}

/** A whole number from 0 on in base 32, the lowest digit first. Every digit but the last is increased by 32. */
function encodeVlq(number: number): string {
	let text = '';
	let rest = number;
	while (rest >= MORE) {
		text += DIGITS[MORE + (rest % MORE)];
		rest = Math.floor(rest / MORE);
	}
	return text + DIGITS[rest];
}

/** A whole number from 0 on as a VLQ and a fixed number of digits behind it. */
function encodeLarge(number: number, fixedDigits: number): string {
	let text = '';
	let rest = number;
	for (let digit = 0; digit < fixedDigits; digit++) {
		text = DIGITS[rest % DIGITS.length] + text;
		rest = Math.floor(rest / DIGITS.length);
	}
	return encodeVlq(rest) + text;
}

/** `undefined` as 0; n units as n + 4. What is rare is a code and its size behind it: less than zero, or no whole number of units. */
function encodeMeasure(number: number | undefined, unit = 1): string {
	if (number === undefined) return encodeLarge(0, MEASURE_DIGITS);
	const units = number / unit;
	const isFine = !Number.isInteger(units);
	if (number >= 0 && !isFine) return encodeLarge(units + FINE_NEGATIVE + 1, MEASURE_DIGITS);
	const code = isFine ? (number >= 0 ? FINE : FINE_NEGATIVE) : NEGATIVE;
	return encodeLarge(code, MEASURE_DIGITS) + encodeLarge(Math.abs(isFine ? number : units), MEASURE_DIGITS);
}
