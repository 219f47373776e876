import type { IDataObject } from 'n8n-workflow';

import { repeatedCursor } from '../shared/paging/cursor';
import { filterUnseen } from '../shared/paging/recordKey';
import { isObject, recordsIn, type Redact } from '../shared/http/response';
import type { ApiRequest } from '../shared/http/retry';
import { parseUrl } from '../shared/http/url';
import { ApiError } from '../shared/util/errors';
import { readId } from '../shared/util/ids';
import { VENDOR_HOSTS } from './vendor';

/** Sends the requests of a list. The context of an operation and the client of a picker both fit. */
export interface LinkReader {
	getJson: (request: ApiRequest) => Promise<object>;
	baseUrl: string;
	redact: Redact;
	/** Tells the user something that is no error. */
	hint?: (message: string) => void;
}

const MAX_EMPTY_PAGES = 10;

/**
 * All pages of a list of version 3, each record once.
 *
 * The next page is in `links.next` (with or without totals in `meta`) or in `next_page_url`, and its address holds a page number or a
 * cursor. Where the link is missing, but a cursor or the number of the last page is there, the page is asked for by these. A list
 * without any of them has one page. Of the address only the query is used, with the path and the base URL of the first
 * request: behind a proxy, the vendor names its own host, which must not be asked. So the key goes nowhere else.
 *
 * @example
 * // { data: [{ uuid: '…' }], links: { next: 'https://app.plugchoice.com/api/v3/sites?page=2' } }
 * for await (const records of linkedPages(call, request)) …
 *
 * @param onCut Called where the list ends before its total. Without it, that is an error.
 * @throws ApiError if the next page is at another host or came before, and for a page without anything new that has a next one.
 */
export async function* linkedPages(
	{ getJson, baseUrl, redact }: LinkReader,
	request: ApiRequest,
	onCut: (count: number, total: number) => void = throwCut,
): AsyncGenerator<IDataObject[]> {
	const seen = new Set<unknown>();
	const addresses = new Set<string>();
	let { query } = request;
	let emptyPages = 0;
	let count = 0;
	let total = Infinity;
	for (;;) {
		const response = (await getJson({ ...request, query })) as IDataObject;
		const records = Array.isArray(response)
			? recordsIn<IDataObject>({ data: response }, 'data', redact)
			: recordsIn<IDataObject>(response, 'data', redact);
		count += records.length;
		// Sessions that come in meanwhile are in the later totals alone.
		total = Math.min(total, totalOf(response) ?? Infinity);
		const fresh = filterUnseen(records, seen, idOf);
		if (fresh.length > 0) yield fresh;

		const next = nextOf(response);
		if (next === undefined) {
			if (total !== Infinity && total > count) onCut(count, total);
			return;
		}
		emptyPages = records.length > 0 ? 0 : emptyPages + 1;
		if ((records.length > 0 && fresh.length === 0) || emptyPages === MAX_EMPTY_PAGES) {
			throw new ApiError(
				'The API gave a page without a new record and still says that more follow, so the list would never end',
				{ advice: 'Run it again, and report it to the vendor if it comes back.' },
			);
		}
		if (addresses.has(next)) throw repeatedCursor(next, redact);
		addresses.add(next);
		query = { ...request.query, ...Object.fromEntries(nextQuery(next, baseUrl)) };
	}
}

/** What a page says of the list: beside its records, or in `meta`. */
function metaOf(response: IDataObject): IDataObject {
	return isObject(response.meta) ? (response.meta as IDataObject) : response;
}

/** How many records the list has, where a page says it. */
export function totalOf(response: IDataObject): number | undefined {
	const { total } = metaOf(response);
	return typeof total === 'number' ? total : undefined;
}

/** The address of the next page, or the query that leads there. */
export function nextOf(response: IDataObject): string | undefined {
	const isText = (value: unknown) => typeof value === 'string' && value !== '';
	const next = (response.links as IDataObject | undefined)?.next ?? response.next_page_url;
	if (isText(next)) return next as string;
	const { next_cursor: cursor, current_page: page, last_page: last } = metaOf(response);
	if (isText(cursor)) return `?${new URLSearchParams({ cursor: cursor as string })}`;
	return Number(last) > Number(page) ? `?page=${Number(page) + 1}` : undefined;
}

function throwCut(count: number, total: number): void {
	throw new ApiError(
		`The API gave ${count} of the ${total} records that it says the list has, and no next page, so the list cannot be read completely`,
		{ advice: 'Run it again, and report it to the vendor if it comes back.' },
	);
}

/** The query of the address of the next page. Its host must be that of the credential, or one of the vendor's. */
export function nextQuery(next: string, baseUrl: string): URLSearchParams {
	const url = parseUrl(next, baseUrl);
	const { host } = new URL(baseUrl);
	if (url && [host, ...VENDOR_HOSTS].includes(url.host)) return url.searchParams;
	throw new ApiError(
		`The API says that the next page is at ${url?.host || 'an address that cannot be read'}, and not at ${host}`,
		{
			advice: `That address is not followed, and the key is not sent to it. Behind a proxy, the next page may be at the host of the base URL or at one of the vendor's (${VENDOR_HOSTS.join(', ')}). Correct the base URL in the credential, or the proxy.`,
			failure: 'configuration-invalid',
		},
	);
}

/** Version 3 gives most records a number and a UUID, and some only one of the two. */
function idOf({ id, uuid }: IDataObject): string | undefined {
	return readId(id) ?? readId(uuid);
}
