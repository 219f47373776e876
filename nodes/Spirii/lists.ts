import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isObject, recordsIn, unexpectedAnswer } from '../shared/request/answer';
import type { ApiRequest } from '../shared/request/transport';
import { pageSizeOf, toItems, wantedRecords } from '../shared/node/lists';
import type { Call } from '../shared/node/operation';
import { cursorPages, readCursor, repeatedCursor, type CursorPage } from '../shared/paging/cursor';

/**
 * All pages of a v2 list, up to the wanted number of records. The filters go out with every cursor, as all clients known
 * of do; one cursor takes the place of the other.
 *
 * @throws ApiError when an answer is not `{ data: [...] }`.
 */
export function manyPages(call: Call): AsyncGenerator<IDataObject[]> {
	const { request, values } = call;
	const { nextPageCursor, previousPageCursor, ...query } = request.query;
	return cursorPages(
		async ({ cursor, direction, pageSize }) => {
			const cursorName = direction === 'next' ? 'nextPageCursor' : 'previousPageCursor';
			const position = cursor === undefined ? {} : { [cursorName]: cursor };
			return await pageOf(call, { ...request, query: { ...query, ...position, limit: pageSize } });
		},
		{
			start: (previousPageCursor ?? nextPageCursor) as string | undefined,
			direction: previousPageCursor === undefined ? 'next' : 'previous',
			limit: wantedRecords(values),
			pageSize: pageSizeOf(call),
		},
	);
}

/** All pages of a v2 list, one item per record. */
export async function getMany(call: Call): Promise<INodeExecutionData[]> {
	return await toItems(manyPages(call), call, wantedRecords(call.values));
}

/**
 * One page of a v2 list as one item: `data` with the records, both cursors (null where there is none), `hasNextPage`
 * and `count`. One item even when the page is empty, so that a loop can read the cursor.
 *
 * @throws ApiError when the answer leads back to the cursor that was sent: a loop would never end.
 */
export async function getOnePage(call: Call): Promise<INodeExecutionData[]> {
	const page = await pageOf(call, call.request);
	const nextPageCursor = readCursor(page.nextCursor) ?? null;
	const previousPageCursor = readCursor(page.previousCursor) ?? null;
	const { query } = call.request;
	if (nextPageCursor !== null && nextPageCursor === query.nextPageCursor)
		throw repeatedCursor(nextPageCursor);
	if (previousPageCursor !== null && previousPageCursor === query.previousPageCursor) {
		throw repeatedCursor(previousPageCursor);
	}
	return [
		{
			json: {
				data: call.write(page.records),
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
export async function getOne(call: Call): Promise<INodeExecutionData[]> {
	const answer = (await call.getJson(call.request)) as IDataObject;
	const record = isObject(answer.data) ? answer.data : answer;
	if (!isObject(record) || !(call.endpoint.idField in record))
		throw unexpectedAnswer(JSON.stringify(answer), 200, call.redact);
	return [{ json: call.write([record as IDataObject])[0] }];
}

/**
 * One page of a v2 list.
 *
 * @throws ApiError when the answer is not `{ data: [...] }`.
 */
export async function pageOf(
	{ getJson, redact }: Pick<Call, 'getJson' | 'redact'>,
	request: ApiRequest,
): Promise<CursorPage<IDataObject>> {
	const answer = (await getJson(request)) as IDataObject;
	return {
		records: recordsIn(answer, 'data', redact),
		nextCursor: answer.nextPageCursor,
		previousCursor: answer.previousPageCursor,
	};
}
