import type { INodeParameters } from 'n8n-workflow';

import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 0, transactionsPerCharger: 12, firstChargerTransactions: 250 });

const byId = (value: number) => ({ __rl: true, mode: 'id', value }) as unknown as INodeParameters;
const list = (more: INodeParameters = {}): INodeParameters => ({
	resource: 'transaction',
	operation: 'getAll',
	teamId: byId(1107),
	chargerId: byId(402_700),
	returnAll: true,
	...more,
});

describe.each(['getAll', 'export'])('%s from a server that does not see the parameters', (operation) => {
	test.each([
		['body', 'query'],
		['query', 'body'],
	] as const)('fails, sent as %s and read from %s', async (sendParametersAs, readsFrom) => {
		Object.assign(house.voltTime.switches, { readsFrom, defaultLimit: 100 });
		const run = house.runVoltTime(list({ operation, options: { sendParametersAs } }));
		const { message, description } = await failureOf(run);
		expect(message).toMatch('The API ignores the parameters');
		expect(description).toMatch('Send Parameters As');
	});
});

test('a charger that is gone is named by the error of its team', async () => {
	const [, charger] = house.voltTime.data.chargers(1107);
	const when = ({ path }: { path: string }) => path.includes(`/${charger.id}/`);
	house.voltTime.faults.push({ kind: 'status', status: 404, when });
	const { message } = await failureOf(house.runVoltTime(list({ chargerScope: 'all' })));
	expect(message).toMatch(`charger ${charger.id}`);
	expect(message).toMatch('team 1107');
});
