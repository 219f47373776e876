import { InputError, formatValue } from '../util/errors';
import { isObject } from '../http/response';
import { fieldsOf } from './fixedCollection';
import type { Entry, ParameterSource, ReadOptions } from './types';

export function isFilter({ collection }: Pick<Entry, 'collection'>): boolean {
	return collection?.name === 'filters';
}

/** Whether a parameter is written as an expression. For a resource locator, its id counts. */
export function isExpression(written: unknown): boolean {
	return expressionIn(written).startsWith('=');
}

function expressionIn(written: unknown): string {
	const value = isObject(written) && 'mode' in written ? written.value : written;
	return typeof value === 'string' ? value : '';
}

export function isBlank(value: unknown): boolean {
	return (
		value === undefined ||
		value === null ||
		(typeof value === 'string' && value.trim() === '') ||
		(Array.isArray(value) && value.length === 0)
	);
}

/** Whether an expression returned no value. Inside collections, n8n converts Luxon values to text. */
export function isNothing(value: unknown): boolean {
	return isBlank(value) || Number.isNaN(value) || isInvalidDate(value);
}

function isInvalidDate(value: unknown): boolean {
	if (value instanceof Date) return Number.isNaN(value.getTime());
	return (
		value === 'Invalid DateTime' ||
		(isObject(value) && value.isLuxonDateTime === true && value.isValid === false)
	);
}

/** @throws InputError for an expression without a value, also inside a fixed collection. */
export function checkExpressions(
	entry: Entry,
	source: ParameterSource,
	{ encode, listStart }: ReadOptions,
): void {
	const { property, written, given } = entry;
	const label = `"${property.displayName}"`;
	if (isExpression(written)) {
		const meansBeginning = isBlank(given) && listStart?.includes(property.name);
		if (isNothing(given) && !meansBeginning) throw nothingGiven(label, entry, source);
	} else if (Array.isArray(written) && Array.isArray(given)) {
		// A list of several values. Each of them may be an expression.
		const at = written.findIndex((part, index) => isExpression(part) && isNothing(given[index]));
		if (at >= 0) throw nothingGiven(label, { ...entry, written: written[at], given: given[at] }, source);
	} else if (property.type === 'fixedCollection' && !encode?.[property.name]) {
		// An encoder refuses blank fields itself, with a better message.
		for (const { field, values } of fieldsOf(property, [written, given])) {
			const [fieldWritten, fieldGiven] = values;
			if (!isExpression(fieldWritten) || !isNothing(fieldGiven)) continue;
			const inside = { ...entry, written: fieldWritten, given: fieldGiven };
			throw nothingGiven(`"${field.displayName}" in ${label}`, inside, source);
		}
	}
}

/** @param label In quotes. */
export function nothingGiven(
	label: string,
	entry: Pick<Entry, 'written' | 'given' | 'collection'>,
	{ itemIndex, isTool }: ParameterSource,
): InputError {
	const { written, given, collection } = entry;
	const consequence = isFilter(entry) ? "the node would return everybody's records" : '';
	if (isTool && /\$fromai/i.test(expressionIn(written))) {
		const why = consequence && `; without it, ${consequence}`;
		return new InputError(`${label} was given no value`, `Call the tool again with a value for it${why}.`);
	}
	const item = itemIndex === undefined ? '' : ` for item ${itemIndex + 1}`;
	const result = isInvalidDate(given) ? 'an invalid date' : formatValue(given);
	const orElse = collection ? `remove ${label}` : `set ${label} without an expression`;
	return new InputError(
		`The expression of ${label} must give a value, but it gives ${result}${item}`,
		`Correct the expression, or ${orElse}.${consequence && ` Without the filter, ${consequence}.`}`,
	);
}
