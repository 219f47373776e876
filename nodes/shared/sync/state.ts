import { isObject } from '../http/response';
import { encodeSessions, decodeSessions, type DeliveredSessions } from './deliveredSessions';
import { FINGERPRINT_LENGTH, type TriggerEvent } from './snapshot';

/** Anything that JSON holds. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A reading of everything from one moment on, which may take several polls. Times are milliseconds since 1970. */
export interface Scan {
	/**
	 * `silent`: the very first, which only takes note; `first`: the very first, which delivers; `gap`: after a pause that was
	 * longer than the memory; `regular`: any other.
	 */
	kind: 'silent' | 'first' | 'gap' | 'regular';
	from: number;
	/** From here on every session that it reads is remembered: later than `from` where that would be too many. */
	trackFrom: number;
	/** Whether it reaches back as far as the memory does. */
	deep: boolean;
	/** The server's clock at its beginning; `null` until the server has answered. */
	begunAt: number | null;
	/** The last moment that any record so far knew of. */
	lastMoment: number | null;
	/** Keys of the lists that are still to be read, the one that is being read first. */
	lists: string[];
	/** Where to go on in the first of the lists; only its source understands it. Null at its beginning. */
	resumeToken: Json;
}

/** What a trigger knows between two polls. Times are milliseconds since 1970, by the server's clock. */
export interface PollState {
	/** Fingerprint of the settings that it belongs to. */
	settings: string;
	/** The last moment that any record of a completed scan knew of. */
	watermark: number;
	/** Every session that was delivered and whose record knows of a moment from here on is in the memory. */
	dedupHorizon: number;
	/** Beginning of the last completed scan, and of the last one that was deep. */
	scannedAt: number;
	deepScannedAt: number;
	/** One that has not come to its end. */
	scan: Scan | null;
	/** What the source wants to find again. */
	notes: Json;
	memory: DeliveredSessions;
}

const HOUR_MS = 3_600_000;

/** Grows with each change of the stored form; {@link migrate} then reads the form before it. */
const FORMAT = 2;

/** What format 1 called the values that format 2 calls by another name. */
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

/** Converts a state of format 1: the state, its scan and the scan's resume token got other names. */
function migrate(stored: Record<string, unknown>): Record<string, unknown> {
	return stored.format === 1 ? { ...renameKeys(stored), format: FORMAT } : stored;
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

/** The state as it is stored. */
export function writeState(state: PollState, event: TriggerEvent): { [name: string]: Json } {
	const { memory, scan, ...rest } = state;
	const { hour, text, partitions } = encodeSessions(memory, event === 'corrected');
	return { format: FORMAT, ...rest, scan: scan && { ...scan }, hour, sessions: text, partitions };
}

/**
 * Reads what {@link writeState} wrote, whichever version of it that was.
 *
 * @param given Whatever is stored; `undefined` at the very first poll.
 * @param expected What the state has to fit: the trigger's settings and event, and the keys of the source's lists.
 * @returns The state; or why it cannot be used, in words that complete "The trigger begins anew: ..."; or neither.
 */
export function readState(
	given: unknown,
	expected: { settings: string; event: TriggerEvent; lists: string[] },
): { state?: PollState; reset?: string } {
	const { settings, event, lists } = expected;
	if (given === undefined) return {};
	if (!isObject(given)) return { reset: 'its stored position cannot be read' };
	const stored = migrate(given);
	if (stored.format !== FORMAT) return { reset: 'its position was stored by another version of the package' };
	if (stored.settings !== settings)
		return { reset: 'its source, filters, event, first run or credential changed' };

	const { watermark, dedupHorizon, scannedAt, deepScannedAt, hour, sessions } = stored;
	// In format 1 a partition was a number, and stood in the text itself.
	const partitions = given.format === 1 ? String : readTexts(stored.partitions);
	const moments = [watermark, dedupHorizon, scannedAt, deepScannedAt, (hour as number) * HOUR_MS];
	const memory =
		moments.every(isMoment) && Number.isInteger(hour) && typeof sessions === 'string' && partitions
			? decodeSessions(
					{ hour: hour as number, text: sessions, partitions },
					event === 'corrected',
					FINGERPRINT_LENGTH[event],
				)
			: undefined;
	const scan = stored.scan === null ? null : readScan(stored.scan, lists);
	if (!memory || scan === undefined) return { reset: 'its stored position is damaged' };
	return {
		state: {
			settings,
			watermark: watermark as number,
			dedupHorizon: dedupHorizon as number,
			scannedAt: scannedAt as number,
			deepScannedAt: deepScannedAt as number,
			scan,
			notes: (stored.notes ?? null) as Json,
			memory,
		},
	};
}

/** Whether it is a time that a date can hold, in milliseconds since 1970. */
export function isMoment(value: unknown): value is number {
	return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

function readTexts(stored: unknown): string[] | undefined {
	const isSound = Array.isArray(stored) && stored.every((text) => typeof text === 'string');
	return isSound ? stored : undefined;
}

function readScan(stored: unknown, known: string[]): Scan | undefined {
	if (!isObject(stored)) return undefined;
	const { kind, from, trackFrom, deep, begunAt, lastMoment, lists, resumeToken } = stored;
	const sound =
		['silent', 'first', 'gap', 'regular'].includes(kind as string) &&
		[from, trackFrom].every(isMoment) &&
		typeof deep === 'boolean' &&
		[begunAt, lastMoment].every((time) => time === null || isMoment(time)) &&
		Array.isArray(lists) &&
		lists.length > 0 &&
		lists.every((key) => known.includes(key as string)) &&
		resumeToken !== undefined;
	return sound
		? ({ kind, from, trackFrom, deep, begunAt, lastMoment, lists, resumeToken } as Scan)
		: undefined;
}
