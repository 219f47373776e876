/**
 * Code in jest runs in a context of its own, in which each look at a global takes ten times as long, but for these. A library that
 * gives something of its own such a name does not load with them.
 */
const FAST_GLOBALS = [
	...['Array', 'Date', 'Error', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'RegExp'],
	...['Set', 'String', 'isNaN', 'parseInt'],
];

/** One project per kind of proof; `npm test` runs them all, `npx jest --selectProjects unit` one. */
const project = (displayName, more = {}) => ({
	displayName,
	cacheDirectory: '<rootDir>/node_modules/.cache/jest',
	testEnvironment: 'node',
	sandboxInjectedGlobals: FAST_GLOBALS,
	testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
	transform: { '^.+\\.ts$': ['<rootDir>/test/support/esbuild.js', { target: 'es2022' }] },
	modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/sandbox/n8n', '<rootDir>/sandbox/.n8n-home'],
	setupFilesAfterEnv: ['<rootDir>/test/support/setup.ts', '<rootDir>/test/support/fewerRuns.ts'],
	...more,
});

module.exports = {
	testSequencer: '<rootDir>/test/slowestFirst.js',
	testTimeout: 60_000,
	projects: [
		project('unit'),
		project('contract'),
		project('node'),
		project('sandbox'),
		project('simulation'),
		project('packaging'),
		// What takes long here runs in n8n's own process.
		project('e2e', { sandboxInjectedGlobals: [] }),
	],
};
