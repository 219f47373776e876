import type {
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	NodePropertyTypes,
} from 'n8n-workflow';

import { sendsItsFields } from './fixedCollection';

/** A parameter, a member of a collection, or a field of a fixed collection whose fields have a `routing`. */
export interface PropertyLeaf {
	property: INodeProperties;
	/** The names that `displayOptions` may use: `name` for an earlier sibling, `/name` for a parameter outside collections. */
	known: string[];
	/** The collection that contains it. */
	parent?: INodeProperties;
	/** The kind of row, for a field of a fixed collection. */
	row?: string;
}

/** All parameters that `readParameters` reads, in its order. */
export function leavesOf(properties: INodeProperties[]): PropertyLeaf[] {
	return properties.flatMap((property, at) => {
		const before = namesOf(properties.slice(0, at));
		const root = before.map((name) => `/${name}`);
		return withInner({ property, known: [...before, ...root] }, root);
	});
}

/** @param root The names that may be used inside a collection. */
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

/** The names of the parameters with a value of their own, so without collections. */
function namesOf(properties: INodeProperties[]): string[] {
	return properties.filter(({ type }) => !isHolder(type)).map(({ name }) => name);
}

export function isHolder(type: NodePropertyTypes): boolean {
	return type === 'collection' || type === 'fixedCollection';
}

/** The choices of a parameter, or an empty list. */
export function optionsOf({ type, options }: INodeProperties): INodePropertyOptions[] {
	return type === 'options' || type === 'multiOptions' ? ((options ?? []) as INodePropertyOptions[]) : [];
}

/** @throws Error that names the property. It is for the engineer, when the node is built. */
export function refuse({ displayName, name }: INodeProperties, what: string): never {
	throw new Error(`"${displayName}" (${name}): ${what}`);
}
