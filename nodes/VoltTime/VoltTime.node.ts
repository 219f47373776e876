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
import * as listSearch from './listSearch';
import { voltTime } from './vendor';

const properties = nodeProperties(resources);

/**
 * Reads charging data from Volt Time.
 *
 * Programmatic, because its endpoint has no paging and takes its parameters in the body of a GET, which n8n's
 * declarative router drops. The parameters are declarative all the same.
 */
export class VoltTime implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Volt Time',
		name: 'voltTime',
		icon: { light: 'file:voltTime.svg', dark: 'file:voltTime.dark.svg' },
		group: ['input'],
		version: 1,
		subtitle: subtitleOf(properties, 'operation', 'resource'),
		description: 'Get EV charging transactions, chargers, sites and teams from Volt Time (Plugchoice)',
		defaults: { name: 'Volt Time' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'voltTimeApi', required: true }],
		properties,
	};

	methods = { listSearch: { ...listSearch } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await executeOperation(this, voltTime, resources);
	}
}
