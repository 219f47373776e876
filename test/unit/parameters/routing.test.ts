import { ExecuteContext, RoutingNode } from 'n8n-core';
import {
	createEmptyRunExecutionData,
	type IDataObject,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyRouting,
	type INodeType,
} from 'n8n-workflow';

import { operationProperties, type SessionsOperation } from '../../../nodes/EvCharging/operation';
import { nodeProperties, type Resource } from '../../../nodes/shared/node/operation';
import { parameterSource } from '../../../nodes/shared/node/parameterSource';
import { triggerProperties } from '../../../nodes/shared/node/properties/trigger';
import type { TriggerSource } from '../../../nodes/shared/node/triggerSource';
import { checkRouting } from '../../../nodes/shared/parameters/checkRouting';
import { notice } from '../../../nodes/shared/parameters/notice';
import {
	AS_COMMA_LIST,
	AS_JSON,
	AS_ZERO_OR_ONE,
	CLEAR_EACH,
	readParameters,
	type Encode,
} from '../../../nodes/shared/parameters/parameters';
import { EvCharging } from '../../../nodes/EvCharging/EvCharging.node';
import { Spirii } from '../../../nodes/Spirii/Spirii.node';
import { SpiriiTrigger } from '../../../nodes/Spirii/SpiriiTrigger.node';
import { VoltTime } from '../../../nodes/VoltTime/VoltTime.node';
import { VoltTimeTrigger } from '../../../nodes/VoltTime/VoltTimeTrigger.node';
import { InputError } from '../../../nodes/shared/util/errors';
import { prepare } from '../../support/n8n';

type Send = NonNullable<INodePropertyRouting['send']>;

/** A property `a`, called "A". */
function property(type: INodeProperties['type'], more: Partial<INodeProperties> = {}): INodeProperties {
	return { displayName: (more.name ?? 'a').toUpperCase(), name: 'a', type, default: '', ...more };
}

/** That sends to the body; `property` is its name where nothing else is said. */
const send = (property: string, more: Send = {}): INodePropertyRouting => ({
	send: { type: 'body', property, ...more },
});

const text = (name: string, to = name, more: Send = {}) =>
	property('string', { name, routing: send(to, more) });

const holder = (
	type: 'collection' | 'fixedCollection',
	name: string,
	options: INodeProperties['options'],
	more: Partial<INodeProperties> = {},
) => property(type, { name, default: {}, options, ...more });

const many = { typeOptions: { multipleValues: true } };

const rows = (...values: INodeProperties[]) =>
	holder('fixedCollection', 'rows', [{ displayName: 'Row', name: 'row', values }], many);

const one = (...values: INodeProperties[]) =>
	holder('fixedCollection', 'rows', [{ displayName: 'Row', name: 'row', values }]);

const kinds = (...values: Array<string | number>) => values.map((value) => ({ name: `${value}`, value }));

interface Sent {
	qs: unknown;
	body: unknown;
}

/** n8n's context of a node with the properties, for one input item. */
function contextOf(properties: INodeProperties[], parameters: INodeParameters) {
	const type: INodeType = {
		description: {
			displayName: 'Node',
			name: 'node',
			group: [],
			version: 1,
			description: '',
			defaults: {},
			inputs: [],
			outputs: [],
			properties,
		},
	};
	const { workflow, node, additionalData } = prepare({ node: type, parameters, credentials: {} });
	const items = [{ json: { nothing: null, word: 'w', list: [3, 4] } }];
	const input = { main: [items] };
	const data = { node, data: input, source: null };
	const run = createEmptyRunExecutionData();
	const context = new ExecuteContext(
		workflow,
		node,
		additionalData,
		'manual',
		run,
		0,
		items,
		input,
		data,
		[],
	);
	return { context, type, node };
}

/** What n8n's own router would send. */
async function sentByRouter(properties: INodeProperties[], parameters: INodeParameters): Promise<Sent> {
	const { context, type } = contextOf(properties, parameters);
	const router = new RoutingNode(context, type);
	let sent: Sent | undefined;
	const capture = async ({ options }: { options: IDataObject }) => {
		sent = { qs: options.qs, body: options.body };
		return [];
	};
	Object.assign(router, { makeRequest: capture });
	await router.runNode();
	return sent!;
}

function readSent(
	properties: INodeProperties[],
	parameters: INodeParameters,
	encode?: Record<string, Encode>,
): Sent {
	checkRouting(properties, encode);
	const { context, node } = contextOf(properties, parameters);
	const source = parameterSource(
		node,
		(name, options) => context.getNodeParameter(name, 0, null, options) as unknown,
		0,
	);
	const formatDate = (date: Date) => date.toISOString();
	const { query, body } = readParameters(properties, source, { timezone: 'UTC', formatDate, encode });
	return { qs: query, body };
}

/** Form, properties, parameters, and what is sent: as n8n's own router sends it. */
const supported: Array<[string, INodeProperties[], INodeParameters, Partial<Sent>]> = [
	['a plain name in the body', [text('a')], { a: 'x' }, { body: { a: 'x' } }],
	['a plain name in the query', [text('a', 'b', { type: 'query' })], { a: 'x' }, { qs: { b: 'x' } }],
	[
		'dotted names, of which two share an object',
		[text('a', 'price.amount'), text('b', 'price.currency.code')],
		{ a: 'x', b: 'y' },
		{ body: { price: { amount: 'x', currency: { code: 'y' } } } },
	],
	[
		'a dotted name in the query',
		[text('a', 'p.q', { type: 'query' })],
		{ a: 'x' },
		{ qs: { p: { q: 'x' } } },
	],
	[
		'a place in a list',
		[text('a', 'l[0].q'), text('b', 'l[1].q')],
		{ a: 'x', b: 'y' },
		{ body: { l: [{ q: 'x' }, { q: 'y' }] } },
	],
	['a place in a list with a point', [text('a', 'l.0')], { a: 'x' }, { body: { l: ['x'] } }],
	[
		'a name that is no path',
		[
			text('a', 'p.q', { propertyInDotNotation: false }),
			text('b', 'ids[]', { propertyInDotNotation: false, type: 'query' }),
		],
		{ a: 'x', b: 'y' },
		{ body: { 'p.q': 'x' }, qs: { 'ids[]': 'y' } },
	],
	[
		'propertyInDotNotation: true',
		[text('a', 'p.q', { propertyInDotNotation: true })],
		{ a: 'x' },
		{ body: { p: { q: 'x' } } },
	],
	[
		'a constant in place of the value',
		[text('a', 'a', { value: 'fixed' })],
		{ a: 'x' },
		{ body: { a: 'fixed' } },
	],
	[
		'a hidden parameter',
		[property('hidden', { default: 'x', routing: send('a') })],
		{},
		{ body: { a: 'x' } },
	],
	['={{ $value }}', [text('a', 'a', { value: '={{ $value }}' })], { a: 'x' }, { body: { a: 'x' } }],
	['={{$value}}', [text('a', 'a', { value: '={{$value}}' })], { a: 'x' }, { body: { a: 'x' } }],
	[
		'a yes/no as 0 or 1',
		[
			property('boolean', { routing: send('a', { value: AS_ZERO_OR_ONE }) }),
			property('boolean', { name: 'b', routing: send('b', { value: AS_ZERO_OR_ONE }) }),
		],
		{ a: true, b: false },
		{ body: { a: 1, b: 0 } },
	],
	[
		'nothing in place of 0',
		[
			property('number', { default: 0, routing: send('a', { value: '={{ $value || undefined }}' }) }),
			text('b'),
		],
		{ a: 0, b: 'x' },
		{ body: { b: 'x' } },
	],
	[
		'a list as one text',
		[
			property('multiOptions', {
				default: [],
				options: kinds('x', 'y'),
				routing: send('a', { value: AS_COMMA_LIST }),
			}),
		],
		{ a: ['x', 'y'] },
		{ body: { a: 'x,y' } },
	],
	[
		'a list of numbers as one text, in single quotes',
		[property('number', { ...many, routing: send('a', { value: "={{ $value.join(',') }}" }) })],
		{ a: [1, 2] },
		{ body: { a: '1,2' } },
	],
	[
		'numbers',
		[property('number', { ...many, routing: send('a') })],
		{ a: [1, 2.5] },
		{ body: { a: [1, 2.5] } },
	],
	[
		'texts',
		[property('string', { ...many, routing: send('a', { type: 'query' }) })],
		{ a: ['x', '={{ $json.word }}'] },
		{ qs: { a: ['x', 'w'] } },
	],
	[
		'a list from an expression',
		[property('number', { ...many, routing: send('a') })],
		{ a: '={{ $json.list }}' },
		{ body: { a: [3, 4] } },
	],
	[
		'picked numbers',
		[property('multiOptions', { default: [], options: kinds(1, 2), routing: send('a') })],
		{ a: [2, 1] },
		{ body: { a: [2, 1] } },
	],
	[
		'a picked number',
		[property('options', { options: kinds(1, 2), routing: send('a') })],
		{ a: 2 },
		{ body: { a: 2 } },
	],
	[
		'JSON as an object, with a null',
		[property('json', { routing: send('a.b', { value: AS_JSON }) })],
		{ a: '{"c":[1,null]}' },
		{ body: { a: { b: { c: [1, null] } } } },
	],
	[
		'JSON in the query as text',
		[property('json', { routing: send('a', { type: 'query' }) })],
		{ a: '{"c":1}' },
		{ qs: { a: '{"c":1}' } },
	],
	[
		'fields to clear',
		[
			text('b'),
			property('multiOptions', {
				default: [],
				options: kinds('note', 'limit'),
				routing: { request: { body: CLEAR_EACH } },
			}),
		],
		{ a: ['note', 'limit'], b: 'x' },
		{ body: { b: 'x', note: null, limit: null } },
	],
	[
		'constants of routing.request beside the value',
		[
			property('string', {
				routing: {
					...send('price.amount'),
					request: {
						qs: { expand: 'all' },
						body: { price: { currency: 'DKK' }, tags: ['x', 1, null, true] },
					},
				},
			}),
		],
		{ a: 'x' },
		{ qs: { expand: 'all' }, body: { price: { amount: 'x', currency: 'DKK' }, tags: ['x', 1, null, true] } },
	],
	[
		'the routing of the picked option',
		[
			property('options', {
				options: [
					{
						name: 'X',
						value: 'x',
						routing: { ...send('kind.name', { value: 'of x' }), request: { qs: { x: 1 } } },
					},
					{ name: 'Y', value: 'y', routing: send('kind.name', { value: 'of y' }) },
				],
			}),
		],
		{ a: 'x' },
		{ qs: { x: 1 }, body: { kind: { name: 'of x' } } },
	],
	[
		'the routing of an option beside that of its parameter',
		[
			property('options', {
				options: [{ name: 'X', value: 'x', routing: { request: { qs: { x: 1 } } } }],
				routing: send('a'),
			}),
		],
		{ a: 'x' },
		{ qs: { x: 1 }, body: { a: 'x' } },
	],
	[
		'of a collection, what was added',
		[
			holder('collection', 'fields', [
				text('a'),
				property('number', { name: 'b', default: 5, routing: send('b') }),
			]),
		],
		{ fields: { a: 'x' } },
		{ body: { a: 'x' } },
	],
	[
		'a fixed collection as an object',
		[
			one(
				text('a', 'address.city'),
				property('number', { name: 'b', default: 0, routing: send('address.zip') }),
			),
		],
		{ rows: { row: { a: 'x', b: 8000 } } },
		{ body: { address: { city: 'x', zip: 8000 } } },
	],
	[
		'a fixed collection that was not filled in',
		[one(text('a', 'address.city')), text('b')],
		{ rows: {}, b: 'x' },
		{ body: { b: 'x' } },
	],
	[
		'a fixed collection as a list of objects',
		[rows(text('a', '=address[{{$index}}].city'), text('b', '=address[{{ $index }}].to.zip'))],
		{
			rows: {
				row: [
					{ a: 'x', b: '1' },
					{ a: '={{ $json.word }}', b: '2' },
				],
			},
		},
		{
			body: {
				address: [
					{ city: 'x', to: { zip: '1' } },
					{ city: 'w', to: { zip: '2' } },
				],
			},
		},
	],
	[
		'a fixed collection as a list of texts, in a collection, in the query',
		[holder('collection', 'fields', [rows(text('a', '=ids[{{$index}}]', { type: 'query' }))])],
		{ fields: { rows: { row: [{ a: 'x' }, { a: 'y' }] } } },
		{ qs: { ids: ['x', 'y'] } },
	],
	[
		'rows under names that are no path',
		[rows(text('a', '=item[{{$index}}][id]', { type: 'query', propertyInDotNotation: false }))],
		{ rows: { row: [{ a: 'x' }, { a: 'y' }] } },
		{ qs: { 'item[0][id]': 'x', 'item[1][id]': 'y' } },
	],
	[
		'two kinds of rows',
		[
			holder(
				'fixedCollection',
				'rows',
				[
					{ displayName: 'One', name: 'first', values: [text('a', '=l[{{$index}}].a')] },
					{ displayName: 'Two', name: 'second', values: [text('b', '=m[{{$index}}].b')] },
				],
				many,
			),
		],
		{ rows: { first: [{ a: 'x' }], second: [{ b: 'y' }, { b: 'z' }] } },
		{ body: { l: [{ a: 'x' }], m: [{ b: 'y' }, { b: 'z' }] } },
	],
];

/** Deciding parameter and one that depends on it: whether the second is sent. */
const deciding = property('options', { name: 'mode', default: 'x', options: kinds('x', 'y', 'z') });
const dependent = (displayOptions: INodeProperties['displayOptions']) => [
	deciding,
	{ ...text('a'), displayOptions },
];
const conditions: Array<[string, INodeProperties['displayOptions'], string, boolean]> = [
	['show with several values', { show: { mode: ['x', 'y'] } }, 'y', true],
	['show with several values', { show: { mode: ['x', 'y'] } }, 'z', false],
	['hide', { hide: { mode: ['x'] } }, 'x', false],
	['hide', { hide: { mode: ['x'] } }, 'y', true],
	['show and hide', { show: { mode: ['x', 'y'] }, hide: { mode: ['y'] } }, 'y', false],
	['_cnd not', { show: { mode: [{ _cnd: { not: 'x' } }] } }, 'x', false],
	['_cnd not', { show: { mode: [{ _cnd: { not: 'x' } }] } }, 'y', true],
	['_cnd regex', { show: { mode: [{ _cnd: { regex: '^[xz]$' } }] } }, 'z', true],
	['/name', { show: { '/mode': ['x'] } }, 'x', true],
	['/name', { show: { '/mode': ['x'] } }, 'y', false],
	['@version', { show: { '@version': [1] } }, 'x', true],
	['@version', { show: { '@version': [{ _cnd: { gte: 2 } }] } }, 'x', false],
];
const inCollection = (displayOptions: INodeProperties['displayOptions']) => [
	deciding,
	holder('collection', 'fields', [text('a'), { ...text('b'), displayOptions }]),
];

describe('sent as by the router of n8n-core', () => {
	test.each([
		...supported,
		...conditions.map(([form, displayOptions, mode, isSent]): (typeof supported)[number] => [
			`${form}, where the other parameter is ${mode}`,
			dependent(displayOptions),
			{ mode, a: 'v' },
			{ body: isSent ? { a: 'v' } : {} },
		]),
		[
			'/name in a collection, which holds',
			inCollection({ show: { '/mode': ['x'] } }),
			{ mode: 'x', fields: { b: 'v' } },
			{ body: { b: 'v' } },
		],
	] as typeof supported)('%s', async (_, properties, parameters, expected) => {
		const sent = { qs: {}, body: {}, ...expected };
		expect(readSent(properties, parameters)).toStrictEqual(sent);
		expect(await sentByRouter(properties, parameters)).toEqual(sent);
	});

	test('since evaluateExpression, which a programmatic node has, knows no $value', () => {
		const { context } = contextOf([text('a')], { a: 'x' });
		expect(context.evaluateExpression('{{ typeof $value }}', 0)).toBe('undefined');
		expect(context.evaluateExpression('{{ $parameter.a }}', 0)).toBe('x');
	});
});

describe('other than by the router', () => {
	test('nothing is sent of what is not set, in rows and lists neither', () => {
		const properties = [
			text('a', 'p.q'),
			property('string', { name: 'c', ...many, routing: send('c') }),
			property('string', { name: 'd', routing: { request: { qs: { d: 1 } } } }),
			rows(text('b', '=l[{{$index}}].b')),
		];
		const parameters = { a: ' ', c: ['', ' '], d: '', rows: { row: [{ b: '' }, { b: 'x' }, { b: ' ' }] } };
		expect(readSent(properties, parameters)).toEqual({ qs: {}, body: { l: [{ b: 'x' }] } });
	});

	test('dates have the form of the API, also in lists and in rows', () => {
		const date = (name: string, to: string, more = {}) =>
			property('dateTime', { name, routing: send(to), ...more });
		const properties = [date('a', 'a.b', many), rows(date('b', '=l[{{$index}}]'))];
		expect(readSent(properties, { a: ['2026-01-31'], rows: { row: [{ b: '2026-02-01' }] } }).body).toEqual({
			a: { b: ['2026-01-31T00:00:00.000Z'] },
			l: ['2026-02-01T00:00:00.000Z'],
		});
	});

	test('an option counts also where an expression picks it', () => {
		const properties = [
			property('options', { options: [{ name: 'W', value: 'w', routing: send('kind', { value: 'of w' }) }] }),
		];
		expect(readSent(properties, { a: '={{ $json.word }}' }).body).toEqual({ kind: 'of w' });
	});

	test('what an expression hides in a collection or in a row is not sent: n8n itself leaves it in the node', () => {
		const mode = '={{ "y" }}';
		const show = { '/mode': ['x'] };
		expect(readSent(inCollection({ show }), { mode, fields: { a: 'u', b: 'v' } }).body).toEqual({ a: 'u' });
		const hidden = { ...text('b', '=l[{{$index}}].b'), displayOptions: { show } };
		const properties = [deciding, rows(text('a', '=l[{{$index}}].a'), hidden)];
		expect(readSent(properties, { mode, rows: { row: [{ a: 'u', b: 'v' }] } }).body).toEqual({
			l: [{ a: 'u' }],
		});
	});

	test('a yes/no that hides others must be true or false, as one that shows them', () => {
		const all = property('boolean', { name: 'all', displayName: 'All', default: false });
		const properties = [all, { ...text('a'), displayOptions: { hide: { all: [true] } } }];
		expect(() => readSent(properties, { all: 'false', a: 'x' })).toThrow(
			'"All" must be true or false, but "false"',
		);
	});

	test('a filter whose rows are all blank is named', () => {
		const filters = holder('collection', 'filters', [rows(text('a', '=l[{{$index}}].a'))]);
		const given = { filters: { rows: { row: [{ a: ' ' }] } } };
		const source = { written: given, read: () => given.filters };
		const { body, blankFilters } = readParameters([filters], source, { timezone: 'UTC', formatDate: String });
		expect([body, blankFilters]).toEqual([{}, ['ROWS']]);
	});

	test.each([
		[1, {}],
		[2, { a: 'x' }],
	])('the version %d of the node decides by @version', (typeVersion, body) => {
		const show = { '@version': [{ _cnd: { gte: 2 } }] };
		const { node } = contextOf([], {});
		const source = parameterSource({ ...node, typeVersion }, () => 'x');
		const properties = [{ ...text('a'), displayOptions: { show } }];
		expect(readParameters(properties, source, { timezone: 'UTC', formatDate: String }).body).toEqual(body);
	});

	test('a field of a row is shown by its neighbors, as on the canvas: the router looks outside of the row', async () => {
		const show = { '/mode': ['x'], b: ['s'] };
		const second = { ...text('a', '=l[{{$index}}].a'), displayOptions: { show } };
		const properties = [deciding, rows(text('b', '=l[{{$index}}].b'), second)];
		const row = [{ b: 's', a: 'v' }, { b: 't' }];
		expect(readSent(properties, { mode: 'x', rows: { row } }).body).toEqual({ l: row });
		expect(readSent(properties, { mode: 'y', rows: { row } }).body).toEqual({ l: [{ b: 's' }, { b: 't' }] });
		expect((await sentByRouter(properties, { mode: 'x', rows: { row } })).body).toEqual({
			l: [{ b: 's' }, { b: 't' }],
		});
	});

	test('an encoder gives the value of a field in a row', () => {
		const encode: Record<string, Encode> = { a: (value, { label }) => [label, String(value)] };
		const properties = [rows(text('a', '=l[{{$index}}].a'))];
		expect(readSent(properties, { rows: { row: [{ a: 'x' }] } }, encode).body).toEqual({
			l: [{ a: ['A" in "ROWS', 'x'] }],
		});
	});
});

describe('the person at the canvas is told', () => {
	const clear = property('multiOptions', {
		displayName: 'Fields to Clear',
		default: [],
		options: kinds('note'),
		routing: { request: { body: CLEAR_EACH } },
	});
	const list = property('number', { ...many, routing: send('a') });
	const city = property('string', { displayName: 'City', routing: send('=l[{{$index}}].a') });
	test.each<[string, INodeProperties[], INodeParameters, string]>([
		[
			'what is set and cleared',
			[text('note'), clear],
			{ note: 'x', a: ['note'] },
			'"Fields to Clear" must not hold a field that is set, but "note" is in it',
		],
		[
			'what cannot be cleared',
			[clear],
			{ a: ['id'] },
			'"Fields to Clear" must be one of note, but "id" was given',
		],
		[
			'what is no JSON',
			[property('json', { routing: send('a', { value: AS_JSON }) })],
			{ a: '{x' },
			'"A" must be JSON, but "{x" was given',
		],
		['what is no number of a list', [list], { a: [1, 'x'] }, '"A" must be a number, but "x" was given'],
		[
			'what is nothing in a list',
			[list],
			{ a: [1, '={{ $json.nothing }}'] },
			'The expression of "A" must give a value, but it gives null for item 1',
		],
		[
			'what is nothing in the list of an expression',
			[list],
			{ a: '={{ [1, null] }}' },
			'"A" must be a number, but null was given',
		],
		[
			'what is not among picked numbers',
			[property('multiOptions', { default: [], options: kinds(1, 2), routing: send('a') })],
			{ a: '={{ "1, 3" }}' },
			'"A" must be one of 1, 2, but 3 was given',
		],
		[
			'what is no value of a field',
			[rows(property('number', { displayName: 'Zip', routing: send('=l[{{$index}}].a') }))],
			{ rows: { row: [{ a: 'x' }] } },
			'"Zip" in "ROWS" must be a number, but "x" was given',
		],
		[
			'what is nothing in a row',
			[rows(city)],
			{ rows: { row: [{ a: '={{ $json.nothing }}' }] } },
			'The expression of "City" in "ROWS" must give a value, but it gives null for item 1',
		],
	])('%s', (_, properties, parameters, message) => {
		let error: unknown;
		try {
			readSent(properties, parameters);
		} catch (caught) {
			error = caught;
		}
		expect(error).toBeInstanceOf(InputError);
		expect((error as Error).message).toContain(message);
	});
});

describe('a fixed collection that is an expression as a whole, which n8n 2.41.1 drops before a node runs', () => {
	const read = (given: unknown) => {
		const properties = [rows(property('string', { displayName: 'City', routing: send('=l[{{$index}}].a') }))];
		const source = { written: { rows: '={{ $json.rows }}' }, read: () => given };
		return readParameters(properties, source, { timezone: 'UTC', formatDate: String }).body;
	};

	test('is read', () => {
		expect(read({ row: [{ a: 'x' }, { a: 'y' }] })).toEqual({ l: [{ a: 'x' }, { a: 'y' }] });
		expect(read({ row: { a: 'x' } })).toEqual({ l: [{ a: 'x' }] });
	});

	test.each([{ rwo: [] }, { row: ['x'] }, { row: 5 }, [{ a: 'x' }], 'x'])('but not %j', (given) => {
		expect(() => read(given)).toThrow('"ROWS" must be an object with "row" and its fields, but ');
	});

	test('and every field of it counts as an expression', () => {
		expect(() => read({ row: [{ a: null }] })).toThrow(
			'The expression of "City" in "ROWS" must give a value',
		);
	});
});

/** What cannot be sent, as it is said when the node is built. */
const broken = (routing: object, type: INodeProperties['type'] = 'string') =>
	property(type, {
		displayName: 'Location ID',
		name: 'locationId',
		routing: routing as INodePropertyRouting,
	});
const sends = (more: object, type?: INodeProperties['type']) =>
	broken({ send: { type: 'body', property: 'x', ...more } }, type);
const picks = (routing: object, more: object = {}, type: INodeProperties['type'] = 'options') =>
	property(type, {
		displayName: 'Kind',
		name: 'kind',
		options: [{ name: 'X', value: 'x', routing, ...more }],
	});
const shown = (show: object) => ({
	...text('a'),
	displayOptions: { show } as INodeProperties['displayOptions'],
});

const refused: Array<[string, INodeProperties | INodeProperties[]]> = [
	['"Location ID" (locationId): routing.send.preSend is not supported', sends({ preSend: [] })],
	['"Location ID" (locationId): routing.send.paginate is not supported', sends({ paginate: true })],
	[
		'"Location ID" (locationId): routing.send.sendInDotNotation is not supported',
		sends({ sendInDotNotation: true }),
	],
	['"Location ID" (locationId): routing.operations is not supported', broken({ operations: {} })],
	['"Location ID" (locationId): routing.output is not supported', broken({ output: { maxResults: 5 } })],
	...['url', 'method', 'baseURL', 'headers', 'encoding', 'json'].map((key): [string, INodeProperties] => [
		`"Location ID" (locationId): routing.request.${key} is not supported`,
		broken({ request: { [key]: 'x' } }),
	]),
	['routing.send.type must be body or query, but it is undefined', sends({ type: undefined })],
	['routing.send.type must be body or query, but it is header', sends({ type: 'header' })],
	['routing.send.property is missing', sends({ property: undefined })],
	['routing.send.property is missing', sends({ property: '' })],
	[
		'routing.send.property may hold no expression but =...{{$index}}',
		sends({ property: '={{ $parent.name }}' }),
	],
	['routing.send.property ids[] is no path', sends({ property: 'ids[]' })],
	['routing.send.property a..b is no path', sends({ property: 'a..b' })],
	['routing.send.property a["b"] is no path', sends({ property: 'a["b"]' })],
	[
		'routing.send.property has {{$index}} outside of a fixedCollection',
		sends({ property: '=a[{{$index}}]' }),
	],
	['routing.send.property needs {{$index}}: each row would overwrite the one before', rows(text('a', 'p.q'))],
	[
		'routing.send.property l[0].a is a list of objects, which a query cannot hold',
		sends({ type: 'query', property: 'l[0].a' }),
	],
	[
		'routing.send.property =l[{{$index}}].a is a list of objects, which a query cannot hold',
		rows(text('a', '=l[{{$index}}].a', { type: 'query' })),
	],
	[
		'routing.request.qs must not hold a list of objects',
		broken({ request: { qs: { a: { b: [{ c: 1 }] } } } }),
	],
	['routing.send.value must be a text', sends({ value: '' })],
	['routing.send.value must be a text', sends({ value: 5 })],
	...[
		'={{ $parameter.x }}',
		'={{ $value.toUpperCase() }}',
		'=x{{ $value }}',
		'={{ new Date($value).toISOString() }}',
		'={{ toString }}',
		'=plain',
	].map((value): [string, INodeProperties] => [
		`routing.send.value ${value} is not supported; of expressions there are $value and`,
		sends({ value }),
	]),
	[
		'routing.send.value ={{ $value.join(",") }} is not supported for type string',
		sends({ value: AS_COMMA_LIST }),
	],
	[
		'routing.send.value ={{ JSON.parse($value) }} is not supported for type string',
		sends({ value: AS_JSON }),
	],
	[
		'routing.send.value must be ={{ JSON.parse($value) }} in a body: n8n would send the text',
		sends({}, 'json'),
	],
	['routing.request.qs must be an object of constants', broken({ request: { qs: { a: '={{ $value }}' } } })],
	['routing.request.qs must be an object of constants', broken({ request: { qs: { a: ['=x'] } } })],
	['routing.request.body must be an object of constants', broken({ request: { body: '={{ $value }}' } })],
	['routing.request.body must be an object of constants', broken({ request: { body: { a: () => 1 } } })],
	[
		'fields are cleared by a multiOptions whose values are names without a path',
		broken({ request: { body: CLEAR_EACH } }),
	],
	[
		'fields are cleared by a multiOptions whose values are names without a path',
		property('multiOptions', { options: kinds('price.amount'), routing: { request: { body: CLEAR_EACH } } }),
	],
	[
		'routing.send and the clearing of fields exclude each other',
		property('multiOptions', {
			options: kinds('x'),
			routing: { ...send('y'), request: { body: CLEAR_EACH } },
		}),
	],
	[
		'"Kind" (kind): option x: routing.send.preSend is not supported',
		picks({ send: { type: 'body', property: 'x', value: 'y', preSend: [] } }),
	],
	['"Kind" (kind): option x: routing.output is not supported', picks({ output: {} })],
	['option x: routing.request.url is not supported', picks({ request: { url: '/x' } })],
	['option x: routing.send.value must be a constant text', picks({ send: { type: 'body', property: 'x' } })],
	[
		'option x: routing.send.value must be a constant text',
		picks({ send: { type: 'body', property: 'x', value: '={{ $value }}' } }),
	],
	['option x: routing.send.type must be body or query', picks({ send: { property: 'x', value: 'y' } })],
	['option x: routing.request.body must be an object of constants', picks({ request: { body: CLEAR_EACH } })],
	[
		'option x: routing and displayOptions exclude each other',
		picks({ request: { qs: { a: 1 } } }, { displayOptions: { show: {} } }),
	],
	[
		'option x: routing counts for type options only',
		picks({ request: { qs: { a: 1 } } }, {}, 'multiOptions'),
	],
	[
		'routing is not supported for type collection as a whole',
		holder('collection', 'c', [], { routing: send('c') }),
	],
	[
		'routing is not supported for type fixedCollection as a whole',
		holder('fixedCollection', 'c', [], { routing: send('c') }),
	],
	['routing is not supported for type notice', sends({}, 'notice')],
	['routing is not supported for type resourceMapper', sends({}, 'resourceMapper')],
	['a hidden parameter with routing needs a default', sends({ value: 'constant' }, 'hidden')],
	['typeOptions.multipleValues is not supported for type collection', holder('collection', 'c', [], many)],
	['typeOptions.multipleValues is not supported for type boolean', property('boolean', many)],
	[
		'a collection inside of a collection is not supported',
		holder('collection', 'c', [holder('collection', 'd', [])]),
	],
	[
		'a collection inside of a fixedCollection is not supported',
		rows(text('b', '=b[{{$index}}].c'), holder('collection', 'd', [])),
	],
	[
		'routing inside of a fixedCollection in a fixedCollection is not supported',
		holder('fixedCollection', 'c', [{ displayName: 'D', name: 'd', values: [one(text('a'))] }]),
	],
	['displayOptions.hideOnCloud is not supported', { ...text('a'), displayOptions: { hideOnCloud: true } }],
	['displayOptions.show.@feature is not supported', shown({ '@feature': ['x'] })],
	['displayOptions.show.@tool is not supported', shown({ '@tool': [true] })],
	['displayOptions.show.mode names no parameter that stands before it', shown({ mode: ['x'] })],
	['displayOptions.show.mode names no parameter that stands before it', [shown({ mode: ['x'] }), deciding]],
	[
		'displayOptions.hide.mode names no parameter that stands before it',
		{ ...text('a'), displayOptions: { hide: { mode: ['x'] } } },
	],
	// n8n looks for it among the neighbors.
	[
		'displayOptions.show.mode names no parameter that stands before it',
		inCollection({ show: { mode: ['x'] } }),
	],
	[
		'displayOptions.show./fields.a names no parameter that stands before it',
		[holder('collection', 'fields', [text('b')]), shown({ '/fields.a': ['x'] })],
	],
	[
		'displayOptions.show.b names no parameter that stands before it',
		[holder('collection', 'fields', [text('b')]), shown({ b: ['x'] })],
	],
	[
		'displayOptions.show.fields.b names no parameter that stands before it',
		[holder('collection', 'fields', [text('b')]), shown({ 'fields.b': ['x'] })],
	],
	[
		'displayOptions.show.fields.b names no parameter that stands before it',
		[holder('collection', 'fields', [text('b')]), notice('note', 'Note', { show: { 'fields.b': ['x'] } })],
	],
	['"A" (a): another parameter has the same name', [text('a', 'b'), text('a', 'c')]],
	[
		'"A" (a): another parameter has the same name',
		[text('a', 'b'), holder('collection', 'fields', [text('a', 'c')])],
	],
	['"A" (a): another parameter has the same name', [text('a', 'b'), rows(text('a', '=c[{{$index}}].d'))]],
	['"B" (b): routing writes to body x, to which "A" (a) writes, too', [text('a', 'x'), text('b', 'x')]],
	['"B" (b): routing writes to body p.q, to which "A" (a) writes, too', [text('a', 'p'), text('b', 'p.q')]],
	['"B" (b): routing writes to body p, to which "A" (a) writes, too', [text('a', 'p[0]'), text('b', 'p')]],
	[
		'"B" (b): routing writes to body p.q, to which "A" (a) writes, too',
		[text('a', 'p[0]'), text('b', 'p.q')],
	],
	[
		'"A" (a): routing writes to body x, to which "A" (a) writes, too',
		property('string', { routing: { ...send('x'), request: { body: { x: 1 } } } }),
	],
	[
		'"KIND" (kind): routing writes to body x, to which "KIND" (kind) writes, too',
		property('options', {
			name: 'kind',
			options: [{ name: 'X', value: 'x', routing: send('x', { value: 'y' }) }],
			routing: send('x'),
		}),
	],
	[
		'"A" (a): routing writes to body l.0.a, to which "B" (b) writes, too',
		[text('b', 'l[0].b'), rows(text('a', '=l[{{$index}}].a'))],
	],
	[
		'"B" (b): routing writes to body l.0.b, to which "A" (a) writes, too',
		holder(
			'fixedCollection',
			'rows',
			[
				{ displayName: 'One', name: 'first', values: [text('a', '=l[{{$index}}].a')] },
				{ displayName: 'Two', name: 'second', values: [text('b', '=l[{{$index}}].b')] },
			],
			many,
		),
	],
];

describe('refused when the node is built', () => {
	test.each(refused.filter(([, given]) => !Array.isArray(given) || given.length > 0))(
		'%s',
		(message, given) => {
			const properties = [given].flat();
			let said = '';
			try {
				checkRouting(properties);
			} catch (error) {
				said = (error as Error).message;
			}
			expect(said).toContain(message);
			// It names the property.
			expect(said).toMatch(/^"[^"]+" \(\w+\): /);
		},
	);

	const encode = { a: String, b: String } as unknown as Record<string, Encode>;

	test('a form of its own beside routing.send.value or fields with routing', () => {
		expect(() => checkRouting([text('a', 'x', { value: 'c' })], encode)).toThrow(
			'"A" (a): routing.send.value and an encoder exclude each other',
		);
		const both = { ...rows(text('c', '=l[{{$index}}]')), name: 'a', routing: send('x') };
		expect(() => checkRouting([both], encode)).toThrow(
			'an encoder and fields with routing exclude each other',
		);
	});

	test('but not a wire name that several share who all have a form of their own', () => {
		const properties = [text('a', 'x'), property('json', { name: 'b', routing: send('x') })];
		expect(() => checkRouting(properties, encode)).not.toThrow();
		expect(() => checkRouting(properties, { b: encode.b })).toThrow('"B" (b): routing writes to body x');
	});

	test('but not a fixed collection with a form of its own', () => {
		const whole = holder('fixedCollection', 'a', [{ displayName: 'D', name: 'd', values: [] }], {
			routing: send('x'),
		});
		expect(() => checkRouting([whole], encode)).not.toThrow();
	});

	test('of an operation', () => {
		const operation = { value: 'get', name: 'Get', properties: [sends({ preSend: [] })] };
		const resource = { value: 'one', name: 'One', operations: [operation] } as unknown as Resource;
		expect(() => nodeProperties([resource])).toThrow('preSend is not supported');
	});

	test('of an operation on the records of all vendors', () => {
		const operation = { value: 'x', name: 'X', properties: [sends({ preSend: [] })] };
		expect(() => operationProperties([operation as unknown as SessionsOperation])).toThrow(
			'preSend is not supported',
		);
	});

	test.each([1, 2])('of a trigger, with %d sources', (count) => {
		const source = { value: 'x', name: 'X', properties: [sends({ preSend: [] })], fetchOptions: [] };
		const sources = Array.from({ length: count }, () => source as unknown as TriggerSource);
		expect(() => triggerProperties(sources)).toThrow('preSend is not supported');
	});

	test('nothing of the nodes that there are', () => {
		for (const Node of [EvCharging, Spirii, SpiriiTrigger, VoltTime, VoltTimeTrigger]) {
			expect(new Node().description.properties.length).toBeGreaterThan(0);
		}
	});
});
