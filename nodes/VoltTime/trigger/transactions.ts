import type { IDataObject } from 'n8n-workflow';

import { ApiError, withPart } from '../../shared/util/errors';
import type { TriggerContext, TriggerSource } from '../../shared/node/triggerSource';
import { firstPart } from '../../shared/paging/dateWindow';
import type { RunningSession } from '../../shared/sync/deliveredSessions';
import type { SessionList, Source, SourcePage } from '../../shared/sync/source';
import { snapshotReader } from '../../shared/sync/snapshot';
import { isMoment, type Json } from '../../shared/sync/state';
import { isObject } from '../../shared/http/response';
import { readUtc } from '../../shared/parameters/dates';
import { readId } from '../../shared/util/ids';
import { IGNORED_DATES_ADVICE } from '../advice';
import { chargerId, teamId } from '../pickers';
import { legacyTransactionKind } from '../records';
import {
	fetchTransactions,
	chargersOf,
	chargerScope,
	isOutside,
	MAX_PER_RESPONSE,
	pageSize,
	sendParametersAs,
	endpoint,
} from '../resources/legacyTransaction/request';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** The longest session that a deep scan finds at its end, if it began before the scan and was never seen running. */
const MAX_SESSION_S = 60 * DAY_S;

/** How long after now a window ends: the clock of a charger can be ahead. */
const MAX_AHEAD_S = 2 * 365 * DAY_S;

/** The partition of the only charger, where the trigger watches one charger. */
const ONLY_CHARGER = '0';

/** Newest sessions to read for each charger. A charger has few connectors, so its running sessions are among them. */
const NEWEST_PER_CHARGER = 100;

/** A manual run reads at most this many chargers, since a person waits for it. */
const MAX_CHARGERS_SHOWN = 10;

const IGNORED_DATES_NOTICE =
	'Volt Time returned transactions outside the requested dates, so its API seems to ignore them. No session is lost, but each poll reads the whole list of a charger: try another "Send Parameters As" in the options';

const snapshotOf = snapshotReader(legacyTransactionKind);

/** `GET /api/v2/teams/{team_id}/chargers/{charger_id}/transactions`, of one charger or of each charger of a team. */
export const transactions: TriggerSource = {
	value: 'legacyTransaction',
	name: 'Transactions (Legacy V2)',
	description: 'Charging sessions of one charger, or of all chargers of a team',
	endpoint,
	records: legacyTransactionKind,
	properties: [
		teamId,
		{ ...chargerScope, default: 'all' },
		{ ...chargerId, displayOptions: { show: { chargerScope: ['one'] } } },
	],
	fetchOptions: [pageSize, sendParametersAs],
	open: openTransactions,
};

/**
 * The position in a list: the charger, the second to continue at, the length of the last window that fit into one response, and
 * the ids of the boundary records.
 */
interface ResumeToken {
	/** Id of the charger. */
	partition: string;
	at: number | null;
	span: number;
	boundaryIds: Array<string | number>;
}

/**
 * Reads transactions by date window. The API has no filter on updates, and does not document which date of a session it
 * compares, or in which time zone. So every window begins a day early and ends long after now. A charger with running sessions is
 * read from the start of the oldest one, so that their ends are found.
 */
function openTransactions(call: TriggerContext): Source<IDataObject> {
	const now = () => Math.floor(Math.max(call.clock() ?? 0, Date.now()) / 1000);
	const fetchFrom = async (path: string, step: Parameters<typeof fetchTransactions>[2]) =>
		await fetchTransactions(call, path, step);

	/** Names the charger in errors, where there are several. */
	const named = async <T>({ label }: Charger, result: Promise<T>): Promise<T> =>
		await result.catch(async (error: unknown) => {
			const isNamed = error instanceof ApiError && call.values.chargerScope !== 'one';
			return await Promise.reject(isNamed ? withPart(error, label) : (error as Error));
		});

	const largestWhole = { count: 0 };

	/** Sorted by id, so that a later poll finds its position. Read once for each poll. */
	let listed: Promise<Charger[]> | undefined;
	const chargers = async () => await (listed ??= listChargers(call));
	const fromToken = async (token: Json): Promise<{ charger?: Charger; after?: Charger }> => {
		const { partition } = readResumeToken(token) ?? {};
		const all = await chargers();
		const [charger, after] =
			partition === undefined ? all : all.filter(({ id }) => compareIds(id, partition) >= 0);
		return { charger, after };
	};

	const outsideWindows = async (from: number, resumeToken: Json): Promise<SourcePage<IDataObject>> => {
		const { charger, after } = await fromToken(resumeToken);
		if (!charger) return { records: [] };
		const step = { window: undefined, order: 'desc', pageSize: NEWEST_PER_CHARGER } as const;
		const newest = await named(charger, fetchFrom(charger.path, step));
		// The clock of a charger can be so far off that no window holds its sessions, whichever date the API compares.
		const oldest = from - MAX_SESSION_S * 1000;
		const latest = (now() + MAX_AHEAD_S) * 1000;
		const records = newest.filter(({ started_at, stopped_at }) => {
			const end = readUtc(stopped_at);
			const isOff = (time: number) => time < oldest || time > latest;
			return end === undefined || isOff(end) || isOff(readUtc(started_at) ?? end);
		});
		const { id: partition, label: partitionLabel } = charger;
		return {
			records,
			partition,
			partitionLabel,
			next: after && toResumeToken({ partition: after.id }),
		};
	};

	/** @param maxDurationS Seconds that a session can run before the start of the scan and still be found. */
	const inWindow = async (
		maxDurationS: number,
		from: number,
		resumeToken: Json,
		running: RunningSession[],
	): Promise<SourcePage<IDataObject>> => {
		const { charger, after } = await fromToken(resumeToken);
		if (!charger) return { records: [] };
		const token = readResumeToken(resumeToken);
		const { at, span, boundaryIds } =
			token?.partition === charger.id ? token : toResumeToken({ partition: charger.id });
		const starts = running
			.filter((session) => session.partition === charger.id)
			.map((session) => session.startedAt);
		const oldest = Math.floor(Math.min(from - maxDurationS * 1000, ...starts) / 1000) - DAY_S;
		const whole = { from: Math.max(0, at ?? oldest), to: now() + MAX_AHEAD_S };
		// What is to be read later than that lies in the years for clocks that are ahead: mostly nothing.
		const usualEnd = now() + DAY_S;
		const part = firstPart(
			async (window, pageSize, order = 'asc') => await fetchFrom(charger.path, { window, order, pageSize }),
			whole,
			span > 0 && whole.from < usualEnd ? whole.from + 2 * span : whole.to,
			{
				pageSize: call.pageSize,
				maxPerResponse: MAX_PER_RESPONSE,
				isOutside,
				ignoredDatesAdvice: IGNORED_DATES_ADVICE,
				largestWhole,
				usualEnd,
			},
		);
		const { records, to } = await named(charger, part);
		// A state of an earlier version can hold ids as numbers.
		const boundary = new Set(boundaryIds.map(String));
		const fresh = records.filter(({ id }) => !boundary.has(readId(id) ?? ''));
		// A day wider, since the API does not document in which time zone it compares.
		const farFrom = { from: whole.from - DAY_S, to: to + DAY_S };
		const ignoresDates = records.some((record) => isOutside(record, farFrom));
		const notice = ignoresDates ? IGNORED_DATES_NOTICE : undefined;
		const page = { records: fresh, partition: charger.id, partitionLabel: charger.label, notice };
		if (to >= whole.to) return { ...page, next: after && toResumeToken({ partition: after.id }) };
		const atBoundary = records.filter((record) => !isOutside(record, { from: to - 1, to }));
		const ids = atBoundary.flatMap(({ id }) => readId(id) ?? []);
		return {
			...page,
			next: toResumeToken({ partition: charger.id, at: to - 1, span: to - whole.from, boundaryIds: ids }),
		};
	};

	/** Makes a list of the sessions with a date in the window. It also holds the sessions that are known to run. */
	const windowList = (key: string, maxDurationS: number): SessionList<IDataObject> => ({
		key,
		order: 'oldestFirst',
		coversEnded: true,
		movesOnUpdate: false,
		fetchPage: async (...page) => await inWindow(maxDurationS, ...page),
	});
	const window = windowList('window', 0);
	/** The window of a deep scan also holds sessions that began up to 60 days before it. */
	const deepWindow = windowList('deepWindow', MAX_SESSION_S);
	const runningSessions: SessionList<IDataObject> = {
		key: 'running',
		order: 'newestFirst',
		coversEnded: false,
		movesOnUpdate: false,
		fetchPage: outsideWindows,
	};

	return {
		lists: [window, deepWindow, runningSessions],
		describe: snapshotOf,
		clock: call.clock,
		readClock: async () => {
			const [charger] = await chargers();
			if (!charger) return [];
			const step = { window: undefined, order: 'desc', pageSize: 1 } as const;
			const asked = await named(charger, fetchFrom(charger.path, step));
			if (asked.length > 1) {
				throw new ApiError('The API ignores the parameters: it gave more transactions than were asked for', {
					advice: IGNORED_DATES_ADVICE,
				});
			}
			return asked;
		},
		followsRunning: true,
		listsOf: async ({ deep }) => {
			// If the API compares the end date, no window holds a running session.
			const asksForRunning = deep || call.event === 'started' || call.event === 'changed';
			const dated = deep ? deepWindow : window;
			return { lists: asksForRunning ? [runningSessions, dated] : [dated], notes: null };
		},
		newest: async (count) => {
			const newest: IDataObject[] = [];
			for (const charger of (await chargers()).slice(0, MAX_CHARGERS_SHOWN)) {
				const step = { window: undefined, order: 'desc', pageSize: count } as const;
				const ofCharger = await named(charger, fetchFrom(charger.path, step));
				for (const record of ofCharger) newest.push(record);
			}
			const startOf = (record: IDataObject) => readUtc(record.started_at) ?? 0;
			return newest.sort((one, other) => startOf(other) - startOf(one)).slice(0, count);
		},
	};
}

interface Charger {
	id: string;
	path: string;
	/** Its name and ids. */
	label: string;
}

async function listChargers(call: TriggerContext): Promise<Charger[]> {
	const { path } = call.request;
	if (call.values.chargerScope === 'one') {
		const [, team, , charger] = path.split('/').slice(-5);
		return [{ id: ONLY_CHARGER, path, label: `charger ${charger}, team ${team}` }];
	}
	const chargers: Charger[] = [];
	for await (const charger of chargersOf(call)) chargers.push(charger);
	return chargers.sort((one, other) => compareIds(one.id, other.id));
}

/** Sorts ids by length, then by their characters. Whole numbers are sorted by their value. */
function compareIds(one: string, other: string): number {
	if (one.length !== other.length) return one.length - other.length;
	return one < other ? -1 : Number(one > other);
}

function toResumeToken({
	partition,
	at = null,
	span = 0,
	boundaryIds = [],
}: Partial<ResumeToken> & { partition: string }) {
	return { partition, at, span, boundaryIds };
}

function readResumeToken(token: Json): ResumeToken | undefined {
	const isSound =
		isObject(token) &&
		typeof token.partition === 'string' &&
		Number.isSafeInteger(token.span) &&
		(token.at === null || (typeof token.at === 'number' && isMoment(token.at * 1000))) &&
		Array.isArray(token.boundaryIds) &&
		token.boundaryIds.every((id) => ['number', 'string'].includes(typeof id));
	return isSound ? (token as unknown as ResumeToken) : undefined;
}
