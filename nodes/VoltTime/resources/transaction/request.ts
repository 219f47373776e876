import type { IDataObject } from 'n8n-workflow';

import { hasEnded, readEnd } from '../../../shared/session/times';
import { readUtc } from '../../../shared/parameters/dates';
import { recordKey } from '../../../shared/paging/recordKey';
import { ApiError } from '../../../shared/util/errors';
import { readId } from '../../../shared/util/ids';
import { linkedPages, type LinkReader } from '../../linkedLists';

/** The most records that the API returns in one response. */
export const MAX_PER_RESPONSE = 10_000;

const DAY_MS = 24 * 3600 * 1000;

/** Earlier than any session of the vendor, but for those of a charger whose clock is wrong. */
const FIRST_SESSION = Date.UTC(2015, 0, 1);

/** The sessions to read. Times in milliseconds since 1970, both included. */
export interface Wanted {
	/** The path of the list. */
	path: string;
	from: number | undefined;
	to: number | undefined;
	/** Which time of a session lies in the period. A running session has no end, and so belongs to no period of ends. */
	countsBy: 'end' | 'start';
	status: 'active' | 'finished' | undefined;
	/** How long before the period a session can have started that ends in it. */
	longestMs: number;
	now: number;
}

/** Whether a session belongs to the period, has the status, and so is to be returned. */
export function isWanted(record: IDataObject, { from, to, countsBy, status }: Wanted): boolean {
	const fields = { endedAt: record.stopped_at || undefined, status: record.status };
	const isRunning = !hasEnded(fields);
	const start = readUtc(record.started_at);
	// An end that is not known, or cannot be right, is that of its row: the start.
	const end = isRunning ? undefined : (readEnd(fields, start) ?? start);
	if (status !== undefined && isRunning !== (status === 'active')) return false;
	if (from === undefined && to === undefined) return true;
	const time = countsBy === 'start' ? readUtc(record.started_at) : end;
	return time !== undefined && time >= (from ?? -Infinity) && time <= (to ?? Infinity);
}

/** Whether a session that still runs can belong to the period. */
function wantsRunning({ status, countsBy, from, to }: Wanted): boolean {
	return status !== 'finished' && (countsBy === 'start' || (from ?? to) === undefined);
}

/**
 * The sessions of a site or a charger.
 *
 * The list takes two dates that concern different times of a session, `started_from` and `stopped_until`, as days of an unknown time
 * zone. So it is asked for days that are wider than the period, and filtered here. `stopped_until` hides running sessions, and is
 * left out where they are wanted.
 *
 * A response with as many records as requested may be cut off. The sessions are then read in slices of their start: those of the
 * slice [a, b) have started from a on and stopped until b and the longest session. Slices side by side in both dates would lose each
 * session that runs over a border. A slice is halved, down to one day, until its response is complete.
 *
 * @param pageSize The `limit` to send. It may be the size of a page, or the most records of all pages.
 * @throws ApiError if the sessions of one day do not fit into a response, or the API ignores the dates.
 */
export async function* placeTransactions(
	call: LinkReader,
	wanted: Wanted,
	pageSize: number,
): AsyncGenerator<IDataObject[]> {
	const { from, to, countsBy, longestMs, now } = wanted;
	const started = from === undefined ? undefined : countsBy === 'end' ? from - longestMs : from;
	const latestEnd = countsBy === 'end' ? to : undefined;
	const seen = new Set<unknown>();

	/** Yields the new sessions of a response that pass, and returns whether it is complete. */
	const read = async function* (
		query: IDataObject,
		passes: (record: IDataObject) => boolean,
	): AsyncGenerator<IDataObject[], boolean> {
		let count = 0;
		const request = { path: wanted.path, query: { ...query, limit: pageSize }, body: {} };
		for await (const page of linkedPages(call, request, (onPage) => (count += onPage))) {
			const fresh: IDataObject[] = [];
			for (const record of page) {
				const key = recordKey(record, ({ id }) => readId(id));
				if (seen.has(key) || !passes(record)) continue;
				seen.add(key);
				fresh.push(record);
			}
			if (fresh.length > 0) yield fresh;
		}
		return count !== pageSize;
	};

	/** The sessions that started from `a` on and before `b`. Without `b` their end has no bound but that of the period. */
	const slice = async function* (a: number | undefined, b?: number): AsyncGenerator<IDataObject[], boolean> {
		const until = Math.min(latestEnd ?? Infinity, b === undefined ? Infinity : b + longestMs);
		const query: IDataObject = {
			...(wanted.status && { 'filter[status]': wanted.status }),
			...(a !== undefined && { 'filter[started_from]': dayOf(a - DAY_MS) }),
			// The bound may be the first moment of its day, in a time zone west or east of UTC.
			...(until < now &&
				wanted.status !== 'active' && { 'filter[stopped_until]': dayOf(until + 2 * DAY_MS) }),
		};
		let ignoresDates = false;
		const isComplete = yield* read(query, (record) => {
			const start = readUtc(record.started_at);
			if (a !== undefined && start !== undefined && start < a - 3 * DAY_MS) ignoresDates = true;
			return isWanted(record, wanted);
		});
		if (!isComplete && ignoresDates) throw cutOff('The API ignores the dates');
		return isComplete;
	};

	if (yield* slice(started)) return;
	if (wantsRunning(wanted)) {
		// The slices that have a last day hide them.
		const query: IDataObject = {
			'filter[status]': 'active',
			...(started !== undefined && { 'filter[started_from]': dayOf(started - DAY_MS) }),
		};
		if (!(yield* read(query, (record) => isWanted(record, wanted))))
			throw cutOff('More sessions are running than one response can hold');
		if (wanted.status === 'active') return;
	}
	const first = floorDay(started ?? FIRST_SESSION);
	const waiting = [{ a: first, b: ceilDay(Math.min(to ?? now, now) + DAY_MS) }];
	for (let part = waiting.pop(); part; part = waiting.pop()) {
		// Without a period, the first slice has no beginning: the clock of a charger can be decades behind.
		const begin = started === undefined && part.a === first ? undefined : part.a;
		if (yield* slice(begin, part.b)) continue;
		if (part.b - part.a <= DAY_MS)
			throw cutOff(
				`The sessions that started on ${dayOf(part.a)} do not fit into one response (${pageSize})`,
			);
		const middle = floorDay((part.a + part.b) / 2);
		waiting.push({ a: middle, b: part.b }, { a: part.a, b: middle });
	}
}

/**
 * The sessions of all chargers of a team. Its list takes no dates: it is read from the newest session on, until a whole page lies
 * before the period. Sessions that come in meanwhile push others to the next page, where they are met again.
 */
export async function* teamTransactions(call: LinkReader, wanted: Wanted): AsyncGenerator<IDataObject[]> {
	const { path, from, countsBy } = wanted;
	const field = countsBy === 'start' ? 'started_at' : 'stopped_at';
	const pagesOf = (status: string, sort: string) =>
		linkedPages(call, { path, query: { 'filter[status]': status, sort }, body: {} });
	if (wantsRunning(wanted)) {
		for await (const page of pagesOf('active', '-started_at')) {
			const kept = page.filter((record) => isWanted(record, wanted));
			if (kept.length > 0) yield kept;
		}
	}
	if (wanted.status === 'active') return;
	for await (const page of pagesOf('finished', `-${field}`)) {
		const kept = page.filter((record) => isWanted(record, wanted));
		if (kept.length > 0) yield kept;
		const isBefore = (record: IDataObject) => (readUtc(record[field]) ?? Infinity) < (from ?? -Infinity);
		if (page.every(isBefore)) return;
	}
}

function cutOff(what: string): ApiError {
	return new ApiError(`${what}, and the list cannot be read completely`, {
		advice:
			'Nothing of it is returned, so that no session is missing unnoticed. Read single chargers ("Sessions Of"), a shorter period, or set a shorter "Longest Session" in the options.',
	});
}

/** The day of a time in UTC: `2026-06-30`. */
function dayOf(time: number): string {
	return new Date(time).toISOString().slice(0, 10);
}

function floorDay(time: number): number {
	return Math.floor(time / DAY_MS) * DAY_MS;
}

function ceilDay(time: number): number {
	return Math.ceil(time / DAY_MS) * DAY_MS;
}
