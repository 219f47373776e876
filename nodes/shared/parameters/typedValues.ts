import type { INodeProperties } from 'n8n-workflow';

/** The type of a parameter's value, after it was read and checked. */
type ValueOf<P> = P extends { type: 'number' } | { type: 'string'; typeOptions: { maxValue: number } }
	? number
	: P extends { type: 'boolean' }
		? boolean
		: P extends { type: 'dateTime' }
			? Date
			: P extends { type: 'options'; options: ReadonlyArray<{ value: infer V }> }
				? V
				: P extends { type: 'multiOptions' }
					? string[]
					: P extends { type: 'string' | 'resourceLocator' | 'hidden' }
						? string
						: unknown;

/** A parameter that always has a value: the canvas always shows it, and it cannot be blank. */
type Always<P> = P extends { type: 'number' | 'boolean' | 'options' }
	? P extends { displayOptions: unknown }
		? never
		: P
	: never;

type MemberOf<P> = P extends { type: 'collection'; options: ReadonlyArray<infer Option> } ? Option : P;

type NameOf<P> = P extends { name: infer Name extends string } ? Name : never;

/**
 * The values of parameters, by name and with their types. Members of collections are on the same level as the others. A value that
 * may be unset is optional.
 *
 * @example
 * const list = propertyList([{ displayName: 'Limit', name: 'limit', type: 'number', default: 50 }]);
 * type Values = ValuesOf<typeof list>; // { limit: number }
 */
export type ValuesOf<List extends readonly INodeProperties[]> = {
	[P in Always<List[number]> as NameOf<P>]: ValueOf<P>;
} & {
	[P in MemberOf<Exclude<List[number], Always<List[number]>>> as NameOf<P>]?: ValueOf<P>;
};

/** Returns the properties unchanged. The compiler then knows their names and types, for {@link ValuesOf}. */
export function propertyList<const List extends INodeProperties[]>(list: List): List {
	return list;
}
