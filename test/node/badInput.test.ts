import { ExecuteContext } from 'n8n-core';
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
const voltTime = (more: object): INodeParameters => ({
	...transactions(charger),
	resource: 'legacyTransaction',
	...more,
});

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
			await expectRefused(house.run.spirii(list({ limit: value })), [allowed, String(given)]);
		},
	);

	test.each([...numbers, 10_001])('as the limit of Volt Time: %s', async (given) => {
		const value = typeof given === 'boolean' || given === Infinity ? `={{ ${String(given)} }}` : given;
		const allowed = '"Limit" must be a whole number from 1 to 10000, but ';
		await expectRefused(house.run.voltTime(voltTime({ limit: value })), [allowed, String(given)]);
	});

	test.each(
		lists.flatMap(([name, list, max]) =>
			[0, -5, 2.5, Number(max) + 1].map((given) => ({ name, list, max, given })),
		),
	)('as the page size of $name: $given', async ({ list, max, given }) => {
		const run = house.run.spirii(list({ options: { pageSize: given } }));
		await expectRefused(run, [`"Page Size" must be a whole number from 1 to ${max}, but ${given} was given`]);
	});

	test.each([
		['pageSize', 'Page Size', 10_001, '1 to 10000'],
		['concurrency', 'Concurrent Requests', 9, '1 to 8'],
		['concurrency', 'Concurrent Requests', 0, '1 to 8'],
		['timeout', 'Timeout (Seconds)', 0, '1 to 600'],
		['timeout', 'Timeout (Seconds)', 601, '1 to 600'],
	])('as %s of Volt Time (%s): %i', async (name, label, given, allowed) => {
		const run = house.run.voltTime(voltTime({ options: { [name]: given } }));
		await expectRefused(run, [`"${label}" must be a whole number from ${allowed}, but ${given} was given`]);
	});

	test.each([
		['locationId', 'Location', 'x1'],
		['voucherId', 'Voucher ID', 1.5],
		['appUserId', 'App User ID', '={{ {} }}'],
	])('as a filter (%s)', async (name, label, given) => {
		for (const list of [transactions, legacy])
			await expectRefused(house.run.spirii(list({ filters: { [name]: given } })), [
				`"${label}" must be a whole number, but`,
			]);
	});

	test('as the offset', async () => {
		const run = house.run.spirii(legacy({ operation: 'getPage', offset: -1 }));
		await expectRefused(run, ['"Offset" must be a whole number of at least 0, but -1 was given']);
	});
});

describe('an id that is not allowed', () => {
	const operations: Array<[string, string]> = [
		['chargeRecord', 'Charge Record ID'],
		['transaction', 'Transaction ID'],
		['legacyChargeRecord', 'Charge Record ID'],
	];

	const nothings: Array<[string, string]> = [
		['', '" must not be empty'],
		['   ', '" must not be empty'],
		['={{ undefined }}', '" must give a value, but it gives undefined for item 1'],
		['={{ null }}', '" must give a value, but it gives null for item 1'],
	];

	test.each(operations.flatMap(([name, label]) => nothings.map(([id, words]) => [name, label, id, words])))(
		'of %s (%s), because it is empty: "%s"',
		async (resource, label, id, words) => {
			const run = house.run.spirii({ resource, operation: 'get', id });
			await expectRefused(run, [`"${label}${words}`]);
		},
	);

	test.each(['12x', '1.5', '-3', '1/2', '../../x', '12 34', '={{ [1] }}'])(
		'because it is no whole number: %s',
		async (id) => {
			for (const resource of ['transaction', 'legacyChargeRecord'])
				await expectRefused(house.run.spirii({ resource, operation: 'get', id }), [
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
		await expectRefused(house.run.spirii({ resource: 'chargeRecord', operation: 'get', id }), [
			`"Charge Record ID" ${problem}`,
		]);
		await expectRefused(house.run.voltTime(voltTime({ chargerId: byId(id) })), [`"Charger" ${problem}`]);
		await expectRefused(house.run.voltTime(voltTime({ teamId: byId(id) })), [`"Team" ${problem}`]);
		const all = voltTime({ teamId: byId(id), chargerScope: 'all' });
		await expectRefused(house.run.voltTime(all), [`"Team" ${problem}`]);
	});

	test.each(['', '  ', '={{ undefined }}'])('because no team or charger was chosen: "%s"', async (id) => {
		const words = id.startsWith('=')
			? 'must give a value, but it gives undefined for item 1'
			: 'must not be empty';
		await expectRefused(house.run.voltTime(voltTime({ teamId: byId(id) })), [`"Team" ${words}`]);
		await expectRefused(house.run.voltTime(voltTime({ chargerId: byId(id) })), [`"Charger" ${words}`]);
		const unchosen = voltTime({ chargerId: { __rl: true, mode: 'list', value: id } });
		await expectRefused(house.run.voltTime(unchosen), [`"Charger" ${words}`]);
	});

	test('reaches no other path when it holds signs of an address: it is encoded', async () => {
		for (const [id, segment] of [
			['a?b#c', 'a%3Fb%23c'],
			['%2e%2e%2fuser', '%252e%252e%252fuser'],
			['a;b&c=d', 'a%3Bb%26c%3Dd'],
		]) {
			house.voltTime.requests.length = 0;
			const failure = await failureOf(
				house.run.voltTime(voltTime({ teamId: byId(id), chargerId: byId(id) })),
			);
			expect(failure.httpCode).toBe('404');
			const [{ path, rawQuery }] = house.voltTime.requests;
			expect(path).toBe(`/api/v2/teams/${segment}/chargers/${segment}/transactions`);
			expect(rawQuery).toBe('limit=50');
		}
	});
});

describe('a number with more digits than JavaScript keeps is refused by name', () => {
	const big = '={{ 7615917337495251231 }}';
	test.each<[string, () => Promise<unknown>]>([
		['Charge Record ID', () => house.run.spirii(records({ operation: 'get', id: big }))],
		['Transaction ID', () => house.run.spirii(transactions({ operation: 'get', id: big }))],
		['Location', () => house.run.spirii(transactions({ filters: { locationId: big } }))],
		['ID Tag UID', () => house.run.spirii(transactions({ filters: { idTagUid: big } }))],
		['Team', () => house.run.voltTime(voltTime({ teamId: byId(big) }))],
		['Charger', () => house.run.voltTime(voltTime({ chargerId: byId(big) }))],
	])('%s', async (label, run) => {
		await expectRefused(run(), [
			new RegExp(`"${label}" must be a .*number.*, but 7615917337495251000 was given`),
		]);
	});

	test('and as text it is sent as it is', async () => {
		await failureOf(house.run.spirii(transactions({ operation: 'get', id: '7615917337495251231' })));
		expect(house.spirii.requests[0].path).toBe('/v2/transactions/7615917337495251231');
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
			[transactions, 'endedAtMax', 'Ended To'],
			[legacy, 'startedAt', 'Started From'],
		] as const)
			await expectRefused(house.run.spirii(list({ filters: { [name]: date } })), [`"${label}" ${problem}`]);
		const filters = { dateFrom: date, dateTo: '2026-01-01' };
		await expectRefused(house.run.voltTime(voltTime({ filters })), [`"Started From" ${problem}`]);
	});

	test.each([
		['a number', '={{ 20260101 }}'],
		['true', '={{ true }}'],
		['a list', '={{ ["2026-01-01"] }}'],
		['an object', '={{ { year: 2026 } }}'],
	])('because it is %s', async (_, updatedAtFrom) => {
		const run = house.run.spirii(records({ filters: { updatedAtFrom } }));
		await expectRefused(run, ['"Updated From" must be a date']);
	});

	test.each([
		['a broken date', '={{ new Date("x") }}'],
		['a broken moment', '={{ DateTime.fromISO("x") }}'],
	])('because the expression gives %s', async (_, updatedAtFrom) => {
		const run = house.run.spirii(records({ filters: { updatedAtFrom } }));
		await expectRefused(run, [
			'The expression of "Updated From" must give a value, but it gives an invalid date for item 1',
		]);
	});

	test.each([
		[records, 'Updated', 'updatedAtFrom', 'updatedAtTo'],
		[transactions, 'Updated', 'updatedAt', 'updatedAtMax'],
		[transactions, 'Ended', 'endedAt', 'endedAtMax'],
		[legacy, 'Updated', 'updatedAt', 'updatedAtMax'],
		[legacy, 'Ended', 'endedAt', 'endedAtMax'],
	])('because it is after its end (%#)', async (list, label, from, to) => {
		const filters = { [from]: '2026-02-01T00:00:00Z', [to]: '2026-01-31T23:59:59Z' };
		await expectRefused(house.run.spirii(list({ filters })), [
			new RegExp(`"${label} From" must not be after "${label} \\w+", but`),
			'2026-02-01T00:00:00.000Z is after 2026-01-31T23:59:59.000Z',
		]);
	});

	test('because it is after its end, at Volt Time', async () => {
		const filters = { dateFrom: '2026-02-01', dateTo: '2026-01-01' };
		const words = ['"Started From" must not be after "Started To"'];
		await expectRefused(house.run.voltTime(voltTime({ filters })), words);
	});

	test.each([
		['dateFrom', 'Started From', 'Started To'],
		['dateTo', 'Started To', 'Started From'],
	])('because it is alone: %s', async (name, label, missing) => {
		for (const more of [{}, { chargerScope: 'all' }, { returnAll: true }]) {
			const run = house.run.voltTime(voltTime({ filters: { [name]: '2026-01-01' }, ...more }));
			await expectRefused(run, [`"${label}"`, `"${missing}"`, 'go together', '2025-12-31T23:00:00.000Z']);
		}
	});
});

describe('two parameters that exclude each other', () => {
	test.each(['chargeRecord', 'transaction'])('are the cursors of %s', async (resource) => {
		const both = { nextPageCursor: 'a', previousPageCursor: 'b' };
		const words = ['"Next Page Cursor" and "Previous Page Cursor" exclude each other'];
		await expectRefused(house.run.spirii({ resource, operation: 'getPage', ...both }), words);
	});

	test.each(['getAll', 'getPage', 'download'])(
		'are start and end of a legacy charge record (%s)',
		async (operation) => {
			const filters = { startedAt: '2026-01-01', endedAt: '2026-01-02' };
			const words = ['"Started From" and "Ended From" exclude each other', '2025-12-31T23:00:00.000Z'];
			await expectRefused(house.run.spirii(legacy({ operation, filters })), words);
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
			records({ output: 'raw', options: { fields: '={{ [1, 2] }}' } }),
			'"Fields" must be a list of names, but [1,2] was given',
		],
		[records({ options: { sortKey: '={{ {} }}' } }), '"Sort Key" must be text or a number, but {} was given'],
		[
			{ resource: 'chargeRecord', operation: 'download' },
			'"Operation" must be one of getAll, getPage, get, export, but "download" was given',
		],
	])('is refused (%#)', async (parameters, words) => {
		await expectRefused(house.run.spirii(parameters), [words]);
	});
});

describe('an expression that gives nothing', () => {
	const nothing: Array<[string, string]> = [
		['={{ undefined }}', 'undefined'],
		['={{ null }}', 'null'],
		['={{ $json.missing }}', 'undefined'],
		['={{ $json.empty }}', '""'],
		['={{ $json.missing }} ', '" "'],
		['={{ "\\t\\n" }}', '"\t\n"'],
		['={{ [] }}', '[]'],
		['={{ $json.missing * 2 }}', 'NaN'],
		['={{ DateTime.fromISO("x") }}', 'an invalid date'],
	];
	const items = [{ json: { empty: '' } }];

	/** A parameter of each kind, in each place that the canvas has for one, by its label. */
	const places: Array<[string, (given: string) => Promise<unknown>]> = [
		['ID Tag UID', (idTagUid) => house.run.spirii(transactions({ filters: { idTagUid } }), { items })],
		['Location', (locationId) => house.run.spirii(legacy({ filters: { locationId } }), { items })],
		['Ongoing', (ongoing) => house.run.spirii(transactions({ filters: { ongoing } }), { items })],
		['Mode', (mode) => house.run.spirii(records({ filters: { mode } }), { items })],
		['Filter (JSON)', (filterJson) => house.run.spirii(records({ filters: { filterJson } }), { items })],
		['Return All', (returnAll) => house.run.spirii(records({ operation: 'export', returnAll }), { items })],
		['Limit', (limit) => house.run.spirii(records({ limit }), { items })],
		['Page Size', (pageSize) => house.run.spirii(records({ options: { pageSize } }), { items })],
		['Sort Key', (sortKey) => house.run.spirii(records({ options: { sortKey } }), { items })],
		['Fields', (fields) => house.run.spirii(records({ output: 'raw', options: { fields } }), { items })],
		[
			'Concurrent Requests',
			(concurrency) => house.run.voltTime(voltTime({ options: { concurrency } }), { items }),
		],
		['Timeout (Seconds)', (timeout) => house.run.voltTime(voltTime({ options: { timeout } }), { items })],
		['Team', (id) => house.run.voltTime(voltTime({ teamId: byId(id) }), { items })],
		[
			'Started From',
			(dateFrom) => house.run.voltTime(voltTime({ filters: { dateFrom, dateTo: '2026-01-01' } }), { items }),
		],
		[
			'Prices Include VAT',
			(pricesIncludeVat) =>
				house.run.spirii(records({ output: 'simplified', sessionSettings: { pricesIncludeVat } }), { items }),
		],
		[
			'Bill By',
			(billBy) => house.run.spirii(records({ output: 'simplified', sessionSettings: { billBy } }), { items }),
		],
		[
			'More Columns',
			(columnGroups) => house.run.spirii(records({ output: 'simplified', columnGroups }), { items }),
		],
		[
			'Sessions per File',
			(perFile) =>
				house.run.spirii(records({ operation: 'export', output: 'simplified', perFile }), { items }),
		],
		[
			'File Name',
			(fileName) =>
				house.run.spirii(records({ operation: 'export', output: 'simplified', fileName }), { items }),
		],
	];

	test.each(
		places.flatMap(([label, run]) => nothing.map(([given, shown]) => ({ label, run, given, shown }))),
	)('is refused in $label: $given', async ({ label, run, given, shown }) => {
		await expectRefused(run(given), [
			`The expression of "${label}" must give a value, but it gives ${shown} for item 1`,
		]);
	});

	test('is refused inside of a fixed collection', async () => {
		const header = [{ field: 'energyKwh', name: '={{ $json.empty }}' }];
		const csvSettings = { csvHeaders: { header } };
		await expectRefused(
			house.run.spirii(records({ operation: 'export', output: 'simplified', csvSettings }), { items }),
			['The expression of "Header" in "Headers" must give a value, but it gives "" for item 1'],
		);
		const conditions = [{ field: 'endedAt', operator: '$gte', value: '={{ $json.missing }}' }];
		await expectRefused(
			house.run.spirii(records({ filters: { filterConditions: { conditions } } }), { items }),
			['"Conditions": condition 1 (Ended At) has no value'],
		);
	});

	test('in a filter says what would come without it, and of an item which one it is', async () => {
		const { message, description } = await failureOf(
			house.run.spirii(
				{ ...transactions({ filters: { idTagUid: '={{ $json.uid }}' } }), limit: 1 },
				{ items: [{ json: { uid: 'A1B2' } }, { json: { uid: '' } }], mode: 'trigger' },
			),
		);
		expect(message).toBe('The expression of "ID Tag UID" must give a value, but it gives "" for item 2');
		expect(description).toBe(
			'Correct the expression, or remove "ID Tag UID". Without the filter, the node would return everybody\'s records.',
		);
		expect(house.spirii.requests.map(({ query }) => query.get('idTagUid'))).toEqual(['A1B2']);
	});

	test('but false is refused where text or a number is wanted: the condition of an expression was not met', async () => {
		const given = '={{ $json.missing !== undefined && $json.missing }}';
		for (const [label, allowed, filters] of [
			['ID Tag UID', 'text or a number', { idTagUid: given }],
			['Location', 'text or a number', { locationId: given }],
			['Updated From', 'a date such as 2026-01-31 or 2026-01-31T08:00:00Z', { updatedAt: given }],
		] as const) {
			await expectRefused(house.run.spirii(transactions({ filters })), [
				`"${label}" must be ${allowed}, but false was given`,
			]);
		}
	});

	test.each(nothing.filter(([, shown]) => !/NaN|invalid/.test(shown)))(
		'means the beginning of the list where a list begins: %s',
		async (given) => {
			const page = { operation: 'getPage', nextPageCursor: given, previousPageCursor: given };
			for (const parameters of [
				records(page),
				transactions(page),
				legacy({ operation: 'getPage', offset: given }),
			]) {
				house.spirii.requests.length = 0;
				const { items: found } = await house.run.spirii(parameters, { items });
				expect(found.length).toBeGreaterThan(0);
				const [{ query }] = house.spirii.requests;
				expect([query.get('nextPageCursor'), query.get('previousPageCursor')]).toEqual([null, null]);
				expect(query.get('offset') ?? '0').toBe('0');
			}
		},
	);
});

describe('a whole number is read by its digits', () => {
	test.each(['1.000', '0x10', '1e3', '1,000', '10.0', '+10', '1 000'])('and "%s" is none', async (given) => {
		for (const value of [given, `={{ "${given}" }}`]) {
			await expectRefused(house.run.spirii(records({ limit: value })), [
				`"Limit" must be a whole number from 1 to 1000000, but "${given}" was given`,
			]);
			await expectRefused(house.run.spirii(records({ options: { pageSize: value } })), [
				`"Page Size" must be a whole number from 1 to 5000, but "${given}" was given`,
			]);
		}
	});

	test('and decimals by a plain form', async () => {
		for (const vatRate of ['0x19', '2.5e1', '25,5']) {
			const run = house.run.spirii(records({ output: 'simplified', sessionSettings: { vatRate } }));
			await expectRefused(run, [`"VAT Rate (%)" must be a number from 0 to 100, but "${vatRate}" was given`]);
		}
	});

	test('a price or rate that was added and not filled in is none', async () => {
		const rows = { output: 'simplified' };
		for (const empty of ['', ' ']) {
			const rate = house.run.spirii(records({ ...rows, sessionSettings: { vatRate: empty } }));
			const { message, description } = await refused(rate);
			expect(message).toBe('"VAT Rate (%)" is empty');
			expect(description).toBe('Enter a number in "VAT Rate (%)", which may be 0, or remove it.');
			const options = { prices: 'fixed', fixedPricePerKwh: empty };
			const place = { sessionsOf: 'site', siteUuid: byId(house.voltTime.data.sites[0].uuid) };
			const price = house.run.voltTime(transactions({ ...place, ...rows, options }));
			await expectRefused(price, ['"Price per kWh (Fixed)" is empty']);
		}
	});
});

describe('what the canvas always shows', () => {
	test.each<[string, (more: object) => Promise<unknown>, INodeParameters, string]>([
		[
			'Return All as text',
			house.run.spirii,
			records({ returnAll: 'false', limit: 7 }),
			'"Return All" must be true or false, but "false" was given',
		],
		[
			'Return All as a number',
			house.run.spirii,
			records({ returnAll: 0 }),
			'"Return All" must be true or false, but 0 was given',
		],
		[
			'Return All',
			house.run.spirii,
			records({ returnAll: null }),
			'"Return All" must be true or false, but null was given',
		],
		[
			'Limit',
			house.run.spirii,
			records({ limit: '' }),
			'"Limit" must be a whole number from 1 to 1000000, but "" was given',
		],
		[
			'Limit',
			house.run.spirii,
			records({ limit: ' ' }),
			'"Limit" must be a whole number from 1 to 1000000, but "" was given',
		],
		[
			'Output',
			house.run.spirii,
			records({ output: null }),
			'"Output" must be one of simplified, raw, ocpi, selected, but null was given',
		],
		[
			'Chargers',
			house.run.voltTime,
			voltTime({ chargerScope: null }),
			'"Chargers" must be one of all, one, but null was given',
		],
		[
			'Resource',
			house.run.spirii,
			records({ resource: null }),
			'"Resource" must be one of chargeRecord, transaction, location, evse, chargeBox, remoteControl, legacyChargeRecord, but null was given',
		],
		[
			'a resource of another name',
			house.run.spirii,
			records({ resource: 'session' }),
			/"Resource" must be one of .*, but "session" was given/,
		],
		[
			'a resource of another type',
			house.run.spirii,
			records({ resource: ['chargeRecord'] }),
			/"Resource" must be one of .*, but \["chargeRecord"\] was given/,
		],
		[
			'Operation',
			house.run.voltTime,
			voltTime({ operation: null }),
			'"Operation" must be one of getAll, export, but null was given',
		],
	] as never)(
		'is refused where it is missing or mistyped, with what is allowed (%s)',
		async (_, run, parameters, words) => {
			await expectRefused(run(parameters), [words]);
		},
	);

	test('may come from an expression in any form that can be understood', async () => {
		for (const returnAll of ['={{ "false" }}', '={{ "FALSE" }}', '={{ 0 }}', '={{ false }}']) {
			const { items } = await house.run.spirii(records({ returnAll, limit: 3 }));
			expect(items).toHaveLength(3);
		}
		for (const returnAll of ['={{ "TRUE" }}', '={{ 1 }}']) {
			const { items } = await house.run.spirii(records({ returnAll, limit: 3 }));
			expect(items).toHaveLength(house.spirii.data.listed('chargeRecords').length);
		}
	});
});

test('n8n is asked for what is inside of a choice from a list, and of no other: it would throw for one that is hidden', async () => {
	const read = jest.spyOn(ExecuteContext.prototype as never, '_getNodeParameter');
	await house.run.voltTime(voltTime({ filters: { dateFrom: '2026-01-01', dateTo: '2026-01-02' } }));
	const looksInside = (read.mock.calls as unknown[][]).filter(
		([, , , options]) => (options as { extractValue?: boolean } | undefined)?.extractValue,
	);
	expect(looksInside.map(([name]) => name)).toEqual(['teamId', 'chargerId']);
	read.mockRestore();
});

describe('a filter that was added', () => {
	test('and is left blank is not sent, and a hint names it', async () => {
		const { hints } = await house.run.spirii(
			transactions({ filters: { evseId: { __rl: true, mode: 'list', value: '' }, idTagUid: ' ' } }),
		);
		expect(house.spirii.requests[0].rawQuery).toBe('limit=50');
		expect(hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('"EVSE"'),
			expect.stringContaining('"ID Tag UID"'),
		]);
	});
});
