import { DecimalSum, decimalsOf } from '../util/decimal';
import type { Cell, SessionRow } from '../session/types';
import { cardOf } from './selectors';
import { isDoubtful, isInvalid, isWarned, lacksSettings } from './doubt';

/** Energy is rounded to watt-hours. */
const KWH_PLACES = 3;

/** The sums of one group of sessions. */
export interface Summary {
	/** The columns of the grouping, the currency, the VAT rate and the sums. */
	totals: SessionRow;
	/** Indexes of its rows in the input. */
	members: number[];
}

/** What is kept apart in lines of their own besides the groups. Without a currency there are no amounts. */
export type KeptApart = 'currencyAndVat' | 'currency' | 'nothing';

/** How sessions are summed up. */
export interface SummarySettings {
	/** Whether a row is in the sums of its line; all of them if not given. */
	isSummed?: (row: SessionRow) => boolean;
	/** By currency and VAT rate if not given. */
	keepApart?: KeptApart;
}

/**
 * Sums up sessions by the given columns, and by currency and VAT rate if not set otherwise. An id that each vendor gives on its own
 * is told with its vendor, that of a driver with its kind, and the name of a driver with the ID. ID tags are compared as cards: without separators, in capitals.
 *
 * Sums are exact and rounded once at the end, half to even: amounts to the smallest unit of the currency, energy to
 * watt-hours. The VAT is the difference of the two rounded amounts, so that the three amounts of a line add up. A missing value
 * is not counted as zero: `sessionsWithout…` is the number of sessions without the value, and the sum is null if no session
 * has it. Doubtful and invalid sessions are counted in each line, also those that are left out of its sums.
 *
 * @param rows With the columns to group by.
 * @returns Sorted by those columns, empty values last.
 */
export function summarize(
	rows: SessionRow[],
	groupBy: string[],
	{ isSummed = () => true, keepApart = 'currencyAndVat' }: SummarySettings = {},
): Summary[] {
	const keys = [
		...new Set([...groupBy.flatMap((name) => [name, ...(TOLD_BY[name] ?? [])]), ...APART[keepApart]]),
	];
	const groups = new Map<string, { key: Cell[]; members: number[] }>();
	rows.forEach((row, index) => {
		const key = keys.map((name) => row[name] ?? null);
		// The line shows the first spelling of a card.
		const id = JSON.stringify(
			key.map((value, place) => (keys[place] === 'tokenUid' ? (cardOf(value) ?? value) : value)),
		);
		const group = groups.get(id) ?? { key, members: [] };
		group.members.push(index);
		groups.set(id, group);
	});
	return [...groups.values()]
		.sort((one, other) => compare(one.key, other.key))
		.map(({ key, members }) => ({
			totals: {
				...Object.fromEntries(keys.map((name, index) => [name, key[index]])),
				...totalsOf(
					members.map((index) => rows[index]),
					isSummed,
					keepApart,
				),
			},
			members,
		}));
}

/** The columns that are kept apart. */
const APART: Record<KeptApart, string[]> = {
	currencyAndVat: ['currency', 'vatRatePct'],
	currency: ['currency'],
	nothing: [],
};

/** Columns without which an id or a name could be of two people or places. Masked names are initials. */
const TOLD_BY: Record<string, string[]> = {
	driverName: ['driverId', 'driverIdKind', 'source'],
	driverId: ['driverIdKind', 'source'],
	chargerId: ['source'],
	locationId: ['source'],
	companyId: ['source'],
	customerCompanyId: ['source'],
};

function totalsOf(
	all: SessionRow[],
	isSummed: (row: SessionRow) => boolean,
	keepApart: KeptApart,
): SessionRow {
	const rows = all.filter(isSummed);
	const places = decimalsOf(all[0].currency as string | null);
	const incl = sumOf(rows, 'amountInclVat', places);
	const excl = sumOf(rows, 'amountExclVat', places);
	const lacking = (column: string) => rows.filter((row) => typeof row[column] !== 'number').length;
	const lacksExcl = lacking('amountExclVat');
	const lacksIncl = lacking('amountInclVat');
	const difference = new DecimalSum();
	if (incl !== null && excl !== null) {
		difference.add(incl);
		difference.add(-excl);
	}
	const first = extreme(rows, 'startedAt', -1);
	const last = extreme(rows, 'endedAt', 1);
	const totals: SessionRow = {
		...(keepApart === 'currency' ? { vatRatePct: sharedBy(all, 'vatRatePct') } : {}),
		sessions: rows.length,
		energyKwh: sumOf(rows, 'energyKwh', KWH_PLACES),
		amountExclVat: excl,
		// If a session lacks one of the amounts, the difference of the sums is not the VAT.
		vatAmount:
			lacksExcl + lacksIncl > 0 || incl === null
				? sumOf(rows, 'vatAmount', places)
				: difference.rounded(places),
		amountInclVat: incl,
		durationSeconds: sumOf(rows, 'durationSeconds', 0),
		chargingSeconds: sumOf(rows, 'chargingSeconds', 0),
		idleSeconds: sumOf(rows, 'idleSeconds', 0),
		firstStartedAt: first?.startedAt ?? null,
		firstSessionKey: first?.sessionKey ?? null,
		lastEndedAt: last?.endedAt ?? null,
		lastSessionKey: last?.sessionKey ?? null,
		sessionsWithoutAmountExclVat: lacksExcl,
		sessionsWithoutAmountInclVat: lacksIncl,
		sessionsWithoutEnergy: lacking('energyKwh'),
		sessionsWithWarnings: rows.filter(isWarned).length,
		sessionsWithSettingsMissing: rows.filter(lacksSettings).length,
		sessionsDoubtful: all.filter(isDoubtful).length,
		sessionsInvalid: all.filter(isInvalid).length,
		sessionsLeftOut: all.length - rows.length,
	};
	if (keepApart === 'nothing') for (const name of OF_MONEY) delete totals[name];
	return totals;
}

/** Columns of a line that tell nothing where several currencies are in it. */
const OF_MONEY = [
	...['amountExclVat', 'vatAmount', 'amountInclVat', 'sessionsWithoutAmountExclVat'],
	...['sessionsWithoutAmountInclVat', 'sessionsWithSettingsMissing'],
];

/** The value that all rows have in a column; null if they differ. */
function sharedBy(rows: SessionRow[], column: string): Cell {
	const [first, ...others] = new Set(rows.map((row) => row[column] ?? null));
	return others.length === 0 ? (first ?? null) : null;
}

/** The sum of a column; null if no row has a number in it. */
function sumOf(rows: SessionRow[], column: string, places: number): number | null {
	const sum = new DecimalSum();
	let isGiven = false;
	for (const row of rows) {
		const value = row[column];
		if (typeof value !== 'number') continue;
		sum.add(value);
		isGiven = true;
	}
	return isGiven ? sum.rounded(places) : null;
}

/** The row with the earliest (-1) or the latest (1) time in a column. Times in ISO 8601 and UTC sort as text. */
function extreme(rows: SessionRow[], column: string, direction: 1 | -1): SessionRow | undefined {
	let found: SessionRow | undefined;
	for (const row of rows) {
		const value = row[column];
		if (typeof value !== 'string') continue;
		const isFurther = !found || compare([value], [found[column]]) * direction > 0;
		if (isFurther) found = row;
	}
	return found;
}

/** Compares numbers by size and all other values as text; null comes last. */
function compare(one: Cell[], other: Cell[]): number {
	for (let index = 0; index < one.length; index++) {
		const [a, b] = [one[index], other[index]];
		if (a === b) continue;
		if (a === null || b === null) return a === null ? 1 : -1;
		if (typeof a === 'number' && typeof b === 'number') return a - b;
		return String(a) < String(b) ? -1 : 1;
	}
	return 0;
}
