import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { credentialDataOf, sandboxVendors } from '../../sandbox';
import { advanceClock, freezeClock } from '../support/clock';
import { failureOf, useSandbox } from '../support/sandbox';
import { shortenWaits } from '../support/waits';
import {
	ago,
	ALL_WATCHED,
	DAY,
	HOUR,
	SPIRII,
	VOLT_TIME,
	watchedIn,
	type WatchedName,
} from '../support/watched';

const house = useSandbox({
	records: 60,
	transactionsPerCharger: 12,
	plain: true,
	now: new Date().toISOString(),
});
const watched = watchedIn(house);

/** Changes each record of a list on its way from the vendor's server. */
let distort: (record: IDataObject) => IDataObject;
let origin: string;
let proxy: Server;

beforeAll(async () => {
	proxy = createServer((incoming, outgoing) => {
		const headers = { ...incoming.headers, host: new URL(origin).host, 'accept-encoding': 'identity' };
		const outward = forward(
			new URL(incoming.url!, origin),
			{ method: incoming.method, headers },
			(answer) => {
				const chunks: Buffer[] = [];
				answer.on('data', (chunk: Buffer) => chunks.push(chunk));
				answer.on('end', () => {
					const { data, ...rest } = JSON.parse(Buffer.concat(chunks).toString()) as { data: unknown };
					const isChargers = incoming.url!.split('?')[0].endsWith('/chargers');
					const given = Array.isArray(data) && !isChargers ? data.map(distort) : data;
					delete answer.headers['content-length'];
					outgoing.writeHead(answer.statusCode!, answer.headers);
					// The addresses of next pages are those of the proxy, as a vendor's are its own.
					const own = `http://${incoming.headers.host}`;
					outgoing.end(JSON.stringify({ data: given, ...rest }).replaceAll(origin, own));
				});
			},
		);
		incoming.pipe(outward);
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
	distort = (record) => record;
	shortenWaits();
});
afterEach(() => {
	jest.restoreAllMocks();
});
afterAll(() => proxy.close());

/** A trigger that reads the vendor's server through the proxy. */
function activateBehindProxy(name: WatchedName, parameters?: INodeParameters) {
	const { activate, vendor } = watched[name];
	origin = house[vendor].url;
	const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
	const data = credentialDataOf(vendor, { url, key: house[vendor].key });
	return activate(parameters, { credentials: { [sandboxVendors[vendor].credential.type]: data } });
}

const numerically = (ids: number[]) => [...ids].sort((one, other) => one - other);
const warningsOf = ({ log }: { log: string[] }) => log.filter((line) => line.startsWith('warn'));

describe.each(SPIRII)('%s', (name) => {
	const { activate, idOf } = watched[name];

	test.each([500, 409, 401, 403])(
		'a cursor that has expired between two polls, and is answered with status %i, costs nothing',
		async (status) => {
			const trigger = activate({ firstRun: 'all', options: { pageSize: 10, maxRecords: 10 } });
			const given = (await trigger.poll()).map(idOf);
			expect(given).toHaveLength(10);
			const { faults, requests } = house.spirii;
			faults.push({ kind: 'status', status, times: 99, when: ({ query }) => query.has('nextPageCursor') });
			// The cursors of a list that was begun anew are accepted.
			house.spirii.onRequest = ({ query }) => {
				if (!query.has('nextPageCursor')) faults.length = 0;
			};
			for (let poll = 0; poll < 7; poll++) given.push(...(await trigger.poll()).map(idOf));
			expect(requests.map((request) => request.status)).toContain(status);
			expect(numerically(given)).toEqual(house.spirii.data.ids());
			expect(warningsOf(trigger)).toEqual([]);
		},
	);
});

describe.each(ALL_WATCHED)('%s', (name) => {
	const { activate, add, change, idOf, vendor } = watched[name];
	const idField = name === 'Spirii charge records' ? 'transactionId' : 'id';

	test('a record without an id is skipped with a line in the log, and the others come', async () => {
		const trigger = activateBehindProxy(name);
		await trigger.poll();
		const [one, nameless, two] = [add(), add(), add()];
		distort = (record) => (record[idField] === nameless ? { ...record, [idField]: null } : record);
		expect(numerically((await trigger.poll()).map(idOf))).toEqual([one, two]);
		expect(warningsOf(trigger)).toEqual([
			expect.stringMatching('skipped one record without an id, for example: list'),
		]);
		expect(warningsOf(trigger)[0]).toMatch(/(endedAt|stopped_at|startedAt|started_at) \d{4}-/);
		if (name === 'Volt Time, all chargers')
			expect(warningsOf(trigger)[0]).toMatch(/, charger \d+ "[^"]+", team 1142, /);
		if (name === 'Volt Time, one charger')
			expect(warningsOf(trigger)[0]).toMatch(/, charger \d+, team 1142, /);
		// It comes as soon as it has one.
		distort = (record) => record;
		expect((await trigger.poll()).map(idOf)).toEqual([nameless]);
	});

	test.each(['changed', 'corrected'])(
		'a new field at the vendor, or a list in another order, is none of the sessions %s',
		async (event) => {
			const trigger = activateBehindProxy(name, { event });
			await trigger.poll();
			const id = add({ kwh: 10 });
			distort = (record) => ({ ...record, familyTreeCompanyIds: [7, 8, 9] });
			expect(await trigger.poll()).toHaveLength(event === 'changed' ? 1 : 0);
			change(id, { updatedAt: ago(-1000) });
			distort = (record) => ({
				...Object.fromEntries(Object.entries(record).reverse()),
				familyTreeCompanyIds: [9, 7, 8],
				newField: 'new',
				newObject: { total: 7.5, list: [1] },
			});
			expect(await trigger.poll()).toEqual([]);
			// A field that makes up a version still counts.
			change(id, { kwh: 12, updatedAt: ago(-2000) });
			expect((await trigger.poll()).map(idOf)).toEqual([id]);
			if (vendor === 'voltTime') return;
			distort = (record) => ({ ...record, familyTreeCompanyIds: [7, 8] });
			change(id, { updatedAt: ago(-3000) });
			expect((await trigger.poll()).map(idOf)).toEqual(name === 'Spirii charge records' ? [id] : []);
		},
	);

	/** By how much this machine's clock is ahead of the server's, and whether it is so only after the first poll. */
	test.each([
		[-DAY, false],
		[DAY, false],
		[-DAY, true],
		[DAY, true],
	])(
		'with the clock of this machine %i ms ahead (set after the first poll: %s), each session comes once, also one that is 2.8 days late',
		async (aheadMs, isSetLater) => {
			freezeClock();
			const { switches } = house[vendor];
			const set = () => {
				advanceClock(aheadMs);
				switches.clockOffsetMs = -aheadMs;
			};
			if (!isSetLater) set();
			/** A session that ended so long ago, by the server's clock. */
			const addEnded = (milliseconds: number) => {
				const at = (before: number) => ago(before - switches.clockOffsetMs);
				const started = at(milliseconds + HOUR);
				const ended = at(milliseconds);
				return add({ startedAt: started, createdAt: started, endedAt: ended, updatedAt: ended });
			};
			const trigger = activate();
			expect(await trigger.poll()).toEqual([]);
			if (isSetLater) set();
			const expected: number[] = [];
			const given: number[] = [];
			for (let round = 0; round < 22; round++) {
				advanceClock(6 * HOUR);
				expected.push(addEnded(HOUR / 4));
				if (round === 15) expected.push(addEnded(2.8 * DAY));
				given.push(...(await trigger.poll()).map(idOf));
			}
			expect(numerically(given)).toEqual(numerically(expected));
			expect(warningsOf(trigger)).toEqual([]);
		},
	);
});

describe('Spirii charge records', () => {
	const { activate, add, idOf } = watched['Spirii charge records'];

	test('a session that ended ten days ago, and is created only now, comes as completed, once', async () => {
		freezeClock();
		const trigger = activate();
		await trigger.poll();
		advanceClock(HOUR);
		const ended = ago(10 * DAY);
		const id = add({ startedAt: ago(11 * DAY), endedAt: ended, updatedAt: ended, createdAt: ago() });
		expect((await trigger.poll()).map(idOf)).toEqual([id]);
		advanceClock(DAY);
		expect(await trigger.poll()).toEqual([]);
		expect(await activate({ event: 'corrected' }).poll()).toEqual([]);
	});

	test.each([30, 40])(
		'a session that was created while the trigger was off for %i days comes as completed, once, though its end and its update are older',
		async (days) => {
			freezeClock();
			const trigger = activate();
			await trigger.poll();
			advanceClock(days * DAY);
			const ended = ago((days + 10) * DAY);
			const created = ago(5 * DAY);
			const id = add({ startedAt: ended, endedAt: ended, updatedAt: ended, createdAt: created });
			const polls = [await trigger.poll(), await trigger.poll()];
			advanceClock(DAY);
			polls.push(await trigger.poll());
			expect(polls.flat().map(idOf)).toEqual([id]);
		},
	);
});

describe.each(VOLT_TIME)('%s', (name) => {
	const { activate, add, idOf } = watched[name];

	test.each([
		['body', 'query'],
		['query', 'body'],
	] as const)(
		'parameters sent as %s that are read as %s fail the first poll, which names the option',
		async (sent, read) => {
			house.voltTime.switches.readsFrom = read;
			const trigger = activate({ options: { sendParametersAs: sent } });
			for (let poll = 0; poll < 2; poll++) {
				const { message, description } = await failureOf(trigger.poll());
				expect(message).toMatch('The API ignores the parameters');
				expect(description).toMatch('Send Parameters As');
				expect(trigger.data()).toEqual({});
			}
		},
	);

	test('dates that are ignored are named in the log, once a poll, and each session comes once', async () => {
		freezeClock();
		const trigger = activate();
		await trigger.poll();
		expect(warningsOf(trigger)).toEqual([]);
		house.voltTime.switches.ignoresDates = true;
		const id = add({ endedAt: ago() });
		advanceClock(HOUR);
		expect((await trigger.poll()).map(idOf)).toEqual([id]);
		expect(warningsOf(trigger)).toEqual([
			expect.stringMatching('outside the requested dates.*Send Parameters As'),
		]);
		advanceClock(HOUR);
		expect(await trigger.poll()).toEqual([]);
		expect(warningsOf(trigger)).toHaveLength(2);
	});

	test.each([
		{ zoneHours: 14 },
		{ zoneHours: -12 },
		{ dateField: 'stopped_at' as const },
		{ dateField: 'created_at' as const },
		{ bounds: 'exclusive' as const },
	])('a server that compares otherwise is not said to ignore the dates (%j)', async (switches) => {
		freezeClock();
		Object.assign(house.voltTime.switches, switches);
		const trigger = activate({ event: 'changed' });
		await trigger.poll();
		for (const days of [0, 1, 2, 9]) add({ startedAt: ago(days * DAY + HOUR), endedAt: ago(days * DAY) });
		advanceClock(DAY);
		await trigger.poll();
		expect(warningsOf(trigger)).toEqual([]);
	});
});
