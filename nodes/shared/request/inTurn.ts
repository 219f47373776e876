/** Turns of the event loop in which a request gets from its call to the network: n8n asks its database for the credential. */
const TURNS = 3;

/**
 * Makes a function that does pieces of work one after the other. A long answer takes tens of milliseconds to read, in which
 * nothing else runs. Of several that came together, the next waits until the request that the one before led to is on its way,
 * so that it is answered meanwhile. What that saves is in docs/performance.md.
 *
 * @param loop Ends after the event loop had a turn.
 * @param isAlone Whether no other answer is expected: then nothing has to be waited for.
 */
export function inTurn(loop: () => Promise<void>, isAlone: () => boolean): <T>(work: () => T) => Promise<T> {
	let free: Promise<unknown> = Promise.resolve();
	const handOver = async () => {
		if (isAlone()) return;
		for (let turn = 0; turn < TURNS; turn++) await loop();
	};
	return async (work) => {
		const done = free.then(work);
		free = done.then(handOver, handOver);
		return await done;
	};
}
