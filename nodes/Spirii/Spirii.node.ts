import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { executeOperation } from '../shared/node/execute';
import { nodeProperties } from '../shared/node/operation';
import { subtitleOf } from '../shared/node/properties/subtitle';
import { resources } from './api';
import { listSearch } from './listSearch';
import { spirii } from './vendor';

const properties = nodeProperties(resources);

/**
 * Reads charging data from Spirii.
 *
 * Programmatic, because n8n's declarative router starts all input items at once, loses the pairing of lists, and fails with a
 * stack overflow above about 125,000 records (n8n 2.41.1). The parameters are declarative all the same.
 */
export class Spirii implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Spirii',
		name: 'spirii',
		icon: { light: 'file:spirii.svg', dark: 'file:spirii.dark.svg' },
		group: ['input'],
		version: 1,
		subtitle: subtitleOf(properties, 'operation', 'resource'),
		description: 'Get EV charge records and charging sessions from Spirii',
		defaults: { name: 'Spirii' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'spiriiApi', required: true }],
		properties,
	};

	methods = { listSearch };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await executeOperation(this, spirii, resources);
	}
}
