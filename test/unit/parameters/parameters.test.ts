import * as fc from 'fast-check';
import { DateTime } from 'luxon';
import type { INodeProperties } from 'n8n-workflow';

import { InputError } from '../../../nodes/shared/util/errors';
import {
	AS_ZERO_OR_ONE,
	fillPath,
	readParameters,
	toCamelCase,
	type Encode,
	type Parameters,
	type ParameterSource,
	type ReadOptions,
} from '../../../nodes/shared/parameters/parameters';

type Send = NonNullable<NonNullable<INodeProperties['routing']>['send']>;

/** A property that is sent in the query under its own name. */
function property(
	type: INodeProperties['type'],
	more: Partial<INodeProperties> = {},
	send: Send = {},
): INodeProperties {
	const name = more.name ?? 'one';
	return {
		displayName: 'One',
		name,
		type,
		default: '',
		routing: { send: { type: 'query', property: name, ...send } },
		...more,
	};
}

function read(
	properties: INodeProperties[],
	given: Record<string, unknown>,
	encode?: Record<string, Encode>,
): Parameters {
	return readWritten(properties, given, given, { encode });
}

/** What a node holds, and what its expressions come to. */
function readWritten(
	properties: INodeProperties[],
	written: Record<string, unknown>,
	given: Record<string, unknown>,
	{ encode, listStart, ...more }: Partial<ParameterSource & ReadOptions> = {},
): Parameters {
	const source = { written, read: ({ name }: INodeProperties) => given[name], ...more };
	return readParameters(properties, source, {
		timezone: 'Europe/Copenhagen',
		formatDate: (date) => `at ${date.toISOString()}`,
		encode,
		listStart,
	});
}

const sent = (one: INodeProperties, value: unknown) => read([one], { one: value }).query;

function errorOf(one: INodeProperties, value: unknown): InputError {
	return refusal(() => read([one], { one: value }));
}

function refusal(work: () => unknown): InputError {
	try {
		work();
	} catch (error) {
		expect(error).toBeInstanceOf(InputError);
		return error as InputError;
	}
	throw new Error('was accepted');
}

/** A collection of filters, or of anything else. */
function collection(name: string, ...options: INodeProperties[]): INodeProperties {
	return {
		displayName: name === 'filters' ? 'Filters' : 'Options',
		name,
		type: 'collection',
		default: {},
		options,
	};
}

const OPTIONS = {
	options: [
		{ name: 'CPO', value: 'cpo' },
		{ name: 'EMP', value: 'emp' },
	],
};

const BLANKS = [undefined, null, '', '   ', []];

describe('a parameter that is left blank by hand is not sent', () => {
	it.each(['string', 'multiOptions', 'dateTime', 'json', 'resourceLocator'] as const)('%s', (type) => {
		for (const blank of BLANKS) expect(sent(property(type, OPTIONS), blank)).toEqual({});
	});

	it.each(['string', 'number', 'options', 'multiOptions', 'dateTime'] as const)(
		'%s in a collection, and one that was not added',
		(type) => {
			const options = collection('options', property(type, OPTIONS));
			for (const blank of BLANKS) expect(read([options], { options: { one: blank } }).query).toEqual({});
			expect(read([options], { options: {} }).query).toEqual({});
		},
	);

	it('and has no value, but keeps its label for messages', () => {
		expect(read([property('string')], { one: ' ' })).toEqual({
			values: {},
			labels: { one: 'One' },
			query: {},
			body: {},
			blankFilters: [],
		});
	});

	it('but 0 and false are set', () => {
		expect(sent(property('number'), 0)).toEqual({ one: 0 });
		expect(sent(property('boolean'), false)).toEqual({ one: false });
	});
});

describe('a parameter that always shows a value on the canvas is refused when it is blank: a default would take its place', () => {
	const allowed = { number: 'a number', options: 'one of cpo, emp', boolean: 'true or false' };

	it.each(['number', 'options', 'boolean'] as const)('%s', (type) => {
		for (const blank of BLANKS) {
			expect(errorOf(property(type, OPTIONS), blank).message).toMatch(`"One" must be ${allowed[type]}, but `);
		}
	});

	it('a yes/no also in a collection, but not one that was not added', () => {
		const filters = collection('filters', property('boolean'));
		for (const blank of BLANKS) {
			expect(refusal(() => read([filters], { filters: { one: blank } })).message).toContain(
				'"One" must be true or false, but ',
			);
		}
		expect(read([filters], { filters: {} }).query).toEqual({});
	});
});

describe('an expression that gives nothing is refused', () => {
	const nothing: Array<[string, unknown, string]> = [
		['empty text', '', '""'],
		['blanks', ' \n', '" \n"'],
		['an empty list', [], '[]'],
		['null', null, 'null'],
		['undefined', undefined, 'undefined'],
		['NaN', NaN, 'NaN'],
		['an invalid Date', new Date('x'), 'an invalid date'],
		['an invalid DateTime', DateTime.fromISO('x'), 'an invalid date'],
		['an invalid DateTime inside of a collection', 'Invalid DateTime', 'an invalid date'],
	];
	const types = ['string', 'number', 'boolean', 'options', 'multiOptions', 'dateTime', 'json'] as const;
	const expression = '={{ $json.uid }}';

	describe.each(nothing)('%s', (_, given, shown) => {
		it.each(types)('in a parameter of type %s, with the item that it is', (type) => {
			const read = () =>
				readWritten([property(type, OPTIONS)], { one: expression }, { one: given }, { itemIndex: 1 });
			const { message, advice } = refusal(read);
			expect(message).toBe(`The expression of "One" must give a value, but it gives ${shown} for item 2`);
			expect(advice).toBe('Correct the expression, or set "One" without an expression.');
		});

		it('in an option, and in a trigger, which has no items', () => {
			const options = collection('options', property('string'));
			const { message, advice } = refusal(() =>
				readWritten([options], { options: { one: expression } }, { options: { one: given } }),
			);
			expect(message).toBe(`The expression of "One" must give a value, but it gives ${shown}`);
			expect(advice).toBe('Correct the expression, or remove "One".');
		});

		it('in a filter, which says what would come without it', () => {
			const filters = collection('filters', property('string'));
			const { advice } = refusal(() =>
				readWritten([filters], { filters: { one: expression } }, { filters: { one: given } }),
			);
			expect(advice).toBe(
				'Correct the expression, or remove "One". Without the filter, the node would return everybody\'s records.',
			);
		});

		it('in a choice from a list, and in a field of a fixed collection', () => {
			const picked = { __rl: true, mode: 'id', value: expression };
			const locator = property('resourceLocator', { displayName: 'Team' });
			expect(refusal(() => readWritten([locator], { one: picked }, { one: given })).message).toContain(
				`The expression of "Team" must give a value, but it gives ${shown}`,
			);
			const prices = property('fixedCollection', {
				displayName: 'Price List',
				options: [
					{ displayName: 'Price', name: 'price', values: [property('dateTime', { displayName: 'From' })] },
				],
			});
			const row = (value: unknown) => ({ one: { price: [{ one: '2026-01-01' }, { one: value }] } });
			expect(refusal(() => readWritten([prices], row(expression), row(given))).message).toContain(
				`The expression of "From" in "Price List" must give a value, but it gives ${shown}`,
			);
		});

		it('in a collection that is an expression as a whole', () => {
			const filters = collection('filters', property('string'));
			const read = (value: unknown) => () =>
				readWritten([filters], { filters: expression }, { filters: value });
			expect(refusal(read({ one: given })).message).toContain('The expression of "One" must give a value');
			expect(refusal(read(given)).message).toContain('The expression of "Filters" must give a value');
		});
	});

	it('but not one that gives 0 or false', () => {
		expect(readWritten([property('number')], { one: expression }, { one: 0 }).query).toEqual({ one: 0 });
		expect(readWritten([property('boolean')], { one: expression }, { one: false }).query).toEqual({
			one: false,
		});
	});

	it('and a model that calls the node as a tool is told to call it again', () => {
		const byModel = "={{ $fromAI('ID_Tag_UID', ``, 'string') }}";
		const uid = property('string', { displayName: 'ID Tag UID' });
		const filters = collection('filters', uid);
		for (const given of ['', null, undefined]) {
			const filter = refusal(() =>
				readWritten([filters], { filters: { one: byModel } }, { filters: { one: given } }, { isTool: true }),
			);
			expect(filter.message).toBe('"ID Tag UID" was given no value');
			expect(filter.advice).toBe(
				"Call the tool again with a value for it; without it, the node would return everybody's records.",
			);
			const alone = refusal(() => readWritten([uid], { one: byModel }, { one: given }, { isTool: true }));
			expect(alone.advice).toBe('Call the tool again with a value for it.');
		}
	});

	it('and a model is not asked for what it does not give', () => {
		const read = () =>
			readWritten([property('string')], { one: expression }, { one: '' }, { isTool: true, itemIndex: 0 });
		expect(refusal(read).message).toBe(
			'The expression of "One" must give a value, but it gives "" for item 1',
		);
	});
});

describe('where a list begins', () => {
	const read = (type: INodeProperties['type'], given: unknown) =>
		readWritten([property(type)], { one: '={{ $json.cursor }}' }, { one: given }, { listStart: ['one'] });

	it.each(['string', 'number'] as const)('may be blank in a %s, also from an expression', (type) => {
		for (const blank of BLANKS) expect(read(type, blank).query).toEqual({});
	});

	it('is not where a calculation failed', () => {
		for (const type of ['string', 'number'] as const) {
			expect(refusal(() => read(type, NaN)).message).toContain('The expression of "One" must give a value');
		}
	});
});

describe('a parameter that must be set', () => {
	it.each([undefined, null, '', '  \n', []])('is refused when it is %j', (unset) => {
		const error = errorOf(property('string', { required: true, displayName: 'Record ID' }), unset);
		expect(error.message).toBe('"Record ID" must not be empty');
		expect(error.advice).toBe('Fill in "Record ID".');
	});
});

describe('where a parameter goes', () => {
	it('is the query or the body, under the name of the API', () => {
		const properties = [
			property('string', { name: 'dateFrom' }, { type: 'body', property: 'date_from' }),
			property('string', { name: 'pageSize' }, { property: 'limit' }),
		];
		const { values, query, body } = read(properties, { dateFrom: 'a', pageSize: 'b' });
		expect(values).toEqual({ dateFrom: 'a', pageSize: 'b' });
		expect(query).toEqual({ limit: 'b' });
		expect(body).toEqual({ date_from: 'a' });
	});

	it('is nowhere without routing, but its value is known', () => {
		const { values, query, body } = read([property('boolean', { name: 'returnAll', routing: undefined })], {
			returnAll: true,
		});
		expect([values, query, body]).toEqual([{ returnAll: true }, {}, {}]);
	});

	it('does not depend on whether it stands in a collection', () => {
		const filters = property('collection', {
			name: 'filters',
			routing: undefined,
			options: [property('string'), property('number', { name: 'two', displayName: 'Two' })],
		});
		const { values, labels, query } = read([filters], { filters: { two: 2 } });
		expect(query).toEqual({ two: 2 });
		expect(values).toEqual({ two: 2 });
		expect(labels).toEqual({ one: 'One', two: 'Two' });
		expect(read([filters], { filters: {} }).query).toEqual({});
		expect(read([filters], { filters: null }).query).toEqual({});
	});
});

describe('a parameter that is hidden on the canvas', () => {
	const limit = property('number', { name: 'limit', displayOptions: { show: { returnAll: [false] } } });
	const returnAll = property('boolean', { name: 'returnAll', routing: undefined });

	it('is neither read nor checked nor sent', () => {
		expect(read([returnAll, limit], { returnAll: true, limit: 'nonsense' }).query).toEqual({});
		expect(read([returnAll, limit], { returnAll: false, limit: 5 }).query).toEqual({ limit: 5 });
	});

	it('is shown only where all its conditions hold', () => {
		const a = property('string', { name: 'a', routing: undefined });
		const b = property('number', { name: 'b', routing: undefined });
		const both = property('string', { displayOptions: { show: { a: ['x', 'y'], b: [1] } } });
		expect(read([a, b, both], { one: 'v', a: 'y', b: 1 }).query).toEqual({ one: 'v' });
		expect(read([a, b, both], { one: 'v', a: 'y', b: 2 }).query).toEqual({});
		expect(read([a, b, both], { one: 'v', a: 'z', b: 1 }).query).toEqual({});
	});

	it.each([false, 'false', 'FALSE', 0])('is shown by what an expression means: %j', (given) => {
		const written = { returnAll: '={{ $json.all }}', limit: 5 };
		expect(readWritten([returnAll, limit], written, { returnAll: given, limit: 5 }).query).toEqual({
			limit: 5,
		});
	});

	it.each(['false', 'true', 0, 1, null, undefined, ''])(
		'depends on a yes/no that is %j instead of true or false: n8n has dropped what depends on it',
		(given) => {
			const { message, advice } = refusal(() =>
				read([{ ...returnAll, displayName: 'Return All' }, limit], { returnAll: given, limit: null }),
			);
			expect(message).toMatch('"Return All" must be true or false, but ');
			expect(advice).toBe(
				'Set "Return All" again, without quotes. By its value n8n decides which other fields count.',
			);
		},
	);

	it('a yes/no on which nothing depends may be text', () => {
		expect(sent(property('boolean'), 'false')).toEqual({ one: false });
	});
});

describe('a filter that was added', () => {
	const filters = {
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		default: {},
		options: [property('string'), property('number', { name: 'two', displayName: 'Two' })],
	} satisfies INodeProperties;

	it.each([' ', '', null, []])('and was left blank is not sent, and is named: %j', (blank) => {
		const { query, blankFilters } = read([filters], { filters: { one: blank, two: 5 } });
		expect([query, blankFilters]).toEqual([{ two: 5 }, ['One']]);
	});

	it('counts with 0 and with all that was not added', () => {
		expect(read([filters], { filters: { two: 0 } }).query).toEqual({ two: 0 });
		expect(read([filters], { filters: {} }).blankFilters).toEqual([]);
	});

	it.each(['x', 5, [1]])('is never dropped with a collection that is none: %j', (given) => {
		expect(() => read([filters], { filters: given })).toThrow('"Filters" must be an object');
	});
});

describe('numbers', () => {
	const limit = property('number', {
		displayName: 'Limit',
		typeOptions: { minValue: 1, maxValue: 2500, numberPrecision: 0 },
	});

	it.each([
		[1, 1],
		[2500, 2500],
		['25', 25],
		[' 25 ', 25],
		['0025', 25],
	])('%j is sent as %j', (given, number) => {
		expect(sent(limit, given)).toEqual({ one: number });
	});

	it.each([
		0,
		-1,
		1.5,
		2501,
		1e300,
		NaN,
		Infinity,
		'-1',
		'1.5',
		'2501',
		'abc',
		'1,5',
		'1.000',
		'25.0',
		'0x10',
		'1e3',
		'+5',
		'٣',
		true,
		{},
		[1],
		new Date(0),
	])('%p is refused', (given) => {
		expect(errorOf(limit, given).message).toContain('"Limit" must be a whole number from 1 to 2500, but ');
	});

	it('the error shows what came, up to 60 characters', () => {
		expect(errorOf(limit, 'x'.repeat(500)).message).toMatch(/but "x{59}… was given$/);
		expect(errorOf(limit, -3).message).toMatch(/but -3 was given$/);
	});

	it.each([
		[{}, 'a number,'],
		[{ numberPrecision: 0 }, 'a whole number,'],
		[{ minValue: 0, numberPrecision: 0 }, 'a whole number of at least 0,'],
		[{ maxValue: 9 }, 'a number of at most 9,'],
		[{ minValue: 1, maxValue: 9 }, 'a number from 1 to 9,'],
	])('the error says what is allowed: %j', (typeOptions, allowed) => {
		expect(errorOf(property('number', { typeOptions }), 'x').message).toContain(`must be ${allowed}`);
	});

	it('whole numbers beyond what JavaScript holds exactly are refused', () => {
		const id = property('number', { typeOptions: { numberPrecision: 0 } });
		expect(sent(id, Number.MAX_SAFE_INTEGER)).toEqual({ one: Number.MAX_SAFE_INTEGER });
		expect(errorOf(id, '9007199254740993').message).toContain('a whole number');
	});

	it('below zero are read as text, too, where they are allowed', () => {
		const typeOptions = { minValue: -10, numberPrecision: 0 };
		expect(sent(property('number', { typeOptions }), '-7')).toEqual({ one: -7 });
	});

	it('fractions are allowed where nothing else is said', () => {
		expect(sent(property('number'), '2.5')).toEqual({ one: 2.5 });
		expect(sent(property('number'), '-0.75')).toEqual({ one: -0.75 });
	});

	it.each(['0x10', '1e2', '.5', '5.', '1_000', '1,5', '1 000', 'Infinity', Infinity, NaN, 5n])(
		'%p is no number with decimals',
		(given) => {
			expect(errorOf(property('number'), given).message).toContain('"One" must be a number, but ');
		},
	);
});

describe('yes or no', () => {
	const flag = property('boolean', { displayName: 'Priority' }, { value: AS_ZERO_OR_ONE });

	it.each([true, 'true', 'TRUE', ' True ', 1, '1'])('%j is sent as 1 where the API wants 0 or 1', (given) => {
		expect(sent(flag, given)).toEqual({ one: 1 });
		expect(sent(property('boolean'), given)).toEqual({ one: true });
	});

	it.each([false, 'false', 'FALSE', 'False', 0, '0'])(
		'%j is sent as 0 where the API wants 0 or 1',
		(given) => {
			expect(sent(flag, given)).toEqual({ one: 0 });
			expect(sent(property('boolean'), given)).toEqual({ one: false });
		},
	);

	it.each(['yes', 2, -1, 'T', {}, [true]])('%j is refused', (given) => {
		expect(errorOf(flag, given).message).toContain('"Priority" must be true or false, but ');
	});
});

describe('picked values', () => {
	it('are one of those on the list', () => {
		expect(sent(property('options', OPTIONS), 'emp')).toEqual({ one: 'emp' });
		for (const given of ['EMP', 'toString', 0, {}, ['emp']]) {
			expect(errorOf(property('options', OPTIONS), given).message).toContain(
				'"One" must be one of cpo, emp, but ',
			);
		}
	});

	it('of a list that an expression fills may be names with commas between', () => {
		const fields = property('multiOptions', OPTIONS);
		expect(sent(fields, ['price', 'startedAt'])).toEqual({ one: ['price', 'startedAt'] });
		expect(sent(fields, 'price, startedAt')).toEqual({ one: ['price', 'startedAt'] });
		for (const given of [['price', 1], ['price', ''], 'price,,x', {}, 7]) {
			expect(errorOf(fields, given).message).toContain('"One" must be a list of names, but ');
		}
	});
});

describe('texts', () => {
	it.each(['string', 'resourceLocator'] as const)('of type %s are trimmed, numbers become text', (type) => {
		expect(sent(property(type), '  a b ')).toEqual({ one: 'a b' });
		expect(sent(property(type), 4711)).toEqual({ one: '4711' });
		expect(sent(property(type), 'false')).toEqual({ one: 'false' });
	});

	it.each([{}, ['a'], { value: 'x' }, true, false, NaN, Infinity])('%p is refused', (given) => {
		expect(errorOf(property('string'), given).message).toContain('"One" must be text or a number, but ');
	});
});

describe('dates', () => {
	it('are known as Date and sent in the form of the API', () => {
		const { values, query } = read([property('dateTime')], { one: '2026-01-31T08:00' });
		expect(values.one).toEqual(new Date('2026-01-31T07:00:00Z'));
		expect(query).toEqual({ one: 'at 2026-01-31T07:00:00.000Z' });
	});

	it('that are none are refused by name', () => {
		expect(errorOf(property('dateTime', { displayName: 'Updated From' }), 'soon').message).toContain(
			'"Updated From" must be a date such as 2026-01-31',
		);
	});
});

describe('a value with a form of its own', () => {
	it('is encoded with its label, the other values, the time zone, and whether an expression gave it', () => {
		const seen: unknown[] = [];
		const encode: Encode = (value, given) => {
			seen.push(value, given);
			return 'encoded';
		};
		const properties = [property('json'), property('string', { name: 'later', routing: undefined })];
		const given = { one: '{}', later: 'x' };
		expect(read(properties, given, { one: encode }).query).toEqual({ one: 'encoded' });
		const told = { label: 'One', values: given, timezone: 'Europe/Copenhagen', isExpression: false };
		expect(seen).toEqual(['{}', told]);
		readWritten(properties, { one: '={{ $json.filter }}', later: 'x' }, given, { encode: { one: encode } });
		expect(seen.slice(2)).toEqual(['{}', { ...told, isExpression: true }]);
	});

	it('is not sent where its form is nothing, and not encoded where it is not set', () => {
		expect(read([property('json')], { one: '{}' }, { one: () => undefined }).query).toEqual({});
		const never: Encode = () => {
			throw new Error('was encoded');
		};
		expect(read([property('json')], { one: '' }, { one: never }).query).toEqual({});
	});
});

describe('a path', () => {
	const parameters = (values: Record<string, unknown>) => ({
		values,
		labels: { teamId: 'Team', chargerId: 'Charger' },
		query: {},
		body: {},
	});
	const template = '/api/v2/teams/{team_id}/chargers/{charger_id}/transactions';

	it('is filled with the ids, encoded', () => {
		expect(fillPath(template, parameters({ teamId: 7, chargerId: 'a b$&' }))).toBe(
			'/api/v2/teams/7/chargers/a%20b%24%26/transactions',
		);
	});

	it('keeps the place of an id that is not set, and is left alone without places', () => {
		expect(fillPath(template, parameters({ teamId: '7' }))).toBe(
			'/api/v2/teams/7/chargers/{charger_id}/transactions',
		);
		expect(fillPath('/v2/charge-records', parameters({ teamId: '7' }))).toBe('/v2/charge-records');
	});

	it.each(['../../x', '..', 'a/b'])(
		'is never left through an id such as %s; the parameter is named',
		(chargerId) => {
			expect(() => fillPath(template, parameters({ teamId: '7', chargerId }))).toThrow(
				'"Charger" must be a plain id without slashes',
			);
		},
	);

	it('calls the ids as the canvas does', () => {
		expect(['team_id', 'id', 'a_b_c'].map(toCamelCase)).toEqual(['teamId', 'id', 'aBC']);
	});
});

it('whatever an expression gives, a parameter is of its type or refused with an InputError', () => {
	const types = ['string', 'number', 'boolean', 'options', 'multiOptions', 'dateTime'] as const;
	fc.assert(
		fc.property(fc.constantFrom(...types), fc.anything({ withNullPrototype: true }), (type, given) => {
			try {
				const { one } = readWritten([property(type, OPTIONS)], { one: '={{ $json }}' }, { one: given }).query;
				const expected = { options: 'string', dateTime: 'string', multiOptions: 'object' }[type as string];
				expect(typeof one).toBe(expected ?? type);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 2000 },
	);
});
