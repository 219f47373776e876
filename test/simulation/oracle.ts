import type { Change } from '../../nodes/shared/sync/classify';
import type { TriggerEvent } from '../../nodes/shared/sync/snapshot';
import type { SourceName } from './records';
import type { ThemeName } from './themes';
import { DAY, SECOND, type World, type WorldSession, type Write } from './world';

/** A completed scan of the trigger whose state was kept. */
export interface ScanLog {
	begun: number;
	done: number;
	deep: boolean;
}

export interface OracleSettings {
	source: SourceName;
	event: TriggerEvent;
	/** Where the first run begins: at a moment, or that long before it; neither for "from now". */
	since?: number;
	ago?: number;
	lookbackMs: number;
	deepLookbackMs: number;
	/** Which time Volt Time's window is about. */
	dateField: 'startedAt' | 'endedAt' | 'createdAt';
	theme?: ThemeName;
}

/** The most sessions that a state holds: beyond that, some are forgotten. */
export const ROOM = 20_000;
/** How long before its window a deep scan of Volt Time begins. */
const LONGEST_SESSION = 60 * DAY;

/** What the trigger did wrong, by kind; and what it may do. */
export interface Findings {
	/** Sessions, or versions of them, that had to come and did not. */
	lost: string[];
	/** What came a second time. */
	repeated: string[];
	/** What should never have come: what was over before the beginning, or is no such event. */
	uncalled: string[];
	/** Differences that are not those of the versions. */
	wrongChanges: string[];
	/** What came a second time because a crash lost the state that knew of it. */
	crashRepeats: number;
	/** Parts that changed and are not named: their prints are short, so once in some thousand times they are the same. */
	unnamedParts: number;
	namedParts: number;
	/** Sessions, or versions of them, that had to come. */
	owed: number;
	/** Sessions that no list of the vendor shows in time, or that nothing tells from those before the beginning. */
	unpromised: number;
	/** Old records that were written anew: beyond the memory, that can't be told from a correction. */
	touchedOld: number;
}

interface Delivery {
	write: Write;
	change: Change | undefined;
	at: number;
	/** Whether the state that knows of it was lost. */
	crashed: boolean;
}

const hasEnd = ({ endedAt }: Write) => endedAt !== null;

/** Writes of a session that say the same. */
interface Version {
	first: Write;
	visibleAt: number;
	/** When the next version took its place. */
	until: number;
}

/**
 * Knows the whole world, and from it what has to be delivered, what may be, and what must not.
 *
 * A session or version has to be delivered when there is a completed scan that must have seen it, by the promise of the
 * lookback windows, and it happened after the trigger's beginning.
 */
export class Oracle {
	/** Of the state that counts: what a crash loses is cut off. */
	scans: ScanLog[] = [];
	/** The server's clock at the first answer, and the time of it. */
	private begin = NaN;
	private begunAt = NaN;
	private since: number | undefined;
	private readonly deliveries = new Map<WorldSession, Delivery[]>();
	/** The last moment of what the trigger saw of a session. */
	private readonly seen = new Map<WorldSession, number>();
	private readonly seenRunning = new Set<WorldSession>();
	private readonly found: Findings = {
		lost: [],
		repeated: [],
		uncalled: [],
		wrongChanges: [],
		crashRepeats: 0,
		owed: 0,
		unpromised: 0,
		touchedOld: 0,
		unnamedParts: 0,
		namedParts: 0,
	};

	constructor(
		private readonly world: World,
		private readonly settings: OracleSettings,
	) {}

	/** The trigger begins, or begins anew: by the server's clock, and by the exact one. */
	begins(clock: number, time: number): void {
		this.begin = clock;
		this.begunAt = time;
		this.scans = [];
		const { since, ago } = this.settings;
		this.since = ago === undefined ? since : clock - ago;
	}

	/** Takes note of a delivery, before what its poll saw counts as seen. */
	deliver(write: Write, change: Change | undefined, at: number, crashed: boolean): void {
		const { session } = write;
		const delivery = { write, change, at, crashed };
		const before = this.deliveries.get(session) ?? [];
		this.check(delivery, before);
		this.deliveries.set(session, [...before, delivery]);
	}

	/**
	 * What a poll was given by the server, after its deliveries, and where its scan begins. What was over before the trigger began, and
	 * lies before the scan, is read in passing: it need not be remembered.
	 */
	see(sightings: Array<{ write: Write; from: number }>): void {
		for (const { write, from } of sightings) {
			const moment = this.lastMoment(write);
			const isOver = write.endedAt !== null && write.session.writes[0].visibleAt <= this.begunAt;
			if (isOver && moment < from && !this.seen.has(write.session)) continue;
			if (write.endedAt === null) this.seenRunning.add(write.session);
			this.seen.set(write.session, Math.max(moment, this.seen.get(write.session) ?? moment));
		}
	}

	get delivered(): number {
		let count = 0;
		for (const deliveries of this.deliveries.values()) count += deliveries.length;
		return count;
	}

	/** Adds what was lost. To be asked once, at the end. */
	findings(): Findings {
		for (const session of this.world.sessions) this.checkLost(session);
		return this.found;
	}

	private check(delivery: Delivery, before: Delivery[]): void {
		const { write } = delivery;
		const { event } = this.settings;
		const isOnce = event === 'completed' || event === 'started';
		const same = before.filter((one) => isOnce || one.write.content === write.content);
		const complain = (list: string[], problem: string) => {
			// Where thousands go wrong, a few tell why.
			list.push(list.length < 20 ? `${problem}: ${this.story(write.session, delivery)}` : problem);
		};

		// A version of a session that runs again is one of a session that has ended.
		if (event === 'corrected' && write.endedAt === null && this.endsAnew(write)) return;
		if (isOnce && (write.endedAt === null) !== (event === 'started')) {
			complain(this.found.uncalled, `not ${event}`);
		}
		if (same.length > 0) {
			if (same[same.length - 1].crashed) this.found.crashRepeats++;
			else if (!isOnce && this.isForgotten(write)) this.found.touchedOld++;
			else complain(this.found.repeated, 'repeated');
			return;
		}
		if (!this.isCalledFor(write)) {
			if (!isOnce && (this.isForgotten(write) || this.saysOld(write))) this.found.touchedOld++;
			else complain(this.found.uncalled, 'uncalled');
			return;
		}
		if (event === 'corrected' && !this.isTrueChange(delivery, before)) {
			complain(this.found.wrongChanges, 'wrong change');
		}
	}

	/** Whether a first delivery of this session, or of this version, has its place. */
	private isCalledFor(write: Write): boolean {
		const { event } = this.settings;
		const { since } = this;
		const { session } = write;
		if (event === 'corrected') {
			const [first] = this.versions(session);
			if (write.endedAt === null || write.content === first.first.content) return false;
		}
		if (event === 'completed' || event === 'started') {
			const [version] = this.versions(session);
			if (!version) return false;
			const { endedAt, startedAt, createdAt, visibleAt } = version.first;
			if (visibleAt > this.begunAt || this.endsAnew(write)) return true;
			if (this.settings.theme && event === 'completed' && (write.endedAt ?? 0) > this.begin) return true;
			const moment = event === 'completed' ? (endedAt ?? -Infinity) : startedAt;
			return since === undefined ? moment > this.begin : Math.max(moment, createdAt) >= since;
		}
		const version = this.versions(session).find(({ first }) => first.content === write.content);
		if (!version) return false;
		const moment = this.lastMoment(version.first);
		if (version.visibleAt > this.begunAt) return true;
		return since === undefined ? moment > this.begin : moment >= since;
	}

	/** Whether all dates of a session lie before the beginning, so that its first update can't be told from a correction. */
	private saysOld(write: Write): boolean {
		const last = Math.max(write.startedAt, write.endedAt ?? Infinity, this.createdAt(write));
		return this.settings.theme !== undefined && last <= this.begin;
	}

	/** Whether a session that was over at the beginning has run again since then. */
	private endsAnew({ session, visibleAt }: Write): boolean {
		const isSince = (write: Write) => write.visibleAt > this.begunAt && write.visibleAt <= visibleAt;
		return session.writes.some((write) => write.kind === 'reopen' && isSince(write));
	}

	/** Whether the trigger may have forgotten the session, since it is older than what the memory has to hold. */
	private isForgotten({ session, endedAt }: Write): boolean {
		const { lookbackMs, theme } = this.settings;
		const isFromBefore = session.writes[0].visibleAt <= this.begunAt;
		if (theme && !isFromBefore && this.seen.size <= ROOM) return false;
		const { since } = this;
		const last = this.scans[this.scans.length - 1];
		const memoryFrom = Math.max(
			since ?? this.begin - lookbackMs,
			last ? last.begun - this.maxLookback : -Infinity,
		);
		return (this.seen.get(session) ?? endedAt ?? Infinity) < memoryFrom;
	}

	/** Whether the differences are those to the version that was delivered before, or else to an earlier one. */
	private isTrueChange({ write, change }: Delivery, before: Delivery[]): boolean {
		const { energyDeltaKwh, amountDelta, changedFields } = change ?? {};
		if (changedFields === undefined || energyDeltaKwh === undefined || amountDelta === undefined)
			return false;
		if (changedFields === null) return energyDeltaKwh === null && amountDelta === null;
		const last = before[before.length - 1];
		const versions = this.versions(write.session).map(({ first }) => first);
		const earlier =
			last && !last.crashed ? [last.write] : versions.filter(({ content }) => content < write.content);
		const base = earlier.find(({ energyWh, amountCents }) => {
			const differs = (one: number | null, other: number) => one !== null && Math.abs(one - other) > 1e-9;
			return (
				!differs(energyDeltaKwh, (write.energyWh - energyWh) / 1000) &&
				!differs(amountDelta, (write.amountCents - amountCents) / 100)
			);
		});
		if (!base) return false;
		const changed = [
			...(write.energyWh === base.energyWh ? [] : ['energy' as const]),
			...(write.amountCents === base.amountCents ? [] : ['price' as const]),
			...(write.remarks === base.remarks ? [] : ['other' as const]),
		];
		const unnamed = changed.filter((part) => !changedFields.includes(part));
		this.found.namedParts += changed.length;
		this.found.unnamedParts += unnamed.length;
		// A correction always leaves its mark somewhere.
		return changedFields.length > 0 || unnamed.length > 0;
	}

	private checkLost(session: WorldSession): void {
		const { event } = this.settings;
		const delivered = this.deliveries.get(session) ?? [];
		const versions = this.versions(session);
		if (versions.length === 0 || session.shownId === null) return;
		const judge = (version: Version, hasCome: boolean) => {
			this.found.owed++;
			if (hasCome) return;
			// A correction of what was forgotten to make room can't be told from an old record.
			const isCompared = event === 'corrected' || event === 'changed';
			if (isCompared && this.seen.size > ROOM) this.found.unpromised++;
			else this.found.lost.push(`lost version ${version.first.content}: ${this.story(session, undefined)}`);
		};

		if (event === 'completed' || event === 'started') {
			if (this.isOwed(versions[0])) judge(versions[0], delivered.length > 0);
			else if (delivered.length === 0 && this.isOutOfReach(versions[0])) this.found.unpromised++;
			return;
		}
		for (const [index, version] of versions.entries()) {
			const hasCome = delivered.some(({ write }) => write.content === version.first.content);
			if (!this.isOwed(version)) continue;
			if (event === 'corrected' && (index === 0 || !this.wasKnown(versions[0], version))) continue;
			judge(version, hasCome);
		}
	}

	/** Whether a session was first shown after the beginning and stayed, and is not owed all the same. */
	private isOutOfReach({ visibleAt, until }: Version): boolean {
		const last = this.scans[this.scans.length - 1];
		return visibleAt > this.begunAt && until === Infinity && last !== undefined && visibleAt < last.begun;
	}

	/** Whether a version has to be delivered: it is after the beginning, and a scan must have seen it. */
	private isOwed(version: Version): boolean {
		const { event } = this.settings;
		const { since } = this;
		const { first } = version;
		const { writes } = first.session;
		// What runs again is not started.
		if (event === 'started' && writes.slice(0, writes.indexOf(first)).some(hasEnd)) return false;
		if (this.settings.theme && since === undefined) return this.isOwedInTheme(version);
		const own = { started: first.startedAt, completed: first.endedAt ?? -Infinity };
		const moment = event === 'started' || event === 'completed' ? own[event] : this.listMoment(first);
		const isOld = version.visibleAt <= this.begunAt;
		if (since === undefined) {
			// What was visible at the beginning and says that it is yet to come has a charger whose clock is ahead.
			if (isOld || moment <= this.begin) return false;
		} else if (isOld) {
			if (event === 'corrected') return false;
			// All history is a list of ended sessions.
			if (event === 'changed' && first.endedAt === null) return false;
			const windowed =
				this.settings.source === 'voltTime' ? (first[this.settings.dateField] ?? -Infinity) : moment;
			if (Math.min(moment, windowed) < since) return false;
			const [scan] = this.scans;
			return scan !== undefined && scan.done < version.until;
		} else if (moment < since) return false;
		const scan = this.scanThatSees(version);
		return scan !== undefined && scan.done < version.until;
	}

	/**
	 * Whether a version has to be delivered, by what is known of it and not by its age: one that was first shown after the first
	 * scan, or that says that it is of later than the beginning.
	 */
	private isOwedInTheme(version: Version): boolean {
		const { first, visibleAt } = version;
		const [firstScan] = this.scans;
		if (visibleAt <= this.begunAt || firstScan === undefined) return false;
		const moments = [first.startedAt, first.endedAt ?? -Infinity, this.createdAt(first)];
		const { event, theme } = this.settings;
		const { session } = first;
		const isOnce = event === 'completed' || event === 'started';
		const isLater = Math.max(...(isOnce ? moments : [this.listMoment(first)])) > this.begin;
		// A session that was known to run is known; and one that was first shown later has a higher id, where ids rise.
		const isSettled = visibleAt > firstScan.done;
		// A clock that is ahead tells nothing of what is new, while the first scan lasts.
		if (theme === 'deadClock' && !isSettled) return false;
		const hasIds = theme !== 'ids' && this.settings.source !== 'voltTime';
		const isNew = hasIds && session.writes[0].visibleAt > firstScan.done;
		if (!isLater && !(isSettled && (isNew || (event !== 'started' && this.seenRunning.has(session)))))
			return false;
		// What runs again is not started.
		if (event === 'started' && session.writes.slice(0, session.writes.indexOf(first)).some(hasEnd))
			return false;
		const scan = this.scanThatSees(version);
		return scan !== undefined && scan.done < version.until;
	}

	private createdAt({ createdAt }: Write): number {
		return this.settings.source === 'transaction' ? -Infinity : createdAt;
	}

	/** As {@link scanThatSees}, by the only date that Volt Time's windows are about. */
	private windowThatSees({ first, visibleAt }: Version): ScanLog | undefined {
		const { dateField, lookbackMs } = this.settings;
		const date = first[dateField];
		const isFollowed = !this.isCorrection(first);
		const from = Math.max(visibleAt, this.begunAt, (date ?? -Infinity) - DAY + 2 * SECOND);
		const later = this.scans.filter(({ begun }) => begun >= from);
		if (date !== null && from - date <= lookbackMs) return later[0];
		const deep = later.find((scan) => scan.deep);
		const reach = this.maxLookback + (isFollowed ? LONGEST_SESSION : 0);
		return deep && (date === null || date >= deep.begun - reach) ? deep : undefined;
	}

	/** Whether the trigger must have seen the session complete before that version of it. */
	private wasKnown(first: Version, version: Version): boolean {
		const isOld = first.visibleAt <= this.begunAt;
		// An old session with a later end is a new one for a trigger that has not seen the first.
		const endsLater = (version.first.endedAt ?? 0) > this.begin;
		if (this.settings.theme && isOld && endsLater && this.lastMoment(first.first) < this.begin) return false;
		const scan = isOld ? this.scans[0] : this.scanThatSees(first);
		return scan !== undefined && scan.done < version.visibleAt && scan.done < first.until;
	}

	/** The first scan that must see a version, if it still stands. */
	private scanThatSees({ first, visibleAt }: Version): ScanLog | undefined {
		const { source, dateField, lookbackMs, theme } = this.settings;
		if (theme && source === 'voltTime') return this.windowThatSees({ first, visibleAt, until: Infinity });
		// A window ends a day ahead: what bears a later date comes when that is near.
		const window = source === 'voltTime' ? (first[dateField] ?? 0) - DAY + 2 * SECOND : 0;
		const from = Math.max(visibleAt, this.begunAt, window);
		let low = 0;
		let high = this.scans.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (this.scans[middle].begun >= from) high = middle;
			else low = middle + 1;
		}
		const isFollowed = source === 'voltTime' && !this.isCorrection(first);
		if (source === 'voltTime' && first.endedAt === null && dateField === 'endedAt') {
			// No window holds a session that runs.
			return this.scans.slice(low).find(({ deep }) => deep);
		}
		const moment = isFollowed ? this.lastMoment(first) : this.listMoment(first);
		if (from - moment <= lookbackMs) return this.scans[low];
		for (const scan of this.scans.slice(low)) {
			if (scan.deep) return moment >= scan.begun - this.maxLookback ? scan : undefined;
		}
		return undefined;
	}

	private isCorrection(write: Write): boolean {
		return ['priced', 'correction', 'touch', 'moved', 'reopen'].includes(write.kind);
	}

	private get maxLookback(): number {
		return Math.max(this.settings.lookbackMs, this.settings.deepLookbackMs);
	}

	/** The time by which the source's lists find a record. */
	private listMoment(write: Write): number {
		const { source, dateField } = this.settings;
		if (source === 'voltTime' && this.isCorrection(write)) return write[dateField] ?? -Infinity;
		const created = this.settings.theme && source === 'chargeRecord' ? write.createdAt : -Infinity;
		return Math.max(write.updatedAt, write.endedAt ?? -Infinity, created);
	}

	private lastMoment(write: Write): number {
		const { startedAt, endedAt, createdAt, updatedAt } = write;
		const created = this.settings.source === 'transaction' ? startedAt : createdAt;
		return Math.max(startedAt, endedAt ?? -Infinity, created, updatedAt);
	}

	/** What of a session the event is about, in the order in which it could be seen. */
	private versions(session: WorldSession): Version[] {
		const { source, event } = this.settings;
		const isSeen = ({ endedAt }: Write) => {
			if (event === 'started') return endedAt === null;
			return endedAt !== null || (event === 'changed' && source !== 'chargeRecord');
		};
		const versions: Version[] = [];
		for (const write of session.writes) {
			const last = versions[versions.length - 1];
			if (last && !isSeen(write) && last.until === Infinity) last.until = write.visibleAt;
			if (!isSeen(write) || last?.first.content === write.content) continue;
			if (event === 'started' && last) continue;
			if (last?.until === Infinity) last.until = write.visibleAt;
			versions.push({ first: write, visibleAt: write.visibleAt, until: Infinity });
		}
		const { goneAt = Infinity } = session;
		const runsOn = session.writes[session.writes.length - 1].endedAt === null;
		for (const version of versions) {
			// What ends again is still to come once.
			if (event === 'completed' && !runsOn) version.until = Infinity;
			version.until = Math.min(version.until, goneAt);
		}
		return versions;
	}

	/** All that happened to a session, for a person. */
	private story(session: WorldSession, delivery: Delivery | undefined): string {
		const show = (time: number | null) => (time === null ? 'running' : new Date(time).toISOString());
		const writes = session.writes.map(
			(write) =>
				`  ${show(write.visibleAt)} shown: ${write.kind}, version ${write.content}, ${show(write.startedAt)} to ` +
				`${show(write.endedAt)}, updatedAt ${show(write.updatedAt)}, createdAt ${show(write.createdAt)}`,
		);
		const deliveries = [...(this.deliveries.get(session) ?? []), ...(delivery ? [delivery] : [])].map(
			({ write, at, crashed, change }) =>
				`  ${show(at)} delivered: version ${write.content}${crashed ? ', then a crash' : ''} ${JSON.stringify(change ?? '')}`,
		);
		return [
			`session ${session.id} (begin ${show(this.begin)})`,
			...[...writes, ...deliveries].sort(),
			`  the last of ${this.scans.length} scans: ${JSON.stringify(this.scans.slice(-1).map(({ begun, done, deep }) => [show(begun), show(done), deep]))}`,
		].join('\n');
	}
}
