/**
 * Sorts what people pick from by what they read, A to Z, upper and lower case alike.
 *
 * Not by `localeCompare`: its first call alone takes a quarter of the time in which all nodes load (n8n 2.41.1, Node 24).
 */
export function alphabetical<T>(things: T[], textOf: (thing: T) => string): T[] {
	const keyed = things.map((thing) => ({ thing, key: textOf(thing).toLowerCase() }));
	return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ thing }) => thing);
}
