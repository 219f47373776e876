import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { FaultKind } from '../../sandbox';
import { advanceClock } from '../support/clock';
import { failureOf, useSandbox } from '../support/sandbox';
import { shortenWaits } from '../support/waits';

const house = useSandbox({ records: 60, plain: true });

const readAll = async () =>
	await house.run.spirii({
		resource: 'chargeRecord',
		operation: 'getAll',
		returnAll: true,
		options: { pageSize: 20 },
	});
const expectWhole = ({ items }: Awaited<ReturnType<typeof readAll>>) => {
	const read = items.map(({ json }) => json.transactionId as number).sort((a, b) => a - b);
	expect(read).toEqual(house.spirii.data.listed('chargeRecords'));
};

describe('a wait that the server asks for', () => {
	afterEach(() => {
		jest.restoreAllMocks();
	});

	test('is kept to its end, and not a moment longer', async () => {
		const waits = shortenWaits();
		const begun = Date.now();
		house.spirii.faults.push({ kind: 'status', status: 429, retryAfter: 1 });
		const sentAfter: number[] = [];
		house.spirii.onRequest = () => void sentAfter.push(Date.now() - begun);
		expectWhole(await readAll());
		expect(waits).toEqual([1000]);
		expect(sentAfter.slice(0, 2)).toEqual([0, 1000]);
	});

	test('is kept, by a real clock', async () => {
		house.spirii.faults.push({ kind: 'status', status: 429, retryAfter: 1 });
		const begin = performance.now();
		expectWhole(await readAll());
		expect(performance.now() - begin).toBeGreaterThanOrEqual(1000);
	});

	test('is kept where the server counts, so that a long list gets through', async () => {
		const waits = shortenWaits();
		Object.assign(house.spirii.switches, { rateLimit: 2, rateHeaders: false });
		expectWhole(await readAll());
		expect(house.spirii.requests.map(({ status }) => status)).toContain(429);
		expect(waits).toContain(60_000);
	});

	test('is not even asked for where answers say how many requests are left', async () => {
		const waits = shortenWaits();
		Object.assign(house.spirii.switches, { rateLimit: 2 });
		expectWhole(await readAll());
		expect(house.spirii.requests.map(({ status }) => status)).not.toContain(429);
		expect(house.spirii.requests.length).toBeGreaterThan(2);
		expect(waits.length).toBeGreaterThan(0);
	});

	test.each([429, 503])('may be given in seconds or as a date, with status %i', async (status) => {
		const waits = shortenWaits();
		// Dates in headers have whole seconds.
		advanceClock(1000 - (Date.now() % 1000));
		const date = new Date(Date.now() + 90_000).toUTCString();
		for (const retryAfter of [2, '45', date])
			house.spirii.faults.push({ kind: 'status', status, retryAfter });
		expectWhole(await readAll());
		// The date was 90 s away before the first two waits.
		expect(waits).toEqual([2000, 45_000, 43_000]);
	});

	test('is carried by the error when the tries are used up', async () => {
		shortenWaits();
		house.spirii.faults.push({ kind: 'status', status: 429, retryAfter: 7, times: 99 });
		const failure = await failureOf(readAll());
		expect(failure).toMatchObject({ httpCode: '429', cause: 'rate-limited', retryAfterMs: 7000 });
		expect(house.spirii.requests).toHaveLength(5);
	});

	test.each([
		[429, 'rate-limited'],
		[503, 'temporarily-unavailable'],
	])('is not kept when it is an hour: status %i fails at once and says so', async (status, cause) => {
		house.spirii.faults.push({ kind: 'status', status, retryAfter: 3600 });
		const failure = await failureOf(readAll());
		expect(failure).toMatchObject({ httpCode: String(status), cause, retryAfterMs: 3_600_000 });
		expect(failure.description).toMatch('It demands a wait of 60 minutes, so the request was not sent again');
		expect(failure.description).not.toMatch('times');
		expect(house.spirii.requests).toHaveLength(1);
	});
});

describe('another host', () => {
	let server: Server;
	let address: string;
	const received: IncomingMessage[] = [];
	beforeAll(async () => {
		server = createServer((request, response) => {
			received.push(request);
			response.setHeader('Content-Type', 'application/json').end('{"data":[]}');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		address = `http://localhost:${(server.address() as AddressInfo).port}`;
	});
	afterAll(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});

	test('never hears of a request that is redirected to it, and the error names it', async () => {
		house.spirii.faults.push({ kind: 'redirect', to: `${address}/v2/charge-records` });
		const spirii = await failureOf(readAll());
		house.voltTime.faults.push({ kind: 'redirect', to: `${address}/login?token=abc` });
		const voltTime = await failureOf(house.run.voltTime({ resource: 'team', operation: 'getAll' }));
		for (const { message, description, httpCode, cause } of [spirii, voltTime]) {
			expect(message).toMatch(`responded with a redirect to ${address.slice(7)}, which was not followed`);
			expect(description).toMatch('The key is never sent to another address');
			expect([httpCode, cause]).toEqual(['302', 'configuration-invalid']);
		}
		expect(received).toEqual([]);
		expect([house.spirii.requests, house.voltTime.requests].map(({ length }) => length)).toEqual([1, 1]);
	});

	test('is not known, or refuses the connection: the error says so in words', async () => {
		shortenWaits();
		const closed = createServer();
		await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
		const { port } = closed.address() as AddressInfo;
		await new Promise((resolve) => closed.close(resolve));
		const failure = await failureOf(
			house.run.voltTime(
				{ resource: 'team', operation: 'getAll' },
				{ credentials: { voltTimeApi: { accessToken: 'abc', baseUrl: `http://127.0.0.1:${port}` } } },
			),
		);
		jest.restoreAllMocks();
		expect(failure.message).toBe('The API gave no complete response: the connection was refused');
		expect(failure.description).toMatch('It was sent 5 times. Check the base URL and the network');
		expect(failure.cause).toBe('temporarily-unavailable');
	});
});

describe('no error holds the key', () => {
	const KEY = 'sk_live/51+Secret==.8Kd-99';
	const secretive = useSandbox({ records: 60, plain: true, keys: { spirii: KEY, voltTime: KEY } });
	const echo = { message: `bad key ${KEY}`, error: { message: `Authorization: Bearer ${KEY} is bad` } };
	const status = (code: number, body: string | object): FaultKind => ({ kind: 'status', status: code, body });
	const faults: FaultKind[] = [
		...[400, 401, 403, 404, 408, 410, 422, 429, 500, 502, 503, 504].flatMap((code) => [
			status(code, echo),
			status(code, { errors: { limit: [`${KEY} is no number`] } }),
			status(code, `<p>${KEY}</p>`),
		]),
		status(200, `<html>${KEY}</html>`),
		status(200, { items: [KEY] }),
		status(200, `<html>${'x'.repeat(190)}${KEY}`),
		status(200, `{"data":[{"id":"${KEY}`),
		{ kind: 'redirect', to: `http://${encodeURIComponent(KEY)}.example/?key=${KEY}` },
		{ kind: 'redirect', to: KEY },
		{ kind: 'reset' },
		{ kind: 'resetMidway' },
		{ kind: 'truncatedJson' },
		{ kind: 'html' },
		{ kind: 'wrongShape' },
	];

	beforeEach(() => {
		shortenWaits();
	});
	afterEach(() => {
		jest.restoreAllMocks();
	});

	test.each(faults.map((fault): [string, FaultKind] => [JSON.stringify(fault), fault]))(
		'however mean the server is: %s',
		async (_, fault) => {
			secretive.spirii.faults.push({ ...fault, times: 99 });
			secretive.voltTime.faults.push({ ...fault, times: 99 });
			const failures = await Promise.all([
				failureOf(secretive.run.spirii({ resource: 'chargeRecord', operation: 'getAll' })),
				failureOf(secretive.run.spirii({ resource: 'legacyChargeRecord', operation: 'download' })).catch(
					() => undefined,
				),
				failureOf(secretive.run.voltTime({ resource: 'team', operation: 'getAll' })),
			]);
			for (const failure of failures) {
				for (const form of [KEY, encodeURIComponent(KEY), Buffer.from(KEY).toString('base64')])
					expect(failure?.everything ?? '').not.toContain(form);
				expect(failure?.everything ?? '').not.toContain(KEY.slice(8, 18));
			}
		},
	);

	test('not even a part of one that is longer than what is shown of an answer', async () => {
		const key = `eyJ${'abcdefghij'.repeat(120)}`;
		const credentials = { spiriiApi: { ...secretive.credentials().spiriiApi, apiKey: key } };
		for (const operation of ['getAll', 'download']) {
			secretive.spirii.faults.push(status(200, `<html>${key}${key}</html>`));
			const run = secretive.run.spirii({ resource: 'legacyChargeRecord', operation }, { credentials });
			const { everything } = await failureOf(run);
			expect(everything).not.toContain('abcdefghij');
			expect(everything).toContain('[hidden]');
		}
	});
});
