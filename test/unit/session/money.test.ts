import fc from 'fast-check';

import { completeMoney } from '../../../nodes/shared/session/money';

describe('the amounts of a session', () => {
	test.each([
		['a fraction, as charge records name it', 14.18, 11.34, 0.25, 2.84, 25],
		['a percentage', 125, 100, 25, 25, 25],
		['an amount, as in the example of transactions', 100.5, 80.9, 19.6, 19.6, 24.23],
		['nothing, and amounts of a whole rate', 31.02, 24.82, null, 6.2, 25],
		['nothing, and amounts of no whole rate', 100.5, 80.9, null, 19.6, 24.23],
		['a rate that is not whole', 121.6, 101.33, 0.2, 20.27, 20],
		['zero, and two amounts that are equal', 10, 10, 0, 0, 0],
	])('with a VAT that is %s', (_, incl, excl, named, vatAmount, vatRatePct) => {
		expect(completeMoney(incl, excl, named, undefined)).toEqual({
			amountInclVat: incl,
			amountExclVat: excl,
			vatAmount,
			vatRatePct,
			isVatMismatch: false,
		});
	});

	test('name a VAT that agrees with them in no reading: the amounts count', () => {
		expect(completeMoney(123, 123, 0.25, undefined)).toMatchObject({ vatRatePct: 0, isVatMismatch: true });
	});

	test('are free: the named rate stands', () => {
		expect(completeMoney(0, 0, 0.25, undefined)).toMatchObject({
			vatAmount: 0,
			vatRatePct: 25,
			isVatMismatch: false,
		});
	});

	test.each([
		[31.02, null, 25, { amountInclVat: 31.02, amountExclVat: 24.82, vatAmount: 6.2, vatRatePct: 25 }],
		[null, 24.82, 25, { amountInclVat: 31.03, amountExclVat: 24.82, vatAmount: 6.21, vatRatePct: 25 }],
		[
			31.02,
			null,
			undefined,
			{ amountInclVat: 31.02, amountExclVat: null, vatAmount: null, vatRatePct: null },
		],
		[null, null, 25, { amountInclVat: null, amountExclVat: null, vatAmount: null, vatRatePct: null }],
	])('%p with and %p without VAT, at a rate of %p %% in the settings', (incl, excl, rate, expected) => {
		expect(completeMoney(incl, excl, null, rate)).toMatchObject(expected);
	});

	test('never change by being completed', () => {
		const cents = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => value / 100);
		const amount = fc.option(cents);
		fc.assert(
			fc.property(amount, amount, fc.option(fc.double({ noNaN: true })), (incl, excl, named) => {
				const money = completeMoney(incl, excl, named, undefined);
				// Zero is zero with and without VAT; else what is unknown stays so without a rate.
				const isZero = (incl ?? excl) === 0 && (excl ?? incl) === 0;
				const isRated = money.vatRatePct !== null && (incl === null || excl === null);
				if (isZero) expect([money.amountInclVat, money.amountExclVat]).toEqual([0, 0]);
				else {
					if (incl !== null || !isRated) expect(money.amountInclVat).toBe(incl);
					if (excl !== null || !isRated) expect(money.amountExclVat).toBe(excl);
				}
			}),
		);
	});
});
