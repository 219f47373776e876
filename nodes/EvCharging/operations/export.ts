import type { IDataObject } from 'n8n-workflow';

import { fileProperties, toFiles } from '../../shared/node/files';
import { columnGroups, driverData, ocpiVersion, outputOf, sessionSettings } from '../../shared/node/output';
import { OCPI_GROUPS, ocpiSettingsOf, rowSettingsOf } from '../../shared/node/writer';
import { columnNames } from '../../shared/session/columns';
import { toOcpi } from '../../shared/session/ocpi';
import type { Group } from '../../shared/session/row';
import type { Operation } from '../operation';
import { knownOnly, recordKind, rowsOf } from '../sessions';

/** Sessions into CSV or NDJSON files: one item per file, paired with the items of its sessions. */
export const exportSessions: Operation = {
	value: 'export',
	name: 'Export',
	action: 'Export sessions to files',
	description: 'Write sessions of any vendor into CSV or NDJSON files',
	properties: [
		recordKind,
		outputOf('simplified', 'ocpi'),
		ocpiVersion,
		columnGroups,
		driverData,
		...fileProperties,
		sessionSettings,
	],
	run: async ({ items, toBinary, hint, ...given }) => {
		const { values } = given;
		const isOcpi = values.output === 'ocpi';
		const settings = rowSettingsOf(given, isOcpi ? OCPI_GROUPS : ((values.columnGroups ?? []) as Group[]));
		const all = rowsOf(items, settings, values.recordKind);
		const { rows, places } = knownOnly({ rows: all, places: items.map((_, index) => index) }, hint);
		const ocpi = ocpiSettingsOf(values);
		const records = isOcpi ? rows.map((row) => toOcpi(row, ocpi) as IDataObject) : rows;
		const columns = isOcpi ? undefined : columnNames(settings.groups);
		const files = await toFiles([records], values, columns, toBinary);
		let next = 0;
		for (const file of files) {
			const end = next + (file.json.rows as number);
			file.pairedItem = places.slice(next, end).map((item) => ({ item }));
			next = end;
		}
		return files;
	},
};
