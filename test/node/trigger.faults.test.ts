import type { IDataObject } from 'n8n-workflow';

import type { FaultKind } from '../../sandbox';
import { answerBegins } from '../support/requests';
import { failureOf, useSandbox } from '../support/sandbox';
import { holdTimeouts, shortenWaits } from '../support/waits';
import { SPIRII, watchedIn, type WatchedName } from '../support/watched';

const house = useSandbox({
	records: 60,
	transactionsPerCharger: 12,
	plain: true,
	now: new Date().toISOString(),
});
const watched = watchedIn(house);
beforeEach(() => {
	shortenWaits();
});
afterEach(() => {
	jest.restoreAllMocks();
});

const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const status = (code: number): FaultKind => ({ kind: 'status', status: code });

/** What goes wrong, again and again; the cause that n8n's scheduler is told; and what the message says of it. */
const LASTING: Array<[string, FaultKind, string | undefined, RegExp]> = [
	['status 400', status(400), undefined, /did not accept the request/],
	['status 401', status(401), 'credential-invalid', /refused the credential/],
	['status 403', status(403), 'credential-invalid', /refused the credential/],
	['status 404', status(404), undefined, /has nothing under this ID or address/],
	['status 408', status(408), 'temporarily-unavailable', /could not process the request/],
	['status 429', status(429), 'rate-limited', /receiving too many requests/],
	['status 500', status(500), 'temporarily-unavailable', /could not process the request/],
	['status 503', status(503), 'temporarily-unavailable', /could not process the request/],
	['a cut connection', { kind: 'reset' }, 'temporarily-unavailable', /the connection was cut/],
	['a connection cut midway', { kind: 'resetMidway' }, 'temporarily-unavailable', /the connection was cut/],
	['half of the JSON', { kind: 'truncatedJson' }, 'temporarily-unavailable', /breaks off in the middle/],
	['a login page', { kind: 'html' }, 'configuration-invalid', /something other than the documented JSON/],
	['JSON of another shape', { kind: 'wrongShape' }, 'configuration-invalid', /something other than/],
	[
		'a list that is none',
		{ kind: 'wrongShape', form: 'dataNotArray' },
		'configuration-invalid',
		/something other than/,
	],
	[
		'a redirect',
		{ kind: 'redirect', to: 'http://127.0.0.1:9/?key=sandbox' },
		'configuration-invalid',
		/responded with a redirect/,
	],
];

/** What goes wrong once. The poll gets over it by itself. */
const PASSING: Array<[string, FaultKind]> = [
	['a late answer', { kind: 'latency', ms: 30 }],
	...LASTING.filter(([, , cause]) => cause === 'temporarily-unavailable' || cause === 'rate-limited').map(
		([name, fault]): [string, FaultKind] => [name, fault],
	),
	['an empty page', { kind: 'emptyPage' }],
	['a short page', { kind: 'shortPage' }],
];

const NAMES: WatchedName[] = [...SPIRII, 'Volt Time, all chargers'];

describe.each(NAMES)('%s', (name) => {
	const { activate, add, idOf, vendor } = watched[name];
	const server = () => house[vendor];
	const numerically = (ids: number[]) => [...ids].sort((one, other) => one - other);

	/** A trigger on all history, and the ids that belong into it. */
	const onHistory = () => {
		const trigger = activate({ firstRun: 'all', options: { pageSize: 20 } });
		if (vendor === 'spirii') return { trigger, all: house.spirii.data.ids() };
		const { data } = house.voltTime;
		const ids = data.chargers(1142).flatMap(({ id }) => data.ids(id));
		return { trigger, all: ids.filter((id) => data.get(id)!.stopped_at !== null) };
	};
	/** Whether the newest request is one of the middle of the list: of its second page or a later one, or of the third charger. */
	const isLater = () => {
		if (vendor === 'spirii') {
			return house.spirii.requests.filter(({ query }) => query.get('limit') === '20').length > 1;
		}
		const [{ path, query }] = house.voltTime.requests.slice(-1);
		return path.includes(`/${house.voltTime.data.chargers(1142)[2].id}/`) && query.has('date_from');
	};
	const expectNoSecret = (text: string) => {
		for (const secret of [house.spirii.key, house.voltTime.key]) expect(text).not.toContain(secret);
	};

	test.each(LASTING)(
		'at the first page, %s fails the poll, which changes nothing and loses nothing',
		async (_, fault, cause, words) => {
			const trigger = activate();
			await trigger.poll();
			const ids = [add(), add()];
			const before = clone(trigger.data());
			server().faults.push({ ...fault, times: 99 });
			const failure = await failureOf(trigger.poll());
			expect([failure.cause, failure.itemIndex]).toEqual([cause, undefined]);
			expect(failure.message).toMatch(words);
			expectNoSecret(failure.everything + trigger.log.join());
			expect(trigger.data()).toEqual(before);

			server().faults.length = 0;
			expect(numerically((await trigger.poll()).map(idOf))).toEqual(ids);
			expect(await trigger.poll()).toEqual([]);
		},
	);

	test.each(LASTING)(
		'at a later page, %s ends the poll with what was read, and the next ones go on from there',
		async (_, fault, __, words) => {
			const { trigger, all } = onHistory();
			server().faults.push({ ...fault, times: 99, when: isLater });
			const first = await trigger.poll();
			expect(first.length).toBeGreaterThan(5);
			expect(first.length).toBeLessThan(all.length);
			const warnings = trigger.log.filter((line) => line.startsWith('warn'));
			expect(warnings).toEqual([expect.stringMatching('ended early, the next poll goes on from there')]);
			expect(warnings[0]).toMatch(words);
			expectNoSecret(trigger.log.join());

			// It lasts: nothing more can be read, so now the poll fails.
			const before = clone(trigger.data());
			const failure = await failureOf(trigger.poll());
			expect(failure.message).toMatch(words);
			expect(trigger.data()).toEqual(before);

			server().faults.length = 0;
			server().requests.length = 0;
			const rest = await trigger.poll();
			expect(numerically([...first, ...rest].map(idOf))).toEqual(all);
			const [{ path, query }] = server().requests.filter((request) => !request.path.endsWith('/chargers'));
			if (vendor === 'spirii') expect(query.has('nextPageCursor')).toBe(true);
			else expect(path).toMatch(`/${house.voltTime.data.chargers(1142)[2].id}/`);
			expect(await trigger.poll()).toEqual([]);
		},
	);

	// Without pages, an empty answer says that there is nothing.
	const passing = PASSING.filter(([, { kind }]) => vendor === 'spirii' || kind !== 'emptyPage');
	test.each(passing)('%s once, at any page, costs nothing', async (_, fault) => {
		for (const page of [0, 2]) {
			const { trigger, all } = onHistory();
			const begin = server().requests.length;
			server().faults.push({ ...fault, when: () => server().requests.length > begin + page });
			const given: IDataObject[] = await trigger.poll();
			expect([page, numerically(given.map(idOf))]).toEqual([page, all]);
			expect(trigger.log.filter((line) => line.startsWith('warn'))).toEqual([]);
			expect(await trigger.poll()).toEqual([]);
			server().faults.length = 0;
		}
	});

	test('an answer that trickles in for longer than the timeout is asked for again', async () => {
		const timeouts = holdTimeouts();
		const trigger = activate({ options: { timeout: 7 } });
		await trigger.poll();
		const id = add();
		const before = server().requests.length;
		server().faults.push({ kind: 'slowBody', ms: 600_000 });
		const polling = trigger.poll();
		await answerBegins(server(), before + 1);
		timeouts.endAnswer();
		expect((await polling).map(idOf)).toEqual([id]);
		expect(new Set(timeouts.answer)).toEqual(new Set([7100]));
	});
});

describe.each(SPIRII)('%s', (name) => {
	const { activate, idOf } = watched[name];
	const numerically = (ids: number[]) => [...ids].sort((one, other) => one - other);

	test.each([1, 2, 99])(
		'a cursor that leads back to its own page, %i times, gives no session twice',
		async (times) => {
			const trigger = activate({ firstRun: 'all', options: { pageSize: 20 } });
			house.spirii.faults.push({ kind: 'repeatedCursor', times });
			const given: number[] = [];
			for (let poll = 0; poll < 4; poll++) given.push(...(await trigger.poll().catch(() => [])).map(idOf));
			expect(numerically(given)).toEqual([...new Set(numerically(given))]);
			if (times < 99) expect(numerically(given)).toEqual(house.spirii.data.ids());
		},
	);

	test('a cursor that always leads back to its own page stops nothing: the list goes on from the last moment', async () => {
		const trigger = activate({ firstRun: 'all', options: { pageSize: 20 } });
		house.spirii.faults.push({ kind: 'repeatedCursor', times: 99 });
		const given: number[] = [];
		for (let poll = 0; poll < 3; poll++) given.push(...(await trigger.poll()).map(idOf));
		expect(numerically(given)).toEqual(house.spirii.data.ids());
	});

	test('ten empty pages in a row end the poll, and the next one finds what follows', async () => {
		const trigger = activate({ firstRun: 'all', options: { pageSize: 20 } });
		house.spirii.faults.push({
			kind: 'emptyPage',
			times: 10,
			when: ({ query }) => query.get('limit') === '20',
		});
		const given: number[] = [];
		for (let poll = 0; poll < 4; poll++) given.push(...(await trigger.poll().catch(() => [])).map(idOf));
		expect(numerically(given)).toEqual(house.spirii.data.ids());
	});
});

test('Volt Time: a charger that may no longer be read fails the poll, so that nothing is skipped silently', async () => {
	const { activate, add, idOf } = watched['Volt Time, all chargers'];
	const trigger = activate();
	await trigger.poll();
	const id = add();
	const [first] = house.voltTime.data.chargers(1142);
	const isFirst = ({ path }: { path: string }) => path.includes(`/${first.id}/`);
	house.voltTime.faults.push({ kind: 'status', status: 403, times: 99, when: isFirst });
	const { cause, message, everything } = await failureOf(trigger.poll());
	// Of the credential itself it proves nothing.
	expect(cause).toBeUndefined();
	expect(message).toContain(`(HTTP 403): charger ${first.id} "${first.identity}", team 1142`);
	expect(everything).toContain('The credential may not read this part, or no longer.');
	house.voltTime.faults.length = 0;
	expect((await trigger.poll()).map(idOf)).toEqual([id]);
});

test.each([
	['is gone', { kind: 'status', status: 404 }, '(HTTP 404)'],
	['gives something that is no list', { kind: 'wrongShape' }, 'other than the documented JSON'],
] as const)('Volt Time: an error says the name of the charger that %s', async (_, fault, words) => {
	const { activate } = watched['Volt Time, all chargers'];
	const trigger = activate();
	await trigger.poll();
	const [, second] = house.voltTime.data.chargers(1142);
	const isSecond = ({ path }: { path: string }) => path.includes(`/${second.id}/`);
	house.voltTime.faults.push({ ...fault, times: 99, when: isSecond });
	await trigger.poll();
	const [line] = trigger.log.filter((one) => one.startsWith('warn'));
	expect(line).toContain(words);
	expect(line).toContain(`: charger ${second.id} "${second.identity}", team 1142`);
});
