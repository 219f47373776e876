import type { IDataObject } from 'n8n-workflow';

import { InputError, formatValue } from '../util/errors';
import type { Parameters } from '../parameters/parameters';
import { columnNames } from '../session/columns';
import { valueAt, type RecordKind } from '../session/fields';
import { localDate } from '../session/localDate';
import { toOcpi, type OcpiSettings } from '../formats/ocpi';
import { rowWriter } from '../session/row';
import type { Group, RowSettings } from '../session/types';

/** Converts the records of a page to the picked output format. */
export type Format = (page: IDataObject[]) => IDataObject[];

/** An output format, and the names of its fields if all records have the same ones. */
export interface OutputFormatter {
	format: Format;
	columns: string[] | undefined;
}

/** The settings that an output format depends on. */
export interface OutputContext {
	values: Parameters['values'];
	/** The time zone of the workflow. */
	timezone: string;
	/** The present time in milliseconds since 1970: by the clock of the server, or of this machine. */
	now?: () => number;
	/** The hash secret of the credential, if it has one. */
	secret?: unknown;
}

/** Returns records unchanged. */
export const passThrough: OutputFormatter = { format: (page) => page, columns: undefined };

/** Returns the most useful fields of records. */
export function simplified(simplify: (record: IDataObject) => IDataObject): OutputFormatter {
	return { format: (page) => page.map(simplify), columns: undefined };
}

/**
 * Creates the formatter of the picked output format.
 *
 * @throws InputError if a setting cannot be used.
 */
export function outputFormatter(kind: RecordKind, context: OutputContext): OutputFormatter {
	const { values } = context;
	switch (values.output) {
		case 'raw':
			return passThrough;
		case 'selected':
			return selector(String(values.selectedFields ?? ''));
		case 'ocpi': {
			const settings = ocpiSettingsOf(values);
			const rowsOf = rowWriter(kind, rowSettingsOf(context, OCPI_GROUPS));
			return {
				format: (page) => rowsOf(page).map((row) => toOcpi(row, settings) as IDataObject),
				columns: undefined,
			};
		}
		default: {
			const settings = rowSettingsOf(context, (values.columnGroups ?? []) as Group[]);
			return { format: rowWriter(kind, settings), columns: columnNames(settings.groups) };
		}
	}
}

/** The groups of "More Columns". */
const GROUPS: Group[] = ['address', 'change', 'commercial', 'vehicle'];

/** The column groups that OCPI needs, besides the columns of every row and those of the driver. */
export const OCPI_GROUPS: Group[] = ['address', 'commercial'];

/**
 * The settings of rows.
 *
 * @param groups The column groups to add, without the one of the driver.
 * @throws InputError if a setting cannot be used.
 */
export function rowSettingsOf(
	{ values, timezone: workflowTimezone, secret, now }: OutputContext,
	groups: Group[],
): RowSettings {
	const currency = codeOf(
		values.currency,
		/^[A-Z]{3}$/,
		'Currency',
		'an ISO 4217 code of three letters',
		'EUR',
	);
	const timezone = (values.sessionTimezone as string | undefined) ?? workflowTimezone;
	if (localDate(0, timezone) === undefined) {
		throw new InputError(
			`"Time Zone" must be a name such as Europe/Amsterdam, but ${formatValue(timezone)} was given`,
			'Correct "Time Zone", or remove it to use the one of the workflow.',
		);
	}
	const unknown = groups.find((group) => !GROUPS.includes(group));
	if (unknown !== undefined) {
		throw new InputError(
			`"More Columns" has no group ${formatValue(unknown)}`,
			`Use any of ${GROUPS.join(', ')}.`,
		);
	}
	const driver = (values.driverData ?? 'none') as 'none' | 'plain' | 'masked' | 'hashed';
	return {
		currency,
		vatRatePct: values.vatRate as number | undefined,
		pricesIncludeVat: values.pricesIncludeVat !== false,
		timezone,
		billBy: values.billBy === 'start' ? 'start' : 'end',
		now,
		groups: driver === 'none' ? groups : [...groups, 'driver'],
		driver: driver === 'hashed' ? { secret: secretOf(secret) } : driver === 'plain' ? 'plain' : 'masked',
	};
}

/**
 * The settings of OCPI.
 *
 * @throws InputError if a setting cannot be used.
 */
export function ocpiSettingsOf(values: Parameters['values']): OcpiSettings {
	const { operatorCountryCode, operatorPartyId } = values;
	return {
		version: values.ocpiVersion === '2.3.0' ? '2.3.0' : '2.2.1',
		countryCode: codeOf(operatorCountryCode, /^[A-Z]{2}$/, 'Operator Country Code', 'two letters', 'DK'),
		partyId: codeOf(operatorPartyId, /^[A-Z0-9]{3}$/, 'Operator Party ID', 'three letters or digits', 'SPI'),
		pricesIncludeVat: values.pricesIncludeVat !== false,
		isDriverReadable: values.driverData === 'plain',
		rewriteEvseIds: values.rewriteEvseIds === true,
	};
}

/** A code in capital letters, or `undefined` if none is set. */
function codeOf(
	given: unknown,
	form: RegExp,
	label: string,
	what: string,
	example: string,
): string | undefined {
	if (given === undefined) return undefined;
	const code = String(given).toUpperCase();
	if (form.test(code)) return code;
	throw new InputError(
		`"${label}" must be ${what}, but ${formatValue(given)} was given`,
		`Correct "${label}", for example to ${example}.`,
	);
}

/** An ID tag has only four bytes. If the secret can be guessed, all tags can be tried. */
const MIN_SECRET_LENGTH = 16;

function secretOf(given: unknown): string {
	const secret = typeof given === 'string' ? given.trim() : '';
	const { length } = [...secret];
	if (length >= MIN_SECRET_LENGTH) return secret;
	throw new InputError(
		length === 0
			? '"Driver Data" is set to Hashed, but the credential has no Hash Secret'
			: `"Driver Data" is set to Hashed, but the Hash Secret of the credential is too short: it has ${length} of at least ${MIN_SECRET_LENGTH} characters`,
		`Set "Hash Secret" in the credential to at least ${MIN_SECRET_LENGTH} characters that nobody can guess, and keep it: with another one, the same driver gets another hash.`,
	);
}

/** Keeps the fields at the given paths. The path becomes the name of the field. */
function selector(given: string): OutputFormatter {
	const paths = given
		.split(',')
		.map((path) => path.trim())
		.filter((path) => path !== '');
	const parts = paths.map((path) => path.split('.'));
	const select = (record: IDataObject) =>
		Object.fromEntries(paths.map((path, index) => [path, valueAt(record, parts[index]) ?? null]));
	return { format: (page) => page.map(select) as IDataObject[], columns: paths };
}
