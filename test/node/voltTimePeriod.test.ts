import type { INodeParameters } from 'n8n-workflow';

import { advanceClock } from '../support/clock';
import { failureOf, useSandbox } from '../support/sandbox';

const NOW = Date.parse('2026-07-15T12:00:00Z');
/** Last month in Copenhagen, where the workflows of the tests run. */
const [JUNE, JULY] = ['2026-05-31T22:00:00.000Z', '2026-06-30T22:00:00.000Z'];
const HOUR_MS = 3600 * 1000;

const house = useSandbox({ transactionsPerCharger: 0, plain: true, now: new Date(NOW).toISOString() });

beforeEach(() => advanceClock(NOW - Date.now()));
afterEach(() => jest.restoreAllMocks());

const shifted = (time: string, ms: number) => new Date(Date.parse(time) + ms).toISOString();
const byId = (value: string | number) => ({ __rl: true, mode: 'id', value }) as unknown as INodeParameters;

const TEAM = 1107;
const charger = () =>
	house.voltTime.data.charger(house.voltTime.data.sites.find(({ id }) => id === 7000)!.chargerIds[0])!;
const site = () => house.voltTime.data.siteOf(charger().id)!;

const LISTS: Record<string, () => INodeParameters> = {
	site: () => ({ resource: 'transaction', sessionsOf: 'site', siteUuid: byId(site().uuid) }),
	charger: () => ({ resource: 'transaction', sessionsOf: 'charger', chargerUuid: byId(charger().uuid) }),
	team: () => ({
		resource: 'transaction',
		sessionsOf: 'team',
		teamUuid: byId(house.voltTime.data.teams.find(({ id }) => id === TEAM)!.uuid),
	}),
	'charger in version 2': () => ({
		resource: 'legacyTransaction',
		teamId: byId(TEAM),
		chargerId: byId(charger().id),
	}),
	'team in version 2': () => ({ resource: 'legacyTransaction', teamId: byId(TEAM), chargerScope: 'all' }),
};

const add = (started_at: string, stopped_at: string | null) =>
	house.voltTime.data.add(charger().id, { started_at, stopped_at, created_at: started_at }).id;

describe.each(Object.keys(LISTS))('last month of a %s', (list) => {
	const read = async (parameters: INodeParameters = {}) =>
		await house.run.voltTime({
			...LISTS[list](),
			operation: 'getAll',
			returnAll: true,
			period: 'lastMonth',
			periodBy: 'end',
			...parameters,
		});
	const idsOf = async (parameters?: INodeParameters) =>
		(await read(parameters)).items.map(({ json }) => Number(json.id)).sort((a, b) => a - b);

	/** Sessions of three hours that end or start right before, at, and right before the end of June, and at its end. */
	const addAround = (by: string): number[] =>
		[shifted(JUNE, -1000), JUNE, shifted(JULY, -1000), JULY].map((moment) =>
			by === 'end' ? add(shifted(moment, -3 * HOUR_MS), moment) : add(moment, shifted(moment, 3 * HOUR_MS)),
		);

	test.each(['end', 'start'])('by %s: its first and its last moment, and nothing beside', async (by) => {
		const [, first, last] = addAround(by);
		expect(await idsOf({ periodBy: by })).toEqual([first, last]);
	});

	test.each(['end', 'start'])('by %s, a limit counts the sessions of the period alone', async (by) => {
		addAround(by);
		const { items } = await read({ periodBy: by, returnAll: false, limit: 2 });
		expect(items).toHaveLength(2);
	});

	test('has sessions that began up to the longest session before it', async () => {
		const long = add(shifted(JUNE, -7 * 24 * HOUR_MS + 1000), JUNE);
		expect(await idsOf()).toEqual([long]);
		const longer = add(shifted(JUNE, -20 * 24 * HOUR_MS), shifted(JUNE, HOUR_MS));
		expect(await idsOf({ options: { longestSession: 30 } })).toEqual([long, longer]);
	});

	test('has running sessions by their start, and none by their end', async () => {
		const running = add(shifted(JULY, -HOUR_MS), null);
		expect(await idsOf({ periodBy: 'start' })).toEqual([running]);
		expect(await idsOf()).toEqual([]);
		expect(await idsOf({ period: 'between', periodFrom: JUNE })).toEqual([]);
		expect(await idsOf({ period: 'all' })).toEqual([running]);
	});

	test('one bound is enough', async () => {
		const [early, first, last, late] = addAround('end');
		expect(await idsOf({ period: 'between', periodFrom: JUNE })).toEqual([first, last, late]);
		expect(await idsOf({ period: 'between', periodBefore: JULY })).toEqual([early, first, last]);
		expect(await idsOf({ period: 'between', periodFrom: JULY, periodBy: 'start' })).toEqual([]);
		const before = { period: 'between', periodBefore: JULY, periodBy: 'start' };
		expect(await idsOf(before)).toEqual([early, first, last, late]);
	});

	test('a session whose end is a zero date still runs, and has not ended in the year 1', async () => {
		const running = add(shifted(JULY, -HOUR_MS), '0001-01-01T00:00:00.000000Z');
		// The list of a team has a status beside the dates, by which it is finished.
		const expected = list === 'team' ? [running] : [];
		expect(await idsOf({ period: 'between', periodBefore: JULY })).toEqual(expected);
		expect(await idsOf({ period: 'all' })).toEqual([running]);
	});

	test('an export has the sessions of the period alone', async () => {
		addAround('end');
		const { items } = await read({ operation: 'export' });
		expect(items[0].json).toMatchObject({ rows: 2 });
	});

	test('a period without sessions says so, with its moments', async () => {
		add(JULY, shifted(JULY, HOUR_MS));
		const { items, hints } = await read();
		expect(items).toEqual([]);
		const period =
			'The period is 2026-06-01 00:00 to 2026-07-01 00:00 (Europe/Copenhagen), by the end of the session.';
		const nothing = `No session was found. ${period}`;
		expect(hints.map(({ message }) => message)).toEqual([
			list.includes('version 2') ? nothing : `${nothing} Without the period there are sessions.`,
		]);
	});
});

test('a period joins the status, and no running session lies in one by its end', async () => {
	const ended = add(JUNE, shifted(JUNE, HOUR_MS));
	const running = add(shifted(JUNE, 1000), null);
	const read = async (status: string, periodBy: string) =>
		await house.run.voltTime({
			...LISTS.site(),
			operation: 'getAll',
			returnAll: true,
			period: 'lastMonth',
			periodBy,
			filters: { status },
		});
	const idsOf = async (status: string) => (await read(status, 'start')).items.map(({ json }) => json.id);
	expect([await idsOf('finished'), await idsOf('active')]).toEqual([[ended], [running]]);
	const { message, description } = await failureOf(read('active', 'end'));
	expect(message).toBe(
		'"Status" is Running, but a session that runs has no end, and the period is about the end',
	);
	expect(description).toBe('Set "Period By" to "Start of the Session", or "Period" to All.');
});

describe('in version 2', () => {
	const read = async (parameters: INodeParameters) =>
		await house.run.voltTime({
			...LISTS['charger in version 2'](),
			operation: 'getAll',
			returnAll: true,
			period: 'lastMonth',
			...parameters,
		});

	test.each(['end', 'start'])('a period by %s joins the dates of the filters', async (periodBy) => {
		const [, second] = [
			add(JUNE, shifted(JUNE, HOUR_MS)),
			add('2026-06-10T10:00:00Z', '2026-06-10T11:00:00Z'),
		];
		const filters = { dateFrom: '2026-06-05', dateTo: '2026-06-20' };
		const { items } = await read({ periodBy, filters });
		expect(items.map(({ json }) => json.id)).toEqual([second]);
	});

	test('dates of the filters behind a period by end give nothing, and a hint', async () => {
		const filters = { dateFrom: '2026-07-05', dateTo: '2026-07-20' };
		const { items, hints } = await read({ periodBy: 'end', filters });
		expect(items).toEqual([]);
		expect(hints[0].message).toMatch('No session was found. The period is');
		expect(house.voltTime.requests).toEqual([]);
	});

	test('dates of the filters behind a period by start are refused by name', async () => {
		const filters = { dateFrom: '2026-07-05', dateTo: '2026-07-20' };
		const { message } = await failureOf(read({ periodBy: 'start', filters }));
		expect(message).toMatch('"Started From" must not be after "Period"');
	});

	test.each(['started_at', 'stopped_at', 'created_at'] as const)(
		'by end the sessions are right, whichever date is compared: %s',
		async (dateField) => {
			house.voltTime.switches.dateField = dateField;
			const long = add(shifted(JUNE, -6 * 24 * HOUR_MS), JUNE);
			add(shifted(JULY, -HOUR_MS), JULY);
			const { items, hints } = await read({ periodBy: 'end' });
			expect(items.map(({ json }) => json.id)).toEqual([long]);
			expect(hints).toEqual([]);
		},
	);

	test('by end a hint says where neither the start nor the end is compared', async () => {
		house.voltTime.switches.dateField = 'created_at';
		house.voltTime.data.add(charger().id, {
			started_at: '2026-01-01T10:00:00Z',
			stopped_at: '2026-01-01T11:00:00Z',
			created_at: '2026-06-10T10:00:00Z',
		});
		const { items, hints } = await read({ periodBy: 'end' });
		expect(items).toEqual([]);
		expect(hints.map(({ message }) => message)).toContainEqual(
			expect.stringMatching('compares the dates with neither "started_at" nor "stopped_at"'),
		);
	});
});

test('a zero date as the end of a running session in version 2 costs no request more than none', async () => {
	const requestsWith = async (end: string | null) => {
		house.voltTime.reset();
		for (let hour = 40; hour > 20; hour--)
			add(shifted(JULY, -hour * HOUR_MS), shifted(JULY, (0.5 - hour) * HOUR_MS));
		add(shifted(JULY, -30.4 * HOUR_MS), end);
		const list = { ...LISTS['charger in version 2'](), operation: 'getAll', returnAll: true };
		const { items, hints } = await house.run.voltTime({ ...list, options: { pageSize: 5 } });
		expect([items.length, hints]).toEqual([21, []]);
		return house.voltTime.requests.length;
	};
	expect(await requestsWith('0001-01-01T00:00:00.000000Z')).toBe(await requestsWith(null));
});
