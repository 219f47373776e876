import { tryToParseDateTime } from 'n8n-workflow';

import { InputError, formatValue } from '../util/errors';

/** A calendar, week or ordinal date of ISO 8601, basic or extended. */
const DATE = /^(\d{4}|[+-]\d{6})(-\d{2}|-?(\d{2})-?(\d{2})|-?W\d{2}(-?\d)?|-?\d{3})?$/;

/** A time of ISO 8601, basic or extended. The fraction of a second and the offset are optional. */
const TIME = /^\d{2}(:?\d{2}(:?\d{2}([.,]\d+)?)?)?([Zz]|[+-]([01]\d|2[0-3])(:?\d{2})?)?$/;

/**
 * Reads a point in time from a parameter.
 *
 * n8n's date picker returns local times without an offset. Expressions return ISO strings or Luxon values. A time without an
 * offset is read in the workflow's time zone. A local time that occurs twice in autumn means the first of the two.
 *
 * n8n's own parser reads the text. It would also read `12` as noon today, 30 February as 2 March, and `08:00 PM` in the machine's
 * time zone (n8n-workflow 2.41.0). So the format and the day are checked here.
 *
 * @param given ISO 8601 in any form, a Date, or a Luxon DateTime.
 * @param timezone IANA name of the workflow's time zone.
 * @param label The label of the parameter, for the message.
 * @throws InputError if it is not a date.
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
			// Luxon picks one of the two depending on the current season, so the first is picked here.
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

/** The text with a `T` before the time. Returns `undefined` if it is not ISO 8601 or the day does not exist. */
function toIsoText(text: string): string | undefined {
	const [date, time, ...rest] = text.split(/[Tt ]/);
	const form = DATE.exec(date);
	if (!form || rest.length > 0 || (time !== undefined && !TIME.test(time))) return undefined;
	const [, year, , month, day] = form;
	const exists =
		!day || new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
	return exists ? [date, time].filter(Boolean).join('T') : undefined;
}

/** A time as `toISOString` writes it. `Date.UTC` would change years below 100. */
const ISO = /^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/**
 * Reads a time in exactly the form of `toISOString`. Most APIs write this form, and `Date.parse` takes three times as long.
 *
 * @returns Milliseconds since 1970. `undefined` for any other form, and for a day that the month does not have.
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
	// `Date.UTC` reads 30 February as 2 March.
	return day <= 28 || new Date(time).getUTCDate() === day ? time : undefined;
}

const ZERO = '0'.charCodeAt(0);

/** The number at a position of a text. Cutting the digits out and converting them takes several times as long. */
function digitsAt(text: string, position: number, count: number): number {
	let number = 0;
	for (let next = position; next < position + count; next++)
		number = number * 10 + text.charCodeAt(next) - ZERO;
	return number;
}

/**
 * Reads a time that an API wrote. A time without an offset is read as UTC; JavaScript would use the time zone of the machine.
 *
 * @returns Milliseconds since 1970, or `undefined` if it is not a time.
 */
export function readUtc(given: unknown): number | undefined {
	if (typeof given !== 'string') return undefined;
	// Six digits of the second, as Laravel writes them: what is below a millisecond is cut off.
	const text = /\.\d{6}Z$/.test(given) ? `${given.slice(0, -4)}Z` : given;
	return readIsoUtc(text) ?? readAnyUtc(given);
}

function readAnyUtc(given: string): number | undefined {
	const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})/.exec(given) ?? [];
	// `Date.parse` reads 30 February as 2 March. The calendar repeats every 400 years, and `Date.UTC` changes years below 100.
	const sameYear = 2000 + (Number(year) % 400);
	if (new Date(Date.UTC(sameYear, Number(month) - 1, Number(day))).getUTCDate() !== Number(day))
		return undefined;
	const hasOffset = /(z|[+-]\d{2}:?\d{2})$/i.test(given);
	const time = Date.parse(hasOffset ? given : `${given.replace(' ', 'T')}Z`);
	return Number.isNaN(time) ? undefined : time;
}

/** `2026-01-31T08:00:00.000Z`: the format of ISO 8601 parameters. */
export function toIsoUtc(date: Date): string {
	return date.toISOString();
}

/** `2026-01-31 08:00:00`, in UTC: the format `Y-m-d H:i:s` of PHP. The fraction of a second is cut off. */
export function toSecondsUtc(date: Date): string {
	return date.toISOString().slice(0, 19).replace('T', ' ');
}
