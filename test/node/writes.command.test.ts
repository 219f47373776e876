import type { Fault, Session } from '../../sandbox';
import { evseOf, uidOf } from '../../sandbox/spirii/commands';
import { errorOf, sendAs } from '../support/sender';
import { useSandbox } from '../support/sandbox';
import { shortenWaits } from '../support/waits';

const house = useSandbox({ records: 40, plain: true });

let running: Session;
beforeEach(() => {
	const [id] = house.spirii.data.ids();
	running = house.spirii.data.update(id, { endedAt: null });
	shortenWaits();
});
afterEach(() => {
	jest.restoreAllMocks();
});

const stop = async (transactionId = running.id) => {
	const evse = evseOf(running)!;
	return await sendAs(
		'send',
		{
			method: 'POST',
			safety: 'command',
			path: `/v2/evses/${uidOf(evse)}/connectors/${evse.connectorId}/remote-stop-transaction`,
			query: {},
			body: { transactionId },
		},
		{ baseUrl: house.spirii.url, key: house.spirii.key },
	);
};
const commands = () => house.spirii.data.commands.map(({ status }) => status);
const hasEnded = () => house.spirii.data.get(running.id)?.endedAt !== null;

test('a stop ends the session', async () => {
	expect(await stop()).toEqual({ status: 'Accepted' });
	expect(commands()).toEqual(['Accepted']);
	expect(hasEnded()).toBe(true);
});

test.each<[string, Fault]>([
	['the connection is cut after the charger was told', { kind: 'lostAfter' }],
	['a 504 comes after the charger was told', { kind: 'statusAfter', status: 504 }],
	['a 500 comes after the charger was told', { kind: 'statusAfter', status: 500 }],
	['the response is cut off', { kind: 'resetMidway' }],
	['the response takes too long', { kind: 'slowBody', ms: 4000 }],
	['the JSON breaks off', { kind: 'truncatedJson' }],
])('reaches the charger once where %s, and the error says that its outcome is unknown', async (_, fault) => {
	house.spirii.faults.push({ ...fault, times: 99 });
	const { message, details } = await errorOf(stop());
	expect(message).toMatch(/, and it is not known whether the request was carried out$/);
	expect(details).toMatchObject({ outcome: 'unknown', failure: undefined });
	expect(commands()).toEqual(['Accepted']);
	expect(house.spirii.requests).toHaveLength(1);
	expect(hasEnded()).toBe(true);
});

test.each<[string, Fault]>([
	['a 504', { kind: 'status', status: 504 }],
	['a cut connection', { kind: 'reset' }],
])('is not sent again after %s that came before the charger was told: nobody knows', async (_, fault) => {
	house.spirii.faults.push(fault);
	expect((await errorOf(stop())).details.outcome).toBe('unknown');
	expect(commands()).toEqual([]);
	expect(house.spirii.requests).toHaveLength(1);
});

test('reaches the charger once after a 429, which refused it whole', async () => {
	house.spirii.faults.push({ kind: 'status', status: 429, retryAfter: 2, times: 3 });
	expect(await stop()).toEqual({ status: 'Accepted' });
	expect(commands()).toEqual(['Accepted']);
	expect(house.spirii.requests).toHaveLength(4);
});
