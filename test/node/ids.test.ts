import type { INodeParameters } from 'n8n-workflow';

import type { FaultKind } from '../../sandbox';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 5, transactionsPerCharger: 5, plain: true });

const CHARGER = 402_700;
const charger: INodeParameters = {
	teamId: { __rl: true, mode: 'id', value: '1107' },
	chargerId: { __rl: true, mode: 'id', value: String(CHARGER) },
};

/** Operations that read lists, and the field that holds the id. */
const LISTS = {
	'Spirii charge records': {
		vendor: 'spirii',
		parameters: { resource: 'chargeRecord' },
		idField: 'transactionId',
	},
	'Spirii transactions': { vendor: 'spirii', parameters: { resource: 'transaction' }, idField: 'id' },
	'Spirii legacy charge records': {
		vendor: 'spirii',
		parameters: { resource: 'legacyChargeRecord' },
		idField: 'id',
	},
	'Volt Time transactions': {
		vendor: 'voltTime',
		parameters: { resource: 'legacyTransaction', ...charger },
		idField: 'id',
	},
	'Volt Time teams': { vendor: 'voltTime', parameters: { resource: 'team' }, idField: 'id' },
	'Volt Time chargers': {
		vendor: 'voltTime',
		parameters: { resource: 'charger', teamId: charger.teamId },
		idField: 'id',
	},
} as const;
const OPERATIONS = Object.entries(LISTS).flatMap(([name, list]) => {
	const { resource } = list.parameters;
	const operations = ['getAll'];
	if (/ecord|transaction/.test(resource)) operations.push('export');
	if (list.vendor === 'spirii') operations.push('getPage');
	return operations.map((operation): [string, string, (typeof LISTS)[keyof typeof LISTS]] => [
		name,
		operation,
		list,
	]);
});

/** How many records a list with these ids has: those that have none count each for itself. */
const countIds = (ids: string[]) => new Set(ids.map((id) => id.replaceAll('"', '') || Symbol())).size;

/** One answer with records of which JSON writes the ids just so. */
const answerWith = (idField: string, ...ids: string[]): FaultKind => ({
	kind: 'status',
	status: 200,
	body: `{"totalElements":${countIds(ids)},"data":[${ids
		.map((id, index) => `{"${idField}":${id},"number":${index},"started_at":"2026-01-01T08:00:00Z"}`)
		.join(',')}]}`,
});

describe.each(OPERATIONS)('%s, %s', (_, operation, { vendor, parameters, idField }) => {
	const run = async (...ids: string[]) => {
		house[vendor].faults.push(answerWith(idField, ...ids));
		const runNode = vendor === 'spirii' ? house.run.spirii : house.run.voltTime;
		const { items } = await runNode({ ...parameters, operation, returnAll: true } as INodeParameters);
		return items;
	};

	test('refuses an id that JSON could not carry, and names it: two such ids could become one', async () => {
		const failure = await failureOf(run('7615917337495251231', '7615917337495251232'));
		expect(failure.message).toMatch(
			'The API gave the id 7615917337495251000 as a number with more digits than JSON numbers can hold',
		);
		expect(failure.description).toMatch('Ask the vendor to send IDs as text');
	});

	const countOf = (items: Awaited<ReturnType<typeof run>>) => {
		const [{ json }] = items;
		if (operation === 'export') return json.rows;
		return operation === 'getPage' ? json.count : items.length;
	};

	test('keeps long ids apart where they are text', async () => {
		expect(countOf(await run('"7615917337495251231"', '"7615917337495251232"'))).toBe(2);
	});

	test('knows "007" and "7" as two, and takes records without an id as they come', async () => {
		expect(countOf(await run('"007"', '"7"'))).toBe(2);
		expect(countOf(await run('""', '""', 'null'))).toBe(3);
	});

	if (operation !== 'getPage') {
		test('knows 7 and "7" as one', async () => {
			expect(countOf(await run('7', '"7"'))).toBe(1);
		});
	}
});

test.each(['chargeRecord', 'transaction', 'legacyChargeRecord'])(
	'%s Get refuses such an id',
	async (resource) => {
		const idField = resource === 'chargeRecord' ? 'transactionId' : 'id';
		house.spirii.faults.push({ kind: 'status', status: 200, body: `{"${idField}":7615917337495251231}` });
		const failure = await failureOf(
			house.run.spirii({ resource, operation: 'get', id: '7615917337495251231' }),
		);
		expect(failure.message).toMatch('The API gave the id 7615917337495251000 as a number');
		expect(house.spirii.requests[0].path).toMatch(/\/7615917337495251231$/);
	},
);

test.each(['chargeRecord', 'transaction', 'legacyChargeRecord'])(
	'%s Get refuses a record with a blank id: it is none',
	async (resource) => {
		const idField = resource === 'chargeRecord' ? 'transactionId' : 'id';
		house.spirii.faults.push({ kind: 'status', status: 200, body: `{"${idField}":""}` });
		const failure = await failureOf(house.run.spirii({ resource, operation: 'get', id: '7' }));
		expect(failure.message).toMatch('something other than the documented');
	},
);
