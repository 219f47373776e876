import {
	flagOf,
	masker,
	momentOf,
	orWarn,
	PERSONAL_COLUMNS,
	rowHashOf,
	textOf,
	type PersonalColumn,
} from './cells';
import { COLUMNS, columnNames, type Column } from './columns';
import { completeMoney } from './money';
import { bounded, readDecimal } from '../util/numbers';
import { fromSpreadsheet } from '../util/spreadsheet';
import type { Cell, SessionRow, RowSettings } from './types';
import { WARNINGS, type Warning } from './warnings';

const columns = new Map(COLUMNS.map((column) => [column.name, column]));
const personal = new Set<string>(PERSONAL_COLUMNS);

const MONEY = ['amountInclVat', 'amountExclVat', 'vatAmount', 'vatRatePct'] as const;

/** Whether a record is a row already, even one that was in a spreadsheet. */
export function isRow(record: object): boolean {
	return ['source', 'sessionKey', 'energyKwh'].every((name) => Object.hasOwn(record, name));
}

/**
 * Reads a row back from JSON or from a spreadsheet: the columns of the settings in order, null where a column is missing, and
 * numbers that are written as text as numbers. Values of the row are kept. Currency and VAT of the settings fill missing
 * values; days and months are not calculated again.
 */
export function readRow(record: Record<string, unknown>, settings: RowSettings): SessionRow {
	const { groups, driver } = settings;
	const warnings = new Set(
		(textOf(record.warnings) ?? '').split(';').filter((code) => Object.hasOwn(WARNINGS, code)),
	);
	const hide = masker(driver);
	// A row in JSON has null; an empty cell of a file is an empty text, or absent. Only a file has apostrophes before formulas.
	const isOfFile = !Object.values(record).includes(null);
	const row: SessionRow = {};
	for (const name of columnNames(groups)) {
		const given = Object.hasOwn(record, name) ? record[name] : null;
		const value = isOfFile && typeof given === 'string' ? fromSpreadsheet(given) : given;
		const cell = cellOf(columns.get(name), value, warnings as Set<Warning>);
		row[name] = personal.has(name) ? hide(name as PersonalColumn, textOf(cell)) : cell;
	}
	fillMoney(row, settings, warnings as Set<Warning>);
	row.warnings = [...warnings].sort().join(';');
	if ('rowHash' in row) {
		const { rowHash, ...rest } = row;
		row.rowHash = rowHash ?? rowHashOf(rest);
	}
	return row;
}

function fillMoney(row: SessionRow, { currency, vatRatePct }: RowSettings, warnings: Set<Warning>): void {
	const incl = row.amountInclVat as number | null;
	const excl = row.amountExclVat as number | null;
	// The settings do not replace a value that could not be read.
	if ((incl === null && excl === null) || warnings.has('amount-unreadable')) return;
	if (row.currency === null && currency !== undefined) {
		row.currency = currency;
		warnings.delete('no-currency');
	}
	if ((incl === null || excl === null) && vatRatePct !== undefined) {
		const money = completeMoney(incl, excl, null, vatRatePct);
		for (const name of MONEY) row[name] = bounded(money[name]);
		warnings.delete('no-vat');
	}
}

function cellOf(column: Column | undefined, value: unknown, warnings: Set<Warning>): Cell {
	switch (column?.type) {
		case 'number':
		case 'whole number': {
			const warning = column.unit === 'kWh' ? 'energy-unreadable' : 'amount-unreadable';
			return orWarn(readDecimal(value), warning, warnings);
		}
		case 'yes/no':
			return flagOf(typeof value === 'string' ? value.toLowerCase() : value);
		case 'time':
			return momentOf(value === null || value === '' ? undefined : value, warnings)?.iso ?? null;
		case 'date':
		case 'month': {
			const text = textOf(value);
			const form = column.type === 'date' ? /^\d{4}-\d{2}-\d{2}$/ : /^\d{4}-\d{2}$/;
			return text === null ? null : orWarn(form.test(text) ? text : undefined, 'time-unreadable', warnings);
		}
		default:
			return textOf(value);
	}
}
