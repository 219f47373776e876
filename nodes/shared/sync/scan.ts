import { ApiError } from '../util/errors';
import { appearedAt, changeOf, classifyKnown, classifyUnknown, momentOf, type Change } from './classify';
import { sessionNumber, type DeliveredSession } from './deliveredSessions';
import { followsOn, idsOf, learnFrom, wholeId } from './risingIds';
import {
	digest,
	firstMoment,
	lastMoment,
	fingerprintOf,
	type SessionSnapshot,
	type TriggerEvent,
} from './snapshot';
import {
	listKeys,
	listWithKey,
	type KnownRunning,
	type SessionList,
	type Source,
	type SourcePage,
} from './source';
import type { PollState, Scan } from './state';

/** The user's settings. Times are milliseconds. */
export interface Plan {
	event: TriggerEvent;
	/** Fingerprint of the settings. A state with another one is not used. */
	settings: string;
	/** Tells the fields that the fingerprints are made of. */
	fieldsMark?: string;
	/** Start of the very first scan: a moment since 1970, a number of milliseconds ago, or now. */
	firstRun: { since: number } | { ago: number } | 'now';
	/** How far each scan reads back behind the watermark, and how far one scan a day does. */
	lookbackMs: number;
	deepLookbackMs: number;
	/** A poll that has delivered this many records ends with its current page. */
	maxRecords: number;
}

/** The result of a poll. */
export interface PollResult<R> {
	/** In the order in which the records were read; `change` is set for corrections only. */
	deliveries: Array<{ record: R; change?: Change }>;
	/** To be stored together with handing on the deliveries. */
	state: PollState;
	/** Number of records read, including those that are not delivered. */
	read: number;
	/** The error that ended the poll early, where at least one page had been read. */
	failure?: ApiError;
	/** Set when the delivered sessions of the deep lookback window exceed the maximum: its new length in milliseconds. */
	shortenedTo?: number;
	/** Set by the first scan that had to forget a session. */
	beginsToForget?: boolean;
	/** Updated sessions that are not delivered, since they may have been before the trigger began; and the id of one. */
	old: { count: number; example?: number | string };
	/** Records without an id, which are skipped; and what one of them is. */
	nameless: { count: number; example?: string };
	/** What the pages told, each sentence once. */
	notices: string[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A record may be later than this machine's clock by so much. */
const MAX_CLOCK_DRIFT_MS = 60_000;
/** A session that was not updated for longer is no longer asked for from its start on. */
const MAX_SESSION_MS = 60 * DAY_MS;
/** Most sessions in the state. At their longest they take half a megabyte. */
const MAX_DELIVERED = 20_000;

/** Most old sessions of which the state knows that the user was told of them. Beyond that, only a later update counts. */
const MAX_DROPPED = 10_000;

/**
 * Polls once: resumes the scan of an earlier poll, or begins a new one.
 *
 * No session is lost if its record shows up within the lookback window (or, once a day, the deep lookback window) after the
 * last time in it. New is what was not delivered: a session is old only if it can have been there before the trigger began, or
 * was forgotten to make room. No session is delivered twice while the state is kept. See `docs/delivery.md`.
 *
 * Pauses are measured by this machine's clock alone, and moments of the server are compared with its own alone. Where one of them
 * marks a beginning, the earlier of both clocks counts: one of them may be wrong.
 *
 * @param given State of the last poll, `undefined` at the first one. It is changed in place, so pass a copy.
 * @param tools `now`: this machine's clock in milliseconds since 1970, which measures the time since the last scan and replaces
 * the server's clock where that is unknown; `hasTime`: whether another page may be requested.
 * @throws ApiError when no page could be read.
 */
export async function poll<R>(
	source: Source<R>,
	plan: Plan,
	given: PollState | undefined,
	tools: { now: () => number; hasTime: () => boolean },
): Promise<PollResult<R>> {
	const state = given ?? (await firstState(source, plan, tools.now));
	const scan = state.scan ?? (await nextScan(source, plan, state, tools.now()));
	state.scan = scan;
	let running = runningIn(state);
	const result: PollResult<R> = {
		...{ deliveries: [], state, read: 0 },
		...{ old: { count: 0 }, nameless: { count: 0 }, notices: [] },
	};
	const namelessMarks = new Set<string>();
	const seenTokens = new Set([JSON.stringify(scan.resumeToken)]);
	let pages = 0;
	do {
		const list = listWithKey(source, scan.lists[0]);
		const page = await attempt(async () => await list.fetchPage(scan.from, scan.resumeToken, running));
		if (page instanceof ApiError) return endedBy(page, result, pages > 0);
		pages++;
		scan.begunAt ??= source.clock() ?? tools.now();
		const { notice } = page;
		if (notice !== undefined && !result.notices.includes(notice)) result.notices.push(notice);
		for (const record of page.records) {
			const snapshot = source.describe(record);
			if (!snapshot) {
				// Several lists can hold it.
				namelessMarks.add(digest(record, 16));
				result.nameless.count = namelessMarks.size;
				result.nameless.example ??= nameOf(record, list, page);
				continue;
			}
			const partition = page.partition ?? source.partitionOf?.(record);
			const localNow = tools.now();
			const place = { list, partition, clock: source.clock() ?? localNow, localNow };
			const change = applySnapshot(snapshot, place, plan, state, scan, result);
			if (change) result.deliveries.push(change === true ? { record } : { record, change });
		}
		result.read += page.records.length;
		if (page.notes !== undefined) state.notes = page.notes;
		if (scan.kind !== 'regular') trimBacklog(state, scan, source.lists, plan);

		if (page.next !== undefined) {
			const resumeToken = page.key ?? JSON.stringify(page.next);
			const isCircle = seenTokens.has(resumeToken);
			seenTokens.add(resumeToken);
			const hasProgress = pages > 1 || result.read > 0 || scan.resumeToken !== null;
			// A list that leads in a circle is asked for anew, unless sessions at its beginning were forgotten.
			if (!isCircle) scan.resumeToken = page.next;
			else if (scan.trackFrom <= scan.from) scan.resumeToken = null;
			const failure = isCircle ? goesInCircles() : page.failure;
			if (failure) return endedBy(failure, result, hasProgress);
		} else if (scan.lists.length > 1) {
			scan.lists = scan.lists.slice(1);
			scan.resumeToken = null;
			running = runningIn(state);
			seenTokens.clear();
		} else {
			const missed = result.read > 0 ? 0 : knownButNotGiven(state, scan, plan);
			if (missed > 0) {
				result.notices.push(
					`the vendor gave no session for the deep lookback window, although ${missed} of its time are known. The next poll looks back as far again`,
				);
			}
			const isWhole = missed === 0;
			return { ...result, ...complete(state, scan, scan.begunAt, plan, source.followsRunning, isWhole) };
		}
	} while (tools.hasTime() && result.deliveries.length < plan.maxRecords);
	return result;
}

/** The sessions that are known to run. */
function runningIn({ memory }: PollState): KnownRunning[] {
	return [...memory].flatMap(([number, { running }]) => (running ? [{ ...running, number }] : []));
}

/** The result of the work, or the ApiError that it ended with. Other errors are thrown. */
async function attempt<T>(work: () => Promise<T>): Promise<T | ApiError> {
	return await work().catch(async (error: unknown) =>
		error instanceof ApiError ? error : await Promise.reject(error as Error),
	);
}

/** Ends a poll at an error: it fails if no page was read, else it keeps what was read. */
function endedBy<R>(failure: ApiError, result: PollResult<R>, hasProgress: boolean): PollResult<R> {
	if (!hasProgress) throw failure;
	return { ...result, failure };
}

/** A record without an id, as far as a person can find it: its list and its first fields with a plain value. */
function nameOf<R>(
	record: R,
	list: SessionList<R>,
	{ partition, partitionLabel = `charger ${partition}` }: SourcePage<R>,
): string {
	const fields = Object.entries(record as object)
		.filter(([name, value]) => NAMING_FIELD.test(name) && ['string', 'number'].includes(typeof value))
		.map(([name, value]) => `${name} ${String(value).slice(0, 40)}`);
	const where = partition === undefined ? '' : `, ${partitionLabel}`;
	return `list "${list.key}"${where}, ${fields.slice(0, 4).join(', ') || 'without a date'}`;
}

/** Dates and places: fields that name no person. */
const NAMING_FIELD = /(at|_at|evseId|chargeBoxId|charger_id)$/i;

function goesInCircles(): ApiError {
	return new ApiError('The API leads back to a page that was read already, so the list would never end', {
		advice: 'The next poll tries again. Report it to the vendor if it comes back.',
	});
}

/** The state before the very first scan, with that scan begun. */
async function firstState<R>(source: Source<R>, plan: Plan, now: () => number): Promise<PollState> {
	const newest = await source.readClock();
	const localNow = now();
	const clock = source.clock() ?? localNow;
	const known = newest.flatMap((record) => source.describe(record) ?? []);
	const stamps = known.flatMap(({ createdAt, updatedAt }) => [createdAt ?? [], updatedAt ?? []].flat());
	// Without the server's clock, the newest stamp alone shows whether this machine's is ahead.
	const newestStamp = source.clock() === undefined && stamps.length > 0 ? Math.max(...stamps) : Infinity;
	const begin = Math.min(clock, localNow, newestStamp);
	const { firstRun } = plan;
	let from = begin - plan.lookbackMs;
	if (firstRun !== 'now') from = 'since' in firstRun ? firstRun.since : Math.min(from, clock - firstRun.ago);
	const kind = firstRun === 'now' ? 'silent' : 'first';
	const { lists, notes } = await source.listsOf({ kind, deep: true, from }, null);
	return {
		settings: plan.settings,
		watermark: from,
		dedupHorizon: from,
		scannedAt: localNow,
		deepScannedAt: localNow,
		fieldsMark: plan.fieldsMark ?? '',
		hasForgotten: false,
		ids: idsOf(known),
		scan: {
			kind,
			from,
			trackFrom: from,
			deep: true,
			begunAt: clock,
			localBegunAt: localNow,
			lastMoment: null,
			lastStamp: null,
			highestId: null,
			lists: listKeys(source, lists),
			resumeToken: null,
			isLocalRight: known.length > 0 && known.every((snapshot) => !isAfter(snapshot, localNow)),
		},
		notes,
		memory: new Map(),
	};
}

async function nextScan<R>(source: Source<R>, plan: Plan, state: PollState, now: number): Promise<Scan> {
	const { dedupHorizon, watermark, scannedAt, deepScannedAt } = state;
	const pause = Math.max(0, now - scannedAt);
	const isGap = pause > maxLookbackMs(plan);
	// Deep if the next poll, after an equal pause, would come more than a day after the last deep scan; and if this machine's
	// clock was set back, so that nothing is known of the pause.
	const deep = isGap || deepScannedAt > now || now - deepScannedAt + pause > DAY_MS;
	const kind = isGap ? 'gap' : 'regular';
	const depth = deep ? maxLookbackMs(plan) : plan.lookbackMs;
	const from = Math.max(dedupHorizon, watermark - depth);
	const begunAt = isGap ? await clockOf(source, () => now) : null;
	const { lists, notes } = await source.listsOf({ kind, deep, from }, state.notes);
	state.notes = notes;
	return {
		kind,
		from,
		trackFrom: isGap ? from : dedupHorizon,
		deep,
		begunAt,
		localBegunAt: now,
		lastMoment: null,
		lastStamp: null,
		highestId: null,
		lists: listKeys(source, lists),
		resumeToken: null,
	};
}

/** A backlog may grow by this many sessions before the oldest are forgotten again. */
const BACKLOG_STEP = 5000;

/**
 * Forgets the oldest sessions of a backlog, and tracks later ones only from there on. In lists of ended sessions, oldest first, that
 * no update changes, a session comes only once. Any other list can bring a session again, because an update moves it or because
 * the list has to be restarted from its newest end: there all are kept until the scan is complete.
 */
function trimBacklog<R>(
	state: PollState,
	scan: Scan,
	lists: ReadonlyArray<SessionList<R>>,
	plan: Plan,
): void {
	const { memory } = state;
	if (memory.size < MAX_DELIVERED + BACKLOG_STEP) return;
	const canRepeat = scan.lists.some((key) => {
		const list = lists.find((candidate) => candidate.key === key);
		return list && list.coversEnded && (list.movesOnUpdate || list.order !== 'oldestFirst');
	});
	if (canRepeat) return;
	const times = [...memory.values()].filter(({ running }) => !running).map(({ time }) => time);
	times.sort((a, b) => a - b);
	const surplus = Math.min(memory.size - MAX_DELIVERED, times.length);
	if (surplus <= 0) return;
	const horizon = Math.min(times[surplus - 1] + 1, beginOf(scan) - maxLookbackMs(plan));
	if (horizon <= scan.trackFrom) return;
	scan.trackFrom = horizon;
	for (const [id, { time, running }] of memory) if (!running && time < horizon) memory.delete(id);
}

/**
 * How far a deep scan reads, and how far back delivered sessions are known after a long pause: a day more than the deep lookback window. A session
 * can show up right after a deep scan and must be in reach of the next one.
 */
function maxLookbackMs({ lookbackMs, deepLookbackMs }: Plan): number {
	return Math.max(lookbackMs, deepLookbackMs + DAY_MS);
}

async function clockOf<R>(source: Source<R>, now: () => number): Promise<number> {
	await source.readClock();
	return source.clock() ?? now();
}

/**
 * Applies a snapshot to the state. Returns whether its record is delivered, and for corrections what changed.
 *
 * @param place Where and when it was read: `clock` by the server's clock, `localNow` by this machine's.
 */
function applySnapshot<R>(
	snapshot: SessionSnapshot,
	{ list, partition, ...read }: Clocks & { list: SessionList<R>; partition?: string },
	plan: Plan,
	state: PollState,
	scan: Scan,
	{ old }: Pick<PollResult<R>, 'old'>,
): Change | boolean {
	const { event } = plan;
	const { memory } = state;
	const id = sessionNumber(snapshot.id);
	const delivered = memory.get(id);
	// An id that the vendor uses again: it starts, and is created, after everything that is known of the session before. Without a
	// creation, start and end may have been corrected.
	const { startedAt: begun = 0, createdAt: made = 0 } = snapshot;
	const isAnother = delivered && !delivered.running && Math.min(begun, made) > delivered.time;
	const known = isAnother ? undefined : delivered;
	const time = lastMoment(snapshot);
	// A session without any time can be neither new nor old.
	if (time === -Infinity) return false;
	const isRunning = snapshot.endedAt === undefined;
	const isInReach = time >= scan.from;
	noteTimes(snapshot, state, scan);
	if (isAfter(snapshot, read.localNow)) scan.isLocalRight = false;

	const now: DeliveredSession = {
		time: Math.max(time, known?.time ?? time),
		fingerprint: fingerprintOf(snapshot, event),
		energyWh: snapshot.energyWh,
		amountTenThousandths: snapshot.amountTenThousandths,
	};
	// A session that had ended and runs again is not followed a second time.
	const startsAgain = isRunning && known !== undefined && !known.running;
	if (isRunning && !startsAgain) {
		// The earliest of its times: a list can be filtered by any of them.
		const startedAt = Math.min(firstMoment(snapshot), known?.running?.startedAt ?? Infinity);
		now.running = { startedAt, partition: partition ?? known?.running?.partition };
	}
	// Ids of several partitions may rise on their own.
	const ids = partition === undefined ? state.ids : undefined;
	const changeType = known
		? classifyKnown(snapshot, known, now, event)
		: classifyUnknown(snapshot, list, ids, state, scan);
	const isNew = !known && (changeType === 'started' || changeType === 'completed');
	if (!known) learnFrom(state.ids, snapshot, list.order === 'newestFirst');
	// A list can hold more than the requested sessions.
	if (!known && !isInReach && !isRunning && !isNew) return false;
	// Its times can be those of a charger with a wrong clock.
	if (!known && (isRunning || (isNew && appearedAt(snapshot) < scan.from)))
		now.time = Math.max(time, beginOf(scan));

	// Neither known nor new: it was there before the trigger began, or it was forgotten.
	const isOld = !known && changeType === 'corrected';
	const isDropped = isOld && (event === 'completed' || (state.hasForgotten && event !== 'started'));
	// It is recognized again by its age, so it need not be stored where versions are not compared.
	const isToldByAge = isOld && now.fingerprint === '';
	if (isDropped && isUntold(id, now.time, isToldByAge, state, scan)) {
		old.count++;
		old.example ??= snapshot.id;
	}
	if (known || isRunning || (now.time >= scan.trackFrom && !isToldByAge)) memory.set(id, now);

	if (isDropped || (!known && !isInReach && !isNew)) return false;
	const moment = event === 'changed' ? time : momentOf(changeType, snapshot);
	if (scan.kind === 'silent' && !isDuring(scan, moment, read)) return false;
	if (event === 'changed') return changeType !== 'same';
	if (changeType !== event) return false;
	return event === 'corrected' ? changeOf(known, now) : true;
}

/** A moment by both clocks. */
interface Clocks {
	clock: number;
	localNow: number;
}

/**
 * Whether a moment lies between the beginning of a scan and now, by either clock. The server's can be ahead, so that what ends during
 * a scan of several polls lies before the beginning by it. This machine's counts only while it is known that the newest records are from
 * before it: one that is behind would make old sessions new.
 */
function isDuring(scan: Scan, moment: number, { clock, localNow }: Clocks): boolean {
	const { begunAt, localBegunAt, isLocalRight } = scan;
	if (moment > (begunAt ?? Infinity) && moment <= clock) return true;
	return isLocalRight === true && moment > localBegunAt && moment <= localNow;
}

/** Whether the user was not told yet of an old session that is not delivered. From now on it counts as told. */
function isUntold(id: number, time: number, isToldByAge: boolean, state: PollState, { kind }: Scan): boolean {
	const dropped = (state.dropped ??= new Map());
	const isKnown = dropped.has(id);
	const hasRoom = isKnown || dropped.size < MAX_DROPPED;
	if (isToldByAge && hasRoom) dropped.set(id, { time, fingerprint: '' });
	return kind !== 'silent' && kind !== 'first' && !isKnown && (hasRoom || time > state.watermark);
}

/** The beginning of a scan: by the server's clock or by this machine's, whichever is earlier, since one of them may be wrong. */
function beginOf({ begunAt, localBegunAt }: Scan): number {
	return Math.min(begunAt ?? Infinity, localBegunAt);
}

/** Whether the vendor wrote a record after a moment, or its last time is after it where the vendor does not tell. */
function isAfter({ createdAt, updatedAt, ...rest }: SessionSnapshot, moment: number): boolean {
	const isStamped = createdAt !== undefined || updatedAt !== undefined;
	const written = isStamped ? Math.max(createdAt ?? -Infinity, updatedAt ?? -Infinity) : lastMoment(rest);
	return written > moment + MAX_CLOCK_DRIFT_MS;
}

/** Notes how far the records of a scan reach. */
function noteTimes(snapshot: SessionSnapshot, state: PollState, scan: Scan): void {
	const { startedAt = -Infinity, createdAt = -Infinity, updatedAt = -Infinity } = snapshot;
	const time = lastMoment(snapshot);
	if (time >= scan.from) scan.lastMoment = Math.max(scan.lastMoment ?? time, time);
	const stamp = Math.max(createdAt, updatedAt);
	if (stamp >= scan.from) scan.lastStamp = Math.max(scan.lastStamp ?? stamp, stamp);
	const id = wholeId(snapshot.id);
	const bornAt = Math.max(startedAt, createdAt);
	const isOfThisTime = bornAt >= state.dedupHorizon && bornAt <= beginOf(scan) + HOUR_MS;
	if (id === undefined || !isOfThisTime) return;
	scan.highestId = Math.max(scan.highestId ?? id, id);
	state.ids.highest = Math.max(state.ids.highest ?? id, id);
}

/**
 * How many known sessions a deep scan should have been given, which was given none: the vendor's lists were empty for a moment, so the
 * scan proves nothing. 0 where it was given any, or knows none.
 */
function knownButNotGiven({ memory }: PollState, scan: Scan, plan: Plan): number {
	if (!scan.deep || scan.lastMoment !== null) return 0;
	// Not for ever: what the vendor has deleted is out of the window some days later. The state has times to the hour.
	const since = Math.max(scan.from, beginOf(scan) - maxLookbackMs(plan)) + HOUR_MS;
	return [...memory.values()].filter(({ time, running }) => !running && time >= since).length;
}

/** Whether a running session is kept until it ends, however old its record becomes. */
function waitsForEnd(event: TriggerEvent, followsRunning: boolean): boolean {
	return followsRunning || event === 'completed' || event === 'corrected';
}

/**
 * Completes a scan: moves the watermark, and forgets the oldest sessions where there are too many.
 *
 * @param isWhole Whether it counts, if it is deep; else the next scan is deep as well.
 * @returns What the user has to know: the new length of the deep lookback window, and whether a session was forgotten for the first
 * time.
 */
function complete(
	state: PollState,
	scan: Scan,
	begunAt: number,
	plan: Plan,
	followsRunning: boolean,
	isWhole: boolean,
): Pick<PollResult<unknown>, 'shortenedTo' | 'beginsToForget'> {
	const { memory, ids } = state;
	const begin = beginOf(scan);
	// The scan can have missed a record that was written while it ran, whatever time the record has. A vendor writes its stamps by
	// the server's clock.
	const scannedUntil = Math.min(scan.lastMoment ?? -Infinity, begin);
	const stampedUntil = Math.min(scan.lastStamp ?? -Infinity, begunAt);
	state.watermark = Math.max(state.watermark, scannedUntil, stampedUntil);
	state.scannedAt = scan.localBegunAt;
	if (scan.deep) state.deepScannedAt = scan.localBegunAt - (isWhole ? 0 : DAY_MS);
	state.scan = null;
	// Out of reach of every later scan.
	const reach = Math.max(state.dedupHorizon, state.watermark - maxLookbackMs(plan));
	for (const [id, { time }] of state.dropped ?? []) if (time < reach) state.dropped?.delete(id);
	// A pause alone forgets nothing.
	const hasTrimmed = scan.kind !== 'regular' && scan.trackFrom > scan.from;
	if (hasTrimmed) state.dedupHorizon = Math.max(state.dedupHorizon, scan.trackFrom);
	if (scan.highestId !== null && (hasTrimmed || ids.horizon === null))
		ids.horizon = Math.max(ids.horizon ?? 0, scan.highestId);

	const isFollowed = waitsForEnd(plan.event, followsRunning);
	const times: number[] = [];
	for (const session of memory.values()) {
		const isStuck = session.time < begin - MAX_SESSION_MS;
		// Asked for from here on only, so that a session which never ends does not make every scan longer.
		if (session.running && isStuck) session.running.startedAt = begin;
		if (!session.running || isStuck || !isFollowed) times.push(session.time);
	}
	const surplus = memory.size - MAX_DELIVERED;
	if (surplus <= 0 || times.length === 0) return {};

	times.sort((a, b) => a - b);
	const oldest = times[Math.min(surplus, times.length) - 1] + 1;
	const horizon = Math.min(oldest, state.watermark - plan.lookbackMs);
	let hasForgotten = false;
	for (const [id, { time, running }] of memory) {
		const isFree = !running || !isFollowed || time < begin - MAX_SESSION_MS;
		if (!isFree || time >= horizon) continue;
		memory.delete(id);
		if (ids.horizon !== null && followsOn(ids, id)) ids.horizon = Math.max(ids.horizon, id);
		hasForgotten = true;
	}
	const beginsToForget = hasForgotten && !state.hasForgotten;
	state.hasForgotten ||= hasForgotten;
	if (horizon <= state.dedupHorizon) return { beginsToForget };
	state.dedupHorizon = horizon;
	const isShortened = horizon > state.watermark - maxLookbackMs(plan);
	return { beginsToForget, shortenedTo: isShortened ? state.watermark - horizon : undefined };
}
