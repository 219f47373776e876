import { createHash, createHmac } from 'node:crypto';

import { readUtc } from '../request/dates';
import type { Row, RowSettings } from './row';
import type { Warning } from './warnings';

/** What a value is, with a warning where something stands that cannot be read. */
export function orWarn<T>(value: T | null | undefined, warning: Warning, warnings: Set<Warning>): T | null {
	if (value === undefined) warnings.add(warning);
	return value ?? null;
}

/** Text, or a number or a truth as text; null for nothing, and for objects. */
export function textOf(value: unknown): string | null {
	if (typeof value === 'string') return value.trim() === '' ? null : value;
	return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Vendors also write 1 and 0. */
export function flagOf(value: unknown): boolean | null {
	if (value === true || value === 1 || value === 'true') return true;
	return value === false || value === 0 || value === 'false' ? false : null;
}

/** Milliseconds since 1970. */
export function timeOf(value: unknown, warnings: Set<Warning>): number | null {
	return value === undefined ? null : orWarn(readUtc(value), 'time-unreadable', warnings);
}

/** A time as JavaScript writes it, of a day that every month has. */
const ISO = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/**
 * ISO 8601, in UTC.
 *
 * @param given What the time was read from: most vendors write it in just that form, and writing it anew is slow.
 */
export function isoOf(time: number | null, given: unknown): string | null {
	if (time === null) return null;
	return typeof given === 'string' && ISO.test(given) ? given : new Date(time).toISOString();
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
