import { optionsOf, returnAllOrLimit, toItems, wantedRecords, formatPages } from '../../../shared/node/lists';
import type { Operation } from '../../../shared/node/operation';
import { listPages } from '../../numberedLists';
import { teamId } from '../../pickers';

/** `GET /api/v2/teams/{team_id}/chargers`. */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many chargers',
	description: 'Get the chargers of a team with their connection and status',
	properties: [teamId, ...returnAllOrLimit, optionsOf()],
	run: async (call) =>
		await toItems(formatPages(listPages(call, call.request), call), wantedRecords(call.values)),
};
