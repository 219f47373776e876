import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { useSandbox } from '../support/sandbox';
import {
	ago,
	ALL_WATCHED,
	DAY,
	HOUR,
	MINUTE,
	SPIRII,
	VOLT_TIME,
	watchedIn,
	type WatchedName,
} from '../support/watched';

const house = useSandbox({
	records: 50,
	transactionsPerCharger: 20,
	plain: true,
	now: new Date().toISOString(),
});
const watched = watchedIn(house);

describe.each(ALL_WATCHED)('%s: a trigger on', (name) => {
	const { activate, add, change, sent, idOf, withRunning, hasAmounts } = watched[name];

	test('completed sessions gives each one that ends, once, exactly as the vendor sends it', async () => {
		const trigger = activate();
		expect(await trigger.poll()).toEqual([]);
		const one = add();
		const record = sent(one);
		expect(await trigger.poll()).toEqual([record]);
		expect(await trigger.poll()).toEqual([]);
		const [two, three] = [add(), add()];
		expect((await trigger.poll()).map(idOf).sort()).toEqual([two, three]);
		expect(await trigger.poll()).toEqual([]);
	});

	test('completed sessions says nothing of one that runs, until it ends', async () => {
		const trigger = activate();
		await trigger.poll();
		const id = add({ endedAt: null });
		expect(await trigger.poll()).toEqual([]);
		change(id, { kwh: 3 });
		expect(await trigger.poll()).toEqual([]);
		change(id, { kwh: 4, endedAt: ago() });
		expect(await trigger.poll()).toEqual([sent(id)]);
		expect(await trigger.poll()).toEqual([]);
	});

	test('completed sessions says nothing of a correction', async () => {
		const trigger = activate();
		await trigger.poll();
		const id = add();
		await trigger.poll();
		change(id, { kwh: 50, amount: 100 });
		expect(await trigger.poll()).toEqual([]);
	});

	test('completed sessions gives one that ran before the workflow was activated, when it ends', async () => {
		const id = add({ startedAt: ago(6 * HOUR), createdAt: ago(6 * HOUR), endedAt: null });
		const trigger = activate();
		expect(await trigger.poll()).toEqual([]);
		change(id, { endedAt: ago() });
		expect((await trigger.poll()).map(idOf)).toEqual([id]);
	});

	test('started sessions gives each one that is seen running, once, and not its end', async () => {
		const trigger = activate({ event: 'started' });
		expect(await trigger.poll()).toEqual([]);
		const id = add({ endedAt: null, kwh: 1 });
		expect(await trigger.poll()).toEqual([sent(id)]);
		expect(await trigger.poll()).toEqual([]);
		change(id, { kwh: 3 });
		expect(await trigger.poll()).toEqual([]);
		change(id, { endedAt: ago() });
		expect(await trigger.poll()).toEqual([]);
	});

	test('started sessions says nothing of one that ended before it was seen', async () => {
		const trigger = activate({ event: 'started' });
		await trigger.poll();
		add();
		expect(await trigger.poll()).toEqual([]);
	});

	test('changed sessions gives each version once, from the first meter value on', async () => {
		const trigger = activate({ event: 'changed', ...withRunning });
		expect(await trigger.poll()).toEqual([]);
		const id = add({ endedAt: null, kwh: 1 });
		expect(await trigger.poll()).toEqual([sent(id)]);
		expect(await trigger.poll()).toEqual([]);
		for (const facts of [{ kwh: 3 }, { endedAt: ago() }, { amount: 77 }, { amount: 78 }]) {
			change(id, facts);
			const isShown = hasAmounts || !('amount' in facts);
			expect(await trigger.poll()).toEqual(isShown ? [sent(id)] : []);
			expect(await trigger.poll()).toEqual([]);
		}
	});

	test('changed sessions says nothing of a new update time alone', async () => {
		const trigger = activate({ event: 'changed' });
		await trigger.poll();
		const id = add();
		expect(await trigger.poll()).toHaveLength(1);
		change(id, { updatedAt: ago(-2000) });
		expect(await trigger.poll()).toEqual([]);
	});

	test('corrected sessions gives each version after the end, with what changed', async () => {
		const trigger = activate({ event: 'corrected' });
		expect(await trigger.poll()).toEqual([]);
		const id = add({ kwh: 10, amount: 20 });
		expect(await trigger.poll()).toEqual([]);
		change(id, { updatedAt: ago(-2000) });
		expect(await trigger.poll()).toEqual([]);

		change(id, { kwh: 11.5, amount: 24.2 });
		const both = {
			changedFields: hasAmounts ? ['energy', 'price'] : ['energy'],
			energyDeltaKwh: 1.5,
			amountDelta: hasAmounts ? 4.2 : null,
		};
		expect(await trigger.poll()).toEqual([{ ...sent(id), ...both }]);
		expect(await trigger.poll()).toEqual([]);

		change(id, { amount: 19.99 });
		const price = { changedFields: ['price'], energyDeltaKwh: 0, amountDelta: -4.21 };
		expect(await trigger.poll()).toEqual(hasAmounts ? [{ ...sent(id), ...price }] : []);
		expect(await trigger.poll()).toEqual([]);
	});

	test('corrected sessions says nothing of meter values before the end, nor of the end', async () => {
		const trigger = activate({ event: 'corrected', ...withRunning });
		await trigger.poll();
		const id = add({ endedAt: null, kwh: 1 });
		for (const facts of [{}, { kwh: 2 }, { kwh: 3, endedAt: ago() }]) {
			change(id, facts);
			expect(await trigger.poll()).toEqual([]);
		}
		change(id, { kwh: 3.25 });
		const energy = { changedFields: ['energy'], energyDeltaKwh: 0.25, amountDelta: hasAmounts ? 0 : null };
		expect(await trigger.poll()).toEqual([{ ...sent(id), ...energy }]);
	});

	test('any event gives nothing twice after n8n was restarted', async () => {
		for (const event of ['completed', 'started', 'changed', 'corrected']) {
			const trigger = activate({ event, ...(event === 'changed' && withRunning) });
			await trigger.poll();
			const running = add({ endedAt: null });
			const ended = add({ kwh: 10 });
			await trigger.poll();
			change(ended, { kwh: 12 });
			await trigger.poll();
			trigger.restart();
			expect([event, await trigger.poll()]).toEqual([event, []]);
			change(running, { endedAt: ago() });
			const count = event === 'completed' || event === 'changed' ? 1 : 0;
			expect([event, (await trigger.poll()).map(idOf)]).toEqual([event, [running].slice(0, count)]);
		}
	});
});

describe.each<[WatchedName, INodeParameters]>([
	['Spirii charge records', { resource: 'chargeRecord' }],
	['Spirii transactions', { resource: 'transaction' }],
	['Volt Time, one charger', { resource: 'legacyTransaction' }],
])('%s', (name, parameters) => {
	test('come in the rows of the action node unless another output is picked', async () => {
		const { activate, add, change, vendor } = watched[name];
		const rows = async () => {
			const run = vendor === 'spirii' ? house.run.spirii : house.run.voltTime;
			const own = vendor === 'voltTime' && watched[name].parameters;
			const how = { operation: 'getAll', returnAll: true, output: 'simplified' };
			const { items } = await run({ ...parameters, ...own, ...how });
			return items.map(({ json }) => json);
		};
		const completed = activate({ output: 'simplified' });
		const corrected = activate({ output: 'simplified', event: 'corrected' });
		for (const trigger of [completed, corrected]) await trigger.poll();
		const id = add({ kwh: 10, amount: 20 });
		const [row, ...others] = await completed.poll();
		expect(others).toEqual([]);
		expect(await rows()).toContainEqual(row);
		expect(Object.keys(row).length).toBeGreaterThan(10);

		await corrected.poll();
		change(id, { kwh: 12 });
		const [{ changedFields, energyDeltaKwh, amountDelta, ...rest }] = await corrected.poll();
		expect({ changedFields, energyDeltaKwh, amountDelta }).toEqual({
			changedFields: 'energy',
			energyDeltaKwh: 2,
			amountDelta: 0,
		});
		expect(await rows()).toContainEqual(rest);
	});
});

describe.each(SPIRII)('%s', (name) => {
	const { activate, add, change, sent, idOf } = watched[name];
	const PARTS: Array<[string, Parameters<typeof house.spirii.data.update>[1]]> = [
		['energy', { consumed: 12.5 }],
		['time', { startedAt: ago(12 * MINUTE) }],
		['price', { amount: 1.25 }],
		['other', { evseId: 'DK.SPI.ZM9999*1', chargeBoxId: 9999 }],
	];

	test.each(PARTS)('a correction of %s is called so', async (part, patch) => {
		const trigger = activate({ event: 'corrected' });
		await trigger.poll();
		const id = add();
		await trigger.poll();
		house.spirii.data.update(id, { updatedAt: ago(), ...patch });
		const [record, ...others] = await trigger.poll();
		expect(record.changedFields).toEqual([part]);
		expect(others).toEqual([]);
	});

	test('a correction of the driver is called so', async () => {
		const trigger = activate({ event: 'corrected' });
		await trigger.poll();
		const id = add();
		await trigger.poll();
		const { tag } = house.spirii.data.get(id)!;
		house.spirii.data.update(id, { updatedAt: ago(), tag: { ...tag, uid: 'ABCDEF', label: 'Another' } });
		expect((await trigger.poll()).map(({ changedFields }) => changedFields)).toEqual([['driver']]);
	});

	test('a session older than the deep lookback window that is corrected comes, with no word on its earlier form', async () => {
		for (const event of ['corrected', 'changed']) {
			const trigger = activate({ event });
			await trigger.poll();
			const [oldest] = house.spirii.data.ids();
			change(oldest, { kwh: 1.5 });
			const unknown = { changedFields: null, energyDeltaKwh: null, amountDelta: null };
			expect(await trigger.poll()).toEqual([{ ...sent(oldest), ...(event === 'corrected' && unknown) }]);
			expect(await trigger.poll()).toEqual([]);
			change(oldest, { kwh: 2 });
			const known = { changedFields: ['energy'], energyDeltaKwh: 0.5, amountDelta: 0 };
			expect(await trigger.poll()).toEqual([{ ...sent(oldest), ...(event === 'corrected' && known) }]);
		}
		const completed = activate();
		await completed.poll();
		change(house.spirii.data.ids()[0], { kwh: 2 });
		expect(await completed.poll()).toEqual([]);
	});

	test('many sessions of one and the same millisecond come, each once, however short the pages are', async () => {
		const trigger = activate({ options: { pageSize: 7 } });
		await trigger.poll();
		const at = ago();
		const ids = Array.from({ length: 40 }, () => add({ endedAt: at, updatedAt: at }));
		expect((await trigger.poll()).map(idOf).sort()).toEqual(ids);
		const more = Array.from({ length: 20 }, () => add({ endedAt: at, updatedAt: at }));
		expect((await trigger.poll()).map(idOf).sort()).toEqual(more);
		expect(await trigger.poll()).toEqual([]);
	});
});

describe('Spirii charge records', () => {
	const { activate, add, idOf } = watched['Spirii charge records'];

	test('a session of last week that is created today counts as new', async () => {
		const trigger = activate();
		await trigger.poll();
		const old = { startedAt: ago(8 * DAY), endedAt: ago(7 * DAY) };
		const id = add({ ...old, createdAt: ago(), updatedAt: ago() });
		expect((await trigger.poll()).map(idOf)).toEqual([id]);
		expect(await trigger.poll()).toEqual([]);
	});

	test('the content filter and the filters choose what comes', async () => {
		const filterJson = '{"consumed":{"$gt":10}}';
		const trigger = activate({ filters: { filterJson, mode: 'cpo' } });
		await trigger.poll();
		add({ kwh: 5 });
		const id = add({ kwh: 15 });
		expect((await trigger.poll()).map(idOf)).toEqual([id]);
	});
});

test('Spirii transactions: the filters choose what comes', async () => {
	const { activate, add, idOf } = watched['Spirii transactions'];
	const { id: locationId } = house.spirii.data.at(0)!.site;
	const trigger = activate({ filters: { locationId } });
	await trigger.poll();
	const ids = Array.from({ length: 20 }, () => add());
	const there = ids.filter((id) => house.spirii.data.get(id)!.site.id === locationId);
	expect(there.length).toBeLessThan(20);
	expect(there.length).toBeGreaterThan(0);
	expect((await trigger.poll()).map(idOf).sort()).toEqual(there);
});

describe.each(VOLT_TIME)('%s', (name) => {
	const { activate, add, change, idOf } = watched[name];

	test('a session that ran for a week comes when it ends', async () => {
		const week = { startedAt: ago(7 * DAY), createdAt: ago(7 * DAY), updatedAt: ago(7 * DAY) };
		const id = add({ ...week, endedAt: null });
		const trigger = activate();
		expect(await trigger.poll()).toEqual([]);
		change(id, { endedAt: ago() });
		expect((await trigger.poll()).map(idOf)).toEqual([id]);
		expect(await trigger.poll()).toEqual([]);
	});
});

test('Volt Time, all chargers: sessions of each charger come', async () => {
	const trigger = watched['Volt Time, all chargers'].activate();
	await trigger.poll();
	const chargers = house.voltTime.data.chargers(1142);
	expect(chargers).toHaveLength(4);
	const times = { started_at: ago(MINUTE), stopped_at: ago(), created_at: ago(), updated_at: ago() };
	const ids = chargers.map(({ id }) => house.voltTime.data.add(id, times).id);
	const records: IDataObject[] = await trigger.poll();
	expect(records.map(({ id }) => id)).toEqual(ids);
	expect(await trigger.poll()).toEqual([]);
});
