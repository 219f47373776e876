import { createHash, createHmac } from 'node:crypto';

import { readIsoUtc } from '../parameters/dates';
import { isExact } from '../util/ids';
import { EARLIEST_MS, nullIfZero, readTime } from './times';
import type { SessionRow, RowSettings } from './types';
import type { Warning } from './warnings';

/** The value that was read, or null; adds a warning where the record has a value that cannot be read. */
export function orWarn<T>(value: T | null | undefined, warning: Warning, warnings: Set<Warning>): T | null {
	if (value === undefined) warnings.add(warning);
	return value ?? null;
}

/** Text; a number or a boolean as text; null for an empty value or an object. */
export function textOf(value: unknown): string | null {
	if (typeof value === 'string') return isBlank(value) ? null : value;
	return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** An id as text, or null. Adds a warning for a number that is too large to be exact in JSON. */
export function idOf(value: unknown, warnings: Set<Warning>): string | null {
	if (typeof value !== 'number' || isExact(value)) return textOf(value);
	warnings.add('id-inexact');
	return null;
}

/** Whether a text is empty or has only white space. */
function isBlank(text: string): boolean {
	// Trimming every text is slow, and the first character of most texts is not white space.
	const first = text.charCodeAt(0);
	return !(first >= FIRST_VISIBLE && first <= LAST_OF_ASCII) && text.trim() === '';
}

const FIRST_VISIBLE = '!'.charCodeAt(0);
const LAST_OF_ASCII = 127;

/** A boolean, or null with a warning where there is a value that is none; vendors also write 1 and 0. */
export function flagIn(value: unknown, warnings: Set<Warning>): boolean | null {
	if (value === undefined) return null;
	if (value === true || value === 1 || value === 'true') return true;
	const isFalse = value === false || value === 0 || value === 'false';
	return orWarn(isFalse ? false : undefined, 'flag-unreadable', warnings);
}

/** A point in time. */
export interface Moment {
	/** Milliseconds since 1970. */
	time: number;
	/** ISO 8601, in UTC. */
	iso: string;
}

/** A text as a moment; null where it is empty, and with a warning where it cannot be read or cannot be right. */
export function momentOf(value: unknown, warnings: Set<Warning>): Moment | null {
	if (value === undefined) return null;
	// A text in this form is kept, since writing it again would be slow.
	const written = typeof value === 'string' ? readIsoUtc(value) : undefined;
	const time = written === undefined ? readTime(value) : nullIfZero(written);
	if (time === undefined) warnings.add('time-unreadable');
	else if (time !== null && time >= EARLIEST_MS)
		return { time, iso: written === undefined ? new Date(time).toISOString() : (value as string) };
	else warnings.add('time-implausible');
	return null;
}

/** The columns that identify the driver. The type of an ID tag does not. */
export const PERSONAL_COLUMNS = [
	'tokenUid',
	'tokenLabel',
	'contractId',
	'driverId',
	'driverName',
	'paymentCard',
] as const;

export type PersonalColumn = (typeof PERSONAL_COLUMNS)[number];

/** Masks or hashes the columns that identify the driver, as the settings say. A masked value stays as it is. */
export function masker(
	driver: RowSettings['driver'],
): (column: PersonalColumn, text: string | null) => string | null {
	if (driver === 'plain') return (_, text) => text;
	return (column, text) => {
		if (text === null) return null;
		if (driver === 'masked') return masked(column, text);
		// Hexadecimal, since no spreadsheet reads it as a formula.
		return createHmac('sha256', driver.secret).update(text).digest('hex').slice(0, 32);
	};
}

const MASK = '****';
const MASKED = /^\*{4}.{0,4}$/u;

function masked(column: PersonalColumn, text: string): string {
	if (MASKED.test(text)) return text;
	// The label of a card is its printed number, or its holder's name.
	const isName = column === 'driverName' || (column === 'tokenLabel' && !/\p{N}/u.test(text));
	return isName ? initialsOf(text) : endOf(text);
}

/** `B. L.` of `Bo Li`. */
function initialsOf(name: string): string {
	const initials = name.split(/\s+/).flatMap((word) => word.match(/[\p{L}\p{N}]/u) ?? []);
	return initials.length > 0 ? initials.map((initial) => `${initial}.`).join(' ') : MASK;
}

/** The last characters: at most four, and at most a third of the text. `12345` becomes `****5`. */
function endOf(id: string): string {
	const characters = [...id];
	const count = Math.min(4, Math.floor(characters.length / 3));
	return MASK + characters.slice(characters.length - count).join('');
}

/** The fingerprint of a row. It changes with any cell, but for those of vendor and endpoint: they say nothing of the session. */
export function rowHashOf(row: SessionRow): string {
	const names = Object.keys(row).filter((name) => name !== 'source' && name !== 'endpoint');
	const cells = JSON.stringify(names.map((name) => row[name]));
	return createHash('sha256').update(cells).digest('hex').slice(0, 24);
}
