// `npm start`: from a fresh clone to charging records of both vendors in one CSV file, made by a real n8n,
// and then its editor. `--once` ends after the file.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkNode, ensureN8n, ensurePackage, ensureProject, PROJECT } from './install.mjs';
import { mustBeFree, n8nAt } from './n8n.mjs';
import { lastLines, onInterrupt, start, stopAll } from './processes.mjs';
import { step } from './progress.mjs';
import { parseCsv, table } from './table.mjs';

const EXAMPLES = join(PROJECT, 'examples');
const MAIN = JSON.parse(readFileSync(join(EXAMPLES, 'both-vendors-to-csv.json'), 'utf8'));
const ROWS_PER_VENDOR = 5;

/** The credential of each vendor by the vendor's name: `sandbox/<name>/credential.json`. */
const CREDENTIALS = Object.fromEntries(
	readdirSync(join(PROJECT, 'sandbox'))
		.map((name) => [name, join(PROJECT, 'sandbox', name, 'credential.json')])
		.filter(([, file]) => existsSync(file))
		.map(([name, file]) => [name, JSON.parse(readFileSync(file, 'utf8'))]),
);

const { values: options } = parseArgs({
	options: {
		once: { type: 'boolean', default: false },
		home: { type: 'string', default: join(PROJECT, 'sandbox', '.n8n-home') },
		out: { type: 'string', default: join(PROJECT, 'sandbox', 'out') },
	},
});
const home = resolve(options.home);
const out = resolve(options.out);
const port = Number(process.env.N8N_PORT || 5678);

let leaving = false;
let editorIsOpen = false;
onInterrupt(
	() => (leaving = true),
	() => {
		console.log('\nStopped.');
		process.exit(editorIsOpen ? 0 : 130);
	},
);

try {
	await main();
} catch (error) {
	// After Ctrl-C everything fails that was under way; that is not worth a message.
	if (!leaving) {
		console.error(`\n${error.message}\n`);
		await stopAll();
		process.exit(1);
	}
}

async function main() {
	checkNode();
	if (!(port > 0 && port < 65536))
		throw new Error(`N8N_PORT must be a port number, not "${process.env.N8N_PORT}".`);
	claim(home);
	if (!options.once) await mustBeFree(port);
	await ensureProject();
	await ensureN8n();
	await ensurePackage(home);

	const n8n = n8nAt({ home, out });
	const sandbox = await sandboxFor(process.env);
	await step('Importing credentials and example workflows into n8n, about 10 seconds', async () => {
		await n8n.importCredentials(credentials(sandbox, process.env));
		await n8n.importWorkflows(EXAMPLES);
	});
	const record = await step(`Running the workflow "${MAIN.name}"`, () => n8n.execute(MAIN.id));
	show(join(out, writtenFile(record)));

	if (options.once) {
		await stopAll();
		process.exit(0);
	}
	const editor = await step('Starting the editor, about 10 seconds', () => n8n.startEditor(port));
	editorIsOpen = true;
	console.log(`\n  n8n:      ${editor.url}/workflow/${MAIN.id}`);
	console.log(`  e-mail:   ${editor.login?.email ?? '(the account that you created)'}`);
	console.log(`  password: ${editor.login?.password ?? '(the one that you chose)'}`);
	console.log('\nCtrl-C stops everything.');

	const ended = await Promise.race(
		[editor.task, sandbox?.task].filter(Boolean).map((task) => task.ended.then(() => task)),
	);
	throw new Error(
		`${ended === editor.task ? 'n8n' : 'The sandbox'} ended by itself:\n\n${lastLines(ended.output, 20)}`,
	);
}

/** Two of these in one folder would overwrite each other's credentials. */
function claim(folder) {
	const file = join(folder, 'running.pid');
	const other = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
	if (other && isRunning(other)) {
		throw new Error(
			`Another "npm start" (process ${other}) is running here. Stop it first,` +
				'\nor give this one folders of its own: npm start -- --home FOLDER --out FOLDER',
		);
	}
	mkdirSync(folder, { recursive: true });
	writeFileSync(file, String(process.pid));
	process.on('exit', () => rmSync(file, { force: true }));
}

function isRunning(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

/** Starts the vendors' local servers, unless the environment has a key for each real service. */
async function sandboxFor(env) {
	if (Object.values(CREDENTIALS).every(({ realService }) => env[realService.secretVariable]))
		return undefined;
	return await step('Starting the sandbox of the vendors', async () => {
		let ready;
		const said = new Promise((resolve) => (ready = resolve));
		const task = start(process.execPath, ['--import', 'tsx', 'sandbox/serve.ts'], {
			cwd: PROJECT,
			onLine: ready,
		});
		const first = await Promise.race([said, task.ended.then(() => undefined)]);
		if (!first) throw new Error(`The sandbox did not start:\n\n${lastLines(task.output, 20)}`);
		return { task, ...JSON.parse(first) };
	});
}

/**
 * The credentials for n8n. If the environment has a vendor's key, its credential is for the real service, at the address in the
 * environment or else at the usual one.
 */
function credentials(sandbox, env) {
	return Object.entries(CREDENTIALS).map(([vendor, { id, name, type, secretField, data, realService }]) => {
		const secret = env[realService.secretVariable];
		const baseUrl = secret ? env[realService.baseUrlVariable] : sandbox[vendor].url;
		return {
			id,
			name: `${name} (${secret ? 'real service' : 'sandbox'})`,
			type,
			data: {
				...(baseUrl ? { ...data, baseUrl } : realService.data),
				[secretField]: secret || sandbox[vendor].key,
			},
		};
	});
}

/** The file name that the last node of the workflow gives. */
function writtenFile(record) {
	const { runData, lastNodeExecuted } = record.data.resultData;
	const fileName = runData[lastNodeExecuted].at(-1).data.main[0][0]?.json.fileName;
	if (fileName) return fileName;
	throw new Error(
		'Neither vendor gave a record, so there is no file. Is the time in the node "Period" right?',
	);
}

/** The first rows of each vendor, how many there are, and where. */
function show(file) {
	const rows = parseCsv(readFileSync(file, 'utf8'));
	const vendors = [...new Set(rows.map(({ vendor }) => vendor))];
	const of = (vendor) => rows.filter((row) => row.vendor === vendor);
	console.log(`\n${table(vendors.flatMap((vendor) => of(vendor).slice(0, ROWS_PER_VENDOR)))}`);
	const counts = vendors.map((vendor) => `${of(vendor).length} of ${vendor}`).join(', ');
	console.log(`\n${rows.length} rows${counts && `: ${counts}`}`);
	console.log(`Written to ${relative(PROJECT, file)}`);
}
