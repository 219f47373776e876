import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to one of the stand-ins. */
export interface Request {
	method: string;
	/** As it was sent, with the host that was meant. */
	url: URL;
	headers: IncomingHttpHeaders;
	/** JSON that was read, or undefined. */
	body: unknown;
}

/** An answer in JSON, with status 200 unless it says otherwise. */
export interface Reply {
	status?: number;
	json: object;
}

/** Answers requests to a host. */
export interface StandIn {
	answer(request: Request): Reply | Promise<Reply>;
}

export interface WebServer {
	url: string;
	close(): Promise<void>;
}

/**
 * Starts a server on the loopback address that stands in for several hosts. `/slack.com/api/chat.postMessage` is that path at that
 * host.
 */
export async function startWebServer(hosts: Record<string, StandIn>): Promise<WebServer> {
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const url = new URL(`https:/${request.url}`);
			const isJson = /json/.test(String(request.headers['content-type']));
			void (async () => {
				const text = Buffer.concat(chunks).toString();
				const { method = '', headers } = request;
				const standIn = Object.hasOwn(hosts, url.host) ? hosts[url.host] : undefined;
				const body: unknown = text && isJson ? JSON.parse(text) : undefined;
				const unknown = { status: 404, json: { message: `The sandbox has no stand-in for ${url.host}` } };
				return (await standIn?.answer({ method, url, headers, body })) ?? unknown;
			})()
				.catch(({ message }: Error) => ({ status: 400, json: { message } }))
				.then(({ status = 200, json }: Reply) => {
					response.writeHead(status, { 'content-type': 'application/json' });
					response.end(JSON.stringify(json));
				});
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: async () => {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}
