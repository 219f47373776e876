import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { alphabetical } from '../shared/node/alphabetical';
import { sessionSettings } from '../shared/node/output';
import type { ToBinary } from '../shared/node/files';
import type { Given } from '../shared/node/writer';

/** What an operation needs to run, for all items at once. */
export interface Call extends Given {
	items: INodeExecutionData[];
	toBinary: ToBinary;
	/** Shows a hint above the output, once per execution. */
	hint: (message: string) => void;
}

/** One operation on the items: its parameters and what it does with them. */
export interface Operation {
	/** n8n's value of the operation; the file bears the same name. */
	value: string;
	name: string;
	action: string;
	description: string;
	properties: INodeProperties[];
	/** Gives output items that are paired with input items. */
	run: (call: Call) => Promise<INodeExecutionData[]> | INodeExecutionData[];
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
export function operationProperties(operations: Operation[]): INodeProperties[] {
	const [{ value: first }] = operations;
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
			properties.map((property) => {
				const show = { operation: [value], ...property.displayOptions?.show };
				return { ...property, displayOptions: { ...property.displayOptions, show } };
			}),
		),
	];
}
