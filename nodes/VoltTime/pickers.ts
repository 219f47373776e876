import type { INodeProperties } from 'n8n-workflow';

/** The team, picked from the list of the credential's teams or given by its id. */
export const teamId: INodeProperties = {
	displayName: 'Team',
	name: 'teamId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	description: 'Team that owns the chargers',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			typeOptions: { searchListMethod: 'searchTeams', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 402789',
		},
	],
};

/** The charger, picked from the list of the team's chargers or given by its id. */
export const chargerId: INodeProperties = {
	displayName: 'Charger',
	name: 'chargerId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	description: 'Charger to read the transactions of',
	typeOptions: { loadOptionsDependsOn: ['teamId.value'] },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			typeOptions: { searchListMethod: 'searchChargers', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 25',
		},
	],
};
