import type { INodeProperties } from 'n8n-workflow';

import type { listSearch } from './listSearch';

/** What can be picked: from which list, and in which form "By ID" takes it. */
interface Target {
	searchListMethod: keyof typeof listSearch;
	placeholder: string;
	/** Whether the id has to be a whole number. */
	isNumber: boolean;
}

const LOCATION: Target = { searchListMethod: 'searchLocations', placeholder: 'e.g. 1766', isNumber: true };

/** An EVSE by the number that paths need. */
const EVSE: Target = { searchListMethod: 'searchEvses', placeholder: 'e.g. 123456', isNumber: true };

/** An EVSE by the ID on its sticker, which sessions have. */
const EVSE_ID: Target = {
	searchListMethod: 'searchEvseIds',
	placeholder: 'e.g. DK.SPI.ZM0050*1',
	isNumber: false,
};

const CHARGE_BOX: Target = {
	searchListMethod: 'searchChargeBoxes',
	placeholder: 'e.g. 30400',
	isNumber: true,
};

type Words = Pick<INodeProperties, 'displayName' | 'description'>;

/** A choice from a list that can be searched, or by the id. */
function picker<Name extends string>(
	name: Name,
	{ displayName, description }: Words,
	{ searchListMethod, placeholder, isNumber }: Target,
) {
	const validation = [
		{ type: 'regex', properties: { regex: '\\d+', errorMessage: 'Must be a whole number' } },
	] as const;
	return {
		displayName,
		name,
		type: 'resourceLocator',
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
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder,
				...(isNumber && { validation: [...validation] }),
			},
		],
	} satisfies INodeProperties;
}

/** The parameters of Get that say which record. */
export const locationId = {
	...picker('id', { displayName: 'Location', description: 'The location to get' }, LOCATION),
	required: true,
};
export const evseUid = {
	...picker('uid', { displayName: 'EVSE', description: 'The EVSE to get' }, EVSE),
	required: true,
};
/** A running transaction, by its number. */
export const runningTransaction = {
	...picker(
		'transactionId',
		{ displayName: 'Transaction', description: 'The running session' },
		{ searchListMethod: 'searchRunningTransactions', placeholder: 'e.g. 8400060', isNumber: true },
	),
	required: true,
};
export const chargeBoxId = {
	...picker('id', { displayName: 'Charge Box', description: 'The charge box to get' }, CHARGE_BOX),
	required: true,
};

/**
 * "Location" as a filter of a list.
 *
 * @param records As sentences call them: `transactions`.
 */
export function locationFilter(records: string) {
	const description = `Only ${records} at this location. The list can be searched by name, address and EVSE ID.`;
	return {
		...picker('locationId', { displayName: 'Location', description }, LOCATION),
		routing: { send: { type: 'query', property: 'locationId' } },
	} satisfies INodeProperties;
}

/** "EVSE" as a filter of a list. */
export function evseFilter(records: string) {
	const description = `Only ${records} on this EVSE. The list can be searched by EVSE ID, and by name and address of the location.`;
	return {
		...picker('evseId', { displayName: 'EVSE', description }, EVSE_ID),
		routing: { send: { type: 'query', property: 'evseId' } },
	} satisfies INodeProperties;
}

/** The charge box as a filter of a list. Rows call it charger. */
export function chargeBoxFilter(records: string) {
	const description = `Only ${records} on this charge box. The list can be searched by name, serial number and EVSE ID.`;
	return {
		...picker('chargeBoxId', { displayName: 'Charger (Charge Box)', description }, CHARGE_BOX),
		routing: { send: { type: 'query', property: 'chargeBoxId' } },
	} satisfies INodeProperties;
}

/** The value of a condition on a location, an EVSE or a charge box, by the field of the charge record. */
export const CONDITION_PICKERS: Record<string, INodeProperties> = {
	'location.id': picker(
		'value',
		{ displayName: 'Location', description: 'The location to compare with' },
		LOCATION,
	),
	evseId: picker('value', { displayName: 'EVSE', description: 'The EVSE to compare with' }, EVSE_ID),
	chargeBoxId: picker(
		'value',
		{ displayName: 'Charger (Charge Box)', description: 'The charge box to compare with' },
		CHARGE_BOX,
	),
};
