// A process between jest and n8n: jest cannot load the modules of `sandbox/` (they are ES modules), and what it starts
// has to end even when a test is torn down in the middle. Each message names a method and its arguments.
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensurePackage } from '../../sandbox/install.mjs';
import { n8nAt } from '../../sandbox/n8n.mjs';
import { kill, onInterrupt, stopAll } from '../../sandbox/processes.mjs';
import { copyPreparedHome } from './preparedHome.mjs';

const [home, out, settingsJson, lineJson] = process.argv.slice(2);
const settings = JSON.parse(settingsJson);
const line = JSON.parse(lineJson);
const n8n = n8nAt({ home, out, settings, line });
let editor;
/** By name. */
const workers = {};
const methods = {
	install: () => ensurePackage(home),
	copyPreparedHome: () => copyPreparedHome(home, line),
	importCredentials: n8n.importCredentials,
	importWorkflows: n8n.importWorkflows,
	startEditor: async (port) => {
		editor = await n8n.startEditor(port);
		return { ...editor.login, pid: editor.task.child.pid };
	},
	killEditor: async () => await kill(editor.task),
	startWorker: async (name, port) => {
		// As on a machine of its own: with its own user folder, and the same package in that.
		const worker = n8nAt({ home: join(dirname(home), name), out, settings, line });
		const packages = join('.n8n', 'nodes');
		cpSync(join(home, packages), join(worker.home, packages), { recursive: true });
		workers[name] = await worker.startWorker(port);
	},
	killWorker: async (name) => await kill(workers[name].task),
};

process.on('message', async ({ id, method, args }) => {
	try {
		process.send({ id, result: await methods[method](...args) });
	} catch (error) {
		process.send({ id, error: error.message });
	}
});

// A signal to all of the tests' processes reaches this one as well, but not n8n, which has a group of its own.
onInterrupt(
	() => {},
	() => process.exit(0),
);

process.on('disconnect', async () => {
	await stopAll();
	process.exit(0);
});
