// The real n8n beside the project: its settings, its commands, its editor. All of it was measured on n8n 2.41.1 and 1.123.81.
import { randomBytes } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	openSync,
	closeSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { n8nOf, PROJECT } from './install.mjs';
import { lastLines, start } from './processes.mjs';

const OWNER = { email: 'owner@example.test', firstName: 'Sandbox', lastName: 'Owner' };

// What n8n inherits; nothing else, so that a setting meant for another n8n cannot change this one.
const INHERITED =
	/^(PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|https?_proxy|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i;

const SETTINGS = {
	// For this machine only, and without https, which the login cookie would otherwise insist on.
	N8N_LISTEN_ADDRESS: '127.0.0.1',
	N8N_SECURE_COOKIE: 'false',
	// Nothing is sent to anybody, nothing is fetched, nothing is advertised.
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	// This package is one of the unverified ones; n8n 3 will not load those unless told to.
	N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	// What Node compiled at one start is there for the next: a start takes a quarter less.
	NODE_COMPILE_CACHE: join(PROJECT, 'node_modules', '.cache', 'n8n-compiled'),
	// The same dates everywhere; n8n's own default is New York.
	GENERIC_TIMEZONE: 'UTC',
	N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '5',
};

const APOSTROPHE = join(PROJECT, 'sandbox', 'apostrophe.cjs');
const REDIRECT = join(PROJECT, 'sandbox', 'standIns', 'redirect.cjs');

// What n8n prints at every start and what nobody needs to read when something went wrong.
const CHATTER =
	/^(\s+at |Starting migration|Finished migration|\[\w+\d{13}\]|Migrations in progress|n8n Task Broker|Failed to start Python|\[license SDK\]|Registered runner|No encryption key found|Execution error:|=+$|.*See log messages for details)/;

/**
 * An n8n with its own user folder.
 * @param {{ home: string, out: string, settings?: Record<string, string>, line?: 2 | 1 }} options `home` holds database,
 *   encryption key and packages; `out` is the one folder that workflows may write to, and where their relative file names
 *   lead; `settings` are more environment variables for all that this n8n does; `line` is its major version
 */
export function n8nAt({ home, out, settings = {}, line = 2 }) {
	const { node, cli } = n8nOf(line);
	for (const folder of [home, out]) mkdirSync(folder, { recursive: true });
	const hasApostrophe = [home, cli].some((path) => realpathSync(path).includes("'"));
	const preloads = [hasApostrophe && APOSTROPHE, settings.SANDBOX_STAND_INS && REDIRECT].filter(Boolean);
	const program = [...preloads.flatMap((file) => ['--require', file]), cli];

	/** Runs one n8n command to its end and gives what it printed, or an error with the useful part of it. */
	async function command(args, stdin) {
		// A file, since n8n leaves without waiting for a pipe to be read, and one run can print a lot.
		const log = join(home, 'command.log');
		const file = openSync(log, 'w');
		const env = await environment({});
		const task = start(node, [...program, ...args], { cwd: out, env, stdin, stdout: file });
		const { code, reason } = await task.ended;
		closeSync(file);
		const printed = readFileSync(log, 'utf8') + task.output;
		rmSync(log);
		return { ok: code === 0, reason, printed };
	}

	async function mustWork(what, args, stdin) {
		const { ok, reason, printed } = await command(args, stdin);
		if (!ok) throw new Error(`n8n could not ${what} (${reason}):\n\n${usefulPart(printed)}`);
		return printed;
	}

	async function environment(more) {
		const inherited = Object.fromEntries(
			Object.entries(process.env).filter(([name]) => INHERITED.test(name)),
		);
		return {
			...inherited,
			...SETTINGS,
			// It would fetch a list of servers. n8n 1 has no such module, and refuses names that it does not know.
			...(line === 2 && { N8N_DISABLED_MODULES: 'mcp-registry' }),
			// n8n starts its task runner as plain `node`: that has to be the same one.
			PATH: [dirname(node), process.env.PATH].join(delimiter),
			NO_PROXY: [process.env.NO_PROXY ?? process.env.no_proxy, '127.0.0.1', 'localhost']
				.filter(Boolean)
				.join(','),
			N8N_USER_FOLDER: home,
			N8N_RESTRICT_FILE_ACCESS_TO: realpathSync(out),
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			...settings,
			...more,
		};
	}

	/** Starts a part of n8n that goes on running, and waits until it answers. */
	async function serve(part, args, port, more) {
		await mustBeFree(port);
		const log = join(home, `${part}.log`);
		const file = openSync(log, 'w');
		const env = await environment(more);
		const task = start(node, [...program, ...args], { cwd: out, env, stdout: file });
		closeSync(file);
		let ended;
		task.ended.then((end) => (ended = end));
		for (const deadline = Date.now() + 120_000; !(await answers(part, port)); await sleep(250)) {
			if (!ended && Date.now() < deadline) continue;
			const why = ended ? `it ended with ${ended.reason}` : 'it did not answer within two minutes';
			throw new Error(
				`The ${part} did not start: ${why}.\n\n${usefulPart(readFileSync(log, 'utf8') + task.output)}`,
			);
		}
		return task;
	}

	return {
		home,
		out,

		/**
		 * Creates credentials, or replaces those with the same ids. Their secrets go through a file that has lost its name before
		 * they are written, so however this ends, none is left behind.
		 */
		async importCredentials(credentials) {
			const name = join(home, 'credentials.json');
			const file = openSync(name, 'w+', 0o600);
			rmSync(name);
			// At a position, since on macOS n8n begins to read where this file descriptor stands.
			writeSync(file, JSON.stringify(credentials), 0);
			await mustWork('import the credentials', ['import:credentials', '--input=/dev/stdin'], file).finally(
				() => closeSync(file),
			);
		},

		/** The workflows that it has, as its database holds them. */
		async workflows() {
			const file = join(home, 'workflows.json');
			const { ok, reason, printed } = await command(['export:workflow', '--all', `--output=${file}`]);
			if (!ok && /No workflows found/i.test(printed)) return [];
			if (!ok) throw new Error(`n8n could not list its workflows (${reason}):\n\n${usefulPart(printed)}`);
			const workflows = JSON.parse(readFileSync(file, 'utf8'));
			rmSync(file);
			return workflows;
		},

		/** Creates the workflows of one file or of all files in a folder, or replaces those with the same ids. */
		async importWorkflows(path) {
			const separate = statSync(path).isDirectory() ? ['--separate'] : [];
			await mustWork(`import ${path}`, ['import:workflow', ...separate, `--input=${path}`]);
		},

		/** Runs a workflow; gives n8n's record of the run, or an error that names the node and what it said. */
		async execute(id) {
			const { ok, reason, printed } = await command(['execute', `--id=${id}`, '--rawOutput']);
			const record = jsonPart(printed);
			const { error, lastNodeExecuted } = record?.data.resultData ?? {};
			if (error) {
				const details = [error.message, error.description].filter(Boolean).join('\n');
				throw new Error(`The workflow ${id} stopped at "${lastNodeExecuted}":\n\n${details}`);
			}
			if (!ok || !record)
				throw new Error(`n8n could not run the workflow ${id} (${reason}):\n\n${usefulPart(printed)}`);
			return record;
		},

		/**
		 * Starts the editor and waits until it answers; its log goes to the user folder.
		 * @param {number} port
		 * @param {Record<string, string>} [more] environment variables for the editor alone
		 */
		async startEditor(port, more) {
			const task = await serve('editor', ['start'], port, { N8N_PORT: String(port), ...more });
			// Without its pages n8n does not tell whether there is an owner.
			const login = settings.N8N_DISABLE_UI ? storedLogin(home) : await owner(port, home);
			return { url: `http://localhost:${port}`, task, login };
		},

		/**
		 * Starts a process that runs the workflows which an editor in queue mode puts into the queue, and waits until it is
		 * ready; its log goes to the user folder.
		 * @param {number} port where it says that it is well
		 */
		async startWorker(port) {
			const task = await serve('worker', ['worker', '--concurrency=5'], port, {
				QUEUE_HEALTH_CHECK_ACTIVE: 'true',
				QUEUE_HEALTH_CHECK_PORT: String(port),
				N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
			});
			return { task };
		},
	};
}

/** Refuses a port that something else listens on, with a message that says how to choose another. */
export async function mustBeFree(port) {
	if (await canListen(port)) return;
	throw new Error(
		`Port ${port} is taken. Stop what uses it, or choose another port: N8N_PORT=${port + 1} npm start`,
	);
}

/** Creates the owner account at the first start and gives its login; null when it was created by hand. */
async function owner(port, home) {
	const file = loginFile(home);
	const rest = `http://127.0.0.1:${port}/rest`;
	const { data } = await (await fetch(`${rest}/settings`)).json();
	if (data.userManagement.showSetupOnFirstLoad) {
		// n8n asks for a capital letter and a digit.
		const login = { email: OWNER.email, password: `Ev1-${randomBytes(6).toString('hex')}` };
		writeFileSync(file, JSON.stringify(login), { mode: 0o600 });
		const answer = await fetch(`${rest}/owner/setup`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ ...OWNER, ...login }),
		});
		if (!answer.ok) throw new Error(`n8n did not accept the owner account: ${await answer.text()}`);
	}
	return storedLogin(home);
}

/** The login that was given to the owner account in this user folder; null when there is none. */
function storedLogin(home) {
	const file = loginFile(home);
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

function loginFile(home) {
	return join(home, 'login.json');
}

async function answers(part, port) {
	const get = (path) => fetch(`http://127.0.0.1:${port}/${path}`).catch(() => undefined);
	const ready = await get('healthz/readiness');
	if (!ready?.ok || part !== 'editor') return ready?.ok ?? false;
	// n8n 1 says that it is ready a moment before it has more than a page for whatever it is asked.
	const login = await get('rest/login');
	return login?.headers.get('content-type')?.includes('json') ?? false;
}

/** A port that nothing listens on right now. */
export function freePort() {
	return new Promise((resolve, reject) => {
		const server = createServer().once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

function canListen(port) {
	return new Promise((resolve) => {
		const server = createServer().once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}

/** The record of a run stands between other lines of output. */
function jsonPart(printed) {
	const begin = printed.search(/^\{$/m);
	const end = printed.indexOf('\n}\n', begin);
	return begin < 0 || end < 0 ? undefined : JSON.parse(printed.slice(begin, end + 2));
}

function usefulPart(printed) {
	const lines = printed.split('\n').filter((line) => line.trim() && !CHATTER.test(line));
	return lastLines([...new Set(lines)].join('\n'), 20) || '(n8n printed nothing)';
}
