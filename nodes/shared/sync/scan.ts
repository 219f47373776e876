import { CHANGE_CATEGORIES, type ChangeCategory } from '../session/fields';
import { ApiError } from '../util/errors';
import { sessionNumber, type DeliveredSession } from './deliveredSessions';
import {
	changedCategories,
	firstMoment,
	lastMoment,
	fingerprintOf,
	type SessionSnapshot,
	type TriggerEvent,
} from './snapshot';
import { listKeys, listWithKey, type SessionList, type Source } from './source';
import type { PollState, Scan } from './state';

/** The user's settings. Times are milliseconds. */
export interface Plan {
	event: TriggerEvent;
	/** Fingerprint of the settings. A state with another one is not used. */
	settings: string;
	/** Start of the very first scan: a moment since 1970, a number of milliseconds ago, or now. */
	firstRun: { since: number } | { ago: number } | 'now';
	/** How far each scan reads back behind the watermark, and how far one scan a day does. */
	lookbackMs: number;
	deepLookbackMs: number;
	/** A poll that has delivered this many records ends with its current page. */
	maxRecords: number;
}

/** The changes of a session after its end; null where its earlier version is unknown. */
export interface Change {
	changedFields: ChangeCategory[] | null;
	energyDeltaKwh: number | null;
	amountDelta: number | null;
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
}

const DAY_MS = 86_400_000;
/** A session that runs longer is no longer followed. */
const MAX_SESSION_MS = 60 * DAY_MS;
/** Most sessions in the state. At their longest they take half a megabyte. */
const MAX_DELIVERED = 20_000;

/**
 * Polls once: resumes the scan of an earlier poll, or begins a new one.
 *
 * No session is lost if its record shows up within the lookback window (or, once a day, the deep lookback window) after the
 * last time in it. No session is delivered twice while the state is kept. See `docs/delivery.md`.
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
	const running = [...state.memory.values()].flatMap((session) => session.running ?? []);
	const result: PollResult<R> = { deliveries: [], state, read: 0 };
	const seenTokens = new Set([JSON.stringify(scan.resumeToken)]);
	let pages = 0;
	do {
		const list = listWithKey(source, scan.lists[0]);
		const page = await attempt(async () => await list.fetchPage(scan.from, scan.resumeToken, running));
		if (page instanceof ApiError) return endedBy(page, result, pages > 0);
		pages++;
		scan.begunAt ??= source.clock() ?? tools.now();
		for (const record of page.records) {
			const change = applySnapshot(source.describe(record), list, page.partition, plan, state, scan);
			if (change) result.deliveries.push(change === true ? { record } : { record, change });
		}
		result.read += page.records.length;

		if (page.next !== undefined) {
			const resumeToken = page.key ?? JSON.stringify(page.next);
			if (seenTokens.has(resumeToken)) throw goesInCircles();
			seenTokens.add(resumeToken);
			scan.resumeToken = page.next;
		} else if (scan.lists.length > 1) {
			scan.lists = scan.lists.slice(1);
			scan.resumeToken = null;
			seenTokens.clear();
		} else {
			result.shortenedTo = complete(state, scan, scan.begunAt, plan, source.followsRunning);
			return result;
		}
	} while (tools.hasTime() && result.deliveries.length < plan.maxRecords);
	return result;
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

function goesInCircles(): ApiError {
	return new ApiError('The API leads back to a page that was read already, so the list would never end', {
		advice: 'The next poll tries again. Report it to the vendor if it comes back.',
	});
}

/** The state before the very first scan, with that scan begun. */
async function firstState<R>(source: Source<R>, plan: Plan, now: () => number): Promise<PollState> {
	const clock = await clockOf(source, now);
	const { firstRun } = plan;
	let from = clock - plan.lookbackMs;
	if (firstRun !== 'now') from = 'since' in firstRun ? firstRun.since : clock - firstRun.ago;
	const kind = firstRun === 'now' ? 'silent' : 'first';
	const { lists, notes } = await source.listsOf({ kind, deep: true, from }, null);
	return {
		settings: plan.settings,
		watermark: from,
		dedupHorizon: from,
		scannedAt: clock,
		deepScannedAt: clock,
		scan: {
			kind,
			from,
			trackFrom: trackFrom(from, clock, lists, plan),
			deep: true,
			begunAt: clock,
			lastMoment: null,
			lists: listKeys(source, lists),
			resumeToken: null,
		},
		notes,
		memory: new Map(),
	};
}

async function nextScan<R>(source: Source<R>, plan: Plan, state: PollState, now: number): Promise<Scan> {
	const { dedupHorizon, watermark, scannedAt, deepScannedAt } = state;
	const pause = now - scannedAt;
	const isGap = pause > maxLookbackMs(plan);
	// Deep if the next poll, after an equal pause, would come more than a day after the last deep scan.
	const deep = isGap || now - deepScannedAt + pause > DAY_MS;
	const kind = isGap ? 'gap' : 'regular';
	const depth = deep ? maxLookbackMs(plan) : plan.lookbackMs;
	const from = isGap ? dedupHorizon : Math.max(dedupHorizon, watermark - depth);
	const begunAt = isGap ? await clockOf(source, () => now) : null;
	const { lists, notes } = await source.listsOf({ kind, deep, from }, state.notes);
	state.notes = notes;
	return {
		kind,
		from,
		trackFrom: begunAt === null ? dedupHorizon : trackFrom(from, begunAt, lists, plan),
		deep,
		begunAt,
		lastMoment: null,
		lists: listKeys(source, lists),
		resumeToken: null,
	};
}

/**
 * The moment from which a scan tracks every session that it reads. An earlier session is not tracked where it can come only once:
 * in lists of ended sessions, oldest first, that no update changes. Any other list can bring a session again, because an
 * update moves it or because the list has to be restarted from its newest end.
 */
function trackFrom<R>(from: number, begunAt: number, lists: Array<SessionList<R>>, plan: Plan): number {
	const canRepeat = lists.some(
		({ coversEnded, movesOnUpdate, order }) => coversEnded && (movesOnUpdate || order !== 'oldestFirst'),
	);
	return canRepeat ? from : Math.max(from, begunAt - maxLookbackMs(plan));
}

/**
 * How far back delivered sessions are kept, and how far a deep scan reads: a day more than the deep lookback window. A session
 * can show up right after a deep scan and must be in reach of the next one.
 */
function maxLookbackMs({ lookbackMs, deepLookbackMs }: Plan): number {
	return Math.max(lookbackMs, deepLookbackMs + DAY_MS);
}

async function clockOf<R>(source: Source<R>, now: () => number): Promise<number> {
	await source.readClock();
	return source.clock() ?? now();
}

/** Applies a snapshot to the state. Returns whether its record is delivered, and for corrections what changed. */
function applySnapshot<R>(
	snapshot: SessionSnapshot,
	list: SessionList<R>,
	partition: string | undefined,
	plan: Plan,
	state: PollState,
	scan: Scan,
): Change | boolean {
	const { event } = plan;
	const { memory } = state;
	const id = sessionNumber(snapshot.id);
	const known = memory.get(id);
	const time = lastMoment(snapshot);
	// A session without any time can be neither new nor old.
	if (time === -Infinity) return false;
	const isRunning = snapshot.endedAt === undefined;
	const isInReach = time >= scan.from;
	// A list can hold more than the requested sessions.
	if (!isInReach && !known && !isRunning) return false;
	if (isInReach) scan.lastMoment = Math.max(scan.lastMoment ?? time, time);

	const now: DeliveredSession = {
		time: Math.max(time, known?.time ?? time),
		fingerprint: fingerprintOf(snapshot, event),
		energyWh: snapshot.energyWh,
		amountCents: snapshot.amountCents,
	};
	// A session that had ended and runs again is not followed a second time.
	const startsAgain = isRunning && known !== undefined && !known.running;
	if (isRunning && !startsAgain) {
		// The earliest of its times: a list can be filtered by any of them.
		const startedAt = Math.min(firstMoment(snapshot), known?.running?.startedAt ?? Infinity);
		now.running = { startedAt, partition: known?.running?.partition ?? partition };
	}
	const changeType = classify(snapshot, known, now.fingerprint, list, state.dedupHorizon, scan);

	// An unknown correction is recognized by its age, so it need not be stored where versions are not compared.
	const isToldByAge = !known && changeType === 'corrected' && now.fingerprint === '';
	if (known || isRunning || (time >= scan.trackFrom && !isToldByAge)) memory.set(id, now);

	if (!isInReach && !known) return false;
	const moment = event === 'changed' ? time : momentOf(changeType, snapshot);
	if (scan.kind === 'silent' && moment <= (scan.begunAt ?? Infinity)) return false;
	if (event === 'changed') return changeType !== 'same';
	if (changeType !== event) return false;
	return event === 'corrected' ? changeOf(known, now) : true;
}

/** Whether a running session is kept until it ends, however old its record becomes. */
function waitsForEnd(event: TriggerEvent, followsRunning: boolean): boolean {
	return followsRunning || event === 'completed' || event === 'corrected';
}

type ChangeType = TriggerEvent | 'same';

/**
 * The change that a snapshot shows: `started` (running, seen for the first time), `completed` (ended), `changed` (another
 * version while it runs), `corrected` (another version after its end), or `same`.
 */
function classify<R>(
	snapshot: SessionSnapshot,
	known: DeliveredSession | undefined,
	fingerprint: string,
	list: SessionList<R>,
	dedupHorizon: number,
	{ from, trackFrom, begunAt }: Scan,
): ChangeType {
	const { startedAt = -Infinity, endedAt, createdAt = -Infinity, updatedAt = -Infinity } = snapshot;
	if (endedAt === undefined) {
		if (!known) return startedAt >= dedupHorizon ? 'started' : 'changed';
		if (known.fingerprint === fingerprint) return 'same';
		return known.running ? 'changed' : 'corrected';
	}
	if (known?.running) return 'completed';
	if (known) return known.fingerprint === fingerprint ? 'same' : 'corrected';

	// The session is unknown. It is new if it appeared after the moment from which all sessions are tracked.
	const appearedAt = Math.max(endedAt, createdAt);
	if (appearedAt >= trackFrom) return 'completed';
	if (!list.movesOnUpdate) return appearedAt >= from ? 'completed' : 'corrected';
	// The list that covers ended sessions was read before and held it: in this version, unless it was updated since.
	if (endedAt >= from) return updatedAt > (begunAt ?? Infinity) ? 'corrected' : 'same';
	return createdAt >= from ? 'completed' : 'corrected';
}

/** The time of a change; -Infinity where the snapshot has none. */
function momentOf(type: ChangeType, { startedAt, endedAt, updatedAt }: SessionSnapshot): number {
	const moment = { started: startedAt, completed: endedAt, changed: updatedAt, corrected: updatedAt };
	return (type === 'same' ? undefined : moment[type]) ?? -Infinity;
}

function changeOf(known: DeliveredSession | undefined, now: DeliveredSession): Change {
	if (!known) return { changedFields: null, energyDeltaKwh: null, amountDelta: null };
	const categories = new Set(changedCategories(known.fingerprint, now.fingerprint));
	// Energy and amount are stored exactly, while the fingerprint of a category is short.
	if (known.energyWh !== now.energyWh) categories.add('energy');
	if (known.amountCents !== now.amountCents) categories.add('price');
	return {
		changedFields: CHANGE_CATEGORIES.filter((category) => categories.has(category)),
		energyDeltaKwh: difference(known.energyWh, now.energyWh, 1000),
		amountDelta: difference(known.amountCents, now.amountCents, 100),
	};
}

function difference(before: number | undefined, after: number | undefined, unit: number): number | null {
	return before === undefined || after === undefined ? null : (after - before) / unit;
}

/**
 * Completes a scan: moves the watermark, and drops the sessions that no later scan can bring back.
 *
 * @returns The new length of the dedup horizon in milliseconds, where it had to be shortened.
 */
function complete(
	state: PollState,
	scan: Scan,
	begunAt: number,
	plan: Plan,
	followsRunning: boolean,
): number | undefined {
	const { memory } = state;
	// The scan can have missed a record that was written while it ran, whatever time the record has.
	const scannedUntil = Math.min(scan.lastMoment ?? -Infinity, begunAt);
	state.watermark = Math.max(state.watermark, scannedUntil);
	const trackedFrom = scan.kind === 'regular' ? -Infinity : scan.trackFrom;
	state.dedupHorizon = Math.max(state.dedupHorizon, trackedFrom, state.watermark - maxLookbackMs(plan));
	state.scannedAt = begunAt;
	if (scan.deep) state.deepScannedAt = begunAt;
	state.scan = null;

	const times: number[] = [];
	for (const { time, running } of memory.values()) if (!running) times.push(time);
	let shortenedTo: number | undefined;
	const surplus = memory.size - MAX_DELIVERED;
	if (surplus > 0 && surplus < times.length) {
		times.sort((a, b) => a - b);
		const dedupHorizon = Math.min(times[surplus - 1] + 1, state.watermark - plan.lookbackMs);
		if (dedupHorizon > state.dedupHorizon) {
			state.dedupHorizon = dedupHorizon;
			shortenedTo = state.watermark - dedupHorizon;
		}
	}

	const isFollowed = waitsForEnd(plan.event, followsRunning);
	for (const [id, { time, running }] of memory) {
		const isOver =
			running && isFollowed ? running.startedAt < begunAt - MAX_SESSION_MS : time < state.dedupHorizon;
		if (isOver) memory.delete(id);
	}
	return shortenedTo;
}
