import type { IncomingHttpHeaders } from 'node:http';

import fastify from 'fastify';

const MAX_BODY_BYTES = 100_000_000;

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
	const server = fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true });
	// A form, such as a request for a token.
	server.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, undefined));
	server.all<{ Params: { host: string } }>(
		'/:host/*',
		async ({ params, method, url, headers, body }, reply) => {
			const standIn = Object.hasOwn(hosts, params.host) ? hosts[params.host] : undefined;
			if (!standIn)
				return await reply.code(404).send({ message: `The sandbox has no stand-in for ${params.host}` });
			const request = { method, url: new URL(`https:/${url}`), headers, body };
			const { status = 200, json } = await standIn.answer(request);
			return await reply.code(status).send(json);
		},
	);
	return {
		url: await server.listen({ host: '127.0.0.1', port: 0 }),
		close: async () => await server.close(),
	};
}
