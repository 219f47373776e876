import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import {
	OCPI_GROUPS,
	ocpiSettingsOf,
	rowSettingsOf,
	type OutputContext,
} from '../shared/node/outputFormatter';
import { columnNames } from '../shared/session/columns';
import { CHANGE_CATEGORIES, type ChangeCategory } from '../shared/sync/snapshot';
import type { RecordKind, JsonRecord } from '../shared/session/fields';
import { readDecimal } from '../shared/util/numbers';
import { toOcpi } from '../shared/formats/ocpi';
import { isRow, readRow } from '../shared/session/readRow';
import { toRow } from '../shared/session/row';
import type { Group, SessionRow, RowSettings } from '../shared/session/types';
import { unitsOf } from '../shared/session/units';
import { vendors } from '../vendors';

/** About items that are no session. */
export const WHAT_TO_DO =
	'Set "Items Are" for records with few fields, and split pages of Get Page with "Split Out" on data first.';

/** The kinds of records that the node recognises. `matches` is tried in this order. */
const RECORD_KINDS = vendors.flatMap(({ recordKinds }) => recordKinds);

const UNKNOWN: RecordKind = { source: null, endpoint: null, matches: () => true, read: () => ({}) };

/** What the items are. */
export const recordKind: INodeProperties = {
	displayName: 'Items Are',
	name: 'recordKind',
	type: 'options',
	options: [
		{
			name: 'Recognised by Shape',
			value: 'auto',
			description: 'Rows, and raw records of any vendor, also mixed',
		},
		...RECORD_KINDS.map(({ value, name }) => ({ value, name })),
	],
	default: 'auto',
	description:
		'What comes in. Rows (Output: Simplified) are recognised in any case; their days and months stay as they are.',
};

/** Every column that a row can have, but for those of the driver and of changes. */
export const EVERY_GROUP: Group[] = ['address', 'commercial', 'vehicle'];

/** How the row of an item is made. */
export interface Reading {
	settings: RowSettings;
	/** The value of "Items Are". */
	recordKind: unknown;
}

/**
 * The rows of items: raw records of any vendor, or rows already, in the order of the items.
 *
 * Units that a vendor doesn't name are found out for all records of one kind together.
 *
 * @param readingOf By the index of an item.
 */
export function rowsOf(items: INodeExecutionData[], readingOf: (index: number) => Reading): SessionRow[] {
	const rows = new Array<SessionRow>(items.length);
	const byKind = new Map<RecordKind, number[]>();
	items.forEach(({ json }, index) => {
		const { settings, recordKind: told } = readingOf(index);
		if (isRow(json)) {
			rows[index] = readRow(json, settings);
			return;
		}
		const kind = RECORD_KINDS.find(({ value }) => value === told)?.kind ?? kindOf(json);
		const places = byKind.get(kind) ?? [];
		places.push(index);
		byKind.set(kind, places);
	});
	for (const [kind, places] of byKind) {
		const facts = places.map((place) => kind.read(items[place].json as JsonRecord));
		const units = unitsOf(facts, kind.meterUnit);
		places.forEach((place, index) => {
			const { settings } = readingOf(place);
			const row = toRow(facts[index], kind, units, settings);
			rows[place] = settings.groups.includes('change') ? withChange(row, items[place].json) : row;
		});
	}
	return rows;
}

/** The row with what a trigger on Session Corrected has added to the record. */
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

/** The form in which sessions go out, as the user picked it. */
export interface Form {
	/** How their rows are made. */
	settings: RowSettings;
	/** The fields that all of them have, in order; `undefined` for OCPI. */
	columns: string[] | undefined;
	write: (row: SessionRow) => IDataObject;
}

/**
 * The form that "Output" and what belongs to it describe.
 *
 * @throws InputError when a setting cannot be used.
 */
export function formOf(given: OutputContext): Form {
	const { values } = given;
	if (values.output === 'ocpi') {
		const ocpi = ocpiSettingsOf(values);
		const settings = rowSettingsOf(given, OCPI_GROUPS);
		return { settings, columns: undefined, write: (row) => toOcpi(row, ocpi) as IDataObject };
	}
	const settings = rowSettingsOf(given, (values.columnGroups ?? []) as Group[]);
	return { settings, columns: columnNames(settings.groups), write: (row) => row };
}

/** Sessions, and the places of their items. */
export interface Sessions {
	rows: SessionRow[];
	places: number[];
}

/** Without the items that are no session, which a hint tells. */
export function knownOnly({ rows, places }: Sessions, hint: (message: string) => void): Sessions {
	const known = rows.map((_, index) => index).filter((index) => rows[index].source !== null);
	if (known.length < rows.length) {
		hint(
			`${counted(rows.length - known.length, 'item is', 'items are')} no session that the node knows, and left out. ${WHAT_TO_DO}`,
		);
	}
	return { rows: known.map((index) => rows[index]), places: known.map((index) => places[index]) };
}

/**
 * The sessions of items, each once: of several versions, or of one session read from several lists, the newest counts. What
 * is left out is told in a hint.
 *
 * @throws InputError when a setting cannot be used.
 */
export function sessionsOf(
	items: INodeExecutionData[],
	given: OutputContext,
	hint: (message: string) => void,
): Sessions {
	const settings = rowSettingsOf({ ...given, values: { ...given.values, driverData: 'plain' } }, EVERY_GROUP);
	const reading = { settings, recordKind: given.values.recordKind };
	const all = rowsOf(items, () => reading);
	const { rows, places } = knownOnly({ rows: all, places: items.map((_, index) => index) }, hint);
	const newest = new Map<string, number>();
	rows.forEach((row, index) => {
		const key = row.sessionKey === null ? `no key ${index}` : String(row.sessionKey);
		const other = newest.get(key);
		if (other === undefined || isNewer(row, rows[other])) newest.set(key, index);
	});
	if (newest.size < rows.length) {
		const repeated = counted(rows.length - newest.size, 'item repeats', 'items repeat');
		hint(`${repeated} a session: the newest version of each session counts.`);
	}
	const chosen = [...newest.values()].sort((one, other) => one - other);
	return { rows: chosen.map((index) => rows[index]), places: chosen.map((index) => places[index]) };
}

/**
 * Whether a row counts before another of its session: the later update, then the row that says more. What comes after that
 * only makes the choice the same in whatever order the items come.
 */
function isNewer(row: SessionRow, other: SessionRow): boolean {
	const rank = (one: SessionRow) => [
		String(one.updatedAt ?? ''),
		Object.values(one).filter((cell) => cell !== null).length,
		JSON.stringify(one),
	];
	const [mine, theirs] = [rank(row), rank(other)];
	const place = mine.findIndex((part, index) => part !== theirs[index]);
	return place >= 0 && mine[place] > theirs[place];
}

/** `1 item is`, `2 items are`. */
export function counted(count: number, one: string, several: string): string {
	return `${count} ${count === 1 ? one : several}`;
}
