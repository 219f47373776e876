import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

interface Workflow {
	id: string;
	name: string;
	nodes: Array<{
		name: string;
		parameters: object;
		credentials: Record<string, { id: string; name: string }>;
	}>;
	connections: object;
	settings: object;
	active?: boolean;
	isArchived?: boolean;
}

const workflow = (id: string, text: string): Workflow => ({
	id,
	name: `Example ${id}`,
	nodes: [
		{
			name: 'Note',
			parameters: { text, size: 1 },
			credentials: { spiriiApi: { id: 'spirii', name: 'Spirii' } },
		},
	],
	connections: {},
	settings: { executionOrder: 'v1' },
});

describe('the examples in n8n at npm start', () => {
	let home: string;
	let shipped: string;
	/** What n8n holds, and what each start imported. */
	let inN8n: Workflow[];

	beforeEach(() => {
		home = mkdtempSync(join(tmpdir(), 'ev-charging-import-'));
		shipped = join(home, 'shipped');
		mkdirSync(shipped);
		mkdirSync(join(home, '.n8n'));
		inN8n = [];
		for (const id of ['one', 'two', 'three']) ship(workflow(id, 'as shipped'));
	});
	afterEach(() => rmSync(home, { recursive: true, force: true }));

	function ship(example: Workflow): void {
		writeFileSync(join(shipped, `${example.id}.json`), JSON.stringify(example));
	}

	/** A start with a stand-in for n8n that holds workflows as n8n does: with fields of its own, keys in another order, and credentials by their present name. */
	function start(all = false) {
		const script = `
			import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
			import { importExamples } from './sandbox/examples.mjs';
			const { home, shipped, inN8n, all } = JSON.parse(process.env.CASE);
			const imported = [];
			const n8n = {
				home,
				workflows: async () => inN8n,
				importWorkflows: async (folder) => {
					writeFileSync(home + '/.n8n/database.sqlite', '');
					for (const file of readdirSync(folder)) imported.push(JSON.parse(readFileSync(folder + '/' + file, 'utf8')));
				},
			};
			const kept = await importExamples(n8n, shipped, all);
			console.log(JSON.stringify({ kept, imported }));
		`;
		const env = { ...process.env, CASE: JSON.stringify({ home, shipped, inN8n, all }) };
		const args = ['--input-type=module', '-e', script];
		const printed = execFileSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' });
		const { kept, imported } = JSON.parse(printed) as {
			kept: Array<{ id: string; name: string }>;
			imported: Workflow[];
		};
		const ids = imported.map(({ id }) => id);
		const stored = imported.map(({ nodes, ...rest }) => ({
			active: false,
			isArchived: false,
			versionId: 'of n8n',
			nodes: nodes.map(({ parameters, name }) => ({
				credentials: { spiriiApi: { id: 'spirii', name: 'Spirii (sandbox)' } },
				parameters,
				name,
			})),
			...rest,
		}));
		inN8n = [...inN8n.filter(({ id }) => !ids.includes(id)), ...stored];
		return { kept: kept.map(({ name }) => name), imported: ids.sort() };
	}

	const own = (id: string) => inN8n.find((one) => one.id === id) as Workflow;
	const change = (id: string, patch: Partial<Workflow>) => Object.assign(own(id), patch);

	it('are all imported at the first start, and none again as long as nothing changes', () => {
		expect(start()).toEqual({ kept: [], imported: ['one', 'three', 'two'] });
		expect(start()).toEqual({ kept: [], imported: [] });
		expect(readdirSync(home).sort()).toEqual(['.n8n', 'examples-imported.json', 'shipped']);
	});

	it.each([
		['a parameter', { nodes: workflow('two', 'my own').nodes }],
		['the name', { name: 'Mine' }],
		[
			'a credential',
			{
				nodes: workflow('two', 'as shipped').nodes.map((node) => ({
					...node,
					credentials: { spiriiApi: { id: 'another', name: 'Spirii' } },
				})),
			},
		],
		['the settings', { settings: { executionOrder: 'v1', timezone: 'Europe/Copenhagen' } }],
		['that it is published', { active: true }],
		['that it is archived', { isArchived: true }],
	])('keep what a person changed: %s', (_, patch) => {
		start();
		change('two', patch);
		expect(start()).toEqual({ kept: [own('two').name], imported: [] });
		// Also when another version is shipped, start after start.
		ship(workflow('two', 'a newer version'));
		ship(workflow('three', 'a newer version'));
		expect(start()).toEqual({ kept: [own('two').name], imported: ['three'] });
		expect(start()).toEqual({ kept: [own('two').name], imported: [] });
		expect(own('two')).toMatchObject(patch);
	});

	it('are imported again after they were deleted, and follow a newer version where nobody changed them', () => {
		start();
		inN8n = inN8n.filter(({ id }) => id !== 'one');
		ship(workflow('two', 'a newer version'));
		expect(start()).toEqual({ kept: [], imported: ['one', 'two'] });
		expect(start()).toEqual({ kept: [], imported: [] });
	});

	it('are all put back on request, and count as unchanged from then on', () => {
		start();
		change('two', { name: 'Mine' });
		expect(start(true)).toEqual({ kept: [], imported: ['one', 'three', 'two'] });
		expect(own('two').name).toBe('Example two');
		expect(start()).toEqual({ kept: [], imported: [] });
	});

	it('of a folder that was made before such a record was kept: those that differ are kept', () => {
		start();
		change('two', { name: 'Mine' });
		rmSync(join(home, 'examples-imported.json'));
		expect(start()).toEqual({ kept: ['Mine'], imported: [] });
	});
});
