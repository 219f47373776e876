import { parse as parseCsv } from 'csv-parse/sync';
import { ExecuteContext } from 'n8n-core';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { columnNames } from '../../nodes/shared/session/columns';
import legacyRecord from '../../sandbox/examples/spirii.v1.chargeRecord.json';
import legacyRecords from '../../sandbox/examples/spirii.v1.chargeRecords.json';
import chargeRecords from '../../sandbox/examples/spirii.v2.chargeRecords.json';
import transactions from '../../sandbox/examples/spirii.v2.transactions.json';
import voltTimeTransactions from '../../sandbox/examples/voltTime.v2.transactions.json';
import { runEvCharging as run } from '../support/evCharging';
import { binaryOf } from '../support/n8n';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 40, transactionsPerCharger: 6, plain: true });

const jsonOf = (items: INodeExecutionData[]) => items.map(({ json }) => json);
const placesOf = ({ pairedItem }: INodeExecutionData) =>
	[pairedItem].flat().map((paired) => (paired as { item: number }).item);
const messagesOf = (hints: Array<{ message: string }>) => hints.map(({ message }) => message);
const numbers = (length: number) => Array.from({ length }, (_, index) => index);
const ascending = (one: number, other: number) => one - other;

const EVERYTHING = {
	columnGroups: ['address', 'commercial', 'origin', 'vehicle', 'change'],
	driverData: 'plain',
};
const ORIGIN = { columnGroups: ['origin'] };
const VOLT_TIME = { sessionSettings: { currency: 'EUR', vatRate: 21 } };

/** The lists of both vendors. */
const LISTS: Record<string, (parameters: INodeParameters) => Promise<INodeExecutionData[]>> = {
	'Spirii charge records': async (parameters) => await spirii('chargeRecord', parameters),
	'Spirii transactions': async (parameters) => await spirii('transaction', parameters),
	'Spirii v1 charge records': async (parameters) => await spirii('legacyChargeRecord', parameters),
	'Volt Time transactions': async (parameters) =>
		(
			await house.run.voltTime({
				resource: 'legacyTransaction',
				operation: 'getAll',
				teamId: '1142',
				chargerScope: 'all',
				returnAll: true,
				...parameters,
			})
		).items,
};

async function spirii(resource: string, parameters: INodeParameters): Promise<INodeExecutionData[]> {
	return (await house.run.spirii({ resource, operation: 'getAll', returnAll: true, ...parameters })).items;
}

/** What the lists hold, read once. */
const raw: Record<string, IDataObject[]> = {};
/** Finished and running sessions of both vendors: as they are sent, and as rows with everything. */
let records: IDataObject[];
let rows: IDataObject[];

beforeAll(async () => {
	const read = async (name: string, parameters: INodeParameters = {}) =>
		jsonOf(await LISTS[name](parameters));
	for (const name of Object.keys(LISTS)) raw[name] = await read(name);
	records = [...raw['Spirii transactions'], ...raw['Volt Time transactions']];
	const settings = { output: 'simplified', ...EVERYTHING, ...VOLT_TIME };
	rows = [
		...(await read('Spirii transactions', settings)),
		...(await read('Volt Time transactions', settings)),
	];
});

describe('rows that come back from a spreadsheet or a database', () => {
	/** What becomes of a row's times in an Excel file that n8n extracts, and of its day in the database. */
	const ways: Record<string, (row: IDataObject) => IDataObject> = {
		'serials of Excel': (row) => ({
			...row,
			startedAt: serialOf(row.startedAt),
			endedAt: serialOf(row.endedAt),
			localDate: serialOf(row.localDate),
			billingMonth: serialOf(`${String(row.billingMonth)}-01`),
		}),
		'German dates': (row) => ({
			...row,
			localDate: String(row.localDate).split('-').reverse().join('.'),
			billingMonth: `01.${String(row.billingMonth).slice(5)}.${String(row.billingMonth).slice(0, 4)}`,
			isRoaming: row.isRoaming ? 'WAHR' : 'FALSCH',
		}),
		'days as dates of the database': (row) => ({
			...row,
			localDate: new Date(`${String(row.localDate)}T00:00:00`) as unknown as string,
		}),
	};
	const serialOf = (day: unknown) => Date.parse(String(day)) / 86_400_000 + 25_569;

	test.each(Object.keys(ways))('give the same sums and statements with %s', async (way) => {
		const ended = rows.filter(({ status, isRoaming }) => status === 'completed' && isRoaming !== null);
		const changed = ended.map(ways[way]);
		expect(changed).not.toHaveLength(0);
		for (const parameters of [
			{ operation: 'summarize', groupBy: ['billingMonth', 'localDate', 'isRoaming'] },
			{ operation: 'reimburse', priceCurrency: 'EUR', sites: 'all', priceFrom: 'fixed', pricePerKwh: 0.34 },
		]) {
			const [before, after] = [await run(parameters, ended), await run(parameters, changed)];
			expect(jsonOf(after.items)).toEqual(jsonOf(before.items));
			expect(messagesOf(after.hints)).toEqual(messagesOf(before.hints));
		}
	});

	test('say how many of them hold a day or a time that cannot be read', async () => {
		const ended = rows.filter(({ status }) => status === 'completed').slice(0, 5);
		const changed = ended.map((row, index) => {
			if (index === 0) return { ...row, updatedAt: '01/02/2026' };
			if (index === 1) return { ...row, updatedAt: '?' };
			return { ...row, billingMonth: 'Okt 26' };
		});
		for (const operation of ['normalize', 'summarize', 'export']) {
			const { hints } = await run({ operation }, changed);
			expect(messagesOf(hints)).toEqual([
				'In 3 rows the day or the month could not be read: it was filled in from start and end, as "Session Settings" say.',
				'In 1 row a date such as 01/02/2026 could have the day or the month first, and no other date tells which, or it contradicts the others of its row: it is left empty, or filled in from start and end. Write dates as 2026-02-01 in what the rows come from.',
				'In 1 row a time, day or month could not be read: it is left empty.',
				...(operation === 'summarize'
					? [
							'2 sessions are doubtful, and added up (date-ambiguous: 1; time-unreadable: 1). The lines count them in sessionsDoubtful. To leave them out, add the option "Doubtful Sessions".',
						]
					: []),
			]);
		}
		const { items } = await run({ operation: 'normalize' }, changed);
		expect(items.map(({ json }) => json.billingMonth)).toEqual(ended.map(({ billingMonth }) => billingMonth));
	});
});

describe('normalize', () => {
	test.each(Object.keys(LISTS))('makes of %s the rows that the node of the vendor gives', async (name) => {
		for (const settings of [
			{},
			{ ...EVERYTHING, ...VOLT_TIME },
			{ driverData: 'masked' },
		] as INodeParameters[]) {
			const parameters = { output: 'simplified', ...settings };
			const expected = jsonOf(await LISTS[name](parameters));
			const { items, hints } = await run({ operation: 'normalize', ...parameters }, raw[name]);
			expect(items.length).toBeGreaterThan(10);
			expect(jsonOf(items)).toEqual(expected);
			expect(items.map(placesOf)).toEqual(numbers(items.length).map((place) => [place]));
			// Of all groups at once, some are empty at each vendor, and the table does not show them all.
			const known =
				/of "More Columns".* (is|are) in none of \d+ sessions|^The table shows the first 40 columns/;
			const others = messagesOf(hints).filter((hint) => !('columnGroups' in settings && known.test(hint)));
			expect(others).toEqual([]);
		}
	});

	test.each(Object.keys(LISTS))('makes of %s the OCPI that the node of the vendor gives', async (name) => {
		for (const version of ['2.2.1', '2.3.0']) {
			const parameters = { output: 'ocpi', ocpiVersion: version, driverData: 'plain', ...VOLT_TIME };
			const expected = jsonOf(await LISTS[name](parameters));
			const { items } = await run({ operation: 'normalize', ...parameters }, raw[name]);
			expect(jsonOf(items)).toEqual(expected);
			expect(items.map(placesOf)).toEqual(numbers(items.length).map((place) => [place]));
		}
	});

	test('leaves rows as they are, also among records, and keeps the order of the items', async () => {
		const mixed = records.map((record, index) => (index % 3 === 0 ? rows[index] : record)).reverse();
		const { items } = await run({ operation: 'normalize', ...EVERYTHING, ...VOLT_TIME }, mixed);
		expect(jsonOf(items)).toEqual([...rows].reverse());
		expect(items.map(placesOf)).toEqual(numbers(mixed.length).map((place) => [place]));
	});

	test('gives the columns of every row when nothing is set, and no personal data', async () => {
		const { items } = await run({}, rows);
		for (const { json } of items) expect(Object.keys(json)).toEqual(columnNames([]));
		const names = rows.map(({ tokenUid }) => tokenUid as string | null).filter((name) => name !== null);
		expect(names.length).toBeGreaterThan(30);
		expect(names.filter((name) => JSON.stringify(items).includes(name))).toEqual([]);
	});

	test('names records of no known shape, and gives their rows all the same', async () => {
		const { items } = await run({ operation: 'normalize', ...ORIGIN }, [{ hello: 'world' }, records[0]]);
		expect(items[0].json).toMatchObject({
			source: null,
			sessionKey: null,
			warnings: 'id-missing;record-unknown',
		});
		expect(items[1].json).toMatchObject({ source: 'spirii' });
		expect(Object.keys(items[0].json)).toEqual(columnNames(['origin']));
	});
});

describe('every documented record', () => {
	const KINDS: Array<[string, string, IDataObject[]]> = [
		['spiriiChargeRecord', '/v2/charge-records', chargeRecords.data],
		['spiriiTransaction', '/v2/transactions', transactions.data],
		['spiriiLegacyChargeRecord', '/v1/charge-records', [...legacyRecords.data, legacyRecord]],
		[
			'voltTimeLegacyTransaction',
			'/api/v2/teams/{team_id}/chargers/{charger_id}/transactions',
			voltTimeTransactions.data,
		],
	];

	test.each(KINDS)('of %s is recognised as itself and as no other', async (kind, endpoint, examples) => {
		const recognised = await run({ operation: 'normalize', ...EVERYTHING }, examples);
		expect(recognised.items.map(({ json }) => json.endpoint)).toEqual(examples.map(() => endpoint));
		expect(recognised.items.every(({ json }) => typeof json.sessionKey === 'string')).toBe(true);
		const told = await run({ operation: 'normalize', recordKind: kind, ...EVERYTHING }, examples);
		expect(jsonOf(told.items)).toEqual(jsonOf(recognised.items));
	});

	test('is recognised in any company', async () => {
		const all = KINDS.flatMap(([, endpoint, examples]) => examples.map((example) => ({ endpoint, example })));
		for (const order of [all, [...all].reverse()]) {
			const { items } = await run(
				{ operation: 'normalize', ...ORIGIN },
				order.map(({ example }) => example),
			);
			expect(items.map(({ json }) => json.endpoint)).toEqual(order.map(({ endpoint }) => endpoint));
		}
	});

	test('is what it is told to be, where its shape says nothing', async () => {
		const bare = { id: 7, consumed: 3.5, price: { amount: '1,75', currency: 'DKK' } };
		const [unknown] = jsonOf((await run({ operation: 'normalize', ...ORIGIN }, [bare])).items);
		expect(unknown).toMatchObject({ source: null, energyKwh: null });
		const [told] = jsonOf(
			(await run({ operation: 'normalize', recordKind: 'spiriiLegacyChargeRecord' }, [bare])).items,
		);
		expect(told).toMatchObject({
			sessionKey: 'spirii:7',
			energyKwh: 3.5,
			amountInclVat: 1.75,
			currency: 'DKK',
		});
	});

	test('that is a row stays one, whatever it is told to be', async () => {
		const parameters = { operation: 'normalize', recordKind: 'voltTimeLegacyTransaction', ...EVERYTHING };
		expect(jsonOf((await run(parameters, rows)).items)).toEqual(rows);
	});
});

/** What a sum over rows must be, in cents and watt-hours. */
const addUp = (some: IDataObject[], column: string, unit: number) =>
	some.reduce((sum, row) => sum + Math.round(((row[column] as number | null) ?? 0) * unit), 0);

describe('summarize', () => {
	const parameters = {
		operation: 'summarize',
		groupBy: ['billingMonth', 'source', 'chargerId'],
		...VOLT_TIME,
	};
	// The one that runs is doubtful as well, by the clock of this machine.
	const doubtful = (count: number) =>
		expect.stringMatching(
			new RegExp(
				`^${count} sessions are doubtful, and added up \\(overlapping: ${count}(; time-implausible: 1)?\\)\\. The lines count them in sessionsDoubtful\\. To leave them out, add the option "Doubtful Sessions"\\.$`,
			),
		) as string;

	test('says of how many sessions none has ended', async () => {
		const running = rows.filter(({ status }) => status === 'ongoing');
		const { items, hints } = await run(parameters, running);
		expect(items).toEqual([]);
		expect(messagesOf(hints)).toContain(
			`0 of ${running.length} sessions have ended, so there is nothing to add up. To count running ones, add the option "Include Running Sessions".`,
		);
	});

	test('adds up the sessions that have ended, in lines that are paired with their items', async () => {
		const { items, hints } = await run(parameters, records);
		const ended = numbers(rows.length).filter((place) => rows[place].status === 'completed');
		expect(ended.length).toBeLessThan(rows.length);
		expect(messagesOf(hints)).toEqual(['1 session is still running and left out.', doubtful(5)]);
		expect(items.flatMap(placesOf).sort(ascending)).toEqual(ended);
		expect(items.length).toBeGreaterThan(10);
		for (const item of items) {
			const own = placesOf(item).map((place) => rows[place]);
			for (const name of [...parameters.groupBy, 'currency', 'vatRatePct']) {
				expect(new Set(own.map((row) => row[name]))).toEqual(new Set([item.json[name]]));
			}
			expect(item.json.sessions).toBe(own.length);
			for (const [column, unit] of [
				['amountInclVat', 100],
				['amountExclVat', 100],
				['energyKwh', 1000],
				['durationSeconds', 1],
			] as Array<[string, number]>) {
				expect(addUp([item.json], column, unit)).toBe(addUp(own, column, unit));
			}
		}
	});

	test('gives the same for records, for their rows, and for both mixed', async () => {
		const [first, ...others] = await Promise.all(
			[
				records,
				rows,
				records.map((record, index) => (index % 2 === 0 ? rows[index] : record)),
				// A row as a spreadsheet gives it back.
				rows.map((row) =>
					Object.fromEntries(
						Object.entries(row).map(([name, cell]) => [name, cell === null ? '' : String(cell)]),
					),
				),
			].map(async (input) => await run(parameters, input)),
		);
		for (const { items } of others) expect(items).toEqual(first.items);
	});

	test('counts running sessions when it is told to', async () => {
		const { items, hints } = await run({ ...parameters, options: { includeRunning: true } }, records);
		expect(items.flatMap(placesOf).sort(ascending)).toEqual(numbers(records.length));
		expect(messagesOf(hints)).toEqual([doubtful(6)]);
	});

	test('counts a session once, in its newest version, and says how many were left out', async () => {
		const old = { ...rows[0], amountInclVat: 999, updatedAt: '2020-01-01T00:00:00.000Z' };
		for (const input of [
			[old, ...rows, old],
			[...rows, old, old],
		]) {
			const { items, hints } = await run({ ...parameters, groupBy: [] }, input);
			const expected = await run({ ...parameters, groupBy: [] }, rows);
			expect(jsonOf(items)).toEqual(jsonOf(expected.items));
			expect(messagesOf(hints)).toContain(
				'2 items repeat a session: in each column the newest known value counts.',
			);
			expect(items.flatMap(placesOf).filter((place) => input[place] === old)).toEqual([]);
		}
	});

	test('keeps the price of a session of which a newer record tells none', async () => {
		const [priced] = rows.filter(({ amountInclVat }) => typeof amountInclVat === 'number');
		const unpriced = {
			...priced,
			...{ amountInclVat: null, amountExclVat: null, vatAmount: null, vatRatePct: null, currency: null },
			updatedAt: '2099-01-01T00:00:00.000Z',
		};
		const expected = await run(parameters, [priced]);
		for (const input of [
			[priced, unpriced],
			[unpriced, priced],
		]) {
			const { items } = await run(parameters, input);
			expect(jsonOf(items)).toEqual(jsonOf(expected.items));
		}
	});

	test('gives the same in any order, also where several lists have a session', async () => {
		const lists = ['Spirii charge records', 'Spirii transactions', 'Spirii v1 charge records'].map(
			(name) => raw[name],
		);
		const input = lists.flat();
		const [one, other] = await Promise.all(
			[input, [...input].reverse()].map(
				async (order) => await run({ ...parameters, groupBy: ['source'] }, order),
			),
		);
		expect(jsonOf(other.items)).toEqual(jsonOf(one.items));
	});

	test('leaves out what is no session, and says how many and what to do', async () => {
		const input = [{ hello: 'world' }, ...rows, {}];
		const { items, hints } = await run({ ...parameters, options: { includeRunning: true } }, input);
		expect(items.flatMap(placesOf).sort(ascending)).toEqual(numbers(rows.length).map((place) => place + 1));
		expect(messagesOf(hints)).toEqual([
			'2 items are not sessions that the node knows. They are left out. Set "Input" for records with few fields, and split pages of Get Page with "Split Out" on data first.',
			doubtful(6),
		]);
	});

	test('gives no line for no sessions', async () => {
		expect((await run(parameters, [])).items).toEqual([]);
		expect((await run(parameters, [{ a: 1 }])).items).toEqual([]);
	});
});

/** What the meter counted, in kWh. */
function meteredOf({ meterStartKwh: start, meterStopKwh: stop }: IDataObject): number | undefined {
	const isKnown = typeof start === 'number' && typeof stop === 'number';
	return isKnown ? Math.round((stop - start) * 1000) / 1000 : undefined;
}

describe('reimburse', () => {
	const fixed = {
		operation: 'reimburse',
		priceCurrency: 'EUR',
		sites: 'all',
		priceFrom: 'fixed',
		pricePerKwh: 0.34,
	};

	test('writes statements in which each session is once, paired with its items', async () => {
		for (const statementPer of ['driver', 'charger']) {
			const { items } = await run({ ...fixed, statementPer }, records);
			expect(items.flatMap(placesOf).sort(ascending)).toEqual(numbers(records.length));
			for (const item of items) {
				const own = placesOf(item).map((place) => rows[place]);
				expect((item.json.sessions as number) + (item.json.leftOut as number)).toBe(own.length);
				expect(new Set(own.map((row) => row.billingMonth))).toEqual(new Set([item.json.billingMonth]));
				// Whose a session is, is not known of each; then it is in nobody's statement.
				const isSomeones = item.json[statementPer] !== null;
				const paid = own
					.map((row) => ({ ...row, energyKwh: meteredOf(row) ?? row.energyKwh }) as IDataObject)
					.filter(
						({ status, energyKwh, warnings }) =>
							isSomeones &&
							status === 'completed' &&
							(energyKwh as number) > 0 &&
							!/meter-mismatch|invalid-by-vendor|overlapping/.test(warnings as string),
					);
				expect(item.json.sessions).toBe(paid.length);
				const wattHours = addUp(paid, 'energyKwh', 1000);
				expect(addUp([item.json], 'energyKwh', 1000)).toBe(wattHours);
				// Within half a cent, and in whole cents.
				expect(Math.abs(addUp([item.json], 'amount', 100_000) - wattHours * 34)).toBeLessThanOrEqual(500);
				expect(Number.isInteger(addUp([item.json], 'amount', 100_000) / 1000)).toBe(true);
				expect(item.json.currency).toBe(paid.length > 0 ? 'EUR' : null);
			}
		}
	});

	test('gives the same for records and for their rows', async () => {
		const fromRecords = await run({ ...fixed, ...VOLT_TIME }, records);
		expect((await run(fixed, rows)).items).toEqual(fromRecords.items);
	});

	test('pays for listed sites only, and names why others were left out', async () => {
		const { locationId } = rows.find(({ status, energyKwh }) => status === 'completed' && energyKwh)!;
		const { items } = await run(
			{ ...fixed, sites: 'listed', siteIds: ` nowhere , ${locationId as string},` },
			records,
		);
		const paid = items.reduce((sum, { json }) => sum + (json.sessions as number), 0);
		expect(paid).toBeGreaterThan(0);
		expect(paid).toBe(
			rows.filter((row) => row.locationId === locationId && row.status === 'completed' && row.energyKwh)
				.length,
		);
		expect(items.some(({ json }) => /^other-site: \d+/.test(json.leftOutReasons as string))).toBe(true);
	});

	test('pays for the sites that the vendor marks, at the price of each session', async () => {
		const { items } = await run({ ...fixed, sites: 'marked', priceFrom: 'record' }, records);
		const marked = rows.filter(
			({ reimbursable, status, energyKwh, pricePerKwh }) =>
				reimbursable && status === 'completed' && energyKwh && pricePerKwh !== null,
		);
		expect(marked.length).toBeGreaterThan(0);
		expect(items.reduce((sum, { json }) => sum + (json.sessions as number), 0)).toBe(marked.length);
		const cents = marked.reduce(
			(sum, row) => sum + (row.energyKwh as number) * (row.pricePerKwh as number) * 100,
			0,
		);
		// Each statement is rounded to the cent.
		expect(Math.abs(addUp(jsonOf(items), 'amount', 100) - cents)).toBeLessThanOrEqual(items.length / 2);
	});

	test.each(['Europe/Copenhagen', 'America/New_York', 'Pacific/Auckland'])(
		'has the price of the day, as the calendar has it, in a workflow in %s',
		async (timezone) => {
			const at = (id: number, endedAt: string) => ({
				transactionId: id,
				startedAt: '2026-03-01T00:00:00Z',
				endedAt,
				consumed: 10,
				chargeBoxId: 5,
				// The sessions are at one time.
				evseId: `DK*SPI*E1*${id}`,
				location: { id: 1, timezone: 'Europe/Amsterdam' },
				auth: { idTag: { uid: 'TAG' } },
			});
			const price = [
				{ from: '2026-03-16T00:00:00', perKwh: 0.36 },
				{ from: '2026-03-10', perKwh: '0,30' },
			];
			const { items } = await run(
				{ ...fixed, priceFrom: 'list', priceList: { price }, statementPer: 'charger' },
				[
					at(1, '2026-03-09T22:59:59Z'),
					at(2, '2026-03-09T23:00:00Z'),
					at(3, '2026-03-15T22:59:59Z'),
					at(4, '2026-03-15T23:00:00Z'),
				],
				{ timezone },
			);
			const byPrice = items.map(({ json }) => [
				json.pricePerKwh,
				json.sessions,
				json.amount,
				json.leftOutReasons,
			]);
			expect(byPrice).toContainEqual([0.3, 2, 6, expect.any(String)]);
			expect(byPrice).toContainEqual([0.36, 1, 3.6, expect.any(String)]);
			expect(byPrice.map(([, , , reasons]) => reasons).sort()).toEqual(['', 'no-price: 1']);
		},
	);

	test('lists the sessions of each statement when it is told to', async () => {
		const parameters = { ...fixed, statementPer: 'charger' };
		const bare = await run(parameters, records);
		const listed = await run({ ...parameters, options: { includeSessions: true } }, records);
		expect(bare.items.every(({ json }) => !('sessionList' in json))).toBe(true);
		for (const item of listed.items) {
			const { sessionList, ...statement } = item.json as { sessionList: IDataObject[] };
			expect(bare.items.map(({ json }) => json)).toContainEqual(statement);
			expect(sessionList.map(({ sessionKey }) => sessionKey).sort()).toEqual(
				placesOf(item)
					.map((place) => rows[place].sessionKey)
					.sort(),
			);
		}
	});

	test('says what to do where no session is at a site to pay for, and can leave out empty statements', async () => {
		const elsewhere = { ...fixed, sites: 'listed', siteIds: 'nowhere' };
		const { items, hints } = await run(elsewhere, rows);
		expect(items.length).toBeGreaterThan(0);
		expect(items.every(({ json }) => json.sessions === 0 && json.amount === 0)).toBe(true);
		expect(messagesOf(hints)).toEqual([
			`0 of ${rows.length} sessions were at one of the sites to pay for. Check "Site IDs" and "Sites to Pay For".`,
		]);
		expect((await run({ ...elsewhere, options: { leaveOutEmpty: true } }, rows)).items).toEqual([]);
	});

	test('says what to do where no session says whose it is', async () => {
		const anonymous = jsonOf((await run({ operation: 'normalize' }, records)).items);
		const { items, hints } = await run(fixed, anonymous);
		expect(messagesOf(hints)).toEqual([
			'No session says whose it is. Set "Driver Data" to "Plain" or "Hashed" in the node that reads the sessions, or write statements per charger.',
			expect.stringMatching(
				/^0 of \d+ sessions are paid for\. Left out: doubtful: \d+; no-owner: \d+; running: 1\.$/,
			),
			expect.stringMatching(
				/^\d+ sessions are left out: The record contradicts itself in energy or time, or overlaps/,
			),
		]);
		expect(items.every(({ json }) => json.sessions === 0)).toBe(true);
		for (const more of [
			await run({ ...fixed, statementPer: 'charger' }, anonymous),
			await run(fixed, rows),
		]) {
			expect(messagesOf(more.hints).filter((message) => message.includes('whose it is'))).toEqual([]);
		}
	});
});

/** The lines of a CSV file, the header first, all cells as text. */
const parse = (text: string, delimiter = ',') =>
	parseCsv(text, { delimiter, record_delimiter: '\r\n' }) as unknown as string[][];

const textsOf = async (items: INodeExecutionData[]) =>
	await Promise.all(items.map(async (item) => (await binaryOf(item)).toString()));

describe('export', () => {
	const groups = ['address', 'commercial', 'vehicle'];
	const parameters = { operation: 'export', columnGroups: groups, driverData: 'plain', ...VOLT_TIME };

	test.each(['records', 'rows'])('of %s gives one CSV file with the same rows, in order', async (what) => {
		const { items, hints } = await run(parameters, what === 'rows' ? rows : records);
		expect(items).toHaveLength(1);
		const [{ json, binary }] = items;
		const [text] = await textsOf(items);
		expect(json).toEqual({
			fileName: 'charging-sessions.csv',
			mimeType: 'text/csv',
			bytes: Buffer.byteLength(text),
			part: 1,
			rows: rows.length,
		});
		expect(binary!.data).toMatchObject({ fileName: 'charging-sessions.csv', mimeType: 'text/csv' });
		const [head, ...lines] = parse(text);
		expect(head).toEqual(columnNames(['address', 'commercial', 'vehicle', 'driver']));
		expect(lines).toEqual(
			rows.map((row) => head.map((name) => (row[name] === null ? '' : String(row[name] as string)))),
		);
		expect(placesOf(items[0])).toEqual(numbers(rows.length));
		expect(hints).toEqual([]);
	});

	test('has the print of each row as the row has it, so that it can be compared', async () => {
		const { items } = await run({ ...parameters, columnGroups: [...groups, 'change'] }, rows);
		const [head, ...lines] = parse((await textsOf(items))[0]);
		const column = head.indexOf('rowHash');
		expect(lines.map((line) => line[column])).toEqual(rows.map(({ rowHash }) => rowHash));
	});

	test.each([
		['CSV', { fileFormat: 'csv' }, 7],
		['CSV, an even number of times', { fileFormat: 'csv' }, 8],
		['CSV, one session a file', { fileFormat: 'csv' }, 1],
		['NDJSON', { fileFormat: 'ndjson' }, 7],
	])('into several files of %s: complete, in order, nothing doubled', async (_, format, perFile) => {
		const some = rows.slice(0, 24);
		const { items } = await run({ ...parameters, ...format, perFile, fileName: 'june.csv' }, some);
		const isCsv = format.fileFormat === 'csv';
		const count = Math.ceil(some.length / perFile);
		expect(jsonOf(items)).toEqual(
			numbers(count).map((index) => ({
				fileName: `june-${index + 1}.${format.fileFormat}`,
				mimeType: isCsv ? 'text/csv' : 'application/x-ndjson',
				bytes: expect.any(Number) as number,
				part: index + 1,
				rows: Math.min(perFile, some.length - index * perFile),
			})),
		);
		const keys = (await textsOf(items)).map((text) => {
			if (!isCsv) {
				return text
					.split('\n')
					.slice(0, -1)
					.map((line) => (JSON.parse(line) as IDataObject).sessionKey);
			}
			const [head, ...lines] = parse(text);
			expect(head.slice(0, 3)).toEqual(['startedAt', 'endedAt', 'energyKwh']);
			return lines.map((line) => line[head.indexOf('sessionKey')]);
		});
		expect(keys.flat()).toEqual(some.map(({ sessionKey }) => sessionKey));
		items.forEach((item, index) => {
			expect(placesOf(item).map((place) => some[place].sessionKey)).toEqual(keys[index]);
		});
	});

	test('into a file that is exactly full makes no empty one after it', async () => {
		const { items } = await run({ ...parameters, perFile: 10 }, rows.slice(0, 10));
		expect(jsonOf(items)).toMatchObject([{ fileName: 'charging-sessions.csv', part: 1, rows: 10 }]);
	});

	test('has the delimiter, the decimal mark, the mark of its encoding and the columns that are set', async () => {
		const csvSettings = {
			byteOrderMark: true,
			csvDelimiter: 'semicolon',
			decimalMark: ',',
			csvHeaders: {
				header: [
					{ field: 'energyKwh', name: 'Energie; kWh' },
					{ field: ' locationName ', name: '' },
					{ field: 'isRoaming', name: '+roaming' },
				],
			},
		};
		const chosenColumns = ['energyKwh', 'locationName', 'isRoaming'];
		const { items } = await run({ ...parameters, columns: 'choose', chosenColumns, csvSettings }, rows);
		const bytes = await binaryOf(items[0]);
		expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
		const [head, ...lines] = parse(bytes.subarray(3).toString(), ';');
		expect(head).toEqual(['Energie; kWh', 'locationName', "'+roaming"]);
		const written = (energy: unknown) => (energy === null ? '' : String(energy as number).replace('.', ','));
		expect(lines).toEqual(
			rows.map(({ energyKwh, locationName, isRoaming }) => [
				written(energyKwh),
				locationName ?? '',
				isRoaming === null ? '' : String(isRoaming as boolean),
			]),
		);
		expect(lines.some(([energy]) => energy.includes(','))).toBe(true);
	});

	test.each([
		['comma', ','],
		['semicolon', ';'],
		['tab', '\t'],
		['pipe', '|'],
	])('keeps awkward text whole, with a %s between cells', async (csvDelimiter, delimiter) => {
		const awkward = [
			'a, b; c\td|e "quoted"',
			'two\r\nlines',
			' spaced ',
			'ø 💥 \u0000',
			'=HYPERLINK("http://x","y")',
			'-5,00',
			'-alert',
			'+45 12 34 56 78',
		];
		const { items } = await run(
			{ ...parameters, csvSettings: { csvDelimiter } },
			awkward.map((locationName, index) => ({ ...rows[index], locationName })),
		);
		const [head, ...lines] = parse((await textsOf(items))[0], delimiter);
		const column = head.indexOf('locationName');
		expect(lines.map((line) => line[column])).toEqual([
			...awkward.slice(0, 4),
			`'${awkward[4]}`,
			'-5,00',
			"'-alert",
			"'+45 12 34 56 78",
		]);
	});

	test('of OCPI is NDJSON, one object a line, the same as normalize gives', async () => {
		const ocpi = { output: 'ocpi', driverData: 'plain', ...VOLT_TIME };
		// A file format that was set before the output is not read: it is not on the canvas any more.
		const { items } = await run({ operation: 'export', ...ocpi, fileFormat: 'csv' }, records);
		expect(items[0].json).toMatchObject({
			fileName: 'charging-sessions.ndjson',
			mimeType: 'application/x-ndjson',
			rows: records.length,
		});
		const [text] = await textsOf(items);
		expect(text.endsWith('\n')).toBe(true);
		const objects = text
			.slice(0, -1)
			.split('\n')
			.map((line) => JSON.parse(line) as IDataObject);
		expect(objects).toEqual(jsonOf((await run({ operation: 'normalize', ...ocpi }, records)).items));
	});

	test('of nothing gives one file with a header and no lines', async () => {
		const { items } = await run({ operation: 'export' }, []);
		expect(items).toHaveLength(1);
		expect(items[0].json).toMatchObject({ fileName: 'charging-sessions.csv', part: 1, rows: 0 });
		expect(await textsOf(items)).toEqual([`${columnNames([]).join(',')}\r\n`]);
		expect(placesOf(items[0])).toEqual([]);
		const ndjson = await run({ operation: 'export', fileFormat: 'ndjson' }, []);
		expect(await textsOf(ndjson.items)).toEqual(['']);
	});

	test('leaves the driver out unless it is told otherwise, and masks', async () => {
		const of = async (driverData?: string) =>
			(await textsOf((await run({ operation: 'export', ...(driverData && { driverData }) }, rows)).items))[0];
		const uid = rows[0].tokenUid as string;
		expect(await of()).not.toContain(uid);
		const masked = await of('masked');
		expect(masked).not.toContain(uid);
		expect(masked).toContain(`****${uid.slice(-4)}`);
		expect(await of('plain')).toContain(uid);
	});
});

describe('a parameter that cannot be used is refused, by its name, with what to do', () => {
	const reimburse = { operation: 'reimburse', priceCurrency: 'EUR', sites: 'all', pricePerKwh: 0.34 };
	const list = (...price: IDataObject[]): INodeParameters =>
		({ ...reimburse, priceFrom: 'list', priceList: { price } }) as INodeParameters;
	const column = (field: string): INodeParameters => ({
		operation: 'export',
		csvSettings: { csvHeaders: { header: [{ field, name: '' }] } },
	});

	test.each<[INodeParameters, string, string]>([
		[
			{ ...reimburse, priceCurrency: 'Euro' },
			'"Price Currency" must be an ISO 4217 code of three letters, but "Euro" was given',
			'Correct "Price Currency", for example to EUR.',
		],
		[{ ...reimburse, priceCurrency: ' ' }, '"Price Currency" must not be empty', 'Fill in "Price Currency"'],
		[list(), '"Price List" has no price', 'Add a price with the day from which it counts.'],
		[
			list({ from: '2026-01-01', perKwh: 'cheap' }),
			'The price per kWh in "Price List" must be a number of at least -1, but "cheap" was given',
			'Correct the price in "Price List".',
		],
		[
			list({ from: '2026-01-01', perKwh: -1.01 }),
			'The price per kWh in "Price List" must be a number of at least -1, but -1.01 was given',
			'Correct the price in "Price List".',
		],
		[
			list({ from: '2026-01-01', perKwh: '' }),
			'The price per kWh in "Price List" must be a number of at least -1, but "" was given',
			'Correct the price in "Price List".',
		],
		[
			list({ from: '31.02.2026', perKwh: 0.3 }),
			'"From" in "Price List" must be a date such as 2026-01-31 or 2026-01-31T08:00:00Z, but "31.02.2026" was given',
			'Pick the date',
		],
		[
			{ ...reimburse, pricePerKwh: -1 },
			'"Price per kWh" must be a number of at least 0, but -1 was given',
			'Correct',
		],
		[
			{ operation: 'reimburse', priceCurrency: 'EUR', sites: 'listed' },
			'"Site IDs" must not be empty',
			'Fill in "Site IDs"',
		],
		[
			{ ...reimburse, sites: 'some' },
			'"Sites to Pay For" must be one of all, listed, marked, but "some" was given',
			'Correct',
		],
		[
			{ operation: 'summarize', sessionSettings: { currency: 'Euro' } },
			'"Currency" must be an ISO 4217 code of three letters, but "Euro" was given',
			'Correct "Currency", for example to EUR.',
		],
		[
			{ operation: 'normalize', sessionSettings: { sessionTimezone: 'Amsterdam' } },
			'"Time Zone" must be a name such as Europe/Amsterdam, but "Amsterdam" was given',
			'Correct "Time Zone"',
		],
		[
			{ operation: 'normalize', output: 'ocpi', sessionSettings: { operatorCountryCode: 'DNK' } },
			'"Operator Country Code" must be two letters, but "DNK" was given',
			'for example to DK.',
		],
		[
			column('energy'),
			'"Headers" names the column "energy", which the file does not have',
			'Write the name as it is in the output',
		],
		[
			column(''),
			'"Headers" names the column "", which the file does not have',
			'Write the name as it is in the output',
		],
		[
			column('tariffId'),
			'"Headers" names the column "tariffId", which the file does not have',
			'add the column in "Columns"',
		],
		[
			{ operation: 'export', perFile: 0 },
			'"Sessions per File" must be a whole number from 1 to 1000000, but 0 was given',
			'Correct',
		],
		[{ recordKind: 'monta' }, expect.stringContaining('"Input" must be one of auto, ') as string, 'Correct'],
		// A list from an expression holds what the picker offers, or it is a slip.
		[
			{ operation: 'reimburse', priceCurrency: 'EUR', sites: 'all', pricePerKwh: 0 },
			'"Price per kWh" is 0, so there would be nothing to pay',
			'Set "Price per kWh"',
		],
		[
			{ operation: 'reimburse', priceCurrency: 'EUR', sites: 'listed', siteIds: ' , ', pricePerKwh: 0.3 },
			'"Site IDs" names no site',
			'Write the IDs of locations, chargers or EVSEs',
		],
		[
			{
				operation: 'reimburse',
				priceCurrency: 'EUR',
				sites: 'all',
				priceFrom: 'list',
				priceList: {
					price: [
						{ from: '2026-01-01', perKwh: 0.3 },
						{ from: '2026-01-01T00:00:00', perKwh: 0.5 },
					],
				},
			},
			'"Price List" has two prices from 2026-01-01 on',
			'Remove one of them',
		],
		[
			{ operation: 'summarize', groupBy: '={{ ["costCentre"] }}' },
			expect.stringContaining('"Group By" names ') as string,
			'',
		],
		[
			{ operation: 'summarize', groupBy: '={{ ["__proto__"] }}' },
			expect.stringContaining('"Group By" names ') as string,
			'',
		],
		[
			{ operation: 'normalize', columnGroups: '={{ ["drivers"] }}' },
			expect.stringContaining('"More Columns" has no group') as string,
			'',
		],
	])('%j', async (parameters, message, advice) => {
		const failure = await failureOf(run(parameters, rows));
		expect(failure).toMatchObject({ message, cause: 'configuration-invalid' });
		expect(failure.description).toContain(advice);
	});
});

describe('a parameter that is not on the canvas is not read', () => {
	const broken = "={{ $('No such node').first().json.price }}";

	test.each<[string, INodeParameters, INodeParameters]>([
		[
			'Price per kWh, with prices of the record',
			{ operation: 'reimburse', priceCurrency: 'EUR', sites: 'all', pricePerKwh: broken },
			{ priceFrom: 'record' },
		],
		[
			'Price List, with prices of the record',
			{
				operation: 'reimburse',
				priceCurrency: 'EUR',
				sites: 'all',
				priceFrom: 'list',
				priceList: { price: [{ from: broken, perKwh: 1 }] },
			},
			{ priceFrom: 'record' },
		],
		[
			'Price Currency, with prices of the record',
			{ operation: 'reimburse', sites: 'all', pricePerKwh: 1, priceCurrency: broken },
			{ priceFrom: 'record' },
		],
		[
			'Site IDs, with all sites',
			{ operation: 'reimburse', priceCurrency: 'EUR', sites: 'listed', siteIds: broken, pricePerKwh: 1 },
			{ sites: 'all' },
		],
		[
			'CSV Settings, in NDJSON',
			{ operation: 'export', csvSettings: { csvDelimiter: broken } },
			{ fileFormat: 'ndjson' },
		],
		['File Format, in OCPI', { operation: 'export', fileFormat: broken }, { output: 'ocpi' }],
		['More Columns, in OCPI', { operation: 'normalize', columnGroups: broken }, { output: 'ocpi' }],
		[
			'OCPI Version, in rows',
			{ operation: 'normalize', output: 'ocpi', ocpiVersion: broken },
			{ output: 'simplified' },
		],
		[
			'Group By, when it is not summarized',
			{ operation: 'summarize', groupBy: broken },
			{ operation: 'normalize' },
		],
	])('%s', async (_, shown, hidden) => {
		await expect(run(shown, rows)).rejects.toThrow();
		const { items } = await run({ ...shown, ...hidden }, rows);
		expect(items.length).toBeGreaterThan(0);
	});
});

describe('with Continue On Fail', () => {
	test.each<[string, INodeParameters]>([
		['normalize', { sessionSettings: { currency: 'Euro' } }],
		['summarize', { sessionSettings: { currency: 'Euro' } }],
		['reimburse', { sites: 'all', priceCurrency: 'Euro' }],
		['export', { csvSettings: { csvHeaders: { header: [{ field: 'nope' }] } } }],
	])('%s gives one item that says what is wrong, paired with all items', async (operation, wrong) => {
		const { items, hints } = await run({ operation, ...wrong }, rows, { continueOnFail: true });
		expect(items).toHaveLength(1);
		expect(items[0].json).toEqual({
			error: expect.stringMatching(/^"(Currency|Price Currency|Headers)" /) as string,
			message: expect.stringMatching(/\.|…$/) as string,
		});
		expect(placesOf(items[0])).toEqual(numbers(rows.length));
		expect(hints).toEqual([]);
	});
});

/** A session at Spirii that ended at 23:30 in UTC on the last day of January. */
const sessionOf = (transactionId: number, more: IDataObject = {}): IDataObject => ({
	transactionId,
	startedAt: '2026-01-31T22:30:00.000Z',
	endedAt: '2026-01-31T23:30:00.000Z',
	updatedAt: '2026-01-31T23:31:00.000Z',
	consumed: 100,
	price: { amount: 100 },
	auth: { idTag: { uid: `TAG-${transactionId}` } },
	...more,
});

/** Of one charger, and each session on a socket of its own: they are at one time. */
const socket = (id: number) => ({ chargeBoxId: 5, evseId: `DK*SPI*E1*${id}` });

describe('normalize takes the parameters of each item from this item', () => {
	const settings = {
		sessionTimezone: '={{ $json.zone }}',
		currency: '={{ $json.valuta }}',
		vatRate: '={{ $json.vat }}',
		pricesIncludeVat: '={{ $json.gross }}',
	};
	const parameters = { operation: 'normalize', sessionSettings: settings };
	const danish = { zone: 'UTC', valuta: 'DKK', vat: 25, gross: 'TRUE' };
	const german = { zone: 'Europe/Berlin', valuta: 'EUR', vat: '19', gross: true };

	test('currency, VAT rate and time zone', async () => {
		const { items } = await run(parameters, [
			sessionOf(1, danish),
			sessionOf(2, german),
			sessionOf(3, danish),
		]);
		const ofDanish = { currency: 'DKK', vatRatePct: 25, amountExclVat: 80, billingMonth: '2026-01' };
		expect(jsonOf(items)).toMatchObject([
			ofDanish,
			{ currency: 'EUR', vatRatePct: 19, amountExclVat: 84.03, billingMonth: '2026-02' },
			ofDanish,
		]);
		expect(items.map(placesOf)).toEqual([[0], [1], [2]]);
	});

	test('kind of record, columns and operator', async () => {
		const bare = { id: 7, consumed: 3.5, price: { amount: '1,75', currency: 'DKK' } };
		const kinds = await run({ operation: 'normalize', recordKind: '={{ $json.kind }}' }, [
			{ ...bare, kind: 'spiriiLegacyChargeRecord' },
			{ ...bare, kind: 'auto' },
		]);
		expect(jsonOf(kinds.items).map(({ sessionKey }) => sessionKey)).toEqual(['spirii:7', null]);
		const columns = await run({ operation: 'normalize', columnGroups: '={{ $json.groups }}' }, [
			sessionOf(1, { groups: ['vehicle'] }),
			sessionOf(2, { groups: 'address' }),
		]);
		expect(jsonOf(columns.items).map((row) => Object.keys(row))).toEqual([
			columnNames(['vehicle']),
			columnNames(['address']),
		]);
		const ocpi = {
			operation: 'normalize',
			output: 'ocpi',
			sessionSettings: { operatorCountryCode: '={{ $json.land }}' },
		};
		const { items } = await run(ocpi, [sessionOf(1, { land: 'DK' }), sessionOf(2, { land: 'de' })]);
		expect(jsonOf(items).map(({ country_code }) => country_code)).toEqual(['DK', 'DE']);
	});

	test('and finds units out for all records of a kind together', async () => {
		// One as a total fits 50 seconds as well as a minute. The others are in minutes.
		const hour = { duration: { total: 60, charging: 30 } };
		const short = { startedAt: '2026-01-31T23:29:10.000Z', duration: { total: 1, charging: 1 } };
		const chargingSeconds = async (...records: IDataObject[]) =>
			jsonOf((await run(parameters, records)).items).map((row) => row.chargingSeconds);
		expect(await chargingSeconds(sessionOf(1, { ...short, ...danish }))).toEqual([1]);
		expect(
			await chargingSeconds(
				sessionOf(1, { ...short, ...danish }),
				sessionOf(2, { ...hour, ...german }),
				sessionOf(3, { ...hour, ...danish }),
			),
		).toEqual([60, 1800, 1800]);
	});

	test.each(Object.keys(LISTS))('and gives the same for %s where all items have the same', async (name) => {
		const same = await run({ operation: 'normalize', ...EVERYTHING, ...VOLT_TIME }, raw[name]);
		const each = await run(
			{
				operation: 'normalize',
				...EVERYTHING,
				sessionSettings: { currency: '={{ $json.none ?? "EUR" }}', vatRate: '={{ $json.none ?? 21 }}' },
			},
			raw[name],
		);
		expect(each.items).toEqual(same.items);
	});

	test('and ends with the first item whose value is bad, and says which one it is', async () => {
		const bad = [sessionOf(1, danish), sessionOf(2, { ...german, valuta: 'Euro' })];
		expect(await failureOf(run(parameters, bad))).toMatchObject({
			message: '"Currency" must be an ISO 4217 code of three letters, but "Euro" was given',
			itemIndex: 1,
			cause: 'configuration-invalid',
		});
		const blank = [sessionOf(1, danish), sessionOf(2, german), sessionOf(3, { ...german, vat: '' })];
		expect(await failureOf(run(parameters, blank))).toMatchObject({
			message: 'The expression of "VAT Rate (%)" must give a value, but it gives "" for item 3',
			itemIndex: 2,
		});
	});

	test('and with Continue On Fail gives an error for each such item, and the rows of the others', async () => {
		const { items, hints } = await run(
			parameters,
			[
				sessionOf(1, { ...danish, zone: 'Amsterdam' }),
				sessionOf(2, german),
				sessionOf(3, { ...danish, gross: null }),
				sessionOf(4, danish),
			],
			{ continueOnFail: true },
		);
		expect(items.map(({ json }) => json.error ?? json.sessionKey)).toEqual([
			'"Time Zone" must be a name such as Europe/Amsterdam, but "Amsterdam" was given',
			'spirii:2',
			'The expression of "Prices Include VAT" must give a value, but it gives null for item 3',
			'spirii:4',
		]);
		for (const place of [0, 2]) {
			// With anything beside these two, n8n would take the item for one that succeeded.
			expect(Object.keys(items[place].json)).toEqual(['error', 'message']);
		}
		expect(items.map(placesOf)).toEqual([[0], [1], [2], [3]]);
		expect(hints).toEqual([]);
	});
});

describe('what works on all items together refuses a value that differs from item to item', () => {
	const reimburse = { operation: 'reimburse', sites: 'all', statementPer: 'charger', priceCurrency: 'EUR' };
	const list = (perKwh: unknown, from: unknown = '2026-01-01') =>
		({ ...reimburse, priceFrom: 'list', priceList: { price: [{ from, perKwh }] } }) as INodeParameters;
	const price =
		'Set "Price From" to Price List where the price depends on the day, the driver, the ID tag or the site, or to Record';
	const normalizeFirst = 'Put this node with the operation Normalize before it';
	const split = 'Split the items before, with a Filter or a Loop';

	test.each<[string, INodeParameters, IDataObject[], string, string]>([
		[
			'Price per kWh',
			{ ...reimburse, pricePerKwh: '={{ $json.own }}' },
			[{ own: 0.3 }, { own: 0.5 }],
			'0.3 for item 1, 0.5 for item 2',
			price,
		],
		[
			'Price per kWh',
			{ ...reimburse, pricePerKwh: '={{ $json.own }}' },
			[{ own: '0.3' }, { own: 0.3 }, { own: 0.3 }, { own: 0.34 }],
			'0.3 for item 1, 0.34 for item 4',
			price,
		],
		[
			'Price per kWh" in "Price List',
			list('={{ $json.own }}', '={{ $now }}'),
			[{ own: 0.3 }, { own: 0.5 }],
			'0.3 for item 1, 0.5 for item 2',
			price,
		],
		[
			'From" in "Price List',
			list(0.3, '={{ $json.own }}'),
			[{ own: '2026-01-01' }, { own: '2026-02-01' }],
			'"2026-01-01" for item 1, "2026-02-01" for item 2',
			price,
		],
		[
			'Price Currency',
			{ ...reimburse, pricePerKwh: 1, priceCurrency: '={{ $json.own }}' },
			[{ own: 'EUR' }, { own: 'DKK' }],
			'"EUR" for item 1, "DKK" for item 2',
			price,
		],
		[
			'Site IDs',
			{ ...reimburse, sites: 'listed', siteIds: '={{ $json.own }}', pricePerKwh: 1 },
			[{ own: 1766 }, { own: 1766 }, { own: 4021 }],
			'"1766" for item 1, "4021" for item 3',
			split,
		],
		[
			'Sites to Pay For',
			{ ...reimburse, sites: '={{ $json.own }}', siteIds: '={{ $json.own }}', pricePerKwh: 1 },
			[{ own: 'all' }, { own: 'listed' }],
			'"all" for item 1, "listed" for item 2',
			split,
		],
		[
			'Include Sessions',
			{ ...reimburse, pricePerKwh: 1, options: { includeSessions: '={{ $json.own }}' } },
			[{ own: true }, { own: false }],
			'true for item 1, false for item 2',
			split,
		],
		[
			'VAT Rate (%)',
			{ operation: 'summarize', sessionSettings: { currency: 'EUR', vatRate: '={{ $json.own }}' } },
			[{ own: 25 }, { own: 19 }],
			'25 for item 1, 19 for item 2',
			normalizeFirst,
		],
		[
			'Group By',
			{ operation: 'summarize', groupBy: '={{ $json.own }}' },
			[{ own: ['city'] }, { own: ['city', 'country'] }],
			'["city"] for item 1, ["city","country"] for item 2',
			split,
		],
		[
			'Input',
			{ operation: 'summarize', recordKind: '={{ $json.own }}' },
			[{ own: 'auto' }, { own: 'spiriiTransaction' }],
			'"auto" for item 1, "spiriiTransaction" for item 2',
			normalizeFirst,
		],
		[
			'Time Zone',
			{ operation: 'export', sessionSettings: { sessionTimezone: '={{ $json.own }}' } },
			[{ own: 'UTC' }, { own: 'Europe/Berlin' }],
			'"UTC" for item 1, "Europe/Berlin" for item 2',
			normalizeFirst,
		],
		[
			'File Name',
			{ operation: 'export', fileName: "={{ 'sessions of ' + $itemIndex }}" },
			[{}, {}],
			'"sessions of 0" for item 1, "sessions of 1" for item 2',
			split,
		],
		[
			'Header" in "Headers',
			{
				operation: 'export',
				csvSettings: { csvHeaders: { header: [{ field: 'energyKwh', name: '={{ $json.own }}' }] } },
			} as INodeParameters,
			[{ own: 'kWh' }, { own: 'Energy' }],
			'"kWh" for item 1, "Energy" for item 2',
			split,
		],
	])('%s (%#)', async (label, parameters, own, values, advice) => {
		const sessions = own.map((more, index) => sessionOf(index, more));
		const failure = await failureOf(run(parameters, sessions));
		expect(failure).toMatchObject({
			message: `"${label}" differs from item to item: ${values}`,
			cause: 'configuration-invalid',
		});
		expect(failure.description).toContain(advice);
		const { items } = await run(parameters, sessions, { continueOnFail: true });
		expect(items).toHaveLength(1);
		expect(placesOf(items[0])).toEqual(numbers(sessions.length));
		// The first item alone has nothing that it differs from.
		expect((await run(parameters, sessions.slice(0, 1))).items.length).toBeGreaterThan(0);
	});

	test('and says which item it is whose value is bad', async () => {
		const parameters = { ...reimburse, pricePerKwh: '={{ $json.own }}' };
		const sessions = [0.3, 0.3, -1].map((own, index) => sessionOf(index, { own }));
		expect(await failureOf(run(parameters, sessions))).toMatchObject({
			message: '"Price per kWh" must be a number of at least 0, but -1 was given',
			itemIndex: 2,
		});
	});

	test('and takes an expression that gives the same for all items', async () => {
		const sessions = [1, 2, 3].map((id) => sessionOf(id, { own: id === 2 ? '0.30' : 0.3, ...socket(id) }));
		const { items } = await run({ ...reimburse, pricePerKwh: '={{ $json.own }}' }, sessions);
		expect(jsonOf(items)).toMatchObject([{ sessions: 3, pricePerKwh: 0.3, amount: 90 }]);
	});
});

describe('an expression that does not depend on the item', () => {
	let read: jest.SpyInstance;
	beforeEach(() => {
		read = jest.spyOn(ExecuteContext.prototype as never, '_getNodeParameter');
	});
	afterEach(() => {
		jest.restoreAllMocks();
	});
	const sessions = numbers(200).map((id) => sessionOf(id, { own: 0.3, ...socket(id) }));
	const timesRead = (name: string) => read.mock.calls.filter(([given]) => given === name).length;

	test.each([
		0.3,
		'={{ $now.year > 2000 ? 0.3 : 0.4 }}',
		'={{ $today && $vars.price || 0.3 }}',
		'={{ $workflow.name === `a ${ $execution.id }` ? 1 : 0.3 }}',
		'={{ Math.min(0.3, 3) }}',
		'={{ $max(0.1, 0.3) }}',
		'={{ $input.first().json.own }}',
		'=0.3',
	])('is read once: %s', async (pricePerKwh) => {
		const { items } = await run(
			{ operation: 'reimburse', priceCurrency: 'EUR', sites: 'all', statementPer: 'charger', pricePerKwh },
			sessions,
		);
		expect(jsonOf(items)).toMatchObject([{ pricePerKwh: 0.3, sessions: 200 }]);
		expect(timesRead('pricePerKwh')).toBe(1);
		expect(read.mock.calls.length).toBeLessThan(20);
	});

	test('is read once by each operation, and one beside it that does depend on the item for each item', async () => {
		for (const operation of ['normalize', 'summarize', 'export', 'reimburse']) {
			read.mockClear();
			const parameters = {
				operation,
				sites: 'all',
				...{ pricePerKwh: 1, priceCurrency: 'EUR' },
				sessionSettings: { currency: '={{ $vars.currency ?? "EUR" }}' },
				recordKind: '={{ $json.none ?? "auto" }}',
			};
			await run(parameters, sessions);
			expect([operation, timesRead('sessionSettings'), timesRead('recordKind')]).toEqual([operation, 1, 200]);
		}
	});

	test('is no difference, however late the last item is read', async () => {
		let now = Date.parse('2026-01-31T12:00:00Z');
		jest.spyOn(Date, 'now').mockImplementation(() => (now += 5));
		const parameters: INodeParameters = {
			operation: 'reimburse',
			priceCurrency: 'EUR',
			sites: 'all',
			statementPer: 'charger',
			priceFrom: 'list',
			priceList: { price: [{ from: '={{ $now.minus({ days: 40 }) }}', perKwh: '={{ $json.own }}' }] },
		};
		const { items } = await run(parameters, sessions.slice(0, 20));
		expect(jsonOf(items)).toMatchObject([{ pricePerKwh: 0.3, sessions: 20 }]);
		const fileName = '={{ `until ${ $now.toMillis() }` }}';
		expect((await run({ operation: 'export', fileName }, sessions.slice(0, 20))).items).toHaveLength(1);
	});
});

test('what comes in is not changed', async () => {
	const before = JSON.stringify(records);
	for (const operation of ['normalize', 'summarize', 'export'])
		await run({ operation, ...VOLT_TIME }, records);
	await run(
		{
			operation: 'reimburse',
			priceCurrency: 'EUR',
			sites: 'all',
			pricePerKwh: 1,
			options: { includeSessions: true },
		},
		records,
	);
	expect(JSON.stringify(records)).toBe(before);
});
