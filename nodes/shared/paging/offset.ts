import { ApiError } from '../util/errors';
import { recordKey, type IdOf } from './recordKey';

/** One page of a list that is walked by offset. */
export interface OffsetPage<T> {
	records: T[];
	/** Records in the whole list at this moment; `undefined` where the API doesn't say. */
	total: number | undefined;
}

type GetPage<T> = (offset: number, pageSize: number) => Promise<OffsetPage<T>>;

const MAX_PAGES_WITHOUT_PROGRESS = 10;

/** Records that are kept for comparison: far more than move while a list is read. */
const MAX_KEPT = 20_000;

/**
 * Walks a list by offset, and gives every record once although the list may change meanwhile.
 *
 * Each page but the first begins with the last record already read. A record that was read before, and is still the same,
 * proves that everything in front of it was read too. One that is new has moved up over the edge of the page, because
 * records before it have left the list; one that has changed may have moved to the end, over what was not read yet. The
 * walk then goes back by a page and reads on, and what was given before is not given again.
 *
 * The list ends where the total, as the newest page has it, is reached; without a total, where nothing comes behind the
 * last record. Where the total says that the list holds more than was given, it is read again from its beginning: a
 * record that was updated unread moves there in a list with the newest first.
 *
 * @param getPage Gets the records at an offset; fewer than asked for is not the end.
 * @param walk `idOf`: the record's identity, its content where it has none; `start`: records to skip; `limit`: the most
 * records to give, Infinity for all; `pageSize`: the most to ask for at once; `concurrency`: pages to ask for at the same
 * time, once the total is known, until one does not join the one before it: the list moves, so it is read again from its
 * beginning, page after page. Records are compared later, so they must not
 * be changed before the walk ends.
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
	let next = readAhead(getPage, walk.concurrency);
	let severalAtOnce = walk.concurrency > 1;
	/** What was read. */
	const known = new Set<unknown>();
	/** The last of it in two generations, each record in its newest form; what is older counts as changed. */
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
	/** The list's first record. A server that ignores the offset begins every page with it. */
	let first: string | undefined;
	/** The last one that was read. */
	let last: T | undefined;
	/** Answers that were asked for at once overtake each other: the largest total tells whether a record is missing. */
	let largestTotal = 0;
	let secondLook = false;
	let pagesWithoutProgress = 0;
	const isAnchor = (record: T) => {
		const key = recordKey(record, walk.idOf);
		const content = JSON.stringify(record);
		// What was read ahead proves nothing of what was read after it, so it has to begin right where that ends.
		if (severalAtOnce && content !== JSON.stringify(last)) return false;
		const unchanged = content === JSON.stringify(recent.get(key) ?? older.get(key));
		return unchanged && (content !== first || offset - 1 === walk.start);
	};
	while (missing > 0) {
		const overlap = known.size > 0 && offset > walk.start ? 1 : 0;
		const pageSize = Math.min(missing + overlap, Math.max(walk.pageSize, 1 + overlap));
		const { records, total } = await next(offset - overlap, pageSize);

		const fresh: T[] = [];
		const joins = overlap === 0 || (records.length > 0 && isAnchor(records[0]));
		if (!joins) {
			offset = severalAtOnce ? walk.start : Math.max(walk.start, offset - Math.max(lastPageSize, 1));
		} else {
			if (overlap === 0 && records.length > 0) first = JSON.stringify(records[0]);
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
			offset = offset - overlap + lastPageSize;
			const endReached = total === undefined ? records.length <= overlap : offset >= total;
			largestTotal = severalAtOnce ? Math.max(largestTotal, total ?? 0) : (total ?? 0);
			const allGiven = walk.start + known.size >= largestTotal;
			if (allGiven ? endReached || secondLook : secondLook && fresh.length === 0) return;
			if (endReached) {
				// A second look where pages were read one after another; what was read at once has to be read again.
				secondLook = !severalAtOnce;
				offset = walk.start;
			}
		}

		// New records at the beginning alone are no progress: a list may be a new one each time it is asked for.
		if (fresh.length === 0) pagesWithoutProgress++;
		else if (overlap === 1) pagesWithoutProgress = Math.min(pagesWithoutProgress, 0);
		const beginsAgain = offset === walk.start;
		if (severalAtOnce && beginsAgain) {
			severalAtOnce = false;
			next = getPage;
			// What was read comes again first.
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
 * Asks for the pages that come next, if nothing shifts, before they are wanted: each begins with the last record of the one
 * before it. As soon as another page is wanted, what was asked for ahead is of no use any more.
 */
function readAhead<T>(getPage: GetPage<T>, concurrency: number): GetPage<T> {
	if (concurrency === 1) return getPage;
	let ahead = new Map<number, Promise<OffsetPage<T>>>();
	let size = 0;
	let total = 0;
	return async (offset, pageSize) => {
		if (!ahead.has(offset) || pageSize !== size) ahead = new Map();
		const page = ahead.get(offset) ?? getPage(offset, pageSize);
		ahead.delete(offset);
		size = pageSize;
		const step = pageSize - 1;
		for (let next = offset + step; step > 0 && next + 1 < total; next += step) {
			if (ahead.size >= concurrency - 1) break;
			if (ahead.has(next)) continue;
			const early = getPage(next, pageSize);
			// Whoever wants it hears of it.
			early.catch(() => undefined);
			ahead.set(next, early);
		}
		const answer = await page;
		total = answer.total ?? 0;
		return answer;
	};
}
