import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { rowSettingsOf, type Given } from '../shared/node/writer';
import type { RecordKind } from '../shared/session/facts';
import { isRow, readRow } from '../shared/session/readRow';
import { rowWriter, type Group, type Row, type RowSettings } from '../shared/session/row';
import { chargeRecordKind, legacyChargeRecordKind, transactionKind } from '../Spirii/records';
import { transactionKind as voltTimeTransactionKind } from '../VoltTime/records';

/** The records that the node knows, the most telling shape first. */
const KINDS: Record<string, { name: string; kind: RecordKind }> = {
	spiriiChargeRecord: { name: 'Spirii Charge Records', kind: chargeRecordKind },
	spiriiLegacyChargeRecord: { name: 'Spirii Charge Records (Legacy V1)', kind: legacyChargeRecordKind },
	spiriiTransaction: { name: 'Spirii Transactions', kind: transactionKind },
	voltTimeTransaction: { name: 'Volt Time Transactions', kind: voltTimeTransactionKind },
};

const UNKNOWN: RecordKind = { source: null, endpoint: null, matches: () => true, fields: {} };

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
		...Object.entries(KINDS).map(([value, { name }]) => ({ value, name })),
	],
	default: 'auto',
	description: 'What comes in. Rows (Output: Simplified) are recognised in any case.',
};

/** Every column that a row can have, but for the print of the row. */
export const EVERY_GROUP: Group[] = ['address', 'commercial', 'vehicle', 'driver'];

/**
 * The rows of items: raw records of any vendor, or rows already, in the order of the items.
 *
 * Units that a vendor doesn't name are found out for all records of one kind together.
 *
 * @throws InputError when a setting cannot be used.
 */
export function rowsOf(items: INodeExecutionData[], settings: RowSettings, told: unknown): Row[] {
	const rows = new Array<Row>(items.length);
	const byKind = new Map<RecordKind, number[]>();
	items.forEach(({ json }, index) => {
		if (isRow(json)) {
			rows[index] = readRow(json, settings);
			return;
		}
		const kind = KINDS[String(told)]?.kind ?? kindOf(json);
		const places = byKind.get(kind) ?? [];
		places.push(index);
		byKind.set(kind, places);
	});
	for (const [kind, places] of byKind) {
		const written = rowWriter(kind, settings)(places.map((place) => items[place].json));
		written.forEach((row, index) => (rows[places[index]] = row));
	}
	return rows;
}

function kindOf(record: IDataObject): RecordKind {
	return Object.values(KINDS).find(({ kind }) => kind.matches(record))?.kind ?? UNKNOWN;
}

/** Sessions to add up, and the places of their items. */
export interface Sessions {
	rows: Row[];
	places: number[];
}

/**
 * The sessions of items, each once: of several versions, or of one session read from several lists, the newest counts. What
 * is left out is told in a hint.
 *
 * @throws InputError when a setting cannot be used.
 */
export function sessionsOf(
	items: INodeExecutionData[],
	given: Given,
	hint: (message: string) => void,
): Sessions {
	const settings = rowSettingsOf({ ...given, values: { ...given.values, driverData: 'plain' } }, EVERY_GROUP);
	const all = rowsOf(items, settings, given.values.recordKind);
	const newest = new Map<string, number>();
	all.forEach((row, index) => {
		const key = row.sessionKey === null ? `no key ${index}` : String(row.sessionKey);
		const other = newest.get(key);
		const isNewer = other === undefined || String(row.updatedAt ?? '') >= String(all[other].updatedAt ?? '');
		if (isNewer) newest.set(key, index);
	});
	const known = [...newest.values()].filter((index) => all[index].source !== null);
	if (newest.size < all.length) {
		hint(`${all.length - newest.size} items repeat a session: the newest version of each session counts.`);
	}
	if (known.length < newest.size) {
		hint(
			`${newest.size - known.length} items are no session that the node knows, and were left out. Set "Items Are" when they are records with few fields.`,
		);
	}
	const places = known.sort((one, other) => one - other);
	return { rows: places.map((index) => all[index]), places };
}
