import type { IDataObject } from 'n8n-workflow';

import { columnGroups, driverData, ocpiVersion, outputOf, sessionSettings } from '../../shared/node/output';
import { OCPI_GROUPS, ocpiSettingsOf, rowSettingsOf } from '../../shared/node/writer';
import { toOcpi } from '../../shared/session/ocpi';
import type { Group } from '../../shared/session/row';
import type { Operation } from '../operation';
import { recordKind, rowsOf } from '../sessions';

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
	run: ({ items, ...given }) => {
		const { values } = given;
		const isOcpi = values.output === 'ocpi';
		const groups = isOcpi ? OCPI_GROUPS : ((values.columnGroups ?? []) as Group[]);
		const rows = rowsOf(items, rowSettingsOf(given, groups), values.recordKind);
		const settings = ocpiSettingsOf(values);
		return rows.map((row, item) => ({
			json: isOcpi ? (toOcpi(row, settings) as IDataObject) : row,
			pairedItem: { item },
		}));
	},
};
