import type { Resource } from '../../shared/node/operation';
import { AS_NUMBER_LIST } from '../../shared/parameters/forms';
import { propertyList } from '../../shared/parameters/typedValues';
import {
	example,
	idLists,
	listExamples,
	picked,
	type WireExamples,
} from '../../shared/parameters/wireExamples';
import { cursorExamples } from '../cursors';
import { getManyOf, getOf, getPageOf, type CursorList } from '../operations';
import { evseUid } from '../pickers';
import { joined } from '../simplify';

/** `GET /v2/evses`. Source: docs.spirii.com/api-reference/evses-v2/fetches-a-list-of-evses */
const evses = {
	endpoint: { path: '/v2/evses', idField: 'uid', pageSize: 100 },
	records: {
		singular: 'EVSE',
		plural: 'EVSEs',
		simplify: ({ uid, evseId, chargeboxId, status, connectors }) => ({
			uid: uid ?? null,
			evseId: evseId ?? null,
			chargeboxId: chargeboxId ?? null,
			status: status ?? null,
			connectorIds: joined(connectors, 'id'),
			standards: joined(connectors, 'standard'),
			powerTypes: joined(connectors, 'powerType'),
			maxElectricPowersKw: joined(connectors, 'maxElectricPower'),
			tariffIds: joined(connectors, 'tariffIds'),
		}),
	},
	about: 'the places where one car can charge, with status and connectors',
	filters: propertyList([
		{
			displayName: 'Charger IDs (Charge Boxes)',
			name: 'chargeboxIds',
			type: 'string',
			default: '',
			placeholder: 'e.g. 30400, 30401',
			description: 'Only EVSEs of these charge boxes. IDs separated by commas, or a list from an expression.',
			routing: { send: { type: 'query', property: 'chargeboxIds', value: AS_NUMBER_LIST } },
		},
		{
			displayName: 'EVSE UIDs',
			name: 'uids',
			type: 'string',
			default: '',
			placeholder: 'e.g. 123456, 123457',
			description:
				'Only these EVSEs, by the numbers that the API gives as uid. Separated by commas, or a list from an expression.',
			routing: { send: { type: 'query', property: 'uids', value: AS_NUMBER_LIST } },
		},
	]),
	options: propertyList([
		{
			displayName: 'Page Size',
			name: 'pageSize',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
			default: 25,
			description: 'EVSEs per request. As many as the API allows when not set.',
			routing: { send: { type: 'query', property: 'limit' } },
		},
	]),
} satisfies CursorList;

export const evse: Resource = {
	value: 'evse',
	name: 'EVSE',
	description: 'Place where one car can charge, with status and connectors',
	operations: [
		getManyOf(evses),
		getPageOf(evses),
		getOf({
			endpoint: { path: '/v2/evses/{uid}', idField: 'uid' },
			records: evses.records,
			id: evseUid,
		}),
	],
};

export const wire = (): WireExamples => ({
	requests: { getAll: 'GET /v2/evses?limit=50', getPage: 'GET /v2/evses', get: 'GET /v2/evses/304001' },
	required: { uid: '304001' },
	exclusive: [['nextPageCursor', 'previousPageCursor']],
	parameters: {
		...listExamples(),
		...cursorExamples('MDozMDQwMDE'),
		uid: picked('304001', {}),
		pageSize: [example(100, { limit: 100 }, { returnAll: true })],
		chargeboxIds: idLists('chargeboxIds'),
		uids: idLists('uids'),
	},
});
