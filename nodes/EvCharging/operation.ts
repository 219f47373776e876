import { updateDisplayOptions, type INodeExecutionData, type INodeProperties } from 'n8n-workflow';

import { alphabetical } from '../shared/util/alphabetical';
import { sessionSettings } from '../shared/node/properties/output';
import type { ToBinary } from '../shared/node/files';
import { checkRouting } from '../shared/parameters/checkRouting';
import type { OutputContext } from '../shared/node/outputFormatter';

/** What was made of the parameters of each item. */
export interface PerItem<T> {
	/** In the order of the items, without those that failed. */
	made: Array<{ itemIndex: number; value: T }>;
	/** What comes out for an item that failed, by its index. Without "Continue On Fail" there is none. */
	failed: Map<number, INodeExecutionData>;
}

/** The parameters of an operation that works on many items. */
export interface ItemParameters {
	/**
	 * The parameters for all items together.
	 *
	 * @throws InputError that names a parameter whose expression gives different values, with two of them.
	 */
	forAll: () => OutputContext;
	/**
	 * Makes something of the parameters of each item: once, where no parameter depends on the item.
	 *
	 * @throws NodeOperationError for the first item whose parameters cannot be used, unless "Continue On Fail" is on.
	 */
	forEach: <T>(make: (given: OutputContext) => T) => PerItem<T>;
}

/** What an operation needs to run, for all items at once. */
export interface SessionsContext extends ItemParameters {
	items: INodeExecutionData[];
	toBinary: ToBinary;
	/** Shows a hint above the output, once per execution. */
	hint: (message: string) => void;
}

/** One operation on the items: its parameters and what it does with them. */
export interface SessionsOperation {
	/** n8n's value of the operation; the file bears the same name. */
	value: string;
	name: string;
	action: string;
	description: string;
	properties: INodeProperties[];
	/** What to do where a parameter has to be the same for all items and differs, by its name; there is advice in general. */
	adviceOnDifference?: Record<string, string>;
	/** Gives output items that are paired with input items. */
	run: (call: SessionsContext) => Promise<INodeExecutionData[]> | INodeExecutionData[];
}

/** "Session Settings" without what only OCPI needs. */
export const moneySettings: INodeProperties = {
	...sessionSettings,
	displayOptions: {},
	options: (sessionSettings.options as INodeProperties[]).filter(({ name }) => !/^operator/.test(name)),
};

/**
 * The properties of the node: the operations, and the parameters of each, shown only for it.
 *
 * @param operations The first one is the default.
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
			options: alphabetical(
				operations.map(({ value, name, action, description }) => ({ value, name, action, description })),
				({ name }) => name,
			),
			default: first,
		},
		...operations.flatMap(({ value, properties }) =>
			updateDisplayOptions({ show: { operation: [value] } }, properties),
		),
	];
}
