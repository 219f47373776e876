import type { IDataObject } from 'n8n-workflow';

import { readUtc } from '../shared/parameters/dates';
import type { Rule } from '../shared/parameters/rules';
import { propertyList } from '../shared/parameters/typedValues';
import { InputError } from '../shared/util/errors';
import { readDecimal, roundTo } from '../shared/util/numbers';
import { pathSegment } from '../shared/http/url';
import type { PlaceContext } from './added';
import { objectIn } from './operations';
import { placesOf, listOnce, unlessRefused } from './places';
import { endOf, type Added } from './records';

export const priceOptions = propertyList([
	{
		displayName: 'Price per kWh (Fixed)',
		name: 'fixedPricePerKwh',
		type: 'string',
		typeOptions: { minValue: 0, maxValue: 1000 },
		default: '',
		placeholder: 'e.g. 0.30',
		description: 'The price of each kWh where Prices is Fixed. Its currency is in the session settings.',
	},
	{
		displayName: 'Prices',
		name: 'prices',
		type: 'options',
		options: [
			{ name: 'Fixed', value: 'fixed', description: 'The same price for each kWh' },
			{ name: 'None', value: 'none', description: "No amounts, as the vendor's sessions have none" },
			{
				name: 'Public Charging Settings',
				value: 'public',
				description: 'The public price of each charger now. Takes one request per charger.',
			},
			{
				name: 'Reimbursement Links',
				value: 'reimbursement',
				description: 'The reimbursement rate of each charger now',
			},
		],
		default: 'none',
		description:
			'Where the amounts of rows and OCPI come from. The vendor keeps no earlier prices: a session that may have had another one gets a warning.',
		hint: 'The vendor keeps no earlier prices. With Public Charging Settings and Reimbursement Links, older sessions get the price of now, and a warning.',
	},
]);

export const priceRules: Rule[] = [
	({ values, labels }) => {
		const isFixed = values.prices === 'fixed';
		if (isFixed === (values.fixedPricePerKwh !== undefined)) return;
		throw new InputError(
			isFixed
				? '"Prices" is Fixed, but no price is given'
				: `"${labels.fixedPricePerKwh}" counts only where "Prices" is Fixed`,
			isFixed ? 'Add "Price per kWh (Fixed)" to the options.' : 'Set "Prices" to Fixed, or remove the price.',
		);
	},
];

/** The price of a charger: money in units of its currency, not in cents. */
interface Price {
	perKwh: number;
	startFee?: number;
	currency?: string;
	/** Whether a session may have had another price, and the code that says so. */
	warning?: (record: IDataObject) => string | undefined;
}

/** Adds prices to a page of sessions. */
export type AddPrices = (page: IDataObject[]) => Promise<IDataObject[]>;

/**
 * Returns the function that adds the picked prices to sessions.
 *
 * @param team The team whose reimbursement links count; all teams of the token if undefined.
 */
export async function pricesOf(call: PlaceContext, team: string | undefined): Promise<AddPrices> {
	const { prices, fixedPricePerKwh } = call.values;
	if (prices === 'fixed') {
		const price = { perKwh: fixedPricePerKwh as number };
		return async (page) => page.map((record) => withPrice(record, price));
	}
	if (prices === 'reimbursement') {
		const links = await reimbursementPrices(call, team);
		return async (page) => page.map((record) => withPrice(record, links.get(chargerOf(record))));
	}
	if (prices === 'public') {
		const known = new Map<string, Price | undefined>();
		return async (page) => {
			for (const charger of new Set(page.map(chargerOf))) {
				if (charger !== '' && !known.has(charger)) known.set(charger, await publicPrice(call, charger));
			}
			return page.map((record) => withPrice(record, known.get(chargerOf(record))));
		};
	}
	return async (page) => page;
}

function chargerOf({ charger }: IDataObject): string {
	return String((charger as IDataObject | undefined)?.uuid ?? '');
}

function withPrice(record: IDataObject, price: Price | undefined): IDataObject {
	if (!price) return record;
	const start = readDecimal(record.meter_start);
	const stop = readDecimal(record.meter_stop);
	const isMetered = typeof start === 'number' && typeof stop === 'number' && stop >= start;
	const kwh = isMetered ? roundTo((stop - start) / 1000, 3) : readDecimal(record.total_kwh);
	const { perKwh, startFee, currency, warning } = price;
	const amount = typeof kwh === 'number' ? roundTo(kwh * perKwh + (startFee ?? 0), 2) : null;
	const added: Added = {
		...(record.added as Added),
		price: { perKwh, startFee, currency, amount, warning: warning?.(record) },
	};
	return { ...record, added: added as IDataObject };
}

/** Vendors write money in cents. */
function inUnits(cents: unknown): number | undefined {
	const number = readDecimal(cents);
	return typeof number === 'number' ? roundTo(number / 100, 4) : undefined;
}

/** `GET /api/v3/teams/{team_uuid}/billing/reimbursement/links`: the rate of each charger now, by the UUID of the charger. */
async function reimbursementPrices(
	call: PlaceContext,
	team: string | undefined,
): Promise<Map<string, Price>> {
	const prices = new Map<string, Price>();
	const now = new Date(call.clock() ?? Date.now());
	const month = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
	const teams = team === undefined ? (await placesOf(call, 'team')).map(({ uuid }) => String(uuid)) : [team];
	for (const uuid of teams) {
		const path = `/api/v3/teams/${pathSegment(uuid, 'Team')}/billing/reimbursement/links`;
		const links = await unlessRefused(
			call,
			async () => await listOnce(call, path),
			`The access token may not read the reimbursement links of the team ${uuid}. Its sessions have no amounts.`,
		);
		for (const link of links ?? []) {
			const perKwh = inUnits(link.rate_per_kwh);
			const charger = chargerOf(link);
			if (link.status !== 'active' || perKwh === undefined || charger === '') continue;
			const since = Math.max(readUtc(link.activated_at) ?? Infinity, month);
			const isOlder = ({ started_at }: IDataObject) => (readUtc(started_at) ?? -Infinity) < since;
			const warning = (record: IDataObject) => (isOlder(record) ? 'reimbursement-price-of-today' : undefined);
			prices.set(charger, { perKwh, currency: String(link.currency ?? ''), warning });
		}
	}
	return prices;
}

/** `GET /api/v3/chargers/{charger_uuid}/settings/public-charging`: the price for the public now. */
async function publicPrice(call: PlaceContext, charger: string): Promise<Price | undefined> {
	const path = `/api/v3/chargers/${pathSegment(charger, 'Charger')}/settings/public-charging`;
	const read = async () => objectIn(await call.getJson({ path, query: {}, body: {} }));
	const settings = await unlessRefused(
		call,
		async () => await (call.once?.(path, read) ?? read()),
		`The access token may not read the public charging settings of the charger ${charger}. Its sessions have no amounts.`,
	);
	const perKwh = inUnits(settings?.price_per_kwh);
	if (settings?.enabled !== true || perKwh === undefined) return undefined;
	const now = new Date(call.clock() ?? Date.now());
	const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
	return {
		perKwh,
		startFee: inUnits(settings.start_fee),
		currency: String(settings.currency ?? ''),
		warning: (record) => ((endOf(record) ?? Infinity) < today ? 'public-price-of-today' : undefined),
	};
}
