import { ApiError } from '../util/errors';
import { filterUnseen, type IdOf } from './recordKey';

const MAX_PAGES_WITHOUT_PROGRESS = 10;

/**
 * Reads a list by page number, from 1 on, and yields each record once although pages may shift meanwhile.
 *
 * @example
 * // A page:
 * // { records: [{ id: 1 }, { id: 2 }], hasNext: true }
 * numberedPages(async (page) => await getPage(page), ({ id }) => id)
 *
 * @param getPage Fetches one page, and tells whether another one follows.
 * @throws ApiError when ten pages in a row bring nothing new and still say that more follow.
 */
export async function* numberedPages<T>(
	getPage: (page: number) => Promise<{ records: T[]; hasNext: boolean }>,
	idOf: IdOf<T>,
): AsyncGenerator<T[]> {
	const seen = new Set<unknown>();
	let pagesWithoutProgress = 0;
	for (let page = 1; ; page++) {
		const { records, hasNext } = await getPage(page);
		const fresh = filterUnseen(records, seen, idOf);
		if (fresh.length > 0) yield fresh;
		if (!hasNext) return;

		pagesWithoutProgress = fresh.length > 0 ? 0 : pagesWithoutProgress + 1;
		if (pagesWithoutProgress === MAX_PAGES_WITHOUT_PROGRESS) {
			throw new ApiError(
				`The API gave ${MAX_PAGES_WITHOUT_PROGRESS} pages in a row without a new record and still says that more follow`,
				{ advice: 'Run it again, and report it to the vendor if it comes back.' },
			);
		}
	}
}
