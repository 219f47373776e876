import type { TriggerEvent } from '../../../nodes/shared/sync/snapshot';
import { DAY, fakeTrigger, fakeVendor, HOUR, MINUTE, NOON, type FakeVendor } from './fakeSource';

type Ids = Array<number | string>;

/** Random numbers that are the same in each run. */
function randomOf(seed: number): () => number {
	let state = seed + 1;
	return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A trigger at noon, on a vendor with a history of a year, whose newest sessions are read before the first poll. */
async function begun(
	event: TriggerEvent,
	ids: number[],
	given: Partial<FakeVendor> = {},
	hasCreation = true,
) {
	const vendor = fakeVendor({ event, pageSize: 5000, ...given });
	vendor.source.readClock = async () => await vendor.source.newest(50);
	const add = (id: number, endedAt: number) => {
		const createdAt = hasCreation ? endedAt - HOUR / 2 : null;
		vendor.put({ id, endedAt, createdAt, updatedAt: endedAt });
	};
	for (const [index, id] of ids.entries()) add(id, NOON - (ids.length - index) * 7 * HOUR);
	const trigger = fakeTrigger(vendor, { event });
	await trigger.scan();
	const hourly = async (hours: number) => {
		const all: Ids = [];
		for (let hour = 0; hour < hours; hour++) {
			vendor.now += HOUR;
			all.push(...(await trigger.scan()));
		}
		return all;
	};
	/** A session of now each half hour, and a touch of an old one; what came and what was new. */
	const live = async (newIds: number[]) => {
		const all: Ids = [];
		let old = 0;
		for (const [turn, id] of newIds.entries()) {
			vendor.now += HOUR / 2;
			add(id, vendor.now - MINUTE);
			// Whole history, from the oldest on.
			if (turn < ids.length) vendor.put({ id: ids[turn] });
			const { deliveries, old: dropped } = await trigger.poll();
			all.push(...deliveries.map(({ record }) => record.id));
			old += dropped.count;
		}
		all.push(...(await hourly(30)));
		return { all, old };
	};
	return { vendor, trigger, live, hourly };
}

/** Ids of a vendor, of sessions in the order of their creation: a history, and what comes. */
const VENDORS: Record<string, (seed: number) => { history: number[]; coming: number[] }> = {
	'random ids': (seed) => {
		const random = randomOf(seed);
		const ids = new Set<number>();
		while (ids.size < 260) ids.add(Math.floor(random() * 1e9));
		return { history: [...ids].slice(0, 160), coming: [...ids].slice(160) };
	},
	'falling ids': () => ({
		history: Array.from({ length: 160 }, (_, at) => 9000 - at),
		coming: Array.from({ length: 100 }, (_, at) => 8000 - at),
	}),
	'two blocks that take turns': (seed) => {
		const random = randomOf(seed);
		const next = [1000, 700_000];
		const ids = Array.from({ length: 260 }, () => next[random() < 0.5 ? 0 : 1]++);
		return { history: ids.slice(0, 160), coming: ids.slice(160) };
	},
	'two blocks, one of them rare': (seed) => {
		const random = randomOf(seed);
		const next = [1000, 700_000];
		const ids = Array.from({ length: 260 }, () => next[random() < 0.95 ? 0 : 1]++);
		return { history: ids.slice(0, 160), coming: ids.slice(160) };
	},
	'an old block above the new one': () => ({
		history: Array.from({ length: 160 }, (_, at) => (at < 80 ? 900_000 : 1000) + at),
		coming: Array.from({ length: 100 }, (_, at) => 2000 + at),
	}),
	'a new block above the old one': () => ({
		history: Array.from({ length: 160 }, (_, at) => 1000 + at),
		coming: Array.from({ length: 100 }, (_, at) => (at < 50 ? 2000 : 900_000) + at),
	}),
};

describe.each(Object.keys(VENDORS))('%s', (name) => {
	it.each([1, 2, 3, 4, 5])(
		'lose and double nothing, and make no old session a new one (seed %i)',
		async (seed) => {
			const { history, coming } = VENDORS[name](seed);
			const { live } = await begun('completed', history);
			const { all, old } = await live(coming);
			expect(all).toEqual(coming);
			expect(old).toBeGreaterThanOrEqual(95);
		},
	);

	it('correct what was touched and changed, once', async () => {
		const { history, coming } = VENDORS[name](7);
		const { vendor, trigger, live } = await begun('corrected', history);
		// Touched for the first time: nothing is known of the version before.
		expect((await live(coming)).all).toEqual(history.slice(0, 100));
		for (const id of coming) vendor.put({ id, energyWh: 1 });
		expect(new Set(await trigger.scan())).toEqual(new Set(coming));
	});
});

it.each(['random ids', 'falling ids', 'two blocks that take turns'])(
	'%s, without a creation time, make no old session a new one either',
	async (name) => {
		for (let seed = 0; seed < 20; seed++) {
			const { history, coming } = VENDORS[name](seed);
			const { live } = await begun('completed', history, {}, false);
			expect((await live(coming)).all).toEqual(coming);
		}
	},
);

it.each(['random ids', 'falling ids', 'two blocks that take turns'])(
	'%s hide no session that a charger with a dead clock begins',
	async (name) => {
		const { history, coming } = VENDORS[name](3);
		const { vendor, trigger } = await begun('started', history, {}, false);
		const all: Ids = [];
		for (const id of coming) {
			vendor.now += MINUTE;
			vendor.put({ id, startedAt: Date.UTC(1970, 0, 1, 3), endedAt: null, createdAt: null });
			all.push(...(await trigger.scan()));
		}
		expect(all).toEqual(coming);
	},
);

it('ids that were not seen to rise tell nothing: one session before the trigger is no order', async () => {
	for (const count of [0, 1, 2, 3]) {
		const { vendor, trigger } = await begun(
			'completed',
			Array.from({ length: count }, (_, at) => 10 + at),
			{},
			false,
		);
		vendor.now += MINUTE;
		vendor.put({ id: 9000, endedAt: NOON - 20 * DAY, createdAt: null });
		expect(await trigger.poll()).toMatchObject({ deliveries: [], old: { count: 1 } });
	}
});

describe('ids that rise', () => {
	const rising = Array.from({ length: 160 }, (_, at) => 1000 + 3 * at);

	it.each<[string, (start: number) => number | null]>([
		['has no creation time', () => null],
		['is created by the clock of the charger', (start) => start],
	])('tell a session of a charger 40 days behind, which %s', async (_, createdOf) => {
		const { vendor, trigger, hourly } = await begun('completed', rising);
		const all: Ids = [];
		for (let id = 1500; id < 1520; id++) {
			vendor.now += 10 * MINUTE;
			const startedAt = vendor.now - 40 * DAY;
			vendor.put({ id, startedAt, endedAt: startedAt + HOUR, createdAt: createdOf(startedAt) });
			all.push(...(await trigger.scan()));
		}
		all.push(...(await hourly(30)));
		expect(all).toEqual(Array.from({ length: 20 }, (_unused, at) => 1500 + at));
	});

	it('go on to, when one charger is 300 days ahead', async () => {
		const { vendor, trigger } = await begun('completed', rising, {}, false);
		vendor.now += MINUTE;
		const ahead = vendor.now + 300 * DAY;
		vendor.put({ id: 1500, startedAt: ahead, endedAt: ahead + HOUR, createdAt: null });
		expect(await trigger.scan()).toEqual([1500]);
		const { inOrder, outOfOrder } = trigger.state().ids;
		for (const id of [1501, 1502, 1503]) {
			vendor.now += HOUR;
			vendor.put({ id, createdAt: null });
			await trigger.scan();
		}
		expect(trigger.state().ids).toMatchObject({ inOrder: inOrder + 2, outOfOrder });
	});

	it('are not hidden by ids as texts that were forgotten', async () => {
		const { vendor, trigger } = await begun('completed', rising, {}, false);
		for (let day = 0; day < 2; day++) {
			vendor.now += DAY;
			for (let at = 0; at < 12_000; at++)
				vendor.put({ id: `text-${day}-${at}`, endedAt: vendor.now - at, createdAt: null });
			await trigger.scan();
		}
		expect(trigger.state().hasForgotten).toBe(true);
		expect(trigger.state().ids.horizon).toBeLessThanOrEqual(rising.at(-1)!);
		vendor.now += HOUR;
		const endedAt = vendor.now - 40 * DAY;
		vendor.put({ id: 2000, endedAt, createdAt: null });
		expect(await trigger.scan()).toEqual([2000]);
	});
});
