import type { IDataObject, INodePropertyOptions } from 'n8n-workflow';

import { InputError, formatValue } from '../util/errors';
import type { Parameters } from '../parameters/parameters';
import { columnOf, groupsOf, labelOfName, shownColumns, type ColumnChoice } from '../session/columnChoice';
import { columnNames } from '../session/columns';
import { valueAt, type RecordKind } from '../session/fields';
import { localDate } from '../session/localDate';
import { toOcpi, type OcpiSettings } from '../formats/ocpi';
import { overlapMarker } from '../session/overlaps';
import { rowWriter } from '../session/row';
import type { Group, RowSettings, SessionRow } from '../session/types';
import { columnGroups, type SessionSettings } from './properties/output';

/** Converts the records of a page to the picked output format. */
export type Format = (page: IDataObject[]) => IDataObject[];

/** An output format, and the names of its fields if all records have the same ones. */
export interface OutputFormatter extends Steps {
	/** Converts records that are no part of a longer list, in all three steps. */
	format: Format;
	columns: string[] | undefined;
	/**
	 * What the user should know of the records that were formatted: which of the asked-for fields none of them has, and which of them
	 * the table does not show, where they become items.
	 */
	hints?: (areItems: boolean) => string[];
}

/** The steps in which a list that comes in pages is converted. */
interface Steps {
	/** Reads the records of a page, in whatever order the pages come. */
	read: Format;
	/**
	 * Creates what compares the rows of a list with each other and marks those that cannot both be right: to be called with its pages
	 * in order, or once with all of its rows. It changes them, and returns the keys of rows of earlier pages that should have the code and lack it.
	 */
	comparer: () => (rows: IDataObject[]) => string[];
	/** Makes what is output of a row. */
	show: (row: IDataObject) => IDataObject;
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

/** Compares rows of sessions: all that `rowWriter` makes. */
const rowComparer = overlapMarker as Steps['comparer'];

/** Returns records unchanged. */
export const passThrough = formatterOf({ read: (page) => page, columns: undefined });

/** Returns the most useful fields of records. */
export function simplified(simplify: (record: IDataObject) => IDataObject): OutputFormatter {
	return formatterOf({ read: (page) => page.map(simplify), columns: undefined });
}

/** Fills in the steps that a format does not need, and all of them in one. */
function formatterOf(
	own: Pick<OutputFormatter, 'read' | 'columns' | 'hints'> & Partial<Steps>,
): OutputFormatter {
	const steps = { comparer: () => () => [], show: (row: IDataObject) => row, ...own };
	const format: Format = (page) => {
		const rows = steps.read(page);
		steps.comparer()(rows);
		return rows.map(steps.show);
	};
	return { ...steps, format };
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
			return formatterOf({
				read: rowsOf,
				comparer: rowComparer,
				show: (row) => toOcpi(row as SessionRow, settings) as IDataObject,
				columns: undefined,
			});
		}
		default: {
			const { settings, columns, show, asked } = rowFormOf(context);
			const rowsOf = rowWriter(kind, settings);
			const { see, hints } = emptyFields(asked);
			const read = (page: IDataObject[]) => {
				const rows = rowsOf(page);
				see(rows);
				return rows;
			};
			return formatterOf({
				read,
				comparer: rowComparer,
				...(show && { show: show as Steps['show'] }),
				columns,
				hints: (areItems) => [...hints(), ...(areItems ? hiddenHints(columns) : [])],
			});
		}
	}
}

/** How many columns n8n's table shows (n8n 2.41.1). */
const TABLE_COLUMNS = 40;

/** A hint if columns of groups, which were asked for, are too far behind for n8n's table. */
export function hiddenHints(columns: string[]): string[] {
	const hidden = columns.slice(TABLE_COLUMNS).filter((name) => columnOf(name)?.group !== undefined);
	if (hidden.length === 0) return [];
	return [
		`The table shows the first ${TABLE_COLUMNS} columns. Behind them, in the data and not in the table: ${hidden.map(labelOfName).join(', ')}. Set "Columns" to Short or Choose to see them.`,
	];
}

/** How rows are made, and which of their columns are shown. */
export interface RowForm {
	settings: RowSettings;
	/** The columns to show, in order. */
	columns: string[];
	/** Makes the row of the columns to show. Left out where these are all columns of the row. */
	show?: (row: SessionRow) => SessionRow;
	/** What the user asked for, with its columns: a chosen column, or an added group. */
	asked: Asked[];
}

/** Something that the user asked for by its label, and the fields that it consists of. */
export interface Asked {
	/** As a sentence begins with it: `"Voucher Code"`. */
	label: string;
	names: string[];
	/** What fills it, as a sentence. */
	advice: string;
}

/**
 * Reads "Columns", "More Columns" and the settings of rows. A chosen column of a group is read although its group is not added; those
 * of the driver are not, since "Driver Data" says in which form.
 *
 * @param unshown Groups that the rows must have although nobody asked to see them.
 * @throws InputError if a setting cannot be used.
 */
export function rowFormOf(context: OutputContext, unshown: Group[] = []): RowForm {
	const { columns: choice = 'all', chosenColumns: chosen = [], columnGroups } = context.values;
	const isChosen = choice === 'choose';
	const added = rowSettingsOf(context, isChosen ? [] : ((columnGroups ?? []) as Group[]));
	const columns = shownColumns(choice as ColumnChoice, chosen as string[], added.groups);
	const needed = [...new Set([...groupsOf(columns), ...unshown])].filter(
		(group) => !added.groups.includes(group),
	);
	if (needed.includes('driver')) {
		const name = columns.find((one) => columnOf(one)?.group === 'driver');
		throw new InputError(
			`"Column Names" has ${labelOfName(String(name))}, but "Driver Data" is set to leave it out`,
			'Choose in "Driver Data" how to show the driver, or remove the column from "Column Names".',
		);
	}
	const settings = { ...added, groups: [...added.groups, ...needed] };
	const asked: Asked[] = isChosen
		? columns.map((name) => ({ label: `"${labelOfName(name)}"`, names: [name], advice: fillerOf(name) }))
		: added.groups.map((group) => ({
				label: group === 'driver' ? '"Driver Data"' : `"${groupLabel(group)}" of "More Columns"`,
				names: columnNames([group]).filter((name) => columnOf(name)?.group === group),
				advice: NO_VALUE,
			}));
	const isWhole = choice === 'all' && needed.length === 0;
	return { settings, columns, show: isWhole ? undefined : picker(columns), asked };
}

/** Keeps the columns, in this order. */
function picker(columns: string[]): (row: SessionRow) => SessionRow {
	return (row) => {
		const picked: SessionRow = {};
		for (const name of columns) picked[name] = row[name];
		return picked;
	};
}

/** The name of a group on the canvas. */
export function groupLabel(group: Group): string {
	const options = columnGroups.options as INodePropertyOptions[];
	return options.find(({ value }) => value === group)?.name ?? group;
}

const NO_VALUE = 'The vendor gives no value there.';

/** What fills a column that is empty everywhere, as a sentence. */
export function fillerOf(name: string): string {
	switch (name) {
		case 'currency':
			return 'Set "Currency" in "Session Settings" for records without one.';
		case 'amountInclVat':
		case 'amountExclVat':
		case 'vatAmount':
		case 'vatRatePct':
			return 'Set "VAT Rate (%)" in "Session Settings" where amounts are known only with or only without VAT.';
		case 'changedFields':
		case 'energyDeltaKwh':
		case 'amountDelta':
			return 'A trigger on Session Corrected fills it.';
		default:
			return NO_VALUE;
	}
}

/** Collects which of the asked-for fields are empty in all records. */
export function emptyFields(asked: Asked[]): { see: (rows: IDataObject[]) => void; hints: () => string[] } {
	// No warning is good news.
	let empty = asked.filter(({ names }) => names[0] !== 'warnings');
	let count = 0;
	return {
		see: (rows) => {
			count += rows.length;
			if (empty.length === 0) return;
			const isFilled = (name: string) => rows.some((row) => (row[name] ?? null) !== null);
			empty = empty.filter(({ names }) => !names.some(isFilled));
		},
		hints: () => (count === 0 ? [] : hintsAt(empty, count)),
	};
}

function hintsAt(empty: Asked[], count: number): string[] {
	const where = count === 1 ? 'not in the session' : `in none of ${count} sessions`;
	const byAdvice = new Map<string, string[]>();
	for (const { label, advice } of empty) byAdvice.set(advice, [...(byAdvice.get(advice) ?? []), label]);
	return [...byAdvice].map(
		([advice, labels]) => `${labels.join(', ')} ${labels.length === 1 ? 'is' : 'are'} ${where}. ${advice}`,
	);
}

/** The groups of "More Columns". */
const GROUPS: Group[] = ['address', 'change', 'commercial', 'origin', 'vehicle'];

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
	const { sessionTimezone: timezone = workflowTimezone, vatRate: vatRatePct } = values as SessionSettings;
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
		vatRatePct,
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
	const advice = 'Check the spelling of the names in "Fields" against the raw record, capitals included.';
	const { see, hints } = emptyFields(paths.map((path) => ({ label: `"${path}"`, names: [path], advice })));
	const read = (page: IDataObject[]) => {
		const selected = page.map(select) as IDataObject[];
		see(selected);
		return selected;
	};
	return formatterOf({ read, columns: paths, hints });
}
