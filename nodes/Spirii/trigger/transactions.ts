import type { IDataObject } from 'n8n-workflow';

import type { TriggerContext, TriggerSource } from '../../shared/node/triggerSource';
import { resumePage } from '../../shared/sync/cursorList';
import type { SessionList, Source } from '../../shared/sync/source';
import { snapshotReader } from '../../shared/sync/snapshot';
import { readUtc, toIsoUtc } from '../../shared/parameters/dates';
import { readId } from '../../shared/util/ids';
import { pageOf } from '../cursorLists';
import { transactionKind } from '../records';
import { transactions as list } from '../resources/transaction';
import { ENDED, listStart, NEWEST_FOR_IDS, twoLists, UPDATED, without } from './scanLists';

const snapshotOf = snapshotReader(transactionKind);

/** `GET /v2/transactions`: running and recently finished sessions. */
export const transactions: TriggerSource = {
	value: 'transaction',
	name: 'Transactions',
	description: 'Running and recently finished charging sessions, updated as they go',
	endpoint: list.endpoint,
	records: transactionKind,
	properties: [
		without(list.filters, 'endedAt', 'endedAtMax', 'ongoing', 'startedAt', 'updatedAt', 'updatedAtMax'),
	],
	fetchOptions: list.options.filter(({ name }) => name === 'pageSize'),
	open: openTransactions,
};

/**
 * Reads transactions without `sortBy`: that parameter reverses the order. A time filter alone sorts a list oldest first; a list
 * with the newest first loses records that are updated while it is read.
 */
function openTransactions(call: TriggerContext): Source<IDataObject> {
	const { request, pageSize } = call;
	const get = async (more: Record<string, unknown>) =>
		await pageOf(call, { ...request, query: { ...request.query, ...more } });
	/** Makes a list that is filtered by one time, and therefore sorted by it. */
	const listOf = (
		properties: Omit<SessionList<IDataObject>, 'fetchPage'>,
		sortField: 'endedAt' | 'updatedAt',
	): SessionList<IDataObject> => ({
		...properties,
		fetchPage: async (from, resumeToken) =>
			await resumePage(
				async (start, nextPageCursor) =>
					await get({ [sortField]: toIsoUtc(listStart(start)), nextPageCursor, limit: pageSize }),
				(record) => ({ id: readId(record.id) ?? '', moment: readUtc(record[sortField]) }),
				from,
				resumeToken,
				call.redact,
			),
	});
	const ended = listOf(ENDED, 'endedAt');
	const updated = listOf(UPDATED, 'updatedAt');

	const newest = async (count: number) => (await get({ limit: count })).records;
	return {
		lists: [ended, updated],
		describe: snapshotOf,
		clock: call.clock,
		readClock: async () => await newest(NEWEST_FOR_IDS),
		followsRunning: false,
		listsOf: async (scan) => ({ lists: twoLists({ ended, updated }, call.event, scan), notes: null }),
		newest,
	};
}
