import { AsyncLocalStorage } from 'node:async_hooks';

import { PollContext, PollTriggerExecutor, TriggersAndPollers } from 'n8n-core';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { prepare, type Run } from './n8n';

/** A trigger node in an active workflow, polled as n8n polls it: with its own context, and its data kept between polls. */
export interface ActiveTrigger {
	/** One live poll: the records it starts the workflow with, none where it doesn't. */
	poll(): Promise<IDataObject[]>;
	/** What "Fetch Test Event" shows. */
	showNewest(): Promise<IDataObject[]>;
	/** What n8n keeps for the node between polls. A test may replace it, or change it by hand. */
	data(): IDataObject;
	/** As n8n's database would have it: the node is loaded anew with this data. */
	restart(data?: IDataObject): void;
	/** As a new process has it: the same, and what the package kept in memory is gone. */
	kill(data: IDataObject): void;
	/** The same node with other parameters, its data kept; and with another credential, where one is named. */
	change(parameters: INodeParameters, credentialId?: string): void;
	/** Lines of the log so far, as `warn: text`. */
	log: string[];
	/** Milliseconds that n8n grants a poll; undefined for an n8n that does not say. */
	budget: number | undefined;
	/** A context for one more poll, with what n8n's scheduler adds to it. */
	context(mode: 'trigger' | 'manual', hooks?: PollHooks): PollContext;
	/** The node as it is loaded now. */
	loaded(): ReturnType<typeof prepare>;
}

/** What n8n's scheduler gives to a poll, beside node and workflow. */
export interface PollHooks {
	emit?: (data: INodeExecutionData[][]) => void;
	emitError?: (error: Error) => void;
	commitCursor?: () => Promise<void>;
	runPoll?: <T>(poll: () => Promise<T>) => Promise<T>;
	staticData?: () => IDataObject;
}

let workflows = 0;

/** Activates a trigger node, in a workflow of its own unless one is named. */
export function activate(run: Run, workflowId = `workflow-${++workflows}`): ActiveTrigger {
	let { workflow, node, additionalData } = prepare(run);
	workflow.id = workflowId;
	let parameters = run.parameters;
	let credentialId: string | undefined;
	const restart = (data: IDataObject = {}) => {
		({ workflow, node, additionalData } = prepare({ ...run, parameters }));
		workflow.id = workflowId;
		if (credentialId) for (const credential of Object.values(node.credentials!)) credential.id = credentialId;
		Object.assign(workflow.getStaticData('node', node), structuredClone(data));
	};
	const current = () => workflow.getStaticData('node', node);
	const copy = () => JSON.parse(JSON.stringify(current())) as IDataObject;
	const contextOf = (mode: 'trigger' | 'manual', hooks: PollHooks = {}) => {
		const context = new PollContext(
			workflow,
			node,
			additionalData,
			mode,
			mode === 'manual' ? 'manual' : 'update',
			hooks.emit,
			hooks.emitError,
			hooks.commitCursor,
			hooks.runPoll,
			hooks.staticData,
		);
		Object.defineProperty(context, 'getPollBudgetMs', {
			value: trigger.budget === undefined ? undefined : () => trigger.budget,
		});
		const logger = (level: string) => (text: string) => void trigger.log.push(`${level}: ${text}`);
		Object.defineProperty(context, 'logger', {
			value: { debug: logger('debug'), info: logger('info'), warn: logger('warn'), error: logger('error') },
		});
		return context;
	};
	const call = async (mode: 'trigger' | 'manual') => {
		const output = await run.node.poll!.call(contextOf(mode));
		return (output?.[0] ?? []).map(({ json }) => json);
	};
	const trigger: ActiveTrigger = {
		poll: async () => await call('trigger'),
		showNewest: async () => await call('manual'),
		data: current,
		restart: (data) => restart(data ?? copy()),
		kill: (data) => {
			// The package keeps it under the id of the workflow.
			workflowId = `workflow-${++workflows}`;
			restart(data);
		},
		change: (changed, id) => {
			parameters = { output: parameters.output, ...changed };
			credentialId = id ?? credentialId;
			restart(copy());
		},
		log: [],
		budget: 300_000,
		context: contextOf,
		loaded: () => ({ workflow, node, additionalData }),
	};
	return trigger;
}

/**
 * What a poll goes through in n8n: it has got its copy of the position (durable only), has given items, and n8n has stored
 * the first (legacy only) and the last of what it stores of that.
 */
export type PollStep = 'copied' | 'given' | 'half stored' | 'stored';

/** A trigger whose polls n8n's own executor runs, and what becomes of them. */
export interface ScheduledTrigger {
	/**
	 * One poll at its time, or (`testing`) the one at the activation of the workflow. Resolves when n8n has stored what came
	 * of it.
	 */
	tick(testing?: boolean): Promise<void>;
	/** What the workflow was started with, one entry a start. */
	emitted: IDataObject[][];
	/** What was shown as failed executions. */
	errors: Error[];
	/** What is in n8n's database. */
	stored(): IDataObject;
	/** The process ends at once, and n8n starts anew with what is in its database. What a poll was doing comes to nothing. */
	kill(): void;
	/** Called after each step of a poll, which goes on when it resolves. */
	onStep?: (step: PollStep) => void | Promise<void>;
	/** Legacy: whether the workflow has started before the position is stored. n8n waits for neither of the two. */
	startsFirst: boolean;
	/** What is to be stored next, together with the start of the workflow if there is one, is not. */
	failsToStore: boolean;
}

/**
 * Schedules a trigger as n8n 2.41.1 does.
 *
 * Legacy: one object in memory, which is saved when a workflow starts, in a step of its own. Durable: each poll gets a copy of
 * what is stored. Where it changed, it is stored together with the start of the workflow, or after a poll that gives nothing,
 * whatever is stored by then. What a poll gives is stored after the poll has ended for n8n.
 */
export function schedule(trigger: ActiveTrigger, mode: 'legacy' | 'durable'): ScheduledTrigger {
	let database: IDataObject = {};
	let process = 1;
	const emitted: IDataObject[][] = [];
	const errors: Error[] = [];
	interface ScheduledPoll {
		process: number;
		snapshot: IDataObject;
		seed: string;
		storing?: Promise<void>;
	}
	const scope = new AsyncLocalStorage<ScheduledPoll>();
	const recordsOf = ([items]: INodeExecutionData[][]) => items.map(({ json }) => json);
	const step = async (name: PollStep) => await scheduled.onStep?.(name);
	/** Does it unless the process was killed. */
	const ifAlive = (work: () => void) => {
		if (scope.getStore()!.process === process) work();
	};
	const commit = (start: () => void) => {
		const { snapshot, seed } = scope.getStore()!;
		const fails = scheduled.failsToStore;
		scheduled.failsToStore = false;
		if (fails) return;
		if (JSON.stringify(snapshot) !== seed) database = structuredClone(snapshot);
		start();
	};
	const durable: PollHooks = {
		runPoll: async (poll) => {
			const one = scope.getStore()!;
			one.seed = JSON.stringify(database);
			one.snapshot = JSON.parse(one.seed) as IDataObject;
			await step('copied');
			return await poll();
		},
		staticData: () => scope.getStore()!.snapshot,
		commitCursor: async () => ifAlive(() => commit(() => {})),
		emit: (data) => {
			scope.getStore()!.storing = (async () => {
				await step('given');
				ifAlive(() => commit(() => void emitted.push(recordsOf(data))));
				await step('stored');
			})();
		},
	};
	const legacy: PollHooks = {
		emit: (data) => {
			const position = JSON.parse(JSON.stringify(trigger.data())) as IDataObject;
			const steps = [() => (database = position), () => emitted.push(recordsOf(data))];
			const [first, second] = scheduled.startsFirst ? steps.reverse() : steps;
			scope.getStore()!.storing = (async () => {
				await step('given');
				ifAlive(first);
				await step('half stored');
				ifAlive(second);
				await step('stored');
			})();
		},
	};
	const hooks: PollHooks = {
		...(mode === 'durable' ? durable : legacy),
		emitError: (error) => ifAlive(() => void errors.push(error)),
	};

	const span = { setStatus() {} };
	const tracing = {
		startSpan: async (_: unknown, work: (one: typeof span) => unknown) => await work(span),
		startNewTraceSpan: async (_: unknown, work: (one: typeof span) => unknown) => await work(span),
		pickWorkflowAttributes: () => ({}),
		pickNodeAttributes: () => ({}),
	};
	const log = { debug() {}, error() {}, scoped: () => log };
	const executor = new PollTriggerExecutor(
		log as never,
		new TriggersAndPollers(),
		tracing as never,
		{ error() {} } as never,
	);
	const scheduled: ScheduledTrigger = {
		tick: async (testing) => {
			const { workflow, node } = trigger.loaded();
			const run = executor.create(workflow, node, trigger.context('trigger', hooks), () => true);
			const one: ScheduledPoll = { process, snapshot: {}, seed: '' };
			await scope.run(one, async () => await run(testing));
			await one.storing;
		},
		emitted,
		errors,
		stored: () => database,
		kill: () => {
			process++;
			trigger.kill(database);
		},
		startsFirst: false,
		failsToStore: false,
	};
	return scheduled;
}
