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

/** What the user asked for. Times are milliseconds. */
export interface Plan {
	event: TriggerEvent;
	/** Fingerprint of the settings, as it stands in the state. */
	settings: string;
	/** Where the very first scan begins: at a moment since 1970, that many milliseconds ago, or now. */
	firstRun: { since: number } | { ago: number } | 'now';
	/** How far every scan reads back behind the watermark, and how far once a day. */
	lookbackMs: number;
	deepLookbackMs: number;
	/** After so many deliveries the poll ends at the next page. */
	maxRecords: number;
}

/** What changed in a session after its end; null where its earlier form is not remembered. */
export interface Change {
	changedFields: ChangeCategory[] | null;
	energyDeltaKwh: number | null;
	amountDelta: number | null;
}

/** What a poll brings. */
export interface PollResult<R> {
	/** In the order in which they were read; `change` for corrections only. */
	deliveries: Array<{ record: R; change?: Change }>;
	/** To be stored, all at once, when the deliveries are handed on. */
	state: PollState;
	/** Records read, new or not. */
	read: number;
	/** Why it ended early, where an answer failed after others had come. */
	failure?: ApiError;
	/** Set when the memory was too small for the deep lookback window: how far back it reaches now. */
	shortenedTo?: number;
}

const DAY_MS = 86_400_000;
/** Sessions that run longer are not waited for. */
const MAX_SESSION_MS = 60 * DAY_MS;
/** About half a megabyte of state in the longest form. */
const MAX_DELIVERED = 20_000;

/**
 * Reads what is new: goes on with the scan that an earlier poll began, or begins one.
 *
 * Nothing is lost while a record can be seen within the lookback window (once a day the deep lookback window) after the last moment that it
 * knows of, and nothing is given twice while its state is kept. See `docs/delivery.md`.
 *
 * @param given What the last poll gave as its state, `undefined` at the first one. It is changed in place: give a copy.
 * @param tools `now`: this machine's clock, in milliseconds since 1970, for how long ago the last scan was, and where the server
 * doesn't tell the time; `hasTime`: whether another page may be asked for.
 * @throws ApiError when nothing could be read.
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

/** The value, or the ApiError with which the work ended. Other errors go on. */
async function attempt<T>(work: () => Promise<T>): Promise<T | ApiError> {
	return await work().catch(async (error: unknown) =>
		error instanceof ApiError ? error : await Promise.reject(error as Error),
	);
}

/** What was read before a failure counts; where nothing was, the failure does. */
function endedBy<R>(failure: ApiError, result: PollResult<R>, hasProgress: boolean): PollResult<R> {
	if (!hasProgress) throw failure;
	return { ...result, failure };
}

function goesInCircles(): ApiError {
	return new ApiError('The API leads back to a page that was read already, so the list would never end', {
		advice: 'The next poll tries again. Report it to the vendor if it comes back.',
	});
}

/** The state before the very first scan, with that scan in it. */
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
	// The next poll, after a pause as long as this one, would come more than a day after the last deep scan.
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
 * How far back the memory reaches, and a deep scan: a day more than the deep lookback window, since a session may show up right after
 * one and has to be within the reach of the next.
 */
function maxLookbackMs({ lookbackMs, deepLookbackMs }: Plan): number {
	return Math.max(lookbackMs, deepLookbackMs + DAY_MS);
}

async function clockOf<R>(source: Source<R>, now: () => number): Promise<number> {
	await source.readClock();
	return source.clock() ?? now();
}

/** Takes note of a record. Gives whether it is to be delivered, and what changed where the user wants to know. */
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
	// Without any date it can be neither new nor old.
	if (time === -Infinity) return false;
	const isRunning = snapshot.endedAt === undefined;
	const isInReach = time >= scan.from;
	// A list may hold more than was asked for.
	if (!isInReach && !known && !isRunning) return false;
	if (isInReach) scan.lastMoment = Math.max(scan.lastMoment ?? time, time);

	const now: DeliveredSession = {
		time: Math.max(time, known?.time ?? time),
		fingerprint: fingerprintOf(snapshot, event),
		energyWh: snapshot.energyWh,
		amountCents: snapshot.amountCents,
	};
	// A session that had ended and runs again is not waited for a second time.
	const startsAgain = isRunning && known !== undefined && !known.running;
	if (isRunning && !startsAgain) {
		// By whichever of its dates a list is asked for: from the first of them on it is found.
		const startedAt = Math.min(firstMoment(snapshot), known?.running?.startedAt ?? Infinity);
		now.running = { startedAt, partition: known?.running?.partition ?? partition };
	}
	const changeType = classify(snapshot, known, now.fingerprint, list, state.dedupHorizon, scan);

	// What its age alone tells to be an old one need not be remembered, where its version doesn't matter.
	const isToldByAge = !known && changeType === 'corrected' && now.fingerprint === '';
	if (known || isRunning || (time >= scan.trackFrom && !isToldByAge)) memory.set(id, now);

	if (!isInReach && !known) return false;
	const moment = event === 'changed' ? time : momentOf(changeType, snapshot);
	if (scan.kind === 'silent' && moment <= (scan.begunAt ?? Infinity)) return false;
	if (event === 'changed') return changeType !== 'same';
	if (changeType !== event) return false;
	return event === 'corrected' ? changeOf(known, now) : true;
}

/** Whether a running session is remembered until it ends, however old its record grows. */
function waitsForEnd(event: TriggerEvent, followsRunning: boolean): boolean {
	return followsRunning || event === 'completed' || event === 'corrected';
}

type ChangeType = TriggerEvent | 'same';

/**
 * What a record says of its session: that it was seen running for the first time, has ended, is another version than
 * before its end, another one than after it, or none of these.
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

	// Not in the memory: whether that means new, depends on from when on the memory is whole.
	const appearedAt = Math.max(endedAt, createdAt);
	if (appearedAt >= trackFrom) return 'completed';
	if (!list.movesOnUpdate) return appearedAt >= from ? 'completed' : 'corrected';
	// The list that covers ended sessions was read before and held it: in this version, unless it was updated since.
	if (endedAt >= from) return updatedAt > (begunAt ?? Infinity) ? 'corrected' : 'same';
	return createdAt >= from ? 'completed' : 'corrected';
}

/** When it happened what a record says of its session. */
function momentOf(type: ChangeType, { startedAt, endedAt, updatedAt }: SessionSnapshot): number {
	const moment = { started: startedAt, completed: endedAt, changed: updatedAt, corrected: updatedAt };
	return (type === 'same' ? undefined : moment[type]) ?? -Infinity;
}

function changeOf(known: DeliveredSession | undefined, now: DeliveredSession): Change {
	if (!known) return { changedFields: null, energyDeltaKwh: null, amountDelta: null };
	const parts = new Set(changedCategories(known.fingerprint, now.fingerprint));
	// These two are known exactly; a fingerprint of a category is short.
	if (known.energyWh !== now.energyWh) parts.add('energy');
	if (known.amountCents !== now.amountCents) parts.add('price');
	return {
		changedFields: CHANGE_CATEGORIES.filter((part) => parts.has(part)),
		energyDeltaKwh: difference(known.energyWh, now.energyWh, 1000),
		amountDelta: difference(known.amountCents, now.amountCents, 100),
	};
}

function difference(before: number | undefined, after: number | undefined, unit: number): number | null {
	return before === undefined || after === undefined ? null : (after - before) / unit;
}

/**
 * Ends a scan: moves the watermark, and forgets what no later scan can bring back.
 *
 * @returns How far back the memory reaches where it had to be shortened, in milliseconds.
 */
function complete(
	state: PollState,
	scan: Scan,
	begunAt: number,
	plan: Plan,
	followsRunning: boolean,
): number | undefined {
	const { memory } = state;
	// What was written while the scan ran may have been missed by it, whatever date it bears.
	const reached = Math.min(scan.lastMoment ?? -Infinity, begunAt);
	state.watermark = Math.max(state.watermark, reached);
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
