import { ApiError } from '../../../nodes/shared/util/errors';
import { resumePage } from '../../../nodes/shared/sync/cursorList';
import type { TriggerEvent } from '../../../nodes/shared/sync/snapshot';
import type { SourcePage } from '../../../nodes/shared/sync/source';
import { readState, type Json } from '../../../nodes/shared/sync/state';
import {
	DAY,
	fakeTrigger,
	fakeVendor,
	HOUR,
	LIST_NAMES,
	MINUTE,
	NOON,
	type FakeVendor,
	type Offer,
} from './fakeSource';

const YEAR = 365 * DAY;
const OFFERS = ['combined', 'twoLists', 'window'] as const;

/** A trigger that begins at noon, with sessions before and after it, numbered in the order of their starts. */
async function rising(event: TriggerEvent = 'completed', given: Partial<FakeVendor> = {}) {
	const vendor = fakeVendor({ event, ...given });
	const trigger = fakeTrigger(vendor, { event });
	for (let id = 1; id <= 5; id++) {
		const endedAt = NOON - (6 - id) * 5 * MINUTE;
		vendor.put({ id, startedAt: endedAt - MINUTE, endedAt, createdAt: null, updatedAt: endedAt });
	}
	await trigger.scan();
	vendor.now += MINUTE;
	return { vendor, trigger };
}

async function pollDaily(vendor: FakeVendor, scan: () => Promise<Array<number | string>>, days: number) {
	const all: Array<number | string> = [];
	for (let day = 0; day < days; day++) {
		vendor.now += DAY;
		all.push(...(await scan()));
	}
	return all;
}

describe('a session that shows up late', () => {
	it.each([5, 20])('%i days after its end is completed once, and no correction', async (days) => {
		for (const event of ['completed', 'corrected'] as const) {
			const { vendor, trigger } = await rising(event);
			vendor.now += 30 * DAY;
			await trigger.scan();
			vendor.put({ id: 6, endedAt: vendor.now - days * DAY, createdAt: null });
			expect(await trigger.scan()).toEqual(event === 'completed' ? [6] : []);
			expect(await pollDaily(vendor, trigger.scan, 30)).toEqual([]);
		}
	});

	it.each([5 * DAY, 30 * DAY, 55 * YEAR])(
		'from a charger whose clock is %i ms behind is completed once, by its id',
		async (behind) => {
			const { vendor, trigger } = await rising();
			vendor.put({ id: 6, endedAt: vendor.now - behind, createdAt: null });
			expect(await trigger.scan()).toEqual([6]);
			expect(await pollDaily(vendor, trigger.scan, 5)).toEqual([]);
		},
	);

	it('is counted where nothing tells it from one before the trigger', async () => {
		const { vendor, trigger } = await rising();
		vendor.put({ id: 'b7e1c9a0', endedAt: vendor.now - 30 * DAY, createdAt: null });
		expect(await trigger.poll()).toMatchObject({ deliveries: [], old: { count: 1, example: 'b7e1c9a0' } });
	});
});

describe('a charger whose clock is wrong', () => {
	it.each([5 * DAY, 30 * DAY, 26 * YEAR, 56 * YEAR, -5 * DAY, -400 * DAY])(
		'by %i ms gives each session once, started and completed, and no version again',
		async (behind) => {
			for (const [event, expected] of [
				['started', [6]],
				['completed', [6]],
				['changed', [6, 6]],
				['corrected', []],
			] as const) {
				const { vendor, trigger } = await rising(event);
				const startedAt = vendor.now - behind;
				const all: Array<number | string> = [];
				vendor.put({ id: 6, startedAt, endedAt: null, createdAt: null });
				for (let poll = 0; poll < 10; poll++) {
					all.push(...(await trigger.scan()));
					vendor.now += HOUR;
					vendor.put({ id: 6 });
				}
				vendor.put({ id: 6, endedAt: startedAt + 10 * HOUR });
				all.push(...(await trigger.scan()), ...(await pollDaily(vendor, trigger.scan, 5)));
				expect([event, all]).toEqual([event, expected]);
			}
		},
	);
});

describe('a session that was completed', () => {
	it.each([5, 10, 60])('is not again when its end moves %i days later, but corrected', async (days) => {
		for (const event of ['completed', 'corrected'] as const) {
			const { vendor, trigger } = await rising(event);
			vendor.put({ id: 6 });
			expect(await trigger.scan()).toEqual(event === 'completed' ? [6] : []);
			expect(await pollDaily(vendor, trigger.scan, days)).toEqual([]);
			vendor.put({ id: 6, endedAt: vendor.now - HOUR });
			expect(await trigger.scan()).toEqual(event === 'completed' ? [] : [6]);
			vendor.put({ id: 6, endedAt: null });
			await trigger.scan();
			vendor.put({ id: 6, endedAt: vendor.now });
			expect(await trigger.scan()).toEqual(event === 'completed' ? [] : [6]);
		}
	});
});

it('more updated sessions than can be remembered are no corrections, and it is said once', async () => {
	const { vendor, trigger } = await rising('corrected', { pageSize: 5000 });
	for (let id = 6; id <= 24_005; id++) vendor.put({ id, endedAt: vendor.now, createdAt: null });
	await trigger.scan();
	let said = 0;
	for (let night = 0; night < 3; night++) {
		vendor.now += DAY;
		for (const id of [...vendor.records.keys()]) vendor.put({ id });
		const { deliveries, beginsToForget } = await trigger.poll();
		expect(deliveries).toEqual([]);
		said += Number(beginsToForget === true);
		vendor.now += 2 * HOUR;
		vendor.put({ id: 30_000 + night, createdAt: null });
		said += Number((await trigger.poll()).beginsToForget === true);
	}
	expect(said).toBe(1);
});

describe('clocks', () => {
	it.each([-12 * HOUR, -DAY, -2 * DAY, -5 * DAY, 12 * HOUR, 5 * DAY])(
		'of this machine that are %i ms off lose no session that is 2.8 days late',
		async (skew) => {
			const vendor = fakeVendor();
			const trigger = fakeTrigger(vendor);
			const expected: number[] = [];
			const all = [...(await trigger.scan({ skew }))];
			for (let hour = 1; hour <= 24 * 8; hour++) {
				vendor.now += HOUR;
				vendor.put({ id: hour });
				expected.push(hour);
				if (hour % 24 === 0 && hour > 72) {
					const endedAt = vendor.now - 2.8 * DAY;
					vendor.put({ id: 1000 + hour, endedAt, updatedAt: endedAt });
					if (hour < 24 * 7) expected.push(1000 + hour);
				}
				all.push(...(await trigger.scan({ skew })));
			}
			expect(all).toEqual(expect.arrayContaining(expected));
			expect(new Set(all).size).toBe(all.length);
		},
	);

	it('that jump 400 days ahead in one answer stop no deep scan', async () => {
		const { vendor, trigger } = await rising();
		const { now } = vendor;
		vendor.now = now + 400 * DAY;
		await trigger.scan({ skew: -400 * DAY });
		vendor.now = now;
		for (let hour = 0; hour < 48; hour++) {
			vendor.now += HOUR;
			vendor.put({ id: 100 + hour, createdAt: null });
			expect(await trigger.scan()).toEqual([100 + hour]);
		}
		vendor.put({
			id: 6,
			endedAt: vendor.now - 1.9 * DAY,
			updatedAt: vendor.now - 1.9 * DAY,
			createdAt: null,
		});
		expect(await pollDaily(vendor, trigger.scan, 2)).toEqual([6]);
	});

	it.each([2 * HOUR, 9 * HOUR])(
		'of a server that are %i ms ahead lose nothing at the beginning',
		async (ahead) => {
			const vendor = fakeVendor({ now: NOON + ahead });
			const trigger = fakeTrigger(vendor);
			await trigger.scan({ skew: -ahead });
			const all: Array<number | string> = [];
			for (let id = 1; id <= 24; id++) {
				vendor.now += HOUR;
				const endedAt = vendor.now - ahead;
				vendor.put({ id, endedAt, updatedAt: endedAt, createdAt: endedAt });
				all.push(...(await trigger.scan({ skew: -ahead })));
			}
			expect(all).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
		},
	);
});

it.each([500, 409, 401, 403, 400, 404])(
	'a stored cursor that is refused with %i is given up',
	async (status) => {
		const token = {
			cursor: 'old',
			from: 0,
			highWaterMark: NOON,
			boundaryIds: [1],
			emptyPages: 0,
			restarts: 0,
		};
		const asked: number[] = [];
		const page = await resumePage(
			async (from, cursor) => {
				if (cursor !== undefined) throw new ApiError('refused', { status });
				asked.push(from);
				return { records: [{ id: 1 }, { id: 2 }], nextCursor: null, previousCursor: null };
			},
			({ id }) => ({ id, moment: NOON }),
			0,
			token,
			(text) => text,
		);
		expect([asked, page.records]).toEqual([[NOON], [{ id: 2 }]]);
	},
);

it.each(['leads to itself', 'gives empty pages alone'])(
	'a stored cursor that %s is given up',
	async (kind) => {
		let token: Json = {
			cursor: 'old',
			from: NOON - DAY,
			highWaterMark: NOON - HOUR,
			boundaryIds: [1],
			emptyPages: 0,
			restarts: 0,
		};
		let given: number[] = [];
		for (let page = 0; page < 10 && given.length === 0; page++) {
			const { records, next }: SourcePage<{ id: number }> = await resumePage(
				async (_from, cursor) =>
					cursor === undefined
						? { records: [{ id: 1 }, { id: 2 }], nextCursor: null, previousCursor: null }
						: {
								records: [],
								nextCursor: kind === 'leads to itself' ? cursor : `${cursor}.`,
								previousCursor: null,
							},
				({ id }) => ({ id, moment: NOON - HOUR }),
				0,
				token,
				(text) => text,
			);
			given = records.map(({ id }) => id);
			token = next ?? null;
		}
		expect(given).toEqual([2]);
	},
);

it('a session that was forgotten, and whose end moves to now, is not completed again where ids rise', async () => {
	const { vendor, trigger } = await rising('completed', { pageSize: 5000 });
	vendor.put({ id: 6 });
	const all = [...(await trigger.scan())];
	for (let day = 0; day < 6; day++) {
		vendor.now += DAY;
		for (let id = 0; id < 4000; id++)
			vendor.put({ id: 100 + day * 4000 + id, endedAt: vendor.now - id * 1000 });
		await trigger.scan();
	}
	expect(trigger.state().hasForgotten).toBe(true);
	vendor.now += DAY;
	vendor.put({ id: 6, endedAt: vendor.now });
	expect([...all, ...(await trigger.scan())]).toEqual([6]);
});

it('a record without an id is skipped, with a word on it, and the others come', async () => {
	const { vendor, trigger } = await rising();
	vendor.put({ id: 6, createdAt: null });
	vendor.put({ id: 7, createdAt: null });
	const { describe: read } = vendor.source;
	vendor.source.describe = (record) => (record.id === 6 ? undefined : read(record));
	const { deliveries, nameless } = await trigger.poll();
	expect(deliveries.map(({ record }) => record.id)).toEqual([7]);
	expect(nameless).toEqual({ count: 1, example: expect.stringContaining(`endedAt ${vendor.now}`) as string });
});

it('a record without an id is counted once in a poll, whichever of its lists hold it', async () => {
	const { vendor, trigger } = await rising();
	vendor.lists = ['ended', 'updated'];
	for (const id of [6, 7, 8]) vendor.put({ id, createdAt: null, driver: `card ${id}` });
	const { describe: read } = vendor.source;
	vendor.source.describe = (record) => (record.id === 8 ? read(record) : undefined);
	const { deliveries, nameless } = await trigger.poll();
	expect(deliveries.map(({ record }) => record.id)).toEqual([8]);
	expect(nameless.count).toBe(7);
});

it('a state whose fingerprints are of other fields corrects nothing but energy and amount', async () => {
	const { vendor, trigger } = await rising('corrected');
	vendor.put({ id: 6 });
	vendor.put({ id: 7 });
	await trigger.scan();
	const stored: unknown = JSON.parse(trigger.stored!);
	const upgraded = { ...(stored as object), fieldsMark: 'another' };
	expect(readState(upgraded, { ...trigger.plan, lists: LIST_NAMES }).reset).toBeUndefined();
	trigger.stored = JSON.stringify(upgraded);
	vendor.now += MINUTE;
	vendor.put({ id: 6, driver: 'read anew' });
	vendor.put({ id: 7, energyWh: 1 });
	const { deliveries } = await trigger.poll();
	expect(deliveries.map(({ record, change }) => [record.id, change?.changedFields])).toEqual([
		[7, ['energy']],
	]);
	vendor.put({ id: 6, driver: 'card 3' });
	expect(await trigger.scan()).toEqual([6]);
});

describe('an id that the vendor uses again', () => {
	it.each<[TriggerEvent, Array<number | string>]>([
		['completed', [6, 6]],
		['started', [6, 6]],
		['changed', [6, 6, 6, 6]],
		['corrected', []],
	])('is another session, each of which comes: sessions %s', async (event, expected) => {
		const { vendor, trigger } = await rising(event);
		const all: Array<number | string> = [];
		for (let session = 0; session < 2; session++) {
			const startedAt = vendor.now;
			vendor.put({ id: 6, startedAt, createdAt: startedAt, endedAt: null, energyWh: 1 });
			all.push(...(await trigger.scan()));
			vendor.now += HOUR;
			vendor.put({ id: 6, endedAt: vendor.now, energyWh: 2 });
			all.push(...(await trigger.scan()));
			vendor.now += 2 * DAY;
			all.push(...(await trigger.scan()));
		}
		expect(all).toEqual(expected);
	});

	it.each(OFFERS.flatMap((offer) => [NOON - HOUR, null].map((createdAt) => [offer, createdAt] as const)))(
		'is the same session where start and end move behind all that is known of it (%s, created at %p)',
		async (offer, createdAt) => {
			for (const event of ['completed', 'corrected', 'changed'] as const) {
				const { vendor, trigger } = await rising(event, { offer });
				vendor.put({ id: 6, createdAt, endedAt: vendor.now });
				const all: Array<number | string> = [...(await trigger.scan())];
				for (const days of [1, 2, 10]) {
					vendor.now += days * DAY;
					vendor.put({ id: 6, startedAt: vendor.now - 2 * HOUR, endedAt: vendor.now - HOUR });
					all.push(...(await trigger.scan()), ...(await pollDaily(vendor, trigger.scan, 5)));
					// And where it runs again in between.
					vendor.put({ id: 6, startedAt: vendor.now - HOUR / 2, endedAt: null });
					await trigger.scan();
					vendor.put({ id: 6, startedAt: vendor.now - HOUR / 4, endedAt: vendor.now });
					all.push(...(await trigger.scan()), ...(await pollDaily(vendor, trigger.scan, 5)));
				}
				const count = { completed: 1, corrected: 6, changed: 7 }[event];
				expect([event, all]).toEqual([event, Array(count).fill(6)]);
			}
		},
	);

	it('is the same session where only its start was moved, as it was created before', async () => {
		const { vendor, trigger } = await rising();
		vendor.put({ id: 6 });
		expect(await trigger.scan()).toEqual([6]);
		vendor.now += DAY;
		vendor.put({ id: 6, startedAt: vendor.now - HOUR, endedAt: vendor.now });
		expect(await trigger.scan()).toEqual([]);
	});
});

describe('a session comes once', () => {
	it.each(OFFERS)('whose charger sets its clock back while it runs (%s)', async (offer) => {
		for (const back of [HOUR, 5 * DAY, 30 * YEAR]) {
			const { vendor, trigger } = await rising('completed', { offer });
			vendor.put({ id: 6, endedAt: null });
			expect(await trigger.scan()).toEqual([]);
			vendor.now += HOUR;
			vendor.put({ id: 6, endedAt: vendor.now - back });
			const all = [...(await trigger.scan()), ...(await pollDaily(vendor, trigger.scan, 6))];
			expect(all).toEqual([6]);
		}
	});

	it.each(OFFERS)('that ends, leaves the list for ten days and is back (%s)', async (offer) => {
		for (const event of ['completed', 'changed', 'corrected'] as const) {
			const { vendor, trigger } = await rising(event, { offer });
			const record = vendor.put({ id: 6 });
			const all = [...(await trigger.scan())];
			vendor.records.delete(6);
			all.push(...(await pollDaily(vendor, trigger.scan, 10)));
			vendor.put({ ...record, updatedAt: vendor.now });
			all.push(...(await trigger.scan()), ...(await pollDaily(vendor, trigger.scan, 5)));
			expect([event, all]).toEqual([event, event === 'corrected' ? [] : [6]]);
		}
	});

	it.each(OFFERS)('where every list is empty in one poll, whichever it is (%s)', async (offer) => {
		for (let blank = 0; blank < 59; blank++) {
			const { vendor, trigger } = await rising('completed', { offer });
			const all: Array<number | string> = [];
			for (let hour = 0; hour < 60; hour++) {
				vendor.now += HOUR;
				vendor.put({ id: 100 + hour });
				vendor.distort = (page) => (hour === blank ? { records: [] } : page);
				all.push(...(await trigger.scan()));
			}
			expect([...all].sort()).toEqual(Array.from({ length: 60 }, (_, hour) => 100 + hour).sort());
		}
	});

	it.each(OFFERS)(
		'that ended while the trigger was off for 40 days, and its corrections too (%s)',
		async (offer) => {
			for (const event of ['completed', 'corrected'] as const) {
				const { vendor, trigger } = await rising(event, { offer });
				vendor.put({ id: 6 });
				vendor.put({ id: 7, endedAt: null });
				const all = [...(await trigger.scan())];
				vendor.now += 20 * DAY;
				vendor.put({ id: 7, endedAt: vendor.now });
				vendor.put({ id: 8 });
				if (offer !== 'window') vendor.put({ id: 6, energyWh: 9 });
				vendor.now += 20 * DAY;
				all.push(...(await trigger.scan()), ...(await pollDaily(vendor, trigger.scan, 5)));
				vendor.put({ id: 8, energyWh: 9 });
				all.push(...(await trigger.scan()));
				const corrected = offer === 'window' ? [8] : [6, 8];
				expect([event, [...all].sort()]).toEqual([event, event === 'completed' ? [6, 7, 8] : corrected]);
			}
		},
	);

	it('through the nights in which the clocks of a country change', async () => {
		for (const night of [Date.UTC(2026, 2, 28, 18), Date.UTC(2026, 9, 24, 18)]) {
			const { vendor, trigger } = await rising('completed', { now: night });
			// The vendor writes local time as if it were UTC: an hour is missing, or there twice.
			const shift = () =>
				vendor.now < night + 7 * HOUR ? HOUR : night === Date.UTC(2026, 2, 28, 18) ? 2 * HOUR : 0;
			const all: Array<number | string> = [];
			for (let id = 6; id < 80; id++) {
				vendor.now += 20 * MINUTE;
				const endedAt = vendor.now + shift();
				vendor.put({ id, endedAt, createdAt: null, updatedAt: endedAt });
				all.push(...(await trigger.scan()));
			}
			expect(all).toEqual(Array.from({ length: 74 }, (_, index) => index + 6));
		}
	});

	it('whose update time goes backwards, and its correction is told', async () => {
		const { vendor, trigger } = await rising('corrected');
		vendor.put({ id: 6 });
		expect(await trigger.scan()).toEqual([]);
		vendor.now += HOUR;
		vendor.put({ id: 6, energyWh: 9, updatedAt: vendor.now - DAY });
		expect([...(await trigger.scan()), ...(await pollDaily(vendor, trigger.scan, 5))]).toEqual([6]);
	});

	it('where one page leads back to itself, keeps the pages before it, and goes on with the next poll', async () => {
		const { vendor, trigger } = await rising('completed', { pageSize: 2 });
		for (let id = 6; id < 16; id++) vendor.put({ id, endedAt: vendor.now + id, updatedAt: vendor.now + id });
		let pages = 0;
		vendor.distort = (page, { resumeToken }) => (++pages === 4 ? { ...page, next: resumeToken } : page);
		const { deliveries, failure } = await trigger.poll();
		const given = deliveries.map(({ record }) => record.id);
		expect(given.length).toBeGreaterThan(2);
		expect(failure?.message).toMatch('leads back');
		expect([...given, ...(await trigger.scan())]).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
	});
});

describe('a scan that looks back far', () => {
	/** Sessions of each hour, and a deep scan that is due. */
	async function due(offer: Offer) {
		const { vendor, trigger } = await rising('completed', { offer });
		for (let id = 10; id < 32; id++) {
			vendor.now += HOUR;
			vendor.put({ id });
			await trigger.scan();
		}
		vendor.now += HOUR;
		return { vendor, trigger };
	}

	it.each(OFFERS)('and is given nothing is repeated with the next poll, and says so (%s)', async (offer) => {
		const { vendor, trigger } = await due(offer);
		// It shows up behind the lookback window, so that a deep scan alone finds it.
		const endedAt = vendor.now - 10 * HOUR;
		vendor.put({ id: 50, endedAt, createdAt: endedAt, updatedAt: endedAt });
		for (let times = 0; times < 3; times++) {
			vendor.distort = () => ({ records: [] });
			const { deliveries, notices } = await trigger.poll();
			expect([deliveries, trigger.state().scan]).toEqual([[], null]);
			expect(notices).toEqual([
				expect.stringMatching(/gave no session .* although \d+ of its time are known/),
			]);
			expect(trigger.state().deepScannedAt).toBe(vendor.now - DAY);
			vendor.now += 10 * MINUTE;
		}
		vendor.distort = (page) => page;
		expect(await trigger.scan()).toEqual([50]);
		expect(trigger.state().deepScannedAt).toBe(vendor.now);
		vendor.now += 10 * MINUTE;
		expect((await trigger.poll()).notices).toEqual([]);
	});

	it.each(OFFERS)('and is given a single session counts (%s)', async (offer) => {
		const { vendor, trigger } = await due(offer);
		for (const id of [...vendor.records.keys()].slice(0, -1)) vendor.records.delete(id);
		expect((await trigger.poll()).notices).toEqual([]);
		expect(trigger.state().deepScannedAt).toBe(vendor.now);
	});

	it.each(OFFERS)('and is given nothing counts where nothing is known of its time (%s)', async (offer) => {
		const { vendor, trigger } = await rising('completed', { offer });
		for (let day = 0; day < 9; day++) {
			vendor.now += 0.9 * DAY;
			if (day === 1) vendor.records.clear();
			await trigger.poll();
		}
		const { notices } = await trigger.poll();
		expect(notices).toEqual([]);
		expect(vendor.now - trigger.state().deepScannedAt).toBeLessThanOrEqual(DAY);
	});
});
