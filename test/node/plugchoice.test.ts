import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { VoltTimeTransaction } from '../../sandbox/voltTime/data';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ transactionsPerCharger: 40 });

const byId = (value: string | number) => ({ __rl: true, mode: 'id', value }) as unknown as INodeParameters;
const siteOf = (id: number) => house.voltTime.data.sites.find((site) => site.id === id)!;
const SITE = 7000;
const TEAM = 1107;

/** The sessions of chargers in the sandbox that pass, by their ids in order. */
function idsOf(chargers: number[], passes: (session: VoltTimeTransaction) => boolean = () => true): number[] {
	const all = chargers.flatMap((id) => [...house.voltTime.data.transactions(id).records()]);
	return sorted(all.filter(passes).map(({ id }) => id));
}
const sorted = (ids: number[]) => [...ids].sort((a, b) => a - b);
const idsIn = (items: Array<{ json: IDataObject }>) => sorted(items.map(({ json }) => Number(json.id)));

function sessions(more: INodeParameters): INodeParameters {
	return { resource: 'transaction', operation: 'getAll', returnAll: true, ...more };
}
const ofSite = (more: INodeParameters = {}) => sessions({ siteUuid: byId(siteOf(SITE).uuid), ...more });
const teamUuid = () => house.voltTime.data.teams.find(({ id }) => id === TEAM)!.uuid;
const ofTeam = (more: INodeParameters = {}) =>
	sessions({ sessionsOf: 'team', teamUuid: byId(teamUuid()), ...more });
const chargers = () => siteOf(SITE).chargerIds;

const period = { from: '2026-06-10T07:00:00Z', to: '2026-06-26T22:30:00Z' };
const endsIn = ({ stopped_at: end }: VoltTimeTransaction) =>
	end !== null && Date.parse(end) >= Date.parse(period.from) && Date.parse(end) <= Date.parse(period.to);
const startsIn = ({ started_at: start }: VoltTimeTransaction) =>
	Date.parse(start) >= Date.parse(period.from) && Date.parse(start) <= Date.parse(period.to);

test('all sessions of a site come, running ones too', async () => {
	const { items } = await house.run.voltTime(ofSite());
	expect(idsIn(items)).toEqual(idsOf(chargers()));
	expect(house.voltTime.requests).toHaveLength(1);
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
			const { items } = await house.run.voltTime(ofSite({ filters: period }));
			expect(idsIn(items)).toEqual(idsOf(chargers(), endsIn));
			expect(items.length).toBeGreaterThan(5);
		},
	);

	test.each(READINGS)('and those that start in it, where the API reads it as %j', async (set) => {
		Object.assign(house.voltTime.switches, set);
		const { items } = await house.run.voltTime(ofSite({ filters: period, options: { periodBy: 'start' } }));
		expect(idsIn(items)).toEqual(idsOf(chargers(), startsIn));
	});

	test.each(READINGS)('and in slices none is lost over their borders, as %j', async (set) => {
		Object.assign(house.voltTime.switches, set);
		const options = { pageSize: 300, longestSession: 3 };
		for (const filters of [period, { from: period.from }]) {
			const { items } = await house.run.voltTime(ofSite({ filters, options }));
			const passes = filters === period ? endsIn : fromOn;
			expect(idsIn(items)).toEqual(idsOf(chargers(), passes));
		}
		const [first, second] = house.voltTime.requests;
		expect(first.path).toBe(second.path);
		expect(house.voltTime.requests.length).toBeGreaterThan(3);
	});

	test.each(['end', 'start'])('the sessions of a team come by their %s', async (periodBy) => {
		const { items } = await house.run.voltTime(ofTeam({ filters: period, options: { periodBy } }));
		const all = house.voltTime.data.chargers(TEAM).map(({ id }) => id);
		expect(idsIn(items)).toEqual(idsOf(all, periodBy === 'end' ? endsIn : startsIn));
	});
});

/** Ends from the start of the period on, or still runs. */
const fromOn = ({ stopped_at: end }: VoltTimeTransaction) =>
	end === null || Date.parse(end) >= Date.parse(period.from);

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
		house.voltTime.data.add(chargers()[0], {
			meter_start: 29_317,
			meter_stop: 37_253,
			started_at: '2026-06-01T10:00:00.000000Z',
			stopped_at: '2026-06-01T11:00:00.000000Z',
		});
		const row = (await rows(ofSite())).find(({ meterStartKwh }) => meterStartKwh === 29.317)!;
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

	test('of a team has the number of the charger', async () => {
		const all = await rows(ofTeam());
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

	test('that the vendor calls not valid has a code', async () => {
		house.voltTime.switches.isValid = 'someFalse';
		const all = await rows(ofSite());
		const invalid = all.filter(({ warnings }) => String(warnings).includes('invalid-by-vendor'));
		expect(invalid.length).toBeGreaterThan(0);
		expect(invalid.length).toBeLessThan(all.length);
	});
});

describe('an id', () => {
	test('that is a number of version 2 is looked up, and a hint names the UUID', async () => {
		const { items, hints } = await house.run.voltTime(sessions({ siteUuid: byId(SITE) }));
		expect(idsIn(items)).toEqual(idsOf(chargers()));
		expect(JSON.stringify(hints)).toContain(siteOf(SITE).uuid);
	});

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

	test('that no site has is an error that names it', async () => {
		const { message } = await failureOf(house.run.voltTime(sessions({ siteUuid: byId(99) })));
		expect(message).toBe('No site of this token has the number "99"');
	});
});

describe('a list', () => {
	test('whose next page is at another host ends with an error, and nothing is sent there', async () => {
		house.voltTime.faults.push({ kind: 'nextHost', host: 'https://evil.example' });
		const { message } = await failureOf(house.run.voltTime(ofTeam({ filters: { status: 'finished' } })));
		expect(message).toMatch('The API says that the next page is at evil.example, and not at 127.0.0.1');
		expect(house.voltTime.requests).toHaveLength(1);
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

	test.each(['forbidden403', 'empty'] as const)(
		'of a site without access is an error (%s)',
		async (answer) => {
			house.voltTime.switches.whenAccessEnded = answer;
			house.voltTime.data.endSiteAccess(SITE);
			const { message } = await failureOf(house.run.voltTime(ofSite()));
			expect(message).toMatch(
				/refused the credential|may not read the sessions of the site Parkeergarage Markt/,
			);
		},
	);

	test('of a team without one charger names that charger', async () => {
		const [id] = chargers();
		house.voltTime.data.endAccess(id);
		const { hints } = await house.run.voltTime({ ...ofTeam(), output: 'simplified' });
		expect(JSON.stringify(hints)).toContain(house.voltTime.data.charger(id)!.identity);
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
