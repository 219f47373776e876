import { ApiError } from '../../../nodes/shared/util/errors';
import { RateLimiter } from '../../../nodes/shared/http/rateLimiter';
import {
	isOutcomeUnknown,
	send,
	type ApiRequest,
	type HttpResponse,
	type IncompleteResponse,
	type TransportTools,
} from '../../../nodes/shared/http/retry';
import type { SafetyClass } from '../../../nodes/shared/http/types';

const START = Date.UTC(2026, 0, 31, 12);
const PARTS = { path: '/v2/things', query: {}, body: { name: 'one', list: [1, null] } };

type Came = HttpResponse | IncompleteResponse;

const response = (status: number, headers: Record<string, unknown> = {}, body = '{}'): HttpResponse => ({
	status,
	headers,
	body: Buffer.from(body),
});
const OK = response(200);
const NEVER_SENT: Came = { incomplete: 'the connection was refused', neverSent: true };
const TIMEOUT: Came = { incomplete: 'none came within 1 s' };
const BROKEN = response(200, {}, 'broken');

const request = (safety: SafetyClass, giveUpAfterMs?: number): ApiRequest =>
	safety === 'command'
		? { ...PARTS, method: 'POST', safety, giveUpAfterMs }
		: { ...PARTS, method: 'POST', safety };

/** Sends a request against responses in a row (the last one again and again); the clock moves while waiting only. */
function setUp(came: Array<Came | ApiError>, { cancelAtSend = Infinity, cancelAtMs = Infinity } = {}) {
	const state = {
		sent: [] as ApiRequest[],
		sentAt: [] as number[],
		now: START,
		limiter: new RateLimiter(),
	};
	const tools: TransportTools = {
		wait: async (milliseconds) => void (state.now += milliseconds),
		random: () => 1,
		now: () => state.now,
		timeLeft: () => Infinity,
		limiter: state.limiter,
		checkCanceled: () => {
			if (state.sent.length >= cancelAtSend || state.now >= START + cancelAtMs)
				throw new ApiError('The execution was canceled');
		},
		toError: ({ status }) => {
			const failure =
				status === 429
					? 'rate-limited'
					: status >= 500 || status === 408
						? 'temporarily-unavailable'
						: undefined;
			const serverWords = 'The server said: busy';
			return new ApiError(`HTTP ${status}`, {
				status,
				failure,
				serverWords,
				advice: `Try later. ${serverWords}`,
			});
		},
	};
	const sendOnce = async (sent: ApiRequest) => {
		state.sent.push(sent);
		state.sentAt.push(state.now - START);
		const next = came[Math.min(state.sent.length, came.length) - 1];
		if (next instanceof ApiError) throw next;
		return next;
	};
	const read = async ({ body }: HttpResponse): Promise<object> => {
		if (String(body) === 'broken') return { incomplete: 'its JSON breaks off in the middle' };
		if (String(body) === '<html>') throw new ApiError('something else than documented', { status: 200 });
		return { text: String(body) };
	};
	const run = async (given: ApiRequest) => await send(given, sendOnce, read, tools);
	const fail = async (given: ApiRequest): Promise<ApiError> => {
		const error: unknown = await run(given).then(
			() => undefined,
			(reason: unknown) => reason,
		);
		expect(error).toBeInstanceOf(ApiError);
		return error as ApiError;
	};
	return { state, run, fail };
}

const CLASSES: SafetyClass[] = ['read', 'set', 'create', 'command', 'final'];
const NO_EFFECT: Array<[string, Came]> = [
	['a 429', response(429, { 'retry-after': '1' })],
	['a connection that was never made', NEVER_SENT],
];
const UNCERTAIN: Array<[string, Came]> = [
	['a timeout or a cut connection', TIMEOUT],
	['a response that breaks off', BROKEN],
	...[408, 500, 501, 502, 503, 504, 529].map((status): [string, Came] => [`a ${status}`, response(status)]),
];
const MOST_UNCERTAIN = { read: 5, set: 2, create: 1, command: 1, final: 1 };

describe.each(CLASSES)('a request of class %s', (safety) => {
	it.each(NO_EFFECT)('is sent five times after %s', async (_, came) => {
		const { state, fail } = setUp([came]);
		const { details } = await fail(request(safety));
		expect(state.sent).toHaveLength(5);
		expect(new Set(state.sent.map(({ body }) => body))).toEqual(new Set([PARTS.body]));
		expect(details.outcome).toBe(safety === 'read' ? undefined : 'notDone');
	});

	it.each(UNCERTAIN)(`is sent ${MOST_UNCERTAIN[safety]} times after %s`, async (_, came) => {
		const { state, fail } = setUp([came]);
		const error = await fail(request(safety));
		expect(state.sent).toHaveLength(MOST_UNCERTAIN[safety]);
		expect(isOutcomeUnknown(error)).toBe(safety !== 'read');
	});

	it.each([400, 401, 403, 404, 409, 410, 422])('is sent once after a %i', async (status) => {
		const { state, fail } = setUp([response(status), OK]);
		const { message, details } = await fail(request(safety));
		expect(state.sent).toHaveLength(1);
		expect(message).toBe(`HTTP ${status}`);
		expect(details.outcome).toBe(safety === 'read' ? undefined : 'notDone');
	});

	it('comes through where what had no effect ends', async () => {
		const { state, run } = setUp([response(429, { 'retry-after': '1' }), NEVER_SENT, OK]);
		expect(await run(request(safety))).toEqual({ text: '{}' });
		expect(state.sent).toHaveLength(3);
	});
});

describe('a write whose outcome is unknown', () => {
	it('says so, and gives no advice to try again', async () => {
		const { fail } = setUp([response(504)]);
		const { message, details } = await fail(request('command'));
		expect(message).toBe('HTTP 504, and it is not known whether the request was carried out');
		expect(details).toEqual({
			status: 504,
			outcome: 'unknown',
			failure: undefined,
			serverWords: 'The server said: busy',
			advice: 'Check whether it was carried out before you run this again. The server said: busy',
		});
	});

	it.each<[string, Came]>([
		['another page than the documented JSON', response(200, {}, '<html>')],
		['a redirect', response(302)],
	])('is one that is answered with %s', async (_, came) => {
		const { state, fail } = setUp([came, OK]);
		expect((await fail(request('create'))).details.outcome).toBe('unknown');
		expect(state.sent).toHaveLength(1);
	});

	it.each(['unknown', undefined] as const)('is told from one that n8n did not send: %s', async (outcome) => {
		const { fail } = setUp([new ApiError('not allowed', { outcome })]);
		const { message, details } = await fail(request('set'));
		expect(details.outcome).toBe(outcome ?? 'notDone');
		expect(/not known/.test(message)).toBe(outcome === 'unknown');
	});

	it('stays so when its second attempt is refused, and the error says what was refused', async () => {
		const { state, fail } = setUp([TIMEOUT, response(409)]);
		const { message, details } = await fail(request('set'));
		expect(state.sent).toHaveLength(2);
		expect(message).toMatch(/^HTTP 409, and it is not known/);
		expect(details).toMatchObject({ outcome: 'unknown', status: 409 });
		expect(details.advice).toBe(
			'It was sent 2 times. Check whether it was carried out before you run this again. Try later. The server said: busy',
		);
	});

	it('may be set by two attempts only, however many had no effect between them', async () => {
		const { state, fail } = setUp([response(429), response(500), NEVER_SENT, response(500), OK]);
		await fail(request('set'));
		expect(state.sent).toHaveLength(4);
	});

	it('holds back the next requests for as long as the server asks', async () => {
		const { state, fail, run } = setUp([response(503, { 'retry-after': '20' }), OK]);
		await fail(request('create'));
		await run(request('create'));
		expect(state.sentAt).toEqual([0, 20_000]);
	});
});

describe('a wait of an hour', () => {
	const hour = { 'retry-after': '3600' };

	it.each([
		[429, 'notDone'],
		[503, 'unknown'],
	])('after a %i leaves it %s, and the next write is not sent', async (status, outcome) => {
		const { state, fail } = setUp([response(status, hour), OK]);
		for (const safety of ['set', 'create', 'command', 'final'] as const) {
			const { details } = await fail(request(safety));
			expect(details.outcome).toBe(state.sent.length === 1 && safety === 'set' ? outcome : 'notDone');
		}
		expect(state.sent).toHaveLength(1);
	});
});

describe('"Give Up After" of a command', () => {
	it('is half a minute, in which the backoff after a 429 leaves room for three attempts', async () => {
		const { state, fail } = setUp([response(429)]);
		const { details } = await fail(request('command'));
		expect(state.sentAt).toEqual([0, 5000, 15_000]);
		expect(details.outcome).toBe('notDone');
		expect(details.advice).toMatch(
			/^It was not carried out. The next attempt is allowed in 20 seconds, which is later than "Give Up After" allows \(30 seconds\)/,
		);
	});

	it.each([
		[7000, 7001, 2],
		[7000, 7000, 1],
	])('allows a wait of %i ms within %i ms: %i attempts', async (wait, giveUpAfterMs, attempts) => {
		const { state, run } = setUp([response(429, { 'retry-after': String(wait / 1000) }), OK]);
		await run(request('command', giveUpAfterMs)).catch(() => undefined);
		expect(state.sent).toHaveLength(attempts);
	});

	it('ends it at once when the server asks for a longer wait, and the next one is not even sent', async () => {
		const { state, fail } = setUp([response(429, { 'retry-after': '60' }), OK]);
		const first = await fail(request('command'));
		expect(first.details).toMatchObject({ outcome: 'notDone', status: 429, retryAfterMs: 60_000 });
		expect(first.details.advice).toMatch(
			/^It was not carried out. The next attempt is allowed in 60 seconds/,
		);
		const next = await fail(request('command'));
		expect(next.message).toBe('The command was not sent, because it would have come too late');
		expect(next.details).toMatchObject({ outcome: 'notDone', failure: 'rate-limited' });
		expect(state.sentAt).toEqual([0]);
		expect(state.now).toBe(START);
	});

	it('counts the wait for the rate limit, which is kept where it is shorter', async () => {
		const { state, run } = setUp([OK]);
		state.limiter.blockUntil(START + 29_000);
		await run(request('command'));
		expect(state.sentAt).toEqual([29_000]);
	});

	it('counts the wait for a slot', async () => {
		const { state, fail } = setUp([OK]);
		state.limiter.maxConcurrent = 1;
		await state.limiter.acquire();
		const failed = fail(request('command'));
		state.now += 30_001;
		state.limiter.release();
		expect((await failed).message).toBe('The command was not sent, because it would have come too late');
		expect(state.sent).toEqual([]);
	});

	it('is no matter for other classes', async () => {
		const { state, run } = setUp([response(429, { 'retry-after': '60' }), OK]);
		await run(request('create'));
		expect(state.sentAt).toEqual([0, 60_000]);
	});
});

describe('a canceled execution', () => {
	it.each<[string, Came, string]>([
		['was on its way', TIMEOUT, 'unknown'],
		['failed at the server', response(500), 'unknown'],
		['was refused', response(422), 'notDone'],
		['never reached the server', NEVER_SENT, 'notDone'],
	])('says what is known of a write that %s', async (_, came, outcome) => {
		const { state, fail } = setUp([came, OK], { cancelAtSend: 1 });
		const { message, details } = await fail(request('set'));
		expect(message).toMatch(/^The execution was canceled/);
		expect(/not known/.test(message)).toBe(outcome === 'unknown');
		expect(details.outcome).toBe(outcome);
		expect(state.sent).toHaveLength(1);
	});

	it('still gives what a write led to', async () => {
		const { run } = setUp([OK], { cancelAtSend: 1 });
		expect(await run(request('command'))).toEqual({ text: '{}' });
	});

	it('sends no write again during a backoff, and remembers that the first attempt may have been carried out', async () => {
		const { state, fail } = setUp([TIMEOUT, OK], { cancelAtMs: 100 });
		expect((await fail(request('set'))).details.outcome).toBe('unknown');
		expect(state.sent).toHaveLength(1);
	});

	it('sends no write', async () => {
		const { state, fail } = setUp([OK], { cancelAtMs: 0 });
		expect((await fail(request('create'))).details.outcome).toBe('notDone');
		expect(state.sent).toEqual([]);
	});
});

it('a request that is not a GET has to name its class', () => {
	// @ts-expect-error No class.
	const withoutClass: ApiRequest = { ...PARTS, method: 'POST' };
	// @ts-expect-error A GET changes nothing.
	const wrongClass: ApiRequest = { ...PARTS, method: 'GET', safety: 'create' };
	// @ts-expect-error Other classes are not given up.
	const wrongOption: ApiRequest = { ...PARTS, method: 'PUT', safety: 'set', giveUpAfterMs: 1 };
	const fromOther: ApiRequest = { ...(withoutClass as ApiRequest), method: 'POST', safety: 'command' };
	expect([withoutClass, wrongClass, wrongOption, fromOther]).toHaveLength(4);
});
