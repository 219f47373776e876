import type { INodeParameters } from 'n8n-workflow';

import { failureOf, useSandbox, type Failure } from '../support/sandbox';

const house = useSandbox({ records: 20, transactionsPerCharger: 5 });

const byId = (value: unknown) => ({ __rl: true, mode: 'id', value }) as INodeParameters;
const charger = { teamId: byId('1107'), chargerId: byId('402700') };

/** A list of Spirii and one of Volt Time, with more parameters. */
const records = (more: object): INodeParameters => ({
	resource: 'chargeRecord',
	operation: 'getAll',
	...more,
});
const transactions = (more: object): INodeParameters => ({
	resource: 'transaction',
	operation: 'getAll',
	...more,
});
const legacy = (more: object): INodeParameters => ({
	resource: 'legacyChargeRecord',
	operation: 'getAll',
	...more,
});
const voltTime = (more: object): INodeParameters => ({ ...transactions(charger), ...more });

/** Runs the node and expects one error, with nothing sent. */
async function refused(run: Promise<unknown>): Promise<Failure> {
	const failure = await failureOf(run);
	expect([house.spirii.requests, house.voltTime.requests]).toEqual([[], []]);
	expect(failure).toMatchObject({ httpCode: null, itemIndex: 0, cause: 'configuration-invalid' });
	expect(failure.description).not.toBe('');
	expect(failure.description.length).toBeLessThan(900);
	return failure;
}

type Words = Array<string | RegExp>;
async function expectRefused(run: Promise<unknown>, words: Words): Promise<void> {
	const { message } = await refused(run);
	for (const word of words) expect(message).toMatch(word);
	expect(message.length).toBeLessThan(300);
}

describe('a number that is not allowed', () => {
	const numbers = [0, -1, 1.5, 1e12, 'abc', '12abc', Infinity, true];
	const lists: Array<[string, (more: object) => INodeParameters, number | undefined]> = [
		['chargeRecord', records, 5000],
		['transaction', transactions, 2500],
		['legacyChargeRecord', legacy, 2000],
	];

	test.each(lists.flatMap(([name, list]) => numbers.map((given) => ({ name, list, given }))))(
		'as the limit of $name: $given',
		async ({ list, given }) => {
			const allowed = /"Limit" must be a whole number from 1 to \d+, but /;
			const value = typeof given === 'boolean' || given === Infinity ? `={{ ${String(given)} }}` : given;
			await expectRefused(house.runSpirii(list({ limit: value })), [allowed, String(given)]);
		},
	);

	test.each([...numbers, 10_001])('as the limit of Volt Time: %s', async (given) => {
		const value = typeof given === 'boolean' || given === Infinity ? `={{ ${String(given)} }}` : given;
		const allowed = '"Limit" must be a whole number from 1 to 10000, but ';
		await expectRefused(house.runVoltTime(voltTime({ limit: value })), [allowed, String(given)]);
	});

	test.each(
		lists.flatMap(([name, list, max]) =>
			[0, -5, 2.5, Number(max) + 1].map((given) => ({ name, list, max, given })),
		),
	)('as the page size of $name: $given', async ({ list, max, given }) => {
		const run = house.runSpirii(list({ options: { pageSize: given } }));
		await expectRefused(run, [`"Page Size" must be a whole number from 1 to ${max}, but ${given} was given`]);
	});

	test.each([
		['pageSize', 'Page Size', 10_001, '1 to 10000'],
		['concurrency', 'Requests at Once', 9, '1 to 8'],
		['concurrency', 'Requests at Once', 0, '1 to 8'],
		['timeout', 'Timeout (Seconds)', 0, '1 to 600'],
		['timeout', 'Timeout (Seconds)', 601, '1 to 600'],
	])('as %s of Volt Time (%s): %i', async (name, label, given, allowed) => {
		const run = house.runVoltTime(voltTime({ options: { [name]: given } }));
		await expectRefused(run, [`"${label}" must be a whole number from ${allowed}, but ${given} was given`]);
	});

	test.each([
		['locationId', 'Location ID', 'x1'],
		['voucherId', 'Voucher ID', 1.5],
		['appUserId', 'App User ID', '={{ {} }}'],
	])('as a filter (%s)', async (name, label, given) => {
		for (const list of [transactions, legacy])
			await expectRefused(house.runSpirii(list({ filters: { [name]: given } })), [
				`"${label}" must be a whole number, but`,
			]);
	});

	test('as the offset', async () => {
		const run = house.runSpirii(legacy({ options: { offset: -1 } }));
		await expectRefused(run, ['"Offset" must be a whole number of at least 0, but -1 was given']);
	});
});

describe('an id that is not allowed', () => {
	const operations: Array<[string, string]> = [
		['chargeRecord', 'Charge Record ID'],
		['transaction', 'Transaction ID'],
		['legacyChargeRecord', 'Charge Record ID'],
	];

	test.each(
		operations.flatMap(([name, label]) =>
			['', '   ', '={{ undefined }}', '={{ null }}'].map((id) => [name, label, id]),
		),
	)('of %s (%s), because it is empty: "%s"', async (resource, label, id) => {
		const run = house.runSpirii({ resource, operation: 'get', id });
		await expectRefused(run, [`"${label}" must not be empty`]);
	});

	test.each(['12x', '1.5', '-3', '1/2', '../../x', '12 34', '={{ [1] }}'])(
		'because it is no whole number: %s',
		async (id) => {
			for (const resource of ['transaction', 'legacyChargeRecord'])
				await expectRefused(house.runSpirii({ resource, operation: 'get', id }), [
					/ID" must be /,
					'was given',
				]);
		},
	);

	const paths = [
		'1/2',
		'../../x',
		'..',
		'.',
		'/',
		'\\',
		'..\\x',
		'a/b?c',
		'https://x.example/1',
		'a\nb',
		'a\u0000b',
		'\ud800',
	];
	test.each(paths)('because it could lead to another path: %j', async (id) => {
		const problem = 'must be a plain id without slashes, but';
		await expectRefused(house.runSpirii({ resource: 'chargeRecord', operation: 'get', id }), [
			`"Charge Record ID" ${problem}`,
		]);
		await expectRefused(house.runVoltTime(voltTime({ chargerId: byId(id) })), [`"Charger" ${problem}`]);
		await expectRefused(house.runVoltTime(voltTime({ teamId: byId(id) })), [`"Team" ${problem}`]);
		const all = voltTime({ teamId: byId(id), chargerScope: 'all' });
		await expectRefused(house.runVoltTime(all), [`"Team" ${problem}`]);
		const chargers = { resource: 'charger', operation: 'getAll', teamId: byId(id) };
		await expectRefused(house.runVoltTime(chargers), [`"Team" ${problem}`]);
	});

	test.each(['', '  ', '={{ undefined }}'])('because no team or charger was chosen: "%s"', async (id) => {
		await expectRefused(house.runVoltTime(voltTime({ teamId: byId(id) })), ['"Team" must not be empty']);
		await expectRefused(house.runVoltTime(voltTime({ chargerId: byId(id) })), [
			'"Charger" must not be empty',
		]);
		const unchosen = voltTime({ chargerId: { __rl: true, mode: 'list', value: id } });
		await expectRefused(house.runVoltTime(unchosen), ['"Charger" must not be empty']);
	});

	test('reaches no other path when it holds signs of an address: it is encoded', async () => {
		for (const [id, segment] of [
			['a?b#c', 'a%3Fb%23c'],
			['%2e%2e%2fuser', '%252e%252e%252fuser'],
			['a;b&c=d', 'a%3Bb%26c%3Dd'],
		]) {
			house.voltTime.requests.length = 0;
			const failure = await failureOf(house.runVoltTime(voltTime({ teamId: byId(id), chargerId: byId(id) })));
			expect(failure.httpCode).toBe('404');
			const [{ path, rawQuery }] = house.voltTime.requests;
			expect(path).toBe(`/api/v2/teams/${segment}/chargers/${segment}/transactions`);
			expect(rawQuery).toBe('limit=50');
		}
	});
});

describe('a date that is not allowed', () => {
	const dates = [
		'yesterday',
		'12',
		'2026',
		'2026-13-01',
		'2026-02-30',
		'2026-01-01T25:00:00',
		'01.02.2026',
		'2026-01-01Tx',
		'null',
	];

	test.each(dates.filter((date) => date !== '2026'))('because it is none: %s', async (date) => {
		const problem = `must be a date such as 2026-01-31 or 2026-01-31T08:00:00Z, but "${date}" was given`;
		for (const [list, name, label] of [
			[records, 'updatedAtFrom', 'Updated From'],
			[transactions, 'endedAtMax', 'Ended Until'],
			[legacy, 'startedAt', 'Started From'],
		] as const)
			await expectRefused(house.runSpirii(list({ filters: { [name]: date } })), [`"${label}" ${problem}`]);
		const filters = { dateFrom: date, dateTo: '2026-01-01' };
		await expectRefused(house.runVoltTime(voltTime({ filters })), [`"Date From" ${problem}`]);
	});

	test.each([
		['a number', '={{ 20260101 }}'],
		['true', '={{ true }}'],
		['a list', '={{ ["2026-01-01"] }}'],
		['an object', '={{ { year: 2026 } }}'],
		['a broken date', '={{ new Date("x") }}'],
		['a broken moment', '={{ DateTime.fromISO("x") }}'],
	])('because it is %s', async (_, updatedAtFrom) => {
		const run = house.runSpirii(records({ filters: { updatedAtFrom } }));
		await expectRefused(run, ['"Updated From" must be a date']);
	});

	test.each([
		[records, 'Updated', 'updatedAtFrom', 'updatedAtTo'],
		[transactions, 'Updated', 'updatedAt', 'updatedAtMax'],
		[transactions, 'Ended', 'endedAt', 'endedAtMax'],
		[legacy, 'Updated', 'updatedAt', 'updatedAtMax'],
		[legacy, 'Ended', 'endedAt', 'endedAtMax'],
	])('because it is after its end (%#)', async (list, label, from, to) => {
		const filters = { [from]: '2026-02-01T00:00:00Z', [to]: '2026-01-31T23:59:59Z' };
		await expectRefused(house.runSpirii(list({ filters })), [
			new RegExp(`"${label} From" must not be after "${label} \\w+", but`),
			'2026-02-01T00:00:00.000Z is after 2026-01-31T23:59:59.000Z',
		]);
	});

	test('because it is after its end, at Volt Time', async () => {
		const filters = { dateFrom: '2026-02-01', dateTo: '2026-01-01' };
		const words = ['"Date From" must not be after "Date To"'];
		await expectRefused(house.runVoltTime(voltTime({ filters })), words);
	});

	test.each([
		['dateFrom', 'Date From', 'Date To'],
		['dateTo', 'Date To', 'Date From'],
	])('because it is alone: %s', async (name, label, missing) => {
		for (const more of [{}, { chargerScope: 'all' }, { returnAll: true }]) {
			const run = house.runVoltTime(voltTime({ filters: { [name]: '2026-01-01' }, ...more }));
			await expectRefused(run, [`"${label}"`, `"${missing}"`, 'go together', '2025-12-31T23:00:00.000Z']);
		}
	});
});

describe('two parameters that exclude each other', () => {
	test.each(['chargeRecord', 'transaction'])('are the cursors of %s', async (resource) => {
		const both = { nextPageCursor: 'a', previousPageCursor: 'b' };
		const words = ['"Next Page Cursor" and "Previous Page Cursor" exclude each other'];
		await expectRefused(house.runSpirii({ resource, operation: 'getAll', options: both }), words);
		await expectRefused(house.runSpirii({ resource, operation: 'getPage', ...both }), words);
	});

	test.each(['getAll', 'getPage', 'download'])(
		'are start and end of a legacy charge record (%s)',
		async (operation) => {
			const filters = { startedAt: '2026-01-01', endedAt: '2026-01-02' };
			const words = ['"Started From" and "Ended From" exclude each other', '2025-12-31T23:00:00.000Z'];
			await expectRefused(house.runSpirii(legacy({ operation, filters })), words);
		},
	);
});

describe('a choice that does not exist', () => {
	test.each([
		[records({ filters: { mode: 'CPO' } }), '"Mode" must be one of cpo, emp, but "CPO" was given'],
		[
			transactions({ filters: { locationType: 'Moon' } }),
			/"Location Type" must be one of Hotel, .*but "Moon"/,
		],
		[
			transactions({ filters: { ongoing: 'maybe' } }),
			'"Ongoing" must be true or false, but "maybe" was given',
		],
		[
			legacy({ options: { sortDir: 'down' } }),
			'"Sort Direction" must be one of ASC, DESC, but "down" was given',
		],
		[
			records({ options: { fields: '={{ [1, 2] }}' } }),
			'"Fields" must be a list of names, but [1,2] was given',
		],
		[records({ options: { sortKey: '={{ {} }}' } }), '"Sort Key" must be text or a number, but {} was given'],
		[{ resource: 'chargeRecord', operation: 'download' }, /no operation "download"/],
	])('is refused (%#)', async (parameters, words) => {
		await expectRefused(house.runSpirii(parameters), [words]);
	});
});

describe('a filter that was added', () => {
	test.each(['={{ undefined }}', '={{ null }}', '={{ $json.missing }}'])(
		'and gives nothing is refused, since without it everything would come: %s',
		async (given) => {
			const words = ['was added, but its expression gives nothing'];
			await expectRefused(house.runSpirii(transactions({ filters: { locationId: given } })), [
				'"Location ID"',
				...words,
			]);
			const filters = { dateFrom: given, dateTo: given };
			await expectRefused(house.runVoltTime(voltTime({ filters })), ['"Date From"', ...words]);
		},
	);

	test('and is left blank is not sent, and a hint names it', async () => {
		const { hints } = await house.runSpirii(transactions({ filters: { evseId: '', idTagUid: ' ' } }));
		expect(house.spirii.requests[0].rawQuery).toBe('limit=50');
		expect(hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('"EVSE ID"'),
			expect.stringContaining('"ID Tag UID"'),
		]);
	});
});
