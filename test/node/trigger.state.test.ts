import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { advanceClock, freezeClock } from '../support/clock';
import { failureOf, useSandbox } from '../support/sandbox';
import { ago, ALL_WATCHED, DAY, HOUR, MINUTE, watchedIn } from '../support/watched';

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

const without = (record: IDataObject, name: string) =>
	Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));

const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe.each(ALL_WATCHED)('the first run of a trigger on %s', (name) => {
	const { activate, add, sent, idOf, vendor } = watched[name];
	const endOf = (id: number) => Date.parse(String(sent(id).endedAt ?? sent(id).stopped_at ?? ''));
	const all = () => {
		if (vendor === 'spirii') return house.spirii.data.ids();
		const chargers = house.voltTime.data.chargers(1142);
		const watchedOnes = ['Volt Time, one charger', 'Plugchoice, a charger'].includes(name)
			? [chargers[1]]
			: chargers;
		return watchedOnes.flatMap(({ id }) => house.voltTime.data.ids(id));
	};
	const endedSince = (time: number) => all().filter((id) => endOf(id) >= time);
	const sorted = (records: IDataObject[]) => records.map(idOf).sort((one, other) => one - other);

	test('from now gives nothing that was there', async () => {
		// Servers tell the time in whole seconds.
		add({ endedAt: ago(2000), updatedAt: ago(2000) });
		const trigger = activate();
		expect(await trigger.poll()).toEqual([]);
		expect(await trigger.poll()).toEqual([]);
	});

	test('all history gives every session that has ended', async () => {
		const trigger = activate({ firstRun: 'all' });
		const expected = endedSince(0);
		expect(expected.length).toBeGreaterThan(10);
		expect(sorted(await trigger.poll())).toEqual(expected);
		expect(await trigger.poll()).toEqual([]);
		const id = add();
		expect(sorted(await trigger.poll())).toEqual([id]);
	});

	test('the last days gives what ended since then', async () => {
		freezeClock();
		const trigger = activate({ firstRun: 'days', firstRunDays: 4 });
		const expected = endedSince(Date.now() - 4 * DAY);
		expect(expected.length).toBeGreaterThan(3);
		expect(expected.length).toBeLessThan(all().length);
		expect(sorted(await trigger.poll())).toEqual(expected);
		expect(await trigger.poll()).toEqual([]);
	});

	test('since a date gives what ended since then, in the time zone of the workflow', async () => {
		freezeClock();
		for (const [timezone, offset] of [
			['Pacific/Kiritimati', 14],
			['Pacific/Pago_Pago', -11],
		] as const) {
			const day = ago(5 * DAY).slice(0, 10);
			const midnight = Date.parse(`${day}T00:00:00Z`) - offset * HOUR;
			const at = (time: number) => new Date(time).toISOString();
			const [before, after] = [-2, 2].map((minutes) => midnight + minutes * MINUTE);
			const edges = [before, after].map((end) =>
				add({ startedAt: at(end - HOUR), createdAt: at(end - HOUR), endedAt: at(end), updatedAt: at(end) }),
			);
			const trigger = activate({ firstRun: 'date', firstRunDate: `${day}T00:00:00` }, { timezone });
			const given = sorted(await trigger.poll());
			expect(given).toEqual(endedSince(midnight));
			expect(edges.map((id) => given.includes(id))).toEqual([false, true]);
			expect(await trigger.poll()).toEqual([]);
		}
	});

	test.each<[INodeParameters, string]>([
		[{ firstRun: 'date' }, '"Since" must not be empty'],
		[{ firstRun: 'date', firstRunDate: 'last Tuesday' }, '"Since" must be a date'],
		[{ firstRun: 'days', firstRunDays: 0 }, '"Days" must be a whole number from 1 to 3650'],
		[{ event: 'never' }, '"Trigger On" must be one of'],
		[{ options: { lookbackHours: 0 } }, '"Lookback Window (Hours)" must be a whole number from 1 to 168'],
		[
			{ options: { deepLookbackDays: 32 } },
			'"Deep Lookback Window (Days)" must be a whole number from 1 to 31',
		],
		[{ options: { maxRecords: 0.5 } }, '"Max Records per Poll" must be a whole number'],
	])('with %j names the parameter, and asks for nothing', async (parameters, words) => {
		const trigger = activate(parameters);
		const { message, cause } = await failureOf(trigger.poll());
		expect(message).toMatch(words);
		expect(cause).toBe('configuration-invalid');
		expect(house[vendor].requests).toEqual([]);
		expect(trigger.data()).toEqual({});
	});
});

describe.each(ALL_WATCHED)('a manual run on %s', (name) => {
	const { activate, add, sent, idOf, withRunning, vendor } = watched[name];

	test('shows the newest five real sessions that fit the event', async () => {
		const ended = Array.from({ length: 7 }, (_, minutes) =>
			add({ startedAt: ago((20 - minutes) * MINUTE), updatedAt: ago((10 - minutes) * MINUTE) }),
		);
		const running = add({ startedAt: ago(MINUTE), endedAt: null });
		const newest = ended.slice(2).reverse().map(sent);
		expect(await activate().showNewest()).toEqual(newest);
		const nothing = { changedFields: null, energyDeltaKwh: null, amountDelta: null };
		expect(await activate({ event: 'corrected' }).showNewest()).toEqual(
			newest.map((record) => ({ ...record, ...nothing })),
		);
		const changed = await activate({ event: 'changed', ...withRunning }).showNewest();
		expect(changed).toEqual([sent(running), ...newest.slice(0, 4)]);
		const [started, ...others] = await activate({ event: 'started' }).showNewest();
		expect(started).toEqual(sent(running));
		for (const record of others) expect(record.endedAt ?? record.stopped_at ?? null).toBeNull();
	});

	test('neither reads nor writes the position, of a trigger that ran or of one that did not', async () => {
		const fresh = activate();
		await fresh.showNewest();
		expect(fresh.data()).toEqual({});

		const trigger = activate();
		await trigger.poll();
		const id = add();
		const before = clone(trigger.data());
		await trigger.showNewest();
		expect(trigger.data()).toEqual(before);
		expect((await trigger.poll()).map(idOf)).toEqual([id]);

		trigger.restart({ position: 'damaged' });
		expect(await trigger.showNewest()).toHaveLength(5);
		expect(trigger.data()).toEqual({ position: 'damaged' });
		expect(trigger.log.filter((line) => line.startsWith('warn'))).toEqual([]);
	});

	test('says so where there is none', async () => {
		for (const id of house.spirii.data.ids()) house.spirii.data.remove(id);
		for (const { id: charger } of house.voltTime.data.chargers(1142)) {
			for (const id of house.voltTime.data.ids(charger)) house.voltTime.data.remove(id);
		}
		for (const event of ['completed', 'started', 'changed', 'corrected']) {
			const { message, description } = await failureOf(activate({ event }).showNewest());
			expect(message).toBe('There is no session to show yet');
			expect(description).toMatch('None of the newest sessions matches the event and the filters');
		}
	});

	test('fails as a poll does', async () => {
		house[vendor].faults.push({ kind: 'status', status: 403 });
		const { cause, message } = await failureOf(activate().showNewest());
		expect(cause).toBe('credential-invalid');
		expect(message).toMatch(
			/refused the credential|may not read the sessions of the (charger VTT_|team .* \(HTTP 403\))/,
		);
	});
});

describe('the position', () => {
	const { activate, add, change, idOf } = watched['Spirii charge records'];
	const warnings = ({ log }: { log: string[] }) => log.filter((line) => line.startsWith('warn'));

	test('is small, with all sessions of the first run, and nothing else is kept', async () => {
		const trigger = activate({ firstRun: 'all', event: 'corrected' });
		await trigger.poll();
		expect(Object.keys(trigger.data())).toEqual(['position']);
		// All 60 sessions are kept, however old they are: 23 characters each, beside 400 for the rest.
		expect(JSON.stringify(trigger.data()).length).toBeLessThan(2000);
	});

	test('stays as it is when a poll fails', async () => {
		const trigger = activate();
		await trigger.poll();
		const before = clone(trigger.data());
		add();
		house.spirii.faults.push({ kind: 'status', status: 400 });
		await failureOf(trigger.poll());
		expect(trigger.data()).toEqual(before);
		expect(await trigger.poll()).toHaveLength(1);
		expect(trigger.data()).not.toEqual(before);
	});

	test('is written once a poll, when all else is done', async () => {
		const trigger = activate();
		const writes: string[] = [];
		const real = trigger.data();
		const observed = new Proxy(real, {
			set: (target, key, value) => {
				writes.push(`${String(key)} after ${house.spirii.requests.length} requests`);
				return Reflect.set(target, key, value);
			},
			deleteProperty: () => {
				throw new Error('Nothing is deleted');
			},
		});
		for (let count = 0; count < 20; count++) add();
		const context = trigger.context('trigger', { staticData: () => observed });
		const { SpiriiTrigger } = await import('../../nodes/Spirii/SpiriiTrigger.node');
		await new SpiriiTrigger().poll.call(context);
		expect(writes).toEqual([`position after ${house.spirii.requests.length} requests`]);
	});

	test.each<[string, (position: IDataObject) => unknown, string]>([
		['text', () => 'x', 'its stored position cannot be read'],
		['null', () => null, 'its stored position cannot be read'],
		['a list', () => [], 'its stored position cannot be read'],
		['of another version', (position) => ({ ...position, format: 99 }), 'another version of the package'],
		['without a format', (position) => without(position, 'format'), 'another version of the package'],
		['without a watermark', (position) => without(position, 'watermark'), 'its stored position is damaged'],
		[
			'with a text for a time',
			(position) => ({ ...position, dedupHorizon: 'x' }),
			'its stored position is damaged',
		],
		['with half a memory', (position) => ({ ...position, sessions: '_' }), 'its stored position is damaged'],
		['with no memory', (position) => ({ ...position, sessions: 7 }), 'its stored position is damaged'],
		['with a broken scan', (position) => ({ ...position, scan: { kind: 'x' } }), 'damaged'],
		['with a scan of nothing', (position) => ({ ...position, scan: [] }), 'damaged'],
	])(
		'that is damaged (%s) is given up with a warning, and the trigger begins anew',
		async (_, damage, reason) => {
			const trigger = activate({ firstRun: 'days', firstRunDays: 3 });
			const first = (await trigger.poll()).map(idOf);
			expect(first.length).toBeGreaterThan(2);
			trigger.restart({ position: damage(clone(trigger.data().position) as IDataObject) } as IDataObject);
			expect((await trigger.poll()).map(idOf)).toEqual(first);
			expect(warnings(trigger)).toEqual([
				expect.stringMatching(`^warn: Spirii Trigger: the trigger starts over: .*${reason}`),
			]);
			const id = add();
			expect((await trigger.poll()).map(idOf)).toEqual([id]);
			expect(warnings(trigger)).toHaveLength(1);
		},
	);

	test.each<[string, INodeParameters, string | undefined]>([
		['event', { event: 'changed' }, undefined],
		['source', { source: 'transaction' }, undefined],
		['filter', { filters: { mode: 'cpo' } }, undefined],
		['content filter', { filters: { filterJson: '{"consumed":{"$gte":0}}' } }, undefined],
		['first run', { firstRun: 'days', firstRunDays: 5 }, undefined],
		['credential', {}, 'another'],
	])('is given up with a warning when the %s changes', async (_, parameters, credential) => {
		const base = { source: 'chargeRecord', firstRun: 'days', firstRunDays: 4 };
		const trigger = activate(base);
		const first = await trigger.poll();
		expect(first.length).toBeGreaterThan(3);
		trigger.change({ ...base, ...parameters }, credential);
		expect((await trigger.poll()).length).toBeGreaterThanOrEqual(first.length);
		expect(warnings(trigger)).toEqual([
			'warn: Spirii Trigger: the trigger starts over: its source, filters, event, first run or credential changed',
		]);
		expect(await trigger.poll()).toEqual([]);
		expect(warnings(trigger)).toHaveLength(1);
	});

	test.each<[string, INodeParameters]>([
		['an option', { options: { lookbackHours: 5, deepLookbackDays: 10, maxRecords: 7, pageSize: 3 } }],
		['the output', { output: 'selected', selectedFields: 'transactionId' }],
		['the poll times', { pollTimes: { item: [{ mode: 'everyHour', minute: 7 }] } }],
		['a parameter to what it is anyway', { event: 'completed', output: 'raw', filters: {} }],
		['a parameter that nobody knows', { note: 'Hello' }],
	])('outlives a change of %s', async (_, parameters) => {
		const base = { source: 'chargeRecord', firstRun: 'days', firstRunDays: 4 };
		const trigger = activate(base);
		expect((await trigger.poll()).length).toBeGreaterThan(3);
		const [one, two] = [add(), add()];
		trigger.change({ ...base, ...parameters });
		expect((await trigger.poll()).map(idOf)).toEqual([one, two]);
		expect(await trigger.poll()).toEqual([]);
		expect(warnings(trigger)).toEqual([]);
	});

	test('outlives another name of the team or charger in the list, but not another charger', async () => {
		const { activate: activateVolt, add: addVolt } = watched['Volt Time, one charger'];
		const [, charger, another] = house.voltTime.data.chargers(1142).map(({ id }) => String(id));
		const pick = (value: string, cachedResultName: string): INodeParameters => ({
			source: 'legacyTransaction',
			teamId: { __rl: true, mode: 'list', value: '1142', cachedResultName },
			chargerScope: 'one',
			chargerId: { __rl: true, mode: 'list', value, cachedResultName },
		});
		const trigger = activateVolt(pick(charger, 'Old name'));
		await trigger.poll();
		trigger.change(pick(charger, 'New name'));
		addVolt();
		expect(await trigger.poll()).toHaveLength(1);
		expect(warnings(trigger)).toEqual([]);
		trigger.change(pick(another, 'New name'));
		expect(await trigger.poll()).toEqual([]);
		expect(warnings(trigger)).toHaveLength(1);
	});

	test('outlives expressions that give another value at each poll', async () => {
		const trigger = activate({
			firstRun: 'date',
			firstRunDate: '={{ $now.minus({ days: 4 }).toISO() }}',
			filters: {
				mode: '={{ "c" + "po" }}',
				filterJson: '={{ JSON.stringify({ startedAt: { $lte: $now.toUTC().toISO() } }) }}',
			},
		});
		expect((await trigger.poll()).length).toBeGreaterThan(3);
		for (let poll = 0; poll < 3; poll++) {
			const id = add();
			expect((await trigger.poll()).map(idOf)).toEqual([id]);
		}
		expect(warnings(trigger)).toEqual([]);
		const filters = house.spirii.requests.map(({ query }) => query.get('filter')).filter(Boolean);
		expect(new Set(filters.map((filter) => /"\$lte":"([^"]+)/.exec(filter!)?.[1])).size).toBeGreaterThan(3);
	});

	test('goes on after a pause that was longer than the memory, with nothing lost and nothing twice', async () => {
		for (const name of ALL_WATCHED) {
			const source = watched[name];
			const completed = source.activate();
			const changed = source.activate({ event: 'changed' });
			const known = source.add();
			for (const trigger of [completed, changed]) await trigger.poll();
			advanceClock(20 * DAY);
			const between = [15, 9, 5, 2, 0].map((days) =>
				source.add({
					startedAt: ago(days * DAY + 2 * HOUR),
					createdAt: ago(days * DAY + 2 * HOUR),
					endedAt: ago(days * DAY + HOUR),
					updatedAt: ago(days * DAY),
				}),
			);
			expect([name, (await completed.poll()).map(source.idOf).sort()]).toEqual([name, between]);
			source.change(known, { kwh: 77 });
			const one = between[4];
			expect([name, (await changed.poll()).map(source.idOf).sort()]).toEqual([
				name,
				[known, ...between].sort(),
			]);
			source.change(one, { kwh: 78 });
			expect([name, (await changed.poll()).map(source.idOf)]).toEqual([name, [one]]);
			for (const trigger of [completed, changed]) expect(await trigger.poll()).toEqual([]);
			jest.restoreAllMocks();
			house.spirii.data.reset();
			house.voltTime.data.reset();
		}
	});

	test('a corrected session is told from a new one after a pause', async () => {
		const trigger = activate({ event: 'corrected' });
		const old = add();
		await trigger.poll();
		advanceClock(10 * DAY);
		add();
		change(old, { kwh: 9 });
		expect((await trigger.poll()).map(idOf)).toEqual([old]);
	});
});

describe('the log', () => {
	const { activate, add } = watched['Spirii transactions'];

	test('tells a quiet poll, and up to when all is read', async () => {
		const trigger = activate();
		await trigger.poll();
		advanceClock(5 * MINUTE);
		const newest = ago(MINUTE);
		add({ endedAt: newest, updatedAt: newest });
		await trigger.poll();
		await trigger.poll();
		const line = (given: number, read: number) =>
			`debug: Spirii Trigger: ${given} of ${read} records are new, all is read up to ${newest}`;
		const reads = /(\d+) records/.exec(trigger.log[2])![1];
		expect(trigger.log.slice(1)).toEqual([line(1, Number(reads)), line(0, Number(reads))]);
		expect(trigger.log[0]).toMatch(
			/^debug: Spirii Trigger: 0 of \d+ records are new, all is read up to \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
		);
	});

	test('tells that more is waiting', async () => {
		const trigger = activate({ firstRun: 'all', options: { maxRecords: 10, pageSize: 10 } });
		await trigger.poll();
		expect(trigger.log).toEqual([
			'debug: Spirii Trigger: 10 of 10 records are new, more is waiting for the next poll',
		]);
	});

	test('warns of a poll that ended early, and says why', async () => {
		const trigger = activate({ firstRun: 'all', options: { pageSize: 10 } });
		house.spirii.faults.push({
			kind: 'status',
			status: 404,
			when: ({ query }) => query.has('nextPageCursor'),
		});
		house.spirii.switches.cursorsExpire = true;
		// The cursor is refused, and so is the same question without it.
		house.spirii.faults.push({
			kind: 'status',
			status: 418,
			when: ({ query }) => query.has('endedAt') && house.spirii.requests.length > 3,
		});
		expect(await trigger.poll()).toHaveLength(10);
		expect(trigger.log).toEqual([
			'debug: Spirii Trigger: 10 of 10 records are new, more is waiting for the next poll',
			expect.stringMatching(
				/^warn: Spirii Trigger: ended early, the next poll goes on from there: Spirii did not accept the request \(HTTP 418\)$/,
			),
		]);
	});
});
