import type { Resource } from '../../shared/node/operation';
import { isObject } from '../../shared/http/response';
import { listExamples, picked, type WireExamples } from '../../shared/parameters/wireExamples';
import { cursorExamples } from '../cursors';
import { getManyOf, getOf, getPageOf, type CursorList } from '../operations';
import { chargeBoxId } from '../pickers';
import { joined } from '../simplify';

/** `GET /v2/chargeboxes`. Source: docs.spirii.com/api-reference/chargeboxes-v2/fetches-a-list-of-charge-boxes */
const chargeBoxes = {
	endpoint: { path: '/v2/chargeboxes', idField: 'id', pageSize: 100 },
	records: {
		singular: 'charge box',
		plural: 'charge boxes',
		simplify: (box) => {
			const model = isObject(box.model) ? box.model : {};
			return {
				id: box.id ?? null,
				chargeBoxIdentity: box.chargeBoxIdentity ?? null,
				serialNumber: box.serialNumber ?? null,
				isOnline: box.isOnline ?? null,
				lastConnectionEventAt: box.lastConnectionEventAt ?? null,
				locationId: box.locationId ?? null,
				evseIds: joined(box.evses, 'evseId'),
				model: joined([model], 'vendor') && `${String(model.vendor)} ${String(model.name)}`,
				firmwareVersion: box.firmwareVersion ?? null,
				deletedAt: box.deletedAt ?? null,
			};
		},
	},
	about: 'chargers with their connection, model and firmware; deleted ones may be among them',
	filters: [],
} satisfies CursorList;

export const chargeBox: Resource = {
	value: 'chargeBox',
	name: 'Charge Box',
	description: 'Charger with its connection, model and firmware',
	operations: [
		getManyOf(chargeBoxes),
		getPageOf(chargeBoxes),
		getOf({
			endpoint: { path: '/v2/chargeboxes/{id}', idField: 'id' },
			records: chargeBoxes.records,
			id: chargeBoxId,
		}),
	],
};

export const wire = (): WireExamples => ({
	requests: {
		getAll: 'GET /v2/chargeboxes?limit=50',
		getPage: 'GET /v2/chargeboxes',
		get: 'GET /v2/chargeboxes/30400',
	},
	required: { id: '30400' },
	exclusive: [['nextPageCursor', 'previousPageCursor']],
	parameters: { ...listExamples(), ...cursorExamples('MDozMDQwMA'), id: picked('30400', {}) },
});
