import type { IDataObject } from 'n8n-workflow';

import { columnGroups, driverData, ocpiVersion, outputOf, sessionSettings } from '../../shared/node/output';
import { OCPI_GROUPS, ocpiSettingsOf, rowSettingsOf } from '../../shared/node/writer';
import { toOcpi } from '../../shared/session/ocpi';
import type { Group } from '../../shared/session/row';
import type { Operation } from '../operation';
import { counted, recordKind, rowsOf } from '../sessions';

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
		const { values } = given;
		const isOcpi = values.output === 'ocpi';
		const groups = isOcpi ? OCPI_GROUPS : ((values.columnGroups ?? []) as Group[]);
		const rows = rowsOf(items, rowSettingsOf(given, groups), values.recordKind);
		const unknown = rows.filter(({ source }) => source === null).length;
		if (unknown > 0) {
			hint(
				`${counted(unknown, 'item has', 'items have')} the shape of no session that the node knows: nothing is in their rows. Set "Items Are" for records with few fields, and split pages of Get Page with "Split Out" on data first.`,
			);
		}
		const settings = ocpiSettingsOf(values);
		return rows.map((row, item) => ({
			json: isOcpi ? (toOcpi(row, settings) as IDataObject) : row,
			pairedItem: { item },
		}));
	},
};
