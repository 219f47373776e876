import { categoriesOf } from '../../../nodes/shared/session/categories';
import { emptyToUndefined, type RecordKind } from '../../../nodes/shared/session/fields';
import { snapshotReader } from '../../../nodes/shared/sync/snapshot';
import { chargeRecordKind, transactionKind } from '../../../nodes/Spirii/records';
import { legacyTransactionKind as voltTimeTransactionKind } from '../../../nodes/VoltTime/records';

const KIND: RecordKind = {
	source: 'third',
	endpoint: '/sessions',
	matches: () => true,
	read: ({ uuid, begin, end, kWh, tally, cost, badge, person, guest }) => ({
		id: emptyToUndefined(uuid),
		startedAt: emptyToUndefined(begin),
		endedAt: emptyToUndefined(end?.at),
		energyKwh: emptyToUndefined(kWh) ?? emptyToUndefined(tally?.sum),
		amountInclVat: emptyToUndefined(cost?.total),
		currency: emptyToUndefined(cost?.currency),
		tokenUid: emptyToUndefined(badge?.uid),
		companyName: emptyToUndefined(badge?.company),
		customerId: emptyToUndefined(person) ?? emptyToUndefined(guest),
	}),
	categories: { surcharge: 'price', badge: 'other' },
};

describe('the categories of a record kind', () => {
	it('come from what is read into the row, and from what the kind adds', () => {
		expect(categoriesOf(KIND)).toEqual({
			begin: 'time',
			end: 'time',
			kWh: 'energy',
			tally: 'energy',
			cost: 'price',
			person: 'driver',
			guest: 'driver',
			surcharge: 'price',
			badge: 'other',
		});
	});

	it('are those of charge records', () => {
		expect(categoriesOf(chargeRecordKind)).toEqual({
			...chargeRecordKind.categories,
			updatedAt: null,
			consumed: 'energy',
			meterStart: 'energy',
			meterStop: 'energy',
			co2: 'energy',
			energyCostEstimation: 'price',
			card: 'driver',
			paymentMetadata: 'driver',
			highestPowerDrawn: 'energy',
			maxPower: 'energy',
			vehicleState: 'energy',
			startedAt: 'time',
			endedAt: 'time',
			createdAt: 'time',
			duration: 'time',
			chargingTime: 'time',
			idleTime: 'time',
			remotelyStoppedAt: 'time',
			price: 'price',
			priceSource: 'price',
			voucher: 'price',
			auth: 'driver',
			user: 'driver',
			roamingDetails: 'other',
		});
	});

	it('are those of transactions', () => {
		expect(categoriesOf(transactionKind)).toEqual({
			...transactionKind.categories,
			updatedAt: null,
			startedAt: 'time',
			endedAt: 'time',
			duration: 'time',
			chargingDetails: 'energy',
			price: 'price',
			tariff: 'price',
			voucher: 'price',
			auth: 'driver',
			appUserId: 'driver',
			roamingDetails: 'other',
		});
		expect(categoriesOf(voltTimeTransactionKind)).toEqual({
			reservation_id: 'other',
			updated_at: null,
			meter_start: 'energy',
			meter_stop: 'energy',
			total_kwh: 'energy',
			started_at: 'time',
			stopped_at: 'time',
			created_at: 'time',
			start_cost: 'price',
			kwh_cost: 'price',
			total_kwh_cost: 'price',
			total_cost: 'price',
			id_tag: 'driver',
		});
	});
});

describe('the snapshot of a record', () => {
	it('comes from the fields that the row comes from', () => {
		const record = {
			uuid: 'b7e1c9a0-4f5d-4a43-9c6e-0d3b7f6f1f55',
			begin: '2026-01-31T10:00:00Z',
			end: { at: '2026-01-31T11:00:00Z' },
			tally: { sum: '7.94' },
			cost: { total: 31.02, currency: 'EUR' },
			badge: { uid: 'A' },
			note: 'n',
		};
		expect(snapshotReader(KIND)(record)).toEqual({
			id: record.uuid,
			startedAt: Date.UTC(2026, 0, 31, 10),
			endedAt: Date.UTC(2026, 0, 31, 11),
			createdAt: undefined,
			updatedAt: undefined,
			energyWh: 7940,
			amountTenThousandths: 310_200,
			categories: {
				energy: { energyKwh: 7.94 },
				time: { startedAt: Date.parse(record.begin), endedAt: Date.parse(record.end.at) },
				price: { amountInclVat: 31.02, currency: 'EUR' },
				driver: {},
				other: { tokenUid: 'A' },
			},
		});
	});

	it('is missing where the record has no id', () => {
		expect(snapshotReader(KIND)({ uuid: '' })).toBeUndefined();
	});

	it('takes the energy from the meters, where their unit is known and both are there', () => {
		const kind = voltTimeTransactionKind;
		const energyOf = (more: object) => snapshotReader(kind)({ id: 1, total_kwh: '7.90', ...more })?.energyWh;
		expect(energyOf({ meter_start: 1000, meter_stop: 8904 })).toBe(7904);
		expect(energyOf({ meter_start: 1000, meter_stop: null })).toBe(7900);
		const inKwh = snapshotReader({ ...kind, meterUnit: 'kWh' });
		expect(inKwh({ id: 1, meter_start: 1, meter_stop: '8.904' })?.energyWh).toBe(7904);
	});
});
