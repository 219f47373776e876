import { exportOf } from '../../../shared/node/lists';
import { pagesForFiles } from '../../cursorLists';
import { transactionOrder } from '../../timeOrder';
import { getAll } from './getAll';

/** `GET /v2/transactions`, page after page into files. */
export const exportTransactions = exportOf(
	getAll,
	{
		action: 'Export transactions to files',
		description: 'Write transactions into CSV or NDJSON files, page by page: right for very long lists',
	},
	pagesForFiles(transactionOrder),
);
