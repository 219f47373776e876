import { createHmac } from 'node:crypto';

import fc from 'fast-check';

import { fieldsOf } from '../../../docs/fields';
import { COLUMNS, columnNames } from '../../../nodes/shared/session/columns';
import {
	SESSION_FIELDS,
	valueAt,
	type RecordKind,
	type JsonRecord,
} from '../../../nodes/shared/session/fields';
import { rowReader } from '../../../nodes/shared/session/readRow';
import { rowWriter } from '../../../nodes/shared/session/row';
import type { RowSettings } from '../../../nodes/shared/session/types';
import { WARNINGS } from '../../../nodes/shared/session/warnings';
import { vendors } from '../../../nodes/vendors';
import { chargeRecordKind, legacyChargeRecordKind, transactionKind } from '../../../nodes/Spirii/records';
import { legacyTransactionKind as voltTimeKind } from '../../../nodes/VoltTime/records';
import legacyRecord from '../../../sandbox/examples/spirii.v1.chargeRecord.json';
import legacyRecords from '../../../sandbox/examples/spirii.v1.chargeRecords.json';
import chargeRecords from '../../../sandbox/examples/spirii.v2.chargeRecords.json';
import transactions from '../../../sandbox/examples/spirii.v2.transactions.json';
import voltTimeTransactions from '../../../sandbox/examples/voltTime.v2.transactions.json';

const SETTINGS: RowSettings = {
	pricesIncludeVat: true,
	timezone: 'Europe/Copenhagen',
	billBy: 'end',
	groups: [],
	driver: 'plain',
};
const KINDS: Array<[string, RecordKind]> = [
	['a charge record', chargeRecordKind],
	['a legacy charge record', legacyChargeRecordKind],
	['a transaction', transactionKind],
	['a Volt Time transaction', voltTimeKind],
];
/** Start and end of the examples are one moment, and their durations 123: within a minute of it in milliseconds only. */
const DURATION_OF_THE_EXAMPLE = { chargingSeconds: 0, idleSeconds: 0 };

const GROUPS: RowSettings['groups'] = ['address', 'commercial', 'driver', 'origin', 'vehicle', 'change'];

/** The rows of a page. */
function rowsOf(kind: RecordKind, page: object[], settings: Partial<RowSettings> = {}) {
	return rowWriter(kind, { ...SETTINGS, ...settings })(page);
}

/** With where a record was read. */
const ORIGIN: Partial<RowSettings> = { groups: ['origin'] };

/** A row with all of a row's columns and those of its origin, null but for these. */
const row = (values: object) => {
	const empty = columnNames(['origin']).map((name) => [name, null]);
	return { ...Object.fromEntries(empty), ...values };
};

describe("the rows of the documents' own examples", () => {
	test('of v2 charge records', () => {
		expect(rowsOf(chargeRecordKind, chargeRecords.data, ORIGIN)).toEqual([
			row({
				source: 'spirii',
				endpoint: '/v2/charge-records',
				sessionKey: 'spirii:123',
				sessionId: '123',
				status: 'completed',
				startedAt: '2023-11-07T05:31:56.000Z',
				endedAt: '2023-11-07T05:31:56.000Z',
				localDate: '2023-11-07',
				billingMonth: '2023-11',
				durationSeconds: 0,
				stopReason: 'Remote',
				energyKwh: 123,
				maxPowerKw: 10.692,
				amountInclVat: 123,
				amountExclVat: 123,
				vatAmount: 0,
				vatRatePct: 0,
				pricePerKwh: 123,
				updatedAt: '2023-11-07T05:31:56.000Z',
				tariffName: '<string>',
				locationId: '123',
				locationName: '<string>',
				city: '<string>',
				country: 'DK',
				chargerId: '123',
				evseId: '<string>',
				companyName: '<string>',
				customerCompanyName: '<string>',
				costCenter: '<string>',
				isRoaming: true,
				warnings: expect.stringMatching(
					/^currency-unreadable;.*energy-implausible;.*meter-unit-unknown;timezone-unknown;vat-mismatch/,
				) as string,
				...DURATION_OF_THE_EXAMPLE,
			}),
		]);
	});

	test('of v2 transactions', () => {
		expect(rowsOf(transactionKind, transactions.data, ORIGIN)).toEqual([
			row({
				source: 'spirii',
				endpoint: '/v2/transactions',
				sessionKey: 'spirii:123456',
				sessionId: '123456',
				status: 'completed',
				startedAt: '2023-11-07T05:31:56.000Z',
				endedAt: '2023-11-07T05:31:56.000Z',
				localDate: '2023-11-07',
				billingMonth: '2023-11',
				durationSeconds: 0,
				energyKwh: 123,
				maxPowerKw: 123,
				amountInclVat: 100.5,
				amountExclVat: 80.9,
				vatAmount: 19.6,
				vatRatePct: 24.23,
				pricePerKwh: 0.5,
				currency: 'EUR',
				updatedAt: '2023-11-07T05:31:56.000Z',
				tariffName: 'Spirii Tariff',
				locationId: '654321',
				locationName: 'Boulevard Garibaldi',
				city: 'Paris',
				country: 'FR',
				chargerId: '123',
				evseId: 'FR.SPI.Z000001*1',
				connectorId: '1',
				companyName: 'Spirii',
				customerCompanyName: '<string>',
				costCenter: '<string>',
				isRoaming: true,
				warnings: expect.stringMatching(/energy-implausible;meter-mismatch;meter-unit-unknown/) as string,
				...DURATION_OF_THE_EXAMPLE,
			}),
		]);
	});

	const legacy = {
		source: 'spirii',
		endpoint: '/v1/charge-records',
		sessionKey: 'spirii:123665',
		sessionId: '123665',
		status: 'completed',
		startedAt: '2021-06-21T08:30:55.000Z',
		endedAt: '2021-06-21T12:25:59.000Z',
		localDate: '2021-06-21',
		billingMonth: '2021-06',
		durationSeconds: 14_104,
		energyKwh: 13.79,
		amountInclVat: 31.02,
		pricePerKwh: 2.2495,
		currency: 'DKK',
		updatedAt: '2021-06-21T08:30:55.000Z',
		tariffName: 'LocationTariff',
		locationId: '1766',
		locationName: 'Søllerødgade',
		city: 'København',
		country: 'DK',
		evseId: 'DK.SPI.ZM0050*1',
		connectorId: '1',
		isRoaming: false,
		warnings: 'no-vat',
	};

	test('of v1 charge records, whose amounts have a decimal comma', () => {
		expect(rowsOf(legacyChargeRecordKind, legacyRecords.data, ORIGIN)).toEqual([
			row(legacy),
			row({
				...legacy,
				sessionKey: 'spirii:124909',
				sessionId: '124909',
				startedAt: '2021-06-22T21:00:12.000Z',
				endedAt: '2021-06-23T07:34:34.000Z',
				localDate: '2021-06-23',
				durationSeconds: 38_062,
				energyKwh: 11.36,
				amountInclVat: 25.56,
				pricePerKwh: 2.25,
				updatedAt: '2022-11-11T08:17:39.000Z',
				evseId: 'DK.SPI.ZM0051*1',
			}),
		]);
	});

	test('of one v1 charge record, with its VAT', () => {
		expect(rowsOf(legacyChargeRecordKind, [legacyRecord], ORIGIN)).toEqual([
			row({
				...legacy,
				amountInclVat: 14.18,
				amountExclVat: 11.34,
				vatAmount: 2.84,
				vatRatePct: 25,
				pricePerKwh: 1.0283,
				warnings: null,
			}),
		]);
	});

	test('of Volt Time transactions, in kWh', () => {
		const common = {
			source: 'voltTime',
			endpoint: '/api/v2/teams/{team_id}/chargers/{charger_id}/transactions',
			status: 'completed',
			billingMonth: '2025-09',
			amountInclVat: 0,
			amountExclVat: 0,
			vatAmount: 0,
			updatedAt: '2025-09-25T07:17:36.000Z',
			warnings: 'no-currency;no-tariff',
		};
		expect(rowsOf(voltTimeKind, voltTimeTransactions.data, ORIGIN)).toEqual([
			row({
				...common,
				sessionKey: 'voltTime:3',
				sessionId: '3',
				startedAt: '2025-08-26T06:57:09.000Z',
				endedAt: '2025-09-11T00:21:22.000Z',
				localDate: '2025-09-11',
				durationSeconds: 1_358_653,
				stopReason: 'Other',
				energyKwh: 7.94,
				meterStartKwh: 29.317,
				meterStopKwh: 37.253,
				chargerId: '25',
				connectorId: '8',
			}),
			row({
				...common,
				sessionKey: 'voltTime:4',
				sessionId: '4',
				startedAt: '2025-09-05T21:32:13.000Z',
				endedAt: '2025-09-19T14:24:42.000Z',
				localDate: '2025-09-19',
				durationSeconds: 1_183_949,
				stopReason: 'EVDisconnected',
				energyKwh: 9.12,
				meterStartKwh: 34.891,
				meterStopKwh: 44.009,
				chargerId: '26',
				connectorId: '9',
			}),
		]);
	});
});

/** A record with these values at these paths; a later one replaces what stands in its way. */
function recordOf(values: Record<string, unknown>): JsonRecord {
	const record: Record<string, unknown> = {};
	for (const [path, value] of Object.entries(values)) {
		const names = path.split('.');
		const last = names.pop() as string;
		let place = record;
		for (const name of names) {
			const inner = place[name];
			place[name] = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
			place = place[name] as Record<string, unknown>;
		}
		place[last] = value;
	}
	return record as JsonRecord;
}

describe('columns that belong together come from one object', () => {
	const anna = { id: 55, firstName: 'Anna', lastName: 'A' };
	const groups: RowSettings['groups'] = ['commercial', 'driver'];
	const chargeRecord = (record: object) =>
		rowsOf(chargeRecordKind, [{ transactionId: 1, ...record }], { groups, driver: 'plain' })[0];
	const transaction = (record: object) =>
		rowsOf(transactionKind, [{ id: 1, chargeBoxId: 2, ...record }], { groups, driver: 'plain' })[0];

	test.each([chargeRecord, transaction])(
		'the company of the record and the company of the ID tag',
		(read) => {
			const mixed = { company: { id: 9 }, auth: { idTag: { company: { id: 12, name: 'B Leasing' } } } };
			expect(read(mixed)).toMatchObject({
				companyId: '9',
				companyName: null,
				customerCompanyId: '12',
				customerCompanyName: 'B Leasing',
			});
			expect(read({ company: { name: 'Owner' }, auth: { idTag: { company: { id: 12 } } } })).toMatchObject({
				companyId: null,
				companyName: 'Owner',
				customerCompanyId: '12',
				customerCompanyName: null,
			});
			expect(read({ auth: mixed.auth })).toMatchObject({ companyId: null, companyName: null });
		},
	);

	test.each([chargeRecord, transaction])(
		'the number of the customer is never that of the location',
		(read) => {
			const location = { crmCustomerId: 'HOST' };
			expect(read({ location, auth: { idTag: {} } })).toMatchObject({
				customerErpId: null,
				locationErpId: 'HOST',
			});
			expect(read({ location, auth: { idTag: { crmCustomerId: 'C1' } } })).toMatchObject({
				customerErpId: 'C1',
				locationErpId: 'HOST',
			});
		},
	);

	test('a customer and an app user of one number are told apart', () => {
		const customer = { driverId: '55', driverIdKind: 'customer', driverName: 'Anna A' };
		const appUser = { driverId: '55', driverIdKind: 'appUser', driverName: null };
		const auth = { idTag: { customer: anna } };
		expect(chargeRecord({ auth, user: 7 })).toMatchObject(customer);
		expect(transaction({ auth, appUserId: 7 })).toMatchObject(customer);
		expect(chargeRecord({ user: 55 })).toMatchObject(appUser);
		expect(transaction({ appUserId: 55 })).toMatchObject(appUser);
		const [legacy] = rowsOf(legacyChargeRecordKind, [{ id: 1, auth: { appUserId: 55 } }], {
			groups,
			driver: 'plain',
		});
		expect(legacy).toMatchObject(appUser);
		// The names of a customer without a number are not those of the app user.
		const nameless = { auth: { idTag: { customer: { firstName: 'Anna' } } } };
		expect(chargeRecord({ ...nameless, user: 55 })).toMatchObject(appUser);
		expect(chargeRecord(nameless)).toMatchObject({
			driverId: null,
			driverIdKind: null,
			driverName: 'Anna',
		});
	});
});

describe('columns that vendors give', () => {
	const rowWith = (record: object, driver: RowSettings['driver'] = 'plain') =>
		rowsOf(chargeRecordKind, [{ transactionId: 1, ...record }], { groups: GROUPS, driver })[0];

	test('are CO2, what the energy cost, and the payment', () => {
		const record = {
			co2: 0.03,
			energyCostEstimation: { cost: 10.5 },
			paymentMetadata: { paidAt: '2026-01-31T08:00:00Z', terminalId: 'T-7', maskedPan: '411111******0042' },
		};
		expect(rowWith(record)).toMatchObject({
			co2: 0.03,
			energyCost: 10.5,
			paidAt: '2026-01-31T08:00:00.000Z',
			paymentTerminal: 'T-7',
			paymentCard: '****0042',
		});
		const [session] = rowsOf(transactionKind, [{ id: 1, chargingDetails: { co2Emitted: '0.5' } }], {
			groups: GROUPS,
		});
		expect(session).toMatchObject({ co2: 0.5, energyCost: null, paymentCard: null });
	});

	test('show four digits of a card at most, and none where they do not know them', () => {
		const cardOf = (maskedPan: unknown, lastFour?: unknown, driver?: RowSettings['driver']) =>
			rowWith({ paymentMetadata: { maskedPan }, card: { lastFour } }, driver).paymentCard;
		expect(cardOf('4111111111111111')).toBe('****1111');
		expect(cardOf(undefined, 42)).toBe('****0042');
		expect(cardOf('************')).toBeNull();
		expect(cardOf('visa')).toBeNull();
		expect(cardOf({ a: 1 }, { b: 2 })).toBeNull();
		expect(cardOf(undefined, 42, 'masked')).toBe('****0042');
		expect(cardOf(undefined, 42, { secret: 'a secret' })).toMatch(/^[0-9a-f]{32}$/);
		expect(JSON.stringify(rowsOf(chargeRecordKind, [{ card: { lastFour: 4242 } }]))).not.toMatch('4242');
	});
});

describe('the order of the columns', () => {
	const namesOf = (groups: RowSettings['groups']) =>
		Object.keys(rowsOf(chargeRecordKind, [{}], { groups })[0]);

	test('begins with what a person reads first, and ends with what is for machines', () => {
		const names = namesOf(GROUPS);
		expect(names.slice(0, 9)).toEqual([
			'startedAt',
			'endedAt',
			'energyKwh',
			'amountInclVat',
			'currency',
			'locationName',
			'evseId',
			'customerCompanyName',
			'driverName',
		]);
		expect(names.slice(-5)).toEqual(['connectorId', 'chargerUuid', 'sessionId', 'sessionKey', 'rowHash']);
	});

	test("has each group that is asked for within the forty columns of n8n's table", () => {
		for (const group of GROUPS) {
			const own = COLUMNS.filter((column) => column.group === group).map(({ name }) => name);
			const hidden = namesOf([group]).slice(40);
			expect(own.filter((name) => hidden.includes(name) && name !== 'rowHash')).toEqual([]);
		}
	});
});

test.each(vendors.flatMap(({ recordKinds }) => recordKinds.map(({ name, kind }) => [name, kind] as const)))(
	'a row of %s has no column by default that holds the same text whatever the record says',
	(_, kind) => {
		const [empty] = rowsOf(kind, [{}]);
		// The status of a session without an end, and the codes of what the record lacks.
		expect(Object.keys(empty).filter((name) => empty[name] !== null)).toEqual(['status', 'warnings']);
		const [shown] = rowsOf(kind, [{}], ORIGIN);
		expect({ source: shown.source, endpoint: shown.endpoint }).toEqual({
			source: kind.source,
			endpoint: kind.endpoint,
		});
	},
);

describe.each(KINDS)('%s', (_, kind) => {
	const paths = [...new Set(SESSION_FIELDS.flatMap((fact) => fieldsOf(kind, fact)))];

	test('is read from the fields that the page on columns names, the first of which counts, and no other', () => {
		expect(paths.length).toBeGreaterThan(10);
		for (const fact of SESSION_FIELDS) {
			const own = fieldsOf(kind, fact);
			const others = paths.filter((path) => !own.includes(path));
			const read = (given: string[]) =>
				kind.read(recordOf(Object.fromEntries(given.map((path) => [path, path]))))[fact];
			expect(read(others)).toBeUndefined();
			own.forEach((path, index) => {
				expect(read([path])).toBe(path);
				expect(read([...others, ...own.slice(index)])).toBe(path);
			});
		}
	});

	test('says nothing where a field is missing, null or empty', () => {
		const nothing = (value: unknown) =>
			kind.read(recordOf(Object.fromEntries(paths.map((path) => [path, value]))));
		for (const value of [undefined, null, '']) {
			expect(Object.values(nothing(value)).filter((fact) => fact !== undefined)).toEqual([]);
		}
	});

	test('is read without an error, whatever JSON holds at any level of it', () => {
		const levels = paths.flatMap((path) => {
			const names = path.split('.');
			return names.map((__, index) => names.slice(0, index + 1).join('.'));
		});
		const record = fc.dictionary(fc.constantFrom(...levels), fc.jsonValue(), { maxKeys: 10 }).map(recordOf);
		fc.assert(
			fc.property(record, (given) => {
				kind.read(given);
			}),
			{ numRuns: 1000 },
		);
	});

	test('has every column, always, in the order of the documentation', () => {
		const order = (groups: Array<string | undefined>) =>
			COLUMNS.filter(({ group }) => groups.includes(group)).map(({ name }) => name);
		const [small] = rowsOf(kind, [{}]);
		expect(Object.keys(small)).toEqual(order([undefined]));
		const [large] = rowsOf(kind, [{}], { groups: GROUPS });
		expect(Object.keys(large)).toEqual(order([undefined, ...GROUPS]));
		const [reversed] = rowsOf(kind, [{}], { groups: [...GROUPS].reverse() });
		expect(Object.keys(reversed)).toEqual(Object.keys(large));
	});

	test('gives a row whatever stands in its fields, and never throws', () => {
		const junk = fc.oneof(
			fc.jsonValue(),
			fc.double(),
			fc.constantFrom(
				'31,02',
				'',
				' ',
				'\u0000',
				'💥',
				'1e999',
				'NaN',
				'2026-02-30T25:61:00Z',
				1e308,
				-1e308,
				-0,
			),
		);
		const record = fc.dictionary(fc.constantFrom(...paths), junk, { maxKeys: 25 }).map(recordOf);
		const codes = Object.keys(WARNINGS);
		fc.assert(
			fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), (page) => {
				for (const written of rowsOf(kind, page, { groups: GROUPS, vatRatePct: 21, currency: 'EUR' })) {
					for (const cell of Object.values(written)) {
						expect(['string', 'number', 'boolean', 'object']).toContain(typeof cell);
						if (typeof cell === 'number') expect(Number.isFinite(cell)).toBe(true);
						if (typeof cell === 'object') expect(cell).toBeNull();
					}
					const warned = String(written.warnings ?? '')
						.split(';')
						.filter(Boolean);
					expect(warned.filter((code) => !codes.includes(code))).toEqual([]);
				}
			}),
			{ numRuns: 300 },
		);
	});
});

describe('a row', () => {
	const session = {
		transactionId: 7,
		startedAt: '2026-01-31T21:00:00Z',
		endedAt: '2026-01-31T23:30:00Z',
		location: { timezone: 'Europe/Copenhagen' },
	};

	test.each([
		['end', '2026-02-01', '2026-02'],
		['start', '2026-01-31', '2026-01'],
	] as const)(
		'belongs to the month of its %s, in the zone of its location',
		(billBy, localDate, billingMonth) => {
			const [written] = rowsOf(chargeRecordKind, [session], { billBy, timezone: 'America/New_York' });
			expect(written).toMatchObject({ localDate, billingMonth });
		},
	);

	test('of a running session has no end, no duration and no month of its end', () => {
		const [written] = rowsOf(chargeRecordKind, [{ ...session, endedAt: null }]);
		expect(written).toMatchObject({
			status: 'ongoing',
			endedAt: null,
			durationSeconds: null,
			billingMonth: null,
		});
	});

	test.each([
		['2026-01-31T08:00:00.000Z', '2026-01-31T08:00:00.000Z'],
		['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
		['2026-01-31 08:00:00', '2026-01-31T08:00:00.000Z'],
		['2026-01-31T08:00:00+02:00', '2026-01-31T06:00:00.000Z'],
		['2026-02-30T08:00:00.000Z', null],
		['2026-02-30 08:00:00', null],
		['2026-01-31T24:00:00.000Z', '2026-02-01T00:00:00.000Z'],
	])('has %s as %s', (startedAt, expected) => {
		const [written] = rowsOf(chargeRecordKind, [{ ...session, startedAt }]);
		expect(written.startedAt).toBe(expected);
	});

	test('has nothing where a text is white space of any kind, and else the text as it is', () => {
		for (const blank of ['', ' ', '\t\n', '\u00a0', '\u2028', '\u3000', '\ufeff']) {
			const companies = [blank, `${blank}A`, `É${blank}`].map((name) => ({ ...session, company: { name } }));
			const names = rowsOf(chargeRecordKind, companies).map(({ companyName }) => companyName);
			expect(names).toEqual([null, `${blank}A`, `É${blank}`]);
		}
	});

	test.each([
		['DE*SPI*E1*2', '2'],
		['DE*SPI*', null],
		['2', null],
	])('of the EVSE %s has the connector %s', (evseId, connectorId) => {
		const [written] = rowsOf(chargeRecordKind, [{ ...session, evseId }]);
		expect(written.connectorId).toBe(connectorId);
	});

	test('with an id that JSON could not carry has none, and says so', () => {
		const [written] = rowsOf(chargeRecordKind, [{ ...session, transactionId: 7615917337495251000 }]);
		expect(written).toMatchObject({ sessionId: null, sessionKey: null, warnings: 'id-inexact' });
		const [other] = rowsOf(chargeRecordKind, [{ ...session, chargeBoxId: Infinity }]);
		expect(other).toMatchObject({ chargerId: null, warnings: 'id-inexact' });
	});

	test('that ends before it starts says so', () => {
		const [written] = rowsOf(chargeRecordKind, [{ ...session, endedAt: '2026-01-31T20:00:00Z' }]);
		expect(written).toMatchObject({ durationSeconds: null, warnings: 'end-before-start' });
	});

	test('has charging and idle time in seconds, in whatever unit the page has them', () => {
		const [written] = rowsOf(chargeRecordKind, [
			{ ...session, duration: { total: 150, charging: 120, idle: 30 } },
		]);
		expect(written).toMatchObject({ durationSeconds: 9000, chargingSeconds: 7200, idleSeconds: 1800 });
	});

	test.each([
		['plain', 'ABCDEF1234', 'Ann'],
		['masked', '****234', 'A.'],
	] as const)('shows the driver %s', (driver, tokenUid, driverName) => {
		const auth = { idTag: { uid: 'ABCDEF1234', customer: { firstName: 'Ann' } } };
		const [written] = rowsOf(chargeRecordKind, [{ ...session, auth }], { groups: ['driver'], driver });
		expect(written).toMatchObject({ tokenUid, driverName });
	});

	test.each([
		// [as the vendor writes it, as an ID, as a label, as a name]
		['12345', '****5', '****5', '1.'],
		['04A1B2C3', '****C3', '****C3', '0.'],
		['04A1B2C3D4E5F6', '****E5F6', '****E5F6', '0.'],
		['DK-SPI-C00000017-K', '****17-K', '****17-K', 'D.'],
		['123456789012', '****9012', '****9012', '1.'],
		['12345678901', '****901', '****901', '1.'],
		['12', '****', '****', '1.'],
		['Bo Li', '****i', 'B. L.', 'B. L.'],
		['Li Wang', '****ng', 'L. W.', 'L. W.'],
		['  Anne-Marie   de Vries ', '****ies ', 'A. d. V.', 'A. d. V.'],
		['(Søren) Ærø', '****Ærø', 'S. Æ.', 'S. Æ.'],
		['💥 - !', '****!', '****', '****'],
		['card 7 of Bo', '****f Bo', '****f Bo', 'c. 7. o. B.'],
		['****2345', '****2345', '****2345', '****2345'],
		['****', '****', '****', '****'],
		['************2345', '****2345', '****2345', '2.'],
	])('masks %j to at most a third of an ID, and to the initials of a name', (text, id, label, name) => {
		const auth = {
			idTag: { uid: text, label: text, customer: { id: text, firstName: text } },
			roamingDetails: { roamingEvcoId: text },
		};
		const [written] = rowsOf(chargeRecordKind, [{ ...session, auth }], {
			groups: ['driver'],
			driver: 'masked',
		});
		expect(written).toMatchObject({ tokenUid: id, driverId: id, tokenLabel: label, driverName: name });
		const again = rowReader([written])(written, { ...SETTINGS, groups: ['driver'], driver: 'masked' });
		expect(again).toMatchObject({ tokenUid: id, driverId: id, tokenLabel: label, driverName: name });
	});

	test('hashes the driver with the secret: the same driver always, another secret another hash', () => {
		const hashed = (secret: string) =>
			rowsOf(chargeRecordKind, [{ ...session, auth: { idTag: { uid: 'ABC' } } }], {
				groups: ['driver'],
				driver: { secret },
			})[0].tokenUid;
		expect(hashed('one')).toBe(createHmac('sha256', 'one').update('ABC').digest('hex').slice(0, 32));
		expect(hashed('two')).not.toBe(hashed('one'));
	});

	test('has another print when any of its columns changes', () => {
		const printOf = (record: object) => rowsOf(chargeRecordKind, [record], { groups: ['change'] })[0].rowHash;
		expect(printOf({ ...session })).toBe(printOf({ ...session }));
		expect(printOf({ ...session, consumed: 1 })).not.toBe(printOf(session));
	});

	test('has the same print with and without vendor and endpoint, also when it comes back', () => {
		const rowWith = (groups: RowSettings['groups'], kind = chargeRecordKind) =>
			rowsOf(kind, [session], { groups })[0];
		for (const others of [[], ['vehicle', 'driver']] as Array<RowSettings['groups']>) {
			const shown = rowWith(['change', 'origin', ...others]);
			expect(shown).toMatchObject({ source: 'spirii', endpoint: '/v2/charge-records' });
			const { rowHash, ...bare } = rowWith(['change', ...others]);
			expect(rowHash).toMatch(/^[0-9a-f]{24}$/);
			expect(shown.rowHash).toBe(rowHash);
			const elsewhere = { ...chargeRecordKind, endpoint: '/elsewhere' };
			expect(rowWith(['change', 'origin', ...others], elsewhere).rowHash).toBe(rowHash);
			// It comes back without the print, with both columns or with neither, and is read with both or with neither.
			const full = Object.fromEntries(Object.entries(shown).filter(([name]) => name !== 'rowHash'));
			for (const given of [bare, full])
				for (const groups of [
					['change', ...others],
					['change', 'origin', ...others],
				] as Array<RowSettings['groups']>)
					expect(rowReader([given])(given, { ...SETTINGS, groups }).rowHash).toBe(rowHash);
		}
	});

	test('takes the currency, the VAT rate and whether VAT is included from the settings where the record is silent', () => {
		const record = {
			id: 1,
			started_at: '2026-01-01 10:00:00',
			total_cost: '12.10',
			kwh_cost: '0.3000',
			total_kwh: '5.00',
		};
		const [withVat] = rowsOf(voltTimeKind, [record], { currency: 'EUR', vatRatePct: 21 });
		expect(withVat).toMatchObject({
			amountInclVat: 12.1,
			amountExclVat: 10,
			pricePerKwh: 0.3,
			currency: 'EUR',
			warnings: null,
		});
		const [without] = rowsOf(voltTimeKind, [record], {
			currency: 'EUR',
			vatRatePct: 21,
			pricesIncludeVat: false,
		});
		expect(without).toMatchObject({ amountExclVat: 12.1, amountInclVat: 14.64, pricePerKwh: 0.363 });
	});
});

test('a path that every object has leads nowhere', () => {
	for (const path of ['__proto__', 'constructor.name', 'toString', 'a.__proto__.polluted']) {
		expect(valueAt({ a: {} }, path.split('.'))).toBeUndefined();
	}
});

test('every fact that a column is made of, or a vendor gives, is one', () => {
	const named = [
		...COLUMNS.flatMap(({ facts }) => facts),
		...KINDS.flatMap(([, { read }]) => Object.keys(read({}))),
	];
	expect(named.filter((fact) => !(SESSION_FIELDS as readonly string[]).includes(fact))).toEqual([]);
	const used = new Set(COLUMNS.flatMap(({ facts }) => facts));
	expect(SESSION_FIELDS.filter((fact) => !used.has(fact))).toEqual([]);
});
