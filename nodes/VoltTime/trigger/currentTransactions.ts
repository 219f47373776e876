import type { IDataObject } from 'n8n-workflow';

import type { TriggerContext, TriggerSource } from '../../shared/node/triggerSource';
import { propertyList } from '../../shared/parameters/typedValues';
import type { Source } from '../../shared/sync/source';
import { longestSession } from '../period';
import { chargerUuid, siteUuid, teamUuid } from '../pickers';
import { uuidOf } from '../places';
import { priceOptions, priceRules } from '../prices';
import { teamTransactionKind, transactionKind } from '../records';
import { MAX_PER_RESPONSE } from '../resources/transaction/request';
import { placeSource } from './placeSessions';
import { teamSource } from './teamSessions';
import { versionKind } from './versions';

const [sessionsOf] = propertyList([
	{
		displayName: 'Sessions Of',
		name: 'sessionsOf',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Charger', value: 'charger', description: 'One charger' },
			{ name: 'Site', value: 'site', description: 'All chargers of a site' },
			{ name: 'Team', value: 'team', description: 'All chargers of a team, in a few requests per poll' },
		],
		default: 'team',
		description: 'Whose sessions to watch',
	},
]);

/**
 * `GET /api/v3/teams/{team_uuid}/transactions`, or the same of a site or a charger.
 * Source: developer.plugchoice.com/api-reference/transactions
 */
export const currentTransactions: TriggerSource = {
	value: 'transaction',
	name: 'Transactions',
	description: 'Charging sessions of a team, a site or a charger',
	endpoint: { path: '/api/v3/teams/{team_uuid}/transactions', idField: 'id', pageSize: MAX_PER_RESPONSE },
	records: versionKind,
	recordsFor: ({ sessionsOf: kind }) => (kind === 'team' ? teamTransactionKind : transactionKind),
	properties: [
		sessionsOf,
		{ ...teamUuid, displayOptions: { show: { sessionsOf: ['team'] } } },
		{ ...siteUuid, displayOptions: { show: { sessionsOf: ['site'] } } },
		{ ...chargerUuid, displayOptions: { show: { sessionsOf: ['charger'] } } },
	],
	fetchOptions: [longestSession, ...priceOptions],
	rules: priceRules,
	open: openTransactions,
};

/** UUIDs of places that were given by their number, so that it is looked up once in a process. */
const uuids = new Map<string, string>();

function openTransactions(call: TriggerContext): Source<IDataObject> {
	const kind = call.values.sessionsOf as 'charger' | 'site' | 'team';
	const given = String(call.values[`${kind}Uuid`]);
	const uuid = async () => {
		const key = JSON.stringify([call.baseUrl, kind, given]);
		const found = uuids.get(key) ?? (await uuidOf(call, kind, given));
		uuids.set(key, found);
		return found;
	};
	return kind === 'team' ? teamSource(call, uuid) : placeSource(call, kind, uuid);
}
