import * as fc from 'fast-check';

import { InputError } from '../../../nodes/shared/errors';
import { FILTER_FIELDS, FILTER_OPERATORS, encodeConditions } from '../../../nodes/Spirii/filter';

const timezone = 'Europe/Copenhagen';

const build = (conditions: object[] | undefined, filterCombinator?: string) =>
	encodeConditions({ conditions }, { label: 'Conditions', values: { filterCombinator }, timezone });
const built = (...conditions: object[]): unknown => JSON.parse(String(build(conditions)));

function errorOf(run: () => unknown): InputError {
	try {
		run();
	} catch (error) {
		expect(error).toBeInstanceOf(InputError);
		return error as InputError;
	}
	throw new Error('was accepted');
}

describe('the builder', () => {
	it.each([
		['a number', { field: 'location.id', operator: '$eq', value: '1766' }, { 'location.id': 1766 }],
		[
			'a number of an expression',
			{ field: 'location.id', operator: '$eq', value: 1766 },
			{ 'location.id': 1766 },
		],
		['a fraction', { field: 'consumed', operator: '$gt', value: '10.5' }, { consumed: { $gt: 10.5 } }],
		['a text', { field: 'evseId', operator: '$eq', value: 'DK*1' }, { evseId: 'DK*1' }],
		['a text of digits', { field: 'sessionId', operator: '$eq', value: '42' }, { sessionId: '42' }],
		['a flag', { field: 'isRoaming', operator: '$eq', booleanValue: false }, { isRoaming: false }],
		[
			'another flag',
			{ field: 'isRoaming', operator: '$ne', booleanValue: true },
			{ isRoaming: { $ne: true } },
		],
		[
			'a date, in the time zone of the workflow',
			{ field: 'startedAt', operator: '$gte', dateValue: '2026-01-31T08:00:00' },
			{ startedAt: { $gte: '2026-01-31T07:00:00.000Z' } },
		],
	])('types %s', (_, condition, filter) => {
		expect(built(condition)).toEqual(filter);
	});

	it.each([
		['$eq', { value: '5' }, 5],
		['$ne', { value: '5' }, { $ne: 5 }],
		['$gt', { value: '5' }, { $gt: 5 }],
		['$gte', { value: '5' }, { $gte: 5 }],
		['$lt', { value: '5' }, { $lt: 5 }],
		['$lte', { value: '5' }, { $lte: 5 }],
		['$in', { value: '5, 6 ,7' }, { $in: [5, 6, 7] }],
		['$nin', { value: '5' }, { $nin: [5] }],
		['$exists', { existsValue: false }, { $exists: false }],
	])('writes %s', (operator, operands, expected) => {
		expect(built({ field: 'voucher.id', operator, ...operands })).toEqual({ 'voucher.id': expected });
	});

	it('writes $regex, for text fields', () => {
		const condition = { field: 'chargeBoxId', operator: '$regex', value: '^DK' };
		expect(built({ ...condition, field: 'role' })).toEqual({ role: { $regex: '^DK' } });
		expect(errorOf(() => built(condition)).message).toContain('$regex works on text only; "^DK" was given');
	});

	it('types the entries of a list', () => {
		expect(built({ field: 'location.type', operator: '$in', value: 'Hotel, Parking lot' })).toEqual({
			'location.type': { $in: ['Hotel', 'Parking lot'] },
		});
		expect(built({ field: 'isRoaming', operator: '$in', value: 'true, false' })).toEqual({
			isRoaming: { $in: [true, false] },
		});
		expect(built({ field: 'endedAt', operator: '$nin', value: '2026-01-31, 2026-02-01T08:00Z' })).toEqual({
			endedAt: { $nin: ['2026-01-30T23:00:00.000Z', '2026-02-01T08:00:00.000Z'] },
		});
		for (const value of [
			[1, 2],
			['1', '2'],
		]) {
			expect(built({ field: 'companyId', operator: '$in', value })).toEqual({ companyId: { $in: [1, 2] } });
		}
		expect(built({ field: 'companyId', operator: '$in', value: 7 })).toEqual({ companyId: { $in: [7] } });
	});

	it('joins conditions with $and unless $or is picked, and leaves one alone', () => {
		const conditions = [
			{ field: 'isRoaming', operator: '$eq', booleanValue: true },
			{ field: 'consumed', operator: '$gt', value: '1' },
		];
		const parts = [{ isRoaming: true }, { consumed: { $gt: 1 } }];
		expect(JSON.parse(String(build(conditions)))).toEqual({ $and: parts });
		expect(JSON.parse(String(build(conditions, '$and')))).toEqual({ $and: parts });
		expect(JSON.parse(String(build(conditions, '$or')))).toEqual({ $or: parts });
		expect(JSON.parse(String(build(conditions.slice(0, 1), '$or')))).toEqual(parts[0]);
	});

	it('refuses to be empty: everything would come', () => {
		expect(() => build([])).toThrow('must hold at least one condition');
		expect(() => build(undefined)).toThrow('must hold at least one condition');
	});

	it('takes a number for a text field as the text that it is', () => {
		expect(build([{ field: 'auth.idTag.uid', operator: '$eq', value: 12345 }])).toContain('"12345"');
	});

	it.each([
		[
			{ field: 'location.id', operator: '$eq', value: 'abc' },
			'condition 2 (location.id) must be a number; "abc" was given',
		],
		[
			{ field: 'location.id', operator: '$eq', value: '' },
			'condition 2 (location.id) must be a number; "" was given',
		],
		[
			{ field: 'location.id', operator: '$in', value: '1, x' },
			'condition 2 (location.id) must be a number; "x" was given',
		],
		[
			{ field: 'location.id', operator: '$in', value: ' , ' },
			'condition 2 (location.id) must be a list of values; [] was given',
		],
		[{ field: 'location.id', operator: '$eq', value: 'Infinity' }, 'must be a number; "Infinity" was given'],
		[{ field: 'evseId', operator: '$eq', value: '' }, 'condition 2 (evseId) must be text; "" was given'],
		[
			{ field: 'isRoaming', operator: '$eq', booleanValue: 'x' },
			'condition 2 (isRoaming) must be true or false; "x" was given',
		],
		[
			{ field: 'isRoaming', operator: '$in', value: 'true, maybe' },
			'must be true or false; "maybe" was given',
		],
		[
			{ field: 'startedAt', operator: '$lt', dateValue: '' },
			'condition 2 (startedAt) must be a date; "" was given',
		],
		[
			{ field: 'startedAt', operator: '$lt', dateValue: '01/02/2026' },
			'condition 2 (startedAt)" must be a date such as',
		],
		[{ field: 'secret', operator: '$eq', value: '1' }, '"secret" is no field that the API can filter by'],
		[{ field: '__proto__', operator: '$eq', value: '1' }, '"__proto__" is no field'],
		[{ operator: '$eq', value: '1' }, 'undefined is no field'],
		[
			{ field: 'role', operator: '$where', value: '1' },
			'"$where" is no operator that the API knows (at condition 2 (role))',
		],
		[{ field: 'role', operator: 'toString', value: '1' }, '"toString" is no operator'],
		[{ field: 'role', value: '1' }, 'undefined is no operator'],
	])('refuses %j and names the condition', (condition, says) => {
		const good = { field: 'consumed', operator: '$gt', value: '1' };
		const { message } = errorOf(() => build([good, condition]));
		expect(message).toContain(`"Conditions`);
		expect(message).toContain(says);
	});

	it('refuses more than an address can hold', () => {
		const value = Array.from({ length: 10_000 }, (_, id) => id).join(',');
		expect(errorOf(() => built({ field: 'companyId', operator: '$in', value })).message).toMatch(
			/"Conditions" must be at most 12000 characters long in the address, but it has \d+/,
		);
	});
});

const field = fc.constantFrom(...Object.keys(FILTER_FIELDS), '__proto__', 'constructor', 'name');
const operator = fc.constantFrom(...Object.keys(FILTER_OPERATORS), '$where', '$and', '__proto__', 'toString');
const scalar = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constantFrom(null, 1, 'x', '2026-01-31'));
const operand = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
it('any condition is refused with an InputError, or sent with documented fields and operators only', () => {
	const any = fc.record({
		field,
		operator,
		value: fc.oneof(operand, fc.jsonValue()),
		booleanValue: scalar,
		dateValue: scalar,
		existsValue: scalar,
	});
	fc.assert(
		fc.property(fc.array(any, { minLength: 1, maxLength: 3 }), (conditions) => {
			try {
				const filter = JSON.parse(String(build(conditions))) as Record<string, object[]>;
				for (const part of filter.$and ?? [filter]) {
					const [[name, comparison]] = Object.entries(part);
					expect(FILTER_FIELDS).toHaveProperty([name]);
					if (typeof comparison !== 'object' || comparison === null) continue;
					for (const used of Object.keys(comparison)) expect(FILTER_OPERATORS).toHaveProperty([used]);
				}
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 2000 },
	);
});
