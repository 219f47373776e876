import { ApiError } from '../util/errors';
import { beginningOf, type Redact } from '../http/redact';

/** One page of a list that is walked by cursors. */
export interface CursorPage<T> {
	records: T[];
	/** As the API gave them: any of the forms of "no more" is fine. */
	nextCursor: unknown;
	previousCursor: unknown;
}

/** Which page to get. The page size is what is still wanted, at most the walk's page size. */
export interface CursorStep {
	cursor: string | undefined;
	direction: 'next' | 'previous';
	pageSize: number;
}

const MAX_EMPTY_PAGES = 10;

/** The cursor, or `undefined` for every way in which an API says that there is none. */
export function readCursor(given: unknown): string | undefined {
	const text = given === undefined || given === null ? '' : String(given);
	return ['', 'null', 'undefined'].includes(text) ? undefined : text;
}

/** A list that comes back to a cursor would never end. */
export function repeatedCursor(cursor: string, redact: Redact): ApiError {
	return new ApiError(
		`The API gave the page cursor "${beginningOf(cursor, redact)}" a second time, so the list would never end`,
		{ advice: 'Nothing was lost silently: run it again, and report it to the vendor if it comes back.' },
	);
}

/**
 * Walks a list page by page, from a cursor or from its beginning, forwards or backwards.
 *
 * The list ends where no cursor comes. A short or an empty page is not its end while a new cursor comes.
 *
 * @param getPage Gets one page; filters must be the same for every page of a walk.
 * @param walk `limit`: the most records to give, Infinity for all; `pageSize`: the most to ask for at once; `redact`: hides the
 * key in a cursor that a message names.
 * @throws ApiError when a cursor comes a second time (the walk would never end), and after ten empty pages in a row.
 */
export async function* cursorPages<T>(
	getPage: (step: CursorStep) => Promise<CursorPage<T>>,
	walk: { start?: string; direction?: 'next' | 'previous'; limit: number; pageSize: number; redact: Redact },
): AsyncGenerator<T[]> {
	const direction = walk.direction ?? 'next';
	const seen = new Set<string>();
	let cursor = walk.start;
	let missing = walk.limit;
	let emptyPages = 0;
	while (missing > 0) {
		if (cursor !== undefined) {
			if (seen.has(cursor)) throw repeatedCursor(cursor, walk.redact);
			seen.add(cursor);
		}
		const page = await getPage({ cursor, direction, pageSize: Math.min(missing, walk.pageSize) });
		const records = page.records.length > missing ? page.records.slice(0, missing) : page.records;
		missing -= records.length;
		if (records.length > 0) yield records;

		emptyPages = records.length > 0 ? 0 : emptyPages + 1;
		cursor = readCursor(direction === 'next' ? page.nextCursor : page.previousCursor);
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
