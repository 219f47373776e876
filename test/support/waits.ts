/**
 * Shortens the waits of the code under test to nothing, and writes them down; the clock goes on as if they had been waited.
 * `jest.restoreAllMocks()` ends it.
 *
 * Only n8n's `sleep` is meant; the timers of the network and of the sandbox stay as they are, and so do the
 * turns that the event loop has between two answers. Any other sleep counts, one of 0 ms too.
 *
 * @returns The waits so far, in milliseconds.
 */
export function shortenWaits(): number[] {
	const waits: number[] = [];
	let waited = 0;
	const realSetTimeout = setTimeout;
	const realNow = Date.now;
	jest.spyOn(Date, 'now').mockImplementation(() => realNow() + waited);
	jest.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, ms = 0) => {
		const stack = new Error().stack ?? '';
		const isSleep = /at sleep \(.*n8n/.test(stack) && !/at handOver \(.*inTurn/.test(stack);
		if (!isSleep) return realSetTimeout(callback, ms);
		waits.push(ms);
		waited += ms;
		return realSetTimeout(callback, 0);
	}) as typeof setTimeout);
	return waits;
}

/** The waits of the code under test: each lasts until the test ends it. `jest.restoreAllMocks()` ends that. */
export interface HeldWaits {
	/** How many last. */
	count(): number;
	/** Ends them. The clock goes on by the longest, as if they had been waited. */
	end(): void;
}

/**
 * Holds the waits of the code under test. Only n8n's `sleep` is meant; one of 0 ms is a turn of the event loop and passes.
 */
export function holdWaits(): HeldWaits {
	const n8n = jest.requireActual<{ sleep: (ms: number) => Promise<void> }>('@n8n/utils/sleep');
	const { sleep } = n8n;
	const realNow = Date.now;
	let ahead = 0;
	let held: Array<{ until: number; end: () => void }> = [];
	jest.spyOn(Date, 'now').mockImplementation(() => realNow() + ahead);
	jest.spyOn(n8n, 'sleep').mockImplementation(async (ms) => {
		if (ms === 0) return await sleep(0);
		const until = Date.now() + ms;
		await new Promise<void>((resolve) => held.push({ until, end: resolve }));
	});
	return {
		count: () => held.length,
		end: () => {
			const ended = held;
			held = [];
			ahead = Math.max(Date.now(), ...ended.map(({ until }) => until)) - realNow();
			for (const { end } of ended) end();
		},
	};
}
