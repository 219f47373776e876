import { isObject } from '../request/answer';

/**
 * What a record can say of its session, in one vocabulary, with nothing said. Values are the vendor's own: nothing is
 * converted, derived or checked here.
 *
 * A literal that is copied: objects that are built up name by name are several times slower to make and to read.
 */
const NONE = {
	id: undefined,
	externalSessionId: undefined,
	startedAt: undefined,
	endedAt: undefined,
	createdAt: undefined,
	updatedAt: undefined,
	durationTotal: undefined,
	durationCharging: undefined,
	durationIdle: undefined,
	stopReason: undefined,
	remotelyStoppedAt: undefined,
	energyKwh: undefined,
	meterStart: undefined,
	meterStop: undefined,
	maxPower: undefined,
	amountInclVat: undefined,
	amountExclVat: undefined,
	amount: undefined,
	vat: undefined,
	pricePerKwh: undefined,
	energyCost: undefined,
	startFee: undefined,
	currency: undefined,
	tariffId: undefined,
	tariffName: undefined,
	isDynamicPrice: undefined,
	voucherCode: undefined,
	paymentStatus: undefined,
	locationId: undefined,
	locationName: undefined,
	address: undefined,
	postalCode: undefined,
	city: undefined,
	country: undefined,
	timezone: undefined,
	chargerId: undefined,
	evseId: undefined,
	connectorId: undefined,
	tokenUid: undefined,
	tokenLabel: undefined,
	tokenType: undefined,
	contractId: undefined,
	driverId: undefined,
	driverFirstName: undefined,
	driverLastName: undefined,
	companyId: undefined,
	companyName: undefined,
	costCentre: undefined,
	customerErpId: undefined,
	reimbursable: undefined,
	isRoaming: undefined,
	roamingPartner: undefined,
	socStartPct: undefined,
	socEndPct: undefined,
};

export type Fact = keyof typeof NONE;

/** All of them, in that order. */
export const FACTS = Object.keys(NONE) as Fact[];

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
	const names = Object.keys(fields) as Fact[];
	const readers = names.map((fact) => readerOf([fields[fact] ?? []].flat()));
	return (record) => {
		const facts: Facts = { ...NONE };
		for (let index = 0; index < names.length; index++) {
			facts[names[index]] = readers[index](record as Fields);
		}
		return facts;
	};
}

type Fields = Record<string, unknown>;

/** Reads the first of the paths that holds a value. None of their names is one that every object has. */
function readerOf([path, ...others]: string[]): (record: Fields) => unknown {
	const read = pathReader(path.split('.'));
	const otherwise = others.length > 0 ? readerOf(others) : () => undefined;
	return (record) => {
		const value = read(record);
		return value === undefined || value === null || value === '' ? otherwise(record) : value;
	};
}

/** Without a loop for the usual paths: this is done fifty times a record. */
function pathReader([first, second, ...rest]: string[]): (record: Fields) => unknown {
	if (second === undefined) return (record) => record[first];
	const inner = pathReader([second, ...rest]);
	return (record) => {
		const value = record[first];
		return value === undefined || value === null ? undefined : inner(value as Fields);
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
