import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isObject, recordsIn, unexpectedResponse } from '../shared/http/response';
import type { ApiRequest } from '../shared/http/retry';
import {
	pageSizeOf,
	pageFormatter,
	workerCount,
	toItems,
	wantedRecords,
	type FormattedPage,
	type ListContext,
} from '../shared/node/lists';
import type { OperationContext } from '../shared/node/operation';
import { cursorPages, readCursor, repeatedCursor, type CursorPage } from '../shared/paging/cursor';
import { readId } from '../shared/util/ids';
import { readTimeSlices, type TimeRange } from '../shared/paging/timeSlices';
import { partOf, sortKeyIn, type TimeOrder } from './timeOrder';

/** Finds out which time a list is sorted by; `undefined` where that isn't known, or can't be bounded. */
export type OrderOf = (query: ApiRequest['query']) => TimeOrder | undefined;

/** Pages that an export keeps until their turn, while it reads several at once: its memory stays flat. */
const MAX_BUFFERED_PAGES = 8;

/**
 * All pages of a v2 list, up to the wanted number of records. The filters go out with every cursor, as all clients known
 * of do; one cursor takes the place of the other.
 *
 * A list of which the order is known is read in parts of its time, several at once.
 *
 * @param maxBuffered Pages to keep until their turn.
 * @throws ApiError when an answer is not `{ data: [...] }`.
 */
function manyPages(call: ListContext, orderOf: OrderOf, maxBuffered: number): AsyncGenerator<FormattedPage> {
	const { request, values } = call;
	const { nextPageCursor, previousPageCursor, ...query } = request.query;
	const start = (previousPageCursor ?? nextPageCursor) as string | undefined;
	const limit = wantedRecords(values);
	const pageSize = pageSizeOf(call);
	const order = start === undefined && limit > pageSize ? orderOf(query) : undefined;

	const walk = (part?: TimeRange) => {
		const asked = part && order ? partOf(query, order, part) : query;
		return cursorPages(
			async (step) => {
				const cursorName = step.direction === 'next' ? 'nextPageCursor' : 'previousPageCursor';
				const position = step.cursor === undefined ? {} : { [cursorName]: step.cursor };
				return await pageOf(call, { ...request, query: { ...asked, ...position, limit: step.pageSize } });
			},
			{
				start,
				direction: previousPageCursor === undefined ? 'next' : 'previous',
				limit: part ? Infinity : limit,
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
		take: pageFormatter(call),
		pageSize,
		concurrency: workerCount(values),
		maxBuffered,
	});
}

/** All pages of a v2 list, one item per record. */
export function getMany(orderOf: OrderOf): (call: ListContext) => Promise<INodeExecutionData[]> {
	return async (call) => await toItems(manyPages(call, orderOf, Infinity), wantedRecords(call.values));
}

/** All pages of a v2 list, for files. */
export function pagesForFiles(orderOf: OrderOf): (call: ListContext) => AsyncGenerator<FormattedPage> {
	return (call) => manyPages(call, orderOf, MAX_BUFFERED_PAGES);
}

/**
 * One page of a v2 list as one item: `data` with the records, both cursors (null where there is none), `hasNextPage`
 * and `count`. One item even when the page is empty, so that a loop can read the cursor.
 *
 * @throws ApiError when the answer leads back to the cursor that was sent: a loop would never end.
 */
export async function getOnePage(call: OperationContext): Promise<INodeExecutionData[]> {
	const page = await pageOf(call, call.request);
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
				data: pageFormatter(call)(page.records).rows,
				count: page.records.length,
				hasNextPage: nextPageCursor !== null,
				nextPageCursor,
				previousPageCursor,
			},
		},
	];
}

/**
 * One record; v1 and v2 give it bare, and a `data` around it is taken off.
 *
 * @throws ApiError when what comes has no id: it is no record.
 */
export async function getOne(call: OperationContext): Promise<INodeExecutionData[]> {
	const answer = (await call.getJson(call.request)) as IDataObject;
	const record = isObject(answer.data) ? answer.data : answer;
	if (!isObject(record) || readId(record[call.endpoint.idField]) === undefined)
		throw unexpectedResponse(answer, 200, call.redact);
	return [{ json: call.format([record as IDataObject])[0] }];
}

/**
 * One page of a v2 list.
 *
 * @throws ApiError when the answer is not `{ data: [...] }`.
 */
export async function pageOf(
	{ getJson, redact }: Pick<OperationContext, 'getJson' | 'redact'>,
	request: ApiRequest,
): Promise<CursorPage<IDataObject>> {
	const answer = (await getJson(request)) as IDataObject;
	return {
		records: recordsIn(answer, 'data', redact),
		nextCursor: answer.nextPageCursor,
		previousCursor: answer.previousPageCursor,
	};
}
