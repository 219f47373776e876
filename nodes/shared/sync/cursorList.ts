import { ApiError } from '../util/errors';
import { readCursor, repeatedCursor, type CursorPage } from '../paging/cursor';
import { isObject, type Redact } from '../http/response';
import type { SourcePage } from './source';
import { isMoment, type Json } from './state';

const MAX_EMPTY_PAGES = 10;
/** How an API may say that it does not know a cursor any more. */
const STALE = [400, 404, 410, 422];

/** Where to go on in a list that is walked by cursors. */
interface ResumeToken {
	cursor: string;
	/** The moment from which the list was asked for: filters go out with every cursor. */
	from: number;
	/** The moment of the last record read, where the list came in their order; and the ids of those at that moment. */
	highWaterMark: number | null;
	boundaryIds: Array<number | string>;
	emptyPages: number;
	/** How often it was asked for anew, so that a place after that is another one than before. */
	restarts: number;
}

/** A record's place in the order of a list. */
export interface Ordered {
	id: number | string;
	/** `undefined` where it lacks the time by which the list is ordered. */
	moment: number | undefined;
}

/**
 * Reads on in a list that is walked by cursors and ordered by a time.
 *
 * A later poll goes on where an earlier one stopped. Where the API refuses the cursor by then, the list is asked for anew
 * from the last moment that was reached, and what stood at that moment is not given again.
 *
 * @param getPage Gets the list from a moment on, from its beginning or behind a cursor.
 * @param place As the page before gave it; null at the beginning.
 * @param redact Hides the key in a cursor that a message names.
 * @throws ApiError as `getPage` does, when a page leads back to itself, and after ten empty pages in a row.
 */
export async function resumePage<R>(
	getPage: (from: number, cursor: string | undefined) => Promise<CursorPage<R>>,
	orderOf: (record: R) => Ordered,
	listFrom: number,
	resumeToken: Json,
	redact: Redact,
): Promise<SourcePage<R>> {
	const before = readResumeToken(resumeToken);
	let from = before?.from ?? listFrom;
	let page = await getPage(from, before?.cursor).catch(async (error: unknown) => {
		const isStale = before && error instanceof ApiError && STALE.includes(error.details.status ?? 0);
		return isStale ? undefined : await Promise.reject(error as Error);
	});
	// Stored by an earlier version, ids can be numbers.
	const boundaryIds = new Set(before?.boundaryIds.map(String));
	const isGiven = (record: R) => {
		const { id, moment } = orderOf(record);
		return moment === before?.highWaterMark && boundaryIds.has(String(id));
	};
	let restarts = before?.restarts ?? 0;
	if (!page) {
		from = before?.highWaterMark ?? listFrom;
		restarts++;
		page = await getPage(from, undefined);
		// Whole pages may stand at that moment. Behind them it goes on; a cursor that was refused would not lead there again.
		for (
			let given = boundaryIds.size;
			given > 0 && page.records.every(isGiven);
			given -= page.records.length
		) {
			const behind = readCursor(page.nextCursor);
			if (behind === undefined || page.records.length === 0) break;
			page = await getPage(from, behind);
		}
	}
	const records = page.records.filter((record) => !isGiven(record));

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
	return { records, next, key: cursor };
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

/** The last moment of the records and the ids at it; no moment where they don't come in the order of time. */
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
