import { setTimeout as sleep } from 'node:timers/promises';

import type { INodeParameters } from 'n8n-workflow';

import { failureOf, useSandbox } from '../support/sandbox';

/** 32 chargers, which are two pages where lists come in pages, and 4. */
const LARGE_TEAM = 1107;
const SMALL_TEAM = 1142;

const house = useSandbox({ transactionsPerCharger: 12 });

const byId = (value: number) => ({ __rl: true, mode: 'id', value }) as unknown as INodeParameters;
const allChargers = (team: number, more: INodeParameters = {}): INodeParameters => ({
	resource: 'transaction',
	operation: 'getAll',
	teamId: byId(team),
	chargerScope: 'all',
	returnAll: true,
	...more,
});
const chargersOf = (team: number) => house.voltTime.data.chargers(team).map(({ id }) => id);
const transactionsOf = (team: number) => chargersOf(team).flatMap((id) => house.voltTime.data.ids(id));

/**
 * Counts the requests for transactions that are held at once. Each is held until as many are as expected, however slow the
 * machine is, and then for a moment more, in which one too many would be seen. Where they never are, all go on after 2 s.
 */
function countInFlight(expected: number): () => number {
	const all = new AbortController();
	let now = 0;
	let most = 0;
	house.voltTime.onRequest = async ({ path }) => {
		if (!path.includes('/transactions')) return;
		most = Math.max(most, ++now);
		if (now === expected) all.abort();
		await sleep(2000, undefined, { signal: all.signal }).then(
			() => all.abort(),
			() => undefined,
		);
		await sleep(5);
		now--;
	};
	return () => most;
}

describe('the transactions of all chargers', () => {
	test.each([
		[undefined, 4],
		[1, 1],
		[2, 2],
		[8, 8],
	])(
		'come in the order of the chargers; at once (%s) means never more than %i',
		async (concurrency, most) => {
			const inFlight = countInFlight(most);
			const options = concurrency === undefined ? {} : { concurrency };
			const { items } = await house.runVoltTime(allChargers(LARGE_TEAM, { options }));
			expect(items.map(({ json }) => json.id)).toEqual(transactionsOf(LARGE_TEAM));
			expect(inFlight()).toBe(most);
			expect(house.voltTime.requests).toHaveLength(33);
		},
	);

	test('come whole when each charger has more than one answer can hold', async () => {
		const inFlight = countInFlight(3);
		const options = { concurrency: 3, pageSize: 5 };
		const { items } = await house.runVoltTime(allChargers(SMALL_TEAM, { options }));
		const ids = items.map(({ json }) => json.id as number).sort((a, b) => a - b);
		expect(ids).toEqual(transactionsOf(SMALL_TEAM));
		expect(inFlight()).toBe(3);
	});

	test('come up to the limit, over as few chargers as it takes', async () => {
		const { items } = await house.runVoltTime(allChargers(LARGE_TEAM, { returnAll: false, limit: 30 }));
		expect(items.map(({ json }) => json.id)).toEqual(transactionsOf(LARGE_TEAM).slice(0, 30));
		expect(house.voltTime.requests.length).toBeLessThanOrEqual(6);
	});

	test('fail as a whole when one charger fails', async () => {
		const [, , third] = chargersOf(LARGE_TEAM);
		house.voltTime.faults.push({
			kind: 'status',
			status: 404,
			when: ({ path }) => path.includes(`/${third}/`),
		});
		const { httpCode } = await failureOf(house.runVoltTime(allChargers(LARGE_TEAM)));
		expect(httpCode).toBe('404');
		expect(house.voltTime.requests.length).toBeLessThanOrEqual(6);
	});

	test.each([
		['has failed', true],
		['has reached its limit', false],
	])('are not asked for any more once the node %s', async (_, fails) => {
		const [first, second] = chargersOf(LARGE_TEAM);
		house.voltTime.onRequest = async ({ path }) => {
			if (path.includes(`/${second}/`)) await sleep(50);
		};
		house.voltTime.faults.push({
			kind: 'status',
			status: 503,
			retryAfter: 0,
			times: 3,
			when: ({ path }) => path.includes(`/${second}/`),
		});
		if (fails) {
			const when = ({ path }: { path: string }) => path.includes(`/${first}/`);
			house.voltTime.faults.push({ kind: 'status', status: 404, when });
			await failureOf(house.runVoltTime(allChargers(LARGE_TEAM)));
		} else {
			await house.runVoltTime(allChargers(LARGE_TEAM, { returnAll: false, limit: 5 }));
		}
		// Those that were on their way already.
		await sleep(80);
		const sent = house.voltTime.requests.length;
		await sleep(200);
		expect(house.voltTime.requests).toHaveLength(sent);
	});

	test('are none when the team has no chargers', async () => {
		jest.spyOn(house.voltTime.data, 'chargers').mockReturnValue([]);
		const { items } = await house.runVoltTime(allChargers(SMALL_TEAM));
		jest.restoreAllMocks();
		expect(items).toEqual([]);
	});
});

describe.each([false, true, 'flat'] as const)('where lists come in pages: %s', (pagedLists) => {
	beforeEach(() => {
		house.voltTime.switches.pagedLists = pagedLists;
	});
	const requests = pagedLists === false ? 1 : 2;

	test('all teams come', async () => {
		const { items } = await house.runVoltTime({ resource: 'team', operation: 'getAll', returnAll: true });
		expect(items.map(({ json }) => json)).toEqual(house.voltTime.data.teams);
	});

	test('all chargers of a team come', async () => {
		const { items } = await house.runVoltTime({
			resource: 'charger',
			operation: 'getAll',
			teamId: byId(LARGE_TEAM),
			returnAll: true,
		});
		expect(items.map(({ json }) => json)).toEqual(house.voltTime.data.chargers(LARGE_TEAM));
		expect(house.voltTime.requests).toHaveLength(requests);
	});

	test('chargers come up to the limit, without a further page', async () => {
		const { items } = await house.runVoltTime({
			resource: 'charger',
			operation: 'getAll',
			teamId: byId(LARGE_TEAM),
			limit: 25,
		});
		expect(items.map(({ json }) => json.id)).toEqual(chargersOf(LARGE_TEAM).slice(0, 25));
		expect(house.voltTime.requests).toHaveLength(1);
	});

	test('the transactions of all chargers come', async () => {
		const { items } = await house.runVoltTime(allChargers(LARGE_TEAM));
		expect(items.map(({ json }) => json.id)).toEqual(transactionsOf(LARGE_TEAM));
		expect(house.voltTime.requests).toHaveLength(requests + 32);
	});
});
