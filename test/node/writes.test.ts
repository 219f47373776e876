import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import type { ApiRequest, SafetyClass, WriteRequest } from '../../nodes/shared/http/types';
import { KEY, errorOf, sendAs, type SendOptions } from '../support/sender';
import { shortenWaits } from '../support/waits';

interface Received {
	method?: string;
	url?: string;
	headers: IncomingHttpHeaders;
	body: string;
}

/** A server that answers as a test says, over a real connection. */
let server: Server;
let url: string;
const received: Received[] = [];
let answer: (response: ServerResponse, count: number) => void;

beforeAll(async () => {
	server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const { method, url, headers } = request;
		received.push({ method, url, headers, body: Buffer.concat(chunks).toString('latin1') });
		answer(response, received.length);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});
let tries = 0;
beforeEach(() => {
	received.length = 0;
	tries = 0;
	answer = json(200, { ok: true });
	shortenWaits();
});
afterEach(() => {
	jest.restoreAllMocks();
});

const json =
	(status: number, body: object, headers: Record<string, string> = {}) =>
	(response: ServerResponse) =>
		void response
			.writeHead(status, { 'Content-Type': 'application/json', ...headers })
			.end(JSON.stringify(body));

const sendFrom = async (use: 'send' | 'getJson', request: ApiRequest, more: SendOptions = {}) =>
	await sendAs(use, request, { baseUrl: url, onTry: () => void tries++, ...more });
const send = async (request: ApiRequest, more?: SendOptions) => await sendFrom('send', request, more);

const PARTS = { path: '/v2/things/7', query: {}, body: {} };
const write = (safety: SafetyClass, more: object = {}): ApiRequest =>
	({ ...PARTS, method: 'POST', safety, ...more }) as WriteRequest;

const CLASSES: SafetyClass[] = ['read', 'set', 'create', 'command', 'final'];
const MOST_UNCERTAIN = { read: 5, set: 2, create: 1, command: 1, final: 1 };

const UNCERTAIN: Array<[string, (response: ServerResponse) => void]> = [
	['no response within the timeout', () => undefined],
	['a response that stops', (response) => void response.writeHead(200).write('{"ok":')],
	['a connection that is cut', (response) => void response.destroy()],
	[
		'a connection that is cut in the middle',
		(response) => {
			response.writeHead(200, { 'Content-Length': 100 }).write('{"ok":');
			setImmediate(() => response.destroy());
		},
	],
	[
		'JSON that breaks off',
		(response) => void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"ok":'),
	],
	['a 408', json(408, {})],
	['a 500', json(500, {})],
	['a 502', json(502, {})],
	['a 503', json(503, {})],
	['a 504', json(504, {})],
];

describe.each(CLASSES)('a request of class %s', (safety) => {
	test.each(UNCERTAIN)(
		`arrives as often as it may with %s: ${MOST_UNCERTAIN[safety]}, and the error says what is known of it`,
		async (_, answers) => {
			answer = answers;
			const { details, message } = await errorOf(send(write(safety)));
			expect(received).toHaveLength(MOST_UNCERTAIN[safety]);
			expect(details.outcome).toBe(safety === 'read' ? undefined : 'unknown');
			expect(message.endsWith('it is not known whether the request was carried out')).toBe(safety !== 'read');
		},
	);

	test('arrives until it is accepted after a 429', async () => {
		answer = (response, count) =>
			(count < 5 ? json(429, {}, { 'Retry-After': '1' }) : json(200, { ok: true }))(response);
		expect(await send(write(safety))).toEqual({ ok: true });
		expect(received).toHaveLength(5);
	});

	test('is tried five times where the connection is refused or the host not known, and was not carried out', async () => {
		const closed = createServer();
		await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
		const { port } = closed.address() as AddressInfo;
		await new Promise((resolve) => closed.close(resolve));
		// localhost has two addresses on some machines, which Node.js tries both.
		for (const baseUrl of [
			`http://127.0.0.1:${port}`,
			`http://localhost:${port}`,
			'https://nowhere.invalid',
		]) {
			tries = 0;
			const { details } = await errorOf(send(write(safety), { baseUrl }));
			expect(tries).toBe(5);
			expect(details.outcome).toBe(safety === 'read' ? undefined : 'notDone');
		}
	});
});

describe('"Give Up After"', () => {
	test('ends a command at once where the server asks for a longer wait', async () => {
		answer = json(429, {}, { 'Retry-After': '31' });
		const { message, details } = await errorOf(send(write('command')));
		expect(message).toBe('Spirii is receiving too many requests (HTTP 429)');
		expect(details).toMatchObject({ outcome: 'notDone', retryAfterMs: 31_000 });
		expect(details.advice).toMatch(
			/^It was not carried out. The next attempt is allowed in 31 seconds, which is later than "Give Up After" allows \(30 seconds\)/,
		);
		expect(received).toHaveLength(1);
	});

	test('may be longer', async () => {
		answer = (response, count) =>
			(count === 1 ? json(429, {}, { 'Retry-After': '31' }) : json(200, {}))(response);
		expect(await send(write('command', { giveUpAfterMs: 32_000 }))).toEqual({});
		expect(received).toHaveLength(2);
	});
});

test('an execution that is canceled while a write is on its way ends with an error that says so', async () => {
	const cancel = new AbortController();
	answer = () => cancel.abort();
	const { message } = await errorOf(send(write('create'), { cancel: cancel.signal }));
	expect(message).toBe('The execution was canceled, and it is not known whether the request was carried out');
	expect(received).toHaveLength(1);
});

describe('on the wire', () => {
	const BODY = {
		text: 'Kø "1"',
		none: null,
		number: 1.5,
		zero: 0,
		no: false,
		empty: '',
		list: [1, null, 'a', { deep: [] }],
		nested: { uid: { value: null }, more: {} },
	};

	test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s has its body as exact JSON', async (method) => {
		await send(write('set', { method, body: BODY, query: { a: [1, 2] } }));
		const [{ headers, body, ...line }] = received;
		expect(line).toEqual({ method, url: '/v2/things/7?a=1&a=2' });
		expect(Buffer.from(body, 'latin1').toString()).toBe(JSON.stringify(BODY));
		expect(headers['content-type']).toBe('application/json');
		expect(headers.authorization).toBe(`Bearer ${KEY}`);
	});

	test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s without a body has none', async (method) => {
		await send(write('set', { method }));
		const [{ method: sent, headers, body }] = received;
		expect([sent, body]).toEqual([method, '']);
		expect(headers['content-type']).toBeUndefined();
		expect(headers['content-length'] ?? '0').toBe('0');
		expect(headers['transfer-encoding']).toBeUndefined();
	});

	test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
		'%s has an empty object where it is wanted',
		async (method) => {
			await send(write('set', { method, sendEmptyBody: true }));
			expect(received[0].body).toBe('{}');
			expect(received[0].headers['content-type']).toBe('application/json');
		},
	);

	test('a second attempt has the same body', async () => {
		answer = (response, count) => json(count === 1 ? 500 : 200, {})(response);
		await send(write('set', { body: BODY }));
		expect(received.map(({ body }) => body)).toEqual([received[0].body, received[0].body]);
	});

	test('a file arrives byte by byte, in a form', async () => {
		const data = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
		const form = new FormData();
		form.append('note', 'Kø');
		form.append('photo', new Blob([data], { type: 'image/png' }), 'ø "1".png');
		answer = (response, count) => json(count === 1 ? 429 : 200, {})(response);
		await send(write('create', { form }));
		expect(received).toHaveLength(2);
		for (const { headers, body } of received) {
			expect(headers['content-length']).toBe(String(body.length));
			const arrived = await new Response(Buffer.from(body, 'latin1'), {
				headers: { 'Content-Type': headers['content-type']! },
			}).formData();
			const file = arrived.get('photo') as File;
			expect([arrived.get('note'), file.name, file.type]).toEqual(['Kø', 'ø "1".png', 'image/png']);
			expect(Buffer.from(await file.arrayBuffer())).toEqual(data);
		}
	});

	test('a redirect is not followed, and leaves the outcome open', async () => {
		answer = (response) => void response.writeHead(307, { Location: `${url}/elsewhere` }).end();
		const { details } = await errorOf(send(write('create', { body: BODY })));
		expect(received).toHaveLength(1);
		expect(details.outcome).toBe('unknown');
	});
});

describe('a response', () => {
	const plain = (status: number, body: string) => (response: ServerResponse) =>
		void response.writeHead(status).end(status === 204 ? undefined : body);

	test.each([
		[204, ''],
		[202, ''],
		[200, ''],
		[201, '\n'],
	])('of %i with the body %j is a success and holds nothing', async (status, body) => {
		answer = plain(status, body);
		for (const expects of ['json', 'none']) {
			expect(await send(write('command', { expects }))).toBe('nothing');
		}
	});

	test.each(['<html>', 'OK', '{"broken":', '{"ok":true}'])(
		'is a success where none is expected, whatever is in it: %s',
		async (body) => {
			answer = plain(200, body);
			expect(await send(write('create', { expects: 'none' }))).toBe('nothing');
			expect(received).toHaveLength(1);
		},
	);

	test('that is another page than the documented JSON leaves the outcome open', async () => {
		answer = plain(200, '<html>');
		const { details } = await errorOf(send(write('set')));
		expect(details).toMatchObject({ outcome: 'unknown', failure: 'configuration-invalid' });
		expect(received).toHaveLength(1);
	});

	test('of more than 100 MB leaves the outcome open', async () => {
		const zipped = gzipSync(Buffer.alloc(101 * 2 ** 20));
		answer = (response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(zipped);
		const { message, details } = await errorOf(send(write('set'), { timeoutSeconds: 60 }));
		expect(message).toMatch(/^The API sent a response of more than 100 MB, .*, and it is not known/);
		expect(details.outcome).toBe('unknown');
		expect(received).toHaveLength(1);
	});

	test.each([204, 202, 200])('of %i without a body is an error for who reads', async (status) => {
		answer = plain(status, '');
		const { message } = await errorOf(sendFrom('getJson', PARTS));
		expect(message).toBe('The API responded with something other than the documented JSON');
		expect(received.map(({ method }) => method)).toEqual(['GET']);
	});
});
