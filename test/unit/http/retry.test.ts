import * as fc from 'fast-check';

import { ApiError } from '../../../nodes/shared/util/errors';
import { RateLimiter } from '../../../nodes/shared/http/rateLimiter';
import {
	send,
	type ApiRequest,
	type HttpResponse,
	type IncompleteResponse,
	type TransportTools,
} from '../../../nodes/shared/http/retry';

const REQUEST: ApiRequest = { path: '/v2/charge-records', query: {}, body: {} };
const START = Date.UTC(2026, 0, 31, 12);

type Came = HttpResponse | IncompleteResponse;

const answer = (status: number, headers: Record<string, unknown> = {}): HttpResponse => ({
	status,
	headers,
	body: Buffer.from(String(status)),
});
const OK = answer(200);

/** Sends against answers in a row (the last one again and again), with a clock that only moves while waiting. */
function setUp(
	came: Array<Came | Promise<Came>>,
	{ random = 1, cancelAt = Infinity, deadline = Infinity } = {},
) {
	const state = {
		requests: [] as ApiRequest[],
		sentAt: [] as number[],
		waits: [] as number[],
		now: START,
		limiter: new RateLimiter(),
	};
	const tools: TransportTools = {
		wait: async (milliseconds) => {
			state.waits.push(milliseconds);
			state.now = Math.min(state.now + milliseconds, cancelAt);
		},
		random: () => random,
		now: () => state.now,
		timeLeft: () => Math.max(0, deadline - state.now),
		limiter: state.limiter,
		checkCanceled: () => {
			if (state.now >= cancelAt) throw new ApiError('The execution was canceled');
		},
		toError: ({ status }) =>
			new ApiError(`HTTP ${status}`, { status, advice: 'advice', failure: 'temporarily-unavailable' }),
	};
	const exchange = async (request: ApiRequest) => {
		state.requests.push(request);
		state.sentAt.push(state.now - START);
		return await came[Math.min(state.requests.length, came.length) - 1];
	};
	const read = async ({ body }: HttpResponse): Promise<{ text: string } | IncompleteResponse> =>
		String(body) === 'cut' ? { incomplete: 'it breaks off' } : { text: String(body) };
	const run = async (reader = read) => await send(REQUEST, exchange, reader, tools);
	const fail = async (): Promise<ApiError> => {
		const error: unknown = await run().then(
			() => undefined,
			(reason: unknown) => reason,
		);
		expect(error).toBeInstanceOf(ApiError);
		return error as ApiError;
	};
	return { state, run, fail };
}

describe('a successful answer', () => {
	it.each([200, 201, 204, 299])('of status %i is read at once', async (status) => {
		const { state, run } = setUp([answer(status)]);
		expect(await run()).toEqual({ text: `${status}` });
		expect(state.requests).toEqual([REQUEST]);
		expect(state.waits).toEqual([]);
	});

	it('that cannot be read as documented is an error and not asked for again', async () => {
		const { state, run } = setUp([OK]);
		const reader = () => {
			throw new ApiError('something else than documented');
		};
		await expect(run(reader)).rejects.toThrow('something else than documented');
		expect(state.requests).toHaveLength(1);
	});

	it('that breaks off in the middle is asked for again', async () => {
		const { state, run } = setUp([{ ...OK, body: Buffer.from('cut') }, OK]);
		expect(await run()).toEqual({ text: '200' });
		expect(state.requests).toHaveLength(2);
	});
});

describe('a status', () => {
	it.each([408, 429, 500, 501, 502, 503, 504, 520, 529, 599])(
		'of %i is asked for five times',
		async (status) => {
			const { state, fail } = setUp([answer(status)]);
			const error = await fail();
			expect(error.details).toMatchObject({ status, advice: 'It was sent 5 times. advice' });
			expect(state.requests).toHaveLength(5);
			expect(state.waits).toHaveLength(4);
		},
	);

	it.each([301, 302, 304, 307, 400, 401, 402, 403, 404, 405, 409, 410, 418, 422, 425, 451])(
		'of %i is an error at once',
		async (status) => {
			const { state, fail } = setUp([answer(status), OK]);
			expect((await fail()).details).toMatchObject({ status, advice: 'advice' });
			expect(state.requests).toHaveLength(1);
			expect(state.waits).toEqual([]);
		},
	);

	it('of trouble that ends in time is no error', async () => {
		const { state, run } = setUp([answer(500), { incomplete: 'ECONNRESET' }, answer(429), answer(503), OK]);
		expect(await run()).toEqual({ text: '200' });
		expect(state.requests).toHaveLength(5);
	});
});

it('an answer that never comes is asked for five times, and the error says what happened', async () => {
	const { state, fail } = setUp([{ incomplete: 'ECONNREFUSED' }]);
	const { message, details } = await fail();
	expect(message).toBe('The API gave no complete response: ECONNREFUSED');
	expect(details).toMatchObject({ failure: 'temporarily-unavailable' });
	expect(details.status).toBeUndefined();
	expect(state.requests).toHaveLength(5);
});

describe('waits', () => {
	it('double from half a second', async () => {
		const { state, fail } = setUp([answer(500)]);
		await fail();
		expect(state.waits).toEqual([500, 1000, 2000, 4000]);
	});

	it.each([
		[0, [250, 500, 1000, 2000]],
		[0.5, [375, 750, 1500, 3000]],
	])('are shortened by chance (%d), by half at most', async (random, waits) => {
		const { state, fail } = setUp([{ incomplete: 'reset' }], { random });
		await fail();
		expect(state.waits).toEqual(waits);
	});

	it.each([
		[429, '7', 7000],
		[503, 7, 7000],
		[500, '0.5', 500],
		[429, '120', 120_000],
		[429, new Date(START + 30_000).toUTCString(), 30_000],
		[503, new Date(START + 30_000).toUTCString(), 30_000],
	])('of a %i with Retry-After %s are as long as it says', async (status, retryAfter, wait) => {
		const { state, run } = setUp([answer(status, { 'retry-after': retryAfter }), OK], { random: 0 });
		await run();
		expect(state.waits).toEqual([wait]);
	});

	it('are never shorter than the server asks for', async () => {
		const wait = fc.integer({ min: 1, max: 120 });
		const chance = fc.double({ min: 0, max: 1, noNaN: true });
		await fc.assert(
			fc.asyncProperty(wait, chance, fc.nat(3), async (seconds, random, before) => {
				const limited = answer(429, { 'retry-after': `${seconds}` });
				const troubles = Array.from({ length: before }, () => answer(500));
				const { state, run } = setUp([...troubles, limited, OK], { random });
				await run();
				expect(state.waits.at(-1)).toBeGreaterThanOrEqual(seconds * 1000);
			}),
		);
	});

	it.each([
		['0', {}],
		['-5', {}],
		['in the past', { 'retry-after': new Date(START - 60_000).toUTCString() }],
		['a reset in the past', { 'x-ratelimit-reset': String(START / 1000 - 60) }],
		['an empty reset', { 'x-ratelimit-reset': '' }],
		['soon', {}],
		['', {}],
	])('are its own where the server asks for none: %s', async (retryAfter, headers) => {
		for (const [status, waits] of [
			[429, [5000, 10_000, 20_000, 40_000]],
			[503, [500, 1000, 2000, 4000]],
		] as const) {
			const { state, fail } = setUp([answer(status, { 'retry-after': retryAfter, ...headers })]);
			await fail();
			expect(state.waits).toEqual(waits);
		}
	});

	it.each([0, 0.5, 1])(
		'after a 429 without a time add up to a minute or more, with chance %d',
		async (random) => {
			const { state, fail } = setUp([answer(429)], { random });
			await fail();
			const total = state.waits.reduce((sum, wait) => sum + wait, 0);
			expect(total).toBeGreaterThanOrEqual(60_000);
			expect(total).toBeLessThanOrEqual(75_000);
		},
	);

	it('of a 429 without Retry-After last until X-RateLimit-Reset', async () => {
		const headers = { 'x-ratelimit-reset': String(START / 1000 + 42) };
		const { state, run } = setUp([answer(429, headers), OK]);
		await run();
		expect(state.waits).toEqual([42_000]);
	});

	it('follow Retry-After rather than X-RateLimit-Reset', async () => {
		const headers = { 'retry-after': '3', 'x-ratelimit-reset': String(START / 1000 + 42) };
		const { state, run } = setUp([answer(429, headers), OK]);
		await run();
		expect(state.waits).toEqual([3000]);
	});

	it('follow X-RateLimit-Reset on a 429 only: it stands on every answer', async () => {
		const headers = { 'x-ratelimit-reset': String(START / 1000 + 42) };
		const { state, run } = setUp([answer(503, headers), OK]);
		await run();
		expect(state.waits).toEqual([500]);
	});

	it.each([
		[{ 'retry-after': '121' }, 121_000, '3 minutes'],
		[{ 'retry-after': '86400' }, 86_400_000, '24 hours'],
		[{ 'retry-after': new Date(START + 3_600_000).toUTCString() }, 3_600_000, '60 minutes'],
		[{ 'x-ratelimit-reset': String(START / 1000 + 300) }, 300_000, '5 minutes'],
	])('beyond two minutes are not waited for; the error carries them: %j', async (headers, wait, words) => {
		const { state, fail } = setUp([answer(429, headers), OK]);
		const { details } = await fail();
		expect(details).toMatchObject({ retryAfterMs: wait, status: 429 });
		expect(details.advice).toBe(
			`It demands a wait of ${words}, so the request was not sent again: run it after that. advice`,
		);
		expect(state.waits).toEqual([]);
		expect(state.requests).toHaveLength(1);
	});

	it('that the server asked for last are carried by the error after the fifth try', async () => {
		const { fail } = setUp([answer(429, { 'retry-after': '2' })]);
		expect((await fail()).details.retryAfterMs).toBe(2000);
		const { fail: failWithout } = setUp([answer(500)]);
		expect((await failWithout()).details.retryAfterMs).toBeUndefined();
	});
});

describe('a time until when all must be done', () => {
	it('is no matter for an answer that comes', async () => {
		const { state, run } = setUp([OK], { deadline: START });
		expect(await run()).toEqual({ text: '200' });
		expect(state.requests).toHaveLength(1);
	});

	it.each([
		[0, 1],
		[500, 1],
		[501, 2],
		[1500, 2],
		[1501, 3],
		[3500, 3],
		[3501, 4],
		[7500, 4],
		[7501, 5],
		[1_000_000, 5],
	])('of %i ms leaves room for %i tries: none begins when it is over', async (left, tries) => {
		const deadline = START + left;
		const { state, fail } = setUp([answer(503)], { deadline });
		const { details } = await fail();
		expect(state.requests).toHaveLength(tries);
		expect(state.now).toBeLessThan(Math.max(deadline, START + 1));
		expect(details).toMatchObject({ status: 503, failure: 'temporarily-unavailable' });
		expect(details.advice).toBe(tries === 1 ? 'advice' : `It was sent ${tries} times. advice`);
	});

	it('that is nearer than the wait the server asks for ends it at once, and the error carries that wait', async () => {
		const limited = answer(429, { 'retry-after': '60' });
		const { state, fail } = setUp([limited, OK], { deadline: START + 60_000 });
		expect((await fail()).details).toMatchObject({ status: 429, retryAfterMs: 60_000 });
		expect(state.waits).toEqual([]);
		expect(state.requests).toHaveLength(1);
	});

	it('that is farther than the wait the server asks for leaves room for it', async () => {
		const limited = answer(429, { 'retry-after': '60' });
		const { state, run } = setUp([limited, OK], { deadline: START + 60_001 });
		expect(await run()).toEqual({ text: '200' });
		expect(state.waits).toEqual([60_000]);
	});

	it('ends the tries for answers that never came as well', async () => {
		const { state, fail } = setUp([{ incomplete: 'none came within 1 s' }], { deadline: START + 400 });
		expect((await fail()).message).toBe('The API gave no complete response: none came within 1 s');
		expect(state.requests).toHaveLength(1);
	});
});

describe('a canceled execution', () => {
	it('sends nothing more', async () => {
		const { state, fail } = setUp([OK], { cancelAt: START });
		expect((await fail()).message).toBe('The execution was canceled');
		expect(state.requests).toEqual([]);
	});

	it('ends during a wait, without a further request', async () => {
		const { state, fail } = setUp([answer(429, { 'retry-after': '60' }), OK], { cancelAt: START + 5000 });
		expect((await fail()).message).toBe('The execution was canceled');
		expect(state.requests).toHaveLength(1);
	});

	it('ends after a request, without reading the answer', async () => {
		const { state, run } = setUp([OK]);
		let canceled = false;
		const exchange = async () => {
			canceled = true;
			return OK;
		};
		const tools: TransportTools = {
			wait: async () => undefined,
			random: () => 0,
			now: () => START,
			timeLeft: () => Infinity,
			limiter: new RateLimiter(),
			checkCanceled: () => {
				if (canceled) throw new ApiError('The execution was canceled');
			},
			toError: () => new ApiError('other'),
		};
		const read = async () => {
			throw new Error('was read');
		};
		await expect(send(REQUEST, exchange, read, tools)).rejects.toThrow('The execution was canceled');
		await run();
		expect(state.requests).toHaveLength(1);
	});
});

describe('requests of one credential', () => {
	const limited = (remaining: number | string, resetInSeconds: number, more = {}) =>
		answer(200, {
			'x-ratelimit-remaining': String(remaining),
			'x-ratelimit-reset': String(START / 1000 + resetInSeconds),
			...more,
		});

	it('wait together until they may go on', async () => {
		const { state, run } = setUp([OK]);
		state.limiter.nextAllowedAtMs = START + 10_000;
		await Promise.all([run(), run(), run()]);
		expect(Math.min(...state.sentAt)).toBeGreaterThanOrEqual(10_000);
	});

	it.each([
		['a 429 without a time, are held back', answer(429), true],
		['an outage without a time, go on', answer(503), false],
		['an outage with a time, are held back', answer(503, { 'retry-after': '3' }), true],
	])('of which one met with %s', async (_, failed, held) => {
		const { state, run } = setUp([failed, OK]);
		await run();
		expect(state.limiter.nextAllowedAtMs > START).toBe(held);
	});

	it.each([
		['a 429', answer(429, { 'retry-after': '3600' })],
		['an outage', answer(503, { 'retry-after': '3600' })],
	])(
		'of which one was told to wait for an hour by %s fail without being sent, until it is over',
		async (_, told) => {
			const { state, run, fail } = setUp([told, OK]);
			await fail();
			const { message, details } = await fail();
			expect(message).toBe(`HTTP ${told.status}`);
			expect(details).toMatchObject({ status: told.status, retryAfterMs: 3_600_000 });
			expect(details.advice).toBe(
				'It demands a wait of 60 minutes, so this request was not sent: run it after that. advice',
			);
			expect(state.requests).toHaveLength(1);
			state.now = START + 3_600_000;
			expect(await run()).toEqual({ text: '200' });
		},
	);

	it('wait for the reset once nothing remains, so that the limit is not hit', async () => {
		const { state, run } = setUp([limited(1, 30), limited(0, 30), OK]);
		for (let time = 0; time < 4; time++) await run();
		expect(state.sentAt).toEqual([0, 0, 30_000, 30_000]);
	});

	it("read the reset by the server's clock", async () => {
		const date = new Date(START - 3600_000).toUTCString();
		const { state, run } = setUp([limited(0, 20 - 3600, { date }), OK]);
		await run();
		await run();
		expect(state.sentAt).toEqual([0, 20_000]);
	});

	it('count those that are under way as used', async () => {
		const { state, run } = setUp([limited(3, 30), OK]);
		state.limiter.activeCount = 3;
		await run();
		expect(state.limiter.nextAllowedAtMs).toBe(START + 30_000);
	});

	it('are never more at once than may be; who waits goes on in its turn, one for each that is answered', async () => {
		const { state, run } = setUp([answer(404), answer(404), OK]);
		state.limiter.maxConcurrent = 2;
		state.limiter.activeCount = 2;
		const ended: number[] = [];
		const all = [0, 1, 2, 3].map(
			async (index) =>
				await run()
					.catch(() => undefined)
					.then(() => ended.push(index)),
		);
		await new Promise(setImmediate);
		expect(state.requests).toEqual([]);
		// One of those that were under way is answered.
		state.limiter.release();
		await Promise.all(all);
		expect(ended).toEqual([0, 1, 2, 3]);
		expect(state.limiter.activeCount).toBe(1);
	});

	it.each([
		['says that none remains', limited(0, 30), [0, 30_000]],
		['asks to wait', answer(429, { 'retry-after': '30' }), [0, 30_000, 30_000]],
		['is one of too many', answer(429), [0, 5000, 5000]],
	])(
		'that waited for their place are held back when the answer that gave it to them %s',
		async (_, first, sentAt) => {
			const { state, run } = setUp([first, OK]);
			state.limiter.maxConcurrent = 1;
			await Promise.all([run(), run()]);
			expect(state.sentAt).toEqual(sentAt);
		},
	);

	it('give their place back when they are canceled before they were sent', async () => {
		const { state, run } = setUp([OK], { cancelAt: START });
		state.limiter.maxConcurrent = 1;
		for (const one of [run(), run(), run()]) await expect(one).rejects.toThrow('canceled');
		expect(state.limiter.activeCount).toBe(0);
		expect(state.requests).toEqual([]);
	});

	it('that begin together are no more than what is left', async () => {
		const { state, run } = setUp([limited(2, 30), answer(200)]);
		await run();
		// The clock goes on with the first that waits.
		await Promise.all([run(), run(), run()]);
		expect(state.waits).toEqual([30_000]);
	});

	it('count as used, too, where their answers overtook the one that says what is left', async () => {
		let arrive!: (answer: HttpResponse) => void;
		const { state, run } = setUp([new Promise((resolve) => (arrive = resolve)), OK]);
		const late = run();
		for (let time = 0; time < 3; time++) await run();
		arrive(limited(3, 30));
		await late;
		expect(state.limiter.nextAllowedAtMs).toBe(START + 30_000);
	});

	it('go on while what is left does not fall, however many they are', async () => {
		const { state, run } = setUp([limited(2, 30)]);
		for (let time = 0; time < 9; time++) await run();
		expect(state.waits).toEqual([]);
	});

	it.each([
		['is further away than two minutes', limited(0, 121)],
		['is over', limited(0, -5)],
		['is not told', answer(200, { 'x-ratelimit-remaining': '0' })],
		['is no number', limited(0, 30, { 'x-ratelimit-reset': 'soon' })],
		['comes without what remains', limited('', 30, { 'x-ratelimit-remaining': undefined })],
	])('go on when the reset %s', async (_, first) => {
		const { state, run } = setUp([first, OK]);
		await run();
		await run();
		expect(state.sentAt).toEqual([0, 0]);
	});

	it('go on when there is no time left for the wait: the server may be asked all the same', async () => {
		const { state, run } = setUp([limited(0, 30), OK], { deadline: START + 20_000 });
		await run();
		await run();
		expect(state.sentAt).toEqual([0, 0]);
	});
});
