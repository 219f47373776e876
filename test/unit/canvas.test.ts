import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
	NodeHelpers,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
	type INodeType,
} from 'n8n-workflow';

import { SpiriiApi } from '../../credentials/SpiriiApi.credentials';
import { VoltTimeApi } from '../../credentials/VoltTimeApi.credentials';
import { EvCharging } from '../../nodes/EvCharging/EvCharging.node';
import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { SpiriiTrigger } from '../../nodes/Spirii/SpiriiTrigger.node';
import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { labelOfName } from '../../nodes/shared/session/columnChoice';
import { VoltTimeTrigger } from '../../nodes/VoltTime/VoltTimeTrigger.node';

const root = join(__dirname, '../..');

const nodes: Array<[string, INodeProperties[]]> = [
	...[new Spirii(), new SpiriiTrigger(), new VoltTime(), new VoltTimeTrigger(), new EvCharging()].map(
		({ description }: INodeType): [string, INodeProperties[]] => [
			description.displayName,
			allOf(description.properties),
		],
	),
	...[new SpiriiApi(), new VoltTimeApi()].map(({ displayName, properties }): [string, INodeProperties[]] => [
		displayName,
		properties,
	]),
];

/** The parameters and those inside their collections. */
function allOf(properties: INodeProperties[]): INodeProperties[] {
	return properties.flatMap((property) => {
		const inside = (property.options ?? []).flatMap((option) =>
			'values' in option ? (option as INodePropertyCollection).values : 'type' in option ? [option] : [],
		);
		return [property, ...allOf(inside as INodeProperties[])];
	});
}

const choicesOf = ({ options = [] }: INodeProperties) =>
	options.map((option) => ('value' in option ? option.value : ''));

test.each(['resource', 'operation', 'event', 'output', 'driverData', 'firstRun'])(
	'what is used most stands first, where "%s" is chosen',
	(name) => {
		const found = nodes.flatMap(([, properties]) => properties.filter((property) => property.name === name));
		expect(found.length).toBeGreaterThan(0);
		expect(found.map((property) => choicesOf(property)[0])).toEqual(
			found.map((property) => property.default),
		);
	},
);

test('what the vendor has deprecated stands last', () => {
	const isLegacy = nodes
		.flatMap(([, properties]) =>
			properties.filter(({ name }) => name === 'resource' || name === 'recordKind'),
		)
		.map(({ options = [] }) => options.map(({ name }) => name.includes('Legacy')));
	// Two vendors' resources, and "Input" of each operation of EV Charging.
	expect(isLegacy.length).toBeGreaterThan(2);
	for (const choices of isLegacy) {
		expect(choices).toContain(true);
		expect(choices).toEqual([...choices].sort((one, other) => Number(one) - Number(other)));
	}
});

test('a column has one name, where sessions are grouped by it and where it is chosen', () => {
	const [, properties] = nodes.find(([displayName]) => displayName === 'EV Charging')!;
	const namesIn = (name: string) =>
		properties
			.find((property) => property.name === name)!
			.options!.map((option) => [option.name, 'value' in option ? option.value : '']);
	const grouped = namesIn('groupBy');
	expect(grouped.length).toBeGreaterThan(20);
	expect(namesIn('chosenColumns')).toEqual(expect.arrayContaining(grouped));
	expect(grouped).toContainEqual(['Charger Name', 'chargerName']);
	const labels = grouped.map(([label]) => String(label));
	expect(labels).toEqual([...labels].sort());
});

/** Parameters whose wrong value costs money, and what has to be read before. */
test.each([
	['Spirii', 'updatedAtFrom', 'not by the end of the session'],
	['Spirii', 'updatedAtTo', 'not by the end of the session'],
	['Spirii', 'updatedAt', 'not by the end of the session'],
	['Spirii', 'updatedAtMax', 'not by the end of the session'],
	['Spirii', 'driverData', 'statements per driver need it'],
	['Spirii', 'columnGroups', '40 columns'],
	['Spirii', 'pricesIncludeVat', 'Ask the vendor'],
	['Spirii', 'vatRate', 'The missing amount'],
	['Spirii', 'currency', 'Nothing is converted'],
	['Volt Time', 'prices', 'With Public Charging Settings and Reimbursement Links'],
	['Volt Time Trigger', 'prices', 'With Public Charging Settings and Reimbursement Links'],
	['EV Charging', 'siteIds', 'locationId'],
	['EV Charging', 'pricePerKwh', 'One price for everybody'],
])('%s has a visible hint at %s', (node, name, words) => {
	const [, properties] = nodes.find(([displayName]) => displayName === node)!;
	const found = properties.filter((property) => property.name === name);
	expect(found.length).toBeGreaterThan(0);
	for (const { hint } of found) expect(hint).toContain(words);
});

/** Values whose consequence costs money. It has to be read where they are chosen, and would be wrong or noise anywhere else. */
test.each([
	['Spirii Trigger', 'event', ['corrected'], 'test event has null in changedFields'],
	['Volt Time Trigger', 'event', ['corrected'], 'test event has null in changedFields'],
	['EV Charging', 'sites', ['marked'], 'ask the vendor before you pay'],
	['Spirii', 'periodBy', ['update'], 'not the month that you bill'],
	['Volt Time', 'periodBy', ['end'], 'longer than "Longest Session"'],
])('%s: of %s, %j alone shows what it means', (node, name, values, words) => {
	const [, properties] = nodes.find(([displayName]) => displayName === node)!;
	const found = properties.filter((property) => property.name === name);
	expect(found.length).toBeGreaterThan(0);
	for (const property of found) {
		expect(property.hint).toBeUndefined();
		const offered = choicesOf(property);
		const telling = offered.filter((value) => {
			const told = parametersWith(property, value).map((parameters) =>
				noticesAt(properties, parameters).some((text) => text.includes(words)),
			);
			expect(new Set(told).size).toBe(1);
			return told[0];
		});
		// Where a list does not offer the value, there is nothing to tell.
		expect(telling).toEqual(offered.filter((value) => (values as unknown[]).includes(value)));
	}
});

/** The texts that the canvas shows between the parameters of a node. */
function noticesAt(properties: INodeProperties[], parameters: INodeParameters): string[] {
	return properties
		.filter(({ type }) => type === 'notice')
		.filter((notice) => NodeHelpers.displayParameter(parameters, notice, { typeVersion: 1 }, null))
		.map(({ displayName }) => displayName);
}

/** The parameters of each resource and operation, or source, in which the canvas shows a parameter that has this value. */
function parametersWith(property: INodeProperties, value: unknown): INodeParameters[] {
	const shown = Object.entries(property.displayOptions?.show ?? {});
	const own = { [property.name]: value } as INodeParameters;
	return shown.reduce<INodeParameters[]>(
		(all, [condition, given]) =>
			all.flatMap((one) => (given as string[]).map((each) => ({ ...one, [condition]: each }))),
		[{ period: 'lastMonth', sessionsOf: 'site', ...own }],
	);
}

test('sessions that the margin of a period cannot miss are not doubted', () => {
	const [, properties] = nodes.find(([displayName]) => displayName === 'Volt Time')!;
	const shown = (parameters: INodeParameters) =>
		noticesAt(properties, {
			operation: 'getAll',
			period: 'lastMonth',
			periodBy: 'end',
			...parameters,
		}).filter((text) => text.includes('Longest Session'));
	expect(shown({ resource: 'transaction', sessionsOf: 'charger' })).toHaveLength(1);
	expect(shown({ resource: 'legacyTransaction' })).toHaveLength(1);
	expect(shown({ resource: 'transaction', sessionsOf: 'team' })).toEqual([]);
	expect(shown({ resource: 'transaction', sessionsOf: 'site', period: 'all' })).toEqual([]);
	expect(shown({ resource: 'transaction', sessionsOf: 'site', periodBy: 'start' })).toEqual([]);
});

test('no price and no rate begins with a number that nobody gave', () => {
	const money = nodes
		.filter(([node]) => node !== 'EV Charging')
		.flatMap(([, properties]) =>
			properties.filter(
				({ name, type }) => /price(?!s)|rate/i.test(name) && !['boolean', 'notice'].includes(type),
			),
		);
	expect(new Set(money.map(({ name }) => name))).toEqual(new Set(['vatRate', 'fixedPricePerKwh']));
	for (const { default: preset } of money) expect(preset).toBe('');
});

test('the filter on a charger has the name that rows give it', () => {
	const label = labelOfName('chargerId');
	const [, properties] = nodes.find(([displayName]) => displayName === 'Spirii')!;
	const fields = properties.filter(({ displayName, name }) => displayName === 'Field' && name === 'field');
	expect(fields.length).toBeGreaterThan(0);
	for (const { options = [] } of fields) {
		const named = options.filter(({ name }) => name.startsWith(label));
		expect(named.map((option) => 'value' in option && option.value)).toEqual(['chargeBoxId']);
	}
});

const BRITISH =
	/\b\w*(recognis|normalis|summaris|authoris|initialis|organis|favour|colour|behaviour|neighbour|catalogue)\w*|\b(cancelled|labelled|centres?|metres?|licence)\b/i;

test('an ID tag is not called a card where statements are set, but for the written prefix', () => {
	const { properties } = new EvCharging().description;
	const ofReimburse = properties.filter(({ name, displayOptions }) =>
		name === 'operation' ? true : displayOptions?.show?.operation?.includes('reimburse'),
	);
	const texts = JSON.stringify(allOf(ofReimburse), [
		'displayName',
		'name',
		'description',
		'hint',
		'placeholder',
		'options',
	]);
	expect(texts).toContain('ID tag');
	expect(texts.match(/\bcards?\b(?!:)[^"]*/gi)).toBeNull();
	expect(texts).toContain('card:04AABBCC (an ID tag)');
});

test('the texts of the canvas are in American English', () => {
	for (const [node, properties] of nodes) {
		const texts = JSON.stringify(properties, [
			'displayName',
			'name',
			'description',
			'hint',
			'options',
			'values',
		]);
		expect(`${node}: ${BRITISH.exec(texts)?.[0]}`).toBe(`${node}: undefined`);
	}
});

test('so are the pages', () => {
	const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
	for (const page of [
		'README.md',
		'SECURITY.md',
		'CONTRIBUTING.md',
		...pages.map((name) => `docs/${name}`),
	]) {
		const text = readFileSync(join(root, page), 'utf8');
		expect(`${page}: ${BRITISH.exec(text)?.[0]}`).toBe(`${page}: undefined`);
	}
});

test('so are the comments', () => {
	const filesIn = (folder: string, recursive = true) =>
		readdirSync(join(root, folder), { recursive, encoding: 'utf8' })
			.filter((name) => /\.(ts|mjs)$/.test(name))
			.map((name) => join(folder, name));
	const files = [
		...['nodes', 'credentials', 'sandbox/spirii', 'sandbox/voltTime'].flatMap((folder) => filesIn(folder)),
		// It also holds n8n with all of its packages.
		...filesIn('sandbox', false),
	];
	expect(files.length).toBeGreaterThan(150);
	for (const file of files) {
		const comments = readFileSync(join(root, file), 'utf8').match(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g) ?? [];
		expect(`${file}: ${BRITISH.exec(comments.join('\n'))?.[0]}`).toBe(`${file}: undefined`);
	}
});
