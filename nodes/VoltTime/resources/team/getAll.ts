import { optionsOf, returnAllOrLimit, toItems, wantedRecords, formatPages } from '../../../shared/node/lists';
import type { Operation } from '../../../shared/node/operation';
import { listPages } from '../../numberedLists';

/** `GET /api/v2/teams`. */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many teams',
	description: 'Get the teams that the access token can read',
	properties: [...returnAllOrLimit, optionsOf()],
	run: async (call) =>
		await toItems(formatPages(listPages(call, call.request), call), wantedRecords(call.values)),
};
