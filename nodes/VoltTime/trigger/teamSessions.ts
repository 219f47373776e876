import type { IDataObject } from 'n8n-workflow';

import { pathSegment } from '../../shared/http/url';
import type { TriggerContext } from '../../shared/node/triggerSource';
import { readUtc } from '../../shared/parameters/dates';
import type { ValuesOf } from '../../shared/parameters/typedValues';
import { ApiError } from '../../shared/util/errors';
import { readId } from '../../shared/util/ids';
import { emptyToUndefined } from '../../shared/session/fields';
import { hasEnded, readTime } from '../../shared/session/times';
import { sessionNumber } from '../../shared/sync/deliveredSessions';
import type { KnownRunning, SessionList, Source, SourcePage } from '../../shared/sync/source';
import { isObject } from '../../shared/http/response';
import type { Json } from '../../shared/sync/state';
import type { longestSession } from '../period';
import { namePlace } from '../placeAccess';
import { PLACE_LISTS, placesOf } from '../places';
import { MIN_CAP } from '../resources/transaction/cutOff';
import { MAX_PER_RESPONSE, placeTransactions } from '../resources/transaction/request';
import { nameOfCharger, unlessClosed, warnOfClosed } from './access';
import { noteChargers } from './chargerNumbers';
import { completeTeamRecords } from './rows';
import { teamPages } from './teamPages';
import { chargerOf, snapshotOf } from './versions';

const DAY_MS = 24 * 3_600_000;

const NEWEST_ENDED = { 'filter[status]': 'finished', sort: '-stopped_at' } as const;
const OLDEST_ENDED = { 'filter[status]': 'finished', sort: 'stopped_at' } as const;
const NEWEST_ACTIVE = { 'filter[status]': 'active', sort: '-started_at' } as const;
const OLDEST_ACTIVE = { 'filter[status]': 'active', sort: 'started_at' } as const;

/**
 * Reads the sessions of all chargers of a team.
 *
 * Its list takes no dates. A scan reads the sessions that run, whole; then those that ended, the newest end first, until a whole page
 * ended before the scan; then, charger by charger, each session that ran before and is in neither list now: its charger was offline,
 * and reports an end of long ago. Team records have no time of an update, so corrections are told by their content.
 */
export function teamSource(call: TriggerContext, uuid: () => Promise<string>): Source<IDataObject> {
	const path = async () => `${PLACE_LISTS.team}/${pathSegment(await uuid(), 'Team')}/transactions`;
	/** The numbers of the sessions that run, once the list was read to its end in this poll. */
	let active: Set<number> | undefined;
	/** Chargers whose sessions could not be read when they were asked for, until the next deep scan. */
	let refused = new Set<string>();

	/** Reads a list of the team, from its beginning or a position on. */
	const pagesOf = (
		query: { 'filter[status]': 'active' | 'finished'; sort: string },
		order?: 'falling' | 'rising',
	) => {
		let read: ReturnType<typeof teamPages> | undefined;
		return async (resumeToken: Json) => {
			read ??= teamPages(call, { path: await path(), query }, order);
			return await read(resumeToken).catch(
				async (error: unknown) => await namePlace(call, 'team', await uuid(), error),
			);
		};
	};

	/**
	 * A list that says nothing of further pages may be cut off by an own maximum of the API. Then it begins, read from its other end,
	 * with a session that lies behind the last one.
	 */
	const checkEnd = async (
		page: SourcePage<IDataObject>,
		query: { 'filter[status]': 'active' | 'finished'; sort: string },
		resumeToken: Json,
		isBehind: (record: IDataObject, lastEnd: number | undefined) => boolean,
	) => {
		if (page.next !== undefined || (resumeToken === null && page.records.length < MIN_CAP)) return;
		const lastEndMs = isObject(resumeToken) ? resumeToken.lastEndMs : undefined;
		const lastEnd = endsIn(page.records).pop() ?? (typeof lastEndMs === 'number' ? lastEndMs : undefined);
		const [other] = (await pagesOf(query)(null)).records;
		if (other && isBehind(other, lastEnd)) throw isCut(query['filter[status]']);
	};
	const endOf = ({ stopped_at }: IDataObject) => readTime(stopped_at) ?? undefined;

	const newestEnded = pagesOf(NEWEST_ENDED, 'falling');
	const endedNewestFirst: SessionList<IDataObject> = {
		key: 'teamEnded',
		order: 'newestFirst',
		coversEnded: true,
		movesOnUpdate: false,
		fetchPage: async (from, resumeToken) => {
			const page = await newestEnded(resumeToken);
			const ends = endsIn(page.records);
			checkOrder(ends);
			const isOver = ends.length > 0 && ends.length === page.records.length && ends[0] < from;
			if (isOver) return { records: page.records };
			await checkEnd(page, OLDEST_ENDED, resumeToken, (oldest, end) => (endOf(oldest) ?? NaN) < (end ?? NaN));
			return page;
		},
	};
	const oldestEnded = pagesOf(OLDEST_ENDED, 'rising');
	/** All history. */
	const endedOldestFirst: SessionList<IDataObject> = {
		key: 'teamAllEnded',
		order: 'oldestFirst',
		coversEnded: true,
		movesOnUpdate: false,
		fetchPage: async (_from, resumeToken) => {
			const page = await oldestEnded(resumeToken);
			checkOrder(endsIn(page.records).reverse());
			await checkEnd(page, NEWEST_ENDED, resumeToken, (newest, end) => (endOf(newest) ?? NaN) > (end ?? NaN));
			return page;
		},
	};

	/** Reads a page of the sessions that run, and adds their numbers to a set. */
	const activePage = async (read: ReturnType<typeof pagesOf>, resumeToken: Json, seen: Set<number>) => {
		const page = await read(resumeToken);
		const { records } = page;
		if (records.length > 0 && endsIn(records).length === records.length) throw ignoresStatus();
		for (const record of records) {
			const id = readId(record.id);
			if (id !== undefined) seen.add(sessionNumber(id));
		}
		return page;
	};
	const newestActive = pagesOf(NEWEST_ACTIVE);
	let seenActive: Set<number> | undefined;
	const running: SessionList<IDataObject> = {
		key: 'teamRunning',
		order: 'newestFirst',
		coversEnded: false,
		movesOnUpdate: false,
		fetchPage: async (_from, resumeToken) => {
			// What an earlier poll has read of the list is not known here.
			if (resumeToken === null) seenActive = new Set();
			const page = await activePage(newestActive, resumeToken, seenActive ?? new Set());
			if (page.next === undefined) active = seenActive;
			// The list is read in each poll: where the API leads from page to page, it is taken for whole.
			if (resumeToken !== null && page.records.length > 0) return page;
			await checkEnd(page, OLDEST_ACTIVE, resumeToken, ({ id }) => {
				const key = readId(id);
				return key !== undefined && active !== undefined && !active.has(sessionNumber(key));
			});
			return page;
		},
	};
	const allActive = async () => {
		const seen = new Set<number>();
		const read = pagesOf(NEWEST_ACTIVE);
		for (let at: Json | undefined = null; at !== undefined;) at = (await activePage(read, at, seen)).next;
		return seen;
	};

	const missing: SessionList<IDataObject> = {
		key: 'teamMissing',
		order: 'unordered',
		coversEnded: false,
		movesOnUpdate: false,
		fetchPage: async (_from, resumeToken, known) => {
			if (known.length === 0) return { records: [] };
			active ??= await allActive();
			const isAfter = (charger: string) => typeof resumeToken !== 'string' || charger > resumeToken;
			const starts = oldestStarts(known.filter(({ number }) => !active?.has(number)));
			const [charger, next] = [...starts.keys()]
				.filter((key) => isAfter(key) && !refused.has(key))
				.sort((one, other) => (one < other ? -1 : 1));
			if (charger === undefined) return { records: [] };
			const records = await sessionsOfCharger(call, charger, starts.get(charger) as number);
			if (records === undefined) {
				refused.add(charger);
				const name = await nameOfCharger(call, charger);
				call.hint(
					`the access token may no longer read the charger ${name}, where a session was running. Its end is not delivered. The charger is asked again once a day`,
				);
			}
			return {
				records: records ?? [],
				next: next === undefined ? undefined : charger,
				notes: { refused: [...refused] },
			};
		},
	};

	return {
		lists: [running, endedNewestFirst, endedOldestFirst, missing],
		describe: snapshotOf,
		partitionOf: chargerOf,
		clock: call.clock,
		readClock: async () => (await pagesOf(NEWEST_ENDED)(null)).records,
		followsRunning: true,
		listsOf: async ({ deep, kind, from }, notes) => {
			refused = new Set(deep ? [] : refusedIn(notes));
			if (deep) {
				const chargers = await placesOf(call, 'charger');
				noteChargers(call, chargers);
				await warnOfClosed(call, await uuid(), chargers);
			}
			const ended = kind === 'first' && from <= 0 ? endedOldestFirst : endedNewestFirst;
			return { lists: [running, ended, missing], notes: { refused: [...refused] } };
		},
		newest: async (count) => {
			const records = [
				...(await pagesOf(NEWEST_ACTIVE)(null)).records,
				...(await pagesOf(NEWEST_ENDED)(null)).records,
			];
			const startOf = ({ started_at }: IDataObject) => readUtc(started_at) ?? 0;
			return records.sort((one, other) => startOf(other) - startOf(one)).slice(0, count);
		},
		complete: async (records) => await completeTeamRecords(call, await uuid(), records),
	};
}

/** The oldest start of the sessions of each charger. */
function oldestStarts(sessions: KnownRunning[]): Map<string, number> {
	const starts = new Map<string, number>();
	for (const { partition, startedAt } of sessions) {
		if (partition) starts.set(partition, Math.min(startedAt, starts.get(partition) ?? Infinity));
	}
	return starts;
}

/**
 * The sessions of a charger from a start on, in the form of the team's list; `undefined` where they can no longer be read: the API
 * refuses them, or gives nothing although one was running.
 */
async function sessionsOfCharger(
	call: TriggerContext,
	charger: string,
	start: number,
): Promise<IDataObject[] | undefined> {
	const wanted = {
		path: `${PLACE_LISTS.charger}/${pathSegment(charger, 'Charger')}/transactions`,
		from: start - DAY_MS,
		to: undefined,
		countsBy: 'start' as const,
		status: undefined,
		longestMs: longestMsOf(call),
		now: call.clock() ?? Date.now(),
	};
	const read = async () => {
		const records: IDataObject[] = [];
		for await (const page of placeTransactions(call, wanted, MAX_PER_RESPONSE)) {
			for (const record of page) records.push(asTeamRecord(record));
		}
		return records;
	};
	const records = await unlessClosed(read(), []);
	return records.length > 0 ? records : undefined;
}

/** The longest session of the options, in milliseconds. */
export function longestMsOf({ values }: TriggerContext): number {
	const { longestSession: days = 7 } = values as Partial<ValuesOf<[typeof longestSession]>>;
	return days * DAY_MS;
}

/** A session of a charger's list as the list of a team shows it, without its site. It keeps the times of its writes. */
function asTeamRecord(record: IDataObject): IDataObject {
	const { connector, charger_id, charger_connector_id, reservation_id, ...common } = record;
	void [charger_id, charger_connector_id, reservation_id];
	return {
		...common,
		status: hasEnded({ endedAt: emptyToUndefined(record.stopped_at) }) ? 'finished' : 'active',
		connector_id: (connector as IDataObject | null | undefined)?.connector_id ?? null,
	};
}

function endsIn(records: IDataObject[]): number[] {
	return records.flatMap(({ stopped_at }) => readTime(stopped_at) ?? []);
}

function isCut(status: string): ApiError {
	return new ApiError(
		`The API gave a part of the sessions of the team that are ${status}, and no next page, so some could be missed`,
		{ advice: 'Choose Site or Charger under "Sessions Of".', failure: 'configuration-invalid' },
	);
}

function ignoresStatus(): ApiError {
	return new ApiError('The API ignores the filter on the status: it gave ended sessions as running ones', {
		advice: 'Choose Site or Charger under "Sessions Of".',
		failure: 'configuration-invalid',
	});
}

/** @throws ApiError when ends do not fall: then the list has no end that can be recognized. */
function checkOrder(ends: number[]): void {
	if (!ends.some((end, index) => index > 0 && end > ends[index - 1])) return;
	throw new ApiError('The API does not sort the sessions of a team by their end, so some could be missed', {
		advice: 'Choose Site or Charger under "Sessions Of".',
		failure: 'configuration-invalid',
	});
}

function refusedIn(notes: Json): string[] {
	const known = isObject(notes) ? notes.refused : undefined;
	return Array.isArray(known) ? known.filter((key) => typeof key === 'string') : [];
}
