import { InputError, formatValue } from '../shared/util/errors';
import { readDate, toIsoUtc } from '../shared/parameters/dates';
import type { Encode } from '../shared/parameters/parameters';

/** The type of a filter field. */
export type FieldType = 'number' | 'string' | 'boolean' | 'date';

/**
 * The fields that the `filter` of `GET /v2/charge-records` allows, in the order of the vendor's page. The types are those in the
 * example record on that page.
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

/** The operators that the vendor's page allows, with their labels on the canvas. */
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
	$regex: 'Matches Regex',
};

/** Labels in the words of the rows, where the API's own name says less. */
const FIELD_LABELS: Record<string, string> = {
	'auth.type': 'Authorization Type',
	chargeBoxId: 'Charger ID',
	consumed: 'Energy in kWh',
};

/** `auth.idTag.uid` -> `ID Tag UID`: the label of a field on the canvas. */
export function fieldLabel(field: string): string {
	if (Object.hasOwn(FIELD_LABELS, field)) return FIELD_LABELS[field];
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

/** In characters, encoded for the URL. Servers commonly refuse more than 16 kB of headers and URL. */
const MAX_FILTER_LENGTH = 12_000;

/** The deepest nesting of `$and` and `$or`. Real filters stay far below it, and the call stack allows far more. */
const MAX_DEPTH = 50;

/** A number in decimal notation. `Number()` would also accept `0x10` and empty text. */
const DECIMAL = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/**
 * One condition of the canvas, as n8n passes it. A value that is missing in the workflow, or null, is the default, which is empty
 * text. An expression can return any value (n8n 2.41.1).
 */
interface Condition {
	field?: unknown;
	operator?: unknown;
	value?: unknown;
}

/** The position of a value in the filter, for messages, and the settings for reading it. */
interface JsonPath {
	label: string;
	part: string;
	depth: number;
	timezone: string;
	/** Whether a field may be compared with null. An expression also returns null for a missing value. */
	allowsNull: boolean;
}

type Context = Parameters<Encode>[1];

/**
 * Encodes the conditions of the canvas as the API's `filter`. If there is also a filter in JSON, `encodeJson` encodes both.
 *
 * @throws InputError that names the condition without a field, an operator or a value.
 */
export const encodeConditions: Encode = (_, context) =>
	context.values.filterJson === undefined
		? toFilter(readConditions(context), `"${CONDITIONS_LABEL}"`)
		: undefined;

/**
 * Checks a filter in JSON and converts its dates to UTC. If there are also conditions of the canvas, both must hold.
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

/** The encoders of the parameters that form the API's `filter`, by parameter name. */
export const filterEncoders: Record<string, Encode> = {
	filterConditions: encodeConditions,
	filterJson: encodeJson,
};

/** @param name The name of the filter in the message. */
function toFilter(filter: object, name: string): string {
	const text = JSON.stringify(filter);
	const length = encodeURIComponent(text).length;
	if (length > MAX_FILTER_LENGTH) throw tooLong(length, name);
	return text;
}

function tooLong(length: number, name: string): InputError {
	return new InputError(
		`${name} must be at most ${MAX_FILTER_LENGTH} characters long in the address, but it has ${length}`,
		'Split the filter over several runs, for example a part of the IDs each time.',
	);
}

/** The conditions of the canvas as one query. */
function readConditions({ values, timezone }: Context): object {
	const { conditions } = values.filterConditions as { conditions?: Condition[] };
	// n8n also passes an empty object for conditions in another form: a list, text, an expression (n8n 2.41.1).
	if (!Array.isArray(conditions) || conditions.length === 0) {
		throw new InputError(
			`"${CONDITIONS_LABEL}" must hold at least one condition, but none was given`,
			`Add a condition, or remove "${CONDITIONS_LABEL}" from the filters: without one, every charge record would be returned.`,
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
	if (isBlank(field))
		throw wrong(path, 'has no field', field, 'Choose the field to compare, or remove the condition.');
	checkFieldName(field, path);
	const here = { ...path, part: `${path.part} (${fieldLabel(field)})` };
	if (isBlank(operator))
		throw wrong(here, 'has no operator', operator, 'Choose how to compare, or remove the condition.');
	checkOperatorName(operator, here);
	const operand = isListOperator(operator) ? splitList(value) : value;
	const entries = Array.isArray(operand) ? operand : [operand];
	if (entries.length === 0 || entries.some(isBlank)) {
		throw wrong(
			here,
			entries.length > 1 ? 'has an entry without a value' : 'has no value',
			value,
			`${FILTER_FIELDS[field] === 'date' ? 'Choose a date' : 'Fill in a value'} for ${here.part}, or remove the condition; when it holds an expression, check what the expression gives for this item.`,
		);
	}
	const typed = entries.map((entry) => fromText(entry, FILTER_FIELDS[field], operator, here));
	const checked = checkOperand(field, operator, Array.isArray(operand) ? typed : typed[0], here);
	return { [field]: operator === '$eq' ? checked : { [operator]: checked } };
}

/** Whether a field of the canvas was left blank, or an expression returned no value. */
function isBlank(given: unknown): boolean {
	const isEmptyText = typeof given === 'string' && given.trim() === '';
	const isEmptyList = Array.isArray(given) && given.length === 0;
	return given === undefined || given === null || Number.isNaN(given) || isEmptyText || isEmptyList;
}

/** `1766, 1767` or `["1766", "1767"]` -> a list of two. A list is not changed. Any other value becomes a list of one. */
function splitList(given: unknown): unknown[] {
	if (Array.isArray(given)) return given;
	if (typeof given !== 'string') return [given];
	const parsed = tryParse(given);
	if ('value' in parsed && Array.isArray(parsed.value)) return parsed.value;
	return given.split(',');
}

/** Converts the text of a canvas field to a number or a boolean, if the type of the field requires it. */
function fromText(given: unknown, type: FieldType, operator: string, path: JsonPath): unknown {
	if (operator === '$regex') return given;
	// An expression can return a number for a text of digits.
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
	// If `isExpression` is not set, the value may come from an expression.
	const allowsNull = isText && isExpression === false;
	return checkQuery(filter, { label, part: '', depth: 0, timezone, allowsNull });
}

function parseJson(text: string, label: string): unknown {
	const parsed = tryParse(text);
	if ('value' in parsed) return parsed.value;
	throw new InputError(
		`"${label}" must be JSON, but it does not parse: ${parsed.reason}`,
		'Correct the JSON: names and texts stand in double quotes, without a comma after the last one.',
	);
}

function tryParse(text: string): { value: unknown } | { reason: string } {
	try {
		return { value: JSON.parse(text) };
	} catch (error) {
		return { reason: (error as Error).message };
	}
}

/** Checks a query: an object of fields, and of `$and` / `$or` with lists of queries. */
function checkQuery(query: unknown, path: JsonPath): Record<string, unknown> {
	if (path.depth > MAX_DEPTH) {
		throw new InputError(
			`"${path.label}" must not nest deeper than ${MAX_DEPTH} levels (at ${path.part})`,
			'Write it with fewer $and and $or inside one another.',
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

/** Checks the condition of one field: a value that it must equal, or an object of operators. */
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

/** Checks the value that a field is compared with, by the type of the field. */
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
		`"${path.label}": ${path.part} is null, which an expression also gives where a value is missing`,
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
 * Checks that JSON does not round a number. It rounds whole numbers above 2^53, so the filter would select another record.
 *
 * @param given The original value, for the message.
 */
function checkDigits(number: number, given: unknown, path: JsonPath): number {
	const isRounded = Number.isInteger(number) && !Number.isSafeInteger(number);
	if (Number.isFinite(number) && !isRounded) return number;
	throw wrong(path, 'is a number with more digits than JSON can carry', given);
}

/** The path of a value inside. A long path is cut at its beginning. */
function inside(path: JsonPath, step: string): JsonPath {
	const part = path.part + step;
	return { ...path, part: part.length > 100 ? `…${part.slice(-100)}` : part };
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function wrong(path: JsonPath, problem: string, given: unknown, advice?: string): InputError {
	const isNothing = advice !== undefined && (given === '' || given === undefined);
	return new InputError(
		`"${path.label}": ${path.part || 'it'} ${problem}${isNothing ? '' : `; ${formatValue(given)} was given`}`,
		advice ?? `Correct ${path.part || 'it'} in "${path.label}".`,
	);
}
