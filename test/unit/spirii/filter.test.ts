import * as fc from 'fast-check';

import { InputError } from '../../../nodes/shared/util/errors';
import { FILTER_FIELDS, FILTER_OPERATORS, encodeJson, type FieldType } from '../../../nodes/Spirii/filter';

const timezone = 'Europe/Copenhagen';
const NESTED = ['$and', '$or'];

/** As a person types it. */
const json = (value: unknown) =>
	encodeJson(value, { label: 'Filter (JSON)', values: {}, timezone, isExpression: false });
/** As an expression gives it. */
const given = (value: unknown) =>
	encodeJson(value, { label: 'Filter (JSON)', values: {}, timezone, isExpression: true });
const filterOf = (value: unknown): unknown => JSON.parse(String(json(value)));

function errorOf(run: () => unknown): InputError {
	try {
		run();
	} catch (error) {
		expect(error).toBeInstanceOf(InputError);
		return error as InputError;
	}
	throw new Error('was accepted');
}

describe('JSON', () => {
	it.each([
		[{ isRoaming: true }],
		[{ 'location.id': { $in: [1, 2] }, consumed: { $gt: 1, $lte: 20.5 } }],
		[{ evseId: { $regex: '^DK.*' }, role: 'CPO', sessionId: { $ne: 'x' } }],
		[{ 'voucher.id': { $exists: true } }],
		[{ $or: [{ $and: [{ companyId: 1 }, { role: 'x' }] }, { $or: [{ transactionId: { $nin: [3] } }] }] }],
	])('of %j is sent as it is', (filter) => {
		expect(filterOf(filter)).toEqual(filter);
		expect(filterOf(JSON.stringify(filter, null, 2))).toEqual(filter);
	});

	it('has its dates written in UTC, wherever they stand', () => {
		const filter = {
			$and: [
				{ startedAt: '2026-01-31' },
				{ endedAt: { $in: ['2026-07-01T08:00'], $lt: '2026-08-01T00:00+02:00' } },
			],
		};
		expect(filterOf(filter)).toEqual({
			$and: [
				{ startedAt: '2026-01-30T23:00:00.000Z' },
				{ endedAt: { $in: ['2026-07-01T06:00:00.000Z'], $lt: '2026-07-31T22:00:00.000Z' } },
			],
		});
		expect(filterOf({ updatedAt: { $gt: new Date('2026-01-31T08:00Z') } })).toEqual({
			updatedAt: { $gt: '2026-01-31T08:00:00.000Z' },
		});
	});

	class Inherited {
		get consumed() {
			return 10;
		}
	}
	it.each<[string, unknown, string]>([
		['{}', '{}', 'it'],
		['blanks in braces', ' { } ', 'it'],
		['an object', {}, 'it'],
		['a Map', new Map([['consumed', 10]]), 'it'],
		['a Set', new Set(['consumed']), 'it'],
		['inherited fields only', Object.create({ consumed: 10 }) as object, 'it'],
		['a class without fields', new Inherited(), 'it'],
		['hidden fields only', Object.defineProperty({}, 'consumed', { value: 10 }), 'it'],
		['a symbol', { [Symbol('consumed')]: 10 }, 'it'],
		['an empty query', '{"$and":[{}]}', '$and[0]'],
		['one empty query of two', '{"$or":[{"consumed":10},{}]}', '$or[1]'],
		[
			'an empty query further in',
			'{"$and":[{"$or":[{"consumed":10},{"$and":[{}]}]}]}',
			'$and[0].$or[1].$and[0]',
		],
		['a Map further in', { $and: [new Map([['consumed', 10]])] }, '$and[0]'],
	])('that is empty is refused, since everything would come: %s', (_, filter, where) => {
		for (const encode of [json, given]) {
			const { message, advice } = errorOf(() => encode(filter));
			expect(message).toContain(
				`"Filter (JSON)": ${where} is empty and would let every charge record through; {} was given`,
			);
			expect(advice).toContain('check what the expression gives for this item');
		}
	});

	it('compares with null where a person wrote it as text', () => {
		const filter = { role: null, sessionId: { $ne: null }, $or: [{ 'voucher.id': { $eq: null } }] };
		expect(JSON.parse(String(json(JSON.stringify(filter))))).toEqual(filter);
	});

	it.each([
		[{ role: null }, 'role'],
		[{ role: { $eq: null } }, 'role.$eq'],
		[{ role: { $ne: null } }, 'role.$ne'],
		[{ $and: [{ consumed: 1 }, { 'location.id': null }] }, '$and[1].location.id'],
		[{ endedAt: null }, 'endedAt'],
		[{ isRoaming: null }, 'isRoaming'],
	])('refuses null in %j where an expression gave it: a value may be missing', (filter, where) => {
		for (const value of [filter, JSON.stringify(filter)]) {
			const { message, advice } = errorOf(() => given(value));
			expect(message).toBe(
				`"Filter (JSON)": ${where} is null, which an expression also gives where a value is missing`,
			);
			expect(advice).toContain('{"$exists": false}');
		}
		// An object is not what a person types; n8n evaluates what stands in its fields.
		expect(errorOf(() => json(filter)).message).toContain(`${where} is null`);
	});

	it.each<[object, string]>([
		[{ 'location.id': undefined }, 'location.id must be a number; undefined was given'],
		[{ 'location.id': NaN }, 'location.id must be a number; NaN was given'],
		[{ 'location.id': { $gt: null } }, 'location.id.$gt must be a number; null was given'],
		[{ 'location.id': { $in: [1, null] } }, 'location.id.$in must be a number; null was given'],
		[{ 'location.id': { $nin: [undefined] } }, 'location.id.$nin must be a number; undefined was given'],
		[{ role: undefined }, 'role must be text; undefined was given'],
		[{ role: ' ' }, 'role must be text; " " was given'],
		[{ role: [] }, 'role must be text; [] was given'],
		[{ role: { $in: ['CPO', ''] } }, 'role.$in must be text; "" was given'],
		[{ role: { $regex: ' ' } }, 'role.$regex must be text; " " was given'],
		[{ endedAt: ' ' }, 'endedAt must be a date; " " was given'],
		[{ endedAt: { $gte: undefined } }, 'endedAt.$gte must be a date; undefined was given'],
		[{ endedAt: NaN }, 'endedAt must be a date; NaN was given'],
		[{ endedAt: { $in: [] } }, 'endedAt.$in must be a list of values; [] was given'],
		[
			{ 'voucher.id': { $exists: undefined } },
			'voucher.id.$exists must be true or false; undefined was given',
		],
	])('refuses the missing value in %j, and names the field', (filter, says) => {
		for (const encode of [json, given]) {
			expect(errorOf(() => encode(filter)).message).toContain(`"Filter (JSON)": ${says}`);
		}
	});

	it.each([
		['{"transactionId":12345678901234567890}', 'transactionId', '12345678901234567000'],
		['{"transactionId":-9007199254740993}', 'transactionId', '-9007199254740992'],
		['{"transactionId":{"$in":[1,9007199254740992]}}', 'transactionId.$in', '9007199254740992'],
		['{"$or":[{"consumed":{"$gt":1e400}}]}', '$or[0].consumed.$gt', 'Infinity'],
	])('%s is refused: digits of the number would be lost', (text, where, number) => {
		expect(errorOf(() => json(text)).message).toContain(
			`"Filter (JSON)": ${where} is a number with more digits than JSON can carry; ${number} was given`,
		);
	});

	it.each(Object.entries(FILTER_FIELDS))(
		'knows the field %s as %s, and nothing else in it',
		(field, type) => {
			const good: Record<FieldType, unknown> = {
				number: 1,
				string: 'x',
				boolean: false,
				date: '2026-01-31T07:00:00.000Z',
			};
			for (const operator of Object.keys(FILTER_OPERATORS)) {
				const list = operator === '$in' || operator === '$nin';
				const text = operator === '$regex';
				if (text && type !== 'string') continue;
				const right = operator === '$exists' ? true : list ? [good[type]] : good[type];
				expect(filterOf({ [field]: { [operator]: right } })).toEqual({ [field]: { [operator]: right } });
				const wrongOnes: unknown[] = [
					{},
					[[]],
					operator === '$exists' ? 'x' : good[type === 'number' ? 'boolean' : 'number'],
				];
				for (const one of wrongOnes) {
					const { message } = errorOf(() => json({ [field]: { [operator]: list ? [one] : one } }));
					expect(message).toContain(`${field}.${operator}`);
				}
			}
		},
	);

	it.each([
		['{', 'must be JSON, but it does not parse'],
		['{"consumed": 1,}', 'must be JSON, but it does not parse'],
		["{'consumed': 1}", 'must be JSON, but it does not parse'],
		['[]', 'it must be an object such as {"isRoaming": true}; [] was given'],
		['null', 'it must be an object such as {"isRoaming": true}; null was given'],
		['"text"', 'it must be an object'],
		['7', 'it must be an object'],
		['{"secret": 1}', '"secret" is no field that the API can filter by'],
		['{"Consumed": 1}', '"Consumed" is no field'],
		['{"location": {"id": 1}}', '"location" is no field'],
		['{"__proto__": {"consumed": 1}}', '"__proto__" is no field'],
		['{"constructor": 1}', '"constructor" is no field'],
		[
			'{"consumed": {"__proto__": 1}}',
			'"__proto__" is no operator that the API knows (at consumed.__proto__)',
		],
		['{"$where": "1"}', '$where is no operator that the API knows here'],
		['{"consumed": {"$where": "1"}}', '"$where" is no operator that the API knows (at consumed.$where)'],
		['{"$and": [{"consumed": 1}, {"$where": "1"}]}', '$and[1].$where is no operator'],
		[
			'{"$or": [{"$and": [{"role": {"$where": "1"}}]}]}',
			'"$where" is no operator that the API knows (at $or[0].$and[0].role.$where)',
		],
		['{"role": {"$in": [{"$where": "1"}]}}', 'role.$in must be text; {"$where":"1"} was given'],
		['{"role": {"$not": {"$eq": "x"}}}', '"$not" is no operator'],
		['{"role": {"$regex": "x", "$options": "i"}}', '"$options" is no operator'],
		['{"$nor": [{"consumed": 1}]}', '$nor is no operator'],
		['{"consumed": {"$and": [{"consumed": 1}]}}', '"$and" is no operator'],
		['{"$and": []}', '$and must be a list of conditions; [] was given'],
		['{"$or": {}}', '$or must be a list of conditions; {} was given'],
		['{"$or": [1]}', '$or[0] must be an object such as {"isRoaming": true}; 1 was given'],
		['{"consumed": {}}', 'consumed needs at least one operator; {} was given'],
		['{"consumed": {"$in": []}}', 'consumed.$in must be a list of values; [] was given'],
		['{"consumed": {"$in": 5}}', 'consumed.$in must be a list of values; 5 was given'],
		['{"consumed": [1]}', 'consumed must be a number; [1] was given'],
		['{"consumed": "10"}', 'consumed must be a number; "10" was given'],
		['{"consumed": {"$gt": null}}', 'consumed.$gt must be a number; null was given'],
		['{"isRoaming": 1}', 'isRoaming must be true or false; 1 was given'],
		['{"evseId": 5}', 'evseId must be text; 5 was given'],
		['{"evseId": ""}', 'evseId must be text; "" was given'],
		['{"consumed": {"$regex": "1"}}', 'consumed.$regex is a number field; $regex works on text only'],
		['{"role": {"$exists": 1}}', 'role.$exists must be true or false; 1 was given'],
		['{"startedAt": "soon"}', 'Filter (JSON): startedAt" must be a date such as'],
		['{"startedAt": 12}', 'Filter (JSON): startedAt" must be a date such as'],
		['{"startedAt": {"$gte": ["2026-01-01"]}}', 'startedAt.$gte" must be a date such as'],
		['{"startedAt": {"$gte": ""}}', 'startedAt.$gte must be a date; "" was given'],
	])('%s is refused, and the offending part is named', (text, says) => {
		const { message, advice } = errorOf(() => json(text));
		expect(message).toContain('"Filter (JSON)');
		expect(message).toContain(says);
		expect(advice).toBeTruthy();
	});

	it('unknown names are answered with those that are allowed', () => {
		expect(errorOf(() => json({ secret: 1 })).advice).toContain('auth.idTag.crmCustomerId');
		expect(errorOf(() => json({ role: { $where: 1 } })).advice).toContain('$nin');
	});

	it('of a megabyte is refused, as text and as a value', () => {
		const filter = { transactionId: { $in: Array.from({ length: 150_000 }, (_, id) => id) } };
		for (const given of [filter, JSON.stringify(filter)]) {
			const { message } = errorOf(() => json(given));
			expect(message).toMatch(
				/"Filter \(JSON\)" must be at most 12000 characters long in the address, but it has \d+/,
			);
			expect(message.length).toBeLessThan(200);
		}
	});

	it('of a megabyte is not even looked through as text', () => {
		const { message } = errorOf(() => json(`{"secret": "${'x'.repeat(1_000_000)}"}`));
		expect(message).toContain('must be at most 12000 characters');
	});

	it('that nests without end is refused', () => {
		const deep = (levels: number) => '{"$and":['.repeat(levels) + '{"consumed":1}' + ']}'.repeat(levels);
		expect(filterOf(deep(5))).toBeTruthy();
		expect(errorOf(() => json(deep(51))).message).toContain('must not nest deeper than 50 levels');
		let value: object = { consumed: 1 };
		for (let level = 0; level < 50_000; level++) value = { $and: [value] };
		expect(errorOf(() => json(value)).message).toContain('"Filter (JSON)" must not nest deeper');
		const circle: Record<string, unknown> = { consumed: 1 };
		circle.$or = [circle];
		expect(errorOf(() => json(circle)).message).toContain('"Filter (JSON)" must not nest deeper');
	});

	it('with a part of any length is refused with a message that can be read', () => {
		const long = 'x'.repeat(10_000);
		for (const filter of [{ [long]: 1 }, { role: { [long]: 1 } }, { [`$${long}`]: 1 }]) {
			expect(errorOf(() => json(filter)).message.length).toBeLessThan(400);
		}
	});
});

/** Whether a filter holds only what the vendor documents. */
function isDocumented(filter: unknown): boolean {
	return Object.entries(filter as object).every(([key, value]) => {
		if (NESTED.includes(key)) return Array.isArray(value) && value.every(isDocumented);
		if (!Object.hasOwn(FILTER_FIELDS, key)) return false;
		const isOperators = typeof value === 'object' && value !== null;
		return (
			!isOperators ||
			Object.keys(value as object).every((operator) => Object.hasOwn(FILTER_OPERATORS, operator))
		);
	});
}

describe('any JSON', () => {
	const field = fc.constantFrom(...Object.keys(FILTER_FIELDS), '__proto__', 'constructor', 'name');
	const operator = fc.constantFrom(
		...Object.keys(FILTER_OPERATORS),
		'$where',
		'$and',
		'__proto__',
		'toString',
	);
	const scalar = fc.oneof(
		fc.string(),
		fc.double(),
		fc.boolean(),
		fc.constantFrom(null, 1, 'x', '2026-01-31'),
	);
	const operand = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
	const condition = fc.oneof(operand, fc.dictionary(operator, operand, { maxKeys: 2 }));
	const sound = fc.constantFrom(
		{ consumed: 1 },
		{ role: { $in: ['x'] } },
		{ startedAt: { $gt: '2026-01-31' } },
	);
	const { query } = fc.letrec<{ query: unknown }>((tie) => ({
		query: fc.oneof(
			{ maxDepth: 4 },
			sound,
			fc.dictionary(field, condition, { minKeys: 1, maxKeys: 2 }),
			fc.dictionary(fc.constantFrom(...NESTED, '$nor'), fc.array(tie('query'), { maxLength: 2 })),
		),
	}));

	it('is refused with an InputError, or sent with documented fields and operators only', () => {
		let passed = 0;
		fc.assert(
			fc.property(fc.oneof(query, fc.jsonValue()), fc.boolean(), (filter, asText) => {
				try {
					const wire = json(asText ? JSON.stringify(filter) : filter);
					if (wire === undefined) return;
					passed++;
					expect(isDocumented(JSON.parse(String(wire)))).toBe(true);
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			}),
			{ numRuns: 3000 },
		);
		expect(passed).toBeGreaterThan(100);
	});

	it('and any text is one or the other too', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
				try {
					json(text);
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			}),
			{ numRuns: 1000 },
		);
	});
});
