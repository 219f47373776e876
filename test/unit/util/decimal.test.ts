import fc from 'fast-check';

import { DecimalSum, decimalsOf } from '../../../nodes/shared/util/decimal';

const sumOf = (values: number[], places: number) => {
	const sum = new DecimalSum();
	for (const value of values) sum.add(value);
	return sum.rounded(places);
};

describe('a sum', () => {
	test.each<[string, number[], number, number]>([
		['of a tenth and two tenths is three tenths', [0.1, 0.2], 2, 0.3],
		['keeps every digit that it is asked for', [0.1, 0.2], 17, 0.3],
		['of ten tenths is one', Array<number>(10).fill(0.1), 20, 1],
		['of nothing is zero', [], 2, 0],
		['of no decimals asked for is whole', [1.4, 1.4], 0, 3],
		['of whole numbers stays whole', [7, 35], 2, 42],
		['goes to the even neighbour from the middle: down', [2.665], 2, 2.66],
		['goes to the even neighbour from the middle: up', [2.675], 2, 2.68],
		['goes to the even neighbour from a half: down', [0.5], 0, 0],
		['goes to the even neighbour from a half: up', [1.5], 0, 2],
		['goes up when anything lies above the middle', [2.665, 1e-15], 2, 2.67],
		['goes down when anything lies below the middle', [2.675, -1e-15], 2, 2.67],
		['rounds once, at the end: three halves of a cent are not two cents', [0.005, 0.005, 0.005], 2, 0.02],
		['rounds once, at the end: four hundred quarters of a cent', Array<number>(400).fill(0.0025), 2, 1],
		['of negative numbers rounds as their opposites do', [-2.665], 2, -2.66],
		['of a credit and its charge is nothing', [31.02, -31.02], 2, 0],
		['of negative numbers that vanish has no sign', [-0.004], 2, 0],
		['of a negative zero has no sign', [-0], 2, 0],
		['of numbers that are written with an exponent', [1e-7, 2e-7], 7, 3e-7],
		['of the smallest number there is', [5e-324], 2, 0],
		['of a number beyond the digits of a double', [1.5e21, 1], 0, 1.5e21],
		['of a large and a small number keeps the small one', [1e15, 0.01, -1e15], 2, 0.01],
		[
			'of the largest number and its opposite',
			[1.7976931348623157e308, -1.7976931348623157e308, 0.07],
			2,
			0.07,
		],
	])('%s', (_, values, places, expected) => {
		expect(sumOf(values, places)).toBe(expected);
	});

	test.each<[string, Array<[number, number]>, number, number]>([
		['energy times price', [[7.94, 0.34]], 2, 2.7],
		['a product that is in the middle', [[0.5, 0.25]], 2, 0.12],
		['a product that is in the middle, up', [[1.5, 0.25]], 2, 0.38],
		[
			'products are rounded together, not one by one',
			[
				[0.1, 0.04],
				[0.1, 0.04],
				[0.1, 0.04],
			],
			2,
			0.01,
		],
		['factors with exponents', [[1e-7, 2e21]], 0, 2e14],
		['a negative factor', [[-7.94, 0.34]], 2, -2.7],
		[
			'nothing times anything',
			[
				[0, 1e300],
				[-0, 5],
			],
			2,
			0,
		],
		['what no double holds: 1.1 times 1.1', [[1.1, 1.1]], 6, 1.21],
	])('of products: %s', (_, products, places, expected) => {
		const sum = new DecimalSum();
		for (const [one, other] of products) sum.addProduct(one, other);
		expect(sum.rounded(places)).toBe(expected);
	});

	test.each([NaN, Infinity, -Infinity])('takes no %p', (value) => {
		expect(() => new DecimalSum().add(value)).toThrow('Invalid number');
		expect(() => new DecimalSum().addProduct(1, value)).toThrow('Invalid number');
	});

	test('may be rounded on the way: what follows is added to what was not rounded', () => {
		const sum = new DecimalSum();
		sum.add(0.004);
		expect(sum.rounded(2)).toBe(0);
		sum.add(0.004);
		expect(sum.rounded(2)).toBe(0.01);
	});
});

/*
 * The same in whole numbers of any size: a decimal is so many units of 10^-places, and nothing is rounded but the result.
 */

/** A number that a vendor may write, and what it is in units of 10^-12. */
interface Decimal {
	value: number;
	units: bigint;
}

const PLACES = 12;

const decimal: fc.Arbitrary<Decimal> = fc
	.record({
		digits: fc.integer({ min: -999_999_999, max: 999_999_999 }),
		places: fc.integer({ min: -3, max: 9 }),
	})
	.map(({ digits, places }) => ({
		value: Number(`${digits}e${-places}`),
		units: BigInt(digits) * 10n ** BigInt(PLACES - places),
	}));

/** Units of 10^-`from`, half to even to `to` places, as the nearest double. */
function rounded(units: bigint, from: number, to: number): number {
	if (from <= to) return Number(`${units}e-${from}`);
	const step = 10n ** BigInt(from - to);
	// The remainder of a floor: from nothing up to less than a step, also below zero.
	const rest = ((units % step) + step) % step;
	const floor = (units - rest) / step;
	const isUp = rest * 2n > step || (rest * 2n === step && (floor & 1n) === 1n);
	return Number(`${isUp ? floor + 1n : floor}e-${to}`);
}

const places = fc.integer({ min: 0, max: 6 });
const total = (decimals: Decimal[]) => decimals.reduce((sum, { units }) => sum + units, 0n);
const runs = { numRuns: 2000 };

describe('any sum', () => {
	test('is that of whole numbers, rounded once', () => {
		fc.assert(
			fc.property(fc.array(decimal, { maxLength: 40 }), places, (decimals, to) => {
				const sum = sumOf(
					decimals.map(({ value }) => value),
					to,
				);
				// `toBe` would tell zero from minus zero, and a sum has no such thing.
				expect(Object.is(sum, -0)).toBe(false);
				expect(sum).toBe(rounded(total(decimals), PLACES, to) + 0);
			}),
			runs,
		);
	});

	test('of products is that of whole numbers, rounded once', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(decimal, decimal), { maxLength: 20 }), places, (pairs, to) => {
				const sum = new DecimalSum();
				for (const [one, other] of pairs) sum.addProduct(one.value, other.value);
				const units = pairs.reduce((all, [one, other]) => all + one.units * other.units, 0n);
				expect(sum.rounded(to)).toBe(rounded(units, 2 * PLACES, to) + 0);
			}),
			runs,
		);
	});

	test('is the same in any order', () => {
		const shuffled = fc
			.array(decimal, { maxLength: 30 })
			.chain((decimals) =>
				fc.tuple(
					fc.constant(decimals),
					fc.shuffledSubarray(decimals, { minLength: decimals.length, maxLength: decimals.length }),
				),
			);
		fc.assert(
			fc.property(shuffled, places, ([one, other], to) => {
				const [a, b] = [one, other].map((decimals) =>
					sumOf(
						decimals.map(({ value }) => value),
						to,
					),
				);
				expect(a).toBe(b);
			}),
			runs,
		);
	});

	test('is the same in any grouping: the sums of the groups add up to the sum of all', () => {
		const cents = fc.integer({ min: -10_000_000, max: 10_000_000 }).map((value) => value / 100);
		const grouped = fc.array(fc.tuple(cents, fc.integer({ min: 0, max: 5 })), { maxLength: 60 });
		fc.assert(
			fc.property(grouped, (values) => {
				const groups = new Map<number, number[]>();
				for (const [value, group] of values) groups.set(group, [...(groups.get(group) ?? []), value]);
				const sums = [...groups.values()].map((group) => sumOf(group, 2));
				expect(sumOf(sums, 2)).toBe(
					sumOf(
						values.map(([value]) => value),
						2,
					),
				);
			}),
			runs,
		);
	});

	test('takes every finite number, and less of it leaves what was there', () => {
		const any = fc.double({ noNaN: true, noDefaultInfinity: true });
		fc.assert(
			fc.property(any, decimal, places, (value, { value: kept }, to) => {
				expect(sumOf([kept, value, -value], to)).toBe(sumOf([kept], to));
			}),
			runs,
		);
	});
});

describe('the smallest unit of a currency', () => {
	test.each([
		['EUR', 2],
		['DKK', 2],
		['SEK', 2],
		['GBP', 2],
		['CHF', 2],
		['PLN', 2],
		['CZK', 2],
		['RON', 2],
		// Its coins are gone, its hundredths are not: ISO 4217 has two decimals, and so have Hungarian invoices.
		['HUF', 2],
		['ALL', 2],
		['COP', 2],
		['IDR', 2],
		['ISK', 0],
		['JPY', 0],
		['KRW', 0],
		['CLP', 0],
		['KWD', 3],
		['BHD', 3],
		['TND', 3],
		['CLF', 4],
	])('of %s has as many decimals as ISO 4217 says: %i', (currency, expected) => {
		expect(decimalsOf(currency)).toBe(expected);
		// The second time it comes from memory.
		expect(decimalsOf(currency)).toBe(expected);
	});

	test.each([[null], [''], ['ABC'], ['eur'], ['EURO'], ['€'], ['<STRING>'], ['__proto__'], ['E\u0000R']])(
		'of %j is not known, so it is a hundredth',
		(currency) => {
			expect(decimalsOf(currency)).toBe(2);
		},
	);
});
