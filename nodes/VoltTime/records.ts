import type { NamedRecordKind } from '../shared/node/vendorPackage';
import { emptyToUndefined, type RecordKind } from '../shared/session/fields';

/** `GET /api/v2/teams/{team_id}/chargers/{charger_id}/transactions`: meters in Wh, decimals as text, no currency, no VAT. */
export const legacyTransactionKind: RecordKind = {
	source: 'voltTime',
	endpoint: '/api/v2/teams/{team_id}/chargers/{charger_id}/transactions',
	matches: (record) => 'started_at' in record || 'charger_connector_id' in record,
	meterUnit: 'Wh',
	isZeroUnpriced: true,
	read: (record) => ({
		id: emptyToUndefined(record.id),
		startedAt: emptyToUndefined(record.started_at),
		endedAt: emptyToUndefined(record.stopped_at),
		createdAt: emptyToUndefined(record.created_at),
		updatedAt: emptyToUndefined(record.updated_at),
		stopReason: emptyToUndefined(record.stop_reason),
		energyKwh: emptyToUndefined(record.total_kwh),
		meterStart: emptyToUndefined(record.meter_start),
		meterStop: emptyToUndefined(record.meter_stop),
		amount: emptyToUndefined(record.total_cost),
		pricePerKwh: emptyToUndefined(record.kwh_cost),
		energyCost: emptyToUndefined(record.total_kwh_cost),
		startFee: emptyToUndefined(record.start_cost),
		chargerId: emptyToUndefined(record.charger_id),
		connectorId: emptyToUndefined(record.charger_connector_id),
		tokenUid: emptyToUndefined(record.id_tag),
	}),
};

export const recordKinds: NamedRecordKind[] = [
	{
		value: 'voltTimeLegacyTransaction',
		name: 'Volt Time Transactions (Legacy V2)',
		kind: legacyTransactionKind,
	},
];
