/**
 * A CSV file as raw records. Nothing is unquoted, so nothing can change. Text is read as latin1, one character per byte, which is
 * exact for every character set that contains ASCII.
 */
export interface RawCsv {
	/** The header with its line end. Empty if the file is empty. */
	header: string;
	/** The records with their line ends. The last one may lack it. */
	records: string[];
}

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** Splits a file at line ends outside quotes. Empty lines at the end are dropped. */
export function splitCsv(bytes: Buffer): RawCsv {
	const text = bytes.toString('latin1');
	const lines: string[] = [];
	let start = 0;
	for (const at of breaksIn(text)) {
		if (text[at] !== '\n') continue;
		lines.push(text.slice(start, at + 1));
		start = at + 1;
	}
	if (start < text.length) lines.push(text.slice(start));
	while (lines.length > 0 && lines[lines.length - 1].trim() === '') lines.pop();
	const [header = '', ...records] = lines;
	return { header, records };
}

/**
 * Creates the function that reads the id of a record: its cell in the column `id`, or the whole record if there is no such column
 * or the cell is empty.
 *
 * @param header The header with its byte order mark and line end, as {@link splitCsv} returns it.
 */
export function idReader(header: string): (record: string) => string {
	const { names, delimiter } = readHeader(header);
	const column = names.indexOf('id');
	return (record) => {
		const whole = withoutLineEnd(record);
		const id = column < 0 ? '' : (cellsOf(whole, delimiter)[column] ?? '');
		return /^[\s"]*$/.test(id) ? whole : id;
	};
}

/** Whether the header names that column. */
export function hasColumn(header: string, name: string): boolean {
	return readHeader(header).names.includes(name);
}

/** Whether a file was cut off: its last record has no line end, and fewer cells than the header. */
export function isCutOff({ header, records }: RawCsv): boolean {
	const last = records[records.length - 1] ?? '\n';
	const { names, delimiter } = readHeader(header);
	return !last.endsWith('\n') && cellsOf(last, delimiter).length < names.length;
}

/** Joins records under one header, each on a line of its own. Their bytes do not change. */
export function joinCsv(header: string, pages: Iterable<string[]>): Buffer {
	const lineEnd = header.endsWith('\r\n') ? '\r\n' : '\n';
	const ended = (line: string) => (line.endsWith('\n') ? line : line + lineEnd);
	const parts: Buffer[] = [];
	for (const page of pages) {
		if (page.length > 0) parts.push(Buffer.from(page.map(ended).join(''), 'latin1'));
	}
	const first = parts.length > 0 && header !== '' ? ended(header) : header;
	return Buffer.concat([Buffer.from(first, 'latin1'), ...parts]);
}

/**
 * The indexes where lines and cells end: of line feeds and of every usual delimiter outside quotes. A quote opens only at the
 * beginning of a cell. Otherwise a quote inside an unquoted cell (`5" plug`) would swallow the lines after it.
 */
function* breaksIn(text: string): Generator<number> {
	let cellStart = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
	let closedAt = -2;
	let quoted = false;
	for (let at = 0; at < text.length; at++) {
		const character = text[at];
		if (character === '"') {
			if (quoted) closedAt = at;
			// Two quotes in a row mean one quote in the text, so the second one opens again.
			if (quoted || at === cellStart || at === closedAt + 1) quoted = !quoted;
		} else if (!quoted && '\n;,\t|'.includes(character)) {
			cellStart = at + 1;
			yield at;
		}
	}
}

function readHeader(header: string): { names: string[]; delimiter: string } {
	const line = withoutLineEnd(header.startsWith(BYTE_ORDER_MARK) ? header.slice(3) : header);
	const [firstBreak] = breaksIn(line);
	const delimiter = line[firstBreak] ?? ',';
	return { names: cellsOf(line, delimiter).map((name) => name.replace(/"/g, '')), delimiter };
}

function cellsOf(line: string, delimiter: string): string[] {
	const cells: string[] = [];
	let start = 0;
	for (const at of breaksIn(line)) {
		if (line[at] !== delimiter) continue;
		cells.push(line.slice(start, at));
		start = at + 1;
	}
	return [...cells, line.slice(start)];
}

function withoutLineEnd(line: string): string {
	return line.replace(/\r?\n$/, '');
}
