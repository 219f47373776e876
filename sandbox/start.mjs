// `npm start`: from a fresh clone to charging records of both vendors in one CSV file, made by a real n8n,
// and then its editor. `--once` ends after the file.
import {
	accessSync,
	constants,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { orSay, readOptions, UsageError } from './commandLine.mjs';
import { importExamples } from './examples.mjs';
import { checkNode, ensureN8n, ensurePackage, ensureProject, PROJECT } from './install.mjs';
import { mustBeFree, n8nAt } from './n8n.mjs';
import { commandOf, lastLines, onInterrupt, start, stopAll } from './processes.mjs';
import { fitted, step } from './progress.mjs';
import { parseCsv, table } from './table.mjs';

const EXAMPLES = join(PROJECT, 'examples');
const MAIN = JSON.parse(readFileSync(join(EXAMPLES, 'both-vendors-to-csv.json'), 'utf8'));
const HOUR_MS = 3_600_000;
const ROWS_PER_VENDOR = 5;
/** With these numbers the sessions of both vendors reach back for two months. */
const SANDBOX_SIZE = ['--records', '240', '--per-charger', '105'];

/** The credential of each vendor by the vendor's name: `sandbox/<name>/credential.json`. */
const CREDENTIALS = Object.fromEntries(
	readdirSync(join(PROJECT, 'sandbox'))
		.map((name) => [name, join(PROJECT, 'sandbox', name, 'credential.json')])
		.filter(([, file]) => existsSync(file))
		.map(([name, file]) => [name, JSON.parse(readFileSync(file, 'utf8'))]),
);

const HELP = `Starts a real n8n with these nodes and the examples. The vendors are
servers on this machine with invented data, so no key is needed.

  npm start                     writes charging sessions to a CSV file, then
                                opens the editor at http://localhost:5678
  npm start -- --once           ends after the file is written
  npm start -- --restore        puts the examples back as they are shipped,
                                also those that you changed

  --home FOLDER   user folder of n8n: database, keys (sandbox/.n8n-home)
  --out FOLDER    where workflows may write files (sandbox/out)
  --help          this text

Environment: N8N_PORT for another port of the editor. SPIRII_API_KEY or
VOLT_TIME_TOKEN reads the real service instead (SPIRII_BASE_URL or
VOLT_TIME_BASE_URL for another address of it).
`;

const options = orSay(() =>
	readOptions('npm start', HELP, {
		once: { type: 'boolean', default: false },
		restore: { type: 'boolean', default: false },
		home: { type: 'string', value: 'FOLDER', default: join(PROJECT, 'sandbox', '.n8n-home') },
		out: { type: 'string', value: 'FOLDER', default: join(PROJECT, 'sandbox', 'out') },
	}),
);
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
	if (!(Number.isInteger(port) && port > 0 && port < 65536))
		throw new Error(`N8N_PORT must be a port number, not "${process.env.N8N_PORT}".`);
	mustBeWritable('--home', home);
	mustBeWritable('--out', out);
	claim(home);
	// A file with keys in clear, which earlier versions could leave behind.
	rmSync(join(home, 'credentials.json'), { force: true });
	if (!options.once) await mustBeFree(port);
	await ensureProject();
	await ensureN8n();
	await ensurePackage(home);

	const sandbox = await sandboxFor(process.env);
	const { startStandIns, withStandInsForPerson } = await standInModule();
	const standIns = options.once ? undefined : await startStandIns({ folder: out, say });
	const n8n = n8nAt({ home, out, settings: standIns?.settings });
	const kept = await step('Importing credentials and examples into n8n, about 20 seconds', async () => {
		await n8n.importCredentials([...credentials(sandbox, process.env), ...(standIns?.credentials ?? [])]);
		return await importExamples(n8n, EXAMPLES, options.restore, withStandInsForPerson);
	});
	if (kept.length > 0) {
		const names = kept.map(({ name }) => `"${name}"`).join(', ');
		const them = kept.length > 1 ? 'them' : 'it';
		console.log(`Kept as you changed ${them}: ${names}. As shipped again: npm start -- --restore`);
	}
	await runMain(
		n8n,
		sandbox,
		kept.some(({ id }) => id === MAIN.id),
	);

	if (options.once) {
		await stopAll();
		process.exit(0);
	}
	const editor = await step('Starting the editor, about 20 seconds', () => n8n.startEditor(port));
	editorIsOpen = true;
	console.log(`\n  n8n:      ${editor.url}/workflow/${MAIN.id}`);
	console.log(`  e-mail:   ${editor.login?.email ?? '(the account that you created)'}`);
	console.log(`  password: ${editor.login?.password ?? '(the one that you chose)'}`);
	console.log('\nE-mails, and what goes to Slack, Google Sheets and the ERP, stay on this');
	console.log('machine and are shown here. PostgreSQL is a database in memory.');
	console.log('\nCtrl-C stops everything.');

	const ended = await Promise.race(
		[editor.task, sandbox?.task].filter(Boolean).map((task) => task.ended.then(() => task)),
	);
	throw new Error(
		`${ended === editor.task ? 'n8n' : 'The sandbox'} ended by itself:\n\n${lastLines(ended.output, 20)}`,
	);
}

/** Runs the first example and shows its file. If a person changed it, its failure does not keep the editor closed. */
async function runMain(n8n, sandbox, isChanged) {
	try {
		const record = await step(`Running the workflow "${MAIN.name}"`, () => n8n.execute(MAIN.id));
		show(join(out, writtenFile(record)), sandbox);
	} catch (error) {
		if (leaving || !isChanged || options.once) throw error;
		console.log(`\n${error.message}`);
	}
}

/** Two of these in one folder would overwrite each other's credentials. */
function claim(folder) {
	const file = join(folder, 'running.pid');
	const other = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
	// After a crash or a restart of the machine the number may be that of any other program.
	if (other && commandOf(other)?.includes(basename(fileURLToPath(import.meta.url)))) {
		throw new Error(
			`Another "npm start" (process ${other}) is running here. Stop it first,` +
				'\nor give this one folders of its own: npm start -- --home FOLDER --out FOLDER',
		);
	}
	writeFileSync(file, String(process.pid));
	process.on('exit', () => rmSync(file, { force: true }));
}

/** Creates a folder that an option names, or says why it cannot be used. */
function mustBeWritable(option, folder) {
	try {
		mkdirSync(folder, { recursive: true });
		accessSync(folder, constants.W_OK);
	} catch ({ code, message }) {
		const why =
			{
				EEXIST: 'it is a file',
				ENOTDIR: 'a part of it is a file',
				EACCES: 'you may not write there',
				EROFS: 'it is read-only',
			}[code] ?? message;
		throw new UsageError(
			`${folder} cannot be used: ${why}.\nName another folder: npm start -- ${option} FOLDER`,
		);
	}
}

/** Starts the vendors' local servers, unless the environment has a key for each real service. */
async function sandboxFor(env) {
	if (Object.values(CREDENTIALS).every(({ realService }) => env[realService.secretVariable]))
		return undefined;
	return await step('Starting the sandbox of the vendors', async () => {
		let ready;
		const said = new Promise((resolve) => (ready = resolve));
		// Up to the last full hour, so that two starts soon after one another have the same data.
		const now = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS).toISOString();
		const args = ['--import', 'tsx', 'sandbox/serve.ts', '--now', now, ...SANDBOX_SIZE];
		const task = start(process.execPath, args, { cwd: PROJECT, onLine: ready });
		const first = await Promise.race([said, task.ended.then(() => undefined)]);
		if (!first) throw new Error(`The sandbox did not start:\n\n${lastLines(task.output, 20)}`);
		return { task, ...JSON.parse(first) };
	});
}

/** Installed by the first start, as its compiler is. */
async function standInModule() {
	const { tsImport } = await import('tsx/esm/api');
	return await tsImport('./standIns/index.ts', import.meta.url);
}

/** Shows what came to a stand-in. */
function say(line) {
	console.log(fitted(line.replace(`${PROJECT}/`, '')));
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
		'Neither vendor gave a session, so there is no file. Is "Period" right in the nodes of both?',
	);
}

/** The first rows of each vendor, those with a price before the others, how many there are, and where. */
function show(file, sandbox) {
	// A person may have changed which columns the example writes.
	const vendorIn = ({ source, sessionKey }) => source ?? sessionKey?.split(':')[0] ?? '';
	const rows = parseCsv(readFileSync(file, 'utf8')).map((row) => ({ ...row, source: vendorIn(row) }));
	const vendors = [...new Set(rows.map(({ source }) => source))];
	const of = (vendor) => rows.filter(({ source }) => source === vendor);
	const firstOf = (vendor) => {
		const hasPrice = ({ amountInclVat }) => Number(amountInclVat) > 0;
		const sorted = [...of(vendor).filter(hasPrice), ...of(vendor).filter((row) => !hasPrice(row))];
		return sorted.slice(0, ROWS_PER_VENDOR);
	};
	console.log(`\n${table(vendors.flatMap(firstOf))}`);
	const counts = vendors
		.filter(Boolean)
		.map((vendor) => `${of(vendor).length} of ${vendor}`)
		.join(', ');
	console.log(`\n${rows.length} rows${counts && `: ${counts}`}`);
	console.log(`Written to ${relative(PROJECT, file)}`);
	if (sandbox) console.log('The data of the sandbox are invented.');
}
