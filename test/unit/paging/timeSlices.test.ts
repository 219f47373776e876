import * as fc from 'fast-check';

import { readTimeSlices, type TimeRange, type SlicedList } from '../../../nodes/shared/paging/timeSlices';

interface Entry {
	id: number;
	at: number;
}

interface Api {
	/** How the server understands the edges of a part. */
	edges: { from: 'included' | 'left out'; before: 'included' | 'left out' };
	/** Turns of the event loop that the answers take, again and again. */
	turns: number[];
	/** Happens before the answer with that number, from 0. */
	happens?: (answer: number, entries: Entry[]) => void;
	/** The server does not do what it is asked for. */
	ignores?: 'parts' | 'order';
}

const PLAIN: Api = { edges: { from: 'included', before: 'left out' }, turns: [1] };

/** A list that is sorted by time, walked by cursors that name a record, as the vendor's are. */
function listOf(entries: Entry[], pageSize: number, { edges, turns, happens, ignores }: Api = PLAIN) {
	const state = { answers: 0, underWay: 0, most: 0, parts: 0 };
	const answer = async <T>(give: () => T): Promise<T> => {
		const number = state.answers++;
		state.most = Math.max(state.most, ++state.underWay);
		for (let turn = 0; turn < turns[number % turns.length]; turn++)
			await new Promise((resolve) => setImmediate(resolve));
		happens?.(number, entries);
		state.underWay--;
		return give();
	};
	const sorted = () =>
		ignores === 'order' ? entries : [...entries].sort((a, b) => a.at - b.at || a.id - b.id);
	const isIn = ({ at }: Entry, part: TimeRange | undefined) =>
		part === undefined ||
		ignores === 'parts' ||
		((edges.from === 'included' ? at >= part.from : at > part.from) &&
			(edges.before === 'included' ? at <= part.before : at < part.before));
	async function* walk(part?: TimeRange): AsyncGenerator<Entry[]> {
		if (part) state.parts++;
		let cursor: Entry | undefined;
		for (;;) {
			const page = await answer(() => {
				const list = sorted().filter((entry) => isIn(entry, part));
				const behind = list.findIndex(
					({ at, id }) => cursor === undefined || at > cursor.at || (at === cursor.at && id > cursor.id),
				);
				const found = ignores === 'order' ? list.findIndex(({ id }) => id === cursor?.id) + 1 : behind;
				const place = found < 0 ? list.length : found;
				return {
					records: list.slice(place, place + pageSize).map((entry) => ({ ...entry })),
					isLast: place + pageSize >= list.length,
				};
			});
			cursor = page.records.at(-1);
			if (page.records.length > 0) yield page.records;
			if (page.isLast) return;
		}
	}
	const last = async () => await answer(() => sorted().at(-1));
	return { state, walk, last };
}

type List = ReturnType<typeof listOf>;

function sliced(
	{ walk, last }: List,
	pageSize: number,
	more: Partial<SlicedList<Entry, Entry[]>> = {},
): AsyncGenerator<Entry[]> {
	return readTimeSlices({
		walk,
		last,
		pageSize,
		sortKeyOf: ({ at }) => at,
		readPage: (records) => records,
		concurrency: 4,
		maxBuffered: Infinity,
		...more,
	});
}

async function gather(pages: AsyncIterable<Entry[]>): Promise<Entry[]> {
	const all: Entry[] = [];
	for await (const page of pages) for (const entry of page) all.push(entry);
	return all;
}

/** Busy and quiet times, and many records at one moment. */
const entries = fc
	.array(fc.tuple(fc.oneof(fc.nat(30), fc.nat(3000), fc.nat(100_000)), fc.integer({ min: 1, max: 5 })), {
		maxLength: 150,
	})
	.map((moments) =>
		moments.flatMap(([at, times]) => Array.from({ length: times }, () => at)).map((at, id) => ({ id, at })),
	);
const edge = fc.constantFrom('included' as const, 'left out' as const);
const turns = fc.array(fc.nat(12), { minLength: 1, maxLength: 7 });
const api = fc.record({ edges: fc.record({ from: edge, before: edge }), turns });
const pageSizes = fc.integer({ min: 2, max: 20 });
const concurrencies = fc.integer({ min: 2, max: 8 });
const bounds = fc.constantFrom(Infinity, 1, 8);

describe('a list that is read in slices', () => {
	it('is the same list in the same order as when it is read by one, whatever the edges of a part mean', async () => {
		await fc.assert(
			fc.asyncProperty(
				entries,
				pageSizes,
				concurrencies,
				bounds,
				api,
				async (list, pageSize, concurrency, mostAhead, how) => {
					const byOne = await gather(listOf(list, pageSize).walk());
					const bySome = sliced(listOf(list, pageSize, how), pageSize, {
						concurrency,
						maxBuffered: mostAhead,
					});
					expect(await gather(bySome)).toEqual(byOne);
				},
			),
			{ numRuns: 400 },
		);
	});

	it('holds each record that there was from begin to end, also while records are updated and so move to the end', async () => {
		await fc.assert(
			fc.asyncProperty(
				entries,
				pageSizes,
				concurrencies,
				bounds,
				api,
				fc.array(fc.tuple(fc.nat(20), fc.nat(400)), { maxLength: 15 }),
				async (list, pageSize, concurrency, mostAhead, how, updates) => {
					let now = 200_000;
					const happens = (answer: number, live: Entry[]) => {
						for (const [when, which] of updates) {
							const entry = live[which % Math.max(1, live.length)];
							if (when === answer && entry) entry.at = now++;
						}
					};
					const live = list.map((entry) => ({ ...entry }));
					const read = sliced(listOf(live, pageSize, { ...how, happens }), pageSize, {
						concurrency,
						maxBuffered: mostAhead,
					});
					const ids = new Set((await gather(read)).map(({ id }) => id));
					expect([...ids].sort((a, b) => a - b)).toEqual(list.map(({ id }) => id));
				},
			),
			{ numRuns: 400 },
		);
	});

	it('is whole where the API ignores what part is asked for', async () => {
		await fc.assert(
			fc.asyncProperty(entries, pageSizes, concurrencies, api, async (list, pageSize, concurrency, how) => {
				const ignoring = listOf(list, pageSize, { ...how, ignores: 'parts' });
				const read = sliced(ignoring, pageSize, { concurrency });
				const ids = new Set((await gather(read)).map(({ id }) => id));
				expect(ids.size).toBe(list.length);
			}),
			{ numRuns: 150 },
		);
	});

	it('is whole where the API ignores the order that is asked for', async () => {
		const inOrder = Array.from({ length: 200 }, (_, id) => ({ id, at: id * 10 }));
		const shuffled = fc.shuffledSubarray(inOrder, { minLength: 200 });
		await fc.assert(
			fc.asyncProperty(shuffled, concurrencies, api, async (list, concurrency, how) => {
				const read = sliced(listOf(list, 20, { ...how, ignores: 'order' }), 20, { concurrency });
				expect(await gather(read)).toEqual(list);
			}),
			{ numRuns: 100 },
		);
	});

	const even = Array.from({ length: 1000 }, (_, id) => ({ id, at: id * 10 }));

	it.each([2, 4, 8])('has at most %i requests under way, and mostly that many', async (concurrency) => {
		const list = listOf(even, 10);
		await gather(sliced(list, 10, { concurrency }));
		expect(list.state.most).toBe(concurrency);
		// A hundred pages; each part may end with a page that is not full, and the tail is one more.
		expect(list.state.answers).toBeLessThanOrEqual(100 + list.state.parts + 2);
		expect(list.state.parts).toBeLessThanOrEqual(3 * concurrency);
	});

	it('is cut again where one part holds most of the records', async () => {
		const crowded = [
			...Array.from({ length: 20 }, (_, id) => ({ id, at: id * 1000 })),
			...Array.from({ length: 970 }, (_, index) => ({ id: 20 + index, at: 90_000 + index })),
			...Array.from({ length: 10 }, (_, index) => ({ id: 990 + index, at: 200_000 + index * 1000 })),
		];
		// Answers come in rounds, so rounds tell how long it takes.
		let rounds = 0;
		let waiting: Array<() => void> = [];
		const list = listOf(crowded, 10, { ...PLAIN, turns: [0] });
		const inRounds = async <T>(answer: Promise<T>): Promise<T> => {
			await new Promise<void>((resolve) => waiting.push(resolve));
			return await answer;
		};
		async function* walk(part?: TimeRange): AsyncGenerator<Entry[]> {
			const pages = list.walk(part);
			for (;;) {
				const { value, done } = await inRounds(pages.next());
				if (done) return;
				yield value;
			}
		}
		const read = gather(sliced({ ...list, walk, last: async () => await inRounds(list.last()) }, 10));
		let ended = false;
		void read.then(() => (ended = true));
		while (!ended) {
			for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
			const answered = waiting;
			waiting = [];
			if (answered.length > 0) rounds++;
			for (const go of answered) go();
		}
		expect((await read).map(({ id }) => id)).toEqual(crowded.map(({ id }) => id));
		// One reader takes a hundred rounds, four at best 25.
		expect(rounds).toBeLessThan(50);
	});

	it('keeps no more pages than it may until their turn', async () => {
		let kept = 0;
		let most = 0;
		const readPage = (records: Entry[]) => {
			most = Math.max(most, ++kept);
			return records;
		};
		const list = listOf(even, 10);
		const seen: Entry[] = [];
		for await (const page of sliced(list, 10, { readPage, maxBuffered: 8 })) {
			kept--;
			seen.push(...page);
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
		expect(seen).toEqual(even);
		// Each of the others may have asked for one when the bound was reached.
		expect(most).toBeLessThanOrEqual(8 + 4);
		expect(list.state.most).toBe(4);
	});

	it('asks for nothing but its pages when it has one page, or one reader', async () => {
		const short = listOf(even.slice(0, 9), 10);
		await gather(sliced(short, 10));
		expect(short.state).toMatchObject({ answers: 1, parts: 0 });
		const alone = listOf(even, 10);
		await gather(sliced(alone, 10, { concurrency: 1 }));
		expect(alone.state).toMatchObject({ answers: 100, parts: 0, most: 1 });
	});

	it.each([2, 3, 4])('asks for nothing but its pages and its end when it has %i pages', async (pages) => {
		const short = even.slice(0, 10 * pages - 5);
		const list = listOf(short, 10);
		expect(await gather(sliced(list, 10))).toEqual(short);
		expect(list.state).toMatchObject({ answers: pages + 1, parts: 0 });
	});

	it('is cut as soon as it turns out that more is left than it seemed', async () => {
		const quiet = Array.from({ length: 20 }, (_, id) => ({ id, at: id * 10_000 }));
		const busy = Array.from({ length: 500 }, (_, id) => ({ id: id + 20, at: 200_000 + id }));
		const list = listOf([...quiet, ...busy], 10);
		expect(await gather(sliced(list, 10))).toEqual([...quiet, ...busy]);
		expect(list.state.most).toBe(4);
	});

	it('is read by one where records do not tell their place', async () => {
		const list = listOf(even, 10);
		expect(await gather(sliced(list, 10, { sortKeyOf: () => undefined }))).toEqual(even);
		expect(list.state).toMatchObject({ answers: 100, parts: 0 });
	});

	it('fails as a whole when one part fails, and nothing is asked for after that', async () => {
		const happens = (answer: number) => {
			if (answer === 12) throw new Error('No more');
		};
		const list = listOf(even, 10, { ...PLAIN, happens });
		await expect(gather(sliced(list, 10))).rejects.toThrow('No more');
		const { answers } = list.state;
		expect(answers).toBeLessThan(20);
		// Many more turns than an answer takes.
		for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
		expect(list.state.answers).toBe(answers);
	});

	it('asks for nothing more when it is left early', async () => {
		const list = listOf(even, 10);
		for await (const page of sliced(list, 10)) if (page[0].id >= 50) break;
		const { answers } = list.state;
		// Many more turns than an answer takes.
		for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
		expect(list.state.answers).toBe(answers);
		expect(answers).toBeLessThan(100);
	});
});
