import * as fc from 'fast-check';

import { ApiError } from '../../../nodes/shared/util/errors';
import { offsetPages, type OffsetPage } from '../../../nodes/shared/paging/offset';

interface Row {
	id: number;
	version: number;
}

type Walk = Parameters<typeof offsetPages<Row>>[1];

const rowsUpTo = (count: number): Row[] => Array.from({ length: count }, (_, id) => ({ id, version: 0 }));
const idsUpTo = (count: number) => Array.from({ length: count }, (_, id) => id);

/** A list that changes between requests; `change` gets the number of the request that comes next, from 1. */
function server(
	rows: Row[],
	{
		cap = Infinity,
		withTotal = true,
		change = (() => undefined) as (request: number, rows: Row[]) => void,
		/** Turns of the event loop that the answers take, again and again: several at once overtake each other. */
		turns = [0],
	} = {},
) {
	const requests: Array<[offset: number, pageSize: number]> = [];
	let asked = 0;
	const getPage = async (offset: number, pageSize: number): Promise<OffsetPage<Row>> => {
		for (let turn = turns[asked++ % turns.length]; turn > 0; turn--)
			await new Promise((resolve) => setImmediate(resolve));
		change(requests.push([offset, pageSize]), rows);
		if (requests.length > 5000) throw new Error('endless');
		const records = rows.slice(offset, offset + Math.min(pageSize, cap)).map((row) => ({ ...row }));
		return { records, total: withTotal ? rows.length : undefined };
	};
	return { getPage, requests, rows };
}

async function gather(getPage: Parameters<typeof offsetPages<Row>>[0], walk: Partial<Walk> = {}) {
	const ids: number[] = [];
	const all = {
		idOf: ({ id }: Row) => id,
		start: 0,
		limit: Infinity,
		pageSize: 100,
		concurrency: 1,
		unstableListAdvice: 'Sort it.',
		...walk,
	};
	for await (const page of offsetPages(getPage, all)) {
		for (const { id } of page) ids.push(id);
	}
	return ids;
}

describe.each([true, false])('a list at rest (total given: %s)', (withTotal) => {
	it.each([0, 1, 99, 100, 101, 199, 200, 25_000])(
		'is given whole and in order with %i records',
		async (count) => {
			const { getPage } = server(rowsUpTo(count), { withTotal });
			expect(await gather(getPage)).toEqual(idsUpTo(count));
		},
	);

	it('is given whole when the server gives less than it was asked for', async () => {
		const { getPage } = server(rowsUpTo(250), { withTotal, cap: 30 });
		expect(await gather(getPage)).toEqual(idsUpTo(250));
	});

	it('is given whole one by one', async () => {
		const { getPage } = server(rowsUpTo(20), { withTotal });
		expect(await gather(getPage, { pageSize: 1 })).toEqual(idsUpTo(20));
	});

	it('is given from the start offset on', async () => {
		const { getPage, requests } = server(rowsUpTo(250), { withTotal });
		expect(await gather(getPage, { start: 95 })).toEqual(idsUpTo(250).slice(95));
		expect(requests[0]).toEqual([95, 100]);
		expect(await gather(getPage, { start: 1000 })).toEqual([]);
	});
});

it('a list longer than what is kept for comparison is complete although much leaves it', async () => {
	const { getPage } = server(rowsUpTo(60_000), {
		change: (request, rows) => {
			if (request === 51) rows.splice(10_000, 8_000);
		},
	});
	const ids = await gather(getPage, { pageSize: 1000 });
	expect(ids.sort((one, other) => one - other)).toEqual(idsUpTo(60_000));
});

it('one exact page costs one request where a total is given', async () => {
	const { getPage, requests } = server(rowsUpTo(100));
	await gather(getPage);
	expect(requests).toEqual([[0, 100]]);
});

it('each page but the first begins with the last record already read', async () => {
	const { getPage, requests } = server(rowsUpTo(250));
	await gather(getPage);
	expect(requests).toEqual([
		[0, 100],
		[99, 100],
		[198, 100],
	]);
});

describe('several pages at once', () => {
	it.each([2, 4, 8])('are never more than %i, and as many while enough is left', async (concurrency) => {
		let underWay = 0;
		let most = 0;
		const { getPage, requests } = server(rowsUpTo(2000), { turns: [3] });
		const counted = async (offset: number, pageSize: number) => {
			most = Math.max(most, ++underWay);
			const page = await getPage(offset, pageSize);
			underWay--;
			return page;
		};
		expect(await gather(counted, { concurrency })).toEqual(idsUpTo(2000));
		expect(most).toBe(concurrency);
		// As many as one after the other takes.
		expect(requests).toHaveLength(21);
	});

	it('end with the first error, although a page before it is still being read', async () => {
		const { getPage } = server(rowsUpTo(2000));
		const getOrFail = async (offset: number, pageSize: number) => {
			if (offset === 99) await new Promise(() => undefined);
			if (offset === 198) throw new Error('the third page failed');
			return await getPage(offset, pageSize);
		};
		await expect(gather(getOrFail, { concurrency: 3 })).rejects.toThrow('the third page failed');
	});

	it('are asked for no more after an error that comes while a page is taken', async () => {
		const { getPage, requests } = server(rowsUpTo(2000));
		const getOrFail = async (offset: number, pageSize: number) => {
			const page = await getPage(offset, pageSize);
			if (offset === 198) throw new Error('the third page failed');
			return page;
		};
		const walk = { idOf: ({ id }: Row) => id, start: 0, limit: Infinity, unstableListAdvice: '' };
		const reading = async () => {
			for await (const page of offsetPages(getOrFail, { ...walk, pageSize: 100, concurrency: 3 })) {
				expect(page.length).toBeGreaterThan(0);
				await new Promise((resolve) => setImmediate(resolve));
			}
		};
		await expect(reading()).rejects.toThrow('the third page failed');
		expect(requests.map(([offset]) => offset)).toEqual([0, 99, 198, 297]);
	});
});

describe('a limit', () => {
	it('of 5 costs one request of 5', async () => {
		const { getPage, requests } = server(rowsUpTo(25_000));
		expect(await gather(getPage, { limit: 5 })).toEqual(idsUpTo(5));
		expect(requests).toEqual([[0, 5]]);
	});

	it('shrinks the last request, and holds when the server gives more', async () => {
		const { getPage, requests } = server(rowsUpTo(25_000));
		expect(await gather(getPage, { limit: 150 })).toEqual(idsUpTo(150));
		expect(requests).toEqual([
			[0, 100],
			[99, 51],
		]);
		const generous = async () => ({ records: rowsUpTo(80), total: 80 });
		expect(await gather(generous, { limit: 3 })).toEqual([0, 1, 2]);
	});
});

it('the total is read again on every page: rows added at the end while paging are given too', async () => {
	const { getPage } = server(rowsUpTo(200), {
		change: (request, rows) => {
			if (request === 2) rows.push({ id: 900, version: 0 }, { id: 901, version: 0 });
		},
	});
	expect(await gather(getPage)).toEqual([...idsUpTo(200), 900, 901]);
});

it('a list that grew shorter while paging ends', async () => {
	const { getPage } = server(rowsUpTo(300), {
		change: (request, rows) => {
			if (request === 2) rows.splice(150);
		},
	});
	expect(await gather(getPage)).toEqual(idsUpTo(150));
});

describe.each([true, false])('a list that changes while paging (total given: %s)', (withTotal) => {
	it.each([1, 3, 99, 100, 150])('loses nothing when %i rows before the position go away', async (gone) => {
		const { getPage } = server(rowsUpTo(600), {
			withTotal,
			change: (request, rows) => {
				if (request === 3) rows.splice(10, gone);
			},
		});
		expect(await gather(getPage)).toEqual(idsUpTo(600));
	});

	it.each([1, 3, 99, 100, 150])('doubles nothing when %i rows come in before the position', async (come) => {
		const { getPage } = server(rowsUpTo(600), {
			withTotal,
			change: (request, rows) => {
				if (request !== 3) return;
				rows.unshift(...Array.from({ length: come }, (_, index) => ({ id: 1000 + index, version: 0 })));
			},
		});
		const ids = await gather(getPage);
		expect(ids.filter((id) => id < 1000)).toEqual(idsUpTo(600));
		expect(new Set(ids).size).toBe(ids.length);
	});

	it.each([1, 2, 3])('loses nothing one by one when %i rows before the position go away', async (gone) => {
		const { getPage } = server(rowsUpTo(20), {
			withTotal,
			change: (request, rows) => {
				if (request === 9) rows.splice(0, gone);
			},
		});
		expect(await gather(getPage, { pageSize: 1 })).toEqual(idsUpTo(20));
	});

	it('loses nothing when rows that were read are updated and move to the end', async () => {
		const { getPage } = server(rowsUpTo(3), {
			withTotal,
			change: (request, rows) => {
				if (request === 2) rows.push(...rows.splice(0, 2).map(({ id }) => ({ id, version: 1 })));
			},
		});
		expect(await gather(getPage, { pageSize: 2 })).toEqual([0, 1, 2]);
	});

	it('loses nothing when the last row read moves to the end and the one before goes away', async () => {
		const { getPage } = server(rowsUpTo(3), {
			withTotal,
			change: (request, rows) => {
				if (request === 2) rows.splice(0, 3, { id: 2, version: 0 }, { id: 1, version: 1 });
			},
		});
		expect(await gather(getPage, { pageSize: 2 })).toEqual([0, 1, 2]);
	});
});

it('a row that is updated unread and moves to the front is found by a second look at the beginning', async () => {
	const { getPage } = server(rowsUpTo(300), {
		change: (request, rows) => {
			if (request === 2) rows.unshift({ ...rows.splice(250, 1)[0], version: 1 });
		},
	});
	const ids = await gather(getPage);
	expect([...ids].sort((a, b) => a - b)).toEqual(idsUpTo(300));
});

it('a row that comes in late among those read costs one more look, and no error', async () => {
	const { getPage, requests } = server(rowsUpTo(2500), {
		change: (request, rows) => {
			if (request === 24) rows.splice(1500, 0, { id: 9000, version: 0 });
		},
	});
	expect(await gather(getPage)).toEqual(idsUpTo(2500));
	expect(requests).toHaveLength(27);
});

it('an empty answer in the middle is asked for again while the total says that there is more', async () => {
	const { getPage } = server(rowsUpTo(500));
	let asked = 0;
	const ids = await gather(async (offset, pageSize) => {
		const page = await getPage(offset, pageSize);
		return [1, 4].includes(++asked) ? { ...page, records: [] } : page;
	});
	expect(ids).toEqual(idsUpTo(500));
});

it('a record that stands twice in one answer is given once', async () => {
	const rows = rowsUpTo(3);
	expect(await gather(async () => ({ records: [...rows, rows[1]], total: 3 }))).toEqual([0, 1, 2]);
});

it.each([undefined, null])('records whose id is %s are all given', async (id) => {
	const { getPage } = server(rowsUpTo(25));
	expect(await gather(getPage, { idOf: () => id, pageSize: 10 })).toEqual(idsUpTo(25));
});

describe('a clear error, never an endless loop and never a quiet end, for a list', () => {
	it.each([true, false])('whose rows are all new at each request (total given: %s)', async (withTotal) => {
		let id = 1;
		const { getPage, requests } = server(rowsUpTo(1000), {
			withTotal,
			change: (_, rows) => rows.forEach((row) => (row.id = id++)),
		});
		const walk = gather(getPage);
		await expect(walk).rejects.toBeInstanceOf(ApiError);
		await expect(walk).rejects.toThrow('changes faster than it can be read');
		await expect(walk).rejects.toMatchObject({ details: { advice: 'Sort it.' } });
		expect(requests.length).toBeLessThan(50);
	});

	it.each([
		[450, true],
		[25_000, true],
		[450, false],
	])('of %i rows whose server ignores the offset (total given: %s)', async (count, withTotal) => {
		const rows = rowsUpTo(count);
		let asked = 0;
		const walk = gather(async (_, pageSize) => {
			if (++asked > 200) throw new Error('endless');
			return { records: rows.slice(0, pageSize), total: withTotal ? count : undefined };
		});
		await expect(walk).rejects.toBeInstanceOf(ApiError);
	});

	it('whose answers stay empty although the total says that there is more', async () => {
		let asked = 0;
		const walk = gather(async () => {
			asked++;
			return { records: [], total: 10 };
		});
		await expect(walk).rejects.toBeInstanceOf(ApiError);
		expect(asked).toBe(10);
	});
});

/** What may happen between two requests: rows go, come in anywhere, change in place, or change and move to the end. */
const change = fc.record({
	before: fc.integer({ min: 2, max: 12 }),
	kind: fc.constantFrom('remove', 'insert', 'update', 'updateAndMove'),
	place: fc.nat(200),
});

it('gives each record that was there all the time exactly once, whatever changes between requests', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.record({
				count: fc.nat(120),
				pageSize: fc.integer({ min: 5, max: 40 }),
				cap: fc.oneof(fc.constant(Infinity), fc.integer({ min: 5, max: 40 })),
				withTotal: fc.boolean(),
				changes: fc.array(change, { maxLength: 8 }),
				concurrency: fc.integer({ min: 1, max: 5 }),
				turns: fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
			}),
			async ({ count, pageSize, cap, withTotal, changes, concurrency, turns }) => {
				const staying = new Set(idsUpTo(count));
				let newId = 1000;
				const apply = (request: number, rows: Row[]) => {
					for (const { before, kind, place } of changes) {
						if (before !== request) continue;
						const at = rows.length === 0 ? 0 : place % rows.length;
						if (kind === 'insert') rows.splice(at, 0, { id: newId++, version: 0 });
						if (rows.length === 0) continue;
						if (kind === 'remove') staying.delete(rows.splice(at, 1)[0].id);
						if (kind === 'update') rows[at].version++;
						if (kind === 'updateAndMove') {
							const [row] = rows.splice(at, 1);
							rows.push({ id: row.id, version: row.version + 1 });
						}
					}
				};
				const { getPage } = server(rowsUpTo(count), { cap, withTotal, change: apply, turns });
				let ids: number[];
				try {
					ids = await gather(getPage, { pageSize, concurrency });
				} catch (error) {
					// An honest refusal, and only of a list that moves again and again while it is read.
					expect(error).toBeInstanceOf(ApiError);
					expect(changes.length).toBeGreaterThan(3);
					return;
				}
				expect(new Set(ids).size).toBe(ids.length);
				expect([...staying].filter((id) => !ids.includes(id))).toEqual([]);
			},
		),
		{ numRuns: 1500 },
	);
});

it('gives exactly the first records up to the limit of a list at rest', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.record({
				count: fc.nat(200),
				start: fc.nat(60),
				pageSize: fc.integer({ min: 1, max: 60 }),
				cap: fc.integer({ min: 2, max: 60 }),
				limit: fc.oneof(fc.integer({ min: 1, max: 250 }), fc.constant(Infinity)),
				withTotal: fc.boolean(),
				concurrency: fc.integer({ min: 1, max: 5 }),
			}),
			async ({ count, start, pageSize, cap, limit, withTotal, concurrency }) => {
				const { getPage } = server(rowsUpTo(count), { cap, withTotal });
				const ids = await gather(getPage, { start, pageSize, limit, concurrency });
				expect(ids).toEqual(idsUpTo(count).slice(start, start + limit));
			},
		),
	);
});
