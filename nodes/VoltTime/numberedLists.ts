import type { IDataObject } from 'n8n-workflow';

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
