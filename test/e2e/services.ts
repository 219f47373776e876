import { once } from 'node:events';
import { execFileSync, spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort } from './realN8n';

const PATIENCE = 30_000;

/** PostgreSQL and Redis, as n8n's queue mode needs them: empty, on free ports of the loopback address. */
export interface Services {
	/** Environment variables that lead n8n to them. */
	settings: Record<string, string>;
	/** Ends both and removes what they wrote. */
	stop(): Promise<void>;
}

/** Says what is not installed, and the command that installs it; undefined when both services are there. */
export function missingServices(): string | undefined {
	const missing = [
		find('redis-server') ? '' : 'redis-server',
		find('initdb') && find('postgres') ? '' : 'postgresql',
	].filter(Boolean);
	if (missing.length === 0) return undefined;
	return `Not installed: ${missing.join(' and ')}. On Debian or Ubuntu: apt-get install ${missing.join(' ')}`;
}

/** Starts both services. Rejects when one is not installed or does not answer within half a minute. */
export async function startServices(): Promise<Services> {
	const missing = missingServices();
	if (missing) throw new Error(missing);
	const folder = mkdtempSync(join(tmpdir(), 'ev-charging-services-'));
	const children: ChildProcess[] = [];
	const stop = async () => {
		await Promise.all(children.map(end));
		rmSync(folder, { recursive: true, force: true });
	};
	const begin = (program: string, args: string[], options: SpawnOptions = {}) => {
		const child = spawn(find(program) as string, args, { ...options, cwd: folder, stdio: 'ignore' });
		children.push(child);
		return child;
	};
	try {
		const [postgresPort, redisPort] = [await freePort(), await freePort()];
		const user = whoRunsPostgres();
		if (user) chownSync(folder, user.uid, user.gid);

		const data = join(folder, 'postgres');
		const cluster = ['-D', data, '-U', 'n8n', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
		execFileSync(find('initdb') as string, cluster, { ...user, cwd: folder, stdio: 'ignore' });
		// Nothing has to outlive the test, so nothing is forced to the disk.
		const postgres = begin(
			'postgres',
			[
				...['-D', data, '-p', String(postgresPort), '-h', '127.0.0.1', '-k', ''],
				...['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off'],
			],
			user,
		);
		const redis = begin('redis-server', [
			...['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
		]);
		await untilReady(postgres, 'pg_isready', ['-h', '127.0.0.1', '-p', String(postgresPort)]);
		await untilReady(redis, 'redis-cli', ['-p', String(redisPort), 'ping']);
		return {
			settings: {
				DB_TYPE: 'postgresdb',
				DB_POSTGRESDB_HOST: '127.0.0.1',
				DB_POSTGRESDB_PORT: String(postgresPort),
				DB_POSTGRESDB_USER: 'n8n',
				DB_POSTGRESDB_DATABASE: 'postgres',
				QUEUE_BULL_REDIS_HOST: '127.0.0.1',
				QUEUE_BULL_REDIS_PORT: String(redisPort),
			},
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

/** Asks a service with its own tool, which ends without an error when the service answers. */
async function untilReady(service: ChildProcess, tool: string, args: string[]): Promise<void> {
	const isReady = () => spawnSync(find(tool) as string, args, { stdio: 'ignore' }).status === 0;
	for (const deadline = Date.now() + PATIENCE; !isReady(); await sleep(100)) {
		if (service.exitCode !== null || Date.now() > deadline)
			throw new Error(`${service.spawnfile} does not answer (exit code ${service.exitCode ?? 'none'})`);
	}
}

/** Both take SIGINT as an order to end at once, with clients still connected. */
async function end(service: ChildProcess): Promise<void> {
	if (service.exitCode !== null || service.signalCode !== null) return;
	service.kill('SIGINT');
	await once(service, 'exit');
}

/** Debian keeps PostgreSQL's own programs beside the path, in a folder per version: the newest comes first. */
function find(program: string): string | undefined {
	const debian = '/usr/lib/postgresql';
	const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
	const folders = [
		...versions.map((version) => join(debian, version, 'bin')),
		...String(process.env.PATH).split(delimiter),
	];
	return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}

/** PostgreSQL refuses to run as root. Debian's package brings a user for it. */
function whoRunsPostgres(): { uid: number; gid: number } | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
	return { uid: idOf('-u'), gid: idOf('-g') };
}
