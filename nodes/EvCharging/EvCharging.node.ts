import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { toErrorItem, toNodeError } from '../shared/node/execute';
import { binaryStore } from '../shared/node/files';
import { subtitleOf } from '../shared/node/properties/subtitle';
import { checkChoice } from '../shared/parameters/parameters';
import { itemParameters } from './itemParameters';
import { operationProperties, type SessionsOperation } from './operation';
import { correctCdrs } from './operations/correctCdrs';
import { exportSessions } from './operations/export';
import { normalize } from './operations/normalize';
import { reimburse } from './operations/reimburse';
import { summarize } from './operations/summarize';

/** The first operation is the default. */
const operations: SessionsOperation[] = [normalize, summarize, reimburse, exportSessions, correctCdrs];
const operationNames = operations.map(({ value }) => value);
const properties = operationProperties(operations);

/**
 * Processes charging sessions of any vendor that arrive as items. It needs no credential and sends no requests.
 */
export class EvCharging implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'EV Charging',
		name: 'evCharging',
		icon: { light: 'file:evCharging.svg', dark: 'file:evCharging.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(properties, 'operation'),
		description: 'Normalize, summarize, reimburse and export EV charging sessions of any vendor',
		defaults: { name: 'EV Charging' },
		// n8n's linter requires this property. An agent cannot use the node, because it passes parameters but no items.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const node = this.getNode();
		const hints = new Set<string>();
		try {
			const chosen = checkChoice('Operation', operationNames, this.getNodeParameter('operation', 0, null));
			const operation = operations[operationNames.indexOf(chosen)];
			const output = await operation.run({
				items,
				...itemParameters(this, node, operation),
				toBinary: binaryStore(this),
				hint: (message) => hints.add(message),
			});
			for (const message of hints) this.addExecutionHints({ message, location: 'outputPane' });
			return [output];
		} catch (caught) {
			const error = toNodeError(node, caught);
			if (!this.continueOnFail()) throw error;
			return [[{ ...toErrorItem(error, 0), pairedItem: items.map((_, item) => ({ item })) }]];
		}
	}
}
