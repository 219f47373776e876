/** Whole numbers of up to 15 digits without leading zeros: number and text convert into each other without loss. */
const WHOLE = /^(0|[1-9]\d{0,14})$/;
const FIRST_SIZE = 1024;

/**
 * A set of ids that uses little memory: a million whole numbers take 16 MB, in a `Set` about 60 MB.
 *
 * Vendors write ids as numbers or as text; `12` and `"12"` are the same id. All other ids are stored as text.
 */
export class IdSet {
	private readonly texts = new Set<string>();
	/** Hash table with open addressing. It stores `id + 1`, so 0 marks an empty slot. */
	private slots = new Float64Array(FIRST_SIZE);
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
		const old = this.slots;
		this.slots = new Float64Array(old.length * 2);
		for (const stored of old) {
			if (stored !== 0) this.slots[this.slotOf(stored - 1)] = stored;
		}
	}
}
