import { digest } from '../polling/sighting';
import { flagOf, hiderOf, isoOf, orWarn, textOf, timeOf } from './cells';
import { COLUMNS, columnNames, type Column } from './columns';
import { readDecimal } from './numbers';
import type { Cell, Row, RowSettings } from './row';
import type { Warning } from './warnings';

const columns = new Map(COLUMNS.map((column) => [column.name, column]));
/** What tells who the driver is; the kind of an ID tag doesn't. */
const PERSONAL = new Set(['tokenUid', 'tokenLabel', 'contractId', 'driverId', 'driverName']);

/** Whether a record is a row already, also one that was in a spreadsheet meanwhile. */
export function isRow(record: object): boolean {
	return ['source', 'sessionKey', 'energyKwh'].every((name) => Object.hasOwn(record, name));
}

/**
 * Reads a row again, from JSON or from a spreadsheet: the columns of the settings in their order, null where there is none,
 * numbers that are written as text as numbers. What is in the row stays as it is: settings about prices, days and time zones
 * have done their work when it was written.
 */
export function readRow(record: Record<string, unknown>, { groups, driver }: RowSettings): Row {
	const warnings = new Set(
		String(record.warnings ?? '')
			.split(';')
			.filter((code) => code !== ''),
	);
	const hide = hiderOf(driver);
	const row: Row = {};
	for (const name of columnNames(groups)) {
		const value = Object.hasOwn(record, name) ? record[name] : null;
		const cell = cellOf(columns.get(name), value, warnings as Set<Warning>);
		row[name] = PERSONAL.has(name) ? hide(textOf(cell)) : cell;
	}
	row.warnings = [...warnings].sort().join(';');
	if ('rowHash' in row) {
		const { rowHash, ...rest } = row;
		row.rowHash = rowHash ?? digest(Object.values(rest), 16);
	}
	return row;
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
			return isoOf(timeOf(value === null || value === '' ? undefined : value, warnings), value);
		default:
			return textOf(value);
	}
}
