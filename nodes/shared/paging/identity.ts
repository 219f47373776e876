/** Gives what tells a record from others: its id. `undefined` and `null` mean that it has none. */
export type IdOf<T> = (record: T) => unknown;

/** The id of a record, or its content where it has no id: two records without an id are one only when they are equal. */
export function keyOf<T>(record: T, idOf: IdOf<T>): unknown {
	return idOf(record) ?? JSON.stringify(record);
}
