import { FirstError } from '../util/firstError';

/**
 * Reads several lists concurrently and yields their pages in the order of the lists.
 *
 * At most `concurrency` lists are read or buffered at any moment. When one fails, its error is thrown at once, even if it is
 * not the turn of that list. After that, or when the consumer stops, no further list is started and the others stop at their next
 * page.
 *
 * Hand-written because p-limit (5 KB) starts the next list when any list ends, so finished lists pile up behind a slow one.
 *
 * @example
 * // Two lists, read at once; the pages of the second one come after those of the first one.
 * concatConcurrently([() => pagesOf(1), () => pagesOf(2)], 2)
 *
 * @param lists Each function starts one list.
 */
export async function* concatConcurrently<T>(
	lists: Array<() => AsyncGenerator<T>>,
	concurrency: number,
): AsyncGenerator<T> {
	let stopped = false;
	const firstError = new FirstError();
	const collect = async (start: () => AsyncGenerator<T>): Promise<T[]> => {
		const pages: T[] = [];
		for await (const page of start()) {
			if (stopped) break;
			pages.push(page);
		}
		return pages;
	};

	const running: Array<Promise<T[]>> = [];
	let next = 0;
	const begin = () => {
		const list = collect(lists[next++]);
		list.catch(() => (stopped = true));
		firstError.watch(list);
		running.push(list);
	};

	try {
		while (next < lists.length && running.length < concurrency) begin();
		while (running.length > 0) {
			// After an error the other lists stop early, so their pages are incomplete.
			const pages = await firstError.orResultOf(running[0]);
			running.shift();
			if (next < lists.length) begin();
			for (const page of pages) yield page;
		}
	} finally {
		stopped = true;
	}
}
