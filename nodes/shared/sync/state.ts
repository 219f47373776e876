import { isObject } from '../http/response';
import { encodeSessions, decodeSessions, type DeliveredSessions } from './deliveredSessions';
import { FINGERPRINT_LENGTH, type TriggerEvent } from './snapshot';

/** Anything that JSON holds. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The lists that sweeps are made of; `poll.ts` says what each has to hold. */
export const LISTS = [
	'ended',
	'newestEnded',
	'updated',
	'either',
	'window',
	'deepWindow',
	'running',
] as const;

export type ListName = (typeof LISTS)[number];

/** A reading of everything from one moment on, which may take several polls. Times are milliseconds since 1970. */
export interface Scan {
	/**
	 * `silent`: the very first, which only takes note; `first`: the very first, which delivers; `gap`: after a pause that was
	 * longer than the memory; `regular`: any other.
	 */
	kind: 'silent' | 'first' | 'gap' | 'regular';
	from: number;
	/** From here on every session that it reads is remembered: later than `from` where that would be too many. */
	rememberFrom: number;
	/** Whether it reaches back as far as the memory does. */
	deep: boolean;
	/** The server's clock at its beginning; `null` until the server has answered. */
	begunAt: number | null;
	/** The last moment that any record so far knew of. */
	lastMoment: number | null;
	lists: ListName[];
	/** Where to go on: in the first of the lists, at a place that only its source understands. */
	place: Json;
}

/** What a trigger knows between two polls. Times are milliseconds since 1970, by the server's clock. */
export interface PollState {
	/** Fingerprint of the settings that it belongs to. */
	settings: string;
	/** The last moment that any record of a completed sweep knew of. */
	watermark: number;
	/** Every session that was delivered and whose record knows of a moment from here on is in the memory. */
	floor: number;
	/** Beginning of the last completed sweep, and of the last one that was deep. */
	sweptAt: number;
	deepSweptAt: number;
	/** One that has not come to its end. */
	sweep: Scan | null;
	/** What the source wants to find again. */
	notes: Json;
	memory: DeliveredSessions;
}

const HOUR_MS = 3_600_000;

/** Grows when what is written can no longer be read by what is released. */
const FORMAT = 1;

/** The state as it is stored. */
export function writeState(state: PollState, event: TriggerEvent): { [name: string]: Json } {
	const { memory, sweep, ...rest } = state;
	const { hour, text } = encodeSessions(memory, event === 'corrected');
	return { format: FORMAT, ...rest, sweep: sweep && { ...sweep }, hour, sessions: text };
}

/**
 * Reads what {@link writeState} wrote, whichever version of it that was.
 *
 * @param stored Whatever is stored; `undefined` at the very first poll.
 * @returns The state; or why it cannot be used, in words that complete "The trigger begins anew: ..."; or neither.
 */
export function readState(
	stored: unknown,
	settings: string,
	event: TriggerEvent,
): { state?: PollState; reset?: string } {
	if (stored === undefined) return {};
	if (!isObject(stored)) return { reset: 'its stored position cannot be read' };
	if (stored.format !== FORMAT) return { reset: 'its position was stored by another version of the package' };
	if (stored.settings !== settings)
		return { reset: 'its source, filters, event, first run or credential changed' };

	const { watermark, floor, sweptAt, deepSweptAt, hour, sessions } = stored;
	const moments = [watermark, floor, sweptAt, deepSweptAt, (hour as number) * HOUR_MS];
	const memory =
		moments.every(isMoment) && Number.isInteger(hour) && typeof sessions === 'string'
			? decodeSessions(
					{ hour: hour as number, text: sessions },
					event === 'corrected',
					FINGERPRINT_LENGTH[event],
				)
			: undefined;
	const sweep = stored.sweep === null ? null : readSweep(stored.sweep);
	if (!memory || sweep === undefined) return { reset: 'its stored position is damaged' };
	return {
		state: {
			settings,
			watermark: watermark as number,
			floor: floor as number,
			sweptAt: sweptAt as number,
			deepSweptAt: deepSweptAt as number,
			sweep,
			notes: (stored.notes ?? null) as Json,
			memory,
		},
	};
}

/** Whether it is a time that a date can hold, in milliseconds since 1970. */
export function isMoment(value: unknown): value is number {
	return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

function readSweep(stored: unknown): Scan | undefined {
	if (!isObject(stored)) return undefined;
	const { kind, from, rememberFrom, deep, begunAt, lastMoment, lists, place } = stored;
	const sound =
		['silent', 'first', 'gap', 'regular'].includes(kind as string) &&
		[from, rememberFrom].every(isMoment) &&
		typeof deep === 'boolean' &&
		[begunAt, lastMoment].every((time) => time === null || isMoment(time)) &&
		Array.isArray(lists) &&
		lists.length > 0 &&
		lists.every((list) => LISTS.includes(list as ListName)) &&
		place !== undefined;
	return sound ? ({ kind, from, rememberFrom, deep, begunAt, lastMoment, lists, place } as Scan) : undefined;
}
