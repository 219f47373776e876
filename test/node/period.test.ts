import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { advanceClock } from '../support/clock';
import { failureOf, useSandbox } from '../support/sandbox';

const NOW = Date.parse('2026-07-15T12:00:00Z');
/** Last month in Copenhagen, where the workflows of the tests run. */
const [JUNE, JULY] = ['2026-05-31T22:00:00.000Z', '2026-06-30T22:00:00.000Z'];

const house = useSandbox({ records: 0, plain: true, now: new Date(NOW).toISOString() });

beforeEach(() => advanceClock(NOW - Date.now()));
afterEach(() => jest.restoreAllMocks());

const before = (time: string, milliseconds = 1) => new Date(Date.parse(time) - milliseconds).toISOString();

const LISTS = [
	{ resource: 'chargeRecord', idField: 'transactionId' },
	{ resource: 'transaction', idField: 'id' },
	{ resource: 'legacyChargeRecord', idField: 'id' },
];
const TIMES = { end: 'endedAt', start: 'startedAt', update: 'updatedAt' };

describe.each(LISTS)('last month of $resource', ({ resource, idField }) => {
	const read = async (parameters: INodeParameters = {}) =>
		await house.run.spirii({
			resource,
			operation: 'getAll',
			returnAll: true,
			period: 'lastMonth',
			periodBy: 'end',
			...parameters,
		});

	/** Sessions with one of their times right before, at, and right before the end of June, and at its end. */
	function addAround(time: string): number[] {
		return [before(JUNE), JUNE, before(JULY), JULY].map((moment) => {
			const others = { startedAt: '2026-05-01T08:00:00.000Z', endedAt: '2026-07-10T08:00:00.000Z' };
			const updated = { createdAt: others.startedAt, updatedAt: '2026-07-11T08:00:00.000Z' };
			return house.spirii.data.add({ ...others, ...updated, [time]: moment }).id;
		});
	}

	test.each(Object.entries(TIMES))(
		'by %s: its first and its last moment, and nothing beside',
		async (by, time) => {
			const [, first, last] = addAround(time);
			const { items } = await read({ periodBy: by });
			expect(items.map(({ json }) => json[idField]).sort()).toEqual([first, last].sort());
		},
	);

	test('by start, a limit counts the sessions of the period alone', async () => {
		addAround('startedAt');
		const { items } = await read({ periodBy: 'start', returnAll: false, limit: 2 });
		expect(items).toHaveLength(2);
	});

	test('all sessions come when no period is chosen', async () => {
		addAround('endedAt');
		expect((await read({ period: 'all' })).items).toHaveLength(4);
	});

	test('a page holds the sessions of the period alone', async () => {
		const [, first, last] = addAround('startedAt');
		const { items } = await read({ operation: 'getPage', periodBy: 'start' });
		const { data, count } = items[0].json as unknown as { data: IDataObject[]; count: number };
		expect([count, data.map((record) => record[idField]).sort()]).toEqual([2, [first, last].sort()]);
	});

	test('an export holds the sessions of the period alone', async () => {
		addAround('endedAt');
		const { items } = await read({ operation: 'export' });
		expect(items[0].json).toMatchObject({ rows: 2 });
	});

	test('a period without sessions says so, with its moments', async () => {
		house.spirii.data.add({ endedAt: JULY });
		const { items, hints } = await read();
		expect(items).toEqual([]);
		const period =
			'The period is 2026-06-01 00:00 to 2026-07-01 00:00 (Europe/Copenhagen), by the end of the session.';
		expect(hints.map(({ message }) => message)).toEqual([
			resource === 'legacyChargeRecord'
				? `0 of 1 sessions match. ${period}`
				: `No session was found. ${period} Without the period there are sessions.`,
		]);
	});
});

test('between dates without a date is refused', async () => {
	const parameters = { resource: 'transaction', operation: 'getAll', period: 'between', periodBy: 'end' };
	const { message, description } = await failureOf(house.run.spirii(parameters));
	expect(message).toBe('"Period" is Between Dates, but neither "From" nor "Before" was given');
	expect(description).toBe('Fill in one of the two, or both, or set "Period" to All.');
	expect(house.spirii.requests).toHaveLength(0);
});

test('a period joins the conditions of charge records, whatever joins these', async () => {
	const conditions = [
		{ field: 'consumed', operator: '$gt', value: '10' },
		{ field: 'consumed', operator: '$lt', value: '1' },
	];
	await house.run.spirii({
		resource: 'chargeRecord',
		operation: 'getAll',
		period: 'lastMonth',
		periodBy: 'end',
		filters: { filterConditions: { conditions }, filterCombinator: '$or' },
	});
	expect(JSON.parse(house.spirii.requests[0].query.get('filter') as string)).toEqual({
		$and: [
			{ endedAt: { $gte: JUNE, $lt: JULY } },
			{ $or: [{ consumed: { $gt: 10 } }, { consumed: { $lt: 1 } }] },
		],
	});
});

test('a period and a filter on the same time both hold', async () => {
	await house.run.spirii({
		resource: 'transaction',
		operation: 'getAll',
		period: 'lastMonth',
		periodBy: 'end',
		filters: { endedAt: '2026-06-10T00:00:00', endedAtMax: '2026-07-10T00:00:00' },
	});
	const { query } = house.spirii.requests[0];
	expect([query.get('endedAt'), query.get('endedAtMax')]).toEqual(['2026-06-09T22:00:00.000Z', before(JULY)]);
});

test('a period that a filter excludes is refused by name', async () => {
	const parameters = {
		resource: 'transaction',
		operation: 'getAll',
		period: 'lastMonth',
		periodBy: 'end',
		filters: { endedAt: '2026-07-10T00:00:00' },
	};
	const { message } = await failureOf(house.run.spirii(parameters));
	expect(message).toContain('"Ended From" must not be after "Period"');
});
