import { ApiError } from '../util/errors';
import { filterUnseen, type IdOf } from './recordKey';

/** From and to, both included, in whole seconds since 1970. */
export interface Window {
	from: number;
	to: number;
}

/** What to ask for; a window or an order that is `undefined` is left to the API. */
export interface WindowStep {
	window: Window | undefined;
	order: 'asc' | 'desc' | undefined;
	pageSize: number;
}

/** All the time in which a charging session can lie, for lists that were asked for without dates: 1970 to 2100. */
const ALL_TIME: Window = { from: 0, to: Date.UTC(2100, 0, 1) / 1000 };

/**
 * Reads a whole list from an API that has no paging, only a window of dates and a largest number of records.
 *
 * An answer with as many records as were asked for may be cut off, so its window is halved and both halves are asked
 * for, down to one second; what comes twice is given once. Halves overlap by a second on their inner edges, since such
 * APIs don't say whether their bounds include the moment itself. Without dates, what only the undated answers hold
 * (sessions that lack the date the API compares) is given last.
 *
 * @param ask Gets the records of one answer.
 * @param walk `idOf`: the record's identity; `isOutside`: whether no date of the record lies in the window;
 * `pageSize`: records per answer; `maxPerResponse`: the API's own bound, used where one second holds more than a page;
 * `concurrency`: windows to ask for at the same time.
 * @throws ApiError when the API ignores the dates, or one second holds more than an answer can.
 */
export async function* windowPages<T>(
	ask: (step: WindowStep) => Promise<T[]>,
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
	const first = await ask({ window: walk.window, order: walk.order, pageSize });
	if (first.length < pageSize) {
		if (first.length > 0) yield first;
		return;
	}

	const order = walk.order ?? 'asc';
	// Sessions that lack the date stand at either end of the list: which one, depends on the API's database.
	const undated = walk.window ? [] : first;
	for (const end of ['asc', 'desc'] as const) {
		if (walk.window || end === walk.order) continue;
		for (const record of await ask({ window: undefined, order: end, pageSize })) undated.push(record);
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
	const answers = new Map<Window, Promise<T[]>>();
	if (walk.window && !isOneSecond(whole)) answers.set(whole, Promise.resolve(first));
	for (let part = waiting.at(-1); part; part = waiting.at(-1)) {
		// Its neighbours are next, whether it has to be halved or not.
		for (const soon of waiting.slice(-walk.concurrency)) {
			if (answers.has(soon)) continue;
			const early = ask(stepOf(soon));
			// Whoever gets to it hears of it.
			early.catch(() => undefined);
			answers.set(soon, early);
		}
		const { window: asked, pageSize: size } = stepOf(part);
		const records = await answers.get(part)!;
		answers.delete(part);
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
 * Reads the first part of a window that fits into one answer: the whole, or what halving leaves of it.
 *
 * The next part begins a second before the end of this one, since such APIs don't say whether their bounds include the
 * moment itself: what lies on the edge may come twice.
 *
 * @param guess Where to try to end, in seconds since 1970.
 * @returns The records and the end of the part.
 * @throws ApiError as {@link windowPages} does.
 */
export async function firstPart<T>(
	ask: (window: Window, pageSize: number) => Promise<T[]>,
	whole: Window,
	guess: number,
	walk: {
		pageSize: number;
		maxPerResponse: number;
		isOutside: (record: T, window: Window) => boolean;
		ignoredDatesAdvice: string;
	},
): Promise<{ records: T[]; to: number }> {
	// Shorter than that, the next part would not begin later than this one.
	const shortest = Math.min(whole.from + 2, whole.to);
	let to = Math.min(Math.max(guess, shortest), whole.to);
	for (;;) {
		const window = { from: whole.from, to };
		const size = to > shortest ? walk.pageSize : walk.maxPerResponse;
		const records = await ask(window, size);
		if (records.length < size) return { records, to };
		if (records.some((record) => walk.isOutside(record, window))) throw ignoresDates(walk.ignoredDatesAdvice);
		if (to === shortest && size === walk.maxPerResponse) throw tooMany(whole.from, size);
		to = Math.max(shortest, Math.floor((whole.from + to) / 2));
	}
}

function ignoresDates(advice: string): ApiError {
	return new ApiError(
		'The API ignores the dates, and its answer is cut off: the list cannot be read completely',
		{ advice },
	);
}

function tooMany(seconds: number, most: number): ApiError {
	const second = new Date(seconds * 1000).toISOString();
	return new ApiError(`The API holds more records at ${second} than one answer can carry (${most})`, {
		advice: 'Ask for a time span without that second.',
	});
}
