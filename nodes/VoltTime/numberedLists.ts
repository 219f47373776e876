import type { IDataObject, INodeProperties } from 'n8n-workflow';

import {
	formatPages,
	optionsOf,
	returnAllOrLimit,
	toItems,
	wantedRecords,
	type ListContext,
} from '../shared/node/lists';
import type { Operation, ReadEndpoint } from '../shared/node/operation';
import { notSent, type WireExample } from '../shared/parameters/wireExamples';
import { numberedPages } from '../shared/paging/pageNumber';
import { recordsIn, type Redact } from '../shared/http/response';
import { readId } from '../shared/util/ids';
import type { ApiRequest } from '../shared/http/retry';

/** Sends the requests of a list. The context of an operation and the client of a picker both fit. */
export interface Reader {
	getJson: (request: ApiRequest) => Promise<object>;
	redact: Redact;
}

/**
 * All pages of a list such as teams or chargers.
 *
 * The v2 reference documents no paging. Newer references of the same service document a link to the next page, in `links.next` or
 * `next_page_url`. If a response has such a link, the next page is fetched by its number.
 */
export function listPages({ getJson, redact }: Reader, request: ApiRequest): AsyncGenerator<IDataObject[]> {
	const getPage = async (page: number) => {
		const query = page === 1 ? request.query : { ...request.query, page };
		const response = (await getJson({ ...request, query })) as IDataObject;
		const next = (response.links as IDataObject | undefined)?.next ?? response.next_page_url;
		return {
			records: recordsIn<IDataObject>(response, 'data', redact),
			hasNext: typeof next === 'string' && next !== '',
		};
	};
	return numberedPages(getPage, (record) => readId(record.id));
}

/** A list that is read to its end, one page number after the other. */
export interface NumberedList {
	endpoint: ReadEndpoint;
	plural: string;
	/** The description of Get Many. */
	description: string;
	/** The parameters of the path. */
	properties?: INodeProperties[];
}

/** Get Many: one item per record. */
export function getManyOf({ endpoint, plural, description, properties = [] }: NumberedList): Operation {
	return {
		value: 'getAll',
		name: 'Get Many',
		action: `Get many ${plural}`,
		description,
		endpoint,
		properties: [...properties, ...returnAllOrLimit, optionsOf()],
		run: async (call: ListContext) =>
			await toItems(formatPages(listPages(call, call.request), call), wantedRecords(call.values)),
	};
}

/** Wire examples of a list without a limit. The whole list is read, and the node applies the limit. */
export const unlimitedExamples = (): Record<string, WireExample[]> => ({
	returnAll: notSent(false),
	limit: notSent(7),
	timeout: notSent(30),
});
