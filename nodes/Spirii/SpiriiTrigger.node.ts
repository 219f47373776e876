import {
	NodeConnectionTypes,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IPollFunctions,
} from 'n8n-workflow';

import { subtitleOf } from '../shared/node/properties/subtitle';
import { pollSources } from '../shared/node/poll';
import { triggerProperties } from '../shared/node/properties/trigger';
import { spiriiPackage } from './index';
import { listSearch } from './listSearch';

const { vendor, triggers } = spiriiPackage;

const properties = triggerProperties(triggers);

/** Starts a workflow with Spirii's charging sessions: each once, and each correction once. */
export class SpiriiTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Spirii Trigger',
		name: 'spiriiTrigger',
		icon: { light: 'file:spirii.svg', dark: 'file:spirii.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: subtitleOf(properties, 'event'),
		description: 'Get EV charging sessions from Spirii, or start when one ends',
		defaults: { name: 'Spirii Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'spiriiApi', required: true }],
		properties,
	};

	methods = { listSearch };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await pollSources(this, vendor, triggers);
	}
}
