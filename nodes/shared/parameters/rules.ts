import { InputError, formatValue } from '../util/errors';
import type { Parameters } from './parameters';

/** A condition between parameters of an operation. Throws an InputError if it does not hold. */
export type Rule = (parameters: Pick<Parameters, 'values' | 'labels'>) => void;

/** At most one of the two may be set. */
export function notBoth(one: string, other: string): Rule {
	return ({ values, labels }) => {
		if (values[one] === undefined || values[other] === undefined) return;
		throw new InputError(
			`"${labels[one]}" and "${labels[other]}" exclude each other, but ${formatValue(values[one])} and ${formatValue(values[other])} were given`,
			'Remove one of the two.',
		);
	};
}

/** Both must be set, or none. */
export function bothOrNone(one: string, other: string): Rule {
	return ({ values, labels }) => {
		if ((values[one] === undefined) === (values[other] === undefined)) return;
		const [given, missing] = values[one] === undefined ? [other, one] : [one, other];
		throw new InputError(
			`"${labels[given]}" and "${labels[missing]}" go together, but only ${formatValue(values[given])} was given`,
			`Add "${labels[missing]}", or remove "${labels[given]}".`,
		);
	};
}

/** If both dates are set, the first must not be after the second. */
export function notAfter(from: string, to: string): Rule {
	return ({ values, labels }) => {
		const [start, end] = [values[from], values[to]];
		if (!(start instanceof Date) || !(end instanceof Date) || start <= end) return;
		throw new InputError(
			`"${labels[from]}" must not be after "${labels[to]}", but ${start.toISOString()} is after ${end.toISOString()}`,
			'Swap the two dates, or correct one of them.',
		);
	};
}

/** An id that the API types as an integer. */
export function wholeNumber(name: string): Rule {
	return ({ values, labels }) => {
		const value = values[name];
		if (value === undefined || /^\d+$/.test(String(value))) return;
		throw new InputError(
			`"${labels[name]}" must be a whole number, but ${formatValue(value)} was given`,
			`Correct "${labels[name]}"; when it holds an expression, check what the expression gives for this item.`,
		);
	};
}

/**
 * An id of a session may also be its key, as rows have it: with the source `vendor`, `vendor:8400366` is read as 8400366. Comes before other rules on the id.
 *
 * @param source The vendor's name in keys.
 */
export function takesSessionKey(name: string, source: string): Rule {
	return ({ values, labels }) => {
		const [, vendor, id] = /^([a-z]\w*):([^/]+)$/i.exec(String(values[name] ?? '').trim()) ?? [];
		if (vendor === undefined) return;
		if (vendor.toLowerCase() !== source.toLowerCase()) {
			throw new InputError(
				`"${labels[name]}" must be a session of ${nameOf(source)}, but ${formatValue(values[name])} is one of ${nameOf(vendor)}`,
				`Read this session with the node of its vendor, or let only sessions of ${nameOf(source)} come to this one.`,
			);
		}
		values[name] = id.trim();
	};
}

/** The name of a vendor as people read it: with capitals and blanks. */
function nameOf(source: string): string {
	return source.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/^./, (letter) => letter.toUpperCase());
}
