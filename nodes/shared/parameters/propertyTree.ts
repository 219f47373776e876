import type {
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	NodePropertyTypes,
} from 'n8n-workflow';

import { sendsItsFields } from './fixedCollection';

/** A parameter, one in a collection, or a field of a fixed collection that sends its fields. */
export interface PropertyLeaf {
	property: INodeProperties;
	/** What `displayOptions` may name: `name` for a neighbor that stands before it, `/name` for one outside of collections. */
	known: string[];
	/** The collection that it stands in. */
	parent?: INodeProperties;
	/** Of a field of a fixed collection, the kind of row. */
	row?: string;
}

/** Everything that `readParameters` reads, in its order. */
export function leavesOf(properties: INodeProperties[]): PropertyLeaf[] {
	return properties.flatMap((property, at) => {
		const before = namesOf(properties.slice(0, at));
		const root = before.map((name) => `/${name}`);
		return withInner({ property, known: [...before, ...root] }, root);
	});
}

/** @param root What may be named from inside of a collection. */
function withInner(leaf: PropertyLeaf, root: string[]): PropertyLeaf[] {
	const { property: parent } = leaf;
	const fields = (inner: INodeProperties[], row?: string): PropertyLeaf[] =>
		inner.map((property, at) => ({
			property,
			parent,
			known: [...namesOf(inner.slice(0, at)), ...root],
			row,
		}));
	if (parent.type === 'collection') {
		const members = fields(parent.options as INodeProperties[]);
		return [leaf, ...members.flatMap((member) => withInner(member, root))];
	}
	if (!sendsItsFields(parent)) return [leaf];
	const kinds = parent.options as INodePropertyCollection[];
	return [leaf, ...kinds.flatMap(({ name, values }) => fields(values, `${parent.name}.${name}`))];
}

/** Those with a value: a collection is known by what is in it. */
function namesOf(properties: INodeProperties[]): string[] {
	return properties.filter(({ type }) => !isHolder(type)).map(({ name }) => name);
}

export function isHolder(type: NodePropertyTypes): boolean {
	return type === 'collection' || type === 'fixedCollection';
}

/** The choices of a parameter, where it has any. */
export function optionsOf({ type, options }: INodeProperties): INodePropertyOptions[] {
	return type === 'options' || type === 'multiOptions' ? ((options ?? []) as INodePropertyOptions[]) : [];
}

/** @throws Error that names the property: for the engineer, when the node is built. */
export function refuse({ displayName, name }: INodeProperties, what: string): never {
	throw new Error(`"${displayName}" (${name}): ${what}`);
}
