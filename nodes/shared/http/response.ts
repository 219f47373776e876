import { ApiError, type FailureCause } from '../util/errors';
import { beginningOf, jsonBeginningOf, type Redact } from './redact';
import type { HttpResponse, IncompleteResponse } from './retry';
import { parseUrl } from './url';

export { redactor, type Redact } from './redact';

/** The vendor's advice for a person, per HTTP status. */
export type Advice = Partial<Record<number, string>>;

/** Decodes UTF-8. */
export type Decode = (body: Buffer) => string;

/** Bytes that are decoded at once. Text of this size is allocated among V8's young objects. */
const PIECE_BYTES = 16 * 1024;

/**
 * Decodes responses of lists. A long text that is decoded at once lies outside V8's heap, and V8 collects the whole heap after
 * every 64 MB of such texts. docs/performance.md has the cost in n8n.
 */
export const decodeInPieces: Decode = (body) => {
	let text = '';
	for (let at = 0; at < body.length;) {
		let end = at + PIECE_BYTES;
		// A character has at most three more bytes. It must not be split.
		for (let more = 0; more < 3 && isInside(body[end]); more++) end++;
		text += body.toString('utf8', at, end);
		at = end;
	}
	return text;
};

/** Whether a byte continues a UTF-8 character. */
function isInside(byte: number | undefined): boolean {
	return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** An export has V8 collect its whole heap after this many bytes of responses: eight pages of a thousand records. */
const COLLECTION_INTERVAL_BYTES = 16 * 2 ** 20;

/** V8 collects its whole heap once the memory outside of it has grown by this much (measured in Node.js 24). */
const EXTERNAL_GROWTH_BYTES = 64 * 2 ** 20;

/**
 * Creates the decoder of an export's responses. Without it, V8 lets its heap grow to several times its size before it collects all
 * of it. docs/performance.md has the memory of both.
 */
export function collectingDecoder(): Decode {
	let bytes = 0;
	return (body) => {
		bytes += body.length;
		if (bytes >= COLLECTION_INTERVAL_BYTES) {
			bytes = 0;
			haveHeapCollected();
		}
		return decodeInPieces(body);
	};
}

/** Reserves memory outside of the heap. It is never written to, so it takes none of the machine. */
function haveHeapCollected(): void {
	try {
		new ArrayBuffer(EXTERNAL_GROWTH_BYTES);
	} catch {
		// Where that much cannot be reserved, V8 has collected its heap to try.
	}
}

/** Names of UTF-8 and of ASCII, which is a part of UTF-8. */
const UTF8_NAMES = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/** The character set of a response, in lower case: from its byte order mark, otherwise from its header. */
function charsetOf({ headers, body }: HttpResponse): string {
	if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
	if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
	const named = /charset\s*=\s*["']?([^\s"';,]+)/i.exec(String(headers['content-type'] ?? ''));
	const name = named?.[1].toLowerCase() ?? 'utf-8';
	return UTF8_NAMES.includes(name) ? 'utf-8' : name;
}

/** Decodes bytes. Returns `undefined` for an unknown character set and, with `fatal`, for bytes that are not valid in it. */
function decodeAs(charset: string, body: Buffer, fatal = false): string | undefined {
	try {
		return new TextDecoder(charset, { fatal }).decode(body);
	} catch {
		return undefined;
	}
}

/** The text of a response for a message, as far as it can be read. */
export function textForMessage(response: HttpResponse): string {
	return decodeAs(charsetOf(response), response.body) ?? response.body.toString('utf8');
}

/**
 * Reads a 2xx response as a JSON object or array.
 *
 * JSON is UTF-8 (RFC 8259), and servers often name a wrong default. So a response that names another character set is read as
 * UTF-8 if it is valid UTF-8, and otherwise in the character set that it names.
 *
 * @param decode Decodes its bytes.
 * @returns IncompleteResponse if it is labeled as JSON and does not parse: it was cut off.
 * @throws ApiError with the first 200 characters if it is something else, for example a login page, and if its character set is
 * unknown.
 */
export function readJson(
	response: HttpResponse,
	redact: Redact,
	decode: Decode = decodeInPieces,
): object | IncompleteResponse {
	const charset = charsetOf(response);
	let text = charset === 'utf-8' ? decode(response.body) : decodeAs('utf-8', response.body, true);
	let content = parse(text ?? '');
	if (content === undefined && charset !== 'utf-8') {
		text = decodeAs(charset, response.body) ?? text;
		content = parse(text ?? '');
	}
	if (text === undefined) throw unreadableCharset(charset, response.status, redact);
	if (typeof content === 'object' && content !== null) return content;
	const saysJson = /json/i.test(String(response.headers['content-type'] ?? ''));
	if (content === undefined && saysJson && text !== '')
		return { incomplete: 'its JSON breaks off in the middle' };
	throw unexpectedResponse(text, response.status, redact);
}

/**
 * Reads a 2xx response that may be empty: 202, 204, or any other without a body.
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
		`The API responded in the character set "${beginningOf(charset, redact)}", which cannot be read`,
		{
			advice:
				'The documented one is UTF-8. Check the base URL in the credential, and any proxy on the way; else report it to the vendor.',
			status,
		},
	);
}

/**
 * The records of a response, for example of `{ "data": [...] }`.
 *
 * @param key The key of the list.
 * @throws ApiError if the key holds no list of objects.
 */
export function recordsIn<T extends object>(response: object, key: string, redact: Redact): T[] {
	const records = (response as Record<string, unknown>)[key];
	if (Array.isArray(records) && records.every(isObject)) return records as T[];
	throw unexpectedResponse(response, 200, redact);
}

/** Whether a value is an object, and neither a list nor null. */
export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The error for a 2xx response that differs from the documentation.
 *
 * @param content The text of the response, or its parsed JSON.
 */
export function unexpectedResponse(
	content: string | object,
	status: number,
	redact: Redact,
	documented = 'JSON',
): ApiError {
	const text = typeof content === 'string' ? content : jsonBeginningOf(content);
	return new ApiError(`The API responded with something other than the documented ${documented}`, {
		advice: `Check the base URL in the credential. The response begins: ${beginningOf(text, redact) || '(nothing)'}`,
		status,
		failure: 'configuration-invalid',
	});
}

/**
 * The error for a status other than 2xx, in words for the user.
 *
 * @param advice The vendor's advice, which replaces the general one.
 */
export function statusError(
	response: HttpResponse,
	vendor: string,
	advice: Advice,
	redact: Redact,
): ApiError {
	const { status, headers } = response;
	const details = (general: string, failure?: FailureCause) => {
		const serverWords = serverMessage(textForMessage(response), redact);
		const words = [advice[status] ?? general, serverWords].filter(Boolean).join(' ');
		return { advice: words, status, failure, serverWords };
	};
	if (status >= 300 && status < 400) {
		const target = String(headers.location ?? '');
		const url = parseUrl(target);
		const host = url ? beginningOf(url.host, redact) : 'another address';
		return new ApiError(`${vendor} responded with a redirect to ${host}, which was not followed`, {
			advice:
				advice[status] ?? 'Check the base URL in the credential. The key is never sent to another address.',
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
					'Check the IDs and the base URL, and that the credential belongs to the account which owns the data.',
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
				details('Run less often, request larger pages, or wait a minute.', 'rate-limited'),
			);
		default:
			if (status >= 500 || status === 408) {
				return new ApiError(
					`${vendor} could not process the request (HTTP ${status})`,
					details('Try again later.', 'temporarily-unavailable'),
				);
			}
			return new ApiError(
				`${vendor} did not accept the request (HTTP ${status})`,
				details('Check the parameters of the node.'),
			);
	}
}

/** The error message in a response body. It can stand at several keys, since vendors hardly document error bodies. */
function serverMessage(text: string, redact: Redact): string {
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

/** The texts in a value: a text, a list of texts, or objects with a `message` or a `detail`. */
function wordsIn(value: unknown): string[] {
	return [value]
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
