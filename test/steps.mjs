// What `npm test` and `npm run check` are made of: development tools and jest, each counted, and the line that sums up.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../sandbox/commandLine.mjs';
import { PROJECT } from '../sandbox/install.mjs';
import { CommandFailed, onInterrupt, run, start, stop } from '../sandbox/processes.mjs';
import { sideStep, step } from '../sandbox/progress.mjs';

const CACHE = join('node_modules', '.cache');
const JEST_MINUTES = 60;

/**
 * The development tools, each by what it looks at. Those that decide about a file by that file alone keep what they found, and so
 * does the compiler, which knows what depends on what.
 */
export const TOOLS = {
	format: ['formatting (prettier)', 'prettier', '--check', '.', '--cache', '--cache-strategy', 'content'],
	lint: ['lint (eslint)', 'eslint', '.', '--max-warnings', '0'],
	/** For in between: a circle of imports through a file that did not change is seen by `lint` alone. */
	lintOfChanges: [
		'lint of what changed (eslint)',
		...['eslint', '.', '--max-warnings', '0', '--cache', '--cache-strategy', 'content'],
		...['--cache-location', join(CACHE, 'eslint')],
	],
	types: ['types of the package (tsc)', 'tsc', '-p', 'tsconfig.json'],
	typesOfTests: ['types of sandbox and tests (tsc)', 'tsc', '-p', 'tsconfig.test.json'],
};

const count = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
let leaving = false;
let jestRuns = 0;

/** Does all the work, then says what came of it. */
export async function sumUpAfter(work) {
	onInterrupt(
		() => (leaving = true),
		() => process.exit(130),
	);
	try {
		await work();
	} catch (error) {
		// After Ctrl-C everything fails that was under way.
		if (leaving) await new Promise(() => {});
		if (error instanceof UsageError) {
			console.error(error.message);
			process.exit(1);
		}
		failed('what the tests need', error.message);
	}
	if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
	console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
	process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
}

/**
 * Lists of work: what is in one list is done in order, the lists side by side.
 * @param {string} title
 * @param {Array<Array<() => Promise<void>>>} lists
 */
export async function sideBySide(title, ...lists) {
	const inOrder = async (list) => {
		for (const work of list) await work();
	};
	await step(title, async () => await Promise.all(lists.map(inOrder)));
}

/** One development tool as one test, beside others. */
export async function tool([title, name, ...args]) {
	await checked(sideStep, title, () => run(process.execPath, [bin(name), ...args], { cwd: PROJECT }));
}

/** Any work as one test. */
export async function checked(show, title, work) {
	try {
		await show(title, work);
		count.passed++;
	} catch (error) {
		if (leaving) throw error;
		failed(title, error instanceof CommandFailed ? error.output : error.message);
	}
}

/** Runs jest, with its own output as it comes; the numbers are taken from its report. */
export async function jest(title, ...which) {
	console.log(`\n- jest: ${title}\n`);
	await runJest(which, { live: true });
}

/** Runs jest beside something else: its output is shown when a test fails, and then its end. */
export async function quietJest(title, env, ...which) {
	await sideStep(title, async () => {
		const before = count.failed;
		const output = await runJest(which, { env: { ...process.env, ...env } });
		if (count.failed > before) console.log(`\n${output.trimEnd()}\n`);
	});
}

async function runJest(which, options) {
	const results = join(PROJECT, CACHE, `jest-results-${process.pid}-${++jestRuns}.json`);
	const workers = which.some((argument) => argument.startsWith('--maxWorkers')) ? [] : ['--maxWorkers=2'];
	const args = [bin('jest'), ...workers, '--json', `--outputFile=${results}`, ...which];
	const task = start(process.execPath, args, { cwd: PROJECT, ...options });
	// jest itself ends a test that hangs, but not a file that keeps the process alive.
	const watch = setTimeout(() => stop(task), JEST_MINUTES * 60_000);
	const { reason } = await task.ended;
	clearTimeout(watch);
	const report = read(results);
	rmSync(results, { force: true });
	if (!report) failed('jest', `it gave no report (${reason}); it has ${JEST_MINUTES} minutes`);
	else if (report.numTotalTests === 0 && report.numTotalTestSuites === 0) failed('jest', 'no test was run');
	else add(report);
	return task.output;
}

function add(report) {
	count.passed += report.numPassedTests;
	count.skipped += report.numPendingTests + report.numTodoTests;
	// A file that does not even load has no tests that could fail, so it counts itself.
	count.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
	for (const suite of report.testResults.filter(({ status }) => status === 'failed'))
		failures.push(suite.name.slice(PROJECT.length + 1));
}

function read(file) {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
}

function failed(title, output) {
	count.failed++;
	failures.push(title);
	console.log(`\n${output.trimEnd()}\n`);
}

function bin(name) {
	return join(PROJECT, 'node_modules', '.bin', name);
}
