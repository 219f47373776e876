import type { INodeProperties } from 'n8n-workflow';

import { AS_ZERO_OR_ONE } from '../../../shared/parameters/parameters';
import { notAfter } from '../../../shared/parameters/rules';
import { oneCursor } from '../../cursors';

/** Everything that selects transactions. */
export const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [
		{
			displayName: 'App User ID',
			name: 'appUserId',
			type: 'number',
			typeOptions: { numberPrecision: 0 },
			default: 0,
			description: 'Only transactions of this app user',
			routing: { send: { type: 'query', property: 'appUserId' } },
		},
		{
			displayName: 'Charge Box ID',
			name: 'chargeBoxId',
			type: 'number',
			typeOptions: { numberPrecision: 0 },
			default: 0,
			description: 'Only transactions on this charge box',
			routing: { send: { type: 'query', property: 'chargeBoxId' } },
		},
		{
			displayName: 'Ended From',
			name: 'endedAt',
			type: 'dateTime',
			default: '',
			description: 'Only transactions that ended at or after this time. Sorts by the end, oldest first.',
			routing: { send: { type: 'query', property: 'endedAt' } },
		},
		{
			displayName: 'Ended Until',
			name: 'endedAtMax',
			type: 'dateTime',
			default: '',
			description:
				'Only transactions that ended up to this time. A date without a time means 00:00 of that day.',
			routing: { send: { type: 'query', property: 'endedAtMax' } },
		},
		{
			displayName: 'EVSE ID',
			name: 'evseId',
			type: 'string',
			default: '',
			placeholder: 'e.g. DK.SPI.ZM0050*1',
			description: 'Only transactions on this EVSE',
			routing: { send: { type: 'query', property: 'evseId' } },
		},
		{
			displayName: 'ID Tag UID',
			name: 'idTagUid',
			type: 'string',
			default: '',
			description: 'Only transactions that were started with this ID tag',
			routing: { send: { type: 'query', property: 'idTagUid' } },
		},
		{
			displayName: 'Location ID',
			name: 'locationId',
			type: 'number',
			typeOptions: { numberPrecision: 0 },
			default: 0,
			description: 'Only transactions at this location',
			routing: { send: { type: 'query', property: 'locationId' } },
		},
		{
			displayName: 'Location Type',
			name: 'locationType',
			type: 'options',
			options: [
				{ name: 'Hotel', value: 'Hotel' },
				{ name: 'Parking Lot', value: 'ParkingLot' },
				{ name: 'Parking Lot (Indoor)', value: 'ParkingLotIndoor' },
				{ name: 'Parking Lot (Underground)', value: 'ParkingLotUnderground' },
				{ name: 'Public Road', value: 'PublicRoad' },
				{ name: 'Residential', value: 'Residential' },
			],
			default: 'PublicRoad',
			description: 'Only transactions at locations of this type',
			routing: { send: { type: 'query', property: 'locationType' } },
		},
		{
			displayName: 'Ongoing',
			name: 'ongoing',
			type: 'boolean',
			default: false,
			description:
				'Whether to get only transactions that have not finished: the vehicle still charges, or the cable is still connected',
			routing: { send: { type: 'query', property: 'ongoing' } },
		},
		{
			displayName: 'Priority',
			name: 'priority',
			type: 'boolean',
			default: false,
			description: 'Whether to get only priority transactions (on) or only the others (off)',
			routing: { send: { type: 'query', property: 'priority', value: AS_ZERO_OR_ONE } },
		},
		{
			displayName: 'Started From',
			name: 'startedAt',
			type: 'dateTime',
			default: '',
			description: 'Only transactions that started at or after this time. Sorts by the start, oldest first.',
			routing: { send: { type: 'query', property: 'startedAt' } },
		},
		{
			displayName: 'Transaction Type',
			name: 'transactionType',
			type: 'options',
			options: [
				{ name: 'Non-Roaming', value: 'nonRoaming' },
				{ name: 'Roaming', value: 'roaming' },
				{ name: 'Roaming as CPO', value: 'roamingCpo' },
				{ name: 'Roaming as EMP', value: 'roamingEmp' },
			],
			default: 'nonRoaming',
			description: 'Only transactions of this type',
			routing: { send: { type: 'query', property: 'transactionType' } },
		},
		{
			displayName: 'Updated From',
			name: 'updatedAt',
			type: 'dateTime',
			default: '',
			description:
				'Only transactions that were updated at or after this time. Sorts by the update, oldest first.',
			routing: { send: { type: 'query', property: 'updatedAt' } },
		},
		{
			displayName: 'Updated Until',
			name: 'updatedAtMax',
			type: 'dateTime',
			default: '',
			description:
				'Only transactions that were updated up to this time. A date without a time means 00:00 of that day.',
			routing: { send: { type: 'query', property: 'updatedAtMax' } },
		},
		{
			displayName: 'Voucher ID',
			name: 'voucherId',
			type: 'number',
			typeOptions: { numberPrecision: 0 },
			default: 0,
			description: 'Only transactions that were paid with this voucher',
			routing: { send: { type: 'query', property: 'voucherId' } },
		},
	],
};

/** Everything that steers how transactions are fetched, but for the cursors. */
export const fetchOptions: INodeProperties[] = [
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 2500, numberPrecision: 0 },
		default: 500,
		description: 'Records per request. As many as the API allows when not set.',
		routing: { send: { type: 'query', property: 'limit' } },
	},
	{
		displayName: 'Sort By',
		name: 'sortBy',
		type: 'options',
		options: [
			{ name: 'Created At', value: 'createdAt' },
			{ name: 'Ended At', value: 'endedAt' },
			{ name: 'Started At', value: 'startedAt' },
			{ name: 'Updated At', value: 'updatedAt' },
		],
		default: 'createdAt',
		description:
			'What to sort by, newest first. Leave it out to get transactions oldest first, by the time they are filtered on. Sorted by Updated At, a transaction that is updated while the list is read can be missed.',
		routing: { send: { type: 'query', property: 'sortBy' } },
	},
];

/** What holds between the parameters of a list of transactions. */
export const listRules = [
	oneCursor,
	notAfter('updatedAt', 'updatedAtMax'),
	notAfter('endedAt', 'endedAtMax'),
];
