import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { INodeParameters } from 'n8n-workflow';

import { useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 5, transactionsPerCharger: 5 });

describe('a date', () => {
	/** Given, time zone of the workflow, and the moment in UTC. */
	const moments: Array<[unknown, string, string]> = [
		// As the date picker stores it.
		['2026-01-15T10:30:00', 'Europe/Copenhagen', '2026-01-15T09:30:00'],
		['2026-07-15T10:30:00', 'Europe/Copenhagen', '2026-07-15T08:30:00'],
		['2026-01-15T10:30:00', 'America/New_York', '2026-01-15T15:30:00'],
		['2026-07-15T10:30:00', 'America/New_York', '2026-07-15T14:30:00'],
		['2026-07-15 10:30:00', 'Europe/Copenhagen', '2026-07-15T08:30:00'],
		['2026-07-15T10:30', 'Europe/Copenhagen', '2026-07-15T08:30:00'],
		['20260715T103000', 'Europe/Copenhagen', '2026-07-15T08:30:00'],
		// A day begins at its midnight in the time zone of the workflow.
		['2026-01-15', 'Europe/Copenhagen', '2026-01-14T23:00:00'],
		['2026-07-15', 'America/New_York', '2026-07-15T04:00:00'],
		['2026-W29-3', 'Europe/Copenhagen', '2026-07-14T22:00:00'],
		['2026-196', 'Europe/Copenhagen', '2026-07-14T22:00:00'],
		// An offset of its own wins over the time zone of the workflow.
		['2026-07-15T10:30:00Z', 'America/New_York', '2026-07-15T10:30:00'],
		['2026-07-15T10:30:00.000+05:30', 'Europe/Copenhagen', '2026-07-15T05:00:00'],
		['2026-07-15T10:30:00-0300', 'Europe/Copenhagen', '2026-07-15T13:30:00'],
		['  2026-07-15T10:30:00Z ', 'Europe/Copenhagen', '2026-07-15T10:30:00'],
		// What expressions give.
		['={{ DateTime.fromISO("2026-07-15T10:30:00") }}', 'America/New_York', '2026-07-15T14:30:00'],
		['={{ new Date(Date.UTC(2026, 6, 15, 10, 30)) }}', 'America/New_York', '2026-07-15T10:30:00'],
		['={{ $json.date }}', 'America/New_York', '2026-07-15T14:30:00'],
	];
	const items = [{ json: { date: '2026-07-15T10:30:00' } }];

	test.each(moments)('%s in %s arrives at Spirii in UTC with Z', async (updatedAtFrom, timezone, utc) => {
		const parameters = {
			resource: 'chargeRecord',
			operation: 'getAll',
			filters: { updatedAtFrom },
		} as INodeParameters;
		await house.run.spirii(parameters, { timezone, items });
		expect(house.spirii.requests[0].query.get('updatedAtFrom')).toBe(`${utc}.000Z`);
	});

	test.each(moments)(
		'%s in %s arrives at Volt Time in UTC as Y-m-d H:i:s, a day wider on both sides',
		async (date, timezone, utc) => {
			const parameters = {
				resource: 'legacyTransaction',
				operation: 'getAll',
				teamId: { __rl: true, mode: 'id', value: '1107' },
				chargerId: { __rl: true, mode: 'id', value: '402700' },
				filters: { dateFrom: date, dateTo: date },
			} as INodeParameters;
			await house.run.voltTime(parameters, { timezone, items });
			const [{ query, body }] = house.voltTime.requests;
			const [from, to] = [-1, 1].map((days) =>
				new Date(Date.parse(`${utc}Z`) + days * 86_400_000).toISOString().slice(0, 19).replace('T', ' '),
			);
			expect([query.get('date_from'), query.get('date_to')]).toEqual([from, to]);
			expect(JSON.parse(body)).toMatchObject({ date_from: from, date_to: to });
		},
	);

	test('that is an hour which the clocks skip or pass twice is still one moment', async () => {
		const read = async (updatedAtFrom: string) => {
			house.spirii.requests.length = 0;
			await house.run.spirii({ resource: 'chargeRecord', operation: 'getAll', filters: { updatedAtFrom } });
			return Date.parse(house.spirii.requests[0].query.get('updatedAtFrom') ?? '');
		};
		const hour = 3_600_000;
		const skipped = await read('2026-03-29T02:30:00');
		expect([Date.UTC(2026, 2, 29, 0, 30), Date.UTC(2026, 2, 29, 1, 30)]).toContain(skipped);
		const twice = await read('2026-10-25T02:30:00');
		expect([Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 0, 30) + hour]).toContain(twice);
	});
});

describe('the base URL of a credential', () => {
	let server: Server;
	let address: string;
	const received: IncomingMessage[] = [];
	beforeAll(async () => {
		server = createServer((request, response) => {
			received.push(request);
			response.setHeader('Content-Type', 'application/json').end('{"data":[]}');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	beforeEach(() => {
		received.length = 0;
	});
	afterAll(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});

	test.each([
		['', ''],
		['/', ''],
		['///', ''],
		['/proxy/ev', '/proxy/ev'],
		['/proxy/ev/', '/proxy/ev'],
		['/proxy?key=1#top', '/proxy'],
		['  ', ''],
	])('may end in "%s": the API is reached under "%s"', async (ending, path) => {
		const baseUrl = address + ending;
		await house.run.spirii(
			{ resource: 'transaction', operation: 'getAll' },
			{ credentials: { spiriiApi: { apiKey: 'abc', environment: 'custom', baseUrl } } },
		);
		await house.run.voltTime(
			{ resource: 'team', operation: 'getAll' },
			{ credentials: { voltTimeApi: { accessToken: 'abc', baseUrl } } },
		);
		expect(received.map(({ url }) => url)).toEqual([
			`${path}/v2/transactions?limit=50`,
			`${path}/api/v3/teams`,
		]);
	});

	test.each([['localhost'], ['127.0.0.1']])('may be plain http on this machine: %s', async (host) => {
		const baseUrl = address.replace('127.0.0.1', host);
		await house.run.voltTime(
			{ resource: 'team', operation: 'getAll' },
			{ credentials: { voltTimeApi: { accessToken: 'abc', baseUrl } } },
		);
		expect(received).toHaveLength(1);
	});
});

describe('a key', () => {
	test.each(['KEY', 'Bearer KEY', 'bearer  KEY', '  KEY \n', '\tBearer KEY\r\n'])(
		'pasted as %j is sent once, behind one Bearer',
		async (pasted) => {
			const { spiriiApi, voltTimeApi } = house.credentials();
			await house.run.spirii(
				{ resource: 'transaction', operation: 'getAll' },
				{
					credentials: {
						spiriiApi: { ...spiriiApi, apiKey: pasted.replace('KEY', house.spirii.key) },
					},
				},
			);
			await house.run.voltTime(
				{ resource: 'team', operation: 'getAll' },
				{
					credentials: {
						voltTimeApi: { ...voltTimeApi, accessToken: pasted.replace('KEY', house.voltTime.key) },
					},
				},
			);
			expect(house.spirii.requests[0].headers.authorization).toBe(`Bearer ${house.spirii.key}`);
			expect(house.voltTime.requests[0].headers.authorization).toBe(`Bearer ${house.voltTime.key}`);
			expect([house.spirii.requests[0].status, house.voltTime.requests[0].status]).toEqual([200, 200]);
		},
	);
});
