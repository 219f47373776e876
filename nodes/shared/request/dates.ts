import { tryToParseDateTime } from 'n8n-workflow';

import { InputError, shown } from '../errors';

/** A calendar, week or ordinal date of ISO 8601, basic or extended, with an optional time behind `T` or a blank. */
const ISO_8601 = /^(\d{4}|[+-]\d{6})(-?(\d{2}(-?\d{2})?|W\d{2}(-?\d)?|\d{3}))?([T ]\d{2}.*)?$/;

/**
 * Reads a point in time from a parameter.
 *
 * n8n's date picker gives local times without an offset, expressions give ISO strings or Luxon values; what has no
 * offset is read in the workflow's time zone. n8n's own parser does the reading, but it would also take `12` for noon
 * today and 30 February for 2 March (n8n-workflow 2.41.0), so the form and the day are checked here.
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
		`"${label}" must be a date such as 2026-01-31 or 2026-01-31T08:00:00Z, but ${shown(given)} was given`,
		'Pick the date, or give it in ISO 8601.',
	);
}

function parseDate(given: unknown, timezone: string): Date | undefined {
	const text = typeof given === 'string' ? given.trim() : undefined;
	if (text !== undefined && !ISO_8601.test(text)) return undefined;
	try {
		const read = tryToParseDateTime(text ?? given, timezone);
		const day = text?.match(/^\d{4}-\d{2}-\d{2}/)?.[0];
		const isMidnightOfNextDay = /[T ]24/.test(text ?? '');
		const dayKept = day === undefined || isMidnightOfNextDay || read.toISODate() === day;
		return dayKept ? read.toJSDate() : undefined;
	} catch {
		return undefined;
	}
}

/** `2026-01-31T08:00:00.000Z`: what ISO 8601 parameters are sent as. */
export function toIsoUtc(date: Date): string {
	return date.toISOString();
}

/** `2026-01-31 08:00:00`, in UTC: the `Y-m-d H:i:s` of PHP. Parts of a second are cut off. */
export function toSecondsUtc(date: Date): string {
	return date.toISOString().slice(0, 19).replace('T', ' ');
}
