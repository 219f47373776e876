import * as fc from 'fast-check';

import { ApiError } from '../../../nodes/shared/util/errors';
import type { Change } from '../../../nodes/shared/sync/classify';
import type { Plan, PollResult } from '../../../nodes/shared/sync/scan';
import type { TriggerEvent } from '../../../nodes/shared/sync/snapshot';
import type { PollState } from '../../../nodes/shared/sync/state';
import {
	DAY,
	fakeTrigger,
	fakeVendor,
	HOUR,
	MINUTE,
	NOON,
	serviceDown,
	type FakeRecord,
	type Offer,
} from './fakeSource';

/*
 * Any sequence of what can happen to a vendor and to a trigger, judged by what the vendor was asked and what came of it.
 *
 * At each poll whose state was kept:
 *  1. The watermark and the dedup horizon never move back, and the watermark is never later than the server's clock.
 *  2. The dedup horizon is never later than the watermark, or than the reach of a deep scan before the last one where nothing was new.
 *  3. The state can be read, and every session that was read and is in reach (from the dedup horizon on) is in the memory.
 *  4. A record that was read is delivered if and only if it is news: a session that ended or began after the trigger did and
 *     was not delivered, or a version that is later than the last one that was read. A version that was read before comes
 *     again only where its record was touched after the memory had forgotten it.
 *  5. A correction says how it differs from the version that was read before; nothing where that one is forgotten.
 *
 * After all, once the vendor answers and a day has gone by: the last version of each session that ever was in reach was
 * read. With 4 that means nothing is lost.
 *
 * A poll whose items go out and whose state is lost (a crash in between) may repeat itself; its items don't count.
 */

interface World {
	event: TriggerEvent;
	offer: Offer;
	firstRun: Plan['firstRun'];
	/** Whether the end of a session counts as an update of its record. */
	endIsUpdate: boolean;
	deepLookbackMs: number;
	pageSize: number;
	/** How far this machine's clock goes wrong. */
	skew: number;
}

type Step =
	| { do: 'start' }
	| { do: 'end'; pick: number; lateBy: number }
	| { do: 'appear'; ended: number; lateBy: number }
	| { do: 'correct'; pick: number }
	| { do: 'touch'; pick: number }
	| { do: 'pass'; minutes: number }
	| { do: 'poll'; pages: number; failAt: number | null; crash: boolean }
	| { do: 'pageSize'; size: number }
	| { do: 'restart' };

const anyWorld: fc.Arbitrary<World> = fc.record({
	event: fc.constantFrom<TriggerEvent>('completed', 'started', 'changed', 'corrected'),
	offer: fc.constantFrom<Offer>('combined', 'twoLists', 'window'),
	firstRun: fc.constantFrom<Plan['firstRun']>(
		'now',
		{ ago: 10 * DAY },
		{ since: NOON - 2 * DAY },
		{ since: 0 },
	),
	endIsUpdate: fc.boolean(),
	deepLookbackMs: fc.constantFrom(DAY, 3 * DAY),
	pageSize: fc.integer({ min: 1, max: 4 }),
	skew: fc.constantFrom(0, -5 * HOUR, 5 * HOUR, 10 * DAY),
});

const pick = fc.nat(30);
/** How late the vendor shows an end, in seconds: within the lookback window. */
const lateBy = fc.constantFrom(0, 0, 1, 90, 50 * 60);
const anyPoll = fc.record({
	do: fc.constant('poll' as const),
	pages: fc.constantFrom(1, 1, 2, 3, 100),
	failAt: fc.option(fc.nat(3), { freq: 3 }),
	crash: fc.constant<boolean>(false),
});
const anyStep: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const) }) },
	{ weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), pick, lateBy }) },
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('appear' as const),
			ended: fc.integer({ min: 1, max: 5 }),
			lateBy,
		}),
	},
	{ weight: 3, arbitrary: fc.record({ do: fc.constant('correct' as const), pick }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('touch' as const), pick }) },
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('pass' as const),
			minutes: fc.oneof(
				fc.integer({ min: 1, max: 90 }),
				fc.constantFrom(60, 180, 24 * 60, 36 * 60, 5 * 24 * 60, 15 * 24 * 60),
			),
		}),
	},
	{ weight: 9, arbitrary: anyPoll },
	{ weight: 1, arbitrary: anyPoll.map((step) => ({ ...step, crash: true })) },
	{
		weight: 1,
		arbitrary: fc.record({ do: fc.constant('pageSize' as const), size: fc.integer({ min: 1, max: 5 }) }),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

/** What was read and delivered up to a state; goes back with it. */
interface History {
	stored: string | undefined;
	/** By session: the version that was read last. */
	read: Map<number, { version: number; hasEnded: boolean }>;
	delivered: Set<number>;
}

/** The number of a version stands in its energy: each one is a kWh more. */
const versionOf = ({ energyWh }: FakeRecord) => Number(energyWh) / 1000;
const lastMomentOf = ({ startedAt, endedAt, createdAt, updatedAt }: FakeRecord) =>
	Math.max(...[startedAt, endedAt, createdAt, updatedAt].map((time) => time ?? -Infinity));

class Machine {
	readonly vendor;
	readonly trigger;
	/** Where the trigger begins to look: later moments are news. */
	begin: number | undefined;
	/** In the words of a person who looks for what went wrong. */
	readonly journal: string[] = [];

	private live: History = { stored: undefined, read: new Map(), delivered: new Set() };
	/** What n8n's database holds: the state of the first poll, or of the last that started the workflow. */
	private durable: History | undefined;
	private nextId = 1;
	/** Sessions that the trigger cannot know to have ended after its beginning: dated before it, shown after it. */
	private readonly doubtful = new Set<number>();

	constructor(private readonly world: World) {
		const { event, offer, firstRun, deepLookbackMs, pageSize } = world;
		this.vendor = fakeVendor({ event, offer, pageSize, msPerPage: 1000 });
		this.trigger = fakeTrigger(this.vendor, { event, firstRun, deepLookbackMs });
		this.appear(100 * DAY);
		// One that has run for weeks, and of which nothing was heard since.
		const startedAt = this.vendor.now - 20 * DAY;
		const dates = { startedAt, endedAt: null, createdAt: startedAt, updatedAt: startedAt };
		this.put({ id: this.nextId++, ...dates }, 1);
		for (const ago of [9 * DAY, 30 * HOUR, 50 * MINUTE, MINUTE]) this.appear(ago);
		this.start();
	}

	async run(steps: Step[]): Promise<void> {
		try {
			for (const step of steps) await this.take(step);
			await this.close();
		} catch (error) {
			const story = this.journal.map((line) => `  ${line}`).join('\n');
			throw new Error(`${(error as Error).message}\n\nWhat happened:\n${story}\n`, { cause: error });
		}
	}

	private async take(step: Step): Promise<void> {
		const { vendor } = this;
		switch (step.do) {
			case 'start':
				return this.start();
			case 'end':
				return this.change(
					step.pick,
					({ endedAt }) => endedAt === null,
					({ startedAt, updatedAt }) => {
						const endedAt = Math.max(vendor.now - step.lateBy * 1000, (startedAt ?? 0) + 1);
						return { endedAt, updatedAt: this.world.endIsUpdate ? vendor.now : updatedAt };
					},
				);
			case 'appear':
				// Several at the same moment.
				for (let count = 0; count < step.ended; count++) this.appear(step.lateBy * 1000);
				return;
			case 'correct':
				return this.change(
					step.pick,
					() => true,
					() => ({}),
				);
			case 'touch':
				return this.touch(step.pick);
			case 'pass':
				vendor.now += step.minutes * MINUTE;
				return;
			case 'pageSize':
				vendor.pageSize = step.size;
				return;
			case 'restart':
				this.restart();
				return;
			case 'poll':
				await this.poll(step.pages, step.failAt, step.crash);
		}
	}

	private note(text: string): void {
		this.journal.push(`${new Date(this.vendor.now).toISOString()} ${text}`);
	}

	private start(): void {
		const { now } = this.vendor;
		this.put({ id: this.nextId++, startedAt: now, endedAt: null, createdAt: now, updatedAt: now }, 1);
	}

	/** A session that is shown for the first time when it has ended, some time ago. */
	private appear(ago: number): void {
		const endedAt = this.vendor.now - ago;
		const startedAt = endedAt - HOUR;
		const updatedAt = this.world.endIsUpdate ? endedAt : startedAt;
		this.put({ id: this.nextId++, startedAt, endedAt, createdAt: startedAt, updatedAt }, 1);
	}

	/** Writes a new version of a session. */
	private change(
		pick: number,
		isMeant: (record: FakeRecord) => boolean,
		change: (record: FakeRecord) => Partial<FakeRecord>,
	): void {
		const record = this.pick(pick, isMeant);
		if (record) this.put({ ...record, updatedAt: this.vendor.now, ...change(record) }, versionOf(record) + 1);
	}

	/** The time of the update moves, and nothing else. */
	private touch(pick: number): void {
		const record = this.pick(pick, () => true);
		if (!record) return;
		this.note(`session ${record.id} is touched`);
		this.vendor.put({ id: record.id });
	}

	private put(record: Pick<FakeRecord, 'id'> & Partial<FakeRecord>, version: number): void {
		const hadEnded = typeof this.vendor.records.get(record.id)?.endedAt === 'number';
		const { endedAt } = this.vendor.put({ ...record, energyWh: version * 1000, amountCents: version * 50 });
		const isBefore = this.begin !== undefined && endedAt !== null && endedAt <= this.begin;
		if (isBefore && !hadEnded) this.doubtful.add(Number(record.id));
		const state = endedAt === null ? 'runs' : `ended ${new Date(endedAt).toISOString()}`;
		this.note(`session ${record.id} ${state}, version ${version}`);
	}

	private pick(pick: number, isMeant: (record: FakeRecord) => boolean): FakeRecord | undefined {
		const meant = [...this.vendor.records.values()].filter(isMeant);
		return meant[meant.length - 1 - (pick % Math.max(1, meant.length))];
	}

	private restart(): void {
		if (!this.durable) return;
		this.note('n8n restarts');
		this.live = copyOf(this.durable);
		this.trigger.stored = this.live.stored;
	}

	private async poll(pages: number, failAt: number | null, crash: boolean): Promise<void> {
		const { vendor, trigger, world } = this;
		const isFirst = trigger.stored === undefined;
		const before = isFirst ? undefined : trigger.state();
		const begin = world.firstRun === 'now' ? vendor.now : firstMoment(world.firstRun, vendor.now) - 1;
		vendor.asked.length = 0;
		vendor.script = failAt === null ? [] : [...Array<undefined>(failAt), serviceDown()];
		let result: PollResult<FakeRecord>;
		try {
			result = await trigger.poll({ pages, skew: world.skew });
		} catch (error) {
			if (!(error instanceof ApiError)) throw error;
			this.note('poll: failed');
			expect(vendor.asked).toEqual([]);
			return;
		}
		const ids = result.deliveries.map(({ record }) => `${record.id} (version ${versionOf(record)})`);
		this.note(
			`poll: ${result.read} read, delivered: ${ids.join(', ') || 'none'}${crash ? ', then a crash' : ''}`,
		);
		if (crash) {
			trigger.stored = this.live.stored;
			return this.restart();
		}
		if (isFirst) this.begin = begin;
		this.live.stored = trigger.stored;
		this.judgeDeliveries(result, before);
		this.judgeState(before);
		if (isFirst || result.deliveries.length > 0) this.durable = copyOf(this.live);
	}

	/** Rules 4 and 5. */
	private judgeDeliveries({ deliveries }: PollResult<FakeRecord>, before: PollState | undefined): void {
		const { read, delivered } = this.live;
		const readNow = new Set<number>();
		let next = 0;
		for (const { list, given } of this.vendor.asked) {
			for (const record of given) {
				const id = Number(record.id);
				const last = read.get(id);
				const isKnown = before?.memory.has(id) === true || readNow.has(id);
				const delivery = deliveries[next]?.record === record ? deliveries[next++] : undefined;
				const what = `session ${id}, version ${versionOf(record)}, from the list "${list}"`;
				const news = this.isNews(record, last, isKnown);
				if (delivery && news === 'no') throw new Error(`delivered though it is no news: ${what}`);
				if (!delivery && news === 'yes') throw new Error(`news, and not delivered: ${what}`);
				if (delivery) {
					delivered.add(id);
					if (this.world.event === 'corrected') expectChange(delivery.change, record, last, isKnown);
				}
				read.set(id, { version: versionOf(record), hasEnded: record.endedAt !== null });
				readNow.add(id);
			}
		}
		expect(next).toBe(deliveries.length);
	}

	private isNews(
		record: FakeRecord,
		last: { version: number; hasEnded: boolean } | undefined,
		isKnown: boolean,
	): 'yes' | 'no' | 'perhaps' {
		const { begin = Infinity } = this;
		const { startedAt, endedAt } = record;
		const id = Number(record.id);
		const isNewVersion = last !== undefined && versionOf(record) > last.version;
		// Touched after it was forgotten: nobody can tell whether it is another version.
		const isForgotten = last !== undefined && !isNewVersion && !isKnown;
		switch (this.world.event) {
			case 'completed':
				if (endedAt === null || this.live.delivered.has(id)) return 'no';
				if (this.doubtful.has(id)) return 'perhaps';
				return endedAt > begin ? 'yes' : 'no';
			case 'started':
				if (endedAt !== null || this.live.delivered.has(id)) return 'no';
				return (startedAt ?? 0) > begin ? 'yes' : 'no';
			case 'changed':
				if (isNewVersion) return this.doubtful.has(id) ? 'perhaps' : 'yes';
				if (isForgotten) return 'perhaps';
				if (last) return 'no';
				if (this.doubtful.has(id)) return 'perhaps';
				return lastMomentOf(record) > begin ? 'yes' : 'no';
			case 'corrected':
				if (endedAt === null) return 'no';
				if (isNewVersion) return last.hasEnded ? 'yes' : 'no';
				if (isForgotten) return 'perhaps';
				if (last) return 'no';
				// Never read before: whether it was corrected, its age alone can tell.
				return endedAt > begin ? 'no' : 'perhaps';
		}
	}

	/** Rules 1 to 3. */
	private judgeState(before: PollState | undefined): void {
		const { vendor, trigger, world } = this;
		const { watermark, dedupHorizon, scannedAt, scan, memory } = trigger.state();
		const maxLookback = world.deepLookbackMs + DAY;
		if (before && watermark < before.watermark) throw new Error('the watermark moved back');
		if (before && dedupHorizon < before.dedupHorizon) throw new Error('the dedup horizon moved back');
		if (watermark > vendor.now) throw new Error("the watermark is later than the server's clock");
		if (dedupHorizon > Math.max(watermark, scannedAt - maxLookback))
			throw new Error('the dedup horizon is too late');
		if (scan) return;
		for (const { id, endedAt, createdAt } of this.readNow()) {
			const appearedAt = Math.max(endedAt ?? -Infinity, createdAt ?? -Infinity);
			if (appearedAt >= dedupHorizon && !memory.has(Number(id))) {
				throw new Error(`session ${id} can come back, and is forgotten`);
			}
		}
	}

	private readNow(): FakeRecord[] {
		return this.vendor.asked.flatMap(({ given }) => given);
	}

	/** The vendor answers again, and a day goes by: enough for a deep scan, whatever this machine's clock says. */
	private async close(): Promise<void> {
		const { vendor, trigger } = this;
		for (const pause of [0, MINUTE, 30 * HOUR, MINUTE]) {
			vendor.now += pause;
			let polls = 0;
			do {
				if (++polls > 1000) throw new Error('the scan never ends');
				await this.poll(3, null, false);
			} while (trigger.state().scan);
		}
		const { event } = this.world;
		const begin = this.begin ?? Infinity;
		for (const record of vendor.records.values()) {
			const id = Number(record.id);
			const version = versionOf(record);
			const hasEnded = record.endedAt !== null;
			const read = this.live.read.get(id);
			// Of ended sessions alone all are looked for; of running ones, those that began or were updated since.
			const isLookedFor =
				event === 'completed' ? hasEnded && Number(record.endedAt) > begin : lastMomentOf(record) > begin;
			const isRunningOnly = event === 'started' && hasEnded;
			if (!isLookedFor || isRunningOnly) continue;
			const isCurrent =
				read !== undefined &&
				read.hasEnded === hasEnded &&
				(event === 'completed' || read.version === version);
			if (!isCurrent) throw new Error(`session ${id}, version ${version}, was never read`);
			if (event === 'completed' && !this.live.delivered.has(id)) throw new Error(`session ${id} is lost`);
		}
	}
}

function firstMoment(firstRun: Exclude<Plan['firstRun'], 'now'>, now: number): number {
	return 'since' in firstRun ? firstRun.since : now - firstRun.ago;
}

function copyOf({ stored, read, delivered }: History): History {
	return { stored, read: new Map(read), delivered: new Set(delivered) };
}

function expectChange(
	change: Change | undefined,
	record: FakeRecord,
	last: { version: number } | undefined,
	isKnown: boolean,
): void {
	const steps = versionOf(record) - (last?.version ?? 0);
	if (!isKnown) {
		expect(change).toEqual({ changedFields: null, energyDeltaKwh: null, amountDelta: null });
	} else {
		expect(change).toEqual({
			changedFields: ['energy', 'price'],
			energyDeltaKwh: steps,
			amountDelta: steps / 2,
		});
	}
}

it('whatever happens, nothing is lost, nothing comes twice, and the position never moves back', async () => {
	await fc.assert(
		fc.asyncProperty(
			anyWorld,
			fc.array(anyStep, { minLength: 5, maxLength: 60, size: 'max' }),
			async (world, steps) => await new Machine(world).run(steps),
		),
		{ numRuns: 400 },
	);
});
