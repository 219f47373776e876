import { ApiError } from '../util/errors';
import { readCursor, repeatedCursor, type CursorPage } from '../paging/cursor';
import { isObject, type Redact } from '../http/response';
import type { SourcePage } from './source';
import { isMoment, type Json } from './state';

const MAX_EMPTY_PAGES = 10;
/** HTTP statuses that say nothing of the cursor: the API takes no more requests for the moment. Any other may refuse a cursor. */
const BUSY = [408, 429];

/** The position in a list that is read by cursor. */
interface ResumeToken {
	cursor: string;
	/** The start of the list in milliseconds since 1970. Filters are repeated with every cursor. */
	from: number;
	/**
	 * The time of the last record read, and the ids of the records with that time; null where the records are not sorted by
	 * time.
	 */
	highWaterMark: number | null;
	boundaryIds: Array<number | string>;
	emptyPages: number;
	/** How often the list was restarted, so that the position after a restart differs from every position before it. */
	restarts: number;
}

/** A record's position in the order of a list. */
export interface Ordered {
	id: number | string;
	/** `undefined` where the record has no such time. */
	moment: number | undefined;
}

/**
 * Reads the next page of a list that is read by cursor and sorted by a time.
 *
 * A later poll continues where an earlier one stopped. If the API refuses the cursor by then, with whatever status, the list is
 * restarted at the high-water mark, and the boundary records, which have exactly that time, are left out. It is restarted as well where
 * the cursor leads to its own page, or to empty pages alone, as long as that goes on from a later moment than the last start.
 *
 * @example
 * // A page: { records: [{ id: 1, updatedAt: '...' }], nextCursor: 'abc', previousCursor: undefined }
 * // The token of the next page:
 * // { cursor: 'abc', from: 0, highWaterMark: 1769860800000, boundaryIds: [1], emptyPages: 0, restarts: 0 }
 *
 * @param getPage Fetches the page at a cursor, or the first page of the list from a moment on.
 * @param resumeToken `next` of the page before; null at the beginning.
 * @param redact Hides the key in a cursor that an error names.
 * @throws ApiError as `getPage` does; when a page leads back to itself, and after ten empty pages in a row, where a restart goes no
 * further.
 */
export async function resumePage<R>(
	getPage: (from: number, cursor: string | undefined) => Promise<CursorPage<R>>,
	orderOf: (record: R) => Ordered,
	listFrom: number,
	resumeToken: Json,
	redact: Redact,
): Promise<SourcePage<R>> {
	let before = readResumeToken(resumeToken);
	let from = before?.from ?? listFrom;
	let page = await getPage(from, before?.cursor).catch(async (error: unknown) => {
		const status = error instanceof ApiError ? error.details.status : undefined;
		// If the cursor is not to blame, the request without it fails as well, and with the error that counts.
		const mayBeStale = before && status !== undefined && !BUSY.includes(status);
		return mayBeStale ? undefined : await Promise.reject(error as Error);
	});
	// A state of an earlier version can hold ids as numbers.
	let boundaryIds = new Set(before?.boundaryIds.map(String));
	const isGiven = (record: R) => {
		const { id, moment } = orderOf(record);
		return moment === before?.highWaterMark && boundaryIds.has(String(id));
	};
	let restarts = before?.restarts ?? 0;
	const given: R[] = [];
	if (page && before && isStuck(page, before)) {
		const boundary = boundaryOf(page.records.map(orderOf), before);
		if (boundary.highWaterMark !== null && boundary.highWaterMark > before.from) {
			for (const record of page.records) if (!isGiven(record)) given.push(record);
			before = { ...before, ...boundary, emptyPages: 0 };
			boundaryIds = new Set(boundary.boundaryIds.map(String));
			page = undefined;
		}
	}
	if (!page) {
		from = before?.highWaterMark ?? listFrom;
		restarts++;
		page = await getPage(from, undefined);
		// Whole pages can consist of boundary records. They are skipped here: a list that stops at one of them would never get
		// past it while the API refuses its cursor.
		for (let left = boundaryIds.size; left > 0 && page.records.every(isGiven); left -= page.records.length) {
			const behind = readCursor(page.nextCursor);
			if (behind === undefined || page.records.length === 0) break;
			page = await getPage(from, behind);
		}
	}
	const records = [...given, ...page.records.filter((record) => !isGiven(record))];

	const cursor = readCursor(page.nextCursor);
	if (cursor === undefined) return { records };
	if (cursor === before?.cursor && restarts === before.restarts) throw repeatedCursor(cursor, redact);
	const emptyPages = page.records.length > 0 ? 0 : (before?.emptyPages ?? 0) + 1;
	if (emptyPages === MAX_EMPTY_PAGES) {
		throw new ApiError(
			`The API gave ${MAX_EMPTY_PAGES} empty pages in a row and still says that more follow`,
			{ advice: 'The next poll tries again. Report it to the vendor if it comes back.' },
		);
	}
	const next = { cursor, from, ...boundaryOf(page.records.map(orderOf), before), emptyPages, restarts };
	return { records, next, key: restarts > 0 ? `${restarts} ${cursor}` : cursor };
}

/** Whether a page leads to itself, or is one of too many empty ones. */
function isStuck({ records, nextCursor }: CursorPage<unknown>, { cursor, emptyPages }: ResumeToken): boolean {
	const next = readCursor(nextCursor);
	const isTooMany = records.length === 0 && emptyPages + 1 >= MAX_EMPTY_PAGES;
	return next !== undefined && (next === cursor || isTooMany);
}

function readResumeToken(resumeToken: Json): ResumeToken | undefined {
	const isPlace =
		isObject(resumeToken) &&
		typeof resumeToken.cursor === 'string' &&
		isMoment(resumeToken.from) &&
		(resumeToken.highWaterMark === null || isMoment(resumeToken.highWaterMark)) &&
		Array.isArray(resumeToken.boundaryIds) &&
		resumeToken.boundaryIds.every((id) => ['number', 'string'].includes(typeof id)) &&
		[resumeToken.emptyPages, resumeToken.restarts].every(Number.isSafeInteger);
	return isPlace ? (resumeToken as unknown as ResumeToken) : undefined;
}

/** The high-water mark and the boundary ids after these records; no mark where the records are not sorted by time. */
function boundaryOf(
	records: Ordered[],
	before: ResumeToken | undefined,
): Pick<ResumeToken, 'highWaterMark' | 'boundaryIds'> {
	if (records.length === 0)
		return { highWaterMark: before?.highWaterMark ?? null, boundaryIds: before?.boundaryIds ?? [] };
	let highWaterMark = before ? before.highWaterMark : -Infinity;
	for (const { moment } of records) {
		const isLater = highWaterMark !== null && moment !== undefined && moment >= highWaterMark;
		highWaterMark = isLater ? moment : null;
	}
	if (highWaterMark === null) return { highWaterMark, boundaryIds: [] };
	const earlier = before?.highWaterMark === highWaterMark ? before.boundaryIds : [];
	const there = records.filter(({ moment }) => moment === highWaterMark).map(({ id }) => id);
	return { highWaterMark, boundaryIds: [...new Set([...earlier, ...there])] };
}
