/** How a CSV file is written. */
export interface CsvForm {
	/** The fields of a record that become columns, in order, and what the first line calls them. */
	columns: Array<{ field: string; header: string }>;
	delimiter: ',' | ';' | '\t' | '|';
	decimalMark: '.' | ',';
}

/** RFC 4180. */
const LINE_END = '\r\n';

/** What spreadsheets take for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r\n]/;
const NUMBER = /^[+-]?\d+([.,]\d+)?$/;

/** The first line: what the columns are called. */
export function csvHead({ columns, ...form }: CsvForm): string {
	return lineOf(
		columns.map(({ header }) => header),
		form,
	);
}

/**
 * The line of one record, with its line end.
 *
 * Text that a spreadsheet would take for a formula gets an apostrophe in front, so that it stays text; numbers are left as
 * they are. What is nested is written as JSON.
 */
export function csvLine(record: Record<string, unknown>, { columns, ...form }: CsvForm): string {
	return lineOf(
		columns.map(({ field }) => (Object.hasOwn(record, field) ? record[field] : null)),
		form,
	);
}

function lineOf(values: unknown[], { delimiter, decimalMark }: Omit<CsvForm, 'columns'>): string {
	const cells = values.map((value) => {
		if (typeof value === 'number') {
			const text = decimalMark === ',' ? String(value).replace('.', ',') : String(value);
			return decimalMark === delimiter && text.includes(',') ? `"${text}"` : text;
		}
		return typeof value === 'string' ? cellOf(value, delimiter) : cellOf(asText(value), delimiter);
	});
	return cells.join(delimiter) + LINE_END;
}

function asText(value: unknown): string {
	if (value === null || value === undefined) return '';
	return typeof value === 'object' ? JSON.stringify(value) : String(value as boolean);
}

function cellOf(text: string, delimiter: string): string {
	const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
	const isPlain = !safe.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(safe);
	return isPlain ? safe : `"${safe.replaceAll('"', '""')}"`;
}
