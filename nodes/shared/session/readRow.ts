import { readIsoUtc } from '../parameters/dates';
import { idOf, masker, orWarn, PERSONAL_COLUMNS, rowHashOf, textOf, type PersonalColumn } from './cells';
import { withColumnNames } from './columnChoice';
import { COLUMNS, columnNames, type Column } from './columns';
import { localDate } from './localDate';
import { completeMoney } from './money';
import { energyDoubts, isMismatch, type Measured } from './plausibility';
import { currencyOf, lastDigitKwh, timesOf } from './row';
import { DAY_MS, EARLIEST_MS, HOUR_MS, MAX_SESSION_MS, nullIfZero } from './times';
import { bounded, readDecimal, roundTo } from '../util/numbers';
import { fromSpreadsheet } from '../util/spreadsheet';
import type { Cell, SessionRow, RowSettings } from './types';
import { decimalsOf } from './units';
import { WARNING_KINDS, type Warning } from './warnings';
import { dateOrdersOf, readMonth, readWritten, type DateOrders } from './writtenDates';

const columns = new Map(COLUMNS.map((column) => [column.name, column]));
const personal = new Set<string>(PERSONAL_COLUMNS);

const MONEY = ['amountInclVat', 'amountExclVat', 'vatAmount', 'vatRatePct'] as const;

const DATED = COLUMNS.filter(({ type }) => ['time', 'date', 'month'].includes(type)).map(({ name }) => name);

const STATUSES = ['completed', 'ongoing'];

/** How spreadsheets and databases of the countries write yes and no. */
const YES = new Set(
	'true t yes y ja j oui si sí 1 wahr sand sandt waar sant sann vrai tosi vero verdadero'.split(' '),
);
const NO = new Set(
	'false f no n nein nej nei nee non 0 falsch falsk onwaar falskt usann faux epätosi falso'.split(' '),
);

/** Whether a record is a row already, even one that was in a spreadsheet or shows some of the columns: its key is among them. */
export function isRow(given: object): boolean {
	const record = withColumnNames(given);
	if (!Object.hasOwn(record, 'sessionKey')) return false;
	return COLUMNS.some(({ name }) => !KEYS.has(name) && Object.hasOwn(record, name));
}

/** Columns that tell which session it is, and nothing of it. */
const KEYS = new Set(['source', 'sessionKey', 'sessionId', 'endpoint']);

/**
 * Makes the function that reads rows back from JSON, a spreadsheet or a database: the columns of the settings in order, null where a
 * column is missing, and numbers, times, days, yes and no in the forms that these write. Values of the row are kept. Currency and
 * VAT of the settings fill missing values. A day or month that cannot be read, or has no column, is filled in from start and end.
 *
 * @param records All rows of the batch: together they tell whether `01/02/2026` is in January or in February.
 */
export function rowReader(
	records: Array<Record<string, unknown>>,
): (record: Record<string, unknown>, settings: RowSettings) => SessionRow {
	const orders = dateOrdersOf(records.map(withColumnNames), DATED);
	const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
	return (given, settings) => {
		const record = withColumnNames(given);
		// A database gives a day as midnight in the time zone of the machine.
		const zones = [timeZone, 'UTC', settings.timezone];
		return readRow(record, settings, { orders, zones, warnings: codesIn(record.warnings) });
	};
}

function codesIn(warnings: unknown): Set<Warning> {
	const codes = (textOf(warnings) ?? '').split(';');
	return new Set(codes.filter((code) => Object.hasOwn(WARNING_KINDS, code)) as Warning[]);
}

function readRow(record: Record<string, unknown>, settings: RowSettings, reading: Reading): SessionRow {
	const { groups, driver } = settings;
	const { warnings } = reading;
	const hide = masker(driver);
	// A row in JSON has null; an empty cell of a file is an empty text, or absent. Only a file has apostrophes before formulas.
	const isOfFile = !Object.values(record).includes(null);
	const row: SessionRow = {};
	for (const name of columnNames(groups)) {
		const given = Object.hasOwn(record, name) ? record[name] : null;
		const value = isOfFile && typeof given === 'string' ? fromSpreadsheet(given) : given;
		const cell = cellOf(columns.get(name), value, reading);
		row[name] = personal.has(name) ? hide(name as PersonalColumn, textOf(cell)) : cell;
	}
	fillFromKey(row, record);
	row.status = statusIn(row.status, warnings);
	// An end that cannot be read is one, as in `hasEnded`.
	if (row.status === null && !isEmpty(record.endedAt)) row.status = 'completed';
	const times = timesIn(row, settings, warnings);
	fillDay(row, record, settings, times, warnings);
	fillMoney(row, settings, warnings);
	doubtEnergy(row, times.hours, warnings);
	if (!Object.hasOwn(record, 'warnings') && row.status === 'completed' && isEmpty(record.endedAt))
		if (Object.hasOwn(record, 'endedAt')) warnings.add('end-unknown');
	row.warnings = [...warnings].sort().join(';') || null;
	if ('rowHash' in row) {
		const { rowHash, ...rest } = row;
		row.rowHash = rowHash ?? rowHashOf(rest);
	}
	return row;
}

/** One of both words for a status, however a person wrote it; null with a warning for any other. */
function statusIn(cell: Cell, warnings: Set<Warning>): Cell {
	if (cell === null) return null;
	const word = String(cell).trim().toLowerCase();
	return orWarn(STATUSES.includes(word) ? word : undefined, 'status-unreadable', warnings);
}

/** Fills in vendor and ID where their columns are gone, from the key: `vendor:8400366`. */
function fillFromKey(row: SessionRow, record: Record<string, unknown>): void {
	const [source, id] = String(row.sessionKey ?? '').split(/:(.*)/s);
	if (textOf(source) === null || textOf(id) === null) return;
	if ('source' in row && !Object.hasOwn(record, 'source')) row.source = source;
	if (!Object.hasOwn(record, 'sessionId')) row.sessionId = id;
}

type Times = Omit<ReturnType<typeof timesOf>, 'elapsedMs'> & { hours: number | null };

/** Doubts the times anew, as `toRow` does: they may have been changed, or have come without their warnings. */
function timesIn(row: SessionRow, { now }: RowSettings, warnings: Set<Warning>): Times {
	const momentIn = (name: string) => {
		const iso = row[name];
		return typeof iso === 'string' ? { iso, time: Date.parse(iso) } : null;
	};
	const nowMs = now?.();
	const start = momentIn('startedAt');
	const { isStartRight, isEndRight, elapsedMs } = timesOf(start, momentIn('endedAt'), nowMs, warnings);
	const untilNow = isStartRight && start && nowMs !== undefined ? nowMs - start.time : null;
	const untilMs = elapsedMs ?? untilNow;
	if (row.status === 'ongoing' && (untilMs ?? 0) > MAX_SESSION_MS) warnings.add('time-implausible');
	return { isStartRight, isEndRight, hours: untilMs === null || untilMs < 0 ? null : untilMs / HOUR_MS };
}

/**
 * Makes day and month anew where their cells are absent, hold what cannot be read, or contradict each other or the times: a
 * spreadsheet swaps day and month. An empty cell stays empty.
 */
function fillDay(
	row: SessionRow,
	record: Record<string, unknown>,
	{ billBy, timezone }: RowSettings,
	{ isStartRight, isEndRight }: Times,
	warnings: Set<Warning>,
): void {
	const isApart = row.localDate && row.billingMonth && String(row.localDate).slice(0, 7) !== row.billingMonth;
	const days = [row.startedAt, row.endedAt].flatMap(daysAbout);
	const isElsewhere = (cell: Cell) => typeof cell === 'string' && !days.some((day) => day.startsWith(cell));
	if (isApart || (days.length > 0 && [row.localDate, row.billingMonth].some(isElsewhere))) {
		warnings.add('date-ambiguous');
		row.localDate = row.billingMonth = null;
	}
	const isLost = (name: string) =>
		row[name] === null && (!Object.hasOwn(record, name) || !isEmpty(record[name]));
	const lost = ['localDate', 'billingMonth'].filter(isLost);
	if (lost.length === 0) return;
	// As `toRow` does: an end or start that is not known, or cannot be right, counts for nothing.
	const isOver = row.status === 'completed';
	const isByStart = billBy === 'end' ? isOver && !isEndRight : isStartRight;
	const isRight = isByStart ? isStartRight : isEndRight;
	const billed = isRight ? row[isByStart ? 'startedAt' : 'endedAt'] : null;
	const own = textOf(record.timezone);
	const time = typeof billed === 'string' ? Date.parse(billed) : NaN;
	const day =
		row.localDate ??
		(Number.isNaN(time)
			? null
			: ((own === null ? undefined : localDate(time, own)) ?? localDate(time, timezone) ?? null));
	// A month that was kept, and does not have the day that the times give, is as doubtful as the day.
	if (day !== null && row.billingMonth && !String(day).startsWith(String(row.billingMonth))) {
		warnings.add('date-ambiguous');
		lost.push('billingMonth');
	}
	for (const name of lost) {
		if (day !== null) {
			const isOfDay = name === 'billingMonth' && row.localDate === day && !lost.includes('localDate');
			row[name] = name === 'localDate' ? day : String(day).slice(0, 7);
			// The month of a row that shows only the day is no guess.
			if (!isOfDay || Object.hasOwn(record, name)) warnings.add('day-from-times');
		} else if (Object.hasOwn(record, name)) warnings.add('time-unreadable');
	}
}

/** The days that a time is of, anywhere on Earth. */
function daysAbout(iso: Cell): string[] {
	const time = typeof iso === 'string' ? Date.parse(iso) : NaN;
	return Number.isNaN(time)
		? []
		: [-DAY_MS, 0, DAY_MS].map((shift) => new Date(time + shift).toISOString().slice(0, 10));
}

/** Doubts the energy anew, as `toRow` does. */
function doubtEnergy(row: SessionRow, hours: number | null, warnings: Set<Warning>): void {
	const { energyKwh, meterStartKwh, meterStopKwh, maxPowerKw } = row as unknown as Measured;
	if (energyKwh !== null && meterStartKwh !== null && meterStopKwh !== null) {
		const difference = roundTo(meterStopKwh - meterStartKwh, 3) - energyKwh;
		const decimals = Math.max(decimalsOf(meterStartKwh), decimalsOf(meterStopKwh));
		if (isMismatch(difference, energyKwh, lastDigitKwh(decimals, 'kWh'))) warnings.add('meter-mismatch');
	}
	for (const code of energyDoubts({ energyKwh, meterStartKwh, meterStopKwh, maxPowerKw, hours }))
		warnings.add(code);
}

function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function fillMoney(row: SessionRow, { currency, vatRatePct }: RowSettings, warnings: Set<Warning>): void {
	const incl = row.amountInclVat as number | null;
	const excl = row.amountExclVat as number | null;
	// The settings do not replace a value that could not be read.
	if ((incl === null && excl === null) || warnings.has('amount-unreadable')) return;
	if (row.currency === null && currency !== undefined && !warnings.has('currency-unreadable')) {
		row.currency = currency;
		warnings.delete('no-currency');
	}
	if (incl !== null && excl !== null) return;
	// The row's own VAT comes before that of the settings.
	const { vatRatePct: given, vatAmount: vat } = row;
	const own = typeof given === 'number' && given >= 0 && given <= 100 ? given : undefined;
	const rate = own ?? vatRatePct;
	if (typeof vat === 'number' || rate !== undefined) {
		const other = (sign: number) =>
			typeof vat === 'number' ? bounded(roundTo((incl ?? excl)! + sign * vat, 4)) : null;
		const money = completeMoney(incl ?? other(1), excl ?? other(-1), null, rate, textOf(row.currency));
		for (const name of MONEY) row[name] = bounded(money[name]);
		warnings.delete('no-vat');
	}
}

interface Reading {
	orders: DateOrders;
	/** Time zones in whose midnight a time may be meant as a day. */
	zones: string[];
	warnings: Set<Warning>;
}

function cellOf(column: Column | undefined, value: unknown, reading: Reading): Cell {
	const { warnings } = reading;
	if (column?.name === 'currency') return isEmpty(value) ? null : currencyOf(value, undefined, warnings);
	switch (column?.type) {
		case 'number':
		case 'whole number': {
			const isMoney = column.unit?.startsWith('currency') || column.name === 'vatRatePct';
			const warning =
				column.unit === 'kWh' ? 'energy-unreadable' : isMoney ? 'amount-unreadable' : 'number-unreadable';
			return orWarn(readDecimal(value), warning, warnings);
		}
		case 'yes/no': {
			if (isEmpty(value)) return null;
			const word = String(textOf(value) ?? '')
				.trim()
				.toLowerCase();
			return orWarn(YES.has(word) || (NO.has(word) ? false : undefined), 'flag-unreadable', warnings);
		}
		case 'time':
		case 'date':
		case 'month':
			return isEmpty(value) ? null : dateCell(column.type, value, reading);
		default:
			// A spreadsheet can have made a number of an id, and lost its last digits.
			return idOf(value, warnings);
	}
}

/** A day or a month that cannot be read has no code yet: see `fillDay`. A date that stands for none is as in a record. */
function dateCell(type: Column['type'], value: unknown, { orders, zones, warnings }: Reading): Cell {
	const isPossible = (time: number) => time >= EARLIEST_MS && nullIfZero(time) !== null;
	if (type === 'time') {
		const iso = typeof value === 'string' ? readIsoUtc(value) : undefined;
		const read = iso === undefined ? readWritten(value, orders, zones) : { time: iso };
		if (read === 'ambiguous' || read === undefined) {
			warnings.add(read === undefined ? 'time-unreadable' : 'date-ambiguous');
			return null;
		}
		if (!isPossible(read.time)) {
			warnings.add('time-implausible');
			return null;
		}
		return iso === undefined ? new Date(read.time).toISOString() : (value as string);
	}
	const month = type === 'month' ? readMonth(value) : undefined;
	const read = month === undefined ? readWritten(value, orders, zones) : { day: month };
	const day = read === 'ambiguous' ? undefined : read?.day;
	return day !== undefined && isPossible(Date.parse(day)) ? day.slice(0, type === 'date' ? 10 : 7) : null;
}
