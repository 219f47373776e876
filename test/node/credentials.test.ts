import { ExecuteContext } from 'n8n-core';
import {
	Workflow,
	createEmptyRunExecutionData,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IHttpRequestOptions,
	type INode,
} from 'n8n-workflow';

import { SpiriiApi } from '../../credentials/SpiriiApi.credentials';
import { VoltTimeApi } from '../../credentials/VoltTimeApi.credentials';
import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { spirii } from '../../nodes/Spirii/vendor';
import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { prepare, testCredential } from '../support/n8n';
import { useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 5, transactionsPerCharger: 5 });

const TYPES: Array<[string, ICredentialType, string]> = [
	['spiriiApi', new SpiriiApi(), 'apiKey'],
	['voltTimeApi', new VoltTimeApi(), 'accessToken'],
];

async function authenticated(
	{ authenticate }: ICredentialType,
	data: ICredentialDataDecryptedObject,
	request: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	if (typeof authenticate !== 'function') throw new Error('There is no authenticate function');
	return await authenticate(data, request);
}

async function messageOf(run: Promise<unknown>): Promise<string> {
	return await run.then(
		() => 'It succeeded',
		(error: unknown) => (error as Error).message,
	);
}

describe.each(TYPES)('%s', (name, type, field) => {
	const url = 'https://api.example.com/v2/things';
	const own = { environment: 'custom', baseUrl: 'https://api.example.com/' };

	test('puts the key into the header and leaves the rest of the request alone', async () => {
		const request = { url, qs: { limit: 1 }, headers: { 'X-Own': 'yes' } };
		const sent = await authenticated(type, { ...own, [field]: 'abc.DEF-123' }, request);
		expect(sent).toEqual({
			...request,
			// n8n would send the key along to another host.
			disableFollowRedirect: true,
			followRedirect: false,
			followAllRedirects: false,
			headers: expect.objectContaining({ 'X-Own': 'yes', Authorization: 'Bearer abc.DEF-123' }),
		});
		expect(request.headers).toEqual({ 'X-Own': 'yes' });
	});

	test("serves n8n's HTTP Request node, which calls the address uri", async () => {
		const { headers } = await authenticated(type, { ...own, [field]: 'abc' }, { uri: url } as never);
		expect(headers?.Authorization).toBe('Bearer abc');
	});

	test('asks for JSON where the vendor wants that said', async () => {
		const { headers } = await authenticated(type, { ...own, [field]: 'abc' }, { url });
		expect(headers?.Accept).toBe(name === 'voltTimeApi' ? 'application/json' : undefined);
	});

	test.each(['abc', ' abc ', 'Bearer abc', 'bearer   abc\n', 'BEARER abc'])(
		'accepts %j as abc',
		async (key) => {
			const { headers } = await authenticated(type, { ...own, [field]: key }, { url });
			expect(headers?.Authorization).toBe('Bearer abc');
		},
	);

	test.each([
		[{ url: 'http://api.example.com/v2' }, 'http://api.example.com'],
		[{ baseURL: 'http://api.example.com', url: '/v2' }, 'http://api.example.com'],
		[{ url: 'http://127.0.0.1.example.com' }, 'http://127.0.0.1.example.com'],
		[{ uri: 'https://evil.example/x' }, 'https://evil.example'],
		[{ baseURL: 'https://api.example.com', url: 'https://evil.example' }, 'https://evil.example'],
		[{ baseURL: 'https://api.example.com', url: '//evil.example' }, 'https://evil.example'],
		[{ url: '/v2' }, 'an address that cannot be read'],
	])('lets no key leave to another address: %j', async (request, target) => {
		const run = authenticated(type, { ...own, [field]: 'abc' }, request as IHttpRequestOptions);
		expect(await messageOf(run)).toBe(
			`The key of this credential is for https://api.example.com only, but the request goes to ${target}`,
		);
	});

	test.each(['http://api.example.com', 'http://127.0.0.1.example.com', '', 'api.example.com'])(
		'lets no key leave where its own base URL cannot be used: "%s"',
		async (baseUrl) => {
			const run = authenticated(type, { ...own, baseUrl, [field]: 'abc' }, { url: `${baseUrl}/v2` });
			expect(await messageOf(run)).toMatch('The credential\'s "Base URL" must');
		},
	);

	test.each(['', '  ', 'a b', 'a\nb', 'Bearer'])('accepts no key like %j', async (key) => {
		const message = await messageOf(authenticated(type, { ...own, [field]: key }, { url }));
		expect(message).toMatch(/The credential's "(API Key|Access Token)" (is empty|must be one line)/);
	});

	test('hides the key in the editor', () => {
		const property = type.properties.find((candidate) => candidate.name === field);
		expect(property).toMatchObject({ required: true, typeOptions: { password: true } });
	});

	// The HTTP Request node says `uri`, nodes say `url`; both would follow redirects.
	describe.each(['requestWithAuthentication', 'httpRequestWithAuthentication'] as const)(
		"over the wire, by n8n's %s",
		(helper) => {
			const [mine, other] =
				name === 'spiriiApi' ? (['spirii', 'voltTime'] as const) : (['voltTime', 'spirii'] as const);
			const path = name === 'spiriiApi' ? '/v2/charge-records?limit=1' : '/api/v3/user';
			const send = async (address: string): Promise<unknown> => {
				const { workflow, node, additionalData } = prepare({
					node: name === 'spiriiApi' ? new Spirii() : new VoltTime(),
					parameters: {},
					credentials: house.credentials(),
				});
				const input = { main: [[]] };
				const context = new ExecuteContext(
					workflow,
					node,
					additionalData,
					'manual',
					createEmptyRunExecutionData(),
					0,
					[],
					input,
					{ node, data: input, source: null },
					[],
				);
				const request = { method: 'GET' as const, uri: address, url: address, followRedirect: true };
				return await context.helpers[helper].call(context, name, request);
			};

			test('the key goes to its own origin', async () => {
				await send(house[mine].url + path);
				const [{ headers, status }] = house[mine].requests;
				expect([headers.authorization, status]).toEqual([`Bearer ${house[mine].key}`, 200]);
			});

			test('no request goes to another one', async () => {
				expect(await messageOf(send(house[other].url + path))).toBe(
					`The key of this credential is for ${house[mine].url} only, but the request goes to ${house[other].url}`,
				);
				expect([...house.spirii.requests, ...house.voltTime.requests]).toEqual([]);
			});

			test('no redirect is followed', async () => {
				house[mine].faults.push({ kind: 'redirect', to: house[other].url + path });
				expect(await messageOf(send(house[mine].url + path))).toContain('302');
				expect(house[mine].requests).toHaveLength(1);
				expect(house[other].requests).toEqual([]);
			});
		},
	);

	describe('as its test in n8n', () => {
		const data = () => house.credentials()[name as 'spiriiApi' | 'voltTimeApi'];
		const vendor = () => (name === 'spiriiApi' ? house.spirii : house.voltTime);

		test.each(['', '/', '  '])(
			'passes with the right key and one cheap request (base URL ending in "%s")',
			async (ending) => {
				await testCredential(name, { ...data(), baseUrl: String(data().baseUrl) + ending });
				expect(vendor().requests).toHaveLength(1);
				const [{ method, path, rawQuery, headers, status }] = vendor().requests;
				expect([method, path, rawQuery, status]).toEqual([
					'GET',
					name === 'spiriiApi' ? '/v2/charge-records' : '/api/v3/user',
					name === 'spiriiApi' ? 'limit=1' : '',
					200,
				]);
				expect(headers.authorization).toBe(`Bearer ${vendor().key}`);
			},
		);

		test('fails with a wrong key', async () => {
			for (const badKeyStatus of [401, 403] as const) {
				house.spirii.switches.badKeyStatus = badKeyStatus;
				vendor().requests.length = 0;
				await expect(testCredential(name, { ...data(), [field]: 'wrong' })).rejects.toThrow(
					/^(Spirii|Volt Time) did not accept the (API key|access token)\. Check that it is copied whole/,
				);
				const [{ status }] = vendor().requests;
				expect(status).toBe(name === 'spiriiApi' ? badKeyStatus : 401);
			}
		});

		test.each([
			[302, 'This address leads to another one (HTTP 302), which is not followed. Check the '],
			[404, 'There is nothing of the '],
			[407, 'The proxy asks for a login (HTTP 407). Check the proxy settings of n8n'],
			[500, 'Internal Server Error'],
		])('fails when the answer is %i, and says what to check', async (status, words) => {
			vendor().faults.push(
				status === 302 ? { kind: 'redirect', to: `${vendor().url}/login` } : { kind: 'status', status },
			);
			await expect(testCredential(name, data())).rejects.toThrow(words);
			expect(vendor().requests).toHaveLength(1);
		});

		test.each<[string, string | object]>([
			['a web page', '<!doctype html><title>n8n.io</title>'],
			['nothing', ''],
			['a word', 'OK'],
			['JSON of another shape', { status: 'ok' }],
			['an empty object', {}],
			['null', 'null'],
			['a list', [{ status: 'ok' }]],
			['no list', { data: { items: [] } }],
			['no data', { data: null }],
			['a number', '42'],
		])('fails when %s comes with status 200, and says what to check', async (_, body) => {
			vendor().faults.push({ kind: 'status', status: 200, body });
			await expect(testCredential(name, data())).rejects.toThrow(
				name === 'spiriiApi'
					? 'This address responds, but not as the Spirii API does. Check the environment and the base URL.'
					: 'This address responds, but not as the Volt Time API does. Check the base URL.',
			);
		});

		test('sends nothing over plain http', async () => {
			const run = testCredential(name, { ...data(), baseUrl: 'http://api.example.com' });
			expect(await messageOf(run)).toMatch('must start with https://');
		});

		test('has the base URL as it is typed, with a path in front', async () => {
			await testCredential(name, { ...data(), baseUrl: `${data().baseUrl}/proxy/` }).catch(() => undefined);
			expect(vendor().requests[0].path).toMatch(/^\/proxy\/(v2|api)\//);
		});
	});
});

test('the test of a Spirii credential passes for an account that sees no session yet', async () => {
	house.spirii.faults.push({ kind: 'status', status: 200, body: { data: [] } });
	await testCredential('spiriiApi', house.credentials().spiriiApi);
	expect(house.spirii.requests.map(({ status }) => status)).toEqual([200]);
});

test.each([
	['production', 'https://api.spirii.com'],
	['sandbox', 'https://sandbox.api.spirii.com'],
	['custom', 'https://ev.example.com'],
])('the environment %s of Spirii is at %s, for the test as for the node', (environment, address) => {
	const node: INode = {
		id: '1',
		name: 'Spirii',
		type: 'spirii',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	};
	const nodeTypes = {
		getByName: () => new Spirii(),
		getByNameAndVersion: () => new Spirii(),
		getKnownTypes: () => ({}),
	};
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	const $credentials = { environment, baseUrl: 'https://ev.example.com' };
	const { baseURL } = new SpiriiApi().test.request;
	const resolved = workflow.expression.getSimpleParameterValue(node, baseURL, 'internal', { $credentials });
	expect(resolved).toBe(address);
	expect(spirii.baseUrl($credentials)).toBe(address);
});
