import { createHash, createHmac } from 'node:crypto';

import { readIsoUtc, readUtc } from '../parameters/dates';
import { isExact } from '../util/ids';
import type { SessionRow, RowSettings } from './types';
import type { Warning } from './warnings';

/** What a value is, with a warning where something stands that cannot be read. */
export function orWarn<T>(value: T | null | undefined, warning: Warning, warnings: Set<Warning>): T | null {
	if (value === undefined) warnings.add(warning);
	return value ?? null;
}

/** Text, or a number or a truth as text; null for nothing, and for objects. */
export function textOf(value: unknown): string | null {
	if (typeof value === 'string') return isBlank(value) ? null : value;
	return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** An id as text; null for none, and with a warning for a number whose last digits JSON has lost. */
export function idOf(value: unknown, warnings: Set<Warning>): string | null {
	if (typeof value !== 'number' || isExact(value)) return textOf(value);
	warnings.add('id-inexact');
	return null;
}

/** Whether a text is empty or nothing but white space. */
function isBlank(text: string): boolean {
	// To trim every text is slow, and the first character of most is none of the many white spaces.
	const first = text.charCodeAt(0);
	return !(first >= FIRST_VISIBLE && first <= LAST_OF_ASCII) && text.trim() === '';
}

const FIRST_VISIBLE = '!'.charCodeAt(0);
const LAST_OF_ASCII = 127;

/** Vendors also write 1 and 0. */
export function flagOf(value: unknown): boolean | null {
	if (value === true || value === 1 || value === 'true') return true;
	return value === false || value === 0 || value === 'false' ? false : null;
}

/** A point in time. */
export interface Moment {
	/** Milliseconds since 1970. */
	time: number;
	/** ISO 8601, in UTC. */
	iso: string;
}

/** The moment that a text names; null where there is none, with a warning where something stands that cannot be read. */
export function momentOf(value: unknown, warnings: Set<Warning>): Moment | null {
	if (value === undefined) return null;
	if (typeof value === 'string') {
		// It would be written anew as it is, and slowly.
		const time = readIsoUtc(value);
		if (time !== undefined) return { time, iso: value };
	}
	const time = orWarn(readUtc(value), 'time-unreadable', warnings);
	return time === null ? null : { time, iso: new Date(time).toISOString() };
}

/** The columns that tell who the driver is; the kind of an ID tag doesn't. */
export const PERSONAL_COLUMNS = ['tokenUid', 'tokenLabel', 'contractId', 'driverId', 'driverName'] as const;

export type PersonalColumn = (typeof PERSONAL_COLUMNS)[number];

/** Makes what tells who the driver is unreadable, as far as the settings ask for it. What is masked already stays as it is. */
export function masker(
	driver: RowSettings['driver'],
): (column: PersonalColumn, text: string | null) => string | null {
	if (driver === 'plain') return (_, text) => text;
	return (column, text) => {
		if (text === null) return null;
		if (driver === 'masked') return masked(column, text);
		// In hexadecimal: no spreadsheet takes it for a formula.
		return createHmac('sha256', driver.secret).update(text).digest('hex').slice(0, 32);
	};
}

const MASK = '****';
const MASKED = /^\*{4}.{0,4}$/u;

function masked(column: PersonalColumn, text: string): string {
	if (MASKED.test(text)) return text;
	// The label of a card is its printed number, or the name of its holder.
	const isName = column === 'driverName' || (column === 'tokenLabel' && !/\p{N}/u.test(text));
	return isName ? initialsOf(text) : endOf(text);
}

/** `B. L.` of `Bo Li`. */
function initialsOf(name: string): string {
	const initials = name.split(/\s+/).flatMap((word) => word.match(/[\p{L}\p{N}]/u) ?? []);
	return initials.length > 0 ? initials.map((initial) => `${initial}.`).join(' ') : MASK;
}

/** The last characters, at most a third of all and never more than four: `****5` of `12345`. */
function endOf(id: string): string {
	const characters = [...id];
	const count = Math.min(4, Math.floor(characters.length / 3));
	return MASK + characters.slice(characters.length - count).join('');
}

/** The fingerprint of a row: another one when any cell changed. */
export function rowHashOf(row: SessionRow): string {
	const cells = JSON.stringify(Object.values(row));
	return createHash('sha256').update(cells).digest('hex').slice(0, 24);
}
