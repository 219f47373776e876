import { InputError, shown } from '../shared/errors';
import { readDate, toIsoUtc } from '../shared/request/dates';
import type { Encode } from '../shared/request/parameters';

/** What a field of the filter holds. */
export type FieldType = 'number' | 'string' | 'boolean' | 'date';

/**
 * The fields that the `filter` of `GET /v2/charge-records` allows, in the order of the vendor's page, with the type that
 * each has in the page's example record.
 */
export const FILTER_FIELDS: Record<string, FieldType> = {
	operatorId: 'number',
	companyId: 'number',
	'company.id': 'number',
	'auth.idTag.id': 'number',
	'auth.idTag.operatorId': 'number',
	'auth.idTag.companyId': 'number',
	'auth.idTag.customerId': 'number',
	'auth.idTag.crmCustomerId': 'number',
	'auth.type': 'string',
	transactionId: 'number',
	'location.country': 'string',
	'location.isPublic': 'boolean',
	'location.crmCustomerId': 'number',
	'auth.idTag.uid': 'string',
	startedAt: 'date',
	endedAt: 'date',
	updatedAt: 'date',
	createdAt: 'date',
	isRoaming: 'boolean',
	'location.appUserId': 'number',
	'location.id': 'number',
	'location.type': 'string',
	consumed: 'number',
	role: 'string',
	evseId: 'string',
	sessionId: 'string',
	'paymentMetadata.externalSessionId': 'string',
	'roamingDetails.type': 'string',
	'voucher.id': 'number',
	chargeBoxId: 'number',
};

/** The operators that the vendor's page allows, and how the canvas calls them. */
export const FILTER_OPERATORS: Record<string, string> = {
	$eq: 'Equals',
	$ne: 'Does Not Equal',
	$gt: 'Greater Than / After',
	$gte: 'Greater Than or Equal / From',
	$lt: 'Less Than / Before',
	$lte: 'Less Than or Equal / Until',
	$in: 'Is One Of',
	$nin: 'Is None Of',
	$exists: 'Exists',
	$regex: 'Matches Pattern',
};

/** Longest filter, once encoded for the address: servers commonly refuse more than 16 kB of headers and address. */
const LONGEST_FILTER = 12_000;

/** Deepest nesting of `$and` and `$or`: far more than anyone writes, and far less than the stack can take. */
const DEEPEST_LEVEL = 50;

/** One line of the builder. Which of the value fields counts depends on the field and the operator. */
interface Condition {
	field: string;
	operator: string;
	value?: unknown;
	booleanValue?: unknown;
	dateValue?: unknown;
	existsValue?: unknown;
}

/** Where a value stands, for messages, and how its dates are read. */
interface Place {
	label: string;
	part: string;
	level: number;
	timezone: string;
}

/** Writes the builder's conditions as the JSON that the API wants, joined by `$and` or `$or`. */
export const encodeConditions: Encode = (value, { label, values, timezone }) => {
	const conditions = (value as { conditions?: Condition[] }).conditions ?? [];
	if (conditions.length === 0) {
		throw new InputError(
			`"${label}" must hold at least one condition, but none was given`,
			'Add one, or set Content Filter to None.',
		);
	}
	const parts = conditions.map((condition, index) => {
		const { field, operator } = condition;
		const type = FILTER_FIELDS[field];
		const list = operator === '$in' || operator === '$nin';
		const place = { label, part: `condition ${index + 1} (${field})`, level: 0, timezone };
		const operand = list ? splitList(condition.value) : operandOf(condition, type);
		const typed = checkOperator(field, operator, fromText(operand, type, operator), place);
		return { [field]: operator === '$eq' ? typed : { [operator]: typed } };
	});
	const combinator = values.filterCombinator === '$or' ? '$or' : '$and';
	return toFilter(parts.length === 1 ? parts[0] : { [combinator]: parts }, label);
};

/** Checks a filter that was written as JSON, and writes its dates in UTC. */
export const encodeJson: Encode = (value, { label, timezone }) => {
	if (typeof value === 'string' && value.length > LONGEST_FILTER) throw tooLong(value.length, label);
	const filter = typeof value === 'string' ? parseJson(value, label) : value;
	const checked = checkQuery(filter, { label, part: '', level: 0, timezone });
	return Object.keys(checked).length === 0 ? undefined : toFilter(checked, label);
};

function toFilter(filter: object, label: string): string {
	const text = JSON.stringify(filter);
	const length = encodeURIComponent(text).length;
	if (length > LONGEST_FILTER) throw tooLong(length, label);
	return text;
}

function tooLong(length: number, label: string): InputError {
	return new InputError(
		`"${label}" must be at most ${LONGEST_FILTER} characters long in the address, but it has ${length}`,
		'Split the filter over several runs, for example a part of the ids each time.',
	);
}

function parseJson(text: string, label: string): unknown {
	const parsed = tryParse(text);
	if ('value' in parsed) return parsed.value;
	throw new InputError(
		`"${label}" must be JSON, but it does not parse: ${parsed.reason}`,
		'Correct the JSON.',
	);
}

function tryParse(text: string): { value: unknown } | { reason: string } {
	try {
		return { value: JSON.parse(text) };
	} catch (error) {
		return { reason: (error as Error).message };
	}
}

/** A query is an object of fields and of `$and` / `$or` with lists of queries. */
function checkQuery(query: unknown, place: Place): Record<string, unknown> {
	if (place.level > DEEPEST_LEVEL) {
		throw new InputError(
			`"${place.label}" must not nest deeper than ${DEEPEST_LEVEL} levels (at ${place.part})`,
			'Simplify the filter.',
		);
	}
	if (!isObject(query)) throw wrong(place, 'must be an object such as {"isRoaming": true}', query);
	const checked: Array<[string, unknown]> = Object.entries(query).map(([key, value]) => {
		const here = inside(place, place.part ? `.${key}` : key);
		if (key === '$and' || key === '$or') return [key, checkQueries(value, here)];
		if (key.startsWith('$')) {
			throw wrong(
				here,
				'is no operator that the API knows here. Allowed are $and and $or around fields',
				key,
			);
		}
		return [key, checkField(key, value, here)];
	});
	return Object.fromEntries(checked);
}

function checkQueries(queries: unknown, place: Place): unknown[] {
	if (!Array.isArray(queries) || queries.length === 0)
		throw wrong(place, 'must be a list of conditions', queries);
	return queries.map((query, index) =>
		checkQuery(query, { ...inside(place, `[${index}]`), level: place.level + 1 }),
	);
}

/** The condition of one field: a value that it equals, or an object of operators. */
function checkField(field: string, condition: unknown, place: Place): unknown {
	if (!isObject(condition)) return checkOperator(field, '$eq', condition, place);
	if (Object.keys(condition).length === 0) throw wrong(place, 'needs at least one operator', condition);
	return Object.fromEntries(
		Object.entries(condition).map(([operator, operand]) => [
			operator,
			checkOperator(field, operator, operand, inside(place, `.${operator}`)),
		]),
	);
}

function checkOperator(field: string, operator: string, operand: unknown, place: Place): unknown {
	if (!Object.hasOwn(FILTER_FIELDS, field)) {
		throw new InputError(
			`"${place.label}": ${shown(field)} is no field that the API can filter by`,
			`Allowed are ${Object.keys(FILTER_FIELDS).join(', ')}.`,
		);
	}
	const type = FILTER_FIELDS[field];
	switch (operator) {
		case '$exists':
			return checkScalar('boolean', operand, place);
		case '$regex':
			if (type !== 'string') throw wrong(place, `is a ${type} field; $regex works on text only`, operand);
			return checkScalar('string', operand, place);
		case '$in':
		case '$nin':
			if (!Array.isArray(operand) || operand.length === 0)
				throw wrong(place, 'must be a list of values', operand);
			return operand.map((entry) => checkScalar(type, entry, place));
		case '$eq':
		case '$ne':
			return operand === null ? null : checkScalar(type, operand, place);
		default:
			if (!Object.hasOwn(FILTER_OPERATORS, operator)) {
				throw new InputError(
					`"${place.label}": ${shown(operator)} is no operator that the API knows (at ${place.part})`,
					`Allowed are ${Object.keys(FILTER_OPERATORS).join(', ')}, and $and, $or around conditions.`,
				);
			}
			return checkScalar(type, operand, place);
	}
}

function checkScalar(type: FieldType, value: unknown, place: Place): unknown {
	switch (type) {
		case 'number':
			if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(place, 'must be a number', value);
			return value;
		case 'boolean':
			if (typeof value !== 'boolean') throw wrong(place, 'must be true or false', value);
			return value;
		case 'string':
			if (typeof value !== 'string' || value === '') throw wrong(place, 'must be text', value);
			return value;
		case 'date':
			if (value === undefined || value === null || value === '') throw wrong(place, 'must be a date', value);
			return toIsoUtc(readDate(value, place.timezone, `${place.label}: ${place.part}`));
	}
}

/** The value field that the canvas shows for this field and operator. */
function operandOf(condition: Condition, type: FieldType): unknown {
	if (condition.operator === '$exists') return condition.existsValue;
	if (condition.operator === '$regex') return condition.value;
	if (type === 'boolean') return condition.booleanValue;
	if (type === 'date') return condition.dateValue;
	return condition.value;
}

/** `1766, 1767` -> the two; a list from an expression stays one. */
function splitList(given: unknown): unknown {
	if (typeof given === 'number') return [given];
	if (typeof given !== 'string') return given;
	return given
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
}

/** The builder's field is a text field; what stands in it for a number or a flag becomes one where it is one. */
function fromText(given: unknown, type: FieldType, operator: string): unknown {
	if (operator === '$exists' || operator === '$regex') return given;
	const typed = (entry: unknown) => {
		if (typeof entry === 'number' && type === 'string') return String(entry);
		if (typeof entry !== 'string') return entry;
		if (type === 'number')
			return entry.trim() !== '' && Number.isFinite(Number(entry)) ? Number(entry) : entry;
		if (type === 'boolean') return entry === 'true' || (entry === 'false' ? false : entry);
		return entry;
	};
	return Array.isArray(given) ? given.map(typed) : typed(given);
}

/** A place further in; of a long way there, the end is shown. */
function inside(place: Place, step: string): Place {
	const part = place.part + step;
	return { ...place, part: part.length > 100 ? `…${part.slice(-100)}` : part };
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function wrong(place: Place, problem: string, given: unknown): InputError {
	const part = place.part ? `${place.part} ` : 'it ';
	return new InputError(
		`"${place.label}": ${part}${problem}; ${shown(given)} was given`,
		'Correct the filter.',
	);
}
