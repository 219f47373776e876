import type { INodeProperties } from 'n8n-workflow';

import { InputError } from '../util/errors';
import { readDate } from './dates';
import { notice } from './notice';
import { propertyList, type ValuesOf } from './typedValues';
import type { Parameters } from './types';

/** The time of a session that lies in the period. */
export type PeriodBy = 'end' | 'start' | 'update';

/** A period with its first moment, and the first moment after it. */
export interface Period {
	by: PeriodBy;
	from?: Date;
	before?: Date;
}

/** Writes a period into the parameters of an endpoint, before the rules between the parameters are checked. */
export type WritePeriod = (
	period: Period,
	parameters: Parameters,
	options: { formatDate: (date: Date) => string },
) => void;

/** As they are needed most often. */
const CHOICES = [
	{ name: 'Last Month', value: 'lastMonth', description: 'The whole calendar month before this one' },
	{ name: 'This Month', value: 'thisMonth', description: 'From the first of this month until now' },
	{ name: 'Yesterday', value: 'yesterday', description: 'The whole day before today' },
	{ name: 'Last 7 Days', value: 'last7Days', description: 'The seven whole days before today' },
	{ name: 'Between Dates', value: 'between', description: 'From one moment until before another' },
	{ name: 'All', value: 'all', description: 'As far back as the vendor has sessions' },
] as const;

const TIMES: Array<{ name: string; value: PeriodBy }> = [
	{ name: 'End of the Session', value: 'end' },
	{ name: 'Last Update', value: 'update' },
	{ name: 'Start of the Session', value: 'start' },
];

/**
 * "Period" of a list of sessions, with the times that the endpoint can be asked by. The whole days are those of the workflow's time
 * zone.
 */
export const periodProperties = (...times: PeriodBy[]): INodeProperties[] => [
	...choicesOf(times),
	...(times.includes('update') ? [UPDATE_NOTICE] : []),
];

const UPDATE_NOTICE = notice(
	'updateNotice',
	'By last update, not by the end of the session: not the month that you bill.',
	{ show: { periodBy: ['update'] }, hide: { period: ['all'] } },
);

const choicesOf = (times: PeriodBy[]) =>
	propertyList([
		{
			displayName: 'Period',
			name: 'period',
			type: 'options',
			options: [...CHOICES],
			default: 'all',
			description: "Which sessions to read, by whole days of the workflow's time zone",
		},
		{
			displayName: 'From',
			name: 'periodFrom',
			type: 'dateTime',
			displayOptions: { show: { period: ['between'] } },
			default: '',
			description: "First moment of the period, in the workflow's time zone",
		},
		{
			displayName: 'Before',
			name: 'periodBefore',
			type: 'dateTime',
			displayOptions: { show: { period: ['between'] } },
			default: '',
			description: "The period ends right before this moment, in the workflow's time zone",
			hint: 'For all of June: From 1 June 00:00, Before 1 July 00:00',
		},
		{
			displayName: 'Period By',
			name: 'periodBy',
			type: 'options',
			displayOptions: { hide: { period: ['all'] } },
			options: TIMES.filter(({ value }) => times.includes(value)),
			default: 'end',
			description:
				'Which time of a session lies in the period. A session that still runs has no end yet. By Last Update, a session of last month that is corrected today counts as one of today.',
		},
	]);

type Choice = (typeof CHOICES)[number]['value'];

type PeriodValues = Partial<ValuesOf<ReturnType<typeof choicesOf>>>;

/**
 * The period that the user has chosen. `undefined` for all sessions.
 *
 * @param now Milliseconds since 1970.
 * @param timezone IANA name of the workflow's time zone.
 * @throws InputError if "Between Dates" has no date, or ends before it begins.
 * @example
 * periodOf({ period: 'lastMonth', periodBy: 'end' }, Date.parse('2026-07-15T12:00Z'), 'Europe/Copenhagen')
 * // { by: 'end', from: 2026-05-31T22:00:00.000Z, before: 2026-06-30T22:00:00.000Z }
 */
export function periodOf(values: Record<string, unknown>, now: number, timezone: string): Period | undefined {
	const choice = values.period as Choice | undefined;
	if (choice === undefined || choice === 'all') return undefined;
	const { periodFrom, periodBefore } = values as PeriodValues;
	const by = values.periodBy as PeriodBy;
	const today = localDay(now, timezone);
	const day = (shift: number) => startOf(shifted(today, { days: shift }), timezone);
	const month = (shift: number) => startOf(shifted(`${today.slice(0, 8)}01`, { months: shift }), timezone);
	switch (choice) {
		case 'lastMonth':
			return { by, from: month(-1), before: month(0) };
		case 'thisMonth':
			return { by, from: month(0), before: month(1) };
		case 'yesterday':
			return { by, from: day(-1), before: day(0) };
		case 'last7Days':
			return { by, from: day(-7), before: day(0) };
		case 'between':
			return between(by, periodFrom, periodBefore);
	}
}

function between(by: PeriodBy, from: Date | undefined, before: Date | undefined): Period {
	if (from === undefined && before === undefined) {
		throw new InputError(
			'"Period" is Between Dates, but neither "From" nor "Before" was given',
			'Fill in one of the two, or both, or set "Period" to All.',
		);
	}
	if (from && before && from >= before) {
		throw new InputError(
			`"Before" must be later than "From", but ${before.toISOString()} is not after ${from.toISOString()}`,
			'Swap the two dates, or correct one of them. For all of June, take 1 June and 1 July.',
		);
	}
	return { by, from, before };
}

/**
 * Narrows the two date parameters of an endpoint to a period. Both stay as the user has set them where that is narrower.
 *
 * @param names The parameters, which have the same name in the query. `to` belongs to the range that it selects, `before` does not.
 */
export function narrow(
	{ from, before }: Period,
	{ values, labels, query }: Parameters,
	names: { from: string; to?: string; before?: string },
	formatDate: (date: Date) => string,
): void {
	const set = (name: string, date: Date, isNarrower: (own: Date) => boolean) => {
		const own = values[name];
		if (own instanceof Date && isNarrower(own)) return;
		values[name] = date;
		query[name] = formatDate(date);
		labels[name] = 'Period';
	};
	if (from) set(names.from, from, (own) => own >= from);
	if (!before) return;
	const last = new Date(before.getTime() - 1);
	if (names.to) set(names.to, last, (own) => own <= last);
	if (names.before) set(names.before, before, (own) => own <= before);
}

/** Whether a time, in milliseconds since 1970, lies in a period. */
export function isIn({ from, before }: Period, time: number | undefined): boolean {
	return (
		time !== undefined && time >= (from?.getTime() ?? -Infinity) && time < (before?.getTime() ?? Infinity)
	);
}

/** `2026-06-01 00:00 to 2026-07-01 00:00 (Europe/Copenhagen), by the end of the session`: for a hint. */
export function describePeriod({ by, from, before }: Period, timezone: string): string {
	const time = (date: Date) => localTime(date.getTime(), timezone);
	const range = [from ? time(from) : 'the beginning', before ? time(before) : 'now'].join(' to ');
	const what = {
		end: 'the end of the session',
		start: 'the start of the session',
		update: 'the last update',
	};
	return `${range} (${timezone}), by ${what[by]}`;
}

/** The first moment of a calendar day, `2026-01-31`. */
function startOf(day: string, timezone: string): Date {
	return readDate(day, timezone, 'Period');
}

/** A calendar day that is some days or months later. */
function shifted(day: string, { days = 0, months = 0 }: { days?: number; months?: number }): string {
	const [year, month, date] = day.split('-').map(Number);
	return new Date(Date.UTC(year, month - 1 + months, date + days)).toISOString().slice(0, 10);
}

function localDay(time: number, timezone: string): string {
	return localTime(time, timezone).slice(0, 10);
}

/** `2026-01-31 08:00`. The Swedish date format is that of ISO 8601. */
function localTime(time: number, timeZone: string): string {
	return new Date(time).toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
}
