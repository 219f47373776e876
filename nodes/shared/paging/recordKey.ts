/** Reads the id of a record; `undefined` or `null` where it has none. */
export type IdOf<T> = (record: T) => unknown;

/** The id of a record, or its content where it has no id. Records without an id are the same only if they are equal. */
export function recordKey<T>(record: T, idOf: IdOf<T>): unknown {
	return idOf(record) ?? JSON.stringify(record);
}

/** The records that are not in `seen`. They are added to it. */
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
