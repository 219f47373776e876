/** Blanks, quotes and apostrophes, which a spreadsheet may leave out at the beginning of a cell. */
const SKIPPED = String.raw`(?:[^\S\t\r\n]|[\0"'])*`;

/** The beginning of a cell, in whatever way a spreadsheet divides the text: at any delimiter or line break. */
const [FIRST, NEXT] = [`^${SKIPPED}`, String.raw`[,;\t|\r\n]${SKIPPED}`];

/** No number follows. Up to the end of the text; or of the cell, or of its place in JSON, which also has `-1e-7`. */
const NO_NUMBER = String.raw`(?![+-]?\d+(?:[.,]\d+)?$)`;
const NO_NUMBER_INSIDE = String.raw`(?![+-]?\d+(?:[.,]\d+)?(?:[,;\t|\r\n\]}]|$)|-\d+(?:\.\d+)?e[+-]\d+[,\]}])`;

const SIGN = '(?=[=+\\-@])';
const formulas = (mark: string, flags?: string) =>
	new RegExp(`(?:${FIRST}${mark}${NO_NUMBER}|${NEXT}${mark}${NO_NUMBER_INSIDE})${SIGN}`, flags);
const HAS_FORMULA = formulas('');
const FORMULA = formulas('', 'g');
const MARKED_FORMULA = formulas("'", 'g');

/**
 * Digits that a spreadsheet turns into another number: with leading zeros or a sign, more than it shows, or with an exponent; or
 * into a date, a time or a fraction: `3/4`, `10:30`, `04:11:22`. Days that begin with the year are none. Blanks around it count
 * for nothing.
 */
const FRAGILE_ID = String.raw`[^\S\t\r\n]*[+-]?(?:0\d+(?:[.,]\d+)?|(?<=\+)\d+(?:[.,]\d+)?|\d{12,}|\d+(?:[.,]\d*)?[eE][+-]?\d+|\d{1,3}(?:[/:.-]\d{1,4}){2}|\d{1,3}[/:-]\d{1,4})[^\S\t\r\n]*$`;

/** What gets an apostrophe as a whole. The text must not begin with one of its own, which would be taken for it. */
const WHOLE = new RegExp(String.raw`^(?:'*[\t\r\n\0]|'+${FRAGILE_ID})`);
const WHOLE_OR_ID = new RegExp(String.raw`^'*(?:[\t\r\n\0]|${FRAGILE_ID})`);
const MARKED_WHOLE = new RegExp(String.raw`^'(?='*(?:[\t\r\n\0]|${FRAGILE_ID}))`);

/**
 * Text that no spreadsheet runs as a formula, whatever delimiter it reads the file with: `A;=1+1` becomes `A;'=1+1`. Each `=`,
 * `+`, `-` and `@` at the beginning of the text, or behind a delimiter or a line break in it, gets an apostrophe in front, but
 * for those of numbers.
 *
 * @param textIds Whether ids that a spreadsheet turns into other numbers get one, too: `0012`, `5E12`, `3/4`, twelve digits or more.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function toSpreadsheet(text: string, textIds = false): string {
	const marked = HAS_FORMULA.test(text) ? text.replace(FORMULA, "$&'") : text;
	return (textIds ? WHOLE_OR_ID : WHOLE).test(text) ? `'${marked}` : marked;
}

/** The text before `toSpreadsheet`. */
export function fromSpreadsheet(text: string): string {
	if (!text.includes("'")) return text;
	return text.replace(MARKED_WHOLE, '').replace(MARKED_FORMULA, (found) => found.slice(0, -1));
}
