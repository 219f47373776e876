import type { INodeProperties, INodePropertyMode } from 'n8n-workflow';

import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { SpiriiTrigger } from '../../nodes/Spirii/SpiriiTrigger.node';
import { SITES } from '../../sandbox/spirii/places';
import { searchList } from '../support/n8n';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 20 });

async function search(method: string, filter?: string, paginationToken?: string) {
	const { spiriiApi } = house.credentials();
	const parameters = { resource: 'location', operation: 'get' };
	return await searchList(
		{ node: new Spirii(), parameters, credentials: { spiriiApi } },
		method,
		filter,
		paginationToken,
	);
}

/** The modes of every picker, wherever it stands. */
function modesIn(properties: INodeProperties[]): INodePropertyMode[] {
	return properties.flatMap(({ modes, options = [] }) => [
		...(modes ?? []),
		...options.flatMap((option) =>
			'values' in option ? modesIn(option.values) : 'type' in option ? modesIn([option]) : [],
		),
	]);
}

test.each([Spirii, SpiriiTrigger])('every list of %p can be searched, by a method that exists', (Node) => {
	const { description, methods } = new Node();
	const lists = modesIn(description.properties).filter(({ type }) => type === 'list');
	expect(lists.length).toBeGreaterThan(0);
	for (const { typeOptions } of lists) {
		expect(typeOptions?.searchable).toBe(true);
		expect(Object.keys(methods.listSearch)).toContain(typeOptions?.searchListMethod);
	}
});

describe('the list of locations', () => {
	test('has every location with address and number', async () => {
		const { results } = await search('searchLocations');
		expect(results.map(({ value }) => value)).toEqual(SITES.map(({ id }) => String(id)));
		const [{ name, address, city, id }] = SITES;
		expect(results[0].name).toBe(`${name} (${address}, ${city}, ${id})`);
	});

	test.each([
		['a part of the name', 'MÖWEN', ['Hotel Möwenruh']],
		['a part of the address', 'götgatan 55', ['Södermalm Götgatan']],
		['the number', '1807', [SITES[1].name]],
		['the ID of an EVSE', `.SPI.ZM0060*2`, [SITES[1].name]],
		['nothing that there is', 'nowhere', []],
	])('can be searched by %s', async (_, filter, names) => {
		const { results } = await search('searchLocations', filter);
		expect(results.map(({ name }) => name.split(' (')[0])).toEqual(names);
	});

	test('is read to its end when little matches, and said to go on where it does', async () => {
		house.spirii.switches.maxPageSize = 3;
		const narrow = await search('searchLocations', 'götgatan');
		expect(narrow.results).toHaveLength(1);
		expect(narrow.paginationToken).toBeUndefined();
		expect(house.spirii.requests.length).toBe(Math.ceil(SITES.length / 3));
	});

	test('goes on behind the page that its cursor names', async () => {
		const all = await search('searchEvses');
		house.spirii.switches.maxPageSize = 5;
		const first = await search('searchEvses');
		expect(first.results.length).toBeGreaterThanOrEqual(20);
		expect(first.results.length).toBeLessThan(all.results.length);
		const results = [...first.results];
		for (let token = first.paginationToken; token !== undefined;) {
			const more = await search('searchEvses', '', String(token));
			results.push(...more.results);
			token = more.paginationToken;
		}
		expect(results).toEqual(all.results);
	});

	test('says in the list what is wrong with the key', async () => {
		house.spirii.faults.push({ kind: 'status', status: 403 });
		const { message, everything } = await failureOf(search('searchLocations'));
		expect(message).toMatch(/403/);
		expect(everything).not.toContain(house.spirii.key);
	});
});

describe('the lists of EVSEs', () => {
	test('give the number that paths need, or the ID that sessions have', async () => {
		const byUid = await search('searchEvses', 'götgatan');
		const byId = await search('searchEvseIds', 'götgatan');
		expect(byUid.results.map(({ name }) => name)).toEqual(byId.results.map(({ name }) => name));
		expect(byUid.results.length).toBeGreaterThan(0);
		for (const { value } of byUid.results) expect(value).toMatch(/^\d+$/);
		for (const { value, name } of byId.results) expect(name).toContain(String(value));
	});
});
