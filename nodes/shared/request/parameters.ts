import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { InputError, shown } from '../errors';
import { pathSegment } from './address';
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

/** Turns a value that has no wire form of its own (a filter, say) into one; `undefined` is not sent. */
export type Encode = (
	value: unknown,
	given: { label: string; values: Record<string, unknown>; timezone: string },
) => Wire | undefined;

/** `routing.send.value` of a yes/no parameter that the API wants as 0 or 1. */
export const AS_ZERO_OR_ONE = '={{ $value ? 1 : 0 }}';

/**
 * Reads the parameters of an operation and sorts them by their `routing.send`, as n8n's own router would.
 *
 * A parameter that is not set is not sent: empty text, nothing picked, an option that was not added. A filter that was
 * added, and whose expression gives nothing, is refused instead: left out, it would let everything through.
 *
 * @param properties The operation's properties, collections included. One that others depend on stands before them.
 * @param read Gives the raw value of a top-level parameter. One that is hidden on the canvas is not read.
 * @param how `timezone`: of dates without offset; `formatDate`: the API's form of a date; `encode`: by parameter name.
 * @throws InputError for the first value that its own property does not allow.
 */
export function readParameters(
	properties: INodeProperties[],
	read: (name: string) => unknown,
	how: { timezone: string; formatDate: (date: Date) => string; encode?: Record<string, Encode> },
): Parameters {
	const parameters: Parameters = { values: {}, labels: {}, query: {}, body: {}, blankFilters: [] };
	const { values, labels } = parameters;
	const leaves: INodeProperties[] = [];
	const take = (property: INodeProperties, raw: unknown) => {
		leaves.push(property);
		labels[property.name] = property.displayName;
		const value = checkValue(property, raw, how.timezone);
		if (value !== undefined) values[property.name] = value;
	};
	const isShown = ({ displayOptions }: INodeProperties) =>
		Object.entries(displayOptions?.show ?? {}).every(([name, allowed]) => {
			const unset = leaves.find((leaf) => leaf.name === name)?.default;
			return allowed?.includes((values[name] ?? unset) as string);
		});

	for (const property of properties) {
		if (!isShown(property)) continue;
		const raw = read(property.name);
		if (property.type !== 'collection') {
			take(property, raw);
			continue;
		}
		const added = readCollection(property, raw);
		for (const option of property.options as INodeProperties[]) {
			take(option, added[option.name]);
			const isBlank = option.name in added && values[option.name] === undefined;
			if (property.name !== 'filters' || !isBlank) continue;
			if (added[option.name] === undefined || added[option.name] === null) throw nothingGiven(option);
			parameters.blankFilters.push(option.displayName);
		}
	}

	for (const property of leaves) {
		const send = property.routing?.send;
		const value = values[property.name];
		if (!send?.type || !send.property || value === undefined) continue;
		const encode = how.encode?.[property.name];
		const wire = encode
			? encode(value, { label: property.displayName, values, timezone: how.timezone })
			: toWire(value, send.value, how.formatDate);
		if (wire !== undefined) parameters[send.type][send.property] = wire;
	}
	return parameters;
}

/** What was added to a collection, by name. */
function readCollection(property: INodeProperties, raw: unknown): Record<string, unknown> {
	if (raw === undefined || raw === null || raw === '') return {};
	if (typeof raw === 'object' && !Array.isArray(raw)) return raw as Record<string, unknown>;
	throw notAllowed(property, 'an object with the names of its fields', raw);
}

function nothingGiven({ displayName }: INodeProperties): InputError {
	return new InputError(
		`"${displayName}" was added, but its expression gives nothing for this item`,
		'Correct the expression, or remove the filter. Without it, records of everything else would come as well.',
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

/** Gives the value in its own type, `undefined` when it is not set, or throws an InputError that names it. */
function checkValue(property: INodeProperties, raw: unknown, timezone: string): unknown {
	const given = typeof raw === 'string' ? raw.trim() : raw;
	const unset =
		given === undefined || given === null || given === '' || (Array.isArray(given) && given.length === 0);
	if (unset) {
		if (property.required) {
			throw new InputError(
				`"${property.displayName}" must not be empty`,
				`Fill in "${property.displayName}"; when it holds an expression, check what the expression gives for this item.`,
			);
		}
		return undefined;
	}
	switch (property.type) {
		case 'number':
			return checkNumber(property, given);
		case 'boolean':
			return checkBoolean(property, given);
		case 'options':
			return checkOption(property, given);
		case 'multiOptions':
			return checkList(property, given);
		case 'dateTime':
			return readDate(given, timezone, property.displayName);
		case 'string':
		case 'resourceLocator':
			return checkText(property, given);
		default:
			return given;
	}
}

function checkNumber(property: INodeProperties, given: unknown): number {
	const { minValue, maxValue, numberPrecision } = property.typeOptions ?? {};
	const number = typeof given === 'number' || typeof given === 'string' ? Number(given) : NaN;
	const whole = numberPrecision === 0;
	const fits =
		(whole ? Number.isSafeInteger(number) : Number.isFinite(number)) &&
		number >= (minValue ?? -Infinity) &&
		number <= (maxValue ?? Infinity);
	if (fits) return number;

	let allowed = whole ? 'a whole number' : 'a number';
	if (minValue !== undefined && maxValue !== undefined) allowed += ` from ${minValue} to ${maxValue}`;
	else if (minValue !== undefined) allowed += ` of at least ${minValue}`;
	else if (maxValue !== undefined) allowed += ` of at most ${maxValue}`;
	throw notAllowed(property, allowed, given);
}

function checkBoolean(property: INodeProperties, given: unknown): boolean {
	if (given === true || given === 'true' || given === 1 || given === '1') return true;
	if (given === false || given === 'false' || given === 0 || given === '0') return false;
	throw notAllowed(property, 'true or false', given);
}

function checkOption(property: INodeProperties, given: unknown): unknown {
	const values = (property.options as INodePropertyOptions[]).map((option) => option.value);
	if (values.includes(given as string)) return given;
	throw notAllowed(property, `one of ${values.join(', ')}`, given);
}

/** A list from the picker, or text from an expression: `price, startedAt` or `["price", "startedAt"]`. */
function checkList(property: INodeProperties, given: unknown): string[] {
	const names = (text: string) => text.replace(/^\[|\]$|"/g, '').split(',');
	const list = typeof given === 'string' ? names(given).map((part) => part.trim()) : given;
	if (Array.isArray(list) && list.every((part) => typeof part === 'string' && part !== '')) return list;
	throw notAllowed(property, 'a list of names', given);
}

function checkText(property: INodeProperties, given: unknown): string {
	if (typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean')
		return String(given);
	throw notAllowed(property, 'text or a number', given);
}

function notAllowed(property: INodeProperties, allowed: string, given: unknown): InputError {
	return new InputError(
		`"${property.displayName}" must be ${allowed}, but ${shown(given)} was given`,
		`Correct "${property.displayName}"; when it holds an expression, check what the expression gives for this item.`,
	);
}
