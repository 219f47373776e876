import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { VoltTimeApi } from '../../credentials/VoltTimeApi.credentials';
import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { VoltTimeTrigger } from '../../nodes/VoltTime/VoltTimeTrigger.node';
import type { VoltTimeTransaction } from '../../sandbox/voltTime/data';
import { testCredential } from '../support/n8n';
import { byId, idsIn, sessionsAt, sorted } from '../support/plugchoice';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ transactionsPerCharger: 40 });

const siteOf = (id: number) => house.voltTime.data.sites.find((site) => site.id === id)!;
const SITE = 7000;
const TEAM = 1107;

/** The sessions of chargers in the sandbox that pass, by their ids in order. */
const idsOf = (of: number[], passes?: (session: VoltTimeTransaction) => boolean) =>
	sorted(sessionsAt(house, of, passes).map(({ id }) => id));

function sessions(more: INodeParameters): INodeParameters {
	return { resource: 'transaction', operation: 'getAll', returnAll: true, ...more };
}
const ofSite = (more: INodeParameters = {}) => sessions({ siteUuid: byId(siteOf(SITE).uuid), ...more });
const teamUuid = () => house.voltTime.data.teams.find(({ id }) => id === TEAM)!.uuid;
const ofTeam = (more: INodeParameters = {}) =>
	sessions({ sessionsOf: 'team', teamUuid: byId(teamUuid()), ...more });
const chargers = () => siteOf(SITE).chargerIds;

/** The requests whose path ends so. */
const requestsTo = (end: string) => house.voltTime.requests.filter(({ path }) => path.endsWith(end));

const from = '2026-06-10T07:00:00Z';
const before = '2026-06-26T22:30:00Z';
const since = (periodBy = 'end') => ({ period: 'between', periodFrom: from, periodBy });
const period = (periodBy = 'end') => ({ ...since(periodBy), periodBefore: before });
const isIn = (time: string) => Date.parse(time) >= Date.parse(from) && Date.parse(time) < Date.parse(before);
const endsIn = ({ stopped_at: end }: VoltTimeTransaction) => end !== null && isIn(end);
const startsIn = ({ started_at: start }: VoltTimeTransaction) => isIn(start);

test('all sessions of a site come, running ones too', async () => {
	const { items } = await house.run.voltTime(ofSite());
	expect(idsIn(items)).toEqual(idsOf(chargers()));
	// Two of them prove that the response is whole.
	expect(requestsTo('/transactions')).toHaveLength(3);
});

test('all sessions of a charger come', async () => {
	const [id] = chargers();
	const { uuid } = house.voltTime.data.charger(id)!;
	const { items } = await house.run.voltTime(sessions({ sessionsOf: 'charger', chargerUuid: byId(uuid) }));
	expect(idsIn(items)).toEqual(idsOf([id]));
});

test('all sessions of a team come, over its pages', async () => {
	const { items } = await house.run.voltTime(ofTeam());
	expect(idsIn(items)).toEqual(idsOf(house.voltTime.data.chargers(TEAM).map(({ id }) => id)));
});

describe('of a period', () => {
	const READINGS: IDataObject[] = [
		{},
		{ stoppedUntil: 'startOfDay' },
		{ zone: 'Amsterdam', stoppedUntil: 'startOfDay' },
		{ datePrecision: 'time' },
		{ datePrecision: 'cutOff', untilHidesRunning: false },
		{ limitMeans: 'pageSize' },
		{ blocks: 'none' },
		{ blocks: 'flat', v3Order: 'asc' },
		{ blocks: 'lengthAware' },
		{ blocks: 'cursor' },
		{ envelope: 'bare', blocks: 'none' },
		{ unknownFilter: 'ignored' },
	];

	test.each(READINGS)(
		'the sessions of a site that end in it come, where the API reads it as %j',
		async (set) => {
			Object.assign(house.voltTime.switches, set);
			const { items } = await house.run.voltTime(ofSite(period()));
			expect(idsIn(items)).toEqual(idsOf(chargers(), endsIn));
			expect(items.length).toBeGreaterThan(5);
		},
	);

	test.each(READINGS)('and those that start in it, where the API reads it as %j', async (set) => {
		Object.assign(house.voltTime.switches, set);
		const { items } = await house.run.voltTime(ofSite(period('start')));
		expect(idsIn(items)).toEqual(idsOf(chargers(), startsIn));
	});

	test.each(READINGS)('and in slices none is lost over their borders, as %j', async (set) => {
		Object.assign(house.voltTime.switches, set);
		const options = { pageSize: 300, longestSession: 3 };
		for (const [dates, passes] of [[period(), endsIn] as const, [since(), fromOn] as const]) {
			const { items } = await house.run.voltTime(ofSite({ ...dates, options }));
			expect(idsIn(items)).toEqual(idsOf(chargers(), passes));
		}
		expect(requestsTo('/transactions').length).toBeGreaterThan(3);
	});

	test.each(['end', 'start'])('the sessions of a team come by their %s', async (periodBy) => {
		const { items } = await house.run.voltTime(ofTeam(period(periodBy)));
		const all = house.voltTime.data.chargers(TEAM).map(({ id }) => id);
		expect(idsIn(items)).toEqual(idsOf(all, periodBy === 'end' ? endsIn : startsIn));
	});
});

/** Ends from the start of the period on. One that runs has no end. */
const fromOn = ({ stopped_at: end }: VoltTimeTransaction) =>
	end !== null && Date.parse(end) >= Date.parse(from);

test('of a list that is read in slices no session is lost whose charger has a wrong clock', async () => {
	const [id] = chargers();
	const add = (start: string, end: string) =>
		house.voltTime.data.add(id, { started_at: start, stopped_at: end }).id;
	const added = [
		add('1970-01-01T00:03:00.000000Z', '1970-01-01T02:00:00.000000Z'),
		add('2031-03-01T10:00:00.000000Z', '2031-03-01T12:00:00.000000Z'),
	];
	const { items } = await house.run.voltTime(ofSite({ options: { pageSize: 300, longestSession: 3 } }));
	expect(idsIn(items)).toEqual(expect.arrayContaining(sorted(added)));
	expect(idsIn(items)).toEqual(idsOf(chargers()));
});

test('a session that runs over the border of two slices is in the list, up to "Longest Session"', async () => {
	const [id] = chargers();
	const hour = 3600 * 1000;
	const added: number[] = [];
	for (let start = Date.parse('2026-06-11T00:30:00Z'); start < Date.parse('2026-06-21'); start += 24 * hour)
		added.push(
			house.voltTime.data.add(id, {
				started_at: new Date(start).toISOString(),
				stopped_at: new Date(start + 71 * hour).toISOString(),
			}).id,
		);
	const options = { pageSize: 300, longestSession: 3 };
	const { items } = await house.run.voltTime(ofSite({ ...period('start'), options }));
	expect(idsIn(items)).toEqual(expect.arrayContaining(sorted(added)));
	expect(requestsTo('/transactions').length).toBeGreaterThan(3);
});

test.each(['end', 'start'])(
	'a session that ends days behind its slice is in the list, up to "Longest Session" (by %s)',
	async (periodBy) => {
		const [id] = chargers();
		const { data } = house.voltTime;
		for (const one of data.ids(id)) data.remove(one);
		const minute = 60 * 1000;
		const day = 24 * 60 * minute;
		// The days that are sent are wider by up to three days, so shorter sessions would come anyway.
		for (let start = Date.parse('2026-03-05T23:59:00Z'); start < Date.parse('2026-06-15'); start += day)
			data.add(id, {
				started_at: new Date(start).toISOString(),
				stopped_at: new Date(start - minute + 7 * day).toISOString(),
			});
		const { items } = await house.run.voltTime(
			sessions({
				...{ sessionsOf: 'charger', chargerUuid: byId(data.charger(id)!.uuid) },
				...{ period: 'between', periodFrom: '2026-03-01T00:00:00Z', periodBefore: '2026-06-28T00:00:00Z' },
				periodBy,
				options: { pageSize: 10, longestSession: 7 },
			}),
		);
		expect(idsIn(items)).toEqual(idsOf([id]));
		expect(items).toHaveLength(102);
		expect(requestsTo('/transactions').length).toBeGreaterThan(20);
	},
);

test('a day that does not fit into one response is an error, never a cut list', async () => {
	const { message } = await failureOf(house.run.voltTime(ofSite({ options: { pageSize: 1 } })));
	expect(message).toMatch('cannot be read completely');
});

test.each(['active', 'finished'])('only %s sessions come where they are asked for', async (status) => {
	const { items } = await house.run.voltTime(ofSite({ filters: { status } }));
	const expected = idsOf(chargers(), ({ stopped_at }) => (stopped_at === null) === (status === 'active'));
	expect(idsIn(items)).toEqual(expected);
});

describe('a row', () => {
	const rows = async (parameters: INodeParameters) =>
		(await house.run.voltTime({ ...parameters, output: 'simplified' })).items.map(({ json }) => json);

	test('has the energy of the meters, and the site', async () => {
		for (const id of house.voltTime.data.ids(chargers()[0])) house.voltTime.data.remove(id);
		house.voltTime.data.add(chargers()[0], {
			meter_start: 29_317,
			meter_stop: 37_253,
			started_at: '2026-06-01T10:00:00.000000Z',
			stopped_at: '2026-06-01T11:00:00.000000Z',
		});
		const row = (await rows(ofSite({ columnGroups: ['origin'] }))).find(
			({ meterStartKwh }) => meterStartKwh === 29.317,
		)!;
		expect(row).toMatchObject({
			source: 'voltTime',
			endpoint: '/api/v3/sites/{site_uuid}/transactions',
			energyKwh: 7.936,
			chargerId: String(chargers()[0]),
			chargerUuid: house.voltTime.data.charger(chargers()[0])!.uuid,
			locationName: 'Parkeergarage Markt',
			city: 'Zuidwolde',
			amountInclVat: null,
			warnings: 'energy-rounded',
		});
		expect(row.sessionKey).toBe(`voltTime:${String(row.sessionId)}`);
	});

	test.each(['site', 'charger', 'team'])(
		'of a %s has the energy that the vendor gives only where a meter is missing',
		async (kind) => {
			const { uuid } = house.voltTime.data.charger(chargers()[0])!;
			const times = { started_at: '2026-06-01T10:00:00.000000Z', stopped_at: '2026-06-01T11:00:00.000000Z' };
			const charger = { uuid, identity: 'VTT_1' };
			const data = [
				{ meter_start: 29_317, meter_stop: 37_253, total_kwh: '7.00' },
				{ meter_start: 29_317, meter_stop: 37_253, total_kwh: '9.50' },
				{ meter_start: null, meter_stop: 37_253, total_kwh: '7.94' },
				{ meter_start: 29_317, meter_stop: null, total_kwh: '7.94' },
			].map((energy, id) => ({
				...{ id: 1 + id, ...times, ...energy, charger },
				...(kind !== 'team' && { charger_id: 25, charger_connector_id: 9000 }),
			}));
			house.voltTime.faults.push({
				...{ kind: 'status', status: 200, body: { data }, times: 9 },
				when: ({ path }) => path.endsWith('/transactions'),
			});
			const places = { site: siteOf(SITE).uuid, charger: uuid, team: teamUuid() };
			const all = await rows(
				sessions({
					sessionsOf: kind,
					[`${kind}Uuid`]: byId(places[kind as 'site']),
					filters: { status: 'finished' },
				}),
			);
			const codes = ['energy-rounded', 'meter-mismatch'];
			expect(
				all.map(({ energyKwh, warnings }) => [
					energyKwh,
					...codes.filter((code) => String(warnings).split(';').includes(code)),
				]),
			).toEqual([[7.936, 'energy-rounded'], [7.936, 'meter-mismatch'], [7.94], [7.94]]);
		},
	);

	test.each(['site', 'charger', 'team'])(
		'of a %s has the site of its charger, with its address',
		async (scope) => {
			const [id] = chargers();
			const { uuid } = house.voltTime.data.charger(id)!;
			const parameters = {
				site: ofSite(),
				charger: sessions({ sessionsOf: 'charger', chargerUuid: byId(uuid) }),
				team: ofTeam(),
			};
			const own = (await rows(parameters[scope as 'site'])).filter(({ chargerUuid }) => chargerUuid === uuid);
			expect(own.length).toBeGreaterThan(5);
			for (const row of own)
				expect(row).toMatchObject({
					chargerId: String(id),
					locationId: siteOf(SITE).uuid,
					locationName: 'Parkeergarage Markt',
					city: 'Zuidwolde',
					country: 'NL',
				});
		},
	);

	test('of a charger without a site has no location', async () => {
		const [id] = chargers();
		siteOf(SITE).chargerIds.shift();
		const { uuid } = house.voltTime.data.charger(id)!;
		const [row] = await rows(sessions({ sessionsOf: 'charger', chargerUuid: byId(uuid) }));
		expect(row).toMatchObject({ chargerUuid: uuid, locationId: null, locationName: null, city: null });
	});

	test.each(['/api/v3/sites', '/chargers'])(
		'comes without its location where the token may not read %s, and a hint says so',
		async (end) => {
			const [id] = chargers();
			const { uuid } = house.voltTime.data.charger(id)!;
			const parameters = sessions({ sessionsOf: 'charger', chargerUuid: byId(uuid), output: 'simplified' });
			house.voltTime.faults.push({
				...{ kind: 'status', status: 403, times: 9 },
				when: ({ path }) => path.endsWith(end),
			});
			const { items, hints } = await house.run.voltTime(parameters);
			expect(items).toHaveLength(idsOf([id]).length);
			expect(items[0].json.city).toBeNull();
			expect(hints.map(({ message }) => message)).toEqual([expect.stringContaining('may not read')]);
		},
	);

	test('of a team has the number of the charger', async () => {
		const all = await rows(ofTeam({ columnGroups: ['origin'] }));
		expect(all[0].endpoint).toBe('/api/v3/teams/{team_uuid}/transactions');
		const ids = new Set(house.voltTime.data.chargers(TEAM).map(({ id }) => String(id)));
		expect(all.filter(({ chargerId }) => !ids.has(String(chargerId)))).toEqual([]);
		expect(all.every(({ locationName }) => locationName !== null)).toBe(true);
	});

	test('with a fixed price has its amount', async () => {
		const settings = {
			options: { prices: 'fixed', fixedPricePerKwh: 0.5 },
			sessionSettings: { currency: 'EUR' },
		};
		for (const row of await rows(ofSite(settings))) {
			if (row.energyKwh === null) continue;
			expect(row.amountInclVat).toBeCloseTo(Number(row.energyKwh) * 0.5, 1);
			expect(row).toMatchObject({ pricePerKwh: 0.5, currency: 'EUR' });
		}
	});

	test.each(['reimbursement', 'public'])(
		'with %s prices says where they may have been others',
		async (prices) => {
			const all = await rows(ofSite({ options: { prices } }));
			const priced = all.filter(({ pricePerKwh, status }) => pricePerKwh !== null && status === 'completed');
			expect(priced.length).toBeGreaterThan(0);
			for (const { warnings, currency } of priced) {
				expect(warnings).toContain(`${prices}-price-of-today`);
				expect(currency).toBe('EUR');
			}
		},
	);

	test('of a session that runs has the public price of now, also where its end is a zero date', async () => {
		const { data } = house.voltTime;
		const priced = chargers().find((id) => data.publicCharging(id).enabled)!;
		const { id } = data.add(priced, { stopped_at: '0001-01-01T00:00:00.000000Z' });
		const all = await rows(ofSite({ options: { prices: 'public' } }));
		const row = all.find(({ sessionId }) => sessionId === String(id))!;
		expect(row.pricePerKwh).toBeGreaterThan(0);
		expect(row.endedAt).toBeNull();
		expect(row.warnings).not.toContain('public-price-of-today');
	});

	test('that the vendor calls not valid has a code', async () => {
		house.voltTime.switches.isValid = 'someFalse';
		const all = await rows(ofSite());
		const invalid = all.filter(({ warnings }) => String(warnings).includes('invalid-by-vendor'));
		expect(invalid.length).toBeGreaterThan(0);
		expect(invalid.length).toBeLessThan(all.length);
	});
});

describe('an id', () => {
	const withId = (kind: string, id: string | number) =>
		sessions({ sessionsOf: kind, [`${kind}Uuid`]: byId(id) });

	test.each(['site', 'charger', 'team'])(
		'that is a number of version 2 is looked up, and a hint names the UUID: %s',
		async (kind) => {
			const [id] = chargers();
			const { data } = house.voltTime;
			const [number, uuid, of] = {
				site: [SITE, siteOf(SITE).uuid, chargers()] as const,
				charger: [id, data.charger(id)!.uuid, [id]] as const,
				team: [TEAM, teamUuid(), data.chargers(TEAM).map((one) => one.id)] as const,
			}[kind as 'site'];
			const { items, hints } = await house.run.voltTime(withId(kind, number));
			expect(idsIn(items)).toEqual(idsOf([...of]));
			expect(hints.map(({ message }) => message)).toEqual([
				`The ${kind} ${number} was given by its number of version 2, which takes more requests. Use its UUID: ${uuid}`,
			]);
		},
	);

	test.each(['not-a-uuid', '0d496e9c-8f9e-47c7-afea', '12345678901', 'x'])(
		'that is no UUID is refused before any request: %s',
		async (id) => {
			const { message } = await failureOf(house.run.voltTime(sessions({ siteUuid: byId(id) })));
			expect(message).toBe(
				`"Site" must be a UUID such as 51c7cf5e-fac2-3ac6-8ef8-61e6050503af, but "${id}" was given`,
			);
			expect(house.voltTime.requests).toHaveLength(0);
		},
	);

	test.each(['site', 'charger', 'team'])('that no %s has is an error that names it', async (kind) => {
		const { message, description } = await failureOf(house.run.voltTime(withId(kind, 99)));
		expect(message).toBe(`No ${kind} of this token has the number "99"`);
		expect(description).toBe(`Pick the ${kind} from the list, or give its UUID.`);
	});

	test.each(['site', 'charger', 'team'])(
		'of which the API knows no %s is an error that says so',
		async (kind) => {
			const uuid = '00000000-0000-4000-8000-000000000000';
			const { message, description } = await failureOf(house.run.voltTime(withId(kind, uuid)));
			expect(message).toMatch('404');
			expect(description).toMatch('Check the team, the site and the charger in the node');
		},
	);

	test.each(['site', 'charger', 'team'])(
		'that is no UUID of a %s is refused, with its field',
		async (kind) => {
			const { message } = await failureOf(house.run.voltTime(withId(kind, `${siteOf(SITE).uuid}0`)));
			expect(message).toMatch(new RegExp(`^"${kind}" must be a UUID such as .* was given$`, 'i'));
			expect(house.voltTime.requests).toHaveLength(0);
		},
	);

	test('of a charger in version 2 is looked up for "Get" as well', async () => {
		const [id] = chargers();
		const { items } = await house.run.voltTime({
			resource: 'charger',
			operation: 'get',
			chargerUuid: byId(id),
		});
		expect(items[0].json.uuid).toBe(house.voltTime.data.charger(id)!.uuid);
	});
});

describe('places are read once for all items', () => {
	const itemsOf = (count: number) => Array.from({ length: count }, () => ({ json: {} }));
	const listsRead = () =>
		house.voltTime.requests
			.filter(({ path }) => !path.endsWith('/transactions'))
			.map(({ path, rawQuery }) => `${path}?${rawQuery}`);

	test.each(['site', 'charger', 'team'])('of a %s, by its number', async (kind) => {
		const [id] = chargers();
		const number = { site: SITE, charger: id, team: TEAM }[kind]!;
		const parameters = sessions({ sessionsOf: kind, [`${kind}Uuid`]: byId(number), output: 'simplified' });
		const { items } = await house.run.voltTime(parameters, { items: itemsOf(1) });
		const once = listsRead();
		house.voltTime.requests.length = 0;
		const three = await house.run.voltTime(parameters, { items: itemsOf(3) });
		expect(three.items).toHaveLength(3 * items.length);
		expect(listsRead()).toEqual(once);
		expect(new Set(once).size).toBe(once.length);
	});

	test.each(['reimbursement', 'public'])('with %s prices', async (prices) => {
		const parameters = { ...ofSite({ options: { prices } }), output: 'simplified' };
		await house.run.voltTime(parameters, { items: itemsOf(3) });
		expect(new Set(listsRead()).size).toBe(listsRead().length);
	});

	test('but for each credential on its own', async () => {
		const key = house.voltTime.key;
		const credentials = { voltTimeApi: { baseUrl: house.voltTime.url, accessToken: '={{ $json.token }}' } };
		const parameters = sessions({ siteUuid: byId(SITE) });
		const items = [{ json: { token: key } }, { json: { token: 'of-another-account' } }];
		const { message, itemIndex } = await failureOf(house.run.voltTime(parameters, { credentials, items }));
		expect(itemIndex).toBe(1);
		expect(message).toMatch('refused the credential');
	});

	test('and again where it failed', async () => {
		house.voltTime.faults.push({ kind: 'status', status: 403 });
		const parameters = sessions({ siteUuid: byId(SITE) });
		const { items } = await house.run.voltTime(parameters, { items: itemsOf(2), continueOnFail: true });
		expect(items[0].json.error).toMatch('refused the credential');
		expect(items).toHaveLength(1 + idsOf(chargers()).length);
	});
});

describe('a list', () => {
	test('whose next page is at another host ends with an error, and nothing is sent there', async () => {
		house.voltTime.faults.push({ kind: 'nextHost', host: 'https://evil.example' });
		const { message } = await failureOf(house.run.voltTime(ofTeam({ filters: { status: 'finished' } })));
		expect(message).toMatch('The API says that the next page is at evil.example, and not at 127.0.0.1');
		expect(requestsTo('/transactions')).toHaveLength(1);
	});

	test.each(['https://app.plugchoice.com', 'https://cloud.volttime.com', 'http://app.plugchoice.com'])(
		'behind a proxy whose next pages are at %s is read through the proxy, and nothing is sent elsewhere',
		async (host) => {
			house.voltTime.faults.push({ kind: 'nextHost', host, times: 999 });
			const { items } = await house.run.voltTime(ofTeam());
			expect(idsIn(items)).toEqual(idsOf(house.voltTime.data.chargers(TEAM).map(({ id }) => id)));
			expect(requestsTo('/transactions').length).toBeGreaterThan(5);
		},
	);

	test.each([
		['https://app.plugchoice.com.evil.example', 'app.plugchoice.com.evil.example'],
		['https://app.plugchoice.com@evil.example', 'evil.example'],
		['https://app.plugchoice.com:8443', 'app.plugchoice.com:8443'],
		['https://[', 'an address that cannot be read'],
	])('whose next page is at %s ends with an error', async (host, named) => {
		house.voltTime.faults.push({ kind: 'nextHost', host });
		const run = house.run.voltTime(ofTeam({ filters: { status: 'finished' } }));
		const { message, description } = await failureOf(run);
		expect(message).toMatch(named);
		expect(description).toMatch('the key is not sent to it');
		expect(requestsTo('/transactions')).toHaveLength(1);
	});

	test.each(['documented', 'links', 'cursor'] as const)(
		'that repeats a page ends with an error (%s)',
		async (blocks) => {
			house.voltTime.switches.blocks = blocks;
			for (let count = 0; count < 20; count++)
				house.voltTime.faults.push({
					kind: 'repeatedCursor',
					when: ({ query }) => query.has('page') || query.has('cursor'),
				});
			const { message } = await failureOf(house.run.voltTime(ofTeam()));
			expect(message).toMatch(/a second time|without a new record/);
		},
	);

	test('that gives the same page under ever new addresses ends with an error', async () => {
		const data = [{ id: 1, uuid: siteOf(SITE).uuid }];
		for (let page = 2; page < 12; page++)
			house.voltTime.faults.push({
				kind: 'status',
				status: 200,
				body: { data, links: { next: `?page=${page}` } },
			});
		const run = house.run.voltTime({ resource: 'site', operation: 'getAll', returnAll: true });
		expect((await failureOf(run)).message).toMatch('a page without a new record');
		expect(requestsTo('/sites')).toHaveLength(2);
	});

	test('that leads to the same address again ends with an error, though its records are new', async () => {
		for (let id = 1; id < 12; id++) {
			const data = [{ id, uuid: siteOf(SITE).uuid }];
			house.voltTime.faults.push({ kind: 'status', status: 200, body: { data, links: { next: '?page=2' } } });
		}
		const run = house.run.voltTime({ resource: 'site', operation: 'getAll', returnAll: true });
		expect((await failureOf(run)).message).toMatch('"?page=2" a second time');
		expect(requestsTo('/sites')).toHaveLength(2);
	});

	test.each(['forbidden403', 'empty'] as const)(
		'of a site without access is an error (%s)',
		async (answer) => {
			house.voltTime.switches.whenAccessEnded = answer;
			house.voltTime.data.endSiteAccess(SITE);
			const { message } = await failureOf(house.run.voltTime(ofSite()));
			expect(message).toMatch('The access token may not read the sessions of the site Parkeergarage Markt');
		},
	);

	test('of a charger without access is an error that names it', async () => {
		const [id] = chargers();
		const { uuid, identity } = house.voltTime.data.charger(id)!;
		house.voltTime.switches.whenAccessEnded = 'empty';
		house.voltTime.data.endAccess(id);
		const run = house.run.voltTime(sessions({ sessionsOf: 'charger', chargerUuid: byId(uuid) }));
		const { message, description } = await failureOf(run);
		expect(message).toBe(`The access token may not read the sessions of the charger ${identity}`);
		expect(description).toMatch('Ask the owner of the charger');
	});

	test.each([
		['site', 'raw'],
		['site', 'simplified'],
		['team', 'raw'],
		['team', 'simplified'],
	])('of a %s without one of its chargers names that charger (%s)', async (kind, output) => {
		const { data } = house.voltTime;
		const [id] = chargers();
		data.endAccess(id);
		const elsewhere = data.chargers(data.teams.at(-1)!.id)[0].id;
		data.endAccess(elsewhere);
		const { items, hints } = await house.run.voltTime({ ...(kind === 'site' ? ofSite() : ofTeam()), output });
		expect(items.length).toBeGreaterThan(0);
		expect(hints.map(({ message }) => message)).toEqual([
			`The sessions of 1 charger of the ${kind} are missing, since the access token may not read them: ${data.charger(id)!.identity}. Ask the owner to give access again.`,
		]);
	});

	test('of a site whose chargers may not be listed says that some may be missing', async () => {
		house.voltTime.faults.push({
			kind: 'status',
			status: 403,
			when: ({ path }) => path.endsWith('/chargers'),
		});
		const { items, hints } = await house.run.voltTime(ofSite());
		expect(idsIn(items)).toEqual(idsOf(chargers()));
		expect(hints[0].message).toMatch('it is not known whether sessions of some are missing');
	});

	test.each(['site', 'team', 'charger'])('of all that can be picked is whole: %s', async (resource) => {
		const { items } = await house.run.voltTime({ resource, operation: 'getAll', returnAll: true });
		const { sites, teams } = house.voltTime.data;
		const all = {
			site: sites,
			team: teams,
			charger: teams.flatMap(({ id }) => house.voltTime.data.chargers(id)),
		};
		expect(sorted(items.map(({ json }) => Number(json.id)))).toEqual(
			sorted(all[resource as 'site'].map(({ id }) => id)),
		);
	});
});

test('version 3 comes first, and version 2 is there with a notice', () => {
	const { properties } = new VoltTime().description;
	const defaultOf = (name: string, resource?: string) =>
		properties.find(
			({ name: own, displayOptions }) =>
				own === name && (!resource || displayOptions?.show?.resource?.includes(resource)),
		)?.default;
	expect(defaultOf('resource')).toBe('transaction');
	expect(defaultOf('sessionsOf', 'transaction')).toBe('site');
	expect(defaultOf('periodBy', 'transaction')).toBe('end');
	const notices = properties.filter(
		({ type, displayOptions }) =>
			type === 'notice' && displayOptions?.show?.resource?.includes('legacyTransaction'),
	);
	expect(notices.map(({ displayName }) => displayName)).toContainEqual(
		expect.stringMatching('The vendor calls version 2 deprecated'),
	);
	const ofTrigger = new VoltTimeTrigger().description.properties;
	const [source, scope] = ['source', 'sessionsOf'].map((name) => ofTrigger.find((one) => one.name === name));
	expect([source?.default, scope?.default]).toEqual(['transaction', 'team']);
	const { properties: fields } = new VoltTimeApi();
	const baseUrl = fields.find(({ name }) => name === 'baseUrl');
	expect(baseUrl?.default).toBe('https://app.plugchoice.com');
	expect(baseUrl?.options?.map((option) => ('value' in option ? option.value : ''))).toEqual([
		...['custom', 'https://app.plugchoice.com', 'https://cloud.volttime.com'],
	]);
});

test('both versions give a session the same key', async () => {
	const [id] = chargers();
	const { uuid } = house.voltTime.data.charger(id)!;
	const keysOf = async (parameters: INodeParameters) =>
		(await house.run.voltTime({ ...parameters, output: 'simplified' })).items
			.map(({ json }) => json.sessionKey)
			.sort();
	const legacy = await keysOf({
		resource: 'legacyTransaction',
		operation: 'getAll',
		returnAll: true,
		teamId: byId(TEAM),
		chargerId: byId(id),
	});
	expect(await keysOf(sessions({ sessionsOf: 'charger', chargerUuid: byId(uuid) }))).toEqual(legacy);
});

describe('the credential', () => {
	const stored = () => ({ accessToken: house.voltTime.key });
	const test404 = async (data: IDataObject) => {
		house.voltTime.switches.v3 = 'missing404';
		return await testCredential('voltTimeApi', data).catch((error: unknown) => (error as Error).message);
	};

	test.each(['', '/', ' '])(
		'of an earlier version, with the address as text, still works (ending in "%s")',
		async (end) => {
			const data = { ...stored(), baseUrl: house.voltTime.url + end };
			await testCredential('voltTimeApi', data);
			const { items } = await house.run.voltTime(ofSite(), { credentials: { voltTimeApi: data } });
			expect(idsIn(items)).toEqual(idsOf(chargers()));
		},
	);

	test('with a custom address works in the test and in the node', async () => {
		const data = { ...stored(), baseUrl: 'custom', customBaseUrl: `${house.voltTime.url}/` };
		await testCredential('voltTimeApi', data);
		const { items } = await house.run.voltTime(ofSite(), { credentials: { voltTimeApi: data } });
		expect(idsIn(items)).toEqual(idsOf(chargers()));
	});

	test.each(['', undefined])('with a custom address of %j says what to fill in', async (customBaseUrl) => {
		const data = { ...stored(), baseUrl: 'custom', ...(customBaseUrl !== undefined && { customBaseUrl }) };
		const { message } = await failureOf(house.run.voltTime(ofSite(), { credentials: { voltTimeApi: data } }));
		expect(message).toMatch(
			'"Base URL" must be a full address such as https://api.example.com, but nothing was given',
		);
		await expect(testCredential('voltTimeApi', data)).rejects.toThrow('"Base URL" must be a full address');
	});

	test('at an address without version 3 says what to choose', async () => {
		expect(await test404({ ...stored(), baseUrl: house.voltTime.url })).toBe(
			'There is nothing of the Volt Time API at this address (HTTP 404). Check the base URL. Choose Plugchoice, where version 3 of the API is. Where only version 2 is, "Transaction (Legacy V2)" works although this test fails.',
		);
	});
});
