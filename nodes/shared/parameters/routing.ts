import type {
	DeclarativeRestApiSettings,
	INodeProperties,
	INodePropertyOptions,
	INodeRequestSend,
} from 'n8n-workflow';

import { isObject } from '../http/response';
import { InputError, formatValue } from '../util/errors';
import { CLEAR_EACH } from './forms';
import type { Parameters, ReadOptions, Wire } from './types';
import { checkChoice } from './values';

/**
 * The expressions that `routing.send.value` may hold, without their braces.
 *
 * n8n's router evaluates any expression there, with `$value`. A programmatic node cannot: `evaluateExpression` accepts an
 * expression and an item, but no additional variables (n8n-core 2.41.1), and nodes must not evaluate code themselves.
 */
export const VALUE_EXPRESSIONS: Record<string, (value: unknown, label: string) => unknown> = {
	$value: (value) => value,
	'$value ? 1 : 0': (value) => (value ? 1 : 0),
	'$value || undefined': (value) => value || undefined,
	'$value.join(",")': (value) => (value as unknown[]).join(','),
	'Number($value)': (value) => Number(value),
	'$value.split(",").map(Number)': parseNumbers,
	'JSON.parse($value)': parseJson,
};

/** `={{ $value.join(',') }}` -> `$value.join(",")`: its key in the table. */
export function insideBraces(expression: string): string {
	return expression.replace(/^=\{\{\s*|\s*\}\}$/g, '').replaceAll("'", '"');
}

/** `1766, 1767` -> the two numbers. */
function parseNumbers(value: unknown, label: string): number[] {
	return String(value)
		.split(',')
		.map((part) => {
			if (/^\s*\d+\s*$/.test(part) && Number.isSafeInteger(Number(part))) return Number(part);
			throw new InputError(
				`"${label}" must be whole numbers of at most 15 digits, separated by commas, but ${formatValue(value)} was given`,
				`Correct "${label}", for example to 1766, 1767.`,
			);
		});
}

function parseJson(given: unknown, label: string): unknown {
	// An expression can return an object.
	if (typeof given !== 'string') return given;
	const parsed = parsedJson(given);
	if (parsed !== undefined) return parsed;
	throw new InputError(
		`"${label}" must be JSON, but ${formatValue(given)} was given`,
		'Correct the JSON: names and texts stand in double quotes, without a comma after the last one.',
	);
}

/** Returns `undefined` for text that is not JSON. */
function parsedJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

/** The path of a value: names in objects, and indexes in lists. */
export type Path = Array<string | number>;

/** A value and its path in the query or the body. */
export interface Write {
	destination: 'query' | 'body';
	path: Path;
	value: unknown;
}

/** The placeholder in `routing.send.property` for the index of a row in its fixed collection. */
const INDEX = /\{\{\s*\$index\s*\}\}/g;

/** Whether `routing.send.property` depends on the row. */
export function isIndexed({ property = '' }: INodeRequestSend): boolean {
	return property.startsWith('=') && property.search(INDEX) >= 0;
}

/** The wire name in `routing.send.property`, for one row of a fixed collection. */
export function wireNameOf({ property = '' }: INodeRequestSend, index: number): string {
	return property.startsWith('=') ? property.slice(1).replace(INDEX, String(index)) : property;
}

/**
 * The path of a wire name. n8n's router reads it with `set` of lodash, so `address[0].city` and `address.0.city` are a list of
 * objects. With `propertyInDotNotation: false` the name is not split.
 */
export function pathOf(send: INodeRequestSend, index = 0): Path {
	const name = wireNameOf(send, index);
	if (send.propertyInDotNotation === false) return [name];
	return (name.match(/[^.[\]]+/g) ?? []).map((part) => (/^(0|[1-9]\d*)$/.test(part) ? Number(part) : part));
}

/** The constants that `routing.request` adds. */
export function constantsIn(request?: DeclarativeRestApiSettings.HttpRequestOptions): Write[] {
	return [...leavesIn('query', request?.qs), ...leavesIn('body', request?.body)];
}

function leavesIn(destination: Write['destination'], constant: unknown, path: Path = []): Write[] {
	if (isObject(constant)) {
		return Object.entries(constant).flatMap(([name, inner]) => leavesIn(destination, inner, [...path, name]));
	}
	return path.length > 0 ? [{ destination, path, value: constant }] : [];
}

/** A parameter that is set, or a field in a row of a fixed collection. */
export interface Leaf {
	property: INodeProperties;
	value: unknown;
	isExpression: boolean;
	/** The index of the row. */
	index?: number;
}

/** Writes each value to the path in its `routing`. Fields are cleared last, to refuse one that is also set. */
export function writeAll(
	leaves: Leaf[],
	parameters: Pick<Parameters, 'values' | 'query' | 'body'>,
	options: ReadOptions,
): void {
	for (const leaf of leaves) {
		for (const { destination, path, value } of writesOf(leaf, parameters.values, options)) {
			setAt(parameters[destination], path, value);
		}
	}
	for (const leaf of leaves) if (clears(leaf.property)) clear(leaf, parameters.body);
}

/** Whether the names in a parameter are sent as null. */
export function clears({ routing }: INodeProperties): boolean {
	return routing?.request?.body === CLEAR_EACH;
}

function clear({ property, value }: Leaf, body: Record<string, unknown>): void {
	const { displayName: label } = property;
	const allowed = (property.options as INodePropertyOptions[]).map((option) => option.value);
	for (const name of value as string[]) {
		checkChoice(label, allowed, name);
		if (Object.hasOwn(body, name)) {
			throw new InputError(
				`"${label}" must not hold a field that is set, but "${name}" is in it and has a value`,
				`Take it out of "${label}", or remove its value.`,
			);
		}
	}
	for (const name of value as string[]) body[name] = null;
}

function writesOf(leaf: Leaf, values: Parameters['values'], options: ReadOptions): Write[] {
	const { property, index } = leaf;
	const { send, request } = property.routing ?? {};
	const writes = constantsIn(request);
	if (send?.type) {
		const value = wireValue(leaf, values, options);
		if (value !== undefined) writes.push({ destination: send.type, path: pathOf(send, index), value });
	}
	const chosen = chosenOption(leaf)?.routing;
	for (const write of constantsIn(chosen?.request)) writes.push(write);
	if (chosen?.send?.type) {
		writes.push({
			destination: chosen.send.type,
			path: pathOf(chosen.send, index),
			value: chosen.send.value,
		});
	}
	return writes;
}

/** The picked option, also if an expression picked it. n8n's router compares the text of the expression (n8n-core 2.41.1). */
function chosenOption({ property, value }: Leaf): INodePropertyOptions | undefined {
	if (property.type !== 'options') return undefined;
	return (property.options as INodePropertyOptions[]).find((option) => option.value === value);
}

function wireValue(
	{ property, value, isExpression }: Leaf,
	values: Parameters['values'],
	{ encode, timezone, formatDate }: ReadOptions,
): unknown {
	const { name, displayName: label, routing } = property;
	const encoder = encode?.[name];
	if (encoder) return encoder(value, { label, values, timezone, isExpression });

	const form = routing?.send?.value;
	if (form && !form.startsWith('=')) return form;
	const wire = toWire(value, formatDate);
	return form ? VALUE_EXPRESSIONS[insideBraces(form)](wire, label) : wire;
}

function toWire(value: unknown, formatDate: (date: Date) => string): unknown {
	if (value instanceof Date) return formatDate(value);
	return Array.isArray(value) ? value.map((part) => toWire(part, formatDate)) : (value as Wire);
}

function setAt(target: Record<string, unknown>, path: Path, value: unknown): void {
	let holder = target as Record<string | number, unknown>;
	path.slice(0, -1).forEach((key, at) => {
		holder[key] ??= typeof path[at + 1] === 'number' ? [] : {};
		holder = holder[key] as Record<string | number, unknown>;
	});
	holder[path[path.length - 1]] = value;
}
