import { isObject } from '../request/answer';

/**
 * What a record can say of its session, in one vocabulary. Values are the vendor's own: nothing is converted, derived or
 * checked here.
 */
export const FACTS = [
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

export type Fact = (typeof FACTS)[number];

/** The facts of one record; what it doesn't say is `undefined`. */
export type Facts = Partial<Record<Fact, unknown>>;

export type MeterUnit = 'kWh' | 'Wh';

/** One kind of record: whose it is, where it is read, and which field says what. */
export interface RecordKind {
	/** The vendor's name, as it stands in the row and in session keys; null where that isn't known. */
	source: string | null;
	/** Path of the endpoint, as it stands in the row. */
	endpoint: string | null;
	/** Whether a record is of this kind, by its shape. */
	matches: (record: Record<string, unknown>) => boolean;
	/** Where each fact stands: a path of field names (`price.amount`), or several, the first of which that holds a value counts. */
	fields: Partial<Record<Fact, string | string[]>>;
	/** Left out where the vendor doesn't name it. */
	meterUnit?: MeterUnit;
	/** An amount of zero says that no tariff is set, not that the session was free. */
	isZeroUnpriced?: boolean;
}

/** Gives the function that reads the facts of a record. */
export function factsReader({ fields }: Pick<RecordKind, 'fields'>): (record: object) => Facts {
	const readers = Object.entries(fields).map(([fact, paths]) => ({
		fact: fact as Fact,
		paths: [paths].flat().map((path) => path.split('.')),
	}));
	return (record) => {
		const facts: Facts = {};
		for (const { fact, paths } of readers) {
			for (const path of paths) {
				const value = valueAt(record, path);
				if (value === undefined || value === null || value === '') continue;
				facts[fact] = value;
				break;
			}
		}
		return facts;
	};
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
