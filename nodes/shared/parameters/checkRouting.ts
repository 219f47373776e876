import type { IDataObject, INodeProperties, INodePropertyRouting, NodePropertyTypes } from 'n8n-workflow';

import { isObject } from '../http/response';
import { AS_JSON, CLEAR_EACH } from './forms';
import { checkTargets } from './checkTargets';
import { sendsItsFields } from './fixedCollection';
import { isHolder, leavesOf, optionsOf, refuse, type PropertyLeaf } from './propertyTree';
import { VALUE_EXPRESSIONS, constantsIn, insideBraces, isIndexed, pathOf, wireNameOf } from './routing';
import type { Encode } from './types';
import { isList } from './values';

/** The supported keys of each part of a property. Any other key is an error. */
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

/** Types that support several values (`typeOptions.multipleValues`). */
const LISTABLE: NodePropertyTypes[] = ['dateTime', 'fixedCollection', 'number', 'string'];

/** `name`, `price.amount`, `address[0].city`. */
const DOTTED = /^[^.[\]{}]+(\.[^.[\]{}]+|\[\d+\])*$/;

/**
 * Checks that `readParameters` supports the `routing` and `displayOptions` of an operation's properties. It is called once, when the
 * node is built: anything unsupported would be dropped silently.
 *
 * These forms are supported. Each is sent as n8n's router sends it (n8n-core 2.41.1), and has a test:
 * - `send` with `type` and `property`. The property is a dotted path, a plain name with `propertyInDotNotation: false`, or, in a
 *   field of a fixed collection, a path with the index of its row: `=address[{{$index}}].city`. `send.value` is a constant text or
 *   one of `VALUE_EXPRESSIONS`;
 * - `request.qs` and `request.body` with constants, and `CLEAR_EACH`;
 * - both of these in an option of an `options` parameter, where `send` has a constant;
 * - lists: `multiOptions`, and `multipleValues` of texts, numbers and dates;
 * - `displayOptions.show` and `hide` with any condition on an earlier parameter or on `@version`. A member of a collection is none: n8n
 *   1.123.81 refuses a node with such a condition.
 *
 * Three things differ from n8n's router: a parameter that is not set sends nothing, dates have the format of the API, and the
 * `routing` of an option also applies if an expression picks the option.
 *
 * @param encode The encoders of the operation. Parameters that all have an encoder may share a wire name.
 * @throws Error that names the property and the key.
 */
export function checkRouting(properties: INodeProperties[], encode: Record<string, Encode> = {}): void {
	const leaves = leavesOf(properties);
	const isEncoded = ({ property }: PropertyLeaf) => Object.hasOwn(encode, property.name);
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

function checkType({ property, parent }: PropertyLeaf): void {
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

/** @param where The part of the property, for the message. */
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

function checkConditions({ property, known }: PropertyLeaf): void {
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

function checkRoutingOf(leaf: PropertyLeaf, isEncoded: boolean): void {
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

function checkSend({ property, parent, row }: PropertyLeaf, send: Send, where = ''): void {
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
	if (type === 'query' && pathOf(send).slice(0, -1).some(isIndex)) {
		refuse(property, `${part}.property ${name} is a list of objects, which a query cannot hold`);
	}
	if (isIndexed(send) && !row)
		refuse(property, `${part}.property has {{$index}} outside of a fixedCollection`);
	if (row && parent?.typeOptions?.multipleValues && !isIndexed(send)) {
		refuse(property, `${part}.property needs {{$index}}: each row would overwrite the one before`);
	}
}

const isIndex = (part: unknown) => typeof part === 'number';

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
		if (constant === undefined) continue;
		if (part === 'body' && constant === CLEAR_EACH && where === '') checkClearing(property, send);
		else if (!isConstant(constant)) {
			refuse(property, `${where}routing.request.${part} must be an object of constants`);
		} else if (part === 'qs' && holdsListOfObjects(constant)) {
			refuse(property, `${where}routing.request.qs must not hold a list of objects`);
		}
	}
}

/** The client repeats the name of a list for each of its values (`arrayFormat: 'repeat'`), so `a[0].b` would become `a[b]`. */
function holdsListOfObjects(qs: unknown): boolean {
	return constantsIn({ qs: qs as IDataObject }).some(
		({ value }) => Array.isArray(value) && value.some(isObject),
	);
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
	const names = optionsOf(property).map(({ value }) => value);
	const fits = property.type === 'multiOptions' && names.every((name) => /^[^.[\]]+$/.test(String(name)));
	if (!fits) refuse(property, 'fields are cleared by a multiOptions whose values are names without a path');
}

/** For an option, n8n's router sends constants only: `$value` is undefined there (n8n-core 2.41.1). */
function checkOptions(leaf: PropertyLeaf): void {
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
