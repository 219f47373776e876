import { formatValue } from '../../../nodes/shared/util/errors';

it.each([
	['abc', '"abc"'],
	[42, '42'],
	[null, 'null'],
	[undefined, 'undefined'],
	[NaN, 'NaN'],
	[Infinity, 'Infinity'],
	[10n, '10'],
	[{ a: [1] }, '{"a":[1]}'],
	[new Date(0), '"1970-01-01T00:00:00.000Z"'],
	[new Date(NaN), 'null'],
])('%p is shown as %s', (given, text) => {
	expect(formatValue(given)).toBe(text);
});

it('at most 60 characters are shown', () => {
	expect(formatValue('x'.repeat(58))).toBe(`"${'x'.repeat(58)}"`);
	expect(formatValue('x'.repeat(59))).toBe(`"${'x'.repeat(59)}…`);
	expect(formatValue({ list: Array.from({ length: 1000 }, (_, index) => index) })).toHaveLength(61);
});

it('what has no JSON is shown all the same', () => {
	const circle: Record<string, unknown> = {};
	circle.self = circle;
	expect(formatValue(circle)).toBe('[object Object]');
	expect(formatValue(Object.create(null))).toBe('{}');
	expect(formatValue({ toJSON: () => circle, toString: 1, valueOf: 1 })).toBe('[object Object]');
});
