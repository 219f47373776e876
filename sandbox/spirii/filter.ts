import {
	crmCustomerId,
	externalSessionId,
	role,
	roamingType,
	sessionId,
	updatedAt,
	type UpdatedAt,
} from './records';
import type { Session } from './session';

/** Something in the filter that the documentation does not allow; the message names it. */
export class FilterError extends Error {}

type Kind = 'number' | 'text' | 'boolean' | 'time';
type Value = string | number | boolean | null | undefined;
type Test = (session: Session) => boolean;

/** How times are read. */
interface Reading {
	/** What `updatedAt` stands for. */
	meaning: UpdatedAt;
	/** Whether times are compared as times; else as texts, which equal none. */
	comparesTimes: boolean;
}

/** The documented fields: their type, and where a session has them. Times are milliseconds since 1970. */
const FIELDS: Record<string, [Kind, (session: Session, meaning: UpdatedAt) => Value]> = {
	operatorId: ['number', ({ operator }) => operator.id],
	companyId: ['number', ({ company }) => company.id],
	'company.id': ['number', ({ company }) => company.id],
	'auth.idTag.id': ['number', ({ tag }) => tag.id],
	'auth.idTag.operatorId': ['number', (session) => own(session, session.operator.id)],
	'auth.idTag.companyId': ['number', (session) => own(session, session.tag.company.id)],
	'auth.idTag.customerId': ['number', (session) => own(session, session.tag.customerId)],
	'auth.idTag.crmCustomerId': ['number', (session) => own(session, crmCustomerId(session.tag))],
	'auth.type': ['text', ({ tag }) => tag.type],
	transactionId: ['number', ({ id }) => id],
	'location.country': ['text', ({ site }) => site.country],
	'location.isPublic': ['boolean', ({ site }) => site.isPublic],
	'location.crmCustomerId': ['number', ({ site }) => site.crmId],
	'auth.idTag.uid': ['text', ({ tag }) => tag.uid],
	startedAt: ['time', (session) => session.startedAt],
	endedAt: ['time', (session) => session.endedAt],
	updatedAt: ['time', (session, meaning) => updatedAt(session, meaning)],
	createdAt: ['time', (session) => session.createdAt],
	isRoaming: ['boolean', ({ roaming }) => roaming !== null],
	'location.appUserId': ['number', ({ site }) => site.appUserId],
	'location.id': ['number', ({ site }) => site.id],
	'location.type': ['text', ({ site }) => site.type],
	consumed: ['number', ({ consumed }) => consumed],
	role: ['text', role],
	evseId: ['text', ({ evseId }) => evseId],
	sessionId: ['text', sessionId],
	'paymentMetadata.externalSessionId': ['text', externalSessionId],
	'roamingDetails.type': ['text', roamingType],
	'voucher.id': ['number', ({ voucher }) => voucher?.id],
	chargeBoxId: ['number', ({ chargeBoxId }) => chargeBoxId],
};

/** Names of all fields that a filter may hold. */
export const FILTER_FIELDS = Object.keys(FIELDS);

type Operator = (actual: Value, wanted: Value) => boolean;
const COMPARISONS: Record<string, Operator> = {
	$eq: (actual, wanted) => (actual ?? null) === wanted,
	$ne: (actual, wanted) => (actual ?? null) !== wanted,
	$gt: (actual, wanted) => comparable(actual, wanted) && (actual as number) > (wanted as number),
	$gte: (actual, wanted) => comparable(actual, wanted) && (actual as number) >= (wanted as number),
	$lt: (actual, wanted) => comparable(actual, wanted) && (actual as number) < (wanted as number),
	$lte: (actual, wanted) => comparable(actual, wanted) && (actual as number) <= (wanted as number),
};

/**
 * Reads a MongoDB-style filter.
 *
 * Values must have the field's type. A database would silently find nothing for a text where a number belongs; here it
 * is refused, since that is how a test finds it.
 *
 * @param text JSON.
 * @param meaning What `updatedAt` stands for.
 * @param comparesTimes Whether times are compared as times; else as texts, which equal no time.
 * @throws FilterError that names the part that is not allowed.
 */
export function readFilter(text: string, meaning: UpdatedAt, comparesTimes = true): Test {
	let filter: unknown;
	try {
		filter = JSON.parse(text);
	} catch {
		throw new FilterError('must be JSON');
	}
	return readGroup(filter, { meaning, comparesTimes });
}

function readGroup(filter: unknown, reading: Reading): Test {
	const entries = Object.entries(object(filter, 'must be an object'));
	return all(
		entries.map(([name, condition]) => {
			if (name === '$and' || name === '$or') {
				if (!Array.isArray(condition) || condition.length === 0)
					throw new FilterError(`${name} must be a list`);
				const tests = condition.map((inner) => readGroup(inner, reading));
				return name === '$and' ? all(tests) : (session: Session) => tests.some((test) => test(session));
			}
			if (name.startsWith('$')) throw new FilterError(`${name} is not an allowed operator`);
			return readField(name, condition, reading);
		}),
	);
}

function readField(name: string, condition: unknown, { meaning, comparesTimes }: Reading): Test {
	const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
	if (!field) throw new FilterError(`${name} is not an allowed field`);
	const [kind, read] = field;
	const isPlain = typeof condition !== 'object' || condition === null;
	const conditions = isPlain
		? { $eq: condition }
		: object(condition, `${name} must be a value or an object of operators`);
	if (Object.keys(conditions).length === 0) throw new FilterError(`${name} must have an operator`);
	return all(
		Object.entries(conditions).map(([operator, given]) => {
			const test = readOperator(name, kind, operator, given, comparesTimes);
			return (session: Session) => test(read(session, meaning));
		}),
	);
}

function readOperator(
	name: string,
	kind: Kind,
	operator: string,
	given: unknown,
	comparesTimes: boolean,
): (actual: Value) => boolean {
	const compare = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
	if (compare) {
		const wanted = readValue(name, kind, given, comparesTimes);
		return (actual) => compare(actual, wanted);
	}
	if (operator === '$in' || operator === '$nin') {
		if (!Array.isArray(given)) throw new FilterError(`${operator} of ${name} must be a list`);
		const wanted = new Set(given.map((one) => readValue(name, kind, one, comparesTimes)));
		return (actual) => wanted.has(actual ?? null) === (operator === '$in');
	}
	if (operator === '$exists') {
		if (typeof given !== 'boolean') throw new FilterError(`$exists of ${name} must be true or false`);
		return (actual) => (actual !== undefined && actual !== null) === given;
	}
	if (operator === '$regex') {
		const pattern = readPattern(name, kind, given);
		return (actual) => typeof actual === 'string' && pattern.test(actual);
	}
	throw new FilterError(`${operator} is not an allowed operator`);
}

function readPattern(name: string, kind: Kind, given: unknown): RegExp {
	if (kind !== 'text' || typeof given !== 'string')
		throw new FilterError(`$regex of ${name} must be a text for a text`);
	try {
		return new RegExp(given);
	} catch {
		throw new FilterError(`$regex of ${name} is not a regular expression`);
	}
}

/** Null stands for a missing value. */
function readValue(name: string, kind: Kind, given: unknown, comparesTimes: boolean): Value {
	if (given === null) return null;
	if (kind === 'time') {
		const isIso =
			typeof given === 'string' && /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(given);
		const time = isIso ? Date.parse(given) : NaN;
		if (Number.isNaN(time)) throw new FilterError(`${name} must be compared with an ISO 8601 time`);
		return comparesTimes ? time : String(given);
	}
	const wanted = kind === 'text' ? 'string' : kind;
	if (typeof given !== wanted) throw new FilterError(`${name} must be compared with a ${kind}`);
	return given as Value;
}

function comparable(actual: Value, wanted: Value): boolean {
	return actual !== undefined && actual !== null && typeof actual === typeof wanted;
}

function object(value: unknown, message: string): Record<string, unknown> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FilterError(message);
	return value as Record<string, unknown>;
}

function all(tests: Test[]): Test {
	return (session) => tests.every((test) => test(session));
}

/** Of a foreign driver's key only the uid is known. */
function own(session: Session, value: Value): Value {
	return session.roaming === 'cpo' ? undefined : value;
}
