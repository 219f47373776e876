/**
 * Compares this package with its alternatives and prints ratios. `npm run bench` prepares everything and starts it. It writes
 * `bench/results.json` and the tables of `docs/performance.md`.
 *
 *   --smoke   tests the benchmark with short lists and one run, without writing results; takes a minute
 *   --only    some of speed, memory, export, largest, load; other results stay unchanged in results.json
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus, totalmem, type, release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { PROJECT } from '../test/e2e/realN8n';
import {
	declarative,
	exported,
	httpRequest,
	least,
	NODE,
	openN8n,
	ours,
	ROWS_A_FILE,
	startServer,
	startWorker,
	type Case,
	type Contender,
	type Server,
} from './contenders';
import { markdownOf, type Results } from './results';
import type { Done, Job } from './worker';

const RESULTS = join(__dirname, 'results.json');
const DOCUMENT = join(PROJECT, 'docs', 'performance.md');
const DIST = join(PROJECT, 'dist');

/** Cases to measure. */
const FULL = {
	parts: ['load', 'speed', 'memory', 'export', 'largest'],
	records: [10_000, 100_000],
	latenciesMs: [0, 50, 150],
	runs: 5,
	/** More runs without latency: these are short, so other load on the machine has a larger effect. */
	runsWithoutLatency: 15,
	memoryRuns: 3,
	memoryRecords: 100_000,
	growth: [10_000, 30_000, 100_000, 300_000, 1_000_000],
	warmUp: 2000,
	settleMs: 20_000,
	largest: [1_000_000, 700_000, 500_000, 300_000],
	/** Node's documented default. */
	semiSpacesMb: [16],
};

/** Every kind of measurement once; takes a minute. */
const SMOKE: typeof FULL = {
	...FULL,
	parts: ['load', 'speed', 'export'],
	records: [3000],
	latenciesMs: [0, 5],
	runs: 1,
	runsWithoutLatency: 1,
	memoryRuns: 1,
	memoryRecords: 3000,
	growth: [3000],
	warmUp: 500,
	settleMs: 0,
	largest: [],
	semiSpacesMb: [],
};

const { values } = parseArgs({
	options: { smoke: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const plan = values.smoke ? SMOKE : FULL;
const parts = values.only?.split(',') ?? plan.parts;
const say = (text: string) => process.stdout.write(`${text}\n`);

/** The job of contenders without a node, which ignore both settings. */
const BARE_JOB = { output: 'raw', atOnce: 1 } as const;

const nameOf = ({ output, atOnce }: Pick<Job, 'output' | 'atOnce'>) => `process-${output}-${atOnce}`;

/** One contender reads one list. */
type Read = (asked: Case) => Promise<Done>;

/** @throws Error if records are missing. */
function expectItems(items: number, expected: number): void {
	if (items !== expected) throw new Error(`${items} items in place of ${expected}`);
}

/** Measures all latencies and lengths. The contenders take turns. */
async function speed(server: Server): Promise<Results['speed']> {
	const cases = plan.records.flatMap((records) =>
		plan.latenciesMs.map((latencyMs): Case => ({ records, latencyMs })),
	);
	const loops = (['bare', 'bare-connecting', 'helper'] as const).map(
		(contender) => [contender, startWorker(server, contender)] as const,
	);
	const node = startWorker(server, 'node');
	// Contenders whose results are subtracted run one after the other.
	const jobs = [1, 4].flatMap((atOnce) =>
		(['raw', 'simplified'] as const).map((output) => ({ output, atOnce })),
	);
	const nodes = [
		...jobs.map(({ output, atOnce }) => ours(output, atOnce)),
		ours('raw', 8),
		httpRequest,
		declarative,
		least,
	];
	const n8n = await openN8n(server, nodes, cases, { BENCH_COLLECT: 'true' });
	const contenders: Array<[string, Read]> = [
		...loops.map(([contender, loop]): [string, Read] => [
			contender,
			async (asked) => await loop.run(asked, BARE_JOB),
		]),
		...jobs.map((job): [string, Read] => [nameOf(job), async (asked) => await node.run(asked, job)]),
		...nodes.map((contender): [string, Read] => [
			contender.name,
			async (asked) => await n8n.run(contender, asked),
		]),
	];
	try {
		const measured = async (run: Read, asked: Case) => {
			const { ms, items } = await run(asked);
			expectItems(items, asked.records);
			return ms;
		};
		// Warm-up: V8 compiles code during its first runs.
		for (const [, run] of contenders) for (let warm = 0; warm < 2; warm++) await measured(run, cases[0]);
		const found: Results['speed'] = [];
		for (const asked of cases) {
			const rows = contenders.map(([contender]) => ({ contender, ...asked, runsMs: [] as number[] }));
			const rounds = asked.latencyMs === 0 ? plan.runsWithoutLatency : plan.runs;
			for (let round = 0; round < rounds; round++) {
				for (const [index, [, run]] of contenders.entries()) {
					rows[index].runsMs.push(await measured(run, asked));
				}
			}
			found.push(...rows);
			say(`- ${asked.records} records at ${asked.latencyMs} ms a page: done`);
		}
		return found;
	} finally {
		for (const [, loop] of loops) loop.stop();
		node.stop();
		await n8n.stop();
	}
}

/** Contenders that get a new process for each run. */
interface Alone {
	name: string;
	open(
		server: Server,
		cases: Case[],
		settings: Record<string, string>,
	): Promise<{ run: Read; stop(): unknown }>;
}

const inN8n = (contender: Contender): Alone => ({
	name: contender.name,
	open: async (server, cases, settings) => {
		const n8n = await openN8n(server, [contender], cases, settings);
		return { run: async (asked) => await n8n.run(contender, asked), stop: n8n.stop };
	},
});

const inProcess = (contender: 'bare' | 'node', job: Pick<Job, 'output' | 'atOnce'>): Alone => ({
	name: contender === 'bare' ? contender : nameOf(job),
	open: async (server) => {
		const worker = startWorker(server, contender);
		return { run: async (asked) => await worker.run(asked, job), stop: worker.stop };
	},
});

/** Side by side; the node's own figures in n8n are below, at all lengths. */
const COMPARED: Alone[] = [
	inProcess('bare', BARE_JOB),
	inProcess('node', { output: 'raw', atOnce: 4 }),
	inProcess('node', { output: 'simplified', atOnce: 4 }),
	inN8n(httpRequest),
	inN8n(declarative),
	inN8n(ours('raw', 4)),
];

/** One run in a new process, after a short warm-up run that loads all code. */
async function once(server: Server, contender: Alone, records: number, semiSpaceMb?: number) {
	const short: Case = { records: plan.warmUp, latencyMs: 0 };
	const asked: Case = { records, latencyMs: 0 };
	const settings: Record<string, string> =
		semiSpaceMb === undefined ? {} : { NODE_OPTIONS: `--max-semi-space-size=${semiSpaceMb}` };
	const opened = await contender.open(server, [short, asked], settings);
	try {
		await opened.run(short);
		// Wait until the memory of the start is released.
		await sleep(plan.settleMs);
		const { ms, items, idle, peak } = await opened.run(asked);
		expectItems(items, contender.name === exported.name ? Math.ceil(records / ROWS_A_FILE) : records);
		return { ms, bytes: peak - idle };
	} finally {
		await opened.stop();
	}
}

async function memoryOf(
	server: Server,
	contender: Alone,
	records: number,
	runs: number,
	semiSpaceMb?: number,
) {
	const row = {
		contender: contender.name,
		records,
		semiSpaceMb,
		runsBytes: [] as number[],
		ms: [] as number[],
	};
	for (let run = 0; run < runs; run++) {
		const { ms, bytes } = await once(server, contender, records, semiSpaceMb);
		row.runsBytes.push(bytes);
		row.ms.push(ms);
	}
	say(
		`- ${contender.name}, ${records} records: ${row.runsBytes.map((bytes) => Math.round(bytes / 1e6)).join(', ')} MB above idle`,
	);
	return row;
}

/** At one length, side by side; this node's rows at all lengths, for how time and memory grow. */
async function memory(server: Server): Promise<Results['memory']> {
	const found: Results['memory'] = [];
	for (const contender of COMPARED) {
		found.push(await memoryOf(server, contender, plan.memoryRecords, plan.memoryRuns));
	}
	for (const records of plan.growth) {
		const runs = records === plan.memoryRecords ? plan.memoryRuns : 1;
		found.push(await memoryOf(server, inN8n(ours('simplified', 4)), records, runs));
	}
	return found;
}

/** Files at all lengths, as Node runs by itself and with a bounded young generation. */
async function exports(server: Server): Promise<Results['memory']> {
	const found: Results['memory'] = [];
	const compared = [plan.memoryRecords, Math.max(...plan.growth)];
	for (const records of plan.growth) {
		found.push(
			await memoryOf(server, inN8n(exported), records, compared.includes(records) ? plan.memoryRuns : 1),
		);
	}
	for (const semiSpaceMb of plan.semiSpacesMb) {
		for (const records of compared) {
			found.push(await memoryOf(server, inN8n(exported), records, 1, semiSpaceMb));
		}
	}
	return found;
}

/** Tries shorter and shorter lists until one succeeds. */
async function largest(server: Server): Promise<Results['largest']> {
	const found: Results['largest'] = [];
	for (const contender of [...COMPARED, inN8n(ours('simplified', 4)), inN8n(exported)]) {
		const row = { contender: contender.name, records: 0, failures: [] as Results['largest'][0]['failures'] };
		for (const records of plan.largest) {
			try {
				await once(server, contender, records);
				row.records = records;
				break;
			} catch (error) {
				row.failures.push({ records, why: (error as Error).message.split('\n')[0] });
			}
		}
		say(`- ${contender.name}: ${row.records} records`);
		found.push(row);
	}
	return found;
}

/** The time to require all files that package.json names, in a new process with n8n-workflow loaded. */
function load(): number[] {
	const { n8n } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[]; credentials: string[] };
	};
	const files = [...n8n.nodes, ...n8n.credentials].map((file) => join(PROJECT, file));
	const program = `require('n8n-workflow');
		const begun = performance.now();
		for (const file of ${JSON.stringify(files)}) for (const Type of Object.values(require(file))) new Type();
		process.stdout.write(String(performance.now() - begun));`;
	const once = () => Number(execFileSync(NODE, ['-e', program], { cwd: PROJECT, encoding: 'utf8' }));
	return Array.from({ length: Math.max(plan.runs * 2, 1) }, once);
}

function sizeOf(folder: string): number {
	const files = readdirSync(folder, { recursive: true }) as string[];
	const sizes = files.map((file) => statSync(join(folder, file))).filter((stat) => stat.isFile());
	return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** Replaces the tables of the document, which are between two comments. */
function writeDocument(results: Results): void {
	const [begin, end] = ['<!-- npm run bench writes from here -->\n', '<!-- to here -->'];
	const text = readFileSync(DOCUMENT, 'utf8');
	const from = text.indexOf(begin) + begin.length;
	writeFileSync(DOCUMENT, `${text.slice(0, from)}\n${markdownOf(results)}\n${text.slice(text.indexOf(end))}`);
}

async function main(): Promise<void> {
	const before = (
		existsSync(RESULTS) && !values.smoke
			? JSON.parse(readFileSync(RESULTS, 'utf8'))
			: { speed: [], memory: [], largest: [], loadMs: [] }
	) as Results;
	const { dependencies } = JSON.parse(
		readFileSync(join(PROJECT, 'sandbox', 'n8n', 'package.json'), 'utf8'),
	) as { dependencies: { n8n: string } };
	const longest = Math.max(...plan.records, ...plan.growth, ...plan.largest);
	const needsServer = parts.some((part) => part !== 'load');
	say(`Writing ${longest} records`);
	const server = needsServer ? await startServer(longest) : undefined;
	const isExport = ({ contender }: { contender: string }) => contender === 'export';
	try {
		const results: Results = {
			date: new Date().toISOString().slice(0, 10),
			machine: {
				cpu: cpus()[0].model,
				cores: cpus().length,
				memoryGb: Math.round(totalmem() / 2 ** 30),
				os: `${type()} ${release().split('-')[0]}`,
				node: execFileSync(NODE, ['-v'], { encoding: 'utf8' }).trim().slice(1),
				n8n: dependencies.n8n,
			},
			bytesPerRecord: server?.bytesPerRecord ?? before.bytesPerRecord,
			runs: plan.runs,
			runsWithoutLatency: plan.runsWithoutLatency,
			loadMs: parts.includes('load') ? load() : before.loadMs,
			distBytes: sizeOf(DIST),
			speed: server && parts.includes('speed') ? await speed(server) : before.speed,
			memory: [
				...(server && parts.includes('memory')
					? await memory(server)
					: before.memory.filter((row) => !isExport(row))),
				...(server && parts.includes('export') ? await exports(server) : before.memory.filter(isExport)),
			],
			largest: server && parts.includes('largest') ? await largest(server) : before.largest,
		};
		say(`\n${markdownOf(results)}`);
		if (values.smoke) return;
		writeFileSync(RESULTS, JSON.stringify(results));
		writeDocument(results);
		const prettier = join(PROJECT, 'node_modules', '.bin', 'prettier');
		execFileSync(process.execPath, [prettier, '--log-level', 'warn', '--write', RESULTS, DOCUMENT]);
	} finally {
		server?.stop();
	}
}

main().catch((error: Error) => {
	process.stderr.write(`${error.stack}\n`);
	process.exit(1);
});
