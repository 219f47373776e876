import { numberedPages } from '../../../nodes/shared/paging/pageNumber';

async function gather(getPage: Parameters<typeof numberedPages<number>>[0]): Promise<number[]> {
	const all: number[] = [];
	for await (const page of numberedPages(getPage, (record) => record)) {
		for (const record of page) all.push(record);
	}
	return all;
}

it('pages are numbered from 1 and read until none follows', async () => {
	const asked: number[] = [];
	const records = await gather(async (page) => {
		asked.push(page);
		return { records: [page * 10, page * 10 + 1], hasNext: page < 3 };
	});
	expect(asked).toEqual([1, 2, 3]);
	expect(records).toEqual([10, 11, 20, 21, 30, 31]);
});

it('a list without pages costs one request', async () => {
	let asked = 0;
	const records = await gather(async () => {
		asked++;
		return { records: [1, 2], hasNext: false };
	});
	expect([asked, records]).toEqual([1, [1, 2]]);
});

it('an empty list is empty', async () => {
	expect(await gather(async () => ({ records: [], hasNext: false }))).toEqual([]);
});

it('a record that moved to a later page comes once', async () => {
	const pages = [[1, 2], [2, 3], [3]];
	const walk = gather(async (page) => ({ records: pages[page - 1], hasNext: page < 3 }));
	expect(await walk).toEqual([1, 2, 3]);
});

it('an empty page is not the end while another one follows', async () => {
	const pages = [[1], [], [2]];
	const walk = gather(async (page) => ({ records: pages[page - 1], hasNext: page < 3 }));
	expect(await walk).toEqual([1, 2]);
});

it.each([
	['the same page', () => [1, 2]],
	['two pages in turn', (page: number) => [page % 2]],
])('a server that gives %s again and again is a clear error, never an endless loop', async (_, recordsOf) => {
	let asked = 0;
	const walk = gather(async (page) => {
		if (++asked > 100) throw new Error('endless');
		return { records: recordsOf(page), hasNext: true };
	});
	await expect(walk).rejects.toThrow('10 pages in a row without a new record');
});
