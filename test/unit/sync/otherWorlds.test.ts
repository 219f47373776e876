import { fieldsMark, fingerprintOf, snapshotReader } from '../../../nodes/shared/sync/snapshot';
import type { TriggerEvent } from '../../../nodes/shared/sync/snapshot';
import { emptyToUndefined, type RecordKind } from '../../../nodes/shared/session/fields';
import { DAY, fakeTrigger, fakeVendor, HOUR, MINUTE, NOON, type FakeVendor, type Offer } from './fakeSource';

/** Worlds beside those of `worlds.test.ts`: other numbers, orders, clocks and vendors. */

const YEAR = 365 * DAY;
const OFFERS = ['combined', 'twoLists', 'window'] as const;
type Ids = Array<number | string>;

/** A trigger that begins at noon, with the ids and the clock of a world. */
async function begun(event: TriggerEvent, given: Partial<FakeVendor> = {}, skew = 0) {
	const vendor = fakeVendor({ event, ...given });
	const trigger = fakeTrigger(vendor, { event });
	for (let id = 1; id <= 5; id++) vendor.put({ id, endedAt: NOON - (6 - id) * 7 * MINUTE, updatedAt: NOON });
	await trigger.scan({ skew });
	vendor.now += MINUTE;
	const scan = async () => await trigger.scan({ skew });
	const hourly = async (hours: number) => {
		const all: Ids = [];
		for (let hour = 0; hour < hours; hour++) {
			vendor.now += HOUR;
			all.push(...(await scan()));
		}
		return all;
	};
	return { vendor, trigger, scan, hourly };
}

describe('a session that shows up long after its end', () => {
	it('90 days later, with an id as a text that rises, comes once', async () => {
		const { vendor, scan, hourly } = await begun('completed');
		vendor.now += 100 * DAY;
		await scan();
		vendor.put({ id: '6', endedAt: vendor.now - 90 * DAY, createdAt: null });
		expect(await scan()).toEqual(['6']);
		expect(await hourly(50)).toEqual([]);
	});

	it('with a creation of now, an update of then and an id that says nothing, comes once', async () => {
		const { vendor, scan, hourly } = await begun('completed', { offer: 'window' });
		const endedAt = NOON - 40 * DAY;
		vendor.put({ id: 'a-uuid', endedAt, createdAt: vendor.now, updatedAt: endedAt });
		expect(await scan()).toEqual(['a-uuid']);
		expect(await hourly(50)).toEqual([]);
	});

	it('in a batch of 300, the newest first, each comes once', async () => {
		const { vendor, scan, hourly } = await begun('completed', { pageSize: 40 });
		vendor.now += 20 * DAY;
		await scan();
		for (let id = 306; id > 5; id--) vendor.put({ id, endedAt: vendor.now - id * HOUR, createdAt: null });
		expect(new Set(await scan()).size).toBe(301);
		expect(await hourly(30)).toEqual([]);
	});
});

describe('a charger with a dead clock', () => {
	it.each(OFFERS)(
		'that is set right while the session runs: started once, completed once (%s)',
		async (offer) => {
			for (const event of ['started', 'completed'] as const) {
				const { vendor, scan, hourly } = await begun(event, { offer });
				vendor.put({ id: 6, startedAt: Date.UTC(1970, 0, 1, 5), endedAt: null });
				const all = [...(await scan()), ...(await hourly(3))];
				vendor.put({ id: 6, startedAt: vendor.now - 3 * HOUR });
				all.push(...(await scan()), ...(await hourly(30)));
				vendor.put({ id: 6, endedAt: vendor.now });
				all.push(...(await scan()), ...(await hourly(30)));
				expect([event, all]).toEqual([event, [6]]);
			}
		},
	);

	it('whose session ends before it starts, comes once and is no correction', async () => {
		for (const event of ['completed', 'corrected'] as const) {
			const { vendor, scan, hourly } = await begun(event);
			vendor.put({ id: 6, startedAt: vendor.now - HOUR, endedAt: Date.UTC(2000, 0, 1), createdAt: null });
			expect([event, await scan()]).toEqual([event, event === 'completed' ? [6] : []]);
			expect(await hourly(40)).toEqual([]);
		}
	});

	it.each([5 * DAY, 30 * DAY, 400 * DAY])(
		'that is %i ms behind, with ids and records that tell nothing: started once',
		async (behind) => {
			const { vendor, scan, hourly } = await begun('started', { offer: 'window' });
			await hourly(24);
			const startedAt = vendor.now - behind;
			vendor.put({ id: 'a-uuid', startedAt, endedAt: null, createdAt: null, updatedAt: null });
			expect([...(await scan()), ...(await hourly(30))]).toEqual(['a-uuid']);
		},
	);

	it.each(OFFERS)('that is 23 months ahead hides no other session (%s)', async (offer) => {
		const { vendor, scan, hourly } = await begun('completed', { offer });
		const ahead = vendor.now + 700 * DAY;
		vendor.put({ id: 6, startedAt: ahead, endedAt: ahead + HOUR });
		const all = await scan();
		vendor.now += HOUR;
		vendor.put({ id: 7 });
		all.push(...(await scan()), ...(await hourly(30)));
		vendor.put({ id: 8 });
		all.push(...(await scan()));
		expect(all.sort()).toEqual([6, 7, 8]);
	});
});

describe('an end that does not stay', () => {
	it('and moves every second day for two months: completed once, corrected each time', async () => {
		for (const event of ['completed', 'corrected'] as const) {
			const { vendor, scan } = await begun(event);
			vendor.put({ id: 6 });
			const all = await scan();
			for (let turn = 0; turn < 30; turn++) {
				vendor.now += 2 * DAY;
				vendor.put({ id: 6, endedAt: vendor.now - (turn % 2) * DAY });
				all.push(...(await scan()));
			}
			expect([event, all.length]).toEqual([event, event === 'completed' ? 1 : 30]);
		}
	});

	it('and goes back by 50 days is a correction', async () => {
		const { vendor, scan, hourly } = await begun('corrected');
		vendor.put({ id: 6 });
		await scan();
		vendor.now += 3 * DAY;
		vendor.put({ id: 6, endedAt: vendor.now - 50 * DAY });
		expect(await scan()).toEqual([6]);
		expect(await hourly(40)).toEqual([]);
	});

	it.each(OFFERS)('since the session runs again four times, is completed once (%s)', async (offer) => {
		const { vendor, scan, hourly } = await begun('completed', { offer });
		const all: Ids = [];
		vendor.put({ id: 6, createdAt: NOON });
		for (let turn = 0; turn < 4; turn++) {
			all.push(...(await scan()), ...(await hourly(5)));
			vendor.put({ id: 6, endedAt: null });
			all.push(...(await hourly(5)));
			vendor.put({ id: 6, endedAt: vendor.now });
		}
		expect([...all, ...(await scan()), ...(await hourly(30))]).toEqual([6]);
	});
});

describe('a pause of five days', () => {
	it.each(['combined', 'twoLists'] as const)(
		'makes no session that shows up late an old one, and none a correction (%s)',
		async (offer) => {
			for (const event of ['completed', 'corrected'] as const) {
				const { vendor, trigger, hourly } = await begun(event, { offer });
				for (let day = 0; day < 15; day++) {
					vendor.now += DAY;
					vendor.put({ id: `day-${day}`, createdAt: null });
					await trigger.scan();
				}
				vendor.now += 5 * DAY;
				vendor.put({ id: 'after', createdAt: null });
				await trigger.scan();
				await hourly(30);
				vendor.put({ id: 'late', endedAt: vendor.now - 12 * DAY, createdAt: null });
				const { deliveries, old } = await trigger.poll();
				const given = deliveries.map(({ record }) => record.id);
				expect([event, given, old.count]).toEqual([event, event === 'completed' ? ['late'] : [], 0]);
			}
		},
	);
});

describe('a new field or spelling', () => {
	const kind: RecordKind = {
		source: 'third',
		endpoint: '/sessions',
		matches: () => true,
		read: ({ uuid, kwh, tags }) => ({
			id: emptyToUndefined(uuid),
			energyKwh: emptyToUndefined(kwh),
			tokenUid: emptyToUndefined(tags?.[0]),
		}),
		categories: { tree: 'other', at: 'other' },
	};
	const printOf = (record: object) =>
		fingerprintOf(snapshotReader(kind)({ uuid: 1, ...record })!, 'corrected');

	it.each<[string, object, object]>([
		['a list of objects in another order', { tree: [{ a: 1 }, { b: 2 }] }, { tree: [{ b: 2 }, { a: 1 }] }],
		['numbers in a list as texts', { tree: [1, 2.5] }, { tree: ['2.50', '1'] }],
		[
			'a date with an offset in place of UTC',
			{ at: '2026-03-29T01:30:00Z' },
			{ at: '2026-03-29T03:30:00+02:00' },
		],
		['null in place of nothing', { tree: null }, {}],
	])('is no correction: %s', (_, one, other) => {
		expect(printOf(one)).toBe(printOf(other));
	});

	it('is told by a mark where the package reads another field', () => {
		expect(fieldsMark({ ...kind, categories: { ...kind.categories, more: 'price' } })).not.toBe(
			fieldsMark(kind),
		);
	});
});

describe('two clocks', () => {
	it.each([-21 * DAY, -3 * YEAR, 90 * DAY])(
		'of a machine that is %i ms off lose and repeat nothing',
		async (skew) => {
			const { vendor, scan } = await begun('completed', {}, skew);
			const all: Ids = [];
			for (let id = 6; id < 100; id++) {
				vendor.now += HOUR;
				const isLate = id % 20 === 0;
				const endedAt = vendor.now - (isLate ? 2.5 * DAY : 0);
				if (!isLate || endedAt > NOON) vendor.put({ id, endedAt, updatedAt: endedAt, createdAt: endedAt });
				all.push(...(await scan()));
			}
			for (let hour = 0; hour < 26; hour++) {
				vendor.now += HOUR;
				all.push(...(await scan()));
			}
			const expected = [...vendor.records.keys()].filter((id) => Number(id) > 5);
			expect([...all].sort()).toEqual([...expected].sort());
		},
	);

	it.each([2 * HOUR, 2 * DAY, 10 * DAY])(
		'of which the server is silent and the machine %i ms ahead lose and repeat nothing',
		async (skew) => {
			const vendor = fakeVendor({ event: 'completed', tellsTime: false });
			const trigger = fakeTrigger(vendor, { event: 'completed' });
			vendor.source.readClock = async () => await vendor.source.newest(50);
			for (let id = 1; id <= 5; id++)
				vendor.put({ id, endedAt: NOON - (6 - id) * 7 * MINUTE, updatedAt: NOON });
			await trigger.scan({ skew });
			const all: Ids = [];
			for (let id = 6; id < 60; id++) {
				vendor.now += HOUR / 2;
				vendor.put({ id });
				all.push(...(await trigger.scan({ skew })));
			}
			expect(all).toEqual(Array.from({ length: 54 }, (_, index) => 6 + index));
		},
	);

	describe('while the first scan takes several polls', () => {
		/** Hours that a clock is ahead in the first poll, and in those behind it. */
		type Ahead = [first: number, later: number];
		const always = (hours: number): Ahead => [hours, hours];
		const RIGHT = always(0);
		const once = (hours: number): Ahead => [hours, 0];
		const SERVERS = [always(5.5), always(24), always(9600), once(9600), [0, 9600] as Ahead];
		const MACHINES = [always(-24), always(-1), always(1), always(24), once(-24), once(24)];
		const OFF = [
			...SERVERS.map((server) => ({ server, machine: RIGHT })),
			...[...MACHINES, [0, -24] as Ahead, [0, 24] as Ahead].map((machine) => ({ server: RIGHT, machine })),
		];
		/** Nothing shows that the machine is behind where the newest records are not given, or another charger's are newer. */
		const WORLDS = [
			...OFF.flatMap((off) => OFFERS.map((offer) => ({ ...off, offer, newest: 'all' }))),
			...MACHINES.flatMap((machine) =>
				OFFERS.map((offer) => ({ server: RIGHT, machine, offer, newest: 'none' })),
			),
			...MACHINES.map((machine) => ({
				...{ server: RIGHT, machine, offer: 'window' as const, newest: 'of one charger' },
			})),
		];

		it.each(WORLDS)(
			'they give what ends meanwhile, and nothing older: hours ahead $server and $machine, $offer, newest: $newest',
			async ({ server, machine, offer, newest }) => {
				const vendor = fakeVendor({ event: 'completed', offer, pageSize: 3 });
				const trigger = fakeTrigger(vendor);
				vendor.source.readClock = async () => {
					const all = await vendor.source.newest(500);
					return newest === 'all' ? all.slice(0, 50) : newest === 'none' ? [] : all.slice(-1);
				};
				let poll = 0;
				vendor.source.clock = () => vendor.now + server[poll] * HOUR;
				for (let id = 1; id <= 400; id++) {
					const endedAt = NOON - (401 - id) * 7 * MINUTE;
					vendor.put({ id, endedAt, updatedAt: endedAt });
				}
				vendor.put({ id: 500, endedAt: null });
				const all: Ids = await trigger.ids({ pages: 1, skew: machine[poll] * HOUR });
				poll = 1;
				vendor.now += 10 * MINUTE;
				vendor.put({ id: 500, endedAt: vendor.now - MINUTE });
				vendor.put({ id: 501, endedAt: vendor.now });
				const skew = machine[poll] * HOUR;
				while (trigger.state().scan) {
					vendor.now += MINUTE;
					all.push(...(await trigger.ids({ pages: 2, skew })));
				}
				for (let hour = 0; hour < 30; hour++) {
					vendor.now += HOUR;
					all.push(...(await trigger.scan({ skew })));
				}
				expect(all).toEqual([500, 501]);
			},
		);
	});

	it('of which neither is known, and no record has a stamp, begin at the clock of the machine', async () => {
		const vendor = fakeVendor({ event: 'completed', tellsTime: false });
		vendor.put({ id: 1, createdAt: null, updatedAt: null });
		vendor.source.readClock = async () => await vendor.source.newest(50);
		const trigger = fakeTrigger(vendor);
		await trigger.scan();
		expect(trigger.state().dedupHorizon).toBe(NOON - HOUR);
	});

	it('of which the machine is set back by a week in between lose and repeat nothing', async () => {
		const { vendor, trigger } = await begun('completed');
		const all: Ids = [];
		for (let id = 6; id < 60; id++) {
			vendor.now += HOUR;
			vendor.put({ id });
			all.push(...(await trigger.scan({ skew: id < 30 ? 0 : -7 * DAY })));
		}
		expect(all).toEqual(Array.from({ length: 54 }, (_, index) => 6 + index));
	});

	it('of which the server is silent in every third answer lose and repeat nothing', async () => {
		const { vendor, trigger } = await begun('completed');
		const all: Ids = [];
		for (let id = 6; id < 60; id++) {
			vendor.now += HOUR;
			vendor.tellsTime = id % 3 > 0;
			vendor.put({ id });
			all.push(...(await trigger.scan({ skew: 2 * HOUR })));
		}
		expect(all).toEqual(Array.from({ length: 54 }, (_, index) => 6 + index));
	});
});

describe('lists', () => {
	const offers: Offer[] = [...OFFERS];

	it.each(offers)('that hold records without ids on whole pages go on behind them (%s)', async (offer) => {
		const { vendor, trigger, scan } = await begun('completed', { offer, pageSize: 3 });
		for (let id = 6; id < 30; id++) vendor.put({ id, endedAt: vendor.now - (30 - id) });
		const { source } = vendor;
		const describe = source.describe.bind(source);
		vendor.source = Object.assign(Object.create(source) as typeof source, {
			describe: (record: Parameters<typeof describe>[0]) =>
				Number(record.id) >= 9 && Number(record.id) < 18 ? undefined : describe(record),
		});
		const all: Ids = [];
		const { deliveries, nameless } = await trigger.poll();
		all.push(...deliveries.map(({ record }) => record.id), ...(await scan()));
		expect(nameless.count).toBe(9);
		expect(all.map(Number).sort((a, b) => a - b)).toEqual([
			6,
			7,
			8,
			...Array.from({ length: 12 }, (_, at) => 18 + at),
		]);
	});

	it.each(offers)('with 400 sessions of one millisecond give each once (%s)', async (offer) => {
		const { vendor, scan, hourly } = await begun('completed', { offer, pageSize: 7 });
		for (let id = 6; id < 406; id++) vendor.put({ id, endedAt: vendor.now });
		expect((await scan()).length).toBe(400);
		expect(await hourly(30)).toEqual([]);
	});

	it('with the same session twice on one page give it once', async () => {
		const { vendor, scan, hourly } = await begun('completed');
		vendor.put({ id: 6 });
		vendor.distort = (page) => ({ ...page, records: [...page.records, ...page.records] });
		expect(await scan()).toEqual([6]);
		expect(await hourly(30)).toEqual([]);
	});
});
