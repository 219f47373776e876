import type { IExecuteFunctions, INode, INodeProperties } from 'n8n-workflow';

import { InputError, formatValue } from '../shared/util/errors';
import { toErrorItem, toNodeError } from '../shared/node/execute';
import { parameterSource } from '../shared/node/parameterSource';
import type { OutputContext } from '../shared/node/outputFormatter';
import { isObject } from '../shared/http/response';
import { toIsoUtc } from '../shared/parameters/dates';
import { fieldsOf, readParameters } from '../shared/parameters/parameters';
import { moneySettings, type ItemParameters, type SessionsOperation, type PerItem } from './operation';

/** Reads the parameters of an operation. A parameter that does not depend on the item is read once. */
export function itemParameters(
	context: IExecuteFunctions,
	node: INode,
	operation: SessionsOperation,
): ItemParameters {
	const { properties } = operation;
	const timezone = context.getTimezone();
	const itemCount = context.getInputData().length;
	const dependent = new Set(
		properties.map(({ name }) => name).filter((name) => dependsOnItem(node.parameters[name])),
	);

	const readOnce = new Map<string, unknown>();
	const read = (itemIndex: number): OutputContext => {
		const source = parameterSource(
			node,
			(name, options) => {
				if (readOnce.has(name)) return readOnce.get(name);
				const value: unknown = context.getNodeParameter(name, itemIndex, null, options);
				if (!dependent.has(name)) readOnce.set(name, value);
				return value;
			},
			itemIndex,
		);
		const { values } = readParameters(properties, source, { timezone, formatDate: toIsoUtc });
		return { values, timezone };
	};
	/** With the item in its error. */
	const readAlone = (itemIndex: number): OutputContext => {
		try {
			return read(itemIndex);
		} catch (error) {
			throw toNodeError(node, error, itemIndex);
		}
	};

	return {
		forAll: () => {
			if (dependent.size === 0) return read(0);
			const leaves = dependentLeaves(properties, node.parameters);
			const first = readAlone(0);
			for (let itemIndex = 1; itemIndex < itemCount; itemIndex++) {
				const other = readAlone(itemIndex);
				for (const leaf of leaves) {
					const difference = differenceIn(leaf, first, other);
					if (!difference) continue;
					const [label, one, another] = difference;
					throw new InputError(
						`${label} differs from item to item: ${formatValue(one)} for item 1, ${formatValue(another)} for item ${itemIndex + 1}`,
						adviceOn(leaf.property, operation),
					);
				}
			}
			return first;
		},
		forEach: <T>(make: (given: OutputContext) => T) => {
			const made: PerItem<T>['made'] = [];
			const failed: PerItem<T>['failed'] = new Map();
			const forAll = dependent.size === 0 ? { value: make(read(0)) } : undefined;
			for (let itemIndex = 0; itemIndex < itemCount; itemIndex++) {
				try {
					made.push({ itemIndex, ...(forAll ?? { value: make(read(itemIndex)) }) });
				} catch (caught) {
					const error = toNodeError(node, caught, itemIndex);
					if (!context.continueOnFail()) throw error;
					failed.set(itemIndex, toErrorItem(error, itemIndex));
				}
			}
			return { made, failed };
		},
	};
}

/** What does not depend on the item: the time, the workflow, and plain functions (n8n-workflow 2.41.0). */
const SAME_FOR_ALL = new Set([
	'$now',
	'$today',
	'$vars',
	'$workflow',
	'$execution',
	'$env',
	'$secrets',
	'$if',
	'$ifEmpty',
	'$min',
	'$max',
	'$average',
	'$not',
	'$jmesPath',
	'$jmespath',
]);

/** Nor does what is read from a node as a whole, such as `$('Settings').first()`. */
const SAME_OF_A_NODE = /\$(input|\((["'`])(?:(?!\2).)*\2\))\.(first|last|all)\(\)/g;

/**
 * Whether a parameter holds an expression that may give another value for another item: one that names any of n8n's data
 * but the above. Others are read once, since `$now` is some milliseconds later for each item.
 *
 * @param written The parameter as it stands in the node.
 */
export function dependsOnItem(written: unknown): boolean {
	if (typeof written === 'string') {
		if (!written.startsWith('=')) return false;
		// `$json`; `$` alone, of `$('Node')`; but not the `${` of a template.
		const names = written.replace(SAME_OF_A_NODE, '').match(/\$(?!\{)\w*/g) ?? [];
		return names.some((name) => !SAME_FOR_ALL.has(name));
	}
	return typeof written === 'object' && written !== null && Object.values(written).some(dependsOnItem);
}

/** A parameter with an expression that depends on the item, alone or in a collection. */
interface Leaf {
	property: INodeProperties;
	written: unknown;
}

function dependentLeaves(properties: INodeProperties[], written: Record<string, unknown>): Leaf[] {
	return properties
		.flatMap((property): Leaf[] => {
			const own = written[property.name];
			if (property.type !== 'collection') return [{ property, written: own }];
			const added = isObject(own) ? own : {};
			const options = property.options as INodeProperties[];
			return options.map((option) => ({ property: option, written: added[option.name] }));
		})
		.filter((leaf) => dependsOnItem(leaf.written));
}

/** What differs between the parameters of two items: the label, and both values. */
function differenceIn(
	{ property, written }: Leaf,
	one: OutputContext,
	other: OutputContext,
): [string, unknown, unknown] | undefined {
	const label = `"${property.displayName}"`;
	const [first, second] = [one, other].map(({ values }) => values[property.name]);
	if (property.type !== 'fixedCollection') return isSame(first, second) ? undefined : [label, first, second];
	for (const { field, values } of fieldsOf(property, [written, first, second])) {
		const [fieldWritten, ...found] = values;
		// Beside a field that depends on the item may stand one with the time.
		if (!dependsOnItem(fieldWritten) || isSame(found[0], found[1])) continue;
		return [`"${field.displayName}" in ${label}`, found[0], found[1]];
	}
	return undefined;
}

function isSame(one: unknown, other: unknown): boolean {
	return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** What a row has of its own, once it is one. */
const SETTLED_IN_ROWS = new Set(
	['recordKind'].concat((moneySettings.options as INodeProperties[]).map(({ name }) => name)),
);

function adviceOn({ name }: INodeProperties, { adviceOnDifference }: SessionsOperation): string {
	const special = adviceOnDifference?.[name];
	if (special) return special;
	return SETTLED_IN_ROWS.has(name)
		? 'Put this node with the operation Normalize before it, which reads the field for each item, or set one value.'
		: 'Split the items before, with a Filter or a Loop, so that all of them have the same, or set one value.';
}
