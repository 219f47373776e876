import { once } from 'node:events';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type * as mockttp from 'mockttp';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

import { freePort } from './realN8n';

// Parts of mockttp that are not used here: it looks for a free port when it is told none, and has an admin server. Jest cannot
// load them, since they are ES modules.
jest.mock('get-port', () => ({}));
jest.mock('milliparsec', () => ({}));
const { generateCACertificate, getLocal } = jest.requireActual<typeof mockttp>('mockttp');

/** The keys that the stand-ins accept. */
const KEYS = {
	google: 'google-access-token',
	slack: 'xoxb-slack-token',
	erp: 'erp-key',
	mail: { user: 'n8n', password: 'mail-password' },
};

/** An answer of a stand-in: status 200 unless it says otherwise. */
interface Reply {
	statusCode?: number;
	json: object;
}

export interface SlackMessage {
	channel: string;
	text: string;
}

/**
 * Stand-ins for the services of other makers that example workflows write to, on the loopback address. n8n reaches those
 * with a public https address through a proxy that answers in their place, so that the workflows need no change.
 */
export interface Outside {
	/** Environment variables that lead n8n to them. */
	settings: Record<string, string>;
	/** The credentials that the example workflows name. */
	credentials: object[];
	sheet: Sheet;
	slack: SlackMessage[];
	/** Called with each message that has come, before Slack answers. */
	onSlackMessage?: (message: SlackMessage) => void | Promise<void>;
	erp: Erp;
	mails: Email[];
	/** Addresses that n8n asked for and that nothing stands in for. */
	unknown: string[];
	stop(): Promise<void>;
}

/** Starts them all, empty. */
export async function startOutside(): Promise<Outside> {
	const folder = mkdtempSync(join(tmpdir(), 'ev-charging-outside-'));
	const authority = await generateCACertificate();
	const certificate = join(folder, 'authority.pem');
	writeFileSync(certificate, authority.cert);
	const proxy = getLocal({ https: authority });
	await proxy.start(await freePort());
	const mails: Email[] = [];
	const mail = await startMail(mails);

	const sheet = new Sheet('Sessions');
	const erp = new Erp();
	const slack: SlackMessage[] = [];
	const unknown: string[] = [];
	await answer(proxy, 'oauth2.googleapis.com', () => ({
		json: { access_token: KEYS.google, token_type: 'Bearer', expires_in: 3600 },
	}));
	await answer(proxy, 'sheets.googleapis.com', (request, body) =>
		request.headers.authorization === `Bearer ${KEYS.google}`
			? sheet.answer(request.method, new URL(request.url), body)
			: { statusCode: 401, json: { error: { code: 401, message: 'Invalid credentials' } } },
	);
	await answer(proxy, 'slack.com', async (request, body) => {
		if (request.headers.authorization !== `Bearer ${KEYS.slack}`)
			return { json: { ok: false, error: 'invalid_auth' } };
		if (request.path !== '/api/chat.postMessage') return { json: { ok: false, error: 'unknown_method' } };
		const { channel, text } = body as SlackMessage;
		slack.push({ channel, text });
		await outside.onSlackMessage?.({ channel, text });
		return { json: { ok: true, channel, ts: String(slack.length), message: { text } } };
	});
	await answer(proxy, 'erp.example.com', (request, body) => {
		if (request.headers['x-api-key'] !== KEYS.erp) return { statusCode: 401, json: { message: 'Who?' } };
		return erp.answer(request.method, request.path, request.headers['idempotency-key'], body);
	});
	await proxy.forUnmatchedRequest().thenCallback((request) => {
		unknown.push(request.url);
		return { statusCode: 404, json: {} };
	});

	const address = `http://127.0.0.1:${proxy.port}`;
	const outside: Outside = {
		settings: {
			HTTP_PROXY: address,
			HTTPS_PROXY: address,
			// Where both are set, the small ones count.
			http_proxy: address,
			https_proxy: address,
			no_proxy: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: certificate,
		},
		credentials: credentialsFor((mail.server.address() as AddressInfo).port),
		sheet,
		slack,
		erp,
		mails,
		unknown,
		stop: async () => {
			await proxy.stop();
			await new Promise<void>((resolve) => mail.close(resolve));
			rmSync(folder, { recursive: true, force: true });
		},
	};
	return outside;
}

/** Answers all requests to a host, with JSON. */
async function answer(
	proxy: mockttp.Mockttp,
	host: string,
	reply: (request: mockttp.CompletedRequest, body: unknown) => Reply | Promise<Reply>,
): Promise<void> {
	await proxy
		.forAnyRequest()
		.forHostname(host)
		.thenCallback(async (request) => {
			const text = await request.body.getText();
			const isJson = /json/.test(String(request.headers['content-type']));
			const answered = await reply(request, text && isJson ? JSON.parse(text) : undefined);
			return { statusCode: 200, ...answered };
		});
}

async function startMail(mails: Email[]): Promise<SMTPServer> {
	const server = new SMTPServer({
		allowInsecureAuth: true,
		disabledCommands: ['STARTTLS'],
		onAuth: ({ username, password }, _session, done) => {
			const isKnown = username === KEYS.mail.user && password === KEYS.mail.password;
			done(isKnown ? null : new Error('Wrong user or password'), { user: username });
		},
		onData: (stream, _session, done) => {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				void PostalMime.parse(Buffer.concat(chunks))
					.then((email) => mails.push(email))
					.then(() => done(), done);
			});
		},
	});
	server.listen(0, '127.0.0.1');
	await once(server.server, 'listening');
	return server;
}

function credentialsFor(mailPort: number): object[] {
	const { privateKey } = generateKeyPairSync('rsa', {
		modulusLength: 2048,
		publicKeyEncoding: { type: 'spki', format: 'pem' },
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
	});
	return [
		{
			id: 'exampleGoogle',
			name: 'Google',
			type: 'googleApi',
			data: { email: 'n8n@project.iam.gserviceaccount.com', privateKey, inpersonate: false },
		},
		{ id: 'exampleSlack', name: 'Slack', type: 'slackApi', data: { accessToken: KEYS.slack } },
		{
			id: 'exampleErp',
			name: 'ERP',
			type: 'httpHeaderAuth',
			data: { name: 'X-Api-Key', value: KEYS.erp },
		},
		{
			id: 'exampleMail',
			name: 'E-mail',
			type: 'smtp',
			data: {
				...KEYS.mail,
				host: '127.0.0.1',
				port: mailPort,
				secure: false,
				disableStartTls: true,
			},
		},
	];
}

type Value = string | number | boolean;

/**
 * One sheet of a spreadsheet, as Google's API for values reads and writes it. As large as a new one, 1,000 rows and 26
 * columns: what is written outside is refused, but for rows that are appended.
 */
export class Sheet {
	/** Without the empty rows at the end. */
	readonly rows: Value[][] = [];
	private grid = { rowCount: 1000, columnCount: 26 };

	constructor(private readonly title: string) {}

	/** The rows below the header, each by the names of the header. */
	records(): Array<Record<string, Value>> {
		const [header = [], ...rows] = this.rows;
		return rows.map((row) =>
			Object.fromEntries(header.map((name, index) => [String(name), row[index] ?? ''])),
		);
	}

	answer(method: string, { pathname, searchParams }: URL, body: unknown): Reply {
		const [, path = ''] = /^\/v4\/spreadsheets\/[\w-]+(.*)$/.exec(pathname) ?? [];
		const range = decodeURIComponent(path.replace(/^\/values\//, ''));
		const { values, data } = (body ?? {}) as {
			values?: Value[][];
			data?: Array<{ range: string; values: Value[][] }>;
		};
		try {
			if (method === 'GET' && path === '') {
				const properties = { sheetId: 0, title: this.title, gridProperties: this.grid };
				return { json: { sheets: [{ properties }] } };
			}
			if (method === 'GET') return { json: { values: this.shown(searchParams.get('valueRenderOption')) } };
			if (method === 'PUT') this.write(range, values ?? []);
			else if (path === '/values:batchUpdate')
				for (const one of data ?? []) this.write(one.range, one.values);
			else if (range.endsWith(':append')) this.append(values ?? []);
			else throw new Error(`The stand-in does not know ${method} ${path}`);
			return { json: {} };
		} catch (error) {
			const { message } = error as Error;
			return { statusCode: 400, json: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } } };
		}
	}

	/** The whole sheet; formatted, all values are texts. */
	private shown(form: string | null): Value[][] {
		return form === 'FORMATTED_VALUE' ? this.rows.map((row) => row.map(String)) : this.rows;
	}

	/** Writes below the last row, with as many new rows as it takes. */
	private append(values: Value[][]): void {
		const first = this.rows.length + 1;
		this.grid.rowCount = Math.max(this.grid.rowCount, this.rows.length + values.length);
		this.write(`${this.title}!${first}:${first + values.length - 1}`, values);
	}

	/** Writes into `Title!2:5` (whole rows), `Title!B7` or `Title!B7:B9`. */
	private write(range: string, values: Value[][]): void {
		const [, title, column = 'A', row] = /^'?([^'!]+)'?!([A-Z]*)(\d+)/.exec(range) ?? [];
		if (title !== this.title) throw new Error(`Unable to parse range: ${range}`);
		const left = [...(column || 'A')].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
		const top = Number(row) - 1;
		const { rowCount, columnCount } = this.grid;
		const width = Math.max(...values.map(({ length }) => length));
		if (top + values.length > rowCount || left + width > columnCount) {
			throw new Error(
				`Range (${range}) exceeds grid limits. Max rows: ${rowCount}, max columns: ${columnCount}`,
			);
		}
		values.forEach((cells, down) => {
			while (this.rows.length <= top + down) this.rows.push([]);
			const target = this.rows[top + down];
			cells.forEach((cell, right) => {
				// What is null is left as it is.
				if (cell === null) return;
				while (target.length < left + right) target.push('');
				target[left + right] = cell;
			});
		});
	}
}

/** Books lines under a path. One with a key that it knows is the line that it has already. */
export class Erp {
	/** Every request that had the right credential, in order. */
	readonly requests: Array<{ path: string; key: string; line: Record<string, unknown> }> = [];
	/** Whether the next answer gets lost, although the line is booked. */
	losesNextAnswer = false;
	/** Whether it answers that it is out of service, and books nothing. */
	isDown = false;
	private readonly booked = new Map<string, { path: string; line: Record<string, unknown> }>();

	lines(path: string): Array<Record<string, unknown>> {
		return [...this.booked.values()].filter((one) => one.path === path).map(({ line }) => line);
	}

	answer(method: string, path: string, key: unknown, body: unknown): Reply {
		if (method !== 'POST' || typeof key !== 'string')
			return { statusCode: 400, json: { message: 'POST, with an Idempotency-Key' } };
		const line = body as Record<string, unknown>;
		this.requests.push({ path, key, line });
		if (this.isDown) return { statusCode: 503, json: { message: 'Out of service' } };
		if (!this.booked.has(key)) this.booked.set(key, { path, line });
		if (this.losesNextAnswer) {
			this.losesNextAnswer = false;
			return { statusCode: 504, json: { message: 'Gateway timeout' } };
		}
		return { statusCode: 201, json: { number: [...this.booked.keys()].indexOf(key) + 1 } };
	}
}
