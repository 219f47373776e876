import type { INodeParameters } from 'n8n-workflow';

import type { VoltTimeSwitches, VoltTimeTransaction } from '../../sandbox';
import { advanceClock } from '../support/clock';
import type { Output } from '../support/n8n';
import { failureOf, useSandbox, type TestBed } from '../support/sandbox';

const TEAM = 1107;
const CHARGER = 402_700;
const PAGE = 20;

type DateField = VoltTimeSwitches['dateField'];
const DATE_FIELDS: DateField[] = ['started_at', 'stopped_at', 'created_at'];
const ORDERS = [undefined, 'asc', 'desc'] as const;

const byId = (value: number) => ({ __rl: true, mode: 'id', value }) as unknown as INodeParameters;
const ids = ({ items }: Output) => items.map(({ json }) => json.id as number);
const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);
const utc = (seconds: number) => new Date(seconds * 1000).toISOString();
const secondsOf = (text: string) => Date.parse(text) / 1000;

function transactions(more: INodeParameters = {}): INodeParameters {
	return {
		resource: 'legacyTransaction',
		operation: 'getAll',
		teamId: byId(TEAM),
		chargerId: byId(CHARGER),
		returnAll: true,
		...more,
	};
}

const records = (house: TestBed): VoltTimeTransaction[] => [
	...house.voltTime.data.transactions(CHARGER).records(),
];

/** Those that started in a window, whichever date the API compares. */
function within(house: TestBed, from: number, to: number): VoltTimeTransaction[] {
	return records(house).filter(({ started_at }) => {
		const second = Math.floor(secondsOf(started_at));
		return second >= from && second <= to;
	});
}

function expectOrder({ items }: Output, field: DateField, order: 'asc' | 'desc'): void {
	const times = items.map(({ json }) => json[field]).filter((time) => time !== null) as string[];
	const ascending = [...times].sort();
	expect(times).toEqual(order === 'asc' ? ascending : ascending.reverse());
}

afterEach(() => jest.restoreAllMocks());

describe.each([0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])('%i transactions of a charger', (count) => {
	const house = useSandbox({ records: 0, transactionsPerCharger: 0, firstChargerTransactions: count });

	test.each(DATE_FIELDS)('come whole, each once, where %s sorts them', async (dateField) => {
		house.voltTime.switches.dateField = dateField;
		const output = await house.run.voltTime(transactions({ options: { pageSize: PAGE } }));
		expect(sorted(ids(output))).toEqual(house.voltTime.data.ids(CHARGER));
	});

	test('cost one request when one answer can hold them, and from ten on two more that prove it', async () => {
		const requests = count < 10 ? 1 : 3;
		await house.run.voltTime(transactions({ options: { pageSize: PAGE } }));
		if (count < PAGE) expect(house.voltTime.requests).toHaveLength(requests);
		house.voltTime.requests.length = 0;
		await house.run.voltTime(transactions());
		expect(house.voltTime.requests).toHaveLength(requests);
	});

	test('are cut at the limit, in one request of that size', async () => {
		const output = await house.run.voltTime(transactions({ returnAll: false, limit: 5 }));
		expect(ids(output)).toEqual(house.voltTime.data.ids(CHARGER).slice(0, 5));
		expect(house.voltTime.requests.map(({ query }) => query.get('limit'))).toEqual(['5']);
	});
});

describe('a long list of transactions, whatever the API means by its dates', () => {
	const house = useSandbox({ records: 0, transactionsPerCharger: 0, firstChargerTransactions: 120 });
	const readings = DATE_FIELDS.flatMap((dateField) =>
		(['inclusive', 'exclusive', 'endExclusive'] as const).flatMap((bounds) =>
			ORDERS.map((orderBy) => ({ dateField, bounds, orderBy })),
		),
	);

	describe.each(readings)('$dateField, $bounds, order $orderBy', ({ dateField, bounds, orderBy }) => {
		beforeEach(() => {
			Object.assign(house.voltTime.switches, { dateField, bounds });
		});
		const options = orderBy === undefined ? {} : { orderBy };

		test.each([PAGE, 119, 120])('comes whole without dates, by pages of %i', async (pageSize) => {
			const output = await house.run.voltTime(transactions({ options: { ...options, pageSize } }));
			expect(sorted(ids(output))).toEqual(house.voltTime.data.ids(CHARGER));
			if (pageSize < 120) expectOrder(output, dateField, orderBy ?? 'asc');
		});

		test('comes whole between two dates', async () => {
			advanceClock(house.voltTime.data.now - Date.now());
			const moments = records(house).map((transaction) => secondsOf(transaction.started_at));
			for (const [from, to] of [
				[moments[20], moments[100]],
				[moments[10] + 1, moments[11]],
				[moments[50], moments[50]],
				[moments[0] - 86_400, moments[119] + 86_400],
			]) {
				const filters = { dateFrom: utc(from), dateTo: utc(to) };
				const output = await house.run.voltTime(
					transactions({ filters, options: { ...options, pageSize: PAGE } }),
				);
				const expected = within(house, from, to);
				// Those without the date that the API compares cannot come, but are never left out silently.
				const given = expected.filter((transaction) => transaction[dateField] !== null);
				expect(sorted(ids(output))).toEqual(given.map(({ id }) => id));
				expectOrder(output, dateField, orderBy ?? 'asc');
				const hints = given.length < expected.length ? [expect.stringMatching('still run')] : [];
				expect(output.hints.map(({ message }) => message)).toEqual(hints);
			}
		});
	});

	test.each(['asc', 'desc'] as const)('comes whole where the API begins with %s by itself', async (order) => {
		house.voltTime.switches.defaultOrder = order;
		const output = await house.run.voltTime(transactions({ options: { pageSize: PAGE } }));
		expect(sorted(ids(output))).toEqual(house.voltTime.data.ids(CHARGER));
	});

	test('comes whole where sessions lack the date that the API compares, in either order', async () => {
		house.voltTime.switches.dateField = 'stopped_at';
		const ended = house.voltTime.data.ids(CHARGER);
		for (const id of [ended[3], ended[60], ended[110]]) house.voltTime.data.update(id, { stopped_at: null });
		for (const orderBy of ['asc', 'desc']) {
			const output = await house.run.voltTime(transactions({ options: { orderBy, pageSize: PAGE } }));
			expect(sorted(ids(output))).toEqual(ended);
		}
	});

	test('comes whole, each once, while sessions are added, changed and removed', async () => {
		const before = house.voltTime.data.ids(CHARGER);
		const gone: number[] = [];
		house.voltTime.onRequest = (_request, count) => {
			if (count < 3 || count > 30) return;
			house.voltTime.data.add(CHARGER);
			house.voltTime.data.update(before[count * 3], { total_cost: '9.99' });
			if (count % 4 > 0) return;
			gone.push(before[count]);
			house.voltTime.data.remove(before[count]);
		};
		const read = ids(await house.run.voltTime(transactions({ options: { pageSize: PAGE } })));
		expect(new Set(read).size).toBe(read.length);
		expect(read).toEqual(expect.arrayContaining(before.filter((id) => !gone.includes(id))));
	});
});

describe('sessions second by second', () => {
	const house = useSandbox({ records: 0, transactionsPerCharger: 0, firstChargerTransactions: 5 });

	test.each(
		(['inclusive', 'exclusive', 'endExclusive'] as const).flatMap((bounds) =>
			ORDERS.map((orderBy) => ({ bounds, orderBy })),
		),
	)('come whole wherever a window is cut: $bounds, order $orderBy', async ({ bounds, orderBy }) => {
		house.voltTime.switches.bounds = bounds;
		const begin = secondsOf('2026-06-20T10:00:00Z');
		for (let second = 0; second < 40; second++) {
			for (let times = second % 7 === 0 ? 2 : 1; times > 0; times--)
				house.voltTime.data.add(CHARGER, { started_at: utc(begin + second) });
		}
		const options = { pageSize: 6, ...(orderBy && { orderBy }) };
		const all = await house.run.voltTime(transactions({ options }));
		expect(sorted(ids(all))).toEqual(house.voltTime.data.ids(CHARGER));
		expectOrder(all, 'started_at', orderBy ?? 'asc');

		const filters = { dateFrom: utc(begin + 3), dateTo: utc(begin + 33) };
		const part = await house.run.voltTime(transactions({ filters, options }));
		expect(sorted(ids(part))).toEqual(within(house, begin + 3, begin + 33).map(({ id }) => id));
	});
});

describe('the smallest pages', () => {
	const house = useSandbox({ records: 0, transactionsPerCharger: 0, firstChargerTransactions: 8 });

	test.each([1, 2])('of %i transactions are enough to read all of them', async (pageSize) => {
		const output = await house.run.voltTime(transactions({ options: { pageSize } }));
		expect(sorted(ids(output))).toEqual(house.voltTime.data.ids(CHARGER));
	});
});

describe('what windows of dates cannot do', () => {
	const house = useSandbox({ records: 0, transactionsPerCharger: 0, firstChargerTransactions: 30 });

	test('is to divide a second: more in it than an answer can hold is an error that names it', async () => {
		const second = '2026-06-01T10:00:00.000000Z';
		for (let count = 0; count < 10_001; count++)
			house.voltTime.data.add(CHARGER, { started_at: second, stopped_at: second });
		// Small pages, so that only the answer for the second is large.
		const { message } = await failureOf(house.run.voltTime(transactions({ options: { pageSize: 10 } })));
		expect(house.voltTime.requests.some(({ body }) => body.includes('"limit":10000'))).toBe(true);
		expect(message).toMatch(
			/^The API holds more records at 2026-06-01T(09:59:59|10:00:0[01])\.000Z than one response can hold/,
		);
	});

	test('is to work where the server ignores them: an error, when the list is longer than an answer', async () => {
		house.voltTime.switches.ignoresDates = true;
		for (const filters of [{}, { dateFrom: '2026-06-01', dateTo: '2026-06-20' }]) {
			const run = house.run.voltTime(transactions({ filters, options: { pageSize: 10 } }));
			const { message, description } = await failureOf(run);
			expect(message).toMatch('The API ignores the dates');
			expect(description).toMatch('Send Parameters As');
		}
	});

	test.each([true, false])(
		'is made good here for a short list, with a hint (Return All: %s)',
		async (returnAll) => {
			house.voltTime.switches.ignoresDates = true;
			const all = records(house);
			const [from, to] = [all[10], all[19]].map(({ started_at }) => secondsOf(started_at));
			const filters = { dateFrom: utc(from), dateTo: utc(to) };
			const { items, hints } = await house.run.voltTime(transactions({ filters, returnAll }));
			const read = items.map(({ json }) => json.id);
			expect(read).toEqual(expect.arrayContaining(all.slice(10, 20).map(({ id }) => id)));
			expect(read.length).toBeLessThan(14);
			expect(hints).toEqual([expect.objectContaining({ location: 'outputPane' })]);
			expect(hints[0].message).toMatch('Send Parameters As');
		},
	);
});

describe('25,000 transactions of a charger', () => {
	const house = useSandbox({ records: 0, transactionsPerCharger: 0, firstChargerTransactions: 25_000 });

	test.each([
		['without dates', {}, 'asc'],
		['between dates', { dateFrom: '2020-01-01', dateTo: '2026-12-31' }, 'desc'],
	])('come whole, each once, %s (%j, %s)', async (_, filters, orderBy) => {
		const output = await house.run.voltTime(transactions({ filters, options: { orderBy } }));
		expect(sorted(ids(output))).toEqual(house.voltTime.data.ids(CHARGER));
		expect(house.voltTime.requests.length).toBeLessThan(40);
	});
});
