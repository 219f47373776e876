import type { INodeExecutionData } from 'n8n-workflow';

import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode } from '../support/n8n';
import { failureOf } from '../support/sandbox';
import { shortenWaits } from '../support/waits';

/** Two operators of one vendor, each with a server and a key of its own. */
const TENANTS = ['a', 'b'] as const;
type Tenant = (typeof TENANTS)[number];
const keyOf = (tenant: Tenant) => `key-of-tenant-${tenant}`;

let sandboxes: Record<Tenant, Sandbox>;
beforeAll(async () => {
	const [a, b] = await Promise.all(
		TENANTS.map(async (tenant) => {
			const keys = { spirii: keyOf(tenant), voltTime: keyOf(tenant) };
			return await startSandbox({ records: 5, transactionsPerCharger: 5, keys });
		}),
	);
	sandboxes = { a, b };
});
beforeEach(() => {
	for (const { spirii, voltTime } of Object.values(sandboxes)) {
		spirii.reset();
		voltTime.reset();
	}
});
afterAll(async () => {
	await Promise.all(Object.values(sandboxes).map(async ({ close }) => await close()));
});

const NODES = {
	Spirii: {
		node: new Spirii(),
		parameters: { resource: 'chargeRecord', operation: 'getAll', output: 'raw', limit: 2 },
		credential: {
			name: 'spiriiApi',
			data: { apiKey: '={{ $json.key }}', environment: 'custom', baseUrl: '={{ $json.url }}' },
		},
		serverOf: (tenant: Tenant) => sandboxes[tenant].spirii,
	},
	'Volt Time': {
		node: new VoltTime(),
		parameters: { resource: 'team', operation: 'getAll', output: 'raw', limit: 2 },
		credential: {
			name: 'voltTimeApi',
			data: { accessToken: '={{ $json.key }}', baseUrl: '={{ $json.url }}' },
		},
		serverOf: (tenant: Tenant) => sandboxes[tenant].voltTime,
	},
};

describe.each(Object.entries(NODES))('%s, with a credential made of expressions', (_, vendor) => {
	const { node, parameters, credential, serverOf } = vendor;
	const itemOf = (tenant: Tenant, more = {}): INodeExecutionData => ({
		json: { key: keyOf(tenant), url: serverOf(tenant).url, ...more },
	});
	const run = async (items: INodeExecutionData[], continueOnFail = false) =>
		await runNode({
			node,
			parameters,
			credentials: { [credential.name]: credential.data },
			items,
			continueOnFail,
		});
	const keysAt = (tenant: Tenant) => serverOf(tenant).requests.map(({ headers }) => headers.authorization);

	test('sends the key of each item to the address of that item, and no other key', async () => {
		const { items } = await run([itemOf('a'), itemOf('b'), itemOf('a')]);
		expect(keysAt('a')).toEqual([`Bearer ${keyOf('a')}`, `Bearer ${keyOf('a')}`]);
		expect(keysAt('b')).toEqual([`Bearer ${keyOf('b')}`]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 0, 1, 1, 2, 2].map((item) => ({ item })));
	});

	test('sends the key of each item where all go to one address', async () => {
		const { url } = serverOf('a');
		const { items } = await run([itemOf('a'), itemOf('b', { url })], true);
		expect(keysAt('a')).toEqual([`Bearer ${keyOf('a')}`, `Bearer ${keyOf('b')}`]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 0, 1].map((item) => ({ item })));
		expect(items[2].json.error).toMatch('refused the credential');
	});

	test("hides the key of the item in that item's error", async () => {
		shortenWaits();
		const message = `Unknown key ${keyOf('b')}`;
		serverOf('b').faults.push({ kind: 'status', status: 403, body: { message } });
		const { items } = await run([itemOf('a'), itemOf('b')], true);
		const { json } = items[2];
		expect(json.message).toMatch('Unknown key [hidden]');
		expect(JSON.stringify(json)).not.toContain('tenant-b');
		jest.restoreAllMocks();
	});

	test('ends with the item whose credential has no key, before any request for it', async () => {
		const failure = await failureOf(run([itemOf('a'), itemOf('b', { key: '' })]));
		expect(failure).toMatchObject({ itemIndex: 1 });
		expect(failure.message).toMatch('is empty');
		expect(keysAt('b')).toEqual([]);
	});
});
