/** Offsets change on quarters of an hour at most, so a day of the calendar is looked up once for each quarter. */
const QUARTER = 900_000;
const MOST_KEPT = 5000;

const formats = new Map<string, Intl.DateTimeFormat | undefined>();
const days = new Map<string, string>();

/**
 * The day of the calendar in a time zone, `2026-01-31`.
 *
 * @param time Milliseconds since 1970.
 * @param timezone IANA name.
 * @returns `undefined` when there is no such zone.
 */
export function localDate(time: number, timezone: string): string | undefined {
	const key = `${timezone} ${Math.floor(time / QUARTER)}`;
	const kept = days.get(key);
	if (kept !== undefined) return kept;
	if (!formats.has(timezone)) formats.set(timezone, dayFormat(timezone));
	const day = formats.get(timezone)?.format(time);
	if (day === undefined) return undefined;
	if (days.size >= MOST_KEPT) days.clear();
	days.set(key, day);
	return day;
}

/** The Swedish form of a date is that of ISO 8601. */
function dayFormat(timeZone: string): Intl.DateTimeFormat | undefined {
	try {
		return new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
	} catch {
		return undefined;
	}
}
