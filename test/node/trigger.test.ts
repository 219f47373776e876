import { useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 50, plain: true, now: new Date().toISOString() });

describe.each(['chargeRecord', 'transaction'])('Spirii Trigger on %s', (source) => {
	test('begins with the next session to end, and gives each once', async () => {
		const trigger = house.activateSpirii({ source });
		expect(await trigger.poll()).toEqual([]);
		const { id } = house.spirii.data.add({ endedAt: new Date().toISOString() });
		const [record, ...others] = await trigger.poll();
		expect(record.transactionId ?? record.id).toBe(id);
		expect(others).toEqual([]);
		expect(await trigger.poll()).toEqual([]);
	});
	test('all history', async () => {
		const trigger = house.activateSpirii({ source, firstRun: 'all' });
		expect(await trigger.poll()).toHaveLength(50);
		expect(await trigger.poll()).toEqual([]);
	});
	test('newest', async () => {
		const trigger = house.activateSpirii({ source });
		expect(await trigger.showNewest()).toHaveLength(5);
	});
});

test('Volt Time', async () => {
	const trigger = house.activateVoltTime({ teamId: '1107' });
	expect(await trigger.poll()).toEqual([]);
	const charger = house.voltTime.data.chargers(1107)[3];
	const now = (ms = 0) => new Date(Date.now() + ms).toISOString();
	const { id } = house.voltTime.data.add(charger.id, {
		started_at: now(-1000),
		stopped_at: now(),
		created_at: now(),
		updated_at: now(),
	});
	expect((await trigger.poll()).map((r) => r.id)).toEqual([id]);
	expect(await trigger.poll()).toEqual([]);
});
