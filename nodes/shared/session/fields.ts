import { isObject } from '../http/response';

/** What a record can say of its session: one vocabulary for all vendors. */
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
	'stopReason',
	'remotelyStoppedAt',
	'energyKwh',
	'meterStart',
	'meterStop',
	'maxPower',
	'amountInclVat',
	'amountExclVat',
	'amount',
	'vat',
	'pricePerKwh',
	'energyCost',
	'startFee',
	'currency',
	'tariffId',
	'tariffName',
	'isDynamicPrice',
	'voucherCode',
	'paymentStatus',
	'locationId',
	'locationName',
	'address',
	'postalCode',
	'city',
	'country',
	'timezone',
	'chargerId',
	'evseId',
	'connectorId',
	'tokenUid',
	'tokenLabel',
	'tokenType',
	'contractId',
	'driverId',
	'driverFirstName',
	'driverLastName',
	'companyId',
	'companyName',
	'costCentre',
	'customerErpId',
	'reimbursable',
	'isRoaming',
	'roamingPartner',
	'socStartPct',
	'socEndPct',
] as const;

export type SessionField = (typeof SESSION_FIELDS)[number];

/** The parts of a session that can change. A correction names them. */
export const CHANGE_CATEGORIES = ['energy', 'time', 'price', 'driver', 'other'] as const;

export type ChangeCategory = (typeof CHANGE_CATEGORIES)[number];

/** By the name of a record's field: its category, or `null` for a field that is not part of a version. */
export type Categories = Record<string, ChangeCategory | null>;

/**
 * The facts of one record; what it doesn't say is `undefined`. Values are the vendor's own: nothing is converted, derived or
 * checked here.
 */
export type SessionFields = Partial<Record<SessionField, unknown>>;

/**
 * A record whose fields may have fields. In truth there may be anything that JSON can hold, or nothing: read on with `?.` only,
 * and take what is read as `unknown`.
 */
export interface JsonRecord {
	readonly [name: string]: JsonRecord | undefined;
}

export type MeterUnit = 'kWh' | 'Wh';

/** One kind of record: whose it is, where it is read, and which field says what. */
export interface RecordKind {
	/** The vendor's name, as it stands in the row and in session keys; null where that isn't known. */
	source: string | null;
	/** Path of the endpoint, as it stands in the row. */
	endpoint: string | null;
	/** Whether a record is of this kind, by its shape. */
	matches: (record: Record<string, unknown>) => boolean;
	/**
	 * Which field says what. Fields are named in the code, since to look them up by names from a table takes ten times as long.
	 * Whatever stands in a record, this doesn't throw.
	 */
	read: (record: JsonRecord) => SessionFields;
	/**
	 * The change category of the record's fields that `read` does not use, or whose category differs from that of the session
	 * fields they are read into.
	 */
	categories?: Categories;
	/** Left out where the vendor doesn't name it. */
	meterUnit?: MeterUnit;
	/** An amount of zero says that no tariff is set, not that the session was free. */
	isZeroUnpriced?: boolean;
}

/** What a field says: `undefined` where it is missing, null or empty. */
export function emptyToUndefined(value: unknown): unknown {
	return value === null || value === '' ? undefined : value;
}

/** The value at a path of own fields; `undefined` where there is none, also for names that every object has. */
export function valueAt(record: object, path: string[]): unknown {
	let value: unknown = record;
	for (const name of path) {
		if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
		value = value[name];
	}
	return value;
}
