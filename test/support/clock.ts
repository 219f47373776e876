let nowMs = 0;

/**
 * Stops the clock of this process, and with it those of both sandbox servers. Only {@link advanceClock}, and waits that are
 * shortened or held, move it on. `jest.restoreAllMocks()` ends that.
 */
export function freezeClock(): void {
	if (jest.isMockFunction(Date.now)) return;
	nowMs = Date.now();
	jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
}

/** Moves the clock on by so many milliseconds, or back. It stands still from then on. */
export function advanceClock(milliseconds: number): void {
	freezeClock();
	nowMs += milliseconds;
}

/** Moves the clock on to that moment, unless it is past it. */
export function advanceClockTo(moment: number): void {
	freezeClock();
	nowMs = Math.max(nowMs, moment);
}
