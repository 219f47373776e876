import fc from 'fast-check';

import { mergeRows } from '../../../nodes/shared/session/mergeRows';
import type { SessionRow } from '../../../nodes/shared/session/types';
import { rowOf } from './rows';

const merged = (...newestFirst: SessionRow[]) => mergeRows(newestFirst.map((values) => rowOf(values)));

const PRICED = {
	amountInclVat: 30.85,
	amountExclVat: 24.68,
	vatAmount: 6.17,
	vatRatePct: 25,
	currency: 'DKK',
	pricePerKwh: 2.5,
};

describe('of several records of one session', () => {
	test('a newer one without a price does not take away the price', () => {
		const newest = {
			endpoint: '/v2/transactions',
			updatedAt: '2026-02-01',
			energyKwh: 12.35,
			locationName: 'New',
		};
		const older = {
			endpoint: '/v2/charge-records',
			updatedAt: '2026-01-31',
			energyKwh: 12.34,
			locationName: 'Old',
		};
		expect(merged(newest, { ...older, ...PRICED })).toEqual(rowOf({ ...newest, ...PRICED }));
	});

	test('the newest price counts, with everything that belongs to it', () => {
		const newer = { amountInclVat: 20, currency: 'EUR' };
		expect(merged(newer, PRICED)).toEqual(rowOf(newer));
		expect(merged({ currency: 'EUR' }, PRICED)).toEqual(rowOf(PRICED));
		expect(merged({}, { amountExclVat: 9 }, PRICED)).toEqual(rowOf({ amountExclVat: 9 }));
	});

	test('an older one fills what is open where it says the same', () => {
		expect(merged({ amountInclVat: 30.85 }, PRICED)).toEqual(rowOf(PRICED));
		expect(merged({ amountInclVat: 30.85, currency: 'EUR' }, PRICED)).toMatchObject({
			currency: 'EUR',
			amountExclVat: null,
		});
	});

	test('energy and meters come from one', () => {
		const metered = { energyKwh: 10, meterStartKwh: 100, meterStopKwh: 110 };
		expect(merged({ energyKwh: 12 }, metered)).toEqual(rowOf({ energyKwh: 12 }));
		expect(merged({ meterStartKwh: 99 }, metered)).toEqual(rowOf(metered));
	});

	test('one that runs again is running, and one that ended has its end', () => {
		const startedAt = '2026-01-31T08:00:00.000Z';
		const ended = {
			status: 'completed',
			startedAt,
			endedAt: '2026-01-31T09:00:00.000Z',
			billingMonth: '2026-01',
		};
		const running = { status: 'ongoing', startedAt };
		expect(merged(running, ended)).toEqual(rowOf(running));
		expect(merged(ended, running)).toEqual(rowOf(ended));
	});

	test('driver, company and place are not put together of two', () => {
		const older = {
			driverId: '55',
			driverIdKind: 'customer',
			driverName: 'Anna A',
			companyId: '9',
			companyName: 'Owner',
			locationId: '1',
			locationName: 'One',
			city: 'Ry',
		};
		const newest = { driverId: '7', driverIdKind: 'appUser', companyId: '12', locationId: '2' };
		expect(merged(newest, older)).toEqual(rowOf(newest));
		expect(merged({ companyId: '9' }, older)).toEqual(rowOf(older));
	});

	test('a warning comes with what it is about, and those of the newest stay', () => {
		const older = { ...PRICED, warnings: 'energy-rounded;no-vat;vat-mismatch' };
		expect(merged({ energyKwh: 1, warnings: 'id-inexact' }, older).warnings).toBe('id-inexact;vat-mismatch');
		expect(merged({ ...PRICED, energyKwh: 1 }, { ...older, energyKwh: 2 }).warnings).toBeNull();
	});

	const merge = (...newestFirst: SessionRow[]) => String(merged(...newestFirst).warnings ?? '').split(';');
	const metered = { energyKwh: 12, meterStartKwh: 100, meterStopKwh: 124, warnings: 'meter-mismatch' };
	const from = { status: 'completed', startedAt: '2026-01-31T08:00:00.000Z' };

	test.each<[string, SessionRow[], string[]]>([
		['meters that are not the energy', [{ energyKwh: 12 }, metered], ['meter-mismatch']],
		[
			'meters of two that are not the energy',
			[{ energyKwh: 12 }, { meterStartKwh: 100 }, { meterStopKwh: 124 }],
			['meter-mismatch'],
		],
		[
			'energy that the newer times do not allow',
			[
				{ ...from, endedAt: '2026-01-31T08:06:00.000Z' },
				{ ...from, endedAt: '2026-01-31T10:00:00.000Z', energyKwh: 60 },
			],
			['energy-implausible'],
		],
		[
			'energy that the older times did not allow',
			[
				{ ...from, endedAt: '2026-01-31T10:00:00.000Z' },
				{ ...from, endedAt: '2026-01-31T08:06:00.000Z', energyKwh: 60, warnings: 'energy-implausible' },
			],
			[''],
		],
		[
			'a note about energy that comes from another',
			[{ energyKwh: 12 }, { energyKwh: 12, meterStopKwh: 9, warnings: 'energy-rounded;id-inexact' }],
			['energy-rounded'],
		],
		[
			'an amount without VAT that does not fit',
			[
				{ amountInclVat: 12.5, warnings: 'no-vat' },
				{ amountInclVat: 12.5, amountExclVat: 5, vatAmount: 7.5, warnings: 'vat-mismatch' },
			],
			['vat-mismatch'],
		],
		[
			'VAT and currency that are known now',
			[{ amountInclVat: 30.85, warnings: 'no-currency;no-vat' }, PRICED],
			[''],
		],
		[
			'VAT that is not known, since the other amount may be of another price',
			[{ amountInclVat: 12.5, warnings: 'no-vat' }, { amountExclVat: 5 }],
			['no-vat'],
		],
		[
			'what the vendor called not valid in any version',
			[{ energyKwh: 1 }, { energyKwh: 1 }, { energyKwh: 1, warnings: 'invalid-by-vendor' }],
			['invalid-by-vendor'],
		],
		[
			'an end that comes before the start of the other',
			[
				{ status: 'completed', startedAt: '2026-01-31T08:00:00.000Z', warnings: 'end-unknown' },
				{ status: 'completed', endedAt: '2026-01-31T07:00:00.000Z' },
			],
			['end-before-start'],
		],
	])('the warnings are those of the values together: %s', (_, versions, codes) => {
		expect(merge(...versions)).toEqual(codes);
	});

	test('amounts of two that share none are not put together', () => {
		expect(merged({ amountInclVat: 12.5 }, { amountExclVat: 5, vatRatePct: 25, currency: 'EUR' })).toEqual(
			rowOf({ amountInclVat: 12.5 }),
		);
	});

	const ANNA = {
		tokenUid: '04AA',
		tokenLabel: 'Anna',
		tokenType: 'RFID',
		contractId: 'DE-ABC-1',
		driverId: '77',
		driverIdKind: 'customer',
		driverName: 'Anna A',
		costCenter: 'CC-ANNA',
		customerErpId: 'C-ANNA',
		customerCompanyId: '1',
		customerCompanyName: 'A Co',
	};

	test.each<[string, SessionRow]>([
		['another tag', { tokenUid: '04BB', tokenLabel: 'Bo' }],
		['another contract', { contractId: 'DE-ABC-2' }],
		['another name', { driverName: 'Bo B' }],
		['another driver with the same tag', { tokenUid: '04AA', driverId: '78', driverIdKind: 'customer' }],
	])('a person is not put together of two: %s', (_, bo) => {
		expect(merged(bo, ANNA)).toEqual(rowOf(bo));
	});

	test('a person is put together of two records that share the tag, and not of two that share nothing', () => {
		const { tokenUid, tokenLabel, contractId, ...untagged } = ANNA;
		expect(merged({ tokenUid }, ANNA)).toEqual(rowOf(ANNA));
		expect(merged({ energyKwh: 1 }, ANNA)).toEqual(rowOf({ ...ANNA, energyKwh: 1 }));
		expect(merged({ tokenUid: '04BB' }, untagged)).toEqual(rowOf({ tokenUid: '04BB' }));
		expect(merged(untagged, { tokenUid: '04BB', tokenLabel, contractId })).toEqual(rowOf(untagged));
	});

	test('no value is lost, and none is made', () => {
		const cell = fc.option(fc.constantFrom(1, 2));
		const names = [
			'amountInclVat',
			'currency',
			'energyKwh',
			'meterStartKwh',
			'driverId',
			'city',
			'updatedAt',
			'co2',
		];
		const version = fc.record(Object.fromEntries(names.map((name) => [name, cell])));
		fc.assert(
			fc.property(fc.array(version, { minLength: 1, maxLength: 4 }), (versions) => {
				const row = merged(...versions);
				expect(Object.keys(row)).toEqual(Object.keys(rowOf({})));
				for (const name of names) {
					const values = versions.map((one) => one[name]);
					expect(values).toContain(row[name]);
					const isFree = ['amountInclVat', 'energyKwh', 'driverId', 'co2'].includes(name);
					if (isFree) expect(row[name]).toBe(values.find((value) => value !== null) ?? null);
				}
			}),
			{ numRuns: 500 },
		);
	});
});
