import { isObject } from '../http/response';

/** The fields of a session that a record can have: one vocabulary for all vendors. */
export const SESSION_FIELDS = [
	'id',
	'externalSessionId',
	'startedAt',
	'endedAt',
	'createdAt',
	'updatedAt',
	'durationTotal',
	'durationCharging',
	'durationIdle',
	'status',
	'stopReason',
	'remotelyStoppedAt',
	'energyKwh',
	'meterStart',
	'meterStop',
	'maxPower',
	'co2',
	'amountInclVat',
	'amountExclVat',
	'amount',
	'vat',
	'pricePerKwh',
	'energyFee',
	'startFee',
	'energyCost',
	'currency',
	'tariffId',
	'tariffName',
	'isDynamicPrice',
	'voucherCode',
	'paymentStatus',
	'paidAt',
	'paymentTerminal',
	'cardNumber',
	'cardLastFour',
	'locationId',
	'locationName',
	'address',
	'postalCode',
	'city',
	'country',
	'timezone',
	'chargerId',
	'chargerName',
	'chargerUuid',
	'evseId',
	'connectorId',
	'tokenUid',
	'tokenLabel',
	'tokenType',
	'contractId',
	'customerId',
	'appUserId',
	'driverFirstName',
	'driverLastName',
	'companyId',
	'companyName',
	'customerCompanyId',
	'customerCompanyName',
	'costCenter',
	'customerErpId',
	'locationErpId',
	'reimbursable',
	'isRoaming',
	'roamingPartner',
	'socStartPct',
	'socEndPct',
	'isValid',
	'priceWarning',
] as const;

export type SessionField = (typeof SESSION_FIELDS)[number];

/** The categories of changes that a correction names. */
export const CHANGE_CATEGORIES = ['energy', 'time', 'price', 'driver', 'other'] as const;

export type ChangeCategory = (typeof CHANGE_CATEGORIES)[number];

/** Category by field name of the record; `null` for a field that does not count as part of a version. */
export type Categories = Record<string, ChangeCategory | null>;

/**
 * The session fields of one record, `undefined` where the record has none. Values are the vendor's own: they are not converted,
 * derived or checked.
 */
export type SessionFields = Partial<Record<SessionField, unknown>>;

/**
 * A record of unknown content: any field can hold any JSON value, or be missing. Read it with `?.` only, and treat the result
 * as `unknown`.
 */
export interface JsonRecord {
	readonly [name: string]: JsonRecord | undefined;
}

export type MeterUnit = 'kWh' | 'Wh';

/** Describes one kind of record: its vendor, its endpoint and its fields. */
export interface RecordKind {
	/** The vendor's name in rows and session keys; null where it is unknown. */
	source: string | null;
	/** Path of the endpoint in the row; null where it is unknown. */
	endpoint: string | null;
	/** Whether a record is of this kind, judged by its shape. */
	matches: (record: Record<string, unknown>) => boolean;
	/**
	 * Maps the fields of a record to session fields. Rows, snapshots and change categories are all made from it. The fields are
	 * named in code, since a lookup by names from a table takes ten times as long. It must not throw, whatever the record
	 * holds, and must not convert values.
	 */
	read: (record: JsonRecord) => SessionFields;
	/**
	 * The change category of the record's fields that `read` does not use, by path such as `card.brand`, or whose category differs
	 * from that of the session fields they are read into. A field that is neither read nor named here is no part of a version.
	 */
	categories?: Categories;
	/** Left out where the unit differs, or is not documented. */
	meterUnit?: MeterUnit;
	/**
	 * Whether the meters give the energy, and the record's own only where a meter is missing. A record that holds only the whole kWh
	 * gets a code.
	 */
	prefersMeters?: boolean;
	/** Whether an amount of zero means that no tariff is set, rather than that the session was free. */
	isZeroUnpriced?: boolean;
}

/** A value, or `undefined` where it is missing, null or empty. */
export function emptyToUndefined(value: unknown): unknown {
	return value === null || value === '' ? undefined : value;
}

/** The value at a path of own fields; `undefined` where there is none, also for names that every object inherits. */
export function valueAt(record: object, path: string[]): unknown {
	let value: unknown = record;
	for (const name of path) {
		if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
		value = value[name];
	}
	return value;
}
