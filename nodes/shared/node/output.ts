import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { InputError, shown } from '../errors';
import type { Parameters } from '../request/parameters';
import { factsReader, valueAt, type RecordKind } from '../session/facts';
import { localDate } from '../session/localDate';
import { toRow, type Group, type RowSettings } from '../session/row';
import { unitsOf } from '../session/units';

/** Writes the records of a page in the form that the user picked. */
export type Write = (page: IDataObject[]) => IDataObject[];

const simplified = { show: { output: ['simplified'] } };

/** The form of the records, and what a row needs to know beside them. */
export const outputProperties: INodeProperties[] = [
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Raw',
				value: 'raw',
				description: 'The records exactly as the vendor sends them',
			},
			{
				name: 'Selected Fields',
				value: 'selected',
				description: 'Only some fields of the raw records',
			},
			{
				name: 'Simplified',
				value: 'simplified',
				description:
					'One flat row per session, with the same columns for every vendor: right for spreadsheets',
			},
		],
		default: 'simplified',
		description: 'In which form the sessions come',
	},
	{
		displayName: 'Fields',
		name: 'selectedFields',
		type: 'string',
		required: true,
		displayOptions: { show: { output: ['selected'] } },
		default: '',
		placeholder: 'e.g. price.amount, location.name',
		description:
			'The fields to keep, separated by commas, with a point between a field and the one inside it',
	},
	{
		displayName: 'More Columns',
		name: 'columnGroups',
		type: 'multiOptions',
		displayOptions: simplified,
		options: [
			{ name: 'Address', value: 'address', description: 'Street, postal code and time zone of the location' },
			{ name: 'Change', value: 'change', description: 'A print of the row, to find out whether it changed' },
			{
				name: 'Commercial',
				value: 'commercial',
				description: 'Company, tariff, voucher, payment, roaming partner and parts of the price',
			},
			{ name: 'Vehicle', value: 'vehicle', description: 'State of charge at start and end' },
		],
		default: [],
		description: 'Columns to add to those that every row has',
	},
	{
		displayName: 'Driver Columns',
		name: 'driverColumns',
		type: 'options',
		noDataExpression: true,
		displayOptions: simplified,
		options: [
			{
				name: 'As They Are',
				value: 'plain',
				description: 'Personal data: ID tag, contract, ID and name of the driver',
			},
			{
				name: 'Hashed',
				value: 'hashed',
				description: 'Can be joined and not read. Needs the Hash Secret of the credential.',
			},
			{ name: 'Leave Out', value: 'none', description: 'No column about the driver' },
			{ name: 'Masked', value: 'masked', description: 'The last four characters only' },
		],
		default: 'none',
		description: 'What to tell about the driver',
	},
	{
		displayName: 'Row Settings',
		name: 'rowSettings',
		type: 'collection',
		placeholder: 'Add Setting',
		displayOptions: simplified,
		default: {},
		options: [
			{
				displayName: 'Bill By',
				name: 'billBy',
				type: 'options',
				options: [
					{ name: 'End of the Session', value: 'end' },
					{ name: 'Start of the Session', value: 'start' },
				],
				default: 'end',
				description: 'Which day and month a session over midnight belongs to',
			},
			{
				displayName: 'Currency',
				name: 'currency',
				type: 'string',
				default: '',
				placeholder: 'e.g. EUR',
				description: 'Currency of records that name none, as ISO 4217 code',
			},
			{
				displayName: 'Prices Include VAT',
				name: 'pricesIncludeVat',
				type: 'boolean',
				default: true,
				description: 'Whether VAT is in amounts of which the vendor does not say it',
			},
			{
				displayName: 'Time Zone',
				name: 'rowTimezone',
				type: 'string',
				default: '',
				placeholder: 'e.g. Europe/Amsterdam',
				description: 'Time zone of locations that name none. The one of the workflow when not set.',
			},
			{
				displayName: 'VAT Rate (%)',
				name: 'vatRate',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 100 },
				default: 25,
				description: 'VAT rate of records that have an amount only with or only without VAT',
			},
		],
	},
];

/**
 * The function that writes records in the form that the user picked.
 *
 * @param given `values`: the parameters; `timezone`: of the workflow; `secret`: the hash secret of the credential.
 * @throws InputError when a setting cannot be used.
 */
export function writerOf(
	kind: RecordKind,
	given: { values: Parameters['values']; timezone: string; secret: unknown },
): Write {
	const { values } = given;
	if (values.output === 'raw') return (page) => page;
	if (values.output === 'selected') return selector(String(values.selectedFields ?? ''));

	const settings = settingsOf(given);
	const readFacts = factsReader(kind);
	return (page) => {
		const facts = page.map(readFacts);
		const units = unitsOf(facts, kind.meterUnit);
		return facts.map((record) => toRow(record, kind, units, settings));
	};
}

function settingsOf({
	values,
	timezone: ofWorkflow,
	secret,
}: {
	values: Parameters['values'];
	timezone: string;
	secret: unknown;
}): RowSettings {
	const currency = values.currency as string | undefined;
	if (currency !== undefined && !/^[A-Za-z]{3}$/.test(currency)) {
		throw new InputError(
			`"Currency" must be an ISO 4217 code of three letters, but ${shown(currency)} was given`,
			'Correct "Currency", for example to EUR.',
		);
	}
	const timezone = (values.rowTimezone as string | undefined) ?? ofWorkflow;
	if (localDate(0, timezone) === undefined) {
		throw new InputError(
			`"Time Zone" must be a name such as Europe/Amsterdam, but ${shown(timezone)} was given`,
			'Correct "Time Zone", or remove it to use the one of the workflow.',
		);
	}
	const groups = (values.columnGroups ?? []) as Group[];
	const driver = (values.driverColumns ?? 'none') as 'none' | 'plain' | 'masked' | 'hashed';
	return {
		currency: currency?.toUpperCase(),
		vatRatePct: values.vatRate as number | undefined,
		pricesIncludeVat: values.pricesIncludeVat !== false,
		timezone,
		billBy: values.billBy === 'start' ? 'start' : 'end',
		groups: driver === 'none' ? groups : [...groups, 'driver'],
		driver: driver === 'hashed' ? { secret: secretOf(secret) } : driver === 'plain' ? 'plain' : 'masked',
	};
}

function secretOf(secret: unknown): string {
	if (typeof secret === 'string' && secret.trim() !== '') return secret;
	throw new InputError(
		'"Driver Columns" is set to Hashed, but the credential has no Hash Secret',
		'Set "Hash Secret" in the credential to any long text, and keep it: with another one, the same driver gets another hash.',
	);
}

/** Keeps the fields at some paths, under the paths as their names. */
function selector(given: string): Write {
	const paths = given
		.split(',')
		.map((path) => path.trim())
		.filter((path) => path !== '');
	const parts = paths.map((path) => path.split('.'));
	return (page) =>
		page.map((record) =>
			Object.fromEntries(paths.map((path, index) => [path, valueAt(record, parts[index]) ?? null])),
		) as IDataObject[];
}
