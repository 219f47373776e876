import type { Categories, ChangeCategory, JsonRecord, RecordKind, SessionField } from './fields';

/** The category of each session field; any other is in `other`. */
const CATEGORY_OF: Partial<Record<SessionField, ChangeCategory | null>> = {
	updatedAt: null,
	startedAt: 'time',
	endedAt: 'time',
	createdAt: 'time',
	durationTotal: 'time',
	durationCharging: 'time',
	durationIdle: 'time',
	remotelyStoppedAt: 'time',
	status: 'time',
	energyKwh: 'energy',
	meterStart: 'energy',
	meterStop: 'energy',
	maxPower: 'energy',
	co2: 'energy',
	socStartPct: 'energy',
	socEndPct: 'energy',
	amountInclVat: 'price',
	amountExclVat: 'price',
	amount: 'price',
	vat: 'price',
	pricePerKwh: 'price',
	energyFee: 'price',
	energyCost: 'price',
	startFee: 'price',
	currency: 'price',
	tariffId: 'price',
	tariffName: 'price',
	isDynamicPrice: 'price',
	voucherCode: 'price',
	tokenUid: 'driver',
	tokenLabel: 'driver',
	tokenType: 'driver',
	contractId: 'driver',
	customerId: 'driver',
	appUserId: 'driver',
	cardNumber: 'driver',
	cardLastFour: 'driver',
	driverFirstName: 'driver',
	driverLastName: 'driver',
};

/**
 * The categories of a record's fields. A field has the category of the session fields that `kind.read` reads from it, unless
 * `kind.categories` names another one. A field that is not in the result is in `other`.
 *
 * @example
 * // read: ({ started_at, price }) => ({ startedAt: started_at, amount: price?.total, currency: price?.currency })
 * categoriesOf(kind) // { started_at: 'time', price: 'price' }
 */
export function categoriesOf(kind: RecordKind): Categories {
	const categories: Categories = {};
	for (const [name, field] of tracedReads(kind.read)) {
		const category = CATEGORY_OF[field];
		if (category !== undefined) categories[name] ??= category;
	}
	return { ...categories, ...kind.categories };
}

/** The fields that make up a version of a session. */
export interface NamedFields {
	/** Session fields that the kind reads. */
	session: Array<[field: SessionField, category: ChangeCategory]>;
	/** Paths of further fields of the record. */
	record: Array<[path: string[], category: ChangeCategory]>;
}

/**
 * The fields of a kind that make up a version: those that `kind.read` reads, and those that `kind.categories` names. A field that is
 * neither does not count, so that a field which the vendor adds is no correction.
 */
export function namedFields(kind: RecordKind): NamedFields {
	const categories = categoriesOf(kind);
	const session = new Map<SessionField, ChangeCategory>();
	const names = new Set<string>();
	for (const [name, field] of tracedReads(kind.read)) {
		names.add(name);
		const category = Object.hasOwn(categories, name) ? categories[name] : 'other';
		if (category && field !== 'id' && !session.has(field)) session.set(field, category);
	}
	const record: NamedFields['record'] = [];
	for (const [path, category] of Object.entries(kind.categories ?? {})) {
		if (category && !names.has(path)) record.push([path.split('.'), category]);
	}
	return { session: [...session], record };
}

/**
 * The pairs of a record's field and a session field that is read from it.
 *
 * `read` is called with a probe in place of a record. A probe returns a probe for every property, so the probe that is found in
 * a session field tells where the value comes from. A session field may fall back on a second field of the record where the
 * first is missing, so `read` is called again without the fields that are known already, until it finds no others.
 */
function tracedReads(read: RecordKind['read']): Array<[name: string, field: SessionField]> {
	const reads: Array<[string, SessionField]> = [];
	const known = new Set<string>();
	for (;;) {
		const nameOf = new Map<unknown, string>();
		const probe = (name: string): JsonRecord => {
			const made: JsonRecord = new Proxy({}, { get: () => probe(name) });
			nameOf.set(made, name);
			return made;
		};
		const record = new Proxy(
			{},
			{ get: (_, name) => (known.has(String(name)) ? undefined : probe(String(name))) },
		);
		const found: Array<[string, SessionField]> = [];
		for (const [field, value] of Object.entries(read(record))) {
			const name = nameOf.get(value);
			if (name !== undefined) found.push([name, field as SessionField]);
		}
		if (found.length === 0) return reads;
		for (const entry of found) {
			reads.push(entry);
			known.add(entry[0]);
		}
	}
}
