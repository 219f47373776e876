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

	it('has sessions of both vendors up to the time that it is told, each with a price in its first rows', async () => {
		const now = '2031-03-09T08:00:00.000Z';
		const { child, line, end } = start('--now', now, '--per-charger', '105');
		const { spirii, voltTime } = JSON.parse(await line) as Record<string, { url: string; key: string }>;
		const get = async (url: string, key: string) => {
			const answer = await fetch(url, {
				headers: { authorization: `Bearer ${key}`, accept: 'application/json' },
			});
			return ((await answer.json()) as { data: Array<Record<string, unknown>> }).data;
		};
		/** How many of the ends lie in a day, in UTC. */
		const endsOn = (day: string, ends: unknown[]) => ends.filter((end) => String(end).startsWith(day)).length;

		const records = await get(`${spirii.url}/v2/charge-records?limit=500`, spirii.key);
		const ends = records.map(({ endedAt }) => endedAt);
		expect(ends.filter((endedAt) => Date.parse(String(endedAt)) > Date.parse(now))).toEqual([]);
		expect(endsOn('2031-03-08', ends)).toBeGreaterThan(0);
		// The whole of the month before, down to its first days.
		expect(endsOn('2031-02-0', ends)).toBeGreaterThan(5);
		expect(records.slice(0, 5).filter(({ price }) => (price as { amount: number }).amount > 0)).toHaveLength(
			5,
		);

		const [site] = await get(`${voltTime.url}/api/v3/sites`, voltTime.key);
		const sessions = await get(
			`${voltTime.url}/api/v3/sites/${String(site.uuid)}/transactions?limit=10000`,
			voltTime.key,
		);
		const stops = sessions.map(({ stopped_at: stop }) => stop);
		expect(endsOn('2031-03-08', stops)).toBeGreaterThan(0);
		expect(endsOn('2031-02-0', stops)).toBeGreaterThan(5);
		child.kill('SIGTERM');
		expect(await end).toEqual({ code: 0, errors: '' });
	});

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
		const { code: other, errors: said } = await start('--now', 'soon').end;
		expect([other, said.trim()]).toEqual([
			1,
			'--now must be a time such as 2026-06-30T12:00:00Z, not "soon"',
		]);
	});
});
