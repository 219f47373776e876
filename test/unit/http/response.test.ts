import * as fc from 'fast-check';

import { ApiError } from '../../../nodes/shared/util/errors';
import {
	collectingDecoder,
	decodeInPieces,
	isObject,
	readJson,
	recordsIn,
	redactor,
	statusError,
	unexpectedResponse,
} from '../../../nodes/shared/http/response';
import type { HttpResponse } from '../../../nodes/shared/http/retry';

const SECRET = 'k3y.with+special*chars?';
const redact = redactor(SECRET);

function answer(status: number, body: unknown, headers: Record<string, unknown> = {}): HttpResponse {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return { status, headers, body: Buffer.from(text) };
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const textOf = (error: ApiError) => `${error.message} ${error.details.advice}`;
const errorFor = (status: number, body: unknown, headers = {}) =>
	statusError(answer(status, body, headers), 'Spirii', {}, redact);

function errorOf(run: () => unknown): ApiError {
	try {
		run();
	} catch (error) {
		expect(error).toBeInstanceOf(ApiError);
		return error as ApiError;
	}
	throw new Error('was accepted');
}

describe('a successful answer', () => {
	describe.each([
		['a list', decodeInPieces],
		['an export', collectingDecoder()],
	])('for %s', (_, decode) => {
		it('is read as the JSON object or list that it is, with or without a byte order mark', () => {
			expect(readJson(answer(200, { data: [1] }), redact, decode)).toEqual({ data: [1] });
			expect(readJson(answer(200, '[{"id":1}]'), redact, decode)).toEqual([{ id: 1 }]);
			expect(readJson(answer(201, '\uFEFF{"name":"Ærø ⚡"}'), redact, decode)).toEqual({ name: 'Ærø ⚡' });
		});

		// A list decodes a long answer piece by piece; a character may be cut anywhere.
		it.each([0, 1, 2, 3])(
			'keeps characters of several bytes anywhere in a long answer: %i bytes on',
			(shift) => {
				const names = [`${'-'.repeat(shift)}${'Ærø 充电 ⚡ 🚗'.repeat(100_000)}`];
				expect(readJson(answer(200, { names }), redact, decode)).toEqual({ names });
			},
		);
	});

	it('is the same text in pieces as at once, whatever bytes lie where it is cut', () => {
		const bytes = fc.oneof(
			fc.constantFrom('a', 'ø', '电', '🚗').map((character) => [...Buffer.from(character)]),
			fc.integer({ min: 0x80, max: 0xff }).map((byte) => [byte]),
		);
		fc.assert(
			fc.property(fc.array(bytes, { maxLength: 6 }), fc.integer({ min: -12, max: 4 }), (end, shift) => {
				const body = Buffer.concat([Buffer.alloc(16 * 1024 + shift, 'a'), Buffer.from(end.flat())]);
				expect(decodeInPieces(body)).toBe(body.toString('utf8'));
			}),
			{ numRuns: 3000 },
		);
	});

	it('that is labelled as JSON and breaks off counts as no answer, to be asked for again', () => {
		const cut = answer(200, '{"data":[{"id":1},{"id"', JSON_TYPE);
		expect(readJson(cut, redact)).toEqual({ incomplete: 'its JSON breaks off in the middle' });
	});

	it.each([
		['a login page', '<!doctype html><title>Sign in</title>', '<!doctype html><title>Sign in</title>'],
		['a login page labelled as JSON', '"<html>"', '"<html>"'],
		['a word', 'OK', 'OK'],
		['a number', '42', '42'],
		['null', 'null', 'null'],
		['nothing', '', '(nothing)'],
	])('that is %s is an error which shows it', (_, body, begins) => {
		const type = body.startsWith('"') ? JSON_TYPE : { 'content-type': 'text/html' };
		const error = errorOf(() => readJson(answer(200, body, type), redact));
		expect(error.message).toBe('The API responded with something other than the documented JSON');
		expect(error.details.advice).toContain(`The response begins: ${begins}`);
		expect(error.details).toMatchObject({ status: 200, failure: 'configuration-invalid' });
	});

	it('that is empty is an error even when it is labelled as JSON', () => {
		expect(errorOf(() => readJson(answer(200, '', JSON_TYPE), redact)).details.advice).toContain('(nothing)');
	});
});

describe('an answer in another character set', () => {
	const NAME = 'Søllerødgade 1, Ærø';
	const latin1 = Buffer.from(`{"data":[{"name":"${NAME}"}]}`, 'latin1');
	const utf8 = Buffer.from(`{"data":[{"name":"${NAME}"}]}`);
	const utf16 = Buffer.from(`{"data":[{"name":"${NAME}"}]}`, 'utf16le');
	const bigEndian = Buffer.from(utf16).swap16();
	const mark = (bytes: Buffer, ...first: number[]) => Buffer.concat([Buffer.from(first), bytes]);
	const typed = (type: string, body: Buffer, status = 200): HttpResponse => ({
		status,
		headers: { 'content-type': type },
		body,
	});

	it.each([
		['application/json; charset=iso-8859-1', latin1],
		['application/json;charset="ISO-8859-1"', latin1],
		["application/json; charset = 'latin1'; q=1", latin1],
		['application/json; charset=windows-1252', latin1],
		['text/plain; charset=iso-8859-15', latin1],
		['application/json; charset=utf-16le', utf16],
		['application/json; charset=utf-16', utf16],
		['application/json; charset=utf-16be', bigEndian],
		['application/json; charset=utf-16', mark(utf16, 0xff, 0xfe)],
		['application/json; charset=utf-16', mark(bigEndian, 0xfe, 0xff)],
		['application/json', mark(utf16, 0xff, 0xfe)],
		['application/json; charset=utf-8', mark(bigEndian, 0xfe, 0xff)],
		['application/json; charset=utf-8', utf8],
		['application/json; charset=UTF8', utf8],
		['application/json; charset=us-ascii', utf8],
		['application/json; charset=utf-8', mark(utf8, 0xef, 0xbb, 0xbf)],
		['application/json; charset=', utf8],
		// A server's default for everything, and JSON is UTF-8 all the same.
		['application/json; charset=iso-8859-1', utf8],
		['application/json; charset=iso-8859-1', mark(utf8, 0xef, 0xbb, 0xbf)],
		['application/json; charset=klingon', utf8],
	])('has the right letters: %s', (type, body) => {
		for (const decode of [decodeInPieces, collectingDecoder()]) {
			expect(readJson(typed(type, body), redact, decode)).toEqual({ data: [{ name: NAME }] });
		}
	});

	it.each([
		['klingon', 'klingon'],
		['utf-32', 'utf-32'],
		[`x-${SECRET.slice(0, -1)}%3F`, 'x-[hidden]'],
	])('that cannot be read is an error which names it: %s', (charset, named) => {
		const error = errorOf(() => readJson(typed(`application/json; charset=${charset}`, latin1), redact));
		expect(error.message).toBe(`The API responded in the character set "${named}", which cannot be read`);
		expect(error.details.advice).toContain('The documented one is UTF-8.');
	});

	it('counts as no answer where it breaks off', () => {
		for (const [charset, bytes] of [
			['iso-8859-1', latin1],
			['utf-16le', utf16],
		] as const) {
			const cut = typed(`application/json; charset=${charset}`, bytes.subarray(0, -5));
			expect(readJson(cut, redact)).toEqual({ incomplete: 'its JSON breaks off in the middle' });
		}
	});

	it('has the right letters in messages', () => {
		const page = typed('text/html; charset=iso-8859-1', Buffer.from('<p>Fejl på Ærø</p>', 'latin1'), 500);
		expect(statusError(page, 'Spirii', {}, redact).details.advice).toContain('said: <p>Fejl på Ærø</p>');
		expect(errorOf(() => readJson(page, redact)).details.advice).toContain('begins: <p>Fejl på Ærø</p>');
		const unknown = typed('text/html; charset=klingon', Buffer.from('<p>Ærø</p>'), 500);
		expect(statusError(unknown, 'Spirii', {}, redact).details.advice).toContain('said: <p>Ærø</p>');
	});
});

describe('the records of an answer', () => {
	it('are the objects in its list', () => {
		expect(recordsIn({ data: [{ id: 1 }, {}] }, 'data', redact)).toEqual([{ id: 1 }, {}]);
		expect(recordsIn({ data: [] }, 'data', redact)).toEqual([]);
	});

	it.each([
		[{}],
		[{ data: null }],
		[{ data: {} }],
		[{ data: 'x' }],
		[{ data: [1] }],
		[{ data: [null] }],
		[[]],
	])('are not to be found in %j, which is an error', (body) => {
		expect(errorOf(() => recordsIn(body, 'data', redact)).details.advice).toContain(JSON.stringify(body));
	});

	it('are told from lists and null', () => {
		expect([{}, [], null, 'a', undefined].map(isObject)).toEqual([true, false, false, false, false]);
	});
});

describe('what was unexpected', () => {
	it('is shown up to 200 characters, on one line', () => {
		const { advice } = unexpectedResponse(`a\n\t b${'x'.repeat(300)}`, 200, redact).details;
		expect(advice).toMatch(/The response begins: a bx{197}…$/);
		const exact = unexpectedResponse('y'.repeat(200), 200, redact).details;
		expect(exact.advice).toMatch(/The response begins: y{200}$/);
	});

	it('can be another format than JSON', () => {
		expect(unexpectedResponse('{}', 200, redact, 'CSV').message).toContain('the documented CSV');
	});
});

describe('a status', () => {
	it.each([
		[400, 'did not accept the request', undefined],
		[401, 'refused the credential', 'credential-invalid'],
		[403, 'refused the credential', 'credential-invalid'],
		[404, 'has nothing under this ID or address', undefined],
		[405, 'did not accept the request', undefined],
		[408, 'could not process the request', 'temporarily-unavailable'],
		[410, 'did not accept the request', undefined],
		[422, 'did not accept the request', undefined],
		[429, 'is receiving too many requests', 'rate-limited'],
		[500, 'could not process the request', 'temporarily-unavailable'],
		[503, 'could not process the request', 'temporarily-unavailable'],
	])('of %i says that the vendor %s', (status, says, failure) => {
		const error = errorFor(status, '');
		expect(error.message).toBe(`Spirii ${says} (HTTP ${status})`);
		expect(error.details.status).toBe(status);
		expect(error.details.failure).toBe(failure);
		expect(error.details.advice).not.toBe('');
	});

	it('of 407 is the proxy, not the vendor and not the node', () => {
		const error = errorFor(407, '<h1>Proxy Authentication Required</h1>');
		expect(error.message).toBe('The proxy on the way to Spirii asks for a login (HTTP 407)');
		expect(error.details.advice).toContain('Check the proxy settings of n8n (HTTP_PROXY, HTTPS_PROXY)');
		expect(error.details.advice).not.toContain('parameters');
		expect(error.details).toMatchObject({ status: 407, failure: 'configuration-invalid' });
	});

	it('has the advice of the vendor where there is one', () => {
		const own = { 403: 'Ask Spirii for access.' };
		const error = (status: number) => statusError(answer(status, ''), 'Spirii', own, redact).details.advice;
		expect(error(403)).toBe('Ask Spirii for access.');
		expect(error(401)).toContain('Check the key');
	});

	it.each([
		['https://login.example.com:8443/x?key=1', 'to login.example.com:8443,'],
		[`https://user:${encodeURIComponent(SECRET)}@evil.example.com/`, 'to evil.example.com,'],
		['/login', 'to another address,'],
		[undefined, 'to another address,'],
	])('of a redirect names only the host of %s', (location, says) => {
		const error = errorFor(302, '<html>moved</html>', { location });
		expect(error.message).toBe(`Spirii responded with a redirect ${says} which was not followed`);
		expect(error.details).toMatchObject({ status: 302, failure: 'configuration-invalid' });
		expect(textOf(error)).not.toContain(SECRET);
	});
});

test.each(['KEY-0123456789', 'abc.DEF-123', '12|abcdefghij'])(
	'a redirect to a host with the key %s in its name is told without it',
	(key) => {
		const host = `x.${key.slice(key.indexOf('|') + 1)}.evil.example.com`;
		const { message } = statusError(
			answer(302, '', { location: `https://${host}/login` }),
			'Spirii',
			{},
			redactor(key),
		);
		expect(message).toBe(
			'Spirii responded with a redirect to x.[hidden].evil.example.com, which was not followed',
		);
	},
);

describe('the server is quoted', () => {
	it.each([
		['a message', { message: 'limit must not be greater than 5000' }, 'limit must not be greater than 5000'],
		['several messages', { message: ['a is wrong', 'b is wrong'] }, 'a is wrong / b is wrong'],
		['an error', { error: 'Unauthorized' }, 'Unauthorized'],
		['an error with a message', { error: { code: 7, message: 'No such id' } }, 'No such id'],
		['both, once each', { error: 'Bad Request', message: ['x', 'Bad Request'] }, 'Bad Request / x'],
		[
			'the fields of a validation',
			{
				message: 'The given data was invalid.',
				errors: { date_from: ['Wrong format.', 'Too old.'], limit: 'Too high.' },
			},
			'The given data was invalid. / date_from: Wrong format. Too old. / limit: Too high.',
		],
		['a list of errors', { errors: ['first', 'second'] }, 'first / second'],
		[
			'a list of errors with messages',
			{ errors: [{ code: 1, message: 'first' }, { detail: 'second' }] },
			'first / second',
		],
		['one text of errors', { errors: 'all wrong' }, 'all wrong'],
		['plain text', 'upstream  connect\nerror', 'upstream connect error'],
		['a page', '<html><h1>502</h1></html>', '<html><h1>502</h1></html>'],
		['a JSON text', '"nope"', '"nope"'],
		['JSON without words', { code: 17 }, '{"code":17}'],
		['null', 'null', 'null'],
	])('with %s', (_, body, said) => {
		expect(errorFor(400, body).details.advice).toBe(
			`Check the parameters of the node. The server said: ${said}`,
		);
	});

	it('with nothing where it said nothing', () => {
		expect(errorFor(400, '').details.advice).toBe('Check the parameters of the node.');
		expect(errorFor(400, '  \n').details.advice).toBe('Check the parameters of the node.');
	});

	it('up to 200 characters', () => {
		expect(errorFor(400, { message: 'm'.repeat(900) }).details.advice).toMatch(/said: m{200}…$/);
		expect(errorFor(500, 'h'.repeat(900)).details.advice).toMatch(/said: h{200}…$/);
	});

	it('whatever the shape of its JSON', () => {
		const words = fc.constantFrom('error', 'errors', 'message', 'toString', 'valueOf', 'a');
		const { tree } = fc.letrec((tie) => ({
			tree: fc.oneof(
				{ maxDepth: 4 },
				fc.jsonValue(),
				fc.array(tie('tree')),
				fc.dictionary(words, tie('tree')),
			),
		}));
		fc.assert(
			fc.property(tree, fc.integer({ min: 300, max: 599 }), (body, status) => {
				const error = errorFor(status, JSON.stringify(body));
				expect(error).toBeInstanceOf(ApiError);
				expect(error.details.advice?.length).toBeLessThan(500);
			}),
			{ numRuns: 1000 },
		);
	});
});

describe('the key is hidden', () => {
	const echoes = [
		`key ${SECRET} is wrong`,
		`${SECRET}${SECRET}`,
		`{"message":"${SECRET}"}`,
		`{"error":{"message":"Bearer ${SECRET}"}}`,
		`{"errors":{"${SECRET}":["${SECRET}"]}}`,
		`{"errors":["${SECRET}"]}`,
		`{"code":"${SECRET}"}`,
		`${'x'.repeat(190)}${SECRET}`,
		`<html>Authorization: Bearer ${SECRET}</html>`,
	];

	it.each(echoes)('in every error about %j', (body) => {
		const part = SECRET.slice(0, 6);
		for (const status of [302, 400, 401, 403, 404, 408, 422, 429, 500, 503]) {
			expect(textOf(errorFor(status, body, { location: body }))).not.toContain(part);
		}
		expect(textOf(unexpectedResponse(body, 200, redact))).not.toContain(part);
		expect(textOf(errorOf(() => readJson(answer(200, `${body}…`), redact)))).not.toContain(part);
		expect(textOf(errorOf(() => recordsIn({ other: body }, 'data', redact)))).not.toContain(part);
	});
});

it('an error body with 200,000 messages is read without a stack overflow', () => {
	const errors = Array.from({ length: 200_000 }, (_, index) => `m${index}`);
	expect(errorFor(400, { errors }).details.advice).toContain('The server said: m0 / m1 /');
});
