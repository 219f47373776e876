import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { runNode } from '../support/n8n';
import { failureOf } from '../support/sandbox';
import { shortenWaits } from '../support/waits';

const MEGABYTE = 2 ** 20;

let server: Server;
let baseUrl: string;
let requestCount = 0;
let sentBytes = 0;
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
	server = createServer((_, response) => {
		requestCount++;
		response.setHeader('Content-Type', 'application/json');
		answer(response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
	requestCount = 0;
	sentBytes = 0;
	shortenWaits();
});
afterEach(() => {
	jest.restoreAllMocks();
});
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

const read = async (parameters = {}) =>
	await runNode({
		node: new Spirii(),
		parameters: { resource: 'chargeRecord', operation: 'getAll', output: 'raw', ...parameters },
		credentials: { spiriiApi: { apiKey: 'key', environment: 'custom', baseUrl } },
	});

/** Sends until the connection is closed from the other side. */
const sendForever = (response: ServerResponse) => {
	const block = Buffer.alloc(MEGABYTE, ' ');
	const send = () => {
		while (!response.destroyed) {
			sentBytes += MEGABYTE;
			if (!response.write(block)) return void response.once('drain', send);
		}
	};
	send();
};
const packed = (encoding: string, bytes: Buffer) => (response: ServerResponse) =>
	void response.setHeader('Content-Encoding', encoding).end(bytes);

describe('an answer of more than 100 MB is refused, and not asked for again', () => {
	const blanks = Buffer.alloc(101 * MEGABYTE, ' ');
	test.each<[string, () => typeof answer]>([
		['that never ends', () => sendForever],
		['packed into a few kB by gzip', () => packed('gzip', gzipSync(blanks))],
		[
			'packed into a few kB by brotli',
			() => packed('br', brotliCompressSync(blanks, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })),
		],
	])('%s', async (_, made) => {
		answer = made();
		for (const parameters of [{}, { resource: 'legacyChargeRecord', operation: 'download' }]) {
			requestCount = 0;
			const failure = await failureOf(read(parameters));
			expect(failure.message).toBe(
				'The API sent a response of more than 100 MB, which was not read to its end',
			);
			expect(failure.description).toMatch('Set a smaller "Page Size" in the options');
			expect(requestCount).toBe(1);
		}
		expect(sentBytes).toBeLessThan(2 * 200 * MEGABYTE);
	});
});

test('an answer of 90 MB is read', async () => {
	answer = (response) => {
		response.write('{"data":[{"transactionId":1}]');
		response.end(`${' '.repeat(90 * MEGABYTE)}}`);
	};
	expect((await read()).items).toHaveLength(1);
});

test("what n8n itself blocks is not asked for again, and told in n8n's own words", async () => {
	class SsrfBlockedIpError extends Error {
		override name = 'SsrfBlockedIpError';

		description = 'The target 127.0.0.1 is not allowed. Ask your n8n administrator to allowlist it.';
	}
	let calls = 0;
	const run = async () =>
		await runNode({
			node: new Spirii(),
			parameters: { resource: 'chargeRecord', operation: 'getAll' },
			credentials: { spiriiApi: { apiKey: 'key', environment: 'custom', baseUrl } },
			beforeRequest: () => {
				calls++;
				throw new SsrfBlockedIpError(
					'The request was blocked because it resolves to a restricted IP address',
				);
			},
		});
	const failure = await failureOf(run());
	expect(calls).toBe(1);
	expect(failure.message).toBe('n8n does not let this workflow reach the base URL of the credential');
	expect(failure.description).toBe(
		'The request was blocked because it resolves to a restricted IP address. The target 127.0.0.1 is not allowed. Ask your n8n administrator to allowlist it.',
	);
	expect(failure.cause).toBe('configuration-invalid');
});
