import type { RunningSession } from '../../../nodes/shared/sync/deliveredSessions';
import { poll, type Plan } from '../../../nodes/shared/sync/scan';
import { listKeys, type SessionList, type Source } from '../../../nodes/shared/sync/source';
import { readState, writeState, type Json } from '../../../nodes/shared/sync/state';
import { DAY, HOUR, MINUTE, NOON } from './fakeSource';

/*
 * A vendor that the engine has never heard of: one list of stopped sessions and one of plugged-in cars, by site, and a site is
 * a UUID. Everything that it takes stands in this file.
 */

interface Charge {
	uuid: string;
	site: string;
	plugged: number;
	unplugged?: number;
}

const SITES = [
	'018f6d2e-7c11-7b1a-8a5e-3c2d1b0a9f88',
	'b7e1c9a0-4f5d-4a43-9c6e-0d3b7f6f1f55',
	'f47ac10b-58cc-4372-a567-0e02b2c3d479',
];

class ThirdVendor {
	readonly charges: Charge[] = [];
	now = NOON;
	/** The running sessions that the engine told the list of stopped ones about, by site. */
	readonly told: Array<[site: string, running: RunningSession[]]> = [];

	private bySite(
		key: string,
		properties: Pick<SessionList<Charge>, 'order' | 'coversEnded' | 'movesOnUpdate'>,
		holds: (charge: Charge, from: number, running: RunningSession[]) => boolean,
	): SessionList<Charge> {
		return {
			key,
			...properties,
			fetchPage: async (from, resumeToken, running) => {
				const site = typeof resumeToken === 'string' ? resumeToken : SITES[0];
				// The numbers are the engine's own.
				const own = running
					.filter(({ partition }) => partition === site)
					.map(({ partition, startedAt }) => ({ partition, startedAt }));
				if (key === 'stopped-by-site') this.told.push([site, own]);
				const records = this.charges.filter((charge) => charge.site === site && holds(charge, from, own));
				return { records, partition: site, next: SITES[SITES.indexOf(site) + 1] as Json | undefined };
			},
		};
	}

	/** Sessions that stopped since; older ones only where the engine says that one was running. */
	readonly stopped = this.bySite(
		'stopped-by-site',
		{ order: 'oldestFirst', coversEnded: true, movesOnUpdate: false },
		({ plugged, unplugged }, from, running) =>
			plugged >= from || (unplugged !== undefined && running.some(({ startedAt }) => startedAt === plugged)),
	);
	readonly pluggedIn = this.bySite(
		'plugged in',
		{ order: 'unordered', coversEnded: false, movesOnUpdate: false },
		({ unplugged }) => unplugged === undefined,
	);

	readonly source: Source<Charge> = {
		lists: [this.stopped, this.pluggedIn],
		describe: ({ uuid, plugged, unplugged }) => ({
			id: uuid,
			startedAt: plugged,
			endedAt: unplugged,
			categories: { energy: {}, time: { plugged, unplugged }, price: {}, driver: {}, other: {} },
		}),
		listsOf: async () => ({ lists: [this.stopped, this.pluggedIn], notes: null }),
		newest: async (count) => this.charges.slice(-count).reverse(),
		clock: () => this.now,
		readClock: async () => [],
		followsRunning: true,
	};
}

const plan: Plan = {
	event: 'completed',
	settings: 'settings',
	firstRun: 'now',
	lookbackMs: HOUR,
	deepLookbackMs: 3 * DAY,
	maxRecords: 10_000,
};

/** A trigger on the vendor; its state goes through JSON, and each poll reads so many pages. */
function triggerOn(vendor: ThirdVendor, pages: number) {
	const trigger = {
		stored: undefined as string | undefined,
		poll: async () => {
			const { state, reset } = readState(trigger.stored && JSON.parse(trigger.stored), {
				settings: plan.settings,
				event: plan.event,
				lists: vendor.source.lists.map(({ key }) => key),
			});
			if (reset) throw new Error(reset);
			let left = pages;
			const tools = { now: () => vendor.now, hasTime: () => --left > 0 };
			const result = await poll(vendor.source, plan, state, tools);
			trigger.stored = JSON.stringify(writeState(result.state, plan.event));
			return result.deliveries.map(({ record }) => record.uuid);
		},
		scan: async () => {
			const all: string[] = [];
			do all.push(...(await trigger.poll()));
			while ((JSON.parse(trigger.stored!) as { scan: unknown }).scan);
			return all;
		},
	};
	return trigger;
}

describe.each([1, 2, Infinity])('a vendor with lists and partitions of its own, %d pages a poll', (pages) => {
	it('gives each session once, when it has ended, at whichever site', async () => {
		const vendor = new ThirdVendor();
		const trigger = triggerOn(vendor, pages);
		expect(await trigger.scan()).toEqual([]);
		vendor.now += MINUTE;
		const charges = SITES.map((site, index) => ({ uuid: `c0ffee00-${index}`, site, plugged: vendor.now }));
		vendor.charges.push(...charges);
		expect(await trigger.scan()).toEqual([]);

		// Far later than the scan looks back: found by the start and the site that the state remembers.
		for (let day = 0; day < 10; day++) {
			vendor.now += DAY;
			expect(await trigger.scan()).toEqual([]);
		}
		for (const charge of vendor.charges) charge.unplugged = vendor.now;
		vendor.told.length = 0;
		expect((await trigger.scan()).sort()).toEqual(charges.map(({ uuid }) => uuid));
		expect(vendor.told).toEqual(
			SITES.map((site, index) => [
				site,
				[{ startedAt: Math.floor(charges[index].plugged / HOUR) * HOUR, partition: site }],
			]),
		);
		expect(await trigger.scan()).toEqual([]);
	});

	it('keeps its own names in the stored state', async () => {
		const vendor = new ThirdVendor();
		const trigger = triggerOn(vendor, 1);
		await trigger.poll();
		expect(JSON.parse(trigger.stored!)).toMatchObject({
			scan: { lists: ['stopped-by-site', 'plugged in'], resumeToken: SITES[1] },
		});
	});
});

describe('the lists of a source', () => {
	it('are refused where two have one key, since a stored scan could go on in the wrong one', () => {
		const { source, stopped } = new ThirdVendor();
		expect(() => listKeys(source, [{ ...stopped }])).toThrow('Two lists have the key "stopped-by-site"');
	});

	it('are refused where the source does not name them all', () => {
		const { source, stopped } = new ThirdVendor();
		expect(() => listKeys({ ...source, lists: [] }, [stopped])).toThrow('no list "stopped-by-site"');
	});

	it('that a stored scan names and the source has no more make the trigger begin anew', async () => {
		const vendor = new ThirdVendor();
		const trigger = triggerOn(vendor, 1);
		await trigger.poll();
		const expected = { settings: plan.settings, event: plan.event, lists: ['stopped-by-site'] };
		expect(readState(JSON.parse(trigger.stored!), expected)).toEqual({
			reset: 'its stored position is damaged',
		});
	});
});
