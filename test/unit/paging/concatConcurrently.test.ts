import { setImmediate as turn } from 'node:timers/promises';

import { concatConcurrently } from '../../../nodes/shared/paging/concatConcurrently';

/** Counts the lists that are being read, and what was read of each. */
function observer() {
	const state = { open: 0, mostOpen: 0, begun: [] as number[], pagesRead: [] as number[], closed: 0 };
	/** A list of pages `[number, page]`, each after some turns of the event loop; may fail at a page. */
	const list = (number: number, { pages = 2, turns = 1, failAt = Infinity } = {}) =>
		async function* () {
			state.begun.push(number);
			state.pagesRead[number] = 0;
			state.mostOpen = Math.max(state.mostOpen, ++state.open);
			try {
				for (let page = 0; page < pages; page++) {
					for (let count = 0; count < turns; count++) await turn();
					if (page === failAt) throw new Error(`list ${number} failed`);
					state.pagesRead[number]++;
					yield [`${number}.${page}`];
				}
			} finally {
				state.open--;
				state.closed++;
			}
		};
	return { state, list };
}

/** A list whose first page never comes. */
async function* endless(): AsyncGenerator<string[]> {
	await new Promise(() => undefined);
	yield [];
}

async function gather(pages: AsyncIterable<string[]>, into: string[] = []): Promise<string[]> {
	for await (const page of pages) {
		for (const record of page) into.push(record);
	}
	return into;
}

async function settle() {
	for (let count = 0; count < 100; count++) await turn();
}

it.each([1, 2, 3, 8])('the order of the lists is kept with %i at once', async (concurrency) => {
	const { list } = observer();
	// The first lists are the slowest, so that later ones are done before.
	const lists = [9, 1, 5, 1, 3].map((turns, number) => list(number, { turns }));
	expect(await gather(concatConcurrently(lists, concurrency))).toEqual([
		...['0.0', '0.1', '1.0', '1.1', '2.0', '2.1'],
		...['3.0', '3.1', '4.0', '4.1'],
	]);
});

it.each([1, 2, 3])('at most %i lists are being read at any moment', async (concurrency) => {
	const { state, list } = observer();
	const lists = Array.from({ length: 9 }, (_, number) => list(number, { turns: 1 + (number % 3) }));
	await gather(concatConcurrently(lists, concurrency));
	expect(state.mostOpen).toBe(concurrency);
	expect(state.begun).toHaveLength(9);
	expect(state.open).toBe(0);
});

it('no lists give nothing, and empty lists leave no trace', async () => {
	const { list } = observer();
	expect(await gather(concatConcurrently([], 2))).toEqual([]);
	expect(await gather(concatConcurrently([list(0, { pages: 0 }), list(1, { pages: 1 })], 2))).toEqual([
		'1.0',
	]);
});

it('a list that fails ends the reading with its error, and no further list is begun', async () => {
	const { state, list } = observer();
	const lists = [list(0, { turns: 3 }), list(1, { failAt: 1 }), list(2), list(3), list(4)];
	await expect(gather(concatConcurrently(lists, 2))).rejects.toThrow('list 1 failed');
	await settle();
	expect(state.open).toBe(0);
	expect(state.begun).toEqual([0, 1]);
});

it('a list that fails ends the reading at once, although one before it is still being read', async () => {
	const { list } = observer();
	const lists = [endless, list(1), list(2, { failAt: 1 }), list(3)];
	await expect(gather(concatConcurrently(lists, 3))).rejects.toThrow('list 2 failed');
});

it('a list that fails while pages before it are taken ends the reading after these', async () => {
	const { state, list } = observer();
	const lists = [list(0), endless, list(2, { turns: 5, failAt: 0 }), list(3), list(4)];
	const given: string[] = [];
	const reading = async () => {
		for await (const page of concatConcurrently(lists, 3)) {
			given.push(...page);
			await settle();
		}
	};
	await expect(reading()).rejects.toThrow('list 2 failed');
	expect(given).toEqual(['0.0', '0.1']);
	expect(state.begun).toEqual([0, 2, 3]);
});

it('what a list held when its sister failed is not given as if it were complete', async () => {
	const { state, list } = observer();
	const lists = [list(0, { pages: 50, turns: 2 }), list(1, { failAt: 0 })];
	const given: string[] = [];
	await expect(gather(concatConcurrently(lists, 2), given)).rejects.toThrow('list 1 failed');
	expect(given).toEqual([]);
	await settle();
	expect(state.pagesRead[0]).toBeLessThan(50);
});

it('what came before the list that fails was complete and stays given', async () => {
	const { list } = observer();
	const given: string[] = [];
	const lists = [list(0), list(1, { turns: 20, failAt: 1 }), list(2)];
	await expect(gather(concatConcurrently(lists, 2), given)).rejects.toThrow('list 1 failed');
	expect(given).toEqual(['0.0', '0.1']);
});

it('two lists that fail give one error, and no rejection is left unhandled', async () => {
	const unhandled: unknown[] = [];
	const note = (reason: unknown) => unhandled.push(reason);
	process.on('unhandledRejection', note);
	try {
		const { list } = observer();
		const lists = [list(0, { turns: 5, failAt: 0 }), list(1, { failAt: 0 }), list(2, { failAt: 0 })];
		await expect(gather(concatConcurrently(lists, 3))).rejects.toThrow(/list \d failed/);
		await settle();
		expect(unhandled).toEqual([]);
	} finally {
		process.off('unhandledRejection', note);
	}
});

it('a consumer that has enough stops the others at their next page', async () => {
	const { state, list } = observer();
	const lists = [list(0, { pages: 1 }), list(1, { pages: 1000 }), list(2), list(3)];
	for await (const page of concatConcurrently(lists, 2)) {
		expect(page).toEqual(['0.0']);
		break;
	}
	await settle();
	expect(state.open).toBe(0);
	expect(state.pagesRead[1]).toBeLessThan(50);
	expect(state.begun.length).toBeLessThanOrEqual(3);
	expect(state.closed).toBe(state.begun.length);
});

it('a list that throws before its first page fails like any other', async () => {
	const broken = (): AsyncGenerator<string[]> => {
		throw new Error('no such charger');
	};
	await expect(gather(concatConcurrently([broken], 2))).rejects.toThrow('no such charger');
});
