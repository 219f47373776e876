import { readUtc } from '../parameters/dates';
import type { SessionFields } from './fields';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A longer session is doubtful, though there are some. */
export const MAX_SESSION_MS = 60 * DAY_MS;

/** Any earlier time is from a clock that was never set: 1970, 1980 (GPS), 2000. */
export const EARLIEST_MS = Date.UTC(2001, 0, 1);

/** From here on a date stands for "never": 2099-12-31, 9999-12-31. */
const NEVER_MS = Date.UTC(2099, 0, 1);

/** The largest second that fits into 32 bits, which also stands for "never". */
const LAST_SECOND_MS = (2 ** 31 - 1) * 1000;

/** Years below 100, and the date that PHP makes of year 0: `0000-00-00`, `0001-01-01`, `-0001-11-30`. */
const ZERO_YEAR = /^\s*-?0{0,2}00\d\d-/;

/**
 * Reads a time of a record. A text that is written as a time and stands for none is no time: the zero dates of databases and
 * languages (`0000-00-00`, `0001-01-01`, 1970-01-01 at midnight, anything before that) and dates for "never" (`9999-12-31`).
 *
 * @returns Milliseconds since 1970; null for a zero date; `undefined` if the value is not written as a time.
 */
export function readTime(value: unknown): number | null | undefined {
	if (value === 0 || value === false || value === '0') return null;
	// Before it is read, since a date alone of year 1 would be read as one of 2001.
	if (typeof value === 'string' && ZERO_YEAR.test(value)) return null;
	const time = readUtc(value);
	return time === undefined ? undefined : nullIfZero(time);
}

/** A time, or null if it stands for none. */
export function nullIfZero(time: number): number | null {
	return time > 0 && time < NEVER_MS && time !== LAST_SECOND_MS ? time : null;
}

/**
 * Whether a session has ended: the vendor says so, or it has an end. An end that cannot be read, or cannot be right, is an end
 * too, at an unknown time. A zero date is no end.
 */
export function hasEnded({ endedAt, status }: SessionFields): boolean {
	return status === 'finished' || (endedAt !== undefined && readTime(endedAt) !== null);
}

/** The end of a session, if it can be right: not before 2001, and not before its start. Milliseconds since 1970. */
export function readEnd({ endedAt }: SessionFields, startMs: number | undefined): number | undefined {
	const time = readTime(endedAt);
	return typeof time === 'number' && time >= Math.max(EARLIEST_MS, startMs ?? 0) ? time : undefined;
}
