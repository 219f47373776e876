import type { INodeParameters } from 'n8n-workflow';

import { useSandbox } from '../support/sandbox';

const house = useSandbox({ transactionsPerCharger: 3 });

const TEAM = 1107;
const byId = (value: string) => ({ __rl: true, mode: 'id', value }) as unknown as INodeParameters;
const team = () => house.voltTime.data.teams.find(({ id }) => id === TEAM)!;
const read = async (more: INodeParameters) => {
	const { items, hints } = await house.run.voltTime({
		resource: 'transaction',
		operation: 'getAll',
		returnAll: true,
		output: 'simplified',
		...more,
	});
	return { rows: items.map(({ json }) => json), hints: hints.map(({ message }) => message) };
};
const ofTeam = (): INodeParameters => ({ sessionsOf: 'team', teamUuid: byId(team().uuid) });

describe('a row of Volt Time', () => {
	test('of a team or a charger has the names of the team and of the charger', async () => {
		const [charger] = house.voltTime.data.chargers(TEAM);
		for (const place of [ofTeam(), { sessionsOf: 'charger', chargerUuid: byId(charger.uuid) }]) {
			const { rows } = await read({ ...place, columnGroups: ['commercial'] });
			expect(rows.length).toBeGreaterThan(2);
			const { name, uuid } = team();
			expect(rows.filter((row) => row.companyName !== name || row.companyId !== uuid)).toEqual([]);
			expect(rows.every(({ chargerName }) => typeof chargerName === 'string')).toBe(true);
		}
	});

	test('comes without the name of the team where the token may not read it, and a hint says so', async () => {
		house.voltTime.faults.push({
			...{ kind: 'status', status: 403, times: 9 },
			when: ({ path }) => path.endsWith('/api/v3/teams'),
		});
		const { rows, hints } = await read(ofTeam());
		expect(rows.length).toBeGreaterThan(2);
		expect(rows[0].companyName).toBeNull();
		expect(hints).toContain(
			'The access token may not read the list of teams, so rows have no name of the team.',
		);
	});

	test('from a trigger has them as well', async () => {
		const trigger = house.activate.voltTime({ ...ofTeam(), firstRun: 'all', output: 'simplified' });
		const rows = await trigger.poll();
		expect(rows.length).toBeGreaterThan(2);
		expect(rows.every(({ companyName }) => companyName === team().name)).toBe(true);
	});

	test('costs no request where the records come as they are', async () => {
		await read({ ...ofTeam(), output: 'raw' });
		expect(house.voltTime.requests.filter(({ path }) => path.endsWith('/api/v3/teams'))).toEqual([]);
	});
});
