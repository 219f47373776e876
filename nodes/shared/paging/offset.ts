import { ApiError } from '../util/errors';
import { FirstError } from '../util/firstError';
import { recordKey, type IdOf } from './recordKey';

/** One page of a list that is read by offset. */
export interface OffsetPage<T> {
	records: T[];
	/** Records in the whole list at this moment; `undefined` where the API doesn't send it. */
	total: number | undefined;
}

type GetPage<T> = (offset: number, pageSize: number) => Promise<OffsetPage<T>>;

const MAX_PAGES_WITHOUT_PROGRESS = 10;

/** Records that are kept for comparison: more than can move while a list is read. */
const MAX_KEPT = 20_000;

/**
 * Reads a list by offset and yields each record once, although the list may change meanwhile.
 *
 * Each page but the first begins with an anchor: the last record that was read. An unchanged anchor proves that every record in
 * front of it was read too. A new record in its place has moved up, because records before it have left the list. A changed
 * record may have moved to the end, past records that were not read yet. In both cases the walk goes back by a page; records
 * that were yielded before are skipped.
 *
 * The list ends at the total of the newest page; without a total, at an empty page behind the last record. If the total is
 * larger than the number of records read, the list is read again from its beginning: in a list with the newest first, an
 * updated record moves there.
 *
 * @example
 * // A page; `total` may be missing.
 * // { records: [{ id: 1 }, { id: 2 }], total: 250 }
 * offsetPages(async (offset, pageSize) => await getPage(offset, pageSize), walk)
 *
 * @param getPage Fetches the records at an offset. A page may be shorter than requested.
 * @param walk `idOf`: id of a record, whose content identifies it where it has none; `start`: records to skip; `limit`: most
 * records to yield, Infinity for all; `pageSize`: most records per request; `concurrency`: pages to request at the same time,
 * once the total is known and until a page does not join the one before it; then the list is read again from its beginning, one
 * page after another; `unstableListAdvice`: advice for the user where the list changes too fast. Records are compared later, so
 * the caller must not change them before the walk ends.
 * @throws ApiError when ten pages bring nothing new although the list has not ended.
 */
export async function* offsetPages<T>(
	getPage: GetPage<T>,
	walk: {
		idOf: IdOf<T>;
		start: number;
		limit: number;
		pageSize: number;
		concurrency: number;
		unstableListAdvice: string;
	},
): AsyncGenerator<T[]> {
	let next = prefetch(getPage, walk.concurrency);
	let severalAtOnce = walk.concurrency > 1;
	/** Keys of all records that were read. */
	const known = new Set<unknown>();
	/** The newest version of the records read last, in two generations. A record that is in neither counts as changed. */
	let recent = new Map<unknown, T>();
	let older = recent;
	const keep = (key: unknown, record: T) => {
		known.add(key);
		recent.set(key, record);
		if (recent.size < MAX_KEPT) return;
		older = recent;
		recent = new Map();
	};
	let offset = walk.start;
	let missing = walk.limit;
	let lastPageSize = 0;
	/** The first record of the list. A server that ignores the offset begins every page with it. */
	let first: string | undefined;
	/** The last record that was read. */
	let last: T | undefined;
	/** The largest total so far. With concurrent requests, a later response can hold an older total. */
	let largestTotal = 0;
	let secondLook = false;
	let confirmsEnd = false;
	let pagesWithoutProgress = 0;
	const isAnchor = (record: T) => {
		const key = recordKey(record, walk.idOf);
		const content = JSON.stringify(record);
		// A prefetched page was requested before its predecessor arrived, so it joins only if its first record equals the last one
		// read.
		if (severalAtOnce && content !== JSON.stringify(last)) return false;
		const unchanged = content === JSON.stringify(recent.get(key) ?? older.get(key));
		return unchanged && (content !== first || offset - 1 === walk.start);
	};
	while (missing > 0) {
		const isConfirming: boolean = confirmsEnd;
		const anchors: number = known.size > 0 && offset > walk.start && !isConfirming ? 1 : 0;
		confirmsEnd = false;
		// A server that gives less than requested may give nothing but the anchor, so a page without progress asks for more.
		const wanted = pagesWithoutProgress > 0 ? Infinity : missing + anchors;
		const pageSize = Math.min(wanted, Math.max(walk.pageSize, 1 + anchors));
		const { records, total } = await next(offset - anchors, pageSize);

		const fresh: T[] = [];
		const joins = anchors === 0 || (records.length > 0 && isAnchor(records[0]));
		if (!joins) {
			offset = severalAtOnce ? walk.start : Math.max(walk.start, offset - Math.max(lastPageSize, 1));
		} else {
			if (anchors === 0 && !isConfirming && records.length > 0) first = JSON.stringify(records[0]);
			for (const record of records) {
				const key = recordKey(record, walk.idOf);
				const isNew = !known.has(key);
				if (isNew && fresh.length === missing) continue;
				if (isNew) fresh.push(record);
				keep(key, record);
			}
			missing -= fresh.length;
			if (fresh.length > 0) yield fresh;

			last = records.at(-1) ?? last;
			lastPageSize = records.length;
			offset = offset - anchors + lastPageSize;
			const hasNone = records.length === 0 || (isConfirming && fresh.length === 0);
			const endReached = total === undefined ? hasNone : offset >= total;
			// Without a total, a short page can hold nothing but the anchor: what is behind it is requested by itself.
			confirmsEnd = total === undefined && records.length === 1 && anchors === 1;
			largestTotal = severalAtOnce ? Math.max(largestTotal, total ?? 0) : (total ?? 0);
			const allGiven = walk.start + known.size >= largestTotal;
			if (allGiven ? endReached || secondLook : secondLook && fresh.length === 0) return;
			if (endReached) {
				// Pages that were read one after another get a second look; pages that were read at once are read again.
				secondLook = !severalAtOnce;
				offset = walk.start;
			}
		}

		// New records at the beginning alone are no progress: a list may be another one for each request.
		if (fresh.length === 0) pagesWithoutProgress++;
		else if (anchors === 1 || isConfirming) pagesWithoutProgress = Math.min(pagesWithoutProgress, 0);
		const beginsAgain = offset === walk.start;
		if (severalAtOnce && beginsAgain) {
			severalAtOnce = false;
			next = getPage;
			// The records that were read already come again first.
			pagesWithoutProgress = -Math.ceil((2 * known.size) / Math.max(lastPageSize, 1));
		}
		if (pagesWithoutProgress === MAX_PAGES_WITHOUT_PROGRESS) {
			if (joins && total !== undefined && walk.start + known.size < total) {
				throw new ApiError(
					`The API says that the list holds ${total} records, but gives only ${known.size}`,
					{
						advice: 'Narrow the filters, for example to one month. Nothing was left out silently.',
					},
				);
			}
			throw new ApiError('The list changes faster than it can be read', { advice: walk.unstableListAdvice });
		}
	}
}

/**
 * Prefetches the next pages, assuming that nothing shifts: each page begins with the last record of the one before it. A
 * request for another page discards the prefetched ones.
 */
function prefetch<T>(getPage: GetPage<T>, concurrency: number): GetPage<T> {
	if (concurrency === 1) return getPage;
	let prefetchedPages = new Map<number, Promise<OffsetPage<T>>>();
	let firstError = new FirstError();
	let size = 0;
	let total = 0;
	return async (offset, pageSize) => {
		firstError.throwIfAny();
		if (!prefetchedPages.has(offset) || pageSize !== size) {
			prefetchedPages = new Map();
			firstError = new FirstError();
		}
		const page = prefetchedPages.get(offset) ?? getPage(offset, pageSize);
		prefetchedPages.delete(offset);
		size = pageSize;
		const step = pageSize - 1;
		for (let next = offset + step; step > 0 && next + 1 < total; next += step) {
			if (prefetchedPages.size >= concurrency - 1) break;
			if (prefetchedPages.has(next)) continue;
			const prefetched = getPage(next, pageSize);
			firstError.watch(prefetched);
			prefetchedPages.set(next, prefetched);
		}
		const response = await firstError.orResultOf(page);
		total = response.total ?? 0;
		return response;
	};
}
