// Child processes of the two commands: started in groups of their own, so that Ctrl-C in the terminal reaches
// this program alone and it can end everything in order, grandchildren included.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TAIL = 64 * 1024;
const running = new Set();
let stopping = false;

/**
 * Starts a program and keeps the end of what it prints.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: object, stdin?: number, stdout?: number, live?: boolean, onLine?: (line: string) => void }} [options]
 *   `stdin`: an open file that it reads; `stdout`: an open file that standard output goes to; `live`: shows the output instead of keeping it;
 *   `onLine`: called for each line of standard output.
 */
export function start(
	program,
	args,
	{ cwd, env = process.env, stdin = 'ignore', stdout, live = false, onLine } = {},
) {
	if (stopping) throw new Error('Stopped.');
	const child = spawn(program, args, {
		cwd,
		env,
		detached: true,
		stdio: live ? [stdin, 'inherit', 'inherit'] : [stdin, stdout ?? 'pipe', 'pipe'],
	});
	const task = { child, name: program, output: '' };
	running.add(task);

	let line = '';
	const keep = (chunk) => (task.output = (task.output + chunk).slice(-TAIL));
	child.stdout?.setEncoding('utf8').on('data', (chunk) => {
		keep(chunk);
		if (!onLine) return;
		const lines = (line + chunk).split('\n');
		line = lines.pop();
		lines.forEach(onLine);
	});
	child.stderr?.setEncoding('utf8').on('data', keep);

	task.ended = new Promise((resolve) => {
		child.once('error', (error) => resolve({ code: 127, reason: error.message }));
		child.once('close', (code, signal) =>
			resolve({ code: code ?? 1, reason: signal ?? `exit code ${code}` }),
		);
	}).then((end) => {
		if (!isAlive(child.pid)) running.delete(task);
		return end;
	});
	return task;
}

/** Runs a program to its end; rejects with the end of its output when it did not succeed. */
export async function run(program, args, options) {
	const task = start(program, args, options);
	const { code, reason } = await task.ended;
	if (code !== 0) throw new CommandFailed([program, ...args].join(' '), reason, task.output);
	return task.output;
}

/** A command that did not succeed, with the end of what it printed. */
export class CommandFailed extends Error {
	constructor(command, reason, output) {
		super(`${command}\nended with ${reason}${output.trim() ? `:\n\n${essence(output)}` : ''}`);
		this.reason = reason;
		this.output = output;
	}
}

/** How long a program may take to vanish after a forced signal: on a busy machine, it has to get a processor first. */
const VANISH_MS = 10_000;

/** Ends a started program and all it started: a polite signal first, after `patience` ms a forced one. */
export async function stop(task, patience = 8000) {
	signal(task.child.pid, 'SIGTERM');
	await untilGone(task, patience);
	if (isAlive(task.child.pid)) signal(task.child.pid, 'SIGKILL');
	await untilGone(task, VANISH_MS);
	running.delete(task);
}

async function untilGone(task, patience) {
	const deadline = Date.now() + patience;
	while (isAlive(task.child.pid) && Date.now() < deadline) await sleep(20);
}

/** Ends a started program and all it started in the middle of whatever they do, as a power cut would. */
export async function kill(task) {
	signal(task.child.pid, 'SIGKILL');
	await untilGone(task, VANISH_MS);
	running.delete(task);
}

/** Ends everything that was started and lets nothing new start. */
export async function stopAll() {
	stopping = true;
	await Promise.all([...running].map((task) => stop(task)));
}

/** On Ctrl-C, a kill or a closed terminal: calls `first`, ends everything that was started, calls `last`. */
export function onInterrupt(first, last) {
	let interrupted = false;
	const interrupt = async () => {
		// npm passes the signal on as well, so it may arrive twice: once is enough.
		if (interrupted) return;
		interrupted = true;
		first();
		await stopAll();
		last();
	};
	for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, interrupt);
	// A pipe whose reader has gone (`npm start | head`) is a closed terminal too.
	for (const stream of [process.stdout, process.stderr]) stream.on('error', interrupt);
}

/** Begin and end of a long output: compilers tell the cause at its end, npm before pages of advice. */
function essence(output) {
	const lines = lastLines(output, Infinity).split('\n');
	return lines.length <= 40
		? lines.join('\n')
		: [...lines.slice(0, 20), '...', ...lines.slice(-20)].join('\n');
}

/** The last lines of a text, without color codes. */
export function lastLines(text, count) {
	const plain = text.replace(/\u001b\[[0-9;]*m/g, '');
	return plain.trimEnd().split('\n').slice(-count).join('\n');
}

/**
 * The command line of a running process, its words divided by blanks; undefined where no such process runs.
 * @param {number} pid
 */
export function commandOf(pid) {
	if (!existsSync('/proc/self/cmdline')) {
		const { status, stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
		return status === 0 ? stdout.trim() : undefined;
	}
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
	} catch {
		return undefined;
	}
}

/** Negative ids address the whole group. A group is gone when nobody in it can be signaled. */
function isAlive(pid) {
	return signal(pid, 0);
}

function signal(pid, name) {
	if (!pid) return false;
	try {
		process.kill(-pid, name);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}
