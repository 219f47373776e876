import type { INodeParameters } from 'n8n-workflow';

import type { Fault, FaultKind } from '../../sandbox';
import type { Output } from '../support/n8n';
import { answerBegins, holdRequests } from '../support/requests';
import { failureOf, useSandbox, type Failure } from '../support/sandbox';
import { holdTimeouts, shortenWaits } from '../support/waits';

const house = useSandbox({ records: 100, transactionsPerCharger: 60, plain: true });
const CHARGER = 402_700;

/** Lists that take several requests, and the ids that belong in them. */
const READERS = {
	'Spirii charge records': {
		vendor: 'spirii',
		parameters: { resource: 'chargeRecord' },
		key: 'transactionId',
		ids: () => house.spirii.data.listed('chargeRecords'),
	},
	'Spirii transactions': {
		vendor: 'spirii',
		parameters: { resource: 'transaction' },
		key: 'id',
		ids: () => house.spirii.data.listed('transactions'),
	},
	'Spirii legacy charge records': {
		vendor: 'spirii',
		parameters: { resource: 'legacyChargeRecord' },
		key: 'id',
		ids: () => house.spirii.data.listed('legacyChargeRecords'),
	},
	'Volt Time transactions': {
		vendor: 'voltTime',
		parameters: {
			resource: 'legacyTransaction',
			teamId: { __rl: true, mode: 'id', value: '1107' },
			chargerId: { __rl: true, mode: 'id', value: String(CHARGER) },
		},
		key: 'id',
		ids: () => house.voltTime.data.ids(CHARGER),
	},
} as const;
type ReaderName = keyof typeof READERS;
const NAMES = Object.keys(READERS) as ReaderName[];

async function read(name: ReaderName, options: INodeParameters = {}): Promise<Output> {
	const { vendor, parameters } = READERS[name];
	const all = { ...parameters, operation: 'getAll', returnAll: true } as INodeParameters;
	const run = vendor === 'spirii' ? house.run.spirii : house.run.voltTime;
	return await run({ ...all, options: { pageSize: 20, concurrency: 1, ...options } });
}

/** Puts a fault before the request with that number. */
function plan(name: ReaderName, fault: Fault, request = 1): void {
	const vendor = house[READERS[name].vendor];
	vendor.faults.push({ ...fault, when: () => vendor.requests.length >= request });
}

function expectWhole(name: ReaderName, { items }: Output): void {
	const { vendor, key, ids } = READERS[name];
	const read = items.map(({ json }) => json[key] as number).sort((a, b) => a - b);
	expect(read).toEqual(ids());
	expect(house[vendor].faults).toEqual([]);
}

let waits: number[];
beforeEach(() => {
	waits = shortenWaits();
});
afterEach(() => {
	jest.restoreAllMocks();
});

const status = (code: number, more: { retryAfter?: number } = {}): FaultKind => ({
	kind: 'status',
	status: code,
	...more,
});
const PASSING: Array<[string, FaultKind]> = [
	['a late answer', { kind: 'latency', ms: 40 }],
	...[408, 429, 500, 502, 503, 504, 520].map((code): [string, FaultKind] => [`status ${code}`, status(code)]),
	['a connection cut before the answer', { kind: 'reset' }],
	['a connection cut in the middle of the answer', { kind: 'resetMidway' }],
	['JSON that breaks off', { kind: 'truncatedJson' }],
];

/** Its first bytes come at once, the next ones later than a test may take. */
const ENDLESS: FaultKind = { kind: 'slowBody', ms: 600_000 };

describe.each(NAMES)('%s', (name) => {
	const vendor = () => house[READERS[name].vendor];

	test.each(PASSING)('come whole, each once, after %s', async (_, fault) => {
		for (const request of [1, 3]) {
			plan(name, fault, request);
			expectWhole(name, await read(name));
			vendor().requests.length = 0;
		}
	});

	test.each(PASSING.slice(1))('come whole after four times %s in a row', async (_, fault) => {
		plan(name, { ...fault, times: 4 }, 2);
		expectWhole(name, await read(name));
		expect(waits).toHaveLength(4);
		// The waits after a 429 without a time last for the minute in which both vendors count.
		const isRateLimited = fault.kind === 'status' && fault.status === 429;
		const [shortest, longest] = isRateLimited ? [4000, 5000] : [250, 500];
		waits.forEach((wait, index) => {
			expect(wait).toBeGreaterThanOrEqual(shortest * 2 ** index);
			expect(wait).toBeLessThanOrEqual(longest * 2 ** index);
		});
	});

	test('come whole when no answer comes within the timeout', async () => {
		const timeouts = holdTimeouts();
		const { held, settled, release } = holdRequests(vendor(), (_request, count) => count === 2);
		const run = read(name, { timeout: 7 });
		await settled();
		expect(held).toHaveLength(1);
		timeouts.endSilence();
		expectWhole(name, await run);
		expect(new Set(timeouts.silence)).toEqual(new Set([7000]));
		expect(timeouts.silence).toHaveLength(vendor().requests.length);
		release();
	});

	test('come whole when an answer does not end within the timeout', async () => {
		const timeouts = holdTimeouts();
		plan(name, ENDLESS, 2);
		const run = read(name, { timeout: 7 });
		await answerBegins(vendor(), 2);
		timeouts.endAnswer();
		expectWhole(name, await run);
		// A moment more than n8n gives to the server, whose error says more.
		expect(new Set(timeouts.answer)).toEqual(new Set([7100]));
	});

	test.each([
		[408, 'temporarily-unavailable', 'could not process the request (HTTP 408)'],
		[429, 'rate-limited', 'is receiving too many requests (HTTP 429)'],
		[500, 'temporarily-unavailable', 'could not process the request (HTTP 500)'],
		[502, 'temporarily-unavailable', 'could not process the request (HTTP 502)'],
		[503, 'temporarily-unavailable', 'could not process the request (HTTP 503)'],
		[504, 'temporarily-unavailable', 'could not process the request (HTTP 504)'],
	])('fail clearly when status %i comes again and again', async (code, cause, message) => {
		plan(name, { ...status(code), times: 99 }, 2);
		const failure = await failureOf(read(name));
		expect(failure).toMatchObject({ httpCode: String(code), cause, itemIndex: 0, retryAfterMs: undefined });
		expect(failure.message).toMatch(message);
		expect(failure.description).toMatch('It was sent 5 times');
		expect(vendor().requests).toHaveLength(6);
	});

	test.each<[string, FaultKind, string]>([
		['the connection is cut', { kind: 'reset' }, 'the connection was cut'],
		['the connection is cut midway', { kind: 'resetMidway' }, 'the connection was cut'],
		['the JSON breaks off', { kind: 'truncatedJson' }, 'its JSON breaks off in the middle'],
	])('fail clearly when %s again and again', async (_, fault, words) => {
		plan(name, { ...fault, times: 99 }, 2);
		const { message, description, cause } = await failureOf(read(name));
		expect(message).toBe(`The API gave no complete response: ${words}`);
		expect(description).toMatch('It was sent 5 times');
		expect(cause).toBe('temporarily-unavailable');
		expect(vendor().requests).toHaveLength(6);
	});

	test.each([
		[400, 'did not accept the request', /Check the parameters/, undefined],
		[401, 'refused the credential', /Check the (API key|access token) in the/, 'credential-invalid'],
		[403, 'refused the credential', /Check the (API key|access token) in the/, 'credential-invalid'],
		[
			404,
			'has nothing under this ID or address',
			/Check the (IDs|team, the site and the charger)/,
			undefined,
		],
		[
			410,
			'did not accept the request',
			/switched off this version|Check the parameters|may be gone from here: choose Plugchoice/,
			undefined,
		],
		[422, 'did not accept the request', /Check the parameters/, undefined],
	])(
		'are asked for once when the answer is %i, and the error says what to do',
		async (code, said, advice, cause) => {
			plan(name, { kind: 'status', status: code, times: 99, body: { message: 'Plain words of the server' } });
			const failure = await failureOf(read(name));
			expect(failure).toMatchObject({ httpCode: String(code), cause });
			expect(failure.message).toMatch(said);
			expect(failure.message).toMatch(`HTTP ${code}`);
			expect(failure.description).toMatch(advice);
			expect(failure.description).toMatch('The server said: Plain words of the server');
			expect(vendor().requests).toHaveLength(1);
			expect(waits).toEqual([]);
		},
	);

	test.each<[string, FaultKind, string]>([
		['a login page', { kind: 'html' }, '<!doctype html><html><head><title>Log in</title>'],
		['JSON without data', { kind: 'wrongShape' }, '{"items":[]}'],
		['data that is no list', { kind: 'wrongShape', form: 'dataNotArray' }, '{"data":{"records":[]}}'],
		['data that holds no records', status200({ data: [1, 2] }), '{"data":[1,2]}'],
		['nothing at all', status200(''), '(nothing)'],
		['a long text', status200(`<p>${'x'.repeat(500)}</p>`), `<p>${'x'.repeat(197)}…`],
	])('fail at once when %s comes instead, and show how it begins', async (_, fault, begin) => {
		plan(name, fault, 2);
		const { message, description, cause } = await failureOf(read(name));
		expect(message).toBe('The API responded with something other than the documented JSON');
		expect(description).toMatch('Check the base URL');
		expect(description).toContain(`The response begins: ${begin}`);
		expect(description.length).toBeLessThan(300);
		expect(cause).toBe('configuration-invalid');
		expect(vendor().requests).toHaveLength(2);
	});
});

test.each(NAMES)('%s fail clearly when every answer takes longer than the timeout', async (name) => {
	const timeouts = holdTimeouts();
	const vendor = house[READERS[name].vendor];
	plan(name, { ...ENDLESS, times: 99 });
	const run = failureOf(read(name, { timeout: 7 }));
	for (let attempt = 1; attempt <= 5; attempt++) {
		await answerBegins(vendor, attempt);
		timeouts.endAnswer();
	}
	const { message, description } = await run;
	expect(message).toBe('The API gave no complete response: none came within 7 s');
	expect(description).toMatch('raise the timeout');
	expect(vendor.requests).toHaveLength(5);
});

function status200(body: string | object): FaultKind {
	return { kind: 'status', status: 200, body };
}

describe.each(NAMES)('%s, several pages at once', (name) => {
	const vendor = () => house[READERS[name].vendor];
	const atOnce = { pageSize: 10, concurrency: 4 };

	test.each(PASSING)('come whole, each once, after %s for some of them', async (_, fault) => {
		plan(name, { ...fault, times: 4 }, 3);
		expectWhole(name, await read(name, atOnce));
	});

	test('fail clearly when one of them fails again and again, and nothing is asked for after that', async () => {
		// The first request of a list is alone.
		const { held, begun, settled, release } = holdRequests(vendor(), (_request, count) => count > 3);
		plan(name, { ...status(503), times: Infinity }, 4);
		let failure: Failure | undefined;
		const run = failureOf(read(name, atOnce)).then((error) => (failure = error));
		// Waits end when none is held any more.
		for (await settled(); failure === undefined; await settled()) held.shift()?.();
		expect(failure.description).toMatch('It was sent 5 times');
		const before = begun();
		release();
		await settled();
		expect(begun()).toBe(before);
		await run;
	});
});
