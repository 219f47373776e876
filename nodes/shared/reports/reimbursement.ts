import { DecimalSum, decimalsOf, withoutVat, type Rounding } from '../util/decimal';
import { roundTo } from '../util/numbers';
import type { Cell, SessionRow } from '../session/types';
import { codesOf } from '../session/warnings';
import { countsOf, isDoubtful, isInvalid, isWarned, lacksSettings } from './doubt';
import { cardOf, isHidden, KINDS, selectRows, type Kind, type Selection, type Selector } from './selectors';
import { summarize } from './summary';

/** A price, a cap or columns of a statement, for some people or sites and some days. */
export interface Rate {
	/** Empty for everybody. */
	for: Selector[];
	/** `2026-01-31`. Empty for no beginning, and for no end. */
	firstDay: string;
	lastDay: string;
	/** ISO 4217, of the price and the cap. */
	currency: string | null;
	pricePerKwh: number | null;
	capPerKwh: number | null;
	/** Added to the statements of those that the rate is for, such as a number plate. */
	columns: SessionRow;
}

export interface ReimbursementSettings {
	/** Whose statements: of each driver, charger or ID tag. */
	per: 'driver' | 'charger' | 'card';
	/** What a session is worth: price times energy, or an amount of the record. Prices include all tax that is paid back. */
	priceFrom: 'rates' | 'amountInclVat' | 'energyCost';
	/** Prices, caps and columns. The most exact one counts: of a card before that of a site, and of these the latest. */
	rates: Rate[];
	/** Sites to pay for: all, those that the vendor marks for refunds, or those that are named. */
	sites: 'all' | 'marked' | Selector[];
	/** ID tags to pay for; null for all, and for sessions without one. */
	cards: Set<string> | null;
	/** The meter's energy where both of its values are known, else the record's; the record's; or the smaller of the two. */
	energyFrom: 'meter' | 'record' | 'smaller';
	paysDoubtful: boolean;
	/** Whether sessions that the vendor marks as not valid are paid for. */
	paysInvalid: boolean;
	rounding: Rounding;
	/** VAT in the prices, in percent: adds the amount without it. */
	vatRatePct: number | null;
}

/** Reasons to leave a session out of the sum of its statement, in the order in which they are looked for. The codes are stable. */
export const LEFT_OUT = {
	running: 'The session has not ended',
	'invalid-by-vendor': 'The vendor marks the session as not valid',
	'other-site': 'The site is not one to pay for',
	'site-unclear': 'A site ID fits sites of several kinds or vendors, this one among them',
	'other-card': 'The ID tag is not one to pay for, or not known',
	doubtful: 'The record contradicts itself in energy or time, or overlaps with another: see its `warnings`',
	'no-energy': 'The session has no energy above zero, or none is known',
	'no-owner': 'It is not known whose session it is; a masked driver could be several',
	'no-month': 'It is not known when the session was',
	'price-unclear':
		'Several prices or caps fit the session equally, or an ID in the list fits several people or sites',
	'no-price': 'No price or amount is known for the session or its day, or it is zero, or its cap is',
	'no-currency': 'No currency is known for the price',
	'cap-currency': 'The cap is in another currency than the price',
} as const;

export type LeftOut = keyof typeof LEFT_OUT;

/** The reasons after which nothing is missing: these sessions are not to be paid, or not yet. Of the others a person should know. */
export const NOT_TO_PAY: readonly LeftOut[] = ['other-site', 'other-card', 'running'];

/** One statement and its sessions. */
export interface Statement {
	statement: SessionRow;
	/** Indexes of its rows in the input, including those that are left out. */
	members: number[];
	sessions: SessionRow[];
	/** What is odd about the meter: it runs backwards, or counted less than the energy of the sessions. */
	meter: 'backwards' | 'too little' | null;
}

/** The statements, and what the person should know of all of them. */
export interface Reimbursement {
	statements: Statement[];
	/** Whether a session lies, or may lie, at a site to pay for, whether it is paid for or not. */
	isAtSites: boolean;
	/** Currencies of paid sessions whose price is in another one, and those of these prices. */
	otherCurrencies: [recorded: string[], paidIn: string[]];
	/** IDs of sites and of rates that could mean several things, and these. They are not used. */
	unclearSites: Map<Selector, string[]>;
	unclearRates: Map<Selector, string[]>;
	/** Sites, and what rates of these days are for, that no session fits. */
	unusedSites: Selector[];
	unusedRates: Selector[];
	/** IDs without their kind, and what they are taken for. */
	taken: Selection['taken'];
}

interface Entry {
	row: SessionRow;
	index: number;
	owner: Owner | null;
	energy: Energy;
	/** What is paid: energy times price, or an amount. */
	perKwh: number | null;
	amount: number | null;
	isCapped: boolean;
	currency: string | null;
	/** Whether the site is one to pay for, or may be. */
	isAtSite: boolean;
	leftOut: LeftOut | null;
}

interface Owner {
	key: string;
	id: string;
}

interface Energy {
	kWh: number | null;
	from: 'meter' | 'record' | null;
	/** Whether the energy should come from the meter, and it lacks a value or runs backwards. */
	lacksMeter: boolean;
}

/**
 * Creates the statements for the reimbursement of charging at home: one per driver, charger or ID tag, month and currency. If
 * prices come from rates, there is one per price, so that energy times price is the amount.
 *
 * A session that is not paid for is listed with the reason in the statement of its owner and month. So every session of the
 * input is in exactly one statement.
 *
 * @param rows With the driver columns, and the commercial ones.
 */
export function reimburse(rows: SessionRow[], settings: ReimbursementSettings): Reimbursement {
	const { rates, sites } = settings;
	const named = selectRows(Array.isArray(sites) ? sites : [], rows);
	const rateIndex = new RateIndex(rates, rows);
	const entries = rows.map((row, index) => entryOf(row, index, settings, named, rateIndex));
	const isByPrice = settings.priceFrom === 'rates';
	const statements = groupBy(entries, ({ owner, row }) => [row.billingMonth, owner?.key ?? null]).flatMap(
		(owned) => {
			const paid = owned.filter(({ leftOut }) => leftOut === null);
			const left = owned.filter(({ leftOut }) => leftOut !== null);
			const parts = groupBy(paid, ({ currency, perKwh }) => [currency, isByPrice ? perKwh : null]);
			const firstOf = (part: Entry[]) => part.map(({ row }) => String(row.localDate)).sort()[0];
			if (isByPrice) parts.sort((one, other) => (firstOf(one) < firstOf(other) ? -1 : 1));
			// Sessions that are left out are in the first statement, or in one of their own if no session is paid for.
			return (parts.length > 0 ? parts : [[]]).map((part, index) =>
				statementOf(part, index === 0 ? left : [], settings, rateIndex),
			);
		},
	);
	const inAnother = entries.filter(
		({ row, currency, leftOut }) => leftOut === null && (row.currency ?? currency) !== currency,
	);
	const isUnused = (selector: Selector) =>
		!named.unclear.has(selector) && !named.of.some((selectors) => selectors.has(selector));
	const codes = (values: Array<Cell | undefined>) => [...new Set(values.map(String))].sort();
	return {
		statements,
		otherCurrencies: [
			codes(inAnother.map(({ row }) => row.currency)),
			codes(inAnother.map(({ currency }) => currency)),
		],
		isAtSites: entries.some(({ isAtSite }) => isAtSite),
		unclearSites: named.unclear,
		unclearRates: rateIndex.selection.unclear,
		unusedSites: Array.isArray(sites) ? sites.filter(isUnused) : [],
		unusedRates: rateIndex.unusedIn(rows),
		taken: [...named.taken, ...rateIndex.selection.taken],
	};
}

/** Finds the rates of a row. */
class RateIndex {
	readonly selection: Selection;
	/** Names of the columns that any rate adds. */
	readonly columns: string[];
	private readonly rateOf = new Map<Selector, Rate>();
	private readonly forAll: Rate[];

	constructor(rates: Rate[], rows: SessionRow[]) {
		for (const rate of rates) for (const selector of rate.for) this.rateOf.set(selector, rate);
		this.forAll = rates.filter((rate) => rate.for.length === 0);
		this.selection = selectRows([...this.rateOf.keys()], rows);
		this.columns = [...new Set(rates.flatMap(({ columns }) => Object.keys(columns)))];
	}

	/** What the rates that count on a day of the rows are for, and no row is. */
	unusedIn(rows: SessionRow[]): Selector[] {
		const days = rows.flatMap(({ localDate }) => (typeof localDate === 'string' ? [localDate] : [])).sort();
		const { of, unclear } = this.selection;
		const used = new Set([...of.flatMap((named) => [...named.keys()]), ...unclear.keys()]);
		const unused = [...this.rateOf].filter(
			([selector, { firstDay, lastDay }]) =>
				!used.has(selector) && days.length > 0 && firstDay <= days.at(-1)! && (lastDay || days[0]) >= days[0],
		);
		return unused.map(([selector]) => selector);
	}

	/** The rates of a row on its day, with their ranks: the lower, the more exact. */
	of({ row, index }: { row: SessionRow; index: number }): Array<{ rate: Rate; rank: number }> {
		const named = [...this.selection.of[index]].map(([selector, kind]) => ({
			rate: this.rateOf.get(selector)!,
			rank: KINDS.indexOf(kind),
		}));
		const everybodys = this.forAll.map((rate) => ({ rate, rank: KINDS.length }));
		return [...named, ...everybodys].filter(({ rate }) => counts(rate, row.localDate));
	}

	/** The price or cap of a row: null where there is none, `undefined` where it is unclear. */
	valueOf(
		entry: { row: SessionRow; index: number },
		name: 'pricePerKwh' | 'capPerKwh',
	): Rate | null | undefined {
		const isMeant = (rate: Rate) => rate[name] !== null && counts(rate, entry.row.localDate);
		const unclear = this.selection.unclearOf.get(entry.index) ?? [];
		if (unclear.some((selector) => isMeant(this.rateOf.get(selector)!))) return undefined;
		const [best, ...others] = this.of(entry)
			.filter(({ rate }) => rate[name] !== null)
			.sort((one, other) => one.rank - other.rank || (one.rate.firstDay < other.rate.firstDay ? 1 : -1));
		if (!best) return null;
		const isEqual = ({ rate, rank }: { rate: Rate; rank: number }) =>
			rank === best.rank && rate.firstDay === best.rate.firstDay;
		const differs = ({ rate }: { rate: Rate }) =>
			rate[name] !== best.rate[name] || rate.currency !== best.rate.currency;
		return others.some((other) => isEqual(other) && differs(other)) ? undefined : best.rate;
	}

	/** The added columns of a statement: of each the values of the most exact rate, several separated by `; `. */
	columnsOf(entries: Entry[]): SessionRow {
		const ranked = entries.flatMap((entry) => this.of(entry));
		return Object.fromEntries(
			this.columns.map((name): [string, Cell] => {
				const own = ranked.filter(({ rate }) => (rate.columns[name] ?? null) !== null);
				const rank = Math.min(...own.map((one) => one.rank));
				const exact = own.filter((one) => one.rank === rank);
				const first = exact[0]?.rate.columns[name] ?? null;
				const isOne = exact.every(({ rate }) => rate.columns[name] === first);
				return [name, isOne ? first : joined(exact.map(({ rate }) => rate.columns[name]))];
			}),
		);
	}
}

function counts({ firstDay, lastDay }: Rate, day: Cell): boolean {
	if (typeof day !== 'string') return firstDay === '' && lastDay === '';
	return firstDay <= day && (lastDay === '' || day <= lastDay);
}

function entryOf(
	row: SessionRow,
	index: number,
	settings: ReimbursementSettings,
	named: Selection,
	rates: RateIndex,
): Entry {
	const { sites, cards, per } = settings;
	const owner = ownerOf(row, per);
	const energy = energyOf(row, settings.energyFrom);
	const worth = worthOf(row, index, energy.kWh, settings, rates);
	const isPaidSite =
		sites === 'all' || (sites === 'marked' ? row.reimbursable === true : named.of[index].size > 0);
	const isUnclearSite = !isPaidSite && named.unclearOf.has(index);
	const card = cardOf(row.tokenUid);
	const reasons: Array<[LeftOut, boolean]> = [
		['running', row.status !== 'completed'],
		['invalid-by-vendor', !settings.paysInvalid && isInvalid(row)],
		['other-site', !isPaidSite && !isUnclearSite],
		['site-unclear', isUnclearSite],
		['other-card', cards !== null && (card === null || !cards.has(card))],
		['doubtful', !settings.paysDoubtful && isDoubtful(row)],
		['no-energy', energy.kWh === null || energy.kWh <= 0],
		['no-owner', owner === null],
		['no-month', typeof row.billingMonth !== 'string'],
		['price-unclear', worth === 'price-unclear'],
		['no-price', worth === 'no-price'],
		['no-currency', typeof worth !== 'string' && typeof worth.currency !== 'string'],
		['cap-currency', worth === 'cap-currency'],
	];
	return {
		row,
		index,
		owner,
		energy,
		...(typeof worth === 'string' ? NO_WORTH : worth),
		isAtSite: isPaidSite || isUnclearSite,
		leftOut: reasons.find(([, applies]) => applies)?.[0] ?? null,
	};
}

const NO_WORTH = { perKwh: null, amount: null, isCapped: false, currency: null };

/** Whose session it is: the vendor, the kind of the ID, and the ID. */
function ownerOf(row: SessionRow, per: ReimbursementSettings['per']): Owner | null {
	const driver = KINDS.find((kind) => kind === row.driverIdKind) ?? 'driver';
	const ids: Record<typeof per, Array<[Kind, Cell | undefined]>> = {
		driver: [
			[driver, row.driverId],
			['card', row.tokenUid],
			['contract', row.contractId],
		],
		card: [['card', row.tokenUid]],
		charger: [
			['charger', row.chargerId],
			['evse', row.evseId],
		],
	};
	const found = ids[per].find(([, id]) => !isHidden(id));
	if (!found) return null;
	const [kind, written] = found;
	const id = kind === 'card' ? cardOf(written) : String(written);
	return id === null ? null : { key: `${row.source}:${kind}:${id}`, id: String(written) };
}

function energyOf(row: SessionRow, from: ReimbursementSettings['energyFrom']): Energy {
	const { meterStartKwh: start, meterStopKwh: stop } = row;
	const recorded = typeof row.energyKwh === 'number' ? row.energyKwh : null;
	const difference = typeof start === 'number' && typeof stop === 'number' ? roundTo(stop - start, 3) : null;
	// A meter that was exchanged or set back gives less than nothing.
	const metered = from === 'record' || difference === null || difference < 0 ? null : difference;
	const lacksMeter = from !== 'record' && metered === null;
	// Where the meter shows whole kWh only the record is the more exact one.
	const isRounded =
		from === 'meter' && recorded !== null && codesOf(row.warnings, ['note']).includes('meter-rounded');
	if (isRounded) return { kWh: recorded, from: 'record', lacksMeter };
	if (metered !== null && (from === 'meter' || recorded === null || metered <= recorded)) {
		return { kWh: metered, from: 'meter', lacksMeter };
	}
	return { kWh: recorded, from: recorded === null ? null : 'record', lacksMeter };
}

type Worth = Pick<Entry, 'perKwh' | 'amount' | 'isCapped' | 'currency'>;

/** What the session is worth, or why that is not known. */
function worthOf(
	row: SessionRow,
	index: number,
	kWh: number | null,
	{ priceFrom }: ReimbursementSettings,
	rates: RateIndex,
): Worth | LeftOut {
	const rate = priceFrom === 'rates' ? rates.valueOf({ row, index }, 'pricePerKwh') : null;
	const cap = rates.valueOf({ row, index }, 'capPerKwh');
	if (rate === undefined || cap === undefined) return 'price-unclear';
	const value = priceFrom === 'rates' ? rate?.pricePerKwh : row[priceFrom];
	const currency = (priceFrom === 'rates' ? rate?.currency : row.currency) ?? null;
	if (typeof value !== 'number' || value === 0) return 'no-price';
	const worth: Worth = {
		perKwh: priceFrom === 'rates' ? value : null,
		amount: priceFrom === 'rates' ? null : value,
		isCapped: false,
		currency: currency as string | null,
	};
	if (cap === null || typeof currency !== 'string') return worth;
	if (cap.currency !== currency) return 'cap-currency';
	if (cap.capPerKwh === 0) return 'no-price';
	const over = new DecimalSum();
	addWorth(over, worth, kWh ?? 0);
	over.addProduct(-cap.capPerKwh!, kWh ?? 0);
	// Prices and energies have so few decimals that no difference is lost.
	return over.rounded(MAX_DECIMAL_PLACES) > 0
		? { ...worth, perKwh: cap.capPerKwh, amount: null, isCapped: true }
		: worth;
}

function addWorth(sum: DecimalSum, { perKwh, amount }: Pick<Worth, 'perKwh' | 'amount'>, kWh: number): void {
	if (perKwh === null) sum.add(amount!);
	else sum.addProduct(kWh, perKwh);
}

function statementOf(
	paid: Entry[],
	left: Entry[],
	settings: ReimbursementSettings,
	rates: RateIndex,
): Statement {
	const { per, priceFrom, rounding, vatRatePct } = settings;
	const all = [...paid, ...left];
	const [{ row: sample, owner }] = all;
	const startOf = ({ row }: Entry) => String(row.startedAt ?? row.endedAt ?? '');
	const sorted = [...paid].sort((one, other) =>
		startOf(one) < startOf(other) ? -1 : startOf(one) > startOf(other) ? 1 : 0,
	);
	const [totals] = summarize(
		sorted.map(({ row, energy }) => ({ ...row, energyKwh: energy.kWh, currency: null, vatRatePct: null })),
		[],
	).map((summary) => summary.totals);
	const energyKwh = (totals?.energyKwh ?? 0) as number;
	const prices = new Set(paid.map(({ perKwh }) => perKwh));
	const pricePerKwh = prices.size === 1 ? [...prices][0] : null;
	const currency = paid[0]?.currency ?? null;
	const places = decimalsOf(currency);
	const sum = new DecimalSum();
	for (const entry of paid) addWorth(sum, entry, entry.energy.kWh!);
	const amount = sum.rounded(places, rounding);
	const shared = (name: string) => joined(all.map(({ row }) => row[name]));
	const { columns: meters, meter } = metersOf(sorted, energyKwh);
	const id = owner === null ? null : all.map((entry) => entry.owner!.id).sort()[0];
	const driverName = shared('driverName') ?? shared('tokenLabel');
	const who: Record<typeof per, SessionRow> = {
		charger: { charger: id, locationName: shared('locationName') },
		card: { card: id, driverName },
		// The ID of a driver is told last.
		driver: { driverName },
	};
	const excl = vatRatePct === null ? 0 : withoutVat(amount, vatRatePct, places, rounding);
	const vat = new DecimalSum();
	for (const value of [amount, -excl]) vat.add(value);
	return {
		// In the order in which payroll reads it: who, how much, when, what is odd, and IDs.
		statement: {
			...who[per],
			energyKwh,
			pricePerKwh,
			amount,
			...(vatRatePct === null ? {} : { vatRatePct, amountExclVat: excl, vatAmount: vat.rounded(places) }),
			currency,
			sessions: paid.length,
			billingMonth: sample.billingMonth,
			firstStartedAt: totals?.firstStartedAt ?? null,
			lastEndedAt: totals?.lastEndedAt ?? null,
			customerCompanyName: shared('customerCompanyName'),
			costCenter: shared('costCenter'),
			customerErpId: shared('customerErpId'),
			...(per === 'charger' ? {} : { tokenLabel: shared('tokenLabel') }),
			...rates.columnsOf(all),
			...meters,
			leftOut: left.length,
			leftOutReasons: countsOf(left.map(({ leftOut }) => leftOut!)),
			sessionsWithoutMeter: paid.filter(({ energy }) => energy.lacksMeter).length,
			sessionsCapped: paid.filter(({ isCapped }) => isCapped).length,
			sessionsWithWarnings: paid.filter(({ row }) => isWarned(row)).length,
			sessionsWithSettingsMissing: paid.filter(({ row }) => lacksSettings(row)).length,
			...(per === 'driver' ? { driver: id } : {}),
			owner: owner?.key ?? null,
			statementId: [
				sample.billingMonth ?? '-',
				owner?.key ?? '-',
				...(paid.length === 0 ? [] : [currency, ...(priceFrom === 'rates' ? [pricePerKwh] : [])]),
			].join('/'),
		},
		members: all.map(({ index }) => index),
		sessions: [...sorted, ...left].map((entry) => sessionOf(entry)),
		meter,
	};
}

function sessionOf({ row, energy, perKwh, amount, leftOut }: Entry): SessionRow {
	const isPaid = leftOut === null;
	const worth = new DecimalSum();
	if (isPaid) addWorth(worth, { perKwh, amount }, energy.kWh!);
	return {
		sessionKey: row.sessionKey,
		startedAt: row.startedAt,
		endedAt: row.endedAt,
		charger: row.chargerId ?? row.evseId,
		meterStartKwh: row.meterStartKwh,
		meterStopKwh: row.meterStopKwh,
		energyKwh: energy.kWh,
		energyFrom: energy.from,
		pricePerKwh: isPaid ? perKwh : null,
		// Not rounded, since only the statement is.
		amount: isPaid ? worth.rounded(MAX_DECIMAL_PLACES) : null,
		warnings: row.warnings ?? '',
		leftOut,
	};
}

/**
 * The meter before the first and after the last session, and the energy outside of the sessions, if all used one meter that never
 * runs backwards.
 */
function metersOf(sorted: Entry[], energyKwh: number): { columns: SessionRow; meter: Statement['meter'] } {
	const none = { meterStartKwh: null, meterStopKwh: null, otherKwh: null };
	const meters = new Set(sorted.map(({ row }) => `${row.chargerId} ${row.evseId} ${row.connectorId}`));
	if (meters.size !== 1) return { columns: none, meter: null };
	let highest = -Infinity;
	for (const { row } of sorted) {
		const { meterStartKwh: start, meterStopKwh: stop } = row;
		if (typeof stop !== 'number') continue;
		if (stop < highest || (typeof start === 'number' && stop < start)) {
			return { columns: none, meter: 'backwards' };
		}
		highest = stop;
	}
	const start = sorted[0].row.meterStartKwh;
	const stop = sorted.at(-1)!.row.meterStopKwh;
	if (typeof start !== 'number' || typeof stop !== 'number') return { columns: none, meter: null };
	const other = new DecimalSum();
	for (const value of [stop, -start, -energyKwh]) other.add(value);
	const otherKwh = other.rounded(3);
	return {
		columns: { meterStartKwh: start, meterStopKwh: stop, otherKwh },
		meter: otherKwh < -METER_TOLERANCE_KWH * sorted.length ? 'too little' : null,
	};
}

/** By how much a session's energy may be above what the meter counted: one meter shows tenths of a kWh. */
const METER_TOLERANCE_KWH = 0.05;

/** Of a session's amount: more than prices and energies have together. */
const MAX_DECIMAL_PLACES = 12;

/** The different values, sorted, separated by `; `; null where there is none. */
function joined(values: Array<Cell | undefined>): string | null {
	const texts = values.filter((value) => (value ?? '') !== '').map((value) => String(value));
	return texts.length === 0 ? null : [...new Set(texts)].sort().join('; ');
}

/** Groups entries and sorts the groups by their keys, empty keys last. */
function groupBy(entries: Entry[], groupKey: (entry: Entry) => Cell[]): Entry[][] {
	const groups = new Map<string, Entry[]>();
	for (const entry of entries) {
		const id = JSON.stringify(groupKey(entry).map((part) => [part === null || part === undefined, part]));
		const group = groups.get(id) ?? [];
		group.push(entry);
		groups.set(id, group);
	}
	return [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
}
