import { ApiError } from '../util/errors';
import { MAX_RETRY_AFTER_MS, type LimiterClock, type RateLimiter } from './rateLimiter';
import type { ApiRequest, HttpResponse, IncompleteResponse, SafetyClass, SendOnce } from './types';

export type { ApiRequest, HttpResponse, IncompleteResponse, SendOnce } from './types';

/** The dependencies of `send`. Tests pass their own clock. */
export interface TransportTools extends LimiterClock {
	/** 0 to 1, for jitter. */
	random: () => number;
	limiter: RateLimiter;
	/** Creates the error for a status other than 2xx. */
	toError: (response: HttpResponse) => ApiError;
}

interface RetryRule {
	/**
	 * The most attempts, the first included, with an uncertain outcome: timeout, cut connection, broken response, 408, 5xx. The server
	 * may have carried these out. A 429 and a connection that was not made have no effect and do not count.
	 */
	maxUncertain: number;
	/** Milliseconds after which no attempt begins. Waits for the rate limit count. */
	giveUpAfterMs: number;
}

const INITIAL_BACKOFF_MS = 500;

/** The backoffs after a 429 without a time add up to a minute. Both vendors count requests per minute. */
const INITIAL_RATE_LIMIT_BACKOFF_MS = 4000;

/** The most attempts of a request, whatever their outcome. */
const MAX_ATTEMPTS = 5;

/**
 * Which requests are sent again. Every request is, after an attempt that had no effect, up to {@link MAX_ATTEMPTS} attempts. After
 * an attempt with an uncertain outcome it depends on the safety class:
 *
 * - `read` changes nothing, so it is sent again.
 * - `set` leads to the same state each time, so it is sent once more, with the same body.
 * - `create` would create a second object, so it is not. The result is looked up by its natural key, see `sendVerified`.
 * - `command` moves hardware, so it is not, 504 included: the charger may have received it. A command that arrives minutes late is
 *   worse than none, so no attempt begins after 30 seconds.
 * - `final` is about money or keys and cannot be undone, so it is not. The result is looked up and compared.
 *
 * The loop is hand-written: n8n's scanner forbids timers, and no well-kept retry library passes it.
 *
 * Sources: RFC 9110, 9.2.2 (no automatic retry of what is not idempotent, unless it is known that the first one was not applied);
 * RFC 6585, 4 (429 refuses the request). Plugchoice documents that a charger may still carry out a command that timed out.
 */
const RETRY_RULES: Record<SafetyClass, RetryRule> = {
	read: { maxUncertain: MAX_ATTEMPTS, giveUpAfterMs: Infinity },
	set: { maxUncertain: 2, giveUpAfterMs: Infinity },
	create: { maxUncertain: 1, giveUpAfterMs: Infinity },
	command: { maxUncertain: 1, giveUpAfterMs: 30_000 },
	final: { maxUncertain: 1, giveUpAfterMs: Infinity },
};

/** The attempts of a request so far. */
interface Progress {
	/** The number of the last attempt, counted from 1. It is 0 before the first one. */
	attempt: number;
	/** Attempts that the server may have carried out. */
	uncertain: number;
}

/**
 * Sends a request and reads its successful (2xx) response.
 *
 * After 408, 429, 5xx and an incomplete response it is sent again, as {@link RETRY_RULES} allows.
 *
 * - The backoff doubles with each attempt. It starts at half a second and is shortened at random. After a 429 it starts at four
 *   seconds and is prolonged at random.
 * - A wait that the server demands replaces the backoff and is not shortened: `Retry-After` in seconds or as a date, otherwise
 *   `X-RateLimit-Reset` on a 429. If it is already over by this clock, the backoff is used.
 * - If the server demands more than two minutes, the request fails, and so do all requests of the credential until then.
 * - Each wait after a 429, and each wait that the server demands, holds back all requests of the credential. So does the reset once
 *   `X-RateLimit-Remaining` is used up.
 * - After five attempts with 429, the next requests get one attempt each, until one gets through.
 *
 * @param read Reads the content of the response, or returns IncompleteResponse if it breaks off. May throw an ApiError.
 * @throws ApiError for any other status, after the last attempt, after a cancellation, and for a command that came too late. For
 * all classes but `read`, `details.outcome` says whether the server may have carried out the request.
 */
export async function send<T extends object>(
	request: ApiRequest,
	sendOnce: SendOnce,
	read: (response: HttpResponse) => Promise<T | IncompleteResponse>,
	tools: TransportTools,
): Promise<T> {
	const progress: Progress = { attempt: 0, uncertain: 0 };
	try {
		return await sendWithRetries(request, sendOnce, read, tools, progress);
	} catch (error) {
		throw isWrite(request) && error instanceof ApiError ? withOutcome(error, progress) : error;
	}
}

async function sendWithRetries<T extends object>(
	request: ApiRequest,
	sendOnce: SendOnce,
	read: (response: HttpResponse) => Promise<T | IncompleteResponse>,
	tools: TransportTools,
	progress: Progress,
): Promise<T> {
	const { limiter, now } = tools;
	const { maxUncertain, giveUpAfterMs } = ruleOf(request);
	const deadlineMs = now() + giveUpAfterMs;
	const timeLeft = () => Math.min(tools.timeLeft(), deadlineMs - now());
	for (;;) {
		let response: HttpResponse | IncompleteResponse;
		let completedBefore = 0;
		await limiter.acquire();
		try {
			await limiter.waitForRateLimit(
				giveUpAfterMs === Infinity
					? tools
					: { ...tools, timeLeft, refuseWait: (waitMs) => notSentInTime(waitMs, giveUpAfterMs) },
			);
			tools.checkCanceled();
			if (now() > deadlineMs) throw notSentInTime(0, giveUpAfterMs);
			completedBefore = limiter.completedCount;
			response = await sendOnce(request);
		} finally {
			// The next request sees the limits of this response: they are set below, before the first `await`.
			limiter.release();
		}
		const attempt = ++progress.attempt;
		if (mayBeCarriedOut(response)) progress.uncertain++;
		// A write that succeeded is reported even after a cancellation: the user would not know of it otherwise.
		if (!isWrite(request) || !isSuccess(response)) tools.checkCanceled();
		if (!('incomplete' in response)) {
			limiter.updateFromHeaders(response.headers, limiter.completedCount - completedBefore, now());
			if (!isTooMany(response)) limiter.isExhausted = false;
		}
		limiter.completedCount++;

		let error: ApiError;
		let retryAfterMs: number | undefined;
		if (!('incomplete' in response) && !isSuccess(response)) {
			error = tools.toError(response);
			if (!isRetried(response)) throw error;
			retryAfterMs = parseRetryAfterMs(response, now());
			if (retryAfterMs !== undefined) error = new ApiError(error.message, { ...error.details, retryAfterMs });
		} else {
			const content = 'incomplete' in response ? response : await read(response);
			if (!('incomplete' in content)) return content as T;
			error = incompleteError(content as IncompleteResponse);
		}

		if (retryAfterMs !== undefined && retryAfterMs > MAX_RETRY_AFTER_MS) {
			const demanded = `It demands a wait of ${inWords(retryAfterMs)}`;
			limiter.refuseUntil(
				now() + retryAfterMs,
				withAttemptNote(error, `${demanded}, so this request was not sent: run it after that.`),
			);
			throw withAttemptNote(error, `${demanded}, so the request was not sent again: run it after that.`);
		}
		const waitMs = retryAfterMs || backoffMs(attempt, isTooMany(response), tools.random());
		// Even if this request is not sent again.
		if (isWrite(request) && retryAfterMs) limiter.blockUntil(now() + retryAfterMs);
		const attempts = isTooMany(response) && limiter.isExhausted ? 1 : MAX_ATTEMPTS;
		if (attempt >= attempts || progress.uncertain >= maxUncertain || waitMs >= timeLeft()) {
			if (attempt === MAX_ATTEMPTS) limiter.isExhausted = isTooMany(response);
			const isLate = progress.uncertain < maxUncertain && waitMs >= deadlineMs - now();
			if (isLate) throw withAttemptNote(error, tooLate(waitMs, giveUpAfterMs));
			const tried = isWrite(request)
				? `It was tried ${attempt} times and not carried out.`
				: `It was sent ${attempt} times.`;
			throw withAttemptNote(error, attempt === 1 ? '' : tried);
		}
		const isForAll = retryAfterMs !== undefined || isTooMany(response);
		if (isForAll) limiter.blockUntil(now() + waitMs);
		else await tools.wait(waitMs);
	}
}

/** The end of the message of an error with an unknown outcome. */
export const OUTCOME_UNKNOWN = ', and it is not known whether the request was carried out';

/** Whether it is unknown if a write was carried out. An operation may output such an error as an item. */
export function isOutcomeUnknown(error: unknown): error is ApiError {
	return error instanceof ApiError && error.details.outcome === 'unknown';
}

function isWrite({ safety = 'read' }: ApiRequest): boolean {
	return safety !== 'read';
}

function ruleOf(request: ApiRequest): RetryRule {
	const rule = RETRY_RULES[request.safety ?? 'read'];
	return request.safety === 'command'
		? { ...rule, giveUpAfterMs: request.giveUpAfterMs ?? rule.giveUpAfterMs }
		: rule;
}

/**
 * Adds to the error of a write whether the server may have carried it out. If it may, the advice to try again and the failure cause
 * that makes n8n try again are left out.
 */
function withOutcome({ message, details }: ApiError, { attempt, uncertain }: Progress): ApiError {
	const { advice, failure, serverWords } = details;
	if (uncertain === 0 && details.outcome !== 'unknown') {
		return new ApiError(message, { ...details, outcome: 'notDone' });
	}
	const isTemporary = failure === 'temporarily-unavailable' || failure === 'rate-limited';
	return new ApiError(message + OUTCOME_UNKNOWN, {
		...details,
		outcome: 'unknown',
		failure: isTemporary ? undefined : failure,
		advice: [
			attempt > 1 && `It was sent ${attempt} times.`,
			'Check whether it was carried out before you run this again.',
			isTemporary ? serverWords : advice,
		]
			.filter(Boolean)
			.join(' '),
	});
}

function incompleteError({ incomplete }: IncompleteResponse): ApiError {
	return new ApiError(`The API gave no complete response: ${incomplete}`, {
		advice: 'Check the base URL and the network, raise the timeout in the options, or request smaller pages.',
		failure: 'temporarily-unavailable',
	});
}

/** The error of a command that was not sent because it was too late. */
function notSentInTime(waitMs: number, giveUpAfterMs: number): ApiError {
	return new ApiError('The command was not sent, because it would have come too late', {
		advice: tooLate(waitMs, giveUpAfterMs),
		failure: 'rate-limited',
	});
}

function tooLate(waitMs: number, giveUpAfterMs: number): string {
	const when = waitMs > 0 ? `The next attempt is allowed in ${inWords(waitMs)}, which is` : 'Its turn came';
	return `It was not carried out. ${when} later than "Give Up After" allows (${inWords(giveUpAfterMs)}).`;
}

/** @param random 0 to 1 */
function backoffMs(attempt: number, isRateLimited: boolean, random: number): number {
	const doublings = 2 ** (attempt - 1);
	return isRateLimited
		? INITIAL_RATE_LIMIT_BACKOFF_MS * doublings * (1 + random / 4)
		: INITIAL_BACKOFF_MS * doublings * (0.5 + random / 2);
}

/** The same error, with a note on the attempts before its advice. */
function withAttemptNote({ message, details }: ApiError, note: string): ApiError {
	return new ApiError(message, { ...details, advice: [note, details.advice].filter(Boolean).join(' ') });
}

function inWords(milliseconds: number): string {
	const seconds = Math.ceil(milliseconds / 1000);
	if (seconds <= 120) return `${seconds} second${seconds === 1 ? '' : 's'}`;
	const minutes = Math.ceil(milliseconds / 60_000);
	return minutes <= 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

function isSuccess(response: HttpResponse | IncompleteResponse): boolean {
	return 'status' in response && response.status >= 200 && response.status < 300;
}

function isTooMany(response: HttpResponse | IncompleteResponse): boolean {
	return 'status' in response && response.status === 429;
}

/** Whether the server may have carried out the request: not after a 4xx other than 408, and not if it was never sent. */
function mayBeCarriedOut(response: HttpResponse | IncompleteResponse): boolean {
	if ('incomplete' in response) return !response.neverSent;
	return response.status === 408 || response.status < 400 || response.status >= 500;
}

function isRetried({ status }: HttpResponse): boolean {
	return status === 408 || status === 429 || status >= 500;
}

/** The wait that the server demands, in milliseconds: `undefined` without one, 0 if it is over by this clock. */
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
