import { hash } from 'node:crypto';

import { ApiError, formatValue } from '../util/errors';
import { beginningOf, type Redact } from '../http/redact';

/** One page of a list that is read by cursor. */
export interface CursorPage<T> {
	records: T[];
	/** The cursors as the API sent them, in any form of "no more". */
	nextCursor: unknown;
	previousCursor: unknown;
}

/** The page to fetch. The page size is the number of missing records, at most the page size of the walk. */
export interface CursorStep {
	cursor: string | undefined;
	pageSize: number;
}

const MAX_EMPTY_PAGES = 10;

/**
 * The cursor, or `undefined` for every form in which an API says that there is none.
 *
 * @throws ApiError when it is neither a text nor a number, for example an object.
 */
export function readCursor(given: unknown): string | undefined {
	if (given === undefined || given === null || given === false) return undefined;
	if (typeof given !== 'string' && typeof given !== 'number') {
		const kind = Array.isArray(given)
			? 'a list'
			: typeof given === 'object'
				? 'an object'
				: formatValue(given);
		throw new ApiError(
			`The API gave ${kind} as the page cursor where a text is documented, so the next page cannot be requested`,
			{ advice: 'Run it again, and report it to the vendor if it comes back.' },
		);
	}
	const text = String(given);
	return ['', 'null', 'undefined'].includes(text) ? undefined : text;
}

/** The error for a cursor that comes a second time: the list would never end. */
export function repeatedCursor(cursor: string, redact: Redact): ApiError {
	return new ApiError(
		`The API gave the page cursor "${beginningOf(cursor, redact)}" a second time, so the list would never end`,
		{ advice: 'Nothing was lost silently: run it again, and report it to the vendor if it comes back.' },
	);
}

/** The error for a page that comes a second time under another cursor: the list would never end. */
export function repeatedPage(): ApiError {
	return new ApiError(
		'The API gave a page a second time, under another cursor, so the list would never end',
		{ advice: 'Nothing was lost silently: run it again, and report it to the vendor if it comes back.' },
	);
}

/** The fields of a record without lists and objects, which can be nested without end. */
function plainFields(record: unknown): unknown {
	if (typeof record !== 'object' || record === null) return record;
	return Object.entries(record).filter(([, value]) => typeof value !== 'object');
}

/** What one reading of a list has met, so that a list that leads in a circle ends with an error. */
export class VisitedPages {
	private readonly cursors = new Set<string>();
	private readonly pages = new Set<string>();

	constructor(private readonly redact: Redact) {}

	/**
	 * Notes a page by its length and the plain fields of its first and its last record. A server that ignores the cursor gives the
	 * first page again.
	 *
	 * @throws ApiError when the same page was there before.
	 */
	addPage(records: unknown[]): void {
		if (records.length === 0) return;
		const ends = [records[0], records[records.length - 1]].map(plainFields);
		const page = hash('sha256', JSON.stringify([records.length, ...ends]), 'base64url');
		if (this.pages.has(page)) throw repeatedPage();
		this.pages.add(page);
	}

	/** @throws ApiError when the cursor was there before. */
	addCursor(cursor: string): void {
		if (this.cursors.has(cursor)) throw repeatedCursor(cursor, this.redact);
		this.cursors.add(cursor);
	}
}

/**
 * Reads a list page by page, from its beginning.
 *
 * The list ends at a page without a cursor. A short or an empty page with a new cursor is not the end. The caller may empty the
 * arrays that are yielded.
 *
 * @example
 * // A page:
 * // { records: [{ id: 1 }, { id: 2 }], nextCursor: 'abc', previousCursor: null }
 * cursorPages(async ({ cursor, pageSize }) => await getPage(cursor, pageSize), { limit: Infinity, pageSize: 100, redact })
 *
 * @param getPage Fetches one page. The filters must be the same for all pages.
 * @param walk `limit`: most records to yield, Infinity for all; `pageSize`: most records per request; `redact`: hides the key
 * in a cursor that an error names.
 * @throws ApiError when a cursor or a page comes a second time, and after ten empty pages in a row.
 */
export async function* cursorPages<T>(
	getPage: (step: CursorStep) => Promise<CursorPage<T>>,
	walk: { limit: number; pageSize: number; redact: Redact },
): AsyncGenerator<T[]> {
	const visited = new VisitedPages(walk.redact);
	let cursor: string | undefined;
	let missing = walk.limit;
	let emptyPages = 0;
	while (missing > 0) {
		if (cursor !== undefined) visited.addCursor(cursor);
		const page = await getPage({ cursor, pageSize: Math.min(missing, walk.pageSize) });
		visited.addPage(page.records);
		const records = page.records.length > missing ? page.records.slice(0, missing) : page.records;
		missing -= records.length;
		emptyPages = records.length > 0 ? 0 : emptyPages + 1;
		if (records.length > 0) yield records;

		cursor = readCursor(page.nextCursor);
		if (cursor === undefined) return;
		if (emptyPages === MAX_EMPTY_PAGES) {
			throw new ApiError(
				`The API gave ${MAX_EMPTY_PAGES} empty pages in a row and still says that more follow`,
				{
					advice: 'Narrow the filters, for example to one month, and run it again.',
				},
			);
		}
	}
}
