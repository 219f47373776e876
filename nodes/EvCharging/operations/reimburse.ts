import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { InputError, formatValue } from '../../shared/util/errors';
import type { OutputContext } from '../../shared/node/outputFormatter';
import { notice } from '../../shared/parameters/notice';
import { propertyList, type ValuesOf } from '../../shared/parameters/typedValues';
import { readDecimal } from '../../shared/util/numbers';
import { compareWithPaid, paidElsewhere, type PaidStatement } from '../../shared/reports/paidBefore';
import {
	NOT_TO_PAY,
	reimburse as reimburseRows,
	type LeftOut,
	type Rate,
	type ReimbursementSettings,
} from '../../shared/reports/reimbursement';
import { cardOf, readSelectors, SITE_KINDS, type Selector } from '../../shared/reports/selectors';
import { textOf } from '../../shared/session/cells';
import { isRow } from '../../shared/session/readRow';
import { hintAtEmpty, hintAtMissing } from '../columnHints';
import { moneySettings, type SessionsContext, type SessionsOperation } from '../operation';
import { capList, isListItem, priceList, ratesOf, SOURCES } from '../rates';
import { addHints, addHintsOnPaid, askedBy, listed, namedSites, withoutMasks } from '../reimburseHints';
import { counted, recordKind, sessionsOf } from '../sessions';

const fromSettings = { show: { priceFrom: ['fixed', 'list'] } };

const properties = propertyList([
	recordKind,
	{
		displayName: 'Statement Per',
		name: 'statementPer',
		type: 'options',
		options: [
			{ name: 'Charger and Month', value: 'charger' },
			{ name: 'Driver and Month', value: 'driver' },
			{ name: 'ID Tag and Month', value: 'card', description: 'Two ID tags of one driver stay apart' },
		],
		default: 'driver',
		description: 'Whom a statement is for. A driver is identified by ID, else by ID tag, else by contract.',
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
				description:
					'As the vendor marks locations, where it does. The mark may mean a refund of electricity tax.',
			},
		],
		default: 'listed',
		description: 'Which sessions to pay back. The others are counted in leftOut.',
	},
	notice(
		'markedNotice',
		'A mark for refunds may mean electricity tax, also at business sites: ask the vendor before you pay by it.',
		{ show: { sites: ['marked'] } },
	),
	{
		displayName: 'Site IDs',
		name: 'siteIds',
		type: 'string',
		required: true,
		displayOptions: { show: { sites: ['listed'] } },
		default: '',
		placeholder: 'e.g. location:1766, spirii:charger:4021',
		description:
			'Write the kind before each ID, such as location:1766. A bare ID counts only if it fits exactly one site.',
		hint: 'Where to find them: the columns locationId, chargerId and evseId of the sessions',
	},
	{
		displayName: 'Price From',
		name: 'priceFrom',
		type: 'options',
		options: [
			{
				name: 'Energy Cost (Record)',
				value: 'energyCost',
				description: 'What the energy of each session cost the owner, where the vendor says it',
			},
			{ name: 'Fixed Price', value: 'fixed', description: 'One price per kWh for all sessions' },
			{
				name: 'Price List',
				value: 'list',
				description: 'Prices per kWh for a driver, ID tag, site or region, and for a time',
			},
			{ name: 'Record', value: 'record', description: 'What each session cost, with VAT' },
		],
		default: 'fixed',
		description: 'Where the price of a session comes from',
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
		hint: 'One price for everybody. For a price per driver, ID tag, site or month, set Price From to Price List.',
	},
	priceList,
	{
		displayName: 'Price Currency',
		name: 'priceCurrency',
		type: 'string',
		required: true,
		displayOptions: fromSettings,
		default: '',
		placeholder: 'e.g. EUR',
		description: 'Currency of the price, as ISO 4217 code',
	},
	moneySettings,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			capList,
			{
				displayName: 'Doubtful Sessions',
				name: 'doubtfulSessions',
				type: 'options',
				options: [
					{ name: 'Leave Out', value: 'leaveOut' },
					{ name: 'Pay', value: 'pay' },
				],
				default: 'leaveOut',
				description:
					'What to do with sessions that contradict themselves in energy or time, or overlap with another',
			},
			{
				displayName: 'Energy From',
				name: 'energyFrom',
				type: 'options',
				options: [
					{
						name: 'Meter',
						value: 'meter',
						description:
							'Meter stop less meter start; the energy of the record if one of the two is not known',
					},
					{ name: 'Record', value: 'record', description: 'The energy that the vendor gives' },
					{ name: 'The Smaller', value: 'smaller', description: 'The smaller of the two' },
				],
				default: 'meter',
				description: 'Which kWh to pay for',
			},
			{
				displayName: 'ID Tags to Pay For',
				name: 'idTags',
				type: 'string',
				default: '',
				placeholder: 'e.g. 04AABBCCDD, 04:11:22:33',
				description:
					'Separated by commas. Sessions with another tag or none are left out. Capitals and separators make no difference, leading zeros do.',
			},
			{
				displayName: 'Include Sessions',
				name: 'includeSessions',
				type: 'boolean',
				default: false,
				description:
					'Whether to add the sessions of each statement, with meter, energy, warnings and why one was left out',
			},
			{
				displayName: 'Leave Out Empty Statements',
				name: 'leaveOutEmpty',
				type: 'boolean',
				default: false,
				description:
					'Whether to leave out statements that have only sessions at other sites, with other ID tags or still running. One with a session that is left out for another reason stays, since somebody may wait for the money.',
			},
			{
				displayName: 'Rounding',
				name: 'rounding',
				type: 'options',
				options: [
					{ name: 'Down', value: 'down', description: 'To the next lower cent' },
					{ name: 'Half to Even', value: 'halfEven', description: '4.125 is 4.12, and 4.135 is 4.14' },
					{ name: 'Half Up', value: 'halfUp', description: '4.125 is 4.13, as in Excel and payroll' },
				],
				default: 'halfUp',
				description: 'How to round the amount of a statement, once',
			},
			{
				displayName: 'Sessions Marked as Invalid',
				name: 'invalidSessions',
				type: 'options',
				options: [
					{ name: 'Leave Out', value: 'leaveOut' },
					{ name: 'Pay', value: 'pay' },
				],
				default: 'leaveOut',
				description: 'What to do with sessions that the vendor marks as not valid',
			},
			{
				displayName: 'VAT Rate in Price (%)',
				name: 'priceVatRate',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 100 },
				default: 0,
				description: 'Adds the amount without this VAT, and the VAT, to each statement',
			},
		],
	},
]);

const WHERE_PRICES_DIFFER =
	'Set "Price From" to Price List where the price depends on the day, the driver, the ID tag or the site, or to Record where each session has its own. Otherwise split the items before, with a Filter for each price.';

/** Writes statements for the reimbursement of home charging. Each statement is one item, paired with the items of its sessions. */
export const reimburse: SessionsOperation = {
	value: 'reimburse',
	name: 'Reimburse',
	action: 'Reimburse home charging',
	description:
		'Write a monthly statement per driver, charger or ID tag: what to pay back for charging at home',
	properties,
	adviceOnDifference: Object.fromEntries(
		['pricePerKwh', 'priceList', 'priceCurrency', 'capList'].map((name) => [name, WHERE_PRICES_DIFFER]),
	),
	run: ({ items, forAll, hint }) => {
		const given = forAll();
		const { values } = given;
		const input = sorted(items);
		const rates = pricesOf(given, input.list, hint);
		const settings = { ...settingsOf(values), rates };
		checkColumns(rates, settings);
		const paid = input.paid.map(({ json }) => paidStatementOf(json));
		const { rows, itemIndexes } = sessionsOf(
			input.sessions.map(({ item }) => item),
			given,
			hint,
		);
		hintAtMissing(
			input.sessions.map(({ item }) => item),
			PAID_BY,
			hint,
		);
		hintAtEmpty(
			input.sessions.map(({ item }) => item),
			rows.map(withoutMasks),
			askedBy(settings, rows),
			hint,
		);
		settings.sites = namedSites(settings.sites, rows, hint);
		const made = reimburseRows(rows, settings);
		addHints(rows, made, settings, hint);
		const compared =
			paid.length > 0
				? compareWithPaid(made.statements, paid)
				: made.statements.map((current) => ({ statement: current.statement, current, earlier: [] }));
		addHintsOnPaid(compared, hint);
		if (made.taken.length > 0) {
			const taken = [...new Set(made.taken.map((one) => `${formatValue(one.written)} as ${one.taken}`))];
			hint(
				`IDs without their kind are taken for what this input has of them: ${listed(taken)}. Write them so, since another input may have other ones.`,
			);
		}
		const { count, months, sums } = paidElsewhere(made.statements, paid);
		if (count > 0) {
			hint(
				`${counted(count, 'earlier statement is', 'earlier statements are')} of months in which the input has no session (${listed(months)}): ${sums.join(' and ')} paid before, in no difference. If their sessions are gone or are in another month now, take this back.`,
			);
		}
		const wanted = compared.filter(
			({ statement, current }) =>
				(statement.difference ?? 0) !== 0 ||
				current?.sessions.some(({ leftOut }) => !NOT_TO_PAY.includes(leftOut as LeftOut)),
		);
		const empty = compared.length - wanted.length;
		if (!values.leaveOutEmpty && wanted.length > 0 && empty > wanted.length) {
			hint(
				`${empty} of ${compared.length} statements have only sessions at other sites, with other ID tags or still running. Add the option "Leave Out Empty Statements" to see only the others.`,
			);
		}
		return (values.leaveOutEmpty ? wanted : compared).map(
			({ statement, current, earlier }): INodeExecutionData => ({
				json: values.includeSessions ? { ...statement, sessionList: current?.sessions ?? [] } : statement,
				pairedItem: [
					...(current?.members ?? []).map((index) => input.sessions[itemIndexes[index]].place),
					...earlier.map((index) => input.paid[index].place),
				].map((item) => ({ item })),
			}),
		);
	},
};

/** The columns that statements are made of, besides those of the driver. */
const PAID_BY =
	'startedAt endedAt energyKwh currency status localDate locationId chargerId evseId country city meterStartKwh meterStopKwh'.split(
		' ',
	);

interface Placed {
	item: INodeExecutionData;
	json: IDataObject;
	/** Index of the item in the input. */
	place: number;
}

/** The input by its three kinds: sessions, lines of a list, and statements of earlier runs. */
function sorted(items: INodeExecutionData[]): Record<'sessions' | 'list' | 'paid', Placed[]> {
	const input: ReturnType<typeof sorted> = { sessions: [], list: [], paid: [] };
	items.forEach((item, place) => {
		const { json } = item;
		const isPaid = 'statementId' in json && 'amount' in json && !isRow(json);
		input[isPaid ? 'paid' : isListItem(json) ? 'list' : 'sessions'].push({ item, json, place });
	});
	return input;
}

function settingsOf(values: OutputContext['values']): Omit<ReimbursementSettings, 'rates'> {
	const { statementPer, energyFrom, rounding, priceFrom } = values;
	const { priceVatRate: vatRatePct = null } = values as Partial<ValuesOf<typeof properties>>;
	if (vatRatePct === 0) {
		throw new InputError(
			'"VAT Rate in Price (%)" is 0',
			'Enter the rate, for example 21, or remove the option where the price has no VAT.',
		);
	}
	return {
		per: statementPer === 'charger' || statementPer === 'card' ? statementPer : 'driver',
		priceFrom: priceFrom === 'record' ? 'amountInclVat' : priceFrom === 'energyCost' ? 'energyCost' : 'rates',
		sites: sitesOf(values),
		cards: cardsOf(values.idTags),
		energyFrom: energyFrom === 'record' || energyFrom === 'smaller' ? energyFrom : 'meter',
		paysDoubtful: values.doubtfulSessions === 'pay',
		paysInvalid: values.invalidSessions === 'pay',
		rounding: rounding === 'down' || rounding === 'halfEven' ? rounding : 'halfUp',
		vatRatePct,
	};
}

/** Columns that a list adds must not be those of a statement. */
function checkColumns(rates: Rate[], settings: ReimbursementSettings): void {
	const added = rates.flatMap(({ columns }) => Object.keys(columns));
	if (added.length === 0) return;
	// The columns of any statement, and of one that is compared with an earlier one.
	const [{ statement }] = reimburseRows([{}], { ...settings, rates: [] }).statements;
	const own = [...Object.keys(statement), 'paidBefore', 'difference', 'change', 'sessionList'];
	const taken = added.find((name) => own.includes(name));
	if (taken === undefined) return;
	throw new InputError(
		`The list has a column ${formatValue(taken)}, and so has each statement`,
		'Rename the column in the list, for example to "payroll number", or remove it.',
	);
}

function paidStatementOf(json: IDataObject): PaidStatement {
	const statementId = textOf(json.statementId) ?? formatValue(json.statementId);
	const amount = readDecimal(json.amount);
	if (typeof amount === 'number') return { statementId, amount, stored: json };
	throw new InputError(
		`The earlier statement ${formatValue(statementId)} has the amount ${formatValue(json.amount)}, which is no number`,
		'Give the earlier statements with "statementId" and "amount" as they were written.',
	);
}

function sitesOf({ sites, siteIds }: OutputContext['values']): ReimbursementSettings['sites'] {
	if (sites === 'all' || sites === 'marked') return sites;
	const selectors: Selector[] = readSelectors(String(siteIds ?? ''), 'Site IDs', SOURCES, SITE_KINDS);
	if (selectors.length > 0) return selectors;
	throw new InputError(
		'"Site IDs" names no site',
		'Write the IDs of locations, chargers or EVSEs, separated by commas.',
	);
}

function cardsOf(idTags: unknown): Set<string> | null {
	if (idTags === undefined) return null;
	const cards = String(idTags as string)
		.split(',')
		.map((card) => cardOf(card))
		.filter((card) => card !== null);
	if (cards.length > 0) return new Set(cards);
	throw new InputError(
		'"ID Tags to Pay For" names no ID tag',
		'Write the IDs of the tags, separated by commas, or remove the option.',
	);
}

/** The prices, caps and columns of the settings and of the list in the input. */
function pricesOf(given: OutputContext, list: Placed[], hint: SessionsContext['hint']): Rate[] {
	const { values } = given;
	const isOwn = values.priceFrom === 'record' || values.priceFrom === 'energyCost';
	const currency = isOwn ? null : currencyOf(values.priceCurrency);
	const rates = ratesOf(given, list, currency);
	if (values.priceFrom === 'list') {
		if (rates.some(({ pricePerKwh }) => pricePerKwh !== null)) return rates;
		throw new InputError(
			'"Price List" has no price',
			'Add a price with the day from which it counts. Prices can also come as items with the columns "for" and "pricePerKwh".',
		);
	}
	if (rates.some(({ pricePerKwh }) => pricePerKwh !== null)) {
		hint('The prices of the list are not used. Set "Price From" to Price List to use them.');
	}
	const others = rates.map((rate) => ({ ...rate, pricePerKwh: null }));
	if (isOwn) return others;
	const perKwh = values.pricePerKwh as number;
	if (perKwh === 0) {
		throw new InputError(
			'"Price per kWh" is 0, so there would be nothing to pay',
			'Set "Price per kWh", for example to 0.34.',
		);
	}
	const fixed = { for: [], firstDay: '', lastDay: '', currency, capPerKwh: null, columns: {} };
	return [...others, { ...fixed, pricePerKwh: perKwh }];
}

function currencyOf(given: unknown): string {
	const currency = String(given).toUpperCase();
	if (/^[A-Z]{3}$/.test(currency)) return currency;
	throw new InputError(
		`"Price Currency" must be an ISO 4217 code of three letters, but ${formatValue(given)} was given`,
		'Correct "Price Currency", for example to EUR.',
	);
}
