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
import { voltTimePackage } from './index';
import { searchChargers, searchChargersV3, searchSitesV3, searchTeams, searchTeamsV3 } from './listSearch';

const { vendor, triggers } = voltTimePackage;

const properties = triggerProperties(triggers);

/** Starts a workflow with Volt Time's charging sessions: each once, and each correction once. */
export class VoltTimeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Volt Time Trigger',
		name: 'voltTimeTrigger',
		icon: { light: 'file:voltTime.svg', dark: 'file:voltTime.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: subtitleOf(properties, 'event'),
		description: 'Get EV charging sessions from Volt Time, or start when one ends',
		defaults: { name: 'Volt Time Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'voltTimeApi', required: true }],
		properties,
	};

	methods = {
		listSearch: { searchChargers, searchChargersV3, searchSitesV3, searchTeams, searchTeamsV3 },
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await pollSources(this, vendor, triggers);
	}
}
