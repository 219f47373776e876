import { DecimalSum, decimalsOf } from '../util/decimal';
import type { Cell, SessionRow } from '../session/types';

/** A statement of an earlier run, which was paid. */
export interface PaidStatement {
	statementId: string;
	amount: number;
	/** Its columns as they were stored. */
	stored: Record<string, unknown>;
}

/** A statement beside what was paid for it before. */
export interface ComparedStatement<Current> {
	/** Its columns, and `paidBefore`, `difference` and `change`. */
	statement: SessionRow;
	/** The new statement; `undefined` for one that no session is left of. */
	current?: Current;
	/** Indexes of the earlier statements with its ID. */
	earlier: number[];
}

/**
 * Compares the statements of a run with what was paid for the same months before.
 *
 * Of several earlier statements with one ID the last counts, as they are written one below the other. An earlier statement of a
 * month of this run, or between its months, that is no longer there, such as one with another price, is withdrawn: its
 * difference is what was paid. Those of other months are left alone: see `paidElsewhere`.
 */
export function compareWithPaid<Current extends { statement: SessionRow }>(
	statements: Current[],
	paid: PaidStatement[],
): Array<ComparedStatement<Current>> {
	const indexes = new Map<string, number[]>();
	paid.forEach(({ statementId }, index) => {
		indexes.set(statementId, [...(indexes.get(statementId) ?? []), index]);
	});
	const compared = statements.map((current): ComparedStatement<Current> => {
		const { statement } = current;
		const earlier = indexes.get(String(statement.statementId)) ?? [];
		indexes.delete(String(statement.statementId));
		const last = earlier.length === 0 ? null : paid[earlier.at(-1)!].amount;
		return { statement: withDifference(statement, last), current, earlier };
	});
	const months = new Set(statements.map(({ statement }) => partsOf(String(statement.statementId)).month));
	const withdrawn = [...indexes].flatMap(([statementId, earlier]): Array<ComparedStatement<Current>> => {
		const { amount, stored } = paid[earlier.at(-1)!];
		if (amount === 0 || !isAmong(months, partsOf(statementId).month)) return [];
		const statement = emptied(statements[0].statement, statementId, stored);
		return [{ statement: withDifference(statement, amount), earlier }];
	});
	return [...compared, ...withdrawn];
}

/** Adds the difference after the amount and its currency. */
function withDifference(statement: SessionRow, paidBefore: number | null): SessionRow {
	const difference = Object.entries(differenceOf(statement, paidBefore));
	return Object.fromEntries(
		Object.entries(statement).flatMap((cell) => (cell[0] === 'currency' ? [cell, ...difference] : [cell])),
	);
}

function differenceOf({ amount, currency }: SessionRow, paidBefore: number | null): SessionRow {
	const sum = new DecimalSum();
	for (const value of [amount as number, -(paidBefore ?? 0)]) sum.add(value);
	const difference = sum.rounded(decimalsOf(currency as string | null));
	const isNew = paidBefore === null && amount !== 0;
	const isGone = amount === 0 && (paidBefore ?? 0) !== 0;
	return {
		paidBefore: paidBefore ?? 0,
		difference,
		change: isNew ? 'new' : isGone ? 'withdrawn' : difference === 0 ? 'unchanged' : 'changed',
	};
}

/** A statement with the columns of another one, and what an earlier one says of its owner, but no session. */
function emptied(like: SessionRow, statementId: string, stored: Record<string, unknown>): SessionRow {
	const { month, owner, currency } = partsOf(statementId);
	const cells = Object.keys(like).map((name): [string, Cell] => [
		name,
		COUNTS.has(name) ? 0 : OF_SESSIONS.has(name) ? null : cellOf(stored[name]),
	]);
	return {
		...Object.fromEntries(cells),
		statementId,
		billingMonth: month,
		owner,
		currency,
		leftOutReasons: '',
	};
}

/** Columns that sum up sessions, and those that have nothing to tell without one. The others are of the owner. */
const COUNTS = new Set(
	'energyKwh amount amountExclVat vatAmount sessions leftOut sessionsWithoutMeter sessionsCapped sessionsWithWarnings sessionsWithSettingsMissing'.split(
		' ',
	),
);
const OF_SESSIONS = new Set(
	'pricePerKwh vatRatePct firstStartedAt lastEndedAt meterStartKwh meterStopKwh otherKwh'.split(' '),
);

function cellOf(value: unknown): Cell {
	return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** The parts of an ID such as `2026-03/vendor:customer:77/EUR/0.34`. The owner may have slashes. */
function partsOf(statementId: string): { month: string; owner: string; currency: string | null } {
	const [, month = '', owner = '', currency = null] =
		/^([^/]*)\/(.*?)(?:\/([A-Z]{3})(?:\/[-+.\de]+)?)?$/.exec(statementId) ?? [];
	return { month, owner, currency };
}

/** Whether a month is one of these, or lies between them. */
function isAmong(months: Set<string>, month: string): boolean {
	const sorted = [...months].filter((one) => one !== '-').sort();
	return months.has(month) || (month >= sorted[0] && month <= sorted[sorted.length - 1]);
}

/** What was paid for months of which this run has no session: it is in no difference. */
export function paidElsewhere(
	statements: Array<{ statement: SessionRow }>,
	paid: PaidStatement[],
): { count: number; months: string[]; sums: string[] } {
	const run = new Set(statements.map(({ statement }) => partsOf(String(statement.statementId)).month));
	const last = new Map(paid.map((one) => [one.statementId, one]));
	const months = new Set<string>();
	const sums = new Map<string, DecimalSum>();
	let count = 0;
	for (const { statementId, amount } of last.values()) {
		const { month, currency } = partsOf(statementId);
		if (amount === 0 || isAmong(run, month)) continue;
		count++;
		months.add(month);
		const sum = sums.get(currency ?? '') ?? new DecimalSum();
		sum.add(amount);
		sums.set(currency ?? '', sum);
	}
	const texts = [...sums].map(([currency, sum]) =>
		`${sum.rounded(decimalsOf(currency || null))} ${currency}`.trim(),
	);
	return { count, months: [...months].sort(), sums: texts };
}
