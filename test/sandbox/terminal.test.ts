import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const COLUMNS = 80;
const STACK = /^ +at |node:internal/m;

function run(args: string[], env: Record<string, string> = {}) {
	const { status, stdout, stderr } = spawnSync(process.execPath, args, {
		cwd: ROOT,
		env: { ...process.env, ...env },
		encoding: 'utf8',
		// A server that starts in place of a message would run for ever.
		timeout: 30_000,
	});
	return { code: status, stdout, stderr };
}

/** Runs a module and gives what it prints as it would in a terminal of 80 columns. */
function inTerminal(code: string): string {
	const terminal = `Object.assign(process.stdout, { isTTY: true, columns: ${COLUMNS} });`;
	const { code: status, stdout, stderr } = run(['--input-type=module', '-e', `${terminal}\n${code}`]);
	expect([status, stderr]).toEqual([0, '']);
	return stdout;
}

const START = ['sandbox/start.mjs'];
const SERVE = ['--import', 'tsx', 'sandbox/serve.ts'];
const PROBE = ['--import', 'tsx', 'sandbox/probe.ts'];

describe('what a command says to a wrong option, without a stack', () => {
	it.each([
		[START, '--bogus', 'There is no option "--bogus".'],
		[START, '--port', 'There is no option "--port".'],
		[START, '--no-once', 'There is no option "--no-once".'],
		[START, 'extra', '"extra" is not understood'],
		[START, '--home', '"--home" needs a value: --home FOLDER'],
		[START, '--home --once', '"--home" needs a value: --home FOLDER'],
		[START, '--out=', '"--out" needs a value: --out FOLDER'],
		[START, '--once=yes', '"--once" takes no value.'],
		[START, '--home package.json', 'package.json cannot be used: it is a file.'],
		[START, '--out package.json/x', 'npm start -- --out FOLDER'],
		[SERVE, '--bogus', 'There is no option "--bogus".'],
		[SERVE, '--now', '"--now" needs a value: --now TIME'],
		[SERVE, '--now --plain', '"--now" needs a value: --now TIME'],
		[SERVE, '--spirii-port 99999', '--spirii-port must be 65535 at most, not 99999'],
		[SERVE, '--records=-1', '--records must be a whole number, not "-1"'],
		[SERVE, '--records -1', '--records must be a whole number, not "-1"'],
		[SERVE, '--per-charger -1', '--per-charger must be a whole number, not "-1"'],
		[SERVE, '--seed -5', '--seed must be a whole number, not "-5"'],
		[SERVE, '--spirii-port -1', '--spirii-port must be a whole number, not "-1"'],
		[SERVE, '--now -1', '--now must be a time such as 2026-06-30T12:00:00Z, not "-1"'],
		[PROBE, '--base-url -1', '"--base-url" needs a value: --base-url ADDRESS'],
		[PROBE, '--base-url', '"--base-url" needs a value: --base-url ADDRESS'],
		[['test/check.mjs'], '--bogus', 'There is no option "--bogus".'],
		[['bench/run.mjs'], '--only foo', '"foo" is no part. The parts are: speed, memory'],
		[['--import', 'tsx', 'sandbox/newEndpoint.ts'], 'acme GET /x', 'The vendor must be one of spirii'],
		[['test/run.mjs'], 'typo', 'The parts are: unit, contract, node, sandbox, simulation, packaging, e2e.'],
		[['test/run.mjs'], 'unit typo', 'No test file for "unit typo".'],
		[['test/run.mjs'], '--bogus', 'Unrecognized option "bogus".'],
	])('%s %s', (command, words, sentence) => {
		const { code, stdout, stderr } = run([...command, ...words.split(' ')]);
		expect([code, stdout.trim()]).toEqual([1, '']);
		expect(stderr).toContain(sentence);
		expect(stderr).not.toMatch(STACK);
		expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
	});

	it.each(['5678.5', 'abc', '0', '70000', '-1'])('N8N_PORT=%s', (port) => {
		const { code, stderr } = run(START, { N8N_PORT: port });
		expect([code, stderr.trim()]).toEqual([1, `N8N_PORT must be a port number, not "${port}".`]);
	});
});

it.each([
	[START, '--home FOLDER'],
	[SERVE, '--spirii-port PORT'],
	[['test/run.mjs'], 'npm test -- unit node'],
	[['test/check.mjs'], 'fast checks'],
	[['bench/run.mjs'], '--only PARTS'],
	[PROBE, '--base-url'],
])('%s --help tells every option, within 80 columns', (command, text) => {
	const { code, stdout, stderr } = run([...command, '--help']);
	expect([code, stderr]).toEqual([0, '']);
	expect(stdout).toContain(text);
	for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(COLUMNS);
});

describe('a terminal of 80 columns', () => {
	it('shows a step on one line while it runs and when it ends, however long its name is', () => {
		const printed = inTerminal(`
			const { step, sideStep } = await import('./sandbox/progress.mjs');
			const name = 'a step with a long name '.repeat(8);
			await step(name, () => new Promise((resolve) => setTimeout(resolve, 2100)));
			await sideStep(name, async () => {});
			await step(name, async () => { throw new Error(); }).catch(() => {});
		`);
		const lines = printed.replaceAll('\u001b[K', '').split(/[\r\n]+/);
		expect(lines.filter((line) => / \.\.\. \d+ s$/.test(line)).length).toBeGreaterThanOrEqual(1);
		expect(lines.filter((line) => /: (done in|failed after) \d+ m?s$/.test(line))).toHaveLength(3);
		for (const line of lines) expect(line.length).toBeLessThan(COLUMNS);
	});

	it('shows the rows of a file without a line break in them', () => {
		const row = {
			source: 'voltTime',
			startedAt: '2026-06-07T05:21:00Z',
			energyKwh: '1234.5678',
			amountInclVat: '98765.4321',
			currency: 'EUR',
			locationName: 'A place with a name that is much too long for it',
		};
		const printed = inTerminal(`
			const { table } = await import('./sandbox/table.mjs');
			console.log(table([${JSON.stringify(row)}]));
		`);
		expect(printed.trimEnd().split('\n')).toHaveLength(3);
		for (const line of printed.split('\n')) expect(line.length).toBeLessThan(COLUMNS);
	});
});

describe('the user folder of npm start', () => {
	let home: string;
	beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'ev-charging-home-'))));
	afterEach(() => rmSync(home, { recursive: true, force: true }));

	/** Tries a start that cannot go on: its port is taken. */
	async function tryStart() {
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		const result = run([...START, '--home', home, '--out', home], { N8N_PORT: String(port) });
		server.close();
		return result;
	}

	it.each([
		['another program', () => process.pid],
		['another program of another user', () => 1],
		['no program', () => 2 ** 30],
	])('is not taken for in use if the process in its pid file is %s, which is left alone', async (_, pid) => {
		writeFileSync(join(home, 'running.pid'), String(pid()));
		expect((await tryStart()).stderr).toMatch(/Port \d+ is taken/);
		expect(existsSync(join(home, 'running.pid'))).toBe(false);
	});

	it('is refused while another start uses it', async () => {
		const script = join(home, 'start.mjs');
		writeFileSync(script, 'setInterval(() => {}, 1000); console.log("running");');
		const other = spawn(process.execPath, [script]);
		await once(other.stdout, 'data');
		writeFileSync(join(home, 'running.pid'), String(other.pid));
		const { code, stderr } = await tryStart();
		expect([code, stderr]).toEqual([1, expect.stringContaining(`(process ${other.pid}) is running here`)]);
		expect([other.exitCode, readFileSync(join(home, 'running.pid'), 'utf8')]).toEqual([
			null,
			String(other.pid),
		]);
		other.kill();
	});

	it('loses a file with keys in clear that an earlier start has left', async () => {
		writeFileSync(join(home, 'credentials.json'), '[{ "data": { "apiKey": "secret" } }]');
		expect((await tryStart()).code).toBe(1);
		expect(existsSync(join(home, 'credentials.json'))).toBe(false);
	});
});

test('n8n loads nodes from a folder with an apostrophe in its name', () => {
	const folder = mkdtempSync(join(tmpdir(), "ev-charging-it's-"));
	try {
		writeFileSync(join(folder, 'Node.cjs'), 'exports.Node = class { name = "loaded"; };');
		// As in n8n's loader.
		writeFileSync(
			join(folder, 'load.cjs'),
			`const vm = require('vm');
			const script = new vm.Script("new (require('" + require('path').join(__dirname, 'Node.cjs') + "').Node)()");
			console.log(script.runInContext(vm.createContext({ require })).name);`,
		);
		const { code, stdout } = run([
			'--require',
			join(ROOT, 'sandbox/apostrophe.cjs'),
			join(folder, 'load.cjs'),
		]);
		expect([code, stdout]).toEqual([0, 'loaded\n']);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

test('a program that ignores a polite signal, and what it started, are gone when they were stopped', () => {
	const stubborn = `
		process.on('SIGTERM', () => {});
		if (!process.argv[1]) {
			const child = require('child_process').spawn(process.execPath, ['-e', process.env.CODE, 'child'], { stdio: 'ignore' });
			setTimeout(() => console.log(child.pid), 500);
		}
		const memory = Buffer.alloc(500e6, 1);
		setInterval(() => memory[0], 1000);`;
	const { code, stdout, stderr } = run([
		'--input-type=module',
		'-e',
		`import { start, stop } from './sandbox/processes.mjs';
		const code = ${JSON.stringify(stubborn)};
		let child;
		const said = new Promise((resolve) => (child = resolve));
		const task = start(process.execPath, ['-e', code], { env: { ...process.env, CODE: code }, onLine: child });
		const pids = [task.child.pid, Number(await said)];
		await stop(task, 0);
		const isThere = (pid) => {
			try {
				return process.kill(pid, 0);
			} catch {
				return false;
			}
		};
		console.log(JSON.stringify(pids.filter(isThere)));
		process.exit();`,
	]);
	expect([code, stderr, stdout.trim()]).toEqual([0, '', '[]']);
});
