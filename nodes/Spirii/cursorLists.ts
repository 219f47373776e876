import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isObject, recordsIn, unexpectedResponse } from '../shared/http/response';
import type { ApiRequest } from '../shared/http/retry';
import {
	pageSizeOf,
	formatOnePage,
	pageReader,
	workerCount,
	toItems,
	wantedRecords,
	type ReadPage,
	type RowPage,
	type ListContext,
} from '../shared/node/lists';
import { countOf } from '../shared/node/nothingFound';
import type { OperationContext, Unfiltered } from '../shared/node/operation';
import { cursorPages, readCursor, repeatedCursor, type CursorPage } from '../shared/paging/cursor';
import { readId } from '../shared/util/ids';
import { readTimeSlices, type TimeRange } from '../shared/paging/timeSlices';
import { cutOf } from './period';
import { rangeOf, sortKeyIn, type TimeOrder } from './timeOrder';

/** Returns the time that a list is sorted by, or `undefined` if it is unknown or has no filter. */
export type OrderOf = (query: ApiRequest['query']) => TimeOrder | undefined;

/** Pages that an export may hold until their turn comes. It bounds the memory of an export that reads several pages at once. */
const MAX_BUFFERED_PAGES = 8;

/**
 * All pages of a v2 list, up to the wanted number of records. The filters are sent with every cursor, as all known clients do.
 *
 * If the order of the list is known, several time ranges of it are read at once.
 *
 * @param maxBuffered Pages to hold until their turn comes.
 * @throws ApiError if a response is not `{ data: [...] }`.
 */
function manyPages(call: ListContext, orderOf: OrderOf, maxBuffered: number): AsyncGenerator<RowPage> {
	const { request, values } = call;
	const { query } = request;
	const limit = cutOf(values) ? Infinity : wantedRecords(values);
	const pageSize = pageSizeOf(call);
	const order = limit > pageSize ? orderOf(query) : undefined;

	const walk = (range?: TimeRange) => {
		const filters = range && order ? rangeOf(query, order, range) : query;
		return cursorPages(
			async ({ cursor, pageSize: size }) => {
				const position = cursor === undefined ? {} : { nextPageCursor: cursor };
				return await pageOf(call, { ...request, query: { ...filters, ...position, limit: size } });
			},
			{
				limit: range ? Infinity : limit,
				pageSize,
				redact: call.redact,
			},
		);
	};
	return readTimeSlices({
		walk,
		last: async () => {
			const last = await pageOf(call, {
				...request,
				query: { ...query, ...order?.reversed, limit: 1 },
			});
			return last.records[0] as IDataObject | undefined;
		},
		sortKeyOf: (record) => (order ? sortKeyIn(order, record) : undefined),
		readPage: periodReader(call),
		pageSize,
		concurrency: workerCount(values),
		maxBuffered,
	});
}

/** Reads the records of a page that lie in the period. */
function periodReader(call: Pick<OperationContext, 'endpoint' | 'read' | 'values'>): ReadPage {
	const readPage = pageReader(call);
	const cut = cutOf(call.values);
	return cut ? (page) => readPage(page.filter(cut)) : readPage;
}

/** All pages of a v2 list, one item per record. */
export function getMany(orderOf: OrderOf): (call: ListContext) => Promise<INodeExecutionData[]> {
	return async (call) => await toItems(manyPages(call, orderOf, Infinity), call);
}

/** All pages of a v2 list, for files. */
export function pagesForFiles(orderOf: OrderOf): (call: ListContext) => AsyncGenerator<RowPage> {
	return (call) => manyPages(call, orderOf, MAX_BUFFERED_PAGES);
}

/** Whether a v2 list has a record without filters: it gives no total. */
export async function countAll(call: OperationContext): Promise<Unfiltered> {
	const { path } = call.request;
	const { records } = await call.once(
		`first of ${path}`,
		async () => await pageOf(call, { ...call.request, query: { limit: 1 } }),
	);
	return countOf(records);
}

/**
 * One page of a v2 list as one item: the records in `data`, both cursors (null if there is none), `hasNextPage` and `count`. An
 * empty page is one item as well, so that a loop can read the cursor.
 *
 * @throws ApiError if the response repeats the cursor that was sent: a loop would never end.
 */
export async function getOnePage(call: OperationContext): Promise<INodeExecutionData[]> {
	const page = await pageOf(call, call.request);
	const cut = cutOf(call.values);
	const rows = formatOnePage(call, cut ? page.records.filter(cut) : page.records);
	const nextPageCursor = readCursor(page.nextCursor) ?? null;
	const previousPageCursor = readCursor(page.previousCursor) ?? null;
	const { query } = call.request;
	if (nextPageCursor !== null && nextPageCursor === query.nextPageCursor)
		throw repeatedCursor(nextPageCursor, call.redact);
	if (previousPageCursor !== null && previousPageCursor === query.previousPageCursor) {
		throw repeatedCursor(previousPageCursor, call.redact);
	}
	return [
		{
			json: {
				data: rows,
				count: rows.length,
				hasNextPage: nextPageCursor !== null,
				nextPageCursor,
				previousPageCursor,
			},
		},
	];
}

/**
 * One record. v1 and v2 return it directly or in `data`.
 *
 * @throws ApiError if the response has no id, and so is not a record.
 */
export async function getOne(call: OperationContext): Promise<INodeExecutionData[]> {
	const response = (await call.getJson(call.request)) as IDataObject;
	const record = isObject(response.data) ? response.data : response;
	if (!isObject(record) || readId(record[call.endpoint.idField]) === undefined)
		throw unexpectedResponse(response, 200, call.redact);
	return [{ json: call.format([record as IDataObject])[0] }];
}

/**
 * One page of a v2 list.
 *
 * @throws ApiError if the response is not `{ data: [...] }`.
 */
export async function pageOf(
	{ getJson, redact }: Pick<OperationContext, 'getJson' | 'redact'>,
	request: ApiRequest,
): Promise<CursorPage<IDataObject>> {
	const response = (await getJson(request)) as IDataObject;
	return {
		records: recordsIn(response, 'data', redact),
		nextCursor: response.nextPageCursor,
		previousCursor: response.previousPageCursor,
	};
}
