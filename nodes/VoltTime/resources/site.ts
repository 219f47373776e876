import type { Resource } from '../../shared/node/operation';
import { asIs, type WireExamples } from '../../shared/parameters/wireExamples';
import { propertyList } from '../../shared/parameters/typedValues';
import { getManyOf, unlimitedExamples } from '../operations';
import { PLACE_LISTS } from '../places';

/** `GET /api/v3/sites`. */
export const site: Resource = {
	value: 'site',
	name: 'Site',
	description: 'Place with one or more chargers',
	operations: [
		getManyOf({
			endpoint: { path: PLACE_LISTS.site, idField: 'uuid' },
			plural: 'sites',
			description: 'Get the sites that the access token can read, with their addresses',
			filters: propertyList([
				{
					displayName: 'Search',
					name: 'search',
					type: 'string',
					default: '',
					description: 'Only sites with this text in their name or address',
					routing: { send: { type: 'query', property: 'search' } },
				},
			]),
		}),
	],
};

export const wire = (): WireExamples => ({
	requests: { getAll: 'GET /api/v3/sites' },
	parameters: { ...unlimitedExamples(), search: asIs('search', 'Dorpsstraat 1&x=Ø+') },
});
