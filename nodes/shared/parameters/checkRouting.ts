import type {
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	INodePropertyRouting,
	NodePropertyTypes,
} from 'n8n-workflow';

import { isObject } from '../http/response';
import { AS_JSON, CLEAR_EACH } from './forms';
import { sendsItsFields } from './fixedCollection';
import {
	VALUE_EXPRESSIONS,
	constantsIn,
	insideBraces,
	isIndexed,
	pathOf,
	wireNameOf,
	type Path,
	type Write,
} from './routing';
import type { Encode } from './types';
import { isList } from './values';

/** What is understood of each part of a property; any other key is refused. */
const SUPPORTED_KEYS = {
	displayOptions: ['show', 'hide'],
	routing: ['send', 'request'],
	'routing.send': ['type', 'property', 'propertyInDotNotation', 'value'],
	'routing.request': ['qs', 'body'],
};

const SENDABLE: NodePropertyTypes[] = [
	'boolean',
	'dateTime',
	'hidden',
	'json',
	'multiOptions',
	'number',
	'options',
	'resourceLocator',
	'string',
];

/** Types of which a parameter may hold several values (`typeOptions.multipleValues`). */
const LISTABLE: NodePropertyTypes[] = ['dateTime', 'fixedCollection', 'number', 'string'];

/** `name`, `price.amount`, `address[0].city`. */
const DOTTED = /^[^.[\]{}]+(\.[^.[\]{}]+|\[\d+\])*$/;

/** A parameter, one in a collection, or a field of a fixed collection that sends its fields. */
interface Leaf {
	property: INodeProperties;
	/** What `displayOptions` may name: `name` for a neighbor that stands before it, `/name` for one outside of collections. */
	known: string[];
	/** The collection that it stands in. */
	parent?: INodeProperties;
	/** Of a field of a fixed collection, the kind of row. */
	row?: string;
}

/**
 * Checks that everything that the properties of an operation say of their `routing` and `displayOptions` is understood by
 * `readParameters`. To be called once, when the node is built: what is not understood would be dropped, and nobody would notice.
 *
 * Sent as n8n's router sends it (n8n-core 2.41.1), each with a test:
 * - `send` with `type` and `property`: dotted, as it is with `propertyInDotNotation: false`, and in a field of a fixed
 *   collection with the number of its row, `=address[{{$index}}].city`. In `send.value` a constant text, or one of
 *   `VALUE_EXPRESSIONS`;
 * - `request.qs` and `request.body` with constants, and `CLEAR_EACH`;
 * - both of them in an option of an `options` parameter, `send` with a constant;
 * - lists: `multiOptions`, and `multipleValues` of texts, numbers and dates;
 * - `displayOptions.show` and `hide` with any condition on a parameter that stands before, and on `@version`.
 *
 * Other than by n8n's router, nothing is sent of a parameter that is not set, dates have the form of the API, and an option counts
 * also where an expression picks it.
 *
 * @param encode The operation's own forms of values. Where each of several parameters has one, they may share a wire name.
 * @throws Error that names the property and the key.
 */
export function checkRouting(properties: INodeProperties[], encode: Record<string, Encode> = {}): void {
	const leaves = leavesOf(properties);
	const isEncoded = ({ property }: Leaf) => Object.hasOwn(encode, property.name);
	const names = new Set<string>();
	for (const leaf of leaves) {
		const { property } = leaf;
		if (names.has(property.name)) refuse(property, 'another parameter has the same name');
		names.add(property.name);
		checkType(leaf);
		checkConditions(leaf);
		checkRoutingOf(leaf, isEncoded(leaf));
		checkOptions(leaf);
	}
	checkTargets(leaves, isEncoded);
}

function refuse({ displayName, name }: INodeProperties, what: string): never {
	throw new Error(`"${displayName}" (${name}): ${what}`);
}

function leavesOf(properties: INodeProperties[]): Leaf[] {
	return properties.flatMap((property, at) => {
		const before = namesOf(properties.slice(0, at));
		const root = before.map((name) => `/${name}`);
		return withInner({ property, known: [...before, ...root] }, root);
	});
}

/** @param root What may be named from inside of a collection. */
function withInner(leaf: Leaf, root: string[]): Leaf[] {
	const { property: parent } = leaf;
	const fields = (inner: INodeProperties[], row?: string): Leaf[] =>
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

function isHolder(type: NodePropertyTypes): boolean {
	return type === 'collection' || type === 'fixedCollection';
}

function checkType({ property, parent }: Leaf): void {
	const { type, typeOptions, options } = property;
	if (isHolder(type) && parent && (type === 'collection' || parent.type === 'fixedCollection')) {
		refuse(property, `a ${type} inside of a ${parent.type} is not supported`);
	}
	if (typeOptions?.multipleValues && !LISTABLE.includes(type)) {
		refuse(property, `typeOptions.multipleValues is not supported for type ${type}`);
	}
	if (type === 'fixedCollection' && !sendsItsFields(property) && mentionsRouting(options)) {
		refuse(property, 'routing inside of a fixedCollection in a fixedCollection is not supported');
	}
}

function mentionsRouting(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	return 'routing' in value || Object.values(value).some(mentionsRouting);
}

/** @param where For the message: the part of the property. */
function checkKeys(
	property: INodeProperties,
	part: keyof typeof SUPPORTED_KEYS,
	holder: object,
	where = '',
): void {
	for (const [key, value] of Object.entries(holder)) {
		if (value === undefined || SUPPORTED_KEYS[part].includes(key)) continue;
		refuse(property, `${where}${part}.${key} is not supported`);
	}
}

function checkConditions({ property, known }: Leaf): void {
	const { displayOptions } = property;
	if (!displayOptions) return;
	checkKeys(property, 'displayOptions', displayOptions);
	for (const part of ['show', 'hide'] as const) {
		for (const name of Object.keys(displayOptions[part] ?? {})) {
			if (name === '@version' || known.includes(name)) continue;
			const why = name.startsWith('@') ? 'is not supported' : 'names no parameter that stands before it';
			refuse(property, `displayOptions.${part}.${name} ${why}`);
		}
	}
}

function checkRoutingOf(leaf: Leaf, isEncoded: boolean): void {
	const { property } = leaf;
	const { type, routing, default: preset } = property;
	if (isEncoded && sendsItsFields(property)) {
		refuse(property, 'an encoder and fields with routing exclude each other');
	}
	if (!routing) return;
	checkKeys(property, 'routing', routing);
	if (!SENDABLE.includes(type) && !(type === 'fixedCollection' && isEncoded)) {
		refuse(property, `routing is not supported for type ${type}${isHolder(type) ? ' as a whole' : ''}`);
	}
	if (type === 'hidden' && (preset === '' || preset === undefined || preset === null)) {
		refuse(property, 'a hidden parameter with routing needs a default: nothing is sent of a blank one');
	}
	if (routing.send) {
		checkSend(leaf, routing.send);
		checkValueForm(property, routing.send, isEncoded);
	}
	checkRequest(property, routing);
}

type Send = NonNullable<INodePropertyRouting['send']>;

function checkSend({ property, parent, row }: Leaf, send: Send, where = ''): void {
	const part = `${where}routing.send`;
	const { type, property: name, propertyInDotNotation } = send;
	checkKeys(property, 'routing.send', send, where);
	if (type !== 'body' && type !== 'query') {
		refuse(property, `${part}.type must be body or query, but it is ${String(type)}`);
	}
	if (typeof name !== 'string' || name === '') refuse(property, `${part}.property is missing`);
	const wireName = wireNameOf(send, 0);
	if (wireName.includes('{{')) refuse(property, `${part}.property may hold no expression but =...{{$index}}`);
	if (propertyInDotNotation !== false && !DOTTED.test(wireName)) {
		refuse(property, `${part}.property ${name} is no path: propertyInDotNotation: false sends it as it is`);
	}
	if (isIndexed(send) && !row)
		refuse(property, `${part}.property has {{$index}} outside of a fixedCollection`);
	if (row && parent?.typeOptions?.multipleValues && !isIndexed(send)) {
		refuse(property, `${part}.property needs {{$index}}: each row would overwrite the one before`);
	}
}

function checkValueForm(property: INodeProperties, { type, value }: Send, isEncoded: boolean): void {
	if (value === undefined) {
		if (property.type !== 'json' || type !== 'body' || isEncoded) return;
		refuse(property, `routing.send.value must be ${AS_JSON} in a body: n8n would send the text`);
	}
	if (isEncoded) refuse(property, 'routing.send.value and an encoder exclude each other');
	if (typeof value !== 'string' || value === '') refuse(property, 'routing.send.value must be a text');
	if (!value.startsWith('=')) return;
	const inside = insideBraces(value);
	if (!/^=\{\{.*\}\}$/s.test(value) || !Object.hasOwn(VALUE_EXPRESSIONS, inside)) {
		const known = Object.keys(VALUE_EXPRESSIONS).join(' and ');
		refuse(property, `routing.send.value ${value} is not supported; of expressions there are ${known}`);
	}
	const fits = {
		'$value.join(",")': property.type === 'multiOptions' || isList(property),
		'JSON.parse($value)': property.type === 'json',
	}[inside];
	if (fits === false)
		refuse(property, `routing.send.value ${value} is not supported for type ${property.type}`);
}

function checkRequest(property: INodeProperties, routing: INodePropertyRouting, where = ''): void {
	const { request, send } = routing;
	if (!request) return;
	checkKeys(property, 'routing.request', request, where);
	for (const part of ['qs', 'body'] as const) {
		const constant: unknown = request[part];
		if (part === 'body' && constant === CLEAR_EACH && where === '') checkClearing(property, send);
		else if (constant !== undefined && !isConstant(constant)) {
			refuse(property, `${where}routing.request.${part} must be an object of constants`);
		}
	}
}

function isConstant(value: unknown): boolean {
	return isObject(value) && Object.values(value).every(isFixed);
}

function isFixed(value: unknown): boolean {
	if (typeof value === 'string') return !value.startsWith('=');
	if (Array.isArray(value)) return value.every(isFixed);
	return value === null || typeof value === 'number' || typeof value === 'boolean' || isConstant(value);
}

function checkClearing(property: INodeProperties, send: Send | undefined): void {
	if (send) refuse(property, 'routing.send and the clearing of fields exclude each other');
	const names = valuesOf(property);
	const fits = property.type === 'multiOptions' && names.every((name) => /^[^.[\]]+$/.test(String(name)));
	if (!fits) refuse(property, 'fields are cleared by a multiOptions whose values are names without a path');
}

function optionsOf({ type, options }: INodeProperties): INodePropertyOptions[] {
	return type === 'options' || type === 'multiOptions' ? ((options ?? []) as INodePropertyOptions[]) : [];
}

const valuesOf = (property: INodeProperties) => optionsOf(property).map(({ value }) => value);

/** Of an option n8n's router sends a constant only: `$value` is undefined there (n8n-core 2.41.1). */
function checkOptions(leaf: Leaf): void {
	const { property } = leaf;
	for (const { value, routing, displayOptions } of optionsOf(property)) {
		if (!routing) continue;
		const where = `option ${String(value)}: `;
		if (property.type !== 'options') refuse(property, `${where}routing counts for type options only`);
		if (displayOptions) refuse(property, `${where}routing and displayOptions exclude each other`);
		checkKeys(property, 'routing', routing, where);
		checkRequest(property, routing, where);
		if (!routing.send) continue;
		checkSend(leaf, routing.send, where);
		if (!isFixed(routing.send.value) || typeof routing.send.value !== 'string' || routing.send.value === '') {
			refuse(property, `${where}routing.send.value must be a constant text`);
		}
	}
}

/** A place in the query or the body that something is written to. */
interface Target {
	place: Write['place'];
	path: Path;
	leaf: Leaf;
	/** The option that writes it. */
	option?: unknown;
	/** Whose rows count the numbers in the path. */
	row?: string;
}

function targetsOf(leaf: Leaf): Target[] {
	const writes = ({ send, request }: INodePropertyRouting = {}, option?: unknown): Target[] => [
		...constantsIn(request).map(({ place, path }) => ({ place, path, leaf, option })),
		...(send?.type
			? [{ place: send.type, path: pathOf(send), leaf, option, row: isIndexed(send) ? leaf.row : undefined }]
			: []),
	];
	return [
		...writes(leaf.property.routing),
		...optionsOf(leaf.property).flatMap(({ value, routing }) => writes(routing, value)),
	];
}

/** @throws Error where one value would overwrite another, or would have to be inside of it. */
function checkTargets(leaves: Leaf[], isEncoded: (leaf: Leaf) => boolean): void {
	const targets = leaves.flatMap(targetsOf);
	targets.forEach((target, at) => {
		const other = targets.slice(0, at).find((earlier) => overlap(earlier, target));
		if (!other) return;
		const { leaf, option } = target;
		// Of the options of a parameter, only one is picked.
		if (leaf === other.leaf && option !== other.option && option !== undefined && other.option !== undefined)
			return;
		if (leaf !== other.leaf && isEncoded(leaf) && isEncoded(other.leaf)) return;
		const { displayName, name } = other.leaf.property;
		refuse(
			leaf.property,
			`routing writes to ${target.place} ${target.path.join('.')}, to which "${displayName}" (${name}) writes, too`,
		);
	});
}

function overlap(one: Target, other: Target): boolean {
	if (one.place !== other.place) return false;
	for (let at = 0; at < Math.min(one.path.length, other.path.length); at++) {
		const [here, there] = [one.path[at], other.path[at]];
		// A list or an object; and rows of one list only.
		if (typeof here !== typeof there || (typeof here === 'number' && one.row !== other.row)) return true;
		if (here !== there) return false;
	}
	return true;
}
