/** Turns of the event loop in which a request gets from its call to the network, through n8n's helper. */
const EVENT_LOOP_TURNS = 3;

/**
 * Makes a function that does pieces of work one after the other. A long answer takes tens of milliseconds to read, in which
 * nothing else runs. So it waits until the request that took its place, and the one that the answer before it led to, are on
 * their way and can be answered meanwhile. What that saves is in docs/performance.md.
 *
 * @param loop Ends after the event loop had a turn.
 * @param isIdle Whether no other answer is expected: then nothing has to be waited for.
 */
export function createSerialQueue(
	loop: () => Promise<void>,
	isIdle: () => boolean,
): <T>(work: () => T) => Promise<T> {
	let free: Promise<unknown> = Promise.resolve();
	let left = 0;
	const yieldToEventLoop = async () => {
		if (isIdle()) return;
		for (left = EVENT_LOOP_TURNS; left > 0; left--) await loop();
	};
	return async (work) => {
		// A request takes the place of this one too: who waits begins anew, behind the turn that is running.
		left = EVENT_LOOP_TURNS + 1;
		const done = free.then(yieldToEventLoop).then(work);
		free = done.catch(() => undefined);
		return await done;
	};
}
