import type { INodeProperties, INodePropertyModeValidation, INodePropertyOptions } from 'n8n-workflow';

import { InputError, formatValue } from '../util/errors';
import { isExact } from '../util/ids';
import { readDate } from './dates';
import { isBlank, isExpression } from './expressions';
import { AS_NUMBER_LIST } from './forms';
import type { Entry, ReadOptions } from './types';

/**
 * Checks a value and converts it to the type of its property. A blank value is `undefined`.
 *
 * @throws InputError that names the parameter.
 */
export function checkValue(entry: Entry, options: ReadOptions): unknown {
	const { property } = entry;
	const given = isList(property) ? partsOf(entry) : trimmed(entry.given);
	const label = property.displayName;
	if (isBlank(given) && mayBeBlank(entry, options.listStart)) {
		if (isNumberText(property)) {
			throw new InputError(
				`"${label}" is empty`,
				`Enter a number in "${label}", which may be 0, or remove it.`,
			);
		}
		if (!property.required) return undefined;
		throw new InputError(`"${label}" must not be empty`, `Fill in "${label}".`);
	}
	if (isUntouchedNumber(entry)) {
		throw new InputError(
			`"${label}" still has its default value ${formatValue(given)}`,
			`Enter a number in "${label}", or remove the filter.`,
		);
	}
	return isList(property)
		? (given as unknown[]).map((part) => checkType(property, trimmed(part), options))
		: checkType(property, given, options);
}

/** A number that was added to the filters and not filled in: n8n stores its default, which would find nothing. */
function isUntouchedNumber({ property, collection, given }: Entry): boolean {
	return collection?.name === 'filters' && property.type === 'number' && Number(given) === property.default;
}

/**
 * A price or a rate: a text with bounds. A parameter of type number needs a number to begin with, which nobody gave and which would
 * be taken for one, also 0. A text begins empty, and so says whether somebody has filled it in.
 */
function isNumberText({ type, typeOptions }: INodeProperties): boolean {
	return type === 'string' && typeOptions?.maxValue !== undefined;
}

/** Whether a parameter holds several values of its type. A fixed collection is a list in itself. */
export function isList({ type, typeOptions }: INodeProperties): boolean {
	return typeOptions?.multipleValues === true && type !== 'fixedCollection';
}

/** A single value is a list of one. Values that were added by hand and left blank are left out. */
function partsOf({ written, given }: Entry): unknown[] {
	const parts = [given].flat();
	return isExpression(written) && !isBlank(given) ? parts : parts.filter((part) => !isBlank(part));
}

function trimmed(given: unknown): unknown {
	return typeof given === 'string' ? given.trim() : given;
}

function checkType(property: INodeProperties, given: unknown, { timezone }: ReadOptions): unknown {
	const label = property.displayName;
	if (isNumberText(property)) return checkNumber(property, given);
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
			return checkList(property, given);
		case 'dateTime':
			return readDate(given, timezone, label);
		case 'string':
			return Array.isArray(given) && property.routing?.send?.value === AS_NUMBER_LIST
				? given.map((part) => checkText(label, part)).join(',')
				: checkText(label, given);
		case 'resourceLocator':
			return checkLocator(property, checkText(label, given));
		default:
			return given;
	}
}

function mayBeBlank({ property, collection }: Entry, listStart: string[] = []): boolean {
	if (isList(property)) return true;
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

/** Only digits are accepted. `Number` would read `0x10` as 16, `1e3` as 1000, and `1.000` as 1. */
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

/** Text is accepted in any case: spreadsheets write `TRUE`. */
function checkBoolean(label: string, given: unknown): boolean {
	const flag = typeof given === 'string' ? given.toLowerCase() : given;
	if (flag === true || flag === 'true' || flag === 1 || flag === '1') return true;
	if (flag === false || flag === 'false' || flag === 0 || flag === '0') return false;
	throw notAllowed(label, 'true or false', given);
}

/**
 * Checks a choice between values.
 *
 * @throws InputError that names the choice and the allowed values.
 */
export function checkChoice<T>(label: string, allowed: T[], given: unknown): T {
	if (allowed.includes(given as T)) return given as T;
	throw notAllowed(label, `one of ${allowed.join(', ')}`, given);
}

/**
 * A list from the picker, or text from an expression: `price, startedAt` or `["price", "startedAt"]`. If the picker offers numbers,
 * the list holds numbers.
 */
function checkList(
	{ displayName: label, options = [] }: INodeProperties,
	given: unknown,
): Array<string | number | boolean> {
	const names = (text: string) => text.replace(/^\[|\]$|"/g, '').split(',');
	const list = typeof given === 'string' ? names(given).map((part) => part.trim()) : given;
	const offered = (options as INodePropertyOptions[]).map(({ value }) => value);
	if (Array.isArray(list) && offered.some((value) => typeof value === 'number')) {
		return list.map((part: unknown) =>
			checkChoice(label, offered, WHOLE_NUMBER.test(String(part)) ? Number(part) : (part as string)),
		);
	}
	if (Array.isArray(list) && list.every((part) => typeof part === 'string' && part !== '')) return list;
	throw notAllowed(label, 'a list of names', given);
}

/** True and false are not accepted as text: `cond && x` returns false if the condition does not hold. */
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

/** Checks an id with the regular expressions of "By ID". n8n does not check an id from an expression. */
function checkLocator({ displayName, modes = [] }: INodeProperties, id: string): string {
	const validations = modes.flatMap(({ validation = [] }) => validation) as INodePropertyModeValidation[];
	for (const { properties } of validations) {
		const { regex, errorMessage } = properties as { regex: string; errorMessage: string };
		if (new RegExp(`^(?:${regex})$`).test(id)) continue;
		throw notAllowed(displayName, errorMessage.replace(/^Must be /, ''), id);
	}
	return id;
}

export function notAllowed(
	label: string,
	allowed: string,
	given: unknown,
	advice = `Correct "${label}"; when it holds an expression, check what the expression gives for this item.`,
): InputError {
	return new InputError(`"${label}" must be ${allowed}, but ${formatValue(given)} was given`, advice);
}
