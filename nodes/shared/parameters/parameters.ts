import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { InputError, formatValue } from '../util/errors';
import { pathSegment } from '../http/url';
import { isObject } from '../http/response';
import { isExact } from '../util/ids';
import { readDate } from './dates';

/** What can stand in a query or a JSON body. */
export type Wire = string | number | boolean | string[];

/** The parameters of one operation, checked and sorted by where they go. */
export interface Parameters {
	/** Every parameter that is set, by its name; names are unique across collections. Dates are `Date`. */
	values: Record<string, unknown>;
	/** What each parameter is called on the canvas, set or not. */
	labels: Record<string, string>;
	/** In wire names and wire form. */
	query: Record<string, Wire>;
	body: Record<string, Wire>;
	/** Labels of filters that were added and left blank: they are not sent, and the user should know. */
	blankFilters: string[];
}

/**
 * Turns a value that has no wire form of its own (a filter, say) into one; `undefined` is not sent. `isExpression`: whether
 * the value comes from an expression.
 */
export type Encode = (
	value: unknown,
	given: { label: string; values: Record<string, unknown>; timezone: string; isExpression?: boolean },
) => Wire | undefined;

/** `routing.send.value` of a yes/no parameter that the API wants as 0 or 1. */
export const AS_ZERO_OR_ONE = '={{ $value ? 1 : 0 }}';

/** Where parameters are read from: a node, for one input item. */
export interface ParameterSource {
	/** The `parameters` of n8n's `getNode()`. An expression stands there as text that begins with `=`. */
	written: Record<string, unknown>;
	/** Gives the value of a top-level parameter, its expressions evaluated. */
	read: (property: INodeProperties) => unknown;
	/** The input item, counted from 0; `undefined` in a trigger. */
	itemIndex?: number;
	/** Whether an agent calls the node as a tool. */
	isTool?: boolean;
}

/** How parameters are read. */
export interface ReadOptions {
	/** IANA name, for dates without offset. */
	timezone: string;
	/** The API's form of a date. */
	formatDate: (date: Date) => string;
	/** By parameter name. */
	encode?: Record<string, Encode>;
	/** Names of the parameters that say where a list begins. */
	listStart?: string[];
}

/**
 * Reads the parameters of an operation and sorts them by their `routing.send`, as n8n's own router would.
 *
 * What is sent, and what is refused:
 * - What was left blank by hand is not sent. Of a filter, `blankFilters` has the label. A yes/no always shows a value on the
 *   canvas, and so does a number or a choice outside of a collection: these are refused when they are blank.
 * - An expression that gives nothing is refused: `''`, blanks only, `[]`, null, undefined, NaN or an invalid date. Without
 *   the value the records of everybody would come, or a default that is not the one on the canvas.
 * - A parameter that says where a list begins may be blank in either way. It then means the beginning: the first round of a
 *   loop has no cursor yet.
 * - A yes/no that other parameters depend on must be true or false unless it is an expression. n8n compares it exactly
 *   (n8n-workflow 2.41.0), so it removes what depends on the text `"false"` before the node runs.
 *
 * @param properties The operation's properties, collections included. One that others depend on stands before them. One
 * that is hidden on the canvas is not read.
 * @throws InputError for the first value that its own property does not allow.
 */
export function readParameters(
	properties: INodeProperties[],
	source: ParameterSource,
	options: ReadOptions,
): Parameters {
	const parameters: Parameters = { values: {}, labels: {}, query: {}, body: {}, blankFilters: [] };
	const { values, labels } = parameters;
	const leaves: Entry[] = [];
	const deciding = new Set(
		properties.flatMap(({ displayOptions }) => Object.keys(displayOptions?.show ?? {})),
	);
	const isShown = ({ displayOptions }: INodeProperties) =>
		Object.entries(displayOptions?.show ?? {}).every(([name, allowed]) =>
			allowed?.includes(values[name] as string),
		);

	for (const property of properties) {
		if (!isShown(property)) continue;
		for (const entry of entriesOf(property, source)) {
			const { name, displayName } = entry.property;
			leaves.push(entry);
			labels[name] = displayName;
			if (!entry.isSet) continue;
			if (deciding.has(name)) checkDeciding(entry);
			checkExpressions(entry, source, options);
			const value = checkValue(entry, options);
			if (value !== undefined) values[name] = value;
			else if (isFilter(entry)) parameters.blankFilters.push(displayName);
		}
	}

	const { timezone } = options;
	for (const { property, written } of leaves) {
		const { name, displayName: label } = property;
		const send = property.routing?.send;
		const value = values[name];
		if (!send?.type || !send.property || value === undefined) continue;
		const encode = options.encode?.[name];
		const wire = encode
			? encode(value, { label, values, timezone, isExpression: isExpression(written) })
			: toWire(value, send.value, options.formatDate);
		if (wire !== undefined) parameters[send.type][send.property] = wire;
	}
	return parameters;
}

/** A parameter outside of collections, or one that can be added to a collection. */
interface Entry {
	property: INodeProperties;
	collection?: INodeProperties;
	/** False where it was not added to its collection. */
	isSet: boolean;
	written: unknown;
	given: unknown;
}

/** The parameter itself; of a collection, what can be added to it. */
function entriesOf(property: INodeProperties, source: ParameterSource): Entry[] {
	const written = source.written[property.name];
	const given = source.read(property);
	if (property.type !== 'collection') return [{ property, isSet: true, written, given }];
	if (isExpression(written) && isNothing(given)) {
		throw nothingGiven(`"${property.displayName}"`, { written, given }, source);
	}
	const added = isBlank(given) ? {} : given;
	if (!isObject(added))
		throw notAllowed(property.displayName, 'an object with the names of its fields', given);
	return (property.options as INodeProperties[]).map((option) => ({
		property: option,
		collection: property,
		isSet: Object.hasOwn(added, option.name),
		written: isExpression(written) ? written : valueIn(written, option.name),
		given: added[option.name],
	}));
}

/**
 * The fields in the rows of a fixed collection, each with what it holds in several readings of the collection: as it stands
 * in the node, for example, and as it comes out.
 */
export function* fieldsOf(
	collection: INodeProperties,
	readings: unknown[],
): Generator<{ field: INodeProperties; values: unknown[] }> {
	for (const { name, values: fields } of collection.options as INodePropertyCollection[]) {
		const rows = readings.map((reading) => [valueIn(reading, name)].flat());
		for (let row = 0; row < Math.max(...rows.map(({ length }) => length)); row++) {
			for (const field of fields) {
				yield { field, values: rows.map((ofReading) => valueIn(ofReading[row], field.name)) };
			}
		}
	}
}

function valueIn(holder: unknown, name: string): unknown {
	return isObject(holder) ? holder[name] : undefined;
}

function isFilter({ collection }: Pick<Entry, 'collection'>): boolean {
	return collection?.name === 'filters';
}

/** Whether a parameter stands in the node as an expression; of a choice from a list, its id. */
function isExpression(written: unknown): boolean {
	return expressionIn(written).startsWith('=');
}

function expressionIn(written: unknown): string {
	const value = isObject(written) && 'mode' in written ? written.value : written;
	return typeof value === 'string' ? value : '';
}

function isBlank(value: unknown): boolean {
	return (
		value === undefined ||
		value === null ||
		(typeof value === 'string' && value.trim() === '') ||
		(Array.isArray(value) && value.length === 0)
	);
}

/** Whether an expression came to nothing. Inside of collections, n8n turns the moments of Luxon into text. */
function isNothing(value: unknown): boolean {
	return isBlank(value) || Number.isNaN(value) || isInvalidDate(value);
}

function isInvalidDate(value: unknown): boolean {
	if (value instanceof Date) return Number.isNaN(value.getTime());
	return (
		value === 'Invalid DateTime' ||
		(isObject(value) && value.isLuxonDateTime === true && value.isValid === false)
	);
}

function checkDeciding({ property, written }: Entry): void {
	if (property.type !== 'boolean' || typeof written === 'boolean' || isExpression(written)) return;
	throw notAllowed(
		property.displayName,
		'true or false',
		written,
		`Set "${property.displayName}" again, without quotes. By its value n8n decides which other fields count.`,
	);
}

/** @throws InputError for an expression that gives nothing, also for one inside of a fixed collection. */
function checkExpressions(entry: Entry, source: ParameterSource, { encode, listStart }: ReadOptions): void {
	const { property, written, given } = entry;
	const label = `"${property.displayName}"`;
	if (isExpression(written)) {
		const meansBeginning = isBlank(given) && listStart?.includes(property.name);
		if (isNothing(given) && !meansBeginning) throw nothingGiven(label, entry, source);
	} else if (property.type === 'fixedCollection' && !encode?.[property.name]) {
		// An encoder knows what its fields are called together, and refuses blanks itself.
		for (const { field, values } of fieldsOf(property, [written, given])) {
			const [fieldWritten, fieldGiven] = values;
			if (!isExpression(fieldWritten) || !isNothing(fieldGiven)) continue;
			const inside = { ...entry, written: fieldWritten, given: fieldGiven };
			throw nothingGiven(`"${field.displayName}" in ${label}`, inside, source);
		}
	}
}

/** @param label In quotes. */
function nothingGiven(
	label: string,
	entry: Pick<Entry, 'written' | 'given' | 'collection'>,
	{ itemIndex, isTool }: ParameterSource,
): InputError {
	const { written, given, collection } = entry;
	const everybody = isFilter(entry) ? 'the records of everybody would come' : '';
	if (isTool && /\$fromai/i.test(expressionIn(written))) {
		const why = everybody && `; without it, ${everybody}`;
		return new InputError(`${label} was given no value`, `Call the tool again with a value for it${why}.`);
	}
	const item = itemIndex === undefined ? '' : ` for item ${itemIndex + 1}`;
	const came = isInvalidDate(given) ? 'an invalid date' : formatValue(given);
	const orElse = collection ? `remove ${label}` : `set ${label} without an expression`;
	return new InputError(
		`The expression of ${label} must give a value, but it gives ${came}${item}`,
		`Correct the expression, or ${orElse}.${everybody && ` Without the filter, ${everybody}.`}`,
	);
}

/**
 * Fills a path such as `/api/v2/teams/{team_id}/chargers` from the parameters of the same name in camelCase. An id that
 * is not set, because its parameter is hidden, stays as it is.
 *
 * @throws InputError when an id could change the path.
 */
export function fillPath(
	template: string,
	{ values, labels }: Pick<Parameters, 'values' | 'labels'>,
): string {
	return template.replace(/\{(\w+)\}/g, (placeholder, wireName: string) => {
		const name = toCamelCase(wireName);
		const id = values[name];
		return id === undefined ? placeholder : pathSegment(String(id), labels[name]);
	});
}

/** `team_id` -> `teamId`: how a parameter of an API is called here. */
export function toCamelCase(wireName: string): string {
	return wireName.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function toWire(value: unknown, form: string | undefined, formatDate: (date: Date) => string): Wire {
	if (value instanceof Date) return formatDate(value);
	if (form === AS_ZERO_OR_ONE) return value ? 1 : 0;
	return value as Wire;
}

/** Gives the value in its own type, `undefined` when it is blank, or throws an InputError that names it. */
function checkValue(entry: Entry, { timezone, listStart }: ReadOptions): unknown {
	const { property } = entry;
	const label = property.displayName;
	const given = typeof entry.given === 'string' ? entry.given.trim() : entry.given;
	if (isBlank(given) && mayBeBlank(entry, listStart)) {
		if (!property.required) return undefined;
		throw new InputError(`"${label}" must not be empty`, `Fill in "${label}".`);
	}
	switch (property.type) {
		case 'number':
			return checkNumber(property, given);
		case 'boolean':
			return checkBoolean(label, given);
		case 'options':
			return checkChoice(
				label,
				(property.options as INodePropertyOptions[]).map(({ value }) => value),
				given,
			);
		case 'multiOptions':
			return checkList(label, given);
		case 'dateTime':
			return readDate(given, timezone, label);
		case 'string':
		case 'resourceLocator':
			return checkText(label, given);
		default:
			return given;
	}
}

function mayBeBlank({ property, collection }: Entry, listStart: string[] = []): boolean {
	switch (property.type) {
		case 'boolean':
			return false;
		case 'number':
		case 'options':
			return collection !== undefined || listStart.includes(property.name);
		default:
			return true;
	}
}

/** Text is read by its digits. `Number` would take `0x10` for 16, `1e3` for 1000, and `1.000` for 1. */
const WHOLE_NUMBER = /^-?\d+$/;
const DECIMAL_NUMBER = /^-?\d+(\.\d+)?$/;

function checkNumber({ displayName, typeOptions }: INodeProperties, given: unknown): number {
	const { minValue, maxValue, numberPrecision } = typeOptions ?? {};
	const whole = numberPrecision === 0;
	const form = whole ? WHOLE_NUMBER : DECIMAL_NUMBER;
	const isReadable = typeof given === 'number' || (typeof given === 'string' && form.test(given));
	const number = isReadable ? Number(given) : NaN;
	const fits =
		(whole ? Number.isSafeInteger(number) : Number.isFinite(number)) &&
		number >= (minValue ?? -Infinity) &&
		number <= (maxValue ?? Infinity);
	if (fits) return number;

	let allowed = whole ? 'a whole number' : 'a number';
	if (minValue !== undefined && maxValue !== undefined) allowed += ` from ${minValue} to ${maxValue}`;
	else if (minValue !== undefined) allowed += ` of at least ${minValue}`;
	else if (maxValue !== undefined) allowed += ` of at most ${maxValue}`;
	throw notAllowed(displayName, allowed, given);
}

/** Text counts in any case: spreadsheets write `TRUE`. */
function checkBoolean(label: string, given: unknown): boolean {
	const flag = typeof given === 'string' ? given.toLowerCase() : given;
	if (flag === true || flag === 'true' || flag === 1 || flag === '1') return true;
	if (flag === false || flag === 'false' || flag === 0 || flag === '0') return false;
	throw notAllowed(label, 'true or false', given);
}

/**
 * A choice between values.
 *
 * @throws InputError that names the choice and what it offers.
 */
export function checkChoice<T>(label: string, allowed: T[], given: unknown): T {
	if (allowed.includes(given as T)) return given as T;
	throw notAllowed(label, `one of ${allowed.join(', ')}`, given);
}

/** A list from the picker, or text from an expression: `price, startedAt` or `["price", "startedAt"]`. */
function checkList(label: string, given: unknown): string[] {
	const names = (text: string) => text.replace(/^\[|\]$|"/g, '').split(',');
	const list = typeof given === 'string' ? names(given).map((part) => part.trim()) : given;
	if (Array.isArray(list) && list.every((part) => typeof part === 'string' && part !== '')) return list;
	throw notAllowed(label, 'a list of names', given);
}

/** True and false are no text: `cond && x` gives false where the condition does not hold. */
function checkText(label: string, given: unknown): string {
	if (typeof given === 'string') return given;
	if (typeof given !== 'number' || !Number.isFinite(given))
		throw notAllowed(label, 'text or a number', given);
	if (isExact(given)) return String(given);
	throw notAllowed(
		label,
		'a number of at most 15 digits, or text',
		given,
		`Give "${label}" as text: a number has lost its last digits at this length.`,
	);
}

function notAllowed(
	label: string,
	allowed: string,
	given: unknown,
	advice = `Correct "${label}"; when it holds an expression, check what the expression gives for this item.`,
): InputError {
	return new InputError(`"${label}" must be ${allowed}, but ${formatValue(given)} was given`, advice);
}
