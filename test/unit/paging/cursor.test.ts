import * as fc from 'fast-check';

import { ApiError } from '../../../nodes/shared/util/errors';
import {
	cursorPages,
	readCursor,
	type CursorPage,
	type CursorStep,
} from '../../../nodes/shared/paging/cursor';
import { redactor } from '../../../nodes/shared/http/redact';

type Walk = Parameters<typeof cursorPages>[1];

/** Numbers from 0, in a list whose cursors are positions; remembers what it was asked for. */
function listOf(total: number, { cap = Infinity, end = null as unknown } = {}) {
	const steps: CursorStep[] = [];
	const getPage = async (step: CursorStep): Promise<CursorPage<number>> => {
		steps.push(step);
		const size = Math.min(step.pageSize, cap);
		const from = Number(step.cursor ?? 0);
		const to = Math.min(total, from + size);
		const records = Array.from({ length: to - from }, (_, index) => from + index);
		return {
			records,
			nextCursor: to < total ? `${to}` : end,
			previousCursor: from > 0 ? `${from}` : end,
		};
	};
	return { getPage, steps };
}

/** A list that gives these pages one after another, whatever it is asked for. */
function script(...pages: Array<{ records: number[]; next: unknown }>) {
	const steps: CursorStep[] = [];
	const getPage = async (step: CursorStep): Promise<CursorPage<number>> => {
		const page = pages[steps.length];
		steps.push(step);
		return { records: page.records, nextCursor: page.next, previousCursor: null };
	};
	return { getPage, steps };
}

const redact = redactor('s3cret-key');

async function gather<T>(
	getPage: (step: CursorStep) => Promise<CursorPage<T>>,
	walk: Partial<Walk> = {},
): Promise<T[]> {
	const all: T[] = [];
	for await (const page of cursorPages(getPage, { limit: Infinity, pageSize: 100, redact, ...walk })) {
		for (const record of page) all.push(record);
	}
	return all;
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('the end of a list', () => {
	it.each([
		['missing', undefined],
		['null', null],
		['empty', ''],
		['the text null', 'null'],
		['the text undefined', 'undefined'],
	])('is a cursor that is %s', async (_, end) => {
		const { getPage, steps } = listOf(250, { end });
		expect(await gather(getPage)).toEqual(upTo(250));
		expect(steps).toHaveLength(3);
		expect(readCursor(end)).toBeUndefined();
	});

	it.each([
		['a number', 0, '0'],
		['a word', 'nullable', 'nullable'],
	])('is not a cursor that is %s', (_, given, cursor) => {
		expect(readCursor(given)).toBe(cursor);
	});

	it('is not a short page', async () => {
		const { getPage } = script(
			{ records: [1, 2], next: 'b' },
			{ records: [3], next: 'c' },
			{ records: [4], next: '' },
		);
		expect(await gather(getPage)).toEqual([1, 2, 3, 4]);
	});

	it.each([0, 1, 99, 100, 101, 200, 25_000])('is found with %i records', async (total) => {
		const { getPage, steps } = listOf(total);
		expect(await gather(getPage)).toEqual(upTo(total));
		expect(steps).toHaveLength(Math.max(1, Math.ceil(total / 100)));
	});
});

describe('empty pages', () => {
	const empty = (count: number) => upTo(count).map((index) => ({ records: [], next: `empty-${index}` }));

	it('are not the end while a new cursor comes', async () => {
		const { getPage } = script({ records: [1], next: 'a' }, ...empty(9), { records: [2], next: null });
		expect(await gather(getPage)).toEqual([1, 2]);
	});

	it('are counted in a row, not in all', async () => {
		const rename = (name: string) => empty(9).map(({ records, next }) => ({ records, next: name + next }));
		const { getPage } = script(...rename('a'), { records: [1], next: 'b' }, ...rename('c'), {
			records: [2],
			next: null,
		});
		expect(await gather(getPage)).toEqual([1, 2]);
	});

	it('end with a clear error after ten in a row', async () => {
		const { getPage, steps } = script(...empty(50));
		await expect(gather(getPage)).rejects.toThrow('10 empty pages in a row');
		expect(steps).toHaveLength(10);
	});

	it('are no items of their own', async () => {
		const { getPage } = script({ records: [], next: 'a' }, { records: [1], next: null });
		const pages: number[][] = [];
		for await (const page of cursorPages(getPage, { limit: Infinity, pageSize: 10, redact }))
			pages.push(page);
		expect(pages).toEqual([[1]]);
	});

	it('may be the whole list', async () => {
		const { getPage } = script({ records: [], next: null });
		expect(await gather(getPage)).toEqual([]);
	});
});

describe('a repeated cursor', () => {
	it('is an error that names it, never a quiet end', async () => {
		const { getPage } = script(
			{ records: [1], next: 'first' },
			{ records: [2], next: 'second' },
			{ records: [3], next: 'first' },
		);
		const walk = gather(getPage);
		await expect(walk).rejects.toBeInstanceOf(ApiError);
		await expect(walk).rejects.toThrow('"first" a second time');
	});

	it('is shown without the key, and as far as 200 characters', async () => {
		const twice = (next: string) => script({ records: [1], next }, { records: [2], next }).getPage;
		await expect(gather(twice('page-2-s3cret%2Dkey-x'))).rejects.toThrow('"page-2-[hidden]-x" a second time');
		await expect(gather(twice('c'.repeat(3000)))).rejects.toThrow(/ "c{200}…" a second time/);
	});

	it('does not hurt when the limit is reached before', async () => {
		const { getPage } = script({ records: [1], next: 'same' }, { records: [2], next: 'same' });
		expect(await gather(getPage, { limit: 2 })).toEqual([1, 2]);
	});
});

describe('a page that comes a second time, behind a new cursor', () => {
	/** A server that leads in a circle of pages, and names each page anew. */
	function circle(...pages: number[][]) {
		let asked = 0;
		const getPage = async (): Promise<CursorPage<number>> => {
			const records = pages[asked % pages.length];
			return { records, nextCursor: `cursor-${++asked}`, previousCursor: null };
		};
		return { getPage, asked: () => asked };
	}

	it.each([
		['the first one again and again, by a server that ignores the cursor', [[1, 2, 3]]],
		['one of a single record', [[1]]],
		['a circle of three', [[1, 2], [3, 4], [5]]],
		['a circle with an empty one', [[1, 2], [], [3]]],
	])('is an error, and no list without an end: %s', async (_, pages) => {
		const { getPage, asked } = circle(...pages);
		await expect(gather(getPage)).rejects.toThrow(
			'The API gave a page a second time, under another cursor, so the list would never end',
		);
		expect(asked()).toBe(pages.length + 1);
	});

	it('doubles no record of a limit that is longer than the page', async () => {
		const { getPage } = circle([1, 2, 3]);
		await expect(gather(getPage, { limit: 5 })).rejects.toThrow('a second time');
		expect(await gather(circle([1, 2, 3]).getPage, { limit: 3 })).toEqual([1, 2, 3]);
	});
});

describe('a limit', () => {
	it('of 5 costs one request of 5', async () => {
		const { getPage, steps } = listOf(25_000);
		expect(await gather(getPage, { limit: 5, pageSize: 1000 })).toEqual(upTo(5));
		expect(steps).toEqual([{ cursor: undefined, pageSize: 5 }]);
	});

	it('shrinks the last request to what is missing', async () => {
		const { getPage, steps } = listOf(25_000);
		expect(await gather(getPage, { limit: 250 })).toHaveLength(250);
		expect(steps.map(({ pageSize }) => pageSize)).toEqual([100, 100, 50]);
	});

	it('holds when the server gives more than it was asked for', async () => {
		const { getPage, steps } = script({ records: upTo(500), next: 'more' });
		expect(await gather(getPage, { limit: 7 })).toEqual(upTo(7));
		expect(steps).toHaveLength(1);
	});

	it('beyond the list gives the whole list', async () => {
		expect(await gather(listOf(30).getPage, { limit: 31 })).toEqual(upTo(30));
	});
});

it('without a limit, all that the server gives is kept, even more than was asked for', async () => {
	const { getPage } = script({ records: upTo(500), next: 'x' }, { records: [500], next: null });
	expect(await gather(getPage)).toEqual(upTo(501));
});

it('200,000 records in pages of any size do not overflow the stack', async () => {
	expect(await gather(listOf(200_000).getPage, { pageSize: 150_000 })).toHaveLength(200_000);
	expect(await gather(listOf(200_000).getPage, { pageSize: 1000 })).toHaveLength(200_000);
});

it('an error of a page is passed on, and nothing more is asked for', async () => {
	let asked = 0;
	const failing = async (): Promise<CursorPage<number>> => {
		if (++asked === 2) throw new ApiError('broken');
		return { records: [1], nextCursor: `${asked}`, previousCursor: null };
	};
	await expect(gather(failing)).rejects.toThrow('broken');
	expect(asked).toBe(2);
});

it('gives exactly the first records up to the limit, in order, for any list, page size and cap', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.record({
				total: fc.nat(300),
				pageSize: fc.integer({ min: 1, max: 60 }),
				cap: fc.integer({ min: 1, max: 60 }),
				limit: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constant(Infinity)),
				end: fc.constantFrom(undefined, null, '', 'null', 'undefined'),
			}),
			async ({ total, pageSize, cap, limit, end }) => {
				const { getPage, steps } = listOf(total, { cap, end });
				expect(await gather(getPage, { pageSize, limit })).toEqual(upTo(total).slice(0, limit));
				const wanted = Math.min(total, limit);
				expect(steps.length).toBe(Math.max(1, Math.ceil(wanted / Math.min(pageSize, cap))));
				for (const step of steps) expect(step.pageSize).toBeLessThanOrEqual(Math.min(pageSize, limit));
			},
		),
	);
});
