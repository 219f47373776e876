import { createHash, createHmac } from 'node:crypto';

import { readIsoUtc, readUtc } from '../request/dates';
import { isExact } from '../util/ids';
import type { Row, RowSettings } from './row';
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

/** Makes what tells who the driver is unreadable, as far as the settings ask for it. */
export function hiderOf(driver: RowSettings['driver']): (text: string | null) => string | null {
	if (driver === 'plain') return (text) => text;
	return (text) => {
		if (text === null) return null;
		if (driver === 'masked') {
			const letters = [...text];
			return letters.length > 4 ? `****${letters.slice(-4).join('')}` : '****';
		}
		// In hexadecimal: no spreadsheet takes it for a formula.
		return createHmac('sha256', driver.secret).update(text).digest('hex').slice(0, 32);
	};
}

/** The print of a row: another one when any cell changed. */
export function rowHashOf(row: Row): string {
	const cells = JSON.stringify(Object.values(row));
	return createHash('sha256').update(cells).digest('hex').slice(0, 24);
}
