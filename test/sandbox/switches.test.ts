import { startSandbox, type Sandbox, type SpiriiSwitches, type VoltTimeSwitches } from '../../sandbox';
import { advanceClock, freezeClock } from '../support/clock';
import { call, walk, type Json } from './client';

let sandbox: Sandbox;
let path: string;
let chargerId: number;
beforeAll(async () => {
	sandbox = await startSandbox({ records: 120, transactionsPerCharger: 30 });
	const [team] = sandbox.voltTime.data.teams;
	chargerId = sandbox.voltTime.data.chargers(team.id)[0].id;
	path = `/api/v2/teams/${team.id}/chargers/${chargerId}/transactions`;
});
afterAll(() => sandbox.close());
afterEach(() => {
	sandbox.spirii.reset();
	sandbox.voltTime.reset();
});

/** Answers of an endpoint with a switch in one position after the other. */
async function inEach<K extends keyof SpiriiSwitches>(
	name: K,
	positions: Array<SpiriiSwitches[K]>,
	ask: () => Promise<Json>,
): Promise<Json[]> {
	const answers: Json[] = [];
	for (const position of positions) {
		sandbox.spirii.switches[name] = position;
		answers.push(await ask());
	}
	return answers;
}

const spirii = async (to: string, query: Record<string, unknown> | string = {}): Promise<Json> =>
	(await call(sandbox.spirii, to, { query })).json;

describe("Spirii's switches", () => {
	it('endOfList: what stands where no cursor leads on', async () => {
		const ask = () => spirii('/v2/transactions', { limit: 500 });
		const [missing, ...others] = await inEach(
			'endOfList',
			['missing', 'null', 'empty', 'nullText', 'undefinedText'],
			ask,
		);
		expect(missing).not.toHaveProperty('nextPageCursor');
		expect(others.map(({ nextPageCursor }) => nextPageCursor)).toEqual([null, '', 'null', 'undefined']);
		expect(others.map(({ previousPageCursor }) => previousPageCursor)).toEqual([
			null,
			'',
			'null',
			'undefined',
		]);
	});

	it('badKeyStatus: 403 or 401', async () => {
		for (const status of [403, 401] as const) {
			sandbox.spirii.switches.badKeyStatus = status;
			const answer = await call(sandbox.spirii, '/v2/transactions', {
				headers: { authorization: 'Bearer no' },
			});
			expect(answer.status).toBe(status);
		}
	});

	it('updatedAt: every write, or the start and later corrections', async () => {
		const ask = () => spirii('/v1/charge-records', { limit: 2000 });
		const [lastWrite, startedAt] = await inEach('updatedAt', ['lastWrite', 'startedAt'], ask);
		expect(lastWrite.data.every((row) => row.updatedAt >= String(row.endedAt))).toBe(true);
		const kept = startedAt.data.filter((row) => row.updatedAt === row.startedAt);
		expect(kept.length).toBeGreaterThan(startedAt.data.length * 0.8);
		const moved = startedAt.data.filter((row) => row.updatedAt !== row.startedAt);
		expect(moved.length).toBeGreaterThan(0);
		const found = await spirii('/v2/transactions', { updatedAt: moved[0].startedAt, limit: 2500 });
		const times = found.data.map((row) => row.updatedAt);
		expect(times).toEqual([...times].sort());
	});

	it('decimalComma: always, or as asked for', async () => {
		const ask = async () => {
			const rows = await Promise.all(
				['.', ','].map((decimalSeparator) => spirii('/v1/charge-records', { decimalSeparator })),
			);
			return rows.map(({ data }) => String(data[0].price.amount).replace(/\d/g, '')) as unknown as Json;
		};
		expect(await inEach('decimalComma', ['always', 'asAsked'], ask)).toEqual([
			[',', ','],
			['.', ','],
		]);
	});

	it('arrays: how fields is read', async () => {
		const forms = ['fields=evseId&fields=price', 'fields[]=evseId&fields[]=price', 'fields=evseId,price'];
		const positions = ['repeat', 'brackets', 'comma'] as const;
		for (const [index, position] of positions.entries()) {
			sandbox.spirii.switches.arrays = position;
			for (const [other, query] of forms.entries()) {
				const { data } = await spirii('/v2/charge-records', query);
				expect([position, query, data && Object.keys(data[0])]).toEqual([
					position,
					query,
					// Repeating works under "comma" as well: each one is a list of one.
					index === other || (position === 'comma' && other === 0) ? ['evseId', 'price'] : undefined,
				]);
			}
		}
	});

	it('maxPageSize: a short page that is not the end', async () => {
		sandbox.spirii.switches.maxPageSize = 7;
		const pages = await walk(sandbox.spirii, '/v2/charge-records', { limit: 50 });
		expect(pages[0]).toHaveLength(7);
		expect(pages.flat()).toHaveLength(sandbox.spirii.data.listed('chargeRecords').length);
	});

	it('defaultPageSize: without a limit', async () => {
		const ask = () => spirii('/v2/charge-records');
		const sizes = (await inEach('defaultPageSize', [10, 25], ask)).map(({ data }) => data.length);
		expect(sizes).toEqual([10, 25]);
	});

	it('withoutPriority: all, or no priority records', async () => {
		sandbox.spirii.data.update(sandbox.spirii.data.listed('chargeRecords')[0], { isPriority: true });
		const ask = () => spirii('/v2/charge-records', { limit: 200 });
		const [all, some] = await inEach('withoutPriority', ['all', 'nonPriority'], ask);
		expect(all.data.some(({ isPriority }) => isPriority)).toBe(true);
		expect(some.data.some(({ isPriority }) => isPriority)).toBe(false);
		expect(some).toEqual(await spirii('/v2/charge-records', { limit: 200, priority: 0 }));
	});

	it('maxBounds: up to and including, or before', async () => {
		const at = (await spirii('/v1/charge-records', { limit: 1 })).data[0].endedAt;
		for (const to of ['/v1/charge-records', '/v2/transactions']) {
			const ask = () => spirii(to, { endedAtMax: at });
			const [inclusive, exclusive] = await inEach('maxBounds', ['inclusive', 'exclusive'], ask);
			expect(inclusive.data.some(({ endedAt }) => endedAt === at)).toBe(true);
			expect(exclusive.data.some(({ endedAt }) => endedAt === at)).toBe(false);
		}
	});

	describe('filterDates: what becomes of a filter', () => {
		const PATH = '/v2/charge-records';
		const find = async (filter: unknown) => {
			const query = { filter: JSON.stringify(filter), limit: 200 };
			return (await spirii(PATH, query)).data?.length;
		};
		const middle = async () => {
			const { data } = await spirii(PATH, { limit: 200 });
			return { all: data.length, at: data[Math.floor(data.length / 2)].updatedAt };
		};
		const LATER = '2100-01-01T00:00:00.000Z';

		it('refused: 400 for any', async () => {
			sandbox.spirii.switches.filterDates = 'refused';
			for (const filter of ['{}', '{"consumed":{"$gt":0}}']) {
				const { status, json } = await call(sandbox.spirii, PATH, { query: { filter } });
				expect([status, json.error.param]).toEqual([400, 'filter']);
			}
			expect((await call(sandbox.spirii, PATH)).status).toBe(200);
		});

		it('ignored: it is checked, and every record passes', async () => {
			const { all } = await middle();
			sandbox.spirii.switches.filterDates = 'ignored';
			expect(await find({ endedAt: { $gte: LATER } })).toBe(all);
			expect(await find({ consumed: { $lt: 0 } })).toBe(all);
			expect(await find({ consumed: { $near: 0 } })).toBeUndefined();
		});

		it.each(['startedAt', 'endedAt', 'createdAt', 'updatedAt'])(
			'neverMatch: %s is no text, so no text equals it, comes before it or after it',
			async (field) => {
				const { all, at } = await middle();
				sandbox.spirii.switches.filterDates = 'neverMatch';
				for (const operator of ['$eq', '$gt', '$gte', '$lt', '$lte']) {
					expect([operator, await find({ [field]: { [operator]: at } })]).toEqual([operator, 0]);
				}
				expect(await find({ [field]: at })).toBe(0);
				expect(await find({ [field]: { $in: [at] } })).toBe(0);
				expect(await find({ [field]: { $ne: at } })).toBe(all);
				expect(await find({ [field]: { $nin: [at] } })).toBe(all);
				expect(await find({ [field]: { $exists: true } })).toBe(all);
				expect(await find({ $or: [{ [field]: { $gte: at } }, { consumed: { $gte: 0 } }] })).toBe(all);
				expect(await find({ [field]: { $gte: 'yesterday' } })).toBeUndefined();
			},
		);
	});

	it('sortKeys: all of them, updatedAt alone, or updatedAt whatever is asked for', async () => {
		const ask = () => spirii('/v2/charge-records', { sortKey: 'endedAt', limit: 200 });
		const byUpdate = await spirii('/v2/charge-records', { limit: 200 });
		const [all, refused, ignored] = await inEach('sortKeys', ['all', 'onlyUpdatedAt', 'ignored'], ask);
		const ends = all.data.map(({ endedAt }) => endedAt);
		expect(ends).toEqual([...ends].sort());
		expect(all.data).not.toEqual(byUpdate.data);
		expect(refused.error.param).toBe('sortKey');
		expect(ignored.data).toEqual(byUpdate.data);
		sandbox.spirii.switches.sortKeys = 'onlyUpdatedAt';
		expect((await spirii('/v2/charge-records', { sortKey: 'updatedAt', limit: 200 })).data).toEqual(
			byUpdate.data,
		);
	});

	it.each(['/v2/charge-records', '/v2/transactions'])('cursorsExpire: none is taken, at %s', async (to) => {
		const { nextPageCursor } = await spirii(to, { limit: 10 });
		const ask = () => call(sandbox.spirii, to, { query: { limit: 10, nextPageCursor } });
		expect((await ask()).status).toBe(200);
		sandbox.spirii.switches.cursorsExpire = true;
		const { status, json } = await ask();
		expect([status, json.error.param]).toEqual([400, 'nextPageCursor']);
		expect((await call(sandbox.spirii, to, { query: { limit: 10 } })).status).toBe(200);
	});
});

describe('clockOffsetMs', () => {
	const HOUR = 3_600_000;
	const clockOf = async (name: 'spirii' | 'voltTime') => {
		const to = name === 'spirii' ? '/v2/transactions' : '/api/v2/user';
		const { headers } = await call<unknown, unknown>(sandbox[name], to);
		const ahead = Date.parse(String(headers.date)) - Date.now();
		return { ahead, reset: Number(headers['x-ratelimit-reset']) * 1000 - Date.now() };
	};
	afterEach(() => {
		jest.restoreAllMocks();
	});

	it.each(['spirii', 'voltTime'] as const)('of %s moves what its headers say of time', async (name) => {
		freezeClock();
		// The headers have whole seconds.
		advanceClock(1000 - (Date.now() % 1000));
		for (const offset of [0, HOUR, -24 * HOUR]) {
			sandbox[name].switches.clockOffsetMs = offset;
			expect(await clockOf(name)).toEqual({ ahead: offset, reset: offset + 60_000 });
		}
		sandbox[name].faults.push({ kind: 'status', status: 503 });
		expect(await clockOf(name)).toEqual({ ahead: -24 * HOUR, reset: NaN });
	});
});

describe("Volt Time's switches", () => {
	const ask = async (given: { query?: Record<string, unknown>; body?: object } = {}) => {
		const body = given.body && JSON.stringify(given.body);
		return (await call(sandbox.voltTime, path, { query: given.query, body })).json.data;
	};
	const set = (switches: Partial<VoltTimeSwitches>) => Object.assign(sandbox.voltTime.switches, switches);
	const seconds = (time: unknown) => String(time).slice(0, 19).replace('T', ' ');

	it('readsFrom: both (the body wins), the body alone, or the query string alone', async () => {
		const given = { query: { limit: 2 }, body: { limit: 3 } };
		expect(await ask(given)).toHaveLength(3);
		set({ readsFrom: 'query' });
		expect(await ask(given)).toHaveLength(2);
		expect(await ask({ body: { limit: 3 } })).toHaveLength(30);
		set({ readsFrom: 'body' });
		expect(await ask(given)).toHaveLength(3);
		expect(await ask({ query: { limit: 'nonsense' } })).toHaveLength(30);
	});

	it('reads a body only when it is labelled as JSON', async () => {
		const { json } = await call(sandbox.voltTime, path, {
			body: '{"limit":3}',
			headers: { 'content-type': 'text/plain' },
		});
		expect(json.data).toHaveLength(30);
	});

	it('dateField: which time the dates are about and the order follows', async () => {
		for (const dateField of ['started_at', 'stopped_at', 'created_at'] as const) {
			set({ dateField });
			const all = await ask();
			const ended = all.map((row) => row[dateField]).filter((time) => time !== null);
			expect(ended).toEqual([...ended].sort());
			const [from, to] = [ended[3], ended[8]];
			const found = await ask({ query: { date_from: seconds(from), date_to: seconds(to) } });
			const expected = all.filter(
				(row) =>
					row[dateField] !== null &&
					String(row[dateField]) >= String(from) &&
					String(row[dateField]) <= String(to),
			);
			expect(found).toEqual(expected);
		}
	});

	it('bounds: both ends, none of them, or only the first belong to the window', async () => {
		const all = await ask();
		const window = { date_from: seconds(all[2].started_at), date_to: seconds(all[5].started_at) };
		const found = async (bounds: VoltTimeSwitches['bounds']) => {
			set({ bounds });
			return (await ask({ query: window })).map((row) => row.id);
		};
		const inside = (from: unknown, to: unknown, withFrom: boolean, withTo: boolean) =>
			all
				.filter(
					({ started_at: at }) =>
						(String(at) > String(from) || (withFrom && at === from)) &&
						(String(at) < String(to) || (withTo && at === to)),
				)
				.map((row) => row.id);
		const [from, to] = [all[2].started_at, all[5].started_at];
		expect(await found('inclusive')).toEqual(inside(from, to, true, true));
		expect(await found('exclusive')).toEqual(inside(from, to, false, false));
		expect(await found('endExclusive')).toEqual(inside(from, to, true, false));
	});

	it('defaultLimit and defaultOrder: what counts when nothing is asked for', async () => {
		const all = await ask();
		set({ defaultLimit: 4, defaultOrder: 'desc' });
		expect(await ask()).toEqual([...all].reverse().slice(0, 4));
		expect(await ask({ query: { limit: 100, order_by: 'asc' } })).toEqual(all);
	});

	it('ignoresDates: they are checked and forgotten', async () => {
		set({ ignoresDates: true });
		const window = { date_from: '2020-01-01 00:00:00', date_to: '2020-01-02 00:00:00' };
		expect(await ask({ query: window })).toHaveLength(30);
		const { status } = await call(sandbox.voltTime, path, { query: { ...window, date_to: 'never' } });
		expect(status).toBe(422);
	});

	it('pagedLists: teams and chargers come 25 a page, in either form', async () => {
		const chargers = sandbox.voltTime.data.chargers(1107);
		const list = '/api/v2/teams/1107/chargers';
		expect((await call(sandbox.voltTime, list)).json.data).toEqual(chargers);

		set({ pagedLists: true });
		const first = (await call(sandbox.voltTime, list)).json;
		expect(first.data).toEqual(chargers.slice(0, 25));
		expect(first).toMatchObject({
			links: { prev: null, last: null, next: `${sandbox.voltTime.url}${list}?page=2` },
			meta: { current_page: 1, from: 1, to: 25, per_page: 25 },
		});
		const second = (await call(sandbox.voltTime, list, { query: { page: 2 } })).json;
		expect(second.data).toEqual(chargers.slice(25));
		expect(second).toMatchObject({ links: { next: null, prev: `${sandbox.voltTime.url}${list}?page=1` } });

		set({ pagedLists: 'flat' });
		const flat = (await call(sandbox.voltTime, list)).json;
		expect(flat).toMatchObject({
			next_page_url: `${sandbox.voltTime.url}${list}?page=2`,
			prev_page_url: null,
			to: 25,
		});
		expect(flat).not.toHaveProperty('links');
		expect((await call(sandbox.voltTime, list, { query: { page: 'two' } })).status).toBe(422);
	});
});

describe('the rate limit', () => {
	it.each(['spirii', 'voltTime'] as const)(
		'of %s is in the headers of every answer, and nobody is refused',
		async (name) => {
			const to = name === 'spirii' ? '/v2/transactions' : '/api/v2/user';
			for (let count = 0; count < 3; count++) {
				const { status, headers } = await call<unknown, unknown>(sandbox[name], to);
				expect(status).toBe(200);
				expect(Number(headers['x-ratelimit-limit'])).toBe(name === 'spirii' ? 120 : 500);
				expect(Number(headers['x-ratelimit-remaining'])).toBeGreaterThan(0);
				expect(Number(headers['x-ratelimit-reset']) * 1000).toBeGreaterThan(Date.now());
			}
		},
	);

	it('says what is left or not', async () => {
		sandbox.spirii.switches.rateHeaders = false;
		const { headers } = await call<unknown, unknown>(sandbox.spirii, '/v2/transactions');
		expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
	});

	it('refuses what is over it, says how long to wait, and lets go after that', async () => {
		freezeClock();
		Object.assign(sandbox.voltTime.switches, { rateLimit: 2, rateWindowMs: 1000 });
		const ask = () => call(sandbox.voltTime, '/api/v2/user');
		const answers = [await ask(), await ask(), await ask()];
		expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
		expect(answers.map(({ headers }) => headers['x-ratelimit-remaining'])).toEqual(['1', '0', '0']);
		expect(answers[2].headers['retry-after']).toBe('1');
		expect(answers[2].json).toEqual({ message: 'Too Many Attempts.' });
		advanceClock(999);
		expect((await ask()).status).toBe(429);
		advanceClock(1);
		expect((await ask()).status).toBe(200);
		jest.restoreAllMocks();
	});
});

describe('a reset', () => {
	it('puts requests, faults, switches, data and the callback back to the start', async () => {
		const { spirii: vendor } = sandbox;
		const before = await spirii('/v2/transactions');
		const { requests, switches, faults } = vendor;
		vendor.switches.endOfList = 'null';
		vendor.faults.push({ kind: 'status', status: 500, times: 9 });
		vendor.onRequest = () => {
			vendor.data.add();
		};
		await spirii('/v2/transactions');
		vendor.reset();
		expect([requests.length, faults.length, switches.endOfList]).toEqual([0, 0, 'missing']);
		expect(await spirii('/v2/transactions')).toEqual(before);
		expect([vendor.requests, vendor.switches, vendor.faults]).toEqual([requests, switches, faults]);
	});
});
