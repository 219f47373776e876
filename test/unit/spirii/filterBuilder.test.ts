import * as fc from 'fast-check';

import { InputError } from '../../../nodes/shared/util/errors';
import {
	FILTER_FIELDS,
	FILTER_OPERATORS,
	encodeConditions,
	encodeJson,
	type FieldType,
} from '../../../nodes/Spirii/filter';

const timezone = 'Europe/Copenhagen';

const build = (conditions: object[] | undefined, filterCombinator?: string) =>
	encodeConditions(undefined, {
		label: 'Conditions',
		values: { filterConditions: { conditions }, filterCombinator },
		timezone,
	});
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
		['a flag', { field: 'isRoaming', operator: '$eq', value: 'false' }, { isRoaming: false }],
		['another flag', { field: 'isRoaming', operator: '$ne', value: 'true' }, { isRoaming: { $ne: true } }],
		['a flag of an expression', { field: 'isRoaming', operator: '$eq', value: false }, { isRoaming: false }],
		['a flag of a spreadsheet', { field: 'isRoaming', operator: '$eq', value: 'TRUE' }, { isRoaming: true }],
		['a text with blanks around it', { field: 'role', operator: '$eq', value: ' CPO\n' }, { role: 'CPO' }],
		[
			'a date, in the time zone of the workflow',
			{ field: 'startedAt', operator: '$gte', value: '2026-01-31T08:00:00' },
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
		['$exists', { value: 'false' }, { $exists: false }],
		['$exists', { value: true }, { $exists: true }],
	])('writes %s', (operator, operands, expected) => {
		expect(built({ field: 'voucher.id', operator, ...operands })).toEqual({ 'voucher.id': expected });
	});

	it('writes $regex, for text fields', () => {
		const condition = { field: 'chargeBoxId', operator: '$regex', value: '^DK' };
		expect(built({ ...condition, field: 'role' })).toEqual({ role: { $regex: '^DK' } });
		expect(built({ ...condition, field: 'role', value: '^DK ' })).toEqual({ role: { $regex: '^DK ' } });
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
		for (const value of [[1, 2], ['1', '2'], '[1, "2"]']) {
			expect(built({ field: 'companyId', operator: '$in', value })).toEqual({ companyId: { $in: [1, 2] } });
		}
		expect(built({ field: 'companyId', operator: '$in', value: 7 })).toEqual({ companyId: { $in: [7] } });
		expect(built({ field: 'isRoaming', operator: '$in', value: true })).toEqual({
			isRoaming: { $in: [true] },
		});
		expect(built({ field: 'role', operator: '$in', value: '["a, b","c"]' })).toEqual({
			role: { $in: ['a, b', 'c'] },
		});
	});

	it('joins conditions with $and unless $or is picked, and leaves one alone', () => {
		const conditions = [
			{ field: 'isRoaming', operator: '$eq', value: 'true' },
			{ field: 'consumed', operator: '$gt', value: '1' },
		];
		const parts = [{ isRoaming: true }, { consumed: { $gt: 1 } }];
		expect(JSON.parse(String(build(conditions)))).toEqual({ $and: parts });
		expect(JSON.parse(String(build(conditions, '$and')))).toEqual({ $and: parts });
		expect(JSON.parse(String(build(conditions, '$or')))).toEqual({ $or: parts });
		expect(JSON.parse(String(build(conditions.slice(0, 1), '$or')))).toEqual(parts[0]);
	});

	// What n8n makes of conditions that are a list, text or an expression is an empty object, too.
	it.each([[[]], [undefined], [null], ['text'], [{}]])('refuses %j: everything would come', (conditions) => {
		const { message, advice } = errorOf(() => build(conditions as object[]));
		expect(message).toBe('"Conditions" must hold at least one condition, but none was given');
		expect(advice).toMatch(/^Add a condition, or remove "Conditions" from the filters/);
	});

	describe('with a filter in JSON beside it', () => {
		const [one, other] = [
			{ field: 'consumed', operator: '$gt', value: '1' },
			{ field: 'role', operator: '$eq', value: 'CPO' },
		];
		const filterJson = '{"isRoaming":true}';
		const context = (values: Record<string, unknown>, label: string) => ({ label, values, timezone });
		const encodeBoth = (values: Record<string, unknown>) =>
			[
				encodeConditions(values.filterConditions, context(values, 'Conditions')),
				encodeJson(values.filterJson, context(values, 'Filter (JSON)')),
			].filter((wire) => wire !== undefined);

		it.each(['$and', '$or'])(
			'sends one filter: both must hold, also where conditions join by %s',
			(joined) => {
				const filterConditions = { conditions: [one, other] };
				const wires = encodeBoth({ filterConditions, filterJson, filterCombinator: joined });
				expect(wires.map((wire) => JSON.parse(String(wire)) as unknown)).toEqual([
					{ $and: [{ [joined]: [{ consumed: { $gt: 1 } }, { role: 'CPO' }] }, { isRoaming: true }] },
				]);
			},
		);

		it('refuses an empty one by its name', () => {
			const empty = { filterConditions: { conditions: [] }, filterJson };
			expect(errorOf(() => encodeBoth(empty)).message).toContain('"Conditions" must hold at least one');
			const emptyJson = { filterConditions: { conditions: [one] }, filterJson: '{}' };
			expect(errorOf(() => encodeBoth(emptyJson)).message).toContain('"Filter (JSON)": it is empty');
		});

		it('refuses what is too long together', () => {
			const value = 'x'.repeat(7000);
			const filterConditions = { conditions: [{ field: 'role', operator: '$eq', value }] };
			const both = { filterConditions, filterJson: JSON.stringify({ evseId: value }) };
			expect(errorOf(() => encodeBoth(both)).message).toMatch(
				/^The filter of "Conditions" and "Filter \(JSON\)" must be at most 12000 .* but it has 14\d{3}$/,
			);
		});
	});

	it('takes a number for a text field as the text that it is', () => {
		expect(build([{ field: 'auth.idTag.uid', operator: '$eq', value: 12345 }])).toContain('"12345"');
	});

	const LOCATION = { field: 'location.id', operator: '$eq' };
	const ROAMING = { field: 'isRoaming', operator: '$eq' };
	it.each([
		[{ ...LOCATION, value: 'abc' }, 'condition 2 (Location ID) must be a number; "abc" was given'],
		[{ ...LOCATION, value: '1,5' }, 'condition 2 (Location ID) must be a number; "1,5" was given'],
		[{ ...LOCATION, value: '0x10' }, 'condition 2 (Location ID) must be a number; "0x10" was given'],
		[{ ...LOCATION, value: 'Infinity' }, 'must be a number; "Infinity" was given'],
		[{ ...LOCATION, value: true }, 'condition 2 (Location ID) must be a number; true was given'],
		[{ ...LOCATION, value: [1766] }, 'condition 2 (Location ID) must be a number; [1766] was given'],
		[{ ...LOCATION, value: { $gt: 0 } }, 'condition 2 (Location ID) must be a number; {"$gt":0} was given'],
		[
			{ ...LOCATION, operator: '$in', value: '1, x' },
			'condition 2 (Location ID) must be a number; "x" was given',
		],
		[
			{ ...LOCATION, operator: '$in', value: ' , ' },
			'condition 2 (Location ID) has an entry without a value; " , " was given',
		],
		[
			{ ...LOCATION, operator: '$nin', value: '1766,' },
			'condition 2 (Location ID) has an entry without a value; "1766," was given',
		],
		[{ ...LOCATION, operator: '$in', value: [[1]] }, 'condition 2 (Location ID) must be a number; [1] was'],
		[{ field: 'evseId', operator: '$eq', value: {} }, 'condition 2 (EVSE ID) must be text; {} was given'],
		[{ field: 'evseId', operator: '$eq', value: true }, 'condition 2 (EVSE ID) must be text; true was given'],
		[{ ...ROAMING, value: 'x' }, 'condition 2 (Is Roaming) must be true or false; "x" was given'],
		[{ ...ROAMING, value: 1 }, 'condition 2 (Is Roaming) must be true or false; 1 was given'],
		[{ ...ROAMING, operator: '$exists', value: 'no' }, 'must be true or false; "no" was given'],
		[{ ...ROAMING, operator: '$in', value: 'true, maybe' }, 'must be true or false; "maybe" was given'],
		[
			{ field: 'startedAt', operator: '$lt', value: '01/02/2026' },
			'condition 2 (Started At)" must be a date such as',
		],
		[{ field: 'startedAt', operator: '$lt', value: 12 }, 'condition 2 (Started At)" must be a date such as'],
		[
			{ field: 'secret', operator: '$eq', value: '1' },
			'"secret" is no field that the API can filter by (at condition 2)',
		],
		[{ field: '__proto__', operator: '$eq', value: '1' }, '"__proto__" is no field'],
		[{ field: ['role'], operator: '$eq', value: '1' }, '["role"] is no field'],
		[{ field: 'Location ID', operator: '$eq', value: '1' }, '"Location ID" is no field'],
		[{ operator: '$eq', value: '1' }, 'condition 2 has no field'],
		[{ field: '', operator: '$eq', value: '1' }, 'condition 2 has no field'],
		[
			{ field: 'role', operator: '$where', value: '1' },
			'"$where" is no operator that the API knows (at condition 2 (Role))',
		],
		[{ field: 'role', operator: 'toString', value: '1' }, '"toString" is no operator'],
		[{ field: 'role', operator: ['$eq'], value: '1' }, '["$eq"] is no operator'],
		[{ field: 'role', value: '1' }, 'condition 2 (Role) has no operator'],
		[{ field: 'role', operator: '', value: '1' }, 'condition 2 (Role) has no operator'],
		[{}, 'condition 2 has no field'],
	])('refuses %j and names the condition', (condition, says) => {
		const good = { field: 'consumed', operator: '$gt', value: '1' };
		const { message } = errorOf(() => build([good, condition]));
		expect(message).toContain(`"Conditions`);
		expect(message).toContain(says);
	});

	const FIELD_OF: Record<FieldType, string> = {
		number: 'location.id',
		string: 'auth.idTag.uid',
		boolean: 'isRoaming',
		date: 'endedAt',
	};
	const LABEL_OF: Record<FieldType, string> = {
		number: 'Location ID',
		string: 'ID Tag UID',
		boolean: 'Is Roaming',
		date: 'Ended At',
	};
	const BLANKS = [undefined, null, '', ' ', '\n\t', NaN, []];
	const types = Object.keys(FIELD_OF) as FieldType[];

	it.each(types)('refuses a blank for a %s, whatever the operator, and names the condition', (type) => {
		for (const operator of Object.keys(FILTER_OPERATORS)) {
			for (const value of BLANKS) {
				const { message, advice } = errorOf(() => built({ field: FIELD_OF[type], operator, value }));
				expect(message).toContain(`"Conditions": condition 1 (${LABEL_OF[type]}) has no value`);
				expect(advice).toMatch(/or remove the condition|check what the expression gives for this item/);
			}
		}
	});

	it.each(types)('refuses a blank in a list for a %s, and names the condition', (type) => {
		const good: Record<FieldType, unknown> = { number: 1, string: 'x', boolean: true, date: '2026-01-31' };
		for (const operator of ['$in', '$nin']) {
			for (const blank of BLANKS) {
				const value = [good[type], blank];
				const { message } = errorOf(() => built({ field: FIELD_OF[type], operator, value }));
				expect(message).toContain(`condition 1 (${LABEL_OF[type]}) has an entry without a value`);
			}
		}
	});

	it.each<[string, unknown, string]>([
		['location.id', '12345678901234567890', '"12345678901234567890"'],
		['location.id', '-9007199254740993', '"-9007199254740993"'],
		['location.id', 2 ** 63, '9223372036854776000'],
		['consumed', '12345678901234567.5', '"12345678901234567.5"'],
		['consumed', '1e400', '"1e400"'],
		['consumed', Infinity, 'Infinity'],
		['auth.idTag.uid', 2 ** 63, '9223372036854776000'],
		['auth.idTag.uid', Infinity, 'Infinity'],
	])('refuses for %s the number %s, of which digits would be lost', (field, value, given) => {
		const says = `is a number with more digits than JSON can carry; ${given} was given`;
		expect(errorOf(() => built({ field, operator: '$eq', value })).message).toContain(says);
		expect(errorOf(() => built({ field, operator: '$in', value: [value] })).message).toContain(says);
	});

	it('sends the largest number that keeps its digits, and digits of any length where they are text', () => {
		const largest = { field: 'location.id', operator: '$eq', value: '9007199254740991' };
		expect(built(largest)).toEqual({ 'location.id': 9007199254740991 });
		const uid = { field: 'auth.idTag.uid', operator: '$eq', value: '12345678901234567890' };
		expect(built(uid)).toEqual({ 'auth.idTag.uid': '12345678901234567890' });
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
