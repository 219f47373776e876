import type { INodeParameters } from 'n8n-workflow';

import type { PlugchoiceSwitches } from '../../sandbox/voltTime/plugchoiceSwitches';
import { scopesIn, sessionsAt, sorted, type Scope } from '../support/plugchoice';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ transactionsPerCharger: 30 });

const SCOPES: Record<string, Scope> = scopesIn(house);
const SCOPE_NAMES = Object.keys(SCOPES);
const site = () => house.voltTime.data.sites[0];
const CAPS = [10, 25, 50, 100];
const FORMS: Array<Partial<PlugchoiceSwitches>> = [
	{ blocks: 'links' },
	{ blocks: 'flat' },
	{ blocks: 'lengthAware' },
	{ blocks: 'cursor' },
	{ blocks: 'none' },
];

const idsOf = (
	scope: string,
	isWanted: (times: { started_at: string; stopped_at: string | null }) => boolean = () => true,
) => sorted(sessionsAt(house, SCOPES[scope].chargers(), isWanted).map(({ id }) => id));
const read = async (scope: string, more: INodeParameters = {}) =>
	await house.run.voltTime({
		resource: 'transaction',
		operation: 'getAll',
		returnAll: true,
		sessionsOf: scope,
		...SCOPES[scope].parameters(),
		...more,
	});
/** The ids of the whole list, or the message of the error. */
const outcome = async (scope: string, more?: INodeParameters) =>
	await read(scope, more).then(
		({ items }) => sorted(items.map(({ json }) => Number(json.id))),
		(error: unknown) => (error as Error).message,
	);
const sessionRequests = () => house.voltTime.requests.filter(({ path }) => path.endsWith('/transactions'));

const periods: Array<
	[string, INodeParameters, (times: { started_at: string; stopped_at: string | null }) => boolean]
> = [
	['of all time', {}, () => true],
	[
		'since a date',
		{ period: 'between', periodBy: 'start', periodFrom: '2026-05-20T00:00:00Z' },
		({ started_at }) => started_at >= '2026-05-20',
	],
	[
		'between dates, by end',
		{
			...{
				period: 'between',
				periodBy: 'end',
				periodFrom: '2026-04-20T00:00:00Z',
				periodBefore: '2026-06-20T00:00:00Z',
			},
			options: { longestSession: 2 },
		},
		({ stopped_at }) => stopped_at !== null && stopped_at >= '2026-04-20' && stopped_at < '2026-06-20',
	],
];

describe.each(FORMS)('a server with an own maximum, in the form %j,', (form) => {
	describe.each(CAPS)('of %i sessions', (v3Cap) => {
		const limitTo = (v3CapShows: PlugchoiceSwitches['v3CapShows'], more = {}) =>
			Object.assign(house.voltTime.switches, form, { v3Cap, v3CapShows }, more);

		test.each(SCOPE_NAMES)('that gives next pages is read to its end: %s', async (scope) => {
			limitTo('nextPage');
			const whole = await outcome(scope);
			// Without a block in its responses it can give none.
			if (form.blocks === 'none' && typeof whole === 'string')
				expect(whole).toMatch('cannot be read completely');
			else expect(whole).toEqual(idsOf(scope));
		});

		const shown = 'lengthAware cursor'.includes(String(form.blocks))
			? (['total', 'nothing'] as const)
			: (['nothing'] as const);
		const readings = shown.flatMap((shows) => [
			...['site', 'charger'].flatMap((scope) => [
				[shows, scope, 'of all time', 'desc'] as const,
				[shows, scope, 'of all time', 'asc'] as const,
				[shows, scope, 'since a date', shows === 'total' ? 'asc' : 'desc'] as const,
				[shows, scope, 'between dates, by end', v3Cap > 30 ? 'asc' : 'desc'] as const,
			]),
			[shows, 'team', 'of all time', 'desc'] as const,
		]);
		test.each(readings)(
			'that shows %s gives a whole list or an error, never a cut one: %s, %s (%s)',
			async (shows, scope, name, v3Order) => {
				const [, parameters, isWanted] = periods.find(([one]) => one === name)!;
				limitTo(shows, { v3Order });
				const result = await outcome(scope, parameters);
				if (typeof result === 'string')
					expect(result).toMatch(/cannot be read completely|without a new record/);
				else expect(result).toEqual(idsOf(scope, isWanted));
			},
		);
	});
});

test.each(['desc', 'asc'] as const)('a list that is cut at 20 is read in slices (%s)', async (v3Order) => {
	Object.assign(house.voltTime.switches, { v3Cap: 20, v3CapShows: 'nothing', v3Order });
	expect(await outcome('charger', { options: { longestSession: 1 } })).toEqual(idsOf('charger'));
	expect(sessionRequests().length).toBeGreaterThan(3);
});

test('a limit above the maximum is filled, with the newest sessions where these come first', async () => {
	Object.assign(house.voltTime.switches, { v3Cap: 20, v3CapShows: 'nothing' });
	const options = { longestSession: 1 };
	const { items } = await read('charger', { returnAll: false, limit: 25, options });
	const all = [...house.voltTime.data.transactions(SCOPES.charger.chargers()[0]).records()];
	const newest = all.sort((a, b) => (a.started_at < b.started_at ? 1 : -1)).slice(0, 25);
	const oldest = items.map(({ json }) => String(json.started_at)).sort()[0];
	expect(items).toHaveLength(25);
	// The rest of the slice in which the last one lies can come before it.
	expect(Date.parse(newest[24].started_at) - Date.parse(oldest)).toBeLessThan(60 * 24 * 3600 * 1000);
});

describe('a list that is whole', () => {
	test.each(['site', 'charger'])('costs one request more that proves it: %s', async (scope) => {
		await read(scope, { period: 'between', periodBy: 'start', periodFrom: '2026-06-22T00:00:00Z' });
		const requests = sessionRequests();
		expect(requests).toHaveLength(2);
		expect(requests[1].rawQuery).toMatch(/^limit=\d+$/);
	});

	test('of fewer than ten sessions costs one request', async () => {
		house.voltTime.switches.v3Cap = undefined;
		await read('charger', { period: 'between', periodBy: 'start', periodFrom: '2026-06-29T00:00:00Z' });
		expect(sessionRequests()).toHaveLength(1);
	});

	test('whose sessions lie too close to each other to tell comes with a hint', async () => {
		const id = SCOPES.charger.chargers()[0];
		for (const one of [...house.voltTime.data.ids(id)]) house.voltTime.data.remove(one);
		for (let hour = 10; hour < 22; hour++)
			house.voltTime.data.add(id, {
				started_at: `2026-06-28T${hour}:00:00.000000Z`,
				stopped_at: `2026-06-28T${hour}:30:00.000000Z`,
			});
		const { items, hints } = await read('charger');
		expect(items).toHaveLength(12);
		expect(hints.map(({ message }) => message)).toContainEqual(
			expect.stringMatching('Volt Time gave 12 sessions, and nothing shows whether these are all'),
		);
	});

	test('to which a session comes while it is checked is not taken for a cut one', async () => {
		house.voltTime.switches.v3Order = 'asc';
		const id = SCOPES.charger.chargers()[0];
		house.voltTime.onRequest = ({ path }) => {
			if (path.endsWith('/transactions') && sessionRequests().length === 2) house.voltTime.data.add(id, {});
		};
		const { items, hints } = await read('charger');
		expect(items).toHaveLength(30);
		expect(hints).toEqual([]);
	});
});

test.each(['site', 'charger', 'team'])(
	'places (%s) whose total is not reached are an error',
	async (resource) => {
		house.voltTime.faults.push({
			kind: 'status',
			status: 200,
			body: { data: [{ id: 1, uuid: site().uuid }], links: { next: null }, meta: { total: 3 } },
		});
		const run = house.run.voltTime({ resource, operation: 'getAll', returnAll: true });
		const { message } = await failureOf(run);
		expect(message).toBe(
			'The API gave 1 of the 3 records that it says the list has, and no next page, so the list cannot be read completely',
		);
	},
);
