import type { INodeProperties } from 'n8n-workflow';

import { InputError, shown } from '../../shared/errors';
import { sessionSettings } from '../../shared/node/output';
import type { Given } from '../../shared/node/writer';
import { readDate } from '../../shared/request/dates';
import { localDate } from '../../shared/session/localDate';
import { readDecimal } from '../../shared/session/numbers';
import {
	reimburse as reimburseRows,
	type PriceRule,
	type ReimbursementSettings,
} from '../../shared/session/reimbursement';
import { always, type Operation } from '../operation';
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
		description: 'Whose statements to write. A driver is known by ID, else by ID tag.',
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
		typeOptions: { minValue: 0, maxValue: 1000, numberPrecision: 6 },
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
						typeOptions: { minValue: 0, numberPrecision: 6 },
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
	always(sessionSettings),
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
		],
	},
];

/** Statements of what to pay back for charging at home: one item each, paired with the items of its sessions. */
export const reimburse: Operation = {
	value: 'reimburse',
	name: 'Reimburse',
	action: 'Reimburse home charging',
	description: 'Write a monthly statement per driver or charger of what to pay back for charging at home',
	properties,
	run: ({ items, hint, ...given }) => {
		const { values } = given;
		const settings: ReimbursementSettings = {
			per: values.statementPer === 'charger' ? 'charger' : 'driver',
			price: priceRuleOf(given),
			sites: sitesOf(values),
		};
		const { rows, places } = sessionsOf(items, given, hint);
		const isWithoutOwner = rows.every(
			({ driverId, tokenUid, contractId }) => !driverId && !tokenUid && !contractId,
		);
		if (settings.per === 'driver' && rows.length > 0 && isWithoutOwner) {
			hint(
				'No session says whose it is. Set "Driver Data" in the node that reads the sessions, or write statements per charger.',
			);
		}
		return reimburseRows(rows, settings).map(({ statement, members, sessions }) => ({
			json: values.includeSessions ? { ...statement, sessionList: sessions } : statement,
			pairedItem: members.map((index) => ({ item: places[index] })),
		}));
	},
};

function sitesOf({ sites, siteIds }: Given['values']): ReimbursementSettings['sites'] {
	if (sites === 'all' || sites === 'marked') return sites;
	const ids = String(siteIds ?? '')
		.split(',')
		.map((id) => id.trim())
		.filter((id) => id !== '');
	return new Set(ids);
}

function priceRuleOf({ values, timezone }: Given): PriceRule {
	if (values.priceFrom === 'record') return { from: 'record' };
	const currency = String(values.priceCurrency ?? 'EUR').toUpperCase();
	if (!/^[A-Z]{3}$/.test(currency)) {
		throw new InputError(
			`"Price Currency" must be an ISO 4217 code of three letters, but ${shown(values.priceCurrency)} was given`,
			'Correct "Price Currency", for example to EUR.',
		);
	}
	const prices =
		values.priceFrom === 'list'
			? pricesOf(values.priceList, timezone)
			: [{ firstDay: '', perKwh: values.pricePerKwh as number }];
	return { from: 'settings', currency, prices };
}

function pricesOf(given: unknown, timezone: string): Array<{ firstDay: string; perKwh: number }> {
	const { price: entries = [] } = (given ?? {}) as { price?: Array<{ from?: unknown; perKwh?: unknown }> };
	if (entries.length === 0) {
		throw new InputError('"Price List" has no price', 'Add a price with the day from which it counts.');
	}
	return entries
		.map(({ from, perKwh }) => {
			const price = readDecimal(perKwh);
			if (typeof price !== 'number' || price < 0) {
				throw new InputError(
					`"Price per kWh" in the price list must be a number of at least 0, but ${shown(perKwh)} was given`,
					'Correct the price.',
				);
			}
			const firstDay = localDate(readDate(from, timezone, 'From').getTime(), timezone) ?? '';
			return { firstDay, perKwh: price };
		})
		.sort((one, other) => (one.firstDay < other.firstDay ? -1 : 1));
}
