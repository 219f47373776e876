import type { IGetNodeParameterOptions, INode } from 'n8n-workflow';

import type { ParameterSource } from '../parameters/parameters';

/** Whether an agent calls the node. n8n creates a variant for agents whose type ends in `Tool` (n8n 2.41.1). */
export function isTool({ type }: INode): boolean {
	return type.endsWith('Tool');
}

/**
 * The parameters of a node, for one input item.
 *
 * @param node The result of `getNode()`. n8n copies the node for each call, so it is read once for all items.
 * @param read `getNodeParameter` for this item, with null as the fallback.
 * @param itemIndex Index of the input item. Left out in a trigger.
 */
export function parameterSource(
	node: INode,
	read: (name: string, options: IGetNodeParameterOptions) => unknown,
	itemIndex?: number,
): ParameterSource {
	return {
		written: node.parameters,
		// Only a resource locator has a value to extract. For another parameter that `displayOptions` hide, n8n would throw "Could
		// not find property", without a name (n8n-core 2.41.1).
		read: ({ name, type }) => read(name, { extractValue: type === 'resourceLocator' }),
		itemIndex,
		isTool: isTool(node),
		typeVersion: node.typeVersion,
	};
}
