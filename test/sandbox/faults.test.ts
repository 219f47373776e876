import timers from 'node:timers/promises';

import { startSandbox, type Fault, type Sandbox } from '../../sandbox';
import { call, walk } from './client';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ records: 100, plain: true });
});
afterAll(() => sandbox.close());
afterEach(() => {
	jest.restoreAllMocks();
	sandbox.spirii.reset();
});

const LIST = '/v2/charge-records';
const ask = (query = {}) => call(sandbox.spirii, LIST, { query });
const cause = (...faults: Fault[]) => sandbox.spirii.faults.push(...faults);

/** Holds the delays of the servers: each lasts until the test ends it. `jest.restoreAllMocks()` ends that. */
function holdDelays() {
	const lengths: Array<number | undefined> = [];
	const held: Array<() => void> = [];
	let announce: (end: () => void) => void = (end) => held.push(end);
	jest.spyOn(timers, 'setTimeout').mockImplementation(async (milliseconds) => {
		lengths.push(milliseconds);
		await new Promise<void>((end) => announce(end));
		return undefined as never;
	});
	return {
		/** In milliseconds. */
		lengths,
		/** Waits for the next delay, and gives what ends it. */
		next: async (): Promise<() => void> =>
			held.shift() ??
			(await new Promise((resolve) => {
				announce = (end) => {
					announce = (later) => held.push(later);
					resolve(end);
				};
			})),
	};
}

describe('faults', () => {
	it('latency: a right answer, but late', async () => {
		const right = await ask();
		const delays = holdDelays();
		cause({ kind: 'latency', ms: 300 });
		let isThere = false;
		const answer = ask().finally(() => (isThere = true));
		const goOn = await delays.next();
		expect(delays.lengths).toEqual([300]);
		expect([isThere, sandbox.spirii.requests.at(-1)!.status]).toEqual([false, 0]);
		goOn();
		const late = await answer;
		expect([late.status, late.text]).toEqual([200, right.text]);
	});

	it.each([408, 429, 500, 502, 503, 504, 418])(
		'status %d: with the error body of the vendor',
		async (status) => {
			cause({ kind: 'status', status });
			const answer = await ask();
			expect(answer.status).toBe(status);
			expect(answer.json.error.message).toBeTruthy();
			expect((await ask()).status).toBe(200);
		},
	);

	it('status: with a Retry-After in seconds or as a date, and with a body of its own', async () => {
		const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
		cause(
			{ kind: 'status', status: 429, retryAfter: 3 },
			{ kind: 'status', status: 503, retryAfter: date, body: 'down for maintenance' },
		);
		expect((await ask()).headers['retry-after']).toBe('3');
		const second = await ask();
		expect([second.headers['retry-after'], second.text]).toEqual([date, 'down for maintenance']);
	});

	it('status: in the form of Volt Time there', async () => {
		sandbox.voltTime.faults.push({ kind: 'status', status: 500 });
		const { status, json } = await call(sandbox.voltTime, '/api/v2/user');
		expect([status, Object.keys(json)]).toEqual([500, ['message']]);
	});

	it('reset: the connection is cut before an answer', async () => {
		cause({ kind: 'reset' });
		await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
		expect(sandbox.spirii.requests[0].status).toBe(0);
		expect((await ask()).status).toBe(200);
	});

	it('resetMidway: the connection is cut after half of the body', async () => {
		cause({ kind: 'resetMidway' });
		await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
		cause({ kind: 'resetMidway' });
		const response = await fetch(`${sandbox.spirii.url}${LIST}`, {
			headers: { authorization: `Bearer ${sandbox.spirii.key}` },
		});
		expect(response.status).toBe(200);
		await expect(response.text()).rejects.toThrow();
	});

	it('slowBody: headers at once, the whole body later', async () => {
		const right = await ask();
		const delays = holdDelays();
		cause({ kind: 'slowBody', ms: 500 });
		const response = await fetch(`${sandbox.spirii.url}${LIST}`, {
			headers: { authorization: `Bearer ${sandbox.spirii.key}` },
		});
		let isWhole = false;
		const body = response.text().finally(() => (isWhole = true));
		for (let part = 1; part <= 10; part++) {
			const goOn = await delays.next();
			expect(isWhole).toBe(false);
			goOn();
		}
		expect(await body).toBe(right.text);
		expect(delays.lengths).toEqual(Array(10).fill(50));
	});

	it('truncatedJson: status 200, a right length, and no JSON', async () => {
		cause({ kind: 'truncatedJson' });
		const answer = await ask();
		expect([answer.status, answer.headers['content-length']]).toEqual([
			200,
			String(Buffer.byteLength(answer.text)),
		]);
		expect(answer.headers['content-type']).toContain('application/json');
		expect(answer.json).toBeUndefined();
	});

	it('html: status 200 and a login page', async () => {
		cause({ kind: 'html' });
		const { status, headers, text } = await ask();
		expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
		expect(text).toContain('<!doctype html>');
	});

	it('redirect: to any address', async () => {
		cause({ kind: 'redirect', to: 'https://elsewhere.example/login' });
		const { status, headers } = await ask();
		expect([status, headers.location]).toEqual([302, 'https://elsewhere.example/login']);
	});

	it('wrongShape: no data, or data that is no list', async () => {
		cause({ kind: 'wrongShape' }, { kind: 'wrongShape', form: 'dataNotArray' });
		expect((await ask()).json).toEqual({ items: [] });
		expect(Array.isArray((await ask()).json.data)).toBe(false);
	});

	it.each([LIST, '/v2/transactions'])(
		'repeatedCursor: %s gives the cursor that it was asked with',
		async (path) => {
			cause({ kind: 'repeatedCursor' });
			const first = await call(sandbox.spirii, path, { query: { limit: 10 } });
			const { nextPageCursor } = first.json;
			const second = await call(sandbox.spirii, path, { query: { limit: 10, nextPageCursor } });
			expect(second.json.nextPageCursor).toBe(nextPageCursor);
			expect(second.json.data).not.toEqual(first.json.data);
			expect(sandbox.spirii.faults).toEqual([]);
		},
	);

	describe.each([
		[LIST, 'transactionId', {}],
		[LIST, 'transactionId', { sortDirection: 'desc' }],
		['/v2/transactions', 'id', {}],
		['/v2/transactions', 'id', { startedAt: '2020-01-01T00:00:00Z' }],
	] as const)('of %s by %s with %j', (path, id, order) => {
		const walked = (kind: 'nextPageCursor' | 'previousPageCursor' = 'nextPageCursor', start?: string) =>
			walk(sandbox.spirii, path, { limit: 10, ...order }, kind, start);
		const ids = (pages: Awaited<ReturnType<typeof walk>>) => pages.flat().map((row) => row[id]);

		it('emptyPage: pages without records, whose cursors are new and skip nothing', async () => {
			const right = ids(await walked());
			cause({ kind: 'emptyPage', times: 2 });
			const pages = await walked();
			expect(pages.map((page) => page.length).slice(0, 3)).toEqual([0, 0, 10]);
			expect(ids(pages)).toEqual(right);
			const isThird = ({ query }: { query: URLSearchParams }) => query.get('nextPageCursor') !== null;
			cause({ kind: 'emptyPage', times: 12, when: isThird });
			const more = await walked();
			expect(more.filter((page) => page.length === 0)).toHaveLength(12);
			expect(ids(more)).toEqual(right);
			const asked = sandbox.spirii.requests
				.map(({ query }) => query.get('nextPageCursor'))
				.slice(-more.length);
			expect(new Set(asked).size).toBe(more.length);
		});

		it('emptyPage: backwards too', async () => {
			const all = ids(await walked());
			const { json } = await call(sandbox.spirii, path, { query: { limit: 40, ...order } });
			const next = await call(sandbox.spirii, path, {
				query: { limit: 10, ...order, nextPageCursor: json.nextPageCursor },
			});
			cause({ kind: 'emptyPage', times: 2 });
			const pages = await walked('previousPageCursor', next.json.previousPageCursor);
			expect(pages.map((page) => page.length)).toEqual([0, 0, 10, 10, 10, 10]);
			expect(ids([...pages].reverse())).toEqual(all.slice(0, 40));
		});

		it('shortPage: half as many records, and the cursor goes on right behind them', async () => {
			const right = ids(await walked());
			cause({ kind: 'shortPage', times: 3 });
			const pages = await walked();
			expect(pages.map((page) => page.length).slice(0, 4)).toEqual([5, 5, 5, 10]);
			expect(ids(pages)).toEqual(right);
		});
	});

	it('emptyPage and shortPage: on v1, with the right total', async () => {
		cause({ kind: 'emptyPage' }, { kind: 'shortPage' });
		const query = { limit: 10 };
		const [empty, short] = [
			await call(sandbox.spirii, '/v1/charge-records', { query }),
			await call(sandbox.spirii, '/v1/charge-records', { query }),
		];
		expect(empty.json).toMatchObject({ data: [], totalElements: 100 });
		expect([short.json.data.length, short.json.totalElements]).toEqual([5, 100]);
	});
});

describe('the queue of faults', () => {
	it('gives each fault as often as it says, in order, to the requests that it is for', async () => {
		cause(
			{ kind: 'status', status: 503, when: ({ path }) => path === '/v2/transactions' },
			{ kind: 'status', status: 500, times: 2 },
		);
		const statuses = [];
		for (const path of [LIST, '/v2/transactions', LIST, LIST]) {
			statuses.push((await call(sandbox.spirii, path)).status);
		}
		expect(statuses).toEqual([500, 503, 500, 200]);
		expect(sandbox.spirii.faults).toEqual([]);
	});
});

describe('the record of requests', () => {
	it('has each as it was on the wire, and what became of it', async () => {
		const counts: number[] = [];
		sandbox.voltTime.onRequest = (_request, count) => void counts.push(count);
		await call(sandbox.voltTime, '/api/v2/teams/1107/chargers/402700/transactions', {
			query: 'date_from=2026-01-01%2000%3A00%3A00&limit=2',
			body: '{"date_to":"2026-02-01 00:00:00"}',
		});
		await call(sandbox.voltTime, '/nowhere/..%2Fx', { headers: { accept: '*/*' } });
		const [first, second] = sandbox.voltTime.requests.slice(-2);
		expect(first).toMatchObject({
			method: 'GET',
			path: '/api/v2/teams/1107/chargers/402700/transactions',
			rawQuery: 'date_from=2026-01-01%2000%3A00%3A00&limit=2',
			body: '{"date_to":"2026-02-01 00:00:00"}',
			status: 200,
			headers: { authorization: `Bearer ${sandbox.voltTime.key}`, accept: 'application/json' },
		});
		expect(first.query.get('date_from')).toBe('2026-01-01 00:00:00');
		expect(second).toMatchObject({ path: '/nowhere/..%2Fx', rawQuery: '', body: '', status: 302 });
		expect(counts[1]).toBe(counts[0] + 1);
	});
});
