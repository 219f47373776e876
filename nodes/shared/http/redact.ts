/**
 * Hides a key in text that a person will read.
 *
 * @param isCut Whether the text was cut off. The beginning of the key may then stand at its end, so the end is left out.
 */
export type Redact = (text: string, isCut?: boolean) => string;

const HIDDEN = '[hidden]';

/** The shortest decoded form of a key, or part behind its bar, that is searched for. */
const MIN_PART_LENGTH = 8;
/** Shorter base64 occurs in ordinary words. */
const MIN_BASE64_LENGTH = 6;
/** Nested encodings, such as percent-encoded HTML in JSON. */
const MAX_DECODINGS = 8;
/** The longest part of an escape that can remain where a text is cut. */
const MAX_ESCAPE_LENGTH = 32;

/**
 * Creates the redactor of a key. It hides
 *
 * - the key in any case, also with blanks, line breaks or other characters in it that no key can hold,
 * - its percent-encoded, HTML-escaped and JSON-escaped forms, also inside one another,
 * - its base64 and base64url, alone or as part of a longer text such as `user:key`,
 * - the part behind the bar of a Laravel token (`12|abc...`), which is the secret one, and
 * - any text that follows the word Bearer.
 *
 * The text is decoded into the characters that a key can hold. Each one keeps its range in the original text. Where the key is
 * found in the decoded text, its range in the original is hidden. The time is linear in the length of the text.
 *
 * @param secret The key: ASCII without blanks, as `checkSecret` returns it.
 */
export function redactor(secret: string): Redact {
	const { plain, base64 } = formsOf(secret);
	const longest = Math.max(...[...plain, ...base64].map(({ length }) => length));
	return (text, isCut = false) => {
		const hidden: Range[] = [];
		for (const decoded of decodings(text)) {
			for (const form of plain) addPlain(hidden, decoded, form);
			const standard = decoded.text.replaceAll('-', '+').replaceAll('_', '/');
			for (const form of base64) addBase64(hidden, decoded, standard, form);
			if (isCut) {
				const first = decoded.starts.at(-(longest + MAX_ESCAPE_LENGTH)) ?? 0;
				hidden.push({ start: first, end: text.length });
			}
		}
		return hide(text, hidden).replace(/\b(bearer)\s+\S+/gi, `$1 ${HIDDEN}`);
	};
}

/** Characters of a response that a message shows. */
const MAX_QUOTED = 200;
/** Characters of a response that are read for it: the whole can be megabytes. */
const MAX_READ = 16_384;

/** The first 200 characters of a text on one line, with the key hidden. It ends in `…` if the text goes on. */
export function beginningOf(text: string, redact: Redact): string {
	const begun = text.trimStart();
	const isCut = begun.length > MAX_READ;
	const line = redact(isCut ? begun.slice(0, MAX_READ) : begun, isCut)
		.replace(/\s+/g, ' ')
		.trim();
	return isCut || line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line;
}

/** Values below this depth are written as `…`. */
const MAX_DEPTH = 50;

/** The beginning of a value as JSON, as far as `beginningOf` reads it. `JSON.stringify` overflows the call stack on deep values. */
export function jsonBeginningOf(value: unknown): string {
	let text = '';
	const write = (part: unknown, depth: number) => {
		if (typeof part === 'string') text += JSON.stringify(part.slice(0, MAX_READ + 1));
		else if (typeof part !== 'object' || part === null) text += String(part);
		else if (depth > MAX_DEPTH) text += '…';
		else {
			const isList = Array.isArray(part);
			text += isList ? '[' : '{';
			let isFirst = true;
			for (const [name, entry] of isList ? part.entries() : Object.entries(part)) {
				if (text.length > MAX_READ) return;
				if (!isFirst) text += ',';
				isFirst = false;
				if (!isList) text += `${JSON.stringify(String(name).slice(0, MAX_READ + 1))}:`;
				write(entry, depth + 1);
			}
			text += isList ? ']' : '}';
		}
	};
	write(value, 1);
	return text;
}

/** The characters that a key can hold, in lower case, each with its range in the original text. */
interface Decoded {
	text: string;
	starts: number[];
	ends: number[];
}

/** A range of the original text. */
interface Range {
	start: number;
	end: number;
}

/** The forms that a key is searched for in. */
function formsOf(secret: string): { plain: string[]; base64: string[] } {
	const behindBar = secret.slice(secret.indexOf('|') + 1);
	const secrets = behindBar.length >= MIN_PART_LENGTH ? [secret, behindBar] : [secret];
	// A key that contains an escape, such as `a%2fb`, is decoded together with the text around it.
	const decoded = secrets.flatMap((part) => decodings(part).map(({ text }) => text));
	const plain = decoded.filter((text, index) => index === 0 || text.length >= MIN_PART_LENGTH);
	return { plain: [...new Set(plain)], base64: [...new Set(secrets.flatMap(base64FormsOf))] };
}

/**
 * Index of the first base64 character that depends on the key alone, by the number of bytes before the key in its group of three.
 */
const FIRST_OWN_CHARACTER = [0, 2, 3];

/** The base64 forms of a key inside a longer text, in lower case: one for each offset in a group of three bytes. */
function base64FormsOf(secret: string): string[] {
	return FIRST_OWN_CHARACTER.map((first, shift) => {
		const bytes = Buffer.from(' '.repeat(shift) + secret);
		const endOfOwnCharacters = Math.floor((bytes.length * 8) / 6);
		return bytes.toString('base64').slice(first, endOfOwnCharacters).toLowerCase();
	}).filter((form) => form.length >= MIN_BASE64_LENGTH);
}

/**
 * The text undecoded, decoded once, twice and so on. This is done in two ways: without the characters that no key can hold, since
 * a line break may split an escape, and with them, since a blank may end an escape.
 */
function decodings(text: string): Decoded[] {
	const found: Decoded[] = [];
	for (const keepsOthers of [false, true]) {
		let last = lettersOf(text, keepsOthers);
		for (let count = 0; count <= MAX_DECODINGS; count++) {
			found.push(keepsOthers ? withoutBlanks(last) : last);
			const next = decodeOnce(last, keepsOthers);
			if (next.text === last.text) break;
			last = next;
		}
	}
	return found;
}

/** Whether a key can hold the character. */
function isKeyCharacter(code: number): boolean {
	return code > 0x20 && code < 0x7f;
}

/** @param keepsOthers Whether characters that no key can hold become blanks. Otherwise they are left out. */
function lettersOf(text: string, keepsOthers: boolean): Decoded {
	const letters: string[] = [];
	const starts: number[] = [];
	const ends: number[] = [];
	for (let index = 0; index < text.length; index++) {
		const isKept = isKeyCharacter(text.charCodeAt(index));
		if (!isKept && !keepsOthers) continue;
		letters.push(isKept ? text[index] : ' ');
		starts.push(index);
		ends.push(index + 1);
	}
	return { text: letters.join('').toLowerCase(), starts, ends };
}

function withoutBlanks({ text, starts, ends }: Decoded): Decoded {
	const isLetter = (_: unknown, index: number) => text[index] !== ' ';
	return { text: text.replaceAll(' ', ''), starts: starts.filter(isLetter), ends: ends.filter(isLetter) };
}

/** Percent-encoding, numbered and named HTML entities, and the escapes of JSON and JavaScript, in lower case. */
const ESCAPE =
	/%([\da-f]{2})|&#x0*([\da-f]{1,6});?|&#0*(\d{1,7});?|&([a-z]{2,20});|\\u\{0*([\da-f]{1,6})\}|\\u([\da-f]{4})|\\x([\da-f]{2})|\\(.)/g;

/** HTML's names of ASCII characters, in lower case. Source: the named character references of the HTML standard. */
const ENTITIES: Record<string, string> = {
	amp: '&',
	apos: "'",
	ast: '*',
	bsol: '\\',
	colon: ':',
	comma: ',',
	commat: '@',
	diacriticalgrave: '`',
	dollar: '$',
	equals: '=',
	excl: '!',
	grave: '`',
	gt: '>',
	hat: '^',
	lbrace: '{',
	lbrack: '[',
	lcub: '{',
	lowbar: '_',
	lpar: '(',
	lsqb: '[',
	lt: '<',
	midast: '*',
	nbsp: ' ',
	newline: ' ',
	num: '#',
	percnt: '%',
	period: '.',
	plus: '+',
	quest: '?',
	quot: '"',
	rbrace: '}',
	rbrack: ']',
	rcub: '}',
	rpar: ')',
	rsqb: ']',
	semi: ';',
	shy: ' ',
	sol: '/',
	tab: ' ',
	underbar: '_',
	verbar: '|',
	vert: '|',
	verticalline: '|',
	zerowidthspace: ' ',
};

/** JSON's escapes of control characters, which no key can hold. */
const CONTROLS = 'bfnrtv0';

function decodeOnce({ text, starts, ends }: Decoded, keepsOthers: boolean): Decoded {
	const letters: string[] = [];
	const decoded: Decoded = { text: '', starts: [], ends: [] };
	const add = (letter: string, start: number, end: number) => {
		const isKept = isKeyCharacter(letter.charCodeAt(0));
		if (!isKept && !keepsOthers) return;
		letters.push(isKept ? letter : ' ');
		decoded.starts.push(start);
		decoded.ends.push(end);
	};
	let next = 0;
	const copyUpTo = (end: number) => {
		for (; next < end; next++) add(text[next], starts[next], ends[next]);
	};
	for (const match of text.matchAll(ESCAPE)) {
		const letter = decodedLetter(match);
		if (letter === undefined) continue;
		copyUpTo(match.index);
		next = match.index + match[0].length;
		add(letter, starts[match.index], ends[next - 1]);
	}
	copyUpTo(text.length);
	decoded.text = letters.join('');
	return decoded;
}

/** The character of an escape, in lower case: a blank if no key can hold it, `undefined` for an unknown entity name. */
function decodedLetter([, percent, hex, decimal, name, braced, four, two, escaped]: RegExpMatchArray) {
	if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
	if (escaped !== undefined) return CONTROLS.includes(escaped) ? ' ' : escaped;
	const code =
		decimal === undefined ? parseInt(percent ?? hex ?? braced ?? four ?? two, 16) : Number(decimal);
	return isKeyCharacter(code) ? String.fromCharCode(code).toLowerCase() : ' ';
}

function addPlain(hidden: Range[], { text, starts, ends }: Decoded, form: string): void {
	for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
		hidden.push({ start: starts[at], end: ends[at + form.length - 1] });
	}
}

/** @param standard The decoded text with the alphabet of base64url replaced. */
function addBase64(hidden: Range[], { starts, ends }: Decoded, standard: string, form: string): void {
	const isBase64 = (at: number) => /^[a-z\d+/=]$/.test(standard.charAt(at));
	for (let at = standard.indexOf(form); at >= 0; at = standard.indexOf(form, at + 1)) {
		// The characters next to it also hold bits of the key.
		const before = at - 1;
		const behind = at + form.length;
		const first = isBase64(before) && ends[before] === starts[at] ? before : at;
		const last = isBase64(behind) && starts[behind] === ends[behind - 1] ? behind : behind - 1;
		hidden.push({ start: starts[first], end: ends[last] });
	}
}

function hide(text: string, ranges: Range[]): string {
	if (ranges.length === 0) return text;
	ranges.sort((one, other) => one.start - other.start);
	let visible = '';
	let end = 0;
	for (const range of ranges) {
		const isApart = range.start > end || visible === '';
		if (isApart) visible += text.slice(end, range.start) + HIDDEN;
		end = Math.max(end, range.end);
	}
	return visible + text.slice(end);
}
