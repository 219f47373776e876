import type { IDataObject } from 'n8n-workflow';

import { isObject } from '../../shared/http/response';
import { pathSegment } from '../../shared/http/url';
import type { TriggerContext } from '../../shared/node/triggerSource';
import { readUtc } from '../../shared/parameters/dates';
import type { KnownRunning, SessionList, Source, SourcePage } from '../../shared/sync/source';
import { isMoment, type Json } from '../../shared/sync/state';
import { namePlace } from '../placeAccess';
import { PLACE_LISTS } from '../places';
import { MAX_PER_RESPONSE, placeTransactions } from '../resources/transaction/request';
import { checkAccess } from './access';
import { completePlaceRecords } from './rows';
import { longestMsOf } from './teamSessions';
import { chargerOf, snapshotOf } from './versions';

const DAY_MS = 24 * 3_600_000;

/** The longest session that a deep scan finds at its end, if it began before the scan and was never seen running. */
const MAX_SESSION_MS = 60 * DAY_MS;

/** A long history is read in slices of this length. */
const SLICE_MS = 32 * DAY_MS;

/** Earlier than any session of the vendor. */
const FIRST_SESSION = Date.UTC(2015, 0, 1);

/**
 * Reads the sessions of a site or a charger by their start: from a day before the scan on, or from the start of the oldest one that
 * runs. A deep scan goes back further, so that it finds long sessions. All that fits into one response takes one request.
 */
export function placeSource(
	call: TriggerContext,
	kind: 'site' | 'charger',
	uuid: () => Promise<string>,
): Source<IDataObject> {
	let access: Promise<void> | undefined;
	/** Checks the access, once in a poll. */
	const checked = async () => await (access ??= checkAccess(call, kind, await uuid()));
	/** The sessions that started in a period; undefined if the response was full and `isTrial` is set. */
	const sessionsFrom = async (
		from: number | undefined,
		to: number | undefined,
		isTrial: boolean,
		status?: 'active',
	): Promise<IDataObject[] | undefined> => {
		const wanted = {
			path: `${PLACE_LISTS[kind]}/${pathSegment(await uuid(), 'UUID')}/transactions`,
			from,
			to,
			countsBy: 'start' as const,
			status,
			longestMs: longestMsOf(call),
			now: call.clock() ?? Date.now(),
		};
		const read = async () => {
			const records: IDataObject[] = [];
			for await (const page of placeTransactions(call, wanted, MAX_PER_RESPONSE)) {
				for (const record of page) records.push(record);
				if (isTrial && records.length >= MAX_PER_RESPONSE) return undefined;
			}
			return records;
		};
		return await read().catch(async (error: unknown) => await namePlace(call, kind, await uuid(), error));
	};

	const inSlices = async (oldest: number, resumeToken: Json): Promise<SourcePage<IDataObject>> => {
		const at = readResumeToken(resumeToken);
		if (at === undefined) {
			// A clock that was never set has sessions of 1970, which no slice holds.
			const records = await sessionsFrom(oldest <= FIRST_SESSION ? undefined : oldest, undefined, true);
			return records ? { records } : { records: [], next: { at: Math.max(oldest, FIRST_SESSION) } };
		}
		const end = at + SLICE_MS;
		const isLast = end >= (call.clock() ?? Date.now());
		const records = (await sessionsFrom(at, isLast ? undefined : end - 1, false)) ?? [];
		return { records, next: isLast ? undefined : { at: end } };
	};
	const listOf = (key: string, maxDurationMs: number): SessionList<IDataObject> => ({
		key,
		order: 'oldestFirst',
		coversEnded: true,
		movesOnUpdate: false,
		fetchPage: async (from, resumeToken, running: KnownRunning[]) => {
			const starts = running.map(({ startedAt }) => startedAt);
			return await inSlices(Math.min(from - maxDurationMs, ...starts) - DAY_MS, resumeToken);
		},
	});
	/** The clock of a charger can be so far behind that no window holds its sessions. They are found while they run. */
	const running: SessionList<IDataObject> = {
		key: 'placeRunning',
		order: 'unordered',
		coversEnded: false,
		movesOnUpdate: false,
		fetchPage: async () => ({
			records: (await sessionsFrom(undefined, undefined, false, 'active')) ?? [],
		}),
	};
	const window = listOf('placeWindow', 0);
	const deepWindow = listOf('placeDeepWindow', MAX_SESSION_MS);

	const newest = async (count: number) => {
		await checked();
		const recent = await sessionsFrom((call.clock() ?? Date.now()) - SLICE_MS, undefined, false);
		const startOf = ({ started_at }: IDataObject) => readUtc(started_at) ?? 0;
		return (recent ?? []).sort((one, other) => startOf(other) - startOf(one)).slice(0, count);
	};

	return {
		lists: [running, window, deepWindow],
		describe: snapshotOf,
		partitionOf: chargerOf,
		clock: call.clock,
		readClock: async () => await newest(1),
		followsRunning: true,
		listsOf: async ({ deep }) => {
			if (deep) await checked();
			return { lists: [running, deep ? deepWindow : window], notes: null };
		},
		newest,
		complete: async (records) => await completePlaceRecords(call, kind, await uuid(), records),
	};
}

function readResumeToken(token: Json): number | undefined {
	return isObject(token) && isMoment(token.at) ? token.at : undefined;
}
