import type { Resource } from '../../shared/node/operation';
import { type WireExamples } from '../../shared/parameters/wireExamples';
import { getManyOf, unlimitedExamples } from '../numberedLists';

/** `GET /api/v2/teams`. */
export const team: Resource = {
	value: 'team',
	name: 'Team',
	description: 'Team that owns chargers',
	operations: [
		getManyOf({
			endpoint: { path: '/api/v2/teams', idField: 'id' },
			plural: 'teams',
			description: 'Get the teams that the access token can read',
		}),
	],
};

export const wire = (): WireExamples => ({
	requests: { getAll: 'GET /api/v2/teams' },
	parameters: {
		...unlimitedExamples(),
	},
});
