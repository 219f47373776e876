// A user folder in which n8n was started before: with its database, its owner, the packed package and the vendors' credentials, still
// without a key. A copy takes a second; n8n itself takes 10 to 20 for all that.
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensurePackage, ensureTarball, n8nOf } from '../../sandbox/install.mjs';
import { freePort, n8nAt } from '../../sandbox/n8n.mjs';
import { stop } from '../../sandbox/processes.mjs';

const CREDENTIALS = [
	{ id: 'exampleSpirii', name: 'Spirii', type: 'spiriiApi', data: {} },
	{ id: 'exampleVoltTime', name: 'Volt Time', type: 'voltTimeApi', data: {} },
];

/**
 * Makes `home` a copy of the prepared user folder.
 * @param {string} home
 * @param {2 | 1} line the major version of n8n
 */
export async function copyPreparedHome(home, line) {
	cpSync(await ensurePreparedHome(line), home, { recursive: true });
}

/**
 * Prepares the user folder when that was not done with this package and this n8n.
 * @param {2 | 1} line the major version of n8n
 * @returns {Promise<string>} the folder
 */
export async function ensurePreparedHome(line) {
	// Beside the tarball: whoever makes a new one removes all that was made from the old one.
	const shelf = dirname(await ensureTarball());
	const prepared = join(shelf, `home-of-n8n-${n8nOf(line).version}`);
	if (!existsSync(prepared)) await prepare(prepared, shelf, line);
	return prepared;
}

/** Two that do this at the same time both do it; the one that is ready first is heard. */
async function prepare(prepared, shelf, line) {
	const folder = mkdtempSync(join(shelf, 'preparing-'));
	try {
		const home = join(folder, 'home');
		await ensurePackage(home);
		const n8n = n8nAt({ home, out: join(folder, 'out'), line });
		await n8n.importCredentials(CREDENTIALS);
		const { task } = await n8n.startEditor(await freePort());
		await stop(task);
		if (!existsSync(prepared)) renameSync(home, prepared);
	} catch (error) {
		if (!existsSync(prepared)) throw error;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
