/** Computes the records of a data set. `slot` is the index of a record, from 0 (oldest) to `count - 1`. */
export interface Source<R> {
	count: number;
	/** Slots from `count` on are for records that tests add. */
	make(slot: number): R;
	/** Ids grow with the slots. */
	idOf(slot: number): number;
	/** The inverse of `idOf`. The result for a number that is not an id is arbitrary. */
	slotOf(id: number): number;
}

/** All slots, sorted by a key and then by id. */
export interface Order {
	slots: Uint32Array;
	/** By slot. */
	keys: Float64Array;
}

/** A sort key: its name and its value for a record. Records without a value (no end yet) come last. */
export interface SortKey<R> {
	name: string;
	of(record: R): number;
}

/** A data set of up to so many records keeps what it has computed; a larger one would take too much memory. */
const MOST_KEPT = 50_000;

/**
 * Records that are computed on demand, with the changes of a test applied. They are not to be changed in place.
 *
 * Of a large data set, memory holds only the changes and, for each order in use, twelve bytes per record.
 */
export class Store<R> {
	private changed = new Map<number, R>();
	/** By slot. */
	private readonly made: R[] = [];
	private removed = new Set<number>();
	private added = 0;
	private orders = new Map<string, Order>();
	/** Incremented by every change, so that cached selections can be invalidated. */
	version = 0;

	constructor(private readonly source: Source<R>) {}

	/** Slots in use, removed ones included. */
	get slots(): number {
		return this.source.count + this.added;
	}

	/** Records in the data set. */
	get count(): number {
		return this.slots - this.removed.size;
	}

	idOf(slot: number): number {
		return this.source.idOf(slot);
	}

	/** The record in a slot; `undefined` if it was removed. */
	at(slot: number): R | undefined {
		if (this.removed.has(slot)) return undefined;
		return this.changed.get(slot) ?? this.make(slot);
	}

	/** The slot of an id; -1 if there is no such record. */
	find(id: number): number {
		const slot = this.source.slotOf(id);
		const exists = Number.isInteger(slot) && slot >= 0 && slot < this.slots && this.source.idOf(slot) === id;
		return exists && !this.removed.has(slot) ? slot : -1;
	}

	get(id: number): R | undefined {
		const slot = this.find(id);
		return slot < 0 ? undefined : this.at(slot);
	}

	/** All matching records, oldest first. */
	*records(fits: (record: R) => boolean = () => true): Generator<R> {
		for (let slot = 0; slot < this.slots; slot++) {
			const record = this.at(slot);
			if (record !== undefined && fits(record)) yield record;
		}
	}

	/** Replaces a record. */
	put(slot: number, record: R): void {
		this.changed.set(slot, record);
		this.touch();
	}

	/** Reserves and returns a slot for a new record. */
	grow(): number {
		this.added++;
		this.touch();
		return this.slots - 1;
	}

	remove(slot: number): void {
		this.removed.add(slot);
		this.touch();
	}

	/** Discards all changes. */
	reset(): void {
		this.changed.clear();
		this.removed.clear();
		this.added = 0;
		this.touch();
	}

	/** The order by a key, built on first use. */
	order(key: SortKey<R>): Order {
		const built = this.orders.get(key.name);
		if (built) return built;
		const keys = new Float64Array(this.slots);
		const slots = new Uint32Array(this.count);
		let used = 0;
		let sorted = true;
		for (let slot = 0; slot < this.slots; slot++) {
			const record = this.at(slot);
			if (record === undefined) continue;
			keys[slot] = key.of(record);
			if (used > 0 && keys[slots[used - 1]] > keys[slot]) sorted = false;
			slots[used++] = slot;
		}
		if (!sorted) slots.sort((a, b) => keys[a] - keys[b] || a - b);
		const order = { slots, keys };
		this.orders.set(key.name, order);
		return order;
	}

	private make(slot: number): R {
		if (slot >= MOST_KEPT || this.source.count > MOST_KEPT) return this.source.make(slot);
		return (this.made[slot] ??= this.source.make(slot));
	}

	private touch(): void {
		this.orders.clear();
		this.version++;
	}
}
