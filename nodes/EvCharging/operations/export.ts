import { fileProperties, toFiles } from '../../shared/node/files';
import { columnGroups, driverData, ocpiVersion, outputOf, sessionSettings } from '../../shared/node/output';
import { columnNames } from '../../shared/session/columns';
import type { Group } from '../../shared/session/row';
import type { Operation } from '../operation';
import { recordKind } from '../sessions';
import { normalize } from './normalize';

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
	run: async (call) => {
		const { values } = call;
		const driver = values.driverData === undefined || values.driverData === 'none' ? [] : ['driver' as const];
		const groups = [...((values.columnGroups ?? []) as Group[]), ...driver];
		const columns = values.output === 'ocpi' ? undefined : columnNames(groups);
		const sessions = (await normalize.run(call)).map(({ json }) => json);
		const files = await toFiles([sessions], values, columns, call.toBinary);
		let next = 0;
		for (const file of files) {
			const rows = file.json.rows as number;
			file.pairedItem = Array.from({ length: rows }, (_, index) => ({ item: next + index }));
			next += rows;
		}
		return files;
	},
};
