import type { Order, Store } from './store';

/** A position in an order: at the record with this key and id, even if it no longer exists. */
export interface Position {
	key: number;
	id: number;
}

/** A list that is read page by page. */
export interface Walk<R> {
	store: Store<R>;
	order: Order;
	descending: boolean;
	matches: (record: R) => boolean;
	/** Only keys from this one on. */
	from?: number;
	/** Only keys before this one. */
	before?: number;
}

export interface Page<R> {
	/** In the order of the list, for both directions of paging. */
	records: R[];
	first?: Position;
	last?: Position;
	hasNext: boolean;
	hasPrevious: boolean;
}

/**
 * One page of a list, found by binary search.
 *
 * @param after The page begins after this position or, when paging backwards, ends before it.
 */
export function getPage<R>(
	walk: Walk<R>,
	direction: 'next' | 'previous',
	after: Position | undefined,
	limit: number,
): Page<R> {
	const { store, order } = walk;
	const start = walk.from === undefined ? 0 : search(walk, { key: walk.from, id: -1 });
	const end = walk.before === undefined ? order.slots.length : search(walk, { key: walk.before, id: -1 });
	const matching = (index: number): R | undefined => {
		const found = store.at(order.slots[index]);
		return found !== undefined && walk.matches(found) ? found : undefined;
	};
	const anyFrom = (index: number, step: 1 | -1): boolean => {
		for (let at = index; at >= start && at < end; at += step) if (matching(at) !== undefined) return true;
		return false;
	};

	const step = (direction === 'next') === walk.descending ? -1 : 1;
	let index = step === 1 ? start : end - 1;
	if (after !== undefined) {
		const behind = step === 1 ? search(walk, { key: after.key, id: after.id + 1 }) : search(walk, after) - 1;
		index = step === 1 ? Math.max(start, behind) : Math.min(end - 1, behind);
	}
	const begin = index;
	const records: R[] = [];
	const indexes: number[] = [];
	for (; records.length < limit && index >= start && index < end; index += step) {
		const record = matching(index);
		if (record === undefined) continue;
		records.push(record);
		indexes.push(index);
	}
	const hasAhead = anyFrom(index, step);
	const hasBehind = after !== undefined && anyFrom(begin - step, step === 1 ? -1 : 1);
	if (direction === 'previous') {
		records.reverse();
		indexes.reverse();
	}
	const position = (at: number | undefined): Position | undefined => {
		if (at === undefined) return undefined;
		const slot = order.slots[at];
		return { key: order.keys[slot], id: store.idOf(slot) };
	};
	return {
		records,
		first: position(indexes[0]),
		last: position(indexes[indexes.length - 1]),
		hasNext: direction === 'next' ? hasAhead : hasBehind,
		hasPrevious: direction === 'next' ? hasBehind : hasAhead,
	};
}

/** Number of records before the position. */
function search<R>({ store, order }: Walk<R>, { key, id }: Position): number {
	let low = 0;
	let high = order.slots.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		const slot = order.slots[middle];
		const before = order.keys[slot] < key || (order.keys[slot] === key && store.idOf(slot) < id);
		if (before) low = middle + 1;
		else high = middle;
	}
	return low;
}
