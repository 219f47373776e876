import { exportOf } from '../../../shared/node/lists';
import { getAll, transactionPages } from './getAll';

/** `GET /api/v2/teams/{team_id}/chargers/{charger_id}/transactions`, charger by charger into files. */
export const exportTransactions = exportOf(
	getAll,
	{
		action: 'Export transactions to files',
		description:
			'Write the charging sessions of one charger, or of all chargers of a team, into CSV or NDJSON files',
	},
	transactionPages,
);
