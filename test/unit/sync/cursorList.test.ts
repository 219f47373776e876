import * as fc from 'fast-check';

import { ApiError } from '../../../nodes/shared/util/errors';
import { resumePage } from '../../../nodes/shared/sync/cursorList';
import { redactor } from '../../../nodes/shared/http/redact';
import type { Json } from '../../../nodes/shared/sync/state';

interface Entry {
	id: number;
	moment: number | undefined;
}

const FROM = 1000;
const STALE = [400, 404, 410, 422];

const entries = (...moments: Array<number | undefined>): Entry[] =>
	moments.map((moment, id) => ({ id, moment }));
const refusal = (status: number) => new ApiError(`HTTP ${status}`, { status });

/** A list behind cursors; a cursor is the number of records in front of the page, in the list that began at its `from`. */
function cursorServer(list: Entry[], pageSize = 2) {
	const server = {
		list,
		asked: [] as Array<[from: number, cursor: string | undefined]>,
		/** The status with which the next request that has a cursor is refused. */
		refuseWith: undefined as number | undefined,
		/** In place of `undefined`, at the end of the list. */
		end: undefined as unknown,
		getPage: async (from: number, cursor: string | undefined) => {
			server.asked.push([from, cursor]);
			const status = server.refuseWith;
			if (status !== undefined && cursor !== undefined) {
				server.refuseWith = undefined;
				throw refusal(status);
			}
			const whole = server.list.filter(({ moment }) => moment === undefined || moment >= from);
			const start = Number(cursor ?? 0);
			const end = start + pageSize;
			const nextCursor = end < whole.length ? String(end) : server.end;
			return { records: whole.slice(start, end), nextCursor, previousCursor: undefined };
		},
	};
	return server;
}

type Server = ReturnType<typeof cursorServer>;

const redact = redactor('s3cret-key');

const read = async ({ getPage }: Pick<Server, 'getPage'>, resumeToken: Json) =>
	// A place is kept as JSON between two polls.
	await resumePage(
		getPage,
		(entry: Entry) => entry,
		FROM,
		JSON.parse(JSON.stringify(resumeToken)) as Json,
		redact,
	);

/** Reads a list to its end; `before` is called in front of each page, with its number. */
async function readAll(server: Server, before: (page: number) => void = () => undefined): Promise<number[]> {
	const all: number[] = [];
	let resumeToken: Json = null;
	for (let page = 0; page < 1000; page++) {
		before(page);
		const { records, next } = await read(server, resumeToken);
		all.push(...records.map(({ id }) => id));
		if (next === undefined) return all;
		resumeToken = next;
	}
	throw new Error('endless');
}

describe('a list', () => {
	it('is read from its beginning, and page by page with the moment it was asked from', async () => {
		const server = cursorServer(entries(1001, 1002, 1003, 1004, 1005));
		expect(await readAll(server)).toEqual([0, 1, 2, 3, 4]);
		expect(server.asked).toEqual([
			[FROM, undefined],
			[FROM, '2'],
			[FROM, '4'],
		]);
	});

	it('keeps the moment that it was asked from, even where the scan names another by then', async () => {
		const server = cursorServer(entries(1001, 1002, 1003));
		const { next } = await read(server, null);
		await resumePage(server.getPage, (entry: Entry) => entry, FROM + 500, next ?? null, redact);
		expect(server.asked.at(-1)).toEqual([FROM, '2']);
	});

	it.each([undefined, null, '', 'null', 'undefined'])('ends where the cursor is %p', async (end) => {
		const server = cursorServer(entries(1001, 1002));
		server.end = end;
		expect(await read(server, null)).toEqual({ records: server.list });
	});

	it('takes a cursor that is a number', async () => {
		const getPage = async () => ({ records: [], nextCursor: 42, previousCursor: undefined });
		expect((await read({ getPage }, null)).next).toMatchObject({ cursor: '42' });
	});

	it('that leads from a page to the same page goes on from the last moment, or is an error that names the cursor', async () => {
		const server = cursorServer(entries(1001, 1002, 1003));
		const { next } = await read(server, null);
		const getPage = async () => ({ records: entries(1003), nextCursor: '2', previousCursor: undefined });
		const anew = await read({ getPage }, next ?? null);
		expect(anew).toMatchObject({ records: [{ moment: 1003 }], next: { from: 1003 } });
		const { failure } = await read({ getPage }, anew.next ?? null);
		expect(failure).toBeInstanceOf(ApiError);
		expect(failure?.message).toMatch('cursor "2" a second time');
	});

	it('that leads back to itself is named without the key', async () => {
		const getPage = async () => ({ records: [], nextCursor: 'S3CRET-KEY&x', previousCursor: undefined });
		const { next } = await read({ getPage }, null);
		const { failure } = await read({ getPage }, next ?? null);
		expect(failure?.message).toMatch('cursor "[hidden]&x" a second time');
	});

	it('without records has no place', async () => {
		expect(await read(cursorServer([]), null)).toEqual({ records: [] });
	});
});

describe.each(STALE)('a cursor that is refused with %i', (status) => {
	it('is given up: the list goes on from the last moment that was reached', async () => {
		const server = cursorServer(entries(1001, 1002, 1003, 1004, 1005));
		const all = await readAll(server, (page) => (server.refuseWith = page === 1 ? status : undefined));
		expect(all).toEqual([0, 1, 2, 3, 4]);
		expect(server.asked.slice(1, 3)).toEqual([
			[FROM, '2'],
			[1002, undefined],
		]);
	});
});

it.each([401, 403, 408, 429, 500, 503, undefined])(
	'a failure with status %p is not taken for a refused cursor',
	async (status) => {
		const server = cursorServer(entries(1001, 1002, 1003));
		const { next } = await read(server, null);
		const failure = new ApiError('failed', { status });
		const getPage = async () => await Promise.reject(failure);
		await expect(read({ getPage }, next ?? null)).rejects.toBe(failure);
	},
);

it('an error that is no answer of the API goes on as it is', async () => {
	const { next } = await read(cursorServer(entries(1001, 1002, 1003)), null);
	const failure = new TypeError('a bug');
	const getPage = async () => await Promise.reject(failure);
	await expect(read({ getPage }, next ?? null)).rejects.toBe(failure);
});

it.each(STALE)(
	'a %i at the beginning of a list is an error: there is no cursor to give up',
	async (status) => {
		const getPage = async () => await Promise.reject(refusal(status));
		await expect(read({ getPage }, null)).rejects.toThrow(`HTTP ${status}`);
	},
);

it('a list that is refused behind a cursor and from anew is an error', async () => {
	const server = cursorServer(entries(1001, 1002, 1003));
	const { next } = await read(server, null);
	const getPage = async () => await Promise.reject(refusal(400));
	await expect(read({ getPage }, next ?? null)).rejects.toThrow('HTTP 400');
});

describe('after a refused cursor', () => {
	it.each([0, 1, 2, 3, 4, 5])(
		'what stands at one moment over several pages is given once, refused at page %i',
		async (refused) => {
			const server = cursorServer(entries(1001, ...Array<number>(10).fill(1002), 1003), 2);
			const all = await readAll(server, (page) => (server.refuseWith = page === refused ? 410 : undefined));
			expect(all).toEqual(server.list.map(({ id }) => id));
		},
	);

	it('hundreds that share the moment are given once', async () => {
		const server = cursorServer(entries(1001, ...Array<number>(950).fill(1002), 1003), 100);
		const all = await readAll(server, (page) => (server.refuseWith = page === 4 ? 410 : undefined));
		expect(all).toEqual(server.list.map(({ id }) => id));
	});

	it('nothing is given twice when a later cursor is refused as well', async () => {
		const server = cursorServer(entries(...Array<number>(7).fill(1001), 1002, 1003), 2);
		const refused = [2, 4, 9];
		const all = await readAll(
			server,
			(page) => (server.refuseWith = refused.includes(page) ? 404 : undefined),
		);
		expect(all).toEqual(server.list.map(({ id }) => id));
	});

	it('the list goes on, even where every cursor is refused and one moment fills many pages', async () => {
		const server = cursorServer(entries(1001, ...Array<number>(30).fill(1002), 1003, 1004), 2);
		const all = await readAll(server, () => (server.refuseWith = 410));
		expect(all).toEqual(server.list.map(({ id }) => id));
	});

	it('the place is another one than before, so that going on is not taken for a circle', async () => {
		const server = cursorServer(entries(...Array<number>(9).fill(1001)), 9);
		server.end = 'more';
		const places = new Set<string>();
		let resumeToken: Json = null;
		for (let page = 0; page < 4; page++) {
			server.refuseWith = 410;
			resumeToken = (await read(server, resumeToken)).next ?? null;
			places.add(JSON.stringify(resumeToken));
		}
		expect(places.size).toBe(4);
	});

	it('the ids of that moment are kept once each', async () => {
		const server = cursorServer(entries(...Array<number>(9).fill(1001)), 2);
		let resumeToken: Json = null;
		for (let page = 0; page < 4; page++) {
			server.refuseWith = page === 2 ? 410 : undefined;
			resumeToken = (await read(server, resumeToken)).next ?? null;
		}
		expect(resumeToken).toMatchObject({ highWaterMark: 1001, boundaryIds: [0, 1, 2, 3, 4, 5, 6, 7] });
	});

	it('a record at the edge that was updated meanwhile is given again, where it stands now', async () => {
		const server = cursorServer(entries(1001, 1002, 1003));
		const { next } = await read(server, null);
		server.list = [
			{ id: 0, moment: 1001 },
			{ id: 2, moment: 1003 },
			{ id: 1, moment: 1004 },
		];
		server.refuseWith = 410;
		const { records } = await read(server, next ?? null);
		expect(records.map(({ id }) => id)).toEqual([2, 1]);
	});

	it('a list without the order of time is read from its beginning: nothing is lost', async () => {
		const server = cursorServer(entries(1005, 1001, 1004, 1002, 1003));
		const all = await readAll(server, (page) => (server.refuseWith = page === 2 ? 410 : undefined));
		expect(all).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 4]);
		expect(server.asked).toContainEqual([FROM, undefined]);
		expect(server.asked.filter(([, cursor]) => cursor === undefined)).toHaveLength(2);
	});

	it.each([
		['in the first page', [1002, 1001, 1003, 1004, 1005]],
		['between two pages', [1001, 1003, 1002, 1004, 1005]],
		['by a record without the time', [1001, undefined, 1003, 1004, 1005]],
	])('the order once broken %s is never trusted again', async (_, moments) => {
		const server = cursorServer(entries(...moments));
		const all = await readAll(server, (page) => (server.refuseWith = page === 2 ? 410 : undefined));
		expect(server.asked.filter(([, cursor]) => cursor === undefined)).toEqual([
			[FROM, undefined],
			[FROM, undefined],
		]);
		expect(new Set(all)).toEqual(new Set([0, 1, 2, 3, 4]));
	});

	it('a list in order is given whole and once, wherever cursors are refused', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.integer({ min: FROM, max: FROM + 8 }), { maxLength: 60, size: 'max' }),
				fc.integer({ min: 1, max: 7 }),
				fc.array(fc.boolean(), { maxLength: 60, size: 'max' }),
				async (moments, pageSize, refused) => {
					const server = cursorServer(entries(...moments.sort((a, b) => a - b)), pageSize);
					const all = await readAll(server, (page) => (server.refuseWith = refused[page] ? 410 : undefined));
					expect([...new Set(all)]).toEqual(server.list.map(({ id }) => id));
					expect(all).toHaveLength(new Set(all).size);
				},
			),
			{ numRuns: 500 },
		);
	});
});

describe('empty pages', () => {
	const emptyServer = (filled: number[] = []) => {
		let page = 0;
		return {
			getPage: async () => ({
				records: filled.includes(++page) ? entries(1001) : [],
				nextCursor: `cursor ${page}`,
				previousCursor: undefined,
			}),
		};
	};

	it('are followed nine times; the tenth in a row is an error', async () => {
		const server = emptyServer();
		let resumeToken: Json = null;
		for (let page = 1; page <= 9; page++) resumeToken = (await read(server, resumeToken)).next ?? null;
		const { failure, next } = await read(server, resumeToken);
		expect(failure).toBeInstanceOf(ApiError);
		expect(failure?.message).toMatch('10 empty pages in a row');
		expect(next).toMatchObject({ cursor: null, emptyPages: 0 });
	});

	it('are counted anew behind a page with records', async () => {
		const server = emptyServer([9, 18]);
		let resumeToken: Json = null;
		for (let page = 1; page <= 27; page++) resumeToken = (await read(server, resumeToken)).next ?? null;
		const { failure } = await read(server, resumeToken);
		expect(failure?.message).toMatch('10 empty pages in a row');
	});

	it('at the end of the list are its end', async () => {
		const getPage = async () => ({ records: [], nextCursor: null, previousCursor: undefined });
		expect(await read({ getPage }, null)).toEqual({ records: [] });
	});

	it('do not forget the moment that was reached', async () => {
		const server = cursorServer(entries(1001, 1002, 1003, 1004));
		const { next } = await read(server, null);
		const empty = async () => ({ records: [], nextCursor: 'behind it', previousCursor: undefined });
		const behind = (await read({ getPage: empty }, next ?? null)).next;
		server.refuseWith = 410;
		const { records } = await read(server, behind ?? null);
		expect(server.asked.at(-1)).toEqual([1002, undefined]);
		expect(records.map(({ id }) => id)).toEqual([2]);
	});
});

describe('a damaged place', () => {
	const good = { cursor: '2', from: 1001, highWaterMark: 1002, boundaryIds: [1], emptyPages: 0, restarts: 0 };

	it('is the measure of what follows: this one is sound', async () => {
		const server = cursorServer(entries(1001, 1002, 1003));
		await read(server, good);
		expect(server.asked).toEqual([[1001, '2']]);
	});

	it.each<[string, Json]>([
		['a text', 'cursor'],
		['a number', 5],
		['true', true],
		['a list', ['2', 1001]],
		['an empty object', {}],
		['no cursor', { ...good, cursor: true }],
		['a boundary that is none', { ...good, sortedUntil: 5 }],
		['a boundary of an earlier version that is none', { ...good, reached: 5 }],
		['a list of cursors that is none', { ...good, seen: 5 }],
		['a list of cursors with a number', { ...good, seen: [5] }],
		['a cursor that is a number', { ...good, cursor: 2 }],
		['no beginning', { ...good, from: null }],
		['a beginning that is a text', { ...good, from: '1001' }],
		['a beginning that no date can hold', { ...good, from: 1e300 }],
		['a moment that is a text', { ...good, highWaterMark: '1002' }],
		['a moment that no date can hold', { ...good, highWaterMark: -1e300 }],
		['no edge', { ...good, boundaryIds: null }],
		['an edge that is an object', { ...good, boundaryIds: { 0: 1 } }],
		['no count of empty pages', { ...good, emptyPages: null }],
		['no count of renewals', { ...good, restarts: null }],
	])('with %s is taken for the beginning', async (_, resumeToken) => {
		const server = cursorServer(entries(1001, 1002, 1003));
		expect((await read(server, resumeToken)).records).toHaveLength(2);
		expect(server.asked).toEqual([[FROM, undefined]]);
	});

	it('of any kind gives records or an ApiError, and asks from a moment that a date can hold', async () => {
		const anyPlace = fc.oneof(
			fc.jsonValue(),
			fc.record(
				{
					cursor: fc.oneof(fc.string(), fc.jsonValue()),
					from: fc.oneof(fc.double(), fc.jsonValue()),
					highWaterMark: fc.oneof(fc.double(), fc.constant(null)),
					boundaryIds: fc.array(fc.jsonValue()),
					emptyPages: fc.oneof(fc.integer(), fc.jsonValue()),
					restarts: fc.oneof(fc.integer(), fc.jsonValue()),
				},
				{ requiredKeys: [] },
			),
		);
		await fc.assert(
			fc.asyncProperty(anyPlace, fc.constantFrom(undefined, ...STALE), async (resumeToken, status) => {
				const server = cursorServer(entries(1001, 1002, 1003));
				server.refuseWith = status;
				const error: unknown = await read(server, resumeToken as Json).then(
					() => undefined,
					(reason: unknown) => reason,
				);
				if (error !== undefined) expect(error).toBeInstanceOf(ApiError);
				for (const [from] of server.asked) expect(Number.isNaN(new Date(from).getTime())).toBe(false);
			}),
			{ numRuns: 1000 },
		);
	});
});
