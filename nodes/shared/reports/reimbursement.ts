import { DecimalSum, decimalsOf } from '../util/decimal';
import { summarize } from './summary';
import type { Cell, SessionRow } from '../session/types';

/** Source of the price per kWh. Prices in the settings include all tax that is paid back. */
export type PriceRule =
	| { from: 'record' }
	/** Sorted by the first day, `2026-01-31`. A price with an empty first day has no beginning. */
	| { from: 'settings'; currency: string; prices: Array<{ firstDay: string; perKwh: number }> };

export interface ReimbursementSettings {
	/** Whether each driver or each charger gets a statement. */
	per: 'driver' | 'charger';
	price: PriceRule;
	/** Sites to pay for: all, those that the vendor marks for refunds, or the ids of locations, chargers and EVSEs. */
	sites: 'all' | 'marked' | Set<string>;
}

/** Reasons to leave a session out of the sum of its statement. The codes are stable. */
export const LEFT_OUT = {
	running: 'The session has not ended',
	'other-site': 'The site is not one to pay for',
	'no-energy': 'The session has no energy, or none is known',
	'no-owner': 'It is not known whose session it is; a masked driver could be several',
	'no-month': 'It is not known when the session was',
	'no-price': 'No price is known for the session, or for its day',
	'no-currency': 'No currency is known for the price',
} as const;

export type LeftOut = keyof typeof LEFT_OUT;

/** One statement and its sessions. */
export interface Statement {
	statement: SessionRow;
	/** Indexes of its rows in the input, including those that are left out. */
	members: number[];
	sessions: SessionRow[];
}

interface Entry {
	row: SessionRow;
	index: number;
	owner: string | null;
	price: number | null;
	currency: string | null;
	leftOut: LeftOut | null;
}

/**
 * Creates the statements for the reimbursement of charging at home: one per driver or charger, month and currency. If prices
 * come from the settings, there is one per price, so that energy times price is the amount.
 *
 * A session that is not paid for is listed with the reason in the statement of its owner and month. So every session of the
 * input is in exactly one statement.
 *
 * @param rows With the driver columns, and with `reimbursable` for the marked sites.
 */
export function reimburse(rows: SessionRow[], settings: ReimbursementSettings): Statement[] {
	const entries = rows.map((row, index) => entryOf(row, index, settings));
	const owners = groupBy(entries, ({ owner, row }) => [
		row.billingMonth,
		owner,
		settings.per === 'charger' ? row.source : null,
	]);
	return owners.flatMap((owned) => {
		const paid = owned.filter(({ leftOut }) => leftOut === null);
		const left = owned.filter(({ leftOut }) => leftOut !== null);
		const isByPrice = settings.price.from === 'settings';
		const parts = groupBy(paid, ({ currency, price }) => [currency, isByPrice ? price : null]);
		const firstOf = (part: Entry[]) => part.map(({ row }) => String(row.localDate)).sort()[0];
		if (isByPrice) parts.sort((one, other) => (firstOf(one) < firstOf(other) ? -1 : 1));
		// Sessions that are left out are in the first statement, or in one of their own if no session is paid for.
		return (parts.length > 0 ? parts : [[]]).map((part, index) =>
			statementOf(part, index === 0 ? left : [], settings),
		);
	});
}

function entryOf(row: SessionRow, index: number, { per, price: rule, sites }: ReimbursementSettings): Entry {
	const owner =
		per === 'driver'
			? [row.driverId, row.tokenUid, row.contractId].find(
					(id) => id !== null && !String(id).startsWith('****'),
				)
			: (row.chargerId ?? row.evseId);
	const price = rule.from === 'record' ? row.pricePerKwh : priceOn(row.localDate, rule.prices);
	const currency = rule.from === 'record' ? row.currency : rule.currency;
	const isPaidSite =
		sites === 'all' ||
		(sites === 'marked'
			? row.reimbursable === true
			: [row.locationId, row.chargerId, row.evseId].some((id) => id !== null && sites.has(String(id))));
	const reasons: Array<[LeftOut, boolean]> = [
		['running', row.status !== 'completed'],
		['other-site', !isPaidSite],
		['no-energy', typeof row.energyKwh !== 'number' || row.energyKwh <= 0],
		['no-owner', owner === null || owner === undefined],
		['no-month', typeof row.billingMonth !== 'string'],
		['no-price', typeof price !== 'number'],
		['no-currency', typeof currency !== 'string'],
	];
	return {
		row,
		index,
		owner: owner === null || owner === undefined ? null : String(owner),
		price: price as number | null,
		currency: currency as string | null,
		leftOut: reasons.find(([, applies]) => applies)?.[0] ?? null,
	};
}

/** The price of the last entry whose first day is not after the given day. */
function priceOn(day: Cell, prices: Array<{ firstDay: string; perKwh: number }>): number | null {
	if (typeof day !== 'string') return null;
	let found: number | null = null;
	for (const { firstDay, perKwh } of prices) {
		if (firstDay <= day) found = perKwh;
	}
	return found;
}

function statementOf(paid: Entry[], left: Entry[], settings: ReimbursementSettings): Statement {
	const [{ row: sample, owner }] = [...paid, ...left];
	const startOf = ({ row }: Entry) => String(row.startedAt ?? row.endedAt ?? '');
	const sorted = [...paid].sort((one, other) =>
		startOf(one) < startOf(other) ? -1 : startOf(one) > startOf(other) ? 1 : 0,
	);
	const [totals] = summarize(
		sorted.map(({ row }) => ({ ...row, currency: null, vatRatePct: null })),
		[],
	).map((summary) => summary.totals);
	const prices = new Set(paid.map(({ price }) => price));
	const currency = paid[0]?.currency ?? null;
	const amount = new DecimalSum();
	for (const { row, price } of paid) amount.addProduct(row.energyKwh as number, price!);
	const who: SessionRow =
		settings.per === 'driver'
			? { driver: owner, driverName: sample.driverName ?? sample.tokenLabel ?? null }
			: { charger: owner, locationName: sample.locationName };
	return {
		statement: {
			billingMonth: sample.billingMonth,
			...who,
			sessions: paid.length,
			firstStartedAt: totals?.firstStartedAt ?? null,
			lastEndedAt: totals?.lastEndedAt ?? null,
			...metersOf(sorted, (totals?.energyKwh ?? 0) as number),
			energyKwh: totals?.energyKwh ?? 0,
			pricePerKwh: prices.size === 1 ? [...prices][0] : null,
			amount: amount.rounded(decimalsOf(currency)),
			currency,
			leftOut: left.length,
			leftOutReasons: reasonsOf(left),
		},
		members: [...paid, ...left].map(({ index }) => index),
		sessions: [...sorted, ...left].map(({ row, price, leftOut }) => ({
			sessionKey: row.sessionKey,
			startedAt: row.startedAt,
			endedAt: row.endedAt,
			charger: row.chargerId ?? row.evseId,
			meterStartKwh: row.meterStartKwh,
			meterStopKwh: row.meterStopKwh,
			energyKwh: row.energyKwh,
			pricePerKwh: leftOut === null ? price : null,
			leftOut,
		})),
	};
}

/** The meter before the first and after the last session, and the energy outside of the sessions, if all used one meter. */
function metersOf(sorted: Entry[], energyKwh: number): SessionRow {
	const meters = new Set(sorted.map(({ row }) => `${row.chargerId} ${row.evseId} ${row.connectorId}`));
	const start = sorted[0]?.row.meterStartKwh;
	const stop = sorted.at(-1)?.row.meterStopKwh;
	if (meters.size !== 1 || typeof start !== 'number' || typeof stop !== 'number') {
		return { meterStartKwh: null, meterStopKwh: null, otherKwh: null };
	}
	const other = new DecimalSum();
	for (const value of [stop, -start, -energyKwh]) other.add(value);
	return { meterStartKwh: start, meterStopKwh: stop, otherKwh: other.rounded(3) };
}

/** `other-site: 2; running: 1`. */
function reasonsOf(left: Entry[]): string {
	const counts = new Map<LeftOut, number>();
	for (const { leftOut } of left) counts.set(leftOut!, (counts.get(leftOut!) ?? 0) + 1);
	return [...counts]
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([reason, count]) => `${reason}: ${count}`)
		.join('; ');
}

/** Groups entries and sorts the groups by their keys, empty keys last. */
function groupBy(entries: Entry[], keyOf: (entry: Entry) => Cell[]): Entry[][] {
	const groups = new Map<string, Entry[]>();
	for (const entry of entries) {
		const id = JSON.stringify(keyOf(entry).map((part) => [part === null || part === undefined, part]));
		const group = groups.get(id) ?? [];
		group.push(entry);
		groups.set(id, group);
	}
	return [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
}
