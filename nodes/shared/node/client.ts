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
import { RateLimiters } from '../http/rateLimiter';
import {
	send,
	type ApiRequest,
	type SendOnce,
	type HttpResponse,
	type IncompleteResponse,
} from '../http/retry';
import type { Vendor } from './operation';

/** Calls of one vendor with one credential. */
export interface Client {
	getJson: (request: ApiRequest) => Promise<object>;
	/** For requests that change something; `undefined` where the response holds nothing, or nothing was expected. */
	send: (request: ApiRequest) => Promise<object | undefined>;
	getContent: <T extends object>(
		request: ApiRequest,
		read: (answer: HttpResponse) => T | IncompleteResponse,
	) => Promise<T>;
	/** The server's clock in milliseconds since 1970, as its newest answer gave it. */
	clock: () => number | undefined;
	/** What the credential has for hashing what tells who a driver is. */
	hashSecret: unknown;
	redact: Redact;
}

/** Seconds that an answer may take unless the user says otherwise. */
export const DEFAULT_TIMEOUT_S = 120;

/**
 * Opens a vendor's API.
 *
 * @param how `itemIndex`: the input item, for the credential; `timeoutSeconds`: how long one answer may take; `deadline`:
 * when the last one must have come, retries included, in milliseconds since 1970; `stop`: ends waits, and lets no further
 * request begin; `maxConcurrent`: the most requests that may be active at the same time; `limiters`: those of the execution;
 * `decode`: makes text of JSON answers.
 * @throws InputError when the credential cannot be used: before any request.
 */
export async function openClient(
	context: IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions,
	vendor: Vendor,
	{
		itemIndex = 0,
		timeoutSeconds: longestSeconds = DEFAULT_TIMEOUT_S,
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
	// Without it, n8n's helper reads the credential again, and always that of the first item (n8n 1.123.81 and 2.41.1).
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
	const exchange: SendOnce = async (request) => {
		const timeoutSeconds = Math.min(longestSeconds, Math.max(1, Math.ceil(timeLeft() / 1000)));
		const noneInTime = { incomplete: `none came within ${timeoutSeconds} s` };
		// n8n's own timeout begins anew with each byte, so an answer that trickles in would never run out of time.
		const expired = AbortSignal.timeout(timeoutSeconds * 1000 + 100);
		try {
			const answer = receive(
				context.helpers.httpRequestWithAuthentication.call(
					context,
					vendor.credentialType,
					toHttpRequest(request, baseUrl, timeoutSeconds),
					decrypted,
				) as Promise<IN8nHttpFullResponse>,
				expired,
			);
			// The signal outlives the answer: a race for the answer itself would keep its bytes in memory until then.
			const isInTime = await Promise.race([answer.then(() => true), ended(expired)]);
			if (!isInTime) return noneInTime;
			const { headers } = await answer;
			clock = readServerDate(headers.date) ?? clock;
			return await answer;
		} catch (error) {
			const final = error instanceof ApiError ? error : blockedByN8n(error);
			if (final) throw final;
			if (isTimeout(error)) return noneInTime;
			return { incomplete: redact(describe(error)), neverSent: wasNeverSent(error) };
		}
	};
	const tools = {
		wait: async (milliseconds: number) => await waitUnless(milliseconds, [cancelSignal, stop]),
		random: Math.random,
		now: Date.now,
		timeLeft,
		limiter,
		checkCancelled: () => {
			if (cancelSignal?.aborted || stop?.aborted) throw new ApiError('The execution was cancelled');
		},
		toError: (answer: HttpResponse) => statusError(answer, vendor.name, vendor.advice, redact),
	};
	const reading = createSerialQueue(
		async () => await sleep(0),
		() => limiter.activeCount === 0,
	);
	const getContent: Client['getContent'] = async (request, read) =>
		await send(request, exchange, async (answer) => await reading(() => read(answer)), tools);
	return {
		getJson: async (request) => await getContent(request, (answer) => readJson(answer, redact, decode)),
		send: async (request) => {
			const read = (response: HttpResponse) =>
				request.expects === 'none' ? {} : readOptionalJson(response, redact, decode);
			return (await getContent<{ content?: object }>(request, read)).content;
		},
		getContent,
		clock: () => clock,
		hashSecret: credential.hashSecret,
		redact,
	};
}

function readServerDate(header: unknown): number | undefined {
	const date = Date.parse(String(header ?? ''));
	return Number.isNaN(date) ? undefined : date;
}

/**
 * The one place where a request takes n8n's form.
 *
 * n8n deletes the body of a request whose method is given as GET, and sends it where the method is left out (axios then
 * takes GET; n8n-core 1.97.0 to 2.41.1), so GET is left out. Bytes come back rather than text, so that a file
 * keeps its character set. Redirects are off because n8n would send the key along.
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
 * What is sent as the body. JSON goes as text: n8n leaves out an object that is empty (n8n-core 1.122.48 and 2.41.1). A form is
 * the `FormData` of Node.js, which axios writes itself, anew for each attempt.
 */
function bodyOf({ body, sendEmptyBody, form }: ApiRequest): Pick<IHttpRequestOptions, 'body' | 'headers'> {
	if (form) return { body: form as unknown as IHttpRequestOptions['body'] };
	if (Object.keys(body).length === 0 && !sendEmptyBody) return {};
	return { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
}

/** Ends when the signal comes. */
async function ended(signal: AbortSignal): Promise<undefined> {
	return await new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
}

/** Ten times as much as the largest pages that the vendors document: 5,000 charge records, or 10,000 transactions. */
const MAX_ANSWER_BYTES = 100 * 2 ** 20;

/** A body that n8n's helper hands over as a stream: a few bytes can unpack to gigabytes. */
type ByteStream = AsyncIterable<Buffer> & { destroy: () => void };

/**
 * Reads an answer to its end. n8n's helper sets no limit to its size.
 *
 * @param expired Closes the connection.
 * @throws ApiError when it is larger than {@link MAX_ANSWER_BYTES}, unpacked; what the network throws when it breaks off.
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
			if (size > MAX_ANSWER_BYTES) throw tooLarge(status);
			chunks.push(chunk);
		}
		return { status, headers, body: Buffer.concat(chunks, size) };
	} finally {
		expired.removeEventListener('abort', close);
	}
}

function tooLarge(status: number): ApiError {
	return new ApiError('The API sent an answer of more than 100 MB, which was not read to its end', {
		advice: 'Set a smaller "Page Size" in the options, or ask for a shorter period.',
		status,
		outcome: 'unknown',
	});
}

/** n8n puts a text of its own in place of every message with one of these codes in it, so they are told in words. */
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

/** What n8n's HTTP helper throws. */
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
 * The error for an address that n8n's own protection against server-side request forgery blocks; `undefined` for any other
 * error. n8n 2.41.1 wraps its error in a NodeApiError, and 1.123.81 has no such protection.
 */
function blockedByN8n(error: unknown): ApiError | undefined {
	const { cause } = error as NetworkError;
	if (!cause?.name?.startsWith('SsrfBlocked')) return undefined;
	// Where the name of the host was looked up by axios, that has put an error of its own around it.
	const description = cause.description ?? cause.cause?.description;
	return new ApiError('n8n does not let this workflow reach the base URL of the credential', {
		advice: [cause.message, description].filter(Boolean).join('. '),
		failure: 'configuration-invalid',
	});
}

/** What the network said, without addresses: `the connection was refused`, `self-signed certificate`. */
function describe(error: unknown): string {
	const { cause, code, message } = error as NetworkError;
	return NETWORK_ERRORS[cause?.code ?? code ?? ''] ?? cause?.message ?? message ?? 'the request failed';
}

/** Ends early when one of the signals comes. */
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
