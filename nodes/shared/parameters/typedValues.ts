import type { INodeProperties } from 'n8n-workflow';

/** What one parameter holds once it is read and checked. */
type ValueOf<P> = P extends { type: 'number' }
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

/** A parameter that always holds a value: it is always shown, and cannot be blank. */
type Always<P> = P extends { type: 'number' | 'boolean' | 'options' }
	? P extends { displayOptions: unknown }
		? never
		: P
	: never;

type MemberOf<P> = P extends { type: 'collection'; options: ReadonlyArray<infer Option> } ? Option : P;

type NameOf<P> = P extends { name: infer Name extends string } ? Name : never;

/**
 * The values of some parameters by name, in their own types. Members of collections stand beside the others; what may be
 * unset is optional.
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

/** The properties themselves, with their names and types known to the compiler, for {@link ValuesOf}. */
export function propertyList<const List extends INodeProperties[]>(list: List): List {
	return list;
}
