import type { Resource } from '../../shared/node/operation';
import { picked, type WireExamples } from '../../shared/parameters/wireExamples';
import { getManyOf, unlimitedExamples } from '../numberedLists';
import { teamId } from '../pickers';

/** `GET /api/v2/teams/{team_id}/chargers`. */
export const charger: Resource = {
	value: 'charger',
	name: 'Charger',
	description: 'Charger of a team',
	operations: [
		getManyOf({
			endpoint: { path: '/api/v2/teams/{team_id}/chargers', idField: 'id' },
			plural: 'chargers',
			description: 'Get the chargers of a team with their connection and status',
			properties: [teamId],
		}),
	],
};

export const wire = (): WireExamples => ({
	requests: { getAll: 'GET /api/v2/teams/1107/chargers' },
	required: { teamId: '1107' },
	parameters: {
		teamId: picked('1107', {}),
		...unlimitedExamples(),
	},
});
