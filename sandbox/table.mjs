// Reads the CSV file back and shows its first rows, so that what is seen is what was written.

/** Columns of the table, each with its widest content. Together they fit a terminal of 80 characters. */
const COLUMNS = [
	['source', 9],
	['startedAt', 16],
	['energyKwh', 9],
	['amountInclVat', 13],
	['currency', 8],
	['locationName', 19],
];
const NUMBERS = ['energyKwh', 'amountInclVat'];

/** Parses a CSV text with a header line into one object per row. */
export function parseCsv(text) {
	// A cell in quotes (doubled inside), or one without; then what ends it.
	const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
	const rows = [];
	let row = [];
	for (const [all, quoted, plain, end] of text.replace(/^\uFEFF/, '').matchAll(cell)) {
		if (all === '' && row.length === 0) break;
		row.push(quoted?.replaceAll('""', '"') ?? plain);
		if (end === ',') continue;
		rows.push(row);
		row = [];
	}
	const [header = [], ...records] = rows;
	return records.map((values) =>
		Object.fromEntries(header.map((name, index) => [name, values[index] ?? ''])),
	);
}

/** The rows as a table of fixed width; numbers to the right with two decimals, times without seconds, long texts cut. */
export function table(rows) {
	const line = (cells) => cells.join(' ').trimEnd();
	const shown = rows.map((row) =>
		line(COLUMNS.map(([name, width]) => fit(format(name, row[name]), width, name))),
	);
	const header = line(COLUMNS.map(([name, width]) => fit(name, width, name)));
	const rule = line(COLUMNS.map(([, width]) => '-'.repeat(width)));
	return [header, rule, ...shown].join('\n');
}

function format(name, value = '') {
	if (name.endsWith('At')) return value.slice(0, 16).replace('T', ' ');
	return NUMBERS.includes(name) && value ? Number(value).toFixed(2) : value;
}

function fit(text, width, name) {
	const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
	return NUMBERS.includes(name) ? cut.padStart(width) : cut.padEnd(width);
}
