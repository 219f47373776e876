import Big from 'big.js';

/** What becomes of the middle between two numbers: up (away from zero), to the even one, or everything down (towards zero). */
export type Rounding = 'halfUp' | 'halfEven' | 'down';

const MODES = { halfUp: Big.roundHalfUp, halfEven: Big.roundHalfEven, down: Big.roundDown };

/** An exact sum of decimals, rounded only at the end: 0.1 and 0.2 are 0.3, in any order and grouping. */
export class DecimalSum {
	private total = new Big(0);

	/**
	 * Adds a number as it is written in decimal.
	 *
	 * @throws Error when the number is not finite.
	 */
	add(value: number): void {
		this.total = this.total.plus(value);
	}

	/**
	 * Adds the exact product of two numbers.
	 *
	 * @throws Error when one of them is not finite.
	 */
	addProduct(one: number, other: number): void {
		this.total = this.total.plus(new Big(one).times(other));
	}

	/** The sum, by default rounded half to even, so that the sum of many rounded sums is not too large. */
	rounded(places: number, rounding: Rounding = 'halfEven'): number {
		// Big keeps the sign of a negative zero; adding zero removes it.
		return this.total.round(places, MODES[rounding]).toNumber() + 0;
	}
}

/** An amount with its VAT: 100 at 19 % is 119. In decimals, since the binary product of 187.89 and 1.05 is below its half. */
export function withVat(amount: number, ratePct: number, places: number, rounding: Rounding): number {
	const exact = new Big(ratePct).plus(100).times(amount).div(100);
	return exact.round(places, MODES[rounding]).toNumber() + 0;
}

/** An amount without the VAT that it includes: 119 at 19 % is 100. */
export function withoutVat(amount: number, ratePct: number, places: number, rounding: Rounding): number {
	const exact = new Big(amount).times(100).div(new Big(ratePct).plus(100));
	return exact.round(places, MODES[rounding]).toNumber() + 0;
}

/**
 * The currencies of ISO 4217 that do not have two decimals, by their number of decimals. `Intl` gives other numbers: none for
 * HUF, where ISO 4217 has two.
 */
const DECIMALS: Record<number, string[]> = {
	0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '),
	3: 'BHD IQD JOD KWD LYD OMR TND'.split(' '),
	4: 'CLF UYW'.split(' '),
};

const decimals = new Map(
	Object.entries(DECIMALS).flatMap(([places, codes]) =>
		codes.map((code): [string, number] => [code, Number(places)]),
	),
);

/** Number of decimals of a currency: 2 for EUR, 0 for JPY, 3 for KWD, 2 for an unknown one. */
export function decimalsOf(currency: string | null): number {
	return decimals.get(currency ?? '') ?? 2;
}
