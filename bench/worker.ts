/**
 * One contender in a process of its own: does what it is told over IPC, one run at a time.
 *
 * `bare` is the limit: one connection that is kept, page after page, JSON.parse, nothing else. `node` is the node as n8n-core
 * runs it, with n8n's own HTTP helper and parameters, from the built package.
 */
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { INodeType } from 'n8n-workflow';

import { runNode } from '../test/support/n8n';

/** What to read, and how. */
export interface Job {
	contender: 'bare' | 'node';
	/** Base URL of the list. */
	url: string;
	key: string;
	output: 'raw' | 'simplified';
	atOnce: number;
}

export interface Done {
	ms: number;
	items: number;
}

interface Page {
	data: unknown[];
	nextPageCursor?: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

async function bare({ url, key }: Job): Promise<number> {
	const pages: unknown[][] = [];
	let cursor: string | undefined;
	do {
		const position = cursor === undefined ? '' : `&nextPageCursor=${cursor}`;
		const text = await textAt(`${url}/v2/charge-records?limit=1000${position}`, key);
		const page = JSON.parse(text) as Page;
		pages.push(page.data);
		cursor = page.nextPageCursor;
	} while (cursor !== undefined);
	return pages.reduce((sum, { length }) => sum + length, 0);
}

async function textAt(url: string, key: string): Promise<string> {
	const response = await new Promise<IncomingMessage>((resolve, reject) =>
		get(url, { agent, headers: { authorization: `Bearer ${key}` } }, resolve).on('error', reject),
	);
	const chunks: Buffer[] = [];
	for await (const chunk of response) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString('utf8');
}

async function node({ url, key, output, atOnce }: Job): Promise<number> {
	// As it is published, not as it is written: the two are compiled differently.
	const { Spirii } = (await import(join(__dirname, '..', 'dist/nodes/Spirii/Spirii.node.js'))) as {
		Spirii: new () => INodeType;
	};
	const { items } = await runNode({
		node: new Spirii(),
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

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', (job: Job) => {
	collect();
	const begun = performance.now();
	void (job.contender === 'bare' ? bare(job) : node(job)).then(
		(items) => process.send?.({ ms: performance.now() - begun, items } satisfies Done),
		(error: Error) => {
			process.stderr.write(`${error.stack}\n`);
			process.exit(1);
		},
	);
});
process.on('disconnect', () => process.exit(0));
