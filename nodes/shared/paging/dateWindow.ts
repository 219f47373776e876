import { ApiError } from '../util/errors';
import { FirstError } from '../util/firstError';
import { filterUnseen, type IdOf } from './recordKey';

/** A range of time in whole seconds since 1970, both bounds included. */
export interface Window {
	from: number;
	to: number;
}

/** The records to fetch. Without a window or an order, the API uses its default. */
export interface WindowStep {
	window: Window | undefined;
	order: 'asc' | 'desc' | undefined;
	pageSize: number;
}

/** 1970 to 2100: the range that is cut into windows where the user gave no dates. */
const ALL_TIME: Window = { from: 0, to: Date.UTC(2100, 0, 1) / 1000 };

/**
 * Reads a whole list from an API that has no paging, only a window of dates and a maximum number of records.
 *
 * A response with as many records as requested may be cut off. Its window is then halved and both halves are requested, down to
 * one second. Halves overlap by a second at their inner bounds, since such APIs don't document whether a bound is included; a
 * record that comes twice is yielded once. Without dates, records that lack the date which the API compares are yielded last:
 * only responses without a window hold them.
 *
 * @example
 * // A response is an array of records, without a cursor or a total.
 * windowPages(async ({ window, pageSize }) => [{ id: 1, started_at: '2026-01-31 12:00:00' }], walk)
 *
 * @param fetchWindow Fetches the records of one response.
 * @param walk `idOf`: id of a record; `isOutside`: whether no date of the record lies in the window; `pageSize`: records per
 * response; `maxPerResponse`: the API's own maximum, used where one second holds more than a page; `concurrency`: windows to
 * request at the same time; `ignoredDatesAdvice`: advice for the user where the API ignores the dates.
 * @throws ApiError when the API ignores the dates, or one second holds more records than a response can.
 */
export async function* windowPages<T>(
	fetchWindow: (step: WindowStep) => Promise<T[]>,
	walk: {
		window?: Window;
		order?: 'asc' | 'desc';
		pageSize: number;
		maxPerResponse: number;
		concurrency: number;
		idOf: IdOf<T>;
		isOutside: (record: T, window: Window) => boolean;
		ignoredDatesAdvice: string;
	},
): AsyncGenerator<T[]> {
	const { pageSize, idOf } = walk;
	const first = await fetchWindow({ window: walk.window, order: walk.order, pageSize });
	if (first.length < pageSize) {
		if (first.length > 0) yield first;
		return;
	}

	const order = walk.order ?? 'asc';
	// Records that lack the date are at either end of the list, depending on the API's database.
	const undated = walk.window ? [] : first;
	for (const end of ['asc', 'desc'] as const) {
		if (walk.window || end === walk.order) continue;
		for (const record of await fetchWindow({ window: undefined, order: end, pageSize })) undated.push(record);
	}

	const seen = new Set<unknown>();
	const whole = walk.window ?? ALL_TIME;
	const waiting: Window[] = [whole];
	const stepOf = (part: Window): WindowStep & { window: Window } => ({
		window: {
			from: part.from === whole.from ? part.from : part.from - 1,
			to: part.to === whole.to ? part.to : part.to + 1,
		},
		order,
		pageSize: isOneSecond(part) ? walk.maxPerResponse : pageSize,
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
		const records = await firstError.orResultOf(responses.get(part)!);
		responses.delete(part);
		waiting.pop();
		if (records.length < size) {
			const fresh = filterUnseen(records, seen, idOf);
			if (fresh.length > 0) yield fresh;
			continue;
		}

		if (records.some((record) => walk.isOutside(record, asked))) throw ignoresDates(walk.ignoredDatesAdvice);
		if (isOneSecond(part)) throw tooMany(part.from, size);
		const middle = Math.floor((part.from + part.to) / 2);
		const earlier = { from: part.from, to: middle };
		const later = { from: middle + 1, to: part.to };
		if (order === 'asc') waiting.push(later, earlier);
		else waiting.push(earlier, later);
	}

	const rest = filterUnseen(undated, seen, idOf);
	if (rest.length > 0) yield rest;
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
 * @param guess End of the first part to try, in seconds since 1970.
 * @returns The records, and the end of the part.
 * @throws ApiError as {@link windowPages} does.
 */
export async function firstPart<T>(
	fetchWindow: (window: Window, pageSize: number) => Promise<T[]>,
	whole: Window,
	guess: number,
	walk: {
		pageSize: number;
		maxPerResponse: number;
		isOutside: (record: T, window: Window) => boolean;
		ignoredDatesAdvice: string;
	},
): Promise<{ records: T[]; to: number }> {
	// A shorter part would make the next part begin where this one does.
	const shortest = Math.min(whole.from + 2, whole.to);
	let to = Math.min(Math.max(guess, shortest), whole.to);
	for (;;) {
		const window = { from: whole.from, to };
		const size = to > shortest ? walk.pageSize : walk.maxPerResponse;
		const records = await fetchWindow(window, size);
		if (records.length < size) return { records, to };
		if (records.some((record) => walk.isOutside(record, window))) throw ignoresDates(walk.ignoredDatesAdvice);
		if (to === shortest && size === walk.maxPerResponse) throw tooMany(whole.from, size);
		to = Math.max(shortest, Math.floor((whole.from + to) / 2));
	}
}

function ignoresDates(advice: string): ApiError {
	return new ApiError(
		'The API ignores the dates, and its response is cut off: the list cannot be read completely',
		{ advice },
	);
}

function tooMany(seconds: number, most: number): ApiError {
	const second = new Date(seconds * 1000).toISOString();
	return new ApiError(`The API holds more records at ${second} than one response can hold (${most})`, {
		advice: 'Ask for a time span without that second.',
	});
}
