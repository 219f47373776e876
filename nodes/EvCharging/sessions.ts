import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import {
	OCPI_GROUPS,
	ocpiSettingsOf,
	rowFormOf,
	rowSettingsOf,
	type Asked,
	type OutputContext,
} from '../shared/node/outputFormatter';
import { withColumnNames } from '../shared/session/columnChoice';
import {
	CHANGE_CATEGORIES,
	type ChangeCategory,
	type RecordKind,
	type JsonRecord,
} from '../shared/session/fields';
import { readDecimal } from '../shared/util/numbers';
import { toOcpi } from '../shared/formats/ocpi';
import { mergeRows } from '../shared/session/mergeRows';
import { markOverlaps } from '../shared/session/overlaps';
import { isRow, rowReader } from '../shared/session/readRow';
import { toRow } from '../shared/session/row';
import type { Group, SessionRow, RowSettings } from '../shared/session/types';
import { unitsOf } from '../shared/session/units';
import { vendors } from '../vendors';
import { OCPI_COLUMNS } from './columnHints';

/** Advice about items that are not sessions. */
export const WHAT_TO_DO =
	'Set "Input" for records with few fields, and split pages of Get Page with "Split Out" on data first.';

/** The kinds of records that the node recognizes. `matches` is tried in this order. */
const RECORD_KINDS = vendors.flatMap(({ recordKinds }) => recordKinds);

const UNKNOWN: RecordKind = { source: null, endpoint: null, matches: () => true, read: () => ({}) };

/** Whether a list is one that the vendor has deprecated. */
const isLegacy = ({ name }: { name: string }) => name.includes('Legacy');

/** The parameter for the kind of the records. Deprecated lists stand last. */
export const recordKind: INodeProperties = {
	displayName: 'Input',
	name: 'recordKind',
	type: 'options',
	options: [
		{
			name: 'Detect Automatically',
			value: 'auto',
			description: 'Rows, and raw records of any vendor, also mixed',
		},
		...RECORD_KINDS.map(({ value, name }) => ({ value, name })).sort(
			(one, other) => Number(isLegacy(one)) - Number(isLegacy(other)),
		),
	],
	default: 'auto',
	description:
		'The kind of the input. Rows (Output: Simplified) are always recognized, and keep their days and months.',
};

/** All column groups except those of the driver and of changes. */
export const EVERY_GROUP: Group[] = ['address', 'commercial', 'origin', 'vehicle'];

/** The column groups that OCPI needs here. That of the origin tells records that the node knows from others. */
export const CDR_GROUPS: Group[] = [...OCPI_GROUPS, 'origin'];

/** Settings that convert an item to a row. */
export interface Reading {
	settings: RowSettings;
	/** The value of "Input". */
	recordKind: unknown;
}

/**
 * Converts items to rows, in the order of the items. An item is a raw record of any vendor, or already a row.
 *
 * Some vendors do not document a unit. It is detected from all records of one kind together.
 *
 * @param readingOf Returns the settings for the index of an item.
 */
export function rowsOf(
	items: INodeExecutionData[],
	readingOf: (index: number) => Reading,
	hint: (message: string) => void,
): SessionRow[] {
	const rows = readRows(items, readingOf, hint);
	markOverlaps(rows);
	return rows;
}

function readRows(
	items: INodeExecutionData[],
	readingOf: (index: number) => Reading,
	hint: (message: string) => void,
): SessionRow[] {
	const rows = new Array<SessionRow>(items.length);
	const byKind = new Map<RecordKind, number[]>();
	const readRow = rowReader(items.map(({ json }) => json).filter(isRow));
	const doubtful = new Map<string, number>();
	items.forEach(({ json }, index) => {
		const { settings, recordKind: chosenKind } = readingOf(index);
		if (isRow(json)) {
			rows[index] = readRow(json, settings);
			for (const code of newCodes(rows[index], withColumnNames(json)))
				doubtful.set(code, (doubtful.get(code) ?? 0) + 1);
			return;
		}
		const kind = RECORD_KINDS.find(({ value }) => value === chosenKind)?.kind ?? kindOf(json);
		const itemIndexes = byKind.get(kind) ?? [];
		itemIndexes.push(index);
		byKind.set(kind, itemIndexes);
	});
	for (const [kind, itemIndexes] of byKind) {
		const read = (itemIndex: number) => kind.read(items[itemIndex].json as JsonRecord);
		const units = unitsOf(itemIndexes, read, kind.meterUnit);
		for (const itemIndex of itemIndexes) {
			const { settings } = readingOf(itemIndex);
			const row = toRow(read(itemIndex), kind, units, settings);
			rows[itemIndex] = settings.groups.includes('change') ? withChange(row, items[itemIndex].json) : row;
		}
	}
	for (const [code, message] of Object.entries(DOUBTFUL_DATES)) {
		const count = doubtful.get(code);
		if (count !== undefined) hint(`In ${counted(count, 'row', 'rows')} ${message}`);
	}
	return rows;
}

/** What is told when rows come back with dates that cannot be read as they are, by the code of the row. */
const DOUBTFUL_DATES = {
	'day-from-times':
		'the day or the month could not be read: it was filled in from start and end, as "Session Settings" say.',
	'date-ambiguous':
		'a date such as 01/02/2026 could have the day or the month first, and no other date tells which, or it contradicts the others of its row: it is left empty, or filled in from start and end. Write dates as 2026-02-01 in what the rows come from.',
	'time-unreadable': 'a time, day or month could not be read: it is left empty.',
};

function newCodes(row: SessionRow, { warnings }: IDataObject): string[] {
	const old = typeof warnings === 'string' ? warnings.split(';') : [];
	return String(row.warnings ?? '')
		.split(';')
		.filter((code) => !old.includes(code));
}

/** Adds the columns of the group "Change", which a trigger on Session Corrected has written to the record. */
function withChange(
	row: SessionRow,
	{ changedFields, energyDeltaKwh, amountDelta }: IDataObject,
): SessionRow {
	const names = [changedFields].flat().filter((name) => CHANGE_CATEGORIES.includes(name as ChangeCategory));
	return {
		...row,
		changedFields: names.length > 0 ? names.join(';') : null,
		energyDeltaKwh: readDecimal(energyDeltaKwh) ?? null,
		amountDelta: readDecimal(amountDelta) ?? null,
	};
}

function kindOf(record: IDataObject): RecordKind {
	return RECORD_KINDS.find(({ kind }) => kind.matches(record))?.kind ?? UNKNOWN;
}

/** The output format of sessions. */
export interface Form {
	/** Settings of the rows. */
	settings: RowSettings;
	/** The columns that are shown, in order; `undefined` for OCPI. */
	columns: string[] | undefined;
	write: (row: SessionRow) => IDataObject;
	/** The base columns that the output is made of. */
	needed: string[];
	/** What the user asked for. */
	asked: Asked[];
}

/**
 * Reads the output format from "Output" and the parameters that depend on it.
 *
 * @throws InputError if a setting is invalid.
 */
export function formOf(given: OutputContext): Form {
	const { values } = given;
	if (values.output === 'ocpi') {
		const ocpi = ocpiSettingsOf(values);
		const settings = rowSettingsOf(given, CDR_GROUPS);
		const write = (row: SessionRow) => toOcpi(row, ocpi) as IDataObject;
		return { settings, columns: undefined, write, needed: OCPI_COLUMNS, asked: [] };
	}
	const { settings, columns, show, asked } = rowFormOf(given, ['origin']);
	return { settings, columns, write: show ?? ((row) => row), needed: columns, asked };
}

/** Sessions and the indexes of their items. */
export interface Sessions {
	rows: SessionRow[];
	itemIndexes: number[];
}

/** Whether a row is of a session. One that comes back without vendor and ID shows it by its times, energy or amount. */
export function isSession(row: SessionRow): boolean {
	return TELLING.some((name) => row[name] !== null);
}

const TELLING = ['source', 'startedAt', 'endedAt', 'energyKwh', 'amountInclVat', 'amountExclVat'];

/** Removes the items that are not sessions. A hint says how many. */
export function knownOnly({ rows, itemIndexes }: Sessions, hint: (message: string) => void): Sessions {
	const known = rows.map((_, index) => index).filter((index) => isSession(rows[index]));
	if (known.length < rows.length) {
		hint(
			`${counted(
				rows.length - known.length,
				'item is not a session that the node knows. It is',
				'items are not sessions that the node knows. They are',
			)} left out. ${WHAT_TO_DO}`,
		);
	}
	return { rows: known.map((index) => rows[index]), itemIndexes: known.map((index) => itemIndexes[index]) };
}

/**
 * Converts items to sessions without duplicates. If several items describe the same session, they are merged: the newest known
 * value of each column counts. Hints say how many items are left out.
 *
 * @param settings Every column, and the driver as they are, if not given.
 * @throws InputError if a setting is invalid.
 */
export function sessionsOf(
	items: INodeExecutionData[],
	given: OutputContext,
	hint: (message: string) => void,
	settings = rowSettingsOf({ ...given, values: { ...given.values, driverData: 'plain' } }, EVERY_GROUP),
): Sessions {
	const reading = { settings, recordKind: given.values.recordKind };
	const all = readRows(items, () => reading, hint);
	const { rows, itemIndexes } = knownOnly({ rows: all, itemIndexes: items.map((_, index) => index) }, hint);
	const versions = new Map<string, number[]>();
	rows.forEach((row, index) => {
		const key = row.sessionKey === null ? `no key ${index}` : String(row.sessionKey);
		const known = versions.get(key);
		if (known) known.push(index);
		else versions.set(key, [index]);
	});
	if (versions.size < rows.length) {
		const repeated = counted(rows.length - versions.size, 'item repeats', 'items repeat');
		hint(`${repeated} a session: in each column the newest known value counts.`);
	}
	const sessions = [...versions.values()].map((indexes) =>
		indexes.sort((one, other) => (isNewer(rows[one], rows[other]) ? -1 : 1)),
	);
	sessions.sort(([one], [other]) => one - other);
	const merged = sessions.map((indexes) => mergeRows(indexes.map((index) => rows[index])));
	// A version that was replaced overlaps with nothing.
	markOverlaps(merged);
	return {
		rows: merged,
		itemIndexes: sessions.map(([newest]) => itemIndexes[newest]),
	};
}

/**
 * Whether a row comes before another row of the same session: it has the later update, or else more values. The last criterion only
 * makes the choice independent of the order of the items.
 */
function isNewer(row: SessionRow, other: SessionRow): boolean {
	const rank = (one: SessionRow) => [
		String(one.updatedAt ?? ''),
		Object.values(one).filter((cell) => cell !== null).length,
		JSON.stringify(one),
	];
	const [mine, theirs] = [rank(row), rank(other)];
	const criterion = mine.findIndex((value, index) => value !== theirs[index]);
	return criterion >= 0 && mine[criterion] > theirs[criterion];
}

/** `1 item is`, `2 items are`. */
export function counted(count: number, one: string, several: string): string {
	return `${count} ${count === 1 ? one : several}`;
}
