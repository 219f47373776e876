import {
	sleep,
	type IAdditionalCredentialOptions,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type ILoadOptionsFunctions,
	type IN8nHttpFullResponse,
	type IPollFunctions,
} from 'n8n-workflow';

import { ApiError } from '../util/errors';
import {
	decodeInPieces,
	readJson,
	readOptionalJson,
	redactor,
	statusError,
	type Decode,
	type Redact,
} from '../http/response';
import { wasNeverSent } from '../http/neverSent';
import { createSerialQueue } from '../http/serialQueue';
import { RateLimiters, type RateLimiter } from '../http/rateLimiter';
import {
	send,
	type ApiRequest,
	type SendOnce,
	type HttpResponse,
	type IncompleteResponse,
} from '../http/retry';
import type { Vendor } from './operation';

/** Sends requests to one vendor with one credential. */
export interface Client {
	getJson: (request: ApiRequest) => Promise<object>;
	/** Sends a request that may change something. `undefined` if the response is empty or its content is not expected. */
	send: (request: ApiRequest) => Promise<object | undefined>;
	getContent: <T extends object>(
		request: ApiRequest,
		read: (response: HttpResponse) => T | IncompleteResponse,
	) => Promise<T>;
	/** Reads something once for all items of the execution that have the same credential. What failed is read again. */
	once: <T>(key: string, read: () => Promise<T>) => Promise<T>;
	/** Of the credential, without a slash at its end. */
	baseUrl: string;
	/** The server's clock in milliseconds since 1970, as of its newest response. */
	clock: () => number | undefined;
	/** The hash secret of the credential, for driver data. */
	hashSecret: unknown;
	redact: Redact;
}

/** The default timeout of a response, in seconds. */
export const DEFAULT_TIMEOUT_S = 120;

/**
 * Opens a vendor's API. It reads the credential and sends nothing.
 *
 * @param options `itemIndex`: the input item, for expressions in the credential; `timeoutSeconds`: the timeout of one response;
 * `deadline`: the time by which the last response must have arrived, in milliseconds since 1970; `stop`: ends all waits and starts
 * no further request; `maxConcurrent`: the most requests that may be active at the same time; `limiters`: the rate
 * limiters of the execution; `decode`: decodes JSON responses.
 * @throws InputError if the credential cannot be used.
 */
export async function openClient(
	context: IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions,
	vendor: Vendor,
	{
		itemIndex = 0,
		timeoutSeconds: maxTimeoutSeconds = DEFAULT_TIMEOUT_S,
		deadline = Infinity,
		stop,
		maxConcurrent = Infinity,
		limiters = new RateLimiters(),
		decode = decodeInPieces,
	}: {
		itemIndex?: number;
		timeoutSeconds?: number;
		deadline?: number;
		stop?: AbortSignal;
		maxConcurrent?: number;
		limiters?: RateLimiters;
		decode?: Decode;
	} = {},
): Promise<Client> {
	const credential = await context.getCredentials<IDataObject>(vendor.credentialType, itemIndex);
	// Without this, n8n's helper reads the credential again, and always for the first item (n8n 1.123.81 and 2.41.1).
	const decrypted: IAdditionalCredentialOptions = {
		credentialsDecrypted: {
			id: '',
			name: '',
			type: vendor.credentialType,
			data: credential as ICredentialDataDecryptedObject,
		},
	};
	const baseUrl = vendor.baseUrl(credential);
	const secret = vendor.secret(credential);
	const redact = redactor(secret);
	const limiter = limiters.of(baseUrl, secret);
	limiter.maxConcurrent = maxConcurrent;
	const cancelSignal = 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;

	let clock: number | undefined;
	const timeLeft = () => Math.max(0, deadline - Date.now());
	const sendOnce: SendOnce = async (request) => {
		const timeoutSeconds = Math.min(maxTimeoutSeconds, Math.max(1, Math.ceil(timeLeft() / 1000)));
		const timedOut = { incomplete: `none came within ${timeoutSeconds} s` };
		// n8n's own timeout starts again with each byte, so a response that trickles in would never time out.
		const expired = AbortSignal.timeout(timeoutSeconds * 1000 + 100);
		try {
			const response = receive(
				context.helpers.httpRequestWithAuthentication.call(
					context,
					vendor.credentialType,
					toHttpRequest(request, baseUrl, timeoutSeconds),
					decrypted,
				) as Promise<IN8nHttpFullResponse>,
				expired,
			);
			// The race is for a boolean. The signal outlives the response, and a race for the response would keep its bytes in memory.
			const isInTime = await Promise.race([response.then(() => true), ended(expired)]);
			if (!isInTime) return timedOut;
			const { headers } = await response;
			clock = readServerDate(headers.date) ?? clock;
			return await response;
		} catch (error) {
			const final = error instanceof ApiError ? error : blockedByN8n(error);
			if (final) throw final;
			if (isTimeout(error)) return timedOut;
			return { incomplete: redact(describe(error)), neverSent: wasNeverSent(error) };
		}
	};
	const tools = {
		wait: async (milliseconds: number) => await waitUnless(milliseconds, [cancelSignal, stop]),
		random: Math.random,
		now: Date.now,
		timeLeft,
		limiter,
		checkCanceled: () => {
			if (cancelSignal?.aborted || stop?.aborted) throw new ApiError('The execution was canceled');
		},
		toError: (response: HttpResponse) => statusError(response, vendor.name, vendor.advice, redact),
	};
	const queue = createSerialQueue(
		async () => await sleep(0),
		() => limiter.activeCount === 0,
	);
	const getContent: Client['getContent'] = async (request, read) =>
		await send(request, sendOnce, async (response) => await queue(() => read(response)), tools);
	return {
		getJson: async (request) => await getContent(request, (response) => readJson(response, redact, decode)),
		send: async (request) => {
			const read = (response: HttpResponse) =>
				request.expects === 'none' ? {} : readOptionalJson(response, redact, decode);
			return (await getContent<{ content?: object }>(request, read)).content;
		},
		getContent,
		once: onceFor(limiter),
		baseUrl,
		clock: () => clock,
		hashSecret: credential.hashSecret,
		redact,
	};
}

/** What was read once, by rate limiter: there is one for each execution and credential. */
const readings = new WeakMap<RateLimiter, Map<string, Promise<unknown>>>();

function onceFor(limiter: RateLimiter): Client['once'] {
	const known = readings.get(limiter) ?? new Map<string, Promise<unknown>>();
	readings.set(limiter, known);
	return async <T>(key: string, read: () => Promise<T>) => {
		const reading = known.get(key) ?? read();
		known.set(key, reading);
		reading.catch(() => known.delete(key));
		return (await reading) as T;
	};
}

function readServerDate(header: unknown): number | undefined {
	const date = Date.parse(String(header ?? ''));
	return Number.isNaN(date) ? undefined : date;
}

/**
 * Converts a request to the form of n8n's HTTP helper.
 *
 * n8n deletes the body of a request with the method GET, but sends it if the method is left out (n8n-core 1.97.0 to 2.41.1). axios
 * then uses GET, so GET is left out. The response is read as bytes, so that a file keeps its character set. Redirects are off,
 * because n8n would send the key to the other address.
 */
function toHttpRequest(request: ApiRequest, baseUrl: string, timeoutSeconds: number): IHttpRequestOptions {
	const { path, query, accept, method = 'GET' } = request;
	const { body, headers } = bodyOf(request);
	return {
		...(method !== 'GET' && { method }),
		url: baseUrl + path,
		qs: query as IDataObject,
		arrayFormat: 'repeat',
		...(body !== undefined && { body }),
		headers: { Accept: accept ?? 'application/json', ...headers },
		encoding: 'stream',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout: timeoutSeconds * 1000,
	};
}

/**
 * The body of a request. JSON is sent as text, because n8n leaves out an empty object (n8n-core 1.122.48 and 2.41.1). A form is the
 * `FormData` of Node.js, which axios encodes again for each attempt.
 */
function bodyOf({ body, sendEmptyBody, form }: ApiRequest): Pick<IHttpRequestOptions, 'body' | 'headers'> {
	if (form) return { body: form as unknown as IHttpRequestOptions['body'] };
	if (Object.keys(body).length === 0 && !sendEmptyBody) return {};
	return { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
}

/** Waits for the signal. */
async function ended(signal: AbortSignal): Promise<undefined> {
	return await new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
}

/** Ten times the size of the largest documented pages: 5,000 charge records, or 10,000 transactions. */
const MAX_RESPONSE_BYTES = 100 * 2 ** 20;

/** A body as a stream. It is not read at once, since a few bytes can decompress to gigabytes. */
type ByteStream = AsyncIterable<Buffer> & { destroy: () => void };

/**
 * Reads a response to its end. n8n's helper does not limit its size.
 *
 * @param expired Closes the connection.
 * @throws ApiError if it is larger than {@link MAX_RESPONSE_BYTES}, decompressed. A network error if it breaks off.
 */
async function receive(response: Promise<IN8nHttpFullResponse>, expired: AbortSignal): Promise<HttpResponse> {
	const { statusCode: status, headers, body } = await response;
	const stream = body as unknown as ByteStream;
	const close = () => stream.destroy();
	expired.addEventListener('abort', close);
	try {
		if (expired.aborted) close();
		const chunks: Buffer[] = [];
		let size = 0;
		for await (const chunk of stream) {
			size += chunk.length;
			if (size > MAX_RESPONSE_BYTES) throw tooLarge(status);
			chunks.push(chunk);
		}
		return { status, headers, body: Buffer.concat(chunks, size) };
	} finally {
		expired.removeEventListener('abort', close);
	}
}

function tooLarge(status: number): ApiError {
	return new ApiError('The API sent a response of more than 100 MB, which was not read to its end', {
		advice: 'Set a smaller "Page Size" in the options, or request a shorter period.',
		status,
		outcome: 'unknown',
	});
}

/** Network errors in words. n8n replaces every message that contains one of these codes with a text of its own. */
const NETWORK_ERRORS: Record<string, string> = {
	ECONNABORTED: 'the connection was cut',
	ECONNREFUSED: 'the connection was refused',
	ECONNRESET: 'the connection was cut',
	EAI_AGAIN: 'the name of the host could not be looked up',
	EHOSTUNREACH: 'the host cannot be reached',
	ENOTFOUND: 'the host is not known',
	ERR_BAD_RESPONSE: 'the connection was cut',
	ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut',
	ETIMEDOUT: 'the host did not respond',
};

/** An error of n8n's HTTP helper. */
interface NetworkError {
	code?: string;
	message?: string;
	cause?: {
		code?: string;
		message?: string;
		name?: string;
		description?: string;
		cause?: { description?: string };
	};
}

function isTimeout(error: unknown): boolean {
	const { cause, message } = error as NetworkError;
	return [cause?.message, message].some((text) => /^timeout of \d+ms exceeded$/.test(text ?? ''));
}

/**
 * The error for an address that n8n's protection against server-side request forgery blocks, or `undefined` for any other error.
 * n8n 2.41.1 wraps its error in a NodeApiError. n8n 1.123.81 has no such protection.
 */
function blockedByN8n(error: unknown): ApiError | undefined {
	const { cause } = error as NetworkError;
	if (!cause?.name?.startsWith('SsrfBlocked')) return undefined;
	// If axios looked up the host, it has wrapped the error once more.
	const description = cause.description ?? cause.cause?.description;
	return new ApiError('n8n does not let this workflow reach the base URL of the credential', {
		advice: [cause.message, description].filter(Boolean).join('. '),
		failure: 'configuration-invalid',
	});
}

/** A network error in words, without addresses: `the connection was refused`, `self-signed certificate`. */
function describe(error: unknown): string {
	const { cause, code, message } = error as NetworkError;
	return NETWORK_ERRORS[cause?.code ?? code ?? ''] ?? cause?.message ?? message ?? 'the request failed';
}

/** Waits for that many milliseconds. Ends early with the first of the signals. */
async function waitUnless(milliseconds: number, signals: Array<AbortSignal | undefined>): Promise<void> {
	const signal = AbortSignal.any(signals.filter((given) => given !== undefined));
	await new Promise<void>((resolve) => {
		const done = () => {
			signal.removeEventListener('abort', done);
			resolve();
		};
		signal.addEventListener('abort', done);
		if (signal.aborted) done();
		void sleep(milliseconds).then(done);
	});
}
