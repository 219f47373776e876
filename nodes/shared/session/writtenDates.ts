import { readDecimal } from '../util/numbers';
import { textOf } from './cells';
import { localDate } from './localDate';

/** A point in time as a cell holds it. */
export interface WrittenTime {
	/** Milliseconds since 1970. */
	time: number;
	/** `2026-01-31` where the cell holds a whole day: no time of day, or midnight. */
	day?: string;
}

/** Whether the day or the month stands first, by the character between them; no entry where nothing tells. */
export type DateOrders = Partial<Record<string, 'day' | 'month'>>;

const DAY_MS = 86_400_000;

/** Spreadsheets count days from 1899-12-30. Serials of the years 2000 to 2099 are read; other numbers are no dates. */
const SERIAL_OF_1970 = 25_569;
const [MIN_SERIAL, MAX_SERIAL] = [36_526, 73_050];

const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[ T]+(.+))?$/i;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:,?[ T]+(.+))?$/i;
const CLOCK = /^(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,3})\d*)?)?(?:\s*([ap])\.?m\.?)?$/i;

/**
 * Reads a time or a day from a cell that was in a spreadsheet or a database. A time without an offset is in UTC, as rows are.
 *
 * @param zones Time zones in whose midnight a `Date`, or a time with an offset, may be meant as a day.
 * @returns `undefined` if it is not a date; `ambiguous` if day and month could be either of two.
 * @example
 * readWritten('02.10.2026 18:00', {}, []) // 2026-10-02T18:00:00Z
 * readWritten('10/1/2026 6:00 PM', { '/': 'month' }, []) // 2026-10-01T18:00:00Z
 * readWritten(46297.75, {}, []) // 2026-10-02T18:00:00Z, the serial of a spreadsheet
 */
export function readWritten(
	given: unknown,
	orders: DateOrders,
	zones: string[],
): WrittenTime | 'ambiguous' | undefined {
	if (isMoment(given)) return momentAt(Number(given), zones);
	const serial = typeof given === 'string' || typeof given === 'number' ? readDecimal(given) : null;
	if (serial && serial >= MIN_SERIAL && serial <= MAX_SERIAL) {
		return momentAt(Math.round((serial - SERIAL_OF_1970) * DAY_MS), ['UTC', ...zones]);
	}
	if (typeof given !== 'string') return undefined;
	const text = given.trim();
	const iso = YEAR_FIRST.exec(text);
	if (iso) {
		const [, year, , month, day, clock] = iso;
		return placed(year, month, day, clock, zones);
	}
	const parts = YEAR_LAST.exec(text);
	if (!parts) return undefined;
	const [, one, mark, other, year, clock] = parts;
	const order = one === other ? 'day' : (orderIn(one, other) ?? orders[mark]);
	if (order === undefined) return 'ambiguous';
	const [day, month] = order === 'day' ? [one, other] : [other, one];
	return placed(year.length === 2 ? `20${year}` : year, month, day, clock, zones);
}

const MONTH = /^(?:(?<year>\d{4})[-/.](?<month>\d{1,2})|(?<first>\d{1,2})[-/.](?<last>\d{4}))$/;

/** Reads a month: `2026-02` of `02/2026` and `2026-2`; `undefined` if the value is none in these forms. */
export function readMonth(value: unknown): string | undefined {
	const parts = MONTH.exec((textOf(value) ?? '').trim())?.groups;
	const month = (parts?.month ?? parts?.first ?? '').padStart(2, '0');
	return parts && month >= '01' && month <= '12' ? `${parts.year ?? parts.last}-${month}` : undefined;
}

/**
 * Finds out whether the day or the month stands first in the dates of several rows: a number above 12 is a day, and the month of a
 * session's end and day is the one that its row names, which as a date is its first day. Where nothing tells, dates with points and hyphens begin with the day, as in all
 * countries that write them so; with slashes, either is usual.
 *
 * @param columns Names of the columns that hold dates.
 */
export function dateOrdersOf(rows: Array<Record<string, unknown>>, columns: string[]): DateOrders {
	const proved: Record<string, Set<string>> = { '-': new Set(), '.': new Set(), '/': new Set() };
	for (const row of rows) {
		for (const name of columns) {
			const parts = typeof row[name] === 'string' ? YEAR_LAST.exec(row[name].trim()) : null;
			if (!parts) continue;
			const [, one, mark, other] = parts;
			const order = orderIn(one, other) ?? orderByMonth(name, one, other, row);
			if (order) proved[mark].add(order);
		}
	}
	const orders: DateOrders = {};
	for (const [mark, found] of Object.entries(proved)) {
		if (found.size === 1) orders[mark] = [...found][0] as 'day' | 'month';
		else if (found.size === 0 && mark !== '/') orders[mark] = 'day';
	}
	return orders;
}

function orderIn(one: string, other: string): 'day' | 'month' | undefined {
	return Number(one) > 12 ? 'day' : Number(other) > 12 ? 'month' : undefined;
}

/** A month that became a date is its first day; the day, and in most rows the end, is in the month that the row names. */
function orderByMonth(
	name: string,
	one: string,
	other: string,
	row: Record<string, unknown>,
): 'day' | 'month' | undefined {
	const day = /^\d{4}-\d{2}(?=-\d{2}$)/.exec((name === 'endedAt' && textOf(row.localDate)) || '')?.[0];
	const month = Number((readMonth(row.billingMonth) ?? day)?.slice(5));
	const isFirstOfMonth = name === 'billingMonth';
	if (!isFirstOfMonth && name !== 'endedAt' && name !== 'localDate') return undefined;
	const [isOne, isOther] = [one, other].map((part) => Number(part) === (isFirstOfMonth ? 1 : month));
	return isOne === isOther ? undefined : isOne === isFirstOfMonth ? 'day' : 'month';
}

/** A `Date`, also one of another realm, or a Luxon DateTime. */
function isMoment(given: unknown): boolean {
	return (
		Object.prototype.toString.call(given) === '[object Date]' ||
		(given as { isLuxonDateTime?: unknown } | null | undefined)?.isLuxonDateTime === true
	);
}

/** A time; it is a day where it is the first moment of one in any of the zones. */
function momentAt(time: number, zones: string[]): WrittenTime | undefined {
	if (!(Math.abs(time) < 8e15)) return undefined;
	const days = zones.map((zone) => [localDate(time, zone), localDate(time - 1, zone)]);
	return { time, day: days.find(([day, before]) => day !== before)?.[0] };
}

/** `18:00:00+00`, `18:00:00 UTC`, `00:00Z`: a clock and its offset from UTC. */
const WITH_OFFSET = /^(.*?) *(?:z|utc|gmt|([+-])(\d{2}):?(\d{2})?)$/i;

/** The moment of a date and a clock, by its own offset if the clock has one. */
function placed(
	year: string,
	month: string,
	day: string,
	clock: string | undefined,
	zones: string[],
): WrittenTime | undefined {
	const found = WITH_OFFSET.exec(clock?.trim() ?? '');
	const local = momentOf(year, month, day, found ? found[1] : clock);
	if (!found || !local) return local;
	const [hours, minutes] = [Number(found[3] ?? 0), Number(found[4] ?? 0)];
	if (hours > 15 || minutes > 59) return undefined;
	const time = local.time - (found[2] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
	return local.day === undefined ? momentAt(time, zones) : { time, day: local.day };
}

/** `undefined` for a day that the month does not have, and for a clock of another form. */
function momentOf(year: string, month: string, day: string, clock?: string): WrittenTime | undefined {
	const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
	if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCFullYear() !== Number(year))
		return undefined;
	const text = midnight.toISOString().slice(0, 10);
	if (clock === undefined) return { time: midnight.getTime(), day: text };
	const found = CLOCK.exec(clock.trim());
	if (!found) return undefined;
	const [hours, minutes, seconds, ms] = [
		found[1],
		found[2],
		found[3] ?? '0',
		(found[4] ?? '').padEnd(3, '0'),
	].map(Number);
	const half = found[5]?.toLowerCase();
	if (hours > (half ? 12 : 23) || minutes > 59 || seconds > 59) return undefined;
	const hour = half ? (hours % 12) + (half === 'p' ? 12 : 0) : hours;
	const inDay = ((hour * 60 + minutes) * 60 + seconds) * 1000 + ms;
	return { time: midnight.getTime() + inDay, day: inDay === 0 ? text : undefined };
}
