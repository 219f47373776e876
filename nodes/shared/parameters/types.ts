import type { INodeProperties } from 'n8n-workflow';

/** What can stand in a query or a JSON body. */
export type Wire = string | number | boolean | null | Wire[] | { [name: string]: Wire };

/** The parameters of one operation, checked and sorted by where they go. */
export interface Parameters {
	/** Every parameter that is set, by its name; names are unique across collections. Dates are `Date`. */
	values: Record<string, unknown>;
	/** What each parameter is called on the canvas, set or not. */
	labels: Record<string, string>;
	/** In wire names and wire form; a dotted wire name is an object in it. */
	query: Record<string, unknown>;
	body: Record<string, unknown>;
	/** Labels of filters that were added and left blank: they are not sent, and the user should know. */
	blankFilters: string[];
}

/**
 * Turns a value that has no wire form of its own (a filter, say) into one; `undefined` is not sent. `isExpression`: whether
 * the value comes from an expression.
 */
export type Encode = (
	value: unknown,
	given: { label: string; values: Record<string, unknown>; timezone: string; isExpression?: boolean },
) => Wire | undefined;

/** Where parameters are read from: a node, for one input item. */
export interface ParameterSource {
	/** The `parameters` of n8n's `getNode()`. An expression stands there as text that begins with `=`. */
	written: Record<string, unknown>;
	/** Gives the value of a top-level parameter, its expressions evaluated. */
	read: (property: INodeProperties) => unknown;
	/** The input item, counted from 0; `undefined` in a trigger. */
	itemIndex?: number;
	/** Whether an agent calls the node as a tool. */
	isTool?: boolean;
	/** The version of the node, for `displayOptions` with `@version`; 1 where it is left out. */
	typeVersion?: number;
}

/** How parameters are read. */
export interface ReadOptions {
	/** IANA name, for dates without offset. */
	timezone: string;
	/** The API's form of a date. */
	formatDate: (date: Date) => string;
	/** By parameter name. */
	encode?: Record<string, Encode>;
	/** Names of the parameters that say where a list begins. */
	listStart?: string[];
}

/** A parameter outside of collections, or one that can be added to a collection. */
export interface Entry {
	property: INodeProperties;
	collection?: INodeProperties;
	/** False where it was not added to its collection. */
	isSet: boolean;
	written: unknown;
	given: unknown;
}
