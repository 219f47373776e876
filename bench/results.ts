/** The results of the benchmark, their limits and their tables. */

/** One contender reads one list several times. */
export interface Speed {
	contender: string;
	records: number;
	latencyMs: number;
	/** One value per run, in order. */
	runsMs: number[];
}

/** Memory that a run needs in addition to n8n's memory before it, in bytes. Each run has a new n8n. */
export interface Memory {
	contender: string;
	records: number;
	/** V8's young generation in MB, if it was set. */
	semiSpaceMb?: number;
	runsBytes: number[];
	ms: number[];
}

/** The longest list that a contender can read. */
export interface Largest {
	contender: string;
	records: number;
	/** The outcome of longer lists. */
	failures: Array<{ records: number; why: string }>;
}

export interface Results {
	date: string;
	machine: { cpu: string; cores: number; memoryGb: number; os: string; node: string; n8n: string };
	bytesPerRecord: number;
	runs: number;
	runsWithoutLatency: number;
	speed: Speed[];
	memory: Memory[];
	largest: Largest[];
	/** Milliseconds to load all nodes and credentials into a process with n8n-workflow, one value per run. */
	loadMs: number[];
	distBytes: number;
}

/** The median. */
export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Linear regression by least squares. `fit` is the coefficient of determination. */
export function line(points: Array<[x: number, y: number]>): { slope: number; start: number; fit: number } {
	const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
	const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
	const sum = (of: (x: number, y: number) => number) =>
		points.reduce((total, [x, y]) => total + of(x - meanX, y - meanY), 0);
	const slope = sum((x, y) => x * y) / sum((x) => x * x);
	const rest = points.reduce((total, [x, y]) => total + (y - meanY - slope * (x - meanX)) ** 2, 0);
	return { slope, start: meanY - slope * meanX, fit: 1 - rest / sum((_, y) => y * y) };
}

/** Names of the contenders in the tables. */
const NAMES: Record<string, string> = {
	bare: 'Bare loop',
	'bare-connecting': 'Bare loop, a connection for each page',
	helper: "The same loop with n8n's HTTP helper",
	'process-raw-1': 'This node, in-process, 1 request at once',
	'process-raw-4': 'This node, in-process, 4 at once',
	'process-simplified-1': 'This node, in-process, 1 at once, simplified',
	'process-simplified-4': 'This node, in-process, 4 at once, simplified',
	'node-raw-1': 'This node in n8n, 1 at once',
	'node-raw-4': 'This node in n8n, 4 at once',
	'node-simplified-1': 'This node in n8n, 1 at once, simplified',
	'node-simplified-4': 'This node in n8n, 4 at once, simplified',
	'node-raw-8': 'This node in n8n, 8 at once',
	http: 'HTTP Request + Split Out in n8n',
	declarative: 'Declarative node in n8n',
	least: 'The least that a node can do, in n8n',
	export: 'Export to CSV in n8n',
};

/** A figure and its limit. */
interface Target {
	figure: string;
	target: string;
	/** Undefined if this run did not measure it. */
	value: number | undefined;
	unit: string;
	isMet: (value: number) => boolean;
}

const least = (bound: number) => (value: number) => value >= bound;
const most = (bound: number) => (value: number) => value <= bound;

function targetsOf(results: Results): Target[] {
	const runsOf = (contender: string, records: number, latencyMs: number) =>
		results.speed.find(
			(speed) => speed.contender === contender && speed.records === records && speed.latencyMs === latencyMs,
		)?.runsMs;
	/** The median of the ratios of each run. The contenders take turns, so a slow moment affects both sides of a ratio. */
	const faster = (ours: string, than: string, latencyMs: number) => {
		const [own, other] = [runsOf(ours, 100_000, latencyMs), runsOf(than, 100_000, latencyMs)];
		return own && other && median(own.map((ms, index) => other[index] / ms));
	};
	const memoryOf = (contender: string, records: number, semiSpaceMb?: number) => {
		const found = results.memory.find(
			(memory) =>
				memory.contender === contender && memory.records === records && memory.semiSpaceMb === semiSpaceMb,
		);
		return found && median(found.runsBytes);
	};
	const ratio = (one: number | undefined, other: number | undefined) =>
		one === undefined || other === undefined ? undefined : one / other;
	const [raw, simplified] = [runsOf('process-raw-1', 100_000, 0), runsOf('process-simplified-1', 100_000, 0)];
	const perRow = raw && simplified && (median(simplified.map((ms, i) => ms - raw[i])) / 100_000) * 1000;
	const exportBytes = memoryOf('export', 1_000_000);
	return [
		{
			figure: 'Records/s against the bare loop, no latency, 1 at once, raw, in-process',
			target: '≥ 0.90',
			value: faster('process-raw-1', 'bare', 0),
			unit: '×',
			isMet: least(0.9),
		},
		{
			figure: 'The same at 150 ms a page, 4 at once',
			target: '≥ 3.5',
			value: faster('process-raw-4', 'bare', 150),
			unit: '×',
			isMet: least(3.5),
		},
		{
			figure: 'Against HTTP Request + Split Out in n8n, no latency, raw, as it comes (4 at once)',
			target: '≥ 2.0',
			value: faster('node-raw-4', 'http', 0),
			unit: '×',
			isMet: least(2),
		},
		{
			figure: 'The same at 150 ms a page',
			target: '≥ 6',
			value: faster('node-raw-4', 'http', 150),
			unit: '×',
			isMet: least(6),
		},
		{
			figure: 'The same at 150 ms a page, 8 at once',
			target: '≥ 6',
			value: faster('node-raw-8', 'http', 150),
			unit: '×',
			isMet: least(6),
		},
		{
			figure: 'Peak memory above idle against HTTP Request + Split Out, 100,000 records, raw',
			target: '≤ 0.55',
			value: ratio(memoryOf('node-raw-4', 100_000), memoryOf('http', 100_000)),
			unit: '×',
			isMet: most(0.55),
		},
		{
			figure: 'The same, simplified',
			target: '≤ 0.35',
			value: ratio(memoryOf('node-simplified-4', 100_000), memoryOf('http', 100_000)),
			unit: '×',
			isMet: most(0.35),
		},
		{
			figure: 'Simplified rows: cost of a record on top of raw, in-process, 1 at once',
			target: '≤ 4 µs',
			value: perRow,
			unit: ' µs',
			isMet: most(4),
		},
		{
			figure: 'Export of 1,000,000 records: peak memory above idle',
			target: '≤ 150 MB',
			value: exportBytes && exportBytes / 1e6,
			unit: ' MB',
			isMet: most(150),
		},
		{
			figure: 'The same against 100,000 records',
			target: '0.70 to 1.30',
			value: ratio(exportBytes, memoryOf('export', 100_000)),
			unit: '×',
			isMet: (value) => value >= 0.7 && value <= 1.3,
		},
		{
			figure: 'Start-up: loading all nodes and credentials',
			target: '≤ 30 ms',
			value: results.loadMs.length > 0 ? median(results.loadMs) : undefined,
			unit: ' ms',
			isMet: most(30),
		},
		{
			figure: 'Size of dist',
			target: '≤ 480 KB',
			value: results.distBytes / 1000,
			unit: ' KB',
			isMet: most(480),
		},
	];
}

/** The results as Markdown, the most important first. */
export function markdownOf(results: Results): string {
	const { machine } = results;
	const parts = [
		`Measured on ${results.date} with n8n ${machine.n8n} and Node ${machine.node}, on ${machine.os} with ${machine.cores} cores (${machine.cpu}) and ${machine.memoryGb} GB. Records of ${results.bytesPerRecord.toLocaleString('en')} bytes, 1,000 a page; medians of ${results.runs} alternating runs, without latency of ${results.runsWithoutLatency}.`,
		'### Targets',
		table(
			['Figure', 'Target', 'Measured', 'Met'],
			targetsOf(results).map(({ figure, target, value, unit, isMet }) => [
				figure,
				target,
				value === undefined ? 'not measured' : `${short(value)}${unit}`,
				value === undefined ? '' : isMet(value) ? 'yes' : '**no**',
			]),
		),
		...(results.speed.length > 0 ? ['### Records a second', speedTable(results.speed)] : []),
		...(results.memory.length > 0
			? ['### Memory above idle', memoryTable(results.memory), '### Growth', growthTable(results)]
			: []),
		...(results.largest.length > 0
			? [
					'### Longest list',
					table(
						['', 'Gets through', 'Beyond that'],
						results.largest.map(({ contender, records, failures }) => [
							NAMES[contender],
							records === 0 ? 'none of those tried' : count(records),
							failures.map(({ records: tried, why }) => `${count(tried)}: ${why}`).join('; '),
						]),
					),
				]
			: []),
	];
	return `${parts.join('\n\n')}\n`;
}

function speedTable(speed: Speed[]): string {
	const columns = unique(speed.map(({ records, latencyMs }) => `${count(records)} · ${latencyMs} ms`));
	return table(
		['Records · latency of a page', ...columns],
		unique(speed.map(({ contender }) => contender)).map((contender) => [
			NAMES[contender],
			...columns.map((column) => {
				const found = speed.find(
					(one) => one.contender === contender && `${count(one.records)} · ${one.latencyMs} ms` === column,
				);
				return found ? count((found.records / median(found.runsMs)) * 1000) : '';
			}),
		]),
	);
}

function memoryTable(memory: Memory[]): string {
	return table(
		['', 'Records', 'Young generation', 'Peak above idle', 'Of each run'],
		memory.map(({ contender, records, semiSpaceMb, runsBytes }) => [
			NAMES[contender],
			count(records),
			semiSpaceMb === undefined ? 'as Node chooses' : `${semiSpaceMb} MB`,
			`${short(median(runsBytes) / 1e6)} MB`,
			runsBytes.map((bytes) => short(bytes / 1e6)).join(', '),
		]),
	);
}

/** Linear regressions over all measured lengths: the cost of one more record. */
function growthTable({ memory }: Results): string {
	const grown = unique(memory.map(({ contender }) => contender)).flatMap((contender) => {
		const sizes = memory.filter((one) => one.contender === contender && one.semiSpaceMb === undefined);
		if (sizes.length < 3) return [];
		const time = line(sizes.map(({ records, ms }) => [records, median(ms)]));
		const bytes = line(sizes.map(({ records, runsBytes }) => [records, median(runsBytes)]));
		return [
			[
				NAMES[contender],
				sizes.map(({ records, ms }) => `${count(records)}: ${short(median(ms) / 1000)} s`).join(', '),
				`${short(time.slope * 1000)} µs (fit ${time.fit.toFixed(4)})`,
				`${short(bytes.slope)} bytes (fit ${bytes.fit.toFixed(4)})`,
			],
		];
	});
	return table(['', 'Time', 'One record more: time', 'One record more: memory'], grown);
}

function table(head: string[], rows: string[][]): string {
	const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
	return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function unique<T>(values: T[]): T[] {
	return [...new Set(values)];
}

const count = (value: number) => Math.round(value).toLocaleString('en');

/** Formats with three significant digits, or more if the whole part is longer. */
const short = (value: number) =>
	Math.abs(value) >= 100 ? count(value) : String(Number(value.toPrecision(3)));
