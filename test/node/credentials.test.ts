import {
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IHttpRequestOptions,
	type INode,
} from 'n8n-workflow';

import { SpiriiApi } from '../../credentials/SpiriiApi.credentials';
import { VoltTimeApi } from '../../credentials/VoltTimeApi.credentials';
import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { spirii } from '../../nodes/Spirii/vendor';
import { testCredential } from '../support/n8n';
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

	test('puts the key into the header and leaves the rest of the request alone', async () => {
		const request = { url, qs: { limit: 1 }, headers: { 'X-Own': 'yes' } };
		const sent = await authenticated(type, { [field]: 'abc.DEF-123' }, request);
		expect(sent).toEqual({
			...request,
			headers: expect.objectContaining({ 'X-Own': 'yes', Authorization: 'Bearer abc.DEF-123' }),
		});
		expect(request.headers).toEqual({ 'X-Own': 'yes' });
	});

	test("serves n8n's HTTP Request node, which calls the address uri", async () => {
		const { headers } = await authenticated(type, { [field]: 'abc' }, { uri: url } as never);
		expect(headers?.Authorization).toBe('Bearer abc');
	});

	test('asks for JSON where the vendor wants that said', async () => {
		const { headers } = await authenticated(type, { [field]: 'abc' }, { url });
		expect(headers?.Accept).toBe(name === 'voltTimeApi' ? 'application/json' : undefined);
	});

	test.each(['abc', ' abc ', 'Bearer abc', 'bearer   abc\n', 'BEARER abc'])(
		'accepts %j as abc',
		async (key) => {
			const { headers } = await authenticated(type, { [field]: key }, { url });
			expect(headers?.Authorization).toBe('Bearer abc');
		},
	);

	test.each([
		{ url: 'http://api.example.com/v2' },
		{ baseURL: 'http://api.example.com', url: '/v2' },
		{ url: 'http://127.0.0.1.example.com' },
		{ url: '/v2' },
		{ uri: 'http://api.example.com/v2' },
	])('lets no key leave over plain http: %j', async (request) => {
		const message = await messageOf(authenticated(type, { [field]: 'abc' }, request as IHttpRequestOptions));
		expect(message).toMatch('"Base URL" must');
	});

	test.each(['', '  ', 'a b', 'a\nb', 'Bearer'])('accepts no key like %j', async (key) => {
		const message = await messageOf(authenticated(type, { [field]: key }, { url }));
		expect(message).toMatch(/The credential's "(API Key|Access Token)" (is empty|must be one line)/);
	});

	test('hides the key in the editor', () => {
		const property = type.properties.find((candidate) => candidate.name === field);
		expect(property).toMatchObject({ required: true, typeOptions: { password: true } });
	});

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
					name === 'spiriiApi' ? '/v2/charge-records' : '/api/v2/user',
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
				await expect(testCredential(name, { ...data(), [field]: 'wrong' })).rejects.toThrow();
				const [{ status }] = vendor().requests;
				expect(status).toBe(name === 'spiriiApi' ? badKeyStatus : 401);
			}
		});

		test.each([302, 404, 500])('fails when the answer is %i', async (status) => {
			vendor().faults.push(
				status === 302 ? { kind: 'redirect', to: `${vendor().url}/login` } : { kind: 'status', status },
			);
			await expect(testCredential(name, data())).rejects.toThrow();
			expect(vendor().requests).toHaveLength(1);
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
