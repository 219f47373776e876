import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { advanceClock } from '../support/clock';
import { anyOrder, holdRequests, runHeld, turn } from '../support/requests';
import { failureOf, useSandbox, type Failure } from '../support/sandbox';
import { holdWaits, shortenWaits } from '../support/waits';

const RECORDS = 600;
const PAGE = 25;
const house = useSandbox({
	records: RECORDS,
	plain: true,
	transactionsPerCharger: 60,
	firstChargerTransactions: 700,
});

/** Each with a charger of many sessions, or few chargers of few. */
const LARGE_TEAM = 1107;
const CHARGER = 402_700;
const SMALL_TEAM = 1142;
const dates = { dateFrom: '2026-01-01T00:00:00Z', dateTo: '2026-06-30T12:00:00Z' };

interface Plan extends INodeParameters {
	resource: string;
}

/** Lists that are read by several requests at once. */
const LISTS: Record<string, { vendor: 'spirii' | 'voltTime'; key: string; plan: Plan }> = {
	'charge records': { vendor: 'spirii', key: 'transactionId', plan: { resource: 'chargeRecord' } },
	'charge records, newest first': {
		vendor: 'spirii',
		key: 'transactionId',
		plan: { resource: 'chargeRecord', options: { sortDirection: 'desc' } },
	},
	'charge records of some locations, in a time of updates': {
		vendor: 'spirii',
		key: 'transactionId',
		plan: {
			resource: 'chargeRecord',
			filters: {
				updatedAtFrom: '2026-01-01T00:00:00Z',
				updatedAtTo: '2026-06-15T00:00:00Z',
				filterJson: '{ "consumed": { "$gt": 5 } }',
			},
		},
	},
	'transactions by their update': {
		vendor: 'spirii',
		key: 'id',
		plan: { resource: 'transaction', filters: { updatedAt: '2025-01-01T00:00:00Z' } },
	},
	'transactions by their end': {
		vendor: 'spirii',
		key: 'id',
		plan: {
			resource: 'transaction',
			filters: { endedAt: '2025-01-01T00:00:00Z', endedAtMax: '2026-06-20T00:00:00Z' },
		},
	},
	'legacy charge records': { vendor: 'spirii', key: 'id', plan: { resource: 'legacyChargeRecord' } },
	'Volt Time transactions of a charger': {
		vendor: 'voltTime',
		key: 'id',
		plan: {
			resource: 'legacyTransaction',
			teamId: String(LARGE_TEAM),
			chargerId: String(CHARGER),
			filters: dates,
		},
	},
	'Volt Time transactions of a team': {
		vendor: 'voltTime',
		key: 'id',
		plan: {
			resource: 'legacyTransaction',
			teamId: String(SMALL_TEAM),
			chargerScope: 'all',
			filters: dates,
			options: { pageSize: 5 },
		},
	},
};

type Options = IDataObject & { concurrency?: number };

afterEach(() => jest.restoreAllMocks());

describe.each(Object.entries(LISTS))('%s', (_, { vendor, key, plan }) => {
	const run = async (parameters: INodeParameters, options: Options) => {
		const all = { ...plan, ...parameters } as INodeParameters;
		const withOptions = { ...all, options: { pageSize: PAGE, ...(plan.options as object), ...options } };
		return await house.run[vendor](withOptions);
	};
	const idsAt = async (options: Options, parameters: INodeParameters = {}) => {
		const { items } = await run({ operation: 'getAll', returnAll: true, ...parameters }, options);
		return items.map(({ json }) => json[key]);
	};

	test('come in the same order whether one or several requests are under way', async () => {
		const byOne = await idsAt({ concurrency: 1 });
		const requests = house[vendor].requests.length;
		expect(byOne.length).toBeGreaterThan(PAGE);
		for (const concurrency of [undefined, 8]) {
			house[vendor].requests.length = 0;
			const options = concurrency === undefined ? {} : { concurrency };
			const run = async () => await idsAt(options);
			const { result, most } = await runHeld(house[vendor], run, anyOrder(concurrency ?? 4));
			expect(result).toEqual(byOne);
			expect(most).toBeLessThanOrEqual(concurrency ?? 4);
			expect(most).toBeGreaterThan(1);
			// Parts end with pages that are not full; each is one request more.
			expect(house[vendor].requests.length).toBeLessThanOrEqual(1.6 * requests + 4);
		}
	});

	test('are cut at a limit all the same, and read by one unless asked for', async () => {
		const limited = { returnAll: false, limit: PAGE + 3 };
		const byOne = await runHeld(house[vendor], async () => await idsAt({}, limited));
		expect(byOne.result).toHaveLength(PAGE + 3);
		expect(byOne.most).toBe(1);
		const run = async () => await idsAt({ concurrency: 4 }, limited);
		const byFour = await runHeld(house[vendor], run, anyOrder(1));
		expect(byFour.result).toEqual(byOne.result);
	});

	test('are exported in that order, too', async () => {
		const rows = { output: 'simplified', perFile: 400 };
		const files = async (concurrency: number) => {
			const { items } = await run({ operation: 'export', returnAll: true, ...rows }, { concurrency });
			return items.map(({ binary }) => Buffer.from(binary!.data.data, 'base64').toString());
		};
		const { result, most } = await runHeld(house[vendor], async () => await files(4), anyOrder(2));
		expect(most).toBeGreaterThan(1);
		expect(most).toBeLessThanOrEqual(4);
		expect(result).toEqual(await files(1));
	});

	test('slow down together when the vendor allows only so many requests, and come whole', async () => {
		const waits = shortenWaits();
		const byOne = await idsAt({ concurrency: 1 });
		expect(waits).toEqual([]);
		// The server counts those in the minute before.
		advanceClock(60_000);
		house[vendor].switches.rateLimit = 15;
		house[vendor].requests.length = 0;
		expect(await idsAt({ concurrency: 8 })).toEqual(byOne);
		expect(waits.length).toBeGreaterThan(0);
		// The answers say how many are left, and until when.
		expect(house[vendor].requests.filter(({ status }) => status === 429)).toEqual([]);
	});

	test.each<[string, number | undefined]>([
		['for how long', 30],
		['nothing', undefined],
	])(
		'wait together when the vendor refuses one without a word before and says %s, and come whole',
		async (_says, retryAfter) => {
			house[vendor].switches.rateHeaders = false;
			const byOne = await idsAt({ concurrency: 1 });
			house[vendor].requests.length = 0;
			const waits = holdWaits();
			const { held, begun, settled } = holdRequests(house[vendor]);
			let isDone = false;
			const ids = idsAt({ concurrency: 8 }).finally(() => (isDone = true));
			/** How many requests began while one was told to wait, for each that was. */
			const begunMeanwhile: number[] = [];
			while (!isDone && begunMeanwhile.length < 4) {
				await settled();
				if (held.length > 1) {
					house[vendor].faults.push({ kind: 'status', status: 429, retryAfter });
					// By turns the oldest and the newest: one of them can be what the others wait for anyway.
					const refused = begunMeanwhile.length % 2 === 0 ? held.shift() : held.pop();
					refused!();
					while (waits.count() === 0 && !isDone) await turn();
					const before = begun();
					for (const goOn of held.splice(0)) goOn();
					await settled();
					begunMeanwhile.push(begun() - before);
				}
				waits.end();
				for (const goOn of held.splice(0)) goOn();
			}
			house[vendor].onRequest = undefined;
			expect(await ids).toEqual(byOne);
			expect(begunMeanwhile).toEqual([0, 0, 0, 0]);
			expect(house[vendor].requests.filter(({ status }) => status === 429)).toHaveLength(4);
		},
	);

	test.each<[string, (held: Array<() => void>) => () => void]>([
		['oldest', (held) => held.shift()!],
		['newest', (held) => held.pop()!],
	])('end with the error of the %s request, and none begins after it', async (_which, takeFrom) => {
		const { held, begun, settled, release } = holdRequests(house[vendor]);
		let failure: Failure | undefined;
		const running = failureOf(idsAt({ concurrency: 4 })).then((error) => (failure = error));
		for (await settled(); house[vendor].requests.length < 7; await settled()) held.shift()!();
		expect(held.length).toBeGreaterThan(1);
		house[vendor].faults.push({ kind: 'status', status: 403 });
		takeFrom(held)();
		// One that waited for its turn may take the place of that which has failed.
		await settled();
		const before = begun();
		// The others get what they asked for, and lead to nothing more.
		release();
		await settled();
		expect(failure).toMatchObject({ httpCode: '403' });
		expect(begun()).toBe(before);
		await running;
	});
});

describe('a list that changes while several requests are under way', () => {
	test.each(['inclusive', 'exclusive'] as const)(
		'keeps every record that is updated, each once, with upper bounds that are %s',
		async (maxBounds) => {
			house.spirii.switches.maxBounds = maxBounds;
			const before = house.spirii.data.listed('transactions');
			const touched = before.filter((__, index) => index % 97 === 5);
			let next = 0;
			house.spirii.onRequest = (___, count) => {
				if (count < 5 || next >= touched.length) return;
				house.spirii.data.update(touched[next++], {});
			};
			const { items } = await house.run.spirii({
				resource: 'transaction',
				operation: 'getAll',
				returnAll: true,
				filters: { updatedAt: '2020-01-01T00:00:00Z' },
				options: { pageSize: PAGE },
			});
			const ids = items.map(({ json }) => json.id as number);
			expect(new Set(ids).size).toBe(ids.length);
			expect([...ids].sort((a, b) => a - b)).toEqual(before);
		},
	);
});
