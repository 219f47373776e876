import type { IDataObject } from 'n8n-workflow';

import { chargeRecords } from '../../nodes/Spirii/trigger/chargeRecords';
import { transactions as spiriiTransactions } from '../../nodes/Spirii/trigger/transactions';
import { transactions as voltTimeTransactions } from '../../nodes/VoltTime/trigger/transactions';
import { ApiError } from '../../nodes/shared/util/errors';
import type { TriggerSource } from '../../nodes/shared/node/triggerSource';
import { poll, type Plan } from '../../nodes/shared/sync/scan';
import {
	digest,
	FINGERPRINT_LENGTH,
	type SessionSnapshot,
	type TriggerEvent,
} from '../../nodes/shared/sync/snapshot';
import { readState, writeState } from '../../nodes/shared/sync/state';
import { below, dice, pick, type Dice } from '../../sandbox/random';
import type { UpdatedAt } from '../../sandbox/spirii/records';
import { Oracle, type Findings, type ScanLog } from './oracle';
import type { SourceName } from './records';
import { SimulatedServer, type Quirks, type ServerSettings } from './server';
import { makeThemedWorld, spanOf } from './themedWorld';
import { THEMES, themeOf, type Theme, type ThemeName } from './themes';
import { DAY, HOUR, makeWorld, MINUTE, SECOND, type World } from './world';

/** All that a seed decides. */
export interface Config extends ServerSettings {
	seed: number;
	event: TriggerEvent;
	meaning: UpdatedAt;
	days: number;
	firstRun: 'now' | 'date' | 'days' | 'all';
	lookbackMs: number;
	deepLookbackMs: number;
	maxRecords: number;
	pageSize: number;
	/** Share of polls that are cut by their budget after a few pages. */
	cuts: number;
	/** Milliseconds by which the clock of n8n's machine is ahead of the server's. */
	skew: number;
	/** Legacy: n8n stores what it knows only after polls that bring something. */
	saves: 'always' | 'legacy';
	/** Share of polls after which n8n dies: with what they brought given on, and their state not stored. */
	crashes: number;
	/** Share of polls after which n8n is started anew. */
	restarts: number;
	/** Whether the filter is changed half way. */
	changesFilter: boolean;
	theme?: ThemeName;
}

/** What came of a seed. */
export interface Outcome {
	config: Config;
	findings: Findings[];
	/** Whether the closing phase came to an end. */
	isDrained: boolean;
	polls: number;
	/** Polls that failed, and requests. */
	failed: number;
	requests: number;
	sessions: number;
	delivered: number;
	/** Records read. */
	read: number;
	peakSessions: number;
	peakBytes: number;
}

const SOURCES: Record<SourceName, TriggerSource> = {
	chargeRecord: chargeRecords,
	transaction: spiriiTransactions,
	voltTime: voltTimeTransactions,
};
const EVENTS: TriggerEvent[] = ['completed', 'started', 'changed', 'corrected'];

/** Events, sources and worlds take turns, the rest is thrown. A seed of a theme has what {@link themedConfig} adds. */
export function configOf(seed: number): Config {
	const theme = themeOf(seed);
	return theme ? themedConfig(ordinaryConfig(seed), theme) : ordinaryConfig(seed);
}

function ordinaryConfig(seed: number): Config {
	const next = dice(seed, 0);
	const chance = (share: number) => next() < share;
	const event = EVENTS[seed % 4];
	const source = (['chargeRecord', 'transaction', 'voltTime'] as const)[Math.floor(seed / 4) % 3];
	const meaning = (['lastWrite', 'startedAt'] as const)[Math.floor(seed / 12) % 2];
	const changesFilter = chance(0.15);
	const small = chance(0.4);
	const isOdd = source === 'chargeRecord' && event !== 'started' && chance(0.4);
	const filter = isOdd ? pick(next, ['refused', 'ignored', 'never'] as const) : 'works';
	return {
		seed,
		event,
		source,
		meaning,
		days: 5 + below(next, 5),
		firstRun: changesFilter || chance(0.5) ? 'now' : pick(next, ['date', 'days', 'all'] as const),
		lookbackMs: pick(next, [1, 1, 1, 2, 3]) * HOUR,
		deepLookbackMs: pick(next, [1, 2, 3, 3, 3, 4]) * DAY,
		maxRecords: small ? pick(next, [1, 5, 20]) : 10_000,
		pageSize: chance(0.5)
			? (source === 'voltTime' ? 20 : 5) + below(next, 30)
			: filter === 'works'
				? 1000
				: 50,
		cuts: chance(0.6) ? 0.1 : 0,
		skew: Math.round((next() * 2 - 1) * 5 * MINUTE),
		saves: chance(0.5) ? 'always' : 'legacy',
		crashes: chance(0.3) ? 0.003 : 0,
		restarts: chance(0.5) ? 0.01 : 0,
		changesFilter,
		filter,
		dateField: pick(next, ['startedAt', 'endedAt', 'createdAt'] as const),
		bounds: pick(next, ['inclusive', 'exclusive', 'endExclusive'] as const),
		failures: chance(0.7) ? 0.03 : 0,
		cursorsLive: pick(next, [Infinity, 2 * HOUR, 5 * MINUTE, 20 * SECOND]),
	};
}

const SKEWS = [12 * HOUR, DAY, 2 * DAY, 5 * DAY, 30 * DAY];
/** With which an API may refuse a cursor. */
const STALE_STATUSES = [400, 401, 403, 404, 409, 410, 422, 500, 502];

/** The ordinary config of a seed with one theme in it: events and sources take turns here as well. */
function themedConfig(ordinary: Config, { name, turn }: { name: ThemeName; turn: number }): Config {
	const { seed } = ordinary;
	const next = dice(seed, 10);
	const theme: Theme = THEMES[name];
	const sources = theme.sources ?? (['chargeRecord', 'transaction', 'voltTime'] as const);
	const isShort = ['ties', 'manyRunning', 'refusedCursor', 'ids', 'noId', 'shortPages'].includes(name);
	const hasBegin = ['deadClock', 'lateUpload', 'serverDate', 'machineClock', 'manyTouched'].includes(name);
	const isCrowd = name === 'manyTouched';
	const config: Config = {
		...ordinary,
		theme: name,
		// The heavy worlds are few: those come first that compare versions.
		event: EVENTS[(turn + (isCrowd ? 2 : 0)) % 4],
		source: sources[Math.floor(turn / 4) % sources.length],
		meaning: name === 'deadClock' || next() < 0.6 ? 'lastWrite' : 'startedAt',
		days: isCrowd ? 3 : isShort ? 4 : 13,
		filter: 'works',
		firstRun: hasBegin || next() < 0.7 ? 'now' : 'all',
		deepLookbackMs: pick(next, [1, 2, 3]) * DAY,
		maxRecords: isCrowd || next() < 0.7 ? 10_000 : 40,
		pageSize: isCrowd ? 5000 : next() < 0.5 ? 20 + below(next, 30) : 1000,
		crashes: 0,
		changesFilter: false,
		quirks: quirksOf(name, ordinary, next),
	};
	if (name === 'lateUpload') config.days = 22;
	if (name === 'machineClock') config.skew = pick(next, SKEWS) * pick(next, [1, -1]);
	if (name === 'refusedCursor') {
		return { ...config, pageSize: 8 + below(next, 12), cuts: 0.5, failures: 0.1, cursorsLive: 20 * SECOND };
	}
	return config;
}

function quirksOf(theme: ThemeName, { seed }: Config, next: Dice): Quirks {
	const { begin } = spanOf(seed);
	if (theme === 'ties') return { shufflesTies: true };
	if (theme === 'shortPages') return { mostPerPage: 5 + below(next, 40), hasShortPages: true };
	if (theme === 'refusedCursor') return { staleStatus: pick(next, STALE_STATUSES) };
	if (theme === 'newFields') return { newFieldsAt: begin + (2 + next() * 8) * DAY };
	if (theme === 'ignoredParameters') {
		const from = begin + (1 + next() * 6) * DAY;
		return { ignores: [[from, from + (0.1 + next() * 6) * DAY]] };
	}
	if (theme !== 'serverDate') return {};
	const kind = pick(next, ['none', 'zone', 'jumps'] as const);
	if (kind === 'none') return { hasNoDate: true };
	if (kind === 'jumps') return { dateJumps: 0.02 };
	return { dateAhead: pick(next, [-11, -5, 2, 5.5, 9, 13]) * HOUR };
}

/** The world of a config: the same for the trigger and for the rules that it is compared with. */
export function worldOf({ seed, theme, meaning, source, days, lookbackMs, deepLookbackMs }: Config): World {
	const wholeSeconds = source === 'voltTime';
	const settings = { seed, meaning, wholeSeconds, days, lookbackMs, deepLookbackMs };
	return theme ? makeThemedWorld(theme, settings) : makeWorld(settings);
}

/** When the trigger is polled: every 1 to 60 minutes, with pauses of hours now and then, and of days in some worlds. */
export function pollTimes({ seed, source, theme }: Config, { begin, end }: World): number[] {
	const next = dice(seed, 2);
	if (theme) return sparseTimes(theme, next, begin, end);
	const times: number[] = [];
	const pause = next() < 0.3 ? begin + next() * (end - begin) * 0.7 : Infinity;
	const pauseEnd = pause + (next() < 0.6 ? 2.5 + next() * 7.5 : next() * 2) * DAY;
	let interval = 0;
	let day = -1;
	for (let time = begin; time < end;) {
		const today = Math.floor(time / (DAY / 2));
		if (today !== day) {
			day = today;
			interval = pick(next, [10, 15, 20, 30, 30, 30, 60, 60]) * MINUTE;
			// Frequent polls find little each and cost most: some of them do.
			const rare = next();
			if (rare < 0.06) interval = 5 * MINUTE;
			// A poll of Volt Time reads every charger, and far more of each.
			if (source === 'voltTime') interval = Math.max(interval, 15 * MINUTE);
			if (rare < 0.01) interval = MINUTE;
		}
		times.push(Math.floor(time));
		time += interval + below(next, 5 * SECOND);
		if (next() < 0.002) time += next() * 10 * HOUR;
		if (time > pause && time < pauseEnd) time = pauseEnd;
	}
	return times;
}

/** Every two hours or so: what a theme is about takes weeks, and a world of it has to be cheap. */
function sparseTimes(theme: ThemeName, next: Dice, begin: number, end: number): number[] {
	const times: number[] = [];
	const most = theme === 'manyTouched' ? 10 : end - begin > 6 * DAY ? 4 : 2;
	for (let time = begin; time < end; time += (0.5 + next() * most) * HOUR) times.push(Math.floor(time));
	return times;
}

/** Lets the real trigger run in the world of a config. */
export async function simulate(config: Config): Promise<Outcome> {
	return await new Simulation(config).run();
}

/** What n8n knows of the trigger, and what the oracle has to know of it. */
interface Stored {
	position: string | undefined;
	scans: ScanLog[];
	/** When the scan that is under way began. */
	scanBegun: number;
}

const FRESH: Stored = { position: undefined, scans: [], scanBegun: NaN };
/** Polls of the closing phase: far more than it takes. */
const MOST_CLOSING_POLLS = 3000;
const MOST_CLOSING_POLLS_OF_THEME = 300;

type Describe = (record: IDataObject) => SessionSnapshot | undefined;

class Simulation {
	private readonly world: World;
	private readonly server: SimulatedServer;
	private readonly next: Dice;
	private readonly plan: Plan;
	private oracle: Oracle;
	private readonly outcome: Outcome;
	private readonly sightings = new WeakMap<IDataObject, SessionSnapshot>();
	/** In memory, and in the database. */
	private kept = FRESH;
	private saved = FRESH;
	/** n8n stores the state after the poll of an activation, whatever it brought. */
	private isActivation = true;

	constructor(private readonly config: Config) {
		const { seed, event, firstRun, lookbackMs, deepLookbackMs, maxRecords } = config;
		this.world = worldOf(config);
		this.next = dice(seed, 3);
		this.server = new SimulatedServer(this.world, { ...config }, dice(seed, 4), dice(seed, 13));
		const firstRuns: Record<Config['firstRun'], Plan['firstRun']> = {
			now: 'now',
			all: { since: 0 },
			date: { since: this.world.begin - Math.floor(dice(seed, 5)() * 20 * DAY) },
			days: { ago: 7 * DAY },
		};
		this.plan = {
			event,
			settings: 'first',
			firstRun: firstRuns[firstRun],
			lookbackMs,
			deepLookbackMs,
			maxRecords,
		};
		this.oracle = this.newOracle();
		this.outcome = {
			config,
			findings: [],
			isDrained: false,
			polls: 0,
			failed: 0,
			requests: 0,
			sessions: this.world.sessions.length,
			delivered: 0,
			read: 0,
			peakSessions: 0,
			peakBytes: 0,
		};
	}

	async run(): Promise<Outcome> {
		const times = pollTimes(this.config, this.world);
		for (const [index, time] of times.entries()) {
			if (this.config.changesFilter && index === Math.floor(times.length / 2)) this.changeFilter();
			await this.pollAt(time, this.config);
		}
		await this.close();
		this.finishOracle();
		return this.outcome;
	}

	/** Quiet polls, without faults, until a deep scan has seen everything. */
	private async close(): Promise<void> {
		const { writes, end } = this.world;
		const last = Math.max(end, writes[writes.length - 1].visibleAt);
		const calm = { cuts: 0, crashes: 0, restarts: 0 };
		this.server.settings.failures = 0;
		const most = this.config.theme ? MOST_CLOSING_POLLS_OF_THEME : MOST_CLOSING_POLLS;
		const pause = this.config.theme ? (this.config.theme === 'manyTouched' ? 12 : 3) * HOUR : HOUR;
		for (let count = 1; count < most && !this.outcome.isDrained; count++) {
			await this.pollAt(last + count * pause, calm);
			this.outcome.isDrained = this.kept.scans.some(({ begun, deep }) => deep && begun > last + DAY);
		}
	}

	private async pollAt(
		time: number,
		{ cuts, crashes, restarts }: Pick<Config, 'cuts' | 'crashes' | 'restarts'>,
	): Promise<void> {
		const { server, plan, config, next, outcome, oracle } = this;
		server.time = Math.max(server.time, time);
		const begun = server.time;
		const { position } = this.kept;
		const opened = SOURCES[config.source].open(server.call(plan.event, config.pageSize));
		const { state } = readState(position === undefined ? undefined : JSON.parse(position), {
			settings: plan.settings,
			event: plan.event,
			lists: opened.lists.map(({ key }) => key),
		});
		let pages = next() < cuts ? 1 + below(next, 4) : Infinity;
		const tools = { now: () => server.time + config.skew, hasTime: () => --pages > 0 };
		// The very first thing that a trigger does is to ask for the time: there it begins.
		const readClock = async () => {
			const newest = await opened.readClock();
			if (!state) oracle.begins(this.beginBy(opened.clock()), server.time);
			return newest;
		};
		const seen: Parameters<Oracle['see']>[0] = [];
		const lists = opened.lists.map((list) => ({
			...list,
			fetchPage: async (...asked: Parameters<typeof list.fetchPage>) => {
				const page = await list.fetchPage(...asked);
				for (const record of page.records) seen.push({ write: server.writeOf(record), from: asked[0] });
				return page;
			},
		}));
		const listsOf: typeof opened.listsOf = async (...asked) => {
			const chosen = await opened.listsOf(...asked);
			return { ...chosen, lists: chosen.lists.map(({ key }) => lists.find((list) => list.key === key)!) };
		};
		const describe = this.describeOnce(opened.describe);
		const source = { ...opened, lists, listsOf, readClock, describe };

		const isFirst = state === undefined;
		const isNewScan = !state?.scan;
		outcome.polls++;
		const result = await this.byOwnClock(async () => await poll(source, plan, state, tools)).catch(
			(error: unknown) => {
				if (error instanceof ApiError) return undefined;
				throw error;
			},
		);
		outcome.requests = server.requests;
		if (!result) {
			outcome.failed++;
			return;
		}

		const scanBegun = isNewScan ? begun : this.kept.scanBegun;
		const scans = isFirst ? [] : this.kept.scans;
		const isCrash = next() < crashes;
		for (const { record, change } of result.deliveries) {
			oracle.deliver(server.writeOf(record as IDataObject), change, server.time, isCrash);
		}
		oracle.see(seen);
		outcome.read += result.read;
		outcome.delivered += result.deliveries.length;
		outcome.peakSessions = Math.max(outcome.peakSessions, result.state.memory.size);

		const isDeep = isFirst || result.state.deepScannedAt === result.state.scannedAt;
		const done = { begun: scanBegun, done: server.time, deep: isDeep };
		const written = JSON.stringify(writeState(result.state, plan.event));
		outcome.peakBytes = Math.max(outcome.peakBytes, written.length);
		this.kept = {
			position: written,
			scans: result.state.scan ? scans : [...scans, done],
			scanBegun,
		};
		if (isCrash) return this.restart();
		const isStored = config.saves === 'always' || result.deliveries.length > 0 || this.isActivation;
		if (isStored) this.saved = this.kept;
		this.isActivation = false;
		oracle.scans = this.kept.scans;
		if (next() < restarts) this.restart();
	}

	/** From where "from now" begins: by the earlier of the clocks, where one of them may be wrong. */
	private beginBy(clock: number | undefined): number {
		const own = this.server.time + this.config.skew;
		return this.config.theme ? Math.min(clock ?? own, own) : (clock as number);
	}

	/** In a theme, what looks at the machine's clock itself sees that of the simulation. */
	private async byOwnClock<T>(work: () => Promise<T>): Promise<T> {
		if (!this.config.theme) return await work();
		const real = Date.now;
		Date.now = () => this.server.time + this.config.skew;
		return await work().finally(() => (Date.now = real));
	}

	/**
	 * The same record says the same: it is described once, and its parts are kept as prints of them, since writing them out
	 * anew at every poll would take most of the time.
	 */
	private describeOnce(describe: Describe): Describe {
		return (record) => {
			let sighting = this.sightings.get(record);
			if (!sighting) {
				sighting = describe(record);
				if (!sighting) return sighting;
				// Where nothing is compared, nothing is printed.
				if (FINGERPRINT_LENGTH[this.config.event] === 0) {
					this.sightings.set(record, sighting);
					return sighting;
				}
				const prints = Object.entries(sighting.categories).map(([part, value]) => [part, digest(value, 22)]);
				sighting.categories = Object.fromEntries(prints) as SessionSnapshot['categories'];
				this.sightings.set(record, sighting);
			}
			return sighting;
		};
	}

	/** n8n starts anew, with what its database holds. */
	private restart(): void {
		this.kept = this.saved;
		this.isActivation = true;
		this.oracle.scans = this.kept.scans;
	}

	/** The user saves the workflow with another filter, which in these worlds selects the same. */
	private changeFilter(): void {
		this.finishOracle();
		this.plan.settings = 'second';
		this.oracle = this.newOracle();
		this.saved = this.kept;
		this.isActivation = true;
	}

	private finishOracle(): void {
		this.outcome.findings.push(this.oracle.findings());
	}

	private newOracle(): Oracle {
		const { source, event, lookbackMs, deepLookbackMs, dateField, theme } = this.config;
		const { firstRun } = this.plan;
		const ago = firstRun !== 'now' && 'ago' in firstRun ? firstRun.ago : undefined;
		const since = firstRun !== 'now' && 'since' in firstRun ? firstRun.since : undefined;
		const looks = { lookbackMs, deepLookbackMs, dateField };
		return new Oracle(this.world, { source, event, since, ago, ...looks, theme });
	}
}
