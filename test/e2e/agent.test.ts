import { fastify } from 'fastify';
import type { INodeProperties, INodeType } from 'n8n-workflow';

import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { startSandbox, type Sandbox, type Session } from '../../sandbox';
import { dataOf, startRealN8n, type RealN8n } from './realN8n';

const MINUTES = 60_000;

/** What the model does next, which may depend on what the tools have answered: call tools by their names, or say something. */
type Turn = Move | ((results: string[]) => Move);
type Move = Array<{ tool: string; args: object }> | string;

/** A call of the OpenAI chat completions API, as far as these tests look at it. */
interface Asked {
	tools: Array<{ function: { name: string; description: string; parameters: Schema } }>;
	messages: Array<{ role: string; content: string | null; tool_call_id?: string }>;
}

interface Schema {
	type: string;
	required?: string[];
	properties: Record<string, object>;
}

/** A model that plays a script, behind OpenAI's API on the loopback address. */
class ScriptedModel {
	private readonly server = fastify({ bodyLimit: 20e6 });
	private turns: Turn[] = [];
	private asked: Asked[] = [];

	/** Starts it and gives its credential, as `n8n import:credentials` reads it. */
	async start() {
		this.server.post('/v1/chat/completions', ({ body }, reply) => {
			const asked = body as Asked;
			this.asked.push(asked);
			const turn = this.turns.shift();
			if (turn === undefined) return reply.status(400).send({ error: { message: 'The script is over' } });
			return completionOf(typeof turn === 'function' ? turn(toolResults(asked)) : turn);
		});
		const url = await this.server.listen({ host: '127.0.0.1', port: 0 });
		return { id: 'model', name: 'Model', type: 'openAiApi', data: { apiKey: 'model-key', url: `${url}/v1` } };
	}

	async stop() {
		await this.server.close();
	}

	/** Runs the workflow of an agent while the model plays these turns; gives what the model was told before each. */
	async play(n8n: RealN8n, workflowId: string, turns: Turn[]) {
		this.turns = [...turns];
		this.asked = [];
		const run = await n8n.execute(workflowId);
		return { ...run, asked: this.asked, results: toolResults(this.asked.at(-1)!) };
	}
}

function completionOf(move: Move): object {
	const message =
		typeof move === 'string'
			? { role: 'assistant', content: move }
			: {
					role: 'assistant',
					content: null,
					tool_calls: move.map(({ tool, args }, index) => ({
						id: `call_${Date.now()}_${index}`,
						type: 'function',
						function: { name: tool, arguments: JSON.stringify(args) },
					})),
				};
	const finish_reason = typeof move === 'string' ? 'stop' : 'tool_calls';
	return {
		id: 'completion',
		object: 'chat.completion',
		created: 0,
		model: 'scripted',
		choices: [{ index: 0, message, finish_reason }],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}

/** What the tools have answered so far, in the order of the calls, as the texts that the model reads. */
function toolResults({ messages }: Asked): string[] {
	return messages.filter(({ role }) => role === 'tool').map(({ content }) => content ?? '');
}

/** What the button "Let the model define this parameter" writes into a field; n8n leaves the description empty. */
function byModel(node: INodeType, name: string, description = ''): string {
	const leaves = node.description.properties.flatMap((property) =>
		property.type === 'collection' ? (property.options as INodeProperties[]) : [property],
	);
	const { displayName, type } = leaves.find((property) => property.name === name)!;
	const key = displayName.replace(/[^a-zA-Z0-9-]/g, '_');
	const kind = ['boolean', 'number', 'json'].includes(type) ? type : 'string';
	return `={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${key}', \`${description}\`, '${kind}') }}`;
}

const spirii = new Spirii();
const voltTime = new VoltTime();
const idByModel = (node: INodeType, name: string) => ({ __rl: true, mode: 'id', value: byModel(node, name) });

const spiriiNode = (type: 'spirii' | 'spiriiTool', parameters: object) => ({
	type: `n8n-nodes-ev-charging.${type}`,
	typeVersion: 1,
	parameters: { resource: 'chargeRecord', ...parameters },
	credentials: { spiriiApi: { id: 'exampleSpirii', name: 'Spirii' } },
});
const voltTimeTool = (resource: string, parameters: object) => ({
	type: 'n8n-nodes-ev-charging.voltTimeTool',
	typeVersion: 1,
	parameters: { resource, operation: 'getAll', ...parameters },
	credentials: { voltTimeApi: { id: 'exampleVoltTime', name: 'Volt Time' } },
});

const FILTER_ADVICE =
	'Filter in MongoDB style, such as {"location.id": 1766}. Fields: location.id, auth.idTag.uid, consumed (kWh).';
const LATEST = 'The latest charge records of Spirii: all columns of the 50 sessions that were updated last.';
const ENERGY = 'End and energy in kWh of the 50 sessions at Spirii that were updated last.';
const SUMS = 'Sessions, kWh and amounts at Spirii, added up per location, of the time between two dates.';

/** The tools of the agent, by the names of their nodes. */
const TOOLS = {
	'Charge records': spiriiNode('spiriiTool', {
		operation: 'getAll',
		limit: byModel(spirii, 'limit'),
		filters: {
			filterJson: byModel(spirii, 'filterJson', FILTER_ADVICE),
			updatedAtFrom: byModel(spirii, 'updatedAtFrom'),
		},
	}),
	'Latest charge records': spiriiNode('spiriiTool', {
		operation: 'getAll',
		descriptionType: 'manual',
		toolDescription: LATEST,
		options: { sortDirection: 'desc' },
	}),
	'Latest energy': spiriiNode('spiriiTool', {
		operation: 'getAll',
		descriptionType: 'manual',
		toolDescription: ENERGY,
		output: 'selected',
		selectedFields: 'endedAt, consumed',
		options: { sortDirection: 'desc' },
	}),
	'One charge record': spiriiNode('spiriiTool', { operation: 'get', id: byModel(spirii, 'id') }),
	Teams: voltTimeTool('team', {}),
	Chargers: voltTimeTool('charger', {}),
	'Transactions of a charger': voltTimeTool('transaction', {
		sessionsOf: 'charger',
		chargerUuid: idByModel(voltTime, 'chargerUuid'),
		limit: byModel(voltTime, 'limit'),
	}),
	// What an agent cannot hold at once is added up in a workflow that it calls.
	'Sums per location': {
		type: '@n8n/n8n-nodes-langchain.toolWorkflow',
		typeVersion: 2.2,
		parameters: {
			description: SUMS,
			workflowId: { __rl: true, mode: 'id', value: 'sums' },
			workflowInputs: {
				mappingMode: 'defineBelow',
				value: {
					from: "={{ $fromAI('from', `Date such as 2026-01-31`, 'string') }}",
					until: "={{ $fromAI('until', `Date such as 2026-02-28, not included`, 'string') }}",
				},
				matchingColumns: [],
				schema: ['from', 'until'].map((id) => ({ id, displayName: id, type: 'string', display: true })),
			},
		},
	},
};

const workflowOf = (id: string, nodes: Record<string, object>, connections: object) => ({
	id,
	name: id,
	active: false,
	settings: { executionOrder: 'v1' },
	nodes: Object.entries(nodes).map(([name, node], index) => ({
		id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
		name,
		position: [index * 200, 0],
		...node,
	})),
	connections,
});
const to = (node: string, type = 'main') => ({ [type]: [[{ node, type, index: 0 }]] });

const agentWith = (id: string, tools: Record<string, object>) =>
	workflowOf(
		id,
		{
			Start: { type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
			Agent: {
				type: '@n8n/n8n-nodes-langchain.agent',
				typeVersion: 3.1,
				parameters: { promptType: 'define', text: 'How much was charged?', options: {} },
			},
			Model: {
				type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
				typeVersion: 1.3,
				parameters: { model: { __rl: true, mode: 'id', value: 'scripted' }, responsesApiEnabled: false },
				credentials: { openAiApi: { id: 'model', name: 'Model' } },
			},
			...tools,
		},
		{
			Start: to('Agent'),
			Model: to('Agent', 'ai_languageModel'),
			...Object.fromEntries(Object.keys(tools).map((name) => [name, to('Agent', 'ai_tool')])),
		},
	);

const AGENT = agentWith('agent', TOOLS);

const FILES = agentWith('files', {
	Files: spiriiNode('spiriiTool', { operation: 'export', returnAll: true }),
});

const SUMS_WORKFLOW = workflowOf(
	'sums',
	{
		Called: {
			type: 'n8n-nodes-base.executeWorkflowTrigger',
			typeVersion: 1.1,
			parameters: { workflowInputs: { values: [{ name: 'from' }, { name: 'until' }] } },
		},
		Sessions: spiriiNode('spirii', {
			operation: 'getAll',
			returnAll: true,
			filters: { filterJson: '={{ { endedAt: { $gte: $json.from, $lt: $json.until } } }}' },
		}),
		Sums: {
			type: 'n8n-nodes-ev-charging.evCharging',
			typeVersion: 1,
			parameters: { operation: 'summarize', groupBy: ['locationId', 'locationName'] },
		},
	},
	{ Called: to('Sessions'), Sessions: to('Sums') },
);

let sandbox: Sandbox;
let n8n: RealN8n;
const model = new ScriptedModel();

/** Lets the model play; the run of the agent must come to a good end with the last thing that the model says. */
async function play(...turns: Turn[]) {
	return await playWith(AGENT.id, turns);
}

async function playWith(workflowId: string, turns: Turn[]) {
	const { status, outputs, asked, results } = await model.play(n8n, workflowId, turns);
	expect(asked).toHaveLength(turns.length);
	expect(status).toBe('success');
	expect(outputs.Agent).toEqual([{ output: turns.at(-1) }]);
	return { asked, results };
}

type Item = Record<string, unknown>;
const itemsIn = (result: string) => JSON.parse(result) as Item[];

beforeAll(async () => {
	sandbox = await startSandbox({ records: 230, transactionsPerCharger: 8 });
	const credential = await model.start();
	n8n = await startRealN8n(sandbox, { workflows: [AGENT, FILES, SUMS_WORKFLOW], credentials: [credential] });
	// n8n calls another workflow in its published version.
	const { id } = SUMS_WORKFLOW;
	const { versionId } = dataOf<{ versionId: string }>(await n8n.request('GET', `/rest/workflows/${id}`));
	dataOf(await n8n.request('POST', `/rest/workflows/${id}/activate`, { versionId }));
}, 5 * MINUTES);

afterAll(async () => {
	await n8n?.stop();
	await model.stop();
	await sandbox?.close();
}, MINUTES);

beforeEach(() => {
	sandbox.spirii.requests.length = 0;
	sandbox.voltTime.requests.length = 0;
	sandbox.spirii.faults.length = 0;
});

/** Sessions in Spirii's charge records, in the order in which Spirii lists them. */
const chargeRecords = () =>
	sandbox.spirii.data
		.listed('chargeRecords')
		.map((id) => sandbox.spirii.data.get(id) as Session)
		.sort((one, other) => one.updatedAt - other.updatedAt);

describe('what a model is offered', () => {
	let offered: Array<Asked['tools'][number]['function']>;

	beforeAll(async () => {
		const { asked } = await play('Good morning.');
		offered = asked[0].tools.map((tool) => tool.function);
	});

	const text = { type: 'string' };
	const number = { type: 'number' };

	test.each<[string, string, Record<string, object>]>([
		[
			'Charge_records',
			'Get many charge records in Spirii',
			// n8n gives a JSON parameter no type, so its description has to say all.
			{ Limit: number, Filter__JSON_: { description: FILTER_ADVICE }, Updated_From: text },
		],
		['Latest_charge_records', LATEST, {}],
		['One_charge_record', 'Get a charge record in Spirii', { Charge_Record_ID: text }],
		['Teams', 'Get many teams in Volt Time', {}],
		['Chargers', 'Get many chargers in Volt Time', {}],
		['Transactions_of_a_charger', 'Get many transactions in Volt Time', { Charger: text, Limit: number }],
	])('%s says "%s", and its parameters have the names of the canvas', (name, description, properties) => {
		const tool = offered.find((candidate) => candidate.name === name);
		expect(tool?.description).toBe(description);
		expect(tool?.parameters).toMatchObject({ type: 'object', additionalProperties: false });
		expect(tool?.parameters.properties).toEqual(properties);
		expect([...(tool?.parameters.required ?? [])].sort()).toEqual(Object.keys(properties).sort());
	});

	test('nothing of the credentials', () => {
		expect(JSON.stringify(offered)).not.toMatch(
			new RegExp(`${sandbox.spirii.key}|${sandbox.voltTime.key}|127\\.0\\.0\\.1`),
		);
	});
});

describe('a model that calls a tool', () => {
	test('gets the charge records of its filter, up to its limit', async () => {
		const { site } = chargeRecords()[5];
		const { results } = await play(
			[
				{
					tool: 'Charge_records',
					args: { Limit: 3, Filter__JSON_: { 'location.id': site.id }, Updated_From: '2020-01-31' },
				},
			],
			'Three sessions.',
		);
		const expected = chargeRecords().filter((session) => session.site.id === site.id);
		expect(expected.length).toBeGreaterThan(3);
		expect(itemsIn(results[0]).map(({ sessionId, energyKwh }) => [sessionId, energyKwh])).toEqual(
			expected.slice(0, 3).map(({ id, consumed }) => [String(id), consumed]),
		);
		expect(sandbox.spirii.requests.map(({ path, query }) => [path, Object.fromEntries(query)])).toEqual([
			[
				'/v2/charge-records',
				{
					filter: JSON.stringify({ 'location.id': site.id }),
					limit: '3',
					updatedAtFrom: '2020-01-31T00:00:00.000Z',
				},
			],
		]);
	});

	test('gets two records with two calls at once, each by its id', async () => {
		const [one, , other] = chargeRecords();
		const { results } = await play(
			[one, other].map(({ id }) => ({ tool: 'One_charge_record', args: { Charge_Record_ID: String(id) } })),
			'Two sessions.',
		);
		expect(results.map(itemsIn)).toEqual(
			[one, other].map(({ id, consumed }) => [
				expect.objectContaining({ sessionId: String(id), energyKwh: consumed }),
			]),
		);
	});

	test('finds its way from the chargers to the transactions of one with what the tools tell', async () => {
		const fieldOfFirst = (field: string, results: string[]) => String(itemsIn(results.at(-1)!)[0][field]);
		let charger = '';
		const { results } = await play(
			[{ tool: 'Teams', args: {} }],
			[{ tool: 'Chargers', args: {} }],
			(told) => {
				charger = fieldOfFirst('uuid', told);
				return [{ tool: 'Transactions_of_a_charger', args: { Charger: charger, Limit: 5 } }];
			},
			'Five transactions.',
		);
		const { data } = sandbox.voltTime;
		expect(fieldOfFirst('id', results.slice(0, 1))).toBe(String(data.teams[0].id));
		const ofCharger = [...data.transactions(data.charger(charger)!.id).records()].map(({ id }) => String(id));
		const found = itemsIn(results[2]).map(({ sessionId }) => String(sessionId));
		expect(found).toHaveLength(5);
		expect(ofCharger).toEqual(expect.arrayContaining(found));
		const paths = sandbox.voltTime.requests.map(({ path }) => path);
		expect(paths).toContain(`/api/v3/chargers/${charger}/transactions`);
	});

	test('is given 50 records and no more when nobody sets a limit, and of these only the fields that are selected', async () => {
		const { results } = await play(
			// What a model makes up beside the parameters that it is offered does not count.
			[{ tool: 'Latest_charge_records', args: { Limit: 500, returnAll: true } }],
			[{ tool: 'Latest_energy', args: {} }],
			'Fifty sessions.',
		);
		expect(chargeRecords().length).toBeGreaterThan(100);
		const latest = chargeRecords().reverse().slice(0, 50);
		expect(itemsIn(results[0]).map(({ sessionId }) => sessionId)).toEqual(latest.map(({ id }) => String(id)));
		expect(results[0].length).toBeLessThan(50_000);
		expect(itemsIn(results[1]).map(({ consumed }) => consumed)).toEqual(
			latest.map(({ consumed }) => consumed),
		);
		expect(results[1].length).toBeLessThan(4_000);
	});

	test('is given sums of any number of records by a workflow that adds them up', async () => {
		const { results } = await play(
			[{ tool: 'Sums_per_location', args: { from: '2025-01-01', until: '2026-06-01' } }],
			'Much.',
		);
		const sessions = chargeRecords().filter(
			({ endedAt }) => endedAt! >= Date.parse('2025-01-01') && endedAt! < Date.parse('2026-06-01'),
		);
		expect(sessions.length).toBeGreaterThan(50);
		const sums = itemsIn(results[0]);
		expect(sums.reduce((sum, { sessions: counted }) => sum + Number(counted), 0)).toBe(sessions.length);
		const hundredths = (values: unknown[]) =>
			values.reduce<number>((sum, value) => sum + Math.round(Number(value) * 100), 0);
		expect(hundredths(sums.map(({ energyKwh }) => energyKwh))).toBe(
			hundredths(sessions.map(({ consumed }) => consumed)),
		);
		expect(results[0].length).toBeLessThan(20_000);
	});
});

describe('a model that makes a mistake reads what is wrong, and its next call works', () => {
	const filter = { consumed: { $gt: 0 } };
	const right = { Limit: 1, Filter__JSON_: filter, Updated_From: '2026-01-01' };

	test.each<[string, string, () => object, string]>([
		[
			'a date in words',
			'Charge_records',
			() => ({ ...right, Updated_From: 'last week' }),
			'"Updated From" must be a date such as 2026-01-31 or 2026-01-31T08:00:00Z, but "last week" was given',
		],
		[
			'a limit of nothing',
			'Charge_records',
			() => ({ ...right, Limit: 0 }),
			'"Limit" must be a whole number from 1 to 1000000, but 0 was given',
		],
		[
			'a field that does not exist',
			'Charge_records',
			() => ({ ...right, Filter__JSON_: { site: 1766 } }),
			'"Filter (JSON)": "site" is no field that the API can filter by',
		],
		[
			'no id',
			'One_charge_record',
			() => ({ Charge_Record_ID: '' }),
			'"Charge Record ID" was given no value. Call the tool again with a value for it.',
		],
		[
			'a blank filter',
			'Charge_records',
			() => ({ ...right, Updated_From: '' }),
			'"Updated From" was given no value. Call the tool again with a value for it; without it, the node would return everybody\'s records.',
		],
		[
			'the id of no record',
			'One_charge_record',
			() => ({ Charge_Record_ID: '99' }),
			'Charge record 99 was not found',
		],
		[
			'the charger of nobody',
			'Transactions_of_a_charger',
			() => ({ Charger: '00000000-0000-4000-8000-000000000000', Limit: 5 }),
			'Volt Time has nothing under this ID or address (HTTP 404)',
		],
	])('%s', async (_, tool, args, message) => {
		const { results } = await play(
			[{ tool, args: args() }],
			[{ tool: 'Charge_records', args: right }],
			'One session.',
		);
		expect(itemsIn(results[0])).toEqual([{ error: expect.stringContaining(message) }]);
		expect(itemsIn(results[1])).toEqual([
			expect.objectContaining({ sessionKey: expect.stringMatching(/^spirii:/) as string }),
		]);
	});

	test('and the model reads what to do about it', async () => {
		const { results } = await play(
			[{ tool: 'Charge_records', args: { ...right, Filter__JSON_: { site: 1766 } } }],
			'I see.',
		);
		expect(results[0]).toContain('Allowed are operatorId, companyId');
	});

	test('Export says that an agent cannot receive its file, and reads nothing', async () => {
		const { results } = await playWith(FILES.id, [[{ tool: 'Files', args: {} }], 'I see.']);
		expect(results[0]).toContain('writes a file, and an agent cannot receive one');
		expect(results[0]).toContain('Call n8n Workflow Tool');
		expect(sandbox.spirii.requests).toEqual([]);
	});

	test('and it never reads the key, also where the server repeats it', async () => {
		const { faults, key } = sandbox.spirii;
		faults.push({ kind: 'status', status: 403, body: { error: { message: `${key} is not allowed` } } });
		const { results } = await play(
			[{ tool: 'One_charge_record', args: { Charge_Record_ID: '99' } }],
			'Not allowed.',
		);
		expect(results[0]).toContain('Spirii refused the credential (HTTP 403)');
		expect(results[0]).not.toContain(key);
	});
});

test('a list without a record is no error', async () => {
	const args = { Limit: 5, Filter__JSON_: { 'location.id': 1 }, Updated_From: '2020-01-31' };
	const { results } = await play([{ tool: 'Charge_records', args }], 'None.');
	// How n8n writes that nothing came out.
	expect(results).toEqual(['""']);
});
