import type { Resource, OperationEntry } from '../shared/node/operation';
import { CHARGERS, TEAMS, TRANSACTIONS } from './endpoints';
import { transactionKind } from './records';
import { getAll as getChargers } from './resources/charger/getAll';
import { getAll as getTeams } from './resources/team/getAll';
import { exportTransactions } from './resources/transaction/export';
import { getAll as getTransactions } from './resources/transaction/getAll';

/** What the node can read. */
export const resources: Resource[] = [
	{ value: 'transaction', name: 'Transaction', description: 'Charging session of a charger' },
	{ value: 'charger', name: 'Charger', description: 'Charger of a team' },
	{ value: 'team', name: 'Team', description: 'Team that owns chargers' },
];

/** One row per operation: what it is, and where it reads. The first of a resource is its default. */
export const rows: OperationEntry[] = [
	{ resource: 'transaction', operation: getTransactions, endpoint: TRANSACTIONS, records: transactionKind },
	{
		resource: 'transaction',
		operation: exportTransactions,
		endpoint: TRANSACTIONS,
		records: transactionKind,
	},
	{ resource: 'charger', operation: getChargers, endpoint: CHARGERS },
	{ resource: 'team', operation: getTeams, endpoint: TEAMS },
];
