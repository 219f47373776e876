// `npm run bench` prepares and runs the benchmark. `npm run bench -- --smoke` tests it in a minute; `npm run bench -- --only
// memory,export` measures a part.
import { join } from 'node:path';
import { checkNode, ensureN8n, ensureProject, makeTarball, PROJECT } from '../sandbox/install.mjs';
import { onInterrupt, start, stopAll } from '../sandbox/processes.mjs';
import { step } from '../sandbox/progress.mjs';

onInterrupt(
	() => {},
	() => process.exit(130),
);

try {
	checkNode();
	await ensureProject();
	await ensureN8n();
	await step('Building the package', makeTarball);
	const args = ['--import', 'tsx', join('bench', 'bench.ts'), ...process.argv.slice(2)];
	const { code } = await start(process.execPath, args, { cwd: PROJECT, live: true }).ended;
	process.exitCode = code;
} catch (error) {
	console.error(error.message);
	process.exitCode = 1;
} finally {
	await stopAll();
}
