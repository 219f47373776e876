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
const site = () => house.voltTime.data.sites.find(({ teamId }) => teamId === TEAM)!;
const ofSite = (): INodeParameters => ({ sessionsOf: 'site', siteUuid: byId(site().uuid) });
const requestsTo = (end: string) => house.voltTime.requests.filter(({ path }) => path.endsWith(end));
const ofTeam = (): INodeParameters => ({ sessionsOf: 'team', teamUuid: byId(team().uuid) });

describe('a row of Volt Time', () => {
	test('of a site has the name and the UUID of the team that owns it, for one request', async () => {
		const { rows, hints } = await read({ ...ofSite(), columnGroups: ['commercial'] });
		expect(rows.length).toBeGreaterThan(2);
		const { name, uuid } = team();
		expect(rows.filter((row) => row.companyName !== name || row.companyId !== uuid)).toEqual([]);
		expect(hints.filter((hint) => hint.includes('team'))).toEqual([]);
		expect(requestsTo(`/api/v3/sites/${site().uuid}/teams`)).toHaveLength(1);
		expect(requestsTo('/api/v3/teams')).toEqual([]);
		// Of version 3's lists: sessions (two of them prove that they are whole), sites, chargers of the site, teams of the site.
		expect(new Set(house.voltTime.requests.map(({ path }) => path)).size).toBe(4);
	});

	test('of a site that several items ask for costs that request once', async () => {
		const items = [{ json: {} }, { json: {} }, { json: {} }];
		const parameters = { resource: 'transaction', operation: 'getAll', output: 'simplified', ...ofSite() };
		const output = await house.run.voltTime(parameters, { items });
		expect(output.items.every(({ json }) => json.companyName === team().name)).toBe(true);
		expect(requestsTo('/teams')).toHaveLength(1);
	});

	test.each([
		{ status: 403, body: { message: 'This action is unauthorized.' } },
		{ status: 404, body: { message: 'Not Found' } },
		{ status: 500, body: { message: 'Server Error' } },
		{ status: 200, body: { message: 'no list' } },
	])('of a site comes without a team where its teams cannot be read (%j)', async (answer) => {
		house.voltTime.faults.push({
			...{ kind: 'status', ...answer, times: 99 },
			when: ({ path }) => path.endsWith(`${site().uuid}/teams`),
		});
		const { rows, hints } = await read(ofSite());
		expect(rows.length).toBeGreaterThan(2);
		expect(rows.every(({ companyName, city }) => companyName === null && city !== null)).toBe(true);
		expect(hints).toContain('The teams of the site cannot be read, so rows have no name of the team.');
	});

	test('of a site has no team where others have access to it, but no owner is named', async () => {
		const access = { is_owner: false, data_access: true };
		house.voltTime.faults.push({
			...{ kind: 'status', status: 200, body: { data: [{ uuid: 'x', name: 'Installer BV', access }] } },
			when: ({ path }) => path.endsWith(`${site().uuid}/teams`),
		});
		const { rows } = await read(ofSite());
		expect(rows.every(({ companyName }) => companyName === null)).toBe(true);
	});

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

	test('of a charger comes without team and site where the token may not read its teams', async () => {
		const [charger] = house.voltTime.data.chargers(TEAM);
		house.voltTime.faults.push({
			...{ kind: 'status', status: 403, times: 9 },
			when: ({ path }) => path.endsWith('/api/v3/teams'),
		});
		const { rows, hints } = await read({ sessionsOf: 'charger', chargerUuid: byId(charger.uuid) });
		expect(rows.length).toBeGreaterThan(2);
		expect(rows.every(({ companyName }) => companyName === null)).toBe(true);
		expect(hints).toContain(
			'The access token may not read the list of teams, so rows of its chargers have no team and no location.',
		);
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

	test('from a trigger on a site has them too, for one request in polls that deliver', async () => {
		const trigger = house.activate.voltTime({ ...ofSite(), firstRun: 'all', output: 'simplified' });
		const rows = await trigger.poll();
		expect(rows.length).toBeGreaterThan(2);
		expect(rows.every(({ companyName }) => companyName === team().name)).toBe(true);
		expect(requestsTo('/teams')).toHaveLength(1);
		await trigger.poll();
		expect(requestsTo('/teams')).toHaveLength(1);
	});

	test('costs no request where the records come as they are', async () => {
		await read({ ...ofTeam(), output: 'raw' });
		await read({ ...ofSite(), output: 'raw' });
		expect(requestsTo('/teams')).toEqual([]);
	});
});
