/** Ids up to here are exact as numbers, and so is the text that each is written as. */
const WHOLE = /^(0|[1-9]\d{0,14})$/;
const FIRST_SIZE = 1024;

/**
 * The ids that were seen, in little memory: a million whole numbers take 16 MB, where a `Set` takes about 60.
 *
 * Vendors write ids as numbers or as text; `12` and `"12"` are one id. Other ids are kept as they are.
 */
export class IdSet {
	private readonly texts = new Set<string>();
	/** Open addressing; an id is stored one higher, so that 0 is an empty place. */
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
		const place = this.slotOf(id);
		if (this.slots[place] !== 0) return false;
		this.slots[place] = id + 1;
		this.count++;
		return true;
	}

	/** Where the id is, or would be. */
	private slotOf(id: number): number {
		const { slots: places } = this;
		const last = places.length - 1;
		// Ids come in rows: the multiplication spreads them over the table.
		const mixed = Math.imul(id ^ Math.floor(id / 2 ** 32), 0x9e3779b1);
		let place = (mixed ^ (mixed >>> 15)) & last;
		while (places[place] !== 0 && places[place] !== id + 1) place = (place + 1) & last;
		return place;
	}

	private grow(): void {
		const old = this.slots;
		this.slots = new Float64Array(old.length * 2);
		for (const stored of old) {
			if (stored !== 0) this.slots[this.slotOf(stored - 1)] = stored;
		}
	}
}
