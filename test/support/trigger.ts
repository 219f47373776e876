import { PollContext } from 'n8n-core';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

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
	/** The same node with other parameters, its data kept. */
	change(parameters: INodeParameters): void;
	/** Lines of the log so far, as `warn: text`. */
	log: string[];
	/** Milliseconds that n8n grants a poll; undefined for an n8n that does not say. */
	budget: number | undefined;
}

/** Activates a trigger node. */
export function activate(run: Run): ActiveTrigger {
	let { workflow, node, additionalData } = prepare(run);
	let parameters = run.parameters;
	const restart = (data: IDataObject = {}) => {
		({ workflow, node, additionalData } = prepare({ ...run, parameters }));
		Object.assign(workflow.getStaticData('node', node), structuredClone(data));
	};
	const current = () => workflow.getStaticData('node', node);
	const copy = () => JSON.parse(JSON.stringify(current())) as IDataObject;
	const call = async (mode: 'trigger' | 'manual') => {
		const context = new PollContext(
			workflow,
			node,
			additionalData,
			mode,
			mode === 'manual' ? 'manual' : 'update',
		);
		Object.defineProperty(context, 'getPollBudgetMs', {
			value: trigger.budget === undefined ? undefined : () => trigger.budget,
		});
		const logger = (level: string) => (text: string) => void trigger.log.push(`${level}: ${text}`);
		Object.defineProperty(context, 'logger', {
			value: { debug: logger('debug'), info: logger('info'), warn: logger('warn'), error: logger('error') },
		});
		const output = await run.node.poll!.call(context);
		return (output?.[0] ?? []).map(({ json }) => json);
	};
	const trigger: ActiveTrigger = {
		poll: async () => await call('trigger'),
		showNewest: async () => await call('manual'),
		data: current,
		restart: (data) => restart(data ?? copy()),
		change: (changed) => {
			parameters = changed;
			restart(copy());
		},
		log: [],
		budget: 300_000,
	};
	return trigger;
}
