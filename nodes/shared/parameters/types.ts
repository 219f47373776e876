import type { INodeProperties } from 'n8n-workflow';

/** A value in a query or a JSON body. */
export type Wire = string | number | boolean | null | Wire[] | { [name: string]: Wire };

/** The parameters of one operation, checked and written to query and body. */
export interface Parameters {
	/** The values of all parameters that are set, by name. Names are unique across collections. Dates are `Date`. */
	values: Record<string, unknown>;
	/** The labels of all parameters, set or not, by name. */
	labels: Record<string, string>;
	/** With the API's names and value formats. A dotted name becomes an object. */
	query: Record<string, unknown>;
	body: Record<string, unknown>;
	/** Labels of filters that were added and left blank. They are not sent, and the user gets a hint. */
	blankFilters: string[];
}

/**
 * Encodes a value for the API, for example a filter as JSON text. `undefined` is not sent. `isExpression`: whether the value comes
 * from an expression.
 */
export type Encode = (
	value: unknown,
	given: { label: string; values: Record<string, unknown>; timezone: string; isExpression?: boolean },
) => Wire | undefined;

/** The source of parameters: a node, for one input item. */
export interface ParameterSource {
	/** The `parameters` of n8n's `getNode()`. An expression is text that begins with `=`. */
	written: Record<string, unknown>;
	/** Returns the value of a top-level parameter, with its expressions evaluated. */
	read: (property: INodeProperties) => unknown;
	/** Index of the input item. `undefined` in a trigger. */
	itemIndex?: number;
	/** Whether an agent calls the node as a tool. */
	isTool?: boolean;
	/** The version of the node, for `displayOptions` with `@version`. The default is 1. */
	typeVersion?: number;
}

/** How parameters are read. */
export interface ReadOptions {
	/** IANA name of the time zone, for dates without an offset. */
	timezone: string;
	/** Writes a date in the format of the API. */
	formatDate: (date: Date) => string;
	/** By parameter name. */
	encode?: Record<string, Encode>;
	/** Names of the parameters that say where a list begins. */
	listStart?: string[];
}

/** A parameter outside collections, or one that a collection offers. */
export interface Entry {
	property: INodeProperties;
	collection?: INodeProperties;
	/** Whether it was added to its collection. True outside collections. */
	isSet: boolean;
	written: unknown;
	given: unknown;
}
