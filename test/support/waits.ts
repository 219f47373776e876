import { ClientRequest } from 'node:http';

import { advanceClockTo, freezeClock } from './clock';
import { noneMoves } from './requests';

/** A wait of the code under test. */
interface Wait {
	/** When it is over, by the clock of the test. */
	until: number;
	end: () => void;
}

/**
 * Hands over the waits of the code under test: those by n8n's `sleep`. One of 0 ms is a turn of the event loop and passes.
 * The clock stands still.
 */
function interceptWaits(onWait: (wait: Wait, milliseconds: number) => void): void {
	// What n8n-workflow exports as `sleep` is read off this module at each call.
	const n8n = jest.requireActual<{ sleep: (ms: number) => Promise<void> }>('@n8n/utils/sleep');
	const { sleep } = n8n;
	freezeClock();
	jest.spyOn(n8n, 'sleep').mockImplementation(async (milliseconds) => {
		if (milliseconds === 0) return await sleep(0);
		const until = Date.now() + milliseconds;
		await new Promise<void>((end) => onWait({ until, end }, milliseconds));
	});
}

/**
 * Shortens the waits of the code under test to nothing, and writes them down; the clock goes on as if they had been waited.
 * They end one after the other, the earliest first, each when no request moves any more.
 * `jest.restoreAllMocks()` ends it.
 *
 * @returns The waits so far, in milliseconds.
 */
export function shortenWaits(): number[] {
	const lengths: number[] = [];
	const waits: Wait[] = [];
	let isEnding = false;
	const endAll = async () => {
		isEnding = true;
		while (waits.length > 0) {
			await noneMoves();
			waits.sort((a, b) => a.until - b.until);
			const { until, end } = waits.shift()!;
			advanceClockTo(until);
			end();
		}
		isEnding = false;
	};
	interceptWaits((wait, milliseconds) => {
		lengths.push(milliseconds);
		waits.push(wait);
		if (!isEnding) void endAll();
	});
	return lengths;
}

/** The waits of the code under test: each lasts until the test ends it. `jest.restoreAllMocks()` ends that. */
export interface HeldWaits {
	/** How many last. */
	count(): number;
	/** Ends them. The clock goes on to the end of the longest, as if they had been waited. */
	end(): void;
}

/** Holds the waits of the code under test. */
export function holdWaits(): HeldWaits {
	let held: Wait[] = [];
	interceptWaits((wait) => held.push(wait));
	return {
		count: () => held.length,
		end: () => {
			const ended = held;
			held = [];
			for (const { until } of ended) advanceClockTo(until);
			for (const { end } of ended) end();
		},
	};
}

/** How long requests may take, which ends when the test says so. `jest.restoreAllMocks()` ends that. */
export interface HeldTimeouts {
	/** Of each request so far, in milliseconds: how long the server may be silent before its answer. n8n sees to it. */
	silence: number[];
	/** Of each request so far, in milliseconds: how long its answer may take in all. The nodes see to it. */
	answer: number[];
	/** Ends the time for the silence of the server. */
	endSilence(): void;
	/** Ends the time for the answer. */
	endAnswer(): void;
}

/** Holds the timeouts of requests: none runs out by itself. */
export function holdTimeouts(): HeldTimeouts {
	const silence: number[] = [];
	const answer: number[] = [];
	let onSilence: Array<() => void> = [];
	let onAnswer: Array<() => void> = [];
	const endAll = (ends: Array<() => void>) => ends.forEach((end) => end());
	jest.spyOn(ClientRequest.prototype, 'setTimeout').mockImplementation(function (
		this: ClientRequest,
		milliseconds,
		callback = () => {},
	) {
		silence.push(milliseconds);
		onSilence.push(callback);
		return this;
	});
	jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
		const controller = new AbortController();
		answer.push(milliseconds);
		onAnswer.push(() => controller.abort(new DOMException('The time is up', 'TimeoutError')));
		return controller.signal;
	});
	return {
		silence,
		answer,
		endSilence: () => {
			endAll(onSilence);
			onSilence = [];
		},
		endAnswer: () => {
			endAll(onAnswer);
			onAnswer = [];
		},
	};
}
