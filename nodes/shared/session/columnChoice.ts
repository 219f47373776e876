import { InputError, formatValue } from '../util/errors';
import { COLUMNS, columnNames, type Column } from './columns';
import type { Group } from './types';

/** The values of "Columns". */
export type ColumnChoice = 'short' | 'billing' | 'all' | 'choose';

/** What a person needs to see of a session. */
const SHORT = new Set([
	'startedAt',
	'endedAt',
	'energyKwh',
	'amountInclVat',
	'currency',
	'locationName',
	'evseId',
	'customerCompanyName',
	'status',
	'warnings',
	'localDate',
	'chargerName',
	'sessionKey',
]);

/** What an invoice needs beside these. */
const INVOICE = new Set([
	'billingMonth',
	'durationSeconds',
	'amountExclVat',
	'vatAmount',
	'vatRatePct',
	'pricePerKwh',
	'tariffName',
	'companyName',
	'costCenter',
	'customerErpId',
	'customerCompanyId',
	'country',
	'sessionId',
	'source',
]);

/**
 * The names of the columns that rows show, in order: those of the choice and of the added groups in the order of the row; chosen ones
 * as they were chosen.
 *
 * @param chosen Names or readable names, for `choose`.
 * @param groups The groups that were added, with that of the driver.
 * @throws InputError for a name that no column has.
 */
export function shownColumns(choice: ColumnChoice, chosen: string[], groups: Group[]): string[] {
	switch (choice) {
		case 'all':
			return columnNames(groups);
		case 'choose':
			return [...new Set(chosen.map(nameOf))];
		default:
			return COLUMNS.filter(
				({ name, group }) =>
					SHORT.has(name) ||
					(choice === 'billing' && INVOICE.has(name)) ||
					(group !== undefined && groups.includes(group)),
			).map(({ name }) => name);
	}
}

/** The groups of these columns. */
export function groupsOf(names: string[]): Group[] {
	const groups = names.flatMap((name) => columnsByName.get(name)?.group ?? []);
	return [...new Set(groups)];
}

function nameOf(given: string): string {
	const name = columnsByName.has(given) ? given : NAMES.get(given);
	if (name !== undefined) return name;
	throw new InputError(
		`"Column Names" has ${formatValue(given)}, and no column has this name`,
		`Pick the columns from the list, or write their names as they are in the output: ${columnNames([]).slice(0, 6).join(', ')} …`,
	);
}

/** Words of names that are not written in the plain way. */
const WORDS: Record<string, string> = {
	centre: 'Center',
	co2: 'CO2',
	erp: 'ERP',
	evse: 'EVSE',
	excl: 'excl.',
	id: 'ID',
	incl: 'incl.',
	kwh: 'kWh',
	per: 'per',
	soc: 'SoC',
	token: 'ID Tag',
	uid: '',
	uuid: 'UUID',
	vat: 'VAT',
};

/** Readable names that are no words of the name. */
const LABELS: Record<string, string> = {
	companyId: 'Operator or Team ID',
	companyName: 'Operator or Team',
	customerErpId: 'Customer Number (CRM or ERP)',
	isDynamicPrice: 'Dynamic Price',
	isRoaming: 'Roaming',
	localDate: 'Day',
	locationErpId: 'Host Number (CRM or ERP)',
	reimbursable: 'Marked for Refunds',
	source: 'Vendor',
	timezone: 'Time Zone',
};

/** How names of columns write their unit. */
const SUFFIXES: Record<string, string> = { kWh: 'Kwh', kW: 'Kw', s: 'Seconds', '%': 'Pct' };

/**
 * The readable name of a column, for people and for the headers of files. No two columns have the same.
 *
 * @example
 * labelOf({ name: 'energyKwh', unit: 'kWh' }) // 'Energy (kWh)'
 */
export function labelOf({ name, unit = '' }: Pick<Column, 'name' | 'unit'>): string {
	const own = LABELS[name];
	if (own !== undefined) return own;
	const suffix = SUFFIXES[unit];
	const hasSuffix = suffix !== undefined && name.endsWith(suffix);
	const words = (hasSuffix ? name.slice(0, -suffix.length) : name).split(/(?=[A-Z])/);
	const label = words
		.map((word) => WORDS[word.toLowerCase()] ?? word[0].toUpperCase() + word.slice(1))
		.filter(Boolean)
		.join(' ');
	return hasSuffix ? `${label} (${unit})` : label;
}

const columnsByName = new Map(COLUMNS.map((column) => [column.name, column]));

/** Names of columns by their readable names. */
const NAMES = new Map(COLUMNS.map((column) => [labelOf(column), column.name]));

/** The readable name of a column; another field keeps its name. */
export function labelOfName(name: string): string {
	const column = columnsByName.get(name);
	return column ? labelOf(column) : name;
}

/** The column of that name. */
export function columnOf(name: string): Column | undefined {
	return columnsByName.get(name);
}

/**
 * A record of a file whose headers are readable names, with the names of the columns. Another record comes back as it is.
 */
export function withColumnNames<T extends object>(record: T): T {
	if (Object.hasOwn(record, 'sessionKey') || !Object.hasOwn(record, labelOfName('sessionKey'))) return record;
	return Object.fromEntries(
		Object.entries(record).map(([key, value]) => [NAMES.get(key) ?? key, value]),
	) as T;
}
