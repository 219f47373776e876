import { ApiError } from '../util/errors';
import { MAX_RETRY_AFTER_MS, type LimiterClock, type RateLimiter } from './rateLimiter';
import type { ApiRequest, HttpResponse, IncompleteResponse, SafetyClass, SendOnce } from './types';

export type { ApiRequest, HttpResponse, IncompleteResponse, SendOnce } from './types';

/** What the transport needs from outside; tests give their own clock. */
export interface TransportTools extends LimiterClock {
	/** 0 to 1, for jitter. */
	random: () => number;
	limiter: RateLimiter;
	/** The vendor's wording for a status that is no success. */
	toError: (response: HttpResponse) => ApiError;
}

interface RetryRule {
	/**
	 * Attempts, the first included, that the server may have carried out although no success came: timeout, cut connection, broken
	 * response, 408, 5xx. Other failures that are repeated had no effect: 429, and connections that were never made.
	 */
	maxUncertain: number;
	/** Milliseconds after which no attempt begins, waits for the rate limit included. */
	giveUpAfterMs: number;
}

const INITIAL_BACKOFF_MS = 500;

/** The waits after a 429 that names no time add up to a minute, which is the window that both vendors count in. */
const INITIAL_RATE_LIMIT_BACKOFF_MS = 4000;

/** Attempts of a request in all, whatever they met with. */
const MAX_ATTEMPTS = 5;

/**
 * Which requests are sent again. After an attempt that had no effect, all of them are, as often as {@link MAX_ATTEMPTS} allows.
 * After an uncertain one:
 *
 * - `read` changes nothing.
 * - `set` leads to the same state each time: once more, with the same body.
 * - `create` would make a second one: never. Read back by its natural key, see `sendVerified`.
 * - `command` moves hardware: never, 504 included, since the charger may have received it. A command that comes minutes late is
 *   worse than none, so it is given up after 30 seconds.
 * - `final` is about money or keys, and cannot be undone: never. Read back and compare.
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

/** How far the sending of a request has come. */
interface Progress {
	/** The number of the last attempt, from 1; 0 before it. */
	attempt: number;
	/** Attempts so far that may have been carried out. */
	uncertain: number;
}

/**
 * Sends a request and reads its successful (2xx) response.
 *
 * 408, 429, 5xx and responses that never came, or came only in part, are followed by further attempts as far as
 * {@link RETRY_RULES} allow, after a backoff that doubles: from half a second, shortened by chance, or from four seconds,
 * prolonged by chance, after a 429. The server's own wait (`Retry-After` in seconds or as a date, else `X-RateLimit-Reset` on a
 * 429) is never shortened; one beyond two minutes is not waited for, and all further requests of the credential fail until it is
 * over; one that is over is none: clocks differ. A wait that the server asks for, or that a 429 brings, holds back all requests of
 * the credential, and so does the last one that is allowed until the reset (`X-RateLimit-Remaining`). Once a request was refused
 * with 429 five times, the next ones are tried once each until one gets through.
 *
 * @param read Gives what the response holds, or IncompleteResponse when it breaks off in the middle. May throw an ApiError.
 * @throws ApiError for any other status, when the attempts are used up, when the execution was cancelled, and when a command is
 * given up. For all but `read`, `details.outcome` says whether the request may have been carried out.
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
					: { ...tools, timeLeft, refuseWait: (waitMs) => givenUp(waitMs, giveUpAfterMs) },
			);
			tools.checkCancelled();
			if (now() > deadlineMs) throw givenUp(0, giveUpAfterMs);
			completedBefore = limiter.completedCount;
			response = await sendOnce(request);
		} finally {
			// Whoever gets the slot sees what this response holds back: that is set below before anything is awaited.
			limiter.release();
		}
		const attempt = ++progress.attempt;
		if (mayBeCarriedOut(response)) progress.uncertain++;
		// What a write has led to is told, since nobody would know it otherwise.
		if (!isWrite(request) || !isSuccess(response)) tools.checkCancelled();
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
			const asks = `It asks to wait for ${inWords(retryAfterMs)}`;
			limiter.refuseUntil(
				now() + retryAfterMs,
				withAttemptNote(error, `${asks}, so this request was not sent: run it after that.`),
			);
			throw withAttemptNote(error, `${asks} and was not asked again: run it after that.`);
		}
		const waitMs = retryAfterMs || backoffMs(attempt, isTooMany(response), tools.random());
		// Also where this request is not sent again.
		if (isWrite(request) && retryAfterMs) limiter.blockUntil(now() + retryAfterMs);
		const attempts = isTooMany(response) && limiter.isExhausted ? 1 : MAX_ATTEMPTS;
		if (attempt >= attempts || progress.uncertain >= maxUncertain || waitMs >= timeLeft()) {
			if (attempt === MAX_ATTEMPTS) limiter.isExhausted = isTooMany(response);
			const isLate = progress.uncertain < maxUncertain && waitMs >= deadlineMs - now();
			if (isLate) throw withAttemptNote(error, tooLate(waitMs, giveUpAfterMs));
			const tried = isWrite(request)
				? `It was tried ${attempt} times and not carried out.`
				: `It was asked ${attempt} times.`;
			throw withAttemptNote(error, attempt === 1 ? '' : tried);
		}
		const isForAll = retryAfterMs !== undefined || isTooMany(response);
		if (isForAll) limiter.blockUntil(now() + waitMs);
		else await tools.wait(waitMs);
	}
}

/** Ends the message of such an error. */
export const OUTCOME_UNKNOWN = ', and it is not known whether the request was carried out';

/** Whether an error leaves it open that a write was carried out; an operation may give it as an item then. */
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
 * Says in the error of a write whether it may have been carried out. Advice to try again later is left out of it then, and so is
 * the cause that n8n takes for passing.
 */
function withOutcome({ message, details }: ApiError, { attempt, uncertain }: Progress): ApiError {
	const { advice, failure, serverWords } = details;
	if (uncertain === 0 && details.outcome !== 'unknown') {
		return new ApiError(message, { ...details, outcome: 'notDone' });
	}
	const isPassing = failure === 'temporarily-unavailable' || failure === 'rate-limited';
	return new ApiError(message + OUTCOME_UNKNOWN, {
		...details,
		outcome: 'unknown',
		failure: isPassing ? undefined : failure,
		advice: [
			attempt > 1 && `It was sent ${attempt} times.`,
			'Check whether it was carried out before you run this again.',
			isPassing ? serverWords : advice,
		]
			.filter(Boolean)
			.join(' '),
	});
}

function incompleteError({ incomplete }: IncompleteResponse): ApiError {
	return new ApiError(`The API gave no complete answer: ${incomplete}`, {
		advice: 'Check the base URL and the network, raise the timeout in the options, or ask for smaller pages.',
		failure: 'temporarily-unavailable',
	});
}

/** A command that was not sent at all. */
function givenUp(waitMs: number, giveUpAfterMs: number): ApiError {
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

/** The same error, with a word on what was tried in front of its advice. */
function withAttemptNote({ message, details }: ApiError, tried: string): ApiError {
	return new ApiError(message, { ...details, advice: [tried, details.advice].filter(Boolean).join(' ') });
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

/** Not where the server refused it as it is (4xx), and not where it was never sent. */
function mayBeCarriedOut(response: HttpResponse | IncompleteResponse): boolean {
	if ('incomplete' in response) return !response.neverSent;
	return response.status === 408 || response.status < 400 || response.status >= 500;
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
