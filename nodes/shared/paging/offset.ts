import { ApiError } from '../errors';

/** One page of a list that is walked by offset. */
export interface OffsetPage<T> {
	records: T[];
	/** Records in the whole list at this moment; `undefined` where the API doesn't say. */
	total: number | undefined;
}

const MOST_FRUITLESS_PAGES = 10;

/**
 * Walks a list by offset, and gives every record once although the list may change meanwhile.
 *
 * Each page but the first begins with the last record already read. Where that record is missing, records before it
 * have left the list and the rest has moved up, over the edge of the page: the walk goes back by a page and reads on,
 * and what was given before is not given again. The list ends where the total, as the newest page has it, is reached;
 * without a total, where nothing comes behind the last record.
 *
 * @param getPage Gets the records at an offset; fewer than asked for is not the end.
 * @param walk `idOf`: the record's identity; `start`: records to skip; `limit`: the most records to give, Infinity for
 * all; `pageSize`: the most to ask for at once.
 * @throws ApiError when ten pages in a row bring nothing new although the list has not ended.
 */
export async function* offsetPages<T>(
	getPage: (offset: number, pageSize: number) => Promise<OffsetPage<T>>,
	walk: { idOf: (record: T) => unknown; start: number; limit: number; pageSize: number },
): AsyncGenerator<T[]> {
	const seen = new Set<unknown>();
	let offset = walk.start;
	let missing = walk.limit;
	let fruitless = 0;
	while (missing > 0) {
		const overlap = seen.size > 0 && offset > walk.start ? 1 : 0;
		const pageSize = Math.min(missing + overlap, Math.max(walk.pageSize, 1 + overlap));
		const { records, total } = await getPage(offset - overlap, pageSize);

		const fresh: T[] = [];
		for (const record of records) {
			const id = walk.idOf(record);
			if (fresh.length === missing || (id !== undefined && seen.has(id))) continue;
			fresh.push(record);
		}
		const joins = overlap === 0 || (records.length > 0 && !fresh.includes(records[0]));
		const end = offset - overlap + records.length;
		if (!joins) {
			offset = Math.max(walk.start, offset - walk.pageSize);
		} else {
			for (const record of fresh) seen.add(walk.idOf(record));
			missing -= fresh.length;
			if (fresh.length > 0) yield fresh;
			const endReached = total === undefined ? records.length <= overlap : end >= total;
			if (endReached) return;
			offset = end;
		}

		fruitless = joins && fresh.length > 0 ? 0 : fruitless + 1;
		if (fruitless === MOST_FRUITLESS_PAGES) {
			throw new ApiError('The list changes faster than it can be read', {
				advice: 'Sort by ID, leave out an upper bound on the update time, or ask for a shorter time span.',
			});
		}
	}
}
