import type { Resource } from '../../shared/node/operation';
import { AS_ZERO_OR_ONE } from '../../shared/parameters/parameters';
import { notAfter, wholeNumber } from '../../shared/parameters/rules';
import { propertyList } from '../../shared/parameters/typedValues';
import {
	asIs,
	example,
	integer,
	listExamples,
	moment,
	picked,
	zeroOrOne,
	type WireExamples,
} from '../../shared/parameters/wireExamples';
import { UPDATE_IS_NOT_END } from '../advice';
import { cursorExamples } from '../cursors';
import { exportListOf, getManyOf, getOf, getPageOf, type CursorList } from '../operations';
import { chargeBoxFilter, evseFilter, locationFilter } from '../pickers';
import { timeExamples, writeTimes } from '../period';
import { transactionKind } from '../records';
import { transactionOrder } from '../timeOrder';

const filters = propertyList([
	{
		displayName: 'App User ID',
		name: 'appUserId',
		type: 'number',
		typeOptions: { numberPrecision: 0 },
		default: 0,
		description: 'Only transactions of this app user',
		routing: { send: { type: 'query', property: 'appUserId' } },
	},
	chargeBoxFilter('transactions'),
	{
		displayName: 'Ended From',
		name: 'endedAt',
		type: 'dateTime',
		default: '',
		description: 'Only transactions that ended at or after this time. Sorts by the end, oldest first.',
		routing: { send: { type: 'query', property: 'endedAt' } },
	},
	{
		displayName: 'Ended To',
		name: 'endedAtMax',
		type: 'dateTime',
		default: '',
		description:
			'Only transactions that ended up to and including this time. A date without a time means 00:00 of that day.',
		routing: { send: { type: 'query', property: 'endedAtMax' } },
	},
	evseFilter('transactions'),
	{
		displayName: 'ID Tag UID',
		name: 'idTagUid',
		type: 'string',
		default: '',
		description: 'Only transactions that were started with this ID tag',
		routing: { send: { type: 'query', property: 'idTagUid' } },
	},
	locationFilter('transactions'),
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
		hint: UPDATE_IS_NOT_END,
		routing: { send: { type: 'query', property: 'updatedAt' } },
	},
	{
		displayName: 'Updated To',
		name: 'updatedAtMax',
		type: 'dateTime',
		default: '',
		description:
			'Only transactions that were updated up to and including this time. A date without a time means 00:00 of that day.',
		hint: UPDATE_IS_NOT_END,
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
]);

const options = propertyList([
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
]);

/** `GET /v2/transactions`: running and recently finished sessions. */
export const transactions = {
	endpoint: { path: '/v2/transactions', idField: 'id', pageSize: 2500 },
	records: { singular: 'transaction', plural: 'transactions', kind: transactionKind },
	about: 'running and recently finished charging sessions',
	filters,
	options,
	writePeriod: writeTimes,
	rules: [notAfter('updatedAt', 'updatedAtMax'), notAfter('endedAt', 'endedAtMax')],
	orderOf: transactionOrder,
} satisfies CursorList;

export const transaction: Resource = {
	value: 'transaction',
	name: 'Transaction',
	description: 'Running or recently finished charging session, updated as it goes',
	operations: [
		getManyOf(transactions),
		getPageOf(transactions),
		getOf({
			endpoint: { path: '/v2/transactions/{id}', idField: 'id' },
			records: transactions.records,
			id: {
				displayName: 'Transaction ID',
				name: 'id',
				type: 'string',
				required: true,
				default: '',
				placeholder: 'e.g. 12345678',
				description: 'ID of the transaction, a whole number, or the sessionKey of a row',
			},
			rules: [wholeNumber('id')],
		}),
		exportListOf(transactions),
	],
};

export const wire = (): WireExamples => ({
	requests: {
		getAll: 'GET /v2/transactions?limit=50',
		getPage: 'GET /v2/transactions',
		get: 'GET /v2/transactions/8400060',
		export: 'GET /v2/transactions?limit=2500',
	},
	required: { id: '8400060' },
	exclusive: [['nextPageCursor', 'previousPageCursor']],
	parameters: {
		...listExamples(),
		...timeExamples(),
		...cursorExamples('2026-01-01T00:00:00.000Z-8400060'),
		pageSize: [example(2500, { limit: 2500 }, { returnAll: true })],
		appUserId: integer('appUserId'),
		chargeBoxId: picked('30400', { chargeBoxId: 30400 }),
		endedAt: moment('endedAt'),
		endedAtMax: moment('endedAtMax'),
		evseId: picked('DK.SPI.ZM0050*1', { evseId: 'DK.SPI.ZM0050*1' }),
		idTagUid: asIs('idTagUid', '6F15 8851&x=Ø+'),
		locationId: picked('1800', { locationId: 1800 }),
		locationType: asIs(
			'locationType',
			'Hotel',
			'ParkingLot',
			'ParkingLotIndoor',
			'ParkingLotUnderground',
			'PublicRoad',
			'Residential',
		),
		ongoing: [example(true, { ongoing: 'true' }), example(false, { ongoing: 'false' })],
		priority: zeroOrOne('priority'),
		sortBy: asIs('sortBy', 'createdAt', 'endedAt', 'startedAt', 'updatedAt'),
		startedAt: moment('startedAt'),
		transactionType: asIs('transactionType', 'nonRoaming', 'roaming', 'roamingCpo', 'roamingEmp'),
		updatedAt: moment('updatedAt'),
		updatedAtMax: moment('updatedAtMax'),
		voucherId: integer('voucherId'),
	},
});
