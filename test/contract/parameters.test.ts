import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { load } from 'js-yaml';
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { FILTER_FIELDS, FILTER_OPERATORS } from '../../nodes/Spirii/filter';
import type { Endpoint, Operation, OperationEntry } from '../../nodes/shared/node/operation';
import {
	AS_NUMBER_LIST,
	AS_ZERO_OR_ONE,
	readParameters,
	toCamelCase,
	type Encode,
} from '../../nodes/shared/parameters/parameters';
import { testVendors } from '../support/vendors';

/** A parameter as both sides can be put: what is sent, where, and what it may hold. */
interface Comparable {
	type: string;
	enum?: unknown[];
	default?: unknown;
	minimum?: number;
	maximum?: number;
}

interface Schema extends Comparable {
	format?: string;
	pattern?: string;
	contentMediaType?: string;
	items?: Schema;
	properties?: Record<string, Schema>;
	$ref?: string;
}

interface ContractParameter {
	name: string;
	in: 'query' | 'path';
	schema: Schema;
	$ref?: string;
	'x-only-with'?: Record<string, unknown>;
	'x-inferred'?: boolean;
	'x-filter-fields'?: string[];
	'x-filter-operators'?: string[];
}

interface Contract {
	paths: Record<
		string,
		Record<
			string,
			{
				parameters?: ContractParameter[];
				requestBody?: { content: { 'application/json': { schema: Schema } } };
			}
		>
	>;
	components: Record<string, Record<string, unknown>>;
}

const read = (name: string) =>
	load(readFileSync(join(__dirname, '../../sandbox/contract', `${name}.openapi.yaml`), 'utf8')) as Contract;

const cases = testVendors.flatMap(({ vendor, rows, contract }) =>
	rows.map((row): [string, OperationEntry, Contract] => [
		`${vendor.name} ${nameOf(row)}`,
		row,
		read(contract),
	]),
);

/** As the contract calls it. */
function methodOf({ method }: Endpoint): string {
	return (method ?? 'GET').toLowerCase();
}

function nameOf({ resource, operation }: OperationEntry): string {
	return `${resource} ${operation.value}`;
}

/** All parameters of the canvas, those inside collections too. */
function leavesOf(properties: INodeProperties[]): INodeProperties[] {
	return properties.flatMap((property) =>
		property.type === 'collection' ? leavesOf(property.options as INodeProperties[]) : [property],
	);
}

/** What the canvas can send for an operation: by place and wire name. */
function onTheCanvas({ operation }: OperationEntry): Record<string, Comparable> {
	const leaves = leavesOf(operation.properties);
	const sent = leaves
		.filter((leaf) => leaf.routing?.send)
		.map((leaf): [string, Comparable] => {
			const { type, property } = leaf.routing!.send!;
			const described = describeProperty(leaf);
			return [`${type} ${property}`, isPickedNumber(leaf) ? { type: 'integer' } : described];
		});
	const inPath = [...operation.endpoint.path.matchAll(/\{(\w+)\}/g)].map(
		([, wireName]): [string, Comparable] => {
			const leaf = leaves.find(({ name }) => name === toCamelCase(wireName));
			if (!leaf?.required) throw new Error(`${wireName} is not a required parameter of the canvas`);
			return [`path ${wireName}`, { type: isWholeNumber(operation, leaf) ? 'integer' : 'string' }];
		},
	);
	return Object.fromEntries([...sent, ...inPath]);
}

/** Whether "By ID" takes nothing but digits. */
function isPickedNumber({ modes = [] }: INodeProperties): boolean {
	return modes.some(({ validation = [] }) =>
		validation.some((rule) => JSON.stringify(rule).includes('"regex":"\\\\d+"')),
	);
}

/** Whether an operation refuses anything but digits for this id. */
function isWholeNumber(operation: OperationEntry['operation'], leaf: INodeProperties): boolean {
	const { name, displayName } = leaf;
	const isInteger = leaf.type === 'number' && leaf.typeOptions?.numberPrecision === 0;
	if (isInteger || isPickedNumber(leaf)) return true;
	const given = { values: { [name]: '12x' }, labels: { [name]: displayName } };
	return (operation.rules ?? []).some((rule) => {
		try {
			rule(given);
			return false;
		} catch {
			return true;
		}
	});
}

function describeProperty({
	type,
	options,
	default: preset,
	typeOptions,
	routing,
}: INodeProperties): Comparable {
	if (routing?.send?.value === AS_NUMBER_LIST) return { type: 'list of number' };
	switch (type) {
		case 'number':
			return {
				type: typeOptions?.numberPrecision === 0 ? 'integer' : 'number',
				default: preset,
				minimum: typeOptions?.minValue,
				maximum: typeOptions?.maxValue,
			};
		case 'boolean':
			return routing?.send?.value === AS_ZERO_OR_ONE
				? { type: 'integer', enum: [0, 1], default: preset ? 1 : 0 }
				: { type: 'boolean', default: preset };
		case 'options':
			return {
				type: 'string',
				enum: (options as INodePropertyOptions[]).map(({ value }) => value).sort(),
				default: preset,
			};
		case 'multiOptions':
			return { type: 'list of string' };
		case 'dateTime':
			return { type: 'date' };
		case 'json':
		case 'fixedCollection':
			return { type: 'json' };
		case 'hidden':
			return { type: 'fixed', default: preset };
		case 'resourceLocator':
			return { type: 'string', default: '' };
		default:
			return { type: 'string', default: preset };
	}
}

/** What the document knows for an endpoint, in the same words. */
function inTheContract({ operation }: OperationEntry, contract: Contract): Record<string, Comparable> {
	const { endpoint } = operation;
	const { parameters = [], requestBody } = contract.paths[endpoint.path][methodOf(endpoint)];
	const resolve = <T>(part: T & { $ref?: string }): T =>
		(part.$ref?.split('/').slice(1) ?? []).reduce<unknown>(
			(whole, key) => (whole as Record<string, unknown>)[key],
			part.$ref ? contract : part,
		) as T;
	const fixed = Object.fromEntries(
		leavesOf(operation.properties)
			.filter(({ type }) => type === 'hidden')
			.map((leaf) => [leaf.routing!.send!.property!, leaf.default]),
	);

	const known: Array<[string, Comparable]> = [];
	for (const parameter of parameters.map((part) => resolve(part))) {
		// Query parameters that were only inferred stand beside the documented body of the same names.
		if (parameter['x-inferred'] && parameter.in === 'query') continue;
		const condition = Object.entries(parameter['x-only-with'] ?? {});
		if (condition.some(([name, value]) => fixed[name] !== value)) continue;
		const schema = resolve(parameter.schema);
		if (parameter.name in fixed) {
			expect(schema.enum).toContain(fixed[parameter.name]);
			known.push([`query ${parameter.name}`, { type: 'fixed', default: fixed[parameter.name] }]);
		} else known.push([`${parameter.in} ${parameter.name}`, describeSchema(schema)]);
	}
	const body = requestBody && resolve(requestBody.content['application/json'].schema);
	for (const [name, schema] of Object.entries(body?.properties ?? {})) {
		known.push([`body ${name}`, describeSchema(resolve(schema))]);
	}
	return Object.fromEntries(known);
}

function describeSchema({ type, format, pattern, contentMediaType, ...schema }: Schema): Comparable {
	if (format === 'date-time' || format === 'date' || pattern) return { type: 'date' };
	if (contentMediaType) return { type: 'json' };
	if (type === 'array') return { type: `list of ${schema.items?.type}` };
	return {
		type,
		enum: schema.enum && [...schema.enum].sort(),
		default: schema.default,
		minimum: schema.minimum,
		maximum: schema.maximum,
	};
}

/** Values of parameters that send to one wire name, and what the wire then holds: each has its part in it. */
const SHARED: Record<string, { values: Record<string, unknown>; wire: unknown }> = {
	'query filter': {
		values: {
			filterConditions: { conditions: [{ field: 'consumed', operator: '$gt', value: '1' }] },
			filterJson: '{"isRoaming":true}',
		},
		wire: { $and: [{ consumed: { $gt: 1 } }, { isRoaming: true }] },
	},
};

/** The parameters by place and wire name, where several have the same. */
function sharedNames(properties: INodeProperties[]): Array<[string, string[]]> {
	const names = new Map<string, string[]>();
	for (const { name, routing } of leavesOf(properties)) {
		const { type, property } = routing?.send ?? {};
		if (!type || !property) continue;
		names.set(`${type} ${property}`, [...(names.get(`${type} ${property}`) ?? []), name]);
	}
	return [...names].filter(([, sharing]) => sharing.length > 1);
}

/** What parameters that share a wire name leave there, in either order of the canvas. */
function expectShared(properties: INodeProperties[], encode: Record<string, Encode> | undefined): void {
	for (const [wireName, names] of sharedNames(properties)) {
		const { values, wire } = SHARED[wireName];
		expect(names.sort()).toEqual(Object.keys(values).sort());
		const leaves = leavesOf(properties).filter(({ name }) => names.includes(name));
		const [type, property] = wireName.split(' ') as ['query' | 'body', string];
		for (const ordered of [leaves, [...leaves].reverse()]) {
			const options = { timezone: 'UTC', formatDate: String, encode };
			const source = { written: values, read: ({ name }: INodeProperties) => values[name] };
			const { [type]: sent } = readParameters(ordered, source, options);
			expect(JSON.parse(String(sent[property]))).toEqual(wire);
		}
	}
}

/** Every difference between the two sides, in words. */
function differences(canvas: Record<string, Comparable>, contract: Record<string, Comparable>): string[] {
	const found: string[] = [];
	for (const name of new Set([...Object.keys(canvas), ...Object.keys(contract)])) {
		const [here, there] = [canvas[name], contract[name]];
		if (!here) found.push(`${name} is missing on the canvas`);
		else if (!there) found.push(`${name} is not in the contract`);
		else {
			const compare = (key: keyof Comparable, given: unknown, documented: unknown) => {
				if (JSON.stringify(given) !== JSON.stringify(documented)) {
					found.push(`${name} ${key}: ${JSON.stringify(given)} instead of ${JSON.stringify(documented)}`);
				}
			};
			compare('type', here.type, there.type);
			compare('enum', here.enum, there.enum);
			compare('maximum', here.maximum, there.maximum);
			// A document that leaves out the lower bound of a size or an offset does not mean that -5 is fine.
			const impliedMinimum = there.minimum === undefined && [0, 1].includes(here.minimum as number);
			if (!impliedMinimum) compare('minimum', here.minimum, there.minimum);
			if (there.default !== undefined) compare('default', here.default, there.default);
		}
	}
	return found;
}

/** What an operation that reads all pages sets itself. Get Page alone offers it. */
const SET_BY_PAGING = new Set(['query nextPageCursor', 'query previousPageCursor', 'query offset']);

test.each(testVendors)(
	'each parameter that is documented for an endpoint of $vendor.name is offered by one of its operations',
	({ rows, contract }) => {
		const offered = new Map<string, string[]>();
		const nameOfEndpoint = ({ operation: { endpoint } }: OperationEntry) =>
			`${methodOf(endpoint)} ${endpoint.path}`;
		for (const row of rows) {
			const endpoint = nameOfEndpoint(row);
			offered.set(endpoint, [...(offered.get(endpoint) ?? []), ...Object.keys(onTheCanvas(row))]);
		}
		for (const row of rows) {
			const names = Object.keys(inTheContract(row, read(contract)));
			expect(offered.get(nameOfEndpoint(row))).toEqual(expect.arrayContaining(names));
		}
	},
);

describe.each(cases)('%s', (_, row, contract) => {
	/** One record got from a list, since it has no path of its own: what else the list can be asked for is not offered. */
	const isOneOfList = row.operation.value === 'get' && 'pageSize' in row.operation.endpoint;
	const documented = () => {
		const known = Object.entries(inTheContract(row, contract));
		const all = Object.fromEntries(
			known.filter(([name]) => row.operation.value === 'getPage' || !SET_BY_PAGING.has(name)),
		);
		if (!isOneOfList) return all;
		const offered = onTheCanvas(row);
		const sent = Object.entries(all).filter(([name]) => name in offered);
		// The list takes several ids, Get sends one.
		return Object.fromEntries(
			sent.map(([name, { type }]) => [name, { type: type.replace('list of number', 'integer') }]),
		);
	};

	test('offers each documented parameter, with its type, values, default and bounds, and no other', () => {
		expect(differences(onTheCanvas(row), documented())).toEqual([]);
	});

	test('would be caught without any one of its parameters', () => {
		const canvas = onTheCanvas(row);
		const contracted = documented();
		for (const name of Object.keys(canvas)) {
			const { [name]: removed, ...rest } = canvas;
			expect(removed).toBeDefined();
			expect(differences(rest, contracted)).toEqual([`${name} is missing on the canvas`]);
		}
	});

	test('loses no parameter to another that sends to the same name', () => {
		expectShared(row.operation.properties, row.operation.encode);
		const isFiltered = row.resource === 'chargeRecord' && row.operation.value !== 'get';
		expect(sharedNames(row.operation.properties)).toHaveLength(isFiltered ? 1 : 0);
	});

	test('has no text left that the scaffold asked to write', () => {
		expect(JSON.stringify([row.operation.description, row.operation.properties])).not.toContain('TODO');
	});

	test('has no two parameters of one name', () => {
		const names = leavesOf(row.operation.properties).map(({ name }) => name);
		expect(names).toEqual([...new Set(names)]);
	});

	test('names each parameter that says where the list begins, and no other', () => {
		const names = leavesOf(row.operation.properties).map(({ name }) => name);
		const starts = names.filter((name) => /cursor|offset/i.test(name));
		expect([...(row.operation.listStart ?? [])].sort()).toEqual(starts.sort());
	});
});

/** Paths that an operation reads beside that of its endpoint: other scopes of its list, and what its rows need. */
const READ_BESIDE: Record<string, string[]> = {
	volttime: [
		'/api/v2/teams',
		'/api/v2/teams/{team_id}/chargers',
		'/api/v2/user',
		'/api/v3/chargers/{charger_uuid}/settings/public-charging',
		'/api/v3/chargers/{charger_uuid}/transactions',
		'/api/v3/sites/{site_uuid}/chargers',
		'/api/v3/sites/{site_uuid}/teams',
		'/api/v3/teams/{team_uuid}/billing/reimbursement/links',
		'/api/v3/teams/{team_uuid}/chargers',
		'/api/v3/teams/{team_uuid}/sites',
		'/api/v3/teams/{team_uuid}/transactions',
	],
};

test.each(testVendors)(
	'every endpoint of the contract of $vendor.name has an operation, or is that of the test of the credential',
	({ rows, contract, Credential }) => {
		const used = [
			...rows.map(({ operation: { endpoint } }) => `${methodOf(endpoint)} ${endpoint.path}`),
			`get ${new Credential().test.request.url!}`,
			...(READ_BESIDE[contract] ?? []).map((path) => `get ${path}`),
		];
		const documented = Object.entries(read(contract).paths).flatMap(([path, operations]) =>
			Object.keys(operations).map((method) => `${method} ${path}`),
		);
		expect([...new Set(used)].sort()).toEqual(documented.sort());
	},
);

test('the filter knows the documented fields and operators', () => {
	const { parameters } = read('spirii').paths['/v2/charge-records'].get;
	const filter = parameters!.find(({ name }) => name === 'filter')!;
	expect(Object.keys(FILTER_FIELDS)).toEqual(filter['x-filter-fields']);
	expect(Object.keys(FILTER_OPERATORS).sort()).toEqual([...filter['x-filter-operators']!].sort());
});

test('the fields to return are those of the documented charge record', () => {
	const [, getAll] = cases.find(([name]) => name === 'Spirii chargeRecord getAll')!;
	const fields = leavesOf(getAll.operation.properties).find(({ name }) => name === 'fields')!;
	const record = read('spirii').components.schemas.ChargeRecord as Schema;
	const offered = (fields.options as INodePropertyOptions[]).map(({ value }) => value);
	expect(offered).toEqual(Object.keys(record.properties!).sort());
});

/** What triggers set by themselves, by endpoint: times, order, cursors and what goes with them. */
const SET_BY_TRIGGERS: Record<string, string[]> = {
	'/v2/charge-records': [
		'query fields',
		'query nextPageCursor',
		'query previousPageCursor',
		'query sortDirection',
		'query sortKey',
		'query updatedAtFrom',
		'query updatedAtTo',
	],
	'/v2/transactions': [
		'query endedAt',
		'query endedAtMax',
		'query nextPageCursor',
		'query ongoing',
		'query previousPageCursor',
		'query sortBy',
		'query startedAt',
		'query updatedAt',
		'query updatedAtMax',
	],
	'/api/v2/teams/{team_id}/chargers/{charger_id}/transactions': [
		'body date_from',
		'body date_to',
		'body order_by',
	],
	'/api/v3/teams/{team_uuid}/transactions': ['query filter[status]', 'query sort'],
};

const triggerSources = testVendors.flatMap(({ vendor, triggers, contract }) =>
	triggers.map((source) => [`${vendor.name} Trigger on ${source.name}`, source, contract] as const),
);

describe.each(triggerSources)('%s', (_, source, name) => {
	/** The source in the form of an operation: what the user can set of its requests. */
	const row = (properties: INodeProperties[]) =>
		({ operation: { endpoint: source.endpoint, properties } as Operation }) as OperationEntry;
	const properties = [...source.properties, ...source.fetchOptions];
	const compared = (given: INodeProperties[]) =>
		differences(onTheCanvas(row(given)), inTheContract(row(given), read(name))).sort();

	test('offers each documented parameter but those that it sets itself, with its type, values and bounds', () => {
		const own = SET_BY_TRIGGERS[source.endpoint.path];
		expect(compared(properties)).toEqual(own.map((wire) => `${wire} is missing on the canvas`));
	});

	test('would be caught with a parameter that the endpoint does not know', () => {
		const unknown: INodeProperties = {
			displayName: 'Unknown',
			name: 'unknown',
			type: 'string',
			default: '',
			routing: { send: { type: 'query', property: 'unknwon' } },
		};
		expect(compared([...properties, unknown])).toContain('query unknwon is not in the contract');
	});

	test('loses no parameter to another that sends to the same name', () => {
		expectShared(properties, source.encode);
		// A filter is one parameter of the API, and several on the canvas.
		expect(sharedNames(properties)).toHaveLength(source.encode ? 1 : 0);
	});

	test('has no two parameters of one name', () => {
		const names = leavesOf(properties).map((leaf) => leaf.name);
		expect(names).toEqual([...new Set(names)]);
	});
});
