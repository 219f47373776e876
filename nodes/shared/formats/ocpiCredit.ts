import type { OcpiObject } from './ocpi';

/** A CDR as it was sent: with everything that was added to it on the way. */
export type SentCdr = Record<string, unknown> & { id: string };

/** Whether an item is a CDR, in the form of OCPI. */
export function isCdr(record: Record<string, unknown>): record is SentCdr {
	return typeof record.id === 'string' && typeof record.cdr_location === 'object' && 'total_cost' in record;
}

/** The part of a CDR's ID that stays the same: `4711` of `4711-v2`, and of its credit CDR `4711-v2-C`. */
export function sessionIdOf({ id, credit, credit_reference_id }: Record<string, unknown>): string {
	return String(credit === true ? (credit_reference_id ?? id) : id).replace(/-v\d+$/, '');
}

/**
 * What has to be sent so that the hub has a session as it is now. A CDR is never changed: a credit CDR takes back the one that
 * was sent, and a CDR with a new ID follows.
 *
 * @param sent The CDRs and credit CDRs of the session that were sent, in any order.
 * @param current The CDR of the session as it is now, by `toOcpi`.
 * @returns Nothing if the last CDR still says the same. Otherwise `4711-C` and `4711-v2`, or `4711` if there is none yet. No
 *   new CDR while a mandatory value that was sent is unknown: see `lostValues`.
 * @see OCPI 2.2.1-d2, mod_cdrs: Credit CDRs.
 */
export function correctCdr(sent: SentCdr[], current: OcpiObject): OcpiObject[] {
	const { valid, newest } = lastOf(sent);
	if (newest === undefined) return [current];
	const compared = Object.entries(current).filter(([name]) => !NOT_COMPARED.includes(name));
	const isGone = (path: string) => valid !== undefined && !isAbsent(valid, path) && isAbsent(current, path);
	const isSame = !OPTIONAL.some(isGone) && compared.every(([name, value]) => isWithin(value, valid?.[name]));
	const isLost = lostValues(sent, current).length > 0;
	if (valid !== undefined && isSame && !isLost) return [];
	if (isLost) return valid === undefined ? [] : [creditOf(valid, current.last_updated)];
	const newId = `${sessionIdOf(current)}-v${versionOf(newest) + 1}`;
	const isFitting = newId.length <= MAX_ID_LENGTH;
	const replacement = {
		...current,
		id: isFitting ? newId : undefined,
		_missing: isFitting ? current._missing : [...current._missing, 'id'],
	};
	if (!isFitting) delete replacement.id;
	return valid === undefined ? [replacement] : [creditOf(valid, current.last_updated), replacement];
}

/** The last CDR that was sent, and the last one that no credit CDR takes back. */
function lastOf(sent: SentCdr[]): Partial<Record<'valid' | 'newest', SentCdr>> {
	const credited = new Set(
		sent.filter(({ credit }) => credit === true).map((cdr) => cdr.credit_reference_id),
	);
	const originals = sent
		.filter(({ credit }) => credit !== true)
		.sort((one, other) => versionOf(one) - versionOf(other));
	return { valid: originals.filter(({ id }) => !credited.has(id)).at(-1), newest: originals.at(-1) };
}

/**
 * The mandatory fields of what a session cost that the last CDR has and the session has no longer, such as `total_cost` after a
 * correction to an amount that cannot be read. What others add to a CDR on the way, such as coordinates, is never among them.
 */
export function lostValues(sent: SentCdr[], current: OcpiObject): string[] {
	const { valid, newest } = lastOf(sent);
	const last = valid ?? newest;
	if (last === undefined) return [];
	return MANDATORY.filter(
		([, ...paths]) =>
			paths.some((path) => !isAbsent(last, path)) && paths.every((path) => isAbsent(current, path)),
	).map(([name]) => name);
}

/** Mandatory fields that are made of the session itself, each with the paths of its value in the versions of OCPI. */
const MANDATORY = [
	['start_date_time', 'start_date_time'],
	['end_date_time', 'end_date_time'],
	['currency', 'currency'],
	['total_cost', 'total_cost.excl_vat', 'total_cost.before_taxes'],
	['total_energy', 'total_energy'],
	['total_time', 'total_time'],
];

const OPTIONAL = ['total_cost.incl_vat', 'total_fixed_cost', 'total_energy_cost', 'total_parking_time'];

/** What differs between two CDRs that say the same. */
const NOT_COMPARED = ['id', 'last_updated', '_missing', '_warnings'];

/** The longest ID of a CDR that is no credit. */
const MAX_ID_LENGTH = 36;

/** 2 of `4711-v2`, and 1 of `4711`. */
function versionOf({ id }: SentCdr): number {
	return Number(/-v(\d+)$/.exec(id)?.[1] ?? 1);
}

/** All data of the original, with the negative of its cost. */
function creditOf(original: SentCdr, updatedAt: unknown): OcpiObject {
	const { _missing, _warnings, ...data } = original;
	const gaps = Array.isArray(_missing) ? _missing.map(String) : [];
	return {
		...data,
		id: `${original.id}-C`,
		total_cost: negated(original.total_cost),
		credit: true,
		credit_reference_id: original.id,
		last_updated: updatedAt ?? original.last_updated,
		_missing: gaps.filter((path) => isAbsent(original, path)),
		_warnings: Array.isArray(_warnings) ? _warnings.map(String) : [],
	};
}

function isAbsent(cdr: Record<string, unknown>, path: string): boolean {
	const value = path
		.split('.')
		.reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], cdr);
	return value === undefined || value === null;
}

/** A Price of 2.2.1 or 2.3.0 with the signs of its amounts turned. A percentage keeps its sign. */
function negated(price: unknown, name = ''): unknown {
	if (typeof price === 'number') return price === 0 || name === 'percentage' ? price : -price;
	if (Array.isArray(price)) return price.map((tax) => negated(tax));
	if (typeof price !== 'object' || price === null) return price;
	return Object.fromEntries(Object.entries(price).map(([field, value]) => [field, negated(value, field)]));
}

/** Whether all of a current value stands in what was sent. The sent CDR may have more, such as coordinates. */
function isWithin(current: unknown, sent: unknown): boolean {
	if (typeof current !== 'object' || current === null) return current === sent;
	if (typeof sent !== 'object' || sent === null) return false;
	if (Array.isArray(current) && current.length !== (sent as unknown[]).length) return false;
	return Object.entries(current).every(([name, value]) =>
		isWithin(value, (sent as Record<string, unknown>)[name]),
	);
}
