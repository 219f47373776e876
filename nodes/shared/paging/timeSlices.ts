/** A part of a list: places from one on and before another, in the order of the list. */
export interface TimeRange {
	from: number;
	before: number;
}

/** A list that is sorted by a time, and can be asked for by a range of that time. */
export interface SlicedList<T, P> {
	/**
	 * Walks the whole list, or the part of it that lies between two places. The API may include the edges of a part or leave
	 * them out.
	 */
	walk: (part?: TimeRange) => AsyncGenerator<T[]>;
	/** Gets the last record of the list. */
	last: () => Promise<T | undefined>;
	/**
	 * The place of a record in the order of the list, a whole number of milliseconds that never falls along the list;
	 * `undefined` when the record doesn't tell.
	 */
	sortKeyOf: (record: T) => number | undefined;
	/** What becomes of a page as soon as it is there: what comes of it is kept until its turn. */
	take: (records: T[]) => P;
	pageSize: number;
	/** Most requests at the same time. */
	concurrency: number;
	/** Most pages to keep until their turn; Infinity where the whole list is kept anyway. */
	maxBuffered: number;
}

/** A part that is being read, by cursor. */
interface Slice<P> extends TimeRange {
	/** How far it was read. */
	at: number;
	/** Records in it so far. */
	count: number;
	/** Records in a millisecond, as its newest page has them; 0 before its first page and after its last one. */
	density: number;
	ready: P[];
	isRead: boolean;
}

/** A part in which no more is left than that many pages is not worth cutting. */
const MIN_PAGES = 1;

/** So many pages one reader reads as soon as several, which have to read the end of the list once more after all else. */
const MAX_PAGES_BY_ONE = 2;

/** How much longer or shorter a part can be than the one before it: so a long quiet time takes few parts. */
const MAX_GROWTH = 4;

/**
 * Walks a list in several parts at once, and gives the pages in the order of the list.
 *
 * The first page is read alone: most lists end there. So are the next ones while only a few seem to be left. Then the rest is
 * cut into parts of equal time, and a reader that has nothing left to read takes the later half of the part in which most is
 * left, so that busy and quiet times even out. What the list has at its last place, and whatever moves there meanwhile because
 * it is updated, is read when all else was: as in a walk by one reader, a record that changes place comes twice rather than
 * never.
 *
 * Where the records are not in order, or not in the part that was asked for, the list is read from its beginning by one
 * reader: what was given before comes again.
 *
 * @throws What the walks throw. After that, and after the walk was left, no further page is asked for.
 */
export async function* readTimeSlices<T, P>(list: SlicedList<T, P>): AsyncGenerator<P> {
	const { take, walk } = list;
	const whole = walk();
	const { value: first, done: isEmpty } = await whole.next();
	if (isEmpty) return;
	yield take(first);

	const at = lastSortKey(first, -Infinity, list.sortKeyOf);
	if (list.concurrency === 1 || first.length < list.pageSize || at === undefined) {
		for await (const page of whole) yield take(page);
		return;
	}
	const isInOrder = yield* readInSlices(list, whole, at);
	if (!isInOrder) for await (const page of walk()) yield take(page);
}

/**
 * The list behind its first page.
 *
 * @returns Whether the records were in the order, and in the parts, that was asked for. Else some can be missing.
 */
async function* readInSlices<T, P>(
	list: SlicedList<T, P>,
	whole: AsyncGenerator<T[]>,
	reachedFirst: number,
): AsyncGenerator<P, boolean> {
	const { concurrency, maxBuffered, pageSize, sortKeyOf, take, walk } = list;
	// The second page and the end of the list are asked for together.
	const second = whole.next();
	const [, last] = await Promise.all([second, list.last()]);
	const end = last && sortKeyOf(last);
	let at = reachedFirst;
	let density = 0;
	for (let step = await second; ; step = await whole.next()) {
		if (step.done) return true;
		const page = step.value;
		yield take(page);
		const reached = lastSortKey(page, at, sortKeyOf);
		if (end === undefined || reached === undefined || reached >= end || page.length < pageSize) {
			for await (const further of whole) yield take(further);
			return true;
		}
		density = page.length / Math.max(1, reached - sortKeyOf(page[0])!);
		at = reached;
		if ((end - at) * density > MAX_PAGES_BY_ONE * pageSize) break;
	}

	const slices: Array<Slice<P>> = [];
	let readers = 0;
	/** What no slice has taken yet. */
	const rest: TimeRange = { from: at, before: end };
	/** Records that fit into a part, where pages are kept until their turn. */
	const partSize = Math.max(1, maxBuffered / concurrency) * pageSize;
	/** The time in which there seem to be that many. */
	let partLength = partSize / density;
	let failure: { error: unknown } | undefined;
	let isInOrder = true;
	let isLeft = false;
	const news = signal();

	const ahead = () => slices.reduce((sum, { ready }) => sum + ready.length, 0);
	const isFull = () => ahead() >= maxBuffered;
	const isHeadOfLine = (slice: Slice<P>) => slice === slices[0] && slice.ready.length === 0;

	const read = async (slice: Slice<P>, pages: AsyncGenerator<T[]>, lowest: number, highest: number) => {
		let reached: number | undefined = lowest;
		for await (const page of pages) {
			if (isLeft) return;
			reached = lastSortKey(page, reached, sortKeyOf);
			if (reached === undefined || reached > highest) {
				isInOrder = false;
				return;
			}
			const own = page.filter((record) => isWithin(slice, sortKeyOf(record)));
			if (own.length > 0) slice.ready.push(take(own));
			const isLast = page.length < pageSize;
			slice.density = isLast ? 0 : page.length / Math.max(1, reached - sortKeyOf(page[0])!);
			slice.count += own.length;
			slice.at = Math.max(slice.from, reached);
			news.tell();
			if (reached >= slice.before) return;
			assignIdle();
			while (isFull() && !isHeadOfLine(slice) && !isLeft) await news.next;
		}
	};
	const begin = (slice: Slice<P>, pages: AsyncGenerator<T[]>, lowest: number, highest: number) => {
		readers++;
		void read(slice, pages, lowest, highest)
			.catch((error: unknown) => {
				failure ??= { error };
				isLeft = true;
			})
			.finally(() => {
				slice.isRead = true;
				const growth = slice.count > 0 ? partSize / slice.count : MAX_GROWTH;
				partLength = (slice.before - slice.from) * Math.min(MAX_GROWTH, Math.max(1 / MAX_GROWTH, growth));
				readers--;
				assignIdle();
				news.tell();
			});
	};
	/** Gives work to readers that have none. */
	const assignIdle = () => {
		while (readers < concurrency && !isLeft && !isFull()) {
			const slice = assignNext() ?? splitLargest();
			if (!slice) return;
			// The edges themselves may be included or not.
			const { from, before } = slice;
			begin(slice, walk({ from: from - 1, before }), from - 1, before);
		}
	};
	/** The next part of what no slice has: as much as each idle reader can take, or as may be kept until its turn. */
	const assignNext = (): Slice<P> | undefined => {
		const { from, before } = rest;
		if (from >= before) return undefined;
		const share = (before - from) / (concurrency - readers);
		rest.from = Math.min(before, from + Math.ceil(Math.min(share, partLength)));
		const slice = sliceOf<P>(from, rest.from);
		slices.push(slice);
		return slice;
	};
	/** The later half of the slice in which most seems to be left. */
	const splitLargest = (): Slice<P> | undefined => {
		const left = slices.map((slice) => (slice.isRead ? 0 : (slice.before - slice.at) * (slice.density ?? 0)));
		const most = left.indexOf(Math.max(...left));
		const slice = slices[most];
		if (slice === undefined || left[most] < MIN_PAGES * pageSize) return undefined;
		const middle = Math.ceil((slice.at + slice.before) / 2);
		if (middle >= slice.before) return undefined;
		const half = sliceOf<P>(middle, slice.before);
		slice.before = middle;
		slices.splice(most + 1, 0, half);
		return half;
	};

	try {
		// The first one goes on in the walk of the whole list, behind what was read alone.
		begin(assignNext()!, whole, at, Infinity);
		assignIdle();
		while (slices.length > 0) {
			if (failure) throw failure.error;
			if (!isInOrder) return false;
			const [slice] = slices;
			const page = slice.ready.shift();
			if (page !== undefined) {
				yield page;
				news.tell();
			} else if (slice.isRead) {
				slices.shift();
				assignIdle();
				news.tell();
			} else {
				await news.next;
			}
		}
		for await (const page of walk({ from: end - 1, before: Infinity })) {
			const own = page.filter((record) => (sortKeyOf(record) ?? end) >= end);
			if (own.length > 0) yield take(own);
		}
		return true;
	} finally {
		isLeft = true;
		news.tell();
	}
}

function sliceOf<P>(from: number, before: number): Slice<P> {
	return { from, before, at: from, density: 0, count: 0, ready: [], isRead: false };
}

function isWithin({ from, before }: TimeRange, place: number | undefined): boolean {
	return place !== undefined && place >= from && place < before;
}

/** The place of the last record; `undefined` where the records are not in order, or lie before what was reached already. */
function lastSortKey<T>(
	records: T[],
	reached: number,
	sortKeyOf: (record: T) => number | undefined,
): number | undefined {
	let last = reached;
	for (const record of records) {
		const place = sortKeyOf(record);
		if (place === undefined || place < last) return undefined;
		last = place;
	}
	return last;
}

/** Wakes everyone who waits for `next`. */
function signal() {
	let notify: () => void = () => undefined;
	const news = {
		next: new Promise<void>((resolve) => (notify = resolve)),
		tell: () => {
			const wake = notify;
			news.next = new Promise<void>((resolve) => (notify = resolve));
			wake();
		},
	};
	return news;
}
