import type { INodeParameters } from 'n8n-workflow';

import type { Output } from '../support/n8n';
import { failureOf, useSandbox, type TestBed } from '../support/sandbox';

/** The three lists of Spirii, the first two walked by cursor, the third by offset. */
const LISTS = [
	{ resource: 'chargeRecord', list: 'chargeRecords', key: 'transactionId', largest: 5000 },
	{ resource: 'transaction', list: 'transactions', key: 'id', largest: 2500 },
	{ resource: 'legacyChargeRecord', list: 'legacyChargeRecords', key: 'id', largest: 2000 },
] as const;
const CURSOR_LISTS = [LISTS[0], LISTS[1]];
const PAGE = 20;

/** The list of a test, with what reads it. */
type List = (typeof LISTS)[number];

const ids = ({ items }: Output, { key }: List) => items.map(({ json }) => json[key] as number);
const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);

/** One page after another; `paging.atOnce.test.ts` has several at once. */
async function readAll(house: TestBed, { resource }: List, options: INodeParameters): Promise<Output> {
	const one = { concurrency: 1, ...options };
	return await house.run.spirii({ resource, operation: 'getAll', returnAll: true, options: one });
}

describe.each([0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])('a list of %i records', (records) => {
	const house = useSandbox({ records, plain: true });

	test.each(LISTS)('of $resource comes whole, each record once', async (list) => {
		const output = await readAll(house, list, { pageSize: PAGE });
		expect(sorted(ids(output, list))).toEqual(house.spirii.data.listed(list.list));
		expect(output.items).toHaveLength(records);
		const offsetAndOverlap = list.resource === 'legacyChargeRecord' && records > PAGE ? PAGE - 1 : PAGE;
		expect(house.spirii.requests.length).toBeLessThanOrEqual(Math.ceil(records / offsetAndOverlap) || 1);
	});

	test.each(LISTS)('of $resource is cut at the limit', async (list) => {
		for (const limit of [1, PAGE, PAGE + 1, 2 * PAGE + 1, 1000]) {
			const { resource } = list;
			const output = await house.run.spirii({
				resource,
				operation: 'getAll',
				limit,
				options: { pageSize: PAGE },
			});
			const read = ids(output, list);
			expect(read).toHaveLength(Math.min(limit, records));
			expect(new Set(read).size).toBe(read.length);
		}
	});
});

describe('a list of 25,000 records', () => {
	const house = useSandbox({ records: 25_000, plain: true });

	test.each(LISTS)('of $resource comes whole, each record once, in few requests', async (list) => {
		const output = await readAll(house, list, { pageSize: list.largest });
		expect(sorted(ids(output, list))).toEqual(house.spirii.data.listed(list.list));
		expect(house.spirii.requests.length).toBeLessThanOrEqual(Math.ceil(25_000 / list.largest) + 1);
	});

	test.each(LISTS)('of $resource costs one request of 5 when the limit is 5', async (list) => {
		const output = await house.run.spirii({ resource: list.resource, operation: 'getAll', limit: 5 });
		expect(output.items).toHaveLength(5);
		expect(house.spirii.requests.map(({ query }) => query.get('limit'))).toEqual(['5']);
	});

	test.each(LISTS)('of $resource asks for no more than is missing on the last page', async (list) => {
		const { resource } = list;
		const options = { pageSize: 1000 };
		const output = await house.run.spirii({ resource, operation: 'getAll', limit: 2500, options });
		expect(output.items).toHaveLength(2500);
		const asked = house.spirii.requests.map(({ query }) => Number(query.get('limit')));
		expect(asked).toHaveLength(3);
		// One by offset reads one record again, to see whether the list has moved.
		expect(asked[2]).toBeLessThanOrEqual(resource === 'legacyChargeRecord' ? 503 : 500);
	});
});

describe('a list of 200,000 records', () => {
	const house = useSandbox({ records: 200_000, plain: true });

	test('comes in one execution', async () => {
		const output = await readAll(house, LISTS[0], { pageSize: 5000, fields: ['transactionId'] });
		expect(output.items).toHaveLength(200_000);
		expect(new Set(ids(output, LISTS[0])).size).toBe(200_000);
		expect(house.spirii.requests).toHaveLength(40);
	}, 120_000);
});

describe('the end of a list', () => {
	const house = useSandbox({ records: 50, plain: true });
	const forms = ['missing', 'null', 'empty', 'nullText', 'undefinedText'] as const;

	describe.each(CURSOR_LISTS)('of $resource', (list) => {
		test.each(forms)('is understood when the last cursor is %s', async (endOfList) => {
			house.spirii.switches.endOfList = endOfList;
			const output = await readAll(house, list, { pageSize: PAGE });
			expect(sorted(ids(output, list))).toEqual(house.spirii.data.listed(list.list));
			expect(house.spirii.requests).toHaveLength(3);
		});

		test.each(forms)('is null for a loop when the last cursor is %s', async (endOfList) => {
			house.spirii.switches.endOfList = endOfList;
			const { items } = await house.run.spirii({
				resource: list.resource,
				operation: 'getPage',
				options: { pageSize: 50 },
			});
			expect(items).toHaveLength(1);
			expect(items[0].json).toMatchObject({
				count: 50,
				hasNextPage: false,
				nextPageCursor: null,
				previousPageCursor: null,
			});
		});
	});
});

describe('a page that is not full', () => {
	const house = useSandbox({ records: 100, plain: true });

	describe.each(LISTS)('of $resource', (list) => {
		test.each([
			['short', 'first', 'shortPage', 1],
			['short', 'third', 'shortPage', 3],
			['empty', 'first', 'emptyPage', 1],
			['empty', 'third', 'emptyPage', 3],
		] as const)('is no end when it is %s, as the %s page', async (_, __, kind, number) => {
			const when = () => house.spirii.requests.length >= number;
			house.spirii.faults.push({ kind, when });
			const output = await readAll(house, list, { pageSize: PAGE });
			expect(sorted(ids(output, list))).toEqual(house.spirii.data.listed(list.list));
			expect(house.spirii.faults).toEqual([]);
		});

		test('is no end when it is short every time', async () => {
			house.spirii.faults.push({ kind: 'shortPage', times: 100 });
			const output = await readAll(house, list, { pageSize: PAGE });
			expect(sorted(ids(output, list))).toEqual(house.spirii.data.listed(list.list));
		});

		test('is followed by more when a few empty ones come in a row', async () => {
			house.spirii.faults.push({ kind: 'emptyPage', times: 5, when: () => house.spirii.requests.length > 1 });
			const output = await readAll(house, list, { pageSize: PAGE });
			expect(sorted(ids(output, list))).toEqual(house.spirii.data.listed(list.list));
		});

		test('ends with a clear error instead of a loop when nothing but empty ones come', async () => {
			house.spirii.faults.push({ kind: 'emptyPage', times: 1000 });
			const { message, description } = await failureOf(readAll(house, list, { pageSize: PAGE }));
			expect(message).toMatch(
				list.resource === 'legacyChargeRecord'
					? 'The API says that the list holds 100 records, but gives only 0'
					: 'The API gave 10 empty pages in a row',
			);
			expect(description).not.toBe('');
			expect(house.spirii.requests).toHaveLength(10);
		});
	});

	test('because the server allows smaller ones only is no end', async () => {
		house.spirii.switches.maxPageSize = 7;
		const output = await readAll(house, LISTS[0], { pageSize: PAGE });
		expect(sorted(ids(output, LISTS[0]))).toEqual(house.spirii.data.listed('chargeRecords'));
	});
});

describe('a cursor that comes a second time', () => {
	const house = useSandbox({ records: 100, plain: true });

	test.each(CURSOR_LISTS)('is an error that names it, for $resource', async (list) => {
		house.spirii.faults.push({ kind: 'repeatedCursor' });
		const { message } = await failureOf(readAll(house, list, { pageSize: PAGE }));
		const [, second] = house.spirii.requests;
		const cursor = second.query.get('nextPageCursor') ?? '';
		expect(message).toBe(
			`The API gave the page cursor "${cursor}" a second time, so the list would never end`,
		);
		expect(house.spirii.requests).toHaveLength(2);
	});
});

describe('a walk from a cursor', () => {
	const house = useSandbox({ records: 95, plain: true });
	const filters = { chargeRecord: { mode: 'cpo' }, transaction: { transactionType: 'nonRoaming' } };

	test.each(CURSOR_LISTS)('repeats the filters of $resource with every cursor', async ({ resource }) => {
		const parameters = { resource, operation: 'getAll', returnAll: true, filters: filters[resource] };
		await house.run.spirii({ ...parameters, options: { pageSize: PAGE, concurrency: 1 } });
		const [[name, value]] = Object.entries(filters[resource]);
		expect(house.spirii.requests).toHaveLength(5);
		expect(house.spirii.requests.map(({ query }) => query.get(name))).toEqual(Array(5).fill(value));
	});

	test.each(CURSOR_LISTS)('page by page visits each $resource once, forwards and back', async (list) => {
		const page = async (cursor: INodeParameters) => {
			const { items } = await house.run.spirii({
				resource: list.resource,
				operation: 'getPage',
				options: { pageSize: PAGE },
				...cursor,
			});
			expect(items).toHaveLength(1);
			const { json } = items[0];
			const data = json.data as Array<Record<string, number>>;
			expect([json.count, json.hasNextPage]).toEqual([data.length, json.nextPageCursor !== null]);
			return {
				ids: data.map((record) => record[list.key]),
				next: json.nextPageCursor as string | null,
				previous: json.previousPageCursor as string | null,
			};
		};

		let at = await page({});
		const forwards = [at.ids];
		while (at.next !== null) {
			at = await page({ nextPageCursor: at.next });
			forwards.push(at.ids);
		}
		expect(sorted(forwards.flat())).toEqual(house.spirii.data.listed(list.list));

		const back = [at.ids];
		while (at.previous !== null) {
			at = await page({ previousPageCursor: at.previous });
			back.unshift(at.ids);
		}
		expect(back.flat()).toEqual(forwards.flat());
	});

	test('page by page by offset visits each legacyChargeRecord once', async () => {
		const read: number[] = [];
		let offset = 0;
		for (let hasNextPage = true; hasNextPage;) {
			const { items } = await house.run.spirii({
				resource: 'legacyChargeRecord',
				operation: 'getPage',
				offset,
				options: { pageSize: PAGE },
			});
			const { json } = items[0];
			expect(json).toMatchObject({ offset, totalElements: 95 });
			read.push(...(json.data as Array<{ id: number }>).map(({ id }) => id));
			offset = json.nextOffset as number;
			hasNextPage = json.hasNextPage as boolean;
		}
		expect(read).toEqual(house.spirii.data.listed('legacyChargeRecords'));
	});
});
