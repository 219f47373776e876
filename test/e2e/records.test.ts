import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { startSandbox, type Sandbox } from '../../sandbox';
import { columnNames } from '../../nodes/shared/session/columns';
import { PROJECT, startRealN8n, type RealN8n } from './realN8n';

const MINUTES = 60_000;

/** A driver's name as a spreadsheet must not run it. */
const FORMULA = '=HYPERLINK("https://example.test","prize")';

interface Node {
	type: string;
	typeVersion?: number;
	parameters: Record<string, unknown>;
	credentials?: object;
}

/** A workflow of nodes in a row behind a manual trigger; several rows begin at the node that their first name says. */
function workflowOf(id: string, nodes: Record<string, Node>, rows: string[][]) {
	const start = { type: 'n8n-nodes-base.manualTrigger', parameters: {} };
	const connections: Record<string, { main: Array<Array<object>> }> = {};
	for (const row of rows) {
		row.slice(1).forEach((name, index) => {
			const from = (connections[row[index]] ??= { main: [[]] });
			from.main[0].push({ node: name, type: 'main', index: 0 });
		});
	}
	return {
		id,
		name: id,
		active: false,
		settings: { executionOrder: 'v1' },
		nodes: Object.entries({ Start: start, ...nodes }).map(([name, node], index) => ({
			id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
			name,
			typeVersion: 1,
			position: [index * 200, 0],
			...node,
		})),
		connections,
	};
}

const spirii = (parameters: object): Node => ({
	type: 'n8n-nodes-ev-charging.spirii',
	parameters: { resource: 'chargeRecord', ...parameters },
	credentials: { spiriiApi: { id: 'exampleSpirii', name: 'Spirii' } },
});
const everything = {
	columnGroups: ['address', 'commercial', 'origin', 'vehicle'],
	driverData: 'plain',
};

describe('rows in spreadsheets', () => {
	const GROUPS = ['address', 'commercial', 'origin', 'vehicle', 'driver'] as const;
	/** Through a file and back, by n8n's own nodes; then read as rows again. */
	const throughFile = (format: string, write: Node, read: Node): Record<string, Node> => ({
		[`Write ${format}`]: write,
		[`Read ${format}`]: read,
		[`Rows of ${format}`]: {
			type: 'n8n-nodes-ev-charging.evCharging',
			parameters: { operation: 'normalize', output: 'simplified', ...everything },
		},
	});
	const convert = (operation: string): Node => ({
		type: 'n8n-nodes-base.convertToFile',
		typeVersion: 1.1,
		parameters: { operation, options: {} },
	});
	const extract = (operation: string, options = {}): Node => ({
		type: 'n8n-nodes-base.extractFromFile',
		parameters: { operation, options },
	});
	const spreadsheet = (parameters: object): Node => ({
		type: 'n8n-nodes-base.spreadsheetFile',
		typeVersion: 2,
		parameters: { ...parameters, options: {} },
	});
	const FORMATS = ['CSV', 'XLSX', 'Spreadsheet File'];
	const workflow = workflowOf(
		'spreadsheets',
		{
			Sessions: spirii({ operation: 'getAll', returnAll: true, output: 'simplified', ...everything }),
			...throughFile('CSV', convert('csv'), extract('csv', { enableBOM: true })),
			...throughFile('XLSX', convert('xlsx'), extract('xlsx')),
			...throughFile(
				'Spreadsheet File',
				spreadsheet({ operation: 'toFile', fileFormat: 'xlsx' }),
				spreadsheet({ operation: 'fromFile' }),
			),
		},
		[
			['Start', 'Sessions'],
			...FORMATS.map((format) => ['Sessions', `Write ${format}`, `Read ${format}`, `Rows of ${format}`]),
		],
	);
	let sandbox: Sandbox;
	let n8n: RealN8n;
	let outputs: Record<string, Array<Record<string, unknown>>>;

	beforeAll(async () => {
		sandbox = await startSandbox({ records: 120, plain: true });
		const [session] = [sandbox.spirii.data.store.at(100)!];
		sandbox.spirii.data.update(session.id, { tag: { ...session.tag, firstName: FORMULA, lastName: '' } });
		n8n = await startRealN8n(sandbox, { workflows: [workflow] });
		const run = await n8n.execute(workflow.id);
		expect(run.status).toBe('success');
		({ outputs } = run);
	}, 5 * MINUTES);

	afterAll(async () => {
		await n8n?.stop();
		await sandbox?.close();
	}, MINUTES);

	test.each(FORMATS)('come back from %s as they were', (format) => {
		expect(outputs.Sessions).toHaveLength(120);
		expect(Object.keys(outputs.Sessions[0])).toEqual(columnNames([...GROUPS]));
		expect(outputs[`Rows of ${format}`]).toEqual(outputs.Sessions);
	});

	test.each(FORMATS)('hold a name that begins like a formula as text in %s', (format) => {
		const names = outputs[`Read ${format}`].map(({ driverName }) => driverName);
		expect(names.filter((name) => String(name).startsWith('='))).toEqual([FORMULA]);
	});
});

describe('a million records', () => {
	const RECORDS = 1_000_000;
	const PER_FILE = 50_000;
	/** Above what n8n takes before the run. */
	const MOST_BYTES = 200e6;
	/**
	 * Any work fills V8's young generation, to a size that depends on the machine: about 110 MB on one with 24 GB. It is set to what
	 * Node documents as its default, so that the figure says what the export takes.
	 */
	const settings = { NODE_OPTIONS: '--max-semi-space-size=16' };
	const small = { operation: 'export', returnAll: false, limit: 2000, output: 'simplified' };
	const workflows = [
		workflowOf('smallExport', { Export: spirii(small) }, [['Start', 'Export']]),
		workflowOf('largeExport', { Export: spirii({ ...small, returnAll: true, perFile: PER_FILE }) }, [
			['Start', 'Export'],
		]),
	];
	let server: ChildProcess;
	let n8n: RealN8n;

	beforeAll(async () => {
		const args = ['--import', 'tsx', 'sandbox/serve.ts', '--plain', '--records', String(RECORDS)];
		server = spawn(process.execPath, args, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'inherit'] });
		const [line] = (await once(createInterface(server.stdout!), 'line')) as [string];
		n8n = await startRealN8n(JSON.parse(line) as Sandbox, { workflows, settings });
	}, 5 * MINUTES);

	afterAll(async () => {
		await n8n?.stop();
		server?.kill();
	}, MINUTES);

	test(
		'are exported in parts, complete and in order, in memory that does not grow with them',
		async () => {
			// What n8n and the node load at their first run belongs to the idle level; what n8n needed to start does not.
			await n8n.execute('smallExport');
			await sleep(25_000);
			const idle = residentBytes(n8n.pid());
			let peak = 0;
			const watch = setInterval(() => (peak = Math.max(peak, residentBytes(n8n.pid()))), 200);
			const begun = Date.now();
			const { status, outputs, files } = await n8n.execute('largeExport');
			clearInterval(watch);
			const seconds = Math.round((Date.now() - begun) / 1000);
			expect(status).toBe('success');

			const parts = RECORDS / PER_FILE;
			expect(outputs.Export.map(({ part, rows }) => [part, rows])).toEqual(
				Array.from({ length: parts }, (_, index) => [index + 1, PER_FILE]),
			);
			const keys = new Set<string>();
			// The order in which Spirii gives the list.
			const updatedAt = columnNames([]).indexOf('updatedAt');
			const sessionKey = columnNames([]).indexOf('sessionKey');
			let last = '';
			let disordered = 0;
			for (const id of files.Export) {
				const { text } = await n8n.request(
					'GET',
					`/rest/binary-data?id=${encodeURIComponent(id)}&action=download`,
				);
				const lines = text.split('\r\n');
				expect(lines[0]).toBe(columnNames([]).join(','));
				expect(lines.at(-1)).toBe('');
				for (const line of lines.slice(1, -1)) {
					// A quoted text may have commas; the two columns that are looked at are not quoted.
					const cells = line.replace(/"(?:[^"]|"")*"/g, '').split(',');
					if (cells.length !== columnNames([]).length) throw new Error(`Other cells than columns: ${line}`);
					if (cells[updatedAt] < last) disordered++;
					last = cells[updatedAt];
					keys.add(cells[sessionKey]);
				}
			}
			expect(keys.size).toBe(RECORDS);
			expect(disordered).toBe(0);

			const megabytes = (bytes: number) => Math.round(bytes / 1e6);
			process.stdout.write(
				`Export of ${RECORDS} records: ${seconds} s; memory ${megabytes(idle)} MB idle, ${megabytes(peak)} MB at the peak: ${megabytes(peak - idle)} MB above idle\n`,
			);
			expect(peak - idle).toBeLessThan(MOST_BYTES);
		},
		15 * MINUTES,
	);
});

/** Memory of a process that is in the machine's memory. */
function residentBytes(pid: number): number {
	return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}
