import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Answer, Task } from './worker';

/**
 * Works tasks off in processes of their own, one for each processor: within jest every look at a global is slow, and a
 * simulation looks a lot.
 *
 * @returns The answers by the order of the tasks, each as soon as it is there.
 */
export function workOff(tasks: Task[]): Array<Promise<Answer>> {
	const waiting = tasks.map((task) => {
		let settle: (answer: Answer) => void = () => {};
		const answer = new Promise<Answer>((resolve) => (settle = resolve));
		return { task, settle, answer };
	});
	const answers = waiting.map(({ answer }) => answer);
	const count = Math.min(availableParallelism(), tasks.length);
	for (let index = 0; index < count; index++) workIn(waiting);
	return answers;
}

function workIn(waiting: Array<{ task: Task; settle: (answer: Answer) => void }>): void {
	const loader = pathToFileURL(require.resolve('tsx')).href;
	const child = fork(join(__dirname, 'worker.ts'), { execArgv: ['--import', loader] });
	let current = waiting.shift();
	const goOn = () => {
		if (current) child.send(current.task);
		else child.disconnect();
	};
	child.on('message', (answer: Answer) => {
		current?.settle(answer);
		current = waiting.shift();
		goOn();
	});
	child.on('exit', (code) => {
		if (!current) return;
		current.settle({ task: current.task, error: `its process ended with ${code}` });
		current = undefined;
		if (waiting.length > 0) workIn(waiting);
	});
	goOn();
}
