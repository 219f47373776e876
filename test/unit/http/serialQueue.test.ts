import { setTimeout as sleep } from 'node:timers/promises';

import { createSerialQueue } from '../../../nodes/shared/http/serialQueue';

const turns = (isAlone = false) =>
	createSerialQueue(
		async () => await sleep(0),
		() => isAlone,
	);

it('an answer is read after the requests that it, and the one before it, led to', async () => {
	const done: string[] = [];
	const reading = turns();
	// As a request that is called leaves only after some turns of the event loop.
	const send = async (after: string) => {
		await sleep(0);
		done.push(`sent after ${after}`);
	};
	const read = async (name: string) => {
		await reading(() => done.push(`read ${name}`));
		await send(name);
	};
	await Promise.all([send('0'), read('1'), read('2'), read('3')]);
	const order = [
		'sent after 0',
		'read 1',
		'sent after 1',
		'read 2',
		'sent after 2',
		'read 3',
		'sent after 3',
	];
	expect(done).toEqual(order);
});

it('an answer that comes while another one waits makes it wait anew', async () => {
	const done: string[] = [];
	const loops: Array<() => void> = [];
	const reading = createSerialQueue(
		async () => await new Promise<void>((resolve) => loops.push(resolve)),
		() => false,
	);
	const turn = async () => {
		await sleep(0);
		loops.shift()!();
		await sleep(0);
	};
	void reading(() => done.push('read 1'));
	await turn();
	await turn();
	void reading(() => done.push('read 2'));
	// The one that was running when it came, and its own.
	for (let count = 0; count < 3; count++) await turn();
	expect(done).toEqual([]);
	await turn();
	expect(done).toEqual(['read 1']);
	for (let count = 0; count < 3; count++) await turn();
	expect(done).toEqual(['read 1', 'read 2']);
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
