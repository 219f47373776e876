import * as fc from 'fast-check';

import { ApiError } from '../../../nodes/shared/util/errors';
import {
	firstPart,
	windowPages,
	type Window,
	type WindowStep,
} from '../../../nodes/shared/paging/dateWindow';

/** Dates in seconds since 1970, with microseconds; a running session has no end. */
interface Session {
	id: number;
	started_at: number;
	stopped_at: number | null;
	created_at: number;
}

type DateField = 'started_at' | 'stopped_at' | 'created_at';
type Order = 'asc' | 'desc';

interface Switches {
	field: DateField;
	inclusive: boolean;
	ignoresDates: boolean;
	/** Where sessions without the date stand in ascending order. */
	nulls: 'first' | 'last';
	/** When none is asked for. */
	order: Order;
	/** Most sessions in an answer, whatever is asked for. */
	cap: number;
	/** Which sessions of a longer list are in an answer: the first in the order that is asked for, or the newest in any order. */
	keeps: 'first' | 'newest' | 'newest beyond the cap';
}

const SWITCHES: Switches = {
	field: 'started_at',
	inclusive: true,
	ignoresDates: false,
	nulls: 'first',
	order: 'desc',
	cap: Infinity,
	keeps: 'first',
};
const NOON = Date.UTC(2026, 0, 31, 12) / 1000;
const MOST_PER_ANSWER = 10_000;

function fits(session: Session, { from, to }: Window, { field, inclusive }: Switches): boolean {
	const date = session[field];
	if (date === null) return false;
	return inclusive ? date >= from && date <= to : date > from && date < to;
}

/** A server without paging; remembers what it was asked for. */
function server(sessions: Session[], given: Partial<Switches> = {}) {
	const switches = { ...SWITCHES, ...given };
	const { field } = switches;
	const steps: WindowStep[] = [];
	const ask = async (step: WindowStep): Promise<Session[]> => {
		steps.push(step);
		if (steps.length > 20_000) throw new Error('endless');
		const { window } = step;
		const found = sessions.filter(
			(session) => !window || switches.ignoresDates || fits(session, window, switches),
		);
		const missing = switches.nulls === 'first' ? -Infinity : Infinity;
		const key = (session: Session) => session[field] ?? missing;
		found.sort((a, b) => (key(a) === key(b) ? a.id - b.id : key(a) - key(b)));
		if ((step.order ?? switches.order) === 'desc') found.reverse();
		const isAscending = (step.order ?? switches.order) === 'asc';
		const keepsNewest =
			switches.keeps === 'newest' ||
			(switches.keeps === 'newest beyond the cap' && step.pageSize > switches.cap);
		const count = Math.min(step.pageSize, switches.cap);
		return isAscending && keepsNewest ? found.slice(-count) : found.slice(0, count);
	};
	return { ask, steps, switches };
}

/** As the node does it: outside only by every reading. */
function isOutside(session: Session, { from, to }: Window): boolean {
	const dates = [session.started_at, session.stopped_at, session.created_at];
	return dates.every((date) => date === null || date < from - 1 || date > to + 1);
}

type Walk = Parameters<typeof windowPages<Session>>[1];

async function gather(ask: (step: WindowStep) => Promise<Session[]>, walk: Partial<Walk>) {
	const all: Session[] = [];
	const whole = {
		pageSize: 10,
		maxPerResponse: MOST_PER_ANSWER,
		concurrency: 1,
		idOf: ({ id }: Session) => id,
		isOutside,
		ignoredDatesAdvice: 'Send them in another way.',
	};
	for await (const page of windowPages(ask, { ...whole, ...walk })) {
		expect(page).not.toHaveLength(0);
		for (const session of page) all.push(session);
	}
	return all;
}

const session = (id: number, start: number, stop: number | null = start + 0.25): Session => ({
	id,
	started_at: NOON + start,
	stopped_at: stop === null ? null : NOON + stop,
	created_at: NOON + start + 0.000_001,
});
const every = (count: number, seconds: number) =>
	Array.from({ length: count }, (_, id) => session(id, id * seconds));
const ids = (sessions: Session[]) => sessions.map(({ id }) => id);
const idsUpTo = (count: number) => Array.from({ length: count }, (_, id) => id);

describe('a list that fits into one answer', () => {
	it.each([0, 1, 9])('of %i costs one request, with what was asked for', async (count) => {
		const { ask, steps } = server(every(count, 60));
		const window = { from: NOON, to: NOON + 3600 };
		expect(ids(await gather(ask, { window, order: 'asc' }))).toEqual(idsUpTo(count));
		expect(steps).toEqual([{ window, order: 'asc', pageSize: 10 }]);
	});

	it('leaves dates and order to the API where the user gave none', async () => {
		const { ask, steps } = server(every(5, 60));
		expect(ids(await gather(ask, {}))).toEqual([4, 3, 2, 1, 0]);
		expect(steps).toEqual([{ window: undefined, order: undefined, pageSize: 10 }]);
	});
});

describe('a server with a maximum of its own below what is asked for', () => {
	const window = { from: NOON, to: NOON + 100_000 };
	const CAPS = [10, 25, 30, 64, 100, 128, 365, 999];

	describe.each(['first', 'newest', 'newest beyond the cap'] as const)('which keeps the %s', (keeps) => {
		it.each(CAPS)('of %i gives a longer list whole, in any order, with dates and without', async (cap) => {
			const sessions = every(2 * cap + 1, 7);
			for (const order of ['asc', 'desc', undefined] as const) {
				for (const dates of [window, undefined]) {
					const { ask } = server(sessions, { cap, keeps });
					const all = await gather(ask, { window: dates, order, pageSize: 10_000 });
					expect(ids(all).sort((a, b) => a - b)).toEqual(idsUpTo(2 * cap + 1));
				}
			}
		});

		it.each(CAPS)('of %i gives a longer window whole, part by part', async (cap) => {
			const { ask } = server(every(2 * cap + 1, 7), { cap, keeps });
			const seen = new Set<number>();
			for (let from = window.from; from < window.to;) {
				const { records, to } = await firstPart(
					async (part, pageSize, order = 'asc') => await ask({ window: part, order, pageSize }),
					{ from, to: window.to },
					window.to,
					{ pageSize: 10_000, maxPerResponse: 10_000, isOutside, ignoredDatesAdvice: '' },
				);
				for (const { id } of records) seen.add(id);
				from = to >= window.to ? to : to - 1;
			}
			expect([...seen].sort((a, b) => a - b)).toEqual(idsUpTo(2 * cap + 1));
		});
	});

	it('costs two requests more for each list that is longer than all before, and none for the others', async () => {
		const counts = [3, 9, 40, 12, 39, 41, 5, 20];
		const largestWhole = { count: 0 };
		const asked: number[] = [];
		for (const count of counts) {
			const { ask, steps } = server(every(count, 60));
			await gather(ask, { window, order: 'asc', pageSize: 10_000, largestWhole });
			asked.push(steps.length);
		}
		expect(asked).toEqual([1, 1, 3, 1, 1, 3, 1, 1]);
	});
});

it('windows that are asked for at once end with the first error, although one before is still being read', async () => {
	const { ask } = server(every(500, 7));
	const window = { from: NOON, to: NOON + 3600 };
	const askOrFail = async (step: WindowStep) => {
		const { from, to } = step.window!;
		if (from !== window.from) throw new Error('the later half failed');
		if (to !== window.to) await new Promise(() => undefined);
		return await ask(step);
	};
	const reading = gather(askOrFail, { window, order: 'asc', concurrency: 2 });
	await expect(reading).rejects.toThrow('the later half failed');
});

describe.each(['asc', 'desc', undefined] as const)('a list longer than one answer, order %s', (order) => {
	const sessions = every(500, 7);
	const expected = order === 'desc' ? idsUpTo(500).reverse() : idsUpTo(500);

	it('is given whole and in order with dates', async () => {
		const { ask } = server(sessions);
		const window = { from: NOON, to: NOON + 3600 };
		expect(ids(await gather(ask, { window, order }))).toEqual(expected);
	});

	it('is given whole and in order without dates', async () => {
		const { ask } = server(sessions);
		expect(ids(await gather(ask, { order }))).toEqual(expected);
	});

	it('holds back what lies outside the dates', async () => {
		const { ask } = server(sessions);
		const window = { from: NOON + 700, to: NOON + 1399 };
		const inside = expected.filter((id) => id >= 100 && id < 200);
		expect(ids(await gather(ask, { window, order }))).toEqual(inside);
	});

	it.each(['first', 'last'] as const)(
		'keeps the sessions that still run when the API compares the end and puts them %s',
		async (nulls) => {
			const running = [session(900, 10, null), session(901, 2000, null)];
			const { ask } = server([...sessions, ...running], { field: 'stopped_at', nulls });
			const given = ids(await gather(ask, { order }));
			expect(given.slice(0, 500)).toEqual(expected);
			expect(given.slice(500).sort()).toEqual([900, 901]);
		},
	);
});

it('an answer exactly as long as asked for may be cut off, so it is not trusted', async () => {
	const { ask, steps } = server(every(10, 60));
	expect(ids(await gather(ask, { window: { from: NOON, to: NOON + 3600 } }))).toEqual(idsUpTo(10));
	expect(steps.length).toBeGreaterThan(1);
});

it('bounds that exclude the moment itself lose nothing between two halves', async () => {
	const { ask } = server(every(200, 1), { inclusive: false });
	const window = { from: NOON - 1, to: NOON + 1000 };
	expect(ids(await gather(ask, { window, order: 'asc' }))).toEqual(idsUpTo(200));
});

it('fractions of a second are not lost between two halves', async () => {
	const sessions = Array.from({ length: 300 }, (_, id) =>
		session(id, Math.floor(id / 3) + (id % 3) * 0.499_999),
	);
	const { ask } = server(sessions);
	const window = { from: NOON, to: NOON + 1000 };
	expect(ids(await gather(ask, { window, order: 'asc' }))).toEqual(idsUpTo(300));
});

it('one second that holds more than a page is asked for at the bound of the API', async () => {
	const sessions = Array.from({ length: 50 }, (_, id) => session(id, id / 100));
	const { ask, steps } = server(sessions);
	expect(ids(await gather(ask, { window: { from: NOON - 60, to: NOON + 60 } }))).toHaveLength(50);
	expect(Math.max(...steps.map(({ pageSize }) => pageSize))).toBe(MOST_PER_ANSWER);
});

it('one second that holds more than an answer can carry is a clear error with that second', async () => {
	const sessions = Array.from({ length: 50 }, (_, id) => session(id, id / 100));
	const walk = gather(server(sessions).ask, {
		window: { from: NOON - 60, to: NOON + 60 },
		maxPerResponse: 40,
	});
	await expect(walk).rejects.toBeInstanceOf(ApiError);
	await expect(walk).rejects.toThrow(/more records at 2026-01-31T(11:59:59|12:00:0[01]).000Z .*\(40\)/);
});

it.each(['asc', 'desc', undefined] as const)(
	'a server that ignores the dates is a clear error after few requests, order %s',
	async (order) => {
		for (const window of [undefined, { from: NOON, to: NOON + 3600 }]) {
			const { ask, steps } = server(every(500, 7), { ignoresDates: true });
			const walk = gather(ask, { window, order });
			await expect(walk).rejects.toBeInstanceOf(ApiError);
			await expect(walk).rejects.toThrow('ignores the dates');
			await expect(walk).rejects.toMatchObject({ details: { advice: 'Send them in another way.' } });
			expect(steps.length).toBeLessThan(20);
		}
	},
);

it('a window of one second can be asked for', async () => {
	const sessions = Array.from({ length: 30 }, (_, id) => session(id, id / 40));
	const { ask } = server(sessions);
	const given = await gather(ask, { window: { from: NOON, to: NOON }, isOutside: () => false });
	expect(given.length).toBeGreaterThan(0);
});

it('records without id are given as often as they come, since nothing tells them apart', async () => {
	const { ask } = server(every(8, 60));
	expect(await gather(ask, { idOf: () => undefined })).toHaveLength(8);
});

it('25,000 sessions of a year cost about as many requests as they fill answers', async () => {
	const { ask, steps } = server(every(25_000, 1261));
	expect(await gather(ask, { pageSize: 1000 })).toHaveLength(25_000);
	// 50 answers of up to 1000, about as many that were cut off, and the way down from 130 years to one.
	expect(steps.length).toBeLessThan(120);
});

it('200,000 sessions in one answer do not overflow the stack', async () => {
	const sessions = every(200_000, 1);
	const half = async ({ window, pageSize }: WindowStep) =>
		sessions
			.filter(({ started_at }) => !window || (started_at >= window.from && started_at <= window.to))
			.slice(0, pageSize);
	expect(await gather(half, { pageSize: 150_000, maxPerResponse: 150_000 })).toHaveLength(200_000);
});

it('nothing is lost, nothing is doubled and the order is kept, whatever the server makes of its dates', async () => {
	const moment = fc
		.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 0.000_001, 0.5, 0.999_999))
		.map(([second, fraction]) => second + fraction);
	const anySession = fc.record({ start: moment, length: fc.option(moment, { freq: 30 }) });
	await fc.assert(
		fc.asyncProperty(
			fc.record({
				drawn: fc.array(anySession, { maxLength: 120, size: 'max' }),
				pageSize: fc.integer({ min: 1, max: 50 }),
				order: fc.constantFrom('asc' as const, 'desc' as const, undefined),
				concurrency: fc.integer({ min: 1, max: 8 }),
				bounds: fc.option(fc.tuple(fc.integer({ min: -2, max: 42 }), fc.nat(45)), { nil: undefined }),
				switches: fc.record({
					field: fc.constantFrom<DateField>('started_at', 'stopped_at', 'created_at'),
					inclusive: fc.boolean(),
					nulls: fc.constantFrom<Switches['nulls']>('first', 'last'),
					order: fc.constantFrom<Order>('asc', 'desc'),
				}),
			}),
			async ({ drawn, pageSize, order, concurrency, bounds, switches: drawnSwitches }) => {
				let running = 0;
				const sessions = drawn.map(({ start, length }, id) => {
					// The undated answers can show no more running sessions than a page holds.
					const runs = length === null && ++running <= pageSize;
					return session(id, start, runs ? null : start + (length ?? 1));
				});
				const window = bounds && { from: NOON + bounds[0], to: NOON + bounds[0] + bounds[1] };
				const { ask, steps, switches } = server(sessions, drawnSwitches);
				const given = await gather(ask, { window, order, pageSize, concurrency });

				const expected = window ? sessions.filter((one) => fits(one, window, switches)) : sessions;
				expect(ids(given).sort((a, b) => a - b)).toEqual(ids(expected));
				expect(steps.length).toBeLessThanOrEqual(3 + 2 * 33 * (1 + drawn.length));

				const inOrder = given.map((one) => one[switches.field]).filter((date) => date !== null);
				// A list that is cut is asked for in an order; one record alone is asked for to see the end of a list.
				const isCut = steps.some((step) => step.order !== undefined && step.pageSize > 1);
				const direction = order ?? (isCut ? 'asc' : switches.order);
				expect(inOrder).toEqual([...inOrder].sort((a, b) => (direction === 'asc' ? a - b : b - a)));
			},
		),
		{ numRuns: 500 },
	);
});

describe('the first part of a window', () => {
	const HOUR_LONG = { from: NOON, to: NOON + 3600 };

	/** Asks a server for the first part; `guess` defaults to the whole. */
	async function first(
		{ ask, steps }: ReturnType<typeof server>,
		whole: Window,
		guess = whole.to,
		{
			pageSize = 10,
			maxPerResponse = MOST_PER_ANSWER,
			usualEnd,
		}: { pageSize?: number; maxPerResponse?: number; usualEnd?: number } = {},
	) {
		const part = await firstPart(
			async (window, size, order = 'asc') => await ask({ window, order, pageSize: size }),
			whole,
			guess,
			{ pageSize, maxPerResponse, usualEnd, isOutside, ignoredDatesAdvice: 'Send them in another way.' },
		);
		return { ...part, ids: ids(part.records), requests: steps.length };
	}

	it('is the whole where that fits into one answer', async () => {
		const part = await first(server(every(9, 60)), HOUR_LONG);
		expect(part).toMatchObject({ ids: idsUpTo(9), to: HOUR_LONG.to, requests: 1 });
	});

	it('is what a guess says, where that fits', async () => {
		const part = await first(server(every(60, 60)), HOUR_LONG, NOON + 300);
		expect(part).toMatchObject({ ids: idsUpTo(6), to: NOON + 300, requests: 1 });
	});

	it('is what halving leaves, where the guess was too long', async () => {
		const part = await first(server(every(60, 60)), HOUR_LONG);
		expect(part).toMatchObject({ ids: idsUpTo(8), to: NOON + 450, requests: 4 });
	});

	it('is what halving up to the usual end leaves, also of a window of years', async () => {
		const years = { from: NOON, to: NOON + 2 * 365 * 86_400 };
		const part = await first(server(every(60, 60)), years, years.to, { usualEnd: HOUR_LONG.to });
		expect(part).toMatchObject({ ids: idsUpTo(8), to: NOON + 450, requests: 4 });
		const later = await first(server(every(60, 60)), HOUR_LONG, HOUR_LONG.to, { usualEnd: NOON });
		expect(later).toMatchObject({ ids: idsUpTo(8), to: NOON + 450, requests: 4 });
	});

	it('is not trusted where its answer is exactly as long as asked for', async () => {
		const part = await first(server(every(10, 300)), HOUR_LONG);
		expect(part).toMatchObject({ ids: idsUpTo(7), to: NOON + 1800, requests: 2 });
	});

	it.each([
		['beyond its end', NOON + 10_000, HOUR_LONG.to],
		['before its beginning', NOON - 10_000, NOON + 2],
		['at its beginning', NOON, NOON + 2],
		['a second behind its beginning', NOON + 1, NOON + 2],
	])('with a guess %s stays in the window, and is long enough to go on', async (_, guess, to) => {
		expect((await first(server(every(5, 60)), HOUR_LONG, guess)).to).toBe(to);
	});

	it.each([0, 1, 2])('of a window of %i seconds is the whole', async (length) => {
		const whole = { from: NOON, to: NOON + length };
		const part = await first(server(every(300, 0.25)), whole);
		expect(part.to).toBe(whole.to);
		expect(part.records).toHaveLength(length * 4 + 1);
	});

	it('asks at the bound of the API where two seconds hold more than a page', async () => {
		const sessions = server(Array.from({ length: 50 }, (_, id) => session(id, id / 100)));
		const part = await first(sessions, HOUR_LONG);
		expect(part).toMatchObject({ ids: idsUpTo(50), to: NOON + 2 });
		// The last request checks that the answer of the bound is whole.
		expect(sessions.steps.map(({ pageSize }) => pageSize).slice(-3)).toEqual([10, MOST_PER_ANSWER, 1]);
	});

	it('is a clear error where two seconds hold more than an answer can carry', async () => {
		const sessions = server(Array.from({ length: 50 }, (_, id) => session(id, id / 100)));
		const part = first(sessions, HOUR_LONG, HOUR_LONG.to, { maxPerResponse: 40 });
		await expect(part).rejects.toBeInstanceOf(ApiError);
		await expect(part).rejects.toThrow(
			'more records at 2026-01-31T12:00:00.000Z than one response can hold (40)',
		);
	});

	it('is a clear error where the API ignores the dates, after few requests', async () => {
		const sessions = server(every(500, 7), { ignoresDates: true });
		const part = first(sessions, HOUR_LONG);
		await expect(part).rejects.toThrow('ignores the dates');
		await expect(part).rejects.toMatchObject({ details: { advice: 'Send them in another way.' } });
		expect(sessions.steps.length).toBeLessThan(15);
	});

	it('and those that follow it hold all sessions, and each part goes on, whatever the server makes of its dates', async () => {
		const moment = fc
			.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 0.000_001, 0.5, 0.999_999))
			.map(([second, fraction]) => second + fraction);
		await fc.assert(
			fc.asyncProperty(
				fc.array(moment, { maxLength: 150, size: 'max' }),
				fc.integer({ min: 1, max: 30 }),
				fc.constantFrom<DateField>('started_at', 'stopped_at', 'created_at'),
				fc.boolean(),
				async (starts, pageSize, field, inclusive) => {
					const sessions = server(
						starts.map((start, id) => session(id, start)),
						{ field, inclusive },
					);
					const whole = { from: NOON - 1, to: NOON + 43 };
					const all: number[] = [];
					let from = whole.from;
					let span = whole.to - from;
					for (let parts = 0; ; parts++) {
						expect(parts).toBeLessThan(60);
						const part = await first(sessions, { from, to: whole.to }, from + 2 * span, { pageSize });
						all.push(...part.ids);
						if (part.to === whole.to) break;
						// The next one begins a second before the end of this one, and must still begin later than it.
						expect(part.to - 1).toBeGreaterThan(from);
						span = part.to - from;
						from = part.to - 1;
					}
					expect([...new Set(all)].sort((a, b) => a - b)).toEqual(idsUpTo(starts.length));
				},
			),
			{ numRuns: 300 },
		);
	});
});
