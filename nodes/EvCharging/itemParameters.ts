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
		return { values, timezone, now: Date.now };
	};
	/** Like `read`, but errors name the item. */
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

/** Names in expressions that do not depend on the item: time, workflow and plain functions (n8n-workflow 2.41.0). */
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

/** Calls that do not depend on the item, because they read the whole output of a node: `$('Settings').first()`. */
const SAME_OF_A_NODE = /\$(input|\((["'`])(?:(?!\2).)*\2\))\.(first|last|all)\(\)/g;

/**
 * Whether a parameter has an expression whose value may depend on the item: one that uses any data of n8n except the above.
 * Other parameters are read once, because `$now` differs by some milliseconds between items.
 *
 * @param written The parameter as it is stored in the node.
 */
export function dependsOnItem(written: unknown): boolean {
	if (typeof written === 'string') {
		if (!written.startsWith('=')) return false;
		// Matches `$json` and the `$` of `$('Node')`, but not the `${` of a template literal.
		const names = written.replace(SAME_OF_A_NODE, '').match(/\$(?!\{)\w*/g) ?? [];
		return names.some((name) => !SAME_FOR_ALL.has(name));
	}
	return typeof written === 'object' && written !== null && Object.values(written).some(dependsOnItem);
}

/** A parameter, at the top level or in a collection, whose expression depends on the item. */
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

/** The first difference between the parameters of two items: the label and both values. */
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
		// Other fields may contain the time, which differs between any two items.
		if (!dependsOnItem(fieldWritten) || isSame(found[0], found[1])) continue;
		return [`"${field.displayName}" in ${label}`, found[0], found[1]];
	}
	return undefined;
}

function isSame(one: unknown, other: unknown): boolean {
	return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** Parameters that no longer matter after Normalize, because rows already contain their result. */
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
