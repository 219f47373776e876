import type { Resource } from '../../shared/node/operation';
import { type WireExamples } from '../../shared/parameters/wireExamples';
import { getManyOf, unlimitedExamples } from '../operations';
import { PLACE_LISTS } from '../places';

/** `GET /api/v3/teams`. */
export const team: Resource = {
	value: 'team',
	name: 'Team',
	description: 'Team that owns sites and chargers',
	operations: [
		getManyOf({
			endpoint: { path: PLACE_LISTS.team, idField: 'uuid' },
			plural: 'teams',
			description: 'Get the teams that the access token can read',
		}),
	],
};

export const wire = (): WireExamples => ({
	requests: { getAll: 'GET /api/v3/teams' },
	parameters: unlimitedExamples(),
});
