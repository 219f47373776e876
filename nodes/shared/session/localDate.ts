/** Offsets change on quarters of an hour at most, so a day of the calendar is looked up once for each quarter. */
const QUARTER = 900_000;
/** Quarters of about three months. */
const MOST_DAYS = 10_000;
/** More than there are; vendors may write any text. */
const MOST_ZONES = 1000;

/** What is known of a time zone: how it writes days, and the days by their quarters of an hour. */
interface Zone {
	format: Intl.DateTimeFormat | undefined;
	days: Map<number, string>;
}

const zones = new Map<string, Zone>();

/**
 * The day of the calendar in a time zone, `2026-01-31`.
 *
 * @param time Milliseconds since 1970.
 * @param timezone IANA name.
 * @returns `undefined` when there is no such zone.
 */
export function localDate(time: number, timezone: string): string | undefined {
	let zone = zones.get(timezone);
	if (!zone) {
		if (zones.size >= MOST_ZONES) zones.clear();
		zone = { format: dayFormat(timezone), days: new Map() };
		zones.set(timezone, zone);
	}
	const { format, days } = zone;
	if (!format) return undefined;
	const quarter = Math.floor(time / QUARTER);
	const known = days.get(quarter);
	if (known !== undefined) return known;
	const day = format.format(time);
	if (days.size >= MOST_DAYS) days.clear();
	days.set(quarter, day);
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
