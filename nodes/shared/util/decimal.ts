/** An exact decimal: `units` of 10^-`places`. */
interface Exact {
	units: bigint;
	places: number;
}

/**
 * A sum of decimals that is exact to the last digit, as long as nothing is rounded: 0.1 and 0.2 are 0.3, whatever the order
 * and the grouping.
 */
export class DecimalSum {
	private total: Exact = { units: 0n, places: 0 };

	/** Adds a number as it is written in decimal. Nothing that is not finite. */
	add(value: number): void {
		this.total = plus(this.total, exactOf(value));
	}

	/** Adds the product of two numbers. */
	addProduct(one: number, other: number): void {
		const [a, b] = [exactOf(one), exactOf(other)];
		this.total = plus(this.total, { units: a.units * b.units, places: a.places + b.places });
	}

	/** The sum, rounded once: half to even, so that many sums are not larger together than they should be. */
	rounded(places: number): number {
		const { units, places: given } = this.total;
		if (given <= places) return Number(`${units}e-${given}`);
		const divisor = 10n ** BigInt(given - places);
		const size = units < 0n ? -units : units;
		const [whole, rest] = [size / divisor, size % divisor];
		const isUp = rest * 2n > divisor || (rest * 2n === divisor && whole % 2n === 1n);
		const result = Number(`${isUp ? whole + 1n : whole}e-${places}`);
		// No minus in front of nothing.
		return units < 0n && result !== 0 ? -result : result;
	}
}

function plus(one: Exact, other: Exact): Exact {
	const places = Math.max(one.places, other.places);
	const scaled = ({ units, places: own }: Exact) =>
		own === places ? units : units * 10n ** BigInt(places - own);
	return { units: scaled(one) + scaled(other), places };
}

/** A number as JavaScript writes it: `-12.5`, `1e-7`, `1.5e+21`. */
function exactOf(value: number): Exact {
	const [, sign, whole, fraction = '', exponent = '0'] =
		/^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
	if (whole === undefined) throw new RangeError(`${value} is no decimal`);
	const units = BigInt(`${sign}${whole}${fraction}`);
	const places = fraction.length - Number(exponent);
	return places < 0 ? { units: units * 10n ** BigInt(-places), places: 0 } : { units, places };
}

/** The currencies of ISO 4217 whose smallest unit is no hundredth, by its decimals. What JavaScript knows differs: HUF has fillér. */
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

/** Decimals of the smallest unit of a currency: 2 for EUR, 0 for JPY, 3 for KWD; 2 where it isn't known. */
export function decimalsOf(currency: string | null): number {
	return decimals.get(currency ?? '') ?? 2;
}
