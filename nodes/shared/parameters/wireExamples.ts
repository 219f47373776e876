import type { GenericValue, INodeParameters } from 'n8n-workflow';

/** The sent fields. A list is a parameter that is sent several times. */
export type Sent = Record<string, string | number | string[]>;

/** A value on the canvas and the fields that it sends. `beside`: other parameters that must be set for the canvas to show it. */
export interface WireExample {
	given: GenericValue | INodeParameters | INodeParameters[];
	sent: Sent;
	beside?: INodeParameters;
}

/**
 * The requests of a resource, taken from the vendor's documentation and not from the code. Each resource file has a function that
 * returns them, next to its parameters. The tests send each example. The bundle leaves the function out.
 */
export interface WireExamples {
	/** The request of each operation if only `required` is set: `GET /v2/transactions?limit=50`. */
	requests: Record<string, string>;
	/** Parameters that must be set, with the values of records in the sandbox. */
	required?: INodeParameters;
	/** Examples by parameter. All operations with the parameter send the same. */
	parameters: Record<string, WireExample[]>;
	/** Pairs of parameters that cannot be set together. */
	exclusive?: Array<[string, string]>;
	/** Where the fields go, the query by default: writes have them in the body, some GETs in both. */
	sentIn?: 'query' | 'body' | 'query and body';
}

export function example(given: WireExample['given'], sent: Sent, beside?: INodeParameters): WireExample {
	return { given, sent, beside };
}

/** Values that are sent as they are. */
export function asIs(wireName: string, ...values: string[]): WireExample[] {
	return values.map((value) => example(value, { [wireName]: value }));
}

/** A whole number, also as text from an expression. */
export function integer(wireName: string): WireExample[] {
	return [example(1766, { [wireName]: 1766 }), example('1767', { [wireName]: 1767 })];
}

export function zeroOrOne(wireName: string): WireExample[] {
	return [example(true, { [wireName]: 1 }), example(false, { [wireName]: 0 })];
}

/** A time from the date picker of a workflow in Copenhagen: one hour ahead of UTC in winter, two in summer. */
export function moment(wireName: string): WireExample[] {
	return [
		example('2026-01-15T10:30:00', { [wireName]: '2026-01-15T09:30:00.000Z' }),
		example('2026-07-15T10:30:00', { [wireName]: '2026-07-15T08:30:00.000Z' }),
	];
}

/** A choice from a list, as its picker and "By ID" write it, and as an expression gives a number. */
export function picked(id: string, sent: Sent): WireExample[] {
	const located = (mode: string, value: string | number) =>
		example({ __rl: true, mode, value, cachedResultName: 'As the list showed it' }, sent);
	const isNumber = /^\d+$/.test(id);
	return [located('list', id), located('id', id), ...(isNumber ? [located('id', Number(id))] : [])];
}

/** Ids as text with commas, or as a list from an expression. The parameter is sent once for each id. */
export function idLists(wireName: string): WireExample[] {
	return [
		example('1766, 1767', { [wireName]: ['1766', '1767'] }),
		example([1766, '1767'] as unknown as GenericValue, { [wireName]: ['1766', '1767'] }),
		example('1766', { [wireName]: 1766 }),
	];
}

/** A parameter that controls the node and is not sent. */
export function notSent(given: WireExample['given'], beside?: INodeParameters): WireExample[] {
	return [example(given, {}, beside)];
}

/** Examples of the parameters that every list has. */
export const listExamples = (): Record<string, WireExample[]> => ({
	returnAll: [example(false, { limit: 50 })],
	limit: [example(7, { limit: 7 }, { returnAll: false })],
	concurrency: notSent(8),
	timeout: notSent(30),
});
