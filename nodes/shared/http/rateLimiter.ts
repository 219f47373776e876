import type { ApiError } from '../util/errors';

/** A wait of which no more than this is waited for: whoever runs a workflow would take it for hung. */
export const MAX_RETRY_AFTER_MS = 120_000;

/** The clock and the waits that a limiter works with; tests give their own. */
export interface LimiterClock {
	/** Milliseconds since 1970. */
	now: () => number;
	/** Waits that many milliseconds, or ends early when the execution is cancelled. */
	wait: (milliseconds: number) => Promise<void>;
	/** Milliseconds until no further attempt may begin; Infinity where that is not bounded. */
	timeLeft: () => number;
	/** Throws when the execution was cancelled. */
	checkCancelled: () => void;
	/** The error for a request that must not be sent where its wait, in milliseconds, would pass the deadline. */
	refuseWait?: (waitMs: number) => ApiError;
}

/**
 * What the requests of one credential have in common during an execution: how many may be active at the same time, and until
 * when the server lets none through. Requests that run at the same time slow down together.
 */
export class RateLimiter {
	/** When the next request may be sent, in milliseconds since 1970. */
	nextAllowedAtMs = 0;

	/** Requests sent and not answered yet, or about to be sent. */
	activeCount = 0;

	/** Answers so far. */
	completedCount = 0;

	/** Whether the last request that met a 429 was refused on each attempt: the limit is no matter of a minute then. */
	isExhausted = false;

	/** Requests that the server still allows until the reset, by its newest answer; Infinity where it doesn't say. */
	private remaining = Infinity;

	private resetAtMs = 0;

	/** Requests that wait for one to be answered, in the order in which they came. */
	private readonly waiting: Array<() => void> = [];

	private refusal: { error: ApiError; untilMs: number } | undefined;

	/** @param maxConcurrent Requests that may be active at the same time. */
	constructor(public maxConcurrent = Infinity) {}

	/** Ends when fewer requests are active than may be. The caller must call {@link release}. */
	async acquire(): Promise<void> {
		if (this.activeCount < this.maxConcurrent) this.activeCount++;
		else await new Promise<void>((resolve) => this.waiting.push(resolve));
	}

	/** Gives the slot to the request that waits longest. */
	release(): void {
		const next = this.waiting.shift();
		if (next) next();
		else this.activeCount--;
	}

	/**
	 * Waits until the rate limit allows another request, then counts it. If the wait would pass the deadline, returns at once
	 * and accepts a possible 429, or throws what `refuseWait` gives.
	 *
	 * @throws ApiError while a wait is in force that is longer than anyone waits for, see {@link refuseUntil}.
	 */
	async waitForRateLimit({ now, wait, timeLeft, checkCancelled, refuseWait }: LimiterClock): Promise<void> {
		// Another active request may extend the wait meanwhile.
		for (let waitedForMs = 0; this.nextAllowedAtMs > waitedForMs;) {
			const leftMs = this.nextAllowedAtMs - now();
			if (leftMs <= 0) break;
			if (leftMs >= timeLeft()) {
				if (refuseWait) throw refuseWait(leftMs);
				break;
			}
			waitedForMs = this.nextAllowedAtMs;
			await wait(leftMs);
			checkCancelled();
		}
		if (this.refusal && now() < this.refusal.untilMs) throw this.refusal.error;
		if (--this.remaining <= 0) this.blockUntilReset();
	}

	/** Holds all requests back until then. */
	blockUntil(timeMs: number): void {
		this.nextAllowedAtMs = Math.max(this.nextAllowedAtMs, timeMs);
	}

	/**
	 * Refuses all requests until then, with the error that the server's demand led to: to ask again during a ban makes it longer.
	 *
	 * @param error For requests that are refused without being sent.
	 */
	refuseUntil(untilMs: number, error: ApiError): void {
		this.refusal = { error, untilMs };
	}

	/**
	 * Reads `X-RateLimit-Remaining` and `X-RateLimit-Reset` (seconds since 1970, by the server's clock).
	 *
	 * @param overtaken Answers that came while this one was active. The server may have counted them later, as it may those
	 * that are active still.
	 * @param now Milliseconds since 1970.
	 */
	updateFromHeaders(headers: Record<string, unknown>, overtaken: number, now: number): void {
		const remaining = Number(headers['x-ratelimit-remaining'] ?? NaN);
		const date = Date.parse(String(headers.date ?? ''));
		const waitMs = Number(headers['x-ratelimit-reset'] ?? NaN) * 1000 - (Number.isNaN(date) ? now : date);
		if (Number.isNaN(remaining) || !(waitMs > 0 && waitMs <= MAX_RETRY_AFTER_MS)) return;
		this.remaining = remaining - this.activeCount - overtaken;
		this.resetAtMs = now + waitMs;
		if (this.remaining <= 0) this.blockUntilReset();
	}

	private blockUntilReset(): void {
		this.blockUntil(this.resetAtMs);
		this.remaining = Infinity;
	}
}

/**
 * The limiters of one execution, one for each credential: an execution that has many items has many clients, and the server
 * counts the requests of all of them together.
 */
export class RateLimiters {
	private readonly limiters = new Map<string, RateLimiter>();

	/**
	 * @param baseUrl Of the credential.
	 * @param secret Of the credential. It is known by its content, since expressions in one credential may give several.
	 */
	of(baseUrl: string, secret: string): RateLimiter {
		const key = `${baseUrl} ${secret}`;
		const limiter = this.limiters.get(key) ?? new RateLimiter();
		this.limiters.set(key, limiter);
		return limiter;
	}
}
