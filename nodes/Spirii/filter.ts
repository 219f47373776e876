import { InputError, formatValue } from '../shared/util/errors';
import { readDate, toIsoUtc } from '../shared/parameters/dates';
import type { Encode } from '../shared/parameters/parameters';

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

/** `auth.idTag.uid` -> `ID Tag UID`: how the canvas calls a field. */
export function fieldLabel(field: string): string {
	const words = field
		.replace(/^auth\.(?=idTag)/, '')
		.replace(/\./g, ' ')
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.split(' ');
	const inTitleCase = (word: string) =>
		/^(id|uid|crm|evse)$/i.test(word) ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1);
	return words.map(inTitleCase).join(' ');
}

/** The label of the conditions on the canvas. */
export const CONDITIONS_LABEL = 'Conditions';

/** In characters, once encoded for the URL: servers commonly refuse more than 16 kB of headers and URL. */
const MAX_FILTER_LENGTH = 12_000;

/** Nesting of `$and` and `$or`: far more than anyone writes, and far less than the stack can take. */
const MAX_DEPTH = 50;

/** A number in decimal notation. `Number()` would also take `0x10` and empty text. */
const DECIMAL = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/**
 * One condition of the canvas, as n8n hands it over: a field that the workflow does not have, or has as null, holds its
 * default, which is empty text; an expression can give anything (n8n 2.41.1).
 */
interface Condition {
	field?: unknown;
	operator?: unknown;
	value?: unknown;
}

/** Where a value stands, for messages, and how it is read. */
interface JsonPath {
	label: string;
	part: string;
	depth: number;
	timezone: string;
	/** Whether a field can be compared with null. An expression gives null also where a value is missing. */
	allowsNull: boolean;
}

type Context = Parameters<Encode>[1];

/**
 * Writes the conditions of the canvas as the API's `filter`. Where there is a filter in JSON as well, `encodeJson` writes
 * both.
 *
 * @throws InputError that names the condition: one without a field, an operator or a value would not select anything.
 */
export const encodeConditions: Encode = (_, context) =>
	context.values.filterJson === undefined
		? toFilter(readConditions(context), `"${CONDITIONS_LABEL}"`)
		: undefined;

/**
 * Checks a filter in JSON and writes its dates in UTC. Where there are conditions of the canvas as well, both must hold.
 *
 * @throws InputError that names the part of the filter.
 */
export const encodeJson: Encode = (value, context) => {
	const { label } = context;
	const filter = readJson(value, context);
	if (context.values.filterConditions === undefined) return toFilter(filter, `"${label}"`);
	const both = { $and: [readConditions(context), filter] };
	return toFilter(both, `The filter of "${CONDITIONS_LABEL}" and "${label}"`);
};

/** By parameter name: what the API's one `filter` is made of. */
export const filterEncoders: Record<string, Encode> = {
	filterConditions: encodeConditions,
	filterJson: encodeJson,
};

/** @param name What the filter is called in the message. */
function toFilter(filter: object, name: string): string {
	const text = JSON.stringify(filter);
	const length = encodeURIComponent(text).length;
	if (length > MAX_FILTER_LENGTH) throw tooLong(length, name);
	return text;
}

function tooLong(length: number, name: string): InputError {
	return new InputError(
		`${name} must be at most ${MAX_FILTER_LENGTH} characters long in the address, but it has ${length}`,
		'Split the filter over several runs, for example a part of the ids each time.',
	);
}

/** The conditions of the canvas as one query. */
function readConditions({ values, timezone }: Context): object {
	const { conditions } = values.filterConditions as { conditions?: Condition[] };
	// An empty object is also what n8n makes of conditions in another form: a list, text, an expression (n8n 2.41.1).
	if (!Array.isArray(conditions) || conditions.length === 0) {
		throw new InputError(
			`"${CONDITIONS_LABEL}" must hold at least one condition, but none was given`,
			`Add a condition, or remove "${CONDITIONS_LABEL}" from the filters: without one, every charge record would come.`,
		);
	}
	const queries = conditions.map((condition, index) =>
		readCondition(condition, {
			label: CONDITIONS_LABEL,
			part: `condition ${index + 1}`,
			depth: 0,
			timezone,
			allowsNull: false,
		}),
	);
	const combinator = values.filterCombinator === '$or' ? '$or' : '$and';
	return queries.length === 1 ? queries[0] : { [combinator]: queries };
}

function readCondition({ field, operator, value: given }: Condition, path: JsonPath): object {
	// A location, an EVSE or a charge box may be picked from a list.
	const value = isObject(given) && '__rl' in given ? given.value : given;
	if (isBlank(field)) throw wrong(path, 'has no field', field, 'Pick the field to compare.');
	checkFieldName(field, path);
	const here = { ...path, part: `${path.part} (${fieldLabel(field)})` };
	if (isBlank(operator)) throw wrong(here, 'has no operator', operator, 'Pick how to compare.');
	checkOperatorName(operator, here);
	const operand = isListOperator(operator) ? splitList(value) : value;
	const entries = Array.isArray(operand) ? operand : [operand];
	if (entries.length === 0 || entries.some(isBlank)) {
		throw wrong(
			here,
			entries.length > 1 ? 'has an entry without a value' : 'has no value',
			value,
			'Fill in the value, or remove the condition; when it holds an expression, check what the expression gives for this item.',
		);
	}
	const typed = entries.map((entry) => fromText(entry, FILTER_FIELDS[field], operator, here));
	const checked = checkOperand(field, operator, Array.isArray(operand) ? typed : typed[0], here);
	return { [field]: operator === '$eq' ? checked : { [operator]: checked } };
}

/** What an empty field of the canvas gives, and an expression without a value. */
function isBlank(given: unknown): boolean {
	const isEmptyText = typeof given === 'string' && given.trim() === '';
	const isEmptyList = Array.isArray(given) && given.length === 0;
	return given === undefined || given === null || Number.isNaN(given) || isEmptyText || isEmptyList;
}

/** `1766, 1767` or `["1766", "1767"]` -> the two; a list stays as it is, and any other value is a list of one. */
function splitList(given: unknown): unknown[] {
	if (Array.isArray(given)) return given;
	if (typeof given !== 'string') return [given];
	const parsed = tryParse(given);
	if ('value' in parsed && Array.isArray(parsed.value)) return parsed.value;
	return given.split(',');
}

/** The canvas has a text for each type; what stands in it becomes a number or a flag where it is one. */
function fromText(given: unknown, type: FieldType, operator: string, path: JsonPath): unknown {
	if (operator === '$regex') return given;
	// A text of digits that an expression gives as a number.
	if (typeof given === 'number' && type === 'string') return String(checkDigits(given, given, path));
	if (typeof given !== 'string') return given;
	const text = given.trim();
	switch (operator === '$exists' ? 'boolean' : type) {
		case 'number':
			return DECIMAL.test(text) ? checkDigits(Number(text), text, path) : text;
		case 'boolean':
			return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text;
		default:
			return text;
	}
}

/** The filter in JSON as a query. */
function readJson(value: unknown, { label, timezone, isExpression }: Context): Record<string, unknown> {
	if (typeof value === 'string' && value.length > MAX_FILTER_LENGTH) {
		throw tooLong(value.length, `"${label}"`);
	}
	const isText = typeof value === 'string';
	const filter = isText ? parseJson(value, label) : value;
	// Where nobody says whether an expression gave it, it may have.
	const allowsNull = isText && isExpression === false;
	return checkQuery(filter, { label, part: '', depth: 0, timezone, allowsNull });
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
function checkQuery(query: unknown, path: JsonPath): Record<string, unknown> {
	if (path.depth > MAX_DEPTH) {
		throw new InputError(
			`"${path.label}" must not nest deeper than ${MAX_DEPTH} levels (at ${path.part})`,
			'Simplify the filter.',
		);
	}
	if (!isObject(query)) throw wrong(path, 'must be an object such as {"isRoaming": true}', query);
	const entries = Object.entries(query);
	if (entries.length === 0) {
		throw wrong(
			path,
			'is empty and would let every charge record through',
			query,
			'Name a field, or remove the filter; when it holds an expression, check what the expression gives for this item. JSON.stringify leaves out fields without a value.',
		);
	}
	const checked: Array<[string, unknown]> = entries.map(([key, value]) => {
		const here = inside(path, path.part ? `.${key}` : key);
		if (key === '$and' || key === '$or') return [key, checkQueries(value, here)];
		if (key.startsWith('$')) {
			throw wrong(
				here,
				'is no operator that the API knows here. Allowed are $and and $or around fields',
				key,
			);
		}
		checkFieldName(key, here);
		return [key, checkField(key, value, here)];
	});
	return Object.fromEntries(checked);
}

function checkQueries(queries: unknown, path: JsonPath): unknown[] {
	if (!Array.isArray(queries) || queries.length === 0)
		throw wrong(path, 'must be a list of conditions', queries);
	return queries.map((query, index) =>
		checkQuery(query, { ...inside(path, `[${index}]`), depth: path.depth + 1 }),
	);
}

/** The condition of one field: a value that it equals, or an object of operators. */
function checkField(field: string, condition: unknown, path: JsonPath): unknown {
	if (!isObject(condition)) return checkOperand(field, '$eq', condition, path);
	if (Object.keys(condition).length === 0) throw wrong(path, 'needs at least one operator', condition);
	return Object.fromEntries(
		Object.entries(condition).map(([operator, operand]) => {
			const here = inside(path, `.${operator}`);
			checkOperatorName(operator, here);
			return [operator, checkOperand(field, operator, operand, here)];
		}),
	);
}

function checkFieldName(field: unknown, path: JsonPath): asserts field is string {
	if (typeof field === 'string' && Object.hasOwn(FILTER_FIELDS, field)) return;
	throw new InputError(
		`"${path.label}": ${formatValue(field)} is no field that the API can filter by (at ${path.part})`,
		`Allowed are ${Object.keys(FILTER_FIELDS).join(', ')}.`,
	);
}

function checkOperatorName(operator: unknown, path: JsonPath): asserts operator is string {
	if (typeof operator === 'string' && Object.hasOwn(FILTER_OPERATORS, operator)) return;
	throw new InputError(
		`"${path.label}": ${formatValue(operator)} is no operator that the API knows (at ${path.part})`,
		`Allowed are ${Object.keys(FILTER_OPERATORS).join(', ')}, and $and, $or around conditions.`,
	);
}

function isListOperator(operator: string): boolean {
	return operator === '$in' || operator === '$nin';
}

/** What a field is compared with, in the type of the field. */
function checkOperand(field: string, operator: string, operand: unknown, path: JsonPath): unknown {
	const type = FILTER_FIELDS[field];
	if (isListOperator(operator)) {
		if (!Array.isArray(operand) || operand.length === 0)
			throw wrong(path, 'must be a list of values', operand);
		return operand.map((entry) => checkScalar(type, entry, path));
	}
	switch (operator) {
		case '$exists':
			return checkScalar('boolean', operand, path);
		case '$regex':
			if (type !== 'string') throw wrong(path, `is a ${type} field; $regex works on text only`, operand);
			return checkScalar('string', operand, path);
		case '$eq':
		case '$ne':
			return operand === null ? checkNull(path) : checkScalar(type, operand, path);
		default:
			return checkScalar(type, operand, path);
	}
}

function checkNull(path: JsonPath): null {
	if (path.allowsNull) return null;
	throw new InputError(
		`"${path.label}": ${path.part} is null, which an expression gives also where a value is missing`,
		'Check what the expression gives for this item. For records without a value use {"$exists": false}; null itself is taken from a filter without an expression only.',
	);
}

function checkScalar(type: FieldType, value: unknown, path: JsonPath): unknown {
	switch (type) {
		case 'number':
			if (typeof value !== 'number' || Number.isNaN(value)) throw wrong(path, 'must be a number', value);
			return checkDigits(value, value, path);
		case 'boolean':
			if (typeof value !== 'boolean') throw wrong(path, 'must be true or false', value);
			return value;
		case 'string':
			if (typeof value !== 'string' || isBlank(value)) throw wrong(path, 'must be text', value);
			return value;
		case 'date':
			if (isBlank(value)) throw wrong(path, 'must be a date', value);
			return toIsoUtc(readDate(value, path.timezone, `${path.label}: ${path.part}`));
	}
}

/**
 * Whole numbers of more than 2^53 are rounded by JSON, so another record would be selected.
 *
 * @param given What the number was read from, for the message.
 */
function checkDigits(number: number, given: unknown, path: JsonPath): number {
	const isRounded = Number.isInteger(number) && !Number.isSafeInteger(number);
	if (Number.isFinite(number) && !isRounded) return number;
	throw wrong(path, 'is a number with more digits than JSON can carry', given);
}

/** A place further in; of a long way there, the end is shown. */
function inside(path: JsonPath, step: string): JsonPath {
	const part = path.part + step;
	return { ...path, part: part.length > 100 ? `…${part.slice(-100)}` : part };
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function wrong(path: JsonPath, problem: string, given: unknown, advice = 'Correct the filter.'): InputError {
	return new InputError(
		`"${path.label}": ${path.part || 'it'} ${problem}; ${formatValue(given)} was given`,
		advice,
	);
}
