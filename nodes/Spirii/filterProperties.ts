import type { INodeProperties } from 'n8n-workflow';

import { alphabetical } from '../shared/util/alphabetical';
import { propertyList } from '../shared/parameters/typedValues';
import { example, type WireExample } from '../shared/parameters/wireExamples';
import { CONDITION_PICKERS } from './pickers';
import { CONDITIONS_LABEL, FILTER_FIELDS, FILTER_OPERATORS, fieldLabel, type FieldType } from './filter';

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
			show: {
				operator: ['$eq', '$ne'],
				field: fieldsOf('number', 'string').filter((field) => !(field in CONDITION_PICKERS)),
			},
		},
		default: '',
		description: 'What to compare with: a number for IDs and kWh, text for the rest',
	},
	...Object.entries(CONDITION_PICKERS).map(([field, picker]) => ({
		...picker,
		required: true,
		displayOptions: { show: { operator: ['$eq', '$ne'], field: [field] } },
	})),
	{
		displayName: 'Value',
		name: 'value',
		type: 'string',
		required: true,
		displayOptions: {
			show: { operator: ['$gt', '$gte', '$lt', '$lte', '$regex'], field: fieldsOf('number', 'string') },
		},
		default: '',
		description: 'What to compare with: a number for IDs and kWh, text for the rest',
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
		description: 'How to compare. "Matches Regex" is for text fields only.',
	},
	...valueForms,
];

/** "Conditions" and "Filter (JSON)" are two ways to write the one `filter` of the API; "Match" belongs to the first. */
export const filterProperties = propertyList([
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
]);

/** What the filter sends; numbers, dates and lists of conditions come as texts from the canvas. */
export const filterExamples = (): Record<string, WireExample[]> => {
	const conditions = {
		conditions: [
			{ field: 'location.id', operator: '$in', value: '1800, 1807' },
			{ field: 'consumed', operator: '$gt', value: '10.5' },
			{ field: 'isRoaming', operator: '$eq', value: 'false' },
			{ field: 'startedAt', operator: '$gte', value: '2026-01-15T10:30:00' },
			{ field: 'voucher.id', operator: '$exists', value: 'false' },
			{ field: 'evseId', operator: '$regex', value: '^DK' },
		],
	};
	const wireConditions = [
		{ 'location.id': { $in: [1800, 1807] } },
		{ consumed: { $gt: 10.5 } },
		{ isRoaming: false },
		{ startedAt: { $gte: '2026-01-15T09:30:00.000Z' } },
		{ 'voucher.id': { $exists: false } },
		{ evseId: { $regex: '^DK' } },
	];
	const conditionsSent = (joined: '$and' | '$or') => ({
		filter: JSON.stringify({ [joined]: wireConditions }),
	});
	const json = '{ "consumed": { "$gt": 10 }, "updatedAt": { "$lt": "2026-07-15T10:30:00" } }';
	const jsonSent = { consumed: { $gt: 10 }, updatedAt: { $lt: '2026-07-15T08:30:00.000Z' } };
	return {
		filterCombinator: [
			example('$and', conditionsSent('$and'), { filterConditions: conditions }),
			example('$or', conditionsSent('$or'), { filterConditions: conditions }),
			example('$or', { filter: JSON.stringify(jsonSent) }, { filterJson: json }),
			example('$or', {}),
		],
		filterConditions: [
			example(conditions, conditionsSent('$and')),
			example(
				{ conditions: [{ field: 'auth.idTag.uid', operator: '$ne', value: 'Æ&=+ %;' }] },
				{ filter: '{"auth.idTag.uid":{"$ne":"Æ&=+ %;"}}' },
			),
			example(
				conditions,
				{ filter: JSON.stringify({ $and: [{ $and: wireConditions }, jsonSent] }) },
				{ filterJson: json },
			),
		],
		filterJson: [
			example(
				json,
				{ filter: JSON.stringify({ $and: [{ $or: wireConditions }, jsonSent] }) },
				{ filterConditions: conditions, filterCombinator: '$or' },
			),
			example(json, { filter: JSON.stringify(jsonSent) }),
			example('{"role":null,"voucher.id":{"$ne":null}}', {
				filter: '{"role":null,"voucher.id":{"$ne":null}}',
			}),
			example('', {}),
		],
	};
};
