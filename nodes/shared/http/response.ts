import { ApiError, type FailureCause } from '../util/errors';
import { beginningOf, jsonBeginningOf, type Redact } from './redact';
import type { HttpResponse, IncompleteResponse } from './retry';
import { parseUrl } from './url';

export { redactor, type Redact } from './redact';

/** What a person should do about a status; the vendor's own wording where it has one. */
export type Advice = Partial<Record<number, string>>;

/** UTF-8 as text. */
export type Decode = (body: Buffer) => string;

/** Bytes that are decoded at once: as text they lie among V8's other young objects. */
const PIECE = 16 * 1024;

/**
 * Decodes for lists. A long text that is made at once lies outside V8's heap, and after every 64 MB of such texts all of the heap
 * is collected. What that takes in n8n is in docs/performance.md.
 */
export const decodeInPieces: Decode = (body) => {
	let text = '';
	for (let at = 0; at < body.length;) {
		let end = at + PIECE;
		// Not in the middle of a character, which has three more bytes at the most.
		for (let more = 0; more < 3 && isInside(body[end]); more++) end++;
		text += body.toString('utf8', at, end);
		at = end;
	}
	return text;
};

/** Whether a byte goes on with a character of UTF-8 that began before it. */
function isInside(byte: number | undefined): boolean {
	return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Decodes for exports: that the heap is collected often is what keeps their memory small. */
export const decodeAtOnce: Decode = (body) => body.toString('utf8');

/** UTF-8, and ASCII, which is part of it. */
const UTF8_NAMES = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/** The character set that an answer is in, in lower case: by its byte order mark, else as its header names it. */
function charsetOf({ headers, body }: HttpResponse): string {
	if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
	if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
	const named = /charset\s*=\s*["']?([^\s"';,]+)/i.exec(String(headers['content-type'] ?? ''));
	const name = named?.[1].toLowerCase() ?? 'utf-8';
	return UTF8_NAMES.includes(name) ? 'utf-8' : name;
}

/** Bytes as text in a character set; `undefined` where no such set is known, and with `fatal` where one byte is not in it. */
function decodeAs(charset: string, body: Buffer, fatal = false): string | undefined {
	try {
		return new TextDecoder(charset, { fatal }).decode(body);
	} catch {
		return undefined;
	}
}

/** The text of an answer as far as it can be read, for a message. */
export function textForMessage(answer: HttpResponse): string {
	return decodeAs(charsetOf(answer), answer.body) ?? decodeAtOnce(answer.body);
}

/**
 * Reads a 2xx answer as a JSON object or array.
 *
 * An answer that is labelled with another character set than UTF-8 is read as UTF-8 where it is valid UTF-8: JSON is UTF-8
 * (RFC 8259), and servers name the wrong one by default. Else it is read as labelled.
 *
 * @param decode Makes text of its bytes.
 * @returns IncompleteResponse when it is labelled as JSON and does not parse: it was cut off on its way.
 * @throws ApiError when it is something else, a login page for example: with the first 200 characters of it; and when it is in
 * a character set that cannot be read.
 */
export function readJson(
	answer: HttpResponse,
	redact: Redact,
	decode: Decode = decodeInPieces,
): object | IncompleteResponse {
	const charset = charsetOf(answer);
	let text = charset === 'utf-8' ? decode(answer.body) : decodeAs('utf-8', answer.body, true);
	let content = parse(text ?? '');
	if (content === undefined && charset !== 'utf-8') {
		text = decodeAs(charset, answer.body) ?? text;
		content = parse(text ?? '');
	}
	if (text === undefined) throw unreadableCharset(charset, answer.status, redact);
	if (typeof content === 'object' && content !== null) return content;
	const saysJson = /json/i.test(String(answer.headers['content-type'] ?? ''));
	if (content === undefined && saysJson && text !== '')
		return { incomplete: 'its JSON breaks off in the middle' };
	throw unexpectedResponse(text, answer.status, redact);
}

/**
 * Reads a 2xx response that may hold nothing: 202, 204, or any other without a body.
 *
 * @returns IncompleteResponse as {@link readJson} does.
 * @throws ApiError as {@link readJson} does.
 */
export function readOptionalJson(
	response: HttpResponse,
	redact: Redact,
	decode?: Decode,
): { content?: object } | IncompleteResponse {
	if (textForMessage(response).trim() === '') return {};
	const content = readJson(response, redact, decode);
	return 'incomplete' in content ? (content as IncompleteResponse) : { content };
}

function unreadableCharset(charset: string, status: number, redact: Redact): ApiError {
	return new ApiError(
		`The API answered in the character set "${beginningOf(charset, redact)}", which cannot be read`,
		{
			advice:
				'The documented one is UTF-8. Check the base URL in the credential, and any proxy on the way; else report it to the vendor.',
			status,
		},
	);
}

/**
 * The records of an answer, for example of `{ "data": [...] }`.
 *
 * @param key Where the list stands.
 * @throws ApiError when there is no list of objects.
 */
export function recordsIn<T extends object>(answer: object, key: string, redact: Redact): T[] {
	const records = (answer as Record<string, unknown>)[key];
	if (Array.isArray(records) && records.every(isObject)) return records as T[];
	throw unexpectedResponse(answer, 200, redact);
}

/** An object that is no list and not null. */
export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The answer is a success and not what the documentation says it is.
 *
 * @param content Its text, or what was in its JSON.
 */
export function unexpectedResponse(
	content: string | object,
	status: number,
	redact: Redact,
	documented = 'JSON',
): ApiError {
	const text = typeof content === 'string' ? content : jsonBeginningOf(content);
	return new ApiError(`The API answered with something else than the documented ${documented}`, {
		advice: `Check the base URL in the credential. The answer begins: ${beginningOf(text, redact) || '(nothing)'}`,
		status,
		failure: 'configuration-invalid',
	});
}

/**
 * Says what a status other than 2xx means for the person at the canvas.
 *
 * @param advice The vendor's own advice per status.
 */
export function statusError(answer: HttpResponse, vendor: string, advice: Advice, redact: Redact): ApiError {
	const { status, headers } = answer;
	const details = (general: string, failure?: FailureCause) => {
		const serverWords = saidByServer(textForMessage(answer), redact);
		const words = [advice[status] ?? general, serverWords].filter(Boolean).join(' ');
		return { advice: words, status, failure, serverWords };
	};
	if (status >= 300 && status < 400) {
		const target = String(headers.location ?? '');
		const url = parseUrl(target);
		const host = url ? beginningOf(url.host, redact) : 'another address';
		return new ApiError(`${vendor} answered with a redirect to ${host}, which was not followed`, {
			advice: 'Check the base URL in the credential. The key is never sent to another address.',
			status,
			failure: 'configuration-invalid',
		});
	}
	switch (status) {
		case 401:
		case 403:
			return new ApiError(
				`${vendor} refused the credential (HTTP ${status})`,
				details('Check the key in the credential and what it is allowed to read.', 'credential-invalid'),
			);
		case 404:
			return new ApiError(
				`${vendor} has nothing under this ID or address (HTTP 404)`,
				details(
					'Check the ids and the base URL, and that the credential belongs to the account which owns the data.',
				),
			);
		case 407:
			return new ApiError(
				`The proxy on the way to ${vendor} asks for a login (HTTP 407)`,
				details(
					"Check the proxy settings of n8n (HTTP_PROXY, HTTPS_PROXY): the proxy's address takes a user name and a password, as in http://user:password@proxy:3128.",
					'configuration-invalid',
				),
			);
		case 429:
			return new ApiError(
				`${vendor} is receiving too many requests (HTTP 429)`,
				details('Run less often, ask for larger pages, or wait a minute.', 'rate-limited'),
			);
		default:
			if (status >= 500 || status === 408) {
				return new ApiError(
					`${vendor} could not answer (HTTP ${status})`,
					details('Try again later.', 'temporarily-unavailable'),
				);
			}
			return new ApiError(
				`${vendor} did not accept the request (HTTP ${status})`,
				details('Check the parameters of the node.'),
			);
	}
}

/** The server's own words, wherever it puts them; error bodies are documented loosely, so they are read loosely. */
function saidByServer(text: string, redact: Redact): string {
	const body = parse(text) as Record<string, unknown> | undefined;
	const errors = body?.errors;
	const inErrors = isObject(errors)
		? Object.entries(errors).map(([field, messages]) => `${field}: ${wordsIn(messages).join(' ')}`)
		: wordsIn(errors);
	const serverWords = [...wordsIn(body?.error), ...wordsIn(body?.message), ...inErrors];
	const begin =
		serverWords.length > 0
			? beginningOf([...new Set(serverWords)].join(' / '), redact)
			: beginningOf(text, redact);
	return begin && `The server said: ${begin}`;
}

/** A text, the texts of a list, or those that an object has as its message. */
function wordsIn(given: unknown): string[] {
	return [given]
		.flat()
		.flatMap((entry) => (isObject(entry) ? (entry.message ?? entry.detail) : entry))
		.filter((word): word is string => typeof word === 'string' && word !== '');
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
	} catch {
		return undefined;
	}
}
