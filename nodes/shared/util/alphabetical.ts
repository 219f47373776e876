/**
 * Sorts options by their visible text, ignoring case.
 *
 * It does not use `localeCompare`, whose first call takes a quarter of the load time of all nodes (n8n 2.41.1, Node 24).
 */
export function alphabetical<T>(things: T[], textOf: (thing: T) => string): T[] {
	const keyed = things.map((thing) => ({ thing, key: textOf(thing).toLowerCase() }));
	return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ thing }) => thing);
}
