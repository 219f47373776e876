import type { IDataObject } from 'n8n-workflow';

import { isObject } from '../shared/http/response';
import { readUtc } from '../shared/parameters/dates';
import type { NamedRecordKind } from '../shared/node/vendorPackage';
import {
	emptyToUndefined,
	type JsonRecord,
	type RecordKind,
	type SessionFields,
} from '../shared/session/fields';
import { hasEnded, readEnd } from '../shared/session/times';

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
		energyFee: emptyToUndefined(record.total_kwh_cost),
		startFee: emptyToUndefined(record.start_cost),
		chargerId: emptyToUndefined(record.charger_id),
		connectorId: emptyToUndefined(record.charger_connector_id),
		tokenUid: emptyToUndefined(record.id_tag),
	}),
	categories: { reservation_id: 'other' },
};

/**
 * When a session ended, in milliseconds since 1970; `undefined` while it runs. An end that is not known, or cannot be right, is
 * that of its row: the start.
 */
export function endOf({ started_at, stopped_at, status }: IDataObject): number | undefined {
	const fields = { endedAt: emptyToUndefined(stopped_at), status };
	const start = readUtc(started_at);
	return hasEnded(fields) ? (readEnd(fields, start) ?? start) : undefined;
}

/** What the node adds to a record of version 3 before it makes a row of it: the record names its site and its price nowhere. */
export interface Added {
	/** The site of the charger, with its address. */
	site?: IDataObject;
	/** The team that was asked, or whose charger it is. */
	team?: IDataObject;
	/** The number of the charger, where the record has only its UUID. */
	chargerId?: unknown;
	price?: {
		perKwh: number;
		startFee?: number;
		amount: number | null;
		currency?: string;
		/** A code of a row. */
		warning?: string;
	};
}

/**
 * The fields that both kinds of version 3 have. The list of a team lacks the times of writes and the validity, but a trigger reads
 * some of its sessions from the list of their charger.
 */
function readV3(record: JsonRecord): SessionFields {
	const { added, charger } = record;
	const site = added?.site;
	return {
		id: emptyToUndefined(record.id),
		startedAt: emptyToUndefined(record.started_at),
		endedAt: emptyToUndefined(record.stopped_at),
		stopReason: emptyToUndefined(record.stop_reason),
		energyKwh: emptyToUndefined(record.total_kwh),
		meterStart: emptyToUndefined(record.meter_start),
		meterStop: emptyToUndefined(record.meter_stop),
		tokenUid: emptyToUndefined(record.id_tag),
		createdAt: emptyToUndefined(record.created_at),
		updatedAt: emptyToUndefined(record.updated_at),
		isValid: emptyToUndefined(record.is_valid),
		chargerName: emptyToUndefined(charger?.reference) ?? emptyToUndefined(charger?.identity),
		chargerUuid: emptyToUndefined(charger?.uuid),
		companyId: emptyToUndefined(added?.team?.uuid),
		companyName: emptyToUndefined(added?.team?.name),
		locationId: emptyToUndefined(site?.uuid),
		locationName: emptyToUndefined(site?.name),
		address: emptyToUndefined(site?.address),
		postalCode: emptyToUndefined(site?.postal_code),
		city: emptyToUndefined(site?.city),
		country: emptyToUndefined(site?.country),
		amount: emptyToUndefined(added?.price?.amount),
		pricePerKwh: emptyToUndefined(added?.price?.perKwh),
		startFee: emptyToUndefined(added?.price?.startFee),
		currency: emptyToUndefined(added?.price?.currency),
		priceWarning: emptyToUndefined(added?.price?.warning),
	};
}

/** `GET /api/v3/sites/{site_uuid}/transactions`, and the same of a charger: meters in Wh, the energy often without its decimals. */
export const transactionKind: RecordKind = {
	source: 'voltTime',
	endpoint: '/api/v3/sites/{site_uuid}/transactions',
	matches: (record) => isObject(record.charger) && 'charger_connector_id' in record,
	meterUnit: 'Wh',
	prefersMeters: true,
	read: (record) => ({
		...readV3(record),
		chargerId: emptyToUndefined(record.charger_id),
		connectorId: emptyToUndefined(record.connector?.connector_id),
	}),
};

/** `GET /api/v3/teams/{team_uuid}/transactions`: with the site, and without the number of the charger. */
export const teamTransactionKind: RecordKind = {
	source: 'voltTime',
	endpoint: '/api/v3/teams/{team_uuid}/transactions',
	matches: (record) => isObject(record.charger) && 'started_at' in record,
	meterUnit: 'Wh',
	prefersMeters: true,
	read: (record) => {
		const { charger } = record;
		const fields = readV3(record);
		return {
			...fields,
			status: emptyToUndefined(record.status),
			chargerId: emptyToUndefined(record.added?.chargerId) ?? emptyToUndefined(charger?.uuid),
			connectorId: emptyToUndefined(record.connector_id),
			locationId: fields.locationId ?? emptyToUndefined(charger?.site?.uuid),
			locationName: fields.locationName ?? emptyToUndefined(charger?.site?.name),
		};
	},
};

/** The most specific kind comes first. */
export const recordKinds: NamedRecordKind[] = [
	{ value: 'voltTimeTransaction', name: 'Volt Time Transactions', kind: transactionKind },
	{ value: 'voltTimeTeamTransaction', name: 'Volt Time Transactions of a Team', kind: teamTransactionKind },
	{
		value: 'voltTimeLegacyTransaction',
		name: 'Volt Time Transactions (Legacy V2)',
		kind: legacyTransactionKind,
	},
];
