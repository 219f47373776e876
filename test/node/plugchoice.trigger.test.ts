import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { PlugchoiceSwitches } from '../../sandbox/voltTime/plugchoiceSwitches';
import { advanceClock, freezeClock } from '../support/clock';
import { READINGS } from '../support/plugchoice';
import { failureOf, useSandbox } from '../support/sandbox';
import type { ActiveTrigger } from '../support/trigger';
import {
	ago,
	DAY,
	HOUR,
	MINUTE,
	PLUGCHOICE,
	VOLT_TIME,
	watchedIn,
	type SessionFacts,
} from '../support/watched';

const house = useSandbox({ transactionsPerCharger: 0, plain: true, now: ago(3 * HOUR) });
const watched = watchedIn(house);
afterEach(() => {
	jest.restoreAllMocks();
});
beforeEach(() => {
	freezeClock();
	advanceClock(1000 - (Date.now() % 1000));
});

const TEAM = 1142;
const team = watched['Plugchoice, a team'];
const idsIn = (records: IDataObject[]) => records.map(({ id }) => Number(id)).sort((a, b) => a - b);
const chargers = () => house.voltTime.data.chargers(TEAM);
const warnings = ({ log }: ActiveTrigger) => log.filter((line) => line.startsWith('warn: '));
const spent = () => house.voltTime.requests.splice(0);

/** Adds a session to a charger of the team. */
function addTo(charger: number, { startedAt, endedAt, createdAt }: SessionFacts): number {
	return house.voltTime.data.add(chargers()[charger].id, {
		started_at: startedAt,
		stopped_at: endedAt,
		created_at: createdAt ?? startedAt,
		...(endedAt === null && { meter_stop: null, stop_reason: null }),
	}).id;
}

/** Adds ended sessions, one each `stepMs` back from `fromMs` ago. */
function addEnded(count: number, fromMs: number, stepMs: number): number[] {
	return Array.from({ length: count }, (_, index) => {
		const endedAgo = fromMs + index * stepMs;
		return addTo(index % 4, { startedAt: ago(endedAgo + HOUR), endedAt: ago(endedAgo) });
	});
}

describe('with 1,000 chargers', () => {
	const large = useSandbox({ transactionsPerCharger: 0, firstTeamChargers: 1000, now: ago(3 * HOUR) });
	const teamOf = () => large.voltTime.data.teams[0];
	const locate = (value: string) => ({ __rl: true, mode: 'id', value });

	test('a poll of a team takes a few requests', async () => {
		const all = large.voltTime.data.chargers(teamOf().id);
		const add = (charger: number, startedAgo: number, endedAgo: number | null) =>
			large.voltTime.data.add(all[charger].id, {
				started_at: ago(startedAgo),
				stopped_at: endedAgo === null ? null : ago(endedAgo),
				created_at: ago(startedAgo),
			}).id;
		const activate = (parameters: INodeParameters) => large.activate.voltTime(parameters);
		const current = { source: 'transaction', teamUuid: locate(teamOf().uuid) };
		const raw = activate(current);
		const rows = activate({ ...current, output: 'simplified' });
		for (const trigger of [raw, rows]) await trigger.poll();
		// 3,000 sessions a day are 125 an hour, and 200 run.
		for (let index = 0; index < 200; index++) add(index, (1 + index) * MINUTE, null);
		for (let index = 0; index < 150; index++) add(200 + index, 3 * HOUR, index * 29_000);
		const count = async (trigger: ActiveTrigger) => {
			large.voltTime.requests.length = 0;
			const { length } = await trigger.poll();
			return { requests: large.voltTime.requests.length, delivered: length };
		};
		const first = { raw: await count(raw), rows: await count(rows) };
		const next = { raw: await count(raw), rows: await count(rows) };
		advanceClock(15 * MINUTE);
		const ended = Array.from({ length: 30 }, (_, index) => add(500 + index, HOUR, index * 20_000));
		const later = { raw: await count(raw), rows: await count(rows) };
		// eslint-disable-next-line no-console
		console.log(
			`requests per poll for 1,000 chargers, 200 sessions that run, 125 an hour: team ${later.raw.requests}, with rows ${later.rows.requests}, quiet ${next.raw.requests}; version 2: one for each charger`,
		);
		expect(first.raw.delivered).toBeGreaterThan(120);
		expect(later.raw.delivered).toBe(ended.length);
		for (const { raw: ofRaw, rows: ofRows } of [first, next, later]) {
			expect(ofRaw.requests).toBeLessThanOrEqual(16);
			// With rows, one for the addresses of the sites, and one for the name of the team.
			expect(ofRows.requests).toBeLessThanOrEqual(18);
		}
	});
});

test('a poll of version 2 takes a request for each charger', async () => {
	const trigger = watched['Volt Time, all chargers'].activate();
	await trigger.poll();
	spent();
	await trigger.poll();
	expect(spent()).toHaveLength(1 + chargers().length);
});

/** These concern version 2 beside it, or the lists of a team: one scope tells. */
const readingsOf = (name: string) =>
	READINGS.filter(
		(set) => name === 'Plugchoice, a team' || !('v2' in set || 'v2MovedTo' in set || 'searchName' in set),
	);

describe.each(PLUGCHOICE)('%s', (name) => {
	const { activate, add, change, idOf } = watched[name];
	const id = (own: number) => (house.voltTime.switches.sameIds ? own : own + 500_000_000);

	test.each(readingsOf(name))('each session comes once, where the API reads it as %j', async (set) => {
		Object.assign(house.voltTime.switches, set);
		const running = add({ startedAt: ago(8 * DAY), createdAt: ago(8 * DAY), endedAt: null });
		if (name === 'Plugchoice, a team') addEnded(30, 2 * HOUR, 20 * MINUTE);
		const trigger = activate();
		expect(await trigger.poll()).toEqual([]);
		const given: number[] = [];
		const poll = async () => given.push(...(await trigger.poll()).map(idOf));
		// Over a midnight, wherever it is.
		const overnight = add({ endedAt: null });
		for (let step = 0; step < 3; step++) {
			await poll();
			advanceClock(8 * HOUR);
		}
		change(overnight, { endedAt: ago() });
		const ended = [overnight, add(), add({ endedAt: ago(50 * MINUTE) })];
		await poll();
		// The charger was offline: its end is days old.
		change(running, { endedAt: ago(7 * DAY) });
		await poll();
		await poll();
		expect(given.sort((a, b) => a - b)).toEqual([running, ...ended].map(id).sort((a, b) => a - b));
		expect(warnings(trigger)).toEqual([]);
	});

	test.each(readingsOf(name))('each correction comes once, where the API reads it as %j', async (set) => {
		Object.assign(house.voltTime.switches, set);
		const trigger = activate({ event: 'corrected' });
		await trigger.poll();
		const [one, two] = [add({ kwh: 3 }), add({ kwh: 4, endedAt: null })];
		expect(await trigger.poll()).toEqual([]);
		change(two, { endedAt: ago() });
		expect(await trigger.poll()).toEqual([]);
		for (const [session, kwh] of [
			[one, 3.5],
			[two, 3.75],
		]) {
			change(session, { kwh });
			const [correction, ...others] = await trigger.poll();
			expect([idOf(correction), others]).toEqual([id(session), []]);
			expect(correction.changedFields).toEqual(['energy']);
			expect(await trigger.poll()).toEqual([]);
		}
		// A list that is read from somewhere else, a day later.
		advanceClock(DAY);
		expect(await trigger.poll()).toEqual([]);
	});

	test.each<[Partial<PlugchoiceSwitches>, string, RegExp]>([
		[
			{ v3: 'missing404' },
			'Volt Time has nothing under this ID or address (HTTP 404)',
			/base URL .* Choose Plugchoice for version 3\./,
		],
		[
			{ tokens: 'onlyV2' },
			'Volt Time refused the credential (HTTP 401)',
			/^Check the access token in the Volt Time credential/,
		],
	])('an address or token without version 3 is one clear error: %j', async (set, words, advice) => {
		Object.assign(house.voltTime.switches, set);
		for (const run of [activate().poll(), activate().showNewest()]) {
			const { message, description } = await failureOf(run);
			expect(message).toBe(words);
			expect(description).toMatch(advice);
		}
	});

	test.each(['floor', 'exact', 'number', 'absent'] as const)(
		'a row has the energy of the meters, where the API writes it as "%s"',
		async (kwh) => {
			house.voltTime.switches.kwh = kwh;
			const trigger = activate({ output: 'simplified' });
			await trigger.poll();
			add({ kwh: 7.936 });
			const [{ energyKwh, warnings }] = await trigger.poll();
			expect([energyKwh, String(warnings).split(';').includes('energy-rounded')]).toEqual([
				7.936,
				kwh === 'floor',
			]);
		},
	);

	test('a row says that the vendor calls the session not valid, where its list does', async () => {
		house.voltTime.switches.isValid = 'someFalse';
		const trigger = activate({ output: 'simplified' });
		await trigger.poll();
		const ids = Array.from({ length: 17 }, () => add());
		const rows = await trigger.poll();
		const invalid = rows.filter(({ warnings }) => String(warnings).includes('invalid-by-vendor'));
		expect(rows).toHaveLength(ids.length);
		expect(invalid).toHaveLength(name === 'Plugchoice, a team' ? 0 : 1);
	});

	test.each([
		['not-a-uuid', /^"(Team|Site|Charger)" must be a UUID such as .*, but "not-a-uuid" was given$/, false],
		['12345678901', /^"(Team|Site|Charger)" must be a UUID such as .*, but "12345678901" was given$/, false],
		['99', /^No (team|site|charger) of this token has the number "99"$/, true],
	])('an id that names nothing is one clear error: %s', async (value, words, asks) => {
		const { sessionsOf } = watched[name].parameters as { sessionsOf: string };
		const trigger = activate({ [`${sessionsOf}Uuid`]: { __rl: true, mode: 'id', value } });
		for (const run of [() => trigger.poll(), () => trigger.showNewest()]) {
			expect((await failureOf(run())).message).toMatch(words);
		}
		expect(spent().length > 0).toBe(asks);
	});

	test('shows the newest sessions by hand', async () => {
		addEnded(30, HOUR, MINUTE);
		const newest = add();
		const shown = await activate().showNewest();
		expect([shown.length, idOf(shown[0])]).toEqual([5, newest]);
	});

	test('gives the rows that Get Many gives, with prices', async () => {
		const options = { prices: 'fixed', fixedPricePerKwh: 0.5 };
		const settings = { output: 'simplified', sessionSettings: { currency: 'EUR' }, options };
		const trigger = activate(settings);
		await trigger.poll();
		const session = add({ kwh: 7.936 });
		const [row] = await trigger.poll();
		const parameters = { ...watched[name].parameters } as INodeParameters;
		delete parameters.source;
		const { items } = await house.run.voltTime({
			resource: 'transaction',
			operation: 'getAll',
			returnAll: true,
			...parameters,
			...settings,
		});
		expect(row).toEqual(items.find(({ json }) => json.sessionId === String(session))!.json);
		expect(row).toMatchObject({ energyKwh: 7.936, amountInclVat: 3.97, chargerId: String(chargers()[1].id) });
		expect(row.locationName).toBe('Blok B en C');
	});

	test.each([
		['reimbursement', 3, '/billing/reimbursement/links'],
		['public', 5, '/settings/public-charging'],
	])(
		'%s prices are read with a session, and say where they may have been others',
		async (prices, amount, end) => {
			// The middle of a month and of a day.
			const now = new Date();
			advanceClock(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 15, 12) - now.getTime());
			const { data } = house.voltTime;
			const [, charger] = chargers();
			Object.assign(data.reimbursementLinks(TEAM)[1], {
				...{ status: 'active', rate_per_kwh: 30, activated_at: ago(100 * DAY) },
			});
			Object.assign(data.publicCharging(charger.id), {
				...{ enabled: true, price_per_kwh: 45, start_fee: 50, currency: 'eur' },
			});
			const old = add({ startedAt: ago(40 * DAY), createdAt: ago(40 * DAY), endedAt: null });
			const settings = { output: 'simplified', options: { prices } };
			const trigger = activate(settings);
			await trigger.poll();
			await trigger.poll();
			const priced = () => spent().filter(({ path }) => path.endsWith(end)).length;
			expect(priced()).toBe(0);
			change(old, { endedAt: ago(13 * HOUR), kwh: 10 });
			const recent = add({ kwh: 10 });
			const rows = await trigger.poll();
			expect(priced()).toBeGreaterThan(0);
			const code = `${prices}-price-of-today`;
			const found = rows.map(({ sessionId, amountInclVat, currency, warnings }) => [
				...[Number(sessionId), amountInclVat, currency, String(warnings).split(';').includes(code)],
			]);
			expect(new Set(found)).toEqual(
				new Set([
					[old, amount, 'EUR', true],
					[recent, amount, 'EUR', false],
				]),
			);
			const parameters = { ...watched[name].parameters } as INodeParameters;
			delete parameters.source;
			const list = { resource: 'transaction', operation: 'getAll', returnAll: true };
			const { items } = await house.run.voltTime({ ...list, ...parameters, ...settings });
			const shown = (records: IDataObject[]) =>
				new Set(records.map((row) => [row.sessionKey, row.amountInclVat]));
			expect(shown(rows)).toEqual(shown(items.map(({ json }) => json)));
		},
	);

	test('takes the number of version 2, looks it up once, and asks for the UUID', async () => {
		const { sessionsOf } = watched[name].parameters as { sessionsOf: string };
		const number = {
			team: TEAM,
			site: house.voltTime.data.siteOf(chargers()[1].id)!.id,
			charger: chargers()[1].id,
		}[sessionsOf];
		const trigger = activate({ [`${sessionsOf}Uuid`]: { __rl: true, mode: 'id', value: String(number) } });
		await trigger.poll();
		const session = add();
		expect((await trigger.poll()).map(idOf)).toEqual([session]);
		const asked = trigger.log.filter((line) => line.includes('number of version 2'));
		expect(asked.length).toBe(1);
	});
});

describe.each(VOLT_TIME)('%s, by version 2, where the API has it no more', (name) => {
	test.each<[Partial<PlugchoiceSwitches>, string, RegExp]>([
		[
			{ v2: 'gone410' },
			'Volt Time did not accept the request (HTTP 410)',
			/choose Plugchoice in the credential, and "Transaction" instead of/,
		],
		[
			{ v2: 'missing404' },
			'Volt Time has nothing under this ID or address (HTTP 404)',
			/not every address has both versions of the API\. Choose Plugchoice for version 3\./,
		],
		[
			{ v2: 'moved301' },
			'Volt Time responded with a redirect to HOST, which was not followed',
			/choose Plugchoice in the credential.* The key is never sent to another address\.$/,
		],
		[
			{ tokens: 'onlyV3' },
			'Volt Time refused the credential (HTTP 401)',
			/^Check the access token in the Volt Time credential/,
		],
	])('is one clear error, and the key goes nowhere else: %j', async (set, words, advice) => {
		Object.assign(house.voltTime.switches, { v2MovedTo: house.spirii.url, ...set });
		const trigger = watched[name].activate();
		for (const run of [() => trigger.poll(), () => trigger.showNewest()]) {
			const { message, description } = await failureOf(run());
			expect(message).toBe(words.replace('HOST', new URL(house.spirii.url).host));
			expect(description).toMatch(advice);
		}
		expect([spent().length, house.spirii.requests.length]).toEqual([2, 0]);
	});
});

const CAPPED = (['documented', 'lengthAware', 'cursor', 'none'] as const).flatMap((blocks) =>
	(['nextPage', 'total', 'nothing'] as const).map((v3CapShows) => ({ blocks, v3CapShows, v3Cap: 20 })),
);

describe.each(PLUGCHOICE)('of a server that gives 20 sessions at once at most, %s:', (name) => {
	test.each(CAPPED)(
		'each session comes once, or an error says that some could be missed: %j',
		async (set) => {
			Object.assign(house.voltTime.switches, set);
			const { activate, add, idOf } = watched[name];
			const ids = Array.from({ length: 45 }, (_, index) => {
				const endedAgo = 2 * HOUR + index * 20 * HOUR;
				return add({ startedAt: ago(endedAgo + HOUR), createdAt: ago(endedAgo), endedAt: ago(endedAgo) });
			});
			const trigger = activate({ firstRun: 'days', firstRunDays: 60 });
			const given: IDataObject[] = [];
			let message: string | undefined;
			for (let poll = 0; poll < 8 && message === undefined; poll++) {
				await trigger.poll().then(
					(records) => given.push(...records),
					(error: unknown) => (message = (error as Error).message),
				);
				advanceClock(MINUTE);
			}
			// An error behind the first page is a line of the log, and what came before it is delivered.
			message ??= warnings(trigger)[0];
			if (message === undefined) expect(given.map(idOf).sort((a, b) => a - b)).toEqual(ids);
			else
				expect(message).toMatch(
					/some could be missed|cannot be read completely|still says that more follow|empty pages in a row/,
				);
			if (set.v3CapShows === 'nextPage' && set.blocks !== 'none') expect(message).toBeUndefined();
		},
	);
});

describe('sessions of a team', () => {
	const { activate } = team;

	test('whose charger was offline for weeks are asked for by their charger, in the form of the team', async () => {
		const late = addTo(2, { startedAt: ago(30 * DAY), endedAt: null });
		addEnded(200, 2 * HOUR, 30 * MINUTE);
		const trigger = activate();
		await trigger.poll();
		spent();
		house.voltTime.data.update(late, {
			stopped_at: ago(29 * DAY),
			meter_stop: 1_010_000,
			stop_reason: 'Local',
		});
		const [record, ...others] = await trigger.poll();
		const { created_at, updated_at, ...shown } = record;
		expect([typeof created_at, typeof updated_at, others]).toEqual(['string', 'string', []]);
		// Whether a charger has a calibrated meter is in the list of the team alone.
		const expected = team.sent(late);
		delete (expected.charger as IDataObject).is_mid;
		expect(shown).toEqual(expected);
		const ofCharger = spent().filter(({ path }) => /chargers\/[^/]+\/transactions/.test(path));
		expect(new Set(ofCharger.map(({ path }) => path)).size).toBe(1);
		// The sessions of the charger, and up to three small requests which prove that the API has not cut them off.
		expect(ofCharger).toHaveLength(4);
		expect(await trigger.poll()).toEqual([]);
		expect(spent().filter(({ path }) => /chargers\/[^/]+\/transactions/.test(path))).toEqual([]);
	});

	test('that are asked for by their charger say when they were written, and that the vendor calls them not valid', async () => {
		house.voltTime.switches.isValid = 'someFalse';
		const late = Array.from({ length: 17 }, () => addTo(2, { startedAt: ago(30 * DAY), endedAt: null }));
		addEnded(200, 2 * HOUR, 30 * MINUTE);
		const trigger = activate({ output: 'simplified' });
		await trigger.poll();
		for (const id of late)
			house.voltTime.data.update(id, { stopped_at: ago(29 * DAY), meter_stop: 1_010_000 });
		const rows = await trigger.poll();
		expect(rows.filter(({ createdAt, updatedAt }) => createdAt === null || updatedAt === null)).toEqual([]);
		const invalid = rows.filter(({ warnings }) => String(warnings).includes('invalid-by-vendor'));
		expect(invalid.map(({ sessionId }) => Number(sessionId))).toEqual(late.filter((id) => id % 17 === 0));
	});

	test('that show up late with such a one come as well, by the time of their creation', async () => {
		const late = addTo(2, { startedAt: ago(30 * DAY), endedAt: null });
		addEnded(200, 2 * HOUR, 30 * MINUTE);
		const trigger = activate();
		await trigger.poll();
		advanceClock(HOUR);
		house.voltTime.data.update(late, { stopped_at: ago(29 * DAY) });
		const uploaded = addTo(2, { startedAt: ago(20 * DAY), endedAt: ago(19 * DAY), createdAt: ago() });
		expect(idsIn(await trigger.poll())).toEqual([late, uploaded]);
		expect(await trigger.poll()).toEqual([]);
	});

	test('come once while pages shift at the head, over many polls', async () => {
		const expected = addEnded(180, 10 * MINUTE, 30 * MINUTE);
		const trigger = activate({ firstRun: 'days', firstRunDays: 10, options: { maxRecords: 1 } });
		const given: IDataObject[] = [];
		for (let poll = 0; poll < 60; poll++) {
			given.push(...(await trigger.poll()));
			advanceClock(2 * MINUTE);
			if (poll < 12) expected.push(...addEnded(7 + poll, 0, 1000));
		}
		expect(idsIn(given)).toEqual(expected.sort((a, b) => a - b));
	});

	test('come once while sessions leave the list in the pause between two polls', async () => {
		// The access to a charger with a quarter of all sessions ends while the list is read.
		const ids = addEnded(200, 10 * MINUTE, HOUR);
		const trigger = activate({ firstRun: 'days', firstRunDays: 10, options: { maxRecords: 1 } });
		const given: IDataObject[] = [];
		for (let poll = 0; poll < 30; poll++) {
			given.push(...(await trigger.poll()));
			if (poll === 2) house.voltTime.data.endAccess(chargers()[0].id);
		}
		const readable = ids.filter((_, index) => index % 4 !== 0);
		const delivered = new Set(given.map(({ id }) => Number(id)));
		expect(readable.filter((id) => !delivered.has(id))).toEqual([]);
		expect(new Set(delivered).size).toBe(given.length);
	});

	test('of all history come oldest first, and those that end meanwhile', async () => {
		const ids = addEnded(180, HOUR, 20 * DAY);
		const trigger = activate({ firstRun: 'all', options: { maxRecords: 1 } });
		const given: IDataObject[] = await trigger.poll();
		expect(idsIn(given)).toEqual(ids.slice(-25).sort((a, b) => a - b));
		advanceClock(MINUTE);
		ids.push(...addEnded(3, 0, 1000));
		for (let poll = 0; poll < 12; poll++) given.push(...(await trigger.poll()));
		expect(idsIn(given)).toEqual(ids.sort((a, b) => a - b));
	});

	test.each(['documented', 'cursor'] as const)(
		'are read on where the stored position is refused by then (%s)',
		async (blocks) => {
			house.voltTime.switches.blocks = blocks;
			const ids = addEnded(100, 10 * MINUTE, HOUR);
			const trigger = activate({ firstRun: 'days', firstRunDays: 10, options: { maxRecords: 1 } });
			const given = await trigger.poll();
			house.voltTime.faults.push({
				kind: 'status',
				status: 410,
				when: ({ query }) => query.has('page') || query.has('cursor'),
			});
			for (let poll = 0; poll < 12; poll++) given.push(...(await trigger.poll()));
			expect(house.voltTime.requests.map(({ status }) => status)).toContain(410);
			expect(idsIn(given)).toEqual(ids.sort((a, b) => a - b));
		},
	);

	test('stop where a whole page lies before the lookback window, and no page later', async () => {
		addEnded(200, 2 * HOUR, MINUTE);
		const trigger = activate();
		await trigger.poll();
		const newest = addTo(0, { startedAt: ago(HOUR), endedAt: ago() });
		expect(idsIn(await trigger.poll())).toEqual([newest]);
		spent();
		await trigger.poll();
		// The sessions that run, the page with the newest one, and the first page that is older throughout.
		expect(spent().map(({ path, rawQuery }) => `${path} ${decodeURIComponent(rawQuery)}`)).toEqual([
			expect.stringContaining('transactions filter[status]=active&sort=-started_at'),
			expect.stringContaining('transactions filter[status]=finished&sort=-stopped_at'),
			expect.stringContaining('page=2'),
		]);
	});

	test('that show up within the lookback window come with the next poll, and within the deep one a day later', async () => {
		addEnded(100, 5 * DAY, MINUTE);
		const trigger = activate({ firstRun: 'days', firstRunDays: 4, options: { lookbackHours: 2 } });
		await trigger.poll();
		const newest = addTo(0, { startedAt: ago(HOUR), endedAt: ago() });
		expect(idsIn(await trigger.poll())).toEqual([newest]);
		addEnded(60, 3 * HOUR, MINUTE);
		await trigger.poll();
		const soon = addTo(1, { startedAt: ago(5 * HOUR), endedAt: ago(115 * MINUTE) });
		const late = addTo(1, { startedAt: ago(50 * HOUR), endedAt: ago(49 * HOUR) });
		expect(idsIn(await trigger.poll())).toContain(soon);
		const given: number[] = [];
		for (let hour = 0; hour < 25; hour++) {
			advanceClock(HOUR);
			given.push(...idsIn(await trigger.poll()));
		}
		expect(given).toContain(late);
	});

	test.each<[string, (query: URLSearchParams) => void, string]>([
		['sort', (query) => query.delete('sort'), 'The API does not sort the sessions of a team by their end'],
		['filter', (query) => query.delete('filter[status]'), 'The API ignores the filter on the status'],
	])('are not read from a list that ignores the %s', async (_, drop, words) => {
		addTo(0, { startedAt: ago(2 * HOUR + 90_000), endedAt: ago(MINUTE) });
		addEnded(60, HOUR, MINUTE);
		const trigger = activate();
		await trigger.poll();
		house.voltTime.onRequest = ({ query }) => drop(query);
		await trigger.poll().catch(() => []);
		expect((await failureOf(trigger.poll())).message).toContain(words);
	});
});

test.each(PLUGCHOICE)(
	'moved from version 2, a trigger begins at the day of the move, with the same keys: %s',
	async (name) => {
		const { add, parameters } = watched[name];
		const rows = { output: 'simplified' };
		const trigger = watched['Volt Time, all chargers'].activate(rows);
		await trigger.poll();
		add();
		const given = (await trigger.poll()).map(({ sessionKey }) => sessionKey);
		expect(given).toHaveLength(1);
		trigger.change({ ...parameters, ...rows, firstRun: 'date', firstRunDate: ago(DAY) });
		const next = add();
		const moved = (await trigger.poll()).map(({ sessionKey }) => sessionKey);
		expect(new Set(moved)).toEqual(new Set([...given, `voltTime:${next}`]));
		expect(warnings(trigger)).toHaveLength(1);
		expect(await trigger.poll()).toEqual([]);
	},
);

describe('access that ends', () => {
	const { activate } = team;

	test('to chargers of a team is said with their names, at the first poll and once a day', async () => {
		const closed = chargers()[2];
		house.voltTime.data.endAccess(closed.id);
		const trigger = activate();
		await trigger.poll();
		const warning = `warn: Volt Time Trigger: the access token may not read the sessions of 1 of 4 chargers of the team, so they are not delivered: ${closed.identity}. Ask their owners for access`;
		expect(warnings(trigger)).toEqual([warning]);
		for (let hour = 0; hour < 26; hour++) {
			await trigger.poll();
			advanceClock(HOUR);
		}
		expect(warnings(trigger)).toEqual([warning, warning]);
		house.voltTime.data.giveAccess(closed.id);
		const ids = [
			addTo(2, { startedAt: ago(HOUR), endedAt: ago() }),
			addTo(1, { startedAt: ago(HOUR), endedAt: ago() }),
		];
		expect(idsIn(await trigger.poll())).toEqual(ids.sort((a, b) => a - b));
	});

	test('is not said of chargers of another team', async () => {
		house.voltTime.data.endAccess(house.voltTime.data.chargers(1107)[0].id);
		const trigger = activate();
		await trigger.poll();
		expect(warnings(trigger)).toEqual([]);
	});

	test.each(['forbidden403', 'empty'] as const)(
		'to a charger where a session runs is said with its name, asked for once a day, and stops nothing else (%s)',
		async (answer) => {
			house.voltTime.switches.whenAccessEnded = answer;
			const running = addTo(2, { startedAt: ago(2 * HOUR), endedAt: null });
			const trigger = activate();
			await trigger.poll();
			house.voltTime.data.endAccess(chargers()[2].id);
			const other = addTo(1, { startedAt: ago(HOUR), endedAt: ago() });
			spent();
			expect(idsIn(await trigger.poll())).toEqual([other]);
			const { identity } = chargers()[2];
			expect(warnings(trigger)).toEqual([
				`warn: Volt Time Trigger: the access token may no longer read the charger ${identity}, where a session was running. Its end is not delivered. The charger is asked again once a day`,
			]);
			const asks = () => spent().filter(({ path }) => /chargers\/[^/]+\/transactions/.test(path)).length;
			expect(asks()).toBe(1);
			for (let poll = 0; poll < 3; poll++) await trigger.poll();
			expect(asks()).toBe(0);
			house.voltTime.data.giveAccess(chargers()[2].id);
			house.voltTime.data.update(running, { stopped_at: ago(MINUTE) });
			expect(idsIn(await trigger.poll())).toEqual([running]);
		},
	);

	test.each(['forbidden403', 'empty'] as const)(
		'to a site or a charger is an error that names it (%s)',
		async (answer) => {
			house.voltTime.switches.whenAccessEnded = answer;
			const triggers = [
				[watched['Plugchoice, a site'].activate(), 'the site Blok B en C'],
				[watched['Plugchoice, a charger'].activate(), `the charger ${chargers()[1].identity}`],
			] as const;
			for (const [trigger] of triggers) await trigger.poll();
			const site = house.voltTime.data.siteOf(chargers()[1].id)!;
			house.voltTime.data.endSiteAccess(site.id);
			advanceClock(DAY);
			for (const [trigger, name] of triggers) {
				for (const run of [trigger.poll(), trigger.showNewest()]) {
					const { message, description } = await failureOf(run);
					expect(message).toContain(`The access token may not read the sessions of ${name}`);
					expect(description).toContain('Ask the owner');
				}
			}
			house.voltTime.data.giveSiteAccess(site.id);
			const id = addTo(1, { startedAt: ago(HOUR), endedAt: ago() });
			for (const [trigger] of triggers) expect(idsIn(await trigger.poll())).toEqual([id]);
		},
	);
});

describe('a list of a team', () => {
	test('whose next page is at another host ends the poll with an error, and nothing is sent there', async () => {
		addEnded(60, MINUTE, MINUTE);
		const trigger = team.activate({ firstRun: 'days' });
		house.voltTime.faults.push({
			kind: 'nextHost',
			host: 'https://evil.example',
			when: ({ path }) => path.endsWith('/transactions'),
		});
		const { message } = await failureOf(trigger.poll());
		expect(message).toMatch('The API says that the next page is at evil.example, and not at 127.0.0.1');
	});

	test.each(['documented', 'links', 'cursor'] as const)(
		'that repeats a page ends the poll, says so, and gives each session once (%s)',
		async (blocks) => {
			house.voltTime.switches.blocks = blocks;
			const ids = addEnded(60, MINUTE, MINUTE);
			const trigger = team.activate({ firstRun: 'days' });
			house.voltTime.faults.push({
				kind: 'repeatedCursor',
				when: ({ path, query }) =>
					path.endsWith('/transactions') && (query.has('page') || query.has('cursor')),
			});
			const given = await trigger.poll();
			expect(warnings(trigger).join()).toMatch(/a second time|already|repeat/i);
			for (let poll = 0; poll < 4; poll++) given.push(...(await trigger.poll()));
			expect(idsIn(given)).toEqual(ids.sort((a, b) => a - b));
		},
	);
});
