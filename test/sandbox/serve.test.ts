import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Starts the program and gives its first line, or how it ended. */
function serve(...options: string[]) {
	const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/serve.ts', ...options], { cwd: ROOT });
	let output = '';
	let errors = '';
	child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
	const line = new Promise<string>((resolve) => {
		child.stdout.on('data', (chunk: Buffer) => {
			output += chunk.toString();
			if (output.includes('\n')) resolve(output);
		});
	});
	const end = new Promise<{ code: number | null; errors: string }>((resolve) => {
		child.on('close', (code) => resolve({ code, errors }));
	});
	return { child, line, end };
}

describe('sandbox/serve.ts', () => {
	const children: ChildProcess[] = [];
	const start = (...options: string[]) => {
		const server = serve(...options);
		children.push(server.child);
		return server;
	};
	afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

	it.each(['SIGTERM', 'SIGINT'] as const)(
		'says where both vendors are in one line, and ends cleanly on %s',
		async (signal) => {
			const { child, line, end } = start('--records', '12', '--seed', '5');
			const text = await line;
			expect(text.trim().split('\n')).toHaveLength(1);
			const { spirii, voltTime } = JSON.parse(text) as Record<string, { url: string; key: string }>;
			const get = (url: string, key: string) =>
				fetch(url, { headers: { authorization: `Bearer ${key}`, accept: 'application/json' } });
			const transactions = await get(`${spirii.url}/v2/transactions`, spirii.key);
			expect(((await transactions.json()) as { data: unknown[] }).data).toHaveLength(12);
			expect((await get(`${voltTime.url}/api/v2/teams`, voltTime.key)).status).toBe(200);
			child.kill(signal);
			expect(await end).toEqual({ code: 0, errors: '' });
		},
	);

	it('names a port that is in use and ends with code 1', async () => {
		const other = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => other.once('listening', resolve));
		const { port } = other.address() as AddressInfo;
		const { code, errors } = await start('--volt-time-port', String(port)).end;
		expect([code, errors.trim().split('\n')]).toEqual([
			1,
			[expect.stringContaining(`Port ${port} is in use`)],
		]);
		other.close();
	});

	it('names an option that is wrong and ends with code 1', async () => {
		const { code, errors } = await start('--records', 'many').end;
		expect([code, errors]).toEqual([1, expect.stringContaining('--records')]);
	});
});
