/**
 * A CSV file seen as raw records: nothing is unquoted, so nothing can come out changed. Text is read as latin1, one
 * character per byte, which is exact for every character set that contains ASCII.
 */
export interface RawCsv {
	/** The header with its line end; empty when the file is. */
	header: string;
	/** Each record with its line end, which the last one may lack. */
	records: string[];
}

/** Splits at line ends outside quotes. Empty lines at the end are dropped. */
export function splitCsv(bytes: Buffer): RawCsv {
	const text = bytes.toString('latin1');
	const lines: string[] = [];
	let start = 0;
	let quoted = false;
	for (let at = 0; at < text.length; at++) {
		const character = text.charCodeAt(at);
		if (character === 34) quoted = !quoted;
		else if (character === 10 && !quoted) {
			lines.push(text.slice(start, at + 1));
			start = at + 1;
		}
	}
	if (start < text.length) lines.push(text.slice(start));
	while (lines.length > 0 && lines[lines.length - 1].trim() === '') lines.pop();
	const [header = '', ...records] = lines;
	return { header, records };
}

/**
 * Gives the function that reads the id of a record: the cell under the header `id`, or the whole record where the header
 * has none.
 *
 * @param header With its byte order mark and line end, as {@link splitCsv} gives it.
 */
export function idReader(header: string): (record: string) => string {
	const names = header.replace(/^\xef\xbb\xbf/, '').trimEnd();
	const delimiter = names.match(/[;,\t|]/)?.[0] ?? ',';
	const column = names.split(delimiter).findIndex((name) => name.replace(/"/g, '') === 'id');
	if (column < 0) return (record) => record.trimEnd();
	return (record) => cellAt(record, column, delimiter);
}

function cellAt(record: string, column: number, delimiter: string): string {
	let cell = 0;
	let start = 0;
	let quoted = false;
	for (let at = 0; at < record.length; at++) {
		if (record[at] === '"') quoted = !quoted;
		else if (record[at] === delimiter && !quoted) {
			if (cell === column) return record.slice(start, at);
			cell++;
			start = at + 1;
		}
	}
	return record.slice(start).trimEnd();
}

/** Joins records under one header, each on a line of its own, byte for byte as they came. */
export function joinCsv(header: string, pages: Iterable<string[]>): Buffer {
	const lineEnd = header.endsWith('\r\n') ? '\r\n' : '\n';
	const parts: Buffer[] = [Buffer.from(header, 'latin1')];
	for (const page of pages) {
		const text = page.map((record) => (record.endsWith('\n') ? record : record + lineEnd)).join('');
		parts.push(Buffer.from(text, 'latin1'));
	}
	return Buffer.concat(parts);
}
