import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/**
 * What stands under a node on the canvas: the names of what is picked, such as `Get Many: Charge Record`. n8n itself would
 * show their values.
 *
 * @param properties Of the node.
 * @param parameters Names of those to show, each with options.
 */
export function subtitleOf(properties: INodeProperties[], ...parameters: string[]): string {
	const shown = parameters.map((parameter) => {
		const options = properties
			.filter(({ name }) => name === parameter)
			.flatMap((property) => property.options as INodePropertyOptions[]);
		const names = Object.fromEntries(options.map(({ name, value }) => [value, name]));
		return `(${JSON.stringify(names)})[$parameter["${parameter}"]]`;
	});
	return `={{ ${shown.join(' + ": " + ')} }}`;
}
