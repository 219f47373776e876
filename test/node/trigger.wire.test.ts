import type { INodeParameters } from 'n8n-workflow';

import type { RecordedRequest } from '../../sandbox';
import { advanceClock, freezeClock } from '../support/clock';
import { failureOf, useSandbox } from '../support/sandbox';
import type { ActiveTrigger } from '../support/trigger';
import { ago, DAY, HOUR, MINUTE, SPIRII, VOLT_TIME, watchedIn } from '../support/watched';

// What is in the lists already is three hours old, so that the newest session is one that a test adds.
const house = useSandbox({ records: 50, transactionsPerCharger: 0, plain: true, now: ago(3 * HOUR) });
const watched = watchedIn(house);
afterEach(() => {
	jest.restoreAllMocks();
});

type Query = Record<string, string>;

/** What Volt Time is sent. */
interface Body {
	date_from: string;
	date_to: string;
	order_by: string;
	limit: number;
}

/** The query strings of the requests since the last call. */
function asked(vendor: 'spirii' | 'voltTime' = 'spirii'): Query[] {
	return house[vendor].requests.splice(0).map(({ query }) => Object.fromEntries(query));
}

// The clock stands at a whole second, since servers tell no more of it in their headers.
beforeEach(() => {
	freezeClock();
	advanceClock(1000 - (Date.now() % 1000));
});

function expectAgo(time: string, milliseconds: number): void {
	expect(time).toBe(ago(milliseconds));
}

const PROBE = [
	{
		filter:
			'{"$and":[{"updatedAt":{"$gte":"2000-01-01T00:00:00.000Z"}},{"endedAt":{"$gte":"2000-01-01T00:00:00.000Z"}}]}',
		limit: '1',
	},
	{
		filter:
			'{"$or":[{"updatedAt":{"$gte":"2100-01-01T00:00:00.000Z"}},{"endedAt":{"$gte":"2100-01-01T00:00:00.000Z"}},{"createdAt":{"$gte":"2100-01-01T00:00:00.000Z"}}]}',
		limit: '1',
	},
	{ filter: '{"endedAt":{"$gte":"2000-01-01T00:00:00.000Z"}}', sortKey: 'endedAt', limit: '1' },
];
const either = (from: string) => ({
	$or: [{ updatedAt: { $gte: from } }, { endedAt: { $gte: from } }, { createdAt: { $gte: from } }],
});

describe('Spirii charge records', () => {
	const { activate, add } = watched['Spirii charge records'];

	test('are asked for with one filter on both times, from the lookback window before the newest one on', async () => {
		const trigger = activate();
		await trigger.poll();
		const [clock, ...others] = asked();
		expect(clock).toEqual({ sortDirection: 'desc', limit: '50' });
		expect(others.slice(0, 3)).toEqual(PROBE);
		const { filter, ...rest } = others[3];
		expect(rest).toEqual({ limit: '1000' });
		const from = (JSON.parse(filter) as ReturnType<typeof either>).$or[0].updatedAt!.$gte;
		expect(JSON.parse(filter)).toEqual(either(from));
		expectAgo(from, HOUR);
		expect(others).toHaveLength(4);

		advanceClock(10 * MINUTE);
		const newest = ago(2000);
		add({ endedAt: ago(MINUTE), updatedAt: newest });
		await trigger.poll();
		asked();
		await trigger.poll();
		const hourBefore = new Date(Date.parse(newest) - HOUR).toISOString();
		expect(asked()).toEqual([{ filter: JSON.stringify(either(hourBefore)), limit: '1000' }]);
	});

	/** The probes of a poll, and how many hours before a moment its list begins. */
	const readBack = async (trigger: ActiveTrigger, moment: string) => {
		house.spirii.requests.length = 0;
		await trigger.poll();
		const queries = asked();
		const { filter } = queries[queries.length - 1];
		const from = (JSON.parse(filter) as ReturnType<typeof either>).$or[0].updatedAt!.$gte;
		return { probe: queries.slice(0, -1), hoursBack: (Date.parse(moment) - Date.parse(from)) / HOUR };
	};

	test('are asked for from the deep lookback window on, and the filter is tried again, within a day each time', async () => {
		const options = { lookbackHours: 2, deepLookbackDays: 5 };
		const trigger = activate({ firstRun: 'days', firstRunDays: 20, options });
		await trigger.poll();
		// Polls come five hours apart, so the fifth one would come too late.
		for (let poll = 1; poll <= 12; poll++) {
			advanceClock(5 * HOUR);
			const newest = ago(2000);
			add({ endedAt: newest, updatedAt: newest });
			expect(await trigger.poll()).toHaveLength(1);
			const isDeep = poll % 4 === 0;
			const last = house.spirii.requests.filter(({ query }) => query.get('limit') === '1');
			expect([poll, last.length]).toEqual([poll, poll === 1 || isDeep ? 3 : 0]);
			expect(await readBack(trigger, newest)).toEqual({ probe: [], hoursBack: 2 });
		}
	});

	test('are asked for from a day before the deep lookback window on in a deep scan, and not from before the first one', async () => {
		const options = { lookbackHours: 2, deepLookbackDays: 5 };
		const fromNow = activate({ options });
		const fromEarlier = activate({ firstRun: 'days', firstRunDays: 20, options });
		for (const trigger of [fromNow, fromEarlier]) await trigger.poll();
		advanceClock(10 * MINUTE);
		const newest = ago(2000);
		add({ endedAt: newest, updatedAt: newest });
		for (const trigger of [fromNow, fromEarlier]) expect(await trigger.poll()).toHaveLength(1);
		advanceClock(DAY - 10 * MINUTE);
		expect(await readBack(fromNow, newest)).toEqual({
			probe: PROBE,
			hoursBack: expect.closeTo(2 + 1 / 6, 2) as number,
		});
		expect(await readBack(fromEarlier, newest)).toEqual({ probe: PROBE, hoursBack: 6 * 24 });
	});

	test("are asked for with the user's conditions and JSON as well, and with every filter on every page", async () => {
		const own = { $and: [{ consumed: { $gte: 0.5 } }, { endedAt: { $ne: null } }] };
		const trigger = activate({
			filters: {
				filterConditions: { conditions: [{ field: 'consumed', operator: '$gte', value: '0.5' }] },
				filterJson: '{ "endedAt": { "$ne": null } }',
				mode: 'cpo',
				includeChildCompanyRecords: true,
				priority: false,
			},
			options: { pageSize: 4 },
		});
		const filters = { mode: 'cpo', includeChildCompanyRecords: '1', priority: '0' };
		await trigger.poll();
		const [clock, ...first] = asked();
		expect(clock).toEqual({ ...filters, filter: JSON.stringify(own), sortDirection: 'desc', limit: '50' });
		expect(first.slice(0, 3)).toEqual(PROBE.map((query) => ({ ...filters, ...query })));

		for (let count = 0; count < 10; count++) add({ kwh: 5 });
		await trigger.poll();
		const pages = asked();
		expect(pages).toHaveLength(3);
		const [{ filter }] = pages;
		expect(JSON.parse(filter)).toEqual({ $and: [own, either(expect.any(String) as string)] });
		pages.forEach(({ nextPageCursor, ...query }, page) => {
			expect([page, query]).toEqual([page, { ...filters, filter, limit: '4' }]);
			expect([page, nextPageCursor === undefined]).toEqual([page, page === 0]);
		});
		expect(new Set(pages.map(({ nextPageCursor }) => nextPageCursor)).size).toBe(3);
	});

	test.each<[INodeParameters, string]>([
		[{ filterJson: '{}' }, '"Filter (JSON)": it is empty and would let every charge record through'],
		[{ filterJson: '={{ { endedAt: { $ne: null } } }}' }, '"Filter (JSON)": endedAt.$ne is null'],
		[{ filterJson: '={{ JSON.stringify({ role: null }) }}' }, '"Filter (JSON)": role is null'],
		[{ filterConditions: {} }, '"Conditions" must hold at least one condition'],
		[
			{ filterConditions: { conditions: [{ field: 'role', operator: '$ne', value: '={{ null }}' }] } },
			'"Conditions": condition 1 (Role) has no value',
		],
	])('are not asked for with a filter that has no value: %j', async (filters, words) => {
		expect((await failureOf(activate({ filters }).poll())).message).toContain(words);
		expect(asked()).toEqual([]);
	});

	test('of running sessions are asked for where the trigger waits for starts', async () => {
		const trigger = activate({ event: 'started' });
		await trigger.poll();
		const [clock, list, ...others] = asked();
		expect(clock).toEqual({ ongoing: '1', sortDirection: 'desc', limit: '50' });
		expect(list).toEqual({ ongoing: '1', limit: '1000', updatedAtFrom: expect.any(String) });
		expectAgo(list.updatedAtFrom, HOUR);
		expect(others).toEqual([]);
	});

	test.each<[string, INodeParameters, boolean, string | undefined]>([
		['all history of completed sessions', { firstRun: 'all' }, false, '2000-01-01T00:00:00.000Z'],
		[
			'all history of changed sessions',
			{ firstRun: 'all', event: 'changed' },
			false,
			'2000-01-01T00:00:00.000Z',
		],
		['the last days of completed sessions', { firstRun: 'days', firstRunDays: 5 }, false, undefined],
		[
			'the last days of changed sessions',
			{ firstRun: 'days', firstRunDays: 5, event: 'changed' },
			true,
			undefined,
		],
		[
			'the last days of corrected sessions',
			{ firstRun: 'days', firstRunDays: 5, event: 'corrected' },
			true,
			undefined,
		],
	])(
		'%s are read by their end first, then by their updates where those matter',
		async (_, how, withUpdates, from) => {
			await activate(how).poll();
			const [ended, ...updated] = asked().slice(4);
			const { endedAt } = JSON.parse(ended.filter) as { endedAt: { $gte: string } };
			if (from) expect(endedAt.$gte).toBe(from);
			else expectAgo(endedAt.$gte, 5 * DAY);
			expect(ended).toEqual({
				filter: JSON.stringify({ endedAt }),
				sortKey: 'endedAt',
				sortDirection: 'asc',
				limit: '1000',
			});
			const updatedOrCreated = { $or: [{ updatedAt: endedAt }, { createdAt: endedAt }] };
			const expected = { filter: JSON.stringify(updatedOrCreated), limit: '1000' };
			expect(updated).toEqual(withUpdates ? [expected] : []);
		},
	);
});

describe('Spirii transactions', () => {
	const { activate, add } = watched['Spirii transactions'];

	test('are asked for by their end, then by their update, and never with sortBy', async () => {
		const trigger = activate();
		await trigger.poll();
		const [clock, ended, updated, ...others] = asked();
		expect(clock).toEqual({ limit: '50' });
		expect(ended).toEqual({ endedAt: expect.any(String), limit: '2500' });
		expect(updated).toEqual({ updatedAt: ended.endedAt, limit: '2500' });
		expectAgo(ended.endedAt, HOUR);
		expect(others).toEqual([]);

		advanceClock(10 * MINUTE);
		const newest = ago(2000);
		add({ endedAt: ago(MINUTE), updatedAt: newest });
		await trigger.poll();
		asked();
		await trigger.poll();
		const from = new Date(Date.parse(newest) - HOUR).toISOString();
		expect(asked()).toEqual([
			{ endedAt: from, limit: '2500' },
			{ updatedAt: from, limit: '2500' },
		]);
	});

	test('are asked for by their update alone where the trigger waits for starts', async () => {
		await activate({ event: 'started' }).poll();
		const [, ...lists] = asked();
		expect(lists).toEqual([{ updatedAt: expect.any(String), limit: '2500' }]);
	});

	test('are asked for by their end alone for all history', async () => {
		for (const event of ['completed', 'changed', 'corrected']) {
			await activate({ event, firstRun: 'all' }).poll();
			const [, ...lists] = asked();
			expect([event, lists]).toEqual([event, [{ endedAt: '2000-01-01T00:00:00.000Z', limit: '2500' }]]);
		}
	});

	test('are asked for with every filter on every page', async () => {
		const filters = { transactionType: 'nonRoaming', priority: false, evseId: 'DK.SPI.ZM9999*1' };
		const trigger = activate({ filters, options: { pageSize: 4 } });
		await trigger.poll();
		asked();
		const evseId = filters.evseId;
		for (let count = 0; count < 10; count++) house.spirii.data.update(add(), { evseId, updatedAt: ago() });
		await trigger.poll();
		const pages = asked();
		expect(pages).toHaveLength(6);
		const sent = { transactionType: 'nonRoaming', priority: '0', evseId, limit: '4' };
		pages.forEach((query, page) => {
			const by = page < 3 ? 'endedAt' : 'updatedAt';
			const { nextPageCursor, [by]: from, ...rest } = query;
			expect([page, rest, typeof from]).toEqual([page, sent, 'string']);
			expect([page, nextPageCursor === undefined]).toEqual([page, page % 3 === 0]);
		});
	});
});

describe.each(SPIRII)('%s', (name) => {
	test('are asked for with the page size of the options', async () => {
		const { activate } = watched[name];
		await activate({ options: { pageSize: 17 } }).poll();
		const sizes = asked().map(({ limit }) => limit);
		// One at a time for tests of the filter, 50 for what the ids tell.
		expect(new Set(sizes.filter((size) => size !== '1'))).toEqual(new Set(['50', '17']));
	});

	test("are read from the earlier of the server's and this machine's clock, since one of them is wrong", async () => {
		const { activate, add, idOf } = watched[name];
		for (const offset of [-5 * HOUR, 3 * DAY]) {
			house.spirii.switches.clockOffsetMs = offset;
			const moment = () => ago(-offset);
			const trigger = activate();
			await trigger.poll();
			const requests = asked();
			const last = requests[requests.length - 1];
			const from = /"\$gte":"([^"]+)"/.exec(last.filter)?.[1] ?? last.updatedAt;
			expectAgo(from, HOUR - Math.min(offset, 0));
			const id = add({ startedAt: moment(), createdAt: moment(), endedAt: moment(), updatedAt: moment() });
			expect((await trigger.poll()).map(idOf)).toEqual([id]);
			expect(await trigger.poll()).toEqual([]);
			house.spirii.data.remove(id);
		}
	});

	test("do not move on to a record's time that is ahead of the server's clock", async () => {
		const { activate, add, idOf } = watched[name];
		const trigger = activate();
		await trigger.poll();
		const future = ago(-30 * DAY);
		const early = add({ endedAt: future, updatedAt: future });
		expect((await trigger.poll()).map(idOf)).toEqual([early]);
		const late = add();
		expect((await trigger.poll()).map(idOf)).toEqual([late]);
		expect(await trigger.poll()).toEqual([]);
	});
});

describe.each(VOLT_TIME)('%s', (name) => {
	const { activate, add, change } = watched[name];
	const charger = () => house.voltTime.data.chargers(1142)[1].id;

	/** The requests for transactions since the last call, by charger. */
	const transactions = () =>
		house.voltTime.requests.splice(0).flatMap((request) => {
			const [, id] = /chargers\/(\d+)\/transactions$/.exec(request.path) ?? [];
			return id ? [{ charger: Number(id), ...(JSON.parse(request.body) as Body) }] : [];
		});
	const time = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`);

	test('are asked for from a day before the lookback window to two years ahead, for each charger', async () => {
		const trigger = activate();
		await trigger.poll();
		house.voltTime.requests.length = 0;
		advanceClock(10 * MINUTE);
		const newest = `${ago(2000).slice(0, 19)}Z`;
		add({ updatedAt: newest, endedAt: newest });
		await trigger.poll();
		transactions();
		await trigger.poll();
		const asked = transactions();
		const chargers = house.voltTime.data.chargers(1142).map(({ id }) => id);
		expect(asked.map((request) => request.charger)).toEqual(
			name === 'Volt Time, one charger' ? [charger()] : chargers,
		);
		for (const { date_to, limit, order_by } of asked) {
			expect({ limit, order_by }).toEqual({ limit: 10_000, order_by: 'asc' });
			expect(time(date_to) - Date.now()).toBe(2 * 365 * DAY);
		}
		const mine = asked.find((request) => request.charger === charger())!;
		expect(time(mine.date_from)).toBe(Date.parse(newest) - HOUR - DAY);
	});

	test('of a session that runs are asked for from its start on, at its charger only, until it ends', async () => {
		const start = `${ago(9 * DAY).slice(0, 19)}Z`;
		const id = add({ startedAt: start, createdAt: start, endedAt: null });
		const trigger = activate();
		await trigger.poll();
		transactions();
		const starts = async () => {
			await trigger.poll();
			return transactions().map(({ charger: at, date_from }) => [at === charger(), time(date_from)]);
		};
		for (const [isMine, from] of await starts()) {
			// The memory knows starts to the hour.
			const expected = isMine ? Date.parse(start) - DAY : Date.now() - HOUR - DAY;
			expect(Math.abs((from as number) - expected)).toBeLessThan(isMine ? HOUR : 2 * HOUR);
			if (isMine) expect(from).toBeLessThanOrEqual(Date.parse(start) - DAY);
		}
		change(id, { endedAt: ago() });
		expect(await trigger.poll()).toHaveLength(1);
		transactions();
		for (const [, from] of await starts()) expect(from).toBeGreaterThan(Date.now() - 2 * DAY);
	});

	test('are asked for the running ones, newest first, at the first poll and within a day each time', async () => {
		const trigger = activate();
		const running = async () => {
			await trigger.poll();
			const asked = transactions();
			const newestFirst = asked.filter((request) => request.order_by === 'desc' && request.limit > 1);
			for (const request of newestFirst) {
				expect(request).toEqual({ charger: request.charger, limit: 100, order_by: 'desc' });
			}
			return newestFirst.length;
		};
		const chargers = name === 'Volt Time, one charger' ? 1 : 4;
		expect(await running()).toBe(chargers);
		expect(await running()).toBe(0);
		// Polls come five hours apart, so the fifth one would come too late.
		for (let poll = 1; poll <= 8; poll++) {
			advanceClock(5 * HOUR);
			expect([poll, await running()]).toEqual([poll, poll % 4 === 0 ? chargers : 0]);
		}
	});

	test.each<[string, (request: RecordedRequest) => boolean[]]>([
		['both', ({ query, body }) => [query.has('limit'), body !== '']],
		['query', ({ query, body }) => [query.has('limit'), body === '']],
		['body', ({ query, body }) => [!query.has('limit'), body !== '']],
	])('are asked for by %s as the options say', async (sendParametersAs, holds) => {
		await activate({ options: { sendParametersAs } }).poll();
		const requests = house.voltTime.requests.filter(({ path }) => path.endsWith('/transactions'));
		expect(requests.length).toBeGreaterThan(1);
		for (const request of requests) {
			expect([request.rawQuery, request.body, holds(request)]).toEqual([
				request.rawQuery,
				request.body,
				[true, true],
			]);
			if (sendParametersAs !== 'both') continue;
			const body = JSON.parse(request.body) as Body;
			const query = Object.fromEntries(request.query);
			expect(query).toEqual(
				Object.fromEntries(Object.entries(body).map(([key, value]) => [key, String(value)])),
			);
		}
	});
});

test('Volt Time, all chargers: the list of chargers is read once a poll', async () => {
	const trigger = watched['Volt Time, all chargers'].activate();
	for (let poll = 0; poll < 3; poll++) {
		await trigger.poll();
		const lists = house.voltTime.requests.splice(0).filter(({ path }) => path.endsWith('/chargers'));
		expect(lists).toHaveLength(1);
	}
});
