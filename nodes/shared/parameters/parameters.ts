import type { INodeProperties } from 'n8n-workflow';

import { isObject } from '../http/response';
import { checkExpressions, isBlank, isExpression, isFilter, isNothing, nothingGiven } from './expressions';
import { valueIn } from './fixedCollection';
import { toWire } from './routing';
import type { Entry, Parameters, ParameterSource, ReadOptions } from './types';
import { checkValue, notAllowed } from './values';

export { fieldsOf } from './fixedCollection';
export { fillPath, toCamelCase } from './path';
export { AS_ZERO_OR_ONE } from './routing';
export type { Encode, Parameters, ParameterSource, ReadOptions, Wire } from './types';
export { checkChoice } from './values';

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

function checkDeciding({ property, written }: Entry): void {
	if (property.type !== 'boolean' || typeof written === 'boolean' || isExpression(written)) return;
	throw notAllowed(
		property.displayName,
		'true or false',
		written,
		`Set "${property.displayName}" again, without quotes. By its value n8n decides which other fields count.`,
	);
}
