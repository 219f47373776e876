import type { INodeProperties } from 'n8n-workflow';

import { propertyList, type ValuesOf } from '../../parameters/typedValues';
import { labelOf } from '../../session/columnChoice';
import { COLUMNS } from '../../session/columns';
import { alphabetical } from '../../util/alphabetical';

const simplified = { show: { output: ['simplified'] } };
const ocpi = { show: { output: ['ocpi'] } };
const sessions = { show: { output: ['simplified', 'ocpi'] } };

const formats = {
	simplified: {
		name: 'Simplified',
		value: 'simplified',
		description:
			'One flat row per session, with the same columns for every vendor, for example for spreadsheets',
	},
	raw: {
		name: 'Raw',
		value: 'raw',
		description: 'The records exactly as the vendor sends them, personal data included',
	},
	ocpi: {
		name: 'OCPI',
		value: 'ocpi',
		description:
			'A CDR for each finished session and a Session for each running one, for roaming and billing systems',
	},
	selected: {
		name: 'Selected Fields',
		value: 'selected',
		description: 'Some fields of the raw records, as you name them',
	},
};

/** "Output", with the formats that an operation offers. */
export function outputOf(...offered: Array<keyof typeof formats>): INodeProperties {
	return {
		displayName: 'Output',
		name: 'output',
		type: 'options',
		noDataExpression: true,
		options: offered.map((format) => formats[format]),
		default: 'simplified',
		description: 'Format of the returned sessions',
	};
}

const selectedFields: INodeProperties = {
	displayName: 'Fields',
	name: 'selectedFields',
	type: 'string',
	required: true,
	displayOptions: { show: { output: ['selected'] } },
	default: '',
	placeholder: 'e.g. price.amount, location.name',
	description: 'The fields to keep, separated by commas. Use a point for a field inside another.',
};

/** The version of OCPI. */
export const ocpiVersion: INodeProperties = {
	displayName: 'OCPI Version',
	name: 'ocpiVersion',
	type: 'options',
	noDataExpression: true,
	displayOptions: ocpi,
	options: [
		{ name: '2.2.1', value: '2.2.1' },
		{ name: '2.3.0', value: '2.3.0', description: 'With each tax listed in the price' },
	],
	default: '2.2.1',
	description: 'Mandatory fields without a value are listed in _missing',
};

/** Which columns rows show. */
export const columnChoice: INodeProperties = {
	displayName: 'Columns',
	name: 'columns',
	type: 'options',
	displayOptions: simplified,
	options: [
		{
			name: 'Short',
			value: 'short',
			description: 'About a dozen: time, energy, amount, place, customer, key',
		},
		{ name: 'Billing', value: 'billing', description: 'Short, and what an invoice needs' },
		{ name: 'All', value: 'all', description: 'Every column, as later steps of EV Charging need them' },
		{ name: 'Choose', value: 'choose', description: 'The columns that you pick, in this order' },
	],
	default: 'all',
	description: 'Which columns to output. What you add below comes with each choice.',
};

/** The columns of the choice "Choose", in the order in which they are picked. */
export const chosenColumns: INodeProperties = {
	displayName: 'Column Names',
	name: 'chosenColumns',
	type: 'multiOptions',
	required: true,
	displayOptions: { show: { output: ['simplified'], columns: ['choose'] } },
	options: alphabetical(
		COLUMNS.map((column) => ({ name: labelOf(column), value: column.name, description: column.description })),
		({ name }) => name,
	),
	default: [],
	description: 'The columns to output, in the order in which you pick them',
};

/** Additional columns. */
export const columnGroups: INodeProperties = {
	displayName: 'More Columns',
	name: 'columnGroups',
	type: 'multiOptions',
	displayOptions: { show: { output: ['simplified'] }, hide: { columns: ['choose'] } },
	options: [
		{ name: 'Address', value: 'address', description: 'Street, postal code and time zone of the location' },
		{
			name: 'Billing Details',
			value: 'commercial',
			description: 'Customer, payment, voucher, fees, roaming partner, and IDs of company and tariff',
		},
		{
			name: 'Change Detection',
			value: 'change',
			description: 'A hash of the row, which changes when the row changes, and what a correction changed',
		},
		{
			name: 'Vehicle and CO2',
			value: 'vehicle',
			description: 'State of charge at start and end, and the CO2 of the energy',
		},
		{
			name: 'Vendor and Endpoint',
			value: 'origin',
			description: 'Where the record was read. The vendor also begins the Session Key.',
		},
	],
	default: [],
	description: 'Columns to add to those that every row has',
	hint: "n8n's table shows 40 columns at most. The output has all of them.",
};

const driverForms = [
	{ name: 'Leave Out', value: 'none', description: 'Nothing about the driver' },
	{
		name: 'Plain',
		value: 'plain',
		description: 'Personal data in clear: ID tag (RFID), contract, ID and name',
	},
	{
		name: 'Masked',
		value: 'masked',
		description: 'Initials of names, and of IDs at most a third of the characters: the last four, or fewer',
	},
];

/** "Driver Data" without hashing, for nodes without a credential that could hold the secret. */
export const driverData: INodeProperties = {
	displayName: 'Driver Data',
	name: 'driverData',
	type: 'options',
	noDataExpression: true,
	displayOptions: sessions,
	options: driverForms,
	default: 'none',
	description: 'How much data about the driver to include',
	hint: 'Left out unless you choose. Sums and statements per driver need it.',
};

const hashableDriverData: INodeProperties = {
	...driverData,
	options: [
		...driverForms,
		{
			name: 'Hashed',
			value: 'hashed',
			description: 'Same driver, same code, no name. Needs the Hash Secret of the credential.',
		},
	],
};

const settings = propertyList([
	{
		displayName: 'Bill By',
		name: 'billBy',
		type: 'options',
		options: [
			{ name: 'End of the Session', value: 'end' },
			{ name: 'Start of the Session', value: 'start' },
		],
		default: 'end',
		description: 'Which day and month a session that crosses midnight belongs to',
		hint: 'From 31 May 23:00 to 1 June 01:00: by the end it is billed in June, by the start in May',
	},
	{
		displayName: 'Currency',
		name: 'currency',
		type: 'string',
		default: '',
		placeholder: 'e.g. EUR',
		description: 'Currency of records without one, as an ISO 4217 code',
		hint: 'Nothing is converted: this names the currency of amounts that come without one',
	},
	{
		displayName: 'Operator Country Code',
		name: 'operatorCountryCode',
		type: 'string',
		default: '',
		placeholder: 'e.g. DK',
		description: 'Country code of the operator in OCPI, where the EVSE IDs do not begin with it',
	},
	{
		displayName: 'Operator Party ID',
		name: 'operatorPartyId',
		type: 'string',
		default: '',
		placeholder: 'e.g. SPI',
		description: 'Party ID of the operator in OCPI, where the EVSE IDs do not begin with it',
	},
	{
		displayName: 'Prices Include VAT',
		name: 'pricesIncludeVat',
		type: 'boolean',
		default: true,
		description: 'Whether amounts include VAT when the vendor does not say',
		hint: 'Ask the vendor, or compare one session with its invoice',
	},
	{
		displayName: 'Rewrite EVSE IDs',
		name: 'rewriteEvseIds',
		type: 'boolean',
		default: false,
		description:
			'Whether to write EVSE IDs in the form that OCPI asks for, such as DK*SPI*EZM0050*1 for DK.SPI.ZM0050*1. Ask first whether the hub knows the EVSEs by such IDs. When off, an ID of another form is listed in _missing.',
	},
	{
		displayName: 'Time Zone',
		name: 'sessionTimezone',
		type: 'string',
		default: '',
		placeholder: 'e.g. Europe/Amsterdam',
		description: 'Time zone of locations without one. When not set, the time zone of the workflow.',
	},
	{
		displayName: 'VAT Rate (%)',
		name: 'vatRate',
		type: 'string',
		typeOptions: { minValue: 0, maxValue: 100 },
		default: '',
		placeholder: 'e.g. 25',
		description: 'VAT rate of records whose amount is only with or only without VAT',
		hint: 'The missing amount is calculated with it: 125 with 25 % VAT is 100 without',
	},
]);

/** The values of the settings for what records lack. */
export type SessionSettings = Partial<ValuesOf<typeof settings>>;

/** Settings for values that records lack. */
export const sessionSettings: INodeProperties = {
	displayName: 'Session Settings',
	name: 'sessionSettings',
	type: 'collection',
	placeholder: 'Add Setting',
	displayOptions: sessions,
	default: {},
	options: settings,
};

/** The output format, and the settings of sessions. */
export const outputProperties: INodeProperties[] = [
	outputOf('simplified', 'raw', 'ocpi', 'selected'),
	selectedFields,
	ocpiVersion,
	columnChoice,
	chosenColumns,
	columnGroups,
	hashableDriverData,
	sessionSettings,
];
