import type { JsonRecord } from './records';

export interface CsvForm {
	/** Between cells. */
	delimiter: string;
	/** Between the parts of a nested name. */
	fieldSeparator: string;
	/** In numbers; texts stay as they are. */
	decimalSeparator: string;
}

/**
 * Writes records as CSV by RFC 4180: a header line, then a line a record, each ended by CR LF.
 *
 * @param sample A record with every column, for a list without records still has its header.
 */
export function toCsv(records: JsonRecord[], sample: JsonRecord, form: CsvForm): string {
	const columns = [...flat(sample, form.fieldSeparator).keys()];
	const lines = records.map((record) => {
		const cells = flat(record, form.fieldSeparator);
		return columns.map((column) => cell(cells.get(column), form));
	});
	return [columns.map((column) => cell(column, form)), ...lines]
		.map((cells) => `${cells.join(form.delimiter)}\r\n`)
		.join('');
}

function flat(record: JsonRecord, separator: string, prefix = ''): Map<string, unknown> {
	const cells = new Map<string, unknown>();
	for (const [name, value] of Object.entries(record)) {
		if (typeof value === 'object' && value !== null) {
			for (const [inner, one] of flat(value as JsonRecord, separator, `${prefix}${name}${separator}`))
				cells.set(inner, one);
		} else if (value !== undefined) {
			cells.set(`${prefix}${name}`, value);
		}
	}
	return cells;
}

function cell(value: unknown, { delimiter, decimalSeparator }: CsvForm): string {
	const text = typeof value === 'number' ? String(value).replace('.', decimalSeparator) : String(value ?? '');
	const needsQuotes = text.includes(delimiter) || /["\r\n]/.test(text);
	return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}
