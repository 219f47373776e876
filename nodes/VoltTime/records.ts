import { said, type RecordKind } from '../shared/session/fields';

/** `GET /api/v2/teams/{team_id}/chargers/{charger_id}/transactions`: meters in Wh, decimals as texts, no currency, no VAT. */
export const transactionKind: RecordKind = {
	source: 'voltTime',
	endpoint: '/api/v2/teams/{team_id}/chargers/{charger_id}/transactions',
	matches: (record) => 'started_at' in record || 'charger_connector_id' in record,
	meterUnit: 'Wh',
	isZeroUnpriced: true,
	read: (record) => ({
		id: said(record.id),
		startedAt: said(record.started_at),
		endedAt: said(record.stopped_at),
		createdAt: said(record.created_at),
		updatedAt: said(record.updated_at),
		stopReason: said(record.stop_reason),
		energyKwh: said(record.total_kwh),
		meterStart: said(record.meter_start),
		meterStop: said(record.meter_stop),
		amount: said(record.total_cost),
		pricePerKwh: said(record.kwh_cost),
		energyCost: said(record.total_kwh_cost),
		startFee: said(record.start_cost),
		chargerId: said(record.charger_id),
		connectorId: said(record.charger_connector_id),
		tokenUid: said(record.id_tag),
	}),
};

export const recordKinds = [transactionKind];
