import { ApiError } from '../../../nodes/shared/util/errors';
import { poll, type Plan } from '../../../nodes/shared/sync/scan';
import { changedCategories, fingerprintOf, type TriggerEvent } from '../../../nodes/shared/sync/snapshot';
import {
	DAY,
	fakeTrigger,
	fakeVendor,
	HOUR,
	MINUTE,
	NOON,
	serviceDown,
	type FakeTrigger,
	type FakeVendor,
	type Offer,
} from './fakeSource';

/** How far the memory reaches back behind the watermark, with a deep lookback window of three days: a day more. */
const MEMORY = 4 * DAY;

const OFFERS: Offer[] = ['combined', 'twoLists', 'window'];

/** A trigger that has completed its first scan, over nothing. */
async function running(
	event: TriggerEvent,
	given: Partial<FakeVendor> = {},
	plan: Partial<Plan> = {},
): Promise<{ vendor: FakeVendor; trigger: FakeTrigger }> {
	const vendor = fakeVendor({ event, ...given });
	const trigger = fakeTrigger(vendor, { event, ...plan });
	expect(await trigger.scan()).toEqual([]);
	vendor.now += MINUTE;
	return { vendor, trigger };
}

/** Polls every minute, some times, and gives all that came. */
async function someMore(vendor: FakeVendor, trigger: FakeTrigger, polls = 3) {
	const all: Array<number | string> = [];
	for (let count = 0; count < polls; count++) {
		vendor.now += MINUTE;
		all.push(...(await trigger.scan()));
	}
	return all;
}

describe.each(OFFERS)('sessions from lists of the kind "%s"', (offer) => {
	it('a session that ends is completed once', async () => {
		const { vendor, trigger } = await running('completed', { offer });
		vendor.put({ id: 1, endedAt: null });
		expect(await trigger.ids()).toEqual([]);
		vendor.now += MINUTE;
		vendor.put({ id: 1, endedAt: vendor.now });
		expect(await trigger.ids()).toEqual([1]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('a session that is shown only when it has ended is completed once', async () => {
		const { vendor, trigger } = await running('completed', { offer });
		vendor.put({ id: 'b7e1c9a0-4f5d-4a43-9c6e-0d3b7f6f1f55' });
		expect(await trigger.ids()).toEqual(['b7e1c9a0-4f5d-4a43-9c6e-0d3b7f6f1f55']);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('a session whose end does not count as an update is completed once', async () => {
		const { vendor, trigger } = await running('completed', { offer });
		const { startedAt } = vendor.put({ id: 1, endedAt: null });
		await trigger.poll();
		vendor.now += 5 * HOUR;
		vendor.put({ id: 1, endedAt: vendor.now, updatedAt: startedAt });
		expect(await trigger.ids()).toEqual([1]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('a session that starts is started once, and not again when it is updated or ends', async () => {
		const { vendor, trigger } = await running('started', { offer });
		vendor.put({ id: 1, startedAt: vendor.now, endedAt: null });
		expect(await trigger.ids()).toEqual([1]);
		vendor.put({ id: 1, energyWh: 11_000 });
		expect(await someMore(vendor, trigger)).toEqual([]);
		vendor.put({ id: 1, endedAt: vendor.now });
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('each version of a session is given once, and an update that changes nothing is none', async () => {
		const { vendor, trigger } = await running('changed', { offer });
		const seen: Array<number | null> = [];
		const pollTwice = async () => {
			for (const { record } of (await trigger.poll()).deliveries) seen.push(record.energyWh);
			for (const { record } of (await trigger.poll()).deliveries) seen.push(record.energyWh);
			vendor.now += MINUTE;
		};
		vendor.put({ id: 1, startedAt: vendor.now, endedAt: null, energyWh: 0 });
		await pollTwice();
		vendor.put({ id: 1, energyWh: 5 });
		await pollTwice();
		vendor.put({ id: 1 });
		await pollTwice();
		vendor.put({ id: 1, endedAt: vendor.now, energyWh: 9 });
		await pollTwice();
		vendor.put({ id: 1, energyWh: 8 });
		await pollTwice();
		expect(seen).toEqual([0, 5, 9, 8]);
	});

	it('a correction after the end is given once, with what changed and by how much', async () => {
		const { vendor, trigger } = await running('corrected', { offer });
		vendor.put({ id: 1, endedAt: null, energyWh: 1000 });
		expect(await trigger.ids()).toEqual([]);
		vendor.now += MINUTE;
		vendor.put({ id: 1, endedAt: vendor.now, energyWh: 10_000, amountCents: 3102 });
		expect(await trigger.ids()).toEqual([]);
		vendor.now += MINUTE;
		vendor.put({ id: 1 });
		expect(await trigger.ids()).toEqual([]);
		vendor.now += MINUTE;
		vendor.put({ id: 1, energyWh: 7940, amountCents: 2467 });
		const { deliveries } = await trigger.poll();
		expect(deliveries).toEqual([
			{
				record: expect.objectContaining({ id: 1, energyWh: 7940 }),
				change: { changedFields: ['energy', 'price'], energyDeltaKwh: -2.06, amountDelta: -6.35 },
			},
		]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it.each<[string, Parameters<FakeVendor['put']>[0], object]>([
		[
			'the driver',
			{ id: 1, driver: 'card 2' },
			{ changedFields: ['driver'], energyDeltaKwh: 0, amountDelta: 0 },
		],
		[
			'the price',
			{ id: 1, amountCents: 3103 },
			{ changedFields: ['price'], energyDeltaKwh: 0, amountDelta: 0.01 },
		],
		[
			'an amount that is taken away',
			{ id: 1, amountCents: null },
			{ changedFields: ['price'], energyDeltaKwh: 0, amountDelta: null },
		],
		[
			'the end',
			{ id: 1, endedAt: NOON - 5 * MINUTE },
			{ changedFields: ['time'], energyDeltaKwh: 0, amountDelta: 0 },
		],
	])('a correction of %s says so', async (_, corrected, change) => {
		const { vendor, trigger } = await running('corrected', { offer });
		vendor.put({ id: 1 });
		await trigger.poll();
		vendor.now += MINUTE;
		vendor.put(corrected);
		expect((await trigger.poll()).deliveries.map((delivery) => delivery.change)).toEqual([change]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('a session that runs again after its end is not completed twice', async () => {
		const { vendor, trigger } = await running('completed', { offer });
		vendor.put({ id: 1 });
		expect(await trigger.ids()).toEqual([1]);
		vendor.now += MINUTE;
		vendor.put({ id: 1, endedAt: null });
		expect(await trigger.ids()).toEqual([]);
		vendor.now += MINUTE;
		vendor.put({ id: 1, endedAt: vendor.now });
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('a session that runs for weeks is completed when it ends', async () => {
		const { vendor, trigger } = await running('completed', { offer });
		vendor.put({ id: 1, startedAt: vendor.now, endedAt: null });
		for (let day = 0; day < 21; day++) {
			expect(await trigger.scan()).toEqual([]);
			vendor.now += DAY;
			vendor.put({ id: 1000 + day, startedAt: vendor.now - HOUR, endedAt: vendor.now });
			expect(await trigger.scan()).toEqual([1000 + day]);
		}
		vendor.put({ id: 1, endedAt: vendor.now });
		expect(await trigger.scan()).toEqual([1]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('hundreds that end at the same moment are completed once each, over several pages', async () => {
		const { vendor, trigger } = await running('completed', { offer, pageSize: 50 });
		const ids = Array.from({ length: 333 }, (_, id) => id + 1);
		for (const id of ids) vendor.put({ id });
		expect((await trigger.scan()).sort((a, b) => Number(a) - Number(b))).toEqual(ids);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});
});

it.each(['energyWh', 'amountCents'] as const)(
	'a correction of %s names its part, where the short prints of both versions are the same by chance too',
	async (field) => {
		const { vendor, trigger } = await running('corrected');
		const before = vendor.put({ id: 1 });
		await trigger.scan();
		const printWith = (value: number) =>
			fingerprintOf(vendor.source.describe({ ...before, [field]: value })!, 'corrected');
		const old = Number(before[field]);
		let value = old + 1;
		while (changedCategories(printWith(old), printWith(value)).length > 0) value++;
		vendor.put({ id: 1, [field]: value });
		const [{ change }] = (await trigger.poll()).deliveries;
		expect(change?.changedFields).toEqual([field === 'energyWh' ? 'energy' : 'price']);
	},
);

it('a running session is asked for from the first of its dates on, whichever that is, and however it changes', async () => {
	const { vendor, trigger } = await running('completed', { offer: 'window' });
	const first = NOON - 5 * HOUR;
	const askedFrom = async () => {
		vendor.now += MINUTE;
		vendor.asked.length = 0;
		await trigger.scan();
		return vendor.asked[0].running.map(({ startedAt }) => startedAt);
	};
	vendor.put({ id: 1, startedAt: NOON, createdAt: first, endedAt: null });
	await trigger.scan();
	expect(await askedFrom()).toEqual([first]);
	vendor.put({ id: 1, createdAt: NOON });
	await trigger.scan();
	expect(await askedFrom()).toEqual([first]);
	vendor.put({ id: 1, startedAt: first - HOUR });
	await trigger.scan();
	expect(await askedFrom()).toEqual([first - HOUR]);
});

describe('a correction of a session from before the memory', () => {
	it.each<Offer>(['combined', 'twoLists'])('is given once, without what changed (%s)', async (offer) => {
		const { vendor, trigger } = await running('corrected', { offer });
		vendor.put({ id: 1, endedAt: NOON - 500 * DAY, updatedAt: NOON - 500 * DAY });
		expect(await trigger.ids()).toEqual([]);
		vendor.put({ id: 1, amountCents: 1 });
		expect((await trigger.poll()).deliveries).toEqual([
			{
				record: expect.objectContaining({ id: 1 }),
				change: { changedFields: null, energyDeltaKwh: null, amountDelta: null },
			},
		]);
		expect(await someMore(vendor, trigger)).toEqual([]);
		vendor.put({ id: 1, amountCents: 101 });
		const [{ change }] = (await trigger.poll()).deliveries;
		expect(change).toEqual({ changedFields: ['price'], energyDeltaKwh: 0, amountDelta: 1 });
	});

	it('is no completed session, and is not remembered for those', async () => {
		const { vendor, trigger } = await running('completed');
		for (let id = 1; id <= 30; id++) vendor.put({ id, endedAt: NOON - 500 * DAY });
		expect(await trigger.ids()).toEqual([]);
		expect(trigger.state().memory.size).toBe(0);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});
});

describe('the first run', () => {
	const BEFORE = [400 * DAY, 9 * DAY, 5 * DAY, 2 * DAY, 50 * MINUTE, MINUTE];
	const fill = (vendor: FakeVendor) =>
		BEFORE.forEach((ago, index) =>
			vendor.put({ id: index + 1, endedAt: NOON - ago, startedAt: NOON - ago - HOUR, updatedAt: NOON - ago }),
		);

	it.each<[string, Plan['firstRun'], number[]]>([
		['now', 'now', []],
		['10 days ago', { ago: 10 * DAY }, [2, 3, 4, 5, 6]],
		['an hour ago', { ago: HOUR }, [5, 6]],
		['at a date', { since: NOON - 5 * DAY }, [3, 4, 5, 6]],
		['at the beginning', { since: 0 }, [1, 2, 3, 4, 5, 6]],
		['tomorrow', { since: NOON + DAY }, []],
	])('that begins %s gives what ended since, once', async (_, firstRun, ids) => {
		for (const offer of OFFERS) {
			for (const pageSize of [1, 2, 100]) {
				const vendor = fakeVendor({ offer, pageSize });
				const trigger = fakeTrigger(vendor, { firstRun });
				fill(vendor);
				expect((await trigger.scan()).sort()).toEqual(ids);
				expect(await someMore(vendor, trigger)).toEqual([]);
			}
		}
	});

	it('that begins now gives what ends later', async () => {
		const vendor = fakeVendor();
		const trigger = fakeTrigger(vendor);
		fill(vendor);
		vendor.put({ id: 100, endedAt: null });
		expect(await trigger.scan()).toEqual([]);
		vendor.now += MINUTE;
		vendor.put({ id: 100, endedAt: vendor.now });
		vendor.put({ id: 101, endedAt: vendor.now });
		expect(await trigger.scan()).toEqual([100, 101]);
	});

	it('that begins tomorrow gives what ends after that', async () => {
		const vendor = fakeVendor();
		const trigger = fakeTrigger(vendor, { firstRun: { since: NOON + DAY } });
		vendor.put({ id: 1 });
		expect(await trigger.scan()).toEqual([]);
		vendor.now += 23 * HOUR;
		vendor.put({ id: 2 });
		expect(await trigger.scan()).toEqual([]);
		vendor.now += 2 * HOUR;
		vendor.put({ id: 3 });
		expect(await trigger.scan()).toEqual([3]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('counts by the clock of the server, not by that of this machine', async () => {
		for (const skew of [-5 * HOUR, 5 * HOUR]) {
			const vendor = fakeVendor();
			const trigger = fakeTrigger(vendor, { firstRun: { ago: HOUR } });
			fill(vendor);
			expect(await trigger.scan({ skew })).toEqual([5, 6]);
			expect(trigger.state().watermark).toBe(NOON - MINUTE);
		}
	});

	it('counts by the clock of this machine where the server does not tell the time', async () => {
		const vendor = fakeVendor({ tellsTime: false });
		const trigger = fakeTrigger(vendor, { firstRun: { ago: HOUR } });
		fill(vendor);
		expect(await trigger.scan()).toEqual([5, 6]);
		expect(trigger.state().scannedAt).toBe(NOON);
	});

	it.each<TriggerEvent>(['completed', 'changed'])(
		'that begins now and takes several polls gives a session that ends meanwhile (%s)',
		async (event) => {
			for (const offer of OFFERS) {
				const vendor = fakeVendor({ event, offer, pageSize: 1 });
				const trigger = fakeTrigger(vendor, { event });
				for (let id = 1; id <= 5; id++) {
					const time = NOON - 30 * MINUTE + id;
					vendor.put({ id, startedAt: time, endedAt: id === 3 ? null : time, updatedAt: time });
				}
				expect(await trigger.ids({ pages: 1 })).toEqual([]);
				vendor.now += MINUTE;
				vendor.put({ id: 3, endedAt: vendor.now });
				const all = [...(await trigger.scan({ pages: 1 })), ...(await trigger.scan())];
				expect(all).toEqual([3]);
			}
		},
	);

	it('that begins now and takes several polls gives what changes meanwhile', async () => {
		const vendor = fakeVendor({ event: 'changed', pageSize: 1 });
		const trigger = fakeTrigger(vendor, { event: 'changed' });
		for (let id = 1; id <= 4; id++) {
			vendor.put({ id, endedAt: NOON - 30 * MINUTE, updatedAt: NOON - 30 * MINUTE });
		}
		expect(await trigger.ids({ pages: 1 })).toEqual([]);
		vendor.now += MINUTE;
		vendor.put({ id: 3, energyWh: 12_000 });
		expect([...(await trigger.scan()), ...(await someMore(vendor, trigger))]).toEqual([3]);
	});

	it('fails with the cause where the clock cannot be asked for, and leaves nothing behind', async () => {
		const vendor = fakeVendor({ script: [serviceDown()] });
		const trigger = fakeTrigger(vendor);
		await expect(trigger.poll()).rejects.toMatchObject({ details: { failure: 'temporarily-unavailable' } });
		expect(trigger.stored).toBeUndefined();
	});
});

describe('the watermark', () => {
	it('is the last moment that any record of a completed scan knows of', async () => {
		const { vendor, trigger } = await running('completed');
		vendor.now += HOUR;
		vendor.put({ id: 1, endedAt: NOON + 10 * MINUTE, updatedAt: NOON + 11 * MINUTE });
		vendor.put({ id: 2, endedAt: NOON + 13 * MINUTE, updatedAt: NOON + 12 * MINUTE });
		await trigger.poll();
		expect(trigger.state().watermark).toBe(NOON + 13 * MINUTE);
	});

	it('stays where nothing new is read, however the time goes on', async () => {
		const { vendor, trigger } = await running('completed');
		vendor.put({ id: 1 });
		const { now } = vendor;
		for (let hours = 0; hours < 50; hours++) {
			await trigger.poll();
			vendor.now += HOUR;
		}
		expect(trigger.state().watermark).toBe(now);
	});

	it.each([-30 * DAY, -5 * HOUR, 5 * HOUR, 30 * DAY])(
		'does not depend on the clock of this machine, which is %i ms off',
		async (skew) => {
			const vendor = fakeVendor();
			const trigger = fakeTrigger(vendor);
			const all: Array<number | string> = [];
			for (let id = 1; id <= 100; id++) {
				all.push(...(await trigger.scan({ skew })));
				vendor.now += HOUR;
				vendor.put({ id });
			}
			all.push(...(await trigger.scan({ skew })));
			expect(all).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
			expect(trigger.state()).toMatchObject({ watermark: vendor.now, scannedAt: vendor.now + skew });
		},
	);

	it('is not moved beyond the clock of the server by a record that is dated in the future', async () => {
		for (const field of ['endedAt', 'updatedAt', 'createdAt', 'startedAt']) {
			const { vendor, trigger } = await running('completed');
			vendor.put({ id: 1, [field]: NOON + 400 * DAY });
			expect(await trigger.ids()).toEqual([1]);
			expect(trigger.state().watermark).toBe(vendor.now);
			vendor.now += MINUTE;
			vendor.put({ id: 2 });
			expect(await trigger.ids()).toEqual([2]);
			expect(await someMore(vendor, trigger)).toEqual([]);
		}
	});

	it('is not moved beyond the beginning of a scan that takes long: what comes meanwhile may be missed', async () => {
		const { vendor, trigger } = await running('completed', { offer: 'twoLists', pageSize: 1 });
		const begun = vendor.now;
		for (let id = 1; id <= 4; id++) vendor.put({ id });
		expect(await trigger.ids({ pages: 2 })).toHaveLength(2);
		vendor.now += 5 * HOUR;
		vendor.put({ id: 5 });
		await trigger.scan();
		expect(trigger.state()).toMatchObject({ watermark: begun, scannedAt: begun });
	});

	it('does not move before the scan is complete', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 1 });
		const { watermark, dedupHorizon } = trigger.state();
		for (let id = 1; id <= 4; id++) vendor.put({ id });
		for (let page = 0; page < 3; page++) {
			await trigger.poll({ pages: 1 });
			expect(trigger.state()).toMatchObject({ watermark, dedupHorizon, scannedAt: NOON });
		}
	});
});

describe('what the vendor shows late', () => {
	/** A quiet hour of polls while others end, so that the watermark moves on. */
	async function withTraffic(late: number, polls: number, every: number) {
		const { vendor, trigger } = await running('completed');
		vendor.now += DAY / 2;
		const endedAt = vendor.now;
		vendor.put({ id: 1 });
		expect(await trigger.scan()).toEqual([1]);
		vendor.now += late;
		vendor.put({ id: 2 });
		expect(await trigger.scan()).toEqual([2]);
		vendor.put({ id: 3, startedAt: endedAt - HOUR, endedAt, createdAt: endedAt, updatedAt: endedAt });
		const all: Array<number | string> = [];
		for (let count = 0; count < polls; count++) {
			all.push(...(await trigger.scan()));
			vendor.now += every;
		}
		return all;
	}

	it('by less than the lookback window comes with the next poll', async () => {
		expect(await withTraffic(HOUR - MINUTE, 1, MINUTE)).toEqual([3]);
	});

	it('by more than the lookback window comes with the deep scan, within a day', async () => {
		expect(await withTraffic(2 * HOUR, 10, MINUTE)).toEqual([]);
		expect(await withTraffic(2 * HOUR, 26, HOUR)).toEqual([3]);
		expect(await withTraffic(40 * HOUR, 26, HOUR)).toEqual([3]);
	});

	it('by anything within the deep lookback window comes within a day, at whatever hour it shows up', async () => {
		const lost: string[] = [];
		for (const lateBy of [47, 60, 71]) {
			for (let hour = 1; hour < 24; hour += 4) {
				const { vendor, trigger } = await running('completed');
				vendor.now += 4 * DAY;
				const endedAt = vendor.now + hour * HOUR;
				const all: Array<number | string> = [];
				for (let passed = 0; passed <= hour + lateBy + 25; passed++) {
					vendor.now += HOUR;
					vendor.put({ id: 100 + passed });
					if (passed === hour + lateBy) {
						vendor.put({ id: 1, startedAt: endedAt - HOUR, endedAt, createdAt: endedAt, updatedAt: endedAt });
					}
					all.push(...(await trigger.scan()));
				}
				if (!all.includes(1)) lost.push(`ended at hour ${hour}, shown ${lateBy} hours late`);
			}
		}
		expect(lost).toEqual([]);
	});

	it('by more than the deep lookback window does not come', async () => {
		expect(await withTraffic(5 * DAY, 80, HOUR)).toEqual([]);
	});
});

describe('the lists are asked for', () => {
	const fromsOf = (vendor: FakeVendor) => vendor.asked.map(({ from }) => from);

	it('from a lookback window behind the watermark', async () => {
		const { vendor, trigger } = await running('completed', {}, { lookbackMs: 2 * HOUR });
		vendor.now += 5 * HOUR;
		vendor.put({ id: 1 });
		await trigger.poll();
		vendor.asked.length = 0;
		await trigger.poll();
		expect(fromsOf(vendor)).toEqual([vendor.now - 2 * HOUR]);
	});

	it('from the deep lookback window once a day', async () => {
		const { vendor, trigger } = await running('completed', {}, { firstRun: { ago: 10 * DAY } });
		for (let hour = 0; hour < 24 * 6; hour++) {
			vendor.now += HOUR;
			vendor.put({ id: hour });
			await trigger.scan();
		}
		const depths = vendor.asked
			.map(({ from }, index) => ({ from, index }))
			.filter(({ from }, index, all) => index > 0 && from < all[index - 1].from);
		// Some 24 polls lie between two deep ones.
		expect(depths.length).toBeGreaterThanOrEqual(5);
		expect(depths.length).toBeLessThanOrEqual(6);
		expect(trigger.state().deepScannedAt).toBeGreaterThan(vendor.now - DAY - HOUR);
	});

	it('never from before the dedup horizon, from where the memory is whole', async () => {
		const { vendor, trigger } = await running('completed');
		expect(trigger.state().dedupHorizon).toBe(NOON - HOUR);
		for (let hour = 0; hour < 100; hour++) {
			vendor.now += HOUR;
			vendor.put({ id: hour });
			vendor.asked.length = 0;
			const { dedupHorizon } = trigger.state();
			await trigger.scan();
			for (const from of fromsOf(vendor)) expect(from).toBeGreaterThanOrEqual(dedupHorizon);
		}
	});

	it('with a lookback window that is deeper than the deep one as well', async () => {
		const { vendor, trigger } = await running(
			'completed',
			{},
			{ lookbackMs: 7 * DAY, deepLookbackMs: DAY, firstRun: { ago: 20 * DAY } },
		);
		for (let day = 0; day < 10; day++) {
			vendor.now += DAY;
			vendor.put({ id: day });
			expect(await trigger.scan()).toEqual([day]);
		}
		vendor.asked.length = 0;
		await trigger.poll();
		expect(fromsOf(vendor)).toEqual([vendor.now - 7 * DAY]);
	});
});

describe.each(OFFERS)('after a pause longer than the memory (%s)', (offer) => {
	async function paused(event: TriggerEvent, pageSize: number) {
		const { vendor, trigger } = await running(event, { offer, pageSize });
		vendor.put({ id: 1 });
		vendor.put({ id: 2, startedAt: vendor.now, endedAt: null });
		await trigger.scan();
		const before = trigger.state();
		vendor.now += 30 * DAY;
		vendor.put({ id: 2, endedAt: vendor.now - 20 * DAY, updatedAt: vendor.now - 20 * DAY });
		for (let id = 3; id <= 12; id++) {
			const endedAt = vendor.now - (13 - id) * 2 * DAY;
			vendor.put({ id, startedAt: endedAt - HOUR, endedAt, createdAt: endedAt, updatedAt: endedAt });
		}
		vendor.asked.length = 0;
		return { vendor, trigger, before };
	}

	it.each([1, 3, 100])(
		'all that ended meanwhile is completed once, with %i records a page',
		async (pageSize) => {
			const { vendor, trigger, before } = await paused('completed', pageSize);
			const all = await trigger.scan({ pages: 2 });
			expect(all.sort((a, b) => Number(a) - Number(b))).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
			expect(new Set(vendor.asked.map(({ from }) => from))).toEqual(new Set([before.dedupHorizon]));
			expect(await someMore(vendor, trigger)).toEqual([]);
		},
	);

	it('all that ended meanwhile is remembered', async () => {
		const { vendor, trigger, before } = await paused('completed', 100);
		await trigger.scan();
		expect(trigger.state().dedupHorizon).toBe(before.dedupHorizon);
		expect([...trigger.state().memory.keys()]).toEqual([...vendor.records.keys()].map(Number));
	});

	it('each version is given once', async () => {
		const { vendor, trigger } = await paused('changed', 3);
		const all = await trigger.scan({ pages: 1 });
		expect(all.sort((a, b) => Number(a) - Number(b))).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('a session that was corrected meanwhile is corrected, not completed', async () => {
		for (const event of ['completed', 'corrected'] as const) {
			const { vendor, trigger } = await paused(event, 100);
			vendor.put({ id: 1, energyWh: 1 });
			const all = await trigger.scan();
			expect(all.includes(1)).toBe(event === 'corrected');
			expect(await someMore(vendor, trigger)).toEqual([]);
		}
	});
});

it.each<[string, number, 'regular' | 'gap']>([
	['just as long as the memory is none', 0, 'regular'],
	['a moment longer is one', 1, 'gap'],
])('a pause %s that needs a scan of its own', async (_, longer, kind) => {
	const { vendor, trigger } = await running('completed', { pageSize: 1 });
	const { scannedAt } = trigger.state();
	vendor.now = scannedAt + MEMORY + longer;
	vendor.put({ id: 1, endedAt: scannedAt + MINUTE, updatedAt: scannedAt + MINUTE });
	vendor.put({ id: 2 });
	expect(await trigger.ids({ pages: 1 })).toEqual([1]);
	expect(trigger.state().scan).toMatchObject({ kind, deep: true });
	expect(await trigger.scan()).toEqual([2]);
	expect(await someMore(vendor, trigger)).toEqual([]);
});

it('a session that has run for days is started once, in a first scan of several polls too', async () => {
	const vendor = fakeVendor({ event: 'started', pageSize: 1 });
	const trigger = fakeTrigger(vendor, { event: 'started', firstRun: { ago: 10 * DAY } });
	vendor.put({ id: 1, startedAt: NOON - 5 * DAY, endedAt: null, updatedAt: NOON - 5 * DAY });
	vendor.put({ id: 2, startedAt: NOON - 2 * DAY, endedAt: null, updatedAt: NOON - 2 * DAY });
	const all = await trigger.ids({ pages: 1 });
	vendor.now += MINUTE;
	vendor.put({ id: 1 });
	all.push(...(await trigger.scan()), ...(await someMore(vendor, trigger)));
	expect(all).toEqual([1, 2]);
});

it.each<TriggerEvent>(['started', 'changed'])(
	'a session that began long before the trigger is no news when it is found running (%s)',
	async (event) => {
		const { vendor, trigger } = await running(event, { offer: 'window' });
		const startedAt = NOON - 30 * DAY;
		vendor.put({ id: 1, startedAt, endedAt: null, createdAt: startedAt, updatedAt: startedAt });
		vendor.now += 2 * DAY;
		expect(await trigger.scan()).toEqual([]);
		expect(await someMore(vendor, trigger)).toEqual([]);
		expect(vendor.asked.some(({ given }) => given.length > 0)).toBe(true);
	},
);

it.each(OFFERS)(
	'a session that began long before the trigger is not started when it is updated (%s)',
	async (offer) => {
		const { vendor, trigger } = await running('started', { offer });
		vendor.put({ id: 1, startedAt: NOON - 30 * DAY, endedAt: null });
		expect(await trigger.scan()).toEqual([]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	},
);

describe('a failure', () => {
	it.each(['completed', 'corrected'] as const)(
		'of the first page throws, with its cause, and changes nothing (%s)',
		async (event) => {
			const { vendor, trigger } = await running(event);
			vendor.put({ id: 1 });
			const before = trigger.stored;
			const failure = serviceDown();
			vendor.script = [failure];
			await expect(trigger.poll()).rejects.toBe(failure);
			expect(failure.details.failure).toBe('temporarily-unavailable');
			expect(trigger.stored).toBe(before);
		},
	);

	it('of a later page gives what was read, with the failure, and keeps the place and the watermark', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 2 });
		for (let id = 1; id <= 5; id++) vendor.put({ id });
		const { watermark, dedupHorizon } = trigger.state();
		const failure = serviceDown();
		vendor.script = [undefined, failure];
		const result = await trigger.poll();
		expect(result.deliveries.map(({ record }) => record.id)).toEqual([1, 2]);
		expect(result.failure).toBe(failure);
		expect(result.read).toBe(2);
		expect(trigger.state()).toMatchObject({
			watermark,
			dedupHorizon,
			scan: { resumeToken: [vendor.now, 2] },
		});

		vendor.asked.length = 0;
		expect(await trigger.ids()).toEqual([3, 4, 5]);
		expect(vendor.asked[0].resumeToken).toEqual([vendor.now, 2]);
		expect(trigger.state()).toMatchObject({ watermark: vendor.now, scan: null });
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('of the first page of a poll that goes on throws, and keeps the place', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 2 });
		for (let id = 1; id <= 5; id++) vendor.put({ id });
		expect(await trigger.ids({ pages: 1 })).toEqual([1, 2]);
		const before = trigger.stored;
		vendor.script = [serviceDown()];
		await expect(trigger.poll()).rejects.toBeInstanceOf(ApiError);
		expect(trigger.stored).toBe(before);
		expect(await trigger.ids()).toEqual([3, 4, 5]);
	});

	it('behind a page without anything new is no failure of the poll: it did go on', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 2 });
		for (let id = 1; id <= 5; id++) vendor.put({ id });
		await trigger.poll();
		vendor.script = [undefined, serviceDown()];
		const result = await trigger.poll();
		expect(result).toMatchObject({ deliveries: [], read: 2, failure: { details: { status: 503 } } });
	});

	it('in the second list goes on there', async () => {
		const { vendor, trigger } = await running('completed', { offer: 'twoLists' });
		vendor.put({ id: 1 });
		vendor.script = [undefined, serviceDown()];
		expect(await trigger.ids()).toEqual([1]);
		expect(trigger.state().scan).toMatchObject({ lists: ['updated'], resumeToken: null });
		vendor.asked.length = 0;
		await trigger.poll();
		expect(vendor.asked.map(({ list }) => list)).toEqual(['updated']);
		expect(trigger.state().scan).toBeNull();
	});

	it('that is a bug goes on as it is, wherever it comes', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 1 });
		for (let id = 1; id <= 3; id++) vendor.put({ id });
		const before = trigger.stored;
		let pages = 0;
		vendor.distort = (page) => {
			if (++pages === 2) throw new TypeError('a bug');
			return page;
		};
		await expect(trigger.poll()).rejects.toThrow(new TypeError('a bug'));
		expect(trigger.stored).toBe(before);
	});
});

describe('a list that leads back to a page', () => {
	const inCircles = async (event: TriggerEvent, plan: Partial<Plan> = {}) => {
		const vendor = fakeVendor({ event, pageSize: 1 });
		const trigger = fakeTrigger(vendor, { event, ...plan });
		const time = NOON - 9 * DAY;
		if (plan.firstRun === undefined) await trigger.scan();
		for (const id of [1, 2, 3])
			vendor.put({ id, endedAt: plan.firstRun ? time : NOON, updatedAt: plan.firstRun ? time : NOON });
		vendor.distort = (page) => (page.next ? page : { ...page, next: [plan.firstRun ? time : NOON, 1] });
		return { vendor, trigger };
	};

	it('keeps the good pages before it, and says so in each poll', async () => {
		const { vendor, trigger } = await inCircles('completed');
		vendor.asked.length = 0;
		for (const expected of [[1, 2, 3], []]) {
			const { deliveries, failure } = await trigger.poll();
			expect(deliveries.map(({ record }) => record.id)).toEqual(expected);
			expect(failure?.message).toMatch('leads back to a page that was read already');
		}
		expect(vendor.asked.length).toBeLessThan(10);
	});

	it('that is the page itself throws', async () => {
		const { vendor, trigger } = await running('completed');
		vendor.distort = (page) => ({ ...page, next: null });
		await expect(trigger.poll()).rejects.toThrow('leads back to a page that was read already');
	});

	it('never gives a session twice, old ones neither', async () => {
		for (const plan of [{}, { firstRun: { ago: 10 * DAY } }]) {
			const { trigger } = await inCircles('completed', plan);
			const all: Array<number | string> = [];
			for (let count = 0; count < 5; count++) all.push(...(await trigger.ids().catch(() => [])));
			expect(all).toHaveLength(new Set(all).size);
		}
	});

	it('is known by the key of its place, where that says more than the place', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 1 });
		for (const id of [1, 2, 3, 4]) vendor.put({ id });
		let page = 0;
		vendor.distort = (given) => ({ ...given, key: ['one', 'two', 'one', 'three'][page++] });
		const { deliveries, failure } = await trigger.poll();
		expect(deliveries.map(({ record }) => record.id)).toEqual([1, 2, 3]);
		expect(failure?.message).toMatch('leads back to a page that was read already');
		page = 0;
		vendor.distort = (given) => ({ ...given, key: `key ${page++}` });
		expect(await trigger.ids()).toEqual([4]);
	});

	it('in another list is no circle', async () => {
		const { vendor, trigger } = await running('completed', { offer: 'twoLists', pageSize: 1 });
		for (const id of [1, 2, 3]) vendor.put({ id });
		// Both lists have the same places: the same moments, the same ids.
		expect(await trigger.ids()).toEqual([1, 2, 3]);
		expect(trigger.state().scan).toBeNull();
	});
});

describe('a poll ends early', () => {
	it('when its time is up, after one page at least, and the next goes on', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 2 });
		for (let id = 1; id <= 5; id++) vendor.put({ id });
		expect(await trigger.ids({ pages: 0 })).toEqual([1, 2]);
		expect(await trigger.ids({ pages: 1 })).toEqual([3, 4]);
		expect(await trigger.ids({ pages: 1 })).toEqual([5]);
		expect(trigger.state().scan).toBeNull();
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('when it has brought the most records, counted by page, and the next goes on', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 4 }, { maxRecords: 5 });
		for (let id = 1; id <= 10; id++) vendor.put({ id });
		expect(await trigger.ids()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		expect(await trigger.ids()).toEqual([9, 10]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('not for records that are no news', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 1 }, { maxRecords: 3 });
		for (let id = 1; id <= 3; id++) vendor.put({ id });
		await trigger.scan();
		for (let id = 4; id <= 5; id++) vendor.put({ id });
		expect(await trigger.ids()).toEqual([4, 5]);
	});

	it('and a page that is longer by then changes nothing', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 2 });
		for (let id = 1; id <= 9; id++) vendor.put({ id });
		const all = await trigger.ids({ pages: 1 });
		vendor.pageSize = 5;
		all.push(...(await trigger.ids({ pages: 1 })));
		vendor.pageSize = 1;
		all.push(...(await trigger.scan({ pages: 1 })));
		expect(all).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});
});

describe('the memory', () => {
	it('holds a running session until it ends, even where its end is dated before the dedup horizon', async () => {
		for (const offer of OFFERS) {
			const { vendor, trigger } = await running('completed', { offer });
			vendor.put({ id: 1, startedAt: vendor.now, endedAt: null });
			await trigger.scan();
			for (let day = 0; day < 10; day++) {
				vendor.now += DAY;
				vendor.put({ id: 100 + day });
				await trigger.scan();
			}
			const { dedupHorizon, memory } = trigger.state();
			expect(memory.get(1)?.running).toBeDefined();
			vendor.put({ id: 1, endedAt: dedupHorizon - DAY });
			expect(await trigger.scan()).toEqual([1]);
			expect(await someMore(vendor, trigger)).toEqual([]);
		}
	});

	it('asks no more for a session from its start on after 60 days without an update, and still knows it', async () => {
		const { vendor, trigger } = await running('completed', { offer: 'window' });
		vendor.put({ id: 1, startedAt: vendor.now, endedAt: null });
		const { now } = vendor;
		await trigger.scan();
		vendor.now = now + 59 * DAY;
		await trigger.scan();
		expect(trigger.state().memory.get(1)?.running?.startedAt).toBe(NOON);
		vendor.now = now + 61 * DAY;
		await trigger.scan();
		expect(trigger.state().memory.get(1)?.running?.startedAt).toBe(NOON + 61 * DAY);
		vendor.put({ id: 1, endedAt: vendor.now });
		expect(await trigger.scan()).toEqual([1]);
	});

	it.each<TriggerEvent>(['completed', 'corrected', 'started', 'changed'])(
		'holds running sessions for the event %s beyond the deep lookback window',
		async (event) => {
			const { vendor, trigger } = await running(event);
			vendor.put({ id: 1, startedAt: vendor.now, endedAt: null });
			await trigger.scan();
			for (let day = 0; day < 10; day++) {
				vendor.now += DAY;
				vendor.put({ id: 100 + day });
				await trigger.scan();
			}
			expect(trigger.state().memory.has(1)).toBe(true);
		},
	);

	it('forgets nothing because of its age', async () => {
		const { vendor, trigger } = await running('completed');
		for (let day = 0; day < 40; day++) {
			vendor.now += DAY;
			vendor.put({ id: day });
			await trigger.scan();
		}
		expect(trigger.state().memory.size).toBe(40);
		expect(trigger.state().dedupHorizon).toBeLessThan(NOON);
	});

	it('holds a session whose record was corrected lately, however old it is', async () => {
		const { vendor, trigger } = await running('corrected');
		vendor.put({ id: 1, endedAt: NOON - 300 * DAY });
		expect(await trigger.ids()).toEqual([1]);
		for (let day = 0; day < 2; day++) {
			vendor.now += DAY;
			vendor.put({ id: 100 + day });
			expect(await trigger.scan()).toEqual([]);
			expect(trigger.state().memory.has(1)).toBe(true);
		}
	});

	it('of an open scan forgets nothing', async () => {
		const { vendor, trigger } = await running('completed', { pageSize: 1 });
		vendor.put({ id: 1 });
		vendor.put({ id: 2 });
		await trigger.ids({ pages: 1 });
		vendor.now += 10 * DAY;
		vendor.put({ id: 3 });
		expect(await trigger.ids({ pages: 1 })).toEqual([2]);
		expect(trigger.state().memory.has(1)).toBe(true);
	});

	it('takes no state but its own: what is given is what is changed', async () => {
		const { vendor, trigger } = await running('completed');
		vendor.put({ id: 1 });
		const given = trigger.state();
		const tools = { now: () => vendor.now, hasTime: () => true };
		const { state } = await poll(vendor.source, trigger.plan, given, tools);
		expect(state).toBe(given);
	});
});

describe('a record without any date', () => {
	const dateless = { startedAt: null, endedAt: null, createdAt: null, updatedAt: null };

	it.each<TriggerEvent>(['completed', 'started', 'changed', 'corrected'])(
		'is passed over, and the state can be read behind each page (%s)',
		async (event) => {
			const { vendor, trigger } = await running(event, { offer: 'window', pageSize: 1 });
			// A state is written behind this one record only, so that a state of no end is a failed test, not a hanging one.
			vendor.put({ id: 1, ...dateless });
			vendor.put({ id: 2, startedAt: vendor.now, endedAt: null });
			vendor.lists = ['running', 'window'];
			await trigger.poll({ pages: 1 });
			expect([...trigger.state().memory.keys()]).toEqual([]);
			vendor.now += MINUTE;
			await trigger.scan({ pages: 1 });
			expect([...trigger.state().memory.keys()]).toEqual([2]);
		},
	);
});

describe('more sessions than are remembered', () => {
	/** So many sessions within three days, one every so often, ids in the order of their ends. */
	const fill = (vendor: FakeVendor, count: number) => {
		for (let id = 1; id <= count; id++) {
			const endedAt = Math.floor(NOON - 2.9 * DAY + (id / count) * 2.9 * DAY);
			vendor.put({ id, startedAt: endedAt - MINUTE, endedAt, createdAt: endedAt, updatedAt: endedAt });
		}
	};

	it('shorten the memory: to 20,000 sessions, from the oldest on, with a word on it', async () => {
		const vendor = fakeVendor({ pageSize: 5000 });
		const trigger = fakeTrigger(vendor, { firstRun: { ago: 3 * DAY }, maxRecords: 100_000 });
		fill(vendor, 25_000);
		const result = await trigger.poll();
		expect(result.deliveries).toHaveLength(25_000);
		const { memory, dedupHorizon, watermark } = trigger.state();
		expect(memory.size).toBeLessThanOrEqual(20_000 + Math.ceil(25_000 / (2.9 * 24)));
		expect(result.shortenedTo).toBe(watermark - dedupHorizon);
		expect(result.shortenedTo).toBeGreaterThan(2 * DAY);
		expect(result.shortenedTo).toBeLessThan(2.4 * DAY);
		// Whatever can come back is remembered.
		for (const { id, endedAt } of vendor.records.values()) {
			if ((endedAt ?? 0) >= dedupHorizon) expect(memory.has(Number(id))).toBe(true);
		}
	});

	it('bring nothing twice, by a deep scan neither', async () => {
		const vendor = fakeVendor({ pageSize: 5000 });
		const trigger = fakeTrigger(vendor, { firstRun: { ago: 3 * DAY }, maxRecords: 100_000 });
		fill(vendor, 25_000);
		await trigger.poll();
		for (let hour = 0; hour < 30; hour += 5) {
			vendor.now += 5 * HOUR;
			vendor.put({ id: 100_000 + hour });
			expect(await trigger.ids()).toEqual([100_000 + hour]);
		}
	});

	it('never shorten it below the lookback window: what each poll reads again must be known', async () => {
		const vendor = fakeVendor({ pageSize: 5000 });
		const plan = { firstRun: { ago: 3 * DAY }, maxRecords: 100_000, lookbackMs: 2.5 * DAY };
		const trigger = fakeTrigger(vendor, plan);
		fill(vendor, 25_000);
		const result = await trigger.poll();
		expect(result.shortenedTo).toBe(2.5 * DAY);
		expect(trigger.state().memory.size).toBeGreaterThan(20_000);
		expect(await someMore(vendor, trigger, 1)).toEqual([]);
	});

	it('of exactly 20,000 shorten nothing', async () => {
		const vendor = fakeVendor({ pageSize: 5000 });
		const trigger = fakeTrigger(vendor, { firstRun: { ago: 3 * DAY }, maxRecords: 100_000 });
		fill(vendor, 20_000);
		const result = await trigger.poll();
		expect(result.deliveries).toHaveLength(20_000);
		expect(result.shortenedTo).toBeUndefined();
		expect(trigger.state().memory.size).toBe(20_000);
	});

	it('that end at one moment are forgotten together or not at all', async () => {
		const vendor = fakeVendor({ pageSize: 5000 });
		const trigger = fakeTrigger(vendor, { firstRun: { ago: 3 * DAY }, maxRecords: 100_000 });
		const crowd = NOON - 2 * DAY;
		for (let id = 1; id <= 21_000; id++) {
			const endedAt = id <= 15_000 ? crowd : NOON - DAY;
			vendor.put({ id, startedAt: endedAt, endedAt, createdAt: endedAt, updatedAt: endedAt });
		}
		await trigger.poll();
		const { memory, dedupHorizon } = trigger.state();
		expect(dedupHorizon).toBeGreaterThan(crowd);
		expect(memory.size).toBe(6000);
		vendor.now += 25 * HOUR;
		expect(await trigger.ids()).toEqual([]);
	});

	it('are never made fewer at the cost of running ones', async () => {
		const vendor = fakeVendor({ pageSize: 5000 });
		const trigger = fakeTrigger(vendor, { firstRun: { ago: 3 * DAY }, maxRecords: 100_000 });
		fill(vendor, 20_500);
		for (let id = 30_001; id <= 30_100; id++) {
			const startedAt = NOON - 3 * DAY + 1;
			vendor.put({ id, startedAt, endedAt: null, createdAt: startedAt, updatedAt: startedAt });
		}
		vendor.lists = ['updated'];
		await trigger.poll();
		const { memory } = trigger.state();
		expect([...memory.values()].filter(({ running: runs }) => runs)).toHaveLength(100);
		expect(memory.size).toBe(20_000);
		vendor.now += MINUTE;
		vendor.put({ id: 30_050, endedAt: vendor.now });
		vendor.lists = undefined;
		expect(await trigger.scan()).toEqual([30_050]);
	});
});

describe('a first scan tracks sessions from before the deep lookback window', () => {
	const DAYS_AGO = [9, 8, 7, 6, 5, 1];
	const fill = (vendor: FakeVendor) =>
		DAYS_AGO.forEach((days, index) => {
			const endedAt = NOON - days * DAY;
			vendor.put({ id: index + 1, startedAt: endedAt - HOUR, endedAt, updatedAt: endedAt });
		});
	const IDS = DAYS_AGO.map((_, index) => index + 1);

	it('in a list that an update moves them in, so that each is delivered', async () => {
		const vendor = fakeVendor({ lists: ['either'], pageSize: 2 });
		const trigger = fakeTrigger(vendor, { firstRun: { ago: 10 * DAY } });
		fill(vendor);
		expect(await trigger.scan()).toEqual(IDS);
		expect(await someMore(vendor, trigger)).toEqual([]);
	});

	it('in a list with the newest first that has to be restarted, so that none is delivered twice', async () => {
		const vendor = fakeVendor({ lists: ['newestEnded'], pageSize: 2 });
		const trigger = fakeTrigger(vendor, { firstRun: { ago: 10 * DAY } });
		fill(vendor);
		expect(await trigger.ids({ pages: 2 })).toEqual([6, 5, 4, 3]);
		let restarts = 0;
		vendor.distort = (page) => (restarts++ === 0 ? { ...page, next: 'the beginning' } : page);
		expect(await trigger.scan({ pages: 1 })).toEqual([2, 1]);
		expect(restarts).toBe(4);
	});
});
