import { tryToParseDateTime } from 'n8n-workflow';

import { InputError, formatValue } from '../util/errors';

/** A calendar, week or ordinal date of ISO 8601, basic or extended: year, and whatever names the day in it. */
const DATE = /^(\d{4}|[+-]\d{6})(-\d{2}|-?(\d{2})-?(\d{2})|-?W\d{2}(-?\d)?|-?\d{3})?$/;

/** A time of ISO 8601, basic or extended, with a fraction of the second and an offset where there are any. */
const TIME = /^\d{2}(:?\d{2}(:?\d{2}([.,]\d+)?)?)?([Zz]|[+-]([01]\d|2[0-3])(:?\d{2})?)?$/;

/**
 * Reads a point in time from a parameter.
 *
 * n8n's date picker gives local times without an offset, expressions give ISO strings or Luxon values; what has no
 * offset is read in the workflow's time zone. A time that the clock shows twice in autumn is the first of the two.
 *
 * n8n's own parser does the reading. It would also take `12` for noon today, 30 February for 2 March, and `08:00 PM` in
 * the machine's time zone (n8n-workflow 2.41.0), so the form and the day are checked here.
 *
 * @param given ISO 8601 in any form, a Date, or a Luxon DateTime.
 * @param timezone IANA name of the workflow's time zone.
 * @param label The parameter's label, for the message.
 * @throws InputError when it is no date.
 */
export function readDate(given: unknown, timezone: string, label: string): Date {
	const date = parseDate(given, timezone);
	if (date) return date;
	throw new InputError(
		`"${label}" must be a date such as 2026-01-31 or 2026-01-31T08:00:00Z, but ${formatValue(given)} was given`,
		'Pick the date, or give it in ISO 8601.',
	);
}

function parseDate(given: unknown, timezone: string): Date | undefined {
	try {
		if (typeof given === 'string') {
			const text = toIsoText(given.trim());
			// Which of the two Luxon takes depends on the season in which it is asked.
			return text === undefined
				? undefined
				: tryToParseDateTime(text, timezone).getPossibleOffsets()[0].toJSDate();
		}
		const isMoment =
			given instanceof Date || (given as { isLuxonDateTime?: boolean } | null)?.isLuxonDateTime;
		return isMoment ? tryToParseDateTime(given, timezone).toJSDate() : undefined;
	} catch {
		return undefined;
	}
}

/** The text with a `T` in front of the time, where it has the form of ISO 8601 and names a day of the calendar. */
function toIsoText(text: string): string | undefined {
	const [date, time, ...rest] = text.split(/[Tt ]/);
	const form = DATE.exec(date);
	if (!form || rest.length > 0 || (time !== undefined && !TIME.test(time))) return undefined;
	const [, year, , month, day] = form;
	const exists =
		!day || new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
	return exists ? [date, time].filter(Boolean).join('T') : undefined;
}

/** A time as JavaScript writes it, in a year that `Date.UTC` takes as it is. */
const ISO = /^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/**
 * Reads a time in just the form in which JavaScript writes it, in milliseconds since 1970: what `toISOString` gives for it is
 * the text again. Most APIs write that form, and `Date.parse` takes three times as long.
 *
 * @returns `undefined` for any other form, and for days that the month doesn't have.
 */
export function readIsoUtc(text: string): number | undefined {
	if (!ISO.test(text)) return undefined;
	const day = digitsAt(text, 8, 2);
	const time = Date.UTC(
		digitsAt(text, 0, 4),
		digitsAt(text, 5, 2) - 1,
		day,
		digitsAt(text, 11, 2),
		digitsAt(text, 14, 2),
		digitsAt(text, 17, 2),
		digitsAt(text, 20, 3),
	);
	// 30 February would be 2 March.
	return day <= 28 || new Date(time).getUTCDate() === day ? time : undefined;
}

const ZERO = '0'.charCodeAt(0);

/** The number that digits in a text are. To cut them out and convert them takes several times as long. */
function digitsAt(text: string, place: number, count: number): number {
	let number = 0;
	for (let next = place; next < place + count; next++) number = number * 10 + text.charCodeAt(next) - ZERO;
	return number;
}

/**
 * Reads a time that an API wrote, in milliseconds since 1970; `undefined` where there is none. One without an offset is in
 * UTC; JavaScript would take it in the time zone of the machine.
 */
export function readUtc(given: unknown): number | undefined {
	if (typeof given !== 'string') return undefined;
	return readIsoUtc(given) ?? readAnyUtc(given);
}

function readAnyUtc(given: string): number | undefined {
	if (!/^\d{4}-\d{2}-\d{2}/.test(given)) return undefined;
	const hasOffset = /(z|[+-]\d{2}:?\d{2})$/i.test(given);
	const time = Date.parse(hasOffset ? given : `${given.replace(' ', 'T')}Z`);
	return Number.isNaN(time) ? undefined : time;
}

/** `2026-01-31T08:00:00.000Z`: what ISO 8601 parameters are sent as. */
export function toIsoUtc(date: Date): string {
	return date.toISOString();
}

/** `2026-01-31 08:00:00`, in UTC: the `Y-m-d H:i:s` of PHP. Parts of a second are cut off. */
export function toSecondsUtc(date: Date): string {
	return date.toISOString().slice(0, 19).replace('T', ' ');
}
