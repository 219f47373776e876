import { fileProperties, toFiles } from '../../shared/node/files';
import {
	chosenColumns,
	columnChoice,
	columnGroups,
	driverData,
	ocpiVersion,
	outputOf,
	sessionSettings,
} from '../../shared/node/properties/output';
import { hintAtEmpty, hintAtMissing } from '../columnHints';
import type { SessionsOperation } from '../operation';
import { formOf, knownOnly, recordKind, rowsOf } from '../sessions';

/** Writes sessions to CSV or NDJSON files. Each file is one item, paired with the items of its sessions. */
export const exportSessions: SessionsOperation = {
	value: 'export',
	name: 'Export',
	action: 'Export sessions to files',
	description: 'Write sessions of any vendor into CSV or NDJSON files',
	properties: [
		recordKind,
		outputOf('simplified', 'ocpi'),
		ocpiVersion,
		columnChoice,
		chosenColumns,
		columnGroups,
		driverData,
		...fileProperties,
		sessionSettings,
	],
	run: async ({ items, forAll, toBinary, hint }) => {
		const given = forAll();
		const { values } = given;
		const { settings, columns, write, needed, asked } = formOf(given);
		const reading = { settings, recordKind: values.recordKind };
		const all = rowsOf(items, () => reading, hint);
		const { rows, itemIndexes } = knownOnly({ rows: all, itemIndexes: items.map((_, index) => index) }, hint);
		hintAtMissing(items, needed, hint);
		hintAtEmpty(items, rows, asked, hint);
		const files = await toFiles([rows.map(write)], values, columns, toBinary);
		let next = 0;
		for (const file of files) {
			const end = next + (file.json.rows as number);
			file.pairedItem = itemIndexes.slice(next, end).map((item) => ({ item }));
			next = end;
		}
		return files;
	},
};
