import type { RecordKind } from '../shared/session/facts';

/** `GET /api/v2/teams/{team_id}/chargers/{charger_id}/transactions`: meters in Wh, decimals as texts, no currency, no VAT. */
export const transactionKind: RecordKind = {
	source: 'voltTime',
	endpoint: '/api/v2/teams/{team_id}/chargers/{charger_id}/transactions',
	matches: (record) => 'started_at' in record || 'charger_connector_id' in record,
	meterUnit: 'Wh',
	isZeroUnpriced: true,
	fields: {
		id: 'id',
		startedAt: 'started_at',
		endedAt: 'stopped_at',
		createdAt: 'created_at',
		updatedAt: 'updated_at',
		stopReason: 'stop_reason',
		energyKwh: 'total_kwh',
		meterStart: 'meter_start',
		meterStop: 'meter_stop',
		amount: 'total_cost',
		pricePerKwh: 'kwh_cost',
		energyCost: 'total_kwh_cost',
		startFee: 'start_cost',
		chargerId: 'charger_id',
		connectorId: 'charger_connector_id',
		tokenUid: 'id_tag',
	},
};

export const recordKinds = [transactionKind];
