import { ApiError } from '../../../nodes/shared/util/errors';
import { poll, type Plan, type PollResult } from '../../../nodes/shared/sync/scan';
import type { RunningSession } from '../../../nodes/shared/sync/deliveredSessions';
import type { SessionList, Source, SourcePage } from '../../../nodes/shared/sync/source';
import type { SessionSnapshot, TriggerEvent } from '../../../nodes/shared/sync/snapshot';
import { readState, writeState, type Json, type PollState } from '../../../nodes/shared/sync/state';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Noon of a winter day: where the server's clock begins. */
export const NOON = Date.UTC(2026, 0, 31, 12);

/** A session as the fake vendor holds it. Times are milliseconds since 1970. */
export interface FakeRecord {
	id: number | string;
	startedAt: number | null;
	endedAt: number | null;
	createdAt: number | null;
	updatedAt: number | null;
	energyWh: number | null;
	amountCents: number | null;
	driver: string;
}

/**
 * How the vendor offers its sessions: ended and updated ones in one list (`combined`) or in two, or a window of dates with
 * running sessions that have to be asked for (`window`).
 */
export type Offer = 'combined' | 'twoLists' | 'window';

/** The lists of the fake vendor, by name, with the properties that the engine knows. */
const LISTS = {
	ended: { order: 'oldestFirst', coversEnded: true, movesOnUpdate: false },
	newestEnded: { order: 'newestFirst', coversEnded: true, movesOnUpdate: false },
	updated: { order: 'oldestFirst', coversEnded: false, movesOnUpdate: true },
	either: { order: 'oldestFirst', coversEnded: true, movesOnUpdate: true },
	window: { order: 'oldestFirst', coversEnded: true, movesOnUpdate: false },
	deepWindow: { order: 'oldestFirst', coversEnded: true, movesOnUpdate: false },
	running: { order: 'newestFirst', coversEnded: false, movesOnUpdate: false },
} as const;

export type ListName = keyof typeof LISTS;

export const LIST_NAMES = Object.keys(LISTS) as ListName[];

/** What was asked for, and what was given. */
export interface Asked {
	list: ListName;
	from: number;
	resumeToken: Json;
	running: RunningSession[];
	/** In the order of the answers; these very objects are what a poll delivers. */
	given: FakeRecord[];
}

/** A vendor in memory. Everything in it may be changed between two polls, or between two pages. */
export interface FakeVendor {
	records: Map<FakeRecord['id'], FakeRecord>;
	/** The server's clock; `undefined` for a server that doesn't tell it. */
	now: number;
	tellsTime: boolean;
	/** How long an answer takes. */
	msPerPage: number;
	pageSize: number;
	offer: Offer;
	event: TriggerEvent;
	/** In place of the answers to come: an error, or undefined for the answer itself. */
	script: Array<ApiError | undefined>;
	/** Changes an answer before it is given. */
	distort: (page: SourcePage<FakeRecord>, asked: Asked) => SourcePage<FakeRecord>;
	/** Takes the place of the offer's own choice. */
	lists: ListName[] | undefined;
	asked: Asked[];
	source: Source<FakeRecord>;
	/** Adds a session, or changes one: what is not named stays, or is that of an ended session of half an hour. */
	put: (record: Pick<FakeRecord, 'id'> & Partial<FakeRecord>) => FakeRecord;
}

/** A vendor without sessions. */
export function fakeVendor(given: Partial<Omit<FakeVendor, 'records' | 'source' | 'asked' | 'put'>> = {}) {
	const vendor: FakeVendor = {
		records: new Map(),
		now: NOON,
		tellsTime: true,
		msPerPage: 0,
		pageSize: 100,
		offer: 'combined',
		event: 'completed',
		script: [],
		distort: (page) => page,
		lists: undefined,
		asked: [],
		source: undefined as unknown as Source<FakeRecord>,
		put: (record) => {
			const before = vendor.records.get(record.id);
			const known = before ? before.endedAt : vendor.now;
			const endedAt = record.endedAt === undefined ? known : record.endedAt;
			const halfAnHourBefore = (endedAt ?? vendor.now) - HOUR / 2;
			const startedAt = record.startedAt === undefined ? halfAnHourBefore : record.startedAt;
			const blank = {
				startedAt,
				endedAt,
				createdAt: startedAt,
				energyWh: 10_000,
				amountCents: 3102,
				driver: 'card 1',
			};
			const next = { ...blank, ...before, updatedAt: vendor.now, ...record };
			vendor.records.set(record.id, next);
			return next;
		},
		...given,
	};
	vendor.source = sourceOf(vendor);
	return vendor;
}

function sourceOf(vendor: FakeVendor): Source<FakeRecord> {
	const lists = LIST_NAMES.map((name): SessionList<FakeRecord> => ({
		key: name,
		...LISTS[name],
		fetchPage: async (...step) => fetchPage(vendor, name, ...step),
	}));
	return {
		lists,
		describe,
		listsOf: async (scan) => ({
			lists: (vendor.lists ?? listsOf(vendor, scan.kind, scan.deep)).map(
				(name) => lists[LIST_NAMES.indexOf(name)],
			),
			notes: null,
		}),
		newest: async (count) =>
			[...vendor.records.values()].sort((a, b) => (b.updatedAt ?? 0) - (a.updatedAt ?? 0)).slice(0, count),
		clock: () => (vendor.tellsTime ? vendor.now : undefined),
		readClock: async () => {
			const failure = vendor.script.shift();
			if (failure) throw failure;
			return [];
		},
		get followsRunning() {
			return vendor.offer === 'window';
		},
	};
}

function fetchPage(
	vendor: FakeVendor,
	list: ListName,
	from: number,
	resumeToken: Json,
	running: RunningSession[],
): SourcePage<FakeRecord> {
	vendor.now += vendor.msPerPage;
	const failure = vendor.script.shift();
	if (failure) throw failure;
	// Every source writes the moment as a date; one that no calendar holds would end the poll here.
	new Date(from).toISOString();
	const page = pageOf(vendor, list, from, resumeToken, running);
	// Copies, as from a wire: a record that was given stays what it was.
	const records = page.records.map((record) => ({ ...record }));
	const asked = { list, from, resumeToken, running, given: records };
	vendor.asked.push(asked);
	return vendor.distort({ ...page, records }, asked);
}

function listsOf({ offer, event }: FakeVendor, kind: string, deep: boolean): ListName[] {
	if (offer === 'window') {
		const asksForRunning = deep || event === 'started' || event === 'changed';
		const window: ListName = deep ? 'deepWindow' : 'window';
		return asksForRunning ? ['running', window] : [window];
	}
	if (event === 'started') return ['updated'];
	if (kind === 'first' && event === 'completed') return ['ended'];
	return offer === 'combined' && (kind === 'regular' || kind === 'silent')
		? ['either']
		: ['ended', 'updated'];
}

/** The records of a list behind a place, in the order of the list; its place is the last record that was given. */
function pageOf(
	vendor: FakeVendor,
	list: ListName,
	from: number,
	resumeToken: Json,
	running: RunningSession[],
): SourcePage<FakeRecord> {
	const oldest = Math.min(from, ...running.map(({ startedAt }) => startedAt));
	const isSince = (time: number | null) => time !== null && time >= from;
	const isInWindow =
		(begin: number) =>
		({ startedAt, endedAt, createdAt, updatedAt }: FakeRecord) =>
			[endedAt, createdAt, updatedAt].some(isSince) || (startedAt ?? -Infinity) >= begin;
	const holds: Record<ListName, (record: FakeRecord) => boolean> = {
		ended: ({ endedAt }) => isSince(endedAt),
		newestEnded: ({ endedAt }) => isSince(endedAt),
		updated: ({ updatedAt }) => isSince(updatedAt),
		either: ({ updatedAt, endedAt }) => isSince(updatedAt) || isSince(endedAt),
		window: isInWindow(oldest),
		deepWindow: isInWindow(oldest - 60 * DAY),
		running: ({ endedAt }) => endedAt === null,
	};
	const orderOf: Record<ListName, (record: FakeRecord) => number> = {
		ended: ({ endedAt }) => endedAt ?? 0,
		newestEnded: ({ endedAt }) => -(endedAt ?? 0),
		updated: ({ updatedAt }) => updatedAt ?? 0,
		either: ({ updatedAt }) => updatedAt ?? 0,
		window: () => 0,
		deepWindow: () => 0,
		running: () => 0,
	};
	const [time, id] = Array.isArray(resumeToken) ? resumeToken : [];
	const last = typeof time === 'number' ? ([time, id as FakeRecord['id']] as const) : undefined;
	const rest: Array<{ record: FakeRecord; key: Key }> = [];
	for (const record of vendor.records.values()) {
		const key: Key = [orderOf[list](record), record.id];
		if (holds[list](record) && (!last || compare(key, last) > 0)) rest.push({ record, key });
	}
	rest.sort((one, other) => compare(one.key, other.key));
	const page = rest.slice(0, vendor.pageSize);
	const records = page.map(({ record }) => record);
	const partition = vendor.offer === 'window' ? { partition: '7' } : {};
	return rest.length > page.length && page.length > 0
		? { records, next: [...page[page.length - 1].key], ...partition }
		: { records, ...partition };
}

/** Where a record stands in a list: by its time, and by its id among those of one time. */
type Key = readonly [time: number, id: FakeRecord['id']];

function compare([time, id]: Key, [otherTime, otherId]: Key): number {
	if (time !== otherTime) return time - otherTime;
	if (typeof id === 'number' && typeof otherId === 'number') return id - otherId;
	return String(id) < String(otherId) ? -1 : Number(id !== otherId);
}

function describe(record: FakeRecord): SessionSnapshot {
	const { id, startedAt, endedAt, createdAt, updatedAt, energyWh, amountCents, driver } = record;
	return {
		id,
		startedAt: startedAt ?? undefined,
		endedAt: endedAt ?? undefined,
		createdAt: createdAt ?? undefined,
		updatedAt: updatedAt ?? undefined,
		energyWh: energyWh ?? undefined,
		amountTenThousandths: amountCents === null ? undefined : amountCents * 100,
		categories: {
			energy: { energyWh },
			time: { startedAt, endedAt, createdAt },
			price: { amountCents },
			driver: { driver },
			other: {},
		},
	};
}

/** What a poll needs beside its vendor. */
export interface PollTools {
	/** Pages before the time is up. */
	pages?: number;
	/** How far this machine's clock goes wrong. */
	skew?: number;
	/** Called behind every page. */
	between?: (pages: number) => void;
}

/** A trigger on a vendor: its state goes through JSON between two polls, as n8n keeps it. */
export interface FakeTrigger {
	plan: Plan;
	/** What is stored; may be replaced. */
	stored: string | undefined;
	/** The state that is stored. */
	state: () => PollState;
	/** One poll, its state stored when it ends well. */
	poll: (tools?: PollTools) => Promise<PollResult<FakeRecord>>;
	/** The ids that one poll brings. */
	ids: (tools?: PollTools) => Promise<Array<FakeRecord['id']>>;
	/** Polls until a scan is complete; gives all ids. */
	scan: (tools?: PollTools) => Promise<Array<FakeRecord['id']>>;
}

/** A trigger that begins now, with a lookback window of an hour and a deep one of three days. */
export function fakeTrigger(vendor: FakeVendor, given: Partial<Plan> = {}): FakeTrigger {
	const plan: Plan = {
		event: vendor.event,
		settings: 'settings',
		firstRun: 'now',
		lookbackMs: HOUR,
		deepLookbackMs: 3 * DAY,
		maxRecords: 10_000,
		...given,
	};
	vendor.event = plan.event;
	const read = () => {
		const stored: unknown = trigger.stored && JSON.parse(trigger.stored);
		const { state, reset } = readState(stored, { ...plan, lists: LIST_NAMES });
		if (reset) throw new Error(`the state cannot be read: ${reset}`);
		return state;
	};
	const trigger: FakeTrigger = {
		plan,
		stored: undefined,
		state: () => {
			const state = read();
			if (!state) throw new Error('nothing is stored');
			return state;
		},
		poll: async ({ pages = Infinity, skew = 0, between } = {}) => {
			let asked = 0;
			const result = await poll(vendor.source, plan, read(), {
				now: () => vendor.now + skew,
				hasTime: () => {
					between?.(++asked);
					return between ? asked < pages : ++asked < pages;
				},
			});
			trigger.stored = JSON.stringify(writeState(result.state, plan.event));
			return result;
		},
		ids: async (tools) => (await trigger.poll(tools)).deliveries.map(({ record }) => record.id),
		scan: async (tools) => {
			const all: Array<FakeRecord['id']> = [];
			do all.push(...(await trigger.ids(tools)));
			while (trigger.state().scan);
			return all;
		},
	};
	return trigger;
}

/** The error of a service that is down. */
export function serviceDown(): ApiError {
	return new ApiError('The API could not process the request (HTTP 503)', {
		status: 503,
		failure: 'temporarily-unavailable',
	});
}
