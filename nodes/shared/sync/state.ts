import { isObject } from '../http/response';
import {
	encodeSessions,
	decodeOldSessions,
	decodeSessions,
	type DeliveredSessions,
	type EncodedSessions,
} from './deliveredSessions';
import { MAX_ORDER } from './numberText';
import { isSoundIds, noIds, type RisingIds } from './risingIds';
import {
	FINGERPRINT_BITS,
	FINGERPRINT_LENGTH,
	inBits,
	unknownFingerprint,
	type TriggerEvent,
} from './snapshot';

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** One reading of all sessions from a moment on. It can take several polls. Times are milliseconds since 1970. */
export interface Scan {
	/**
	 * `silent`: the very first scan, which delivers nothing; `first`: the very first scan, which delivers; `gap`: after a pause
	 * longer than the dedup horizon; `regular`: any other.
	 */
	kind: 'silent' | 'first' | 'gap' | 'regular';
	from: number;
	/** Every session from here on is tracked: later than `from` where there would be too many. */
	trackFrom: number;
	/** Whether the scan reads back as far as delivered sessions are kept. */
	deep: boolean;
	/** The server's clock at the beginning; `null` until the first response. */
	begunAt: number | null;
	/** This machine's clock at the beginning. */
	localBegunAt: number;
	/** Whether the newest records of the beginning, and all since, are from before this machine's clock. */
	isLocalRight?: boolean;
	/** The last time in any record so far. */
	lastMoment: number | null;
	/** The last time in any record that the vendor wrote: of its creation or its update. */
	lastStamp: number | null;
	/** The highest id of a session that started since the dedup horizon. */
	highestId: number | null;
	/** Keys of the lists that are still to be read, the one that is being read first. */
	lists: string[];
	/** The position in the first of these lists, which only the source can read; null at the beginning. */
	resumeToken: Json;
}

/** The trigger's knowledge between two polls. Times are milliseconds since 1970, by the server's clock unless stated. */
export interface PollState {
	/** Fingerprint of the settings that the state belongs to. */
	settings: string;
	/** The last time in any record of a completed scan. */
	watermark: number;
	/** `memory` holds every delivered session whose record has a time from here on. */
	dedupHorizon: number;
	/** Start of the last completed scan, and of the last completed deep scan, by this machine's clock. */
	scannedAt: number;
	deepScannedAt: number;
	/** Tells the fields that the fingerprints are made of. */
	fieldsMark: string;
	/** Whether a session was forgotten to make room: an unknown session may then be one that was delivered. */
	hasForgotten: boolean;
	ids: RisingIds;
	/** The scan that is not completed; null where there is none. */
	scan: Scan | null;
	/** Notes of the source for its next scan. */
	notes: Json;
	memory: DeliveredSessions;
	/** Old sessions that were not delivered, and that the user was told of: each is counted once. */
	dropped?: DeliveredSessions;
}

const HOUR_MS = 3_600_000;

/** Increased with each change of the stored form. {@link migrate} reads the forms before it. */
const FORMAT = 4;

/** Keys of format 1 that have another name in format 2. */
const RENAMED: Record<string, string> = {
	sweep: 'scan',
	floor: 'dedupHorizon',
	sweptAt: 'scannedAt',
	deepSweptAt: 'deepScannedAt',
	rememberFrom: 'trackFrom',
	place: 'resumeToken',
	reached: 'highWaterMark',
	edge: 'boundaryIds',
	renewed: 'restarts',
	charger: 'partition',
};

/**
 * Converts a state of an earlier format. Format 1 has other keys in the state, its scan and the resume token. Format 2 knows nothing
 * of ids, of the fields in a fingerprint and of this machine's clock. Format 3 differs in the text of the sessions alone.
 */
function migrate(stored: Record<string, unknown>): Record<string, unknown> {
	if (stored.format === 3) return { ...stored, format: FORMAT };
	if (stored.format !== 1 && stored.format !== 2) return stored;
	const renamed = stored.format === 1 ? renameKeys(stored) : stored;
	const { scan, scannedAt } = renamed;
	return {
		...renamed,
		format: FORMAT,
		fieldsMark: null,
		hasForgotten: false,
		ids: noIds(),
		scan: isObject(scan)
			? { ...scan, localBegunAt: scan.begunAt ?? scannedAt, lastStamp: null, highestId: null }
			: scan,
	};
}

/** What the sessions of an earlier format tell of ids: those that are delivered later have higher ones. */
function knownFrom(memory: DeliveredSessions): RisingIds {
	let horizon: number | null = null;
	for (const id of memory.keys()) horizon = Math.max(horizon ?? id, id);
	return { ...noIds(), horizon };
}

function renameKeys(value: Record<string, unknown>): Record<string, unknown> {
	const renamed: Record<string, unknown> = {};
	for (const [key, field] of Object.entries(value)) {
		const isNested = (key === 'sweep' || key === 'place') && isObject(field);
		const isPartition = key === 'charger' && typeof field === 'number';
		renamed[RENAMED[key] ?? key] = isNested ? renameKeys(field) : isPartition ? String(field) : field;
	}
	return renamed;
}

/** The state in its stored form. */
export function writeState(state: PollState, event: TriggerEvent): { [name: string]: Json } {
	const { memory, scan, ids, dropped, ...rest } = state;
	const { text, ...encoded } = encodeSessions(memory, event === 'corrected', FINGERPRINT_BITS[event]);
	return {
		format: FORMAT,
		...rest,
		ids: { ...ids, last: ids.last && { ...ids.last } },
		scan: scan && { ...scan },
		...encoded,
		sessions: text,
		...(dropped && dropped.size > 0 && { dropped: { ...encodeSessions(dropped, false, []) } }),
	};
}

/**
 * Reads a stored state of this or an earlier format.
 *
 * @param given The stored value; `undefined` at the very first poll.
 * @param expected The trigger's settings and event, the keys of the source's lists, and what tells the fields of a fingerprint. If
 * they have changed, no fingerprint is known any more: the next version of a session counts as the same.
 * @returns The state; or the reason why it cannot be used, which completes "The trigger starts over: ..."; or neither.
 */
export function readState(
	given: unknown,
	expected: { settings: string; event: TriggerEvent; lists: string[]; fieldsMark?: string },
): { state?: PollState; reset?: string } {
	const { settings, event, lists, fieldsMark = '' } = expected;
	if (given === undefined) return {};
	if (!isObject(given)) return { reset: 'its stored position cannot be read' };
	const stored = migrate(given);
	if (stored.format !== FORMAT) return { reset: 'its position was stored by another version of the package' };
	if (stored.settings !== settings)
		return { reset: 'its source, filters, event, first run or credential changed' };

	const { watermark, dedupHorizon, scannedAt, deepScannedAt, hour, ids, hasForgotten } = stored;
	const moments = [watermark, dedupHorizon, scannedAt, deepScannedAt, (hour as number) * HOUR_MS];
	const isDated = moments.every(isMoment) && Number.isInteger(hour);
	const memory = isDated ? readSessions(stored, given.format, event) : undefined;
	const scan = stored.scan === null ? null : readScan(stored.scan, lists);
	const isSound = isSoundIds(ids) && typeof hasForgotten === 'boolean';
	if (!memory || scan === undefined || !isSound) return { reset: 'its stored position is damaged' };
	if (stored.fieldsMark !== fieldsMark) {
		for (const session of memory.values()) session.fingerprint = unknownFingerprint(event);
	}
	return {
		state: {
			settings,
			watermark: watermark as number,
			dedupHorizon: dedupHorizon as number,
			scannedAt: scannedAt as number,
			deepScannedAt: deepScannedAt as number,
			fieldsMark,
			hasForgotten,
			ids: given.format === 1 || given.format === 2 ? knownFrom(memory) : ids,
			scan,
			notes: (stored.notes ?? null) as Json,
			memory,
			dropped: readDropped(stored.dropped),
		},
	};
}

/** Whether a value is a time in milliseconds since 1970 that a date can hold. */
export function isMoment(value: unknown): value is number {
	return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

/** The sessions of a state of any format; `undefined` where they are damaged. */
function readSessions(
	stored: Record<string, unknown>,
	format: unknown,
	event: TriggerEvent,
): DeliveredSessions | undefined {
	const { count, orders, sessions: text } = stored;
	const hour = stored.hour as number;
	const detailed = event === 'corrected';
	const partitions = readTexts(stored.partitions);
	if (typeof text !== 'string') return undefined;
	if (format === FORMAT) {
		const encoded = { hour, text, partitions, count, orders } as EncodedSessions;
		const isSound = partitions && areSoundOrders(count, orders);
		return isSound ? decodeSessions(encoded, detailed, FINGERPRINT_BITS[event]) : undefined;
	}
	// Format 1 stored a partition as a number, in the text itself.
	const oldPartitions = format === 1 ? String : partitions;
	if (!oldPartitions) return undefined;
	const old = { hour, text, partitions: oldPartitions };
	const memory = decodeOldSessions(old, detailed, FINGERPRINT_LENGTH[event]);
	for (const session of memory?.values() ?? []) session.fingerprint = inBits(session.fingerprint, event);
	return memory;
}

function areSoundOrders(count: unknown, orders: unknown): boolean {
	return (
		Number.isSafeInteger(count) &&
		Array.isArray(orders) &&
		[4, 5].includes(orders.length) &&
		orders.every((order) => Number.isInteger(order) && order >= 0 && order <= MAX_ORDER)
	);
}

/** Nothing where the text is damaged or absent: the user is told once more. */
function readDropped(stored: unknown): DeliveredSessions | undefined {
	if (!isObject(stored)) return undefined;
	const { count, orders, text, hour } = stored;
	const isSound = typeof text === 'string' && Number.isInteger(hour) && areSoundOrders(count, orders);
	const encoded = { ...stored, partitions: [] } as unknown as EncodedSessions;
	return isSound ? decodeSessions(encoded, false, []) : undefined;
}

function readTexts(stored: unknown): string[] | undefined {
	const isSound = Array.isArray(stored) && stored.every((text) => typeof text === 'string');
	return isSound ? stored : undefined;
}

function readScan(stored: unknown, known: string[]): Scan | undefined {
	if (!isObject(stored)) return undefined;
	const { kind, from, trackFrom, deep, begunAt, localBegunAt, lastMoment, lastStamp, highestId, lists } =
		stored;
	const { resumeToken, isLocalRight } = stored;
	const sound =
		['silent', 'first', 'gap', 'regular'].includes(kind as string) &&
		[from, trackFrom, localBegunAt].every(isMoment) &&
		typeof deep === 'boolean' &&
		[begunAt, lastMoment, lastStamp].every((time) => time === null || isMoment(time)) &&
		(highestId === null || Number.isSafeInteger(highestId)) &&
		Array.isArray(lists) &&
		lists.length > 0 &&
		lists.every((key) => known.includes(key as string)) &&
		resumeToken !== undefined;
	if (!sound) return undefined;
	return {
		...{ kind, from, trackFrom, deep, begunAt, localBegunAt },
		...{ lastMoment, lastStamp, highestId, lists, resumeToken },
		...(isLocalRight === true ? { isLocalRight } : {}),
	} as Scan;
}
