import { setTimeout as sleep } from 'node:timers/promises';

import { type INodeExecutionData, type INodeParameters } from 'n8n-workflow';

import type { FaultKind } from '../../sandbox';
import { binaryOf } from '../support/n8n';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 60, transactionsPerCharger: 12, plain: true });

const itemsOf = (...values: unknown[]): INodeExecutionData[] =>
	values.map((value) => ({ json: { value } })) as INodeExecutionData[];
const getOne: INodeParameters = { resource: 'transaction', operation: 'get', id: '={{ $json.value }}' };
const rowsOf = (items: INodeExecutionData[]) => items.map(({ json, pairedItem }) => ({ json, pairedItem }));

describe('several input items', () => {
	test('are each run with their own parameters, and their rows are paired with them', async () => {
		const chargers = house.voltTime.data.chargers(1142);
		const { items } = await house.runVoltTime(
			{
				resource: 'transaction',
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
		let now = 0;
		house.spirii.onRequest = async () => {
			expect(++now).toBe(1);
			await sleep(5);
			now--;
		};
		await house.runSpirii(
			{
				resource: 'chargeRecord',
				operation: 'getAll',
				limit: 45,
				filters: { updatedAtFrom: '={{ $json.value }}' },
				options: { pageSize: 20 },
			},
			{ items: itemsOf('2020-01-01', '2020-01-02', '2020-01-03') },
		);
		const days = house.spirii.requests.map(({ query }) => query.get('updatedAtFrom')?.slice(0, 10));
		const each = (day: string) => Array(3).fill(day);
		expect(days).toEqual([...each('2019-12-31'), ...each('2020-01-01'), ...each('2020-01-02')]);
	});

	test('each give one page, one file, or nothing, always with their pairing', async () => {
		const items = itemsOf(2, 3);
		const page = await house.runSpirii(
			{ resource: 'chargeRecord', operation: 'getPage', options: { pageSize: '={{ $json.value }}' } },
			{ items },
		);
		expect(page.items.map(({ json, pairedItem }) => [json.count, pairedItem])).toEqual([
			[2, { item: 0 }],
			[3, { item: 1 }],
		]);
		const file = await house.runSpirii(
			{
				resource: 'legacyChargeRecord',
				operation: 'download',
				options: { fileName: '={{ $json.value }}.csv', offset: '={{ 60 - $json.value }}' },
			},
			{ items },
		);
		const lines = await Promise.all(
			file.items.map(async (item) => (await binaryOf(item)).toString().split('\r\n').length - 2),
		);
		expect(lines).toEqual([2, 3]);
		expect(file.items.map(({ json, pairedItem }) => [json.fileName, pairedItem])).toEqual([
			['2.csv', { item: 0 }],
			['3.csv', { item: 1 }],
		]);
		const none = await house.runSpirii(
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
		const { hints } = await house.runVoltTime(
			{
				resource: 'transaction',
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
		['an unknown id', '999', undefined, '404', 'Spirii has nothing under this ID or address (HTTP 404)'],
		['a refusal', '999', { kind: 'status', status: 403 }, '403', 'Spirii refused the credential (HTTP 403)'],
		[
			'a login page',
			'999',
			{ kind: 'html' },
			'200',
			'The API answered with something else than the documented JSON',
		],
	];

	test.each(failures)('by %s, "Continue On Fail" gives its error and the others', async (...plan) => {
		const [, value, fault, , message] = plan;
		const [first, second] = house.spirii.data.ids();
		if (fault) house.spirii.faults.push({ ...fault, when: ({ path }) => path.endsWith('/999') });
		const { items } = await house.runSpirii(getOne, {
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
		const failure = await failureOf(house.runSpirii(getOne, { items: itemsOf(first, value, second) }));
		expect(failure).toMatchObject({ message, httpCode, itemIndex: 1 });
		const paths = house.spirii.requests.map(({ path }) => path);
		expect(paths).not.toContain(`/v2/transactions/${second}`);
	});

	test('half way through its pages, none of its rows come', async () => {
		house.spirii.faults.push({ kind: 'status', status: 400, when: () => house.spirii.requests.length === 5 });
		const { items } = await house.runSpirii(
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
		const failure = await failureOf(house.runSpirii(parameters, { items: itemsOf(1) }));
		expect(failure.itemIndex).toBe(0);
		expect(house.spirii.requests).toEqual([]);
	});
});

function isPaired(pairedItem: INodeExecutionData['pairedItem'], index: number): boolean {
	return typeof pairedItem === 'object' && !Array.isArray(pairedItem) && pairedItem.item === index;
}

describe.each([false, true])('a cancelled execution (Continue On Fail: %s)', (continueOnFail) => {
	const parameters: INodeParameters = {
		resource: 'chargeRecord',
		operation: 'getAll',
		returnAll: true,
		options: { pageSize: 10 },
	};
	const items = itemsOf(1, 2, 3);

	/** How long after the cancelling it ended. */
	async function cancelled(run: (cancel: AbortSignal) => Promise<unknown>, controller: AbortController) {
		let at = 0;
		controller.signal.addEventListener('abort', () => (at = performance.now()));
		const failure = await failureOf(run(controller.signal));
		const took = performance.now() - at;
		const count = () => house.spirii.requests.length + house.voltTime.requests.length;
		// What had left before the cancelling arrives all the same.
		await sleep(30);
		const requests = count();
		await sleep(100);
		expect(count()).toBe(requests);
		expect(failure.message).toMatch('The execution was cancelled');
		expect(took).toBeLessThan(500);
		return { requests, failure };
	}

	test('sends nothing more after the page that is being read', async () => {
		const controller = new AbortController();
		house.spirii.onRequest = (_request, count) => {
			if (count === 3) controller.abort();
		};
		const { requests } = await cancelled(
			async (cancel) => await house.runSpirii(parameters, { items, continueOnFail, cancel }),
			controller,
		);
		expect(requests).toBe(3);
	});

	test('does not wait for a late answer', async () => {
		const controller = new AbortController();
		house.spirii.faults.push({ kind: 'latency', ms: 3000 });
		house.spirii.onRequest = () => void sleep(50).then(() => controller.abort());
		const { requests } = await cancelled(
			async (cancel) => await house.runSpirii(parameters, { items, continueOnFail, cancel }),
			controller,
		);
		expect(requests).toBe(1);
	});

	test('does not sit out a wait that the server asked for', async () => {
		const controller = new AbortController();
		house.spirii.faults.push({ kind: 'status', status: 429, retryAfter: 5, times: 9 });
		house.spirii.onRequest = () => void sleep(50).then(() => controller.abort());
		const { requests } = await cancelled(
			async (cancel) => await house.runSpirii(parameters, { items, continueOnFail, cancel }),
			controller,
		);
		expect(requests).toBe(1);
	});

	test('stops all chargers that are being read', async () => {
		const controller = new AbortController();
		house.voltTime.onRequest = async (_request, count) => {
			if (count === 6) controller.abort();
			await sleep(5);
		};
		const { requests } = await cancelled(
			async (cancel) =>
				await house.runVoltTime(
					{
						resource: 'transaction',
						operation: 'getAll',
						teamId: { __rl: true, mode: 'id', value: '1107' },
						chargerScope: 'all',
						returnAll: true,
						options: { concurrency: 3 },
					},
					{ items, continueOnFail, cancel },
				),
			controller,
		);
		expect(requests).toBeLessThanOrEqual(7);
	});

	test('sends nothing at all when it was cancelled before', async () => {
		const controller = new AbortController();
		controller.abort();
		await failureOf(house.runSpirii(parameters, { items, continueOnFail, cancel: controller.signal }));
		expect(house.spirii.requests).toEqual([]);
	});
});
