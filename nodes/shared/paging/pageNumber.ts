import { ApiError } from '../util/errors';
import { takeFresh, type IdOf } from './recordKey';

const MOST_FRUITLESS_PAGES = 10;

/**
 * Walks a list by page number, from 1, and gives every record once although pages may shift meanwhile.
 *
 * @param getPage Gets one page and says whether another one follows.
 * @throws ApiError when ten pages in a row bring nothing new and still say that more follow.
 */
export async function* numberedPages<T>(
	getPage: (page: number) => Promise<{ records: T[]; hasNext: boolean }>,
	idOf: IdOf<T>,
): AsyncGenerator<T[]> {
	const seen = new Set<unknown>();
	let fruitless = 0;
	for (let page = 1; ; page++) {
		const { records, hasNext } = await getPage(page);
		const fresh = takeFresh(records, seen, idOf);
		if (fresh.length > 0) yield fresh;
		if (!hasNext) return;

		fruitless = fresh.length > 0 ? 0 : fruitless + 1;
		if (fruitless === MOST_FRUITLESS_PAGES) {
			throw new ApiError(
				`The API gave ${MOST_FRUITLESS_PAGES} pages in a row without a new record and still says that more follow`,
				{ advice: 'Run it again, and report it to the vendor if it comes back.' },
			);
		}
	}
}
