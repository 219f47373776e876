import { columnGroups, driverData, ocpiVersion, outputOf, sessionSettings } from '../../shared/node/output';
import type { Operation } from '../operation';
import { counted, formOf, recordKind, rowsOf, WHAT_TO_DO } from '../sessions';

/** Raw records of any vendor to rows, or to OCPI: one item each. */
export const normalize: Operation = {
	value: 'normalize',
	name: 'Normalize',
	action: 'Normalize sessions',
	description: 'Turn records of any vendor into rows with the same columns, or into OCPI',
	properties: [
		recordKind,
		outputOf('simplified', 'ocpi'),
		ocpiVersion,
		columnGroups,
		driverData,
		sessionSettings,
	],
	run: ({ items, hint, ...given }) => {
		const { settings, write } = formOf(given);
		const rows = rowsOf(items, settings, given.values.recordKind);
		const unknown = rows.filter(({ source }) => source === null).length;
		if (unknown > 0) {
			const are = counted(unknown, 'item has', 'items have');
			hint(`${are} the shape of no session that the node knows: nothing is in their rows. ${WHAT_TO_DO}`);
		}
		return rows.map((row, item) => ({ json: write(row), pairedItem: { item } }));
	},
};
