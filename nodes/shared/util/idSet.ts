/** Whole numbers of up to 15 digits without leading zeros: number and text convert into each other without loss. */
const WHOLE = /^(0|[1-9]\d{0,14})$/;
const FIRST_SIZE = 1024;
/** The largest id of a narrow table. */
const MAX_NARROW = 2 ** 32 - 2;

/**
 * A set of ids that uses little memory: a million whole numbers of 32 bits take 8 MB, others 16 MB, in a `Set` about 60 MB.
 *
 * Vendors write ids as numbers or as text; `12` and `"12"` are the same id. All other ids are stored as text.
 */
export class IdSet {
	private readonly texts = new Set<string>();
	/** Hash table with open addressing. It stores `id + 1`, so 0 marks an empty slot. It is wide once an id needs more than 32 bits. */
	private slots: Uint32Array | Float64Array = new Uint32Array(FIRST_SIZE);
	private count = 0;

	/** Adds an id. @returns Whether it is new. */
	add(id: string | number): boolean {
		const text = String(id);
		if (WHOLE.test(text)) return this.addNumber(Number(text));
		if (this.texts.has(text)) return false;
		this.texts.add(text);
		return true;
	}

	private addNumber(id: number): boolean {
		const isTooLarge = id > MAX_NARROW && this.slots instanceof Uint32Array;
		if (isTooLarge) this.resize(new Float64Array(this.slots.length));
		if (this.count * 2 >= this.slots.length) this.grow();
		const slot = this.slotOf(id);
		if (this.slots[slot] !== 0) return false;
		this.slots[slot] = id + 1;
		this.count++;
		return true;
	}

	/** The slot that holds the id, or the empty one for it. */
	private slotOf(id: number): number {
		const { slots } = this;
		const last = slots.length - 1;
		// Ids are often consecutive: the multiplication spreads them over the table.
		const mixed = Math.imul(id ^ Math.floor(id / 2 ** 32), 0x9e3779b1);
		let slot = (mixed ^ (mixed >>> 15)) & last;
		while (slots[slot] !== 0 && slots[slot] !== id + 1) slot = (slot + 1) & last;
		return slot;
	}

	private grow(): void {
		const size = this.slots.length * 2;
		this.resize(this.slots instanceof Uint32Array ? new Uint32Array(size) : new Float64Array(size));
	}

	private resize(slots: Uint32Array | Float64Array): void {
		const old = this.slots;
		this.slots = slots;
		for (const stored of old) {
			if (stored !== 0) this.slots[this.slotOf(stored - 1)] = stored;
		}
	}
}
