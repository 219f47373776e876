/** How a CSV file is written. */
export interface CsvForm {
	/** The fields of a record that become columns, in order, and what the first line calls them. */
	columns: Array<{ field: string; header: string }>;
	delimiter: ',' | ';' | '\t' | '|';
	decimalMark: '.' | ',';
}

/** RFC 4180. */
const LINE_END = '\r\n';

/** What spreadsheets take for the beginning of a formula, unless it is a number. */
const FORMULA = /^(?![+-]?\d+([.,]\d+)?$)[=+\-@\t\r\n\0]/;

/** The first line: what the columns are called. */
export function csvHead({ columns, ...form }: CsvForm): string {
	const cellOf = cellWriter(form);
	return columns.map(({ header }) => cellOf(header)).join(form.delimiter) + LINE_END;
}

/**
 * Gives the function that writes the line of a record, with its line end.
 *
 * Text that a spreadsheet would take for a formula gets an apostrophe in front, so that it stays text; numbers are left as
 * they are. What is nested is written as JSON.
 */
export function csvWriter({ columns, ...form }: CsvForm): (record: Record<string, unknown>) => string {
	const cellOf = cellWriter(form);
	const fields = columns.map(({ field }) => field);
	// Joined rather than added up: a text that grows bit by bit is a tree in memory until it is read.
	return (record) =>
		fields.map((field) => (Object.hasOwn(record, field) ? cellOf(record[field]) : '')).join(form.delimiter) +
		LINE_END;
}

function cellWriter({ delimiter, decimalMark }: Omit<CsvForm, 'columns'>): (value: unknown) => string {
	const needsQuotes = new RegExp(`["\\r\\n${delimiter}]|^\\s|\\s$`);
	const ofText = (text: string) => {
		const safe = FORMULA.test(text) ? `'${text}` : text;
		return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
	};
	return (value) => {
		if (value === null || value === undefined) return '';
		switch (typeof value) {
			case 'string':
				return ofText(value);
			case 'number': {
				const text = decimalMark === ',' ? String(value).replace('.', ',') : String(value);
				return text.includes(delimiter) ? `"${text}"` : text;
			}
			case 'object':
				return ofText(JSON.stringify(value));
			default:
				return String(value);
		}
	};
}
