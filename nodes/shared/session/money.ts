import { roundTo } from '../util/numbers';

/** Amounts of one session, in units of its currency; null where not known. */
export interface Money {
	amountInclVat: number | null;
	amountExclVat: number | null;
	vatAmount: number | null;
	/** Percent: 25 is 25 %. */
	vatRatePct: number | null;
	/** Whether a VAT that the record names agrees with its amounts in no reading. */
	isVatMismatch: boolean;
}

/** Half a cent for the rounding of each of two amounts. */
const ROUNDING = 0.0101;

/**
 * Completes the amounts of a session.
 *
 * The VAT rate comes from the two amounts. The VAT that a record names is a fraction with one endpoint, a percentage with
 * another, and an amount in an example of a third: it is taken in the reading that agrees with the amounts, which makes the
 * rate exact, and is a mismatch where none does. Where only one amount is known, the rate of the settings gives the other.
 *
 * @param namedVat What the record names as its VAT, in whatever reading.
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

	const agrees = (rate: number) => Math.abs(excl * (1 + rate) - incl) <= ROUNDING;
	const quotient = (incl / excl - 1) * 100;
	const derived = Math.abs(quotient) <= 1000 ? roundTo(quotient, 2) : null;
	if (namedVat === null) return moneyOf(incl, excl, wholeRate(derived, agrees));
	// A rate of nothing at all agrees with everything.
	if (excl === 0) return moneyOf(incl, excl, null);
	if (agrees(namedVat)) return moneyOf(incl, excl, roundTo(namedVat * 100, 4));
	if (agrees(namedVat / 100)) return moneyOf(incl, excl, namedVat);
	const isAmount = Math.abs(incl - excl - namedVat) <= ROUNDING;
	return { ...moneyOf(incl, excl, wholeRate(derived, agrees)), isVatMismatch: !isAmount };
}

/** The whole percentage next to a rate that was derived from rounded amounts, where it agrees with them. */
function wholeRate(derived: number | null, agrees: (rate: number) => boolean): number | null {
	const whole = derived === null ? null : Math.round(derived);
	return whole !== null && agrees(whole / 100) ? whole : derived;
}

function moneyOf(incl: number | null, excl: number | null, vatRatePct: number | null): Money {
	const vatAmount = incl === null || excl === null ? null : roundTo(incl - excl, 4);
	return { amountInclVat: incl, amountExclVat: excl, vatAmount, vatRatePct, isVatMismatch: false };
}
