import { ApiError } from '../util/errors';
import { FirstError } from '../util/firstError';
import { filterUnseen, recordKey, type IdOf } from './recordKey';

/** A range of time in whole seconds since 1970, both bounds included. */
export interface Window {
	from: number;
	to: number;
}

/** The records to fetch. Without a window or an order, the API uses its default. */
export interface WindowStep {
	window: Window | undefined;
	order: Order | undefined;
	pageSize: number;
}

/** The end of a list that is sorted by time: `asc` has the oldest first. */
export type Order = 'asc' | 'desc';

/** 1970 to 2100: the range that is cut into windows where the user gave no dates. */
const ALL_TIME: Window = { from: 0, to: Date.UTC(2100, 0, 1) / 1000 };

/** An API may read the bounds in a time zone of its own, so a record is only far outside beyond this. */
const DAY_S = 24 * 3600;

/** Time zones are quarters of an hour apart, up to 14 hours. */
const ZONE_STEP_S = 900;
const MAX_ZONE_S = 14 * 3600;

/** The longest of the windows that are not cut further. */
const MAX_CUT_S = 3;

/** How a list without paging is read. */
interface Walk<T> {
	/** Records per response. */
	pageSize: number;
	/** The API's own maximum, used where one second holds more than a page. */
	maxPerResponse: number;
	/** Whether no date of the record lies in the window. */
	isOutside: (record: T, window: Window) => boolean;
	/** Advice for the user where the API ignores the parameters. */
	ignoredDatesAdvice: string;
	/** Shared by the lists that are read together, so that few of their responses are checked. */
	largestWhole?: LargestWhole;
}

/** The size of the largest response that is known to be whole: an own maximum of the API is not below it. */
export interface LargestWhole {
	count: number;
}

/**
 * Reads a whole list from an API that has no paging, only a window of dates and a maximum number of records.
 *
 * A response with as many records as requested may be cut off. Its window is then halved and both halves are requested, down to
 * one second. Halves overlap by a second at their inner bounds, since such APIs don't document whether a bound is included; a
 * record that comes twice is yielded once. A shorter response is also checked if an own maximum of the API may have cut it off,
 * see {@link isWhole}; that maximum then counts as the page size.
 *
 * Without dates, records that lack the date which the API compares are yielded last: only responses without a window hold them.
 *
 * @example
 * // A response is an array of records, without a cursor or a total.
 * windowPages(async ({ window, pageSize }) => [{ id: 1, started_at: '2026-01-31 12:00:00' }], walk)
 *
 * @param fetchWindow Fetches the records of one response.
 * @param walk `limit`: a first response with as many records is enough; `idOf`: id of a record; `lacksDate`: whether a record
 * lacks a date that the API may compare; `onDoubt`: called where further records without that date may exist;
 * `concurrency`: windows to request at the same time.
 * @throws ApiError when the API ignores the parameters, or one second holds more records than a response can.
 */
export async function* windowPages<T>(
	fetchWindow: (step: WindowStep) => Promise<T[]>,
	walk: Walk<T> & {
		window?: Window;
		order?: Order;
		limit?: number;
		concurrency: number;
		idOf: IdOf<T>;
		lacksDate?: (record: T) => boolean;
		onDoubt?: () => void;
	},
): AsyncGenerator<T[]> {
	const { idOf } = walk;
	let { pageSize, maxPerResponse } = walk;
	const first = await fetchWindow({ window: walk.window, order: walk.order, pageSize });
	checkArrived(first, pageSize, walk.window, walk);
	if (walk.limit !== undefined && first.length >= walk.limit) {
		yield first;
		return;
	}
	const endOf = async (order: Order) => await fetchWindow({ window: walk.window, order, pageSize: 1 });
	const farEnd: Order[] = walk.order === 'desc' ? ['asc'] : ['desc'];
	if (first.length < pageSize) {
		if (await isWhole(first, endOf, walk.window && isOneSecond(walk.window) ? farEnd : BOTH_ENDS, walk)) {
			if (first.length > 0) yield first;
			return;
		}
		pageSize = maxPerResponse = first.length;
		checkArrived(first, pageSize, walk.window, walk);
	}

	const order = walk.order ?? 'asc';
	// Records that lack the date are often at one end of the list, depending on the API's database.
	const ends: T[][] = walk.window ? [] : [first];
	for (const end of ['asc', 'desc'] as const) {
		if (walk.window || end === walk.order) continue;
		ends.push(await fetchWindow({ window: undefined, order: end, pageSize }));
	}

	const seen = new Set<unknown>();
	let windowsHoldUndated = false;
	const whole = walk.window ?? ALL_TIME;
	const waiting: Window[] = [whole];
	const stepOf = (part: Window): WindowStep & { window: Window } => ({
		window: {
			from: part.from === whole.from ? part.from : part.from - 1,
			to: part.to === whole.to ? part.to : part.to + 1,
		},
		order,
		pageSize: isOneSecond(part) ? maxPerResponse : pageSize,
	});
	const responses = new Map<Window, Promise<T[]>>();
	const firstError = new FirstError();
	if (walk.window && !isOneSecond(whole)) responses.set(whole, Promise.resolve(first));
	for (let part = waiting.at(-1); part; part = waiting.at(-1)) {
		firstError.throwIfAny();
		// The neighboring windows are requested next in any case, so they are requested early.
		for (const soon of waiting.slice(-walk.concurrency)) {
			if (responses.has(soon)) continue;
			const prefetched = fetchWindow(stepOf(soon));
			firstError.watch(prefetched);
			responses.set(soon, prefetched);
		}
		const { window: asked, pageSize: size } = stepOf(part);
		const endOfPart = async (end: Order) => await fetchWindow({ window: asked, order: end, pageSize: 1 });
		const records = await firstError.orResultOf(responses.get(part)!);
		responses.delete(part);
		waiting.pop();
		checkArrived(records, size, asked, walk);
		const isAll =
			records.length < pageSize ||
			(records.length < size && !(await isCutOff(records, endOfPart, farEnd, walk)));
		if (isAll) {
			const fresh = filterUnseen(records, seen, idOf);
			windowsHoldUndated ||= walk.lacksDate !== undefined && fresh.some(walk.lacksDate);
			if (fresh.length > 0) yield fresh;
			continue;
		}

		if (isOneSecond(part)) throw tooMany(part.from, records.length);
		const middle = Math.floor((part.from + part.to) / 2);
		const earlier = { from: part.from, to: middle };
		const later = { from: middle + 1, to: part.to };
		if (order === 'asc') waiting.push(later, earlier);
		else waiting.push(earlier, later);
	}

	if (walk.window) return;
	const isUnseen = (record: T) => !seen.has(recordKey(record, idOf));
	// Undated records that fill one end, with dated ones behind them, are all there.
	const isAtEnd = (records: T[]) => {
		const count = records.filter(isUnseen).length;
		return count > 0 && count < records.length && records.slice(0, count).every(isUnseen);
	};
	let isComplete = walk.lacksDate === undefined || windowsHoldUndated || ends.some(isAtEnd);
	if (!isComplete && pageSize < maxPerResponse) {
		// They can stand anywhere, so one large response shows whether there are more.
		const all = await fetchWindow({ window: undefined, order, pageSize: maxPerResponse });
		ends.push(all);
		isComplete = all.length < maxPerResponse && all.length >= seen.size;
	}
	const rest = filterUnseen(ends.flat(), seen, idOf);
	if (rest.length > 0) yield rest;
	if (!isComplete) walk.onDoubt?.();
}

const BOTH_ENDS: Order[] = ['desc', 'asc'];

/** No API has a lower maximum. */
const MIN_CAP = 10;

/**
 * Whether a response with fewer records than requested is whole: not cut off by an own maximum of the API. One that is shorter than
 * another whole one is, so of many lists only the few are checked that are longer than all before.
 */
async function isWhole<T>(
	records: T[],
	endOf: (order: Order) => Promise<T[]>,
	ends: readonly Order[],
	walk: Parameters<typeof isCutOff<T>>[3] & Pick<Walk<T>, 'largestWhole'>,
): Promise<boolean> {
	const { largestWhole = { count: 0 } } = walk;
	if (records.length < Math.max(MIN_CAP, largestWhole.count)) return true;
	if (await isCutOff(records, endOf, ends, walk)) return false;
	largestWhole.count = Math.max(largestWhole.count, records.length);
	return true;
}

/**
 * Whether a response was cut off below the requested number. The records at the ends of the list tell: they are in a whole response.
 * An API may keep the newest records of a longer list, whatever the order is, so one end alone is no proof.
 *
 * @param endOf Requests one record, the first one in that order.
 * @param ends The ends to request.
 * @throws ApiError when several records come: the parameters do not reach the API.
 */
async function isCutOff<T>(
	records: T[],
	endOf: (order: Order) => Promise<T[]>,
	ends: readonly Order[],
	{ idOf = () => undefined, ignoredDatesAdvice }: Pick<Walk<T>, 'ignoredDatesAdvice'> & { idOf?: IdOf<T> },
): Promise<boolean> {
	const known = new Set(records.map((record) => recordKey(record, idOf)));
	const keys: unknown[] = [];
	for (const end of ends) {
		const found = await endOf(end);
		if (found.length > 1) throw ignoresParameters(found.length, 1, ignoredDatesAdvice);
		if (found.length === 0) continue;
		const key = recordKey(found[0], idOf);
		if (!known.has(key)) return true;
		keys.push(key);
	}
	// If one record is at both ends, the API does not choose by the order, and there may be more at the other end.
	return known.size > 1 && keys.length > 1 && keys[0] === keys[1];
}

/**
 * A response that is shorter than requested, and not cut off, is the whole list even if it ignores the dates: the caller can
 * compare them itself.
 *
 * @throws ApiError when a response has more records than requested, or is cut off and has records outside the requested window.
 */
function checkArrived<T>(records: T[], size: number, window: Window | undefined, walk: Walk<T>): void {
	if (records.length >= size && window && !isOfWindow(records, window, walk))
		throw ignoresDates(walk.ignoredDatesAdvice);
	if (records.length > size) throw ignoresParameters(records.length, size, walk.ignoredDatesAdvice);
}

/**
 * Whether the records can be those of a window, in any time zone. In the few seconds down to which windows are cut, all of them
 * must fit one time zone. Longer windows can lie over a change to summer time, and get a day on both sides.
 */
function isOfWindow<T>(records: T[], { from, to }: Window, { isOutside, pageSize }: Walk<T>): boolean {
	const fits = (window: Window) => !records.some((record) => isOutside(record, window));
	if (to - from > MAX_CUT_S || records.length < pageSize) return fits({ from: from - DAY_S, to: to + DAY_S });
	for (let shift = 0; shift <= MAX_ZONE_S; shift += ZONE_STEP_S) {
		for (const by of [shift, -shift]) if (fits({ from: from + by, to: to + by })) return true;
	}
	return false;
}

function isOneSecond({ from, to }: Window): boolean {
	return from === to;
}

/**
 * Reads the first part of a window that fits into one response: the whole window, or what is left after halving it.
 *
 * The caller begins the next part one second before the end of this one, since such APIs don't document whether a bound is
 * included. A record at the boundary can therefore come twice.
 *
 * A response that an own maximum of the API may have cut off is checked as in {@link windowPages}.
 *
 * @param fetchWindow Fetches the records of one response, the oldest first unless another order is given.
 * @param guess End of the first part to try, in seconds since 1970.
 * @param walk `usualEnd`: behind it there is hardly a record, so that halving begins there.
 * @returns The records, and the end of the part.
 * @throws ApiError as {@link windowPages} does.
 */
export async function firstPart<T>(
	fetchWindow: (window: Window, pageSize: number, order?: Order) => Promise<T[]>,
	whole: Window,
	guess: number,
	walk: Walk<T> & { usualEnd?: number },
): Promise<{ records: T[]; to: number }> {
	// A shorter part would make the next part begin where this one does.
	const shortest = Math.min(whole.from + 2, whole.to);
	let to = Math.min(Math.max(guess, shortest), whole.to);
	let { pageSize, maxPerResponse } = walk;
	for (;;) {
		const window = { from: whole.from, to };
		const size = to > shortest ? pageSize : maxPerResponse;
		const records = await fetchWindow(window, size);
		checkArrived(records, size, window, walk);
		if (records.length < size) {
			const isKnownCap = maxPerResponse < walk.maxPerResponse;
			const endOf = async (order: Order) => await fetchWindow(window, 1, order);
			if (isKnownCap || (await isWhole(records, endOf, to === shortest ? ['desc'] : BOTH_ENDS, walk)))
				return { records, to };
			pageSize = maxPerResponse = records.length;
			checkArrived(records, pageSize, window, walk);
		}
		if (to === shortest && records.length >= maxPerResponse) throw tooMany(whole.from, records.length);
		const { usualEnd = to } = walk;
		const end = usualEnd > whole.from ? Math.min(usualEnd, to) : to;
		to = Math.max(shortest, Math.floor((whole.from + end) / 2));
	}
}

function ignoresDates(advice: string): ApiError {
	return new ApiError(
		'The API ignores the dates: it gave records far outside of them, so the list cannot be read completely',
		{ advice },
	);
}

function ignoresParameters(count: number, asked: number, advice: string): ApiError {
	return new ApiError(
		`The API ignores the parameters: it gave ${count} records where at most ${asked} ${asked === 1 ? 'was' : 'were'} requested, so the list may be cut off`,
		{ advice },
	);
}

function tooMany(seconds: number, most: number): ApiError {
	const second = new Date(seconds * 1000).toISOString();
	return new ApiError(`The API holds more records at ${second} than one response can hold (${most})`, {
		advice: 'Ask for a time span without that second.',
	});
}
