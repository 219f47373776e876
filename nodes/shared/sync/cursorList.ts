import { ApiError } from '../util/errors';
import { readCursor, repeatedCursor, repeatedPage, type CursorPage } from '../paging/cursor';
import { isObject, type Redact } from '../http/response';
import type { SourcePage } from './source';
import { digest } from './snapshot';
import { isMoment, type Json } from './state';

/** Pages in a row that bring nothing: empty ones, or the first page of a list without order again and again. */
const MAX_EMPTY_PAGES = 10;
/** Pages that are known again. A circle over more pages is found as well, but later. */
const MAX_SEEN = 50;
/** HTTP statuses that say nothing of the cursor: the API takes no more requests for the moment. Any other may refuse a cursor. */
const BUSY = [408, 429];

/** How far a list was read. */
type Boundary = {
	/**
	 * The time of the last record read, and the ids of the records with that time; null where the records are not sorted by
	 * time.
	 */
	highWaterMark: number | null;
	boundaryIds: Array<number | string>;
};

/** The position in a list that is read by cursor. */
type ResumeToken = Boundary & {
	/** Null where the list is to be asked for anew. */
	cursor: string | null;
	/** The start of the list in milliseconds since 1970. Filters are repeated with every cursor. */
	from: number;
	emptyPages: number;
	/** How often the list was restarted, so that the position after a restart differs from every position before it. */
	restarts: number;
	/** Number of pages since the last start. */
	pages: number;
	/** Marks of pages since the last start: of the one at the last power of two, and of the last ones. See {@link markOf}. */
	seen: string[];
	/** How far the list was in order; null where it still is, or never was. */
	sortedUntil: Boundary | null;
};

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
 * the cursor leads in a circle over any number of pages, under the same cursors or new ones, or to empty pages alone: at once if that
 * goes on from a later moment than the last start, else in the next poll, and this one ends with the `failure` of the page.
 *
 * @example
 * // A page: { records: [{ id: 1, updatedAt: '...' }], nextCursor: 'abc', previousCursor: undefined }
 * // The token of the next page:
 * // { cursor: 'abc', from: 0, highWaterMark: 1769860800000, boundaryIds: [1], emptyPages: 0, restarts: 0, pages: 1,
 * //   seen: ['bMQ_hY-7idYyQtL0', 'bMQ_hY-7idYyQtL0'], sortedUntil: null }
 *
 * @param getPage Fetches the page at a cursor, or the first page of the list from a moment on.
 * @param resumeToken `next` of the page before; null at the beginning.
 * @param redact Hides the key in a cursor that an error names.
 * @throws ApiError as `getPage` does.
 */
export async function resumePage<R>(
	getPage: (from: number, cursor: string | undefined) => Promise<CursorPage<R>>,
	orderOf: (record: R) => Ordered,
	listFrom: number,
	resumeToken: Json,
	redact: Redact,
): Promise<SourcePage<R>> {
	let before = readResumeToken(resumeToken);
	let refusal: ApiError | undefined;
	let page: CursorPage<R> | undefined;
	if (before?.cursor !== null) {
		page = await getPage(before?.from ?? listFrom, before?.cursor).catch(async (error: unknown) => {
			const status = error instanceof ApiError ? error.details.status : undefined;
			// If the cursor is not to blame, the request without it fails as well, and with the error that counts.
			const mayBeStale = before && status !== undefined && !BUSY.includes(status);
			if (!mayBeStale) return await Promise.reject(error as Error);
			refusal = error as ApiError;
			return undefined;
		});
	}
	// A state of an earlier version can hold ids as numbers.
	let boundaryIds = new Set(before?.boundaryIds.map(String));
	const isGiven = (record: R) => {
		const { id, moment } = orderOf(record);
		return moment === before?.highWaterMark && boundaryIds.has(String(id));
	};
	const records = page?.records.filter((record) => !isGiven(record)) ?? [];
	let next = page && tokenBehind(page.nextCursor, page.records.map(orderOf), before, listFrom);
	let failure = faultOf(next, before, refusal, redact);
	if (failure && before && next) {
		const boundary = next.sortedUntil ?? next;
		const anew = restarted(next, boundary, boundary.highWaterMark ?? listFrom);
		if (anew.from <= before.from) return { records, next: anew, failure };
		before = anew;
		boundaryIds = new Set(anew.boundaryIds.map(String));
		page = undefined;
	}
	if (!page) {
		const from = before?.highWaterMark ?? listFrom;
		page = await getPage(from, undefined);
		// Whole pages can consist of boundary records. They are skipped here: a list that stops at one of them would never get
		// past it while the API refuses its cursor.
		for (let left = boundaryIds.size; left > 0 && page.records.every(isGiven); left -= page.records.length) {
			const behind = readCursor(page.nextCursor);
			if (behind === undefined || page.records.length === 0) break;
			page = await getPage(from, behind);
		}
		for (const record of page.records) if (!isGiven(record)) records.push(record);
		const start = before && restarted(before, before, from, before.emptyPages);
		next = tokenBehind(page.nextCursor, page.records.map(orderOf), start, listFrom);
		// The first page of a list without order, once more.
		if (next && next.highWaterMark === null && from === before?.from) next.emptyPages = before.emptyPages + 1;
		failure = faultOf(next, start, refusal, redact);
		if (failure && next) next = restarted(next, next, next.highWaterMark ?? listFrom);
	}
	if (!next) return { records };
	const { restarts, cursor } = next;
	return { records, next, key: restarts > 0 ? `${restarts} ${cursor}` : `${cursor}`, failure };
}

/** The position of a list that is asked for anew. */
function restarted(
	{ restarts }: ResumeToken,
	{ highWaterMark, boundaryIds }: Boundary,
	from: number,
	emptyPages = 0,
): ResumeToken {
	const fresh = { cursor: null, pages: 0, seen: [], sortedUntil: null };
	return { ...fresh, from, highWaterMark, boundaryIds, emptyPages, restarts: restarts + 1 };
}

/** The position behind a page; `undefined` at the end of the list. */
function tokenBehind(
	nextCursor: unknown,
	records: Ordered[],
	before: ResumeToken | undefined,
	listFrom: number,
): ResumeToken | undefined {
	const cursor = readCursor(nextCursor);
	if (cursor === undefined) return undefined;
	const { from = listFrom, restarts = 0, pages: pagesBefore = 0, seen = [] } = before ?? {};
	const boundary = boundaryOf(records, before);
	const isBroken = before && before.highWaterMark !== null && boundary.highWaterMark === null;
	const { highWaterMark, boundaryIds } = before ?? boundary;
	const sortedUntil = isBroken ? { highWaterMark, boundaryIds } : (before?.sortedUntil ?? null);
	const emptyPages = records.length > 0 ? 0 : (before?.emptyPages ?? 0) + 1;
	const pages = pagesBefore + 1;
	const mark = markOf(cursor, records);
	const isPowerOfTwo = Number.isInteger(Math.log2(pages));
	const marks = [isPowerOfTwo ? mark : seen[0], ...[...seen.slice(1), mark].slice(-MAX_SEEN)];
	return { cursor, from, ...boundary, emptyPages, restarts, pages, seen: marks, sortedUntil };
}

const MARK_LENGTH = 8;
const cursorPart = (mark: string) => mark.slice(0, MARK_LENGTH);
const pagePart = (mark: string) => mark.slice(MARK_LENGTH);

/** A digest of the next cursor, followed by one of the records if there are some, since a server can name the same page anew. */
function markOf(cursor: string, records: Ordered[]): string {
	const page = records.length > 0 ? digest(records, MARK_LENGTH) : '';
	return digest(cursor, MARK_LENGTH) + page;
}

/** Why a list cannot be read on from a position, if so: it was there before, or nothing comes. */
function faultOf(
	next: ResumeToken | undefined,
	before: ResumeToken | undefined,
	refusal: ApiError | undefined,
	redact: Redact,
): ApiError | undefined {
	const cursor = next?.cursor ?? '';
	if (!next || !before) return undefined;
	const mark = next.seen[next.seen.length - 1];
	const isSeen = (part: (mark: string) => string) =>
		part(mark) !== '' && before.seen.some((other) => part(other) === part(mark));
	if (before.cursor === cursor || isSeen(cursorPart)) return repeatedCursor(cursor, redact);
	if (isSeen(pagePart)) return repeatedPage();
	if (next.emptyPages < MAX_EMPTY_PAGES) return undefined;
	const empty = `The API gave ${MAX_EMPTY_PAGES} empty pages in a row and still says that more follow`;
	const advice = 'The next poll tries again. Report it to the vendor if it comes back.';
	return refusal ?? new ApiError(empty, { advice });
}

function readResumeToken(resumeToken: Json): ResumeToken | undefined {
	if (!isObject(resumeToken)) return undefined;
	const { cursor, from, emptyPages, restarts, pages = 0, seen = [] } = resumeToken;
	// A state of an earlier version has another name for it.
	const { sortedUntil = resumeToken.reached ?? null } = resumeToken;
	const isSound =
		(cursor === null || typeof cursor === 'string') &&
		isMoment(from) &&
		isBoundary(resumeToken) &&
		(sortedUntil === null || isBoundary(sortedUntil)) &&
		Array.isArray(seen) &&
		seen.every((mark) => typeof mark === 'string') &&
		[emptyPages, restarts, pages].every(Number.isSafeInteger);
	return isSound ? ({ ...resumeToken, pages, seen, sortedUntil } as unknown as ResumeToken) : undefined;
}

function isBoundary(value: Json): boolean {
	if (!isObject(value)) return false;
	const { highWaterMark, boundaryIds } = value;
	return (
		(highWaterMark === null || isMoment(highWaterMark)) &&
		Array.isArray(boundaryIds) &&
		boundaryIds.every((id) => ['number', 'string'].includes(typeof id))
	);
}

/** The high-water mark and the boundary ids after these records; no mark where the records are not sorted by time. */
function boundaryOf(records: Ordered[], before: Boundary | undefined): Boundary {
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
