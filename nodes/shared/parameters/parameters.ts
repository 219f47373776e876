import {
	NodeHelpers,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
} from 'n8n-workflow';

import { isObject } from '../http/response';
import { checkExpressions, isBlank, isExpression, isFilter, isNothing, nothingGiven } from './expressions';
import { rowsOf, sendsItsFields, valueIn } from './fixedCollection';
import { writeAll, type Leaf } from './routing';
import type { Entry, Parameters, ParameterSource, ReadOptions } from './types';
import { checkValue, notAllowed } from './values';

export { fieldsOf } from './fixedCollection';
export { fillPath, toCamelCase } from './path';
export { AS_COMMA_LIST, AS_JSON, AS_NUMBER_LIST, AS_ZERO_OR_ONE, CLEAR_EACH } from './forms';
export type { Encode, Parameters, ParameterSource, ReadOptions, Wire } from './types';
export { checkChoice } from './values';

/**
 * Reads the parameters of an operation and writes them to query and body by their `routing`, as n8n's own router would.
 * `checkRouting` lists the supported forms.
 *
 * - A parameter that was left blank by hand is not sent. The label of a blank filter is added to `blankFilters`. A blank boolean is
 *   refused, and so is a blank number or choice outside a collection: the canvas always shows a value for these.
 * - An expression without a value is refused: `''`, blanks only, `[]`, null, undefined, NaN or an invalid date. Without the value,
 *   the API would return everybody's records, or apply a default that differs from the canvas.
 * - A parameter that says where a list begins may be blank in either way, and then means the beginning: the first round of a loop
 *   has no cursor yet.
 * - A boolean that other parameters depend on must be true or false, or an expression. n8n compares it exactly (n8n-workflow
 *   2.41.0), so with the text `"false"` it removes the dependent parameters before the node runs.
 *
 * @param properties The properties of the operation, with collections. A property stands before those that depend on it. A
 * property that the canvas hides is not read.
 * @throws InputError for the first value that its property does not allow.
 */
export function readParameters(
	properties: INodeProperties[],
	source: ParameterSource,
	options: ReadOptions,
): Parameters {
	const parameters: Parameters = { values: {}, labels: {}, query: {}, body: {}, blankFilters: [] };
	const { values, labels } = parameters;
	const leaves: Leaf[] = [];
	const deciding = decidingNames(properties);

	for (const property of properties) {
		if (!isShown(property, values, source)) continue;
		for (const entry of entriesOf(property, source)) {
			if (entry.collection && !isShown(entry.property, values, source)) continue;
			const { name, displayName } = entry.property;
			labels[name] = displayName;
			if (!entry.isSet) continue;
			if (deciding.has(name)) checkDeciding(entry);
			const value = readEntry(entry, source, options);
			if (value !== undefined) values[name] = value;
			const set = value === undefined ? [] : leavesOf(entry, value, values, { source, options });
			if (set.length === 0 && isFilter(entry)) parameters.blankFilters.push(displayName);
			for (const leaf of set) leaves.push(leaf);
		}
	}
	writeAll(leaves, parameters, options);
	return parameters;
}

function readEntry(entry: Entry, source: ParameterSource, options: ReadOptions): unknown {
	checkExpressions(entry, source, options);
	return checkValue(entry, options);
}

/** Whether the canvas shows a parameter. Names are unique, so `name` and `/name` mean the same parameter. */
function isShown(
	property: INodeProperties,
	values: Record<string, unknown>,
	{ typeVersion = 1 }: ParameterSource,
): boolean {
	return NodeHelpers.displayParameter(values as INodeParameters, property, { typeVersion }, null);
}

/** Names of the parameters that show or hide others. */
function decidingNames(properties: INodeProperties[]): Set<string> {
	const all = properties.flatMap((property) =>
		property.type === 'collection' ? [property, ...(property.options as INodeProperties[])] : [property],
	);
	const names = all.flatMap(({ displayOptions: { show, hide } = {} }) => Object.keys({ ...show, ...hide }));
	return new Set(names.map((name) => name.replace(/^\//, '')));
}

/** The values that a parameter sends: its own, or the values in the rows of a fixed collection whose fields have a `routing`. */
function leavesOf(
	entry: Entry,
	value: unknown,
	values: Record<string, unknown>,
	{ source, options }: { source: ParameterSource; options: ReadOptions },
): Leaf[] {
	const { property, written } = entry;
	if (!sendsItsFields(property)) return [{ property, value, isExpression: isExpression(written) }];
	const kinds = property.options as INodePropertyCollection[];
	checkRows(property.displayName, kinds, value);

	const readRow = (fields: Entry[]): Leaf[] => {
		const row: Leaf[] = [];
		const own: Record<string, unknown> = {};
		for (const field of fields) {
			const { name } = field.property;
			if (!field.isSet || !isShown(field.property, { ...values, ...own }, source)) continue;
			const value = readEntry(field, source, options);
			if (value === undefined) continue;
			own[name] = value;
			row.push({ property: field.property, value, isExpression: isExpression(field.written) });
		}
		return row;
	};
	return kinds.flatMap((kind) => {
		// A row without values is left out of the list.
		const rows = rowsOf(entry, kind)
			.map(readRow)
			.filter((row) => row.length > 0);
		return rows.flatMap((row, index) => row.map((leaf) => ({ ...leaf, index })));
	});
}

/** An expression can return any value for a fixed collection. An unsupported value must not be dropped silently. */
function checkRows(label: string, kinds: INodePropertyCollection[], given: unknown): void {
	const names = kinds.map(({ name }) => name);
	const isRows =
		isObject(given) &&
		Object.keys(given).every((name) => names.includes(name)) &&
		Object.values(given).flat().every(isObject);
	if (isRows) return;
	throw notAllowed(
		label,
		`an object with ${names.map((name) => `"${name}"`).join(' or ')} and its fields`,
		given,
	);
}

/** The parameter itself, or the parameters that a collection offers. */
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
		given: locatedId(option, added[option.name]),
	}));
}

/** n8n extracts the id of a resource locator, but not inside a collection (n8n 2.41.1). */
function locatedId({ type }: INodeProperties, given: unknown): unknown {
	return type === 'resourceLocator' && isObject(given) ? given.value : given;
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
