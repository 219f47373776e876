import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

/** A text on the canvas, for example below a choice whose consequence costs money. */
export function notice<const Name extends string>(name: Name, text: string, displayOptions: IDisplayOptions) {
	return { displayName: text, name, type: 'notice', default: '', displayOptions } satisfies INodeProperties;
}
