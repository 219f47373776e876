import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { SITES } from '../../sandbox/spirii/places';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 40, plain: true });

const byId = (value: string | number) => ({ __rl: true, mode: 'id', value }) as INodeParameters;
const read = async (parameters: INodeParameters) =>
	(await house.run.spirii(parameters)).items.map(({ json }) => json);
const getAll = async (resource: string, more: INodeParameters = {}) =>
	await read({ resource, operation: 'getAll', returnAll: true, ...more });

const BOXES = SITES.reduce((sum, { chargeBoxes }) => sum + chargeBoxes, 0);

test.each([
	['location', 'id', SITES.length],
	['evse', 'uid', 2 * BOXES],
	['chargeBox', 'id', BOXES],
])('every %s comes once, over several pages', async (resource, idField, count) => {
	house.spirii.switches.maxPageSize = 7;
	const ids = (await getAll(resource, { simplify: false })).map((record) => record[idField]);
	expect(ids).toHaveLength(count);
	expect(new Set(ids).size).toBe(count);
	expect(house.spirii.requests).toHaveLength(Math.ceil(count / 7));
});

test.each([
	['location', 'id', SITES.length],
	['evse', 'uid', 2 * BOXES],
	['chargeBox', 'id', BOXES],
])(
	'every %s comes once, page by page, whole or with the fields that Simplify keeps',
	async (resource, idField, count) => {
		house.spirii.switches.maxPageSize = 7;
		for (const simplify of [false, true]) {
			const ids: unknown[] = [];
			let nextPageCursor: unknown = '';
			do {
				const parameters = { resource, operation: 'getPage', simplify, nextPageCursor };
				const [page] = await read(parameters as INodeParameters);
				const data = page.data as IDataObject[];
				if (ids.length === 0)
					expect(data[0]).toEqual((await read({ resource, operation: 'getAll', limit: 1, simplify }))[0]);
				ids.push(...data.map((record) => record[idField]));
				nextPageCursor = page.nextPageCursor;
			} while (nextPageCursor !== null);
			expect(ids).toHaveLength(count);
			expect(new Set(ids).size).toBe(count);
		}
		// And one of Get Many for each.
		expect(house.spirii.requests).toHaveLength(2 * Math.ceil(count / 7) + 2);
	},
);

describe('Simplify', () => {
	test('gives a location as one flat row', async () => {
		const [first] = await getAll('location', { simplify: true });
		const { id, name, address, zipCode, city, country } = SITES[0];
		expect(first).toEqual({
			id,
			name,
			address,
			postalCode: zipCode,
			city,
			countryCode: country,
			publish: true,
			parkingType: 'ON_STREET',
			evseCount: 8,
			evseIds:
				'DK.SPI.ZM0050*1, DK.SPI.ZM0050*2, DK.SPI.ZM0051*1, DK.SPI.ZM0051*2, DK.SPI.ZM0052*1, DK.SPI.ZM0052*2, DK.SPI.ZM0053*1, DK.SPI.ZM0053*2',
		});
	});

	test('gives an EVSE as one flat row, with what its connectors have', async () => {
		const [first] = await getAll('evse', { simplify: true });
		expect(first).toEqual({
			uid: 304_001,
			evseId: 'DK.SPI.ZM0050*1',
			chargeboxId: 30_400,
			status: 'AVAILABLE',
			connectorIds: '1',
			standards: 'IEC_62196_T2_COMBO',
			powerTypes: 'DC',
			maxElectricPowersKw: '150',
			tariffIds: '58652fe8-d840-4aa4-bb4f-3ebd944df9d6',
		});
	});

	test('gives a charge box as one flat row, and says of a deleted one that it is deleted', async () => {
		const boxes = await getAll('chargeBox', { simplify: true });
		expect(boxes[0]).toEqual({
			id: 30_400,
			chargeBoxIdentity: 'DK.SPI.030400',
			serialNumber: 'SN-30400',
			isOnline: true,
			lastConnectionEventAt: '2025-01-27 09:38:41',
			locationId: SITES[0].id,
			evseIds: 'DK.SPI.ZM0050*1, DK.SPI.ZM0050*2',
			model: 'Alpitronic HYC_150',
			firmwareVersion: 'FM-000001',
			deletedAt: null,
		});
		expect(boxes[BOXES - 1].deletedAt).not.toBeNull();
	});

	test('is on unless it is turned off, and then the record comes as the API gave it', async () => {
		const [raw] = await getAll('location', { simplify: false });
		expect(raw.operator).toEqual({ name: 'Nordlyst Ladenet', website: 'https://nordlyst.example' });
		const [simplified] = await getAll('location');
		expect(simplified).not.toHaveProperty('operator');
	});
});

describe('Get', () => {
	test.each([
		['location', { id: byId(1807) }, 'id', 1807],
		['evse', { uid: byId('304001') }, 'uid', 304_001],
		['chargeBox', { id: byId('30400') }, 'id', 30_400],
	])('gives the one %s', async (resource, which, idField, id) => {
		const items = await read({ resource, operation: 'get', ...which });
		expect(items.map((item) => item[idField])).toEqual([id]);
	});

	test('says that there is no such location, where the list has none', async () => {
		const { message, description } = await failureOf(
			read({ resource: 'location', operation: 'get', id: byId(99) }),
		);
		expect(message).toBe('Location 99 was not found');
		expect(description).toMatch('Check the ID');
	});

	test('gives no other location, where the API ignores the ID', async () => {
		house.spirii.faults.push({ kind: 'status', status: 200, body: { data: [{ id: 1 }, { id: 2 }] } });
		const { message } = await failureOf(read({ resource: 'location', operation: 'get', id: byId(1800) }));
		expect(message).toBe('Location 1800 was not found');
	});
});

test.each([
	['location', { customerIds: '2102' }, (item: Record<string, unknown>) => item.id],
	['evse', { chargeboxIds: '30400, 30401' }, (item: Record<string, unknown>) => item.chargeboxId],
])('a %s can be selected by several ids', async (resource, filters, read) => {
	const all = await getAll(resource);
	const some = await getAll(resource, { filters });
	expect(some.length).toBeGreaterThan(0);
	expect(some.length).toBeLessThan(all.length);
	if (resource === 'evse') expect([...new Set(some.map(read))]).toEqual([30_400, 30_401]);
});

test.each(['abc', '1766; 1767', '1.5', '1766, 9007199254740993', '0x10', '-1', '1e3', '1766,'])(
	'ids that are no whole numbers are refused: %s',
	async (ids) => {
		const { message } = await failureOf(getAll('location', { filters: { ids } }));
		expect(message).toBe(
			`"Location IDs" must be whole numbers of at most 15 digits, separated by commas, but "${ids}" was given`,
		);
		expect(house.spirii.requests).toEqual([]);
	},
);
