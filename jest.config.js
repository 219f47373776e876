/** One project per kind of proof; `npm test` runs them all, `npx jest --selectProjects unit` one. */
const project = (displayName, more = {}) => ({
	displayName,
	cacheDirectory: '<rootDir>/node_modules/.cache/jest',
	testEnvironment: 'node',
	testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.test.json', diagnostics: false }] },
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
		project('e2e'),
	],
};
