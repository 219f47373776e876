import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { normalize } from '../../../nodes/EvCharging/operations/normalize';
import { columnNames } from '../../../nodes/shared/session/columns';
import type { Group, SessionRow } from '../../../nodes/shared/session/types';
import { WARNINGS } from '../../../nodes/shared/session/warnings';
import legacyRecord from '../../../sandbox/examples/spirii.v1.chargeRecord.json';
import legacyRecords from '../../../sandbox/examples/spirii.v1.chargeRecords.json';
import chargeRecords from '../../../sandbox/examples/spirii.v2.chargeRecords.json';
import transactions from '../../../sandbox/examples/spirii.v2.transactions.json';
import voltTimeTransactions from '../../../sandbox/examples/voltTime.v2.transactions.json';

type Values = Record<string, unknown>;

/** What the operation makes of records. */
function normalized(records: unknown[], values: Values): IDataObject[] {
	const given = { values, timezone: 'Europe/Copenhagen' };
	const items = normalize.run({
		items: records.map((json) => ({ json: json as IDataObject })),
		forAll: () => given,
		forEach: (make) => {
			const value = make(given);
			return { made: records.map((_, itemIndex) => ({ itemIndex, value })), failed: new Map() };
		},
		toBinary: () => Promise.reject(new Error('No file is asked for')),
		hint: () => undefined,
	});
	if (!Array.isArray(items)) throw new Error('The operation waits for nothing');
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual(records.map((_, item) => ({ item })));
	return items.map(({ json }) => json);
}

const EXAMPLES: IDataObject[] = [
	...chargeRecords.data,
	...transactions.data,
	...legacyRecords.data,
	legacyRecord,
	...voltTimeTransactions.data,
];
/** Rows are records, too. */
const ROWS = normalized(EXAMPLES, {
	driverData: 'plain',
	columnGroups: ['address', 'commercial', 'origin', 'vehicle', 'change'],
});

/** Every place in a record, as the names on the way there. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
	if (typeof value !== 'object' || value === null) return [path];
	const inner = Object.entries(value).flatMap(([name, one]) => pathsOf(one, [...path, name]));
	return path.length === 0 ? inner : [path, ...inner];
}

/**
 * Sets an own field, also one that would be the prototype; nothing where the way there is gone. The value is copied: one
 * that came twice would hold itself.
 */
function put(record: object, path: string[], value: unknown): void {
	let place: unknown = record;
	for (const name of path.slice(0, -1))
		place = Object.entries(place ?? {}).find(([own]) => own === name)?.[1];
	if (typeof place !== 'object' || place === null) return;
	const name = path[path.length - 1];
	if (value === undefined) Reflect.deleteProperty(place, name);
	else
		Object.defineProperty(place, name, {
			value: structuredClone(value),
			enumerable: true,
			configurable: true,
			writable: true,
		});
}

const json = (text: string) => JSON.parse(text) as unknown;

const junk: fc.Arbitrary<unknown> = fc.oneof(
	fc.jsonValue(),
	fc.string({ unit: 'binary' }),
	fc.double({ noNaN: true, noDefaultInfinity: true }),
	fc.constantFrom<unknown>(
		...[undefined, null, '', ' ', 0, -0, 1e308, -1e308, 5e-324, 2 ** 53, -1, 1e15, 1e21],
		...['31,02', '1.234,56', '1,234.56', '1.234.567', '1e999', 'NaN', 'Infinity', '-', '0x10', '١٢٣'],
		...['\u0000', 'a\u0000b', '💥', '👩‍👩‍👧', '\uD800', '\u202Egnp', 'x'.repeat(10_000), '=HYPERLINK("x")'],
		...[
			'2026-02-30T25:61:00Z',
			'+275760-09-13T00:00:00.001Z',
			'0000-00-00 00:00:00',
			'46096',
			'1',
			'2026-01-31',
		],
		...[true, false, [], {}, [[[]]], ['31,02'], { amount: { amount: {} } }],
		...[
			'{"__proto__":{"amount":5,"polluted":true}}',
			'{"constructor":{"prototype":{"polluted":true}}}',
			'{"toString":1,"valueOf":2}',
			'{"toJSON":"x"}',
			'{"length":-1,"0":"a"}',
		].map(json),
	),
);

const dangerous = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then');

/** A documented record, or a row, with some of its places broken, gone, or taken from another one. */
const damaged = fc
	.constantFrom(...EXAMPLES, ...ROWS)
	.chain((example) => {
		const paths = pathsOf(example);
		const place = fc.oneof(
			{ weight: 8, arbitrary: fc.constantFrom(...paths) },
			{
				weight: 1,
				arbitrary: fc
					.tuple(fc.constantFrom(...paths), dangerous)
					.map(([path, name]) => [...path.slice(0, -1), name]),
			},
		);
		return fc.tuple(fc.constant(example), fc.array(fc.tuple(place, junk), { maxLength: 8 }));
	})
	.map(([example, damages]) => {
		const record = structuredClone(example);
		for (const [path, value] of damages) put(record, path, value);
		return record;
	});

const FIELDS = [...new Set([...EXAMPLES, ...ROWS].flatMap((record) => Object.keys(record)))];
/** Fields of all vendors at once, with anything in them. */
const mixed = fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), dangerous, fc.string()), junk, {
	maxKeys: 30,
});
const anyObject = fc.object({ withNullPrototype: false, maxDepth: 4 });

/** As it comes out of JSON: n8n's items hold nothing else. */
const anyRecord = fc
	.oneof(
		{ weight: 4, arbitrary: damaged },
		{ weight: 2, arbitrary: mixed },
		{ weight: 1, arbitrary: anyObject },
	)
	.map((record) => {
		const text = JSON.stringify(record, (_, value: unknown) =>
			typeof value === 'bigint' ? String(value) : value,
		);
		const read = text === undefined ? {} : json(text);
		return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as IDataObject) : {};
	});

const anyPage = fc.array(anyRecord, { minLength: 1, maxLength: 3 });
const anyValues: fc.Arbitrary<Values> = fc.record({
	recordKind: fc.constantFrom(
		...[
			'auto',
			'auto',
			'auto',
			'spiriiChargeRecord',
			'spiriiLegacyChargeRecord',
			'spiriiTransaction',
			'voltTimeLegacyTransaction',
		],
	),
	columnGroups: fc.subarray<Group>(['address', 'commercial', 'origin', 'vehicle', 'change']),
	driverData: fc.constantFrom('none', 'plain', 'masked'),
	billBy: fc.constantFrom('end', 'start'),
	currency: fc.constantFrom(undefined, 'EUR'),
	vatRate: fc.constantFrom(undefined, 0, 21, 100),
	pricesIncludeVat: fc.constantFrom(undefined, true, false),
	sessionTimezone: fc.constantFrom(undefined, 'America/New_York'),
	ocpiVersion: fc.constantFrom('2.2.1', '2.3.0'),
	operatorCountryCode: fc.constantFrom(undefined, 'DK'),
	operatorPartyId: fc.constantFrom(undefined, 'SPI'),
});

/** What is wrong with a value that is to be JSON, and nothing else. */
function flawsOf(value: unknown, path = ''): string[] {
	if (value === null || typeof value === 'string' || typeof value === 'boolean') return [];
	if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is ${value}`];
	if (typeof value !== 'object') return [`${path} is ${typeof value}`];
	const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
	const inner = Object.entries(value).flatMap(([name, one]) => flawsOf(one, `${path}.${name}`));
	return isPlain ? inner : [`${path} is no plain object`, ...inner];
}

const OCPI_WARNINGS = ['negative-left-out', 'evse-id-rewritten', 'optional-left-out', 'text-shortened'];
const isNoWarning = (code: string) => !Object.hasOwn(WARNINGS, code);
const runs = { numRuns: 2000 };

afterEach(() => {
	expect(({} as IDataObject).polluted).toBeUndefined();
});

describe('whatever comes in', () => {
	test('a full row comes out: every column, in order, with nothing but cells, and with codes that are known', () => {
		fc.assert(
			fc.property(anyPage, anyValues, (page, values) => {
				const before = JSON.stringify(page);
				const rows = normalized(page, { ...values, output: 'simplified' }) as SessionRow[];
				const driver: Group[] = values.driverData === 'none' ? [] : ['driver'];
				const columns = columnNames([...(values.columnGroups as Group[]), ...driver]);
				for (const row of rows) {
					expect(Object.keys(row)).toEqual(columns);
					expect(Object.values(row).filter((cell) => typeof cell === 'object' && cell !== null)).toEqual([]);
					expect(flawsOf(row)).toEqual([]);
					expect(row.warnings === null || (typeof row.warnings === 'string' && row.warnings !== '')).toBe(
						true,
					);
					expect(
						String(row.warnings ?? '')
							.split(';')
							.filter(Boolean)
							.filter(isNoWarning),
					).toEqual([]);
				}
				expect(JSON.stringify(page)).toBe(before);
			}),
			runs,
		);
	});

	test.each([...new Set(ROWS.flatMap((row) => Object.keys(row)))])(
		'a row comes out where "%s" holds an object that cannot become text',
		(name) => {
			const damaged = ROWS.map((row) => ({ ...row, [name]: { toString: 1, valueOf: 1 } }));
			for (const row of normalized(damaged, { driverData: 'plain' })) expect(flawsOf(row)).toEqual([]);
		},
	);

	test('an OCPI object comes out: plain JSON without gaps, with what is missing and what was doubtful', () => {
		fc.assert(
			fc.property(anyPage, anyValues, (page, values) => {
				for (const object of normalized(page, { ...values, output: 'ocpi' })) {
					expect(flawsOf(object)).toEqual([]);
					expect(JSON.stringify(object)).not.toMatch(/:null[,}]/);
					const { _missing: missing, _warnings: warnings } = object as {
						_missing: string[];
						_warnings: string[];
					};
					expect(missing.every((path) => /^[a-z_]+(\.[a-z_]+)?$/.test(path))).toBe(true);
					expect(warnings.filter(isNoWarning).filter((code) => !OCPI_WARNINGS.includes(code))).toEqual([]);
				}
			}),
			runs,
		);
	});

	test.each([
		[['energy', 'price'], 'energy;price'],
		[[], null],
		[' ', null],
		[['nothing that is known', 7, null, 'time'], 'time'],
	])('what a correction changed comes out as text: %j', (changedFields, told) => {
		const values = { output: 'simplified', recordKind: 'auto', columnGroups: ['change'] };
		expect(normalized([{ changedFields }], values)[0].changedFields).toBe(told);
	});

	test('a price that is calculated beyond every readable number is left empty', () => {
		const record = { id: 3, started_at: '2026-03-01T08:00:00Z', total_cost: '1', kwh_cost: 1e15 };
		const values = { output: 'simplified', recordKind: 'auto', vatRate: 21, pricesIncludeVat: false };
		expect(normalized([record], values)[0].pricePerKwh).toBeNull();
		expect(normalized([{ ...record, kwh_cost: 1e12 }], values)[0].pricePerKwh).toBe(1.21e12);
	});

	test('a row that comes in again comes out as it was', () => {
		fc.assert(
			fc.property(anyPage, anyValues, (page, values) => {
				const once = normalized(page, { ...values, output: 'simplified' });
				const again = normalized(once, { ...values, output: 'simplified' });
				expect(again).toEqual(once);
			}),
			runs,
		);
	});

	test.each([': ', ':', ' :1', 'spirii: '])(
		'a key without a vendor or an id names neither: %j',
		(sessionKey) => {
			const values = { output: 'simplified', columnGroups: ['origin'] };
			const once = normalized([{ sessionKey, energyKwh: 1 }], values);
			expect(once[0]).toMatchObject({ source: null, sessionId: null });
			expect(normalized(once, values)).toEqual(once);
		},
	);

	test('a meter that is an object is one that cannot be read', () => {
		const record = { ...chargeRecords.data[0], meterStart: { toString: 1, valueOf: 2 }, meterStop: 12 };
		const [row] = normalized([record], { output: 'simplified' });
		expect(row).toMatchObject({ meterStartKwh: null, warnings: expect.stringMatching('energy-unreadable') });
	});

	test.each([
		['nothing', 0],
		['the smallest number there is', 5e-324],
		['its opposite', -5e-324],
		['a millionth of a cent', 1e-8],
	])('a VAT rate is one that there can be, also where the amount without VAT is %s', (_, amountExVat) => {
		const record = { ...chargeRecords.data[0], price: { amount: 100.5, amountExVat, currency: 'EUR' } };
		const [row] = normalized([record], { output: 'simplified' });
		expect(row).toMatchObject({ amountInclVat: 100.5, amountExclVat: amountExVat, vatRatePct: null });
	});

	test('what says nothing of a session is none: neither running nor ended', () => {
		const [row] = normalized([{ hello: 'world' }], { output: 'simplified', columnGroups: ['origin'] });
		expect(row).toMatchObject({ source: null, status: null, warnings: 'id-missing;record-unknown' });
		const [object] = normalized([{ hello: 'world' }], { output: 'ocpi' });
		expect(object.status).toBeUndefined();
	});
});

/*
 * Amounts.
 */

/** A decimal of up to fifteen digits, and the ways in which vendors write it. */
const written = fc
	.record({
		whole: fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 0, max: 99_999_999_999 })),
		fraction: fc
			.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 })
			.map((digits) => digits.join('')),
		isNegative: fc.boolean(),
	})
	.map(({ whole, fraction, isNegative }) => {
		const sign = isNegative ? '-' : '';
		const grouped = (mark: string) => String(whole).replace(/\B(?=(\d{3})+$)/g, mark);
		const number = Number(`${sign}${whole}.${fraction}`);
		return {
			number: Object.is(number, -0) ? 0 : number,
			forms: [
				number,
				`${sign}${whole}.${fraction}`,
				`${sign}${whole},${fraction}`,
				`${sign}${grouped('.')},${fraction}`,
				`${sign}${grouped(',')}.${fraction}`,
				` ${sign}${whole},${fraction} `,
			],
		};
	});

const [chargeRecord] = chargeRecords.data;
const [transaction] = transactions.data;
const [voltTime] = voltTimeTransactions.data;

/** Where a number stands in each kind of record, and the column that it is read into. */
const PLACES: Array<[string, string, (value: unknown) => object]> = [
	['a charge record', 'amountInclVat', (amount) => ({ ...chargeRecord, price: { amount, currency: 'EUR' } })],
	['a charge record', 'amountExclVat', (amount) => ({ ...chargeRecord, price: { amountExVat: amount } })],
	['a charge record', 'pricePerKwh', (amount) => ({ ...chargeRecord, price: { perKwh: amount } })],
	['a charge record', 'energyKwh', (consumed) => ({ ...chargeRecord, consumed })],
	[
		'a transaction',
		'amountInclVat',
		(amount) => ({ ...transaction, price: { ...transaction.price, amount } }),
	],
	['a transaction', 'energyKwh', (consumed) => ({ ...transaction, chargingDetails: { consumed } })],
	[
		'a v1 charge record',
		'amountInclVat',
		(amount) => ({ ...legacyRecord, price: { ...legacyRecord.price, amount } }),
	],
	[
		'a v1 charge record',
		'amountExclVat',
		(amountExVat) => ({ ...legacyRecord, price: { amount: '1', amountExVat } }),
	],
	['a Volt Time transaction', 'amountInclVat', (amount) => ({ ...voltTime, total_cost: amount })],
	['a Volt Time transaction', 'energyKwh', (kwh) => ({ ...voltTime, total_kwh: kwh })],
	['a Volt Time transaction', 'startFee', (cost) => ({ ...voltTime, start_cost: cost })],
	['a row', 'amountInclVat', (amount) => ({ ...ROWS[0], amountInclVat: amount })],
	['a row', 'vatAmount', (amount) => ({ ...ROWS[0], vatAmount: amount })],
	['a row', 'energyKwh', (energy) => ({ ...ROWS[0], energyKwh: energy })],
];

describe('a number never changes by being read, however it is written', () => {
	test.each(PLACES)('in %s: %s', (_, column, recordWith) => {
		fc.assert(
			fc.property(written, ({ number, forms }) => {
				const rows = normalized(forms.map(recordWith), {
					output: 'simplified',
					columnGroups: ['commercial'],
				});
				// Minus zero is zero.
				expect(rows.map((row) => (row[column] as number) + 0)).toEqual(forms.map(() => number));
			}),
			{ numRuns: 300 },
		);
	});

	test.each<[unknown]>([
		...['abc', '1.234.567', '1,2,3', '12.34,56', '1 234,56', '1e3', '€ 5', '1,23,456.7', '5 %', '١٢٣'].map(
			(text): [unknown] => [text],
		),
		// No double has a cent any more, or it is no number at all.
		...[1e16, -1e21, 1e308, true, {}, [5]].map((value): [unknown] => [value]),
	])('and %j is none: it is left empty, with a warning', (value) => {
		for (const [, column, recordWith] of PLACES) {
			const [row] = normalized([recordWith(value)], { output: 'simplified', columnGroups: ['commercial'] });
			// What the record says besides may still give a price or an energy.
			if (column !== 'pricePerKwh' && column !== 'energyKwh') expect(row[column]).toBeNull();
			expect(row[column]).not.toBe(value);
			expect(row.warnings).toMatch(column === 'energyKwh' ? /energy-unreadable/ : /amount-unreadable/);
		}
	});
});
