/** The contenders and how each is started. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Sandbox } from '../sandbox';
import { dataOf, PROJECT, startRealN8n, type RealN8n } from '../test/e2e/realN8n';
import type { Done, Job } from './worker';

/** The Node that n8n runs on. All contenders use it. */
export const NODE = join(PROJECT, 'sandbox', 'n8n', 'node_modules', '.bin', 'node');
const TSX = ['--import', 'tsx'];

/** The server of the records. */
export interface Server {
	url: string;
	key: string;
	bytesPerRecord: number;
	stop(): void;
}

export async function startServer(records: number): Promise<Server> {
	const args = [...TSX, '--max-old-space-size=12000', 'bench/server.ts', '--records', String(records)];
	const child = spawn(NODE, args, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'inherit'] });
	const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
	return { ...(JSON.parse(line) as Omit<Server, 'stop'>), stop: () => void child.kill() };
}

/** One list at one latency. */
export interface Case {
	records: number;
	latencyMs: number;
}

/** The base URL of a list. */
const urlOf = ({ url }: Server, { records, latencyMs }: Case) => `${url}/${records}/${latencyMs}`;

/** A contender in its own process, without n8n. */
export interface Worker {
	run(asked: Case, job: Pick<Job, 'output' | 'atOnce'>): Promise<Done>;
	stop(): void;
}

export function startWorker(server: Server, contender: Job['contender']): Worker {
	const home = mkdtempSync(join(tmpdir(), 'ev-charging-bench-'));
	const child: ChildProcess = spawn(NODE, [...TSX, 'bench/worker.ts'], {
		cwd: PROJECT,
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		env: { ...process.env, N8N_USER_FOLDER: home },
	});
	return {
		run: async (asked, job) => {
			child.send({ contender, url: urlOf(server, asked), key: server.key, ...job } satisfies Job);
			const heard = new AbortController();
			const ended = once(child, 'exit', heard).then(() => {
				throw new Error(`The process of "${contender}" ended`);
			});
			try {
				const [message] = (await Promise.race([once(child, 'message', heard), ended])) as [Done];
				return message;
			} finally {
				ended.catch(() => {});
				heard.abort();
			}
		},
		stop: () => {
			if (child.connected) child.disconnect();
			rmSync(home, { recursive: true, force: true });
		},
	};
}

/** A contender in a real n8n. */
export interface Contender {
	name: string;
	/** The nodes after the manual trigger, in order. */
	nodes: (server: Server, asked: Case) => Node[];
}

interface Node {
	type: string;
	typeVersion?: number;
	parameters: object;
}

/** This package's node. */
export function ours(output: 'raw' | 'simplified', atOnce: number): Contender {
	const parameters = { operation: 'getAll', returnAll: true, output, options: { concurrency: atOnce } };
	return { name: `node-${output}-${atOnce}`, nodes: () => [spirii(parameters)] };
}

/** Rows per file of {@link exported}, which returns one item per file. */
export const ROWS_A_FILE = 50_000;

/** Exports charge records to files. */
export const exported: Contender = {
	name: 'export',
	nodes: () => [spirii({ operation: 'export', returnAll: true, output: 'simplified', perFile: ROWS_A_FILE })],
};

const spirii = (parameters: object): Node => ({
	type: 'n8n-nodes-ev-charging.spirii',
	parameters: { resource: 'chargeRecord', ...parameters },
});

/** The usual alternative: n8n's HTTP Request node. */
export const httpRequest: Contender = {
	name: 'http',
	nodes: (server, asked) => [
		{
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			parameters: {
				url: `${urlOf(server, asked)}/v2/charge-records`,
				authentication: 'predefinedCredentialType',
				nodeCredentialType: 'spiriiApi',
				sendQuery: true,
				queryParameters: { parameters: [{ name: 'limit', value: '1000' }] },
				options: {
					pagination: {
						pagination: {
							paginationMode: 'updateAParameterInEachRequest',
							parameters: {
								parameters: [
									{ type: 'qs', name: 'nextPageCursor', value: '={{ $response.body.nextPageCursor }}' },
								],
							},
							paginationCompleteWhen: 'other',
							completeExpression: '={{ !$response.body.nextPageCursor }}',
						},
					},
				},
			},
		},
		{ type: 'n8n-nodes-base.splitOut', parameters: { fieldToSplitOut: 'data', options: {} } },
	],
};

/** The list through a declarative node, without code. */
export const declarative: Contender = {
	name: 'declarative',
	nodes: () => [
		{ type: 'CUSTOM.declarativeChargeRecords', parameters: { operation: 'getAll', pageSize: 1000 } },
	],
};

/** The minimal node: a loop around n8n's HTTP helper. */
export const least: Contender = {
	name: 'least',
	nodes: () => [{ type: 'CUSTOM.leastChargeRecords', parameters: {} }],
};

/** n8n's report of a run. `peak` is the peak of this run. */
export interface Run extends Done {
	id: string;
	error?: string;
}

/** A real n8n with a workflow for each contender and case. */
export interface N8n {
	/** Rejects if the run fails, if n8n crashes, or after ten minutes. */
	run(contender: Contender, asked: Case): Promise<Run>;
	/** n8n's own log. */
	log(): string;
	stop(): Promise<void>;
}

const LONGEST_RUN_MS = 600_000;

export async function openN8n(
	server: Server,
	contenders: Contender[],
	cases: Case[],
	settings: Record<string, string> = {},
): Promise<N8n> {
	const folder = mkdtempSync(join(tmpdir(), 'ev-charging-bench-'));
	const report = join(folder, 'runs.jsonl');
	const idOf = ({ name }: Contender, { records, latencyMs }: Case) => `${name}-${records}-${latencyMs}`;
	const credentialOf = (asked: Case) => ({ id: `bench-${asked.records}-${asked.latencyMs}`, name: 'Bench' });
	const none = { url: server.url, key: server.key };
	const n8n: RealN8n = await startRealN8n({ spirii: none, voltTime: none } as Sandbox, {
		workflows: contenders.flatMap((contender) =>
			cases.map((asked) =>
				workflowOf(idOf(contender, asked), contender.nodes(server, asked), {
					spiriiApi: credentialOf(asked),
				}),
			),
		),
		credentials: cases.map((asked) => ({
			...credentialOf(asked),
			type: 'spiriiApi',
			data: { apiKey: server.key, environment: 'custom', baseUrl: urlOf(server, asked) },
		})),
		settings: {
			EXTERNAL_HOOK_FILES: join(__dirname, 'hooks.cjs'),
			BENCH_REPORT: report,
			N8N_CUSTOM_EXTENSIONS: join(__dirname, 'nodes'),
			...settings,
		},
	});
	let reported = 0;
	const nextReport = async (): Promise<Run> => {
		for (const deadline = Date.now() + LONGEST_RUN_MS; Date.now() < deadline; await sleep(20)) {
			const lines = existsSync(report) ? readFileSync(report, 'utf8').trimEnd().split('\n') : [];
			if (lines.length > reported) return JSON.parse(lines[reported++]) as Run;
			if (!isAlive(n8n.pid())) throw new Error('n8n died of it');
		}
		throw new Error('It took longer than ten minutes');
	};
	return {
		run: async (contender, asked) => {
			const id = idOf(contender, asked);
			const workflowData = dataOf<object>(await n8n.request('GET', `/rest/workflows/${id}`));
			const next = nextReport();
			const begun = await n8n.request('POST', `/rest/workflows/${id}/run`, {
				workflowData,
				triggerToStartFrom: { name: 'Start' },
			});
			dataOf(begun);
			const run = await next;
			if (run.id !== id) throw new Error(`Run of ${run.id} in place of ${id}`);
			if (run.error !== undefined) throw new Error(run.error);
			return run;
		},
		log: n8n.log,
		stop: async () => {
			await n8n.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** n8n does not save the data of the runs, as it recommends for large data. Saving would add to every figure. */
function workflowOf(id: string, nodes: Node[], credentials: object) {
	const all = [{ type: 'n8n-nodes-base.manualTrigger', parameters: {} } as Node, ...nodes];
	const names = ['Start', ...nodes.map((_, index) => `Step ${index + 1}`)];
	const link = (name: string) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });
	return {
		id,
		name: id,
		active: false,
		settings: {
			executionOrder: 'v1',
			saveManualExecutions: false,
			saveDataSuccessExecution: 'none',
			saveDataErrorExecution: 'none',
		},
		nodes: all.map((node, index) => ({
			id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
			name: names[index],
			typeVersion: 1,
			position: [index * 200, 0],
			...node,
			...(index > 0 && { credentials }),
		})),
		connections: Object.fromEntries(names.slice(0, -1).map((name, index) => [name, link(names[index + 1])])),
	};
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
