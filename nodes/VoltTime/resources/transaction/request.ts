import type { IDataObject } from 'n8n-workflow';

import { hasEnded } from '../../../shared/session/times';
import { readUtc } from '../../../shared/parameters/dates';
import { ApiError } from '../../../shared/util/errors';
import { linkedPages } from '../../linkedLists';
import { DAY_MS } from '../../period';
import type { PlaceReader } from '../../places';
import { endOf } from '../../records';
import {
	dayOf,
	floorDay,
	FROM,
	isCutOff,
	transactionKey,
	MIN_CAP,
	STATUS,
	UNTIL,
	type Largest,
} from './cutOff';

/** The most records that the API returns in one response. */
export const MAX_PER_RESPONSE = 10_000;

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
	const end = endOf(record);
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
 * A response with as many records as requested may be cut off, and so may a shorter one, see {@link isCutOff}. The sessions are then
 * read in slices of their start: those of the slice [a, b) have started from a on and stopped until b and the longest session. Slices
 * side by side in both dates would lose each session that runs over a border. A slice is halved, down to one day, until its response
 * is complete.
 *
 * @param pageSize The `limit` to send. It may be the size of a page, or the most records of all pages.
 * @throws ApiError if the sessions of one day do not fit into a response, or the API ignores the dates.
 */
export async function* placeTransactions(
	call: PlaceReader,
	wanted: Wanted,
	pageSize: number,
): AsyncGenerator<IDataObject[]> {
	const { path, from, to, countsBy, longestMs, now } = wanted;
	const started = from === undefined ? undefined : countsBy === 'end' ? from - longestMs : from;
	const latestEnd = countsBy === 'end' ? to : undefined;
	const seen = new Set<unknown>();
	/** A response with so many records may be cut off. */
	let full: number | undefined;
	let isNewestFirst = false;
	const largest = (await call.once?.('largest response', async () => newLargest())) ?? newLargest();
	const pagesOf = (query: IDataObject, limit: number, onCut: () => void) =>
		linkedPages(call, { path, query: { ...query, limit }, body: {} }, onCut);
	const fetch = async (query: IDataObject, limit: number) => {
		const records: IDataObject[] = [];
		for await (const page of pagesOf(query, limit, () => {})) {
			for (const record of page) records.push(record);
			if (records.length >= limit) break;
		}
		return records;
	};

	/** Yields the new sessions of a response that pass, and returns whether it is complete. */
	const read = async function* (
		query: IDataObject,
		passes: (record: IDataObject) => boolean,
	): AsyncGenerator<IDataObject[], boolean> {
		const records: IDataObject[] = [];
		let isCut: boolean | undefined = false;
		for await (const page of pagesOf(query, pageSize, () => (isCut = true))) {
			const fresh: IDataObject[] = [];
			for (const record of page) {
				records.push(record);
				const key = transactionKey(record);
				if (seen.has(key) || !passes(record)) continue;
				seen.add(key);
				fresh.push(record);
			}
			if (fresh.length > 0) yield fresh;
		}
		const count = records.length;
		if (full !== undefined) return !isCut && count !== full;
		if (count === pageSize) isCut = true;
		else if (!isCut && count < pageSize)
			isCut = await isCutOff(records, query, { fetch, largest, longestMs });
		if (isCut === undefined) call.hint?.(doubt(count));
		if (!isCut) return true;
		full = count;
		const [first, last] = [records[0], records[count - 1]].map((record) => readUtc(record?.started_at) ?? 0);
		isNewestFirst = first > last;
		return false;
	};

	/** The sessions that started from `a` on and before `b`. Without `b` their end has no bound but that of the period. */
	const slice = async function* (a: number | undefined, b?: number): AsyncGenerator<IDataObject[], boolean> {
		const until = Math.min(latestEnd ?? Infinity, b === undefined ? Infinity : b + longestMs);
		const query: IDataObject = {
			...(wanted.status && { [STATUS]: wanted.status }),
			...(a !== undefined && { [FROM]: dayOf(a - DAY_MS) }),
			// The bound may be the first moment of its day, in a time zone west or east of UTC.
			...(until < now && wanted.status !== 'active' && { [UNTIL]: dayOf(until + 2 * DAY_MS) }),
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
			[STATUS]: 'active',
			...(started !== undefined && { [FROM]: dayOf(started - DAY_MS) }),
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
			throw cutOff(`The sessions that started on ${dayOf(part.a)} do not fit into one response (${full})`);
		const middle = floorDay((part.a + part.b) / 2);
		const halves = [
			{ a: part.a, b: middle },
			{ a: middle, b: part.b },
		];
		waiting.push(...(isNewestFirst ? halves : halves.reverse()));
	}
}

/**
 * The sessions of all chargers of a team. Its list takes no dates: it is read from the newest session on, until a whole page lies
 * before the period. Sessions that come in meanwhile push others to the next page, where they are met again.
 */
export async function* teamTransactions(call: PlaceReader, wanted: Wanted): AsyncGenerator<IDataObject[]> {
	const { path, from, countsBy } = wanted;
	const pagesOf = (status: string, sort: string) =>
		linkedPages(call, { path, query: { 'filter[status]': status, sort }, body: {} });
	/** The list may end without its last records. Read from the other end, it begins with a record that was received. */
	const checkEnd = async (status: string, sort: string, keys: Set<unknown>) => {
		if (keys.size < MIN_CAP) return;
		for await (const page of pagesOf(status, sort)) {
			if (keys.has(transactionKey(page[0]))) return;
			throw cutOff(
				`The API gave ${keys.size} sessions of the team that are ${status}, not all, and no next page`,
			);
		}
	};
	const walk = async function* (status: string, field: string): AsyncGenerator<IDataObject[]> {
		const keys = new Set<unknown>();
		for await (const page of pagesOf(status, `-${field}`)) {
			for (const record of page) keys.add(transactionKey(record));
			const kept = page.filter((record) => isWanted(record, wanted));
			if (kept.length > 0) yield kept;
			const isBefore = (record: IDataObject) => (readUtc(record[field]) ?? Infinity) < (from ?? -Infinity);
			if (status === 'finished' && page.every(isBefore)) return;
		}
		await checkEnd(status, field, keys);
	};
	if (wantsRunning(wanted)) yield* walk('active', 'started_at');
	if (wanted.status !== 'active') yield* walk('finished', countsBy === 'start' ? 'started_at' : 'stopped_at');
}

function newLargest(): Largest {
	return { count: 0 };
}

function doubt(count: number): string {
	return `Volt Time gave ${count} sessions, and nothing shows whether these are all: it may never give more at once. Compare the number with its dashboard.`;
}

function cutOff(what: string): ApiError {
	return new ApiError(`${what}, and the list cannot be read completely`, {
		advice:
			'Nothing of it is returned, so that no session is missing unnoticed. Read single chargers ("Sessions Of"), a shorter period, or set a shorter "Longest Session" in the options.',
	});
}

function ceilDay(time: number): number {
	return Math.ceil(time / DAY_MS) * DAY_MS;
}
