import { ApiError } from '../errors';

/** One call of an API, ready to be sent. `path` starts with a slash and is encoded. */
export interface ApiRequest {
	path: string;
	query: Record<string, unknown>;
	body: Record<string, unknown>;
	/** Media type wanted; JSON unless said otherwise. */
	accept?: string;
}

/** What came back. Header names are in lower case. */
export interface HttpAnswer {
	status: number;
	headers: Record<string, unknown>;
	body: Buffer;
}

/** Connection refused, reset, timed out: no complete answer came. */
export interface NoAnswer {
	noAnswer: string;
}

/** Sends once, without retry. */
export type Exchange = (request: ApiRequest) => Promise<HttpAnswer | NoAnswer>;

/** What the transport needs from outside; tests give their own clock. */
export interface TransportTools {
	/** Waits that many milliseconds, or ends early when the execution is cancelled. */
	wait: (milliseconds: number) => Promise<void>;
	/** 0 to 1, for jitter. */
	random: () => number;
	/** Milliseconds since 1970. */
	now: () => number;
	/** Milliseconds until no further try may begin; Infinity where that is not bounded. */
	timeLeft: () => number;
	/** Throws when the execution was cancelled. */
	checkCancelled: () => void;
	/** The vendor's wording for a status that is no success. */
	toError: (answer: HttpAnswer) => ApiError;
}

const TRIES = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 120_000;

/**
 * Sends a request and reads its successful (2xx) answer.
 *
 * 408, 429, 5xx and answers that never came, or came only in part, are asked for again, five times in all, after a wait
 * that doubles from half a second, with jitter. The server's own wait (`Retry-After` in seconds or as a date, else
 * `X-RateLimit-Reset` on a 429) is never shortened; one beyond two minutes is not waited for, and one that is over is
 * none: clocks differ. All calls made here only read, so repeating one changes nothing.
 *
 * @param read Gives what the answer holds, or NoAnswer when it breaks off in the middle. May throw an ApiError.
 * @throws ApiError for any other status, and when the tries are used up.
 */
export async function send<T extends object>(
	request: ApiRequest,
	exchange: Exchange,
	read: (answer: HttpAnswer) => T | NoAnswer,
	tools: TransportTools,
): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		tools.checkCancelled();
		const answer = await exchange(request);
		tools.checkCancelled();

		let error: ApiError;
		let askedWaitMs: number | undefined;
		if (!('noAnswer' in answer) && !isSuccess(answer)) {
			error = tools.toError(answer);
			if (!isRetried(answer)) throw error;
			askedWaitMs = askedWait(answer, tools.now());
			if (askedWaitMs !== undefined) {
				error = new ApiError(error.message, { ...error.details, retryAfterMs: askedWaitMs });
			}
		} else {
			const content = 'noAnswer' in answer ? answer : read(answer);
			if (!('noAnswer' in content)) return content as T;
			error = new ApiError(`The API gave no complete answer: ${content.noAnswer}`, {
				advice:
					'Check the base URL and the network, raise the timeout in the options, or ask for smaller pages.',
				failure: 'temporarily-unavailable',
			});
		}

		if (askedWaitMs !== undefined && askedWaitMs > LONGEST_WAIT_MS) {
			const wait = inWords(askedWaitMs);
			throw advised(error, `It asks to wait for ${wait} and was not asked again: run it after that.`);
		}
		const ownWaitMs = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + tools.random() / 2);
		const waitMs = askedWaitMs || ownWaitMs;
		if (attempt === TRIES || waitMs >= tools.timeLeft()) {
			throw advised(error, attempt === 1 ? '' : `It was asked ${attempt} times.`);
		}
		await tools.wait(waitMs);
	}
}

/** The same error, with a word on what was tried in front of its advice. */
function advised({ message, details }: ApiError, tried: string): ApiError {
	return new ApiError(message, { ...details, advice: [tried, details.advice].filter(Boolean).join(' ') });
}

function inWords(milliseconds: number): string {
	const minutes = Math.ceil(milliseconds / 60_000);
	return minutes <= 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

function isSuccess({ status }: HttpAnswer): boolean {
	return status >= 200 && status < 300;
}

function isRetried({ status }: HttpAnswer): boolean {
	return status === 408 || status === 429 || status >= 500;
}

/** The wait that the server asks for, in milliseconds; `undefined` when it names none, 0 when it is over by our clock. */
function askedWait({ status, headers }: HttpAnswer, now: number): number | undefined {
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
