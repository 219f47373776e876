import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/**
 * The text under a node on the canvas: the names of the picked options, such as `Get Many: Charge Record`. By itself n8n would show
 * their values.
 *
 * @param properties The properties of the node.
 * @param parameters Names of the parameters to show. Each has options.
 */
export function subtitleOf(properties: INodeProperties[], ...parameters: string[]): string {
	const parts = parameters.map((parameter) => {
		const options = properties
			.filter(({ name }) => name === parameter)
			.flatMap((property) => property.options as INodePropertyOptions[]);
		const names = Object.fromEntries(options.map(({ name, value }) => [value, name]));
		return `(${JSON.stringify(names)})[$parameter["${parameter}"]]`;
	});
	return `={{ ${parts.join(' + ": " + ')} }}`;
}
