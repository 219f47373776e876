import { exportOf } from '../../../shared/node/lists';
import { getAll, legacyPages } from './getAll';

/** `GET /v1/charge-records`, page after page into files with the columns of every vendor. */
export const exportLegacyChargeRecords = exportOf(
	getAll,
	{
		action: 'Export legacy charge records to files',
		description: 'Write charge records from the first version of the API into CSV or NDJSON files',
	},
	legacyPages,
);
