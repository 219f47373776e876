/** Gives what tells a record from others: its id. `undefined` and `null` mean that it has none. */
export type IdOf<T> = (record: T) => unknown;

/** The id of a record, or its content where it has no id: two records without an id are one only when they are equal. */
export function recordKey<T>(record: T, idOf: IdOf<T>): unknown {
	return idOf(record) ?? JSON.stringify(record);
}

/** The records that were not seen yet. They count as seen from now on. */
export function filterUnseen<T>(records: T[], seen: Set<unknown>, idOf: IdOf<T>): T[] {
	const fresh: T[] = [];
	for (const record of records) {
		const key = recordKey(record, idOf);
		if (seen.has(key)) continue;
		seen.add(key);
		fresh.push(record);
	}
	return fresh;
}
