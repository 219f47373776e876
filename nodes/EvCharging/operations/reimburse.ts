import type { INodeProperties } from 'n8n-workflow';

import { InputError, formatValue } from '../../shared/util/errors';
import type { OutputContext } from '../../shared/node/outputFormatter';
import { readDate } from '../../shared/parameters/dates';
import { localDate } from '../../shared/session/localDate';
import { readDecimal } from '../../shared/util/numbers';
import {
	reimburse as reimburseRows,
	type PriceRule,
	type ReimbursementSettings,
	type Statement,
} from '../../shared/reports/reimbursement';
import type { SessionRow } from '../../shared/session/types';
import { moneySettings, type SessionsContext, type SessionsOperation } from '../operation';
import { recordKind, sessionsOf } from '../sessions';

const fromSettings = { show: { priceFrom: ['fixed', 'list'] } };

const properties: INodeProperties[] = [
	recordKind,
	{
		displayName: 'Statement Per',
		name: 'statementPer',
		type: 'options',
		options: [
			{ name: 'Charger and Month', value: 'charger' },
			{ name: 'Driver and Month', value: 'driver' },
		],
		default: 'driver',
		description: 'Whose statements to write. A driver is known by ID, else by ID tag, else by contract.',
	},
	{
		displayName: 'Sites to Pay For',
		name: 'sites',
		type: 'options',
		options: [
			{ name: 'All Sites', value: 'all', description: 'Public charging included' },
			{ name: 'Listed Sites', value: 'listed', description: 'The locations and chargers at home' },
			{
				name: 'Sites Marked for Refunds',
				value: 'marked',
				description: 'As the vendor marks locations, where it does',
			},
		],
		default: 'listed',
		description: 'Which sessions to pay back. The others are counted in leftOut.',
	},
	{
		displayName: 'Site IDs',
		name: 'siteIds',
		type: 'string',
		required: true,
		displayOptions: { show: { sites: ['listed'] } },
		default: '',
		placeholder: 'e.g. 1766, 4021',
		description: 'IDs of locations, chargers or EVSEs, separated by commas',
	},
	{
		displayName: 'Price From',
		name: 'priceFrom',
		type: 'options',
		options: [
			{ name: 'Fixed Price', value: 'fixed', description: 'One price for all sessions' },
			{ name: 'Price List', value: 'list', description: 'Prices that begin at a date each' },
			{ name: 'Record', value: 'record', description: 'The price per kWh of each session, with VAT' },
		],
		default: 'fixed',
		description: 'What a kWh is worth',
	},
	{
		displayName: 'Price per kWh',
		name: 'pricePerKwh',
		type: 'number',
		required: true,
		displayOptions: { show: { priceFrom: ['fixed'] } },
		typeOptions: { minValue: 0 },
		default: 0,
		description: 'In units of the currency, such as 0.34',
	},
	{
		displayName: 'Price List',
		name: 'priceList',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Price',
		displayOptions: { show: { priceFrom: ['list'] } },
		default: {},
		description: 'A session has the price of the day it is billed on',
		options: [
			{
				displayName: 'Price',
				name: 'price',
				values: [
					{
						displayName: 'From',
						name: 'from',
						type: 'dateTime',
						default: '',
						description: 'First day of the price',
					},
					{
						displayName: 'Price per kWh',
						name: 'perKwh',
						type: 'number',
						typeOptions: { minValue: 0 },
						default: 0,
						description: 'In units of the currency, such as 0.34',
					},
				],
			},
		],
	},
	{
		displayName: 'Price Currency',
		name: 'priceCurrency',
		type: 'string',
		required: true,
		displayOptions: fromSettings,
		default: 'EUR',
		description: 'Currency of the price, as ISO 4217 code',
	},
	moneySettings,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			{
				displayName: 'Include Sessions',
				name: 'includeSessions',
				type: 'boolean',
				default: false,
				description:
					'Whether to add the sessions of each statement, with meter, energy and why one was left out',
			},
			{
				displayName: 'Leave Out Empty Statements',
				name: 'leaveOutEmpty',
				type: 'boolean',
				default: false,
				description: 'Whether to leave out statements without a session to pay for',
			},
		],
	},
];

const WHERE_PRICES_DIFFER =
	'Set "Price From" to Price List where the price changes with the day, or to Record where each session has its own. Otherwise split the items before, with a Filter for each price.';

/** Writes statements for the reimbursement of home charging. Each statement is one item, paired with the items of its sessions. */
export const reimburse: SessionsOperation = {
	value: 'reimburse',
	name: 'Reimburse',
	action: 'Reimburse home charging',
	description: 'Write a monthly statement per driver or charger of what to pay back for charging at home',
	properties,
	adviceOnDifference: Object.fromEntries(
		['pricePerKwh', 'priceList', 'priceCurrency'].map((name) => [name, WHERE_PRICES_DIFFER]),
	),
	run: ({ items, forAll, hint }) => {
		const given = forAll();
		const { values } = given;
		const settings: ReimbursementSettings = {
			per: values.statementPer === 'charger' ? 'charger' : 'driver',
			price: priceRuleOf(given),
			sites: sitesOf(values),
		};
		const { rows, itemIndexes } = sessionsOf(items, given, hint);
		const statements = reimburseRows(rows, settings);
		addHints(rows, statements, settings, hint);
		const isWanted = ({ statement }: Statement) => !values.leaveOutEmpty || statement.sessions !== 0;
		return statements.filter(isWanted).map(({ statement, members, sessions }) => ({
			json: values.includeSessions ? { ...statement, sessionList: sessions } : statement,
			pairedItem: members.map((index) => ({ item: itemIndexes[index] })),
		}));
	},
};

function addHints(
	rows: SessionRow[],
	statements: Statement[],
	{ per, sites }: ReimbursementSettings,
	hint: SessionsContext['hint'],
): void {
	if (rows.length === 0) return;
	if (per === 'driver' && statements.every(({ statement }) => statement.driver === null)) {
		hint(
			'No session says whose it is. Set "Driver Data" to "As It Is" or "Hashed" in the node that reads the sessions, or write statements per charger.',
		);
	}
	const isPaid = statements.some(({ statement }) => statement.sessions !== 0);
	const isElsewhere = ({ leftOut }: SessionRow) => leftOut === 'other-site';
	if (sites !== 'all' && !isPaid && statements.some(({ sessions }) => sessions.some(isElsewhere))) {
		hint('No session was at one of the sites to pay for. Check "Site IDs" and "Sites to Pay For".');
	}
}

function sitesOf({ sites, siteIds }: OutputContext['values']): ReimbursementSettings['sites'] {
	if (sites === 'all' || sites === 'marked') return sites;
	const ids = String(siteIds ?? '')
		.split(',')
		.map((id) => id.trim())
		.filter((id) => id !== '');
	if (ids.length > 0) return new Set(ids);
	throw new InputError(
		'"Site IDs" names no site',
		'Write the IDs of locations, chargers or EVSEs, separated by commas.',
	);
}

function priceRuleOf({ values, timezone }: OutputContext): PriceRule {
	if (values.priceFrom === 'record') return { from: 'record' };
	const currency = String(values.priceCurrency).toUpperCase();
	if (!/^[A-Z]{3}$/.test(currency)) {
		throw new InputError(
			`"Price Currency" must be an ISO 4217 code of three letters, but ${formatValue(values.priceCurrency)} was given`,
			'Correct "Price Currency", for example to EUR.',
		);
	}
	if (values.priceFrom === 'list') {
		return { from: 'settings', currency, prices: pricesOf(values.priceList, timezone) };
	}
	const perKwh = values.pricePerKwh as number;
	if (perKwh === 0) {
		throw new InputError('"Price per kWh" is 0, so there would be nothing to pay', 'Set the price.');
	}
	return { from: 'settings', currency, prices: [{ firstDay: '', perKwh }] };
}

function pricesOf(given: unknown, timezone: string): Array<{ firstDay: string; perKwh: number }> {
	const { price: entries = [] } = (given ?? {}) as { price?: Array<{ from?: unknown; perKwh?: unknown }> };
	if (entries.length === 0) {
		throw new InputError('"Price List" has no price', 'Add a price with the day from which it counts.');
	}
	const prices = entries
		.map(({ from, perKwh }) => {
			const price = readDecimal(perKwh);
			if (typeof price !== 'number' || price < 0) {
				throw new InputError(
					`"Price per kWh" in the price list must be a number of at least 0, but ${formatValue(perKwh)} was given`,
					'Correct the price.',
				);
			}
			const firstDay = localDate(readDate(from, timezone, 'From').getTime(), timezone) ?? '';
			return { firstDay, perKwh: price };
		})
		.sort((one, other) => (one.firstDay < other.firstDay ? -1 : 1));
	const twice = prices.find(({ firstDay }, index) => firstDay === prices[index + 1]?.firstDay);
	if (!twice) return prices;
	throw new InputError(
		`"Price List" has two prices from ${twice.firstDay} on`,
		'Remove one of them, or correct its date.',
	);
}
