import type { INodeParameters, INodeType } from 'n8n-workflow';

import { Spirii } from '../../nodes/Spirii/Spirii.node';
import type { Fault, Session } from '../../sandbox';
import { evseOf, uidOf } from '../../sandbox/spirii/commands';
import { runNode } from '../support/n8n';
import { holdRequests } from '../support/requests';
import { failureOf, useSandbox, type RunOptions } from '../support/sandbox';
import { shortenWaits } from '../support/waits';

const house = useSandbox({ records: 40, plain: true });

let running: Session;
beforeEach(() => {
	const [id] = house.spirii.data.ids();
	running = house.spirii.data.update(id, { endedAt: null });
});
afterEach(() => {
	jest.restoreAllMocks();
});

const byId = (value: string | number) => ({ __rl: true, mode: 'id', value }) as INodeParameters;

/** Stop Charging of the running session, as the canvas writes it. */
function parameters(options: INodeParameters = {}, more: INodeParameters = {}): INodeParameters {
	const evse = evseOf(running)!;
	return {
		resource: 'remoteControl',
		operation: 'stop',
		uid: byId(uidOf(evse)),
		connectorId: evse.connectorId,
		transactionId: byId(running.id),
		options: { timeout: 1, ...options },
		...more,
	};
}
const stop = async (options?: INodeParameters, more?: INodeParameters, how?: RunOptions) =>
	await house.run.spirii(parameters(options, more), how);
const commands = () => house.spirii.data.commands.map(({ status }) => status);
const command = () => ({
	transactionId: running.id,
	uid: uidOf(evseOf(running)!),
	connectorId: evseOf(running)!.connectorId,
});

test('a running session is stopped, and the item says that the charger accepted it', async () => {
	const { items } = await stop();
	expect(items.map(({ json }) => json)).toEqual([{ ...command(), outcome: 'accepted' }]);
	expect(commands()).toEqual(['Accepted']);
	const [request] = house.spirii.requests;
	expect(request).toMatchObject({
		method: 'POST',
		path: `/v2/evses/${command().uid}/connectors/${command().connectorId}/remote-stop-transaction`,
		rawQuery: '',
	});
	expect(JSON.parse(request.body)).toEqual({ transactionId: running.id });
});

describe('a charger that rejects the stop', () => {
	beforeEach(() => void house.spirii.data.update(running.id, { endedAt: '2026-06-30T11:00:00.000Z' }));

	test('ends the item with an error that says what to check', async () => {
		const { message, description } = await failureOf(stop());
		expect(message).toBe('The charger rejected the stop');
		expect(description).toMatch('Check that the transaction still runs');
		expect(commands()).toEqual(['Rejected']);
	});

	test('is an item where the user wishes', async () => {
		const { items } = await stop({ whenRejected: 'item' });
		expect(items.map(({ json }) => json)).toEqual([{ ...command(), outcome: 'rejected' }]);
	});
});

describe.each<[string, Fault, number]>([
	['a response that is lost after the charger stopped', { kind: 'lostAfter' }, 1],
	['a 504 that comes after the charger stopped', { kind: 'statusAfter', status: 504 }, 1],
	['a 504 that comes instead of the command', { kind: 'status', status: 504 }, 0],
	['JSON that breaks off', { kind: 'truncatedJson' }, 1],
])('%s', (_, fault, received) => {
	beforeEach(() => void house.spirii.faults.push({ ...fault, times: 99 }));

	test('is an error that says that the outcome is not known, after one command on the wire', async () => {
		const { message } = await failureOf(stop());
		expect(message).toMatch(/not known whether/);
		expect(house.spirii.requests).toHaveLength(1);
		expect(commands()).toHaveLength(received);
	});

	test('is an item where the user wishes, after one command on the wire', async () => {
		const { items } = await stop({ whenUnknown: 'item' });
		expect(items).toHaveLength(1);
		expect(items[0].json).toMatchObject({ ...command(), outcome: 'unknown' });
		expect(items[0].json.message).toMatch(/not known whether/);
		expect(house.spirii.requests).toHaveLength(1);
	});
});

test('a stop that was refused with a 429 is sent again, and reaches the charger once', async () => {
	shortenWaits();
	house.spirii.faults.push({ kind: 'status', status: 429, retryAfter: 2, times: 3 });
	const { items } = await stop();
	expect(items[0].json.outcome).toBe('accepted');
	expect(commands()).toEqual(['Accepted']);
	expect(house.spirii.requests).toHaveLength(4);
});

test('a wait that is longer than "Give Up After" is not begun, and the error says that nothing was sent', async () => {
	house.spirii.faults.push({ kind: 'status', status: 429, retryAfter: 11, times: 9 });
	const { message } = await failureOf(stop({ giveUpAfter: 10 }));
	expect(message).not.toMatch(/not known whether/);
	expect(house.spirii.requests).toHaveLength(1);
	expect(commands()).toEqual([]);
});

test('two items that command the same charger do so one after the other, in their order', async () => {
	const held = holdRequests(house.spirii);
	const run = stop({ whenRejected: 'item' }, {}, { items: [{ json: {} }, { json: {} }] });
	await held.settled();
	expect(house.spirii.requests).toHaveLength(1);
	held.release();
	const { items } = await run;
	expect(items.map(({ json, pairedItem }) => [json.outcome, pairedItem])).toEqual([
		['accepted', { item: 0 }],
		['rejected', { item: 1 }],
	]);
	expect(commands()).toEqual(['Accepted', 'Rejected']);
});

describe('an agent', () => {
	const asTool = async (options: INodeParameters) => {
		const node: INodeType = new Spirii();
		Object.assign(node, { description: { ...node.description, name: 'spiriiTool' } });
		return await runNode({ node, parameters: parameters(options), credentials: house.credentials() });
	};

	test('may not stop a session unless the node says so', async () => {
		const { message } = await failureOf(asTool({}));
		expect(message).toMatch('agents are not allowed to send it');
		expect(house.spirii.requests).toEqual([]);
	});

	test('may where "Allow Agents" is on', async () => {
		const { items } = await asTool({ allowAgents: true });
		expect(items[0].json.outcome).toBe('accepted');
	});
});

test.each<[string, INodeParameters, string]>([
	['a connector 0', { connectorId: 0 }, '"Connector" must be a whole number of at least 1, but 0 was given'],
	[
		'no number of a transaction',
		{ transactionId: byId('x1') },
		'"Transaction" must be a whole number, but "x1" was given',
	],
	['no transaction', { transactionId: byId('') }, '"Transaction" must not be empty'],
])('%s is refused before anything is sent', async (_, more, words) => {
	expect((await failureOf(stop({}, more))).message).toBe(words);
	expect(house.spirii.requests).toEqual([]);
});
