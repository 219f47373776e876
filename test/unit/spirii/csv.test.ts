import * as fc from 'fast-check';

import { idReader, joinCsv, splitCsv } from '../../../nodes/Spirii/csv';

const split = (text: string, encoding: BufferEncoding = 'utf8') => splitCsv(Buffer.from(text, encoding));
const joined = (header: string, pages: string[][]) => joinCsv(header, pages).toString('latin1');

describe('a file is split into its header and its records', () => {
	it.each([
		['LF', 'id,name\n1,a\n2,b\n', 'id,name\n', ['1,a\n', '2,b\n']],
		['CR LF', 'id,name\r\n1,a\r\n2,b\r\n', 'id,name\r\n', ['1,a\r\n', '2,b\r\n']],
		['no line end behind the last', 'id,name\n1,a\n2,b', 'id,name\n', ['1,a\n', '2,b']],
		['a line end in quotes', 'id,name\n1,"a\nb"\n2,c\n', 'id,name\n', ['1,"a\nb"\n', '2,c\n']],
		['CR LF in quotes', 'id,name\r\n1,"a\r\nb"\r\n2,c', 'id,name\r\n', ['1,"a\r\nb"\r\n', '2,c']],
		['quotes in quotes', 'id,name\n1,"a ""x""\n"""\n2,c\n', 'id,name\n', ['1,"a ""x""\n"""\n', '2,c\n']],
		['empty cells in quotes', 'id,name\n1,""\n"",""\n', 'id,name\n', ['1,""\n', '"",""\n']],
		[
			'a byte order mark and a line end in the header',
			'\uFEFF"na\nme","id"\na,1\n',
			'\xef\xbb\xbf"na\nme","id"\n',
			['a,1\n'],
		],
		['a line end in the header', '"id","na\nme"\n1,a\n', '"id","na\nme"\n', ['1,a\n']],
		['a single quote in a bare cell', 'id,name\n1,5" plug\n2,b\n', 'id,name\n', ['1,5" plug\n', '2,b\n']],
		['empty lines at the end', 'id\n1\n\n\r\n\n', 'id\n', ['1\n']],
		['a header alone', 'id,name\n', 'id,name\n', []],
		['a header alone without line end', 'id,name', 'id,name', []],
		['nothing', '', '', []],
		['empty lines alone', '\r\n\n', '', []],
	])('%s', (_, text, header, records) => {
		expect(split(text)).toEqual({ header, records });
	});

	it('with 200,000 records', () => {
		const text = 'id,name\n' + Array.from({ length: 200_000 }, (_, id) => `${id},"a;""\n"\n`).join('');
		expect(split(text).records).toHaveLength(200_000);
	});
});

describe('the id of a record', () => {
	it.each([
		['first', 'id,name,city\n', '7,a,b\n', '7'],
		['in the middle', 'name,id,city\n', 'a,7,b\n', '7'],
		['last', 'name,city,id\r\n', 'a,b,7\r\n', '7'],
		['last without line end', 'name,id', 'a,7', '7'],
		['with semicolons', 'name;id;city\n', 'a,b;7;c\n', '7'],
		['behind quoted delimiters', 'name,id\n', '"a,b ""x"",",7\n', '7'],
		['behind a quoted line end', 'name,id\n', '"a\n,b",7\n', '7'],
		['behind a bare quote', 'name,id,city\n', '5" plug,7,c\n', '7'],
		['under a quoted header', '"name","id"\n', '"a","7"\n', '"7"'],
		['behind a header with a delimiter in it', '"name, full",id,city\n', 'a,7,c\n', '7'],
		['behind a header with another delimiter in it', '"name, full";id;city\n', 'a;7;c\n', '7'],
		['behind a byte order mark', '\xef\xbb\xbfid,name\n', '7,a\n', '7'],
		['behind a byte order mark, quoted', '\xef\xbb\xbf"id","name"\n', '7,a\n', '7'],
		['as the only column', 'id\n', '7\n', '7'],
	])('is read where its column stands: %s', (_, header, record, id) => {
		expect(idReader(header)(record)).toBe(id);
	});

	it.each([
		['without such a column', 'number,location.id\n'],
		['without a header', ''],
	])('is the whole record %s', (_, header) => {
		expect(idReader(header)('1,a\r\n')).toBe('1,a');
		expect(idReader(header)('1,a')).toBe('1,a');
	});

	it.each([',a\n', '"",a\n', '  ,a\n'])('is the whole record where its cell is empty: %j', (record) => {
		const idOf = idReader('id,name\n');
		expect(idOf(record)).toBe(record.trimEnd());
		expect(idOf(record)).not.toBe(idOf(record.replace('a', 'b')));
	});

	it('is the whole record where the line is too short to have the cell', () => {
		const idOf = idReader('name,city,id\n');
		expect(idOf('a,7\n')).toBe('a,7');
	});
});

describe('pages are joined', () => {
	it('under one header, each record on a line of its own', () => {
		expect(joined('id,n\n', [['1,a\n', '2,b'], [], ['3,c']])).toBe('id,n\n1,a\n2,b\n3,c\n');
		expect(joined('id,n\r\n', [['1,a\r\n', '2,b'], ['3,c']])).toBe('id,n\r\n1,a\r\n2,b\r\n3,c\r\n');
	});

	it('even when the header came without a line end', () => {
		expect(joined('id,n', [[], ['1,a\n']])).toBe('id,n\n1,a\n');
	});

	it('into the header alone, or nothing, where there are no records', () => {
		expect(joined('id,n', [])).toBe('id,n');
		expect(joined('id,n\n', [[]])).toBe('id,n\n');
		expect(joined('', [])).toBe('');
	});
});

describe('bytes stay as they came', () => {
	it.each(['utf8', 'latin1'] as const)('in %s', (encoding) => {
		const text = 'id;navn\r\n1;"Ærø – smørrebrød à"\r\n2;Æblevej ß é à\r\n'.replace(
			'–',
			encoding === 'utf8' ? '–' : '-',
		);
		const bytes = Buffer.from(text, encoding);
		const { header, records } = splitCsv(bytes);
		expect(joinCsv(header, [records]).equals(bytes)).toBe(true);
		expect(records.map(idReader(header))).toEqual(['1', '2']);
	});

	it('for every byte there is', () => {
		const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 34));
		const bytes = Buffer.concat([Buffer.from('id,bytes\n1,"'), all, Buffer.from('"\n')]);
		const { header, records } = splitCsv(bytes);
		expect(records).toHaveLength(1);
		expect(joinCsv(header, [records]).equals(bytes)).toBe(true);
	});
});

it('splitting pages of any file and joining them gives the file, and the ids it was made with', () => {
	const cell = fc.oneof(
		fc.string({ unit: fc.constantFrom('a', 'ø', '⚡', '"', ',', ';', '\n', '\r\n', ' '), maxLength: 8 }),
		fc.string({ unit: 'binary', maxLength: 6 }),
	);
	const plain = (text: string) => Array.from(text, (one) => (one.charCodeAt(0) < 256 ? one : '?')).join('');
	const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
	const write = (text: string, delimiter: string, always: boolean) =>
		always || text.includes(delimiter) || /["\r\n]/.test(text) ? quote(text) : text;
	fc.assert(
		fc.property(
			fc.record({
				rows: fc.array(fc.tuple(cell, cell), { maxLength: 30 }),
				delimiter: fc.constantFrom(',', ';', '\t'),
				lineEnd: fc.constantFrom('\n', '\r\n'),
				bom: fc.boolean(),
				always: fc.boolean(),
				lastLineEnd: fc.boolean(),
				pageSize: fc.integer({ min: 1, max: 10 }),
				idAt: fc.nat(2),
				encoding: fc.constantFrom('utf8' as const, 'latin1' as const),
			}),
			({ rows: drawn, delimiter, lineEnd, bom, always, lastLineEnd, pageSize, idAt, encoding }) => {
				const rows = encoding === 'utf8' ? drawn : drawn.map((cells) => cells.map(plain));
				const line = (first: string, cells: string[]) => {
					const all = cells.map((text) => write(text, delimiter, always));
					all.splice(idAt, 0, write(first, delimiter, always));
					return all.join(delimiter) + lineEnd;
				};
				const header = Buffer.from((bom ? '\uFEFF' : '') + line('id', ['navn', 'by; gade, nr.']), 'utf8');
				const lines = rows.map((cells, index) => Buffer.from(line(`${index + 1}`, cells), encoding));

				const pages: Buffer[] = [];
				for (let at = 0; at < lines.length; at += pageSize) {
					const page = Buffer.concat([header, ...lines.slice(at, at + pageSize)]);
					pages.push(lastLineEnd ? page : page.subarray(0, page.length - lineEnd.length));
				}
				const parts = pages.map(splitCsv);
				const file = joinCsv(
					header.toString('latin1'),
					parts.map(({ records }) => records),
				);
				expect(file.equals(Buffer.concat([header, ...lines]))).toBe(true);

				const given = parts.flatMap((part) => part.records.map(idReader(part.header)));
				expect(given).toEqual(rows.map((_, index) => write(`${index + 1}`, delimiter, always)));
			},
		),
		{ numRuns: 500 },
	);
});
