import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Database {
	port: number;
	close(): Promise<void>;
}

/**
 * Starts a PostgreSQL on the loopback address, in memory and empty, for any user and password. It takes 700 MB, so it begins with
 * the first connection.
 */
export async function startDatabase(): Promise<Database> {
	const sockets = new Set<Socket>();
	let backend: ReturnType<typeof startBackend> | undefined;
	const server = createServer((socket) => {
		sockets.add(socket);
		// Whoever leaves early has ended the connection, and that is all.
		socket.on('error', () => {}).on('close', () => sockets.delete(socket));
		backend ??= startBackend();
		backend.then(
			({ port }) => {
				const inner = connect(port, '127.0.0.1');
				inner.on('error', () => {}).on('close', () => socket.destroy());
				socket.on('close', () => inner.destroy());
				socket.pipe(inner).pipe(socket);
			},
			() => socket.destroy(),
		);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		close: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
			await (await backend)?.close();
		},
	};
}

async function startBackend(): Promise<Database> {
	const [{ PGlite }, { PGLiteSocketServer }] = await Promise.all([
		import('@electric-sql/pglite'),
		import('@electric-sql/pglite-socket'),
	]);
	const db = await PGlite.create();
	const server = new PGLiteSocketServer({ db, port: 0, host: '127.0.0.1', maxConnections: 100 });
	await server.start();
	return {
		port: Number(server.getServerConn().split(':').at(-1)),
		close: async () => {
			await server.stop();
			await db.close();
		},
	};
}
