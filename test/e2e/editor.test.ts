import { startSandbox, type Sandbox } from '../../sandbox';
import { SITES } from '../../sandbox/spirii/places';
import { dataOf, startRealN8n, type RealN8n } from './realN8n';

const MINUTES = 60_000;

let sandbox: Sandbox;
let n8n: RealN8n;

beforeAll(async () => {
	sandbox = await startSandbox({ records: 230, transactionsPerCharger: 3 });
	n8n = await startRealN8n(sandbox, { pages: true });
}, 5 * MINUTES);

afterAll(async () => {
	await n8n?.stop();
	await sandbox?.close();
}, MINUTES);

beforeEach(() => {
	sandbox.spirii.requests.length = 0;
	sandbox.voltTime.requests.length = 0;
});

describe('the nodes of the packed package in a running n8n', () => {
	interface NodeType {
		name: string;
		displayName: string;
		iconUrl: { light: string; dark: string };
	}

	const icons = async (type: NodeType) =>
		await Promise.all(
			[type.iconUrl.light, type.iconUrl.dark].map(async (url) => await n8n.request('GET', `/${url}`)),
		);

	test.each([
		['n8n-nodes-ev-charging.spirii', 'Spirii'],
		['n8n-nodes-ev-charging.voltTime', 'Volt Time'],
		['n8n-nodes-ev-charging.evCharging', 'EV Charging'],
	])('%s is found as "%s", with a light and a dark icon of its own', async (name, displayName) => {
		const types = (await n8n.request('GET', '/types/nodes.json')).json as NodeType[];
		const type = types.find((candidate) => candidate.name === name);
		expect(type?.displayName).toBe(displayName);

		const [light, dark] = await icons(type as NodeType);
		for (const icon of [light, dark]) {
			expect(icon).toMatchObject({ status: 200, type: expect.stringContaining('image/svg') });
			expect(icon.text).toContain('<svg');
		}
		expect(light.text).not.toBe(dark.text);
	});

	test('those of the vendors, and no others, can be used as a tool of an AI agent', async () => {
		const types = (await n8n.request('GET', '/types/nodes.json')).json as NodeType[];
		const tools = types
			.map(({ name }) => name)
			.filter((name) => name.startsWith('n8n-nodes-ev-charging.') && name.endsWith('Tool'));
		expect(tools.sort()).toEqual(
			['spiriiTool', 'voltTimeTool'].map((name) => `n8n-nodes-ev-charging.${name}`),
		);
	});
});

describe("n8n's credential test", () => {
	const verdict = async (type: string, data: object) =>
		dataOf<{ status: string; message: string }>(
			await n8n.request('POST', '/rest/credentials/test', {
				credentials: { id: '', name: type, type, data },
			}),
		);
	const spirii = (apiKey: string) => ({ apiKey, environment: 'custom', baseUrl: sandbox.spirii.url });
	const voltTime = (accessToken: string) => ({ accessToken, baseUrl: sandbox.voltTime.url });

	test('accepts the right Spirii key, also when it was pasted with "Bearer " and blanks', async () => {
		expect(await verdict('spiriiApi', spirii(sandbox.spirii.key))).toMatchObject({ status: 'OK' });
		expect(await verdict('spiriiApi', spirii(` Bearer ${sandbox.spirii.key} `))).toMatchObject({
			status: 'OK',
		});
		expect(sandbox.spirii.requests.map(({ headers }) => headers.authorization)).toEqual([
			`Bearer ${sandbox.spirii.key}`,
			`Bearer ${sandbox.spirii.key}`,
		]);
	});

	test('refuses a wrong Spirii key', async () => {
		expect(await verdict('spiriiApi', spirii('wrong'))).toMatchObject({ status: 'Error' });
		expect(sandbox.spirii.requests[0]).toMatchObject({ headers: { authorization: 'Bearer wrong' } });
	});

	test('accepts the right Volt Time token', async () => {
		expect(await verdict('voltTimeApi', voltTime(sandbox.voltTime.key))).toMatchObject({ status: 'OK' });
		expect(sandbox.voltTime.requests.map(({ path }) => path)).toEqual(['/api/v3/user']);
	});

	test('refuses a wrong Volt Time token', async () => {
		expect(await verdict('voltTimeApi', voltTime('wrong'))).toMatchObject({ status: 'Error' });
		expect(sandbox.voltTime.requests[0]).toMatchObject({ headers: { authorization: 'Bearer wrong' } });
	});

	test('sends no key to an address without https that is not on this machine', async () => {
		const elsewhere = { ...voltTime(sandbox.voltTime.key), baseUrl: 'http://volttime.example.test' };
		const { status, message } = await verdict('voltTimeApi', elsewhere);
		expect(status).toBe('Error');
		expect(message).toMatch(/https/);
	});
});

/** What a resource locator lists in the editor. */
async function picked(
	nodeType: string,
	credentials: object,
	list: { path: string; methodName: string; filter: string; parameters: object },
): Promise<Array<{ name: string; value: string }>> {
	const { parameters, ...asked } = list;
	const answer = await n8n.request('POST', '/rest/dynamic-node-parameters/resource-locator-results', {
		...asked,
		nodeTypeAndVersion: { name: `n8n-nodes-ev-charging.${nodeType}`, version: 1 },
		currentNodeParameters: parameters,
		credentials,
	});
	return dataOf<{ results: Array<{ name: string; value: string }> }>(answer).results;
}

describe('the pickers of the Spirii node and its trigger', () => {
	const credentials = { spiriiApi: { id: 'exampleSpirii', name: 'Spirii' } };

	test.each(['spirii', 'spiriiTrigger'])('%s: the location list holds every location', async (nodeType) => {
		const found = await picked(nodeType, credentials, {
			path: 'parameters.filters.locationId',
			methodName: 'searchLocations',
			filter: '',
			parameters: { resource: 'chargeRecord', operation: 'getAll' },
		});
		expect(found.map(({ value }) => Number(value)).sort((one, other) => one - other)).toEqual(
			SITES.map(({ id }) => id).sort((one, other) => one - other),
		);
	});

	test('the location search finds a location by a part of its address', async () => {
		const [, { id, name, address }] = SITES;
		const found = await picked('spirii', credentials, {
			path: 'parameters.locationId',
			methodName: 'searchLocations',
			filter: address.slice(1, 8).toUpperCase(),
			parameters: { resource: 'location', operation: 'get' },
		});
		expect(found).toContainEqual(
			expect.objectContaining({ name: expect.stringContaining(name) as string, value: String(id) }),
		);
	});
});

describe('the pickers of the Volt Time node', () => {
	const pick = async (methodName: string, filter: string, parameters: object = {}) =>
		await picked(
			'voltTime',
			{ voltTimeApi: { id: 'exampleVoltTime', name: 'Volt Time' } },
			{
				path: 'parameters.teamId',
				methodName,
				filter,
				parameters: { resource: 'legacyTransaction', operation: 'getAll', ...parameters },
			},
		);

	test('the team list holds every team of the token', async () => {
		const ids = (await pick('searchTeams', '')).map(({ value }) => value);
		expect(ids.sort()).toEqual(sandbox.voltTime.data.teams.map(({ id }) => String(id)).sort());
	});

	test('the team search finds a team by a part of its name', async () => {
		const [, { id, name }] = sandbox.voltTime.data.teams;
		const found = await pick('searchTeams', name.slice(4, 10).toUpperCase());
		expect(found).toEqual([{ name: expect.stringContaining(name), value: String(id) }]);
	});

	test('the charger list holds every charger of the chosen team, beyond one page', async () => {
		const [{ id }] = sandbox.voltTime.data.teams;
		const found = await pick('searchChargers', '', { teamId: { __rl: true, mode: 'id', value: String(id) } });
		const chargers = sandbox.voltTime.data.chargers(id);
		expect(chargers.length).toBeGreaterThan(25);
		expect(found.map(({ value }) => value).sort()).toEqual(
			chargers.map((charger) => String(charger.id)).sort(),
		);
	});
});
