import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { startSandbox, type Sandbox } from '../../sandbox';
import { credentialsFor, dataOf, startRealN8n, type RealN8n, type Worker } from './realN8n';
import { missingServices, startServices, type Services } from './services';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const RUNS = 200;
const RECORDS = 1000;
/** Fewer than the two workers run at a time: n8n lets webhooks that wait for an answer go before runs of a trigger. */
const CALLERS = 9;
const POLL = 10 * SECOND;

const SETTINGS = {
	EXECUTIONS_MODE: 'queue',
	N8N_ENCRYPTION_KEY: 'the same for all processes',
	// For reading who ran what.
	N8N_LOG_FORMAT: 'json',
	// A dead worker is noticed after 15 to 25 seconds instead of 60 to 120.
	QUEUE_WORKER_LOCK_DURATION: '15000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '3000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

/** Sessions live with another vendor account than the long list, so that the requests for each can be told apart. */
const SESSIONS = { spiriiApi: { id: 'sessionsSpirii', name: 'Spirii, sessions' } };
const LIST = { spiriiApi: { id: 'exampleSpirii', name: 'Spirii' } };

interface Node {
	type: string;
	typeVersion?: number;
	parameters: Record<string, unknown>;
	credentials?: object;
	[more: string]: unknown;
}

/** A workflow of nodes in a row. The last one tells the receiver the keys of the sessions that the one before it gave. */
function workflowOf(id: string, nodes: Record<string, Node>, reportTo: string, settings = {}) {
	const source = Object.keys(nodes).at(-1) as string;
	const all: Record<string, Node> = {
		...nodes,
		Report: {
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			executeOnce: true,
			parameters: {
				method: 'POST',
				url: `=${reportTo}/{{ $execution.id }}`,
				sendBody: true,
				specifyBody: 'json',
				jsonBody: `={{ JSON.stringify($('${source}').all().map(({ json }) => json.sessionKey)) }}`,
			},
		},
	};
	const names = Object.keys(all);
	return {
		id,
		name: id,
		active: false,
		settings: { executionOrder: 'v1', ...settings },
		nodes: Object.entries(all).map(([name, node], place) => ({
			id: `${id}-${place}`,
			name,
			typeVersion: 1,
			position: [place * 220, 0],
			...node,
		})),
		connections: Object.fromEntries(
			names.slice(1).map((to, place) => [names[place], { main: [[{ node: to, type: 'main', index: 0 }]] }]),
		),
	};
}

function workflowsFor(receiver: string) {
	const allRecords = { operation: 'getAll', returnAll: true };
	const spirii = (parameters: object, credentials: object): Node => ({
		type: 'n8n-nodes-ev-charging.spirii',
		parameters: { resource: 'chargeRecord', output: 'simplified', ...parameters },
		credentials,
	});
	return [
		workflowOf(
			'readRecords',
			{
				Webhook: {
					type: 'n8n-nodes-base.webhook',
					typeVersion: 2,
					webhookId: 'records',
					// The caller gets its answer when the run has ended, and so knows of each that has not.
					parameters: { path: 'records', responseMode: 'lastNode', options: {} },
				},
				Records: spirii(allRecords, LIST),
			},
			`${receiver}/readRecords/{{ $('Webhook').first().json.query.run }}`,
		),
		workflowOf(
			'sessionEnded',
			{
				Ended: {
					type: 'n8n-nodes-ev-charging.spiriiTrigger',
					parameters: {
						event: 'completed',
						source: 'transaction',
						output: 'simplified',
						pollTimes: {
							item: [0, 10, 20, 30, 40, 50].map((second) => ({
								mode: 'custom',
								cronExpression: `${second} * * * * *`,
							})),
						},
					},
					credentials: SESSIONS,
				},
				Transaction: spirii(
					{ resource: 'transaction', operation: 'get', id: '={{ $json.sessionId }}' },
					SESSIONS,
				),
			},
			`${receiver}/sessionEnded/any`,
			{ errorWorkflow: 'makeUp' },
		),
		workflowOf(
			'makeUp',
			{
				Failed: { type: 'n8n-nodes-base.errorTrigger', parameters: {} },
				'Last two days': spirii(
					{
						...allRecords,
						filters: {
							filterConditions: {
								conditions: [
									{ field: 'endedAt', operator: '$gte', value: '={{ $now.minus({ days: 2 }).toISO() }}' },
								],
							},
						},
					},
					SESSIONS,
				),
			},
			`${receiver}/makeUp/any`,
		),
	];
}

interface Report {
	workflow: string;
	/** The number that the caller of the webhook gave it. */
	run: string;
	executionId: string;
	keys: string[];
}

/** Where all workflows report to. */
class Receiver {
	readonly reports: Report[] = [];
	/** The next report for which this holds gets no answer, so the run behind it does not end. */
	holdNext?: (report: Report) => boolean;
	private readonly server: Server;

	constructor() {
		this.server = createServer((request, response) => {
			const [, workflow, run, executionId] = String(request.url).split('/');
			let body = '';
			request.setEncoding('utf8').on('data', (text: string) => (body += text));
			request.on('end', () => {
				const report = { workflow, run, executionId, keys: JSON.parse(body) as string[] };
				this.reports.push(report);
				if (this.holdNext?.(report)) this.holdNext = undefined;
				else response.setHeader('content-type', 'application/json').end('{}');
			});
		});
	}

	of(...workflows: string[]): Report[] {
		return this.reports.filter(({ workflow }) => workflows.includes(workflow));
	}

	has({ executionId }: Run): boolean {
		return this.reports.some((report) => report.executionId === executionId);
	}

	async open(): Promise<string> {
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	close(): void {
		this.server.closeAllConnections();
		this.server.close();
	}
}

/** What comes while it is shut waits until it is open. */
class Gate {
	/** How many wait. */
	waiting = 0;
	open = (): void => {};
	private opened = Promise.resolve();

	shut(): void {
		this.opened = new Promise((resolve) => (this.open = resolve));
	}

	async pass(): Promise<void> {
		this.waiting++;
		await this.opened;
		this.waiting--;
	}
}

interface Run {
	executionId: string;
	workflowId: string;
}

/** Runs that a process of n8n has started, or finished, by its own log. */
function runsIn(log: string, what: 'started' | 'finished'): Run[] {
	return log
		.split('\n')
		.filter((line) => line.includes(`"Worker ${what} execution`) && line.endsWith('}'))
		.map((line) => (JSON.parse(line) as { metadata: Run }).metadata)
		.map(({ executionId, workflowId }) => ({ executionId, workflowId }));
}

/** The last warnings and errors in a log. */
function problemsIn(log = ''): string {
	const lines = log.split('\n').filter((line) => /"level":"(warn|error)"/.test(line));
	return lines
		.slice(-20)
		.map((line) => line.slice(0, 300))
		.join('\n');
}

/** Runs that a worker has started and not finished. */
function inHand(worker: Worker): Run[] {
	const finished = new Set(runsIn(worker.log(), 'finished').map(({ executionId }) => executionId));
	return runsIn(worker.log(), 'started').filter(({ executionId }) => !finished.has(executionId));
}

/** One n8n in queue mode, from its first start without a worker, through the kill of one, to the end. */
class Story {
	readonly receiver = new Receiver();
	readonly workers: Worker[] = [];
	/** What the receiver shall have in the end. */
	readonly ended: string[] = [];
	readonly answers: Array<{ run: number; status: number }> = [];
	/** When the trigger asked for what has ended. */
	readonly polls: number[] = [];
	requestsWithoutWorkers = 0;
	pollsWithoutWorkers = 0;
	killed: Run[] = [];
	/** Those that had reported and not ended. */
	killedAfterReport: Run[] = [];
	failed: Run[] = [];
	retry?: RunRecord;
	mainLog = '';
	/** By the name of the worker. */
	startedBy: Record<string, Run[]> = {};
	seconds = { untilKilledFail: 0, load: 0, all: 0 };
	list!: Sandbox;
	private sessions!: Sandbox;
	private n8n!: RealN8n;
	private readonly listGate = new Gate();
	private readonly transactionGate = new Gate();

	async tell(): Promise<this> {
		const begun = Date.now();
		let services: Services | undefined;
		try {
			services = await startServices();
			await this.startVendors();
			this.n8n = await startRealN8n(this.list, {
				settings: { ...services.settings, ...SETTINGS },
				workflows: workflowsFor(await this.receiver.open()),
				credentials: [
					{ ...SESSIONS.spiriiApi, type: 'spiriiApi', data: credentialsFor(this.sessions)[0].data },
				],
			});
			await this.live();
			this.seconds.all = secondsSince(begun);
			return this;
		} catch (error) {
			process.stdout.write(
				`Queue mode did not come to its end; n8n's main said:\n${problemsIn(this.n8n?.log())}\n`,
			);
			throw error;
		} finally {
			await this.n8n?.stop();
			await services?.stop();
			await this.list?.close();
			await this.sessions?.close();
			this.receiver.close();
		}
	}

	private async startVendors(): Promise<void> {
		this.list = await startSandbox({ records: RECORDS, plain: true });
		this.sessions = await startSandbox({ records: 0, plain: true, now: new Date().toISOString() });
		// Too long ago for the trigger, and for the error workflow.
		this.addSession(Date.now() - 72 * HOUR);
		this.list.spirii.onRequest = async () => await this.listGate.pass();
		this.sessions.spirii.onRequest = async ({ path, query }) => {
			if (path === '/v2/transactions' && query.has('endedAt')) this.polls.push(Date.now());
			if (path.startsWith('/v2/transactions/')) await this.transactionGate.pass();
		};
	}

	private async live(): Promise<void> {
		for (const id of ['makeUp', 'readRecords', 'sessionEnded']) await this.activate(id);
		await until(() => this.polls.length > 2, MINUTE, 'the first polls');

		const begun = Date.now();
		const load = this.load();
		// It is looked at when it has ended; a story that breaks off before that ends it as well.
		load.catch(() => {});
		await until(() => this.enqueued() === CALLERS, MINUTE, 'the first runs in the queue');
		await sleep(2 * SECOND);
		this.requestsWithoutWorkers = this.list.spirii.requests.length;
		this.pollsWithoutWorkers = this.polls.length;
		this.workers.push(...(await Promise.all(['one', 'two'].map((name) => this.n8n.startWorker(name)))));

		this.end(2);
		await until(
			() => this.receiver.of('readRecords').length > RUNS / 4 && this.missing().length === 0,
			4 * MINUTE,
			'a quarter of the runs, and the first sessions',
		);
		const victim = await this.killOne();
		const killedAt = Date.now();
		this.end(2);
		// As a service manager would.
		this.workers.push(await this.n8n.startWorker(`${victim.name} again`));
		await until(() => this.receiver.of('makeUp').length > 0, 3 * MINUTE, 'the error workflow');
		this.seconds.untilKilledFail = secondsSince(killedAt);
		await load;
		this.seconds.load = secondsSince(begun);

		this.end(2);
		await until(() => this.missing().length === 0, MINUTE, 'all sessions');
		// What comes twice has another poll to show.
		const { length } = this.polls;
		await until(() => this.polls.length > length + 1, MINUTE, 'two more polls');
		await this.ask();
	}

	/** What the button "Publish" does. */
	private async activate(id: string): Promise<void> {
		const { versionId } = dataOf<{ versionId: string }>(
			await this.n8n.request('GET', `/rest/workflows/${id}`),
		);
		dataOf(await this.n8n.request('POST', `/rest/workflows/${id}/activate`, { versionId }));
	}

	private enqueued(): number {
		return this.n8n.log().match(/Enqueued execution/g)?.length ?? 0;
	}

	/** Calls the webhook until every run was answered well; a call that fails is made again. */
	private async load(): Promise<void> {
		let next = 0;
		const call = async (run: number) => {
			const { status } = await this.n8n.request('GET', `/webhook/records?run=${run}`);
			this.answers.push({ run, status });
			return status === 200;
		};
		const caller = async () => {
			while (next < RUNS) {
				const run = next++;
				if (!(await call(run)) && !(await call(run))) throw new Error(`Run ${run} failed twice`);
			}
		};
		await Promise.all(Array.from({ length: CALLERS }, caller));
	}

	/** Sessions end at this moment. */
	private end(count: number): void {
		const now = Date.now();
		for (let each = 0; each < count; each++) this.ended.push(`spirii:${this.addSession(now)}`);
	}

	/** A session of an hour; gives its id. */
	private addSession(end: number): number {
		const [startedAt, endedAt] = [end - HOUR, end].map((time) => new Date(time).toISOString());
		return this.sessions.spirii.data.add({ startedAt, createdAt: startedAt, endedAt, updatedAt: endedAt }).id;
	}

	private missing(): string[] {
		const arrived = this.receiver.of('sessionEnded', 'makeUp').flatMap(({ keys }) => keys);
		return this.ended.filter((key) => !arrived.includes(key));
	}

	/** Kills a worker that has all its hands full: a run of the trigger, one that has reported, and three that have not. */
	private async killOne(): Promise<Worker> {
		this.transactionGate.shut();
		this.end(3);
		const hasTriggered = (worker: Worker) =>
			inHand(worker).some(({ workflowId }) => workflowId === 'sessionEnded');
		await until(() => this.workers.some(hasTriggered), MINUTE, 'a run of the trigger');
		const victim = this.workers.find(hasTriggered) as Worker;

		this.receiver.holdNext = ({ executionId }) =>
			inHand(victim).some((run) => run.executionId === executionId);
		await until(() => !this.receiver.holdNext, MINUTE, 'a report of the worker');
		this.listGate.shut();
		const unreported = (workers: Worker[]) =>
			workers.flatMap(inHand).filter((run) => !this.receiver.has(run));
		// A run that has read its list may report while the worker is killed, so all shall wait for theirs.
		const allWaitForLists = () =>
			unreported(this.workers).filter(({ workflowId }) => workflowId === 'readRecords').length ===
			this.listGate.waiting;
		await until(
			() => inHand(victim).length === 5 && unreported([victim]).length === 4 && allWaitForLists(),
			MINUTE,
			'a worker with its hands full',
		);
		await victim.kill();
		this.killed = inHand(victim);
		this.killedAfterReport = this.killed.filter((run) => this.receiver.has(run));
		this.listGate.open();
		this.transactionGate.open();
		return victim;
	}

	/** What n8n says of the runs; and it is asked to retry the killed run of the trigger. */
	private async ask(): Promise<void> {
		const runs = async (filter: object) =>
			dataOf<{ results: RunRecord[] }>(
				await this.n8n.request(
					'GET',
					`/rest/executions?limit=100&filter=${encodeURIComponent(JSON.stringify(filter))}`,
				),
			).results;
		this.failed = (await runs({ status: ['error', 'crashed'] })).map(({ id, workflowId }) => ({
			executionId: id,
			workflowId,
		}));

		const triggered = this.killed.find(({ workflowId }) => workflowId === 'sessionEnded') as Run;
		// n8n does not always answer when the retry ends at once; its record is there in any case.
		void this.n8n.request('POST', `/rest/executions/${triggered.executionId}/retry`, {}).catch(() => {});
		// A retry that fails starts the error workflow as well.
		await until(() => this.receiver.of('makeUp').length === 2, MINUTE, 'the error workflow of the retry');
		[this.retry] = (await runs({ workflowId: 'sessionEnded' })).filter(
			({ retryOf }) => retryOf === triggered.executionId,
		);
		this.mainLog = this.n8n.log();
		for (const { name, log } of this.workers) this.startedBy[name] = runsIn(log(), 'started');
	}
}

/** A run in n8n's own list. */
interface RunRecord {
	id: string;
	workflowId: string;
	status: string;
	retryOf: string | null;
}

function secondsSince(begun: number): number {
	return Math.round((Date.now() - begun) / SECOND);
}

async function until(holds: () => boolean, patience: number, what: string): Promise<void> {
	for (const deadline = Date.now() + patience; !holds(); await sleep(100)) {
		if (Date.now() > deadline) throw new Error(`Waited ${patience / SECOND} s in vain for ${what}`);
	}
}

const byId = (runs: Run[]) =>
	[...runs].sort((one, other) => Number(one.executionId) - Number(other.executionId));

const missing = missingServices();
const isSkipped = missing !== undefined && !process.env.CI;
if (isSkipped) process.stdout.write(`Skipped: n8n in queue mode. ${missing}\n`);

(isSkipped ? describe.skip : describe)(
	'n8n in queue mode, one main and two workers, one of them killed',
	() => {
		const story = new Story();
		/** Of the long list, by the number of the run. */
		let reports: Report[];
		let started: Run[];

		beforeAll(async () => {
			await story.tell();
			reports = story.receiver.of('readRecords');
			started = Object.values(story.startedBy).flat();
			process.stdout.write(summary(story));
		}, 10 * MINUTE);

		test('runs wait for a worker: the main polls, and runs none itself', () => {
			expect(story.requestsWithoutWorkers).toBe(0);
			expect(story.pollsWithoutWorkers).toBeGreaterThan(0);
			expect(runsIn(story.mainLog, 'started')).toEqual([]);
		});

		test(`${RUNS} runs arrive, each with the same ${RECORDS} different records`, () => {
			const records = story.list.spirii.data.listed('chargeRecords').map((id) => `spirii:${id}`);
			expect(new Set(records).size).toBe(RECORDS);
			const numbers = new Set(reports.map(({ run }) => Number(run)));
			expect([...numbers].sort((one, other) => one - other)).toEqual(
				Array.from({ length: RUNS }, (_, run) => run),
			);
			for (const { keys } of reports) expect([...keys].sort()).toEqual([...records].sort());
		});

		test('workers ran them, each a good share and no run twice', () => {
			const ids = started.map(({ executionId }) => executionId);
			expect(new Set(ids).size).toBe(ids.length);
			const reporters = story.receiver.reports.map(({ executionId }) => executionId);
			expect(reporters.filter((id) => !ids.includes(id))).toEqual([]);
			for (const name of ['one', 'two']) expect(story.startedBy[name].length).toBeGreaterThan(RUNS / 10);
		});

		test('what the killed worker had in hand fails, and nothing else does', () => {
			expect(story.killed).toHaveLength(5);
			expect(story.killed.map(({ workflowId }) => workflowId)).toContain('sessionEnded');
			expect(byId(story.failed)).toEqual(byId(story.killed));
		});

		test('n8n keeps nothing of a killed run: a retry fails and gives nothing', () => {
			expect(story.retry).toMatchObject({ status: 'error' });
			expect(story.receiver.reports.map(({ executionId }) => executionId)).not.toContain(story.retry?.id);
		});

		test('callers that ask again lose nothing, and a key doubles nothing', () => {
			const refused = story.answers.filter(({ status }) => status !== 200);
			expect(refused.map(({ status }) => status)).toEqual([500, 500, 500, 500]);

			// On the wire a run comes twice when it was killed between its report and its end, and no other does.
			const first = reports.filter(({ run }, place) =>
				reports.slice(place + 1).some((later) => later.run === run),
			);
			expect(first.map(({ executionId }) => executionId)).toEqual(
				story.killedAfterReport.map(({ executionId }) => executionId),
			);
			expect(first).toHaveLength(1);

			const table = new Set(reports.flatMap(({ run, keys }) => keys.map((key) => `${run} ${key}`)));
			expect(table.size).toBe(RUNS * RECORDS);
		});

		test('the trigger polls once per poll time, whatever becomes of the workers', () => {
			const slots = story.polls.map((at) => Math.floor(at / POLL));
			// The activation polls as well, at any time.
			const [begin, end] = [slots[0] + 2, slots.at(-1) as number];
			expect(end - begin).toBeGreaterThan(5);
			expect(slots.filter((slot) => slot >= begin)).toEqual(
				Array.from({ length: end - begin + 1 }, (_, place) => begin + place),
			);
		});

		test('each ended session arrives once; those of the killed run come from the error workflow', () => {
			const keysOf = (workflow: string) => story.receiver.of(workflow).flatMap(({ keys }) => keys);
			const triggered = keysOf('sessionEnded');
			expect(new Set(triggered).size).toBe(triggered.length);
			const lost = story.ended.filter((key) => !triggered.includes(key));
			expect(lost).toHaveLength(3);
			expect(keysOf('makeUp')).toEqual(expect.arrayContaining(lost));

			const table = new Set([...triggered, ...keysOf('makeUp')]);
			expect([...table].sort()).toEqual([...story.ended].sort());
		});
	},
);

function summary({
	workers,
	startedBy,
	answers,
	killed,
	killedAfterReport,
	polls,
	receiver,
	seconds,
}: Story): string {
	const shares = workers.map(({ name }) => `${name} ${startedBy[name].length}`).join(', ');
	return (
		`Queue mode: ${RUNS} runs of ${RECORDS} records in ${seconds.load} s, started by workers: ${shares}; ` +
		`${killed.length} runs killed, ${killedAfterReport.length} of them after its report, known as failed after ` +
		`${seconds.untilKilledFail} s; ${answers.length} calls, ${receiver.of('readRecords').length} reports; ` +
		`${polls.length} polls, up to ${Math.max(...polls.slice(2).map((at) => at % POLL))} ms late; ` +
		`${seconds.all} s in all\n`
	);
}
