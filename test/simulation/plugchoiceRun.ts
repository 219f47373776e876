import { currentTransactions } from '../../nodes/VoltTime/trigger/currentTransactions';
import { poll, type Plan, type PollResult } from '../../nodes/shared/sync/scan';
import {
	digest,
	FINGERPRINT_LENGTH,
	type SessionSnapshot,
	type TriggerEvent,
} from '../../nodes/shared/sync/snapshot';
import type { SessionList, Source } from '../../nodes/shared/sync/source';
import { readState, writeState } from '../../nodes/shared/sync/state';
import { ApiError } from '../../nodes/shared/util/errors';
import type { IDataObject } from 'n8n-workflow';
import { below, dice, pick, type Dice } from '../../sandbox/random';
import { TeamServer, type Scope, type TeamServerSettings } from './plugchoiceServer';
import {
	DAY,
	HOUR,
	makeTeamWorld,
	MINUTE,
	TEAM_THEMES,
	type TeamSession,
	type TeamTheme,
	type TeamWorld,
} from './plugchoiceWorld';

/** All that a seed decides. */
export interface TeamConfig extends TeamServerSettings {
	seed: number;
	theme: TeamTheme;
	event: TriggerEvent;
	firstRun: 'now' | 'days' | 'all';
	lookbackMs: number;
	deepLookbackMs: number;
	maxRecords: number;
	/** Share of polls that are cut by their budget after a few pages. */
	cuts: number;
	/** Minutes between two polls, about. */
	interval: number;
	/** Share of polls after which n8n is started anew, with what it stored: only polls that bring something. */
	restarts: number;
}

/** What a poller does that lacks one of the trigger's rules. */
export const NAIVE = {
	'does not follow what runs': ['teamRunning', 'teamMissing'],
	'does not ask by charger': ['teamMissing'],
	'looks back not at all': [],
	'takes what is newer than the newest': [],
} as const;
export type NaiveTeamRule = keyof typeof NAIVE;

export interface TeamOutcome {
	seed: number;
	theme: TeamTheme;
	event: TriggerEvent;
	sessions: number;
	owed: number;
	delivered: number;
	lost: string[];
	repeated: string[];
	uncalled: string[];
	polls: number;
	requests: number;
	peakBytes: number;
	isDrained: boolean;
}

const EVENTS: TriggerEvent[] = ['completed', 'started', 'changed', 'corrected'];
const THEME_NAMES = Object.keys(TEAM_THEMES) as TeamTheme[];
/** What a day of scans is short of: scans take time, and pauses come between them. */
const MARGIN = 10 * MINUTE;

/** Events and themes take turns, the rest is thrown. */
export function teamConfigOf(seed: number, scope: Scope = 'team'): TeamConfig {
	const next = dice(seed, 100);
	const chance = (share: number) => next() < share;
	return {
		seed,
		scope,
		theme: THEME_NAMES[seed % THEME_NAMES.length],
		event: EVENTS[Math.floor(seed / THEME_NAMES.length) % EVENTS.length],
		firstRun: chance(0.6) ? 'now' : pick(next, ['days', 'all'] as const),
		lookbackMs: pick(next, [1, 1, 2]) * HOUR,
		deepLookbackMs: pick(next, [1, 2, 3]) * DAY,
		maxRecords: chance(0.3) ? 20 : 10_000,
		cuts: chance(0.6) ? 0.2 : 0,
		interval: pick(next, [20, 45, 90, 180]),
		restarts: chance(0.5) ? 0.02 : 0,
		blocks: pick(next, ['page', 'page', 'page', 'links', 'cursor', 'none'] as const),
		whenAccessEnded: pick(next, [403, 'empty'] as const),
		failures: chance(0.7) ? 0.02 : 0,
	};
}

/** A completed scan. */
interface ScanLog {
	begun: number;
	done: number;
	deep: boolean;
}

const keyOf = (id: unknown, meter: unknown) => `${String(id)} ${String(meter)}`;

/** Lets the trigger, or one that lacks a rule, run in the world of a seed. */
export async function runTeam(config: TeamConfig, rule?: NaiveTeamRule): Promise<TeamOutcome> {
	return await new TeamRun(config, rule).run();
}

class TeamRun {
	private readonly world: TeamWorld;
	private readonly server: TeamServer;
	private readonly next: Dice;
	private readonly plan: Plan;
	private readonly byId: Map<number, TeamSession>;
	private readonly deliveries = new Map<string, number>();
	private readonly seenRunning = new Set<number>();
	private readonly snapshots = new WeakMap<IDataObject, SessionSnapshot>();
	private stored: string | undefined;
	private saved: { stored: string | undefined; scans: ScanLog[] } = { stored: undefined, scans: [] };
	private scans: ScanLog[] = [];
	private scanBegun = NaN;
	private begin = NaN;
	private newest = NaN;
	private readonly outcome: TeamOutcome;

	constructor(
		private readonly config: TeamConfig,
		private readonly rule: NaiveTeamRule | undefined,
	) {
		const { seed, theme, event, firstRun, maxRecords } = config;
		this.world = makeTeamWorld(seed, theme, config);
		if (config.scope === 'charger') {
			this.world.chargers.length = 1;
			for (const session of this.world.sessions) session.charger = 0;
		}
		this.byId = new Map(this.world.sessions.map((session) => [session.id, session]));
		this.server = new TeamServer(this.world, config, dice(seed, 102));
		this.next = dice(seed, 103);
		const looksBack = rule !== 'looks back not at all';
		this.plan = {
			event,
			settings: 'settings',
			firstRun: { now: 'now' as const, days: { ago: 3 * DAY }, all: { since: 0 } }[firstRun],
			lookbackMs: looksBack ? config.lookbackMs : 0,
			deepLookbackMs: looksBack ? config.deepLookbackMs : -DAY,
			maxRecords,
		};
		const { length: sessions } = this.world.sessions;
		this.outcome = {
			...{ seed, theme, event, sessions, owed: 0, delivered: 0, lost: [], repeated: [], uncalled: [] },
			...{ polls: 0, requests: 0, peakBytes: 0, isDrained: false },
		};
	}

	async run(): Promise<TeamOutcome> {
		const { world, config, next, outcome } = this;
		for (let time = world.begin; time < world.end;) {
			await this.pollAt(time, next() < config.cuts ? 1 + below(next, 4) : Infinity);
			if (next() < config.restarts) this.restart();
			const isLong = next() < 0.01;
			time += config.interval * MINUTE * (0.5 + next()) + (isLong ? next() * 2 * DAY : 0);
		}
		// Quiet polls, until a deep scan has seen everything.
		const lastOf = ({ endShownAt, correctedAt }: TeamSession) => Math.max(endShownAt, ...correctedAt);
		const last = Math.max(world.end, ...world.sessions.map(lastOf));
		this.server.settings.failures = 0;
		for (let count = 1; count < 200 && !outcome.isDrained; count++) {
			await this.pollAt(last + count * 6 * HOUR, Infinity);
			// A charger that cannot be read any more is an error in each poll.
			const isClosed = config.scope === 'charger' && !this.server.isReadable(0);
			outcome.isDrained = isClosed || this.scans.some(({ begun, deep }) => deep && begun > last + DAY);
		}
		outcome.requests = this.server.requests;
		for (const session of world.sessions) this.checkLost(session);
		return outcome;
	}

	private restart(): void {
		this.stored = this.saved.stored;
		this.scans = this.saved.scans;
	}

	private async pollAt(time: number, most: number): Promise<void> {
		const { server, plan, outcome, rule } = this;
		server.time = Math.max(server.time, time);
		const begun = server.time;
		outcome.polls++;
		const call = server.call(plan.event);
		if (rule === 'takes what is newer than the newest') {
			await this.takeNewer(call);
			return;
		}
		const opened = currentTransactions.open(call);
		const dropped: readonly string[] = rule ? NAIVE[rule] : [];
		const seen: IDataObject[] = [];
		const lists = opened.lists.map((list): SessionList<IDataObject> => ({
			...list,
			fetchPage: async (...asked) => {
				const page = await list.fetchPage(...asked);
				seen.push(...page.records);
				return page;
			},
		}));
		const { state } = readState(this.stored === undefined ? undefined : JSON.parse(this.stored), {
			settings: plan.settings,
			event: plan.event,
			lists: lists.map(({ key }) => key),
		});
		const isNewScan = !state?.scan;
		let pages = most;
		const source = {
			...opened,
			describe: (record: IDataObject) => this.describeOnce(record, opened.describe),
			lists,
			listsOf: async (...asked: Parameters<typeof opened.listsOf>) => {
				const chosen = await opened.listsOf(...asked);
				const kept = chosen.lists.filter(({ key }) => !dropped.includes(key));
				return { ...chosen, lists: kept.map(({ key }) => lists.find((list) => list.key === key)!) };
			},
			readClock: async () => {
				const newest = await opened.readClock();
				if (!state) this.begin = Math.min(opened.clock() ?? Infinity, server.time);
				return newest;
			},
		};
		const tools = { now: () => server.time, hasTime: () => --pages > 0 };
		let result: PollResult<IDataObject>;
		try {
			result = await poll(source, plan, state, tools);
		} catch (error) {
			if (error instanceof ApiError) return;
			throw error;
		}
		for (const { record } of result.deliveries) this.deliver(record);
		for (const { id, stopped_at } of seen) if (stopped_at === null) this.seenRunning.add(Number(id));
		const written = JSON.stringify(writeState(result.state, plan.event));
		outcome.peakBytes = Math.max(outcome.peakBytes, written.length);
		const isFirst = this.stored === undefined;
		this.stored = written;
		if (isNewScan) this.scanBegun = begun;
		if (!result.state.scan) {
			const deep = isFirst || result.state.deepScannedAt === result.state.scannedAt;
			this.scans = [...this.scans, { begun: this.scanBegun, done: server.time, deep }];
		}
		if (result.deliveries.length > 0 || isFirst) this.saved = { stored: written, scans: this.scans };
	}

	/** The same record says the same: it is described once, and the parts of a version are kept as prints of them. */
	private describeOnce(record: IDataObject, describe: Source<IDataObject>['describe']) {
		let snapshot = this.snapshots.get(record);
		if (!snapshot && (snapshot = describe(record))) {
			if (FINGERPRINT_LENGTH[this.config.event] > 0) {
				const prints = Object.entries(snapshot.categories).map(([part, value]) => [part, digest(value, 22)]);
				snapshot.categories = Object.fromEntries(prints) as SessionSnapshot['categories'];
			}
			this.snapshots.set(record, snapshot);
		}
		return snapshot;
	}

	/** The rule of a simple poller: the list from its head on, until an end that is not newer than the newest one. */
	private async takeNewer({ getJson, values }: ReturnType<TeamServer['call']>): Promise<void> {
		const { scope } = this.config;
		const path = `/api/v3/${scope}s/${String(values[`${scope}Uuid`])}/transactions`;
		const sort = scope === 'team' ? { sort: '-stopped_at' } : { limit: 10_000 };
		const query = { 'filter[status]': 'finished', ...sort };
		const { data } = (await getJson({ path, query, body: {} }).catch(() => ({ data: [] }))) as {
			data: IDataObject[];
		};
		const { time } = this.server;
		if (Number.isNaN(this.newest)) this.begin = this.newest = time;
		const endOf = ({ stopped_at }: IDataObject) => Date.parse(stopped_at as string);
		const before = this.newest;
		for (const record of data.filter((one) => endOf(one) > before)) {
			this.deliver(record);
			this.newest = Math.max(this.newest, endOf(record));
		}
		this.scans.push({ begun: time, done: time, deep: true });
	}

	private deliver({ id, meter_stop, stopped_at }: IDataObject): void {
		const { outcome, config } = this;
		const { event } = config;
		const session = this.byId.get(Number(id)) as TeamSession;
		const isOnce = event === 'completed' || event === 'started';
		const key = isOnce ? String(id) : keyOf(id, meter_stop);
		outcome.delivered++;
		const count = (this.deliveries.get(key) ?? 0) + 1;
		this.deliveries.set(key, count);
		if (count > 1) outcome.repeated.push(`${key}: ${JSON.stringify(session)}`);
		else if (!this.isCalledFor(session, stopped_at !== null)) {
			outcome.uncalled.push(`${key}: ${JSON.stringify(session)} ${this.begin}`);
		}
	}

	/** Whether the first delivery has its place. */
	private isCalledFor(session: TeamSession, hasEnded: boolean): boolean {
		const { event, firstRun, lookbackMs } = this.config;
		const { startedAt, endedAt, shownAt, endShownAt } = session;
		const since = { now: this.begin, days: this.begin - 3 * DAY - lookbackMs, all: -Infinity }[firstRun];
		if (event === 'started') return !hasEnded && (shownAt > this.begin || startedAt >= since);
		if (event === 'completed') return hasEnded && (endShownAt > this.begin || endedAt >= since);
		if (event === 'corrected') return hasEnded;
		return true;
	}

	/** Whether the token could read the session all the time. */
	private wasReadable({ charger }: TeamSession, from: number, to: number): boolean {
		const { readable, removedAt } = this.world.chargers[charger];
		return removedAt > to && readable.some(([since, until]) => since <= from && until > to);
	}

	/** Whether the trigger has seen it running, or must have: one that ends while pages are read can hide another in one scan. */
	private wasRunning(session: TeamSession): boolean {
		const { id, shownAt, endShownAt } = session;
		const runs = this.scans.filter(
			({ begun, done }) => begun > shownAt && done < endShownAt && this.wasReadable(session, shownAt, done),
		);
		return this.seenRunning.has(id) || runs.length > 1;
	}

	/** Whether a completed scan must have shown what was visible from a time on and until another, with the end it says. */
	private mustSee(session: TeamSession, from: number, until: number, least = 1): boolean {
		const { lookbackMs, deepLookbackMs, scope } = this.config;
		const { endedAt, endShownAt, startedAt } = session;
		const runs = from < endShownAt;
		const isFollowed = from === endShownAt && this.wasRunning(session);
		const found = this.scans.filter(({ begun, done, deep }, index) => {
			if (begun <= from || done >= until || !this.wasReadable(session, from - DAY, done)) return false;
			const reach = deep ? deepLookbackMs : lookbackMs - MARGIN;
			const before = index > 0 ? this.scans[index - 1].begun : this.begin;
			if (runs) return startedAt <= begun;
			const oldest = Math.min(before, begun) - reach;
			// The list of a place is read by the start, from a day before on, and 60 days before in a deep scan.
			const isListed = scope === 'team' ? endedAt >= oldest : startedAt >= oldest - (deep ? 60 : 1) * DAY;
			return isFollowed || isListed;
		});
		return found.length >= least;
	}

	private checkLost(session: TeamSession): void {
		const { event, firstRun } = this.config;
		const { id, startedAt, endedAt, shownAt, endShownAt, meterAt, correctedAt } = session;
		const judge = (key: string) => {
			this.outcome.owed++;
			if (!this.deliveries.has(key)) this.outcome.lost.push(`${key}: ${JSON.stringify(session)}`);
		};
		const [first] = this.scans;
		if (!first) return;
		const isKnown = this.wasRunning(session) || endedAt > this.begin;
		if (event === 'completed') {
			const isOld = endShownAt <= this.begin;
			const reaches = { now: Infinity, days: this.begin - 3 * DAY + MARGIN, all: -Infinity }[firstRun];
			const isOfFirst = isOld && endedAt >= reaches && this.wasReadable(session, endShownAt, first.done);
			const isLater = endShownAt > first.done && isKnown && this.mustSee(session, endShownAt, Infinity);
			if (isOfFirst || isLater) judge(String(id));
			return;
		}
		if (event === 'started') {
			// One that ends while the pages are read can hide another in one scan.
			const isOwed = shownAt < endShownAt && shownAt > first.done && startedAt > this.begin;
			if (isOwed && this.mustSee(session, shownAt, endShownAt, 2)) judge(String(id));
			return;
		}
		// A version is owed if what was before it was seen, and it stays until a scan has seen it.
		const times = [...meterAt, endShownAt, ...correctedAt];
		for (const [index, at] of times.entries()) {
			const until = times[index + 1] ?? Infinity;
			const isCorrection = index > meterAt.length;
			if (until <= at || endShownAt <= first.done || !isKnown) continue;
			if (event === 'corrected' && !isCorrection) continue;
			if (isCorrection && !this.mustSee(session, endShownAt, at)) continue;
			if (at < endShownAt && at <= first.done) continue;
			if (this.mustSee(session, at, until, at < endShownAt ? 2 : 1)) judge(keyOf(id, 1000 + index + 1));
		}
	}
}

/** In a process of its own: the scope, the seeds and the rule of the arguments, and what came of them. */
async function main([scope, seeds, rule]: string[]): Promise<void> {
	const outcomes: TeamOutcome[] = [];
	for (const seed of seeds.split(',').map(Number)) {
		const config = teamConfigOf(seed, scope as Scope);
		outcomes.push(await runTeam(config, rule as NaiveTeamRule | undefined));
	}
	process.stdout.write(JSON.stringify(outcomes));
}

if (require.main === module) {
	void main(process.argv.slice(2)).catch((error: unknown) => {
		process.stderr.write(error instanceof Error ? String(error.stack) : String(error));
		process.exitCode = 1;
	});
}
