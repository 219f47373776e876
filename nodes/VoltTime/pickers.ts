import type { INodeProperties } from 'n8n-workflow';

import { PLACE_ID } from './places';

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

/** A site, charger or team of version 3: picked from a list, or given by its UUID. */
function placePicker<Name extends string>(
	name: Name,
	displayName: string,
	description: string,
	searchListMethod: string,
) {
	return {
		displayName,
		name,
		type: 'resourceLocator',
		required: true,
		default: { mode: 'list', value: '' },
		description,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod, searchable: true },
			},
			{
				displayName: 'By UUID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 51c7cf5e-fac2-3ac6-8ef8-61e6050503af',
				validation: [
					{
						type: 'regex',
						properties: {
							regex: PLACE_ID,
							errorMessage: 'Must be a UUID such as 51c7cf5e-fac2-3ac6-8ef8-61e6050503af',
						},
					},
				],
			},
		],
	} satisfies INodeProperties;
}

export const siteUuid = placePicker('siteUuid', 'Site', 'The site, with all its chargers', 'searchSitesV3');
export const chargerUuid = placePicker('chargerUuid', 'Charger', 'The charger', 'searchChargersV3');
export const teamUuid = placePicker('teamUuid', 'Team', 'The team, with all its sites', 'searchTeamsV3');
