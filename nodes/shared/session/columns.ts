import type { SessionField } from './fields';
import type { Group } from './types';

/** Describes a column of the row. `docs/fields.md` is generated from this table. */
export interface Column {
	name: string;
	/** The optional group of the column; a column without a group is in every row. */
	group?: Group;
	/** Type of the cell in JSON. */
	type: 'text' | 'number' | 'whole number' | 'yes/no' | 'time' | 'date' | 'month';
	unit?: string;
	description: string;
	/** The session fields that the column is made of. The documentation names the vendor's fields by them. */
	facts: SessionField[];
}

/**
 * Every column, in the order of the row, whatever groups are asked for.
 *
 * The order is for people. n8n's table shows seven columns without scrolling, and forty at most, so what is read first stands first:
 * start, end, energy, amount, currency, place and driver. What was asked for by a group comes before what is always there, so that it is
 * among the forty. Ids, keys and technical columns come last: workflows find them by name. The order must not change, since files and
 * sheets that are appended to rely on it; new columns go to the end of their part.
 */
export const COLUMNS: Column[] = [
	// What a person asks first: when, how much energy, how much money, where.
	{ name: 'startedAt', type: 'time', description: 'Start of the session', facts: ['startedAt'] },
	{ name: 'endedAt', type: 'time', description: 'End of the session', facts: ['endedAt'] },
	{
		name: 'energyKwh',
		type: 'number',
		unit: 'kWh',
		description:
			'Energy of the session. Where the vendor gives none or rounds it: meter stop minus meter start.',
		facts: ['energyKwh', 'meterStart', 'meterStop'],
	},
	{
		name: 'amountInclVat',
		type: 'number',
		unit: 'currency',
		description: 'Price of the session with VAT',
		facts: ['amountInclVat', 'amount'],
	},
	{ name: 'currency', type: 'text', description: 'ISO 4217, three letters', facts: ['currency'] },
	{ name: 'locationName', type: 'text', description: 'Name of the location', facts: ['locationName'] },
	{ name: 'evseId', type: 'text', description: 'ID of the EVSE', facts: ['evseId'] },
	{
		name: 'customerCompanyName',
		type: 'text',
		description: 'Company of the driver: the one that the ID tag belongs to',
		facts: ['customerCompanyName'],
	},

	// Who.
	{
		name: 'driverName',
		group: 'driver',
		type: 'text',
		description: 'First and last name',
		facts: ['driverFirstName', 'driverLastName'],
	},
	{
		name: 'tokenLabel',
		group: 'driver',
		type: 'text',
		description: 'Label of the ID tag',
		facts: ['tokenLabel'],
	},
	{ name: 'tokenUid', group: 'driver', type: 'text', description: 'ID tag (RFID)', facts: ['tokenUid'] },
	{
		name: 'tokenType',
		group: 'driver',
		type: 'text',
		description: 'Kind of the ID tag',
		facts: ['tokenType'],
	},
	{
		name: 'contractId',
		group: 'driver',
		type: 'text',
		description: 'Contract of the driver (eMA ID)',
		facts: ['contractId'],
	},
	{
		name: 'driverId',
		group: 'driver',
		type: 'text',
		description: 'ID of the driver: the number of the customer, else of the app user',
		facts: ['customerId', 'appUserId'],
	},
	{
		name: 'driverIdKind',
		group: 'driver',
		type: 'text',
		description: 'Whether the ID is of a customer or of an app user. The same number in both is two people.',
		facts: ['customerId', 'appUserId'],
	},
	{
		name: 'paymentCard',
		group: 'driver',
		type: 'text',
		description: 'Last four digits of the payment card, `****1234`; never more',
		facts: ['cardNumber', 'cardLastFour'],
	},

	// What a correction changed.
	{
		name: 'changedFields',
		group: 'change',
		type: 'text',
		description:
			'What a correction changed, from a trigger on Session Corrected: `energy`, `time`, `price`, `driver`, `other`, separated by `;`',
		facts: [],
	},
	{
		name: 'energyDeltaKwh',
		group: 'change',
		type: 'number',
		unit: 'kWh',
		description: 'New energy minus the old one. Filled by a trigger on Session Corrected.',
		facts: [],
	},
	{
		name: 'amountDelta',
		group: 'change',
		type: 'number',
		unit: 'currency',
		description:
			'New amount minus the old one, with VAT where known. Filled by a trigger on Session Corrected.',
		facts: [],
	},

	// Whether it counts, on which day, and what its price is made of.
	{
		name: 'status',
		type: 'text',
		description:
			'`completed` when the session has an end, or the vendor calls it finished, else `ongoing`; a zero date (`0001-01-01`) is no end',
		facts: ['endedAt', 'status'],
	},
	{
		name: 'warnings',
		type: 'text',
		description: 'Codes of what was doubtful, separated by `;`; null where nothing was',
		facts: ['isValid', 'priceWarning'],
	},
	{
		name: 'localDate',
		type: 'date',
		description:
			'Day of the end (or of the start, see Bill By) at the location. If that time cannot be right, the other one counts.',
		facts: ['endedAt', 'startedAt', 'timezone'],
	},
	{
		name: 'billingMonth',
		type: 'month',
		description: 'Month of the day',
		facts: ['endedAt', 'startedAt', 'timezone'],
	},
	{
		name: 'durationSeconds',
		type: 'whole number',
		unit: 's',
		description: 'From start to end',
		facts: ['startedAt', 'endedAt'],
	},
	{
		name: 'amountExclVat',
		type: 'number',
		unit: 'currency',
		description: 'Price of the session without VAT',
		facts: ['amountExclVat', 'amount'],
	},
	{
		name: 'vatAmount',
		type: 'number',
		unit: 'currency',
		description: 'Amount incl. VAT minus amount excl. VAT',
		facts: ['amountInclVat', 'amountExclVat'],
	},
	{
		name: 'vatRatePct',
		type: 'number',
		unit: '%',
		description: 'VAT rate in percent: 25 is 25 %',
		facts: ['amountInclVat', 'amountExclVat', 'vat'],
	},
	{
		name: 'pricePerKwh',
		type: 'number',
		unit: 'currency/kWh',
		description: 'Price of a kWh with VAT, as the vendor says it, else amount by energy',
		facts: ['pricePerKwh', 'amountInclVat', 'energyKwh'],
	},
	{ name: 'tariffName', type: 'text', description: 'Name of the tariff', facts: ['tariffName'] },
	{
		name: 'companyName',
		type: 'text',
		description:
			'The operator that owns the record, or the team that the charger belongs to: not the customer',
		facts: ['companyName'],
	},
	{ name: 'costCenter', type: 'text', description: 'Billing reference', facts: ['costCenter'] },

	// What was asked for with "More Columns", before what is in every row and rarely looked at.
	{
		name: 'customerErpId',
		group: 'commercial',
		type: 'text',
		description: 'Number of the customer in the own CRM or ERP, by the ID tag',
		facts: ['customerErpId'],
	},
	{
		name: 'customerCompanyId',
		group: 'commercial',
		type: 'text',
		description: 'ID of the company of the driver',
		facts: ['customerCompanyId'],
	},
	{
		name: 'paymentStatus',
		group: 'commercial',
		type: 'text',
		description: 'Payment, in the words of the vendor',
		facts: ['paymentStatus'],
	},
	{
		name: 'paidAt',
		group: 'commercial',
		type: 'time',
		description: 'When the payment was made',
		facts: ['paidAt'],
	},
	{
		name: 'paymentTerminal',
		group: 'commercial',
		type: 'text',
		description: 'ID of the payment terminal',
		facts: ['paymentTerminal'],
	},
	{
		name: 'voucherCode',
		group: 'commercial',
		type: 'text',
		description: 'Code of the voucher',
		facts: ['voucherCode'],
	},
	{
		name: 'startFee',
		group: 'commercial',
		type: 'number',
		unit: 'currency',
		description: 'Price of the start',
		facts: ['startFee'],
	},
	{
		name: 'energyFee',
		group: 'commercial',
		type: 'number',
		unit: 'currency',
		description: 'Part of the price that is for the energy',
		facts: ['energyFee'],
	},
	{
		name: 'energyCost',
		group: 'commercial',
		type: 'number',
		unit: 'currency',
		description: 'What the energy cost the owner of the charger, as the vendor estimates it',
		facts: ['energyCost'],
	},
	{
		name: 'isDynamicPrice',
		group: 'commercial',
		type: 'yes/no',
		description: 'Whether the price follows the market',
		facts: ['isDynamicPrice'],
	},
	{
		name: 'roamingPartner',
		group: 'commercial',
		type: 'text',
		description: 'The other provider of a roaming session',
		facts: ['roamingPartner'],
	},
	{
		name: 'reimbursable',
		group: 'commercial',
		type: 'yes/no',
		description: 'Whether the vendor marks the location for refunds',
		facts: ['reimbursable'],
	},
	{
		name: 'companyId',
		group: 'commercial',
		type: 'text',
		description: 'ID of the operator that owns the record, or of the team',
		facts: ['companyId'],
	},
	{
		name: 'locationErpId',
		group: 'commercial',
		type: 'text',
		description: 'Number of the customer of the location in the own CRM or ERP: the host, not the driver',
		facts: ['locationErpId'],
	},
	{
		name: 'tariffId',
		group: 'commercial',
		type: 'text',
		description: 'ID of the tariff',
		facts: ['tariffId'],
	},
	{
		name: 'externalSessionId',
		group: 'commercial',
		type: 'text',
		description: 'ID that other systems know the session by',
		facts: ['externalSessionId'],
	},
	{
		name: 'createdAt',
		group: 'commercial',
		type: 'time',
		description: 'When the record was made',
		facts: ['createdAt'],
	},
	{
		name: 'address',
		group: 'address',
		type: 'text',
		description: 'Street of the location',
		facts: ['address'],
	},
	{
		name: 'postalCode',
		group: 'address',
		type: 'text',
		description: 'Postal code of the location',
		facts: ['postalCode'],
	},
	{
		name: 'timezone',
		group: 'address',
		type: 'text',
		description: 'Time zone of the location',
		facts: ['timezone'],
	},
	{
		name: 'socStartPct',
		group: 'vehicle',
		type: 'number',
		unit: '%',
		description: 'State of charge at the start',
		facts: ['socStartPct'],
	},
	{
		name: 'socEndPct',
		group: 'vehicle',
		type: 'number',
		unit: '%',
		description: 'State of charge at the end',
		facts: ['socEndPct'],
	},
	{
		name: 'co2',
		group: 'vehicle',
		type: 'number',
		description: 'CO2 of the energy, in a unit that the vendor does not document',
		facts: ['co2'],
	},
	{ name: 'source', group: 'origin', type: 'text', description: 'The vendor', facts: [] },
	{
		name: 'endpoint',
		group: 'origin',
		type: 'text',
		description: 'Where the record was read',
		facts: [],
	},

	// The rest of the place, the meters and the times.
	{ name: 'city', type: 'text', description: 'City of the location', facts: ['city'] },
	{ name: 'country', type: 'text', description: 'ISO 3166-1 alpha-2', facts: ['country'] },
	{
		name: 'chargerName',
		type: 'text',
		description: 'Name of the charger, else its identity',
		facts: ['chargerName'],
	},
	{
		name: 'chargingSeconds',
		type: 'whole number',
		unit: 's',
		description: 'Time in which current flowed',
		facts: ['durationCharging', 'durationTotal'],
	},
	{
		name: 'idleSeconds',
		type: 'whole number',
		unit: 's',
		description: 'Time connected without current',
		facts: ['durationIdle', 'durationTotal'],
	},
	{
		name: 'stopReason',
		type: 'text',
		description:
			'Why the session stopped, in the words of the vendor; `Remote` where it names only the time of a remote stop',
		facts: ['stopReason', 'remotelyStoppedAt'],
	},
	{
		name: 'meterStartKwh',
		type: 'number',
		unit: 'kWh',
		description: 'Meter at the start',
		facts: ['meterStart'],
	},
	{
		name: 'meterStopKwh',
		type: 'number',
		unit: 'kWh',
		description: 'Meter at the end',
		facts: ['meterStop'],
	},
	{
		name: 'maxPowerKw',
		type: 'number',
		unit: 'kW',
		description: 'Highest power. Values above 400 may be watts: energy and duration decide.',
		facts: ['maxPower'],
	},
	{
		name: 'isRoaming',
		type: 'yes/no',
		description: 'Whether another provider is involved',
		facts: ['isRoaming'],
	},
	{ name: 'updatedAt', type: 'time', description: 'Last update of the record', facts: ['updatedAt'] },

	// For machines: ids and keys.
	{ name: 'locationId', type: 'text', description: 'ID of the location', facts: ['locationId'] },
	{ name: 'chargerId', type: 'text', description: 'ID of the charger (charge box)', facts: ['chargerId'] },
	{
		name: 'connectorId',
		type: 'text',
		description: 'ID of the connector, else what stands behind the `*` of the EVSE ID',
		facts: ['connectorId', 'evseId'],
	},
	{
		name: 'chargerUuid',
		type: 'text',
		description: 'UUID of the charger, where it has one beside its ID',
		facts: ['chargerUuid'],
	},
	{ name: 'sessionId', type: 'text', description: 'ID of the session at the vendor', facts: ['id'] },
	{
		name: 'sessionKey',
		type: 'text',
		description: 'Source and ID of the session: the key to update rows by',
		facts: ['id'],
	},
	{
		name: 'rowHash',
		group: 'change',
		type: 'text',
		description: 'Hash of the row without vendor and endpoint. It changes when the row changes.',
		facts: [],
	},
];

const ordered = new Map<string, string[]>();

/** The column names of a row with these groups, in order. The order of the groups does not matter. */
export function columnNames(groups: Group[]): string[] {
	const key = groups.join();
	let names = ordered.get(key);
	if (names === undefined) {
		names = COLUMNS.filter(({ group }) => group === undefined || groups.includes(group)).map(
			({ name }) => name,
		);
		ordered.set(key, names);
	}
	return names;
}
