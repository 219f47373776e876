import { hash } from 'node:crypto';

import { readUtc } from '../parameters/dates';
import { namedFields, type NamedFields } from '../session/categories';
import { hasEnded, readEnd, readTime } from '../session/times';
import {
	CHANGE_CATEGORIES,
	type ChangeCategory,
	type JsonRecord,
	type MeterUnit,
	type RecordKind,
	type SessionFields,
	valueAt,
} from '../session/fields';
import { readId } from '../util/ids';
import { readDecimal } from '../util/numbers';
import { DIGITS } from './numberText';

/** Parts of an amount: as many decimals as vendors give. */
export const AMOUNT_UNIT = 10_000;

/** The facts of a session in one record. Times are milliseconds since 1970, `undefined` where the record has none. */
export interface SessionSnapshot {
	/** The vendor's id of the session, equal in all of its records. */
	id: number | string;
	startedAt?: number;
	/** `undefined` while the session runs. */
	endedAt?: number;
	createdAt?: number;
	updatedAt?: number;
	energyWh?: number;
	/** In ten-thousandths of the currency: see {@link AMOUNT_UNIT}. */
	amountTenThousandths?: number;
	/** The named fields of the record by category, without the time of the update. */
	categories: Record<ChangeCategory, unknown>;
}

/** Makes the function that reads the snapshot of a record; `undefined` for a record without an id. */
export function snapshotReader(
	kind: RecordKind,
): (record: Record<string, unknown>) => SessionSnapshot | undefined {
	const named = namedFields(kind);
	return (record) => {
		const fields = kind.read(record as JsonRecord);
		const id = readId(fields.id);
		if (id === undefined) return undefined;
		return {
			id,
			...timesOf(fields),
			energyWh: energyWhOf(fields, kind.meterUnit),
			amountTenThousandths: wholeOf(fields.amountInclVat ?? fields.amount, AMOUNT_UNIT),
			categories: categorize(record as JsonRecord, fields, named),
		};
	};
}

/**
 * The times of a session. An end that is not known, or cannot be right, is the latest of start and creation, so that the session has
 * ended and is not taken for one of another time; and the update if neither is known.
 */
function timesOf(
	fields: SessionFields,
): Pick<SessionSnapshot, 'startedAt' | 'endedAt' | 'createdAt' | 'updatedAt'> {
	const [startedAt, createdAt, updatedAt] = [fields.startedAt, fields.createdAt, fields.updatedAt].map(
		(value) => readTime(value) ?? undefined,
	);
	if (!hasEnded(fields)) return { startedAt, createdAt, updatedAt };
	const known = Math.max(startedAt ?? 0, createdAt ?? 0) || updatedAt;
	return { startedAt, endedAt: readEnd(fields, startedAt) ?? known ?? 0, createdAt, updatedAt };
}

/** The energy in Wh. Meters are more exact than the stated energy, where their unit is known. */
function energyWhOf(
	{ energyKwh, meterStart, meterStop }: SessionFields,
	unit: MeterUnit | undefined,
): number | undefined {
	const stated = wholeOf(energyKwh, 1000);
	if (unit === undefined) return stated;
	const [start, stop] = [meterStart, meterStop].map((value) => wholeOf(value, unit === 'Wh' ? 1 : 1000));
	const metered = start === undefined || stop === undefined ? undefined : stop - start;
	// A meter that was exchanged or reset gives less than nothing.
	return metered === undefined || (metered < 0 && stated !== undefined) ? stated : metered;
}

/** The event that starts the workflow. */
export type TriggerEvent = 'completed' | 'started' | 'changed' | 'corrected';

/** Length of a fingerprint by event: none, enough to detect a change, or enough to name the changed categories. */
export const FINGERPRINT_LENGTH: Record<TriggerEvent, number> = {
	completed: 0,
	started: 0,
	changed: 8,
	corrected: 13,
};

/** Characters of a long fingerprint: of the whole, then of each category. */
const WHOLE_LENGTH = 3;
const CATEGORY_LENGTH = 2;

/** Bits of each character of a fingerprint: 10,000 sessions of any vendor have room for so many. */
export const FINGERPRINT_BITS: Record<TriggerEvent, number[]> = {
	completed: [],
	started: [],
	changed: new Array<number>(FINGERPRINT_LENGTH.changed).fill(6),
	corrected: [6, 6, 3, ...CHANGE_CATEGORIES.flatMap(() => [6, 5])],
};

/**
 * The fingerprint of a version: equal for equal content. The long form is a fingerprint of the whole followed by one of each
 * category, so a change in any category shows in 26 bits, and its category in 11 of them.
 */
export function fingerprintOf({ categories }: SessionSnapshot, event: TriggerEvent): string {
	const length = FINGERPRINT_LENGTH[event];
	if (length === 0) return '';
	const parts = CHANGE_CATEGORIES.map((category) => categories[category]);
	if (event !== 'corrected') return digest(parts, length);
	const ofCategories = parts.map((part) => digest(part, CATEGORY_LENGTH));
	return inBits(digest(parts, WHOLE_LENGTH) + ofCategories.join(''), event);
}

/** A fingerprint whose characters have as many bits as are stored. Those of format 3 and before have six each. */
export function inBits(fingerprint: string, event: TriggerEvent): string {
	const digitOf = (bits: number, at: number) => DIGITS[DIGITS.indexOf(fingerprint[at]) % 2 ** bits];
	return FINGERPRINT_BITS[event].map(digitOf).join('');
}

/** Stands for the fingerprint of a version that was made of other fields, so that it equals none. */
export function unknownFingerprint(event: TriggerEvent): string {
	return inBits('_'.repeat(FINGERPRINT_LENGTH[event]), event);
}

/** The categories in which two long fingerprints differ. */
export function changedCategories(one: string, other: string): ChangeCategory[] {
	return CHANGE_CATEGORIES.filter((_category, index) => {
		const from = WHOLE_LENGTH + index * CATEGORY_LENGTH;
		const to = from + CATEGORY_LENGTH;
		return one.slice(from, to) !== other.slice(from, to);
	});
}

/** More than any session has, and small enough to be encoded exactly. */
const MAX_WHOLE = 2 ** 51;

/** A number, or a decimal as text with point or comma, in whole units: `wholeOf("7.94", 1000)` is 7940. */
export function wholeOf(value: unknown, unit: number): number | undefined {
	const isText = typeof value === 'string' && value.trim() !== '';
	const number = isText ? (readDecimal(value) ?? Number(value)) : value;
	const whole = typeof number === 'number' ? Math.round(number * unit) : NaN;
	return Math.abs(whole) <= MAX_WHOLE ? whole : undefined;
}

/** The last time in a record: the latest moment at which a time filter still finds it. */
export function lastMoment({ startedAt, endedAt, createdAt, updatedAt }: SessionSnapshot): number {
	return Math.max(...[startedAt, endedAt, createdAt, updatedAt].map((moment) => moment ?? -Infinity));
}

/** The first time in a record. */
export function firstMoment({ startedAt, endedAt, createdAt, updatedAt }: SessionSnapshot): number {
	return Math.min(...[startedAt, endedAt, createdAt, updatedAt].map((moment) => moment ?? Infinity));
}

/**
 * Sorts the named fields of a record into categories. A field that is not named is no part of a version, so that a field which
 * the vendor adds corrects nothing.
 *
 * @param fields The result of `kind.read`.
 */
export function categorize(
	record: JsonRecord,
	fields: SessionFields,
	named: NamedFields,
): Record<ChangeCategory, Record<string, unknown>> {
	const categories: Record<ChangeCategory, Record<string, unknown>> = {
		energy: {},
		time: {},
		price: {},
		driver: {},
		other: {},
	};
	for (const [field, category] of named.session) categories[category][field] = valueOf(fields[field]);
	// A leading dot tells a field of the record from a session field of the same name.
	for (const [path, category] of named.record) {
		categories[category][`.${path.join('.')}`] = valueOf(valueAt(record, path));
	}
	return categories;
}

/**
 * A value whatever its spelling, which a vendor can change without any meaning: a list in an order of its own, a number as a number or
 * a text, a date with or without a fraction of its second. A number with a leading zero is an id.
 */
function valueOf(value: unknown): unknown {
	if (Array.isArray(value)) return value.map((item) => canonical(valueOf(item))).sort();
	if (typeof value !== 'string') return value;
	if (/^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(value)) return Number(value);
	return /^\d{4}-\d\d-\d\d[T ]\d/.test(value) ? (readUtc(value) ?? value) : value;
}

/** Increased when fingerprints are made of the same fields in another way. */
const FINGERPRINT_VERSION = 2;

/** Tells one list of named fields from another: the digest of their names and categories. */
export function fieldsMark(kind: RecordKind): string {
	return digest([namedFields(kind), FINGERPRINT_VERSION], 8);
}

/** SHA-256 of a value as JSON, cut to a length of URL-safe base64. */
export function digest(value: unknown, length: number): string {
	return hash('sha256', canonical(value), 'base64url').slice(0, length);
}

/** JSON with sorted keys. A null field counts as missing, since vendors write both. */
function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
	const fields = value as Record<string, unknown>;
	const names = Object.keys(fields).filter((name) => (fields[name] ?? null) !== null);
	return `{${names
		.sort()
		.map((name) => `${JSON.stringify(name)}:${canonical(fields[name])}`)
		.join(',')}}`;
}
