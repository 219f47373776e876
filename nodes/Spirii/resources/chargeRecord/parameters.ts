import type { INodeProperties } from 'n8n-workflow';

import { alphabetical } from '../../../shared/node/alphabetical';
import { AS_ZERO_OR_ONE } from '../../../shared/request/parameters';
import { notAfter } from '../../../shared/request/rules';
import { oneCursor } from '../../cursors';
import { FILTER_FIELDS, FILTER_OPERATORS, type FieldType } from '../../filter';

/** Names of the filter's fields that hold values of one of the types. */
const fieldsOf = (...types: FieldType[]) =>
	Object.keys(FILTER_FIELDS).filter((name) => types.includes(FILTER_FIELDS[name]));

/** `auth.idTag.uid` -> `ID Tag UID`: how the canvas calls a field. */
function labelOf(field: string): string {
	const words = field
		.replace(/^auth\.(?=idTag)/, '')
		.replace(/\./g, ' ')
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.split(' ');
	const shown = (word: string) =>
		/^(id|uid|crm|evse)$/i.test(word) ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1);
	return words.map(shown).join(' ');
}

const LIST_OPERATORS = ['$in', '$nin'];
const SCALAR_OPERATORS = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'];

/** One line of the builder, in reading order. Which value field shows depends on the field and the operator. */
const conditionFields: INodeProperties[] = [
	{
		displayName: 'Field',
		name: 'field',
		type: 'options',
		options: alphabetical(
			Object.keys(FILTER_FIELDS).map((name) => ({ name: `${labelOf(name)} (${name})`, value: name })),
			({ name }) => name,
		),
		default: 'location.id',
		description: 'Field of the charge record to compare',
	},
	{
		displayName: 'Operator',
		name: 'operator',
		type: 'options',
		options: Object.entries(FILTER_OPERATORS).map(([value, name]) => ({ name, value })),
		default: '$eq',
		description: 'How to compare. "Matches Pattern" is for text fields only.',
	},
	{
		displayName: 'Value',
		name: 'value',
		type: 'string',
		displayOptions: {
			show: { field: fieldsOf('number', 'string'), operator: [...SCALAR_OPERATORS, '$regex'] },
		},
		default: '',
		description: 'What to compare with: a number for IDs and consumption, text for the rest',
	},
	{
		displayName: 'Values',
		name: 'value',
		type: 'string',
		displayOptions: { show: { operator: LIST_OPERATORS } },
		default: '',
		placeholder: 'e.g. 1766, 1767',
		description: 'What to compare with, separated by commas',
	},
	{
		displayName: 'Value',
		name: 'dateValue',
		type: 'dateTime',
		displayOptions: { show: { field: fieldsOf('date'), operator: SCALAR_OPERATORS } },
		default: '',
		description: 'Moment to compare with, in the time zone of the workflow',
	},
	{
		displayName: 'Value',
		name: 'booleanValue',
		type: 'boolean',
		displayOptions: { show: { field: fieldsOf('boolean'), operator: SCALAR_OPERATORS } },
		default: true,
		description: 'Whether the field must be true or false',
	},
	{
		displayName: 'Exists',
		name: 'existsValue',
		type: 'boolean',
		displayOptions: { show: { operator: ['$exists'] } },
		default: true,
		description: 'Whether the field must be there or must be missing',
	},
];

/** The two faces of the API's `filter`: conditions to pick, or the JSON itself. */
const filterParameters: INodeProperties[] = [
	{
		displayName: 'Content Filter',
		name: 'filterMode',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'None', value: 'none', description: 'Only the fields under Filters count' },
			{ name: 'Build Conditions', value: 'build', description: 'Pick fields, operators and values' },
			{ name: 'JSON', value: 'json', description: 'Write the filter as JSON in MongoDB style' },
		],
		default: 'none',
		description:
			'How to select charge records by their content, for example by the time of their end, location, company or ID tag',
	},
	{
		displayName: 'Match',
		name: 'filterCombinator',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { filterMode: ['build'] } },
		options: [
			{ name: 'All Conditions', value: '$and' },
			{ name: 'Any Condition', value: '$or' },
		],
		default: '$and',
		description: 'Whether a charge record must meet all conditions or at least one',
	},
	{
		displayName: 'Conditions',
		name: 'filterConditions',
		type: 'fixedCollection',
		required: true,
		typeOptions: { multipleValues: true },
		placeholder: 'Add Condition',
		displayOptions: { show: { filterMode: ['build'] } },
		default: {},
		description: 'What a charge record must meet',
		routing: { send: { type: 'query', property: 'filter' } },
		options: [
			{
				displayName: 'Condition',
				name: 'conditions',
				values: conditionFields,
			},
		],
	},
	{
		displayName: 'Filter (JSON)',
		name: 'filterJson',
		type: 'json',
		required: true,
		displayOptions: { show: { filterMode: ['json'] } },
		default: '{}',
		placeholder: '{ "consumed": { "$gt": 10 } }',
		description:
			'Filter in MongoDB style. Operators: $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $regex; conditions can be joined by $and and $or.',
		routing: { send: { type: 'query', property: 'filter' } },
	},
];

const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [
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
				'Whether to get only priority charging records (on) or only the others (off). The vendor does not say what is returned when this is not set.',
			routing: { send: { type: 'query', property: 'priority', value: AS_ZERO_OR_ONE } },
		},
		{
			displayName: 'Updated From',
			name: 'updatedAtFrom',
			type: 'dateTime',
			default: '',
			description: 'Only charge records that were updated at or after this time',
			routing: { send: { type: 'query', property: 'updatedAtFrom' } },
		},
		{
			displayName: 'Updated To',
			name: 'updatedAtTo',
			type: 'dateTime',
			default: '',
			description:
				'Only charge records that were updated before this time. A date without a time means 00:00 of that day.',
			routing: { send: { type: 'query', property: 'updatedAtTo' } },
		},
	],
};

/** Everything that selects charge records. */
export const selection: INodeProperties[] = [filters, ...filterParameters];

/** Everything that steers how charge records are fetched, but for the cursors. */
export const fetchOptions: INodeProperties[] = [
	{
		displayName: 'Fields',
		name: 'fields',
		type: 'multiOptions',
		allowArbitraryValues: true,
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
];

/** What holds between the parameters of a list of charge records. */
export const listRules = [oneCursor, notAfter('updatedAtFrom', 'updatedAtTo')];
