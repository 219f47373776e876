import type { INodeExecutionData } from 'n8n-workflow';

import {
	chosenColumns,
	columnChoice,
	columnGroups,
	driverData,
	ocpiVersion,
	outputOf,
	sessionSettings,
} from '../../shared/node/properties/output';
import { hiddenHints } from '../../shared/node/outputFormatter';
import { hintAtEmpty, hintAtMissing } from '../columnHints';
import type { SessionsOperation } from '../operation';
import { counted, formOf, isSession, recordKind, rowsOf, WHAT_TO_DO } from '../sessions';

/** Converts raw records of any vendor to rows or to OCPI. Each item uses its own parameters. */
export const normalize: SessionsOperation = {
	value: 'normalize',
	name: 'Normalize',
	action: 'Normalize sessions',
	description: 'Turn records of any vendor into rows with the same columns, or into OCPI',
	properties: [
		recordKind,
		outputOf('simplified', 'ocpi'),
		ocpiVersion,
		columnChoice,
		chosenColumns,
		columnGroups,
		driverData,
		sessionSettings,
	],
	run: ({ items, forEach, hint }) => {
		const { made, failed } = forEach((given) => ({
			...formOf(given),
			recordKind: given.values.recordKind,
		}));
		const rows = rowsOf(
			made.map(({ itemIndex }) => items[itemIndex]),
			(index) => made[index].value,
			hint,
		);
		const unknown = rows.filter((row) => !isSession(row)).length;
		if (unknown > 0) {
			const items = counted(
				unknown,
				'item does not look like a session, so its row is empty',
				'items do not look like a session, so their rows are empty',
			);
			hint(`${items}. ${WHAT_TO_DO}`);
		}
		if (made.length > 0) {
			// Where the settings differ from item to item, those of the first item are meant.
			const [{ value: form }] = made;
			hintAtMissing(items, form.needed, hint);
			hintAtEmpty(items, rows, form.asked, hint);
			for (const message of hiddenHints(form.columns ?? [])) hint(message);
		}
		const output = new Array<INodeExecutionData>(items.length);
		for (const [item, error] of failed) output[item] = error;
		rows.forEach((row, index) => {
			const { itemIndex: item, value } = made[index];
			output[item] = { json: value.write(row), pairedItem: { item } };
		});
		return output;
	},
};
