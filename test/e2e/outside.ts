import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { startStandIns, type StandIns } from '../../sandbox/standIns';

/** The stand-ins for the services that example workflows send to, and nothing beyond them. */
export interface Outside extends StandIns {
	/** Hosts that n8n asked for and that nothing stands in for. */
	unknown: string[];
}

/** Starts them all, empty. Whatever else n8n asks for goes to a proxy that refuses it. */
export async function startOutside(): Promise<Outside> {
	const standIns = await startStandIns();
	const unknown: string[] = [];
	const proxy = createServer((request, response) => {
		unknown.push(String(request.url));
		response.writeHead(403).end();
	});
	proxy.on('connect', (request, socket) => {
		unknown.push(String(request.url));
		socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
	});
	proxy.listen(0, '127.0.0.1');
	await once(proxy, 'listening');
	const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
	return {
		...standIns,
		settings: {
			...standIns.settings,
			HTTP_PROXY: address,
			HTTPS_PROXY: address,
			// Where both are set, the small ones count.
			http_proxy: address,
			https_proxy: address,
			no_proxy: '127.0.0.1,localhost',
		},
		unknown,
		close: async () => {
			proxy.closeAllConnections();
			proxy.close();
			await standIns.close();
		},
	};
}
