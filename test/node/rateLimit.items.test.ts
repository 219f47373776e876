import type { FaultKind } from '../../sandbox';
import { useSandbox } from '../support/sandbox';
import { shortenWaits } from '../support/waits';

const house = useSandbox({ records: 40, transactionsPerCharger: 5, plain: true });

let waits: number[];
beforeEach(() => {
	waits = shortenWaits();
});
afterEach(() => {
	jest.restoreAllMocks();
});

const VENDORS = {
	spirii: {
		run: house.run.spirii,
		parameters: { resource: 'chargeRecord', operation: 'getAll', limit: 1 },
	},
	voltTime: {
		run: house.run.voltTime,
		parameters: { resource: 'team', operation: 'getAll', limit: 1 },
	},
} as const;

describe.each(['spirii', 'voltTime'] as const)('many items with one credential of %s', (name) => {
	const items = (count: number) => Array.from({ length: count }, () => ({ json: {} }));
	const run = async (count: number, continueOnFail = false) =>
		await VENDORS[name].run(VENDORS[name].parameters, { items: items(count), continueOnFail });
	const statuses = () => house[name].requests.map(({ status }) => status);

	test('keep to the limit that the answers tell, as the pages of one list do', async () => {
		Object.assign(house[name].switches, { rateLimit: 10 });
		const output = await run(30);
		expect(output.items).toHaveLength(30);
		expect(statuses()).toEqual(Array.from({ length: 30 }, () => 200));
	});

	test('wait out a refusal that names no time, and all come', async () => {
		const refusal: FaultKind = { kind: 'status', status: 429 };
		// Refused for less than a minute: until the clock that the waits move has passed it.
		const begun = Date.now();
		house[name].faults.push({
			...refusal,
			times: Infinity,
			when: () => house[name].requests.length > 3 && Date.now() - begun < 59_000,
		});
		const output = await run(8);
		expect(output.items).toHaveLength(8);
		expect(Date.now() - begun).toBeGreaterThanOrEqual(59_000);
		// They are waited one after the other, and nothing else moves the clock.
		expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeCloseTo(Date.now() - begun, 3);
	});

	test('send nothing more while the vendor asks for an hour, and each failed item says so', async () => {
		house[name].faults.push({ kind: 'status', status: 429, retryAfter: 3600, times: Infinity });
		const output = await run(20, true);
		expect(house[name].requests).toHaveLength(1);
		expect(output.items).toHaveLength(20);
		const [first, ...others] = output.items.map(({ json }) => String(json.message));
		expect(first).toMatch('It demands a wait of 60 minutes, so the request was not sent again');
		for (const message of others)
			expect(message).toMatch('It demands a wait of 60 minutes, so this request was not sent');
	});

	test('are tried once each after one was refused for a minute, until the vendor answers again', async () => {
		house[name].faults.push({ kind: 'status', status: 429, times: 7 });
		const output = await run(6, true);
		const isRefused = output.items.map(({ json }) => String(json.error).includes('too many requests'));
		expect(isRefused).toEqual([true, true, true, false, false, false]);
		expect(house[name].requests).toHaveLength(5 + 1 + 1 + 3);
	});
});
