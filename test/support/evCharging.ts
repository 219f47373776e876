import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { EvCharging } from '../../nodes/EvCharging/EvCharging.node';
import { runNode } from './n8n';
import type { RunOptions } from './sandbox';

/** Runs the node EV Charging on records, each as an item; with the JSON of its output and the texts of its hints. */
export async function runEvCharging(
	parameters: INodeParameters,
	records: IDataObject[],
	more: RunOptions = {},
) {
	const items = records.map((json) => ({ json }));
	const output = await runNode({ node: new EvCharging(), parameters, credentials: {}, items, ...more });
	return {
		...output,
		json: output.items.map(({ json }) => json),
		messages: output.hints.map(({ message }) => message),
	};
}
