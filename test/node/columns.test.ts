import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { labelOf, shownColumns } from '../../nodes/shared/session/columnChoice';
import { COLUMNS, columnNames } from '../../nodes/shared/session/columns';
import { parseCsv } from '../support/csv';
import { runEvCharging } from '../support/evCharging';
import { binaryOf } from '../support/n8n';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 40, plain: true, now: new Date().toISOString() });

const records = (more: INodeParameters = {}): INodeParameters => ({
	resource: 'chargeRecord',
	operation: 'getAll',
	returnAll: true,
	output: 'simplified',
	...more,
});
const choose = (...chosenColumns: string[]): INodeParameters => ({ columns: 'choose', chosenColumns });
const read = async (parameters: INodeParameters) => {
	const { items, hints } = await house.run.spirii(parameters);
	return { rows: items.map(({ json }) => json), hints: hints.map(({ message }) => message) };
};
const evCharging = async (parameters: INodeParameters, rows: IDataObject[]) => {
	const { items, json, messages } = await runEvCharging(parameters, rows);
	return { items, rows: json, hints: messages };
};

describe('"Columns" of a list', () => {
	test('is All where nothing is set', async () => {
		const { rows, hints } = await read(records());
		expect(Object.keys(rows[0])).toEqual(columnNames([]));
		expect(hints).toEqual([]);
	});

	test.each(['short', 'billing'] as const)(
		'%s gives these columns with the same values as All',
		async (columns) => {
			const { rows: all } = await read(records({ columnGroups: ['commercial', 'origin'] }));
			const { rows } = await read(records({ columns }));
			const names = shownColumns(columns, [], []);
			expect(rows.map((row) => Object.entries(row))).toEqual(
				all.map((row) => names.map((name) => [name, row[name]])),
			);
		},
	);

	test('adds what "More Columns" and "Driver Data" ask for to Short', async () => {
		const { rows } = await read(
			records({ columns: 'short', columnGroups: ['vehicle'], driverData: 'plain' }),
		);
		expect(Object.keys(rows[0])).toEqual(shownColumns('short', [], ['vehicle', 'driver']));
		expect(Object.keys(rows[0])).toEqual(expect.arrayContaining(['driverName', 'co2']));
	});

	test('gives the chosen columns in their order, those of a group without the group', async () => {
		const names = ['sessionKey', 'postalCode', 'energyKwh', 'customerErpId'];
		const { rows } = await read(records(choose(...names)));
		for (const row of rows) expect(Object.keys(row)).toEqual(names);
		expect(rows.some(({ postalCode }) => postalCode !== null)).toBe(true);
		expect(rows.some(({ customerErpId }) => customerErpId !== null)).toBe(true);
	});

	test('is also in Get, in Get Page, in an export and in a trigger', async () => {
		const names = ['endedAt', 'sessionKey'];
		const { rows } = await read({ ...records(choose(...names)), operation: 'getPage' });
		const [first] = rows[0].data as IDataObject[];
		expect(Object.keys(first)).toEqual(names);
		const { rows: one } = await read({
			...records(choose(...names)),
			operation: 'get',
			id: first.sessionKey as string,
		});
		expect(one).toEqual([first]);
		const { items } = await house.run.spirii({ ...records(choose(...names)), operation: 'export' });
		const [line] = parseCsv((await binaryOf(items[0])).toString());
		expect(Object.keys(line)).toEqual(names);
		const trigger = house.activate.spirii({ firstRun: 'all', output: 'simplified', ...choose(...names) });
		for (const row of await trigger.poll()) expect(Object.keys(row)).toEqual(names);
	});

	test('asks in which form to show the driver before it reads anything', async () => {
		const failure = await failureOf(house.run.spirii(records(choose('endedAt', 'driverName'))));
		expect(failure.message).toBe('"Column Names" has Driver Name, but "Driver Data" is set to leave it out');
		expect(failure.description).toMatch(/^Choose in "Driver Data"/);
		const { rows } = await read(records({ ...choose('driverName'), driverData: 'plain' }));
		expect(rows.some(({ driverName }) => driverName !== null)).toBe(true);
		expect(house.spirii.requests).toHaveLength(1);
	});

	test.each<[string, string[], string]>([
		['no column', [], '"Column Names" must not be empty'],
		[
			'a column that does not exist',
			['enegryKwh'],
			'"Column Names" has "enegryKwh", and no column has this name',
		],
	])('refuses %s', async (_, names, message) => {
		const failure = await failureOf(house.run.spirii(records(choose(...names))));
		expect(failure.message).toBe(message);
		expect(house.spirii.requests).toEqual([]);
	});
});

describe('nothing is empty without a word', () => {
	test('a chosen column that no session has', async () => {
		const { rows, hints } = await read(records(choose('endedAt', 'changedFields', 'energyFee')));
		expect(rows).toHaveLength(40);
		expect(hints).toEqual([
			'"Changed Fields" is in none of 40 sessions. A trigger on Session Corrected fills it.',
			'"Energy Fee" is in none of 40 sessions. The vendor gives no value there.',
		]);
	});

	test('a chosen column that no session of a trigger has: its log says so, and how many they were', async () => {
		const trigger = house.activate.spirii({
			firstRun: 'all',
			output: 'simplified',
			...choose('endedAt', 'changedFields'),
		});
		const told = () => trigger.log.filter((line) => line.includes('Changed Fields'));
		const count = (await trigger.poll()).length;
		expect(count).toBeGreaterThan(30);
		const line = (sessions: number) =>
			`info: ${trigger.loaded().node.name}: "Changed Fields" is in none of ${sessions} sessions. A trigger on Session Corrected fills it.`;
		expect(told()).toEqual([line(count)]);
		// Nothing new, nothing to say.
		await trigger.poll();
		expect(told()).toEqual([line(count)]);
		expect(await trigger.showNewest()).toHaveLength(5);
		expect(told()).toEqual([line(count), line(5)]);
		const corrected = house.activate.spirii({
			event: 'corrected',
			output: 'simplified',
			...choose('endedAt', 'changedFields'),
		});
		await corrected.showNewest();
		expect(corrected.log.filter((one) => one.startsWith('info: '))).toEqual([]);
	});

	test('a column group that no session has', async () => {
		const { hints } = await read({
			...records({ columnGroups: ['vehicle', 'address'] }),
			resource: 'legacyChargeRecord',
		});
		expect(hints).toEqual([
			'"Vehicle and CO2" of "More Columns" is in none of 40 sessions. The vendor gives no value there.',
		]);
	});

	test('a column of a group behind those that the table of n8n shows', async () => {
		const { hints } = await read(records({ columnGroups: ['commercial', 'vehicle'], driverData: 'plain' }));
		expect(hints).toHaveLength(1);
		expect(hints[0]).toMatch(
			/^The table shows the first 40 columns\..* CO2\. Set "Columns" to Short or Choose/,
		);
		const { hints: ofFile } = await read({
			...records({ columnGroups: ['commercial', 'vehicle'], driverData: 'plain' }),
			operation: 'export',
		});
		expect(ofFile).toEqual([]);
	});

	test('a selected field that no record has', async () => {
		const { hints } = await read(
			records({ output: 'selected', selectedFields: 'endedAt,price.amuont,nope' }),
		);
		expect(hints).toEqual([
			'"price.amuont", "nope" are in none of 40 sessions. Check the spelling of the names in "Fields" against the raw record, capitals included.',
		]);
	});

	test('a group of Summarize that no session has, with the setting that fills it', async () => {
		const { rows } = await read(records());
		const { rows: lines, hints } = await evCharging(
			{ operation: 'summarize', groupBy: ['driverName', 'voucherCode', 'billingMonth'] },
			rows,
		);
		expect(lines[0]).toMatchObject({ driverName: null });
		expect(hints).toContain(
			'"Driver Name" is in none of 40 sessions. Set "Driver Data" in the node that reads the sessions.',
		);
		expect(
			hints.some((hint) =>
				/^"Voucher Code" is in none of 40 sessions\. Add ".+" to "More Columns" in/.test(hint),
			),
		).toBe(true);
		expect(hints.join()).not.toContain('Billing Month');
	});

	test.each(['appUserId', 'voucherId'])(
		'a number filter that was added and not filled in: %s',
		async (name) => {
			for (const resource of ['transaction', 'legacyChargeRecord']) {
				const failure = await failureOf(
					house.run.spirii({ ...records({ filters: { [name]: 0 } }), resource }),
				);
				expect(failure.message).toMatch(/^"(App User|Voucher) ID" still has its default value 0$/);
				expect(failure.description).toMatch(/^Enter a number in ".+", or remove the filter\.$/);
			}
			expect(house.spirii.requests).toEqual([]);
		},
	);

	test('a list in which nothing was found, with its filters', async () => {
		const { rows, hints } = await read({
			...records({ filters: { appUserId: 999_999, updatedAt: '2026-01-01T00:00:00Z' } }),
			resource: 'transaction',
		});
		expect(rows).toEqual([]);
		expect(hints).toEqual([
			'No session was found. The filters are App User ID: 999999, Updated From: "2026-01-01T00:00:00.000Z". Without the filters there are sessions.',
		]);
		const { hints: ofFile } = await read({
			...records({ filters: { appUserId: 999_999 } }),
			operation: 'export',
			resource: 'transaction',
		});
		expect(ofFile).toEqual([
			'No session was found. The filters are App User ID: 999999. Without the filters there are sessions.',
		]);
	});
});

describe('rows of some columns that come back to EV Charging', () => {
	test('of Short and Billing are added up as those of All, and a hint says what they lack', async () => {
		const { rows: all } = await read(records());
		const { rows: full } = await evCharging({ operation: 'summarize' }, all);
		for (const columns of ['short', 'billing'] as const) {
			const { rows } = await read(records({ columns }));
			const { rows: lines, hints } = await evCharging({ operation: 'summarize' }, rows);
			const sums = (given: IDataObject[]) => given.reduce((sum, line) => sum + Number(line.energyKwh), 0);
			expect(sums(lines)).toBeCloseTo(sums(full), 6);
			expect(new Set(lines.map(({ billingMonth }) => billingMonth))).toEqual(
				new Set(full.map(({ billingMonth }) => billingMonth)),
			);
			if (columns === 'billing')
				expect(lines.map(({ amountExclVat }) => amountExclVat)).toEqual(
					full.map(({ amountExclVat }) => amountExclVat),
				);
			const [hint, ...others] = hints;
			expect(others).toEqual([]);
			expect(hint).toMatch(
				/^The rows that come in lack .*Charging \(s\).* Set "Columns" to All in the node that reads/,
			);
			expect(hint.includes('VAT Amount')).toBe(columns === 'short');
		}
	});

	test.each(['normalize', 'export', 'reimburse'])('%s says which columns they lack', async (operation) => {
		const { rows } = await read(records({ columns: 'short', driverData: 'plain' }));
		const more = operation === 'reimburse' ? { sites: 'all', pricePerKwh: 0.3, priceCurrency: 'EUR' } : {};
		const { hints } = await evCharging({ operation, ...more }, rows);
		expect(
			hints.filter((hint) => /^The rows that come in lack .*Location ID.*"Columns" to All/.test(hint)),
		).toHaveLength(1);
	});

	test('say what OCPI lacks, and nothing where all is there', async () => {
		const { rows } = await read(records({ columns: 'short' }));
		const { hints } = await evCharging({ operation: 'normalize', output: 'ocpi' }, rows);
		expect(hints.join()).toMatch(/The rows that come in lack .*Updated At/);
		const { rows: all } = await read(records());
		expect((await evCharging({ operation: 'normalize' }, all)).hints).toEqual([]);
	});

	test.each(['summarize', 'normalize', 'export', 'reimburse'])(
		'%s says that their warnings are gone, also where all other columns are there',
		async (operation) => {
			const { rows } = await read(records({ driverData: 'plain' }));
			const bare = rows.map((row) =>
				Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'warnings')),
			);
			const more = operation === 'reimburse' ? { sites: 'all', pricePerKwh: 0.3, priceCurrency: 'EUR' } : {};
			const { hints } = await evCharging({ operation, ...more }, bare);
			expect(hints.filter((hint) => /^The rows that come in lack Warnings, so/.test(hint))).toHaveLength(1);
		},
	);

	test('that were written with readable headers are the same rows', async () => {
		const { rows } = await read(records());
		const readable = rows.map((row) =>
			Object.fromEntries(
				COLUMNS.filter(({ name }) => name in row).map((column) => [labelOf(column), row[column.name]]),
			),
		);
		const { rows: again, hints } = await evCharging({ operation: 'normalize' }, readable);
		expect(again).toEqual(rows);
		expect(hints).toEqual([]);
	});

	test('without their key are named as what they are', async () => {
		const { rows } = await read(records(choose('energyKwh', 'endedAt')));
		const { hints } = await evCharging({ operation: 'summarize' }, rows);
		expect(hints.join()).toContain(
			'40 of the items that come in look like rows without the column Session Key, by which the node knows a session.',
		);
	});
});

describe('Get', () => {
	const get = (id: string, resource = 'chargeRecord'): INodeParameters => ({
		resource,
		operation: 'get',
		id,
		output: 'simplified',
	});

	test.each([
		['chargeRecord', { id: '99999999' }, 'Charge record 99999999 was not found'],
		['transaction', { id: '99999999' }, 'Transaction 99999999 was not found'],
		['legacyChargeRecord', { id: '99999999' }, 'Legacy charge record 99999999 was not found'],
		['location', { id: { __rl: true, mode: 'id', value: '99' } }, 'Location 99 was not found'],
		['evse', { uid: { __rl: true, mode: 'id', value: '99' } }, 'EVSE 99 was not found'],
		['chargeBox', { id: { __rl: true, mode: 'id', value: '99' } }, 'Charge box 99 was not found'],
	])('of Spirii names the %s that is not there', async (resource, id, message) => {
		const failure = await failureOf(
			house.run.spirii({ resource, operation: 'get', ...id } as INodeParameters),
		);
		expect(failure.message).toBe(message);
		expect(failure.description).toMatch(/^Check the ID, and that the credential may read this /);
	});

	test('of Volt Time names the charger that is not there', async () => {
		const uuid = '00000000-0000-4000-8000-000000000000';
		const chargerUuid = { __rl: true, mode: 'id', value: uuid };
		const failure = await failureOf(
			house.run.voltTime({ resource: 'charger', operation: 'get', chargerUuid }),
		);
		expect(failure.message).toBe(`Charger ${uuid} was not found`);
	});

	test.each(['chargeRecord', 'transaction', 'legacyChargeRecord'])(
		'of a %s takes the key of a row, and refuses that of another vendor',
		async (resource) => {
			const { rows } = await read({ ...records({ limit: 1, returnAll: false }), resource });
			const key = rows[0].sessionKey as string;
			expect((await read(get(key, resource))).rows[0].sessionKey).toBe(key);
			expect((await read(get(` ${key} `, resource))).rows[0].sessionKey).toBe(key);
			const sent = house.spirii.requests.length;
			const failure = await failureOf(house.run.spirii(get('voltTime:77', resource)));
			expect(failure.message).toMatch(/ must be a session of Spirii, but "voltTime:77" is one of Volt Time$/);
			expect(house.spirii.requests).toHaveLength(sent);
		},
	);
});
