/** Smooths out what the machine does beside. */
const TRIES = 3;

/** Work in proportion to a text takes 4 for a text that is 4 times as long; in proportion to its square, 16. */
const LONGER = 4;
const MOST = 10;

/** Microseconds; what takes less is not told from nothing. */
const NOTHING = 5000;

/**
 * Expects that work grows no faster than the text that it is done on: beside a text, one that is four times as long is handled.
 * Processor time is compared, so that other load does not count.
 *
 * @param work Does the work on a text that is so many times as long as the shortest.
 */
export async function expectProportional(work: (times: number) => unknown): Promise<void> {
	const short = await leastTime(async () => await work(1));
	const long = await leastTime(async () => await work(LONGER));
	expect(long / short).toBeLessThan(MOST);
}

/** The least processor time that something took of some tries, in microseconds. */
async function leastTime(work: () => Promise<unknown>): Promise<number> {
	let least = Infinity;
	for (let count = 0; count < TRIES; count++) {
		const before = process.cpuUsage();
		await work();
		const { user, system } = process.cpuUsage(before);
		least = Math.min(least, user + system);
	}
	return Math.max(NOTHING, least);
}
