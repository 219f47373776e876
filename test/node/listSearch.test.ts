import type { INodeParameters, INodePropertyMode } from 'n8n-workflow';

import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { searchList } from '../support/n8n';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ transactionsPerCharger: 0 });

const TEAM = 1107;

async function search(method: string, filter?: string, teamId: unknown = String(TEAM), accessToken?: string) {
	const { voltTimeApi } = house.credentials();
	const credentials = { voltTimeApi: { ...voltTimeApi, ...(accessToken && { accessToken }) } };
	const parameters = {
		resource: 'legacyTransaction',
		operation: 'getAll',
		teamId: { __rl: true, mode: 'list', value: teamId },
	} as INodeParameters;
	return await searchList({ node: new VoltTime(), parameters, credentials }, method, filter);
}

test('every list that the canvas offers can be searched, by a method that exists', () => {
	const { description, methods } = new VoltTime();
	const modes = description.properties.flatMap((property): INodePropertyMode[] => property.modes ?? []);
	const lists = modes.filter(({ type }) => type === 'list');
	expect(lists.length).toBeGreaterThan(0);
	for (const { typeOptions } of lists) {
		expect(typeOptions?.searchable).toBe(true);
		expect(Object.keys(methods.listSearch)).toContain(typeOptions?.searchListMethod);
	}
});

describe('the list of teams', () => {
	test('has every team with its id, in alphabetical order', async () => {
		const { results } = await search('searchTeams');
		expect(results).toEqual([
			{ name: 'Gemeente Zuidwolde, openbaar (1107)', value: '1107' },
			{ name: 'Privé Anneloes (1190)', value: '1190' },
			{ name: 'VvE Café "De Lantaarn"; blok B, C (1142)', value: '1142' },
		]);
	});

	test.each([
		['zuid', ['1107']],
		['CAFÉ', ['1142']],
		['119', ['1190']],
		['  privé ', ['1190']],
		['11', ['1107', '1190', '1142']],
		['', ['1107', '1190', '1142']],
		['nowhere', []],
	])('can be searched by a part of name or id: "%s"', async (filter, ids) => {
		const { results } = await search('searchTeams', filter);
		expect(results.map(({ value }) => value)).toEqual(ids);
	});
});

describe('the list of chargers', () => {
	const chargers = () => house.voltTime.data.chargers(TEAM);

	test('has every charger of the team, with identity, reference and id', async () => {
		const { results } = await search('searchChargers');
		expect(results.map(({ value }) => value)).toEqual(chargers().map(({ id }) => String(id)));
		expect(results.slice(0, 2).map(({ name }) => name)).toEqual([
			'VTT_0001 (402700)',
			'VTT_0002 (Plaats 2, zuidzijde, 402703)',
		]);
	});

	test.each([
		['vtt_0002', 1],
		['plaats 3,', 1],
		['402706', 1],
		['zuidzijde', 21],
		['nowhere', 0],
	])('can be searched by a part of identity, reference or id: "%s"', async (filter, count) => {
		const { results } = await search('searchChargers', filter);
		expect(results).toHaveLength(count);
	});

	test.each([true, 'flat'] as const)('is read to its last page (%s)', async (pagedLists) => {
		house.voltTime.switches.pagedLists = pagedLists;
		expect((await search('searchChargers')).results).toHaveLength(32);
		expect((await search('searchChargers', 'VTT_0032')).results).toHaveLength(1);
	});

	test.each([TEAM, '={{ 1107 }}', '={{ String(1107) }}'])('is that of a team given as %j', async (team) => {
		expect((await search('searchChargers', undefined, team)).results).toHaveLength(32);
	});

	test.each(['', '={{ undefined }}', '={{ null }}'])(
		'asks for a team first when there is none: %j',
		async (team) => {
			const { message } = await failureOf(search('searchChargers', undefined, team));
			expect(message).toMatch('Choose the team first');
			expect(house.voltTime.requests).toEqual([]);
		},
	);

	test('says when the team does not exist', async () => {
		const { message, description, httpCode } = await failureOf(search('searchChargers', undefined, '999'));
		expect(message).toBe('Volt Time has nothing under this ID or address (HTTP 404)');
		expect(description).toMatch('Check the team');
		expect(httpCode).toBe('404');
	});

	test('reaches no other path', async () => {
		const { message } = await failureOf(search('searchChargers', undefined, '../../user'));
		expect(message).toMatch('"Team" must be a plain id without slashes');
		expect(house.voltTime.requests).toEqual([]);
	});
});

describe.each(['searchTeams', 'searchChargers'])('%s', (method) => {
	test('says when the token is wrong, without showing it', async () => {
		const failure = await failureOf(search(method, undefined, undefined, 'wrong-token-4711'));
		expect(failure.message).toBe('Volt Time refused the credential (HTTP 401)');
		expect(failure.description).toMatch('Check the access token in the Volt Time credential');
		expect(failure.everything).not.toContain('4711');
	});

	test('gets through a passing fault', async () => {
		house.voltTime.faults.push({ kind: 'status', status: 503 });
		expect((await search(method)).results.length).toBeGreaterThan(0);
	});

	test('says when a login page comes instead', async () => {
		house.voltTime.faults.push({ kind: 'html' });
		const { message } = await failureOf(search(method));
		expect(message).toBe('The API responded with something other than the documented JSON');
	});
});
