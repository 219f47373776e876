// `npm test`: everything that has to hold, one step after the other, from a fresh clone on.
// Arguments narrow the jest run: `npm test -- unit`, `npm test -- e2e -t icons`.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, ensureProject, makeTarball, PROJECT } from '../sandbox/install.mjs';
import { CommandFailed, onInterrupt, run, start, stop } from '../sandbox/processes.mjs';
import { step } from '../sandbox/progress.mjs';

const RESULTS = join(PROJECT, 'node_modules', '.cache', 'jest-results.json');
const JEST_MINUTES = 40;
const count = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const narrowed = process.argv.slice(2);

let leaving = false;
onInterrupt(
	() => (leaving = true),
	() => process.exit(130),
);

try {
	await main();
} catch (error) {
	// After Ctrl-C everything fails that was under way.
	if (leaving) await new Promise(() => {});
	failed('what the tests need', error.message);
}
sumUp();

async function main() {
	checkNode();
	await ensureProject();
	// Only the end-to-end tests need n8n itself. It takes minutes to install, so that is done beside everything else.
	const needsN8n = narrowed.length === 0 || narrowed.some((argument) => argument.includes('e2e'));
	if (needsN8n) console.log('- Beside the next steps: installing n8n, both lines, when they are missing');
	const n8n = needsN8n && run(process.execPath, [join('sandbox', 'ensureN8n.mjs')], { cwd: PROJECT });
	// Whoever waits for it hears of a failure, also of an early one.
	if (n8n) n8n.catch(() => {});

	await check('formatting (prettier)', 'prettier', '--check', '.');
	await check('lint (eslint)', 'eslint', '.', '--max-warnings', '0');
	await check('types of the package', 'tsc', '-p', 'tsconfig.json');
	await check('types of sandbox and tests', 'tsc', '-p', 'tsconfig.test.json');
	await checked('build and pack', makeTarball);
	if (narrowed.length === 0) {
		await jest('unit, contract, node, sandbox, simulation and packaging tests', '--ignoreProjects', 'e2e');
		await step('Waiting until n8n is installed, 10 minutes at most', () => n8n);
		await jest('end-to-end tests, about 15 minutes', '--selectProjects', 'e2e');
	} else {
		if (n8n) await step('Waiting until n8n is installed, 10 minutes at most', () => n8n);
		await jest(narrowed.join(' '), ...narrowed);
	}
}

/** One development tool as one test. */
async function check(title, tool, ...args) {
	await checked(title, () => run(process.execPath, [bin(tool), ...args], { cwd: PROJECT }));
}

async function checked(title, work) {
	try {
		await step(title, work);
		count.passed++;
	} catch (error) {
		if (leaving) throw error;
		failed(title, error instanceof CommandFailed ? error.output : error.message);
	}
}

/** Runs jest, with its own output as it comes; the numbers are taken from its report. */
async function jest(title, ...which) {
	console.log(`\n- jest: ${title}\n`);
	rmSync(RESULTS, { force: true });
	// Most of the end-to-end tests wait most of the time, so two files share two cores well.
	const args = [bin('jest'), '--maxWorkers=2', '--json', `--outputFile=${RESULTS}`, ...which];
	const task = start(process.execPath, args, { cwd: PROJECT, live: true });
	// jest itself ends a test that hangs, but not a file that keeps the process alive.
	const watch = setTimeout(() => stop(task), JEST_MINUTES * 60_000);
	const { reason } = await task.ended;
	clearTimeout(watch);
	const report = readReport();
	if (!report) return failed('jest', `it gave no report (${reason}); it has ${JEST_MINUTES} minutes`);
	if (report.numTotalTests === 0 && report.numTotalTestSuites === 0) return failed('jest', 'no test was run');
	count.passed += report.numPassedTests;
	count.skipped += report.numPendingTests + report.numTodoTests;
	// A file that does not even load has no tests that could fail, so it counts itself.
	count.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
	for (const suite of report.testResults.filter(({ status }) => status === 'failed'))
		failures.push(suite.name.slice(PROJECT.length + 1));
}

function readReport() {
	try {
		return JSON.parse(readFileSync(RESULTS, 'utf8'));
	} catch {
		return undefined;
	}
}

function failed(title, output) {
	count.failed++;
	failures.push(title);
	console.log(`\n${output.trimEnd()}\n`);
}

function bin(tool) {
	return join(PROJECT, 'node_modules', '.bin', tool);
}

function sumUp() {
	if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
	console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
	process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
}
