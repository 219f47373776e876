import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../../shared/util/errors';
import type { TriggerContext, TriggerSource } from '../../shared/node/triggerSource';
import { resumePage } from '../../shared/sync/cursorList';
import type { SessionList, Source, SourcePage } from '../../shared/sync/source';
import { snapshotReader } from '../../shared/sync/snapshot';
import type { Json } from '../../shared/sync/state';
import { readUtc, toIsoUtc } from '../../shared/parameters/dates';
import { readId } from '../../shared/util/ids';
import { filterEncoders } from '../filter';
import { pageOf } from '../cursorLists';
import { chargeRecordKind } from '../records';
import { chargeRecords as list } from '../resources/chargeRecord';
import { ENDED, listStart, NEWEST_FOR_IDS, twoLists, UPDATED, without } from './scanLists';

const snapshotOf = snapshotReader(chargeRecordKind);

/** `GET /v2/charge-records`: finished sessions with price. */
export const chargeRecords: TriggerSource = {
	value: 'chargeRecord',
	name: 'Charge Records',
	description: 'Finished charging sessions with energy, price and location',
	endpoint: list.endpoint,
	records: chargeRecordKind,
	properties: [without(list.filters, 'updatedAtFrom', 'updatedAtTo')],
	fetchOptions: list.options.filter(({ name }) => name === 'pageSize'),
	encode: filterEncoders,
	open: openChargeRecords,
};

function openChargeRecords(call: TriggerContext): Source<IDataObject> {
	const { request, pageSize, event } = call;
	// Charge records are of finished sessions; `ongoing` adds running ones.
	const query = event === 'started' ? { ...request.query, ongoing: 1 } : request.query;
	const get = async (more: Record<string, unknown>) =>
		await pageOf(call, { ...request, query: { ...query, ...more } });
	/** The user's filter combined with a filter on times. */
	const filterWith = (times: object) => {
		const own = typeof query.filter === 'string' ? [JSON.parse(query.filter) as object] : [];
		return JSON.stringify(own.length > 0 ? { $and: [...own, times] } : times);
	};

	/** Makes a list that `queryFrom` requests from a moment on, and that is sorted by `sortField`. */
	const listOf = (
		properties: Omit<SessionList<IDataObject>, 'fetchPage'>,
		sortField: 'endedAt' | 'updatedAt',
		queryFrom: (from: Date) => Record<string, unknown>,
	): SessionList<IDataObject> => ({
		...properties,
		fetchPage: async (from, resumeToken) =>
			await resumePage(
				async (start, nextPageCursor) =>
					await get({ ...queryFrom(listStart(start)), nextPageCursor, limit: pageSize }),
				(record) => ({ id: readId(record.transactionId) ?? '', moment: readUtc(record[sortField]) }),
				from,
				resumeToken,
				call.redact,
			),
	});
	const since = (from: Date) => ({ $gte: toIsoUtc(from) });
	const updated = listOf(UPDATED, 'updatedAt', (from) => ({ updatedAtFrom: toIsoUtc(from) }));
	/** After a long pause: a record that was created in it can have an old end and an old update. */
	const updatedOrCreated = listOf({ ...UPDATED, key: 'updatedOrCreated' }, 'updatedAt', (from) => ({
		filter: filterWith({ $or: [{ updatedAt: since(from) }, { createdAt: since(from) }] }),
	}));
	const ended = listOf(ENDED, 'endedAt', (from) => ({
		filter: filterWith({ endedAt: since(from) }),
		sortKey: 'endedAt',
		sortDirection: 'asc',
	}));
	/** Ended, updated and created sessions in one list, sorted by their update. */
	const endedOrUpdated = listOf({ ...UPDATED, key: 'either', coversEnded: true }, 'updatedAt', (from) => ({
		filter: filterWith({
			$or: [{ updatedAt: since(from) }, { endedAt: since(from) }, { createdAt: since(from) }],
		}),
	}));
	/**
	 * All sessions, the newest end first, up to the first one that ended before the scan. Used where the filter does not work.
	 */
	const allNewestFirst = listOf({ ...ENDED, key: 'newestEnded', order: 'newestFirst' }, 'updatedAt', () => ({
		sortKey: 'endedAt',
		sortDirection: 'desc',
	}));
	const newestEnded: SessionList<IDataObject> = {
		...allNewestFirst,
		fetchPage: async (from, resumeToken, running) =>
			untilOlder(await unlessRefused(allNewestFirst.fetchPage(from, resumeToken, running)), from),
	};

	const newest = async (count: number) => (await get({ sortDirection: 'desc', limit: count })).records;
	return {
		lists: [ended, newestEnded, updated, updatedOrCreated, endedOrUpdated],
		describe: snapshotOf,
		clock: call.clock,
		readClock: async () => await newest(NEWEST_FOR_IDS),
		followsRunning: false,
		listsOf: async (scan, notes) => {
			if (event === 'started') return { lists: [updated], notes: null };
			const known = scan.deep ? null : notes;
			const filter = known ?? (await tryFilter(get));
			const isShort = scan.kind === 'regular' || scan.kind === 'silent';
			const fails = filter === FAILS;
			const inOne = !fails && (isShort || filter === WORKS_UNSORTED);
			const two = fails ? { ended: newestEnded, updated } : { ended, updated: updatedOrCreated };
			return { lists: inOne ? [endedOrUpdated] : twoLists(two, event, scan), notes: filter };
		},
		newest,
	};
}

const WORKS = 'the filter compares dates';
const WORKS_UNSORTED = 'the filter compares dates, and the list cannot be sorted by the end';
const FAILS = 'the filter does not compare dates';

/**
 * Tests whether the `filter` compares dates as dates, which is not documented: it must find records of this century, and none
 * of the next. A filter fails if it is refused, ignored, or compares dates as text. If it works, sorting by the end is tested
 * as well. Returns null where there is no record to test with.
 */
async function tryFilter(
	get: (more: Record<string, unknown>) => Promise<{ records: object[] }>,
): Promise<Json> {
	const finds = async (filter: object, sortKey?: string) => {
		const found = await unlessRefused(get({ filter: JSON.stringify(filter), sortKey, limit: 1 }));
		return found && found.records.length > 0;
	};
	const past = { $gte: '2000-01-01T00:00:00.000Z' };
	const future = { $gte: '2100-01-01T00:00:00.000Z' };
	const findsPast = await finds({ $and: [{ updatedAt: past }, { endedAt: past }] });
	if (findsPast === true) {
		const findsFuture = await finds({
			$or: [{ updatedAt: future }, { endedAt: future }, { createdAt: future }],
		});
		if (findsFuture !== false) return FAILS;
		return (await finds({ endedAt: past }, 'endedAt')) ? WORKS : WORKS_UNSORTED;
	}
	if (findsPast === undefined) return FAILS;
	const any = await get({ filter: undefined, limit: 1 });
	return any.records.length > 0 ? FAILS : null;
}

/** The response, or `undefined` where the API refuses the request. */
async function unlessRefused<T>(response: Promise<T>): Promise<T | undefined> {
	return await response.catch(async (error: unknown) => {
		const isRefused = error instanceof ApiError && [400, 422].includes(error.details.status ?? 0);
		return isRefused ? undefined : await Promise.reject(error as Error);
	});
}

/**
 * Ends a list that has the newest end first at the start of the scan.
 *
 * @param page `undefined` where the API refused it.
 * @throws ApiError when the list is not in that order, so that its end cannot be recognized.
 */
function untilOlder(page: SourcePage<IDataObject> | undefined, from: number): SourcePage<IDataObject> {
	const ends = (page?.records ?? [])
		.map((record) => readUtc(record.endedAt))
		.filter((end) => end !== undefined);
	if (!page || ends.some((end, index) => index > 0 && end > ends[index - 1])) {
		throw new ApiError(
			'Spirii neither filters nor sorts charge records by their end, so some could be missed',
			{
				advice: 'Choose Transactions as the source of the trigger.',
				failure: 'configuration-invalid',
			},
		);
	}
	const isOver = ends.length > 0 && ends[ends.length - 1] < from;
	return isOver ? { records: page.records } : page;
}
