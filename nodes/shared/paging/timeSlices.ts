/** A part of a list: the sort keys from one on and before another, in the order of the list. */
export interface TimeRange {
	from: number;
	before: number;
}

/** A list that is sorted by a time, and can be requested by a range of that time. */
export interface SlicedList<T, P> {
	/**
	 * Walks the whole list, or the range of it between two sort keys. The API may include the bounds of a range or leave
	 * them out. The arrays that it yields are emptied.
	 */
	walk: (part?: TimeRange) => AsyncGenerator<T[]>;
	/** Gets the last record of the list. */
	last: () => Promise<T | undefined>;
	/**
	 * The position of a record in the order of the list: a whole number of milliseconds that never falls along the list;
	 * `undefined` when the record has no such time.
	 */
	sortKeyOf: (record: T) => number | undefined;
	/** Formats a page as soon as it is read. The result is buffered until its turn. */
	readPage: (records: T[]) => P;
	pageSize: number;
	/** Most requests at the same time. */
	concurrency: number;
	/** Most pages to buffer until their turn; Infinity where the caller keeps the whole list anyway. */
	maxBuffered: number;
}

/** A range that is being read, by cursor. */
interface Slice<P> extends TimeRange {
	/** The sort key up to which it was read. */
	at: number;
	/** Records in it so far. */
	count: number;
	/** Records in a millisecond, by its newest page; 0 before its first page and after its last one. */
	density: number;
	ready: P[];
	isRead: boolean;
}

/** A slice in which no more pages than this are left is not split. */
const MIN_PAGES = 1;

/**
 * One worker reads the rest of a list that has at most this many pages left: several workers would not be faster, since the end
 * of the list has to be read again after all slices.
 */
const MAX_PAGES_BY_ONE = 2;

/** A slice can be this many times longer or shorter than the one before it, so that a long quiet time takes few slices. */
const MAX_GROWTH = 4;

/**
 * Reads a list that is sorted by a time in several ranges of that time at once, and yields the pages in the order of the list.
 *
 * The first page is read alone, since most lists end there. One worker also reads the next pages while only a few seem to be
 * left. Then the rest is cut into slices of equal time. A worker that has nothing left to read takes the later half of the slice
 * in which most is left, so busy and quiet times even out. The end of the list is read after all slices: records that were
 * updated meanwhile have moved there. Such a record comes twice rather than never, as in a walk by one worker.
 *
 * If the records are not sorted, or not in the requested range, one worker reads the list from its beginning, and records that
 * were yielded before come again.
 *
 * @example
 * // A page is an array of records; `sortKeyOf` reads the time by which they are sorted.
 * walk()                              // yields [{ id: 1, updatedAt: '2026-01-01T00:00:00Z' }, ...], page by page
 * walk({ from: 1767225600000, before: 1767312000000 }) // the same, of one day
 *
 * @throws What the walks throw. No page is requested after an error, or after the caller has left the loop.
 */
export async function* readTimeSlices<T, P>(list: SlicedList<T, P>): AsyncGenerator<P> {
	const { readPage, walk } = list;
	// The loops would keep the records of a page in memory until the next one has come, so each is emptied.
	const readAndEmpty = (page: T[]) => readPage(page.splice(0));
	const whole = walk();
	const { value: first, done: isEmpty } = await whole.next();
	if (isEmpty) return;
	const at = lastSortKey(first, -Infinity, list.sortKeyOf);
	const isShort = first.length < list.pageSize;
	yield readAndEmpty(first);

	if (list.concurrency === 1 || isShort || at === undefined) {
		for await (const page of whole) yield readAndEmpty(page);
		return;
	}
	const isSorted = yield* readRest(list, whole, at);
	if (!isSorted) for await (const page of walk()) yield readPage(page);
}

/**
 * Reads the list behind its first page: by one worker as long as few pages seem to be left, then in slices.
 *
 * @returns Whether the records were sorted, and in the requested ranges. Else some can be missing.
 */
async function* readRest<T, P>(
	list: SlicedList<T, P>,
	whole: AsyncGenerator<T[]>,
	reachedFirst: number,
): AsyncGenerator<P, boolean> {
	const { pageSize, sortKeyOf, readPage } = list;
	// The second page and the end of the list are requested together.
	const second = whole.next();
	const [, last] = await Promise.all([second, list.last()]);
	const end = last && sortKeyOf(last);
	let at = reachedFirst;
	for (let step = await second; ; step = await whole.next()) {
		if (step.done) return true;
		const page = step.value;
		yield readPage(page);
		const lastKey = lastSortKey(page, at, sortKeyOf);
		if (end === undefined || lastKey === undefined || lastKey >= end || page.length < pageSize) {
			for await (const further of whole) yield readPage(further);
			return true;
		}
		const density = densityOf(page, lastKey, sortKeyOf);
		at = lastKey;
		if ((end - at) * density > MAX_PAGES_BY_ONE * pageSize) {
			const scheduler = new TimeSliceScheduler(list, { from: at, before: end }, density);
			return yield* scheduler.read(whole);
		}
	}
}

/** Reads a range of a list in slices, by several workers at once. */
class TimeSliceScheduler<T, P> {
	/** In the order of the list, from the one that is yielded now. */
	private readonly slices: Array<Slice<P>> = [];
	/** The range that no slice covers yet. */
	private readonly rest: TimeRange;
	private readonly end: number;
	/** Records in a slice whose pages fit into the buffer. */
	private readonly targetCount: number;
	/** The time in which there seem to be that many. */
	private sliceLength: number;
	private workers = 0;
	private failure: { error: unknown } | undefined;
	private isSorted = true;
	private isStopped = false;
	private readonly changes = createSignal();

	/** @param density Records in a millisecond, as far as it is known. */
	constructor(
		private readonly list: SlicedList<T, P>,
		range: TimeRange,
		density: number,
	) {
		this.rest = { ...range };
		this.end = range.before;
		this.targetCount = Math.max(1, list.maxBuffered / list.concurrency) * list.pageSize;
		this.sliceLength = this.targetCount / density;
	}

	/**
	 * Yields the pages of the range, then what stands at the end of the list by now.
	 *
	 * @param whole The walk that has read the list up to the range. The first slice continues it.
	 * @returns Whether the records were sorted, and in the requested ranges.
	 */
	async *read(whole: AsyncGenerator<T[]>): AsyncGenerator<P, boolean> {
		try {
			const first = this.assignNext()!;
			this.start(first, whole, first.from, Infinity);
			this.assignIdle();
			while (this.slices.length > 0) {
				if (this.failure) throw this.failure.error;
				if (!this.isSorted) return false;
				const page = this.slices[0].ready.shift();
				if (page !== undefined) yield page;
				await this.advance(page !== undefined);
			}
			yield* this.readEnd();
			return true;
		} finally {
			this.isStopped = true;
			this.notify();
		}
	}

	/** Continues after a page was taken; without one, removes the first slice when it is read, or waits for its next page. */
	private async advance(hasTaken: boolean): Promise<void> {
		if (!hasTaken && !this.slices[0].isRead) return await this.changes.next;
		if (!hasTaken) {
			this.slices.shift();
			this.assignIdle();
		}
		this.notify();
	}

	/** Yields what the list has at the end of the range, and what has moved there meanwhile. */
	private async *readEnd(): AsyncGenerator<P> {
		const { sortKeyOf, readPage, walk } = this.list;
		for await (const page of walk({ from: this.end - 1, before: Infinity })) {
			const own = page.filter((record) => (sortKeyOf(record) ?? this.end) >= this.end);
			if (own.length > 0) yield readPage(own);
		}
	}

	/** Starts idle workers while there is something to read and room in the buffer. */
	private assignIdle(): void {
		while (this.workers < this.list.concurrency && !this.isStopped && !this.isFull()) {
			const slice = this.assignNext() ?? this.splitLargest();
			if (!slice) return;
			// The API may include the bounds or leave them out, so the walk begins a millisecond early.
			const { from, before } = slice;
			this.start(slice, this.list.walk({ from: from - 1, before }), from - 1, before);
		}
	}

	/** Cuts the next slice off the rest: an equal share for each idle worker, or as much as fits into the buffer. */
	private assignNext(): Slice<P> | undefined {
		const { from, before } = this.rest;
		if (from >= before) return undefined;
		const share = (before - from) / (this.list.concurrency - this.workers);
		this.rest.from = Math.min(before, from + Math.ceil(Math.min(share, this.sliceLength)));
		const slice = newSlice<P>(from, this.rest.from);
		this.slices.push(slice);
		return slice;
	}

	/** Cuts off the later half of the slice in which most seems to be left. */
	private splitLargest(): Slice<P> | undefined {
		const left = this.slices.map(({ isRead, before, at, density }) => (isRead ? 0 : (before - at) * density));
		const index = left.indexOf(Math.max(...left));
		const slice = this.slices[index];
		if (slice === undefined || left[index] < MIN_PAGES * this.list.pageSize) return undefined;
		const middle = Math.ceil((slice.at + slice.before) / 2);
		if (middle >= slice.before) return undefined;
		const half = newSlice<P>(middle, slice.before);
		slice.before = middle;
		this.slices.splice(index + 1, 0, half);
		return half;
	}

	/** Starts a worker on a slice. */
	private start(slice: Slice<P>, pages: AsyncGenerator<T[]>, lowest: number, highest: number): void {
		this.workers++;
		void this.work(slice, pages, lowest, highest)
			.catch((error: unknown) => {
				this.failure ??= { error };
				this.isStopped = true;
			})
			.finally(() => {
				this.workers--;
				this.finish(slice);
			});
	}

	/**
	 * Reads the pages of a slice, each one as soon as the buffer has room.
	 *
	 * @param lowest No record may be in front of this sort key.
	 * @param highest No record may be behind this sort key.
	 */
	private async work(
		slice: Slice<P>,
		pages: AsyncGenerator<T[]>,
		lowest: number,
		highest: number,
	): Promise<void> {
		let lastKey: number | undefined = lowest;
		for await (const page of pages) {
			if (this.isStopped) return;
			lastKey = lastSortKey(page, lastKey, this.list.sortKeyOf);
			if (lastKey === undefined || lastKey > highest) {
				this.isSorted = false;
				return;
			}
			this.addPage(slice, page, lastKey);
			this.notify();
			if (lastKey >= slice.before) return;
			this.assignIdle();
			while (this.isFull() && !this.isHeadOfLine(slice) && !this.isStopped) await this.changes.next;
		}
	}

	private addPage(slice: Slice<P>, page: T[], lastKey: number): void {
		const { pageSize, sortKeyOf, readPage } = this.list;
		const own = page.filter((record) => isWithin(slice, sortKeyOf(record)));
		if (own.length > 0) slice.ready.push(readPage(own));
		slice.density = page.length < pageSize ? 0 : densityOf(page, lastKey, sortKeyOf);
		slice.count += own.length;
		slice.at = Math.max(slice.from, lastKey);
	}

	/** Marks a slice as read, and adapts the length of the next ones to its records. */
	private finish(slice: Slice<P>): void {
		slice.isRead = true;
		const growth = slice.count > 0 ? this.targetCount / slice.count : MAX_GROWTH;
		const bounded = Math.min(MAX_GROWTH, Math.max(1 / MAX_GROWTH, growth));
		this.sliceLength = (slice.before - slice.from) * bounded;
		this.assignIdle();
		this.notify();
	}

	private isFull(): boolean {
		return this.slices.reduce((sum, { ready }) => sum + ready.length, 0) >= this.list.maxBuffered;
	}

	/** Whether the caller waits for the next page of a slice. */
	private isHeadOfLine(slice: Slice<P>): boolean {
		return slice === this.slices[0] && slice.ready.length === 0;
	}

	/** Wakes the workers that wait for room in the buffer, and the caller that waits for a page. */
	private notify(): void {
		this.changes.notify();
	}
}

function newSlice<P>(from: number, before: number): Slice<P> {
	return { from, before, at: from, density: 0, count: 0, ready: [], isRead: false };
}

function isWithin({ from, before }: TimeRange, sortKey: number | undefined): boolean {
	return sortKey !== undefined && sortKey >= from && sortKey < before;
}

/** Records in a millisecond of a sorted page that ends at `lastKey`. */
function densityOf<T>(page: T[], lastKey: number, sortKeyOf: (record: T) => number | undefined): number {
	return page.length / Math.max(1, lastKey - sortKeyOf(page[0])!);
}

/** The sort key of the last record; `undefined` where the records are not sorted, or begin before `lastKey`. */
function lastSortKey<T>(
	records: T[],
	lastKey: number,
	sortKeyOf: (record: T) => number | undefined,
): number | undefined {
	let last = lastKey;
	for (const record of records) {
		const sortKey = sortKeyOf(record);
		if (sortKey === undefined || sortKey < last) return undefined;
		last = sortKey;
	}
	return last;
}

/** A promise that `notify` resolves for all that wait for it, and replaces by the next one. */
function createSignal() {
	let resolveNext: () => void = () => undefined;
	const signal = {
		next: new Promise<void>((resolve) => (resolveNext = resolve)),
		notify: () => {
			const wake = resolveNext;
			signal.next = new Promise<void>((resolve) => (resolveNext = resolve));
			wake();
		},
	};
	return signal;
}
