// A process between jest and n8n: jest cannot load the modules of `sandbox/` (they are ES modules), and what it starts
// has to end even when a test is torn down in the middle. Each message names a method and its arguments.
import { ensurePackage } from '../../sandbox/install.mjs';
import { n8nAt } from '../../sandbox/n8n.mjs';
import { kill, stopAll } from '../../sandbox/processes.mjs';

const [home, out] = process.argv.slice(2);
const n8n = n8nAt({ home, out });
let editor;
const methods = {
	install: () => ensurePackage(home),
	importCredentials: n8n.importCredentials,
	importWorkflows: n8n.importWorkflows,
	startEditor: async (port, settings) => {
		editor = await n8n.startEditor(port, settings);
		return { ...editor.login, pid: editor.task.child.pid };
	},
	killEditor: async () => await kill(editor.task),
};

process.on('message', async ({ id, method, args }) => {
	try {
		process.send({ id, result: await methods[method](...args) });
	} catch (error) {
		process.send({ id, error: error.message });
	}
});

process.on('disconnect', async () => {
	await stopAll();
	process.exit(0);
});
