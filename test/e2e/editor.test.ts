import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { startSandbox, type Sandbox } from '../../sandbox';
import { dataOf, EXAMPLES, startRealN8n, type RealN8n } from './realN8n';

const MINUTES = 60_000;

let sandbox: Sandbox;
let n8n: RealN8n;

beforeAll(async () => {
	sandbox = await startSandbox({ records: 230, transactionsPerCharger: 3 });
	n8n = await startRealN8n(sandbox);
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

	test('all can be used as a tool of an AI agent', async () => {
		const types = (await n8n.request('GET', '/types/nodes.json')).json as NodeType[];
		const names = types.map(({ name }) => name);
		expect(names).toEqual(
			expect.arrayContaining(
				['spiriiTool', 'voltTimeTool', 'evChargingTool'].map((name) => `n8n-nodes-ev-charging.${name}`),
			),
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
		expect(sandbox.voltTime.requests.map(({ path }) => path)).toEqual(['/api/v2/user']);
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

describe('the pickers of the Volt Time node', () => {
	const pick = async (methodName: string, filter: string, parameters: object = {}) =>
		dataOf<{ results: Array<{ name: string; value: string }> }>(
			await n8n.request('POST', '/rest/dynamic-node-parameters/resource-locator-results', {
				methodName,
				filter,
				path: 'parameters.teamId',
				nodeTypeAndVersion: { name: 'n8n-nodes-ev-charging.voltTime', version: 1 },
				currentNodeParameters: { resource: 'transaction', operation: 'getAll', ...parameters },
				credentials: { voltTimeApi: { id: 'exampleVoltTime', name: 'Volt Time' } },
			}),
		).results;

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

describe('the example workflows', () => {
	test('page by page counts every record in flat rounds, and asks for each page once', async () => {
		const records = sandbox.spirii.data.listed('chargeRecords').length;
		const pages = Math.ceil(records / 100);
		expect(pages).toBeGreaterThan(1);

		const { status, outputs, text } = await n8n.execute('pageByPage');
		expect(status).toBe('success');
		expect(outputs.Total).toEqual([{ pages, records }]);
		expect(sandbox.spirii.requests.map(({ query }) => query.has('nextPageCursor'))).toEqual([
			false,
			...Array.from({ length: pages - 1 }, () => true),
		]);
		// Nothing of the pages stays in the execution that runs on.
		expect(text).not.toContain('evseId');
	});

	test("the legacy download writes the vendor's own CSV, byte by byte", async () => {
		const { status } = await n8n.execute('legacyCsvDownload');
		expect(status).toBe('success');

		const written = readFileSync(join(n8n.out, 'charge-records-v1.csv'), 'utf8');
		const headers = { authorization: `Bearer ${sandbox.spirii.key}` };
		const answer = await fetch(`${sandbox.spirii.url}/v1/charge-records?output=CSV&limit=2000`, { headers });
		const expected = await answer.text();
		expect(written.trimEnd()).toBe(expected.trimEnd());
		expect(written.trimEnd().split(/\r?\n/).length).toBeGreaterThan(100);
	});

	test('both vendors to CSV runs from the editor', async () => {
		const { status, outputs } = await n8n.execute('bothVendorsToCsv');
		expect(status).toBe('success');
		expect(outputs['Write file']).toEqual([expect.objectContaining({ fileName: 'charging-sessions.csv' })]);
	});

	test('the monthly report adds up every session of both vendors, to the cent', async () => {
		const { status, outputs } = await n8n.execute('monthlyReport');
		expect(status).toBe('success');
		const rows = outputs['All sessions'];
		const ended = rows.filter(({ status: state }) => state === 'completed');
		expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['spirii', 'voltTime']));
		const cents = (items: Array<Record<string, unknown>>, currency: string) =>
			items
				.filter((item) => item.currency === currency)
				.reduce((sum, { amountInclVat }) => sum + Math.round(Number(amountInclVat) * 100), 0);
		for (const currency of ['DKK', 'EUR']) {
			expect(cents(outputs.Sums, currency)).toBe(cents(ended, currency));
			expect(cents(ended, currency)).toBeGreaterThan(0);
		}
		const counted = outputs.Sums.reduce((sum, { sessions }) => sum + Number(sessions), 0);
		expect(counted).toBe(ended.length);
		expect(outputs['Write file']).toEqual([expect.objectContaining({ fileName: 'monthly-report.xlsx' })]);
	});

	test('the statements pay each driver for the kWh at the marked sites', async () => {
		const { status, outputs } = await n8n.execute('homeChargingStatements');
		expect(status).toBe('success');
		const home = outputs['Spirii charge records'].filter(({ reimbursable }) => reimbursable === true);
		const drivers = new Set(home.map(({ driverId, tokenUid }) => driverId ?? tokenUid));
		expect(new Set(outputs.Statements.map(({ driver }) => driver))).toEqual(drivers);
		for (const { energyKwh, amount, pricePerKwh } of outputs.Statements) {
			expect(pricePerKwh).toBe(0.34);
			expect(Math.abs(Number(energyKwh) * 0.34 - Number(amount))).toBeLessThanOrEqual(0.0051);
		}
		expect(outputs['Write file']).toEqual([expect.objectContaining({ fileName: 'home-charging.xlsx' })]);
	});

	const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.json'));

	test.each(files)(
		'%s explains itself, names no place on a machine and uses the example credentials',
		(file) => {
			const text = readFileSync(join(EXAMPLES, file), 'utf8');
			const { id, nodes, active } = JSON.parse(text) as {
				id: string;
				active: boolean;
				nodes: Array<{ type: string; credentials?: Record<string, { id: string }> }>;
			};
			expect(id).toMatch(/^[A-Za-z]+$/);
			expect(active).toBe(false);
			expect(nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote')).toHaveLength(1);
			expect(text).not.toMatch(/"\/(home|root|tmp|work|Users)|127\.0\.0\.1|localhost/);
			for (const { type, credentials } of nodes.filter(({ type: name }) =>
				name.startsWith('n8n-nodes-ev-charging.'),
			)) {
				const expected: Record<string, object> = {
					spirii: { spiriiApi: { id: 'exampleSpirii', name: 'Spirii' } },
					voltTime: { voltTimeApi: { id: 'exampleVoltTime', name: 'Volt Time' } },
				};
				expect(credentials).toEqual(expected[type.replace('n8n-nodes-ev-charging.', '')]);
			}
		},
	);
});
