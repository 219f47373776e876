import { updateDisplayOptions, type INodeExecutionData, type INodeProperties } from 'n8n-workflow';

import { sessionSettings } from '../shared/node/properties/output';
import type { ToBinary } from '../shared/node/files';
import { checkRouting } from '../shared/parameters/checkRouting';
import type { OutputContext } from '../shared/node/outputFormatter';

/** The results for the parameters of each item. */
export interface PerItem<T> {
	/** In the order of the items, without the failed ones. */
	made: Array<{ itemIndex: number; value: T }>;
	/** The error item of each failed item, by its index. Empty without "Continue On Fail". */
	failed: Map<number, INodeExecutionData>;
}

/** The parameters of an operation that works on many items. */
export interface ItemParameters {
	/**
	 * Reads the parameters that apply to all items.
	 *
	 * @throws InputError if the expression of a parameter gives different values. The message names two of them.
	 */
	forAll: () => OutputContext;
	/**
	 * Calls `make` with the parameters of each item, or only once if no parameter depends on the item.
	 *
	 * @throws NodeOperationError for the first item with invalid parameters, unless "Continue On Fail" is on.
	 */
	forEach: <T>(make: (given: OutputContext) => T) => PerItem<T>;
}

/** The input of an operation, which runs once for all items. */
export interface SessionsContext extends ItemParameters {
	items: INodeExecutionData[];
	toBinary: ToBinary;
	/** Shows a hint above the output. The same hint is shown once per execution. */
	hint: (message: string) => void;
}

/** One operation: its parameters and its implementation. */
export interface SessionsOperation {
	/** n8n's value of the operation, which is also the name of the file. */
	value: string;
	name: string;
	action: string;
	description: string;
	properties: INodeProperties[];
	/** By parameter name: the advice if the parameter differs between items. Other parameters get general advice. */
	adviceOnDifference?: Record<string, string>;
	/** Returns output items that are paired with input items. */
	run: (call: SessionsContext) => Promise<INodeExecutionData[]> | INodeExecutionData[];
}

/** "Session Settings" without the settings for OCPI. */
export const moneySettings: INodeProperties = {
	...sessionSettings,
	displayOptions: {},
	options: (sessionSettings.options as INodeProperties[]).filter(
		({ name }) => !/^(operator|rewrite)/.test(name),
	),
};

/**
 * Creates the properties of the node: the operations, and the parameters of each operation, which are shown only for it.
 *
 * @param operations The first operation is the default.
 */
export function operationProperties(operations: SessionsOperation[]): INodeProperties[] {
	const [{ value: first }] = operations;
	for (const { properties } of operations) checkRouting(properties);
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			options: operations.map(({ value, name, action, description }) => ({
				value,
				name,
				action,
				description,
			})),
			default: first,
		},
		...operations.flatMap(({ value, properties }) =>
			updateDisplayOptions({ show: { operation: [value] } }, properties),
		),
	];
}
