import { startSandbox, type Sandbox, type Session } from '../../sandbox';
import { evseOf, uidOf } from '../../sandbox/spirii/commands';
import { call } from './client';

let sandbox: Sandbox;
let running: Session;
beforeAll(async () => {
	sandbox = await startSandbox({ records: 40, plain: true });
});
afterAll(() => sandbox.close());
beforeEach(() => {
	sandbox.spirii.reset();
	const [id] = sandbox.spirii.data.ids();
	running = sandbox.spirii.data.update(id, { endedAt: null });
});

const pathOf = (uid: number | string, connectorId: number | string) =>
	`/v2/evses/${uid}/connectors/${connectorId}/remote-stop-transaction`;
const ownPath = () => {
	const evse = evseOf(running)!;
	return pathOf(uidOf(evse), evse.connectorId);
};
const stop = async (body: object | string = { transactionId: running.id }, path = ownPath(), headers = {}) =>
	await call(sandbox.spirii, path, {
		method: 'POST',
		body: typeof body === 'string' ? body : JSON.stringify(body),
		headers,
	});

describe('a remote stop', () => {
	it('ends the transaction, and is rejected when it comes again', async () => {
		const first = await stop();
		expect([first.status, first.json]).toEqual([200, { status: 'Accepted' }]);
		const ended = (await call(sandbox.spirii, `/v2/transactions/${running.id}`)).json;
		expect(ended.endedAt).toEqual(expect.any(String));
		expect((await stop()).json).toEqual({ status: 'Rejected' });
		const evse = evseOf(running)!;
		const command = { kind: 'remoteStop', uid: uidOf(evse), connectorId: evse.connectorId };
		expect(sandbox.spirii.data.commands).toEqual([
			{ ...command, transactionId: running.id, status: 'Accepted' },
			{ ...command, transactionId: running.id, status: 'Rejected' },
		]);
		sandbox.spirii.reset();
		expect(sandbox.spirii.data.commands).toEqual([]);
	});

	it('of what does not run is refused with a 400 instead, as switched', async () => {
		sandbox.spirii.switches.stopOfNothing = 'refused';
		expect((await stop({ transactionId: 1 })).status).toBe(400);
		expect(sandbox.spirii.data.commands).toEqual([]);
	});

	it('of a transaction that runs at another EVSE is rejected', async () => {
		const [, other] = sandbox.spirii.data
			.ids()
			.map((id) => evseOf(sandbox.spirii.data.get(id)!)!)
			.filter((evse, index) => index === 0 || uidOf(evse) !== uidOf(evseOf(running)!));
		expect((await stop(undefined, pathOf(uidOf(other), other.connectorId))).json).toEqual({
			status: 'Rejected',
		});
		expect(sandbox.spirii.data.get(running.id)?.endedAt).toBeNull();
	});

	it.each([
		['an EVSE that does not exist', () => pathOf(7, 1), 404],
		['a connector that does not exist', () => ownPath().replace(/connectors\/./, 'connectors/7'), 404],
		['a uid that is no number', () => pathOf('DK.SPI.ZM0050*1', 1), 400],
		['a connector that is no number', () => ownPath().replace(/connectors\/./, 'connectors/a'), 400],
		['an unknown query parameter', () => `${ownPath()}?force=1`, 400],
	])('of %s is refused', async (_, path, status) => {
		expect((await stop(undefined, path())).status).toBe(status);
		expect(sandbox.spirii.data.commands).toEqual([]);
	});

	it.each([
		['{}', 'transactionId'],
		['{"transactionId":"7"}', 'transactionId'],
		['{"transactionId":null}', 'transactionId'],
		['{"transactionId":1.5}', 'transactionId'],
		['{"transactionId":7,"force":true}', 'body'],
		['[]', 'body'],
		['{"transactionId":', 'body'],
		['', 'body'],
	])('with the body %s is refused, and the error names %s', async (body, param) => {
		const { status, json } = await stop(body);
		expect([status, json.error.param]).toEqual([400, param]);
	});

	it('without the key, or as a form, is refused', async () => {
		expect((await stop(undefined, ownPath(), { authorization: 'Bearer no' })).status).toBe(403);
		const form = { 'content-type': 'application/x-www-form-urlencoded' };
		expect((await stop('transactionId=7', ownPath(), form)).status).toBe(400);
		expect(sandbox.spirii.data.commands).toEqual([]);
	});
});

describe('a fault that comes after a command was carried out', () => {
	it('lostAfter: the connection is cut', async () => {
		sandbox.spirii.faults.push({ kind: 'lostAfter' });
		await expect(stop()).rejects.toThrow(/socket hang up|ECONNRESET/);
		expect(sandbox.spirii.data.commands).toHaveLength(1);
		expect(sandbox.spirii.data.get(running.id)?.endedAt).not.toBeNull();
	});

	it('statusAfter: that status, in the envelope of errors', async () => {
		sandbox.spirii.faults.push({ kind: 'statusAfter', status: 504 });
		const { status, json } = await stop();
		expect([status, json.error.message]).toEqual([504, 'Gateway timeout']);
		expect(sandbox.spirii.requests.at(-1)?.status).toBe(504);
		expect(sandbox.spirii.data.commands).toHaveLength(1);
	});
});
