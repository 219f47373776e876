import { DIGITS, NumberWriter, numberReader, orderOf, vlqReader } from './numberText';
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
	count: number;
	/**
	 * The orders of the numbers in the text: of ids, hours, energies and amounts, see {@link NumberWriter}. A fifth one is of amounts
	 * with parts of a cent, where there are any.
	 */
	orders: number[];
	text: string;
	/** The partitions of running sessions. The text refers to them by position, counted from 1; 0 means none. */
	partitions: string[];
}

const HOUR_MS = 3_600_000;

/** The order of what only running sessions have. */
const RUNNING_ORDER = 3;

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
 * Encodes delivered sessions as text: sorted ids as differences, times as hours.
 *
 * @param detailed Whether energy and amount are stored.
 * @param widths Bits of each character of a fingerprint.
 */
export function encodeSessions(
	memory: DeliveredSessions,
	detailed: boolean,
	widths: number[],
): EncodedSessions {
	const sessions = [...memory].sort(([one], [other]) => one - other);
	let hour = Infinity;
	for (const { time, running } of memory.values()) {
		hour = Math.min(hour, Math.ceil(time / HOUR_MS), Math.floor((running?.startedAt ?? time) / HOUR_MS));
	}
	const partitions: string[] = [];
	const positions = new Map<string | undefined, number>([[undefined, 0]]);
	const positionOf = (partition: string | undefined) => {
		const position = positions.get(partition) ?? partitions.push(partition as string);
		positions.set(partition, position);
		return position;
	};
	let last = 0;
	const rows = sessions.map(([id, { time, energyWh, amountTenThousandths }]) => {
		const row = [id - last, Math.ceil(time / HOUR_MS) - hour + 1];
		last = id;
		return detailed ? [...row, codeOf(energyWh), codeOf(amountTenThousandths, CENT)] : row;
	});
	const orders = [0, 1, 2, 3].map((column) => orderOf(rows.map((row) => row[column] ?? 0)));
	const fine = sessions.flatMap(([, { amountTenThousandths: amount = 0 }]) =>
		detailed && amount % CENT !== 0 ? Math.abs(amount) : [],
	);
	const fineOrder = orderOf(fine);
	if (fine.length > 0) orders.push(fineOrder);

	const writer = new NumberWriter();
	for (const [index, [, session]] of sessions.entries()) {
		const [gap, hours, energy, amount] = rows[index];
		writer.put(gap, orders[0]);
		// A zero comes before the time of a session that runs.
		if (session.running) writer.put(0, orders[1]);
		writer.put(hours, orders[1]);
		if (session.running) {
			writer.put(Math.floor(session.running.startedAt / HOUR_MS) - hour, orders[1]);
			writer.put(positionOf(session.running.partition), RUNNING_ORDER);
		}
		for (const [at, width] of widths.entries())
			writer.putBits(DIGITS.indexOf(session.fingerprint[at]), width);
		if (!detailed) continue;
		writer.put(energy, orders[2]);
		if (isCode(energy)) writer.put(Math.abs(session.energyWh as number), orders[2]);
		writer.put(amount, orders[3]);
		const size = Math.abs(session.amountTenThousandths as number);
		if (amount === NEGATIVE) writer.put(size / CENT, orders[3]);
		else if (isCode(amount)) writer.put(size, fineOrder);
	}
	const count = sessions.length;
	return { hour: count > 0 ? hour : 0, count, orders, text: writer.end(), partitions };
}

/**
 * Decodes delivered sessions.
 *
 * @returns `undefined` for a text that {@link encodeSessions} does not write.
 */
export function decodeSessions(
	{ hour, count, orders, text, partitions }: EncodedSessions,
	detailed: boolean,
	widths: number[],
): DeliveredSessions | undefined {
	const memory: DeliveredSessions = new Map();
	const reader = numberReader(text);
	const hours = () => reader.next(orders[1]);
	const measure = (order: number, unit = 1, fineOrder = order) => {
		const code = reader.next(order);
		if (code === 0) return undefined;
		if (!isCode(code)) return (code - FINE_NEGATIVE - 1) * unit;
		if (code === NEGATIVE) return -reader.next(order) * unit;
		const value = reader.next(fineOrder);
		return code === FINE ? value : -value;
	};
	let id = 0;
	for (let index = 0; index < count && reader.isSound(); index++) {
		id += reader.next(orders[0]);
		const first = hours();
		const session: DeliveredSession = { time: (hour + (first || hours()) - 1) * HOUR_MS, fingerprint: '' };
		if (first === 0) {
			const startedAt = (hour + hours()) * HOUR_MS;
			const position = reader.next(RUNNING_ORDER);
			if (position > partitions.length) return undefined;
			session.running = { startedAt, partition: position === 0 ? undefined : partitions[position - 1] };
		}
		session.fingerprint = widths.map((width) => DIGITS[reader.bits(width)]).join('');
		if (detailed) {
			session.energyWh = measure(orders[2]);
			session.amountTenThousandths = measure(orders[3], CENT, orders[4]);
		}
		memory.set(id, session);
	}
	const isWhole = reader.isSound() && reader.isAtEnd() && memory.size === count;
	return isWhole && Number.isSafeInteger(id) ? memory : undefined;
}

/**
 * Decodes delivered sessions of format 3 or before, whose numbers are VLQs.
 *
 * @param encoded Format 1 has the number of the partition in the text itself.
 * @param fingerprintLength Characters of each fingerprint.
 * @returns `undefined` for a text that no version wrote.
 */
export function decodeOldSessions(
	{
		hour,
		text,
		partitions,
	}: { hour: number; text: string; partitions: string[] | ((number: number) => string) },
	detailed: boolean,
	fingerprintLength: number,
): DeliveredSessions | undefined {
	const memory: DeliveredSessions = new Map();
	const reader = vlqReader(text);
	const number = () => reader.next(0);
	const measure = (unit: number) => {
		const code = number();
		if (code === 0) return undefined;
		return (code % 2 === 1 ? (code - 1) / 2 : -code / 2) * unit;
	};
	let id = 0;
	while (!reader.isAtEnd() && reader.isSound()) {
		id += number();
		// Twice the hours, plus one for a running session.
		const hours = number();
		const session: DeliveredSession = { time: (hour + Math.floor(hours / 2)) * HOUR_MS, fingerprint: '' };
		if (hours % 2 === 1) {
			const startedAt = (hour + number()) * HOUR_MS;
			const position = number();
			const isOfFormat1 = typeof partitions === 'function';
			if (!isOfFormat1 && position > partitions.length) return undefined;
			const partition = isOfFormat1 ? partitions(position) : partitions[position - 1];
			session.running = { startedAt, partition };
		}
		session.fingerprint = reader.readText(fingerprintLength);
		if (detailed) {
			session.energyWh = measure(1);
			session.amountTenThousandths = measure(CENT);
		}
		memory.set(id, session);
	}
	return reader.isSound() && Number.isSafeInteger(id) ? memory : undefined;
}

/** `undefined` as 0; n units as n + 4. Any other number is a code for what follows: less than zero, or no whole number of units. */
function codeOf(number: number | undefined, unit = 1): number {
	if (number === undefined) return 0;
	const units = number / unit;
	if (!Number.isInteger(units)) return number >= 0 ? FINE : FINE_NEGATIVE;
	return number >= 0 ? units + FINE_NEGATIVE + 1 : NEGATIVE;
}

/** Whether a number follows. */
function isCode(code: number): boolean {
	return code > 0 && code <= FINE_NEGATIVE;
}
