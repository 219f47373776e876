// `npm run bench` prepares and runs the benchmark. `npm run bench -- --smoke` tests it in a minute; `npm run bench -- --only
// memory,export` measures a part.
import { join } from 'node:path';
import { orSay, readOptions, UsageError } from '../sandbox/commandLine.mjs';
import { checkNode, ensureN8n, ensureProject, makeTarball, PROJECT } from '../sandbox/install.mjs';
import { onInterrupt, start, stopAll } from '../sandbox/processes.mjs';
import { step } from '../sandbox/progress.mjs';

const PARTS = ['speed', 'memory', 'export', 'largest', 'load'];
const HELP = `Measures the package beside what could be used in its place, and writes
docs/performance.md: about two hours.

  npm run bench

  --smoke        tries it in a minute and writes nothing
  --only PARTS   a part of it, such as memory,export
  --help         this text
`;

orSay(() => {
	const options = { smoke: { type: 'boolean' }, only: { type: 'string', value: 'PARTS' } };
	const { only = '' } = readOptions('npm run bench', HELP, options);
	const unknown = only.split(',').find((part) => part && !PARTS.includes(part));
	if (unknown) throw new UsageError(`"${unknown}" is no part. The parts are: ${PARTS.join(', ')}`);
});

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
