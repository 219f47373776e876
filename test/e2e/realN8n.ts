import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { credentialDataOf, sandboxVendors, vendorNames, type Sandbox } from '../../sandbox';

export const PROJECT = join(__dirname, '..', '..');
export const EXAMPLES = join(PROJECT, 'examples');

/** An answer of n8n. */
export interface Answer {
	status: number;
	type: string;
	text: string;
	/** Undefined when the text is no JSON. */
	json: unknown;
}

/** Items of the last run of each node, by the node's name. */
export type Outputs = Record<string, Array<Record<string, unknown>>>;

/** Where n8n keeps the files of the items, in the same order. */
export type Files = Record<string, string[]>;

/** An editor that is running on its own folders and port, with the example workflows in it. */
export interface RealN8n {
	out: string;
	/** Sends a request as the signed-in owner. */
	request(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<Answer>;
	/** What the button "Execute workflow" does; resolves when the run has ended. */
	execute(workflowId: string): Promise<{ status: string; outputs: Outputs; files: Files; text: string }>;
	/** Id of n8n's own process. */
	pid(): number;
	/** What n8n has logged since it was started. */
	log(): string;
	/** SIGKILL, to it and to all it started. */
	kill(): Promise<void>;
	/** Starts it again, in its folders and on its port. */
	startAgain(): Promise<void>;
	/** In queue mode: starts one more process that runs workflows, with the package in a user folder of its own. */
	startWorker(name: string): Promise<Worker>;
	stop(): Promise<void>;
}

/** A process that runs what the queue holds, 5 workflows at a time. */
export interface Worker {
	name: string;
	/** What it has logged since it was started. */
	log(): string;
	/** SIGKILL, to it and to all it started. */
	kill(): Promise<void>;
}

export interface RealN8nOptions {
	/** More environment variables, for the editor, its workers and the imports. */
	settings?: Record<string, string>;
	/** The major version of n8n; 2 when not given. */
	line?: 2 | 1;
	/** What to import, in place of the example workflows. */
	workflows?: object[];
	/** More credentials, as `n8n import:credentials` reads them. */
	credentials?: object[];
	/** Whether a person or a test looks at its pages: n8n starts in half the time without them. */
	pages?: boolean;
}

/** The credentials that the example workflows name, with the keys of a sandbox. */
export function credentialsFor(sandbox: Sandbox) {
	return vendorNames.map((vendor) => {
		const { id, name, type } = sandboxVendors[vendor].credential;
		return { id, name, type, data: credentialDataOf(vendor, sandbox[vendor]) };
	});
}

/** Installs the packed package into a new n8n and opens its editor. */
export async function startRealN8n(
	sandbox: Sandbox,
	{ settings = {}, line = 2, workflows, credentials = [], pages = false }: RealN8nOptions = {},
): Promise<RealN8n> {
	// n8n starts once for each import. Most of them it can be spared: n8n 2 takes in all of it while it runs, but for new
	// credentials, whose ids it chooses itself. In another database than its own, nothing is prepared.
	const isPrepared = settings.DB_TYPE === undefined;
	const folder = mkdtempSync(join(tmpdir(), 'ev-charging-e2e-'));
	const home = join(folder, 'home');
	const out = join(folder, 'out');
	const all = pages || !isPrepared ? settings : { N8N_DISABLE_UI: 'true', ...settings };
	const child = fork(join(__dirname, 'driver.mjs'), [home, out, JSON.stringify(all), String(line)], {
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	});
	const stop = async () => {
		if (child.connected) {
			child.disconnect();
			await once(child, 'exit');
		}
		rmSync(folder, { recursive: true, force: true });
	};

	let calls = 0;
	const call = async (method: string, ...args: unknown[]) =>
		await new Promise<unknown>((resolve, reject) => {
			const id = ++calls;
			const onMessage = (message: { id: number; result?: unknown; error?: string }) => {
				if (message.id !== id) return;
				child.off('message', onMessage);
				if (message.error === undefined) resolve(message.result);
				else reject(new Error(message.error));
			};
			child.on('message', onMessage);
			child.send({ id, method, args });
		});

	try {
		const takesWorkflows = isPrepared && line === 2;
		await call(isPrepared ? 'copyPreparedHome' : 'install');
		const ofVendors = credentialsFor(sandbox);
		const hasCredentials = isPrepared && credentials.length === 0;
		if (!hasCredentials) await call('importCredentials', [...ofVendors, ...credentials]);
		if (!takesWorkflows) {
			const imported = join(folder, 'workflows.json');
			if (workflows) writeFileSync(imported, JSON.stringify(workflows));
			await call('importWorkflows', workflows ? imported : EXAMPLES);
		}
		const port = await freePort();
		let pid: number;
		const start = async () => {
			const editor = await call('startEditor', port);
			const { pid: own, ...login } = editor as { email: string; password: string; pid: number };
			pid = own;
			return login;
		};
		const { email, password } = await start();
		const request = await signIn(`http://127.0.0.1:${port}`, email, password);
		if (hasCredentials)
			for (const { id, ...patch } of ofVendors)
				dataOf(await request('PATCH', `/rest/credentials/${id}`, patch));
		if (takesWorkflows)
			for (const workflow of workflows ?? examples())
				dataOf(await request('POST', '/rest/workflows', workflow));
		return {
			out,
			request,
			execute: async (id) => await execute(request, id),
			pid: () => pid,
			log: () => readFileSync(join(home, 'editor.log'), 'utf8'),
			kill: async () => void (await call('killEditor')),
			startAgain: async () => void (await start()),
			startWorker: async (name) => {
				await call('startWorker', name, await freePort());
				return {
					name,
					log: () => readFileSync(join(folder, name, 'worker.log'), 'utf8'),
					kill: async () => void (await call('killWorker', name)),
				};
			},
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

function examples(): object[] {
	return readdirSync(EXAMPLES)
		.filter((file) => file.endsWith('.json'))
		.map((file) => JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as object);
}

/** A port that nothing listens on right now. */
export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	return port;
}

/** A function that sends requests as the owner with that login. */
export async function signIn(url: string, email: string, password: string): Promise<RealN8n['request']> {
	let cookie = '';
	const request: RealN8n['request'] = async (method, path, body) => {
		// n8n closes a connection that was not used for 5 s. A busy test would not notice, and use it once more.
		const headers = { 'content-type': 'application/json', cookie, connection: 'close' };
		const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
		const [login] = response.headers.getSetCookie();
		if (login) [cookie] = login.split(';');
		const text = await response.text();
		return {
			status: response.status,
			type: response.headers.get('content-type') ?? '',
			text,
			json: parse(text),
		};
	};
	const { status, text } = await request('POST', '/rest/login', { emailOrLdapLoginId: email, password });
	if (status !== 200) throw new Error(`n8n did not accept its own login: ${text}`);
	return request;
}

/** Runs a workflow from that node on, and waits until the run has ended. */
export async function execute(request: RealN8n['request'], workflowId: string, from = 'Start') {
	// n8n 1 runs what it is sent, n8n 2 what it has.
	const workflowData = dataOf<object>(await request('GET', `/rest/workflows/${workflowId}`));
	const begun = await request('POST', `/rest/workflows/${workflowId}/run`, {
		workflowData,
		triggerToStartFrom: { name: from },
	});
	const { executionId } = dataOf<{ executionId: string }>(begun);
	for (;;) {
		const { status, data } = dataOf<{ status: string; data: string }>(
			await request('GET', `/rest/executions/${executionId}`),
		);
		// n8n 1 stores that a run has ended a moment before it stores what came of it.
		const hasEnded = !['new', 'running'].includes(status) && unflatten(data) !== undefined;
		if (hasEnded) return { status, ...outputsOf(data), text: data };
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}

/** What n8n wraps every answer of its own interface into. */
export function dataOf<T>(answer: Answer): T {
	if (answer.status !== 200) throw new Error(`n8n answered ${answer.status}: ${answer.text.slice(0, 500)}`);
	return (answer.json as { data: T }).data;
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

interface Item {
	json: Record<string, unknown>;
	binary?: { data?: { id: string } };
}

interface Run {
	data?: { main?: Array<Item[] | null> };
}

function outputsOf(flattened: string): { outputs: Outputs; files: Files } {
	const { resultData } = unflatten(flattened) as { resultData: { runData: Record<string, Run[]> } };
	const lastItems = (runs: Run[]) => (runs.at(-1)?.data?.main ?? []).flatMap((output) => output ?? []);
	const ofEach = <T>(give: (items: Item[]) => T) =>
		Object.fromEntries(
			Object.entries(resultData.runData).map(([name, runs]) => [name, give(lastItems(runs))]),
		);
	return {
		outputs: ofEach((items) => items.map(({ json }) => json)),
		files: ofEach((items) => items.flatMap(({ binary }) => binary?.data?.id ?? [])),
	};
}

/** The items with which a trigger started a run that was broken off, as n8n keeps them for another try. */
export function itemsHandedTo(answer: Answer): Array<Record<string, unknown>> {
	const { executionData } = unflatten(dataOf<{ data: string }>(answer).data) as {
		executionData: { nodeExecutionStack: Array<Required<Run>> };
	};
	const [{ data }] = executionData.nodeExecutionStack;
	return (data.main ?? []).flatMap((output) => output ?? []).map(({ json }) => json);
}

/** n8n stores a run as a list in which every text inside an object or array is the place of the value in the list. */
function unflatten(text: string): unknown {
	const values = JSON.parse(text) as unknown[];
	const done = new Map<string, unknown>();
	const revive = (place: unknown): unknown => {
		if (typeof place !== 'string') return place;
		if (done.has(place)) return done.get(place);
		const value = values[Number(place)];
		if (typeof value !== 'object' || value === null) return value;
		const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
		done.set(place, copy);
		for (const [key, inner] of Object.entries(value)) Object.assign(copy, { [key]: revive(inner) });
		return copy;
	};
	return revive('0');
}
