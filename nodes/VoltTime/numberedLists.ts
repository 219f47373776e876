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

/** What reading a list takes; an operation's call and a picker's client both have it. */
export interface Reader {
	getJson: (request: ApiRequest) => Promise<object>;
	redact: Redact;
}

/**
 * All pages of a list such as teams or chargers.
 *
 * The pages of the v2 reference show no paging; newer ones of the same service link to a next page, in `links.next` or
 * in `next_page_url`. Where such a link comes, the next page is asked for by its number.
 */
export function listPages({ getJson, redact }: Reader, request: ApiRequest): AsyncGenerator<IDataObject[]> {
	const getPage = async (page: number) => {
		const query = page === 1 ? request.query : { ...request.query, page };
		const answer = (await getJson({ ...request, query })) as IDataObject;
		const next = (answer.links as IDataObject | undefined)?.next ?? answer.next_page_url;
		return {
			records: recordsIn<IDataObject>(answer, 'data', redact),
			hasNext: typeof next === 'string' && next !== '',
		};
	};
	return numberedPages(getPage, (record) => readId(record.id));
}

/** A list that is read whole, page number after page number. */
export interface NumberedList {
	endpoint: ReadEndpoint;
	plural: string;
	/** For the description of Get Many. */
	description: string;
	/** Which records: the parameters of the path. */
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

/** The whole list is read, so it takes no limit. */
export const unlimitedExamples = (): Record<string, WireExample[]> => ({
	returnAll: notSent(false),
	limit: notSent(7),
	timeout: notSent(30),
});
