import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '../..');
const EXAMPLES = join(ROOT, 'examples');

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}

describe('the stand-ins for e-mail and ERP at npm start', () => {
	let child: ChildProcess;
	let folder: string;
	let erpPort: number;
	let mailPort: number;
	let next: () => Promise<string>;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), 'ev-charging-services-'));
		erpPort = await freePort();
		const script = `
			import { startServices } from './sandbox/services.mjs';
			const [folder, port] = process.argv.slice(1);
			const { mailPort } = await startServices({ erpPort: Number(port), folder: folder + '/mail', say: console.log });
			console.log(mailPort);
		`;
		const args = ['--input-type=module', '-e', script, folder, String(erpPort)];
		child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
		const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
		next = async () => String((await lines.next()).value);
		mailPort = Number(await next());
	});

	afterAll(async () => {
		child.kill();
		await once(child, 'exit');
		rmSync(folder, { recursive: true, force: true });
	});

	/** Sends an e-mail with one file, and gives the codes that the server answered with. */
	async function send(fileName: string): Promise<string[]> {
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
		const socket = connect(mailPort, '127.0.0.1');
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
		const commands = ['EHLO here', 'MAIL FROM:<n8n@example.com>', 'RCPT TO:<billing@example.com>', 'DATA'];
		for (const command of [...commands, email, 'QUIT']) {
			socket.write(`${command}\r\n`);
			await answer();
		}
		socket.destroy();
		return answers;
	}

	it('take an e-mail without a login, say whom it was for, and write its file', async () => {
		expect(await send('sessions.xlsx')).toEqual(['220', '250', '250', '250', '354', '250', '221']);
		expect(await next()).toBe('E-mail to billing@example.com: Sessions, June 2026');
		const file = (await next()).trim();
		expect(file).toBe(join(folder, 'mail', 'sessions.xlsx'));
		expect(readFileSync(file, 'utf8')).toBe('a table');
	});

	it.each([
		['../../outside.txt', 'outside.txt'],
		['..', 'file-1'],
	])('write a file with the name %s into their folder', async (name, written) => {
		expect(await send(name)).toContain('221');
		await next();
		expect((await next()).trim()).toBe(join(folder, 'mail', written));
		expect(readdirSync(folder)).toEqual(['mail']);
	});

	it('take a line for the ERP, answer with its key, and say what came', async () => {
		const answer = await fetch(`http://127.0.0.1:${erpPort}/api/invoice-lines`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'idempotency-key': 'spirii:8400060' },
			body: '{"quantity":12.5}',
		});
		expect([answer.status, await answer.json()]).toEqual([201, { accepted: true, key: 'spirii:8400060' }]);
		expect(await next()).toBe('ERP /api/invoice-lines: spirii:8400060 {"quantity":12.5}');
	});
});

interface Node {
	name: string;
	type: string;
	parameters: { content?: string; url?: string };
	credentials?: Record<string, { id: string }>;
}

describe('each example at npm start', () => {
	const script = `
		import { readdirSync, readFileSync } from 'node:fs';
		import { serviceCredentials, withServices } from './sandbox/services.mjs';
		const examples = readdirSync('examples').map((file) => [file, withServices(JSON.parse(readFileSync('examples/' + file, 'utf8')), 5680)]);
		console.log(JSON.stringify({ examples, ids: serviceCredentials(1).map(({ id }) => id) }));
	`;
	const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
		cwd: ROOT,
		encoding: 'utf8',
	});
	const { examples, ids } = JSON.parse(printed) as {
		examples: Array<[file: string, workflow: { nodes: Node[] }]>;
		ids: string[];
	};
	/** Services without a stand-in, by the type of their node. */
	const OWN: Record<string, string> = {
		slack: 'Slack',
		googleSheets: 'Google Sheets',
		postgres: 'PostgreSQL',
	};

	it('is there', () => {
		expect(examples.map(([file]) => file)).toEqual(readdirSync(EXAMPLES));
	});

	it.each(examples)('%s sends to a stand-in, or its note says what to connect first', (file, { nodes }) => {
		const typeOf = ({ type }: Node) => type.replace('n8n-nodes-base.', '');
		for (const node of nodes.filter((one) => ['emailSend', 'httpRequest'].includes(typeOf(one)))) {
			const [credential] = Object.values(node.credentials ?? {});
			expect(ids).toContain(credential.id);
			if (node.parameters.url) expect(node.parameters.url).toMatch(/^http:\/\/127\.0\.0\.1:5680\/api\//);
		}
		const needed = [...new Set(nodes.map((node) => OWN[typeOf(node)]).filter(Boolean))];
		const note = nodes.find((node) => typeOf(node) === 'stickyNote')!.parameters.content!;
		const named = /\*\*Connect first:\*\* ([^.]+)\./.exec(note)?.[1];
		expect([file, named]).toEqual([file, needed.length > 0 ? needed.join(' and ') : undefined]);
	});
});
