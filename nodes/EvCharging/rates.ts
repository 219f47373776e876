import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { OutputContext } from '../shared/node/outputFormatter';
import { readDate } from '../shared/parameters/dates';
import type { Rate } from '../shared/reports/reimbursement';
import { readSelectors } from '../shared/reports/selectors';
import { textOf } from '../shared/session/cells';
import { localDate } from '../shared/session/localDate';
import { isRow } from '../shared/session/readRow';
import type { SessionRow } from '../shared/session/types';
import { dateOrdersOf, readWritten, type DateOrders } from '../shared/session/writtenDates';
import { decimalsOf } from '../shared/util/decimal';
import { InputError, formatValue } from '../shared/util/errors';
import { readDecimal } from '../shared/util/numbers';
import { vendors } from '../vendors';

/** The vendors' names in rows. */
export const SOURCES = [
	...new Set(vendors.flatMap(({ recordKinds }) => recordKinds.map(({ kind }) => String(kind.source)))),
];

/** The lowest price of a kWh, for currencies with two decimals. Dynamic prices fall below zero, but not by much. */
const LOWEST_PRICE = -1;

/** The fields of one line of a list of prices or caps. */
function lineOf(kind: 'price' | 'cap', label: string, description: string): INodeProperties[] {
	return [
		{
			displayName: 'For',
			name: 'for',
			type: 'string',
			default: '',
			placeholder: 'e.g. customer:77, card:04AABBCC (an ID tag), location:1766, country:BE',
			description: 'Drivers, ID tags, sites or regions, separated by commas. Leave empty for everybody.',
		},
		{
			displayName: 'From',
			name: 'from',
			type: 'dateTime',
			default: '',
			description: 'First day. Leave empty for no beginning.',
		},
		{
			displayName: 'Until',
			name: 'until',
			type: 'dateTime',
			default: '',
			description: `Last day. Leave empty if the next ${kind} ends it.`,
		},
		{ displayName: label, name: 'perKwh', type: 'number', default: 0, description },
		{
			displayName: 'Currency',
			name: 'currency',
			type: 'string',
			default: '',
			placeholder: 'e.g. EUR',
			description: 'ISO 4217 code. Leave empty for the one in "Price Currency".',
		},
	];
}

export const priceList: INodeProperties = {
	displayName: 'Price List',
	name: 'priceList',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add Price',
	displayOptions: { show: { priceFrom: ['list'] } },
	default: {},
	description:
		'The most exact price counts: ID tag, then driver, site, region, everybody. The day is the one the session is billed on. Items with a column "for" add prices.',
	options: [
		{
			displayName: 'Price',
			name: 'price',
			values: lineOf('price', 'Price per kWh', 'In units of the currency, such as 0.34'),
		},
	],
};

export const capList: INodeProperties = {
	displayName: 'Cap List',
	name: 'capList',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add Cap',
	default: {},
	description: 'The most that is paid for a kWh, for example of a quarter and region',
	options: [
		{
			displayName: 'Cap',
			name: 'cap',
			values: lineOf('cap', 'Most per kWh', 'In units of the currency, such as 0.3151'),
		},
	],
};

/** One line of a list, as it was given. */
interface Line {
	/** Where it stands, for messages. */
	label: string;
	/** What the line must have. An item may have columns only. */
	required: 'price' | 'cap' | null;
	for: unknown;
	from: unknown;
	until: unknown;
	currency: unknown;
	price: unknown;
	cap: unknown;
	columns: SessionRow;
}

/** Whether an item is a line of a list: it has a column `for`, and is neither a session nor a statement. */
export function isListItem(json: IDataObject): boolean {
	return !isRow(json) && !('statementId' in json) && Object.keys(json).some((name) => plain(name) === 'for');
}

/**
 * Reads the prices, caps and added columns, from the parameters and from items.
 *
 * @throws InputError for a line that cannot be read, with its place.
 */
export function ratesOf(
	{ values, timezone }: OutputContext,
	items: Array<{ json: IDataObject; place: number }>,
	currency: string | null,
): Rate[] {
	const list = (name: string, kind: string) =>
		((values[name] as Record<string, IDataObject[]> | undefined)?.[kind] ?? []).map((line) => ({ ...line }));
	const lines: Line[] = [
		...list('priceList', 'price').map((line, index) => asLine(line, index, 'Price List', 'price')),
		...list('capList', 'cap').map((line, index) => asLine(line, index, 'Cap List', 'cap')),
		...items.map(({ json, place }) => lineOfItem(json, place)),
	];
	const orders = dateOrdersOf(
		lines.map(({ from, until }) => ({ from, until })),
		['from', 'until'],
	);
	const rates = lines.map((line) => rateOf(line, timezone, currency, orders));
	rates.forEach((rate, index) => {
		const twin = rates.findIndex((other) => isTwin(rate, other));
		if (twin === index) return;
		throw new InputError(
			`"${lines[index].label}" has two ${rate.pricePerKwh === null ? 'caps' : 'prices'} from ${rate.firstDay || 'the beginning'} on${line(rate)}`,
			'Remove one of them, or correct its date.',
		);
	});
	return rates;
}

const line = (rate: Rate) =>
	rate.for.length === 0 ? '' : ` for ${rate.for.map(({ written }) => written).join(', ')}`;

function isTwin(one: Rate, other: Rate): boolean {
	const isBoth = (name: 'pricePerKwh' | 'capPerKwh') => one[name] !== null && other[name] !== null;
	return (
		one === other ||
		((isBoth('pricePerKwh') || isBoth('capPerKwh')) &&
			one.firstDay === other.firstDay &&
			line(one) === line(other))
	);
}

/** A line of the canvas. Its number is zero until it is filled in. */
function asLine(given: IDataObject, index: number, label: string, kind: 'price' | 'cap'): Line {
	const { for: whom, from, until, currency, perKwh } = given;
	if (readDecimal(perKwh) === 0) {
		throw new InputError(
			`Line ${index + 1} of "${label}" (${isEmpty(whom) ? 'everybody' : textIn(whom)}) has the ${kind} 0, so there would be nothing to pay`,
			`Fill in the ${kind}, or remove the line.`,
		);
	}
	const none = { price: null, cap: null };
	return { label, required: kind, for: whom, from, until, currency, ...none, [kind]: perKwh, columns: {} };
}

/** Columns of a line by their plain names, and those that tables have on their own. */
const COLUMNS = new Map<string, Exclude<keyof Line, 'label' | 'required' | 'columns'> | null>([
	['for', 'for'],
	['from', 'from'],
	['firstday', 'from'],
	['until', 'until'],
	['lastday', 'until'],
	['currency', 'currency'],
	['priceperkwh', 'price'],
	['capperkwh', 'cap'],
	['mostperkwh', 'cap'],
	['rownumber', null],
]);

function lineOfItem(json: IDataObject, place: number): Line {
	const made: Line = {
		label: `list, item ${place + 1}`,
		required: null,
		...{ for: null, from: null, until: null, currency: null, price: null, cap: null },
		columns: {},
	};
	for (const [name, value] of Object.entries(json)) {
		const known = COLUMNS.get(plain(name));
		if (known) made[known] = value;
		else if (known === undefined && ['string', 'number', 'boolean'].includes(typeof value) && value !== '')
			made.columns[name] = value as string;
	}
	return made;
}

/** `Price per kWh` and `price_per_kwh` are one column. */
function plain(name: string): string {
	return name.toLowerCase().replace(/[^a-z]/g, '');
}

function rateOf(given: Line, timezone: string, otherwise: string | null, orders: DateOrders): Rate {
	const { label } = given;
	const dayOf = (value: unknown, name: string) => {
		if (isEmpty(value)) return '';
		const isOfSheet = typeof value === 'number' || (typeof value === 'string' && !/^\s*\d{4}-/.test(value));
		const written = isOfSheet ? readWritten(value, orders, []) : undefined;
		if (written === 'ambiguous') {
			throw new InputError(
				`"${name}" in "${label}" is ${formatValue(value)}, which could have the day or the month first`,
				'Write the date as 2026-04-03.',
			);
		}
		if (written) return new Date(written.time).toISOString().slice(0, 10);
		return localDate(readDate(value, timezone, `${name}" in "${label}`).getTime(), timezone) ?? '';
	};
	const firstDay = dayOf(given.from, 'From');
	const lastDay = dayOf(given.until, 'Until');
	if (lastDay !== '' && lastDay < firstDay) {
		throw new InputError(
			`"${label}" has a line until ${lastDay}, which is before its first day ${firstDay}`,
			'Correct "From" or "Until".',
		);
	}
	const written = isEmpty(given.currency) ? otherwise : textIn(given.currency).trim().toUpperCase();
	const pricePerKwh = numberOf(given, 'price', written);
	const capPerKwh = numberOf(given, 'cap', written);
	const hasValue = pricePerKwh !== null || capPerKwh !== null;
	return {
		for: readSelectors(isEmpty(given.for) ? '' : textIn(given.for), 'For', SOURCES),
		firstDay,
		lastDay,
		currency: hasValue ? currencyOf(written, label) : null,
		pricePerKwh,
		capPerKwh,
		columns: given.columns,
	};
}

function currencyOf(written: string | null, label: string): string {
	if (written !== null && /^[A-Z]{3}$/.test(written)) return written;
	throw new InputError(
		`"Currency" in "${label}" must be an ISO 4217 code of three letters, but ${formatValue(written ?? '')} was given`,
		'Write the currency, for example EUR.',
	);
}

function numberOf(
	{ label, required, ...given }: Line,
	kind: 'price' | 'cap',
	currency: string | null,
): number | null {
	const value = given[kind];
	if (isEmpty(value) && required !== kind) return null;
	const number = readDecimal(value);
	const lowest = kind === 'cap' ? 0 : LOWEST_PRICE * 10 ** (2 - decimalsOf(currency));
	if (typeof number === 'number' && number >= lowest) return number;
	throw new InputError(
		`The ${kind} per kWh in "${label}" must be a number of at least ${lowest}, but ${formatValue(value ?? '')} was given`,
		`Correct the ${kind} in "${label}".`,
	);
}

function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** A value as text; one that is none as an error shows it. */
function textIn(value: unknown): string {
	return textOf(value) ?? formatValue(value);
}
