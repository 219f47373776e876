import { type INodeExecutionData, type INodeParameters } from 'n8n-workflow';

import type { FaultKind } from '../../sandbox';
import { binaryOf } from '../support/n8n';
import { holdRequests, runHeld, watchRequests, type HeldRequests } from '../support/requests';
import { failureOf, useSandbox, type Failure } from '../support/sandbox';
import { holdWaits } from '../support/waits';

const house = useSandbox({ records: 60, transactionsPerCharger: 12, plain: true });

const itemsOf = (...values: unknown[]): INodeExecutionData[] =>
	values.map((value) => ({ json: { value } })) as INodeExecutionData[];
const getOne: INodeParameters = { resource: 'transaction', operation: 'get', id: '={{ $json.value }}' };
const rowsOf = (items: INodeExecutionData[]) => items.map(({ json, pairedItem }) => ({ json, pairedItem }));

describe('several input items', () => {
	test('are each run with their own parameters, and their rows are paired with them', async () => {
		const chargers = house.voltTime.data.chargers(1142);
		const { items } = await house.run.voltTime(
			{
				resource: 'legacyTransaction',
				operation: 'getAll',
				teamId: { __rl: true, mode: 'id', value: '1142' },
				chargerId: { __rl: true, mode: 'id', value: '={{ $json.charger }}' },
				limit: '={{ $json.limit }}',
				options: { orderBy: '={{ $json.order }}' },
			},
			{
				items: [
					{ json: { charger: chargers[0].id, limit: 3, order: 'asc' } },
					{ json: { charger: String(chargers[1].id), limit: '2', order: 'desc' } },
					{ json: { charger: chargers[2].uuid, limit: 4, order: 'asc' } },
				],
			},
		);
		const ids = chargers.map(({ id }) => house.voltTime.data.ids(id));
		expect(items.map(({ json, pairedItem }) => [json.id, pairedItem])).toEqual([
			...ids[0].slice(0, 3).map((id) => [id, { item: 0 }]),
			...ids[1]
				.slice(-2)
				.reverse()
				.map((id) => [id, { item: 1 }]),
			...ids[2].slice(0, 4).map((id) => [id, { item: 2 }]),
		]);
	});

	test('run one after another: never are two requests under way', async () => {
		const { most } = await runHeld(
			house.spirii,
			async () =>
				await house.run.spirii(
					{
						resource: 'chargeRecord',
						operation: 'getAll',
						limit: 45,
						filters: { updatedAtFrom: '={{ $json.value }}' },
						options: { pageSize: 20 },
					},
					{ items: itemsOf('2020-01-01', '2020-01-02', '2020-01-03') },
				),
		);
		expect(most).toBe(1);
		const days = house.spirii.requests.map(({ query }) => query.get('updatedAtFrom')?.slice(0, 10));
		const each = (day: string) => Array(3).fill(day);
		expect(days).toEqual([...each('2019-12-31'), ...each('2020-01-01'), ...each('2020-01-02')]);
	});

	test('each give one page, one file, or nothing, always with their pairing', async () => {
		const items = itemsOf(2, 3);
		const page = await house.run.spirii(
			{ resource: 'chargeRecord', operation: 'getPage', options: { pageSize: '={{ $json.value }}' } },
			{ items },
		);
		expect(page.items.map(({ json, pairedItem }) => [json.count, pairedItem])).toEqual([
			[2, { item: 0 }],
			[3, { item: 1 }],
		]);
		const file = await house.run.spirii(
			{
				resource: 'legacyChargeRecord',
				operation: 'download',
				options: { fileName: '={{ $json.value }}.csv', delimiter: '={{ $json.value === 2 ? ";" : "," }}' },
			},
			{ items },
		);
		const headers = await Promise.all(
			file.items.map(async (item) => (await binaryOf(item)).toString().split('\r\n')[0]),
		);
		expect(headers.map((header) => header.includes(';'))).toEqual([true, false]);
		expect(headers[0].replaceAll(';', ',')).toBe(headers[1]);
		expect(file.items.map(({ json, pairedItem }) => [json.fileName, pairedItem])).toEqual([
			['2.csv', { item: 0 }],
			['3.csv', { item: 1 }],
		]);
		const none = await house.run.spirii(
			{
				resource: 'chargeRecord',
				operation: 'getAll',
				filters: { updatedAtFrom: '={{ $json.value === 2 ? "2030-01-01" : "2020-01-01" }}' },
				limit: 1,
			},
			{ items },
		);
		expect(none.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
	});

	test('give a hint once, not once each', async () => {
		house.voltTime.switches.ignoresDates = true;
		const [charger] = house.voltTime.data.chargers(1142);
		const [first] = [...house.voltTime.data.transactions(charger.id).records()];
		const { hints } = await house.run.voltTime(
			{
				resource: 'legacyTransaction',
				operation: 'getAll',
				teamId: { __rl: true, mode: 'id', value: '1142' },
				chargerId: { __rl: true, mode: 'id', value: String(charger.id) },
				filters: { dateFrom: first.started_at, dateTo: first.started_at },
			},
			{ items: itemsOf(1, 2, 3) },
		);
		expect(hints).toHaveLength(1);
	});
});

describe('when the second of three items fails', () => {
	/** What goes wrong, and how n8n shows it. */
	const failures: Array<[string, unknown, FaultKind | undefined, string | null, string]> = [
		['bad input', '12x', undefined, null, '"Transaction ID" must be a whole number, but "12x" was given'],
		[
			'nothing given',
			'',
			undefined,
			null,
			'The expression of "Transaction ID" must give a value, but it gives "" for item 2',
		],
		['an unknown id', '999', undefined, '404', 'Transaction 999 was not found'],
		['a refusal', '999', { kind: 'status', status: 403 }, '403', 'Spirii refused the credential (HTTP 403)'],
		[
			'a login page',
			'999',
			{ kind: 'html' },
			'200',
			'The API responded with something other than the documented JSON',
		],
	];

	test.each(failures)('by %s, "Continue On Fail" gives its error and the others', async (...plan) => {
		const [, value, fault, , message] = plan;
		const [first, second] = house.spirii.data.ids();
		if (fault) house.spirii.faults.push({ ...fault, when: ({ path }) => path.endsWith('/999') });
		const { items } = await house.run.spirii(getOne, {
			items: itemsOf(first, value, second),
			continueOnFail: true,
		});
		expect(items.map(({ json, pairedItem }) => [json.id ?? json.error, pairedItem])).toEqual([
			[first, { item: 0 }],
			[message, { item: 1 }],
			[second, { item: 2 }],
		]);
		const [, failed] = items;
		// With anything beside these two, n8n would take the item for one that succeeded.
		expect(failed.json).toEqual({ error: message, message: expect.any(String) });
		expect(failed.json.message).not.toBe('');
		expect(failed.error).toBeUndefined();
	});

	test.each(failures)('by %s, the node ends with an error that says which item it was', async (...plan) => {
		const [, value, fault, httpCode, message] = plan;
		const [first, second] = house.spirii.data.ids();
		if (fault) house.spirii.faults.push({ ...fault, when: ({ path }) => path.endsWith('/999') });
		const failure = await failureOf(house.run.spirii(getOne, { items: itemsOf(first, value, second) }));
		expect(failure).toMatchObject({ message, httpCode, itemIndex: 1 });
		const paths = house.spirii.requests.map(({ path }) => path);
		expect(paths).not.toContain(`/v2/transactions/${second}`);
	});

	test('half way through its pages, none of its rows come', async () => {
		house.spirii.faults.push({ kind: 'status', status: 400, when: () => house.spirii.requests.length === 5 });
		const { items } = await house.run.spirii(
			{
				resource: 'chargeRecord',
				operation: 'getAll',
				returnAll: true,
				options: { pageSize: 20, concurrency: 1 },
			},
			{ items: itemsOf(1, 2, 3), continueOnFail: true },
		);
		const counts = [0, 1, 2].map(
			(index) => items.filter(({ pairedItem }) => isPaired(pairedItem, index)).length,
		);
		expect(counts).toEqual([60, 1, 60]);
		expect(rowsOf(items)[60].json.error).toMatch('HTTP 400');
	});

	test('because its expression does, the error says so', async () => {
		const parameters = { ...getOne, id: '={{ $json.value.some.thing() }}' };
		const failure = await failureOf(house.run.spirii(parameters, { items: itemsOf(1) }));
		expect(failure.itemIndex).toBe(0);
		expect(house.spirii.requests).toEqual([]);
	});
});

function isPaired(pairedItem: INodeExecutionData['pairedItem'], index: number): boolean {
	return typeof pairedItem === 'object' && !Array.isArray(pairedItem) && pairedItem.item === index;
}

describe.each([false, true])('a canceled execution (Continue On Fail: %s)', (continueOnFail) => {
	const parameters: INodeParameters = {
		resource: 'chargeRecord',
		operation: 'getAll',
		returnAll: true,
		options: { pageSize: 10 },
	};
	const items = itemsOf(1, 2, 3);

	afterEach(() => jest.restoreAllMocks());

	/** Cancels when nothing moves any more, and checks that this alone ends the execution. */
	async function cancelWhenHeld(
		requests: HeldRequests,
		run: (cancel: AbortSignal) => Promise<unknown>,
	): Promise<void> {
		const controller = new AbortController();
		let failure: Failure | undefined;
		const running = failureOf(run(controller.signal)).then((error) => (failure = error));
		await requests.settled();
		expect(failure).toBeUndefined();
		const begun = requests.begun();
		controller.abort();
		// Whatever is held stays so.
		await requests.settled();
		expect(failure?.message).toMatch('The execution was canceled');
		requests.release();
		await requests.settled();
		expect(requests.begun()).toBe(begun);
		await running;
	}

	test('sends nothing more after the page that is being read', async () => {
		const requests = holdRequests(house.spirii, (_request, count) => count >= 3);
		await cancelWhenHeld(
			requests,
			async (cancel) => await house.run.spirii(parameters, { items, continueOnFail, cancel }),
		);
		expect(house.spirii.requests).toHaveLength(3);
	});

	test('does not wait for a late answer', async () => {
		const requests = holdRequests(house.spirii);
		await cancelWhenHeld(
			requests,
			async (cancel) => await house.run.spirii(parameters, { items, continueOnFail, cancel }),
		);
		expect(house.spirii.requests).toHaveLength(1);
	});

	test('does not sit out a wait that the server asked for', async () => {
		const waits = holdWaits();
		const requests = holdRequests(house.spirii, () => false);
		house.spirii.faults.push({ kind: 'status', status: 429, retryAfter: 5, times: 9 });
		await cancelWhenHeld(
			requests,
			async (cancel) => await house.run.spirii(parameters, { items, continueOnFail, cancel }),
		);
		expect(waits.count()).toBe(1);
		expect(house.spirii.requests).toHaveLength(1);
	});

	const allChargers: INodeParameters = {
		resource: 'legacyTransaction',
		operation: 'getAll',
		teamId: { __rl: true, mode: 'id', value: '1107' },
		chargerScope: 'all',
		returnAll: true,
		options: { concurrency: 3 },
	};

	test('stops all chargers that are being read', async () => {
		// Three at a time: the sixth request, and the two that run beside it.
		const requests = holdRequests(house.voltTime, (_request, count) => count >= 6);
		await cancelWhenHeld(
			requests,
			async (cancel) => await house.run.voltTime(allChargers, { items, continueOnFail, cancel }),
		);
		expect(house.voltTime.requests).toHaveLength(8);
	});

	test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
		'begins no request after it, where it comes with no. %i',
		async (last) => {
			const controller = new AbortController();
			const { begun, settled } = watchRequests(house.voltTime);
			let begunBefore = 0;
			house.voltTime.onRequest = (_request, count) => {
				if (count !== last) return;
				begunBefore = begun();
				controller.abort();
			};
			const run = house.run.voltTime(allChargers, { items, continueOnFail, cancel: controller.signal });
			expect((await failureOf(run)).message).toMatch('The execution was canceled');
			await settled();
			expect(begun()).toBe(begunBefore);
			expect(house.voltTime.requests.length).toBeLessThanOrEqual(last + 2);
		},
	);

	test('sends nothing at all when it was canceled before', async () => {
		const controller = new AbortController();
		controller.abort();
		await failureOf(house.run.spirii(parameters, { items, continueOnFail, cancel: controller.signal }));
		expect(house.spirii.requests).toEqual([]);
	});
});
