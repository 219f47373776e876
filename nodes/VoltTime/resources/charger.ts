import { optionsOf } from '../../shared/node/lists';
import { operationOf, type Resource } from '../../shared/node/operation';
import { pathSegment } from '../../shared/http/url';
import { orNotFound } from '../../shared/util/errors';
import { picked, type WireExamples } from '../../shared/parameters/wireExamples';
import { getManyOf, objectIn, unlimitedExamples } from '../operations';
import { chargerUuid } from '../pickers';
import { PLACE_LISTS, uuidOf } from '../places';

const endpoint = { path: '/api/v3/chargers/{charger_uuid}', idField: 'uuid' };

/** `GET /api/v3/chargers` and `GET /api/v3/chargers/{charger_uuid}`. */
export const charger: Resource = {
	value: 'charger',
	name: 'Charger',
	description: 'Charger with its connection, status and connectors',
	operations: [
		getManyOf({
			endpoint: { path: PLACE_LISTS.charger, idField: 'uuid' },
			plural: 'chargers',
			description: 'Get the chargers that the access token can read, with their connection and status',
		}),
		operationOf({
			value: 'get',
			name: 'Get',
			action: 'Get a charger',
			description: 'Get one charger with its connectors',
			endpoint,
			properties: [chargerUuid, optionsOf()],
			run: async (call) => {
				const uuid = await uuidOf(call, 'charger', String(call.values.chargerUuid));
				const path = endpoint.path.replace('{charger_uuid}', () => pathSegment(uuid, 'Charger'));
				const read = async () => await call.getJson({ ...call.request, path });
				return [{ json: objectIn(await orNotFound('charger', uuid, read)) }];
			},
		}),
	],
};

const UUID = '14d4490e-da99-4830-ab62-1af59d040eb5';

export const wire = (): WireExamples => ({
	requests: { getAll: 'GET /api/v3/chargers', get: `GET /api/v3/chargers/${UUID}` },
	required: { chargerUuid: UUID },
	parameters: { ...unlimitedExamples(), chargerUuid: picked(UUID, {}) },
});
