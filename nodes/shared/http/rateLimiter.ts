import type { ApiError } from '../util/errors';

/** The longest wait that is accepted. A workflow that waits longer looks as if it hangs. */
export const MAX_RETRY_AFTER_MS = 120_000;

/** The clock and the wait function of a limiter. Tests pass their own. */
export interface LimiterClock {
	/** Milliseconds since 1970. */
	now: () => number;
	/** Waits for that many milliseconds. Ends early if the execution is canceled. */
	wait: (milliseconds: number) => Promise<void>;
	/** Milliseconds until the deadline, after which no attempt may begin. Infinity without a deadline. */
	timeLeft: () => number;
	/** Throws if the execution was canceled. */
	checkCanceled: () => void;
	/** Creates the error for a request that is not sent because its wait would pass the deadline. */
	refuseWait?: (waitMs: number) => ApiError;
}

/**
 * The rate limit of one credential during one execution: how many requests may be active at the same time, and the time before
 * which none may be sent. All requests of the credential share it, so they slow down together.
 */
export class RateLimiter {
	/** When the next request may be sent, in milliseconds since 1970. */
	nextAllowedAtMs = 0;

	/** Requests that hold a slot: sent and without a response yet, or about to be sent. */
	activeCount = 0;

	/** Responses received so far. */
	completedCount = 0;

	/** Whether the last request that got a 429 got one on every attempt. The limit then lasts longer than a minute. */
	isExhausted = false;

	/** Requests that the server still allows until the reset, as of its newest response. Infinity if it does not say. */
	private remaining = Infinity;

	private resetAtMs = 0;

	/** Requests that wait for a slot, oldest first. */
	private readonly waiting: Array<() => void> = [];

	private refusal: { error: ApiError; untilMs: number } | undefined;

	/** @param maxConcurrent Requests that may be active at the same time. */
	constructor(public maxConcurrent = Infinity) {}

	/** Waits for a free slot and takes it. The caller must call {@link release}. */
	async acquire(): Promise<void> {
		if (this.activeCount < this.maxConcurrent) this.activeCount++;
		else await new Promise<void>((resolve) => this.waiting.push(resolve));
	}

	/** Passes the slot to the request that has waited longest. */
	release(): void {
		const next = this.waiting.shift();
		if (next) next();
		else this.activeCount--;
	}

	/**
	 * Waits until the rate limit allows another request, then counts it. If the wait would pass the deadline, returns at once
	 * and accepts a possible 429, or throws the error that `refuseWait` creates.
	 *
	 * @throws ApiError while the server demands a wait longer than {@link MAX_RETRY_AFTER_MS}, see {@link refuseUntil}.
	 */
	async waitForRateLimit({ now, wait, timeLeft, checkCanceled, refuseWait }: LimiterClock): Promise<void> {
		// Another request may extend the wait in the meantime.
		for (let waitedForMs = 0; this.nextAllowedAtMs > waitedForMs;) {
			const leftMs = this.nextAllowedAtMs - now();
			if (leftMs <= 0) break;
			if (leftMs >= timeLeft()) {
				if (refuseWait) throw refuseWait(leftMs);
				break;
			}
			waitedForMs = this.nextAllowedAtMs;
			await wait(leftMs);
			checkCanceled();
		}
		if (this.refusal && now() < this.refusal.untilMs) throw this.refusal.error;
		if (--this.remaining <= 0) this.blockUntilReset();
	}

	/** Holds back all requests until a time. */
	blockUntil(timeMs: number): void {
		this.nextAllowedAtMs = Math.max(this.nextAllowedAtMs, timeMs);
	}

	/**
	 * Refuses all requests until a time. Some servers prolong a ban with each request that they receive during it.
	 *
	 * @param error The error of the refused requests.
	 */
	refuseUntil(untilMs: number, error: ApiError): void {
		this.refusal = { error, untilMs };
	}

	/**
	 * Reads `X-RateLimit-Remaining` and `X-RateLimit-Reset` (seconds since 1970, by the server's clock).
	 *
	 * @param overtaken Responses that arrived while this request was active. The server may have counted their requests after this
	 * one, and so for the requests that are still active.
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
 * The rate limiters of one execution, one per credential. Each input item has a client of its own, but the server counts the
 * requests of all clients together.
 */
export class RateLimiters {
	private readonly limiters = new Map<string, RateLimiter>();

	/**
	 * @param baseUrl The base URL of the credential.
	 * @param secret The key of the credential. The limiter belongs to the key, since one credential with expressions can have
	 * several keys.
	 */
	of(baseUrl: string, secret: string): RateLimiter {
		const key = `${baseUrl} ${secret}`;
		const limiter = this.limiters.get(key) ?? new RateLimiter();
		this.limiters.set(key, limiter);
		return limiter;
	}
}
