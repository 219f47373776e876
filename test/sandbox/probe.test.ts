import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { startSandbox, type Sandbox, type VoltTimeSwitches } from '../../sandbox';
import { probe, toReport } from '../../sandbox/probe';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
afterEach(() => sandbox.voltTime.reset());

const run = () => probe(sandbox.voltTime.url, sandbox.voltTime.key);
const answersOf = async () => Object.fromEntries((await run()).map(({ point, answer }) => [point, answer]));
const set = (switches: Partial<VoltTimeSwitches>) => Object.assign(sandbox.voltTime.switches, switches);

/** What the probe says of the server as it starts. */
const AT_START = {
	...{ v3: 'answers', v2: 'answers', tokens: 'both', sameIds: 'true' },
	...{ 'paging of chargers': 'links', 'paging of team sessions': 'flat' },
	...{ 'paging of charger sessions': 'links', limitMeans: 'cap', v3Order: 'desc', envelope: 'data' },
	...{ unknownFilter: 'refused400', searchName: 'filter[search]', kwh: 'floor', isValid: 'absent' },
	...{ datePrecision: 'day', stoppedUntil: 'endOfDay', zone: 'UTC', untilHidesRunning: 'true' },
	whenAccessEnded: 'not settled',
};
const OPEN = 'not settled';
const all = (form: string) => ({
	...{ 'paging of chargers': form, 'paging of team sessions': form, 'paging of charger sessions': form },
});

describe('the report tells the truth', () => {
	it('of the server as it starts', async () => {
		expect(await answersOf()).toEqual(AT_START);
	});

	const cases: Array<[Partial<VoltTimeSwitches>, Record<string, string>]> = [
		[{ v2: 'gone410' }, { v2: 'gone410', tokens: OPEN, sameIds: OPEN }],
		[{ v2: 'missing404' }, { v2: 'missing404', tokens: OPEN, sameIds: OPEN }],
		[{ v2: 'moved301' }, { v2: 'moved301', tokens: OPEN, sameIds: OPEN }],
		[{ tokens: 'onlyV3' }, { tokens: 'onlyV3', sameIds: OPEN }],
		[{ sameIds: false }, { sameIds: 'false' }],
		[{ datePrecision: 'cutOff' }, { datePrecision: 'cutOff' }],
		[{ datePrecision: 'time' }, { datePrecision: 'time' }],
		[{ stoppedUntil: 'startOfDay' }, { stoppedUntil: 'startOfDay' }],
		[{ untilHidesRunning: false }, { untilHidesRunning: 'false' }],
		[{ zone: 'Amsterdam' }, { zone: 'Amsterdam' }],
		[{ limitMeans: 'pageSize' }, { limitMeans: 'pageSize' }],
		[{ blocks: 'links' }, all('links')],
		[{ blocks: 'flat' }, all('flat')],
		[{ blocks: 'lengthAware' }, all('lengthAware')],
		[{ blocks: 'cursor' }, all('cursor')],
		[{ blocks: 'none' }, { ...all('none'), limitMeans: OPEN }],
		[{ unknownFilter: 'ignored' }, { unknownFilter: 'ignored' }],
		[{ searchName: 'search' }, { searchName: 'search' }],
		[{ kwh: 'exact' }, { kwh: 'exact' }],
		[{ kwh: 'number' }, { kwh: 'number' }],
		[{ kwh: 'absent' }, { kwh: 'absent' }],
		[{ isValid: 'someFalse' }, { isValid: 'someFalse' }],
		[{ envelope: 'bare' }, { envelope: 'bare' }],
		[
			{ envelope: 'bare', blocks: 'none' },
			{ envelope: 'bare', ...all('none'), limitMeans: OPEN },
		],
		[{ v3Order: 'asc' }, { v3Order: 'asc' }],
	];
	it.each(cases)('with %j', async (switches, expected) => {
		set(switches);
		expect(await answersOf()).toEqual({ ...AT_START, ...expected });
	});

	it.each(['forbidden403', 'empty'] as const)('of access that ended, with %s', async (whenAccessEnded) => {
		set({ whenAccessEnded });
		const { data } = sandbox.voltTime;
		data.endAccess(data.chargers(data.teams[0].id)[1].id);
		expect(await answersOf()).toEqual({ ...AT_START, whenAccessEnded });
	});

	it('of an address without V3, and of a token for V2 only', async () => {
		set({ v3: 'missing404' });
		expect(await answersOf()).toEqual({ v3: 'missing404', v2: 'answers', tokens: OPEN });
		set({ v3: 'answers', tokens: 'onlyV2' });
		expect(await answersOf()).toEqual({ v3: 'answers', v2: 'answers', tokens: 'onlyV2' });
	});

	it('of energy: whole kWh are alike in each way, so they settle nothing', async () => {
		const { data } = sandbox.voltTime;
		const [charger] = data.chargers(data.teams[0].id);
		for (const id of data.ids(charger.id)) data.remove(id);
		for (const stop of [9000, 10_000, 11_000, 12_000])
			data.add(charger.id, { meter_start: 1000, meter_stop: stop });
		expect((await answersOf()).kwh).toBe(OPEN);
	});
});

describe('the probe', () => {
	it('reads only, and sends the token to no other host', async () => {
		const other = createServer();
		let connections = 0;
		other.on('connection', (socket) => {
			connections++;
			socket.destroy();
		});
		await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
		const { port } = other.address() as { port: number };
		set({ v2: 'moved301', v2MovedTo: `http://127.0.0.1:${port}` });
		await run().finally(() => other.close());
		expect(connections).toBe(0);
		expect(new Set(sandbox.voltTime.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
		expect(sandbox.voltTime.requests.length).toBeLessThan(45);
	});

	it('says nothing that tells who or what it is about', async () => {
		const { voltTime } = sandbox;
		const { data } = voltTime;
		data.endAccess(data.chargers(data.teams[0].id)[1].id);
		const report = toReport(voltTime.url, await run(), new Date(0));
		const sessions = data.allChargers().flatMap(({ id }) => [...data.transactions(id).records()]);
		const secrets = [
			...[voltTime.key, voltTime.url, '127.0.0.1', String(data.user.name), String(data.user.email)],
			...data.teams.flatMap(({ uuid, id, name }) => [uuid, String(id), name]),
			...data.sites.flatMap(({ uuid, id, name, street }) => [uuid, String(id), name, street]),
			...data.allChargers().flatMap(({ uuid, id, identity }) => [uuid, String(id), identity]),
			...sessions.flatMap(({ id, id_tag, meter_start, started_at }) => [
				...[String(id), id_tag ?? voltTime.key, String(meter_start), started_at],
			]),
		];
		// A number is looked for as a whole, not inside a hash.
		const words = new Set(report.split(/[^\w.:-]+/));
		expect(secrets.filter((text) => words.has(text) || (text.length > 8 && report.includes(text)))).toEqual(
			[],
		);
		expect(report).toMatch(/#[0-9a-f]{8}/);
	});

	it('names equal ids alike, and others apart', async () => {
		const { seen } = (await run()).find(({ point }) => point === 'sameIds')!;
		const [one, other] = seen.match(/#[0-9a-f]{8}/g)!;
		expect(one).toBe(other);
		set({ sameIds: false });
		const apart = (await run()).find(({ point }) => point === 'sameIds')!.seen.match(/#[0-9a-f]{8}/g)!;
		expect(apart[0]).not.toBe(apart[1]);
	});

	it('says what to do about a refused token, a limit that is reached, and no answer', async () => {
		await expect(probe(sandbox.voltTime.url, 'wrong')).rejects.toThrow('The token is refused (401)');
		set({ rateLimit: 3 });
		await expect(run()).rejects.toThrow('Try again in a minute');
		await expect(probe('http://127.0.0.1:1', 'any')).rejects.toThrow('Check --base-url');
	});
});

describe('npm run probe', () => {
	/** Runs the program, with the token in its environment or none. */
	const start = async (words: string[], token?: string) => {
		const env: NodeJS.ProcessEnv = { ...process.env };
		delete env.VOLT_TIME_TOKEN;
		if (token !== undefined) env.VOLT_TIME_TOKEN = token;
		const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/probe.ts', ...words], {
			cwd: join(__dirname, '../..'),
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let output = '';
		let errors = '';
		child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
		child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
		const code = await new Promise((resolve) => child.on('close', resolve));
		return { code, output, errors: errors.trim() };
	};

	it('prints a table that can be pasted', async () => {
		const { code, output, errors } = await start(['--base-url', sandbox.voltTime.url], sandbox.voltTime.key);
		expect([code, errors]).toEqual([0, '']);
		expect(output).toContain(
			'| Open point | Answer | Seen |\n| --- | --- | --- |\n| Does version 3 answer (`v3`) | answers |',
		);
		expect(output).toMatch(
			/^Volt Time \(Plugchoice\), another address, [\d-]+: 18 of 19 points are settled\.\n/,
		);
		expect(output).not.toContain('undefined');
	});

	it('explains itself', async () => {
		const { code, output } = await start(['--help']);
		expect([code, output]).toEqual([0, expect.stringContaining('--base-url')]);
	});

	it.each([
		[['--token', 'secret'], 'The token is no option'],
		[['--nope'], '--nope'],
		[['word'], 'word'],
		[['--base-url', 'http://app.plugchoice.com'], 'with https'],
		[['--base-url', 'https://app.plugchoice.com/api/v3'], 'without a path'],
		[['--base-url', 'nowhere'], '--base-url must be an address'],
		[[], 'There is no token. Set VOLT_TIME_TOKEN'],
	])('%j ends with code 1 and one line that says what is wrong', async (words, message) => {
		const { code, output, errors } = await start(words);
		expect([code, output, errors]).toEqual([1, '', expect.stringContaining(message)]);
		expect(errors.split('\n')).toHaveLength(1);
		expect(errors).not.toContain('secret');
	});
});
