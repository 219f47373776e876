import { operationOf, type Resource } from '../../shared/node/operation';
import { optionsOf } from '../../shared/node/lists';
import { AS_NUMBER_LIST } from '../../shared/parameters/forms';
import { propertyList } from '../../shared/parameters/typedValues';
import {
	example,
	idLists,
	listExamples,
	picked,
	type WireExamples,
} from '../../shared/parameters/wireExamples';
import { readId } from '../../shared/util/ids';
import { notFound } from '../../shared/util/errors';
import { cursorExamples } from '../cursors';
import { pageOf } from '../cursorLists';
import { getManyOf, getPageOf, type CursorList } from '../operations';
import { locationId } from '../pickers';
import { joined } from '../simplify';

/** `GET /v2/locations`. Source: docs.spirii.com/api-reference/locations-v2/fetches-a-list-of-locations */
const locations = {
	endpoint: { path: '/v2/locations', idField: 'id', pageSize: 100 },
	records: {
		singular: 'location',
		plural: 'locations',
		simplify: ({ id, name, address, postalCode, city, countryCode, publish, parkingType, evses }) => ({
			id: id ?? null,
			name: name ?? null,
			address: address ?? null,
			postalCode: postalCode ?? null,
			city: city ?? null,
			countryCode: countryCode ?? null,
			publish: publish ?? null,
			parkingType: parkingType ?? null,
			evseCount: Array.isArray(evses) ? evses.length : null,
			evseIds: joined(evses, 'evseId'),
		}),
	},
	about: 'where chargers stand, with their EVSEs',
	filters: propertyList([
		{
			displayName: 'Customer IDs',
			name: 'customerIds',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1766, 1767',
			description:
				'Only locations of these customers. IDs separated by commas, or a list from an expression.',
			routing: { send: { type: 'query', property: 'customerIds', value: AS_NUMBER_LIST } },
		},
		{
			displayName: 'Location IDs',
			name: 'ids',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1766, 1767',
			description: 'Only these locations. IDs separated by commas, or a list from an expression.',
			routing: { send: { type: 'query', property: 'ids', value: AS_NUMBER_LIST } },
		},
	]),
	options: propertyList([
		{
			displayName: 'Page Size',
			name: 'pageSize',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
			default: 25,
			description: 'Locations per request. As many as the API allows when not set.',
			routing: { send: { type: 'query', property: 'limit' } },
		},
	]),
} satisfies CursorList;

/** The API has no path for one location, so the list is asked for it. */
const get = operationOf({
	value: 'get',
	name: 'Get',
	action: 'Get a location',
	description: 'Get one location by its ID',
	endpoint: locations.endpoint,
	simplify: locations.records.simplify,
	properties: [
		{
			...locationId,
			routing: { send: { type: 'query', property: 'ids', value: AS_NUMBER_LIST } },
		},
		optionsOf(),
	],
	run: async (call) => {
		const { records } = await pageOf(call, call.request);
		const found = records.filter(({ id }) => readId(id) === call.values.id);
		if (found.length !== 1) throw notFound('location', call.values.id);
		return [{ json: call.format(found)[0] }];
	},
});

export const location: Resource = {
	value: 'location',
	name: 'Location',
	description: 'Where chargers stand, with address and EVSEs',
	operations: [getManyOf(locations), getPageOf(locations), get],
};

export const wire = (): WireExamples => ({
	requests: {
		getAll: 'GET /v2/locations?limit=50',
		getPage: 'GET /v2/locations',
		get: 'GET /v2/locations?ids=1800',
	},
	required: { id: '1800' },
	exclusive: [['nextPageCursor', 'previousPageCursor']],
	parameters: {
		...listExamples(),
		...cursorExamples('MDoxODAw'),
		id: picked('1800', {}),
		pageSize: [example(100, { limit: 100 }, { returnAll: true })],
		customerIds: idLists('customerIds'),
		ids: idLists('ids'),
	},
});
