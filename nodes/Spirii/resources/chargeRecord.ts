import type { Resource } from '../../shared/node/operation';
import { AS_ZERO_OR_ONE } from '../../shared/parameters/parameters';
import { notAfter } from '../../shared/parameters/rules';
import { propertyList } from '../../shared/parameters/typedValues';
import {
	asIs,
	example,
	listExamples,
	moment,
	zeroOrOne,
	type WireExamples,
} from '../../shared/parameters/wireExamples';
import { UPDATE_IS_NOT_END } from '../advice';
import { cursorExamples } from '../cursors';
import { filterEncoders } from '../filter';
import { filterExamples, filterProperties } from '../filterProperties';
import { exportListOf, getManyOf, getOf, getPageOf, type CursorList } from '../operations';
import { periodExamples, writeIntoFilter } from '../period';
import { chargeRecordKind } from '../records';
import { chargeRecordOrder } from '../timeOrder';

const filters = propertyList([
	...filterProperties,
	{
		displayName: 'Include Child Company Records',
		name: 'includeChildCompanyRecords',
		type: 'boolean',
		default: false,
		description: 'Whether to include charge records of child companies',
		routing: { send: { type: 'query', property: 'includeChildCompanyRecords', value: AS_ZERO_OR_ONE } },
	},
	{
		displayName: 'Include Ongoing',
		name: 'ongoing',
		type: 'boolean',
		default: false,
		description: 'Whether to add sessions that are still running to the finished ones',
		routing: { send: { type: 'query', property: 'ongoing', value: AS_ZERO_OR_ONE } },
	},
	{
		displayName: 'Mode',
		name: 'mode',
		type: 'options',
		options: [
			{ name: 'CPO', value: 'cpo', description: 'Every charge record on your chargers' },
			{ name: 'EMP', value: 'emp', description: 'Every charge record of your drivers, on any charger' },
		],
		default: 'cpo',
		description: 'Whether to read as charge point operator (CPO) or as e-mobility provider (EMP)',
		routing: { send: { type: 'query', property: 'mode' } },
	},
	{
		displayName: 'Priority',
		name: 'priority',
		type: 'boolean',
		default: false,
		description:
			'Whether to get only priority charge records (on) or only the others (off). The vendor does not say what is returned when this is not set.',
		routing: { send: { type: 'query', property: 'priority', value: AS_ZERO_OR_ONE } },
	},
	{
		displayName: 'Updated From',
		name: 'updatedAtFrom',
		type: 'dateTime',
		default: '',
		description: 'Only charge records that were updated at or after this time',
		hint: UPDATE_IS_NOT_END,
		routing: { send: { type: 'query', property: 'updatedAtFrom' } },
	},
	{
		displayName: 'Updated To',
		name: 'updatedAtTo',
		type: 'dateTime',
		default: '',
		description:
			'Only charge records that were updated before this time. A date without a time means 00:00 of that day.',
		hint: UPDATE_IS_NOT_END,
		routing: { send: { type: 'query', property: 'updatedAtTo' } },
	},
]);

const options = propertyList([
	{
		displayName: 'Fields',
		name: 'fields',
		type: 'multiOptions',
		allowArbitraryValues: true,
		// A row, a CDR or a selected field would take what is left out for empty: a session without an end for one that runs.
		displayOptions: { show: { '/output': ['raw'] } },
		options: [
			'auth',
			'card',
			'chargeBoxId',
			'chargingTime',
			'co2',
			'company',
			'consumed',
			'cpoDefaultPrice',
			'createdAt',
			'duration',
			'endedAt',
			'energyCostEstimation',
			'evseId',
			'familyTreeCompanyIds',
			'highestPowerDrawn',
			'idleTime',
			'isPriority',
			'isPublicSharing',
			'isRoaming',
			'location',
			'maxPower',
			'merchantInfo',
			'meterStart',
			'meterStop',
			'operatorId',
			'operatorName',
			'paymentMetadata',
			'price',
			'priceSource',
			'pricingSource',
			'remotelyStoppedAt',
			'roamingDetails',
			'role',
			'sessionId',
			'startedAt',
			'transactionId',
			'updatedAt',
			'user',
			'vehicleState',
			'voucher',
			'voucherGroup',
		].map((name) => ({ name, value: name })),
		default: [],
		description: 'Properties of the charge record to return; all of them when none is picked',
		hint: 'The others are missing silently. Make no rows of such records later: without its end, a session looks like a running one.',
		routing: { send: { type: 'query', property: 'fields' } },
	},
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 5000, numberPrecision: 0 },
		default: 1000,
		description: 'Records per request, at most 5000 as the vendor states for its rate limits',
		routing: { send: { type: 'query', property: 'limit' } },
	},
	{
		displayName: 'Sort Direction',
		name: 'sortDirection',
		type: 'options',
		options: [
			{ name: 'Ascending', value: 'asc' },
			{ name: 'Descending', value: 'desc' },
		],
		default: 'asc',
		description:
			'Whether the oldest or the newest come first. With the newest first, a charge record that is updated while the list is read can be missed.',
		routing: { send: { type: 'query', property: 'sortDirection' } },
	},
	{
		displayName: 'Sort Key',
		name: 'sortKey',
		type: 'string',
		default: 'updatedAt',
		description: 'Field to sort by. The vendor does not list the allowed names.',
		routing: { send: { type: 'query', property: 'sortKey' } },
	},
]);

/** `GET /v2/charge-records`: finished sessions with price. */
export const chargeRecords = {
	endpoint: { path: '/v2/charge-records', idField: 'transactionId', pageSize: 1000 },
	records: { singular: 'charge record', plural: 'charge records', kind: chargeRecordKind },
	about: 'finished charging sessions with energy, price and location',
	filters,
	options,
	writePeriod: writeIntoFilter,
	rules: [notAfter('updatedAtFrom', 'updatedAtTo')],
	encode: filterEncoders,
	orderOf: chargeRecordOrder,
} satisfies CursorList;

export const chargeRecord: Resource = {
	value: 'chargeRecord',
	name: 'Charge Record (CDR)',
	description: 'Finished charging session with energy, price and location',
	operations: [
		getManyOf(chargeRecords),
		getPageOf(chargeRecords),
		getOf({
			endpoint: { path: '/v2/charge-records/{id}', idField: 'transactionId' },
			records: chargeRecords.records,
			id: {
				displayName: 'Charge Record ID',
				name: 'id',
				type: 'string',
				required: true,
				default: '',
				placeholder: 'e.g. 12345678',
				description: 'ID of the charge record: the transactionId of a list, or the sessionKey of a row',
			},
		}),
		exportListOf(chargeRecords),
	],
};

export const wire = (): WireExamples => ({
	requests: {
		getAll: 'GET /v2/charge-records?limit=50',
		getPage: 'GET /v2/charge-records',
		get: 'GET /v2/charge-records/8400060',
		export: 'GET /v2/charge-records?limit=1000',
	},
	required: { id: '8400060' },
	exclusive: [['nextPageCursor', 'previousPageCursor']],
	parameters: {
		...listExamples(),
		...periodExamples(
			(from) => ({ filter: JSON.stringify({ endedAt: { $gte: from } }) }),
			(before) => ({ filter: JSON.stringify({ endedAt: { $lt: before } }) }),
			() => ({
				filter: '{"endedAt":{"$gte":"2025-12-31T23:00:00.000Z","$lt":"2026-01-31T23:00:00.000Z"}}',
			}),
		),
		...cursorExamples('MTc2NzIyNTYwMDAwMDo4NDAwMDYw'),
		...filterExamples(),
		pageSize: [example(5000, { limit: 5000 }, { returnAll: true })],
		fields: [
			example(['price', 'transactionId'], { fields: ['price', 'transactionId'] }, { output: 'raw' }),
			example(['price'], { fields: 'price' }, { output: 'raw' }),
			example('price, consumed', { fields: ['price', 'consumed'] }, { output: 'raw' }),
		],
		includeChildCompanyRecords: zeroOrOne('includeChildCompanyRecords'),
		mode: asIs('mode', 'cpo', 'emp'),
		ongoing: zeroOrOne('ongoing'),
		priority: zeroOrOne('priority'),
		sortDirection: asIs('sortDirection', 'asc', 'desc'),
		sortKey: asIs('sortKey', 'startedAt'),
		updatedAtFrom: moment('updatedAtFrom'),
		updatedAtTo: moment('updatedAtTo'),
	},
});
