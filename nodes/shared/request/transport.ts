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

/** What the requests of one credential have in common, so that those under way at the same time slow down together. */
export interface Pace {
	/** When the next one may be sent, in milliseconds since 1970. */
	notBefore: number;
	/** How many more may be sent until the server counts anew, as its newest answer has it; Infinity where it doesn't say. */
	left: number;
	/** When it does, in milliseconds since 1970. */
	resetAt: number;
	/** Answers so far. */
	answered: number;
	/** Sent and not answered yet, or about to be sent. */
	underWay: number;
	/** Most that may be under way. */
	most: number;
	/** Those that wait until one is answered, in the order in which they came. */
	queue: Array<() => void>;
}

/** @param most Requests that may be under way at the same time. */
export function newPace(most: number): Pace {
	return { notBefore: 0, left: Infinity, resetAt: 0, answered: 0, underWay: 0, most, queue: [] };
}

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
	pace: Pace;
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
 * none: clocks differ. A wait that the server asks for, or that a 429 brings, holds back all requests of the credential, and
 * so does the last one that is allowed until the reset (`X-RateLimit-Remaining`). All calls made here only read, so repeating
 * one changes nothing.
 *
 * @param read Gives what the answer holds, or NoAnswer when it breaks off in the middle. May throw an ApiError.
 * @throws ApiError for any other status, and when the tries are used up.
 */
export async function send<T extends object>(
	request: ApiRequest,
	exchange: Exchange,
	read: (answer: HttpAnswer) => Promise<T | NoAnswer>,
	tools: TransportTools,
): Promise<T> {
	const { pace } = tools;
	for (let attempt = 1; ; attempt++) {
		let answer: HttpAnswer | NoAnswer;
		let answeredBefore = 0;
		await takePlace(pace);
		try {
			await untilAllowed(tools);
			tools.checkCancelled();
			answeredBefore = pace.answered;
			answer = await exchange(request);
		} finally {
			// Whoever gets the place sees what this answer holds back: that is set below before anything is awaited.
			leavePlace(pace);
		}
		tools.checkCancelled();
		if (!('noAnswer' in answer)) readLimit(answer, pace.answered - answeredBefore, tools);
		pace.answered++;

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
			const content = 'noAnswer' in answer ? answer : await read(answer);
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
		const isForAll = askedWaitMs !== undefined || isTooMany(answer);
		if (isForAll) pace.notBefore = Math.max(pace.notBefore, tools.now() + waitMs);
		else await tools.wait(waitMs);
	}
}

/** Ends when fewer than the most are under way. */
async function takePlace(pace: Pace): Promise<void> {
	if (pace.underWay < pace.most) pace.underWay++;
	else await new Promise<void>((resolve) => pace.queue.push(resolve));
}

/** Gives the place to the next in the queue. */
function leavePlace(pace: Pace): void {
	const next = pace.queue.shift();
	if (next) next();
	else pace.underWay--;
}

/**
 * Waits while the credential has to, and takes one of the requests that are left. Doesn't wait where no time is left for it, since
 * the server may be asked all the same.
 */
async function untilAllowed({ now, pace, timeLeft, wait, checkCancelled }: TransportTools): Promise<void> {
	// What is waited for can be put off meanwhile, by a request that is under way.
	for (let waitedFor = 0; pace.notBefore > waitedFor;) {
		const left = pace.notBefore - now();
		if (left <= 0 || left >= timeLeft()) break;
		waitedFor = pace.notBefore;
		await wait(left);
		checkCancelled();
	}
	if (--pace.left <= 0) waitForReset(pace);
}

function waitForReset(pace: Pace): void {
	pace.notBefore = Math.max(pace.notBefore, pace.resetAt);
	pace.left = Infinity;
}

/**
 * Reads how many more requests are allowed, and until when by the server's clock.
 *
 * @param overtaken Answers that came while this one was under way. The server may have counted them later, as those that are
 * under way still.
 */
function readLimit({ headers }: HttpAnswer, overtaken: number, { now, pace }: TransportTools): void {
	const remaining = Number(headers['x-ratelimit-remaining'] ?? NaN);
	const date = Date.parse(String(headers.date ?? ''));
	const wait = Number(headers['x-ratelimit-reset'] ?? NaN) * 1000 - (Number.isNaN(date) ? now() : date);
	if (Number.isNaN(remaining) || !(wait > 0 && wait <= LONGEST_WAIT_MS)) return;
	pace.left = remaining - pace.underWay - overtaken;
	pace.resetAt = now() + wait;
	if (pace.left <= 0) waitForReset(pace);
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

function isTooMany(answer: HttpAnswer | NoAnswer): boolean {
	return 'status' in answer && answer.status === 429;
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
