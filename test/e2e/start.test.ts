import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startSandbox, type Sandbox } from '../../sandbox';
import { EXAMPLES, execute, freePort, PROJECT, signIn } from './realN8n';

const MINUTES = 60_000;
const HOUR = 60 * MINUTES;
/** "Last month" is June 2026, whatever the day of the test. */
const CLOCK_SHIFT_MS = Date.parse('2026-07-15T12:10:00Z') - Date.now();
const JUNE = [Date.parse('2026-06-01T00:00:00Z'), Date.parse('2026-07-01T00:00:00Z')];
const isInJune = (time: string | null) =>
	Date.parse(time ?? '') >= JUNE[0] && Date.parse(time ?? '') < JUNE[1];

let folder: string;
let home: string;
let out: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "ev-charging it's a start-"));
	home = join(folder, 'home');
	out = join(folder, 'out');
	writeFileSync(
		join(folder, 'clock.cjs'),
		`process.env.CLOCK_SHIFT_MS = '${CLOCK_SHIFT_MS}';\nrequire(${JSON.stringify(join(__dirname, 'shiftedClock.cjs'))});\n`,
	);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Whatever a failed test has left running.
afterEach(async () => {
	for (const start of started.splice(0)) {
		if (start.child.exitCode === null && start.child.signalCode === null) start.interrupt();
		await start.ended;
	}
});

const started: Start[] = [];

/** `npm start` in a process group of its own, as a terminal would have it. */
class Start {
	output = '';
	readonly child: ChildProcess;
	readonly ended: Promise<number | null>;

	constructor(args: string[], env: Record<string, string> = {}) {
		const argv = ['start', '--', '--home', home, '--out', out, ...args];
		const clock = { NODE_OPTIONS: `--require "${join(folder, 'clock.cjs')}"` };
		this.child = spawn('npm', argv, {
			cwd: PROJECT,
			detached: true,
			env: { ...withoutKeys(), ...clock, ...env },
		});
		for (const stream of [this.child.stdout, this.child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
		}
		this.ended = once(this.child, 'close').then(([code]) => code as number | null);
		started.push(this);
	}

	/** Resolves once the output holds the text. */
	async says(text: string): Promise<void> {
		while (!this.output.includes(text)) {
			if (this.child.exitCode !== null) throw new Error(`It ended without saying "${text}":\n${this.output}`);
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}

	/** Ctrl-C in a terminal. */
	interrupt(): void {
		process.kill(-(this.child.pid as number), 'SIGINT');
	}
}

/** The environment of the tests, but for keys of a developer. */
function withoutKeys(): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(process.env).filter(([name]) => !/^(SPIRII|VOLT_TIME)_|^N8N_PORT$/.test(name)),
	);
}

async function startOnce(env?: Record<string, string>, ...args: string[]) {
	const start = new Start(['--once', ...args], env);
	return { code: await start.ended, output: start.output };
}

/** A reader of CSV that is independent of the project's own: n8n's CSV has no line breaks within cells here. */
function readCsv(): Array<Record<string, string>> {
	const [header, ...lines] = readFileSync(join(out, 'charging-sessions.csv'), 'utf8')
		.replace(/^\uFEFF/, '')
		.trimEnd()
		.split(/\r?\n/);
	const cells = (line: string) =>
		[...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain);
	const names = cells(header);
	return lines.map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index], cell])));
}

/** What the file must hold of each vendor, read straight from the sandbox. */
async function expectedOf({ spirii, voltTime }: Sandbox) {
	const headers = { authorization: `Bearer ${spirii.key}` };
	const answer = await fetch(`${spirii.url}/v2/charge-records?limit=5000`, { headers });
	const page = (await answer.json()) as {
		data: Array<{ consumed: number; endedAt: string; price: { amount: number } }>;
	};
	const data = page.data.filter(({ endedAt }) => isInJune(endedAt));
	const transactions = voltTime.data.teams
		.flatMap(({ id }) => voltTime.data.chargers(id))
		.flatMap(({ id }) => [...voltTime.data.transactions(id).records()]);
	const ended = transactions.filter(({ stopped_at: stop }) => isInJune(stop));
	return {
		spirii: sums(data.map(({ consumed, price }) => ({ kWh: consumed, amount: price.amount }))),
		voltTime: sums(
			ended.map(({ charger_id: id, meter_start: start, meter_stop: stop }) => {
				const wattHours = Number(stop) - Number(start);
				const { price_per_kwh: price, start_fee: fee } = voltTime.data.publicCharging(id);
				const cents = price === null ? 0 : Math.round((wattHours * price) / 1000 + fee);
				return { kWh: wattHours / 1000, amount: cents / 100 };
			}),
		),
	};
}

/** Up to when `npm start` has data. */
function lastHour(): string {
	return new Date(Math.floor((Date.now() + CLOCK_SHIFT_MS) / HOUR) * HOUR).toISOString();
}

function sums(rows: Array<{ kWh: number; amount: number }>) {
	const sum = (values: number[]) => values.reduce((total, value) => total + value, 0).toFixed(2);
	return {
		rows: rows.length,
		kWh: sum(rows.map(({ kWh }) => kWh)),
		amount: sum(rows.map(({ amount }) => amount)),
	};
}

function writtenOf(vendor: string) {
	const rows = readCsv().filter(({ sessionKey }) => sessionKey.startsWith(`${vendor}:`));
	return sums(
		rows.map(({ energyKwh, amountInclVat }) => ({ kWh: Number(energyKwh), amount: Number(amountInclVat) })),
	);
}

/** Ids of the processes that a process started, and that those started. */
function descendantsOf(root: number): number[] {
	const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
	const pairs = stdout
		.trim()
		.split('\n')
		.map((line) => line.trim().split(/\s+/).map(Number));
	const children = (parent: number): number[] =>
		pairs.filter(([, ppid]) => ppid === parent).flatMap(([pid]) => [pid, ...children(pid)]);
	return children(root);
}

/** Files right in the user folder that hold a text. One that goes away meanwhile holds none. */
function filesWith(text: string): string[] {
	const holds = (name: string) => {
		try {
			return readFileSync(join(home, name)).includes(text);
		} catch {
			return false;
		}
	};
	return readdirSync(home).filter(holds);
}

function isRunning(pid: number): boolean {
	const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
	return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

test(
	'npm start -- --once shows a table and writes one CSV file that holds exactly what both vendors have',
	async () => {
		// What a start that was killed can leave behind; its process number is another program's by now.
		mkdirSync(home);
		writeFileSync(join(home, 'running.pid'), String(process.pid));
		const { code, output } = await startOnce();
		expect(output).toContain('charging-sessions.csv');
		expect(output.match(/invented/g)).toHaveLength(1);
		expect(code).toBe(0);

		const sandbox = await startSandbox({ now: lastHour(), transactionsPerCharger: 105 });
		try {
			const expected = await expectedOf(sandbox);
			expect(expected.spirii.rows).toBeGreaterThan(0);
			expect({ spirii: writtenOf('spirii'), voltTime: writtenOf('voltTime') }).toEqual(expected);
			expect(readCsv()).toHaveLength(expected.spirii.rows + expected.voltTime.rows);
		} finally {
			await sandbox.close();
		}
		const table = output.split('\n').filter((line) => /^(source|spirii|voltTime) +\S/.test(line));
		expect(table).toHaveLength(11);
		for (const line of table) expect(line.length).toBeLessThan(80);
		const [first] = readCsv().filter(({ amountInclVat }) => Number(amountInclVat) > 0);
		expect(table[1]).toContain(first.startedAt.slice(0, 16).replace('T', ' '));
		for (const line of table.slice(1))
			expect(line).toMatch(/ \d+\.\d\d +\d*[1-9]\d*\.\d\d [A-Z]{3} |0\.\d?[1-9]\d? [A-Z]{3} /);
	},
	5 * MINUTES,
);

test(
	'a second start installs and builds nothing, and a key in the environment sends that vendor to its own service',
	async () => {
		const sandbox = await startSandbox({ records: 60, seed: 9, keys: { spirii: 'key-of-a-customer' } });
		try {
			const { spirii, voltTime } = sandbox;
			const { code, output } = await startOnce({ SPIRII_API_KEY: spirii.key, SPIRII_BASE_URL: spirii.url });
			expect(code).toBe(0);
			expect(output).not.toMatch(/install|build|pack/i);
			expect(output).not.toContain('key-of-a-customer');

			expect(writtenOf('spirii')).toEqual((await expectedOf(sandbox)).spirii);
			expect(spirii.requests[0].headers.authorization).toBe('Bearer key-of-a-customer');
			// Volt Time still runs, but against the sandbox that the command itself starts.
			expect(writtenOf('voltTime').rows).toBeGreaterThan(0);
			expect(voltTime.requests).toHaveLength(0);
		} finally {
			await sandbox.close();
		}
	},
	3 * MINUTES,
);

test(
	'an example that a person changed is kept and named, until it is asked for as shipped',
	async () => {
		const example = JSON.parse(
			readFileSync(join(PROJECT, 'examples', 'both-vendors-to-csv.json'), 'utf8'),
		) as { name: string; nodes: Array<{ name: string; parameters: { fileName?: string } }> };
		const [csvFile] = example.nodes.filter(({ name }) => name === 'CSV file');
		csvFile.parameters.fileName = 'my-sessions';
		const file = join(folder, 'changed.json');
		writeFileSync(file, JSON.stringify(example));
		const modules = join(PROJECT, 'sandbox', 'n8n', 'node_modules');
		const n8n = ['--require', join(PROJECT, 'sandbox', 'apostrophe.cjs'), join(modules, 'n8n', 'bin', 'n8n')];
		// Not the environment of the tests: with NODE_ENV=test n8n imports nothing, and says nothing.
		const { PATH = '', HOME = '' } = process.env;
		const changed = spawnSync(join(modules, '.bin', 'node'), [...n8n, 'import:workflow', `--input=${file}`], {
			env: { PATH, HOME, N8N_USER_FOLDER: home, N8N_DIAGNOSTICS_ENABLED: 'false' },
			encoding: 'utf8',
		});
		expect([changed.status, changed.stderr]).toEqual([0, '']);

		const kept = await startOnce();
		expect(kept.code).toBe(0);
		const lines = kept.output.split('\n').filter((line) => line.startsWith('Kept as you changed'));
		expect(lines).toEqual([
			`Kept as you changed it: "${example.name}". As shipped again: npm start -- --restore`,
		]);
		expect(kept.output).toContain('my-sessions.csv');

		const restored = await startOnce({}, '--restore');
		expect(restored.code).toBe(0);
		expect(restored.output).not.toContain('Kept as you changed');
		expect(restored.output).toContain('charging-sessions.csv');
	},
	5 * MINUTES,
);

test(
	'a key that the vendor refuses ends the command with a clear message, without the key in it',
	async () => {
		const sandbox = await startSandbox();
		try {
			const env = { VOLT_TIME_TOKEN: 'a-secret-that-is-wrong', VOLT_TIME_BASE_URL: sandbox.voltTime.url };
			const { code, output } = await startOnce(env);
			expect(code).not.toBe(0);
			expect(output).toContain('stopped at "Volt Time sites"');
			expect(output).toMatch(/401/);
			expect(output).not.toContain('a-secret-that-is-wrong');
		} finally {
			await sandbox.close();
		}
	},
	3 * MINUTES,
);

test(
	'a taken port is a message that names it and how to choose another',
	async () => {
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as { port: number };
		try {
			const start = new Start([], { N8N_PORT: String(port) });
			expect(await start.ended).not.toBe(0);
			expect(start.output).toContain(`Port ${port} is taken`);
			expect(start.output).toContain(`N8N_PORT=${port + 1} npm start`);
		} finally {
			server.close();
		}
	},
	MINUTES,
);

test(
	'npm start leaves the editor running, refuses a second one in its folders, and after Ctrl-C no process is left',
	async () => {
		const port = await freePort();
		const start = new Start([], { N8N_PORT: String(port) });
		try {
			await start.says('Ctrl-C stops everything');
			expect((await fetch(`http://127.0.0.1:${port}/healthz/readiness`)).status).toBe(200);
			expect(start.output).toContain(`http://localhost:${port}/workflow/bothVendorsToCsv`);

			const [, password] = start.output.match(/password: (\S+)/) ?? [];
			const signIn = await fetch(`http://127.0.0.1:${port}/rest/login`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ emailOrLdapLoginId: 'owner@example.test', password }),
			});
			expect(signIn.status).toBe(200);

			const second = await startOnce();
			expect(second.code).not.toBe(0);
			expect(second.output).toContain('is running here');
		} finally {
			const family = descendantsOf(start.child.pid as number);
			start.interrupt();
			await start.ended;
			// The command itself, the sandbox, n8n and its task runner at least.
			expect(family.length).toBeGreaterThanOrEqual(4);
			expect(family.filter(isRunning)).toEqual([]);
		}
		await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
	},
	5 * MINUTES,
);

test(
	'each example ends well in the editor as it is shipped, and the terminal shows what it sends',
	async () => {
		const port = await freePort();
		const start = new Start(['--restore'], { N8N_PORT: String(port) });
		await start.says('Ctrl-C stops everything');
		const [, password] = start.output.match(/password: (\S+)/) ?? [];
		const request = await signIn(`http://127.0.0.1:${port}`, 'owner@example.test', password);
		// The backfill makes the table that its second workflow writes to.
		const files = readdirSync(EXAMPLES).filter((file) => file !== 'backfill-one-page.json');
		const ended: Record<string, string> = {};
		let stored: unknown;
		for (const file of [...files, 'backfill-one-page.json']) {
			const { id, nodes } = JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as {
				id: string;
				nodes: Array<{ name: string; type: string }>;
			};
			const first =
				nodes.find(({ name }) => name === 'Start') ?? nodes.find(({ type }) => /rigger$/.test(type));
			const { status, outputs, text } = await execute(request, id, first!.name);
			ended[file] = status === 'success' ? status : `${status}: ${text.slice(0, 1500)}`;
			if (id === 'backfill') stored = outputs.Total[0].records;
		}
		expect(ended).toEqual(Object.fromEntries(Object.keys(ended).map((file) => [file, 'success'])));
		expect(Object.keys(ended).length).toBeGreaterThan(12);

		const sandbox = await startSandbox({ now: lastHour() });
		expect(stored).toBe(sandbox.spirii.data.listed('chargeRecords').length);
		await sandbox.close();
		const rows = readFileSync(join(out, 'google-sheet.csv'), 'utf8').trimEnd().split('\r\n').length - 1;
		expect(rows).toBeGreaterThan(50);
		expect(start.output).toContain(`\nGoogle Sheets: ${rows} rows below the header\n`);
		for (const sent of [
			/^Slack #charging: Charger VTT_\d+ .*has been offline since /m,
			/^Slack #charging: Charger VTT_\d+ .*reports the fault /m,
			/^Slack #charging: spirii:\d+ .* was corrected/m,
			/^Slack #charging: \*Charging on \d+ \w+ \d{4}\*\nSlack #charging: \d+ sessions, /m,
			/^E-mail to payroll@example.com: Home charging, \w+ \d{4}$/m,
			/^E-mail to billing@example.com: Charging sessions per customer, \w+ \d{4}$/m,
			/^ERP \/api\/invoice-lines: spirii:\d+ \{"reference":"spirii:\d+"/m,
		])
			expect(start.output).toMatch(sent);
	},
	6 * MINUTES,
);

test(
	'no key is in a file in clear, neither while credentials are imported nor after the command was killed meanwhile',
	async () => {
		const env = { SPIRII_API_KEY: 'key-in-clear', SPIRII_BASE_URL: 'http://127.0.0.1:9' };
		const start = new Start(['--once'], env);
		await start.says('Importing credentials');
		for (const end = Date.now() + 2000; Date.now() < end; await new Promise(setImmediate))
			expect(filesWith('key-in-clear')).toEqual([]);
		const family = [start.child.pid as number, ...descendantsOf(start.child.pid as number)];
		for (const pid of family) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
		await start.ended;
		expect(filesWith('key-in-clear')).toEqual([]);
	},
	2 * MINUTES,
);

test(
	'Ctrl-C while a workflow runs ends that too',
	async () => {
		const start = new Start(['--once']);
		await start.says('Running the workflow');
		await new Promise((resolve) => setTimeout(resolve, 1500));
		const family = descendantsOf(start.child.pid as number);
		start.interrupt();
		expect(await start.ended).not.toBe(0);
		expect(family.length).toBeGreaterThanOrEqual(3);
		expect(family.filter(isRunning)).toEqual([]);
	},
	2 * MINUTES,
);
