import type { IDataObject } from 'n8n-workflow';

import { advanceClock } from '../support/clock';
import { holdRequests } from '../support/requests';
import { failureOf, useSandbox } from '../support/sandbox';
import { schedule, type PollStep, type ScheduledTrigger } from '../support/trigger';
import { holdTimeouts, shortenWaits } from '../support/waits';
import { ALL_WATCHED, SPIRII, watchedIn, type WatchedName } from '../support/watched';

const house = useSandbox({
	records: 60,
	transactionsPerCharger: 20,
	plain: true,
	now: new Date().toISOString(),
});
const watched = watchedIn(house);
afterEach(() => {
	jest.restoreAllMocks();
});

const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Lets each request to a vendor take so long, without waiting for it. */
function slowDown(vendor: 'spirii' | 'voltTime', milliseconds: number): void {
	house[vendor].onRequest = () => advanceClock(milliseconds);
}

describe('the time of a poll', () => {
	const { activate, add, idOf } = watched['Spirii transactions'];

	test.each([
		// Pages are asked for in the first 70 % of the time: here a page takes 8 s, and the first request tells the time.
		[undefined, 3],
		[30_000, 3],
		[100_000, 9],
		[1000, 2],
	])('of %s ms is kept, and the next poll goes on at the stored cursor', async (budget, requests) => {
		const trigger = activate({ firstRun: 'all', options: { pageSize: 2 } });
		trigger.budget = budget;
		slowDown('spirii', 8000);
		const first = await trigger.poll();
		expect(house.spirii.requests).toHaveLength(requests);
		expect(first).toHaveLength((requests - 1) * 2);

		house.spirii.onRequest = undefined;
		jest.restoreAllMocks();
		const [, newest] = house.spirii.requests.splice(0).reverse();
		trigger.budget = 300_000;
		const rest = await trigger.poll();
		const [{ query }] = house.spirii.requests;
		const cursor = query.get('nextPageCursor');
		const lastEnd = first[first.length - 1].endedAt as string;
		expect(cursor).toMatch(lastEnd);
		expect(newest?.query.get('nextPageCursor')).not.toBe(cursor);
		expect(query.get('endedAt')).toBe('2000-01-01T00:00:00.000Z');
		const ids = [...first, ...rest].map(idOf);
		expect(ids.sort()).toEqual(house.spirii.data.ids());
	});

	test('ends it even where an answer never comes, well before the next one', async () => {
		const trigger = activate();
		await trigger.poll();
		trigger.budget = 1200;
		const timeouts = holdTimeouts();
		const { held, settled, begun, release } = holdRequests(house.spirii);
		const failure = failureOf(trigger.poll());
		await settled();
		expect(held).toHaveLength(1);
		expect([timeouts.silence, timeouts.answer]).toEqual([[2000], [2100]]);
		// Whatever it does then, no time is left for another attempt.
		advanceClock(2000);
		timeouts.endSilence();
		const { message, cause } = await failure;
		expect(begun()).toBe(1);
		release();
		expect(message).toBe('The API gave no complete response: none came within 2 s');
		expect(cause).toBe('temporarily-unavailable');
	});

	test.each([429, 503])('is not waited out where status %i asks for more than that', async (status) => {
		const waits = shortenWaits();
		const trigger = activate();
		await trigger.poll();
		const before = clone(trigger.data());
		const id = add();
		trigger.budget = 30_000;
		house.spirii.requests.length = 0;
		house.spirii.faults.push({ kind: 'status', status, retryAfter: 60 });
		expect(await failureOf(trigger.poll())).toMatchObject({
			cause: status === 429 ? 'rate-limited' : 'temporarily-unavailable',
			retryAfterMs: 60_000,
			httpCode: String(status),
		});
		expect(house.spirii.requests).toHaveLength(1);
		expect(waits).toEqual([]);
		expect(trigger.data()).toEqual(before);
		expect((await trigger.poll()).map(idOf)).toEqual([id]);
	});

	test('is waited out where the server asks for less', async () => {
		const waits = shortenWaits();
		const trigger = activate();
		await trigger.poll();
		const id = add();
		trigger.budget = 30_000;
		house.spirii.faults.push({ kind: 'status', status: 429, retryAfter: 20 });
		expect((await trigger.poll()).map(idOf)).toEqual([id]);
		expect(waits).toEqual([20_000]);
	});
});

describe('a backlog', () => {
	const backlog = useSandbox({
		records: 3000,
		transactionsPerCharger: 3,
		firstChargerTransactions: 3000,
		plain: true,
		now: new Date().toISOString(),
	});
	const sources = watchedIn(backlog);
	const options = { pageSize: 100, maxRecords: 500 };

	test.each(
		SPIRII.flatMap((name) => ['completed', 'changed', 'corrected'].map((event) => [name, event] as const)),
	)('on %s drains poll by poll, each session once, also what happens meanwhile (%s)', async (name, event) => {
		const { activate, add, idOf, change } = sources[name];
		const trigger = activate({ event, firstRun: 'all', options });
		const all = event === 'corrected' ? [] : backlog.spirii.data.ids();
		const given: number[] = [];
		for (let poll = 1; poll <= 6; poll++) {
			const ids = (await trigger.poll()).map(idOf);
			expect([poll, ids.length]).toEqual([poll, event === 'corrected' ? 0 : 500]);
			given.push(...ids);
			// Every session that was read is remembered, in so many characters, beside those of the position in the list.
			const size = { completed: 5, changed: 13, corrected: 24 }[event]!;
			const read = event === 'corrected' ? 3000 : poll * 500;
			expect(JSON.stringify(trigger.data()).length).toBeLessThan(1000 + size * read);
			// What takes no end of it may take one poll more, or none.
			if (event === 'corrected') break;
		}
		const late = add();
		if (event !== 'corrected') all.push(late);
		for (let poll = 0; poll < 3; poll++) given.push(...(await trigger.poll()).map(idOf));
		expect(given.sort((one, other) => one - other)).toEqual(all);

		change(late, { kwh: 99 });
		change(all[10] ?? backlog.spirii.data.ids()[10], { kwh: 99 });
		const old = all[10] ?? backlog.spirii.data.ids()[10];
		const expected = event === 'completed' ? [] : [old, late];
		expect((await trigger.poll()).map(idOf).sort((one, other) => one - other)).toEqual(expected);
		expect(await trigger.poll()).toEqual([]);
	});

	test('on a Volt Time charger drains poll by poll, each session once', async () => {
		const trigger = sources['Volt Time, one charger'].activate({
			teamId: '1107',
			chargerId: '402700',
			firstRun: 'all',
			options,
		});
		const { data } = backlog.voltTime;
		const ended = data.ids(402_700).filter((id) => data.get(id)!.stopped_at !== null);
		expect(ended.length).toBeGreaterThan(2990);
		const given: number[] = [];
		for (let poll = 1; poll <= 12; poll++) {
			const ids = (await trigger.poll()).map(({ id }) => id as number);
			expect(ids.length).toBeLessThan(600);
			given.push(...ids);
		}
		expect(given.sort((one, other) => one - other)).toEqual(ended);
		expect(await trigger.poll()).toEqual([]);
	});

	test.each(SPIRII)('on %s goes on where the cursor is refused by then, each session once', async (name) => {
		const { activate, idOf } = sources[name];
		const trigger = activate({ firstRun: 'all', options });
		const given = (await trigger.poll()).map(idOf);
		backlog.spirii.switches.cursorsExpire = true;
		backlog.spirii.onRequest = ({ query }) => {
			if (!query.has('nextPageCursor')) backlog.spirii.switches.cursorsExpire = false;
		};
		for (let poll = 0; poll < 7; poll++) given.push(...(await trigger.poll()).map(idOf));
		expect(backlog.spirii.requests.map(({ status }) => status)).toContain(400);
		expect(given.sort((one, other) => one - other)).toEqual(backlog.spirii.data.ids());
	});
});

describe.each(ALL_WATCHED)('two polls at the same time on %s', (name) => {
	const { activate, add, idOf, vendor } = watched[name];

	test.each([0, 1])('give each session once, whichever is slow (%i)', async (slow) => {
		const trigger = activate();
		await trigger.poll();
		const ids = [add(), add()];
		const before = house[vendor].requests.length;
		house[vendor].faults.push({
			kind: 'latency',
			ms: 150,
			when: () => house[vendor].requests.length > before + slow,
		});
		const polls = await Promise.all([trigger.poll(), trigger.poll(), trigger.poll()]);
		expect(polls.flat().map(idOf).sort()).toEqual(ids);
		expect(polls.map(({ length }) => length)).toEqual([2, 0, 0]);
		const line = 'another poll is under way or has just ended, so this one does nothing';
		expect(trigger.log.filter((text) => text.includes(line))).toHaveLength(2);
		expect(await trigger.poll()).toEqual([]);
	});

	test('give each session once where n8n holds the position in several places', async () => {
		const trigger = activate();
		await trigger.poll();
		const ids = [add(), add()];
		const real = trigger.data();
		house[vendor].faults.push({ kind: 'latency', ms: 100 });
		const { workflow, node } = trigger.loaded();
		const type = workflow.nodeTypes.getByNameAndVersion(node.type);
		const polls = Array.from({ length: 2 }, async (): Promise<IDataObject[]> => {
			const context = trigger.context('trigger', { staticData: () => new Proxy(real, {}) });
			const output = await type.poll!.call(context);
			return (output?.[0] ?? []).map(({ json }) => json);
		});
		const [first, second] = await Promise.all(polls);
		expect([first.map(idOf).sort(), second]).toEqual([ids, []]);
		expect(await trigger.poll()).toEqual([]);
	});

	test('of two workflows do not stand in each other’s way', async () => {
		const triggers = [activate(), activate()];
		for (const trigger of triggers) await trigger.poll();
		const id = add();
		const given = await Promise.all(triggers.map(async (trigger) => (await trigger.poll()).map(idOf)));
		expect(given).toEqual([[id], [id]]);
	});
});

test('a poll whose position was changed underneath gives nothing and writes nothing', async () => {
	const { activate, add } = watched['Spirii charge records'];
	const trigger = activate();
	await trigger.poll();
	add();
	house.spirii.onRequest = () => {
		trigger.data().position = { written: 'by another process' };
	};
	expect(await trigger.poll()).toEqual([]);
	expect(trigger.data()).toEqual({ position: { written: 'by another process' } });
	expect(trigger.log[trigger.log.length - 1]).toMatch('another poll ended before this one');
});

test('a poll that fails does not stand in the way of the next one, nor a manual run of a poll', async () => {
	const { activate, add, idOf } = watched['Spirii charge records'];
	const trigger = activate();
	await trigger.poll();
	const id = add();
	house.spirii.faults.push({ kind: 'status', status: 401 });
	await failureOf(trigger.poll());
	house.spirii.faults.push({ kind: 'latency', ms: 100 });
	const [shown, polled] = await Promise.all([trigger.showNewest(), trigger.poll()]);
	expect(shown).toHaveLength(5);
	expect(polled.map(idOf)).toEqual([id]);
	trigger.change({ source: 'chargeRecord', firstRun: 'date' });
	await failureOf(trigger.poll());
	trigger.change({ source: 'chargeRecord' });
	const next = add();
	expect((await trigger.poll()).map(idOf)).toEqual([next]);
});

describe.each(['legacy', 'durable'] as const)("n8n's own executor with %s positions", (mode) => {
	const name: WatchedName = 'Spirii charge records';
	const { activate, add, change, idOf, sent } = watched[name];
	const idsIn = (emitted: IDataObject[][]) => emitted.map((records) => records.map(idOf));

	test('starts nothing at the activation, and lets an error of the activation through', async () => {
		const trigger = activate();
		const scheduled = schedule(trigger, mode);
		house.spirii.faults.push({ kind: 'status', status: 403 });
		const { cause } = await failureOf(scheduled.tick(true));
		expect(cause).toBe('credential-invalid');
		await scheduled.tick(true);
		expect([scheduled.emitted, scheduled.errors]).toEqual([[], []]);
		// n8n stores no durable position of the poll at the activation.
		expect(scheduled.stored()).toEqual({});
		expect(Object.keys(trigger.data())).toEqual(mode === 'legacy' ? ['position'] : []);
	});

	test('gives what happens between the activation and the first poll time', async () => {
		const scheduled = schedule(activate(), mode);
		await scheduled.tick(true);
		const id = add();
		advanceClock(60_000);
		await scheduled.tick();
		await scheduled.tick();
		expect(idsIn(scheduled.emitted)).toEqual([[id]]);
	});

	test('starts the workflow with the items, once, and shows a failed poll', async () => {
		const trigger = activate();
		const scheduled = schedule(trigger, mode);
		await scheduled.tick();
		const one = add();
		const record = sent(one);
		await scheduled.tick();
		await scheduled.tick();
		expect(scheduled.emitted).toEqual([[record]]);

		const stored = clone(scheduled.stored());
		const two = add();
		house.spirii.faults.push({ kind: 'status', status: 400 });
		await scheduled.tick();
		expect(scheduled.errors).toHaveLength(1);
		expect(scheduled.stored()).toEqual(stored);
		await scheduled.tick();
		expect(idsIn(scheduled.emitted)).toEqual([[one], [two]]);
	});

	test('loses nothing and repeats nothing when n8n is killed after any poll', async () => {
		for (const event of ['completed', 'changed'] as const) {
			house.spirii.data.reset();
			const scheduled = schedule(activate({ event }), mode);
			await scheduled.tick();
			const first = add();
			await scheduled.tick();
			scheduled.kill();
			await scheduled.tick();
			const second = add();
			scheduled.kill();
			await scheduled.tick();
			await scheduled.tick();
			scheduled.kill();
			house.spirii.faults.push({ kind: 'status', status: 400 });
			await scheduled.tick();
			scheduled.kill();
			change(second, { kwh: 50 });
			await scheduled.tick();
			scheduled.kill();
			await scheduled.tick();
			const expected = event === 'completed' ? [[first], [second]] : [[first], [second], [second]];
			expect([event, idsIn(scheduled.emitted)]).toEqual([event, expected]);
			expect(scheduled.errors).toHaveLength(1);
		}
	});

	test('drains a backlog through kills, each session once', async () => {
		const scheduled = schedule(
			activate({ firstRun: 'all', options: { pageSize: 10, maxRecords: 10 } }),
			mode,
		);
		for (let poll = 0; poll < 8; poll++) {
			await scheduled.tick();
			scheduled.kill();
		}
		expect(scheduled.emitted.map(({ length }) => length)).toEqual([10, 10, 10, 10, 10, 10]);
		expect(scheduled.emitted.flat().map(idOf).sort()).toEqual(house.spirii.data.ids());
	});

	test('gives each session once when two polls run at the same time, one of them slow', async () => {
		const scheduled = schedule(activate(), mode);
		await scheduled.tick();
		const ids = [add(), add()];
		house.spirii.faults.push({ kind: 'latency', ms: 200 });
		await Promise.all([scheduled.tick(), scheduled.tick()]);
		await scheduled.tick();
		expect(idsIn(scheduled.emitted).map((one) => one.sort())).toEqual([ids]);
		const third = add();
		await scheduled.tick();
		expect(scheduled.emitted.flat().map(idOf).sort()).toEqual([...ids, third]);
	});
});

test('durable positions are stored after a quiet poll, and not after one that fails', async () => {
	const { activate } = watched['Spirii charge records'];
	const scheduled = schedule(activate(), 'durable');
	await scheduled.tick();
	const first = clone(scheduled.stored());
	expect(Object.keys(first)).toEqual(['position']);
	advanceClock(60_000);
	await scheduled.tick();
	const second = clone(scheduled.stored());
	expect(second).not.toEqual(first);
	house.spirii.faults.push({ kind: 'status', status: 400 });
	await scheduled.tick();
	expect(scheduled.stored()).toEqual(second);
	expect(scheduled.errors).toHaveLength(1);
});

/** Holds the next poll behind a step, until it is let go on. */
function holdNextBehind(step: PollStep, scheduled: ScheduledTrigger) {
	let letGo = () => {};
	const released = new Promise<void>((resolve) => (letGo = resolve));
	const isThere = new Promise<void>((resolve) => {
		scheduled.onStep = async (name) => {
			if (name !== step) return;
			scheduled.onStep = undefined;
			resolve();
			await released;
		};
	});
	return { isThere, letGo };
}

describe('durable positions: a poll whose copy is old gives nothing', () => {
	const { activate, add, idOf } = watched['Spirii charge records'];
	const begin = async () => {
		const scheduled = schedule(activate(), 'durable');
		await scheduled.tick();
		return scheduled;
	};
	const idsIn = ({ emitted }: ScheduledTrigger) => emitted.map((records) => records.map(idOf));

	test('where n8n takes its time to store what the poll before it gave', async () => {
		for (const seconds of [0, 11, 60]) {
			house.spirii.data.reset();
			const scheduled = await begin();
			const ids = [add(), add()];
			const { isThere, letGo } = holdNextBehind('given', scheduled);
			const slow = scheduled.tick();
			await isThere;
			advanceClock(seconds * 1000);
			await scheduled.tick();
			letGo();
			await slow;
			await scheduled.tick();
			expect([seconds, idsIn(scheduled)]).toEqual([seconds, [ids]]);
			jest.restoreAllMocks();
		}
	});

	test('where n8n took the copy long before it began, and other polls gave something meanwhile', async () => {
		const scheduled = await begin();
		const { letGo } = holdNextBehind('copied', scheduled);
		const late = scheduled.tick();
		const [first, second] = [add(), add()];
		await scheduled.tick();
		const third = add();
		await scheduled.tick();
		letGo();
		await late;
		expect(idsIn(scheduled)).toEqual([[first, second], [third]]);
		const fourth = add();
		await scheduled.tick();
		expect(idsIn(scheduled)).toEqual([[first, second], [third], [fourth]]);
	});

	test('where the poll that followed the copy gave nothing, and the one after it something', async () => {
		const scheduled = await begin();
		const { letGo } = holdNextBehind('copied', scheduled);
		const late = scheduled.tick();
		advanceClock(60_000);
		await scheduled.tick();
		const id = add();
		await scheduled.tick();
		letGo();
		await late;
		expect(idsIn(scheduled)).toEqual([[id]]);
	});

	test('but what could not be stored comes again, at the next poll after a minute and a half', async () => {
		const scheduled = await begin();
		const id = add();
		scheduled.failsToStore = true;
		await scheduled.tick();
		expect(idsIn(scheduled)).toEqual([]);
		advanceClock(91_000);
		await scheduled.tick();
		await scheduled.tick();
		expect(idsIn(scheduled)).toEqual([[id]]);
	});
});

describe('when n8n is killed', () => {
	const { activate, add, idOf } = watched['Spirii charge records'];

	/** What two sessions and a later one lead to, where n8n is killed behind a step of the poll that gives the two. */
	async function killBehind(
		step: PollStep | 'asked',
		mode: 'legacy' | 'durable',
		startsFirst = false,
	): Promise<string[]> {
		house.spirii.data.reset();
		const scheduled = schedule(activate(), mode);
		await scheduled.tick();
		const zero = add();
		await scheduled.tick();
		const names = new Map([[zero, 'zero']]);
		names.set(add(), 'first');
		names.set(add(), 'second');
		scheduled.startsFirst = startsFirst;
		if (step === 'asked') {
			house.spirii.onRequest = () => {
				house.spirii.onRequest = undefined;
				scheduled.kill();
			};
		} else {
			scheduled.onStep = (name) => {
				if (name !== step) return;
				scheduled.onStep = undefined;
				scheduled.kill();
			};
		}
		await scheduled.tick();
		expect([scheduled.onStep, house.spirii.onRequest]).toEqual([undefined, undefined]);
		await scheduled.tick();
		names.set(add(), 'third');
		await scheduled.tick();
		await scheduled.tick();
		return scheduled.emitted.map((records) => records.map((record) => names.get(idOf(record))).join());
	}
	const once = ['zero', 'first,second', 'third'];

	test.each(['copied', 'asked', 'given', 'stored'] as const)(
		'with durable positions behind the step "%s", each session comes once',
		async (step) => {
			expect(await killBehind(step, 'durable')).toEqual(once);
		},
	);

	test.each(['asked', 'given', 'stored'] as const)(
		'without them behind the step "%s", each session comes once',
		async (step) => {
			expect(await killBehind(step, 'legacy')).toEqual(once);
		},
	);

	test('without them between the two things that it stores, one batch is missing or comes again', async () => {
		expect(await killBehind('half stored', 'legacy')).toEqual(['zero', 'third']);
		expect(await killBehind('half stored', 'legacy', true)).toEqual([
			'zero',
			'first,second',
			'first,second',
			'third',
		]);
	});
});
