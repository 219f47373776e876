import { advanceClock, freezeClock } from '../support/clock';
import { useSandbox } from '../support/sandbox';
import { ago, DAY, HOUR, MINUTE, watchedIn, type WatchedName } from '../support/watched';

const house = useSandbox({ transactionsPerCharger: 0, plain: true, now: ago(3 * HOUR) });
const watched = watchedIn(house);

beforeEach(freezeClock);

const BEHIND: Array<[string, () => number]> = [
	['1970', () => Date.now() - 5 * HOUR],
	['2000', () => Date.now() - Date.UTC(2000, 0, 1, 5)],
	['100 days ago', () => 100 * DAY],
];
/** How often a session comes that starts with such a clock, ends in it, and is corrected afterwards. */
async function timesOf(name: WatchedName, event: string, behind: number, runs: number) {
	const { activate, add, change, idOf } = watched[name];
	const trigger = activate({ event });
	await trigger.poll();
	for (let turn = 0; turn < 3; turn++) {
		advanceClock(12 * HOUR);
		add({ kwh: 2 });
		await trigger.poll();
	}
	let times = 0;
	const id = add({
		startedAt: ago(behind + 5 * MINUTE),
		endedAt: null,
		createdAt: ago(),
		updatedAt: ago(),
	});
	const poll = async (...pauses: number[]) => {
		for (const pause of pauses) {
			advanceClock(pause);
			times += (await trigger.poll()).filter((record) => idOf(record) === id).length;
		}
	};
	for (let run = 0; run < runs; run++) await poll(HOUR / 2);
	change(id, { endedAt: ago(behind), kwh: 3 });
	await poll(HOUR / 2, HOUR / 2, 13 * HOUR, 13 * HOUR);
	change(id, { kwh: 4 });
	await poll(HOUR / 2, 13 * HOUR, 13 * HOUR);
	return times;
}

describe('a session of a charger whose clock says', () => {
	it.each(BEHIND)('%s is started once and completed once, from a site and a charger', async (_, behind) => {
		for (const name of ['Plugchoice, a site', 'Plugchoice, a charger'] as const)
			for (const event of ['started', 'completed'])
				expect([name, event, await timesOf(name, event, behind(), 3)]).toEqual([name, event, 1]);
	});

	it.each(BEHIND)('%s is started once, from a team', async (_, behind) => {
		expect(await timesOf('Plugchoice, a team', 'started', behind(), 3)).toBe(1);
	});

	it.each(BEHIND)(
		'%s is completed once and corrected once by version 2, over between two deep scans',
		async (_, behind) => {
			for (const event of ['completed', 'corrected'])
				expect([event, await timesOf('Volt Time, all chargers', event, behind(), 1)]).toEqual([event, 1]);
		},
	);
});
