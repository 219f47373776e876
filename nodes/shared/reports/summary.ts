import { DecimalSum, decimalsOf } from '../util/decimal';
import type { Cell, SessionRow } from '../session/types';

/** Decimals of a sum of energy: watt-hours. */
const KWH_PLACES = 3;

/** The sums of one group of sessions, and which ones it holds. */
export interface Summary {
	/** The columns that the group is made by, currency and VAT rate, and the sums. */
	totals: SessionRow;
	/** The places of its rows in what was summarised. */
	members: number[];
}

/**
 * Sums up sessions by columns, and always by currency and VAT rate, since nothing else adds up.
 *
 * Sums are exact and rounded once at the end, half to even: amounts to the smallest unit of the currency, energy to
 * watt-hours. Of amounts with VAT, without VAT and VAT, the first two are rounded and the third is their difference, so that
 * a line adds up. What a session doesn't say is not counted as zero: `sessionsWithout…` say how many sessions a sum lacks, and a sum
 * that no session gave is null.
 *
 * @param rows With the columns to group by.
 * @returns Sorted by those columns, empty ones last.
 */
export function summarize(rows: SessionRow[], groupBy: string[]): Summary[] {
	const keys = [...new Set([...groupBy, 'currency', 'vatRatePct'])];
	const groups = new Map<string, { key: Cell[]; members: number[] }>();
	rows.forEach((row, index) => {
		const key = keys.map((name) => row[name] ?? null);
		const id = JSON.stringify(key);
		const group = groups.get(id) ?? { key, members: [] };
		group.members.push(index);
		groups.set(id, group);
	});
	return [...groups.values()]
		.sort((one, other) => compare(one.key, other.key))
		.map(({ key, members }) => ({
			totals: {
				...Object.fromEntries(keys.map((name, index) => [name, key[index]])),
				...totalsOf(members.map((index) => rows[index])),
			},
			members,
		}));
}

function totalsOf(rows: SessionRow[]): SessionRow {
	const places = decimalsOf(rows[0].currency as string | null);
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
	return {
		sessions: rows.length,
		energyKwh: sumOf(rows, 'energyKwh', KWH_PLACES),
		amountExclVat: excl,
		// Where one of the two lacks a session, their difference is no VAT.
		vatAmount: lacksExcl + lacksIncl > 0 ? sumOf(rows, 'vatAmount', places) : difference.rounded(places),
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
		sessionsWithWarnings: rows.filter(({ warnings }) => (warnings ?? '') !== '').length,
	};
}

/** The sum of what the rows say in a column; null where none says anything. */
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

/** Numbers by size, all else as text, nothing last. */
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
