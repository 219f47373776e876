import type { INodeProperties } from 'n8n-workflow';

import { alphabetical } from '../../../shared/util/alphabetical';
import { AS_ZERO_OR_ONE } from '../../../shared/parameters/parameters';
import { notAfter } from '../../../shared/parameters/rules';
import { oneCursor } from '../../cursors';
import { CONDITIONS_LABEL, FILTER_FIELDS, FILTER_OPERATORS, fieldLabel, type FieldType } from '../../filter';

/** Names of the filter's fields that hold values of one of the types. */
const fieldsOf = (...types: FieldType[]) =>
	Object.keys(FILTER_FIELDS).filter((name) => types.includes(FILTER_FIELDS[name]));

const LIST_OPERATORS = ['$in', '$nin'];
const SCALAR_OPERATORS = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'];

/** What an option shows as long as nothing is picked. */
const UNSET = { name: '(Choose)', value: '' };

const TRUE_OR_FALSE = [UNSET, { name: 'False', value: 'false' }, { name: 'True', value: 'true' }];

/**
 * The value of a condition. n8n drops what it does not show, and fills in the default of what it shows (n8n 2.41.1). So the
 * value has one name whatever the field and the operator are, of its forms never more than one is shown, and no default
 * is a value.
 */
const valueForms: INodeProperties[] = [
	{
		displayName: 'Value',
		name: 'value',
		type: 'string',
		required: true,
		displayOptions: {
			show: { operator: [...SCALAR_OPERATORS, '$regex'], field: fieldsOf('number', 'string') },
		},
		default: '',
		description: 'What to compare with: a number for IDs and consumption, text for the rest',
	},
	{
		displayName: 'Values',
		name: 'value',
		type: 'string',
		required: true,
		displayOptions: { show: { operator: LIST_OPERATORS } },
		default: '',
		placeholder: 'e.g. 1766, 1767',
		description: 'What to compare with, separated by commas',
	},
	{
		displayName: 'Value',
		name: 'value',
		type: 'dateTime',
		required: true,
		displayOptions: { show: { operator: SCALAR_OPERATORS, field: fieldsOf('date') } },
		default: '',
		description: 'Moment to compare with, in the time zone of the workflow',
	},
	{
		displayName: 'Value',
		name: 'value',
		type: 'options',
		required: true,
		displayOptions: { show: { operator: SCALAR_OPERATORS, field: fieldsOf('boolean') } },
		options: TRUE_OR_FALSE,
		default: '',
		description: 'Whether the field must be true or false',
	},
	{
		displayName: 'Exists',
		name: 'value',
		type: 'options',
		required: true,
		displayOptions: { show: { operator: ['$exists'] } },
		options: TRUE_OR_FALSE,
		default: '',
		description: 'Whether the field must be there or must be missing',
	},
];

/** One condition, in reading order. */
const conditionFields: INodeProperties[] = [
	{
		displayName: 'Field',
		name: 'field',
		type: 'options',
		required: true,
		options: [
			UNSET,
			...alphabetical(
				Object.keys(FILTER_FIELDS).map((name) => ({ name: `${fieldLabel(name)} (${name})`, value: name })),
				({ name }) => name,
			),
		],
		default: '',
		description: 'Field of the charge record to compare',
	},
	{
		displayName: 'Operator',
		name: 'operator',
		type: 'options',
		required: true,
		options: [UNSET, ...Object.entries(FILTER_OPERATORS).map(([value, name]) => ({ name, value }))],
		default: '',
		description: 'How to compare. "Matches Pattern" is for text fields only.',
	},
	...valueForms,
];

/** Everything that selects charge records. "Conditions" and "Filter (JSON)" are two ways to write the API's one `filter`. */
export const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [
		{
			displayName: CONDITIONS_LABEL,
			name: 'filterConditions',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Condition',
			default: {},
			description:
				'What a charge record must meet, for example the time of its end, its location or its ID tag. With "Filter (JSON)" as well, both must hold.',
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
			default: '',
			placeholder: '{ "consumed": { "$gt": 10 } }',
			description:
				'Filter in MongoDB style. Operators: $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $regex; conditions can be joined by $and and $or. An expression should give an object: JSON.stringify leaves out fields without a value.',
			routing: { send: { type: 'query', property: 'filter' } },
		},
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
			displayName: 'Match',
			name: 'filterCombinator',
			type: 'options',
			options: [
				{ name: 'All Conditions', value: '$and' },
				{ name: 'Any Condition', value: '$or' },
			],
			default: '$and',
			description: 'Whether a charge record must meet all Conditions or at least one of them',
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
