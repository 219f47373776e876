import { csvHead, csvWriter, type CsvForm } from '../../../nodes/shared/formats/csv';
import { missingSpreadsheet, openInSpreadsheet } from '../../support/spreadsheet';

const missing = missingSpreadsheet();
// Where everything is installed for the tests, a spreadsheet that is missing is a failure.
const isSkipped = missing !== undefined && !process.env.CI;
if (isSkipped) process.stdout.write(`Skipped: formulas in a spreadsheet. ${missing}\n`);

/** Texts that would run 1+1 in some way to read a file. */
const TEXTS = [
	...['=1+1', ' =1+1', '\t=1+1', '\n=1+1', '\r\n=1+1', '"=1+1"', "''=1+1"],
	...[',', ';', '\t', '|', '\n', '\r', '\r\n'].flatMap((mark) => [
		`A${mark}=1+1`,
		`A${mark}=1+1${mark}B`,
		`A${mark} =1+1`,
		`A${mark}"=1+1"${mark}B`,
		`"${mark}=1+1${mark}"`,
		`A${mark}${mark}=HYPERLINK("http://example.com")`,
	]),
];

const columns = ['before', 'cell', 'after'].map((field) => ({ field, header: field }));

/** A file of these texts, each between an amount and a text. */
function fileOf(form: Omit<CsvForm, 'columns'>): string {
	const lineOf = csvWriter({ ...form, columns });
	const lines = TEXTS.map((cell) => lineOf({ before: -1.5, cell, after: 'B' }));
	const ids = ['0012', '5E12', '1234567890123456789'].map((cell) => lineOf({ before: 7, cell, after: 'B' }));
	return csvHead({ ...form, columns }) + lines.join('') + ids.join('');
}

/** The same with nothing but the quotes of RFC 4180, which shows that the spreadsheet does run formulas. */
const unguarded = (delimiter: string) =>
	TEXTS.map((text) => `1${delimiter}"${text.replaceAll('"', '""')}"${delimiter}B\r\n`).join('');

const FILES = {
	comma: fileOf({ delimiter: ',', decimalMark: '.', textIds: true }),
	semicolon: fileOf({ delimiter: ';', decimalMark: ',', textIds: true }),
	'unguarded-comma': unguarded(','),
	'unguarded-semicolon': unguarded(';'),
};

(isSkipped ? describe.skip : describe)('LibreOffice', () => {
	test.each([[','], [';']] as const)(
		'runs no formula of a file with commas or with semicolons, read with %s',
		(separator) => {
			const sheets = openInSpreadsheet(FILES, separator);
			expect(sheets.comma.formulas).toEqual([]);
			expect(sheets.semicolon.formulas).toEqual([]);
			expect(sheets['unguarded-comma'].formulas).not.toEqual([]);
			expect(sheets['unguarded-semicolon'].formulas).not.toEqual([]);
			const own = separator === ',' ? sheets.comma : sheets.semicolon;
			expect(own.texts).toEqual(
				expect.arrayContaining([expect.stringMatching(/0012$/), expect.stringMatching(/5E12$/)]),
			);
			expect(own.texts.join(' ')).toContain('1234567890123456789');
		},
		180_000,
	);
});
