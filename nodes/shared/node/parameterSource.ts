import type { IGetNodeParameterOptions, INode } from 'n8n-workflow';

import type { ParameterSource } from '../parameters/parameters';

/** Whether an agent calls the node: the type of the variant that n8n makes for agents ends in `Tool` (n8n 2.41.1). */
export function isTool({ type }: INode): boolean {
	return type.endsWith('Tool');
}

/**
 * The parameters of a node, for one input item.
 *
 * @param node n8n copies the node each time it is asked for it, so it is read once for all items.
 * @param read `getNodeParameter` for this item, with null where there is no value.
 * @param itemIndex Counted from 0; left out in a trigger.
 */
export function parameterSource(
	node: INode,
	read: (name: string, options: IGetNodeParameterOptions) => unknown,
	itemIndex?: number,
): ParameterSource {
	return {
		written: node.parameters,
		// Only a choice from a list has a value inside. For any other that is hidden by what it depends on, n8n would throw
		// "Could not find property", without a name (n8n-core 2.41.1).
		read: ({ name, type }) => read(name, { extractValue: type === 'resourceLocator' }),
		itemIndex,
		isTool: isTool(node),
		typeVersion: node.typeVersion,
	};
}
