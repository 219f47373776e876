import type { INodeParameters, INodeProperties } from 'n8n-workflow';

import type { Operation, OperationEntry } from '../../nodes/shared/node/operation';

/** `chargeRecord getAll`: how tests call an operation. */
export function nameOf({ resource, operation }: OperationEntry): string {
	return `${resource} ${operation.value}`;
}

/** All parameters of an operation that hold a value, those inside collections too. */
export function leavesOf({ properties }: Pick<Operation, 'properties'>): INodeProperties[] {
	return properties
		.flatMap((property) =>
			property.type === 'collection' ? (property.options as INodeProperties[]) : [property],
		)
		.filter(({ type }) => type !== 'notice');
}

/**
 * The node's parameters for an operation: each value where the canvas has its parameter, be it in a collection or not.
 *
 * @param values By parameter name.
 */
export function placed({ resource, operation }: OperationEntry, values: INodeParameters): INodeParameters {
	const parameters: INodeParameters = { resource, operation: operation.value };
	for (const [name, value] of Object.entries(values)) {
		const collection = operation.properties.find(
			({ type, options }) =>
				type === 'collection' && (options as INodeProperties[]).some((option) => option.name === name),
		);
		if (collection) {
			const others = (parameters[collection.name] ?? {}) as INodeParameters;
			parameters[collection.name] = { ...others, [name]: value };
		} else parameters[name] = value;
	}
	return parameters;
}
