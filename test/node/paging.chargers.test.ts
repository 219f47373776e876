import type { INodeParameters } from 'n8n-workflow';

import { holdRequests, runHeld } from '../support/requests';
import { failureOf, useSandbox } from '../support/sandbox';
import { holdWaits } from '../support/waits';

/** 32 chargers, which are two pages where lists come in pages, and 4. */
const LARGE_TEAM = 1107;
const SMALL_TEAM = 1142;

const house = useSandbox({ transactionsPerCharger: 12 });

const byId = (value: number) => ({ __rl: true, mode: 'id', value }) as unknown as INodeParameters;
const allChargers = (team: number, more: INodeParameters = {}): INodeParameters => ({
	resource: 'legacyTransaction',
	operation: 'getAll',
	teamId: byId(team),
	chargerScope: 'all',
	returnAll: true,
	...more,
});
const chargersOf = (team: number) => house.voltTime.data.chargers(team).map(({ id }) => id);
const transactionsOf = (team: number) => chargersOf(team).flatMap((id) => house.voltTime.data.ids(id));

afterEach(() => jest.restoreAllMocks());

describe('the transactions of all chargers', () => {
	test.each([
		[undefined, 4],
		[1, 1],
		[2, 2],
		[8, 8],
	])(
		'come in the order of the chargers; at once (%s) means never more than %i',
		async (concurrency, most) => {
			const options = concurrency === undefined ? {} : { concurrency };
			const run = async () => await house.run.voltTime(allChargers(LARGE_TEAM, { options }));
			const held = await runHeld(house.voltTime, run);
			expect(held.result.items.map(({ json }) => json.id)).toEqual(transactionsOf(LARGE_TEAM));
			expect(held.most).toBe(most);
			// Each list is as long as the others, so that each could be cut off there: a second request looks at its other end.
			expect(house.voltTime.requests).toHaveLength(1 + 3 * 32);
		},
	);

	test('come whole when each charger has more than one answer can hold', async () => {
		const options = { concurrency: 3, pageSize: 5 };
		const run = async () => await house.run.voltTime(allChargers(SMALL_TEAM, { options }));
		const { result, most } = await runHeld(house.voltTime, run);
		const ids = result.items.map(({ json }) => json.id as number).sort((a, b) => a - b);
		expect(ids).toEqual(transactionsOf(SMALL_TEAM));
		expect(most).toBe(3);
	});

	test('come up to the limit, over as few chargers as it takes', async () => {
		const { items } = await house.run.voltTime(allChargers(LARGE_TEAM, { returnAll: false, limit: 30 }));
		expect(items.map(({ json }) => json.id)).toEqual(transactionsOf(LARGE_TEAM).slice(0, 30));
		// The chargers, and of as many chargers as it takes the list and its two ends.
		expect(house.voltTime.requests.length).toBeLessThanOrEqual(13);
	});

	test('fail as a whole when one charger fails', async () => {
		const [, , third] = chargersOf(LARGE_TEAM);
		house.voltTime.faults.push({
			kind: 'status',
			status: 404,
			when: ({ path }) => path.includes(`/${third}/`),
		});
		const { httpCode } = await failureOf(house.run.voltTime(allChargers(LARGE_TEAM)));
		expect(httpCode).toBe('404');
		expect(house.voltTime.requests.length).toBeLessThanOrEqual(6);
	});

	test.each([
		['has failed', true],
		['has reached its limit', false],
	])('are not asked for any more once the node %s', async (_, fails) => {
		const [first, second] = chargersOf(LARGE_TEAM);
		// The second charger is refused after the node has ended. It would be asked for again after a wait.
		const waits = holdWaits();
		const { held, settled, begun, release } = holdRequests(house.voltTime, ({ path }) =>
			path.includes(`/${second}/`),
		);
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
			await failureOf(house.run.voltTime(allChargers(LARGE_TEAM)));
		} else {
			const options = { concurrency: 4 };
			await house.run.voltTime(allChargers(LARGE_TEAM, { returnAll: false, limit: 5, options }));
		}
		// Those that were on their way already.
		await settled();
		expect(held).toHaveLength(1);
		const sent = begun();
		release();
		await settled();
		expect(waits.count()).toBe(0);
		expect(begun()).toBe(sent);
	});

	test('are none when the team has no chargers', async () => {
		jest.spyOn(house.voltTime.data, 'chargers').mockReturnValue([]);
		const { items } = await house.run.voltTime(allChargers(SMALL_TEAM));
		jest.restoreAllMocks();
		expect(items).toEqual([]);
	});
});

describe.each([false, true, 'flat'] as const)('where lists come in pages: %s', (pagedLists) => {
	beforeEach(() => {
		house.voltTime.switches.pagedLists = pagedLists;
	});
	const requests = pagedLists === false ? 1 : 2;

	test('the transactions of all chargers come', async () => {
		const { items } = await house.run.voltTime(allChargers(LARGE_TEAM));
		expect(items.map(({ json }) => json.id)).toEqual(transactionsOf(LARGE_TEAM));
		expect(house.voltTime.requests).toHaveLength(requests + 3 * 32);
	});
});
