import { roundTo } from '../util/numbers';

/** The amounts of one session, in units of its currency; null where unknown. */
export interface Money {
	amountInclVat: number | null;
	amountExclVat: number | null;
	vatAmount: number | null;
	/** Percent: 25 is 25 %. */
	vatRatePct: number | null;
	/** Whether the record's VAT contradicts its amounts in every interpretation. */
	isVatMismatch: boolean;
}

/** Half a cent of rounding for each of two amounts. */
const ROUNDING = 0.0101;

/**
 * Completes the amounts of a session.
 *
 * The VAT rate is derived from the two amounts. A record's own VAT value is a fraction at one endpoint, a percentage at
 * another, and an amount in an example of a third. The interpretation that agrees with the amounts makes the rate exact; if
 * none agrees, it is a mismatch. If only one amount is known, the other one is calculated with the rate of the settings.
 *
 * @param namedVat The record's VAT value, in any interpretation.
 * @param vatRatePct The rate of the settings.
 */
export function completeMoney(
	incl: number | null,
	excl: number | null,
	namedVat: number | null,
	vatRatePct: number | undefined,
): Money {
	if (incl === null && excl === null) return moneyOf(null, null, null);
	if (incl === null || excl === null) {
		if (vatRatePct === undefined) return moneyOf(incl, excl, null);
		const factor = 1 + vatRatePct / 100;
		const completed =
			incl === null ? [roundTo((excl as number) * factor, 2), excl] : [incl, roundTo(incl / factor, 2)];
		return moneyOf(completed[0], completed[1], vatRatePct);
	}

	// Any rate agrees with a free session, so the named one stands. No rate is below 1 %, so such a value is a fraction.
	if (incl === 0 && excl === 0) {
		const isFraction = namedVat !== null && Math.abs(namedVat) < 1;
		const named = isFraction ? roundTo(namedVat * 100, 4) : namedVat;
		return moneyOf(incl, excl, named || (vatRatePct ?? null));
	}
	const agrees = (rate: number) => Math.abs(excl * (1 + rate) - incl) <= ROUNDING;
	const quotient = (incl / excl - 1) * 100;
	const derived = Math.abs(quotient) <= 1000 ? roundTo(quotient, 2) : null;
	if (namedVat === null) return moneyOf(incl, excl, wholeRate(derived, agrees));
	// A rate of zero would agree with everything.
	if (excl === 0) return moneyOf(incl, excl, null);
	if (agrees(namedVat)) return moneyOf(incl, excl, roundTo(namedVat * 100, 4));
	if (agrees(namedVat / 100)) return moneyOf(incl, excl, namedVat);
	const isAmount = Math.abs(incl - excl - namedVat) <= ROUNDING;
	return { ...moneyOf(incl, excl, wholeRate(derived, agrees)), isVatMismatch: !isAmount };
}

/** The nearest whole percentage, if it agrees with a rate that was derived from rounded amounts. */
function wholeRate(derived: number | null, agrees: (rate: number) => boolean): number | null {
	const whole = derived === null ? null : Math.round(derived);
	return whole !== null && agrees(whole / 100) ? whole : derived;
}

function moneyOf(incl: number | null, excl: number | null, vatRatePct: number | null): Money {
	const vatAmount = incl === null || excl === null ? null : roundTo(incl - excl, 4);
	return { amountInclVat: incl, amountExclVat: excl, vatAmount, vatRatePct, isVatMismatch: false };
}
