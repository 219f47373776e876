import { ApiError } from '../errors';

/**
 * Walks a list by page number, from 1.
 *
 * @param getPage Gets one page and says whether another one follows.
 * @throws ApiError when a page comes a second time (the walk would never end).
 */
export async function* numberedPages<T>(
	getPage: (page: number) => Promise<{ records: T[]; hasNext: boolean }>,
): AsyncGenerator<T[]> {
	let before: string | undefined;
	for (let page = 1; ; page++) {
		const { records, hasNext } = await getPage(page);
		if (hasNext || page > 1) {
			const content = JSON.stringify(records);
			if (records.length > 0 && content === before) {
				throw new ApiError(
					`The API gave the same page as number ${page - 1} and as number ${page}, so the list would never end`,
					{ advice: 'Run it again, and report it to the vendor if it comes back.' },
				);
			}
			before = content;
		}
		if (records.length > 0) yield records;
		if (!hasNext || records.length === 0) return;
	}
}
