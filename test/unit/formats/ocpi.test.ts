import fc from 'fast-check';

import { outputFormatter } from '../../../nodes/shared/node/outputFormatter';
import { COLUMNS } from '../../../nodes/shared/session/columns';
import { toAlpha3 } from '../../../nodes/shared/formats/countries';
import type { RecordKind } from '../../../nodes/shared/session/fields';
import { correctCdr, type SentCdr } from '../../../nodes/shared/formats/ocpiCredit';
import { toOcpi, type OcpiObject, type OcpiSettings } from '../../../nodes/shared/formats/ocpi';
import type { Cell, SessionRow } from '../../../nodes/shared/session/types';
import { chargeRecordKind, legacyChargeRecordKind, transactionKind } from '../../../nodes/Spirii/records';
import { legacyTransactionKind as voltTimeKind } from '../../../nodes/VoltTime/records';
import legacyRecord from '../../../sandbox/examples/spirii.v1.chargeRecord.json';
import legacyRecords from '../../../sandbox/examples/spirii.v1.chargeRecords.json';
import chargeRecords from '../../../sandbox/examples/spirii.v2.chargeRecords.json';
import transactions from '../../../sandbox/examples/spirii.v2.transactions.json';
import voltTimeTransactions from '../../../sandbox/examples/voltTime.v2.transactions.json';
import { findingsOf, foreignFindingsOf, type Version } from '../../support/ocpiSchema';

const VERSIONS: Version[] = ['2.2.1', '2.3.0'];

/** What no source says. */
const NEVER_KNOWN = [
	'cdr_location.coordinates',
	'cdr_location.connector_standard',
	'cdr_location.connector_format',
	'cdr_location.connector_power_type',
];

const SETTINGS: OcpiSettings = { version: '2.2.1', pricesIncludeVat: true, isDriverReadable: true };

/** A record as the user gets it. */
function ocpiOf(kind: RecordKind, record: object, values: Record<string, unknown> = {}): OcpiObject {
	const given = { output: 'ocpi', driverData: 'plain', ...values };
	const { format: write } = outputFormatter(kind, {
		values: given,
		timezone: 'Europe/Copenhagen',
		secret: 'sixteen letters!',
	});
	return write([{ ...record }])[0] as OcpiObject;
}

/**
 * What the specification finds, beside what the object itself names in `_missing`. The schema looks for every mandatory field
 * of every object that is there: a gap that isn't named stands in one list, a name that is no gap in the other.
 */
function expectValid(object: OcpiObject, kind: 'cdr' | 'session', version: Version) {
	expect(findingsOf(object, kind, version)).toEqual({ missing: [...object._missing].sort(), wrong: [] });
	if (version === '2.2.1') expect(foreignFindingsOf(object, kind)).toEqual([]);
}

/** A charge record in which everything is said that OCPI asks for and a charge record can say. */
const FULL_RECORD = {
	transactionId: 4711,
	sessionId: 'c0ffee00-1234-4abc-8def-0123456789ab',
	evseId: 'DK*SPI*E123456*2',
	startedAt: '2026-01-31T08:00:00Z',
	endedAt: '2026-01-31T10:30:00Z',
	updatedAt: '2026-01-31T10:31:02.500Z',
	duration: { total: 9000, charging: 7200, idle: 1800 },
	consumed: 22.456,
	highestPowerDrawn: 11.04,
	remotelyStoppedAt: '2026-01-31T10:29:58Z',
	price: { amount: 100, amountExVat: 80, vatRate: 0.25, currency: 'DKK', tariffId: 98765, perKwh: 4.4532 },
	location: {
		id: 17,
		name: 'Depot Nord',
		address: 'Havnegade 1',
		zipCode: '2100',
		city: 'København Ø',
		country: 'DK',
		timezone: 'Europe/Copenhagen',
	},
	auth: { idTag: { uid: '04A1B2C3D4E5F6', type: 'rfid' } },
	roamingDetails: { roamingEvcoId: 'NL-TNM-C00122045-K' },
};

/** Its row, with parts of the price, which only Volt Time gives. */
const FULL: SessionRow = {
	sessionId: '4711',
	status: 'completed',
	startedAt: '2026-01-31T08:00:00.000Z',
	endedAt: '2026-01-31T10:30:00.000Z',
	durationSeconds: 9000,
	chargingSeconds: 7200,
	idleSeconds: 1800,
	stopReason: 'Remote',
	energyKwh: 22.456,
	maxPowerKw: 11.04,
	amountInclVat: 100,
	amountExclVat: 80,
	vatAmount: 20,
	vatRatePct: 25,
	currency: 'DKK',
	updatedAt: '2026-01-31T10:31:02.500Z',
	locationId: '17',
	locationName: 'Depot Nord',
	city: 'København Ø',
	country: 'DK',
	evseId: 'DK*SPI*E123456*2',
	connectorId: '2',
	warnings: '',
	address: 'Havnegade 1',
	postalCode: '2100',
	tariffId: '98765',
	startFee: 10,
	energyFee: 90,
	externalSessionId: 'c0ffee00-1234-4abc-8def-0123456789ab',
	tokenUid: '04A1B2C3D4E5F6',
	tokenType: 'rfid',
	contractId: 'NL-TNM-C00122045-K',
};

const cdrOf = (cells: Partial<SessionRow>, settings: Partial<OcpiSettings> = {}) =>
	toOcpi({ ...FULL, ...cells } as SessionRow, { ...SETTINGS, ...settings });

const RECORDS: Array<[name: string, kind: RecordKind, record: Record<string, unknown>]> = [
	['a v2 charge record', chargeRecordKind, chargeRecords.data[0]],
	['a v2 transaction', transactionKind, transactions.data[0]],
	['a v1 charge record of a list', legacyChargeRecordKind, legacyRecords.data[0]],
	['another v1 charge record of a list', legacyChargeRecordKind, legacyRecords.data[1]],
	['a v1 charge record by its id', legacyChargeRecordKind, legacyRecord],
	['a Volt Time transaction', voltTimeKind, voltTimeTransactions.data[0]],
	['another Volt Time transaction', voltTimeKind, voltTimeTransactions.data[1]],
	['a charge record that says everything', chargeRecordKind, FULL_RECORD],
	['a charge record that says nothing', chargeRecordKind, {}],
];

const running = (record: Record<string, unknown>) => ({
	...record,
	...('started_at' in record ? { stopped_at: null } : { endedAt: null }),
});

const DRIVER_FORMS = ['plain', 'masked', 'hashed', 'none'];

describe.each(RECORDS)('%s', (_, kind, record) => {
	const forms = VERSIONS.flatMap((version) => DRIVER_FORMS.map((driver) => [version, driver] as const));

	test.each(forms)(
		'is as OCPI %s has it, but for what it says is missing, with driver data %s',
		(version, driverData) => {
			const values = { ocpiVersion: version, driverData };
			const settled = {
				...values,
				currency: 'EUR',
				vatRate: 21,
				operatorCountryCode: 'NL',
				operatorPartyId: 'VLT',
			};
			for (const given of [values, settled]) {
				expectValid(ocpiOf(kind, running(record), given), 'session', version);
				const isEnded = 'endedAt' in record || 'stopped_at' in record;
				expectValid(ocpiOf(kind, record, given), isEnded ? 'cdr' : 'session', version);
			}
		},
	);
});

describe.each(VERSIONS)('when everything is known, as OCPI %s', (ocpiVersion) => {
	test('a CDR lacks only what no source says', () => {
		expect(ocpiOf(chargeRecordKind, FULL_RECORD, { ocpiVersion })._missing).toEqual(NEVER_KNOWN);
	});

	test('a Session lacks nothing', () => {
		expect(ocpiOf(chargeRecordKind, running(FULL_RECORD), { ocpiVersion })._missing).toEqual([]);
	});
});

describe("the CDRs of the documents' own examples", () => {
	const legacyLocation = {
		id: '1766',
		name: 'Søllerødgade',
		address: 'Søllerødgade 42',
		city: 'København',
		postal_code: '2200',
		country: 'DNK',
		evse_uid: 'DK.SPI.ZM0050*1',
		connector_id: '1',
	};
	const legacyMissing = [
		'cdr_token.country_code',
		'cdr_token.party_id',
		'cdr_token.contract_id',
		'cdr_location.coordinates',
		'cdr_location.evse_id',
		...NEVER_KNOWN.slice(1),
	];

	test('of v2 charge records, whose texts are placeholders', () => {
		expect(ocpiOf(chargeRecordKind, chargeRecords.data[0])).toEqual({
			id: '123',
			start_date_time: '2023-11-07T05:31:56.000Z',
			end_date_time: '2023-11-07T05:31:56.000Z',
			session_id: '<string>',
			cdr_token: { uid: '<string>', type: 'OTHER', contract_id: '<string>' },
			cdr_location: {
				id: '123',
				name: '<string>',
				address: '<string>',
				city: '<string>',
				postal_code: '<string>',
				country: 'DNK',
				evse_uid: '<string>',
			},
			charging_periods: [
				{
					start_date_time: '2023-11-07T05:31:56.000Z',
					dimensions: [
						{ type: 'ENERGY', volume: 123 },
						{ type: 'MAX_POWER', volume: 10.692 },
						{ type: 'PARKING_TIME', volume: 0 },
						{ type: 'TIME', volume: 0 },
					],
					tariff_id: '123456',
				},
			],
			total_cost: { excl_vat: 123, incl_vat: 123 },
			total_energy: 123,
			total_time: 0,
			total_parking_time: 0,
			remark: 'Remote',
			last_updated: '2023-11-07T05:31:56.000Z',
			_missing: [
				'country_code',
				'party_id',
				'cdr_token.country_code',
				'cdr_token.party_id',
				'auth_method',
				'cdr_location.coordinates',
				'cdr_location.evse_id',
				'cdr_location.connector_id',
				'cdr_location.connector_standard',
				'cdr_location.connector_format',
				'cdr_location.connector_power_type',
				'currency',
			],
			_warnings: [
				'currency-unreadable',
				'energy-implausible',
				'meter-mismatch',
				'meter-unit-unknown',
				'timezone-unknown',
				'vat-mismatch',
			],
		});
	});

	test('of v2 transactions', () => {
		expect(ocpiOf(transactionKind, transactions.data[0])).toEqual({
			country_code: 'FR',
			party_id: 'SPI',
			id: '123456',
			start_date_time: '2023-11-07T05:31:56.000Z',
			end_date_time: '2023-11-07T05:31:56.000Z',
			cdr_token: { uid: '<string>', type: 'OTHER', contract_id: '<string>' },
			cdr_location: {
				id: '654321',
				name: 'Boulevard Garibaldi',
				address: '14-16 Boulevard Garibaldi',
				city: 'Paris',
				postal_code: '12345',
				country: 'FRA',
				evse_uid: 'FR.SPI.Z000001*1',
				connector_id: '1',
			},
			currency: 'EUR',
			charging_periods: [
				{
					start_date_time: '2023-11-07T05:31:56.000Z',
					dimensions: [
						{ type: 'ENERGY', volume: 123 },
						{ type: 'MAX_POWER', volume: 123 },
						{ type: 'PARKING_TIME', volume: 0 },
						{ type: 'TIME', volume: 0 },
					],
					tariff_id: '79804bf6-0d6d-4e74-ae00-16c7238c4e77',
				},
			],
			total_cost: { excl_vat: 80.9, incl_vat: 100.5 },
			total_energy: 123,
			total_time: 0,
			total_parking_time: 0,
			last_updated: '2023-11-07T05:31:56.000Z',
			_missing: [
				'cdr_token.country_code',
				'cdr_token.party_id',
				'auth_method',
				'cdr_location.coordinates',
				'cdr_location.evse_id',
				...NEVER_KNOWN.slice(1),
			],
			_warnings: ['energy-implausible', 'meter-mismatch', 'meter-unit-unknown'],
		});
	});

	test('of v1 charge records in a list, without an amount before VAT', () => {
		expect(ocpiOf(legacyChargeRecordKind, legacyRecords.data[0])).toEqual({
			country_code: 'DK',
			party_id: 'SPI',
			id: '123665',
			start_date_time: '2021-06-21T08:30:55.000Z',
			end_date_time: '2021-06-21T12:25:59.000Z',
			cdr_token: { uid: '6F15885115F85294D18C', type: 'AD_HOC_USER' },
			auth_method: 'COMMAND',
			cdr_location: legacyLocation,
			currency: 'DKK',
			charging_periods: [
				{
					start_date_time: '2021-06-21T08:30:55.000Z',
					dimensions: [{ type: 'ENERGY', volume: 13.79 }],
				},
			],
			total_cost: { incl_vat: 31.02 },
			total_energy: 13.79,
			total_time: 3.9178,
			last_updated: '2021-06-21T08:30:55.000Z',
			_missing: [...legacyMissing, 'total_cost.excl_vat'],
			_warnings: ['no-vat'],
		});
	});

	test('of one v1 charge record, as OCPI 2.3.0', () => {
		expect(ocpiOf(legacyChargeRecordKind, legacyRecord, { ocpiVersion: '2.3.0' })).toEqual({
			country_code: 'DK',
			party_id: 'SPI',
			id: '123665',
			start_date_time: '2021-06-21T08:30:55.000Z',
			end_date_time: '2021-06-21T12:25:59.000Z',
			cdr_token: { uid: '6F15885115F85294D18C', type: 'AD_HOC_USER' },
			auth_method: 'COMMAND',
			cdr_location: legacyLocation,
			currency: 'DKK',
			charging_periods: [
				{
					start_date_time: '2021-06-21T08:30:55.000Z',
					dimensions: [{ type: 'ENERGY', volume: 13.79 }],
				},
			],
			total_cost: { before_taxes: 11.34, taxes: [{ name: 'VAT', percentage: 25, amount: 2.84 }] },
			total_energy: 13.79,
			total_time: 3.9178,
			last_updated: '2021-06-21T08:30:55.000Z',
			_missing: legacyMissing,
			_warnings: [],
		});
	});

	test('of Volt Time, with the currency, the VAT and the operator of the settings', () => {
		const settings = { currency: 'EUR', vatRate: 21, operatorCountryCode: 'NL', operatorPartyId: 'VLT' };
		expect(ocpiOf(voltTimeKind, voltTimeTransactions.data[0], settings)).toEqual({
			country_code: 'NL',
			party_id: 'VLT',
			id: '3',
			start_date_time: '2025-08-26T06:57:09.000Z',
			end_date_time: '2025-09-11T00:21:22.000Z',
			cdr_token: { uid: 'DLJN5625' },
			cdr_location: { connector_id: '8' },
			currency: 'EUR',
			charging_periods: [
				{
					start_date_time: '2025-08-26T06:57:09.000Z',
					dimensions: [{ type: 'ENERGY', volume: 7.94 }],
				},
			],
			total_cost: { excl_vat: 0, incl_vat: 0 },
			total_fixed_cost: { excl_vat: 0, incl_vat: 0 },
			total_energy: 7.94,
			total_energy_cost: { excl_vat: 0, incl_vat: 0 },
			total_time: 377.4036,
			remark: 'Other',
			last_updated: '2025-09-25T07:17:36.000Z',
			_missing: [
				'cdr_token.country_code',
				'cdr_token.party_id',
				'cdr_token.type',
				'cdr_token.contract_id',
				'auth_method',
				'cdr_location.id',
				'cdr_location.address',
				'cdr_location.city',
				'cdr_location.country',
				'cdr_location.coordinates',
				'cdr_location.evse_uid',
				'cdr_location.evse_id',
				'cdr_location.connector_standard',
				'cdr_location.connector_format',
				'cdr_location.connector_power_type',
			],
			_warnings: ['no-tariff'],
		});
	});

	test('of a session that is still running: it is a Session', () => {
		expect(ocpiOf(chargeRecordKind, running(FULL_RECORD))).toEqual({
			country_code: 'DK',
			party_id: 'SPI',
			id: '4711',
			start_date_time: '2026-01-31T08:00:00.000Z',
			kwh: 22.456,
			cdr_token: {
				country_code: 'NL',
				party_id: 'TNM',
				uid: '04A1B2C3D4E5F6',
				type: 'RFID',
				contract_id: 'NL-TNM-C00122045-K',
			},
			auth_method: 'WHITELIST',
			location_id: '17',
			evse_uid: 'DK*SPI*E123456*2',
			connector_id: '2',
			currency: 'DKK',
			charging_periods: [
				{
					start_date_time: '2026-01-31T08:00:00.000Z',
					dimensions: [
						{ type: 'ENERGY', volume: 22.456 },
						{ type: 'MAX_POWER', volume: 11.04 },
					],
					tariff_id: '98765',
				},
			],
			total_cost: { excl_vat: 80, incl_vat: 100 },
			status: 'ACTIVE',
			last_updated: '2026-01-31T10:31:02.500Z',
			_missing: [],
			_warnings: [],
		});
	});
});

describe('the operator', () => {
	test.each([
		['DK.SPI.ZM0050*1', 'DK', 'SPI'],
		['DK*SPI*E123', 'DK', 'SPI'],
		['DK-SPI-E123', 'DK', 'SPI'],
		['DKSPIE123', 'DK', 'SPI'],
		['dk*sp1*e123', 'DK', 'SP1'],
	])('of EVSE %j is %s %s', (evseId, country, party) => {
		const cdr = cdrOf({ evseId }, { rewriteEvseIds: true });
		expect([cdr.country_code, cdr.party_id]).toEqual([country, party]);
		expect(cdr._missing).toEqual(NEVER_KNOWN);
	});

	test.each([
		'DKSPI123',
		'DK*SPI.E123',
		'DK*SPI',
		'+49*822*083431571',
		'<string>',
		'',
		null,
		// What chargers may be called: no country has that code.
		'EV-001-A',
		'XX*ABC*E123',
	])('of EVSE %j is not known', (evseId) => {
		const cdr = cdrOf({ evseId });
		expect([cdr.country_code, cdr.party_id]).toEqual([undefined, undefined]);
		expectValid(cdr, 'cdr', '2.2.1');
	});

	test('is the one of the settings, whatever the EVSE ID says', () => {
		const operator = { countryCode: 'NL', partyId: 'VLT' };
		for (const evseId of ['DK*SPI*E123', null]) {
			expect(cdrOf({ evseId }, operator)).toMatchObject({ country_code: 'NL', party_id: 'VLT' });
		}
		expect(cdrOf({}, { partyId: 'VLT' })).toMatchObject({ country_code: 'DK', party_id: 'VLT' });
		expect(cdrOf({}, { countryCode: 'NL' })).toMatchObject({ country_code: 'NL', party_id: 'SPI' });
	});
});

describe('the EVSE ID', () => {
	const idOf = (evseId: string, rewriteEvseIds = false) => {
		const cdr = cdrOf({ evseId }, { rewriteEvseIds, countryCode: 'DK', partyId: 'SPI' });
		expectValid(cdr, 'cdr', '2.2.1');
		expect((cdr.cdr_location as { evse_uid?: string }).evse_uid).toBe(evseId);
		return { written: (cdr.cdr_location as { evse_id?: string }).evse_id, warnings: cdr._warnings };
	};

	test.each([
		['DE*ABC*E1234', 'DE*ABC*E1234'],
		['DEABCE1234', 'DEABCE1234'],
		['DK*SPI*E123*1', 'DK*SPI*E123*1'],
		['DKSPIE123*1', 'DKSPIE123*1'],
		['dk*sp1*e12b', 'DK*SP1*E12B'],
	])('%j is one of eMI3, with or without rewriting', (evseId, id) => {
		expect(idOf(evseId)).toEqual({ written: id, warnings: [] });
		expect(idOf(evseId, true)).toEqual({ written: id, warnings: [] });
	});

	test.each([
		['DK.SPI.ZM0050*1', 'DK*SPI*EZM0050*1'],
		['DK-SPI-E123', 'DK*SPI*E123'],
		['BE-BEC-E041503003', 'BE*BEC*E041503003'],
		['DK.SPI.ZM.0050-1', 'DK*SPI*EZM*0050*1'],
		['DK*SPI*123', 'DK*SPI*E123'],
	])('%j is none, and is rewritten only where that is set, with a warning', (evseId, id) => {
		expect(idOf(evseId)).toEqual({ written: undefined, warnings: [] });
		expect(idOf(evseId, true)).toEqual({ written: id, warnings: ['evse-id-rewritten'] });
	});

	test.each([
		...['XX*ABC*E123', 'DK*SPI*E', 'DK*SPI*E1**2', 'DK*SPI*E1*', 'DK*SPI*E12_3', 'DKSPI123', 'EV-001-A'],
		...['+49*822*083431571', '<string>', 'DK.SPI.'],
	])('%j is none, and nothing can be made of it', (evseId) => {
		for (const isRewriting of [false, true]) {
			expect(idOf(evseId, isRewriting)).toEqual({ written: undefined, warnings: [] });
		}
	});
});

test.each([
	['DK*SPI*E123*1', '1', '1'],
	['DK.SPI.ZM0050*1', '1', '1'],
	['DKSPIE123*2', '2', '2'],
	['DK*SPI*E123', 'E123', undefined],
	['NL*ALF*EICU_EVE_MINI', 'EICU_EVE_MINI', undefined],
	['BOX*2', '2', undefined],
	['DK*SPI*E123', '7', '7'],
	[null, '8', '8'],
])('the connector of EVSE %j, with %j in the row, is %j', (evseId, connectorId, id) => {
	const cdr = cdrOf({ evseId, connectorId }, { countryCode: 'DK', partyId: 'SPI' });
	expect((cdr.cdr_location as { connector_id?: string }).connector_id).toBe(id);
	expectValid(cdr, 'cdr', '2.2.1');
	const session = cdrOf({ evseId, connectorId, status: 'ongoing' });
	expect(session.connector_id).toBe(id);
	expectValid(session, 'session', '2.2.1');
});

test.each<[cells: Partial<SessionRow>, warnings: string[]]>([
	[{ address: 'x'.repeat(45) }, []],
	[{ address: 'x'.repeat(46) }, ['text-shortened']],
	[{ locationName: 'x'.repeat(256) }, ['text-shortened']],
	[{ city: 'x'.repeat(46) }, ['text-shortened']],
	[{ postalCode: '12345-67890' }, ['text-shortened']],
	[{ stopReason: 'x'.repeat(256) }, ['text-shortened']],
	[{ address: ' é\n'.repeat(15) }, []],
	[{ externalSessionId: 'x'.repeat(36) }, []],
	[{ externalSessionId: 'x'.repeat(37) }, ['optional-left-out']],
	[{ externalSessionId: 'é' }, ['optional-left-out']],
	[{ tariffId: 'x'.repeat(37) }, ['optional-left-out']],
	[{ startFee: 1, vatRatePct: null }, ['optional-left-out']],
	[{ energyFee: 1, vatRatePct: null }, ['optional-left-out']],
	[{ startFee: 0, energyFee: 0, vatRatePct: null }, []],
	[{ startFee: 1, vatRatePct: 25 }, []],
])('what is cut or left out without being mandatory has a warning: %j', (cells, warnings) => {
	for (const version of VERSIONS) {
		const cdr = cdrOf(cells, { version });
		expect(cdr._missing).toEqual(NEVER_KNOWN);
		expect(cdr._warnings).toEqual(warnings);
		expectValid(cdr, 'cdr', version);
	}
});

test('a running session has no texts that could be cut', () => {
	expect(cdrOf({ status: 'ongoing', address: 'x'.repeat(99) })._warnings).toEqual([]);
});

test.each<[cells: Partial<SessionRow>, missing: string[]]>([
	[{ energyKwh: -4076.05 }, ['total_energy']],
	[{ amountInclVat: -30.85, amountExclVat: null }, ['total_cost']],
	[{ amountExclVat: -1 }, ['total_cost']],
	[{ startFee: -1 }, []],
	[{ energyFee: -1 }, []],
	[{ maxPowerKw: -1 }, []],
	[{ idleSeconds: -60 }, []],
])('what is below zero is left out, with a warning: %j', (cells, missing) => {
	for (const version of VERSIONS) {
		const cdr = cdrOf(cells, { version });
		expect(cdr._missing).toEqual([...NEVER_KNOWN, ...missing]);
		expect(cdr._warnings).toEqual(['negative-left-out']);
		expect(JSON.stringify(cdr)).not.toMatch(/:-/);
		expectValid(cdr, 'cdr', version);
	}
});

describe('a CDR that was sent', () => {
	/** As a database gives it back: with fields in another order, with null, and with what was added for the hub. */
	const sent = (cdr: OcpiObject, more: object = {}) => {
		const reversed = Object.fromEntries(Object.entries(cdr).reverse());
		const location = {
			...(cdr.cdr_location as object),
			coordinates: { latitude: '55.67610', longitude: '12.56830' },
		};
		return {
			...reversed,
			cdr_location: location,
			authorization_reference: null,
			...more,
		} as unknown as SentCdr;
	};
	const first = cdrOf({});
	const changed = cdrOf({
		amountInclVat: 50,
		amountExclVat: 40,
		energyKwh: 11,
		updatedAt: '2026-02-01T08:00:00.000Z',
	});

	test('is left alone while the session is the same', () => {
		expect(correctCdr([sent(first)], cdrOf({ updatedAt: '2026-02-01T08:00:00.000Z' }))).toEqual([]);
	});

	test('is credited with all its data and the negative of its cost, and a CDR with a new ID follows', () => {
		const [credit, renewed, ...rest] = correctCdr([sent(first)], changed);
		expect(rest).toEqual([]);
		expect(credit).toMatchObject({
			id: '4711-C',
			credit: true,
			credit_reference_id: '4711',
			total_cost: { excl_vat: -80, incl_vat: -100 },
			total_energy: first.total_energy,
			last_updated: '2026-02-01T08:00:00.000Z',
			_missing: NEVER_KNOWN.slice(1),
		});
		expect(renewed).toEqual({ ...changed, id: '4711-v2' });
		expect(renewed).not.toHaveProperty('credit');
		const costs = [first, credit, renewed].map(
			({ total_cost: cost }) => (cost as { incl_vat: number }).incl_vat,
		);
		expect(costs.reduce((sum, cost) => sum + cost)).toBe(50);
		const arrived = { ...credit };
		delete arrived.authorization_reference;
		expectCredit(arrived);
	});

	/** The schema of others knows no negative cost; the specification asks for it. */
	function expectCredit(credit: OcpiObject) {
		expect(findingsOf(credit, 'cdr', '2.2.1')).toEqual({ missing: [...credit._missing].sort(), wrong: [] });
		const positive = { ...credit, total_cost: first.total_cost };
		expect(foreignFindingsOf(positive, 'cdr')).toEqual([]);
		const nameless = { ...credit };
		delete nameless.credit_reference_id;
		expect(findingsOf(nameless, 'cdr', '2.2.1').missing).toContain('credit_reference_id');
	}

	test('is credited by its version when the session changes again', () => {
		const once = correctCdr([sent(first)], changed).map((cdr) => sent(cdr));
		const again = cdrOf({ amountInclVat: 60, amountExclVat: 48 });
		const [credit, renewed] = correctCdr([once[1], sent(first), once[0]], again);
		expect(credit).toMatchObject({
			id: '4711-v2-C',
			credit_reference_id: '4711-v2',
			total_cost: { excl_vat: -40 },
		});
		expect(renewed.id).toBe('4711-v3');
		expect(correctCdr([...once, sent(first)], changed)).toEqual([]);
	});

	test('that is credited without a new one is not credited twice', () => {
		const [credit] = correctCdr([sent(first)], changed);
		expect(correctCdr([sent(first), sent(credit)], changed).map(({ id }) => id)).toEqual(['4711-v2']);
	});

	test('turns its taxes too, but not their rate, as OCPI 2.3.0', () => {
		const settings = { version: '2.3.0' as const };
		const [credit] = correctCdr([sent(cdrOf({}, settings))], cdrOf({ energyKwh: 1 }, settings));
		expect(credit.total_cost).toEqual({
			before_taxes: -80,
			taxes: [{ name: 'VAT', percentage: 25, amount: -20 }],
		});
	});

	test('of a free session is credited with zero', () => {
		const free = { amountInclVat: 0, amountExclVat: 0 };
		const [credit] = correctCdr([sent(cdrOf(free))], changed);
		expect(Object.is((credit.total_cost as { excl_vat: number }).excl_vat, 0)).toBe(true);
	});

	test('has no new ID where it would be too long, and says so', () => {
		const sessionId = 'x'.repeat(36);
		const [credit, renewed] = correctCdr([sent(cdrOf({ sessionId }))], cdrOf({ sessionId, energyKwh: 1 }));
		expect(credit.id).toBe(`${sessionId}-C`);
		expect(renewed).not.toHaveProperty('id');
		expect(renewed._missing).toContain('id');
	});

	test('is needed for a correction: the first CDR has the ID of the session', () => {
		expect(correctCdr([], changed)).toEqual([changed]);
	});
});

describe('the token', () => {
	test.each([
		['NL-TNM-C00122045-K', 'NL', 'TNM'],
		['NL-TNM-C00122045', 'NL', 'TNM'],
		['NLTNMC00122045K', 'NL', 'TNM'],
		['de8aac00122045k', 'DE', '8AA'],
		['DE-8AA-001220-4', 'DE', '8AA'],
		['DE*8AA*123456*7', 'DE', '8AA'],
		['DE*8AA*A2C456*X', 'DE', '8AA'],
		['NL-TNM-012345-0', 'NL', 'TNM'],
		['DE-8AA-123456', 'DE', '8AA'],
		['DE8AA1234567', 'DE', '8AA'],
		['de8aa123456', 'DE', '8AA'],
	])('of contract %j is of provider %s %s', (contractId, country, party) => {
		const cdr = cdrOf({ contractId });
		expect(cdr.cdr_token).toMatchObject({
			country_code: country,
			party_id: party,
			uid: FULL.tokenUid,
			contract_id: contractId,
		});
		expect(cdr._missing).toEqual(NEVER_KNOWN);
	});

	test.each([
		'DE-8AA-0012204-4',
		'DEPOTABC123',
		'XX-8AA-001220-4',
		'XXTNMC00122045K',
		'NL-TNM-C0012204',
		'<string>',
		null,
		'NL-TNM-C00122045-K-and-more-than-fits',
		// Longer than a contract is: such as a hash, in a row that is read again.
		'NLTNMC00122045xxxxxxxx',
	])('of contract %j is of an unknown provider', (contractId) => {
		const cdr = cdrOf({ contractId });
		expect(Object.keys(cdr.cdr_token as object)).not.toContain('country_code');
		expect(Object.keys(cdr.cdr_token as object)).not.toContain('party_id');
		expectValid(cdr, 'cdr', '2.2.1');
	});

	test.each<[tokenType: Cell, type: string | undefined, method: string | undefined]>([
		['rfid', 'RFID', 'WHITELIST'],
		['RFID', 'RFID', 'WHITELIST'],
		['keyFob', 'RFID', 'WHITELIST'],
		['creditCard', 'AD_HOC_USER', 'COMMAND'],
		['paymentTerminal', 'AD_HOC_USER', 'COMMAND'],
		['adHoc', 'AD_HOC_USER', 'COMMAND'],
		['app', 'APP_USER', 'COMMAND'],
		['AppUser', 'APP_USER', 'COMMAND'],
		['virtual', 'OTHER', undefined],
		['<string>', 'OTHER', undefined],
		['', undefined, undefined],
		[null, undefined, undefined],
	])('of kind %j is %s, authorised by %s', (tokenType, type, method) => {
		const cdr = cdrOf({ tokenType });
		expect([(cdr.cdr_token as { type?: string }).type, cdr.auth_method]).toEqual([type, method]);
		expectValid(cdr, 'cdr', '2.2.1');
	});

	test('is missing as a whole when neither its ID nor its contract is known', () => {
		const cdr = cdrOf({ tokenUid: null, contractId: null });
		expect(cdr.cdr_token).toBeUndefined();
		expect(cdr._missing).toEqual(['cdr_token', ...NEVER_KNOWN]);
	});

	test('tells nothing of a driver who is left out', () => {
		for (const record of [FULL_RECORD, running(FULL_RECORD)]) {
			const object = ocpiOf(chargeRecordKind, record, { driverData: 'none' });
			expect(object._missing).toEqual(expect.arrayContaining(['cdr_token', 'auth_method']));
			expect(JSON.stringify(object)).not.toMatch(/04A1B2C3D4E5F6|TNM/);
		}
	});

	test.each([
		['masked', /^\*{4}E5F6$/, /^\*{4}45-K$/],
		['hashed', /^[0-9a-f]{32}$/, /^[0-9a-f]{32}$/],
	])('tells no provider of a driver who is %s', (driverData, uid, contract) => {
		const { cdr_token: token, _missing } = ocpiOf(chargeRecordKind, FULL_RECORD, { driverData });
		expect(token).toEqual({
			uid: expect.stringMatching(uid) as string,
			type: 'RFID',
			contract_id: expect.stringMatching(contract) as string,
		});
		expect(_missing).toEqual(['cdr_token.country_code', 'cdr_token.party_id', ...NEVER_KNOWN]);
	});

	test('of a contract that is hidden names no provider, even when what hides it looks like a contract', () => {
		const cdr = cdrOf({ contractId: 'NLTNMC00122045xxxxxxxx' }, { isDriverReadable: false });
		expect(cdr._missing).toEqual(['cdr_token.country_code', 'cdr_token.party_id', ...NEVER_KNOWN]);
	});
});

describe('the price', () => {
	const paid = (excl: Cell, incl: Cell, rate: Cell = 25) => ({
		amountExclVat: excl,
		amountInclVat: incl,
		vatRatePct: rate,
	});
	const vat = (amount: number, percentage?: number) => [
		{ name: 'VAT', ...(percentage === undefined ? {} : { percentage }), amount },
	];

	test.each<[name: string, version: Version, cells: Partial<SessionRow>, price: unknown, missing: string[]]>([
		['both known', '2.2.1', paid(80, 100), { excl_vat: 80, incl_vat: 100 }, []],
		['only without VAT', '2.2.1', paid(80, null, null), { excl_vat: 80 }, []],
		['only with VAT', '2.2.1', paid(null, 100, null), { incl_vat: 100 }, ['total_cost.excl_vat']],
		['none known', '2.2.1', paid(null, null, null), undefined, ['total_cost']],
		['free', '2.2.1', paid(0, 0, null), { excl_vat: 0, incl_vat: 0 }, []],
		['below zero, which only a credit CDR has', '2.2.1', paid(-80, -100), undefined, ['total_cost']],
		['both known', '2.3.0', paid(80, 100), { before_taxes: 80, taxes: vat(20, 25) }, []],
		['only without VAT', '2.3.0', paid(80, null, null), { before_taxes: 80 }, []],
		['only with VAT', '2.3.0', paid(null, 100, null), undefined, ['total_cost']],
		['none known', '2.3.0', paid(null, null, null), undefined, ['total_cost']],
		['free, so without a rate', '2.3.0', paid(0, 0, null), { before_taxes: 0, taxes: vat(0) }, []],
		['without VAT to pay', '2.3.0', paid(80, 80, 0), { before_taxes: 80, taxes: vat(0, 0) }, []],
		[
			'of decimals that don’t subtract',
			'2.3.0',
			paid(80.9, 100.5, 24.23),
			{ before_taxes: 80.9, taxes: vat(19.6, 24.23) },
			[],
		],
	])('%s, in OCPI %s', (_, version, cells, price, missing) => {
		const cdr = cdrOf(cells, { version });
		expect(cdr.total_cost).toEqual(price);
		expect(cdr._missing).toEqual([...NEVER_KNOWN, ...missing]);
		expectValid(cdr, 'cdr', version);

		const session = cdrOf({ ...cells, status: 'ongoing' }, { version });
		expect(session.total_cost).toEqual(missing.length > 0 ? undefined : price);
		expect(session._missing).toEqual([]);
		expectValid(session, 'session', version);
	});

	test.each<[what: string, settings: Partial<OcpiSettings>, rate: Cell, fixed: unknown, energy: unknown]>([
		['with VAT', {}, 25, { excl_vat: 8, incl_vat: 10 }, { excl_vat: 72, incl_vat: 90 }],
		[
			'without VAT',
			{ pricesIncludeVat: false },
			25,
			{ excl_vat: 10, incl_vat: 12.5 },
			{ excl_vat: 90, incl_vat: 112.5 },
		],
		[
			'with a VAT that doesn’t divide',
			{},
			21,
			{ excl_vat: 8.2645, incl_vat: 10 },
			{ excl_vat: 74.3802, incl_vat: 90 },
		],
		[
			'with taxes listed',
			{ version: '2.3.0' },
			25,
			{ before_taxes: 8, taxes: vat(2, 25) },
			{ before_taxes: 72, taxes: vat(18, 25) },
		],
		['of an unknown rate', {}, null, undefined, undefined],
		['of a rate that leaves nothing', {}, -100, undefined, undefined],
	])('has its parts %s', (_, settings, vatRatePct, fixed, energy) => {
		const cdr = cdrOf({ vatRatePct }, settings);
		expect([cdr.total_fixed_cost, cdr.total_energy_cost]).toEqual([fixed, energy]);
		expectValid(cdr, 'cdr', settings.version ?? '2.2.1');
	});
});

test.each([
	[0, 0],
	[1, 0.0003],
	[60, 0.0167],
	[14_104, 3.9178],
	[38_062, 10.5728],
	[1_358_653, 377.4036],
	[9000, 2.5],
])('%p seconds are %p hours', (seconds, hours) => {
	const cdr = cdrOf({ durationSeconds: seconds, idleSeconds: seconds, chargingSeconds: seconds });
	expect(cdr).toMatchObject({ total_time: hours, total_parking_time: hours });
	expect(cdr.charging_periods).toMatchObject([
		{
			dimensions: expect.arrayContaining([
				{ type: 'PARKING_TIME', volume: hours },
				{ type: 'TIME', volume: hours },
			]) as unknown,
		},
	]);
});

test('a number has at most four decimals', () => {
	const cdr = cdrOf({ energyKwh: 22.45678, amountExclVat: 0.1 + 0.2, amountInclVat: 0.375 });
	expect(cdr).toMatchObject({ total_energy: 22.4568, total_cost: { excl_vat: 0.3, incl_vat: 0.375 } });
	expectValid(cdr, 'cdr', '2.2.1');
});

test('of a session of which nothing is known, everything is missing, and nothing is made up', () => {
	expect(toOcpi({}, SETTINGS)).toEqual({
		cdr_location: {},
		_missing: [
			...['country_code', 'party_id', 'id', 'start_date_time', 'end_date_time', 'cdr_token', 'auth_method'],
			...['id', 'address', 'city', 'country', 'coordinates', 'evse_uid', 'evse_id', 'connector_id'].map(
				(field) => `cdr_location.${field}`,
			),
			...['connector_standard', 'connector_format', 'connector_power_type'].map(
				(field) => `cdr_location.${field}`,
			),
			...['currency', 'charging_periods', 'total_cost', 'total_energy', 'total_time', 'last_updated'],
		],
		_warnings: [],
	});
	expect(toOcpi({ status: 'ongoing' }, SETTINGS)).toEqual({
		status: 'ACTIVE',
		_missing: [
			...['country_code', 'party_id', 'id', 'start_date_time', 'kwh', 'cdr_token', 'auth_method'],
			...['location_id', 'evse_uid', 'connector_id', 'currency', 'last_updated'],
		],
		_warnings: [],
	});
	// A start alone makes no charging period.
	expect(toOcpi({ startedAt: '2026-01-31T08:00:00.000Z' }, SETTINGS)._missing).toContain('charging_periods');
});

describe('what doesn’t fit', () => {
	/** No printable ASCII, which ids are made of. */
	const STRANGE = ['Ø', '💥', 'a\nb', 'a\u0000b'];
	const operator = { countryCode: 'DK', partyId: 'SPI' };
	const without = (cells: Partial<SessionRow>, cdrPaths: string[], sessionPaths: string[]) => {
		const cdr = cdrOf(cells, operator);
		expect([...cdr._missing].sort()).toEqual([...new Set([...NEVER_KNOWN, ...cdrPaths])].sort());
		expectValid(cdr, 'cdr', '2.2.1');
		const session = cdrOf({ ...cells, status: 'ongoing' }, operator);
		expect(session._missing).toEqual(sessionPaths);
		expectValid(session, 'session', '2.2.1');
	};

	test.each([
		['sessionId', 'id', 'id'],
		['tokenUid', 'cdr_token.uid', 'cdr_token.uid'],
		['locationId', 'cdr_location.id', 'location_id'],
		['connectorId', 'cdr_location.connector_id', 'connector_id'],
	])(
		'in %s, an id of at most 36 characters, is missing: a cut one is another one',
		(column, ofCdr, ofSession) => {
			without({ [column]: 'x'.repeat(36) }, [], []);
			for (const cell of ['x'.repeat(37), ...STRANGE]) without({ [column]: cell }, [ofCdr], [ofSession]);
		},
	);

	test('as an EVSE, whose id has a form of its own, is missing', () => {
		const [uid, id] = ['cdr_location.evse_uid', 'cdr_location.evse_id'];
		without({ evseId: `DK*SPI*E${'x'.repeat(28)}` }, [], []);
		without({ evseId: `DK*SPI*E${'x'.repeat(30)}` }, [uid], ['evse_uid']);
		without({ evseId: `DK*SPI*E${'x'.repeat(31)}` }, [uid, id], ['evse_uid']);
		without({ evseId: 'x'.repeat(36) }, [id], []);
		for (const cell of ['x'.repeat(49), ...STRANGE]) without({ evseId: cell }, [uid, id], ['evse_uid']);
	});

	test.each([
		['contractId', 36, 'cdr_token'],
		['externalSessionId', 36, 'session_id'],
		['tariffId', 36, 'charging_periods'],
	])('in %s, an id of at most %i characters, is nowhere in the CDR', (column, longest, field) => {
		const fitting = 'x'.repeat(longest);
		expect(JSON.stringify(cdrOf({ [column]: fitting })[field])).toContain(fitting);
		const cdr = cdrOf({ [column]: `${fitting}x` });
		expect(JSON.stringify(cdr)).not.toContain(fitting);
		expectValid(cdr, 'cdr', '2.2.1');
	});

	const nested = (object: OcpiObject, path: string) =>
		path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], object);

	test.each([
		['locationName', 255, 'cdr_location.name'],
		['address', 45, 'cdr_location.address'],
		['city', 45, 'cdr_location.city'],
		['postalCode', 10, 'cdr_location.postal_code'],
		['stopReason', 255, 'remark'],
	])('in %s, a text of at most %i characters, is cut off', (column, longest, path) => {
		const written = (cell: string) => {
			const cdr = cdrOf({ [column]: cell });
			expectValid(cdr, 'cdr', '2.2.1');
			return nested(cdr, path);
		};
		expect(written('ø'.repeat(longest))).toBe('ø'.repeat(longest));
		expect(written('ø'.repeat(longest + 1))).toBe('ø'.repeat(longest));
		// A character that takes two places in memory is one, and is never halved.
		expect(written('🔌'.repeat(longest + 1))).toBe('🔌'.repeat(longest));
	});

	test.each([
		['locationName', 'cdr_location.name'],
		['address', 'cdr_location.address'],
		['city', 'cdr_location.city'],
		['postalCode', 'cdr_location.postal_code'],
		['stopReason', 'remark'],
	])('in %s, what cannot be printed, is not written, and the rest is', (column, path) => {
		for (const strange of ['\n', '\r\n', '\t', '\u0000', '\u0085', '\u2028', '\ud83d']) {
			const cdr = cdrOf({ [column]: `a${strange}ø` });
			expect(nested(cdr, path)).toMatch(/^a ?ø$/);
			expectValid(cdr, 'cdr', '2.2.1');
			expectValid(cdrOf({ [column]: strange }), 'cdr', '2.2.1');
		}
	});

	test.each(['startedAt', 'endedAt', 'updatedAt'])(
		'in %s, no time of a year of four digits, is missing',
		(column) => {
			for (const cell of [
				'+012026-01-31T08:00:00.000Z',
				'-000001-01-31T08:00:00.000Z',
				'yesterday',
				'2026-02-30T08:00:00.000Z',
			]) {
				for (const status of ['completed', 'ongoing']) {
					const object = cdrOf({ [column]: cell, status });
					expectValid(object, status === 'completed' ? 'cdr' : 'session', '2.2.1');
				}
			}
		},
	);

	test.each(['Kr', 'DKKR', '€', '', '123', 'KR.'])('as a currency, %j, is missing', (currency) => {
		const cdr = cdrOf({ currency });
		expect(cdr._missing).toContain('currency');
		expectValid(cdr, 'cdr', '2.2.1');
	});
});

describe('a country', () => {
	test.each([
		['AT', 'AUT'],
		['BE', 'BEL'],
		['CH', 'CHE'],
		['DE', 'DEU'],
		['DK', 'DNK'],
		['EE', 'EST'],
		['ES', 'ESP'],
		['FO', 'FRO'],
		['GB', 'GBR'],
		['GL', 'GRL'],
		['HR', 'HRV'],
		['IE', 'IRL'],
		['IS', 'ISL'],
		['NL', 'NLD'],
		['NO', 'NOR'],
		['PL', 'POL'],
		['PT', 'PRT'],
		['RS', 'SRB'],
		['SE', 'SWE'],
		['SI', 'SVN'],
		['SK', 'SVK'],
		['UA', 'UKR'],
		['dk', 'DNK'],
		[' DK ', 'DNK'],
		['DNK', 'DNK'],
	])('%j is %s', (given, code) => {
		expect(toAlpha3(given)).toBe(code);
	});

	test.each(['', ' ', 'UK', 'EU', 'XX', 'XXX', 'Denmark', '__proto__', '12'])('%j is none', (given) => {
		expect(toAlpha3(given)).toBeUndefined();
	});

	test('has one code of three letters for each of the 249 of two letters', () => {
		const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
		const twos = letters.flatMap((first) => letters.map((second) => first + second));
		const found = twos.filter((code) => toAlpha3(code) !== undefined);
		expect(found).toHaveLength(249);
		const threes = new Set(found.map(toAlpha3));
		expect(threes.size).toBe(249);
		for (const code of threes) expect(toAlpha3(code as string)).toBe(code);
		// What the platform knows as a region, and calls by a name of its own.
		const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
		expect(found.filter((code) => names.of(code) === undefined)).toEqual([]);
	});
});

test('whatever stands in a row, its object is as OCPI has it, but for what it says is missing', () => {
	const cell = fc.oneof(
		fc.constant(null),
		fc.boolean(),
		fc.integer(),
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.string(),
		fc.string({ unit: 'binary', maxLength: 300 }),
		fc.constantFrom(
			...[
				'ongoing',
				'DK',
				'dnk',
				'eur',
				'DK*SPI*E1*1',
				'EV-001-A',
				'2026-01-31T08:00:00Z',
				'2026-13-31T08:00:00Z',
			],
			...[
				'+012026-01-31T08:00:00.000Z',
				'x'.repeat(37),
				'x'.repeat(49),
				'💥'.repeat(300),
				'a\u0000b',
				'\ud800',
				' ',
			],
			...[-0, 0.00004, 1e21, 1e-7, -100],
		),
	);
	const row = fc.record(
		Object.fromEntries(
			COLUMNS.map(({ name }) => [
				name,
				fc.oneof(cell, fc.constant(FULL[name] ?? null), fc.constant(FULL[name] ?? null)),
			]),
		),
		{ requiredKeys: [] },
	);
	const settings = fc.record({
		version: fc.constantFrom(...VERSIONS),
		countryCode: fc.constantFrom(undefined, 'NL'),
		partyId: fc.constantFrom(undefined, 'VLT'),
		pricesIncludeVat: fc.boolean(),
		isDriverReadable: fc.boolean(),
	});
	fc.assert(
		fc.property(row, settings, (cells, given) => {
			expectValid(
				toOcpi(cells as SessionRow, given),
				cells.status === 'ongoing' ? 'session' : 'cdr',
				given.version,
			);
		}),
		{ numRuns: 2000 },
	);
});
