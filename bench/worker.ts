/**
 * One contender in a process of its own: does what it is told over IPC, one run at a time.
 *
 * `bare` is the limit: one connection that is kept, page after page, JSON.parse, nothing else. `bare-connecting` opens a
 * connection for each page, as n8n does, and `helper` is the same loop with n8n's HTTP helper, which every node has to use.
 * `node` is the node as n8n-core runs it, with that helper and n8n's parameters, from the built package.
 */
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { IN8nHttpFullResponse, INodeExecutionData, INodeType } from 'n8n-workflow';

import { runNode } from '../test/support/n8n';

/** What to read, and how. */
export interface Job {
	contender: 'bare' | 'bare-connecting' | 'helper' | 'node';
	/** Base URL of the list. */
	url: string;
	key: string;
	output: 'raw' | 'simplified';
	atOnce: number;
}

export interface Done {
	ms: number;
	items: number;
	/** In the machine's memory, in bytes: when the run began, and at most since the process did. */
	idle: number;
	peak: number;
}

interface Page {
	data: unknown[];
	nextPageCursor?: string;
}

const kept = new Agent({ keepAlive: true, maxSockets: 1 });

async function bare({ url, key, contender }: Job): Promise<number> {
	const agent = contender === 'bare' ? kept : false;
	const headers = { authorization: `Bearer ${key}` };
	const pages = await loop(async (path) => {
		const response = await new Promise<IncomingMessage>((resolve, reject) =>
			get(url + path, { agent, headers }, resolve).on('error', reject),
		);
		const chunks: Buffer[] = [];
		for await (const chunk of response) chunks.push(chunk as Buffer);
		return Buffer.concat(chunks);
	});
	return pages.reduce((sum, { length }) => sum + length, 0);
}

async function helper(job: Job): Promise<number> {
	return await run(job, (Spirii) => ({
		description: new Spirii().description,
		async execute() {
			const pages = await loop(async (path) => {
				const answer = (await this.helpers.httpRequestWithAuthentication.call(this, 'spiriiApi', {
					url: job.url + path,
					encoding: 'arraybuffer',
					returnFullResponse: true,
				})) as IN8nHttpFullResponse;
				return answer.body as Buffer;
			});
			return [pages.flat() as INodeExecutionData[]];
		},
	}));
}

async function node(job: Job): Promise<number> {
	return await run(job, (Spirii) => new Spirii());
}

/** @param getBody Gets what is under a path of the API. */
async function loop(getBody: (path: string) => Promise<Buffer>): Promise<unknown[][]> {
	const pages: unknown[][] = [];
	let cursor: string | undefined;
	do {
		const position = cursor === undefined ? '' : `&nextPageCursor=${cursor}`;
		const body = await getBody(`/v2/charge-records?limit=1000${position}`);
		const page = JSON.parse(body.toString('utf8')) as Page;
		pages.push(page.data);
		cursor = page.nextPageCursor;
	} while (cursor !== undefined);
	return pages;
}

async function run(
	{ url, key, output, atOnce }: Job,
	nodeOf: (Spirii: new () => INodeType) => INodeType,
): Promise<number> {
	// As it is published, not as it is written: the two are compiled differently.
	const { Spirii } = (await import(join(__dirname, '..', 'dist/nodes/Spirii/Spirii.node.js'))) as {
		Spirii: new () => INodeType;
	};
	const { items } = await runNode({
		node: nodeOf(Spirii),
		parameters: {
			resource: 'chargeRecord',
			operation: 'getAll',
			returnAll: true,
			output,
			options: { concurrency: atOnce },
		},
		credentials: { spiriiApi: { apiKey: key, environment: 'custom', baseUrl: url } },
	});
	return items.length;
}

const CONTENDERS: Record<Job['contender'], (job: Job) => Promise<number>> = {
	bare,
	'bare-connecting': bare,
	helper,
	node,
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', (job: Job) => {
	collect();
	const idle = process.memoryUsage.rss();
	const begun = performance.now();
	void CONTENDERS[job.contender](job).then(
		(items) => {
			const ms = performance.now() - begun;
			process.send?.({ ms, items, idle, peak: process.resourceUsage().maxRSS * 1024 } satisfies Done);
		},
		(error: Error) => {
			process.stderr.write(`${error.stack}\n`);
			process.exit(1);
		},
	);
});
process.on('disconnect', () => process.exit(0));
