import { ApiError } from '../../../nodes/shared/util/errors';
import { resumePage } from '../../../nodes/shared/sync/cursorList';
import type { SessionList } from '../../../nodes/shared/sync/source';
import { fakeTrigger, fakeVendor, HOUR, MINUTE, type FakeRecord, type FakeVendor } from './fakeSource';

/** What comes of a request at a cursor, in place of the page itself. */
type Answer = { records: FakeRecord[]; nextCursor?: unknown };
type Trick = (cursor: string | undefined, page: Answer) => Answer;

const ENDED_OR_UPDATED = {
	key: 'either',
	order: 'oldestFirst',
	coversEnded: true,
	movesOnUpdate: true,
} as const;

/** A trigger on a list that is read by cursor: a cursor is the number of records before the page. */
async function cursorTrigger(pageSize = 2, given: Partial<FakeVendor> = {}) {
	const vendor = fakeVendor(given);
	const tricks = { trick: ((_cursor, page) => page) as Trick, asked: [] as Array<[number, string?]> };
	const list: SessionList<FakeRecord> = {
		...ENDED_OR_UPDATED,
		fetchPage: async (from, resumeToken) =>
			await resumePage(
				async (since, cursor) => {
					tricks.asked.push(cursor === undefined ? [since] : [since, cursor]);
					const held = [...vendor.records.values()].filter(({ updatedAt }) => updatedAt! >= since);
					held.sort((one, other) => one.updatedAt! - other.updatedAt! || Number(one.id) - Number(other.id));
					const start = Number(cursor ?? 0) || 0;
					const end = start + pageSize;
					const records = held.slice(start, end).map((record) => ({ ...record }));
					const nextCursor = end < held.length ? String(end) : undefined;
					return {
						previousCursor: undefined,
						nextCursor: undefined,
						...tricks.trick(cursor, { records, nextCursor }),
					};
				},
				({ id, updatedAt }) => ({ id, moment: updatedAt ?? undefined }),
				from,
				resumeToken,
				(text) => text,
			),
	};
	vendor.source = Object.assign(Object.create(vendor.source) as typeof vendor.source, {
		lists: [list],
		listsOf: async () => ({ lists: [list], notes: null }),
	});
	const trigger = fakeTrigger(vendor);
	await trigger.scan();
	vendor.now += HOUR;
	/** Polls until all is read, and at most as often as named. */
	const poll = async (times: number, pages = Infinity) => {
		const ids: Array<FakeRecord['id']> = [];
		for (let time = 0; time < times; time++) {
			ids.push(...(await trigger.ids({ pages })));
			if (!trigger.state().scan) break;
			vendor.now += MINUTE;
		}
		return ids;
	};
	const put = (first: number, last: number, moment?: number) => {
		for (let id = first; id <= last; id++) {
			const at = moment ?? vendor.now - (last - id + 1) * 1000;
			vendor.put({ id, endedAt: at, updatedAt: at });
		}
	};
	return { vendor, trigger, tricks, poll, put };
}

const numbers = (first: number, last: number) =>
	Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** A server whose cursors lead in a circle of so many pages, without a record in time behind the first of them. */
const circleOf =
	(length: number, first: FakeRecord[] = []): Trick =>
	(cursor, page) => {
		if (cursor === undefined) return page;
		const place = Number(/^circle-(\d+)$/.exec(cursor)?.[1] ?? 0);
		return { records: first.slice(place, place + 1), nextCursor: `circle-${(place + 1) % length}` };
	};

describe.each([1, 2, 3, 7])('a stored cursor that leads in a circle over %i pages', (length) => {
	it.each([1, 2, Infinity])('is given up, %d pages a poll, and each session comes once', async (pages) => {
		const { vendor, trigger, tricks, poll, put } = await cursorTrigger();
		put(1, 10);
		const all = await trigger.ids({ pages: 2 });
		expect(all).toEqual([1, 2, 3, 4]);
		tricks.trick = circleOf(length, [...vendor.records.values()].slice(2, 4));
		// The cursor is to blame, and the list is sound where it is asked for anew.
		all.push(...(await poll(3 * length, pages)));
		tricks.asked.length = 0;
		const isOpen = trigger.state().scan !== null;
		const { trick } = tricks;
		tricks.trick = (cursor, page) => (cursor?.startsWith('circle') ? trick(cursor, page) : page);
		all.push(...(await poll(40, pages)));
		expect(all).toEqual(numbers(1, 10));
		expect(trigger.state().scan).toBeNull();
		// From the last moment reached, not from the beginning of the scan.
		for (const [since, cursor] of tricks.asked)
			if (isOpen && cursor === undefined)
				expect(since).toBeGreaterThanOrEqual(vendor.records.get(3)!.updatedAt!);
	});

	it('while no moment was reached, is asked for anew from the beginning of the scan', async () => {
		const { trigger, tricks, poll, put } = await cursorTrigger();
		put(1, 4);
		tricks.trick = (cursor) =>
			cursor === undefined
				? { records: [], nextCursor: 'circle-0' }
				: circleOf(length)(cursor, { records: [] });
		expect(await poll(3 * length, 1)).toEqual([]);
		tricks.trick = (cursor, page) => (cursor?.startsWith('circle') ? circleOf(length)(cursor, page) : page);
		expect(await poll(40)).toEqual([1, 2, 3, 4]);
		expect(trigger.state().scan).toBeNull();
	});
});

describe.each([1, 2, 3, 7])('pages that come again under new cursors, in a circle of %i', (length) => {
	it.each([1, 2, Infinity])('are given up, %d pages a poll, and each session comes once', async (pages) => {
		const { trigger, tricks, poll, put } = await cursorTrigger();
		put(1, 2 * length);
		let turn = 0;
		tricks.trick = (_cursor, page) => {
			// The cursor of the sound server, behind the number of the turn.
			const next = Number(page.nextCursor ?? 0);
			return { ...page, nextCursor: `${next}e0${'0'.repeat(++turn)}` };
		};
		const all = await poll(4 * length, pages);
		const failures: string[] = [];
		for (let time = 0; time < 4 * length; time++) {
			const { failure, deliveries } = await trigger.poll({ pages: 50 });
			for (const { record } of deliveries) all.push(record.id);
			if (failure) failures.push(failure.message);
		}
		expect(all).toEqual(numbers(1, 2 * length));
		expect(failures[0]).toMatch('a second time, under another cursor');
		expect(tricks.asked.length).toBeLessThan(60 * length);
		tricks.trick = (_cursor, page) => page;
		put(2 * length + 1, 2 * length + 1);
		all.push(...(await poll(10)));
		expect(all).toEqual(numbers(1, 2 * length + 1));
		expect(trigger.state().scan).toBeNull();
	});
});

it('a circle that stays, over more pages than are remembered, is said, and left when the vendor has mended it', async () => {
	const { vendor, trigger, tricks, put } = await cursorTrigger();
	put(1, 600);
	tricks.trick = (cursor, page) => ({ ...page, nextCursor: String((Number(cursor ?? 0) + 2) % 600) });
	const all: Array<number | string> = [];
	let failures = 0;
	for (let poll = 0; poll < 40; poll++) {
		const { deliveries, failure } = await trigger.poll({ pages: 30 });
		all.push(...deliveries.map(({ record }) => record.id));
		failures += Number(failure !== undefined);
	}
	expect(all).toEqual(numbers(1, 600));
	expect(failures).toBeGreaterThan(5);
	tricks.trick = (_cursor, page) => page;
	vendor.now += HOUR;
	put(601, 601);
	expect([...(await trigger.scan()), ...(await trigger.scan())]).toEqual([601]);
});

it.each([400, 401, 404, 410, 500])(
	'a stored cursor that is refused with %i while nothing was read is asked for anew from the beginning of the scan',
	async (status) => {
		const { trigger, tricks, poll, put } = await cursorTrigger();
		put(1, 4);
		tricks.trick = () => ({ records: [], nextCursor: 'later' });
		await trigger.poll({ pages: 1 });
		// The vendor refuses all of its cursors, and the page before them is empty, for many polls.
		tricks.trick = (cursor) => {
			if (cursor !== undefined) throw new ApiError('refused', { status });
			return { records: [], nextCursor: 'later' };
		};
		for (let time = 0; time < 25; time++) await trigger.poll({ pages: 1 });
		tricks.trick = (cursor, page) => {
			if (cursor === 'later') throw new ApiError('refused', { status });
			return page;
		};
		expect(await poll(10)).toEqual([1, 2, 3, 4]);
		expect(trigger.state().scan).toBeNull();
	},
);

it('empty pages alone, while nothing was read, are asked for anew by the next poll', async () => {
	const { trigger, tricks, poll, put } = await cursorTrigger();
	put(1, 4);
	let count = 0;
	tricks.trick = () => ({ records: [], nextCursor: `empty-${++count}` });
	expect(await poll(3, 30)).toEqual([]);
	const { failure } = await trigger.poll({ pages: 30 });
	expect(failure?.message).toMatch('10 empty pages in a row');
	tricks.trick = (cursor, page) =>
		cursor?.startsWith('empty') ? { records: [], nextCursor: `empty-${++count}` } : page;
	expect(await poll(5)).toEqual([1, 2, 3, 4]);
});

it('sessions of one moment, behind a cursor that leads in a circle, come once', async () => {
	const { vendor, trigger, tricks, poll, put } = await cursorTrigger();
	put(1, 9, vendor.now);
	const all = await trigger.ids({ pages: 2 });
	tricks.trick = circleOf(2);
	all.push(...(await poll(3, 1)));
	const { trick } = tricks;
	tricks.trick = (cursor, page) => (cursor?.startsWith('circle') ? trick(cursor, page) : page);
	all.push(...(await poll(20)));
	expect(all).toEqual(numbers(1, 9));
});

it.each(['combined', 'twoLists', 'window'] as const)(
	'a stored place that leads back over two pages is given up by the next poll (%s)',
	async (offer) => {
		const vendor = fakeVendor({ offer, pageSize: 2 });
		const trigger = fakeTrigger(vendor);
		await trigger.scan();
		vendor.now += HOUR;
		for (let id = 1; id <= 8; id++) vendor.put({ id, endedAt: vendor.now - (9 - id) * 1000 });
		const all = await trigger.ids({ pages: 1 });
		const place = trigger.state().scan!.resumeToken;
		let turn = 0;
		// From the stored place to an old one, and back.
		vendor.distort = () => ({ records: [], next: turn++ % 2 === 0 ? [0, 'elsewhere'] : place });
		await expect(trigger.poll()).resolves.toMatchObject({ failure: expect.any(ApiError) as unknown });
		vendor.distort = (page, { resumeToken }) => {
			const isOld = JSON.stringify(resumeToken) === JSON.stringify(place) && !all.includes('anew');
			if (resumeToken === null) all.push('anew');
			return isOld ? { records: [], next: place } : page;
		};
		all.push(...(await trigger.scan()));
		expect(all.filter((id) => id !== 'anew')).toEqual(numbers(1, 8));
		expect(all).toContain('anew');
	},
);

it('a list without order whose cursors are all refused ends a poll with the refusal, and does not go round', async () => {
	const { vendor, trigger, tricks, put } = await cursorTrigger();
	put(1, 8);
	tricks.trick = (cursor, page) => {
		if (cursor !== undefined) throw new ApiError('refused', { status: 410 });
		return { ...page, records: [...page.records].reverse() };
	};
	const { failure, deliveries } = await trigger.poll({ pages: 50 });
	expect(failure?.message).toBe('refused');
	expect(deliveries).toHaveLength(2);
	expect(tricks.asked.length).toBeLessThan(30);
	tricks.trick = (_cursor, page) => page;
	expect(await trigger.scan()).toEqual(numbers(3, 8));
	expect(vendor.records.size).toBe(8);
});
