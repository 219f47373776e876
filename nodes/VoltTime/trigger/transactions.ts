import type { IDataObject } from 'n8n-workflow';

import type { TriggerContext, TriggerSource } from '../../shared/node/triggerSource';
import { firstPart } from '../../shared/paging/dateWindow';
import type { RunningSession, Source, SourcePage } from '../../shared/sync/scan';
import { categorize, wholeOf, type ChangeCategory, type SessionSnapshot } from '../../shared/sync/snapshot';
import { isMoment, type Json, type ListName } from '../../shared/sync/state';
import { isObject, unexpectedResponse } from '../../shared/http/response';
import { readUtc } from '../../shared/parameters/dates';
import { readId } from '../../shared/util/ids';
import { chargerId, teamId } from '../pickers';
import { transactionKind } from '../records';
import {
	fetchTransactions,
	chargersOf,
	chargerScope,
	isOutside,
	MAX_PER_RESPONSE,
	pageSize,
	sendParametersAs,
	endpoint,
} from '../resources/transaction/request';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** A session that began before a scan's reach and was never seen running is found at its end when it is no longer. */
const MAX_SESSION_S = 60 * DAY_S;

/** A charger has few connectors, so its running sessions are among its newest. */
const NEWEST_PER_CHARGER = 100;

/** Of these chargers at most, a manual run shows the newest sessions: a person waits for it. */
const MAX_CHARGERS_SHOWN = 10;

const CATEGORY_OF: Record<string, ChangeCategory | null> = {
	updated_at: null,
	meter_start: 'energy',
	meter_stop: 'energy',
	total_kwh: 'energy',
	started_at: 'time',
	stopped_at: 'time',
	created_at: 'time',
	start_cost: 'price',
	kwh_cost: 'price',
	total_kwh_cost: 'price',
	total_cost: 'price',
	id_tag: 'driver',
};

/** `GET /api/v2/teams/{team_id}/chargers/{charger_id}/transactions`, of one charger or of each charger of a team. */
export const transactions: TriggerSource = {
	value: 'transaction',
	name: 'Transactions',
	description: 'Charging sessions of one charger, or of all chargers of a team',
	endpoint,
	records: transactionKind,
	properties: [
		teamId,
		{ ...chargerScope, default: 'all' },
		{ ...chargerId, displayOptions: { show: { chargerScope: ['one'] } } },
	],
	fetchOptions: [pageSize, sendParametersAs],
	open: openTransactions,
};

/** Where to go on: at which charger, from which second on, how many seconds fitted, and the ids that were read at that second. */
interface ResumeToken {
	charger: number;
	at: number | null;
	span: number;
	boundaryIds: Array<string | number>;
}

/**
 * The API has no filter on updates, only a window of dates, and does not say which date of a session it compares, or in which
 * time zone. So every window begins a day early and ends a day late, and a charger with sessions that are known to run is
 * asked from the start of the oldest of them, so that their ends are seen whenever they come.
 */
function openTransactions(call: TriggerContext): Source<IDataObject> {
	const now = () => Math.floor((call.clock() ?? Date.now()) / 1000);
	const ask = async (path: string, step: Parameters<typeof fetchTransactions>[2]) =>
		await fetchTransactions(call, path, step);

	/** In the order of their ids, so that a later poll finds its place; read once for each poll. */
	let listed: Promise<Charger[]> | undefined;
	const chargers = async () => await (listed ??= listChargers(call));
	const fromPlace = async (place: Json): Promise<{ charger?: Charger; after?: Charger }> => {
		const { charger = -Infinity } = readResumeToken(place) ?? {};
		const [next, after] = (await chargers()).filter(({ id }) => id >= charger);
		return { charger: next, after };
	};

	const runningNow = async (place: Json): Promise<SourcePage<IDataObject>> => {
		const { charger, after } = await fromPlace(place);
		if (!charger) return { records: [] };
		const newest = await ask(charger.path, {
			window: undefined,
			order: 'desc',
			pageSize: NEWEST_PER_CHARGER,
		});
		const records = newest.filter((record) => readUtc(record.stopped_at) === undefined);
		return { records, charger: charger.id, next: after && toResumeToken({ charger: after.id }) };
	};

	const inWindow = async (
		list: ListName,
		from: number,
		place: Json,
		running: RunningSession[],
	): Promise<SourcePage<IDataObject>> => {
		const { charger, after } = await fromPlace(place);
		if (!charger) return { records: [] };
		const found = readResumeToken(place);
		const { at, span, boundaryIds } =
			found?.charger === charger.id ? found : toResumeToken({ charger: charger.id });
		const starts = running
			.filter((session) => session.charger === charger.id)
			.map((session) => session.startedAt);
		const longest = list === 'deepWindow' ? MAX_SESSION_S : 0;
		const oldest = Math.floor(Math.min(from - longest * 1000, ...starts) / 1000) - DAY_S;
		const whole = { from: Math.max(0, at ?? oldest), to: now() + DAY_S };
		const { records, to } = await firstPart(
			async (window, size) => await ask(charger.path, { window, order: 'asc', pageSize: size }),
			whole,
			span > 0 ? whole.from + 2 * span : whole.to,
			{ pageSize: call.pageSize, maxPerResponse: MAX_PER_RESPONSE, isOutside },
		);
		// Stored by an earlier version, ids can be numbers.
		const given = new Set(boundaryIds.map(String));
		const fresh = records.filter(({ id }) => !given.has(readId(id) ?? ''));
		const page = { records: fresh, charger: charger.id };
		if (to >= whole.to) return { ...page, next: after && toResumeToken({ charger: after.id }) };
		const onEdge = records.filter((record) => !isOutside(record, { from: to - 1, to }));
		const ids = onEdge.flatMap(({ id }) => readId(id) ?? []);
		return {
			...page,
			next: toResumeToken({ charger: charger.id, at: to - 1, span: to - whole.from, boundaryIds: ids }),
		};
	};

	return {
		describe: (record) => describeTransaction(record, call),
		clock: call.clock,
		readClock: async () => {
			const [charger] = await chargers();
			if (charger) await ask(charger.path, { window: undefined, order: 'desc', pageSize: 1 });
		},
		followsRunning: true,
		listsOf: async ({ deep }) => {
			// Where the dates are those of the end, no window holds a running session.
			const asksForRunning = deep || call.event === 'started' || call.event === 'changed';
			const window: ListName = deep ? 'deepWindow' : 'window';
			return { lists: asksForRunning ? ['running', window] : [window], notes: null };
		},
		page: async (list, from, place, running) =>
			list === 'running' ? await runningNow(place) : await inWindow(list, from, place, running),
		newest: async (count) => {
			const newest: IDataObject[] = [];
			for (const { path } of (await chargers()).slice(0, MAX_CHARGERS_SHOWN)) {
				const ofCharger = await ask(path, { window: undefined, order: 'desc', pageSize: count });
				for (const record of ofCharger) newest.push(record);
			}
			const startOf = (record: IDataObject) => readUtc(record.started_at) ?? 0;
			return newest.sort((one, other) => startOf(other) - startOf(one)).slice(0, count);
		},
	};
}

interface Charger {
	id: number;
	path: string;
}

async function listChargers(call: TriggerContext): Promise<Charger[]> {
	if (call.values.chargerScope === 'one') return [{ id: 0, path: call.request.path }];
	const chargers: Charger[] = [];
	for await (const { id, path } of chargersOf(call)) {
		// A position holds the charger as a number.
		if (!/^\d{1,15}$/.test(id)) throw unexpectedResponse({ id }, 200, call.redact);
		chargers.push({ id: Number(id), path });
	}
	return chargers.sort((one, other) => one.id - other.id);
}

function toResumeToken({
	charger,
	at = null,
	span = 0,
	boundaryIds = [],
}: Partial<ResumeToken> & { charger: number }) {
	return { charger, at, span, boundaryIds };
}

function readResumeToken(place: Json): ResumeToken | undefined {
	const isPlace =
		isObject(place) &&
		[place.charger, place.span].every(Number.isSafeInteger) &&
		(place.at === null || (typeof place.at === 'number' && isMoment(place.at * 1000))) &&
		Array.isArray(place.boundaryIds) &&
		place.boundaryIds.every((id) => ['number', 'string'].includes(typeof id));
	return isPlace ? (place as unknown as ResumeToken) : undefined;
}

function describeTransaction(record: IDataObject, { redact }: TriggerContext): SessionSnapshot {
	const id = readId(record.id);
	if (id === undefined) {
		throw unexpectedResponse(record, 200, redact, 'transaction with an id');
	}
	const [start, stop] = [wholeOf(record.meter_start, 1), wholeOf(record.meter_stop, 1)];
	const metered = start === undefined || stop === undefined ? undefined : stop - start;
	return {
		id,
		startedAt: readUtc(record.started_at),
		endedAt: readUtc(record.stopped_at),
		createdAt: readUtc(record.created_at),
		updatedAt: readUtc(record.updated_at),
		// The meters count Wh; the total is rounded to ten of them.
		energyWh: metered ?? wholeOf(record.total_kwh, 1000),
		amountCents: wholeOf(record.total_cost, 100),
		categories: categorize(record, CATEGORY_OF),
	};
}
