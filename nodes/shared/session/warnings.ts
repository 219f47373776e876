/** The warning codes of a row. They are stable, since workflows filter on them. */
export const WARNINGS = {
	'amount-unreadable': 'An amount or price is not written as a number, so it is left empty',
	'date-ambiguous':
		'A date such as 01/02/2026 has either the day or the month first, and no other date of the input tells which, so it is left empty',
	'day-from-times':
		'The day or the month of a row cannot be read, so it is made anew from start and end, as the settings say',
	'duration-unit-unknown':
		'The duration fits no unit when it is compared with start and end, so charging and idle time are left empty',
	'end-before-start': 'The session ends before it starts, so its duration is left empty',
	'energy-rounded':
		'The record holds only the whole kWh of its energy, so the difference of its meters counts',
	'energy-unreadable': 'The energy is not written as a number, so it is left empty',
	'flag-unreadable': 'A yes or no is not written as one, so it is left empty',
	'id-inexact':
		'An id is a number with more digits than JSON numbers can hold, so its last digits are lost and it is left empty',
	'id-missing': 'The record has no id, so it has no session key',
	'invalid-by-vendor': 'The vendor marks the session as not valid',
	'meter-mismatch': 'Meter stop less meter start is not the energy',
	'meter-unit-unknown': 'The meter values fit neither kWh nor Wh, so they are left empty',
	'no-tariff': 'Energy was charged, and the cost is zero: probably no tariff is set',
	'no-vat': 'The amount is known with or without VAT only, and no VAT rate is known',
	'no-currency': 'There is an amount, and no currency',
	'public-price-of-today':
		'The price is the one that the charger asks of the public now, and the session ended on an earlier day',
	'record-unknown': 'The record has the shape of none that is known, so that nothing can be read from it',
	'reimbursement-price-of-today':
		'The price is the one that the charger is reimbursed with now. The session is older than that, or of an earlier month.',
	'time-unreadable': 'A time is not written as one, so it is left empty',
	'timezone-unknown': 'The time zone of the location is not known, so the one of the settings counts',
	'vat-mismatch':
		'The VAT rate of the record agrees with its amounts in no reading: as a fraction, a percentage or an amount',
} as const;

export type Warning = keyof typeof WARNINGS;
