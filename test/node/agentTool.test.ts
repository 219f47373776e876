import type { INodeParameters, INodeType } from 'n8n-workflow';

import { EvCharging } from '../../nodes/EvCharging/EvCharging.node';
import { Spirii } from '../../nodes/Spirii/Spirii.node';
import type { OperationEntry } from '../../nodes/shared/node/operation';
import { runNode } from '../support/n8n';
import { nameOf, placed } from '../support/parameters';
import { requiredOf, resourceFiles } from '../support/resources';
import { failureOf, useSandbox } from '../support/sandbox';
import { testVendors } from '../support/vendors';

const house = useSandbox({ records: 20, transactionsPerCharger: 5 });

/** The variant of a node that n8n makes for agents: the same, of another type. */
function toolOf(node: INodeType): INodeType {
	const { description } = node;
	return Object.assign(node, { description: { ...description, name: `${description.name}Tool` } });
}

/** Calls the node as an agent does: the arguments of the model are the item. */
const call = async (node: INodeType, parameters: INodeParameters, args: object = {}) =>
	await runNode({
		node: toolOf(node),
		parameters: { output: 'raw', ...parameters },
		credentials: house.credentials(),
		items: [{ json: args as never }],
	});
const callSpirii = async (parameters: INodeParameters, args?: object) =>
	await call(new Spirii(), parameters, args);

/** As the button "Let the model define this parameter" writes it. */
const byModel = (key: string, type = 'string') =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${key}', \`\`, '${type}') }}`;

const drivers: INodeParameters = {
	resource: 'transaction',
	operation: 'getAll',
	filters: { idTagUid: byModel('ID_Tag_UID') },
};

test('an agent that finds nothing costs one request: it gets no hint', async () => {
	const { items } = await callSpirii(drivers, { ID_Tag_UID: 'NO-SUCH-TAG' });
	expect([items, house.spirii.requests.length]).toEqual([[], 1]);
});

test.each([[{ ID_Tag_UID: '' }], [{ ID_Tag_UID: '  ' }], [{ ID_Tag_UID: null }], [{}]])(
	'a model that gives no value for a filter is told what to do, and nothing is asked for: %j',
	async (args) => {
		const { message } = await failureOf(callSpirii(drivers, args));
		expect(message).toBe(
			'"ID Tag UID" was given no value. Call the tool again with a value for it; without it, the node would return everybody\'s records.',
		);
		expect(house.spirii.requests).toEqual([]);
	},
);

test('and for any other parameter', async () => {
	for (const [label, parameters] of [
		['Limit', { operation: 'getAll', limit: byModel('X', 'number') }],
		['Charge Record ID', { operation: 'get', id: byModel('X') }],
	] as Array<[string, INodeParameters]>) {
		const { message } = await failureOf(callSpirii({ resource: 'chargeRecord', ...parameters }));
		expect(message).toBe(`"${label}" was given no value. Call the tool again with a value for it.`);
	}
	expect(house.spirii.requests).toEqual([]);
});

test('with a value, it gets the records', async () => {
	await callSpirii(drivers, { ID_Tag_UID: 'A1B2' });
	expect(house.spirii.requests.map(({ query }) => query.get('idTagUid'))).toEqual(['A1B2']);
});

test('without a cursor it begins at the first page', async () => {
	const parameters = {
		resource: 'transaction',
		operation: 'getPage',
		nextPageCursor: byModel('Next_Page_Cursor'),
	};
	for (const args of [{ Next_Page_Cursor: '' }, {}]) {
		const { items } = await callSpirii(parameters, args);
		expect(items[0].json.count).toBe(20);
	}
});

test('what the person at the canvas forgot is not asked of the model', async () => {
	const { message } = await failureOf(callSpirii({ ...drivers, filters: { idTagUid: '={{ $json.uid }}' } }));
	expect(message).toMatch(
		/^The expression of "ID Tag UID" must give a value, but it gives undefined for item 1\. /,
	);
});

describe('an operation that gives a file is refused, since an agent cannot receive one', () => {
	const files = resourceFiles();
	const run = async (Node: new () => INodeType, row: OperationEntry, asTool: boolean) => {
		const node = new Node();
		const { wire } = files.find(({ resource }) => resource.operations.includes(row.operation))!;
		const required = requiredOf(row, wire);
		// Of sessions, one that this sandbox has.
		if (typeof required.id === 'string') required.id = String(house.spirii.data.ids()[0]);
		const isList = row.operation.properties.some(({ name }) => name === 'returnAll');
		const parameters = placed(row, { ...required, ...(isList && { returnAll: true }) });
		if (asTool) return await call(node, parameters);
		return await runNode({ node, parameters, credentials: house.credentials() });
	};
	const cases = testVendors.flatMap(({ vendor, rows, Node }) =>
		rows.map((row): [string, new () => INodeType, OperationEntry] => [
			`${vendor.name} ${nameOf(row)}`,
			Node,
			row,
		]),
	);
	const withFiles = cases.filter(([, , { operation }]) => operation.writesFiles);

	test.each(withFiles)('%s', async (_, Node, row) => {
		const { message, cause } = await failureOf(run(Node, row, true));
		expect(message).toBe(
			`"${row.operation.name}" writes a file, and an agent cannot receive one. Put the node into a workflow of its own that saves or sends the file, and give the agent that workflow as a Call n8n Workflow Tool.`,
		);
		expect(cause).toBe('configuration-invalid');
		expect([house.spirii.requests, house.voltTime.requests]).toEqual([[], []]);
	});

	test('and these are all that give files', async () => {
		const found: string[] = [];
		for (const [name, Node, row] of cases) {
			const { items } = await run(Node, row, false);
			if (items.some(({ binary }) => binary)) found.push(name);
		}
		expect(found).toEqual(withFiles.map(([name]) => name));
		expect(found).toHaveLength(6);
	});
});

test('EV Charging is not offered to agents: they hand over no sessions', () => {
	expect(new EvCharging().description.usableAsTool).toBeUndefined();
	for (const { Node } of testVendors) expect(new Node().description.usableAsTool).toBe(true);
});
