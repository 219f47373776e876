import { parse } from 'csv-parse/sync';
import fc from 'fast-check';

import { csvHead, csvWriter, type CsvForm } from '../../../nodes/shared/formats/csv';
import { fromSpreadsheet, toSpreadsheet } from '../../../nodes/shared/util/spreadsheet';

const DELIMITERS: Array<CsvForm['delimiter']> = [',', ';', '\t', '|'];
const DECIMAL_MARKS: Array<CsvForm['decimalMark']> = ['.', ','];

/** Every way to write a file of these fields. */
const formsOf = (...fields: string[]): CsvForm[] =>
	DELIMITERS.flatMap((delimiter) =>
		DECIMAL_MARKS.map((decimalMark) => ({
			columns: fields.map((field) => ({ field, header: field })),
			delimiter,
			decimalMark,
		})),
	);

/** The cells of a file as a reader of RFC 4180 has them. */
const cellsOf = (text: string, delimiter: string): string[][] =>
	parse(text, { delimiter, record_delimiter: '\r\n' });

/** The text of a cell between two others, as it stands in the file. */
function written(
	value: unknown,
	delimiter: CsvForm['delimiter'] = ',',
	decimalMark: CsvForm['decimalMark'] = '.',
) {
	const columns = ['before', 'cell', 'after'].map((field) => ({ field, header: field }));
	const line = csvWriter({ columns, delimiter, decimalMark })({ before: 'a', cell: value, after: 'b' });
	expect(line.startsWith(`a${delimiter}`)).toBe(true);
	expect(line.endsWith(`${delimiter}b\r\n`)).toBe(true);
	return line.slice(2, -4);
}

describe('a cell', () => {
	test.each([
		['a text', 'Depot Nord', 'Depot Nord'],
		['letters of any language', 'Søllerødgade 💥', 'Søllerødgade 💥'],
		['a text with quotes', 'the "Depot"', '"the ""Depot"""'],
		['nothing but a quote', '"', '""""'],
		['a line break', 'a\nb', '"a\nb"'],
		['a line break of Windows', 'a\r\nb', '"a\r\nb"'],
		['a return inside', 'a\rb', '"a\rb"'],
		['a leading blank', ' a', '" a"'],
		['a trailing blank', 'a ', '"a "'],
		['a leading space that does not break', '\u00a0a', '"\u00a0a"'],
		['a point', '1.5', '1.5'],
		['an apostrophe', "'s", "'s"],
		['an empty text', '', ''],
		['nothing', null, ''],
		['nothing at all', undefined, ''],
		['yes', true, 'true'],
		['no', false, 'false'],
		['zero', 0, '0'],
		['an object', { a: 'x', b: [1, null] }, '"{""a"":""x"",""b"":[1,null]}"'],
		['a list', [1, 'a'], '"[1,""a""]"'],
		['an empty list', [], '[]'],
	])('of %s', (_, value, text) => {
		expect(written(value)).toBe(text);
	});

	test.each([
		['=1+1', "'=1+1"],
		['=HYPERLINK("http://example.com","x")', '"\'=HYPERLINK(""http://example.com"",""x"")"'],
		['+cmd', "'+cmd"],
		['+45 12 34 56 78', "'+45 12 34 56 78"],
		['-1+1', "'-1+1"],
		['-', "'-"],
		['--1', "'--1"],
		['-1.2.3', "'-1.2.3"],
		['-1e5', "'-1e5"],
		['@SUM(A1)', "'@SUM(A1)"],
		['\t=1+1', "'\t'=1+1"],
		['\n=1+1', '"\'\n\'=1+1"'],
		['\r=1+1', '"\'\r\'=1+1"'],
		['\u0000=1+1', "'\u0000'=1+1"],
		['\ta', "'\ta"],
		[' =1+1', '" \'=1+1"'],
		['A;=1+1;B', "A;'=1+1;B"],
		['A|@SUM(A1)', "A|'@SUM(A1)"],
		['A\t+1+1', "A\t'+1+1"],
		['A,=1+1', '"A,\'=1+1"'],
		['A\n-1+1', '"A\n\'-1+1"'],
		['A\r\n=1+1', '"A\r\n\'=1+1"'],
		['A; "=1+1"', '"A; ""\'=1+1"""'],
		['A;;=1;=2', "A;;'=1;'=2"],
		['A;-1e5', "A;'-1e5"],
		[{ a: 'x;=1+1' }, '"{""a"":""x;\'=1+1""}"'],
		['-1\n', '"\'-1\n"'],
	])('that a spreadsheet would take for a formula, %j, gets an apostrophe', (value, text) => {
		expect(written(value)).toBe(text);
	});

	test.each([
		'a=1+1',
		'Depot-Nord',
		'a@example.com; b@example.com',
		'A;-1;+2,5;B',
		'2026-01-31T08:00:00.000Z',
		'meter-mismatch;no-vat',
		'a, b',
	])('of %j has no formula, and stays as it is', (text) => {
		expect(toSpreadsheet(text)).toBe(text);
	});

	test.each<[text: string, safe: string]>([
		['0012', "'0012"],
		['+0012', "'+0012"],
		['+12', "'+12"],
		['3/4', "'3/4"],
		['10:30', "'10:30"],
		['04:11:22', "'04:11:22"],
		['1.2.2026', "'1.2.2026"],
		['00.5', "'00.5"],
		['2026-10-02', '2026-10-02'],
		['1.5', '1.5'],
		['3/4 of it', '3/4 of it'],
		['5E12', "'5E12"],
		['1.5e3', "'1.5e3"],
		['123456789012', "'123456789012"],
		['12345678901', '12345678901'],
		['12', '12'],
		['0', '0'],
		['0.5', '0.5'],
		['04A1B2', '04A1B2'],
	])('with the ID %j is %j where IDs are kept as text', (text, safe) => {
		const [form] = formsOf('cell');
		expect(csvWriter({ ...form, textIds: true })({ cell: text })).toBe(`${safe}\r\n`);
		expect(csvWriter(form)({ cell: text })).toBe(`${text}\r\n`);
		expect(fromSpreadsheet(safe)).toBe(text);
	});

	test.each(['12E3 ', ' 0012', '\u00a03/4', '+3/4'])('with the ID %j keeps it, with its blanks', (text) => {
		const [form] = formsOf('cell');
		const cell = csvWriter({ ...form, textIds: true })({ cell: text })
			.trim()
			.replace(/^"|"$/g, '');
		expect(cell.startsWith("'")).toBe(true);
		expect(cell.endsWith(text)).toBe(true);
		expect(fromSpreadsheet(cell)).toBe(text);
	});

	test('that is long takes no longer for each character', () => {
		for (const unit of [' ', ';', '\t', "'", '"', '=', '-', '-1', ';-1', '; -', '\u0000']) {
			const text = unit.repeat(200_000);
			// A quadratic pattern needs minutes.
			expect(fromSpreadsheet(toSpreadsheet(text)).length).toBe(text.length);
		}
	});

	test.each(DELIMITERS)('that holds the delimiter %j is quoted, and only then', (delimiter) => {
		expect(written(`a${delimiter}b`, delimiter)).toBe(`"a${delimiter}b"`);
		for (const other of DELIMITERS.filter((mark) => mark !== delimiter)) {
			expect(written(`a${other}b`, delimiter)).toBe(`a${other}b`);
		}
		expect(written(`=a${delimiter}b`, delimiter)).toBe(`"'=a${delimiter}b"`);
	});

	test.each<[value: unknown, point: string, comma: string]>([
		[1.5, '1.5', '1,5'],
		[-1.5, '-1.5', '-1,5'],
		[-7, '-7', '-7'],
		[1e21, '1e+21', '1e+21'],
		[1.5e-7, '1.5e-7', '1,5e-7'],
		[-1.5e-7, '-1.5e-7', '-1,5e-7'],
		[-1e21, '-1e+21', '-1e+21'],
		// Text that is a number stays as the vendor wrote it.
		['-1', '-1', '-1'],
		['+1', '+1', '+1'],
		['-1.5', '-1.5', '-1.5'],
		['-1,5', '-1,5', '-1,5'],
	])('that is a number, %j, gets no apostrophe, with a point or a comma', (value, point, comma) => {
		const quoted = (text: string, delimiter: string) => (text.includes(delimiter) ? `"${text}"` : text);
		for (const delimiter of DELIMITERS) {
			expect(written(value, delimiter, '.')).toBe(quoted(point, delimiter));
			expect(written(value, delimiter, ',')).toBe(quoted(comma, delimiter));
		}
	});
});

describe('a line', () => {
	test('has the chosen fields in the chosen order, and ends as RFC 4180 has it', () => {
		const [form] = formsOf('b', 'a');
		expect(csvWriter(form)({ a: 1, b: 2, c: 3 })).toBe('2,1\r\n');
	});

	test('is empty where a record lacks a field, also one that every object has', () => {
		const [form] = formsOf('a', '__proto__', 'constructor', 'toString', 'b');
		expect(csvWriter(form)({ a: 1, b: 2 })).toBe('1,,,,2\r\n');
	});

	test('has a field named __proto__ where a record has one', () => {
		const [form] = formsOf('__proto__');
		expect(csvWriter(form)(JSON.parse('{"__proto__":"x"}') as Record<string, unknown>)).toBe('x\r\n');
	});

	test('on top has the names that were given, as safe as any cell', () => {
		const columns = [
			{ field: 'energyKwh', header: 'Energy (kWh)' },
			{ field: 'city', header: 'City; "Town"' },
			{ field: 'a', header: '=1+1' },
		];
		expect(csvHead({ columns, delimiter: ';', decimalMark: ',' })).toBe(
			'Energy (kWh);"City; ""Town""";\'=1+1\r\n',
		);
	});
});

describe('a file', () => {
	/** Any character, and often those that mean something. */
	const text = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n\u0000,;|"\' .12aø\ufeff', '💥') }),
	);
	const FIELDS = ['a', 'b', '__proto__', 'c'];
	const value = fc.oneof(
		text,
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.integer(),
		fc.boolean(),
		fc.constant(null),
		fc.jsonValue({ maxDepth: 2 }),
	);
	const records = fc
		.array(fc.array(fc.option(value, { nil: undefined }), { minLength: 4, maxLength: 4 }))
		.map((rows) =>
			rows.map((values) =>
				Object.defineProperties(
					{} as Record<string, unknown>,
					Object.fromEntries(
						FIELDS.flatMap((field, index) =>
							values[index] === undefined ? [] : [[field, { value: values[index], enumerable: true }]],
						),
					),
				),
			),
		);

	/** What a spreadsheet takes for the beginning of a formula. */
	const isFormula = (cell: string) => cell !== '' && '=+-@\t\r\n\u0000'.includes(cell[0]);

	/** What a reader should find in a cell. */
	function expectedCell(given: unknown, decimalMark: string): string {
		if (given === null || given === undefined) return '';
		if (typeof given === 'number') return String(given).split('.').join(decimalMark);
		return typeof given === 'string' ? given : JSON.stringify(given);
	}

	/** What a reader finds in a cell, without the apostrophes. */
	const restored = (rows: string[][]) => rows.map((cells) => cells.map(fromSpreadsheet));

	test.each(formsOf(...FIELDS))(
		'gives back every cell to a reader, with $delimiter between cells and $decimalMark in numbers',
		(form) => {
			fc.assert(
				fc.property(records, text, (rows, header) => {
					const named = { ...form, columns: [...form.columns, { field: 'no such field', header }] };
					const file = csvHead(named) + rows.map(csvWriter(named)).join('');
					expect(restored(cellsOf(file, form.delimiter))).toEqual([
						[...FIELDS, expectedCell(header, form.decimalMark)],
						...rows.map((record) => [
							...FIELDS.map((field) =>
								expectedCell(Object.getOwnPropertyDescriptor(record, field)?.value, form.decimalMark),
							),
							'',
						]),
					]);
				}),
				{ numRuns: 300 },
			);
		},
	);

	test.each(formsOf('cell'))(
		'has no cell that begins a formula, with $delimiter between cells and $decimalMark in numbers',
		(form) => {
			fc.assert(
				fc.property(value, (cell) => {
					const [[read]] = cellsOf(csvWriter(form)({ cell }), form.delimiter);
					const isNumber = /^[+-]\d+([.,]\d+)?(e[+-]\d+)?$/.test(read);
					expect(isFormula(read) && !isNumber).toBe(false);
				}),
				{ numRuns: 300 },
			);
		},
	);

	test.each(formsOf('cell'))(
		'has none either where it is divided at any delimiter or line break, with $delimiter and $decimalMark',
		(form) => {
			fc.assert(
				fc.property(text, (cell) => {
					const line = csvWriter(form)({ cell });
					for (const part of line.split(/[,;\t|\r\n]/)) {
						const begin = part.replace(/^[\s\0"]+/, '');
						const isNumber = /^[+-]\d+([.,]\d+)?["\]}]*$/.test(begin);
						expect(/^[=+\-@]/.test(begin) && !isNumber).toBe(false);
					}
				}),
				{ numRuns: 1000 },
			);
		},
	);
});
