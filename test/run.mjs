// `npm test`: everything that has to hold, one step after the other, from a fresh clone on.
// Arguments name parts, or narrow the jest run: `npm test -- unit`, `npm test -- e2e -t icons`. Then nothing comes before jest but what
// those tests need.
import { join } from 'node:path';
import { UsageError } from '../sandbox/commandLine.mjs';
import { checkNode, ensureProject, ensureTarball, makeTarball, PROJECT } from '../sandbox/install.mjs';
import { CommandFailed, lastLines, run } from '../sandbox/processes.mjs';
import { sideStep, step } from '../sandbox/progress.mjs';
import { ensurePreparedHome } from './e2e/preparedHome.mjs';
import { checked, jest, sideBySide, sumUpAfter, tool, TOOLS } from './steps.mjs';

const PARTS = ['unit', 'contract', 'node', 'sandbox', 'simulation', 'packaging', 'e2e'];
/** Runs alone: beside others V8 collects later, and the figure would tell of them. */
const MEASURES_MEMORY = 'e2e/records';
const HELP = `Runs everything that has to hold, from a fresh clone on: about 20 minutes.

  npm test
  npm test -- unit node         parts, and nothing before them:
                                ${PARTS.join(', ').replace(', packaging', ',\n                                packaging')}
  npm test -- e2e browser       of a part, the files with that in their path
  npm test -- unit -t currency  of a part, the tests with that in their name

Other options go to jest: npx jest --help
`;

const wanted = process.argv.slice(2);
if (wanted.includes('--help') || wanted.includes('-h')) {
	process.stdout.write(HELP);
	process.exit(0);
}

await sumUpAfter(async () => {
	checkNode();
	await ensureProject();
	await (wanted.length === 0 ? everything() : some());
});

async function everything() {
	// Only the end-to-end tests need n8n itself. It takes minutes to install, so that is done beside everything else.
	console.log('- Beside the next steps: installing n8n, both lines, when they are missing');
	const n8n = installN8n();
	// Whoever waits for it hears of a failure, also of an early one.
	n8n.catch(() => {});
	await sideBySide(
		'Formatting, lint, types and the package side by side, about 1 minute',
		[() => tool(TOOLS.types), () => checked(sideStep, 'build and pack', makeTarball), () => tool(TOOLS.lint)],
		[() => tool(TOOLS.typesOfTests), () => tool(TOOLS.format)],
	);
	await jest('all but the end-to-end tests', ...PARTS.filter((part) => part !== 'e2e').flatMap(project));
	await step('Waiting until n8n is installed, 10 minutes at most', () => n8n);
	await prepareN8n();
	// On two cores three, since one of them waits for a poll or for n8n to start.
	const busy = ['--maxWorkers=3', `--testPathIgnorePatterns=${MEASURES_MEMORY}`];
	await jest('end-to-end tests, about 10 minutes', ...project('e2e'), ...busy);
	await jest('exports of a million records, about 5 minutes', MEASURES_MEMORY, ...project('e2e'));
}

async function some() {
	const parts = wanted.filter((argument) => PARTS.includes(argument));
	const others = wanted.filter((argument) => !PARTS.includes(argument));
	const files = await filesOf([...others, ...parts.flatMap(project)]);
	if (files.some((file) => file.includes(join('test', 'e2e')))) {
		await step('Installing n8n, both lines, when they are missing', installN8n);
		await ensureTarball();
		await prepareN8n();
	}
	await jest(wanted.join(' '), ...others, ...parts.flatMap(project));
}

/** The files that jest would run: a part, file or option that does not exist is said before anything else is done. */
async function filesOf(args) {
	const jest = join(PROJECT, 'node_modules', '.bin', 'jest');
	let listed;
	try {
		listed = await run(process.execPath, [jest, '--listTests', ...args], { cwd: PROJECT });
	} catch (error) {
		if (!(error instanceof CommandFailed)) throw error;
		const why = /^ *(Unrecognized option.*)$/m.exec(error.output)?.[1] ?? lastLines(error.output, 1);
		throw new UsageError(`${why}\nHow to call it: npm test -- --help`);
	}
	const files = listed.split('\n').filter((line) => line.startsWith(PROJECT));
	if (files.length > 0) return files;
	throw new UsageError(
		`No test file for "${wanted.join(' ')}".\nThe parts are: ${PARTS.join(', ')}.\nHow to call it: npm test -- --help`,
	);
}

/** The arguments of jest for one part. */
function project(part) {
	return ['--selectProjects', part];
}

async function installN8n() {
	await run(process.execPath, [join('sandbox', 'ensureN8n.mjs')], { cwd: PROJECT });
}

async function prepareN8n() {
	await sideStep('Starting n8n for the first time, both lines', () =>
		Promise.all([2, 1].map(ensurePreparedHome)),
	);
}
