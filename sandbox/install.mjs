// Brings everything into place that the two commands need, and does nothing when it is there already.
// Only Node's own modules here: this runs before anything is installed.
import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailed, run } from './processes.mjs';
import { step } from './progress.mjs';

/** The folder of the checkout. */
export const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where each line of n8n is installed, under `sandbox/`. The package.json there names its version and its Node. */
const FOLDERS = { 2: 'n8n', 1: 'n8n-1' };

const PACKAGE = 'n8n-nodes-ev-charging';
// What the tarball is made of.
const SOURCES = [
	'nodes',
	'credentials',
	'package.json',
	'tsconfig.json',
	'gulpfile.js',
	'README.md',
	'LICENSE.md',
];

/** Refuses a Node that is too old for the project, with a message for a person. */
export function checkNode(version = process.versions.node) {
	const [major, minor] = version.split('.').map(Number);
	if (major > 20 || (major === 20 && minor >= 19)) return;
	throw new Error(`This project needs Node 20.19 or newer; this is Node ${version}. See https://nodejs.org`);
}

/** Installs the project's own dependencies when they are missing or not those of the lockfile. */
export async function ensureProject() {
	if (isInstalled(PROJECT)) return;
	await step("Installing the project's dependencies, about 1 minute", () => npm(PROJECT, 'ci'));
}

/**
 * An n8n beside the project.
 *
 * It comes with a Node of its own, among the dependencies of its folder: n8n 2 needs Node 24, and n8n 1.123 runs on none above
 * 24, so the Node of whoever starts this may be too old for the one or too new for the other.
 * @param {2 | 1} [line] its major version
 * @returns {{ folder: string, version: string, node: string, cli: string }} `node` is the program that runs `cli`
 */
export function n8nOf(line = 2) {
	const folder = join(PROJECT, 'sandbox', FOLDERS[line]);
	const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
	return {
		folder,
		version: dependencies.n8n,
		node: join(folder, 'node_modules', '.bin', 'node'),
		cli: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
	};
}

/**
 * Installs n8n with its Node and builds the native modules that it cannot do without.
 * @param {2 | 1} [line] its major version
 */
export async function ensureN8n(line) {
	const n8n = n8nOf(line);
	const { folder, version } = n8n;
	if (!isInstalled(folder)) await step(`Installing n8n ${version}, about 3 minutes`, () => npm(folder, 'ci'));
	if (await nativeModulesLoad(n8n)) return;
	// Node first: the modules are built for the Node that is on the path of their install scripts.
	await step('Fetching the Node for n8n, a few seconds', () => rebuild(folder, 'node'));
	await step("Building n8n's native modules, about 2 minutes", () =>
		rebuild(folder, 'sqlite3', 'isolated-vm'),
	);
	if (!(await nativeModulesLoad(n8n))) {
		throw new Error(
			`n8n's native modules do not load. Delete ${relative(PROJECT, join(folder, 'node_modules'))} and start again.`,
		);
	}
}

/**
 * Builds and packs this package and unpacks the tarball where n8n looks for community nodes.
 * @param {string} home the user folder of n8n
 * @returns {Promise<string>} the folder that the package was unpacked into
 */
export async function ensurePackage(home) {
	const tarball = await ensureTarball();
	const target = join(home, '.n8n', 'nodes', 'node_modules', PACKAGE);
	const stamp = `.${basename(tarball, '.tgz')}`;
	if (!existsSync(join(target, stamp))) {
		await step('Installing the packed package into n8n', () => unpack(tarball, target, stamp));
	}
	return target;
}

/**
 * Builds and packs this package when that was not done with these sources.
 * @returns {Promise<string>} the file, whose name tells one state of the sources from another
 */
export async function ensureTarball() {
	const tarball = tarballOf(hashOf(SOURCES));
	if (!existsSync(tarball)) await step('Building and packing the package, about 10 seconds', makeTarball);
	return tarball;
}

/** Builds the package and packs it as npm would publish it. */
export async function makeTarball() {
	const tarball = tarballOf(hashOf(SOURCES));
	await npm(PROJECT, 'run', 'build');
	const folder = dirname(tarball);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	await npm(PROJECT, 'pack', '--ignore-scripts', '--pack-destination', folder);
	const [packed] = readdirSync(folder);
	renameSync(join(folder, packed), tarball);
}

/** The name holds the hash of the sources, so that a tarball of other sources is never used. */
function tarballOf(hash) {
	return join(PROJECT, 'node_modules', '.cache', PACKAGE, `${hash}.tgz`);
}

/** Unpacks beside the target and moves it there when complete, so that a broken-off start leaves nothing half. */
async function unpack(tarball, target, stamp) {
	const shelf = dirname(dirname(target));
	mkdirSync(dirname(target), { recursive: true });
	const fresh = mkdtempSync(join(shelf, 'unpacking-'));
	await run('tar', ['-xzf', tarball, '-C', fresh, '--strip-components=1']);
	writeFileSync(join(fresh, stamp), '');
	rmSync(target, { recursive: true, force: true });
	renameSync(fresh, target);
}

/** The npm that runs this command, or the one on the path. */
function npm(folder, ...args) {
	const { npm_execpath: cli } = process.env;
	return cli?.endsWith('.js')
		? run(process.execPath, [cli, ...args], { cwd: folder })
		: run('npm', args, { cwd: folder });
}

async function rebuild(folder, ...modules) {
	try {
		await npm(folder, 'rebuild', '--ignore-scripts=false', ...modules);
	} catch (error) {
		if (!(error instanceof CommandFailed)) throw error;
		throw new Error(
			`${error.message}\n\nBuilding needs Python 3, make and a C++ compiler.` +
				'\nDebian, Ubuntu: apt-get install python3 make g++   macOS: xcode-select --install',
		);
	}
}

/** Asks the modules themselves, since a broken-off build leaves files that look complete. */
async function nativeModulesLoad({ folder, node }) {
	if (!existsSync(node)) return false;
	const probe = "require('sqlite3'); require('isolated-vm')";
	return await run(node, ['-e', probe], { cwd: folder }).then(
		() => true,
		() => false,
	);
}

/**
 * Compares the lockfile with npm's own record of what it put into node_modules. npm writes that record last,
 * and `npm ci` begins by deleting it, so an installation that was broken off is never taken for complete.
 */
function isInstalled(folder) {
	const record = join(folder, 'node_modules', '.package-lock.json');
	if (!existsSync(record)) return false;
	const { packages: installed } = JSON.parse(readFileSync(record, 'utf8'));
	const { packages: wanted } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
	// Optional packages may be missing: most of them are for other systems.
	return Object.entries(wanted).every(
		([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
	);
}

/** One hash over the names and contents of files and folders. */
function hashOf(paths) {
	const hash = createHash('sha256');
	for (const path of paths) {
		const absolute = join(PROJECT, path);
		if (!existsSync(absolute)) continue;
		const files = statSync(absolute).isFile() ? [''] : readdirSync(absolute, { recursive: true }).sort();
		for (const file of files) {
			const full = join(absolute, file);
			if (statSync(full).isFile()) hash.update(`${path}/${file}\0`).update(readFileSync(full)).update('\0');
		}
	}
	return hash.digest('hex').slice(0, 16);
}
