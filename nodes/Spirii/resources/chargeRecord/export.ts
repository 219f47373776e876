import { exportOf } from '../../../shared/node/lists';
import { pagesForFiles } from '../../cursorLists';
import { chargeRecordOrder } from '../../timeOrder';
import { getAll } from './getAll';

/** `GET /v2/charge-records`, page after page into files. */
export const exportChargeRecords = exportOf(
	getAll,
	{
		action: 'Export charge records to files',
		description: 'Write charge records into CSV or NDJSON files, page by page: right for very long lists',
	},
	pagesForFiles(chargeRecordOrder),
);
