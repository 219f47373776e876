import type { SessionRow } from './types';

/** Columns that belong together, the decisive ones first, and the warnings that are about them. */
interface ColumnSet {
	/** One of these has to be known for a record to tell of the set. */
	decisive: string[];
	others: string[];
	warnings?: RegExp;
}

const set = (decisive: string, others: string, warnings?: RegExp): ColumnSet => ({
	decisive: decisive.split(' '),
	others: others.split(' '),
	warnings,
});

/** A column that is in none of these is a set of its own. */
const SETS: ColumnSet[] = [
	set(
		'amountInclVat amountExclVat',
		'vatAmount vatRatePct currency pricePerKwh startFee energyFee',
		/amount|currency|price|tariff|vat/,
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
	set('tokenUid', 'tokenLabel tokenType contractId'),
	set('driverId driverName', 'driverIdKind'),
	set('companyId companyName', ''),
	set('customerCompanyId customerCompanyName', ''),
	set('paymentStatus paidAt', 'paymentTerminal paymentCard'),
	set('socStartPct socEndPct', ''),
];

/** What a row says of its record, not of the session. */
const OF_THE_RECORD = ['source', 'endpoint', 'sessionKey', 'sessionId', 'updatedAt', 'warnings'];

const setOf = new Map(SETS.flatMap((one) => [...one.decisive, ...one.others].map((name) => [name, one])));

/**
 * Merges the rows of several records of one session: a charge record and a transaction, or versions. In each column the newest
 * known value counts; null never replaces a value. Columns that belong together, such as amounts and currency, come from one record:
 * the newest that tells of them. An older one fills what that leaves open only if it says nothing else.
 *
 * @param versions The newest first, with the same columns each.
 * @returns The warnings are those of the newest, and those about what comes from others.
 */
export function mergeRows(versions: SessionRow[]): SessionRow {
	const [newest, ...older] = versions;
	if (older.length === 0) return newest;
	const merged = { ...newest };
	const warnings = new Set(codesIn(newest));
	const done = new Set<ColumnSet>();
	for (const name of Object.keys(newest)) {
		if (OF_THE_RECORD.includes(name)) continue;
		const own = setOf.get(name) ?? { decisive: [name], others: [] };
		if (done.has(own)) continue;
		done.add(own);
		const names = [...own.decisive, ...own.others].filter((one) => Object.hasOwn(newest, one));
		const isKnown = (row: SessionRow, one: string) => (row[one] ?? null) !== null;
		const teller = versions.find((row) => own.decisive.some((one) => isKnown(row, one))) ?? newest;
		for (const one of names) merged[one] = teller[one] ?? null;
		for (const code of codesIn(teller)) if (own.warnings?.test(code)) warnings.add(code);
		for (const row of versions.slice(versions.indexOf(teller) + 1)) {
			const agrees = names.every(
				(one) => !isKnown(row, one) || !isKnown(merged, one) || row[one] === merged[one],
			);
			if (agrees) for (const one of names) merged[one] ??= row[one] ?? null;
		}
	}
	merged.warnings = [...warnings].sort().join(';') || null;
	return merged;
}

function codesIn({ warnings }: SessionRow): string[] {
	return String(warnings ?? '')
		.split(';')
		.filter((code) => code !== '');
}
