import { readIsoUtc } from '../parameters/dates';
import { completeMoney } from './money';
import { energyDoubts, isMismatch, type Measured } from './plausibility';
import { HOUR_MS, MAX_SESSION_MS } from './times';
import type { SessionRow } from './types';
import type { Warning } from './warnings';

/** Columns that belong together, the decisive ones first, and the warnings that are about them. */
interface ColumnSet {
	/** One of these has to be known for a record to tell of the set. */
	decisive: string[];
	others: string[];
	warnings?: RegExp;
	/** Whether a record fills nothing here unless a decisive column of it is the same: it could be of another person. */
	needsSame?: boolean;
}

const set = (decisive: string, others: string, warnings?: RegExp, needsSame = false): ColumnSet => ({
	decisive: decisive.split(' '),
	others: others.split(' '),
	warnings,
	needsSame,
});

/** A column that is in none of these is a set of its own. */
const SETS: ColumnSet[] = [
	set(
		'amountInclVat amountExclVat',
		'vatAmount vatRatePct currency pricePerKwh startFee energyFee',
		/amount|currency|price|tariff|vat/,
		true,
	),
	set('energyKwh', 'meterStartKwh meterStopKwh', /energy|meter/),
	set(
		'status',
		'startedAt endedAt localDate billingMonth durationSeconds chargingSeconds idleSeconds stopReason',
		/^(date|day|duration|end|overlapping|time)/,
	),
	set('tariffId tariffName', 'isDynamicPrice'),
	set('locationId locationName', 'address postalCode city country timezone locationErpId reimbursable'),
	set('chargerId chargerUuid', 'chargerName'),
	set('evseId connectorId', ''),
	set(
		'tokenUid contractId driverId driverName',
		'tokenLabel tokenType driverIdKind costCenter customerErpId customerCompanyId customerCompanyName',
		undefined,
		true,
	),
	set('companyId companyName', '', undefined, true),
	set('paymentStatus paidAt', 'paymentTerminal paymentCard'),
	set('socStartPct socEndPct', ''),
];

/** What a row says of its record, not of the session. */
const OF_THE_RECORD = ['source', 'endpoint', 'sessionKey', 'sessionId', 'updatedAt', 'warnings'];

const setOf = new Map(SETS.flatMap((one) => [...one.decisive, ...one.others].map((name) => [name, one])));

/** Codes that say that a column is not known, with that column. */
const UNKNOWN: Array<[Warning, string]> = [
	['no-vat', 'vatAmount'],
	['no-currency', 'currency'],
	['end-unknown', 'endedAt'],
	['meter-unit-unknown', 'meterStopKwh'],
];

/**
 * Merges the rows of several records of one session: a charge record and a transaction, or versions. In each column the newest
 * known value counts; null never replaces a value. Columns that belong together, such as amounts and currency, or what tells who
 * charged, come from one record: the newest that tells of them. An older one fills what that leaves open only if it says nothing else.
 *
 * @param versions The newest first, with the same columns each.
 * @returns The warnings are those of the newest, those about what comes from others, and those of the values together.
 */
export function mergeRows(versions: SessionRow[]): SessionRow {
	const [newest, ...older] = versions;
	if (older.length === 0) return newest;
	const merged = { ...newest };
	const warnings = new Set(carried(newest));
	const done = new Set<ColumnSet>();
	for (const name of Object.keys(newest)) {
		if (OF_THE_RECORD.includes(name)) continue;
		const own = setOf.get(name) ?? { decisive: [name], others: [] };
		if (done.has(own)) continue;
		done.add(own);
		const names = [...own.decisive, ...own.others].filter((one) => Object.hasOwn(newest, one));
		const teller = versions.find((row) => own.decisive.some((one) => isKnown(row, one))) ?? newest;
		for (const one of names) merged[one] = teller[one] ?? null;
		const tell = (row: SessionRow) => {
			for (const code of carried(row)) if (own.warnings?.test(code)) warnings.add(code);
		};
		tell(teller);
		for (const row of versions.slice(versions.indexOf(teller) + 1)) {
			const open = names.filter((one) => isKnown(row, one) && !isKnown(merged, one));
			if (open.length === 0) continue;
			const isSame = (one: string) => isKnown(row, one) && row[one] === merged[one];
			if (own.needsSame && !own.decisive.some(isSame)) continue;
			if (!names.every((one) => !isKnown(row, one) || open.includes(one) || isSame(one))) continue;
			for (const one of open) merged[one] = row[one];
			tell(row);
		}
	}
	for (const row of older) if (codesIn(row).includes('invalid-by-vendor')) warnings.add('invalid-by-vendor');
	for (const code of doubtsOf(merged)) warnings.add(code);
	// With the energy and both meters of one record its own code counts, which knows the digits that they were written with.
	const isOfOne = versions.some((row) => METERED.every((name) => row[name] === merged[name]));
	const [energy, start, stop] = METERED.map((name) => merged[name] as number);
	if (
		!isOfOne &&
		METERED.every((name) => isKnown(merged, name)) &&
		isMismatch(stop - start - energy, energy, 0)
	)
		warnings.add('meter-mismatch');
	for (const [code, name] of UNKNOWN) if (isKnown(merged, name)) warnings.delete(code);
	merged.warnings = [...warnings].sort().join(';') || null;
	return merged;
}

const METERED = ['energyKwh', 'meterStartKwh', 'meterStopKwh'];

function isKnown(row: SessionRow, name: string): boolean {
	return (row[name] ?? null) !== null;
}

function codesIn({ warnings }: SessionRow): string[] {
	return String(warnings ?? '')
		.split(';')
		.filter((code) => code !== '');
}

/** The codes of a row but for those that its own values tell, which are told of the merged values anew. */
function carried(row: SessionRow): string[] {
	const codes = codesIn(row);
	if (codes.length === 0) return codes;
	const own = doubtsOf(row) as string[];
	return codes.filter((code) => !own.includes(code));
}

/** What cannot be right in energy, times and VAT of a row, as far as its columns tell. */
function doubtsOf(row: SessionRow): Warning[] {
	const { energyKwh, meterStartKwh, meterStopKwh, maxPowerKw = null } = row as unknown as Measured;
	const [startMs, endMs] = [row.startedAt, row.endedAt].map((at) => readIsoUtc(String(at)) ?? NaN);
	const elapsedMs = endMs - startMs;
	const isTimed = elapsedMs >= 0 && elapsedMs <= MAX_SESSION_MS;
	const hours = isTimed ? elapsedMs / HOUR_MS : null;
	const doubts = energyDoubts({ energyKwh, meterStartKwh, meterStopKwh, maxPowerKw, hours });
	if (elapsedMs < 0) doubts.push('end-before-start');
	if (elapsedMs > MAX_SESSION_MS) doubts.push('time-implausible');
	const { amountInclVat, amountExclVat, currency } = row;
	if (typeof amountInclVat === 'number' && typeof amountExclVat === 'number') {
		const money = completeMoney(amountInclVat, amountExclVat, null, undefined, currency as string | null);
		if (money.isVatMismatch) doubts.push('vat-mismatch');
	}
	return doubts;
}
