/** Turns of the event loop that n8n's helper takes to bring a request to the network. */
const EVENT_LOOP_TURNS = 3;

/**
 * Creates a queue that runs tasks one after the other.
 *
 * Reading a long response blocks the process for tens of milliseconds. So each task first lets the requests go out that were just
 * started, and the server handles them while the task runs. docs/performance.md has the time that this saves.
 *
 * The queue is hand-written: p-limit would start the next task at once, without letting requests out first.
 *
 * @param loop Waits for one turn of the event loop.
 * @param isIdle Whether no other response is expected. Then a task starts at once.
 */
export function createSerialQueue(
	loop: () => Promise<void>,
	isIdle: () => boolean,
): <T>(task: () => T) => Promise<T> {
	let lastDone: Promise<unknown> = Promise.resolve();
	let turnsLeft = 0;
	const yieldToEventLoop = async () => {
		if (isIdle()) return;
		for (turnsLeft = EVENT_LOOP_TURNS; turnsLeft > 0; turnsLeft--) await loop();
	};
	return async (task) => {
		// The response of this task freed a slot, so another request was started. A task that is waiting waits for that one, too.
		turnsLeft = EVENT_LOOP_TURNS + 1;
		const done = lastDone.then(yieldToEventLoop).then(task);
		// Without its result, which would otherwise stay in memory until the next one.
		lastDone = done.then(
			() => undefined,
			() => undefined,
		);
		return await done;
	};
}
