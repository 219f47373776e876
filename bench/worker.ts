/**
 * One contender in its own process. It receives its runs over IPC, one at a time.
 *
 * `bare` is the lower bound: one keep-alive connection, page after page, only JSON.parse. `bare-connecting` opens a connection
 * for each page, as n8n does. `helper` is the same loop with n8n's HTTP helper, which every node has to use. `node` is the node
 * from the built package, run by n8n-core with that helper and n8n's parameters.
 */
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { IN8nHttpFullResponse, INodeExecutionData, INodeType } from 'n8n-workflow';

import { runNode } from '../test/support/n8n';

/** One run. */
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
	/** Resident memory in bytes: at the start of the run, and the peak of the process. */
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

/** @param getBody Returns the body of a response for a path of the API. */
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
	// The built package, since it is compiled differently from the sources.
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
