import { readdirSync } from 'node:fs';

import js from '@eslint/js';
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import nodesBase from 'eslint-plugin-n8n-nodes-base';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The rooms of `nodes/shared`, floor by floor: none imports from a floor above its own. */
const FLOORS = [
	['util'],
	['http', 'parameters'],
	['paging', 'session'],
	['sync', 'formats', 'reports'],
	['node'],
];

const inShared = (rooms) => rooms.map((room) => `./nodes/shared/${room}`);

/** What knows all vendors: the registry, and the node that works on the records of each. */
const ABOVE_VENDORS = ['./nodes/vendors.ts', './nodes/EvCharging'];

/** Every other folder of `nodes/` is a vendor's. */
const VENDORS = readdirSync('nodes', { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.map(({ name }) => `./nodes/${name}`)
	.filter((folder) => folder !== './nodes/shared' && !ABOVE_VENDORS.includes(folder));

const LAYERS = [
	...FLOORS.map((rooms, floor) => ({
		target: inShared(rooms),
		from: inShared(FLOORS.slice(floor + 1).flat()),
		message: 'A lower room knows nothing of a higher one.',
	})),
	{
		target: './nodes/shared',
		from: [...VENDORS, ...ABOVE_VENDORS],
		message: 'Shared code knows no vendor.',
	},
	...VENDORS.map((vendor) => ({
		target: vendor,
		from: [...VENDORS.filter((other) => other !== vendor), ...ABOVE_VENDORS],
		message: 'Vendors know nothing of each other.',
	})),
].filter(({ from }) => from.length > 0);

// The rules that n8n's own command line tool applies to community nodes, with its exceptions.
export default tseslint.config(
	globalIgnores(['dist', 'coverage', 'sandbox/n8n', 'sandbox/n8n-1', 'sandbox/.n8n-home']),
	{
		files: ['**/*.ts'],
		extends: [js.configs.recommended, tseslint.configs.recommended, importX.flatConfigs.recommended],
		settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
		rules: { 'no-console': 'error', 'prefer-spread': 'off' },
	},
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		extends: [n8nCommunityNodesPlugin.configs.recommended],
		rules: {
			'import-x/no-restricted-paths': ['error', { zones: LAYERS }],
			'import-x/no-cycle': 'error',
			// n8n's rule also allows every devDependency. big.js is one that is bundled.
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						{
							regex: '^(?!\\.|(n8n-workflow|node:crypto|big\\.js)$)',
							message: 'Only n8n-workflow, node:crypto, big.js and own files are imported here.',
						},
					],
				},
			],
		},
	},
	{
		files: ['package.json'],
		extends: [n8nCommunityNodesPlugin.configs.recommended],
		plugins: { 'n8n-nodes-base': nodesBase },
		rules: { ...nodesBase.configs.community.rules },
		languageOptions: {
			parser: tseslint.parser,
			parserOptions: { extraFileExtensions: ['.json'] },
		},
	},
	{
		files: ['credentials/**/*.ts'],
		plugins: { 'n8n-nodes-base': nodesBase },
		rules: {
			...nodesBase.configs.credentials.rules,
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts'],
		plugins: { 'n8n-nodes-base': nodesBase },
		rules: {
			...nodesBase.configs.nodes.rules,
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
);
