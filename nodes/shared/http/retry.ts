import { ApiError } from '../util/errors';
import { MAX_RETRY_AFTER_MS, type LimiterClock, type RateLimiter } from './rateLimiter';

/** One call of an API, ready to be sent. `path` starts with a slash and is encoded. */
export interface ApiRequest {
	path: string;
	query: Record<string, unknown>;
	body: Record<string, unknown>;
	/** Media type wanted; JSON unless said otherwise. */
	accept?: string;
}

/** What came back. Header names are in lower case. */
export interface HttpResponse {
	status: number;
	headers: Record<string, unknown>;
	body: Buffer;
}

/** Connection refused, reset, timed out: no complete answer came. */
export interface IncompleteResponse {
	incomplete: string;
}

/** Sends once, without retry. */
export type SendOnce = (request: ApiRequest) => Promise<HttpResponse | IncompleteResponse>;

/** What the transport needs from outside; tests give their own clock. */
export interface TransportTools extends LimiterClock {
	/** 0 to 1, for jitter. */
	random: () => number;
	limiter: RateLimiter;
	/** The vendor's wording for a status that is no success. */
	toError: (response: HttpResponse) => ApiError;
}

const MAX_ATTEMPTS = 5;
const INITIAL_BACKOFF_MS = 500;

/** The waits after a 429 that names no time add up to a minute, which is the window that both vendors count in. */
const INITIAL_RATE_LIMIT_BACKOFF_MS = 4000;

/**
 * Sends a request and reads its successful (2xx) answer.
 *
 * 408, 429, 5xx and answers that never came, or came only in part, are asked for again, five times in all, after a wait
 * that doubles: from half a second, shortened by chance, or from four seconds, prolonged by chance, after a 429. The server's
 * own wait (`Retry-After` in seconds or as a date, else `X-RateLimit-Reset` on a 429) is never shortened; one beyond two
 * minutes is not waited for, and all further requests of the credential fail until it is over; one that is over is none:
 * clocks differ. A wait that the server asks for, or that a 429 brings, holds back all requests of the credential, and so does
 * the last one that is allowed until the reset (`X-RateLimit-Remaining`). Once a request was refused with 429 five times, the
 * next ones are tried once each until one gets through. All calls made here only read, so repeating one
 * changes nothing.
 *
 * @param read Gives what the answer holds, or IncompleteResponse when it breaks off in the middle. May throw an ApiError.
 * @throws ApiError for any other status, and when the attempts are used up.
 */
export async function send<T extends object>(
	request: ApiRequest,
	sendOnce: SendOnce,
	read: (answer: HttpResponse) => Promise<T | IncompleteResponse>,
	tools: TransportTools,
): Promise<T> {
	const { limiter, now } = tools;
	for (let attempt = 1; ; attempt++) {
		let answer: HttpResponse | IncompleteResponse;
		let completedBefore = 0;
		await limiter.acquire();
		try {
			await limiter.waitForRateLimit(tools);
			tools.checkCancelled();
			completedBefore = limiter.completedCount;
			answer = await sendOnce(request);
		} finally {
			// Whoever gets the slot sees what this answer holds back: that is set below before anything is awaited.
			limiter.release();
		}
		tools.checkCancelled();
		if (!('incomplete' in answer)) {
			limiter.updateFromHeaders(answer.headers, limiter.completedCount - completedBefore, now());
			if (!isTooMany(answer)) limiter.isExhausted = false;
		}
		limiter.completedCount++;

		let error: ApiError;
		let retryAfterMs: number | undefined;
		if (!('incomplete' in answer) && !isSuccess(answer)) {
			error = tools.toError(answer);
			if (!isRetried(answer)) throw error;
			retryAfterMs = parseRetryAfterMs(answer, now());
			if (retryAfterMs !== undefined) error = new ApiError(error.message, { ...error.details, retryAfterMs });
		} else {
			const content = 'incomplete' in answer ? answer : await read(answer);
			if (!('incomplete' in content)) return content as T;
			error = new ApiError(`The API gave no complete answer: ${content.incomplete}`, {
				advice:
					'Check the base URL and the network, raise the timeout in the options, or ask for smaller pages.',
				failure: 'temporarily-unavailable',
			});
		}

		if (retryAfterMs !== undefined && retryAfterMs > MAX_RETRY_AFTER_MS) {
			const asks = `It asks to wait for ${inWords(retryAfterMs)}`;
			limiter.refuseUntil(
				now() + retryAfterMs,
				withAttemptNote(error, `${asks}, so this request was not sent: run it after that.`),
			);
			throw withAttemptNote(error, `${asks} and was not asked again: run it after that.`);
		}
		const waitMs = retryAfterMs || backoffMs(attempt, isTooMany(answer), tools.random());
		const attempts = isTooMany(answer) && limiter.isExhausted ? 1 : MAX_ATTEMPTS;
		if (attempt >= attempts || waitMs >= tools.timeLeft()) {
			if (attempt === MAX_ATTEMPTS) limiter.isExhausted = isTooMany(answer);
			throw withAttemptNote(error, attempt === 1 ? '' : `It was asked ${attempt} times.`);
		}
		const isForAll = retryAfterMs !== undefined || isTooMany(answer);
		if (isForAll) limiter.blockUntil(now() + waitMs);
		else await tools.wait(waitMs);
	}
}

/** @param random 0 to 1 */
function backoffMs(attempt: number, isRateLimited: boolean, random: number): number {
	const doublings = 2 ** (attempt - 1);
	return isRateLimited
		? INITIAL_RATE_LIMIT_BACKOFF_MS * doublings * (1 + random / 4)
		: INITIAL_BACKOFF_MS * doublings * (0.5 + random / 2);
}

/** The same error, with a word on what was tried in front of its advice. */
function withAttemptNote({ message, details }: ApiError, tried: string): ApiError {
	return new ApiError(message, { ...details, advice: [tried, details.advice].filter(Boolean).join(' ') });
}

function inWords(milliseconds: number): string {
	const minutes = Math.ceil(milliseconds / 60_000);
	return minutes <= 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

function isSuccess({ status }: HttpResponse): boolean {
	return status >= 200 && status < 300;
}

function isTooMany(answer: HttpResponse | IncompleteResponse): boolean {
	return 'status' in answer && answer.status === 429;
}

function isRetried({ status }: HttpResponse): boolean {
	return status === 408 || status === 429 || status >= 500;
}

/** The wait that the server asks for, in milliseconds; `undefined` when it names none, 0 when it is over by our clock. */
function parseRetryAfterMs({ status, headers }: HttpResponse, now: number): number | undefined {
	const retryAfter = headers['retry-after'];
	if (retryAfter !== undefined && retryAfter !== '') {
		const seconds = Number(retryAfter);
		const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(retryAfter)) - now;
		if (Number.isFinite(wait)) return Math.max(0, wait);
	}
	const reset = Number(headers['x-ratelimit-reset'] ?? NaN);
	if (status === 429 && Number.isFinite(reset)) return Math.max(0, reset * 1000 - now);
	return undefined;
}
