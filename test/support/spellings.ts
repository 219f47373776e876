/** Keys of the kinds that exist, and some that look like an escape or a pattern. */
export const KEYS = {
	plain: 'KEY-0123456789',
	uuid: '0b1e2f3a-1111-4222-8333-444455556666',
	jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiIsInJvbGUiOiJvcHMifQ.c2lnbmF0dXJlLV94',
	laravel: '12|aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1bC3dE5f',
	base64: 'Zm9v+YmFy/YmF6Zm9vYmFy==',
	signs: 'a"b\\c/d\'e<f>g&h|i+j=k$l(m)n[o]p*q^r',
	escapes: 'ab%2Fcd%7Cef&amp;gh\\u0041ij\\nklmn',
	long: `sk_live_${'Ab3-9_'.repeat(60)}end`,
};

const each = (key: string, spell: (character: string, code: number) => string) =>
	[...key].map((character) => spell(character, character.charCodeAt(0))).join('');
const hex = (code: number, length: number) => code.toString(16).padStart(length, '0');
const percent = (key: string) => each(key, (_, code) => `%${hex(code, 2).toUpperCase()}`);
const NAMES: Record<string, string> = {
	'"': '&quot;',
	'&': '&amp;',
	"'": '&apos;',
	'<': '&lt;',
	'>': '&gt;',
	'/': '&sol;',
	'|': '&vert;',
	'\\': '&bsol;',
	'+': '&plus;',
	'=': '&equals;',
	'-': '-',
	_: '&lowbar;',
	'.': '&period;',
	'*': '&ast;',
	'^': '&Hat;',
	'%': '&percnt;',
	'#': '&num;',
	$: '&dollar;',
	'(': '&lpar;',
	')': '&rpar;',
	'[': '&lsqb;',
	']': '&rsqb;',
	';': '&semi;',
};
const named = (key: string) => each(key, (character) => NAMES[character] ?? character);
const json = (key: string) => JSON.stringify(key).slice(1, -1);
const base64 = (text: string, encoding: 'base64' | 'base64url' = 'base64') =>
	Buffer.from(text).toString(encoding);
const inPieces = (text: string, length: number, between: string) =>
	(text.match(new RegExp(`.{1,${length}}`, 'gs')) ?? []).join(between);

/** Ways in which a server can repeat a key. Base64 is of what a Basic header holds: the key alone, or behind a user name. */
export const SPELLINGS: Record<string, (key: string) => string> = {
	'as it is': (key) => key,
	'percent-encoded': (key) => encodeURIComponent(key),
	'percent-encoded in small letters': (key) =>
		encodeURIComponent(key).replace(/%../g, (escape) => escape.toLowerCase()),
	'percent-encoded character by character': percent,
	'percent-encoded twice': (key) => encodeURIComponent(percent(key)),
	'HTML with names': named,
	'HTML with decimal numbers': (key) => each(key, (_, code) => `&#${code};`),
	'HTML with leading zeros and no semicolons': (key) => each(key, (_, code) => `&#00${code} `),
	'HTML with hexadecimal numbers': (key) => each(key, (_, code) => `&#x${hex(code, 2)};`),
	'HTML with hexadecimal numbers in capitals': (key) =>
		each(key, (_, code) => `&#X${hex(code, 4).toUpperCase()};`),
	JSON: json,
	"PHP's JSON": (key) => json(key).replaceAll('/', '\\/'),
	'JSON with code points': (key) => each(key, (_, code) => `\\u${hex(code, 4)}`),
	'JSON with code points in capitals': (key) => each(key, (_, code) => `\\u${hex(code, 4).toUpperCase()}`),
	'JavaScript with hexadecimal numbers': (key) => each(key, (_, code) => `\\x${hex(code, 2)}`),
	'JavaScript with code points in braces': (key) => each(key, (_, code) => `\\u{${hex(code, 2)}}`),
	'JSON in JSON': (key) => json(json(key)),
	'HTML in JSON': (key) => named(key).replaceAll('&', '\\u0026'),
	'JSON in HTML': (key) => named(json(key)),
	base64: (key) => base64(key),
	'base64 behind one byte': (key) => base64(`:${key}`),
	'base64 behind two bytes': (key) => base64(`u:${key}`),
	'base64 in front of more': (key) => base64(`${key}:x`),
	base64url: (key) => base64(key, 'base64url'),
	'base64url behind two bytes': (key) => base64(`u:${key}`, 'base64url'),
	'base64, percent-encoded': (key) => encodeURIComponent(base64(key)),
	'base64 in lines': (key) => inPieces(base64(key), 10, '\r\n'),
	'in capitals': (key) => key.toUpperCase(),
	'in small letters': (key) => key.toLowerCase(),
	'with blanks': (key) => inPieces(key, 4, ' '),
	'with line breaks': (key) => inPieces(key, 7, '\r\n\t'),
	'with escaped line breaks': (key) => inPieces(json(key), 7, '\\n'),
	'with encoded blanks': (key) => inPieces(percent(key), 9, '%20'),
	'with other characters': (key) => inPieces(key, 5, '…\u200b'),
	'the part behind the bar': (key) => key.slice(key.indexOf('|') + 1),
	'the part behind the bar in base64': (key) => base64(`:${key.slice(key.indexOf('|') + 1)}`),
};

/** The runs of characters of a spelling that must not be shown: six that belong together are a part of the key. */
export function partsOf(spelling: string): string[] {
	// The padding of base64 tells nothing.
	const letters = spelling.replace(/\s/g, '').replace(/(=|%3D)+$/, '');
	return Array.from({ length: Math.max(1, letters.length - 5) }, (_, at) => letters.slice(at, at + 6));
}

/** What of a spelling a text shows. */
export function shownOf(text: string, spelling: string): string[] {
	const letters = text.replace(/\s/g, '');
	return partsOf(spelling).filter((part) => letters.includes(part));
}
