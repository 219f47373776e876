import { decimalsOf, withoutVat, withVat } from '../util/decimal';
import { roundTo } from '../util/numbers';

/** The amounts of one session, in units of its currency; null where unknown. */
export interface Money {
	amountInclVat: number | null;
	amountExclVat: number | null;
	vatAmount: number | null;
	/** Percent: 25 is 25 %. */
	vatRatePct: number | null;
	/** Whether the record's VAT contradicts its amounts in every interpretation, or its two amounts fit no VAT rate. */
	isVatMismatch: boolean;
}

/** No VAT rate is below 1 %, so a smaller value is a fraction. */
const MIN_RATE_PCT = 1;
const MAX_RATE_PCT = 100;

/** For numbers that have no exact binary form. */
const BINARY = 1.01;

/**
 * Completes the amounts of a session.
 *
 * The VAT rate is derived from the two amounts. A record's own VAT value is a fraction at one endpoint, a percentage at
 * another, and an amount in an example of a third. The interpretation that agrees with the amounts makes the rate exact; if
 * none agrees, it is a mismatch. If only one amount is known, the other one is calculated with the rate of the record, else with
 * that of the settings. Zero is zero with and without VAT, at any rate.
 *
 * @param namedVat The record's VAT value, in any interpretation.
 * @param vatRatePct The rate of the settings.
 * @param currency Its decimals are those of a calculated amount, and the tolerance of a comparison.
 */
export function completeMoney(
	incl: number | null,
	excl: number | null,
	namedVat: number | null,
	vatRatePct: number | undefined,
	currency: string | null = null,
): Money {
	if (incl === null && excl === null) return moneyOf(null, null, null);
	const named = rateOf(namedVat);
	if ((incl ?? 0) === 0 && (excl ?? 0) === 0) {
		// Any rate agrees with a free session, so the named one stands.
		return moneyOf(0, 0, named || (vatRatePct ?? named));
	}
	const places = decimalsOf(currency);
	if (incl === null || excl === null) {
		const isNoRate = namedVat !== null && named === null;
		const rate = named ?? vatRatePct;
		if (rate === undefined) return { ...moneyOf(incl, excl, null), isVatMismatch: isNoRate };
		const with_ = incl ?? withVat(excl!, rate, places, 'halfUp');
		const without = excl ?? withoutVat(incl!, rate, places, 'halfUp');
		return { ...moneyOf(with_, without, rate), isVatMismatch: isNoRate };
	}

	const unit = 10 ** -places;
	const errorOf = (pct: number) => Math.abs(excl * (1 + pct / 100) - incl);
	// Half a unit of rounding for each of the two amounts.
	const agrees = (pct: number) => errorOf(pct) <= unit * (1 + Math.abs(pct) / 200) * BINARY;
	const isAmount = namedVat !== null && Math.abs(incl - excl - namedVat) <= unit * BINARY;
	// A VAT amount can look like a rate where the amounts are of few units.
	const isExactAmount = namedVat !== null && Math.abs(incl - excl - namedVat) < unit / 1000;
	const isTight = (pct: number) => errorOf(pct) <= (unit / 2) * (1 + pct / 100) * BINARY;
	if (named !== null && agrees(named) && (!isExactAmount || named === 0 || isTight(named)))
		return moneyOf(incl, excl, named);

	const rate = derivedRate(incl, excl, vatRatePct, agrees);
	const isVatMismatch = (namedVat !== null && !isAmount) || rate === null || rate < 0 || rate > MAX_RATE_PCT;
	return { ...moneyOf(incl, excl, rate), isVatMismatch };
}

/** A VAT value as percent: a fraction, or a percentage. Null if there is none, or if it can be neither. */
function rateOf(namedVat: number | null): number | null {
	if (namedVat === null || namedVat < 0 || namedVat > MAX_RATE_PCT) return null;
	return namedVat < MIN_RATE_PCT ? roundTo(namedVat * 100, 4) : namedVat;
}

/**
 * The rate of two amounts: that of the settings or the nearest whole percentage if these
 * agree, else the quotient.
 */
function derivedRate(
	incl: number,
	excl: number,
	vatRatePct: number | undefined,
	agrees: (pct: number) => boolean,
): number | null {
	const quotient = excl === 0 ? NaN : (incl / excl - 1) * 100;
	if (!(Math.abs(quotient) <= 1000)) return agrees(0) ? 0 : null;
	const derived = roundTo(quotient, 2);
	if (vatRatePct !== undefined && incl !== excl && agrees(vatRatePct)) return vatRatePct;
	const whole = Math.round(derived) + 0;
	if (agrees(whole)) return whole;
	return derived < 0 && agrees(0) ? 0 : derived;
}

function moneyOf(incl: number | null, excl: number | null, vatRatePct: number | null): Money {
	const vatAmount = incl === null || excl === null ? null : roundTo(incl - excl, 4);
	return { amountInclVat: incl, amountExclVat: excl, vatAmount, vatRatePct, isVatMismatch: false };
}
