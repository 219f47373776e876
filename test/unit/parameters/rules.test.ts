import { InputError } from '../../../nodes/shared/util/errors';
import {
	bothOrNone,
	notAfter,
	notBoth,
	wholeNumber,
	type Rule,
} from '../../../nodes/shared/parameters/rules';

const labels = { one: 'Next Page Cursor', other: 'Previous Page Cursor' };

function check(rule: Rule, values: Record<string, unknown>): InputError | undefined {
	try {
		rule({ values, labels });
		return undefined;
	} catch (error) {
		expect(error).toBeInstanceOf(InputError);
		return error as InputError;
	}
}

describe('at most one of two', () => {
	const rule = notBoth('one', 'other');

	it('allows none and either', () => {
		expect(check(rule, {})).toBeUndefined();
		expect(check(rule, { one: 'a' })).toBeUndefined();
		expect(check(rule, { other: 'b' })).toBeUndefined();
	});

	it('refuses both, names them and shows what came', () => {
		const error = check(rule, { one: 'abc', other: 'xyz' });
		expect(error?.message).toBe(
			'"Next Page Cursor" and "Previous Page Cursor" exclude each other, but "abc" and "xyz" were given',
		);
	});

	it('counts 0 and false as given', () => {
		expect(check(rule, { one: 0, other: false })).toBeInstanceOf(InputError);
	});
});

describe('both or none', () => {
	const rule = bothOrNone('one', 'other');
	const date = new Date('2026-01-31T08:00:00Z');

	it('allows none and both', () => {
		expect(check(rule, {})).toBeUndefined();
		expect(check(rule, { one: date, other: date })).toBeUndefined();
	});

	it('refuses one alone, and says which one is missing', () => {
		expect(check(rule, { one: date })?.message).toBe(
			'"Next Page Cursor" and "Previous Page Cursor" go together, but only "2026-01-31T08:00:00.000Z" was given',
		);
		const error = check(rule, { other: date });
		expect(error?.message).toContain('only "2026-01-31T08:00:00.000Z" was given');
		expect(error?.advice).toContain('Add "Next Page Cursor", or remove "Previous Page Cursor"');
	});
});

describe('not after', () => {
	const rule = notAfter('one', 'other');
	const early = new Date('2026-01-01T00:00:00Z');
	const late = new Date('2026-02-01T00:00:00Z');

	it('allows an order of time, the same moment, and one date alone', () => {
		expect(check(rule, { one: early, other: late })).toBeUndefined();
		expect(check(rule, { one: early, other: new Date(early) })).toBeUndefined();
		expect(check(rule, { one: late })).toBeUndefined();
		expect(check(rule, { other: early })).toBeUndefined();
	});

	it('refuses a start after the end, with both moments', () => {
		expect(check(rule, { one: late, other: early })?.message).toBe(
			'"Next Page Cursor" must not be after "Previous Page Cursor", but 2026-02-01T00:00:00.000Z is after 2026-01-01T00:00:00.000Z',
		);
	});
});

describe('a whole number', () => {
	const rule = wholeNumber('one');

	it.each([undefined, '0', '4711', 4711, '12345678901234567890'])('may be %s', (one) => {
		expect(check(rule, { one })).toBeUndefined();
	});

	it.each(['-1', '1.5', '1e3', '0x1f', 'abc', '', '12a', '1 2', -1, 1.5, NaN, '٣'])('is not %s', (one) => {
		const error = check(rule, { one });
		expect(error?.message).toContain('"Next Page Cursor" must be a whole number, but ');
	});
});
