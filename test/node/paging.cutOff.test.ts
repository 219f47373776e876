import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { advanceClock } from '../support/clock';
import type { Output } from '../support/n8n';
import { failureOf, useSandbox } from '../support/sandbox';

const CHARGER = 402_700;
const house = useSandbox({
	records: 60,
	plain: true,
	transactionsPerCharger: 12,
	firstChargerTransactions: 250,
});
afterEach(() => jest.restoreAllMocks());

const byId = (value: number) => ({ __rl: true, mode: 'id', value }) as unknown as INodeParameters;
const list = (more: INodeParameters = {}): INodeParameters => ({
	resource: 'legacyTransaction',
	operation: 'getAll',
	teamId: byId(1107),
	chargerId: byId(CHARGER),
	returnAll: true,
	...more,
});
const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);
const ids = ({ items }: Output) => sorted(items.map(({ json }) => json.id as number));
const hints = (output: Output) => output.hints.map(({ message }) => message);
const YEARS = { dateFrom: '2020-01-01', dateTo: '2026-12-31' };

describe.each(['getAll', 'export'])('%s from a server that does not see the parameters', (operation) => {
	const PLACES = [
		['body', 'query'],
		['query', 'body'],
	] as const;
	type Place = 'body' | 'query';
	const read = async ([sendParametersAs, readsFrom]: [Place, Place], more: INodeParameters) => {
		Object.assign(house.voltTime.switches, { readsFrom, defaultLimit: 100 });
		return await failureOf(house.run.voltTime(list({ operation, ...more, options: { sendParametersAs } })));
	};

	test.each(PLACES)('fails, sent as %s and read from %s', async (...places) => {
		const { message, description } = await read(places, {});
		expect(message).toMatch('The API ignores the parameters');
		expect(description).toMatch('Send Parameters As');
	});

	test.each(PLACES)('fails with a limit, sent as %s and read from %s', async (...places) => {
		const { message, description } = await read(places, { returnAll: false, limit: 7 });
		expect(message).toMatch('The API ignores the parameters: it gave 100 records where at most 7');
		expect(description).toMatch('Send Parameters As');
	});

	test.each(PLACES)('fails with dates, sent as %s and read from %s', async (...places) => {
		const filters = { dateFrom: '2026-06-01', dateTo: '2026-06-20' };
		const { message, description } = await read(places, { filters });
		expect(message).toMatch('The API ignores the parameters');
		expect(description).toMatch('Send Parameters As');
	});
});

describe.each([10, 25, 30, 64, 100, 128, 249])('a server that never gives more than %i', (cap) => {
	beforeEach(() => {
		house.voltTime.switches.cap = cap;
	});

	describe.each(['first', 'newest'] as const)('and keeps the %s', (keeps) => {
		test.each([
			['without dates', {}],
			['between dates', YEARS],
		])('gives all of a longer list %s', async (_, filters) => {
			house.voltTime.switches.keeps = keeps;
			const output = await house.run.voltTime(list({ filters }));
			expect(ids(output)).toEqual(house.voltTime.data.ids(CHARGER));
		});
	});
});

test('a server that gives less than the limit is asked until the limit is full', async () => {
	house.voltTime.switches.cap = 50;
	const { items } = await house.run.voltTime(list({ returnAll: false, limit: 120 }));
	expect(items.map(({ json }) => json.id)).toEqual(house.voltTime.data.ids(CHARGER).slice(0, 120));
});

test.each([2, 14, -12])(
	'a month has its last hours and nothing outside where the dates are read at UTC+%i',
	async (zoneHours) => {
		Object.assign(house.voltTime.switches, { zoneHours });
		const { data } = house.voltTime;
		const at = [
			'2026-04-30T23:59:59Z',
			'2026-05-01T00:00:00Z',
			'2026-05-31T23:59:59Z',
			'2026-06-01T00:00:01Z',
		];
		for (const started_at of at) data.add(CHARGER, { started_at });
		const filters = { dateFrom: '2026-05-01T00:00:00Z', dateTo: '2026-06-01T00:00:00Z' };
		const [from, to] = Object.values(filters).map((text) => Date.parse(text));
		const expected = [...data.transactions(CHARGER).records()]
			.filter(({ started_at }) => Date.parse(started_at) >= from && Date.parse(started_at) <= to)
			.map(({ id }) => id);
		expect(ids(await house.run.voltTime(list({ filters })))).toEqual(expected);

		const files = await house.run.voltTime(list({ operation: 'export', filters, perFile: 1000 }));
		const [{ binary }] = files.items;
		const lines = Buffer.from(binary!.data.data, 'base64').toString().trim().split('\n');
		expect(sorted(lines.map((line) => (JSON.parse(line) as { id: number }).id))).toEqual(expected);
	},
);

describe.each(['last', 'first'] as const)(
	'a server that compares the end, with running ones %s',
	(undated) => {
		beforeEach(() => {
			Object.assign(house.voltTime.switches, { dateField: 'stopped_at', undated });
			advanceClock(house.voltTime.data.now - Date.now());
		});
		const filters = { dateFrom: '2026-06-20T00:00:00Z', dateTo: '2026-06-30T12:00:00Z' };

		test('leaves them out between dates, and a hint says so', async () => {
			expect(hints(await house.run.voltTime(list({ filters })))).toEqual([
				expect.stringMatching('still run'),
			]);
		});

		test('needs no hint where none has begun between the dates', async () => {
			const past = { dateFrom: '2026-06-01T00:00:00Z', dateTo: '2026-06-10T00:00:00Z' };
			expect(hints(await house.run.voltTime(list({ filters: past })))).toEqual([]);
		});

		test('is not asked about a period that ended long ago', async () => {
			const past = { dateFrom: '2026-01-01T00:00:00Z', dateTo: '2026-01-10T00:00:00Z' };
			await house.run.voltTime(list({ filters: past }));
			expect(house.voltTime.requests).toHaveLength(1);
		});
	},
);

test('a list between dates has running ones, without a hint or a request for them, where the start is compared', async () => {
	advanceClock(house.voltTime.data.now - Date.now());
	const output = await house.run.voltTime(list({ filters: { ...YEARS, dateFrom: '2026-06-20' } }));
	expect(output.items.some(({ json }) => json.stopped_at === null)).toBe(true);
	expect(output.hints).toEqual([]);
	expect(house.voltTime.requests.filter(({ query }) => !query.has('date_from'))).toEqual([]);
});

test.each(['asc', 'desc'])('undated ones in the middle of a list come with it (%s)', async (orderBy) => {
	Object.assign(house.voltTime.switches, { dateField: 'stopped_at', undated: 'middle' });
	const all = house.voltTime.data.ids(CHARGER);
	for (const id of [all[60], all[125], all[190]]) house.voltTime.data.update(id, { stopped_at: null });
	const output = await house.run.voltTime(list({ options: { orderBy, pageSize: 20 } }));
	expect(ids(output)).toEqual(all);
});

test.each([404, 403])('a charger that is refused (%i) is named by the error of its team', async (status) => {
	const [, charger] = house.voltTime.data.chargers(1107);
	const when = ({ path }: { path: string }) => path.includes(`/${charger.id}/`);
	house.voltTime.faults.push({ kind: 'status', status, when });
	const failure = await failureOf(house.run.voltTime(list({ chargerScope: 'all' })));
	expect(failure.message).toMatch(`charger ${charger.id}`);
	expect(failure.message).toMatch('team 1107');
	if (status === 403) expect(failure.description).toMatch('may not read this part');
	// One charger is no proof against the credential.
	expect(failure.cause).toBeUndefined();
});

describe('charge records of version 1', () => {
	const legacy = (more: INodeParameters): INodeParameters => ({
		resource: 'legacyChargeRecord',
		operation: 'getAll',
		...more,
	});
	const all = () => house.spirii.data.listed('legacyChargeRecords');

	test.each([1, 25, 59])('fill a limit of %i although every page is short', async (limit) => {
		house.spirii.faults.push({ kind: 'shortPage', times: 100 });
		const output = await house.run.spirii(legacy({ returnAll: false, limit, options: { pageSize: 10 } }));
		expect(ids(output)).toEqual(all().slice(0, limit));
	});

	test('come whole without a total where a page has only the record that overlaps', async () => {
		house.spirii.switches.totals = false;
		// Pages of two are cut to one: the overlapping record.
		house.spirii.faults.push({
			kind: 'shortPage',
			times: 100,
			when: ({ query }) => query.get('limit') === '2',
		});
		const output = await house.run.spirii(legacy({ returnAll: true, options: { pageSize: 2 } }));
		expect(ids(output)).toEqual(all());
	});
});

test.each<[string, unknown]>([
	['an object', { page: 2 }],
	['a list', ['abc']],
	['true', true],
])('a cursor that is %s is an error that says so', async (kind, cursor) => {
	house.spirii.faults.push({
		kind: 'status',
		status: 200,
		body: { data: [{ transactionId: 1 }], nextPageCursor: cursor as IDataObject },
	});
	const { message } = await failureOf(
		house.run.spirii({ resource: 'chargeRecord', operation: 'getAll', returnAll: true }),
	);
	expect(message).toMatch(`The API gave ${kind} as the page cursor where a text is documented`);
});
