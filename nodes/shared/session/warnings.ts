import type { Cell } from './types';

/** The warning codes of a row, as the documentation explains them. They are stable, since workflows filter on them. */
export const WARNINGS = {
	'amount-unreadable': 'An amount or price is not written as a number, so it is left empty',
	'currency-unreadable':
		'The currency is not a code of three letters (`kr.`, `€`), so it is left empty. Ask the vendor for the ISO code, or set the currency after this node',
	'date-ambiguous':
		'A date such as 01/02/2026 has either the day or the month first, and no other date of the input tells which, so it is left empty; or the day of a row is not in its month, or not that of its start or end, so both are filled in from these',
	'day-from-times':
		'The day or the month of a row cannot be read, so it is filled in from start and end, as the settings say',
	'duration-unit-unknown':
		'The duration fits no unit when it is compared with start and end, so charging and idle time are left empty',
	'end-unknown':
		'The vendor calls the session finished and gives no end, so its day and month are those of the start. Ask the vendor for the end',
	'end-before-start':
		'The session ends before it starts, so its duration is left empty, and its day and month are those of the start. Check the clock of the charger',
	'energy-implausible':
		'More energy than the time of the session allows at its highest power (at 400 kW if none is given), or all that the meter has ever counted, since its value at the start is lost; often Wh in a field for kWh. Do not pay or bill it before you have checked it',
	'energy-negative':
		'The energy is below zero: mostly a meter that was reset or exchanged in the session. Leave it out of sums, and ask the vendor for the right energy',
	'energy-rounded':
		'The record holds only the whole kWh of its energy, so the difference of its meters counts',
	'energy-unreadable': 'The energy is not written as a number, so it is left empty',
	'flag-unreadable': 'A yes or no is not written as one, so it is left empty',
	'id-inexact':
		'An id is a number with more digits than JSON numbers can hold, so its last digits are lost and it is left empty',
	'id-missing': 'The record has no id, so it has no session key',
	'invalid-by-vendor': 'The vendor marks the session as not valid',
	'meter-backwards':
		'The meter shows less at the end than at the start: it was reset or exchanged, or one of its two values is of another meter. Check the energy',
	'meter-mismatch': 'Meter stop less meter start is not the energy',
	'meter-rounded':
		'The meters of all records of the charger that were read together show whole kWh only, and the energy is within one kWh of their difference. A statement pays the energy, also with Energy From: Meter',
	'meter-unit-unknown': 'The meter values fit neither kWh nor Wh, so they are left empty',
	'no-tariff': 'Energy was charged, and the cost is zero: probably no tariff is set',
	'no-vat': 'The amount is known with or without VAT only, and no VAT rate is known',
	'no-currency': 'There is an amount, and no currency',
	'number-unreadable':
		'A duration, a power, CO2 or a state of charge is not written as a number, so it is left empty',
	overlapping:
		'Another session on the same connector was at the same time, or counted the same kWh of its meter, so that energy can be counted twice. Compare the sessions and leave one out. Get Many and EV Charging compare all sessions. An export compares each session with those around it; where it can mark only the later one of a pair, a hint names the other. A trigger compares those of one poll',
	'public-price-of-today':
		'The price is the one that the charger asks of the public now, and the session ended on an earlier day',
	'record-unknown': 'The record has the shape of none that is known, so that nothing can be read from it',
	'reimbursement-price-of-today':
		'The price is the one that the charger is reimbursed with now. The session is older than that, or of an earlier month.',
	'status-unreadable':
		'The status of a row is neither `completed` nor `ongoing`, so its end decides: with one, it is completed. Check whether the session took place',
	'time-implausible':
		'A start or end cannot be right: before 2001 or a zero date such as 0001-01-01 (left empty), after tomorrow, or more than 60 days apart, or running for longer than that. If the end is wrong, the day and month are those of the start. Check the clock of the charger',
	'time-unreadable': 'A time is not written as one, so it is left empty',
	'timezone-unknown': 'The time zone of the location is not known, so the one of the settings counts',
	'vat-mismatch':
		'The VAT of the record agrees with its amounts in no reading (as a fraction, a percentage or an amount), or its amounts with and without VAT agree with no VAT rate',
} as const;

export type Warning = keyof typeof WARNINGS;

/**
 * What a code is about: doubt about energy, time or money; a setting that is missing; or a note, after which the row counts as it is.
 */
export type WarningKind = 'energy' | 'time' | 'money' | 'settings' | 'note';

/** The kind of each code. */
export const WARNING_KINDS: Record<Warning, WarningKind> = {
	'amount-unreadable': 'money',
	'currency-unreadable': 'money',
	'date-ambiguous': 'time',
	'day-from-times': 'note',
	'duration-unit-unknown': 'note',
	'end-before-start': 'time',
	'end-unknown': 'time',
	'energy-implausible': 'energy',
	'energy-negative': 'energy',
	'energy-rounded': 'note',
	'energy-unreadable': 'energy',
	'flag-unreadable': 'note',
	'id-inexact': 'note',
	'id-missing': 'note',
	'invalid-by-vendor': 'note',
	'meter-backwards': 'energy',
	'meter-mismatch': 'energy',
	'meter-rounded': 'note',
	'meter-unit-unknown': 'note',
	'no-tariff': 'note',
	'no-vat': 'settings',
	'no-currency': 'settings',
	'number-unreadable': 'note',
	overlapping: 'energy',
	'public-price-of-today': 'note',
	'record-unknown': 'note',
	'reimbursement-price-of-today': 'note',
	'status-unreadable': 'time',
	'time-implausible': 'time',
	'time-unreadable': 'time',
	'timezone-unknown': 'note',
	'vat-mismatch': 'money',
};

/** The codes of a row's `warnings` that are of one of these kinds. */
export function codesOf(warnings: Cell, kinds: readonly WarningKind[]): Warning[] {
	const codes = String(warnings ?? '').split(';') as Warning[];
	return codes.filter((code) => Object.hasOwn(WARNING_KINDS, code) && kinds.includes(WARNING_KINDS[code]));
}

/** The codes of a row's `warnings` that make its energy or its time doubtful. */
export function doubtsIn(warnings: Cell): Warning[] {
	return codesOf(warnings, ['energy', 'time']);
}

/** The codes of a row's `warnings` that a setting would take away. */
export function settingsMissingIn(warnings: Cell): Warning[] {
	return codesOf(warnings, ['settings']);
}
