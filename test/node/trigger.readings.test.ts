import type { INodeParameters } from 'n8n-workflow';

import type { SpiriiSwitches, VoltTimeSwitches } from '../../sandbox';
import { advanceClock } from '../support/clock';
import { failureOf, useSandbox } from '../support/sandbox';
import { ago, DAY, HOUR, SPIRII, VOLT_TIME, watchedIn, type TriggerCase } from '../support/watched';

/** The documentation leaves much open. Whichever way the vendors meant it, nothing may be lost and nothing may come twice. */
const house = useSandbox({
	records: 30,
	// With those that the tests add, never a multiple of 25: that many may be cut off, so ignored dates are an error there.
	transactionsPerCharger: 16,
	plain: true,
	now: new Date().toISOString(),
});
const watched = watchedIn(house);
afterEach(() => {
	jest.restoreAllMocks();
});

const EVENTS = ['completed', 'changed', 'corrected', 'started'] as const;
type Event = (typeof EVENTS)[number];

/** Days of a trigger's life: what happens, and which of it each event gives. */
async function live(source: TriggerCase, event: Event, parameters: INodeParameters = {}): Promise<void> {
	const { activate, add, change, idOf, withRunning } = source;
	jest.restoreAllMocks();
	house.spirii.data.reset();
	house.voltTime.data.reset();
	const trigger = activate({ event, ...withRunning, ...parameters });
	const expectIds = async (step: string, expected: Partial<Record<Event, number[]>>) => {
		const ids = (await trigger.poll()).map(idOf).sort();
		expect([event, step, ids]).toEqual([event, step, [...(expected[event] ?? [])].sort()]);
		expect([event, `${step}, again`, await trigger.poll()]).toEqual([event, `${step}, again`, []]);
	};

	await expectIds('at first', {});
	const ended = add({ kwh: 10 });
	await expectIds('one has ended', { completed: [ended], changed: [ended] });
	const running = add({ endedAt: null, kwh: 1 });
	await expectIds('one runs', { changed: [running], started: [running] });
	change(running, { endedAt: ago(), kwh: 2 });
	await expectIds('it ends', { completed: [running], changed: [running] });
	change(ended, { kwh: 11 });
	await expectIds('the first is corrected', { changed: [ended], corrected: [ended] });
	advanceClock(DAY + HOUR);
	await expectIds('a day later', {});
	const many = Array.from({ length: 9 }, () => add());
	await expectIds('many have ended', { completed: many, changed: many });
	advanceClock(9 * DAY);
	const [late, later] = [add(), add({ endedAt: null })];
	await expectIds('nine days later', { completed: [late], changed: [late, later], started: [later] });
}

const set = (switches: Partial<SpiriiSwitches>) => Object.assign(house.spirii.switches, switches);
const setVoltTime = (switches: Partial<VoltTimeSwitches>) => Object.assign(house.voltTime.switches, switches);

test.each(['null', 'empty', 'nullText', 'undefinedText'] as const)(
	'a trigger gives the same when a list ends with %s',
	async (endOfList) => {
		set({ endOfList });
		for (const name of SPIRII) await live(watched[name], 'changed', { options: { pageSize: 4 } });
	},
);

describe.each(EVENTS)('a trigger on %s', (event) => {
	test.each(['compared', 'refused', 'ignored', 'neverMatch'] as const)(
		'gives the same when the filter of charge records on times is %s',
		async (filterDates) => {
			set({ filterDates });
			await live(watched['Spirii charge records'], event);
		},
	);

	test.each(['onlyUpdatedAt', 'ignored'] as const)(
		'gives the same when the filter of charge records holds and other sort keys are %s',
		async (sortKeys) => {
			set({ sortKeys });
			await live(watched['Spirii charge records'], event);
		},
	);

	test('gives the same when pages of charge records are never longer than four', async () => {
		set({ maxPageSize: 4, defaultPageSize: 2 });
		await live(watched['Spirii charge records'], event);
		set({ filterDates: 'neverMatch' });
		await live(watched['Spirii charge records'], event);
	});

	test('gives the same when other charge records than priority ones have to be asked for', async () => {
		set({ withoutPriority: 'nonPriority' });
		await live(watched['Spirii charge records'], event);
	});
});

// A running session keeps its `updatedAt` here, so a start is not an update; but it is one when it is first seen.
describe.each(SPIRII)('where updatedAt is the start of a session: %s', (name) => {
	const source = watched[name];
	const { activate, add, change, idOf, sent } = source;
	beforeEach(() => {
		set({ updatedAt: 'startedAt' });
	});

	test.each(['compared', 'refused'] as const)(
		'completed ones come, however long they ran (filter %s)',
		async (filterDates) => {
			set({ filterDates });
			const long = { startedAt: ago(16 * DAY), createdAt: ago(16 * DAY), endedAt: null };
			const id = add(long);
			const trigger = activate();
			expect(await trigger.poll()).toEqual([]);
			change(id, { endedAt: ago() });
			expect(await trigger.poll()).toEqual([sent(id)]);
			expect(await trigger.poll()).toEqual([]);
			const short = add();
			expect((await trigger.poll()).map(idOf)).toEqual([short]);
			expect(await trigger.poll()).toEqual([]);
		},
	);

	test('corrections come, since they count as updates', async () => {
		const trigger = activate({ event: 'corrected' });
		await trigger.poll();
		const id = add({ kwh: 5 });
		await trigger.poll();
		change(id, { kwh: 6 });
		const [record, ...others] = await trigger.poll();
		expect(record).toMatchObject({ ...sent(id), changedFields: ['energy'], energyDeltaKwh: 1 });
		expect(others).toEqual([]);
	});
});

describe.each(['refused', 'ignored', 'neverMatch'] as const)(
	'where the filter of charge records is %s',
	(filterDates) => {
		const { activate } = watched['Spirii charge records'];

		test.each(['onlyUpdatedAt', 'ignored'] as const)(
			'and sort keys are %s, the poll fails and names the way out',
			async (sortKeys) => {
				// One that ended before the one that was updated before it: the list is in no order of ends.
				const [one, two] = house.spirii.data.ids().slice(-2);
				house.spirii.data.update(one, { endedAt: ago(HOUR), updatedAt: ago(2000) });
				house.spirii.data.update(two, { endedAt: ago(2 * HOUR), updatedAt: ago(1000) });
				set({ filterDates, sortKeys });
				const trigger = activate();
				const { message, description, cause } = await failureOf(trigger.poll());
				expect(message).toMatch(/neither filters nor sorts charge records by their end/);
				expect(description).toMatch('Choose Transactions as the source of the trigger');
				expect(cause).toBe('configuration-invalid');
				expect(trigger.data()).toEqual({});
			},
		);

		test('and works a day later, the trigger goes back to one list', async () => {
			set({ filterDates });
			const trigger = activate();
			await trigger.poll();
			set({ filterDates: 'compared' });
			const lists = async () => {
				house.spirii.requests.length = 0;
				await trigger.poll();
				return house.spirii.requests.filter(({ query }) => query.get('limit') === '1000').length;
			};
			expect(await lists()).toBe(2);
			advanceClock(DAY + HOUR);
			await trigger.poll();
			expect(await lists()).toBe(1);
		});
	},
);

test('an account without a single session works as soon as there is one', async () => {
	for (const name of [...SPIRII, ...VOLT_TIME]) {
		for (const id of house.spirii.data.ids()) house.spirii.data.remove(id);
		for (const { id: charger } of house.voltTime.data.chargers(1142)) {
			for (const id of house.voltTime.data.ids(charger)) house.voltTime.data.remove(id);
		}
		for (const firstRun of ['now', 'all']) {
			const { activate, add, idOf } = watched[name];
			const trigger = activate({ firstRun });
			for (let quiet = 0; quiet < 2; quiet++) expect([name, await trigger.poll()]).toEqual([name, []]);
			const id = add();
			expect([name, (await trigger.poll()).map(idOf)]).toEqual([name, [id]]);
			expect([name, await trigger.poll()]).toEqual([name, []]);
			if (name.startsWith('Spirii')) house.spirii.data.remove(id);
			else house.voltTime.data.remove(id);
		}
	}
});

describe.each(['started_at', 'stopped_at', 'created_at'] as const)('Volt Time comparing %s', (dateField) => {
	test.each(['inclusive', 'exclusive', 'endExclusive'] as const)(
		'with %s bounds gives the same',
		async (bounds) => {
			for (const readsFrom of ['both', 'body', 'query'] as const) {
				// Bounds of dates that are ignored make no difference.
				for (const ignoresDates of bounds === 'inclusive' ? [false, true] : [false]) {
					setVoltTime({ dateField, bounds, readsFrom, ignoresDates });
					await live(watched['Volt Time, one charger'], 'completed');
				}
			}
		},
	);

	test.each(['changed', 'started', 'corrected'] as const)('gives the same on %s sessions', async (event) => {
		setVoltTime({ dateField });
		await live(watched['Volt Time, one charger'], event);
	});

	test('gives a backlog whole, however few sessions fit into an answer', async () => {
		setVoltTime({ dateField, bounds: 'exclusive' });
		const { activate, add, idOf } = watched['Volt Time, one charger'];
		const tied = { startedAt: ago(HOUR), createdAt: ago(HOUR), endedAt: ago(HOUR / 2) };
		for (let count = 0; count < 9; count++) add(tied);
		const trigger = activate({ firstRun: 'all', options: { pageSize: 4 } });
		const charger = house.voltTime.data.chargers(1142)[1].id;
		const ended = house.voltTime.data
			.ids(charger)
			.filter((id) => house.voltTime.data.get(id)!.stopped_at !== null);
		const ids: number[] = [];
		for (let poll = 0; poll < 3; poll++) ids.push(...(await trigger.poll()).map(idOf));
		expect(ids.sort()).toEqual(ended.sort());
	});
});

describe('Volt Time', () => {
	test('ignoring the dates, with more sessions than fit into an answer, fails and names the option', async () => {
		setVoltTime({ ignoresDates: true });
		const trigger = watched['Volt Time, one charger'].activate({ options: { pageSize: 5 } });
		// The first poll has read the running ones by then, so it only warns.
		expect(await trigger.poll()).toEqual([]);
		expect(trigger.log).toContainEqual(
			expect.stringMatching(/^warn: .*ended early.*The API ignores the dates/),
		);
		const { message, description } = await failureOf(trigger.poll());
		expect(message).toMatch('The API ignores the dates');
		expect(description).toMatch('Send Parameters As');
	});

	test.each([false, true, 'flat'] as const)(
		'gives sessions of every charger of a large team (lists paged: %s)',
		async (pagedLists) => {
			setVoltTime({ pagedLists });
			const trigger = watched['Volt Time, all chargers'].activate({ teamId: '1107' });
			await trigger.poll();
			const chargers = house.voltTime.data.chargers(1107);
			expect(chargers).toHaveLength(32);
			const times = { started_at: ago(HOUR), stopped_at: ago(), created_at: ago(HOUR), updated_at: ago() };
			const ids = chargers.map(({ id }) => house.voltTime.data.add(id, times).id);
			expect((await trigger.poll()).map(({ id }) => id)).toEqual(ids);
			expect(await trigger.poll()).toEqual([]);
		},
	);

	test('gives sessions of a charger that comes to the team later', async () => {
		const chargers = house.voltTime.data.chargers(1142);
		const newest = chargers.pop()!;
		const { activate } = watched['Volt Time, all chargers'];
		const trigger = activate();
		await trigger.poll();
		chargers.push(newest);
		const times = { started_at: ago(HOUR), stopped_at: ago(), created_at: ago(HOUR), updated_at: ago() };
		const { id } = house.voltTime.data.add(newest.id, times);
		expect((await trigger.poll()).map((record) => record.id)).toEqual([id]);
	});
});
