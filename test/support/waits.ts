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
