/**
 * Shortens the waits of the code under test to nothing, and writes them down; the clock goes on as if they had been waited.
 * `jest.restoreAllMocks()` ends it.
 *
 * Only n8n's `sleep` is meant; the timers of the network and of the sandbox stay as they are. To sleep for 0 ms is no wait: it lets
 * the event loop have a turn.
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
		const isSleep = /at sleep \(.*n8n/.test(new Error().stack ?? '');
		if (!isSleep || ms === 0) return realSetTimeout(callback, ms);
		waits.push(ms);
		waited += ms;
		return realSetTimeout(callback, 0);
	}) as typeof setTimeout);
	return waits;
}
