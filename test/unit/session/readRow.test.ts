import fc from 'fast-check';

import { COLUMNS, columnNames } from '../../../nodes/shared/session/columns';
import type { RecordKind } from '../../../nodes/shared/session/fields';
import { isRow, rowReader } from '../../../nodes/shared/session/readRow';
import { rowWriter } from '../../../nodes/shared/session/row';
import type { Cell, Group, SessionRow, RowSettings } from '../../../nodes/shared/session/types';
import { toSpreadsheet } from '../../../nodes/shared/util/spreadsheet';
import { doubtsIn, WARNINGS } from '../../../nodes/shared/session/warnings';
import { chargeRecordKind, legacyChargeRecordKind, transactionKind } from '../../../nodes/Spirii/records';
import { legacyTransactionKind as voltTimeKind } from '../../../nodes/VoltTime/records';
import legacyRecord from '../../../sandbox/examples/spirii.v1.chargeRecord.json';
import legacyRecords from '../../../sandbox/examples/spirii.v1.chargeRecords.json';
import chargeRecords from '../../../sandbox/examples/spirii.v2.chargeRecords.json';
import transactions from '../../../sandbox/examples/spirii.v2.transactions.json';
import voltTimeTransactions from '../../../sandbox/examples/voltTime.v2.transactions.json';

const GROUPS: Group[] = ['address', 'commercial', 'vehicle', 'origin', 'driver', 'change'];
const SETTINGS: RowSettings = {
	currency: 'EUR',
	vatRatePct: 21,
	pricesIncludeVat: true,
	timezone: 'Europe/Copenhagen',
	billBy: 'end',
	groups: GROUPS,
	driver: 'plain',
};

/** A session as no vendor's example has it: with a fraction in every number, both flags, and text that is hard on files. */
const AWKWARD = {
	transactionId: 9_007_199_254,
	evseId: 'DK.SPI.Z1*2',
	startedAt: '2026-01-31T21:00:00.5Z',
	endedAt: '2026-01-31T23:30:00Z',
	consumed: 12.345,
	meterStart: 0.005,
	meterStop: 12.35,
	highestPowerDrawn: 10.692,
	duration: { total: 150, charging: 120.5, idle: 29.5 },
	price: {
		amount: -1234.5678,
		amountExVat: -1020.3,
		vatRate: 0.21,
		perKwh: 0.0001,
		currency: 'EUR',
		isDynamic: false,
	},
	location: {
		id: '007',
		name: 'Café "Blå Port", Østerbro; kælder\r\nsecond line',
		timezone: 'Europe/Copenhagen',
		isEligibleForRefund: true,
		zipCode: '0191',
	},
	isRoaming: true,
	vehicleState: { firstValue: 12.5, lastValue: 80 },
	auth: {
		idTag: {
			uid: '=1+1',
			label: ' spaced ',
			customer: { id: 4, firstName: '=HYPERLINK("x")', lastName: 'Ø 💥' },
		},
	},
};

const KINDS: Array<[string, RecordKind, object[]]> = [
	['v2 charge records', chargeRecordKind, [...chargeRecords.data, AWKWARD]],
	['v2 transactions', transactionKind, transactions.data],
	['v1 charge records', legacyChargeRecordKind, [...legacyRecords.data, legacyRecord]],
	['Volt Time transactions', voltTimeKind, voltTimeTransactions.data],
	[
		'records of no known kind',
		{ source: null, endpoint: null, matches: () => true, read: () => ({}) },
		[{ a: 1 }],
	],
];

const readRow = (record: Record<string, unknown>, settings: RowSettings) =>
	rowReader([record])(record, settings);

const withCells = (change: (cell: Cell, name: string) => unknown) => (row: SessionRow) =>
	Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, change(cell, name)]));
const sheetText = (cell: Cell) => {
	if (typeof cell === 'string') return toSpreadsheet(cell);
	return cell === null ? '' : cell === true ? 'TRUE' : cell === false ? 'FALSE' : String(cell);
};

/** What a row becomes on its way. */
const WAYS: Array<[string, (row: SessionRow) => Record<string, unknown>]> = [
	['nothing', (row) => row],
	['JSON', (row) => JSON.parse(JSON.stringify(row)) as SessionRow],
	['a sheet whose cells are all text', withCells(sheetText)],
	[
		'a sheet with a decimal comma',
		withCells((cell) => (typeof cell === 'number' ? String(cell).replace('.', ',') : sheetText(cell))),
	],
	[
		'a sheet that leaves empty cells out',
		(row) => Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== null && cell !== '')),
	],
	[
		'a sheet that takes text of digits for numbers',
		withCells((cell) => (typeof cell === 'string' && /^[1-9]\d{0,14}$/.test(cell) ? Number(cell) : cell)),
	],
	[
		'a sheet with its columns in another order, and more of them',
		(row) => ({ row_number: 2, ...Object.fromEntries(Object.entries(row).reverse()), note: 'paid' }),
	],
];

describe.each(WAYS)('a row that went through %s', (_, change) => {
	describe.each(KINDS)('and was made of %s', (__, kind, records) => {
		test.each(['plain', 'masked'] as const)('comes back equal, with drivers %s', (driver) => {
			const settings = { ...SETTINGS, driver };
			for (const row of rowWriter(kind, settings)(records)) {
				const changed = change(row);
				// A row of no known record has no source: nothing but its columns tell it from a record.
				if (Object.keys(changed).includes('source')) expect(isRow(changed)).toBe(true);
				const again = readRow(changed, settings);
				expect(again).toEqual(row);
				expect(Object.keys(again)).toEqual(Object.keys(row));
			}
		});
	});
});

describe('a row that is read again', () => {
	const [row] = rowWriter(chargeRecordKind, SETTINGS)([AWKWARD]);

	test('has the columns that are asked for, in their order, and null where it has none', () => {
		for (const groups of [
			[],
			['vehicle', 'address'],
			['change'],
			['driver', 'commercial'],
			['origin'],
		] as Group[][]) {
			const small = readRow(
				{ source: 'spirii', sessionKey: 'spirii:1', energyKwh: 1 },
				{ ...SETTINGS, groups },
			);
			expect(Object.keys(small)).toEqual(columnNames(groups));
			const origin = groups.includes('origin') ? { source: 'spirii' } : {};
			const given = { ...origin, sessionKey: 'spirii:1', sessionId: '1', energyKwh: 1, warnings: null };
			expect(small).toMatchObject(given);
			const others = Object.keys(small).filter((name) => !(name in given) && name !== 'rowHash');
			expect(others.filter((name) => small[name] !== null)).toEqual([]);
		}
	});

	test('is masked when it was not, and stays as it is when it was', () => {
		const masked = { ...SETTINGS, driver: 'masked' as const };
		const [written] = rowWriter(chargeRecordKind, { ...masked, groups: ['driver'] })([AWKWARD]);
		const once = readRow(row, { ...masked, groups: ['driver'] });
		expect(once).toEqual(written);
		expect(once).toMatchObject({ tokenUid: '****1', contractId: null, driverId: '****', tokenType: null });
		expect(JSON.stringify(once)).not.toMatch(/HYPERLINK/);
		expect(readRow(once, { ...masked, groups: ['driver'] })).toEqual(once);
		expect(readRow(once, { ...SETTINGS, groups: ['driver'] })).toEqual(once);
	});

	test('is masked by whole characters', () => {
		const read = readRow({ ...row, driverId: 'Zoë abc 💥12' }, { ...SETTINGS, driver: 'masked' });
		expect(read.driverId).toBe('****💥12');
	});

	test('is hashed as a record is', () => {
		const hashed = { ...SETTINGS, driver: { secret: 'a secret' }, groups: ['driver' as const] };
		const [written] = rowWriter(chargeRecordKind, hashed)([AWKWARD]);
		expect(readRow(row, hashed)).toEqual(written);
	});

	test('is hashed to what no spreadsheet takes for a formula, so that hashes can be joined', () => {
		const hashed = { ...SETTINGS, driver: { secret: 'a secret' } };
		const hashes = Array.from(
			{ length: 500 },
			(_, index) => readRow({ ...row, tokenUid: `TAG${index}` }, hashed).tokenUid,
		);
		expect(hashes.filter((hash) => /^[=+\-@]/.test(String(hash)))).toEqual([]);
		expect(new Set(hashes).size).toBe(500);
	});

	test('keeps its day, its month and its amounts, whatever the settings say', () => {
		const other: RowSettings = {
			...SETTINGS,
			currency: 'SEK',
			vatRatePct: 0,
			pricesIncludeVat: false,
			timezone: 'Asia/Tokyo',
			billBy: 'start',
		};
		expect(readRow(row, other)).toEqual(row);
	});

	test('has a print of its own when it brought none', () => {
		const { rowHash, ...bare } = row;
		expect(readRow(bare, SETTINGS).rowHash).toBe(rowHash);
		expect(readRow({ ...bare, city: 'Ry' }, SETTINGS).rowHash).not.toBe(rowHash);
	});

	test.each<[string, unknown, string]>([
		['tokenUid', Number('7615917337495251231'), 'id-inexact'],
		['locationId', Number('9007199254740993'), 'id-inexact'],
		['energyKwh', 'many', 'energy-unreadable'],
		['meterStartKwh', '12 kWh', 'energy-unreadable'],
		['meterStopKwh', { a: 1 }, 'energy-unreadable'],
		['amountInclVat', '€ 5', 'amount-unreadable'],
		['amountInclVat', '#REF!', 'amount-unreadable'],
		['vatRatePct', '25 %', 'amount-unreadable'],
		['pricePerKwh', true, 'amount-unreadable'],
		['startedAt', '31/02/2026 18:00', 'time-unreadable'],
		['startedAt', '2026-02-30T10:00:00Z', 'time-unreadable'],
		['endedAt', 46_096_000, 'time-unreadable'],
		['endedAt', '25:10', 'time-unreadable'],
		['updatedAt', 'yesterday', 'time-unreadable'],
		['createdAt', new Date(NaN), 'time-unreadable'],
		['updatedAt', '01/02/2026 18:00', 'date-ambiguous'],
		['updatedAt', '2026-10-02 18:00:00+99', 'time-unreadable'],
		['updatedAt', '1970-01-01T00:00:00Z', 'time-implausible'],
		['startedAt', '01/01/1900', 'time-implausible'],
		['endedAt', '9999-12-31T00:00:00Z', 'time-implausible'],
		['currency', 'kr.', 'currency-unreadable'],
		['currency', '€', 'currency-unreadable'],
		['isRoaming', 'perhaps', 'flag-unreadable'],
	])('leaves %s empty when it is %j, and says so', (name, value, warning) => {
		const again = readRow({ ...row, [name]: value }, SETTINGS);
		expect(again[name]).toBeNull();
		expect(String(again.warnings).split(';')).toContain(warning);
		expect(warning in WARNINGS).toBe(true);
	});

	test.each<[unknown, boolean | null]>([
		[true, true],
		['true', true],
		['TRUE', true],
		['True', true],
		['WAHR', true],
		['SAND', true],
		['WAAR', true],
		['t', true],
		['1', true],
		['FALSCH', false],
		['FALSK', false],
		['ONWAAR', false],
		['f', false],
		['nej', false],
		[1, true],
		[false, false],
		['FALSE', false],
		[0, false],
		['', null],
		['perhaps', null],
		[2, null],
		[{}, null],
	])('takes %j for %p where it says yes or no', (value, expected) => {
		expect(readRow({ ...row, isRoaming: value }, SETTINGS).isRoaming).toBe(expected);
	});

	// AWKWARD began on 31 January at 21:00:00.5 and ended at 23:30 UTC, which is 1 February in Copenhagen.
	test.each<[string, unknown, string]>([
		['startedAt', new Date('2026-01-31T21:00:00.500Z'), '2026-01-31T21:00:00.500Z'],
		['startedAt', '2026-01-31 21:00:00.5', '2026-01-31T21:00:00.500Z'],
		['startedAt', '2026-01-31T22:00:00.500+01:00', '2026-01-31T21:00:00.500Z'],
		['startedAt', 46_053.875, '2026-01-31T21:00:00.000Z'],
		['startedAt', '46053,875', '2026-01-31T21:00:00.000Z'],
		['startedAt', '31.01.2026 21:00', '2026-01-31T21:00:00.000Z'],
		['startedAt', '31.1.2026, 21:00:07', '2026-01-31T21:00:07.000Z'],
		['startedAt', '31-01-2026 21.00', '2026-01-31T21:00:00.000Z'],
		['startedAt', '1/31/2026 21:00', '2026-01-31T21:00:00.000Z'],
		['startedAt', '1/31/26 9:00 PM', '2026-01-31T21:00:00.000Z'],
		['startedAt', '31/01/2026 12:05 a.m.', '2026-01-31T00:05:00.000Z'],
		['updatedAt', '02.10.2026 18:00', '2026-10-02T18:00:00.000Z'],
		['updatedAt', '2026-10-02 18:00:00+00', '2026-10-02T18:00:00.000Z'],
		['updatedAt', '2026-10-02 18:00:00.123456+02', '2026-10-02T16:00:00.123Z'],
		['updatedAt', '2026-10-02 18:00:00-0530', '2026-10-02T23:30:00.000Z'],
		['updatedAt', '2026-10-02 18:00:00 UTC', '2026-10-02T18:00:00.000Z'],
		['updatedAt', '2026-10-02 18:00:00.5 +00:00', '2026-10-02T18:00:00.500Z'],
		['updatedAt', '02.10.2026 18:00 UTC', '2026-10-02T18:00:00.000Z'],
		['localDate', '2026-02-01 00:00:00+00', '2026-02-01'],
		['localDate', '2026-02-01 00:00:00 UTC', '2026-02-01'],
		['currency', 'eur', 'EUR'],
		['currency', ' jpy ', 'JPY'],
		['updatedAt', '01-10-2026 20:00', '2026-10-01T20:00:00.000Z'],
		['updatedAt', '03/03/2026', '2026-03-03T00:00:00.000Z'],
		['localDate', 46_054, '2026-02-01'],
		['localDate', '46054', '2026-02-01'],
		['localDate', '2026-02-01T00:00:00.000Z', '2026-02-01'],
		['localDate', '2026-01-31T23:00:00.000Z', '2026-02-01'],
		['localDate', '01.02.2026', '2026-02-01'],
		['localDate', '01-02-2026', '2026-02-01'],
		['localDate', '2026/2/1', '2026-02-01'],
		['localDate', new Date('2026-01-31T23:00:00Z'), '2026-02-01'],
		['localDate', '02/01/26', '2026-02-01'],
		['billingMonth', 46_054, '2026-02'],
		['billingMonth', '2026-02-01T00:00:00.000Z', '2026-02'],
		['billingMonth', '01.02.2026', '2026-02'],
		['billingMonth', '02/2026', '2026-02'],
		['billingMonth', new Date('2026-02-01T00:00:00Z'), '2026-02'],
	])('has the %s that came back as %p', (name, value, expected) => {
		const again = readRow({ ...row, [name]: value }, SETTINGS);
		expect(again[name]).toBe(expected);
		expect(again.warnings).toBe(row.warnings);
	});

	test.each<[string, unknown]>([
		['localDate', '03/04/26'],
		['localDate', '1 Feb'],
		['localDate', '2026-01-31T23:30:00.000Z'],
		['localDate', {}],
		['billingMonth', 'Feb-26'],
		['billingMonth', 'Feb 26'],
		['billingMonth', '13/2026'],
	])('makes %s anew from its end when it came back as %p, and says so', (name, value) => {
		const again = readRow({ ...row, [name]: value, rowHash: row.rowHash }, SETTINGS);
		expect(again).toEqual({ ...row, warnings: expect.any(String) as string });
		expect(String(again.warnings).split(';')).toContain('day-from-times');
	});

	test('makes day and month anew where their columns are gone, by the settings', () => {
		const { localDate, billingMonth, timezone, ...bare } = row;
		delete bare.rowHash;
		expect([localDate, billingMonth]).toEqual(['2026-02-01', '2026-02']);
		expect(readRow(bare, SETTINGS)).toMatchObject({ localDate, billingMonth, warnings: 'day-from-times' });
		expect(readRow(bare, { ...SETTINGS, billBy: 'start' })).toMatchObject({ localDate: '2026-01-31' });
		expect(readRow(bare, { ...SETTINGS, timezone: 'UTC' })).toMatchObject({ billingMonth: '2026-01' });
		// The zone of the location comes before the one of the settings.
		expect(readRow({ ...bare, timezone }, { ...SETTINGS, timezone: 'UTC' })).toMatchObject({ localDate });
	});

	test('has neither day nor month where nothing tells them, and says so', () => {
		const lost = { ...row, endedAt: 'x', localDate: 'x', billingMonth: 'x' };
		const again = readRow({ ...lost, startedAt: 'x' }, SETTINGS);
		expect(again).toMatchObject({ localDate: null, billingMonth: null, warnings: 'time-unreadable' });
		// As in a new row: where the end is not known or wrong, the start tells them.
		for (const endedAt of ['x', '2026-01-31T19:00:00.000Z']) {
			const byStart = readRow({ ...lost, startedAt: '2026-01-31T23:30:00.000Z', endedAt }, SETTINGS);
			expect(byStart).toMatchObject({ localDate: '2026-02-01', billingMonth: '2026-02' });
		}
	});

	describe('with a date that could have the day or the month first', () => {
		const slashed = { ...row, updatedAt: '01/02/2026 18:00' };
		const after = (...others: object[]) => {
			const all = [slashed, ...others] as Array<Record<string, unknown>>;
			return rowReader(all)(slashed, SETTINGS).updatedAt;
		};

		test('is read by what the other dates of the input prove', () => {
			expect(after({ startedAt: '25/02/2026 10:00' })).toBe('2026-02-01T18:00:00.000Z');
			expect(after({ startedAt: '2/25/2026 10:00' })).toBe('2026-01-02T18:00:00.000Z');
			expect(after({ endedAt: '10/1/2026 18:00', localDate: '2026-10-01' })).toBe('2026-01-02T18:00:00.000Z');
			expect(after({ endedAt: '10/1/2026 18:00', billingMonth: '2026-01' })).toBe('2026-02-01T18:00:00.000Z');
		});

		test('is empty where they prove nothing, or both, and says so', () => {
			expect(after()).toBeNull();
			expect(after({ startedAt: '25/02/2026' }, { endedAt: '2/25/2026' })).toBeNull();
			expect(after({ startedAt: '25.02.2026' }, { endedAt: '25-02-2026' })).toBeNull();
			expect(readRow(slashed, SETTINGS).warnings).toBe('date-ambiguous');
		});

		test('begins with the day where points or hyphens divide it, unless the others prove the contrary', () => {
			const dashed = { ...row, updatedAt: '01-02-2026' };
			expect(readRow(dashed, SETTINGS).updatedAt).toBe('2026-02-01T00:00:00.000Z');
			const others = rowReader([dashed, { startedAt: '02-25-2026' }]);
			expect(others(dashed, SETTINGS).updatedAt).toBe('2026-01-02T00:00:00.000Z');
		});
	});

	test('keeps its warnings, each once, in order', () => {
		const read = (warnings: unknown) => readRow({ ...row, warnings }, SETTINGS).warnings;
		expect(read('no-vat;no-tariff;no-vat')).toBe('no-tariff;no-vat');
		expect(read(null)).toBeNull();
		expect(read(undefined)).toBeNull();
		expect(readRow({ ...row, warnings: 'no-vat', energyKwh: 'x' }, SETTINGS).warnings).toBe(
			'energy-unreadable;no-vat',
		);
	});

	test.each<[unknown]>([
		[{}],
		[['no-vat']],
		[{ toString: 1 }],
		[JSON.parse('{"toString":null,"valueOf":null}')],
		[7],
		['<script>'],
	])('has no warning that is none: %j', (warnings) => {
		const codes = String(readRow({ ...row, warnings }, SETTINGS).warnings ?? '')
			.split(';')
			.filter(Boolean);
		expect(codes.filter((code) => !Object.hasOwn(WARNINGS, code))).toEqual([]);
	});
});

describe('a row is known', () => {
	test.each<[object, boolean]>([
		[{ source: 'spirii', sessionKey: 'spirii:1', energyKwh: 1 }, true],
		[{ source: null, sessionKey: null, energyKwh: null }, true],
		[{ source: 'spirii', sessionKey: 'spirii:1' }, false],
		[{}, false],
		[Object.create({ source: 'spirii', sessionKey: 'spirii:1', energyKwh: 1 }) as object, false],
		[chargeRecords.data[0], false],
		[transactions.data[0], false],
		[legacyRecord, false],
		[voltTimeTransactions.data[0], false],
	])('%#', (record, expected) => {
		expect(isRow(record)).toBe(expected);
	});
});

/*
 * Any row.
 */

const text = fc.string({ unit: 'grapheme' }).filter((value) => value.trim() !== '');
const decimal = fc
	.tuple(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), fc.integer({ min: 0, max: 4 }))
	.map(([digits, places]) => digits / 10 ** places)
	.filter((value) => !Object.is(value, -0));
const time = fc
	.date({ min: new Date('2001-01-01'), max: new Date('2098-12-31'), noInvalidDate: true })
	.map((date) => date.toISOString());
const cellOf: Record<string, fc.Arbitrary<Cell>> = {
	text,
	number: decimal,
	'whole number': fc.integer(),
	'yes/no': fc.boolean(),
	time,
	date: time.map((value) => value.slice(0, 10)),
	month: time.map((value) => value.slice(0, 7)),
};
const currency = fc.option(fc.constantFrom('EUR', 'DKK', 'JPY', 'KWD'));
const anyRow = fc
	.record({
		...Object.fromEntries(COLUMNS.map(({ name, type }) => [name, fc.option(cellOf[type], { freq: 5 })])),
		currency,
		status: fc.option(fc.constantFrom('completed', 'ongoing')),
	})
	.chain((cells: Record<string, Cell>) =>
		fc.subarray(Object.keys(WARNINGS).sort()).map((warnings): SessionRow => {
			const ordered = columnNames(GROUPS).map((name) => [name, cells[name]]);
			const isOneAmount = (cells.amountInclVat === null) !== (cells.amountExclVat === null);
			const day = String(cells.endedAt ?? cells.startedAt ?? cells.localDate).slice(0, 10);
			return {
				...(Object.fromEntries(ordered) as SessionRow),
				// An end is one, the day is that of a time and in the month, and of one amount no VAT is known: else they are made anew.
				...(cells.endedAt && !cells.status ? { status: 'completed' } : {}),
				...(cells.localDate ? { localDate: day } : {}),
				...(cells.billingMonth && day !== 'null' ? { billingMonth: day.slice(0, 7) } : {}),
				...(isOneAmount ? { vatRatePct: null, vatAmount: null } : {}),
				warnings: warnings.join(';') || null,
				rowHash: 'print',
			};
		}),
	);

test('a month that became a date begins with its first day, and tells the order of the others', () => {
	const dates = { startedAt: '10-02-2026 18:00', endedAt: '10-02-2026 20:00', localDate: '10-02-2026' };
	const [row] = rowWriter(chargeRecordKind, SETTINGS)([AWKWARD]);
	for (const [billingMonth, day] of [
		['10-01-2026', '2026-10-02'],
		['10-2026', '2026-10-02'],
		['2026-10', '2026-10-02'],
		['01-02-2026', '2026-02-10'],
		['02/2026', '2026-02-10'],
	]) {
		const again = readRow({ ...row, ...dates, billingMonth }, SETTINGS);
		expect(again).toMatchObject({ localDate: day, billingMonth: day.slice(0, 7), warnings: row.warnings });
		expect(again.endedAt).toBe(`${day}T20:00:00.000Z`);
	}
});

test('a day outside of its month is none: both are made anew from start and end', () => {
	const [row] = rowWriter(chargeRecordKind, SETTINGS)([AWKWARD]);
	for (const changes of [
		{ billingMonth: '2026-03' },
		{ localDate: '2026-03-01' },
		{ localDate: '01.03.2026' },
	]) {
		const again = readRow({ ...row, ...changes }, SETTINGS);
		expect(again).toMatchObject({ localDate: '2026-02-01', billingMonth: '2026-02' });
		expect(String(again.warnings).split(';')).toEqual(
			expect.arrayContaining(['date-ambiguous', 'day-from-times']),
		);
	}
});

describe('a day that is neither that of the start nor that of the end', () => {
	const ofOctober = {
		source: 'spirii',
		sessionKey: 'spirii:1',
		status: 'completed',
		startedAt: '2026-10-01T18:00:00.000Z',
		endedAt: '2026-10-01T20:00:00.000Z',
	};
	const anew = {
		localDate: '2026-10-01',
		billingMonth: '2026-10',
		warnings: 'date-ambiguous;day-from-times',
	};

	test.each<[string, Record<string, unknown>]>([
		['with day and month swapped', { localDate: '2026-01-10' }],
		['swapped in both columns', { localDate: '2026-01-10', billingMonth: '2026-01' }],
		['swapped in the serial of a spreadsheet', { localDate: 46032 }],
		['of another year', { localDate: '01.10.2025', billingMonth: '10/2025' }],
		['two days off', { localDate: '2026-10-03', billingMonth: '2026-10' }],
		['in a month beside an empty day', { localDate: '', billingMonth: '2026-01' }],
	])('%s, is made anew, and said', (_, cells) => {
		const { localDate } = cells;
		const again = readRow({ ...ofOctober, ...cells }, SETTINGS);
		expect(again).toMatchObject(localDate === '' ? { ...anew, localDate: null } : anew);
		expect(doubtsIn(again.warnings)).toEqual(['date-ambiguous']);
	});

	test.each<[string, Record<string, unknown>]>([
		['of the end in another time zone', { localDate: '2026-10-02', billingMonth: '2026-10' }],
		['of the evening before', { localDate: '2026-09-30', billingMonth: '2026-09' }],
		['of the start of a long session', { localDate: '2026-08-20', startedAt: '2026-08-20T10:00:00.000Z' }],
		['without times', { localDate: '2026-01-10', startedAt: null, endedAt: null }],
		['of the end beside a start of 1970', { localDate: '2026-10-01', startedAt: '1970-01-01T00:00:01Z' }],
	])('%s, stays', (_, cells) => {
		const again = readRow({ ...ofOctober, ...cells }, SETTINGS);
		expect(again).toMatchObject(
			cells.startedAt === '1970-01-01T00:00:01Z' ? { localDate: cells.localDate } : cells,
		);
		expect(again.warnings ?? '').not.toContain('date-ambiguous');
	});
});

test.each<[string, Record<string, unknown>, string | null]>([
	['an end', { endedAt: '01.10.2026 20:00' }, 'completed'],
	['an end that cannot be read', { endedAt: 'x' }, 'completed'],
	['no end', { endedAt: null }, null],
	['an end, while it says that it runs', { endedAt: '2026-10-01T20:00:00Z', status: 'ongoing' }, 'ongoing'],
])('a row without its status and with %s', (_, cells, status) => {
	const row = { source: 'spirii', sessionKey: 'spirii:1', startedAt: '2026-10-01T18:00:00.000Z', ...cells };
	expect(readRow(row, SETTINGS).status).toBe(status);
});

test.each<[string, string | null, string | null, string | null]>([
	['Completed ', null, 'completed', null],
	['ONGOING', null, 'ongoing', null],
	['finished', '2026-10-01T20:00:00.000Z', 'completed', 'status-unreadable'],
	['Cancelled', '2026-10-01T20:00:00.000Z', 'completed', 'status-unreadable'],
	['running', null, null, 'status-unreadable'],
	['', '2026-10-01T20:00:00.000Z', 'completed', null],
])('a row with the status %j and the end %j is %j', (status, endedAt, read, warnings) => {
	const day = { localDate: '2026-10-01', billingMonth: '2026-10' };
	const row = { source: 'spirii', sessionKey: 'spirii:1', warnings: null, ...day, status, endedAt };
	const again = readRow({ ...row, startedAt: '2026-10-01T18:00:00.000Z' }, SETTINGS);
	expect([again.status, again.warnings]).toEqual([read, warnings]);
});

describe('times that cannot be right in a row without its warnings', () => {
	const settings = { ...SETTINGS, now: () => Date.parse('2026-11-27T10:00:00Z') };
	const [full] = rowWriter(chargeRecordKind, SETTINGS)([AWKWARD]);
	const lost = ['warnings', 'localDate', 'billingMonth'];
	const row = Object.fromEntries(Object.entries(full).filter(([name]) => !lost.includes(name)));
	const times = (startedAt: string, endedAt: string) => readRow({ ...row, startedAt, endedAt }, settings);
	test.each<[string, string, string | null]>([
		['2026-01-31T21:00:00Z', '2031-01-31T22:00:00Z', '2026-01'],
		['2026-01-31T21:00:00Z', '9999-12-31T00:00:00Z', '2026-01'],
		['1970-01-01T00:00:00Z', '1970-01-01T02:00:00Z', null],
		['2031-01-31T21:00:00Z', '2031-01-31T22:00:00Z', null],
		['9999-01-31T21:00:00Z', '9999-01-31T22:00:00Z', null],
		['1970-01-01T00:00:00Z', '2026-01-31T22:00:00Z', '2026-01'],
	])('from %s to %s give the month %p, and are doubted', (start, end, month) => {
		const again = times(start, end);
		expect(again.billingMonth).toBe(month);
		expect(doubtsIn(again.warnings)).toContain('time-implausible');
	});

	test.each(['1970-01', '0001-01', '9999-12'])('%s is no month', (billingMonth) => {
		const again = readRow({ ...row, billingMonth, localDate: `${billingMonth}-01` }, settings);
		expect([again.localDate, again.billingMonth]).toEqual(['2026-02-01', '2026-02']);
	});
});

test.each<[SessionRow, number | undefined, SessionRow]>([
	[{ amountInclVat: 125, vatRatePct: 25 }, 19, { amountExclVat: 100, vatAmount: 25, vatRatePct: 25 }],
	[{ amountInclVat: 125, vatRatePct: 25 }, undefined, { amountExclVat: 100, vatAmount: 25, vatRatePct: 25 }],
	[{ amountExclVat: 100, vatRatePct: 0 }, 19, { amountInclVat: 100, vatAmount: 0, vatRatePct: 0 }],
	[{ amountInclVat: 125, vatAmount: 25 }, 19, { amountExclVat: 100, vatAmount: 25, vatRatePct: 25 }],
	[{ amountInclVat: 119 }, 19, { amountExclVat: 100, vatAmount: 19, vatRatePct: 19 }],
	[{ amountInclVat: 119 }, undefined, { amountExclVat: null, vatRatePct: null }],
])('the VAT of a row comes before that of the settings: %j with %p', (money, vatRatePct, expected) => {
	const row = { source: 'spirii', sessionKey: 'spirii:1', energyKwh: 1, currency: 'EUR', ...money };
	expect(readRow(row, { ...SETTINGS, vatRatePct })).toMatchObject({ ...money, ...expected });
});

describe('a row that comes back without its warnings', () => {
	const [row] = rowWriter(chargeRecordKind, SETTINGS)([AWKWARD]);
	const plain = {
		...row,
		warnings: null,
		startedAt: '2026-01-31T18:00:00.000Z',
		endedAt: '2026-01-31T20:00:00.000Z',
	};
	const measured = { energyKwh: 10, meterStartKwh: 100, meterStopKwh: 110, maxPowerKw: 11 };
	test.each<[SessionRow, string[]]>([
		[{}, []],
		[{ energyKwh: -10 }, ['energy-negative', 'meter-mismatch']],
		[{ energyKwh: 10_000 }, ['energy-implausible', 'meter-mismatch']],
		[
			{ energyKwh: 7783.9, meterStartKwh: null, meterStopKwh: 7783.9, maxPowerKw: null },
			['energy-implausible'],
		],
		[{ meterStopKwh: 90 }, ['meter-backwards', 'meter-mismatch']],
		[{ energyKwh: 12, meterStopKwh: 124 }, ['meter-mismatch']],
		[{ energyKwh: 20 }, ['meter-mismatch']],
		[{ energyKwh: 10.9 }, []],
		[{ startedAt: null, endedAt: null, energyKwh: 5000, meterStopKwh: 5100 }, ['energy-implausible']],
		[{ endedAt: '2026-01-31T17:00:00.000Z' }, ['end-before-start']],
		[{ endedAt: '2026-06-30T17:00:00.000Z' }, ['time-implausible']],
		[{ status: 'ongoing', endedAt: null }, []],
	])('and with %j is doubted anew: %p', (changes, codes) => {
		const again = readRow({ ...plain, ...measured, ...changes }, SETTINGS);
		expect(doubtsIn(again.warnings)).toEqual(codes);
	});
});

describe('any row', () => {
	const [json, asText, withComma] = WAYS.slice(1, 4);
	test.each([json, asText, withComma])('comes back equal from %s', (_, change) => {
		fc.assert(
			fc.property(anyRow, (row) => {
				const settings = { ...SETTINGS, currency: undefined, vatRatePct: undefined };
				const again = readRow(change(row), settings);
				// The energy of any row can contradict its times. A code can come, and none goes.
				expect({ ...again, warnings: null }).toEqual({ ...row, warnings: null });
				const codesIn = ({ warnings }: SessionRow) =>
					String(warnings ?? '')
						.split(';')
						.filter(Boolean);
				expect(codesIn(again)).toEqual(expect.arrayContaining(codesIn(row)));
				expect(readRow(change(again), settings)).toEqual(again);
			}),
			{ numRuns: 1000 },
		);
	});
});

describe('currency and VAT of the settings', () => {
	const [row] = rowWriter(voltTimeKind, { ...SETTINGS, currency: undefined, vatRatePct: undefined })([
		{ id: 1, started_at: '2026-03-01T08:00:00Z', stopped_at: '2026-03-01T09:00:00Z', total_cost: '12.10' },
	]);

	test('fill what a row lacks, and the warnings go', () => {
		expect(row).toMatchObject({ amountInclVat: 12.1, currency: null, warnings: 'no-currency;no-vat' });
		expect(readRow(row, SETTINGS)).toMatchObject({
			currency: 'EUR',
			amountInclVat: 12.1,
			amountExclVat: 10,
			vatAmount: 2.1,
			vatRatePct: 21,
			warnings: null,
		});
	});

	test('leave what a row says', () => {
		const full = { ...row, currency: 'DKK', amountExclVat: 9.68, vatAmount: 2.42, vatRatePct: 25 };
		expect(readRow(full, SETTINGS)).toMatchObject({ currency: 'DKK', amountExclVat: 9.68, vatRatePct: 25 });
	});

	test('do not stand in for an amount that cannot be read, nor for a session without one', () => {
		const unreadable = readRow({ ...row, amountExclVat: '#REF!' }, SETTINGS);
		expect(unreadable).toMatchObject({ amountExclVat: null, vatRatePct: null });
		const without = readRow({ ...row, amountInclVat: null }, SETTINGS);
		expect(without).toMatchObject({ amountInclVat: null, currency: null });
	});
});
