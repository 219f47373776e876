import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { startStandIns, withStandInsForPerson, type StandIns } from '../../sandbox/standIns';

const ROOT = join(__dirname, '../..');
const EXAMPLES = join(ROOT, 'examples');
const REDIRECT = join(ROOT, 'sandbox', 'standIns', 'redirect.cjs');

interface Where {
	url: string;
	key: string;
	hosts: string[];
}

describe('the stand-ins for the services that examples send to', () => {
	let folder: string;
	let said: string[];
	let standIns: StandIns;
	let where: Where;

	beforeEach(async () => {
		folder = mkdtempSync(join(tmpdir(), 'ev-charging-stand-ins-'));
		said = [];
		standIns = await startStandIns({ folder, say: (line) => said.push(line) });
		where = JSON.parse(standIns.settings.SANDBOX_STAND_INS) as Where;
	});

	afterEach(async () => {
		await standIns.close();
		rmSync(folder, { recursive: true, force: true });
	});

	const dataOf = (type: string) =>
		standIns.credentials.find((one) => one.type === type)?.data as Record<string, unknown>;

	/** Sends an e-mail with one file, and gives the codes that the server answered with. */
	async function send(fileName: string, password = where.key): Promise<string[]> {
		const email = [
			'From: n8n@example.com',
			'To: billing@example.com',
			'Subject: Sessions, June 2026',
			'MIME-Version: 1.0',
			'Content-Type: multipart/mixed; boundary=part',
			'',
			'--part',
			'Content-Type: text/plain',
			'',
			'The file is attached.',
			'--part',
			'Content-Type: application/octet-stream',
			'Content-Transfer-Encoding: base64',
			`Content-Disposition: attachment; filename="${fileName}"`,
			'',
			Buffer.from('a table').toString('base64'),
			'--part--',
			'.',
		].join('\r\n');
		const socket = connect(Number(dataOf('smtp').port), '127.0.0.1');
		const answers: string[] = [];
		const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
		// The last line of an answer has a blank behind its code.
		const answer = async () => {
			for (;;) {
				const line = String((await lines.next()).value);
				if (/^\d{3} /.test(line)) return void answers.push(line.slice(0, 3));
			}
		};
		await answer();
		const login = Buffer.from(`\0n8n\0${password}`).toString('base64');
		const envelope = ['MAIL FROM:<n8n@example.com>', 'RCPT TO:<billing@example.com>', 'DATA'];
		for (const command of ['EHLO here', `AUTH PLAIN ${login}`, ...envelope, email, 'QUIT']) {
			socket.write(`${command}\r\n`);
			await answer();
			if (answers.at(-1)!.startsWith('5')) break;
		}
		socket.destroy();
		return answers;
	}

	it('take an e-mail, say whom it was for, and write its file', async () => {
		expect(await send('sessions.xlsx')).toEqual(['220', '250', '235', '250', '250', '354', '250', '221']);
		const file = join(folder, 'mail', 'sessions.xlsx');
		expect(said).toEqual(['E-mail to billing@example.com: Sessions, June 2026', `  ${file}`]);
		expect(readFileSync(file, 'utf8')).toBe('a table');
	});

	it('take no e-mail with another password', async () => {
		expect(await send('sessions.xlsx', 'of-somebody')).toEqual(['220', '250', '535']);
		expect([said, standIns.emails]).toEqual([[], []]);
	});

	it.each([
		['../../outside.txt', 'outside.txt'],
		['..', 'file-1'],
	])('write a file with the name %s into their folder', async (name, written) => {
		expect(await send(name)).toContain('221');
		expect(said[1]).toBe(`  ${join(folder, 'mail', written)}`);
		expect(readdirSync(folder)).toEqual(['mail']);
	});

	async function post(path: string, body: object, headers: Record<string, string> = {}) {
		const answer = await fetch(where.url + path, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body: JSON.stringify(body),
		});
		return [answer.status, await answer.json()];
	}

	it('book a line for the ERP once, answer with its number, and say what came', async () => {
		const line = async () =>
			await post(
				'/erp.example.com/api/invoice-lines',
				{ quantity: 12.5 },
				{ 'idempotency-key': 'spirii:8400060' },
			);
		expect(await line()).toEqual([201, { number: 1 }]);
		expect(await line()).toEqual([201, { number: 1 }]);
		expect(said).toEqual([
			'ERP /api/invoice-lines: spirii:8400060 {"quantity":12.5}',
			'ERP /api/invoice-lines: spirii:8400060 (booked already)',
		]);
	});

	it('show a message to Slack line by line', async () => {
		const answer = await post('/slack.com/api/chat.postMessage', {
			channel: '#charging',
			text: '*Yesterday*\n3 sessions',
		});
		expect(answer).toEqual([200, expect.objectContaining({ ok: true, channel: '#charging' })]);
		expect(said).toEqual(['Slack #charging: *Yesterday*', 'Slack #charging: 3 sessions']);
	});

	it('write what comes into the Google sheet to a CSV file', async () => {
		const values = [
			['sessionKey', 'locationName'],
			['spirii:1', 'Café "Blå Port", Østerbro'],
		];
		const path = '/sheets.googleapis.com/v4/spreadsheets/any/values/Sessions!1:2:append';
		expect(await post(path, { values })).toEqual([200, {}]);
		const file = join(folder, 'google-sheet.csv');
		expect(said).toEqual(['Google Sheets: 1 row below the header', `  ${file}`]);
		expect(readFileSync(file, 'utf8')).toBe(
			'"sessionKey","locationName"\r\n"spirii:1","Café ""Blå Port"", Østerbro"\r\n',
		);
	});

	it('name the host that nothing stands in for', async () => {
		const [status, answer] = await post('/teams.example.com/messages', {});
		expect([status, answer]).toEqual([404, { message: 'The sandbox has no stand-in for teams.example.com' }]);
	});

	describe('in front of the requests of n8n', () => {
		/** What a program gets that asks the hosts with `redirect.cjs` before it, and how often it came to the internet, which answers nothing. */
		async function ask(requests: Array<[url: string, headers: Record<string, string>]>) {
			const script = `
				const https = require('node:https');
				const [port, requests] = JSON.parse(process.argv[1]);
				const ask = ([url, headers]) => new Promise((done) => {
					const { hostname, pathname: path } = new URL(url);
					const lookup = (host, options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]);
					const options = { method: 'POST', hostname, port, path, headers, agent: new https.Agent({ lookup }) };
					const request = https.request(options, (response) => done(response.resume().statusCode));
					request.on('error', () => done('not answered')).end('{}');
				});
				Promise.all(requests.map(ask)).then((all) => console.log(JSON.stringify(all)));
			`;
			let connections = 0;
			const internet = createServer((socket) => {
				connections++;
				socket.destroy();
			});
			internet.listen(0, '127.0.0.1');
			await once(internet, 'listening');
			const { port } = internet.address() as AddressInfo;
			const args = ['--require', REDIRECT, '-e', script, JSON.stringify([port, requests])];
			const env = { ...process.env, ...standIns.settings };
			try {
				const { stdout } = await promisify(execFile)(process.execPath, args, { env });
				return { answers: JSON.parse(stdout) as unknown[], connections };
			} finally {
				internet.close();
			}
		}

		it('take those with their key, whatever header holds it, and leave all others as they are', async () => {
			const json = { 'content-type': 'application/json' };
			const { answers, connections } = await ask([
				['https://slack.com/api/auth.test', { ...json, Authorization: `Bearer ${where.key}` }],
				['https://erp.example.com/api/lines', { ...json, 'X-Api-Key': where.key, 'Idempotency-Key': '1' }],
				['https://slack.com/api/auth.test', { ...json, Authorization: 'Bearer of-a-person' }],
				['https://oauth2.googleapis.com/token', json],
				['https://erp.example.com/api/lines', json],
			]);
			expect(answers).toEqual([200, 201, 'not answered', 'not answered', 'not answered']);
			expect(connections).toBe(3);
		});
	});
});

interface Node {
	name: string;
	type: string;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
}

describe('each example at npm start', () => {
	const FILES = readdirSync(EXAMPLES).filter((file) => file.endsWith('.json'));
	/** Nodes that send to a service, and what a note calls it where a person has to connect it in an n8n of their own. */
	const SERVICES: Record<string, string | undefined> = {
		emailSend: undefined,
		googleSheets: 'Google Sheets',
		httpRequest: undefined,
		postgres: 'PostgreSQL',
		slack: 'Slack',
	};
	const typeOf = ({ type }: Node) => type.replace('n8n-nodes-base.', '');

	it.each(FILES)('%s sends to stand-ins alone, and its note says what to connect elsewhere', async (file) => {
		const shipped = JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as { nodes: Node[] };
		const standIns = await startStandIns();
		const ids = standIns.credentials.map(({ id }) => id);
		await standIns.close();
		const { nodes } = withStandInsForPerson(shipped);
		for (const node of nodes.filter((one) => typeOf(one) in SERVICES)) {
			const credentials = Object.values(node.credentials ?? {});
			expect(credentials.length).toBeGreaterThan(0);
			for (const { id } of credentials) expect(ids).toContain(id);
			if (node.parameters.url) expect(node.parameters.url).toMatch(/^https:\/\/erp\.example\.com\//);
		}
		const needed = [...new Set(nodes.map((node) => SERVICES[typeOf(node)]).filter(Boolean))];
		const note = String(nodes.find((node) => typeOf(node) === 'stickyNote')!.parameters.content);
		const named = /\*\*Connect first:\*\* ([^.]+)\./.exec(note)?.[1];
		expect([file, named]).toEqual([file, needed.length > 0 ? needed.join(' and ') : undefined]);
	});
});
