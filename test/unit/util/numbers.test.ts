import { readDecimal, roundTo } from '../../../nodes/shared/util/numbers';

describe('a decimal', () => {
	test.each([
		[31.02, 31.02],
		['31,02', 31.02],
		['31.02', 31.02],
		['0,25', 0.25],
		['7.94', 7.94],
		['0.0000', 0],
		['-5,00', -5],
		['+5', 5],
		[' 14,18 ', 14.18],
		['1.234', 1.234],
		['1,234', 1.234],
		['1.234,56', 1234.56],
		['1,234.56', 1234.56],
		['1.234.567,8', 1234567.8],
		['12.345,6789', 12345.6789],
		[0, 0],
		[-0.5, -0.5],
	])('%j is read as %p', (given, number) => {
		expect(readDecimal(given)).toBe(number);
	});

	test.each([[undefined], [null], [''], ['  ']])('%j is none', (given) => {
		expect(readDecimal(given)).toBeNull();
	});

	test.each([
		['abc'],
		['1.234.567'],
		['1,2,3'],
		['1.23.456,7'],
		['12.34,56'],
		['1 234,56'],
		['1e3'],
		['--1'],
		['€ 5'],
		[NaN],
		[Infinity],
		[true],
		[{}],
		[[]],
	])('%p is not one', (given) => {
		expect(readDecimal(given)).toBeUndefined();
	});
});

test.each([
	[1.005, 2, 1.01],
	[-1.005, 2, -1.01],
	[2.675, 2, 2.68],
	[31.0249, 2, 31.02],
	[0.1 + 0.2, 2, 0.3],
	[7936 / 1000, 3, 7.936],
	[0, 2, 0],
	[1e21, 2, 1e21],
	[1e-7, 2, 0],
])('%p to %p places is %p', (value, places, rounded) => {
	expect(roundTo(value, places)).toBeCloseTo(rounded, 12);
});
