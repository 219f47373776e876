import { setTimeout as sleep } from 'node:timers/promises';

import { inTurn } from '../../../nodes/shared/request/inTurn';

const turns = (isAlone = false) =>
	inTurn(
		async () => await sleep(0),
		() => isAlone,
	);

it('of two answers that come together, the second is read after what the first one led to', async () => {
	const done: string[] = [];
	const reading = turns();
	const read = async (name: string) => {
		await reading(() => done.push(`read ${name}`));
		// As a request that is called leaves only after some turns of the event loop.
		await sleep(0);
		done.push(`sent after ${name}`);
	};
	await Promise.all([read('1'), read('2'), read('3')]);
	expect(done).toEqual(['read 1', 'sent after 1', 'read 2', 'sent after 2', 'read 3', 'sent after 3']);
});

it('gives what was read, and what reading failed with; the next one is read all the same', async () => {
	const reading = turns();
	const failing = reading(() => {
		throw new Error('not JSON');
	});
	const next = reading(() => ({ data: [] }));
	await expect(failing).rejects.toThrow('not JSON');
	await expect(next).resolves.toEqual({ data: [] });
});

it('an answer that is alone waits for nothing', async () => {
	const done: string[] = [];
	const reading = turns(true);
	void sleep(0).then(() => done.push('a turn of the event loop'));
	for (const name of ['1', '2']) await reading(() => done.push(`read ${name}`));
	expect(done).toEqual(['read 1', 'read 2']);
});
