/**
 * Walks a list by page number, from 1.
 *
 * @param getPage Gets one page and says whether another one follows.
 */
export async function* numberedPages<T>(
	getPage: (page: number) => Promise<{ records: T[]; hasNext: boolean }>,
): AsyncGenerator<T[]> {
	for (let page = 1; ; page++) {
		const { records, hasNext } = await getPage(page);
		if (records.length > 0) yield records;
		if (!hasNext || records.length === 0) return;
	}
}
