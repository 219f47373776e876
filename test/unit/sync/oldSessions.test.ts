import { randomUUID } from 'node:crypto';

import { readState, writeState } from '../../../nodes/shared/sync/state';
import { DAY, fakeTrigger, fakeVendor, HOUR, LIST_NAMES, MINUTE, NOON, type FakeVendor } from './fakeSource';

const OFFERS = ['combined', 'twoLists', 'window'] as const;

/** A trigger that was begun a day ago, with sessions of each hour since then. */
async function begun(given: Partial<FakeVendor> = {}) {
	const vendor = fakeVendor(given);
	const trigger = fakeTrigger(vendor);
	await trigger.scan();
	for (let hour = 0; hour < 30; hour++) {
		vendor.now += HOUR;
		vendor.put({ id: `hour-${hour}` });
		await trigger.scan();
	}
	/** A session from before the trigger, updated at a moment. */
	const old = (id: string, updatedAt: number) => {
		const endedAt = NOON - 30 * DAY;
		vendor.put({ id, endedAt, createdAt: endedAt, updatedAt });
	};
	/** The counts of some polls. */
	const counts = async (polls: number, pause = 5 * MINUTE) => {
		const all: number[] = [];
		for (let poll = 0; poll < polls; poll++) {
			const { old: dropped, deliveries } = await trigger.poll();
			expect(deliveries).toEqual([]);
			all.push(dropped.count);
			vendor.now += pause;
		}
		return all;
	};
	return { vendor, trigger, old, counts };
}

describe('an old session that is not delivered', () => {
	it.each(OFFERS)('is said once, also where its update lies before the watermark (%s)', async (offer) => {
		const { vendor, trigger, old, counts } = await begun({ offer });
		// At the watermark, before it, and after it.
		const { watermark } = trigger.state();
		old('at', watermark);
		old('before', watermark - 20 * MINUTE);
		vendor.now += MINUTE;
		old('after', vendor.now);
		expect(await counts(8)).toEqual([3, 0, 0, 0, 0, 0, 0, 0]);
		expect(await counts(40, HOUR)).toEqual(Array(40).fill(0));
	});

	it('is named with its count by the scan that finds it, which looks back far', async () => {
		const { vendor, trigger, old } = await begun();
		const { watermark } = trigger.state();
		for (const id of ['one', 'two', 'three']) old(id, watermark - 5 * HOUR);
		const said: unknown[] = [];
		for (let hour = 0; hour < 80; hour++) {
			vendor.now += HOUR;
			const { old: dropped } = await trigger.poll();
			if (dropped.count > 0) said.push(dropped);
		}
		expect(said).toEqual([{ count: 3, example: 'one' }]);
	});

	it('is forgotten when no scan can find it any more, and said again with a new update', async () => {
		const { vendor, trigger, old, counts } = await begun();
		vendor.now += MINUTE;
		old('old', vendor.now);
		expect(await counts(3)).toEqual([1, 0, 0]);
		for (let day = 0; day < 8; day++) {
			vendor.now += DAY;
			vendor.put({ id: `day-${day}` });
			await trigger.scan();
		}
		expect(trigger.state().dropped).toBeUndefined();
		old('old', vendor.now);
		expect(await counts(3)).toEqual([1, 0, 0]);
	});

	it('of a batch of 12,000 is said in one poll, and in none after it', async () => {
		const { vendor, old, counts } = await begun({ pageSize: 4000 });
		vendor.now += MINUTE;
		for (let id = 0; id < 12_000; id++) old(`old-${id}`, vendor.now);
		expect(await counts(4)).toEqual([12_000, 0, 0, 0]);
		expect((await counts(26, HOUR)).every((count) => count === 0)).toBe(true);
	});

	it.each(OFFERS)('is not said where the first poll held it (%s)', async (offer) => {
		const vendor = fakeVendor({ offer });
		const endedAt = NOON - 30 * DAY;
		vendor.put({ id: 'old', endedAt, createdAt: endedAt, updatedAt: NOON - 10 * MINUTE });
		const trigger = fakeTrigger(vendor);
		const counts: number[] = [];
		for (let poll = 0; poll < 8; poll++) {
			counts.push((await trigger.poll()).old.count);
			vendor.now += 5 * MINUTE;
		}
		expect(counts).toEqual(Array(8).fill(0));
	});

	it.each(OFFERS)('is said after a long pause as well (%s)', async (offer) => {
		const { vendor, trigger, old } = await begun({ offer });
		vendor.now += 20 * DAY;
		old('late', vendor.now - 10 * DAY);
		let count = 0;
		do count += (await trigger.poll()).old.count;
		while (trigger.state().scan);
		expect(count).toBe(1);
	});
});

it('what was said fits beside 10,000 sessions with UUIDs, and a damaged list of it resets nothing', async () => {
	const { vendor, trigger, old, counts } = await begun({ pageSize: 5000 });
	for (let id = 0; id < 10_000; id++) vendor.put({ id: randomUUID() });
	await trigger.scan();
	vendor.now += MINUTE;
	for (let id = 0; id < 10_000; id++) old(randomUUID(), vendor.now);
	expect(await counts(1)).toEqual([10_000]);
	expect(Buffer.byteLength(trigger.stored!)).toBeLessThan(250_000);

	const state = trigger.state();
	expect(state.dropped?.size).toBeGreaterThan(0);
	const stored = writeState(state, 'completed');
	const expected = { ...trigger.plan, lists: LIST_NAMES };
	for (const damaged of [undefined, null, 5, {}, { ...(stored.dropped as object), text: '?' }]) {
		const read = readState({ ...stored, dropped: damaged }, expected);
		expect([read.reset, read.state?.dropped]).toEqual([undefined, undefined]);
		expect(read.state?.memory.size).toBe(state.memory.size);
	}
});
