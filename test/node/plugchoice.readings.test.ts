import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { EvCharging } from '../../nodes/EvCharging/EvCharging.node';
import type { VoltTimeTransaction } from '../../sandbox/voltTime/data';
import type { PlugchoiceSwitches } from '../../sandbox/voltTime/plugchoiceSwitches';
import { byId, idsIn, READINGS, SCOPES, scopesIn, sessionsAt, sorted } from '../support/plugchoice';
import { runNode } from '../support/n8n';
import { failureOf, useSandbox } from '../support/sandbox';

type Switches = Partial<PlugchoiceSwitches>;
type ScopeName = (typeof SCOPES)[number];

const house = useSandbox({ transactionsPerCharger: 30 });
const scopes = scopesIn(house);

const FROM = '2026-05-26T00:00:00';
const BEFORE = '2026-06-26T00:00:00';
const MONTH = { period: 'between', periodBy: 'end', periodFrom: `${FROM}Z`, periodBefore: `${BEFORE}Z` };
const endsInMonth = ({ stopped_at: end }: VoltTimeTransaction) => end !== null && end >= FROM && end < BEFORE;

/** Sessions about the borders of the month, in UTC and in Amsterdam, the longest ones, and one that runs. */
const BORDERS: Array<[string, string | null]> = [
	['2026-05-25T20:00:00', '2026-05-25T21:59:59'],
	['2026-05-25T21:00:00', '2026-05-25T23:59:59'],
	['2026-05-25T21:00:00', '2026-05-26T00:00:00'],
	['2026-05-25T23:00:00', '2026-05-26T01:00:00'],
	['2026-05-19T01:00:00', '2026-05-26T00:30:00'],
	['2026-06-12T22:30:00', '2026-06-13T06:00:00'],
	['2026-06-12T23:30:00', '2026-06-19T20:00:00'],
	['2026-06-25T20:30:00', '2026-06-25T22:30:00'],
	['2026-06-25T22:30:00', '2026-06-25T23:59:59'],
	['2026-06-25T23:00:00', '2026-06-26T00:00:00'],
	['2026-06-25T23:30:00', '2026-06-27T04:00:00'],
	['2026-06-20T10:00:00', null],
];
beforeEach(() => {
	const [id] = scopes.charger.chargers();
	for (const [start, end] of BORDERS)
		house.voltTime.data.add(id, {
			started_at: `${start}.000000Z`,
			stopped_at: end && `${end}.000000Z`,
			...(end === null && { meter_stop: null, stop_reason: null }),
		});
});

const linesOf = ({ binary }: INodeExecutionData) =>
	Buffer.from(binary!.data.data, 'base64')
		.toString()
		.split('\n')
		.slice(0, -1)
		.map((line) => JSON.parse(line) as IDataObject);

const turn = (set: Switches) => Object.assign(house.voltTime.switches, set);
const read = async (scope: ScopeName, more: INodeParameters = {}) =>
	await house.run.voltTime({
		...{ resource: 'transaction', operation: 'getAll', returnAll: true },
		...scopes[scope].parameters(),
		...MONTH,
		...more,
	});
const inMonth = (scope: ScopeName) => sessionsAt(house, scopes[scope].chargers(), endsInMonth);
const expected = (scope: ScopeName) => {
	const ahead = house.voltTime.switches.sameIds ? 0 : 500_000_000;
	return sorted(inMonth(scope).map(({ id }) => id + ahead));
};

describe.each(SCOPES)('the sessions of a %s that end in a month', (scope) => {
	test.each(READINGS)('come once each, where the API reads it as %j', async (set) => {
		turn(set);
		const { items, hints } = await read(scope);
		expect(idsIn(items)).toEqual(expected(scope));
		expect(items.length).toBeGreaterThan(8);
		expect(hints).toEqual([]);
		const exported = await read(scope, { operation: 'export', fileFormat: 'ndjson' });
		expect(exported.items.flatMap(linesOf)).toEqual(items.map(({ json }) => json));
	});

	test.each<Switches>([{ isValid: 'absent' }, { isValid: 'someFalse' }])(
		'are called not valid where the list does so: %j',
		async (set) => {
			turn(set);
			const { items } = await read(scope, { output: 'simplified' });
			const invalid = items.filter(({ json }) => String(json.warnings).includes('invalid-by-vendor'));
			const isSaid = set.isValid === 'someFalse' && scope !== 'team';
			const marked = expected(scope).filter((id) => isSaid && id % 17 === 0);
			expect(sorted(invalid.map(({ json }) => Number(json.sessionId)))).toEqual(marked);
			expect(marked.length > 0).toBe(isSaid);
		},
	);

	test.each<Switches>([{ kwh: 'floor' }, { kwh: 'exact' }, { kwh: 'number' }, { kwh: 'absent' }])(
		'have the energy of their meters, where the API writes it as %j',
		async (set) => {
			turn(set);
			const { items } = await read(scope, { output: 'simplified' });
			const energies = (pairs: Array<[number, number | null]>) => pairs.sort(([a], [b]) => a - b);
			expect(
				energies(items.map(({ json }) => [Number(json.sessionId), json.energyKwh as number | null])),
			).toEqual(
				energies(
					inMonth(scope).map(({ id, meter_start: start, meter_stop: stop }) => [
						id,
						(Number(stop) - Number(start)) / 1000,
					]),
				),
			);
		},
	);

	test.each<Switches>([{ kwh: 'floor' }, { isValid: 'someFalse' }, { kwh: 'absent', sameIds: false }])(
		'are the same sessions where their records go through Normalize: %j',
		async (set) => {
			turn(set);
			const raw = await read(scope);
			const { items: rows } = await read(scope, { output: 'simplified' });
			const { items } = await runNode({
				node: new EvCharging(),
				parameters: { operation: 'normalize' },
				credentials: {},
				items: raw.items,
			});
			const same = [
				'sessionKey',
				'startedAt',
				'endedAt',
				'status',
				'energyKwh',
				'meterStartKwh',
				'meterStopKwh',
			];
			same.push('chargerName', 'chargerUuid', 'connectorId');
			const codes = ['energy-rounded', 'invalid-by-vendor'];
			const shown = ({ json }: INodeExecutionData) => [
				...same.map((column) => json[column]),
				...codes.filter((code) => String(json.warnings).split(';').includes(code)),
			];
			expect(items.map(shown)).toEqual(rows.map(shown));
			expect(items[0].json.energyKwh).toEqual(expect.any(Number));
		},
	);

	test.each<[Switches, string, RegExp]>([
		[
			{ v3: 'missing404' },
			'Volt Time has nothing under this ID or address (HTTP 404)',
			/^Check the team, the site and the charger in the node, and the base URL .* Choose Plugchoice for version 3\. The server said: .* could not be found\.$/,
		],
		[
			{ tokens: 'onlyV2' },
			'Volt Time refused the credential (HTTP 401)',
			/^Check the access token in the Volt Time credential, .* The server said: Unauthenticated\.$/,
		],
	])('are one clear error without version 3: %j', async (set, message, description) => {
		turn(set);
		const failure = await failureOf(read(scope));
		expect(failure.message).toBe(message);
		expect(failure.description).toMatch(description);
	});
});

test.each(READINGS)('sites, teams and chargers come whole, where the API reads it as %j', async (set) => {
	turn(set);
	const { data } = house.voltTime;
	const all = { site: data.sites, team: data.teams, charger: data.allChargers() };
	for (const [resource, places] of Object.entries(all)) {
		const { items } = await house.run.voltTime({ resource, operation: 'getAll', returnAll: true });
		expect(idsIn(items)).toEqual(sorted(places.map(({ id }) => id)));
	}
	const { uuid, id } = all.charger[0];
	const { items } = await house.run.voltTime({
		resource: 'charger',
		operation: 'get',
		chargerUuid: byId(uuid),
	});
	expect(items).toEqual([expect.objectContaining({ json: expect.objectContaining({ uuid, id }) as object })]);
});

describe.each(SCOPES)('a server that gives 20 sessions at once at most, of a %s,', (scope) => {
	const FORMS: Switches[] = [
		{ blocks: 'documented' },
		{ blocks: 'flat' },
		{ blocks: 'lengthAware' },
		{ blocks: 'cursor' },
		{ blocks: 'none' },
		{ limitMeans: 'pageSize' },
	];
	const readings = FORMS.flatMap((form) =>
		(['nextPage', 'total', 'nothing'] as const).map((v3CapShows): Switches => ({ ...form, v3CapShows })),
	);

	test.each(readings)('gives all once each or one error, never a part: %j', async (set) => {
		turn({ ...set, v3Cap: 20 });
		// Without a block in its responses it cannot name the next page.
		if (set.v3CapShows === 'nextPage' && set.blocks !== 'none') {
			expect(idsIn((await read(scope)).items)).toEqual(expected(scope));
			return;
		}
		const { message } = await failureOf(read(scope));
		expect(message).toMatch(
			scope === 'team'
				? /^The API gave (20 sessions of the team that are finished, not all, and no next page, and the list cannot be read completely|a page without a new record and still says that more follow, so the list would never end)$/
				: /^The sessions that started on 2026-06-\d\d do not fit into one response \(20\), and the list cannot be read completely$/,
		);
	});
});

describe.each(['forbidden403', 'empty'] as const)('access that has ended (%s)', (whenAccessEnded) => {
	beforeEach(() => {
		turn({ whenAccessEnded });
	});
	const status = whenAccessEnded === 'empty' ? '' : ' (HTTP 403)';

	test.each(['raw', 'simplified'])(
		'to a site or a charger is an error with its name (%s)',
		async (output) => {
			const { data } = house.voltTime;
			const [id] = scopes.charger.chargers();
			const { name, id: site } = data.siteOf(id)!;
			data.endSiteAccess(site);
			const named = { site: `site ${name}`, charger: `charger ${data.charger(id)!.identity}` };
			for (const scope of ['site', 'charger'] as const) {
				const { message, description, httpCode } = await failureOf(read(scope, { output }));
				expect(message).toBe(`The access token may not read the sessions of the ${named[scope]}${status}`);
				expect(description).toBe(
					`Its access has ended or was never given: that of an installer ends 14 days after the installation. Ask the owner of the ${scope} to give it again.`,
				);
				expect(httpCode).toBe(whenAccessEnded === 'empty' ? null : '403');
			}
		},
	);

	test.each(['site', 'team'] as const)(
		'to a charger of a %s leaves those of the others, and a hint names it',
		async (scope) => {
			const { data } = house.voltTime;
			const [closed] = scopes.charger.chargers();
			data.endAccess(closed);
			const { items, hints } = await read(scope);
			const others = scopes[scope].chargers().filter((id) => id !== closed);
			expect(idsIn(items)).toEqual(sorted(sessionsAt(house, others, endsInMonth).map(({ id }) => id)));
			expect(items.length).toBeGreaterThan(8);
			expect(hints.map(({ message }) => message)).toEqual([
				`The sessions of 1 charger of the ${scope} are missing, since the access token may not read them: ${data.charger(closed)!.identity}. Ask the owner to give access again.`,
			]);
		},
	);
});

test('a team whose sessions are refused is named', async () => {
	house.voltTime.faults.push({
		...{ kind: 'status', status: 403, times: 9 },
		when: ({ path }) => path.endsWith('/transactions'),
	});
	const { message, description } = await failureOf(read('team'));
	expect(message).toBe(
		`The access token may not read the sessions of the team ${house.voltTime.data.teams[0].name} (HTTP 403)`,
	);
	expect(description).toBe(
		'Check that the account of the token is a member of the team and may read its sessions.',
	);
});

describe('version 2, where the API has it no more,', () => {
	test.each<[Switches, string, RegExp]>([
		[
			{ v2: 'gone410' },
			'Volt Time did not accept the request (HTTP 410)',
			/^Version 2 of the API may be gone .* choose Plugchoice .* "Transaction" instead of .* The server said: This version of the API is gone\.$/,
		],
		[
			{ v2: 'missing404' },
			'Volt Time has nothing under this ID or address (HTTP 404)',
			/not every address has both versions of the API\. Choose Plugchoice for version 3\. The server said: .* could not be found\.$/,
		],
		[
			{ v2: 'moved301' },
			'Volt Time responded with a redirect to HOST, which was not followed',
			/choose Plugchoice .* The key is never sent to another address\.$/,
		],
		[
			{ tokens: 'onlyV3' },
			'Volt Time refused the credential (HTTP 401)',
			/^Check the access token in the Volt Time credential, .* The server said: Unauthenticated\.$/,
		],
	])('is one clear error, and the key goes nowhere else: %j', async (set, message, description) => {
		const { data, requests } = house.voltTime;
		turn({ v2MovedTo: house.spirii.url, ...set });
		const failure = await failureOf(
			house.run.voltTime({
				...{ resource: 'legacyTransaction', operation: 'getAll', returnAll: true },
				...{ teamId: byId(data.teams[0].id), chargerId: byId(scopes.charger.chargers()[0]) },
			}),
		);
		expect(failure.message).toBe(message.replace('HOST', new URL(house.spirii.url).host));
		expect(failure.description).toMatch(description);
		expect([requests.length, house.spirii.requests.length]).toEqual([1, 0]);
	});
});
