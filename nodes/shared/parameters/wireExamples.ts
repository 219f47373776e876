import type { GenericValue, INodeParameters } from 'n8n-workflow';

/** Fields on the wire; a list is a parameter that comes several times. */
export type Sent = Record<string, string | number | string[]>;

/** A value on the canvas and what it becomes. `beside`: what the canvas needs to show the parameter at all. */
export interface WireExample {
	given: GenericValue | INodeParameters | INodeParameters[];
	sent: Sent;
	beside?: INodeParameters;
}

/**
 * What a resource sends, written down from the vendor's pages and not from the code. Each resource file has such a function
 * beside its parameters: the tests send each example, and the bundle leaves the function out.
 */
export interface WireExamples {
	/** By operation, what is sent when nothing but `required` is set: `GET /v2/transactions?limit=50`. */
	requests: Record<string, string>;
	/** Parameters that have to be set, with values of records that the sandbox has. */
	required?: INodeParameters;
	/** By parameter; all operations that have it send the same. */
	parameters: Record<string, WireExample[]>;
	/** Pairs of parameters that cannot be set together. */
	exclusive?: Array<[string, string]>;
	/** Where the fields go, the query if not said: writes have them in the body, GETs of Volt Time in both. */
	places?: 'query' | 'body' | 'query and body';
}

export function example(given: WireExample['given'], sent: Sent, beside?: INodeParameters): WireExample {
	return { given, sent, beside };
}

/** Values that are sent as they are. */
export function asIs(wireName: string, ...values: string[]): WireExample[] {
	return values.map((value) => example(value, { [wireName]: value }));
}

/** A whole number, also from an expression that gives text. */
export function integer(wireName: string): WireExample[] {
	return [example(1766, { [wireName]: 1766 }), example('1767', { [wireName]: 1767 })];
}

export function zeroOrOne(wireName: string): WireExample[] {
	return [example(true, { [wireName]: 1 }), example(false, { [wireName]: 0 })];
}

/** A time from the date picker of a workflow in Copenhagen: an hour ahead of UTC in winter, two in summer. */
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

/** Ids in one text, separated by commas, or a list from an expression: the parameter comes once for each. */
export function idLists(wireName: string): WireExample[] {
	return [
		example('1766, 1767', { [wireName]: ['1766', '1767'] }),
		example([1766, '1767'] as unknown as GenericValue, { [wireName]: ['1766', '1767'] }),
		example('1766', { [wireName]: 1766 }),
	];
}

/** A parameter that steers the node and is not sent. */
export function notSent(given: WireExample['given'], beside?: INodeParameters): WireExample[] {
	return [example(given, {}, beside)];
}

/** The parameters that every list has. */
export const listExamples = (): Record<string, WireExample[]> => ({
	returnAll: [example(false, { limit: 50 })],
	limit: [example(7, { limit: 7 }, { returnAll: false })],
	concurrency: notSent(8),
	timeout: notSent(30),
});
