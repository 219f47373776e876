import { parse } from 'csv-parse/sync';

/** The records of a CSV file with a header, all cells as text. */
export function parseCsv(text: string): Array<Record<string, string>> {
	return parse(text, { columns: true, bom: true, record_delimiter: '\r\n' }) as Array<Record<string, string>>;
}
