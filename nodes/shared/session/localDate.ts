const DAY = 86_400_000;
/** Most time zones to cache. More do not exist, but vendors may write any text. */
const MAX_ZONES = 1000;
/** Most days to cache: 27 years. */
const MAX_DAYS = 10_000;

/**
 * Cached facts of a time zone. Formatting a date takes longer than the rest of a row, so it is done twice for each day in UTC.
 */
interface Zone {
	/** Formats a time as `2026-01-31 08:00:00`. */
	format: Intl.DateTimeFormat;
	/** UTC offset in milliseconds by day since 1970; null for a day on which the clocks change. */
	offsets: Map<number, number | null>;
}

/** Time zones by name; `undefined` for a name that is none. */
const zones = new Map<string, Zone | undefined>();

/** Calendar days as text, by day since 1970. */
const texts = new Map<number, string>();

/**
 * The calendar day in a time zone, `2026-01-31`.
 *
 * @param time Milliseconds since 1970.
 * @param timezone IANA name.
 * @returns `undefined` for an unknown time zone.
 */
export function localDate(time: number, timezone: string): string | undefined {
	if (!zones.has(timezone)) remember(zones, timezone, zoneOf(timezone), MAX_ZONES);
	const zone = zones.get(timezone);
	if (!zone) return undefined;
	const { format, offsets } = zone;
	const day = Math.floor(time / DAY);
	let offset = offsets.get(day);
	if (offset === undefined) {
		const [atBegin, atEnd] = [offsetAt(day * DAY, format), offsetAt((day + 1) * DAY, format)];
		offset = atBegin === atEnd ? atBegin : null;
		remember(offsets, day, offset, MAX_DAYS);
	}
	if (offset === null) return format.format(time).split(' ')[0].padStart(10, '0');
	const local = Math.floor((time + offset) / DAY);
	let text = texts.get(local);
	if (text === undefined) {
		text = new Date(local * DAY).toISOString().slice(0, 10);
		remember(texts, local, text, MAX_DAYS);
	}
	return text;
}

function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
	if (map.size >= most) map.clear();
	map.set(key, value);
}

/** The Swedish date format is that of ISO 8601. */
function zoneOf(timeZone: string): Zone | undefined {
	try {
		const digits = '2-digit' as const;
		const date = { year: 'numeric', month: digits, day: digits } as const;
		const clock = { hour: digits, minute: digits, second: digits, hourCycle: 'h23' } as const;
		const format = new Intl.DateTimeFormat('sv-SE', { timeZone, ...date, ...clock });
		return { format, offsets: new Map() };
	} catch {
		return undefined;
	}
}

/** The UTC offset in milliseconds; null in years that do not have four digits. */
function offsetAt(time: number, format: Intl.DateTimeFormat): number | null {
	const offset = Date.parse(`${format.format(time).replace(' ', 'T')}Z`) - time;
	return Number.isNaN(offset) ? null : offset;
}
