import { execFileSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	readdirSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const root = join(__dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'ev-charging-package-'));
const unpacked = join(work, 'package');

interface PackageJson {
	name: string;
	scripts: Record<string, string>;
	keywords: string[];
	files: string[];
	license: string;
	n8n: { credentials: string[]; nodes: string[] };
	dependencies?: object;
	overrides?: object;
	peerDependencies: object;
}
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;

function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)))
		.sort();
}

function scan(folder: string, kind: 'sources' | 'tarball') {
	const output = execFileSync('node', [join(__dirname, 'scan.mjs'), folder, kind], {
		cwd: root,
		// Under jest's NODE_ENV the linter behind the scanner takes every file for one of its own tests.
		env: { ...process.env, NODE_ENV: 'production' },
		encoding: 'utf8',
	});
	return JSON.parse(output) as { passed: boolean; message?: string; details?: string };
}

beforeAll(() => {
	execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe' });
	const tarball = execFileSync('npm', ['pack', '--silent', '--pack-destination', work], {
		cwd: root,
		encoding: 'utf8',
	}).trim();
	execFileSync('tar', ['-xzf', join(work, tarball), '-C', work]);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

test('the tarball holds dist, README, license and package.json, and nothing else', () => {
	const outside = filesIn(unpacked).filter((file) => !file.startsWith('dist/'));
	expect(outside).toEqual(['LICENSE.md', 'README.md', 'package.json']);
	const kinds = filesIn(join(unpacked, 'dist')).map((file) =>
		file.replace(/^.*?(\.node\.json|\.\w+)$/, '$1'),
	);
	expect([...new Set(kinds)].sort()).toEqual(['.js', '.node.json', '.svg']);
});

// Two versions of each vendor's API, triggers and statements, with names that a reader of the package can follow: white space alone is
// left out. n8n reads it once.
test('what n8n loads is small', () => {
	const dist = join(unpacked, 'dist');
	const bytes = filesIn(dist).reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
	expect(bytes).toBeLessThan(480_000);
});

test('package.json says what n8n asks of a community package', () => {
	expect(packageJson.name).toBe('n8n-nodes-ev-charging');
	expect(packageJson.license).toBe('MIT');
	expect(packageJson.keywords).toContain('n8n-community-node-package');
	expect(packageJson.files).toEqual(['dist']);
	expect(packageJson.peerDependencies).toEqual({ 'n8n-workflow': '*' });
	expect(packageJson.dependencies).toBeUndefined();
	expect(packageJson.overrides).toBeUndefined();
	const forbidden = [
		'prepare',
		'preinstall',
		'install',
		'postinstall',
		'prepublish',
		'preprepare',
		'postprepare',
	];
	expect(Object.keys(packageJson.scripts).filter((name) => forbidden.includes(name))).toEqual([]);
});

test("n8n's scanner finds nothing in the sources", () => {
	expect(scan(root, 'sources')).toEqual({ passed: true });
});

test("n8n's scanner finds nothing in the tarball", () => {
	expect(scan(unpacked, 'tarball')).toEqual({ passed: true });
});

test("n8n's scanner would find a timer in a node", () => {
	const spoiled = join(work, 'spoiled');
	cpSync(unpacked, spoiled, { recursive: true });
	const file = join(spoiled, 'dist/nodes/index.js');
	writeFileSync(file, `${readFileSync(file, 'utf8')}\nsetTimeout(() => {}, 1);\n`);
	expect(scan(spoiled, 'tarball').passed).toBe(false);
});

test('no rule is switched off in nodes and credentials', () => {
	for (const folder of ['nodes', 'credentials']) {
		for (const file of filesIn(join(root, folder))) {
			const text = readFileSync(join(root, folder, file), 'utf8');
			expect(
				`${file}: ${text.match(/eslint-disable|@ts-(ignore|nocheck|expect-error)|\bas any\b/)?.[0]}`,
			).toBe(`${file}: undefined`);
		}
	}
});

test('what is shipped loads nothing but n8n-workflow and its own files', () => {
	const scripts = filesIn(join(unpacked, 'dist')).filter((file) => file.endsWith('.js'));
	for (const file of scripts) {
		const text = readFileSync(join(unpacked, 'dist', file), 'utf8');
		const loaded = [...text.matchAll(/\b(?:require|import)\(\s*['"]([^'"]+)['"]\s*\)/g)].map(
			([, name]) => name,
		);
		const foreign = loaded.filter(
			(name) => !name.startsWith('.') && !['n8n-workflow', 'node:crypto'].includes(name),
		);
		expect([file, foreign]).toEqual([file, []]);
	}
});

test('the license of the library that is bundled is shipped with it', () => {
	const text = readFileSync(join(unpacked, 'dist/nodes/index.js'), 'utf8');
	expect(text).toContain(readFileSync(join(root, 'node_modules/big.js/LICENCE.md'), 'utf8'));
});

test('vendors know neither each other nor the node for all, and shared code knows no vendor', () => {
	const folders = readdirSync(join(root, 'nodes'), { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && entry.name !== 'shared')
		.map(({ name }) => name);
	expect(folders).toEqual(expect.arrayContaining(['EvCharging', 'Spirii', 'VoltTime']));
	// `VoltTime` stands for "Volt Time" and "voltTime", too. "EV charging" is no name.
	const names = folders.map((folder) =>
		folder === 'EvCharging' ? /EvCharging/ : new RegExp(folder.replace(/\B(?=[A-Z])/g, ' ?'), 'i'),
	);
	const files = filesIn(join(root, 'nodes')).filter((name) => name.endsWith('.ts'));
	// The registry and that node are there to know all vendors.
	for (const file of files.filter((name) => name !== 'vendors.ts' && !name.startsWith('EvCharging/'))) {
		const text = readFileSync(join(root, 'nodes', file), 'utf8');
		folders.forEach((folder, index) => {
			if (file.startsWith(`${folder}/`)) return;
			expect([file, names[index].exec(text)?.[0]]).toEqual([file, undefined]);
		});
	}
});

test('each node and credential loads from the tarball, with its icons beside it', () => {
	for (const file of [...packageJson.n8n.nodes, ...packageJson.n8n.credentials]) {
		const className = file.replace(/^.*\/(\w+)\.\w+\.js$/, '$1');
		// The packed tree has no node_modules of its own: n8n provides n8n-workflow, here the project does.
		const script = `const { ${className} } = require('./${file}'); const it = new ${className}();
			console.log(JSON.stringify({ icon: it.icon ?? it.description.icon, name: it.name ?? it.description.name }));`;
		const output = execFileSync('node', ['-e', script], {
			cwd: unpacked,
			env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
			encoding: 'utf8',
		});
		const { icon, name } = JSON.parse(output) as { icon: { light: string; dark: string }; name: string };
		expect(name).toMatch(/^[a-z]\w+$/);
		for (const variant of [icon.light, icon.dark]) {
			const path = join(unpacked, file, '..', variant.replace('file:', ''));
			expect([variant, existsSync(path)]).toEqual([variant, true]);
		}
	}
});

test('each node of the sources is one that n8n loads, with its codex beside it', () => {
	const sources = filesIn(join(root, 'nodes')).filter((file) => file.endsWith('.node.ts'));
	const built = sources.map((file) => `dist/nodes/${file.replace(/ts$/, 'js')}`);
	expect(packageJson.n8n.nodes).toEqual(built);
	for (const file of built) {
		const codex = JSON.parse(readFileSync(join(unpacked, file.replace(/js$/, 'json')), 'utf8')) as {
			node: string;
		};
		const [, className] = /(\w+)\.node\.js$/.exec(file)!;
		const name = className[0].toLowerCase() + className.slice(1);
		expect(codex.node).toBe(`${packageJson.name}.${name}`);
	}
});
