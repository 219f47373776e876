// What the two commands say while they work: each step by name, how long it may take, and that it is alive.

/**
 * Announces a step, shows the seconds while it runs and how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
	const began = Date.now();
	const elapsed = () => duration(Date.now() - began);
	const { isTTY } = process.stdout;
	process.stdout.write(isTTY ? fitted(`- ${title}`) : `- ${title}\n`);
	const redraw = (rest) => `\r\x1b[K${fitted(`- ${title}`, rest)}`;
	// A terminal gets a running clock; a log file gets a line every half minute.
	const clock = setInterval(
		() => process.stdout.write(isTTY ? redraw(` ... ${elapsed()}`) : `  still at it after ${elapsed()}\n`),
		isTTY ? 1000 : 30_000,
	);
	try {
		const result = await work();
		process.stdout.write(isTTY ? `${redraw(`: done in ${elapsed()}`)}\n` : `  done in ${elapsed()}\n`);
		return result;
	} catch (error) {
		process.stdout.write(
			isTTY ? `${redraw(`: failed after ${elapsed()}`)}\n` : `  failed after ${elapsed()}\n`,
		);
		throw error;
	} finally {
		clearInterval(clock);
	}
}

/**
 * Like `step`, for one of several that run side by side: a line when it has ended, and no clock of its own.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function sideStep(title, work) {
	const began = Date.now();
	const tell = (how) => {
		const clear = process.stdout.isTTY ? '\r\x1b[K' : '';
		process.stdout.write(`${clear}${fitted(`  ${title}`, `: ${how} ${duration(Date.now() - began)}`)}\n`);
	};
	try {
		const result = await work();
		tell('done in');
		return result;
	} catch (error) {
		tell('failed after');
		throw error;
	}
}

/**
 * `text` and `rest` on one line of the terminal, with `text` cut where both are longer. A line that wraps could not be redrawn.
 * @param {string} text
 * @param {string} [rest]
 * @param {number | undefined} [columns] of the terminal; where there is none, nothing is cut
 */
export function fitted(text, rest = '', columns = process.stdout.columns) {
	// The last column stays empty: some terminals wrap as soon as it is filled.
	const room = columns ? Math.max(columns - 1 - rest.length, 1) : Infinity;
	return `${text.length > room ? `${text.slice(0, room - 1)}…` : text}${rest}`;
}

/** 950 ms, 12 s, 3 min 5 s. */
export function duration(milliseconds) {
	if (milliseconds < 1000) return `${milliseconds} ms`;
	const seconds = Math.round(milliseconds / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
