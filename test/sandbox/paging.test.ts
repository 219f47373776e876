import fc from 'fast-check';
import { startSandbox, type Sandbox } from '../../sandbox';
import { call, walk, type Json, type Row } from './client';

const LISTS = [
	{ path: '/v2/charge-records', id: 'transactionId', list: 'chargeRecords' },
	{ path: '/v2/transactions', id: 'id', list: 'transactions' },
] as const;

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ records: 400 });
});
afterAll(() => sandbox.close());
afterEach(() => sandbox.spirii.reset());

const ids = (pages: Row[][], key: 'id' | 'transactionId'): number[] =>
	pages.flat().map((record) => record[key]);
const sorted = (numbers: number[]): number[] => [...numbers].sort((a, b) => a - b);

describe.each(LISTS)('the cursors of $path', ({ path, id, list }) => {
	it('give every record once, forwards and backwards, at any page size', async () => {
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 1, max: 150 }), async (limit) => {
				const forwards = await walk(sandbox.spirii, path, { limit });
				expect(sorted(ids(forwards, id))).toEqual(sandbox.spirii.data.listed(list));
				for (const page of forwards.slice(0, -1)) expect(page).toHaveLength(limit);

				const last = await lastPage(path, limit);
				const backwards = await walk(
					sandbox.spirii,
					path,
					{ limit },
					'previousPageCursor',
					last.previousPageCursor,
				);
				const read = [...[...backwards].reverse(), last.data] as Row[][];
				expect(ids(read, id)).toEqual(ids(forwards, id));
			}),
			{ numRuns: 6 },
		);
	});

	it('need nothing that the server keeps: they go on by position, under other filters too', async () => {
		const { json } = await call(sandbox.spirii, path, { query: { limit: 50 } });
		const cursor = json.nextPageCursor;
		const mine = list === 'chargeRecords' ? { mode: 'emp' } : { transactionType: 'nonRoaming' };
		const all = ids(await walk(sandbox.spirii, path, { limit: 500, ...mine }), id);
		const rest = ids(await walk(sandbox.spirii, path, { limit: 7, ...mine }, 'nextPageCursor', cursor), id);
		expect(rest.length).toBeGreaterThan(0);
		expect(all.slice(-rest.length)).toEqual(rest);
	});

	it('lead nowhere at both ends of the list', async () => {
		const { json } = await call(sandbox.spirii, path, { query: { limit: 400 } });
		expect(json).not.toHaveProperty('nextPageCursor');
		expect(json).not.toHaveProperty('previousPageCursor');
		const first = await call(sandbox.spirii, path, { query: { limit: 3 } });
		expect(first.json).not.toHaveProperty('previousPageCursor');
	});

	it('are refused when they are no cursors', async () => {
		const { status, json } = await call(sandbox.spirii, path, { query: { nextPageCursor: 'page2' } });
		expect([status, json.error.param]).toEqual([400, 'nextPageCursor']);
	});
});

async function lastPage(path: string, limit: number): Promise<Json> {
	let { json } = await call(sandbox.spirii, path, { query: { limit } });
	while (json.nextPageCursor) {
		json = (await call(sandbox.spirii, path, { query: { limit, nextPageCursor: json.nextPageCursor } })).json;
	}
	return json;
}

describe('the order of v2 charge records', () => {
	const times = async (query: Record<string, unknown>, key: string): Promise<string[]> =>
		(await walk(sandbox.spirii, '/v2/charge-records', { limit: 90, ...query }))
			.flat()
			.map((record) => String(record[key]));

	it('is by updatedAt, oldest first, unless another one is asked for', async () => {
		const updated = await times({}, 'updatedAt');
		expect(updated).toEqual([...updated].sort());
		expect(await times({ sortDirection: 'desc' }, 'updatedAt')).toEqual([...updated].reverse());
		const started = await times({ sortKey: 'startedAt' }, 'startedAt');
		expect(started).toEqual([...started].sort());
		expect(started).not.toEqual(await times({}, 'startedAt'));
	});

	it('shows the transaction cursor in the documented form', async () => {
		const { json } = await call(sandbox.spirii, '/v2/transactions', { query: { limit: 1 } });
		expect(json.nextPageCursor).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z-\d+$/);
	});
});

describe('the order of v2 transactions', () => {
	const created = (ids: number[]) => ids.map((id) => sandbox.spirii.data.get(id)?.createdAt ?? 0);
	const read = async (query: Record<string, unknown>) =>
		(await walk(sandbox.spirii, '/v2/transactions', { limit: 90, ...query })).flat();
	const from = '2026-01-01T00:00:00.000Z';

	it('is by creation, newest first', async () => {
		const times = created((await read({})).map(({ id }) => id));
		expect(times).toEqual([...times].sort((a, b) => b - a));
	});

	it.each(['startedAt', 'updatedAt', 'endedAt'])(
		'with a filter on %s is by that time, oldest first',
		async (name) => {
			const values = (await read({ [name]: from })).map((record) => String(record[name]));
			expect(values.length).toBeGreaterThan(20);
			expect(values).toEqual([...values].sort());
			expect(values[0] >= from).toBe(true);
		},
	);

	it.each(['updatedAt', 'endedAt'])(
		'with an upper bound on %s is by that time, oldest first',
		async (name) => {
			const values = (await read({ [`${name}Max`]: '2026-06-01T00:00:00.000Z' })).map(
				(record) => record[name],
			);
			expect(values.length).toBeGreaterThan(20);
			expect(values).toEqual([...values].sort());
		},
	);

	it('with sortBy is newest first, filter or not', async () => {
		for (const query of [{}, { startedAt: from }]) {
			const values = (await read({ ...query, sortBy: 'startedAt' })).map((record) => record.startedAt);
			expect(values).toEqual([...values].sort().reverse());
		}
	});

	it('counts sessions without an end as the newest ends, and pages over them', async () => {
		const all = (await walk(sandbox.spirii, '/v2/transactions', { sortBy: 'endedAt', limit: 1 })).flat();
		expect(sorted(all.map(({ id }) => id))).toEqual(sandbox.spirii.data.listed('transactions'));
		expect(all[0].endedAt ?? null).toBeNull();
	});
});

describe('v1 charge records', () => {
	const read = async (query: Record<string, unknown>) =>
		(await call(sandbox.spirii, '/v1/charge-records', { query })).json;

	it('come by offset, 250 at a time unless asked otherwise, in order of their ids', async () => {
		const total = sandbox.spirii.data.listed('legacyChargeRecords').length;
		const [first, second] = [await read({}), await read({ offset: 250 })];
		expect(first).toMatchObject({ offset: 0, limit: 250, totalElements: total });
		expect(second).toMatchObject({ offset: 250, limit: 250, totalElements: total });
		const all = [...first.data, ...second.data].map(({ id }) => id);
		expect(all).toEqual(sandbox.spirii.data.listed('legacyChargeRecords'));
		expect(await read({ offset: 5000 })).toMatchObject({ data: [], totalElements: total });
	});

	it.each(['id', 'startedAt', 'updatedAt', 'endedAt'])('can be sorted by %s, both ways', async (sortBy) => {
		const [up, down] = [
			await read({ sortBy, limit: 2000 }),
			await read({ sortBy, sortDir: 'DESC', limit: 2000 }),
		];
		const values = up.data.map((record) => record[sortBy] as string | number);
		expect(values).toEqual([...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
		expect(down.data).toEqual([...up.data].reverse());
	});
});

describe('data that changes while it is paged', () => {
	it('moves an updated record to the end of the default order', async () => {
		const { spirii } = sandbox;
		const [moved] = spirii.data.listed('chargeRecords');
		spirii.onRequest = (_request, count) => {
			if (count === 2) spirii.data.update(moved, { consumed: 1.23 });
		};
		const pages = await walk(spirii, '/v2/charge-records', { limit: 100 });
		const last = pages[pages.length - 1].slice(-1)[0];
		expect(last).toMatchObject({ transactionId: moved, consumed: 1.23 });
		expect(ids(pages, 'transactionId').filter((id) => id === moved)).toHaveLength(2);
	});

	it('shifts rows under an offset, and the total follows', async () => {
		const { spirii } = sandbox;
		const before = spirii.data.listed('legacyChargeRecords');
		const unchanged = await call(spirii, '/v1/charge-records', { query: { limit: 2000 } });
		expect(unchanged.json.data.map(({ id }) => id)).toEqual(before);
		spirii.data.remove(before[0]);
		const added = spirii.data.add({ consumed: 12.5, endedAt: '2026-06-30T11:00:00.000Z' });
		const { json } = await call(spirii, '/v1/charge-records', { query: { limit: 2000 } });
		const after = json.data.map(({ id }) => id);
		expect(after).toEqual([...before.slice(1), added.id]);
		expect(json.totalElements).toBe(before.length);
		expect((await call(spirii, `/v1/charge-records/${before[0]}`)).status).toBe(404);
		expect((await call(spirii, `/v2/transactions/${added.id}`)).json.chargingDetails.consumed).toBe(12.5);
	});

	it('can end a session that was running', async () => {
		const { spirii } = sandbox;
		const running = spirii.data.ids().find((id) => spirii.data.get(id)?.endedAt === null) as number;
		expect((await call(spirii, `/v1/charge-records/${running}`)).status).toBe(404);
		spirii.data.update(running, { endedAt: '2026-06-30T12:00:00.000Z' });
		expect((await call(spirii, `/v1/charge-records/${running}`)).json.endedAt).toBe(
			'2026-06-30T12:00:00.000Z',
		);
	});

	it('works for Volt Time as well, and a reset undoes it', async () => {
		const { voltTime } = sandbox;
		const [team] = voltTime.data.teams;
		const [charger] = voltTime.data.chargers(team.id);
		const path = `/api/v2/teams/${team.id}/chargers/${charger.id}/transactions`;
		const before = (await call(voltTime, path)).json;
		const [first, second] = voltTime.data.ids(charger.id);
		voltTime.data.remove(first);
		voltTime.data.update(second, { id_tag: 'CHANGED1' });
		const added = voltTime.data.add(charger.id, { started_at: '2020-01-01T00:00:00.000000Z' });
		const { data } = (await call(voltTime, path)).json;
		expect(data[0]).toEqual(added);
		expect(data[1]).toMatchObject({ id: second, id_tag: 'CHANGED1' });
		expect(data).toHaveLength(before.data.length);
		voltTime.reset();
		expect((await call(voltTime, path)).json).toEqual(before);
	});
});
