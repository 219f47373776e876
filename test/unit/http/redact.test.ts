import * as fc from 'fast-check';

import type { ApiError } from '../../../nodes/shared/util/errors';
import { readJson, statusError, unexpectedResponse } from '../../../nodes/shared/http/response';
import { beginningOf, jsonBeginningOf, redactor } from '../../../nodes/shared/http/redact';
import type { HttpResponse } from '../../../nodes/shared/http/retry';
import { KEYS, shownOf, SPELLINGS } from '../../support/spellings';

const answer = (status: number, text: string, headers: Record<string, unknown> = {}): HttpResponse => ({
	status,
	headers,
	body: Buffer.from(text),
});
const told = ({ message, details }: ApiError) => `${message} ${details.advice}`;
const errorOf = (run: () => unknown): ApiError => {
	try {
		run();
	} catch (error) {
		return error as ApiError;
	}
	throw new Error('was accepted');
};
const inJson = (text: string) => JSON.stringify(text);

/** Answers that hold a text, and the messages about them. */
const ANSWERS: Array<[string, (spelling: string, key: string) => string]> = [
	[
		'a refusal in JSON',
		(spelling, key) =>
			told(
				statusError(
					answer(401, `{"message":${inJson(`Before ${spelling} behind`)}}`),
					'X',
					{},
					redactor(key),
				),
			),
	],
	[
		'the name of a field with errors',
		(spelling, key) =>
			told(
				statusError(
					answer(422, `{"errors":{${inJson(`Before ${spelling} behind`)}:["no"]}}`),
					'X',
					{},
					redactor(key),
				),
			),
	],
	[
		'a refusal in JSON without known words',
		(spelling, key) =>
			told(
				statusError(answer(403, `{"why":${inJson(`Before ${spelling} behind`)}}`), 'X', {}, redactor(key)),
			),
	],
	[
		'a page with status 500',
		(spelling, key) =>
			told(statusError(answer(500, `<p>Before ${spelling} behind</p>`), 'X', {}, redactor(key))),
	],
	[
		'a page with status 200',
		(spelling, key) =>
			told(
				errorOf(() =>
					readJson(answer(200, `<p>Authorization: Before ${spelling} behind</p>`), redactor(key)),
				),
			),
	],
	[
		'JSON of another shape',
		(spelling, key) => told(unexpectedResponse({ why: [`Before ${spelling} behind`] }, 200, redactor(key))),
	],
];

describe.each(Object.entries(KEYS))('a key such as %s', (_, key) => {
	describe.each(ANSWERS)('in %s', (__, messageFor) => {
		test.each(Object.keys(SPELLINGS))('is hidden: %s', (name) => {
			const spelling = SPELLINGS[name](key);
			const message = messageFor(spelling, key);
			expect(shownOf(message, spelling)).toEqual([]);
			expect(message).toContain('[hidden]');
			expect(message).toContain('Before');
		});
	});
});

describe('what is hidden', () => {
	const redact = redactor(KEYS.laravel);

	test('is the key alone: the words around it stay', () => {
		expect(redact(`Unknown token "${KEYS.laravel}", try again`)).toBe('Unknown token "[hidden]", try again');
		expect(redact(`${KEYS.laravel}/${KEYS.laravel}`)).toBe('[hidden]/[hidden]');
	});

	test('is in one place where several spellings lie over one another', () => {
		expect(redact(`a ${KEYS.laravel}${KEYS.laravel} b`)).toBe('a [hidden] b');
		const aba = redactor('abab-abab');
		expect(aba('x abab-abab-abab y')).toBe('x [hidden] y');
	});

	test('leaves a text alone that does not hold it', () => {
		const texts = [
			'',
			'{"message":"limit must not be greater than 5000"}',
			'100 % of &amp; \\n \\u00e9 %41 ærø 🚗',
			KEYS.laravel.slice(0, 20),
			'12|',
		];
		for (const text of texts) expect(redact(text)).toBe(text);
	});

	test('is a short key as well, without what would be other words', () => {
		const short = redactor('key');
		expect(short('the KEY is k\ney, not k-ey')).toBe('the [hidden] is [hidden], not k-ey');
		expect(short('Basic a2V5')).toBe('Basic a2V5');
	});

	test('is whatever follows the word Bearer', () => {
		expect(redact('Authorization: bearer  abc.def-ghi, next')).toBe('Authorization: bearer [hidden] next');
	});
});

test('a key is hidden behind what could be the first half of an escape', () => {
	const redact = redactor('0!!!!!!!!!');
	expect(redact('%0 0%21%21%21%21%21%21%21%21%21 %0')).toBe('%0 [hidden] %0');
	expect(redact('%0 0!!!!!!!!!')).toBe('%0 [hidden]');
});

test('a key is hidden however its characters are written, one by one', () => {
	const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
	const writers = [
		(letter: string) => `%${letter.charCodeAt(0).toString(16)}`,
		(letter: string) => `&#${letter.charCodeAt(0)};`,
		(letter: string) => `&#x${letter.charCodeAt(0).toString(16)};`,
		(letter: string) => `\\u00${letter.charCodeAt(0).toString(16)}`,
		(letter: string) => ` ${letter}`,
		(letter: string) => letter.toUpperCase(),
	];
	fc.assert(
		fc.property(
			// Escapes of its own would be decoded with those around them.
			fc.array(character, { minLength: 10, maxLength: 40 }).filter((key) => !/[%&\\]/.test(key.join(''))),
			fc.array(fc.integer({ min: 0, max: writers.length - 1 }), { minLength: 40, maxLength: 40 }),
			fc.string(),
			(letters, choice, around) => {
				const key = letters.join('');
				const spelling = letters.map((letter, index) => writers[choice[index]](letter)).join('');
				// A space, so that no escape begins in front of it.
				const text = redactor(key)(`${around} ${spelling} ${around}`);
				expect(text).toContain('[hidden]');
				expect(text.length).toBeLessThanOrEqual(2 * around.length + 2 + '[hidden]'.length * 3);
			},
		),
		{ numRuns: 500 },
	);
});

describe('of a long answer', () => {
	test('the first 200 characters are shown, on one line', () => {
		const redact = redactor(KEYS.plain);
		expect(beginningOf(`  \n a\t\n b${'x'.repeat(300)}`, redact)).toBe(`a b${'x'.repeat(197)}…`);
		expect(beginningOf('y'.repeat(200), redact)).toBe('y'.repeat(200));
		expect(beginningOf(`${'z'.repeat(300_000)}`, redact)).toBe(`${'z'.repeat(200)}…`);
	});

	test.each(['as it is', 'percent-encoded character by character', 'JSON with code points', 'base64'])(
		'no part of a key is shown that is cut in two where no more is read: %s',
		(name) => {
			for (const key of [KEYS.plain, KEYS.laravel, KEYS.long]) {
				const spelling = SPELLINGS[name](key);
				for (let before = 1; before < spelling.length; before += Math.ceil(spelling.length / 40)) {
					for (const end of [16_384, 16_385]) {
						// Blanks are shown as one, so that what stands at the border is shown.
						const blanks = ' '.repeat(end - before - 1);
						const text = beginningOf(`x${blanks}${spelling}${' '.repeat(500_000)}`, redactor(key));
						expect(shownOf(text, spelling)).toEqual([]);
					}
				}
			}
		},
	);

	test.each(['as it is', 'percent-encoded', 'HTML with decimal numbers', 'base64 behind one byte'])(
		'no part of a key is shown that goes over the end of what is shown: %s',
		(name) => {
			for (const key of [KEYS.plain, KEYS.jwt, KEYS.long]) {
				const spelling = SPELLINGS[name](key);
				for (let before = 150; before <= 200; before++) {
					const text = beginningOf(`${'- '.repeat(before / 2)}${spelling} ${'z'.repeat(900)}`, redactor(key));
					expect(shownOf(text, spelling)).toEqual([]);
				}
			}
		},
	);

	test('nothing is shown where a key is longer than what is read', () => {
		const key = 'abcdefghij'.repeat(4000);
		expect(beginningOf(`<html>${key}`, redactor(key))).not.toContain('abcdef');
	});
});

// A pattern whose time grows with the square of the text would take hours here.
test.each([
	['percent signs', '%'],
	['half escapes', '\\u{000'],
	['zeros in an entity', '&#x0000'],
	['ampersands', '&amp'],
	['backslashes', '\\'],
	['blanks behind Bearer', 'bearer      '],
	['the first half of the key', KEYS.plain.slice(0, -1)],
	['one character', 'K'],
	['the key', KEYS.plain],
	['blanks', ' '],
])('takes its time by the length of a text alone: %s', (_, piece) => {
	const redact = redactor(KEYS.plain);
	const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
	expect(redact(text).length).toBeLessThanOrEqual(text.length + 1_000_000);
	expect(beginningOf(text, redact).length).toBeLessThanOrEqual(201);
});

describe('JSON of which the beginning is shown', () => {
	test('is the same as all of it, where that is short', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				expect(jsonBeginningOf(value)).toBe(JSON.stringify(value));
			}),
		);
	});

	test('ends early where it is long or deep, and is no error', () => {
		const nested = (depth: number, open: string, close: string) =>
			JSON.parse(open.repeat(depth) + '1' + close.repeat(depth)) as object;
		for (const depth of [1000, 100_000]) {
			expect(jsonBeginningOf(nested(depth, '[', ']'))).toBe(`${'['.repeat(50)}…${']'.repeat(50)}`);
			expect(jsonBeginningOf(nested(depth, '{"a":', '}'))).toContain('{"a":{"a":');
		}
		const long = Array.from({ length: 1_000_000 }, (_, index) => ({ index, text: 'x'.repeat(100) }));
		const text = jsonBeginningOf(long);
		expect(JSON.stringify(long.slice(0, 1000)).startsWith(text.slice(0, 16_384))).toBe(true);
		expect(text.length).toBeGreaterThan(16_384);
		expect(text.length).toBeLessThan(17_000);
		expect(jsonBeginningOf({ ['n'.repeat(1_000_000)]: 'v'.repeat(1_000_000) }).length).toBeLessThan(40_000);
	});
});
