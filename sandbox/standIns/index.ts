import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Email } from 'postal-mime';

import { startDatabase } from './database';
import { Erp } from './erp';
import { startMailServer } from './mail';
import { Sheet } from './sheet';
import { Slack } from './slack';
import { startWebServer } from './web';

export type { SlackMessage } from './slack';

/** The key that all stand-ins accept. Requests of n8n that carry it go to them, whatever their address: see `redirect.cjs`. */
const KEY = 'ev-charging-sandbox';

/** What example workflows need of a node, by its type without the package. */
interface Node {
	type: string;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
}

/** A credential as n8n imports it. */
export interface Credential {
	id: string;
	name: string;
	type: string;
	data: object;
}

/** The credentials of the stand-ins, by the type of the node that takes them. */
const CREDENTIALS: Record<string, Node['credentials']> = {
	emailSend: { smtp: { id: 'exampleMail', name: 'E-mail (sandbox)' } },
	googleSheets: {
		googleApi: { id: 'exampleGoogle', name: 'Google service account (sandbox)' },
		googleSheetsOAuth2Api: { id: 'exampleGoogleLogin', name: 'Google Sheets (sandbox)' },
	},
	httpRequest: { httpHeaderAuth: { id: 'exampleErp', name: 'ERP (sandbox)' } },
	postgres: { postgres: { id: 'exampleDatabase', name: 'PostgreSQL (sandbox)' } },
	slack: { slackApi: { id: 'exampleSlack', name: 'Slack (sandbox)' } },
};

/** Stand-ins on this machine for the services of other makers that example workflows send to. What they get goes no further. */
export interface StandIns {
	/** Environment variables that lead n8n to them. */
	settings: Record<string, string>;
	/** Their credentials, as n8n imports them. */
	credentials: Credential[];
	sheet: Sheet;
	slack: Slack;
	erp: Erp;
	emails: Email[];
	close(): Promise<void>;
}

/** Where a person sees what the stand-ins got. */
interface Shown {
	/** The folder for files that are attached to e-mails, and for the sheet as CSV. */
	folder: string;
	/** Called with a line for each thing that came. */
	say: (line: string) => void;
}

/** A service account asks here for a token. The request does not show whose it is, but in its body. */
const TOKENS = 'oauth2.googleapis.com';

/**
 * Starts them all on the loopback address, empty.
 *
 * @param shown Left out where no person looks. Nobody has an account of their own there, so each service account is that of the
 *   sandbox.
 */
export async function startStandIns(shown?: Shown): Promise<StandIns> {
	const say = shown?.say;
	const mail = await startMailServer(KEY, shown && join(shown.folder, 'mail'), say);
	const database = await startDatabase();
	const sheet: Sheet = new Sheet('Sessions', () => shown && showSheet(sheet, shown));
	const slack = new Slack(say);
	const erp = new Erp(say);
	const token = { access_token: KEY, token_type: 'Bearer', expires_in: 3600 };
	const web = await startWebServer({
		'erp.example.com': erp,
		[TOKENS]: { answer: () => ({ json: token }) },
		'sheets.googleapis.com': sheet,
		'slack.com': slack,
	});
	return {
		settings: {
			SANDBOX_STAND_INS: JSON.stringify({ url: web.url, key: KEY, hosts: shown ? [] : [TOKENS] }),
		},
		credentials: credentials(mail.port, database.port),
		sheet,
		slack,
		erp,
		emails: mail.emails,
		close: async () => void (await Promise.all([mail.close(), database.close(), web.close()])),
	};
}

/** The example with the credentials of the stand-ins. Its file names none, since they are for each user to choose. */
export function withStandIns<Workflow extends { nodes: Node[] }>(workflow: Workflow): Workflow {
	const nodes = workflow.nodes.map((node) => {
		const credentials = CREDENTIALS[node.type.replace('n8n-nodes-base.', '')];
		return credentials ? { ...node, credentials } : node;
	});
	return { ...workflow, nodes };
}

/** The same for a person, who may have accounts of their own: Google Sheets with a login, whose requests show whose they are. */
export function withStandInsForPerson<Workflow extends { nodes: Node[] }>(workflow: Workflow): Workflow {
	const nodes = workflow.nodes.map((node) =>
		node.type.endsWith('.googleSheets')
			? { ...node, parameters: { ...node.parameters, authentication: 'oAuth2' } }
			: node,
	);
	return withStandIns({ ...workflow, nodes });
}

function credentials(mailPort: number, databasePort: number): Credential[] {
	const host = '127.0.0.1';
	const login = { user: 'n8n', password: KEY };
	const data: Record<string, object> = {
		smtp: { ...login, host, port: mailPort, secure: false, disableStartTls: true },
		googleApi: { email: 'n8n@sandbox.iam.gserviceaccount.com', privateKey: anyKey(), inpersonate: false },
		googleSheetsOAuth2Api: {
			clientId: 'sandbox',
			clientSecret: KEY,
			oauthTokenData: { access_token: KEY, token_type: 'Bearer' },
		},
		httpHeaderAuth: { name: 'X-Api-Key', value: KEY },
		postgres: { ...login, host, port: databasePort, database: 'postgres', ssl: 'disable' },
		slackApi: { accessToken: KEY },
	};
	return Object.values(CREDENTIALS).flatMap((ofNode) =>
		Object.entries(ofNode ?? {}).map(([type, named]) => ({ ...named, type, data: data[type] })),
	);
}

/** Google wants requests for a token signed. */
function anyKey(): string {
	const { privateKey } = generateKeyPairSync('rsa', {
		modulusLength: 2048,
		publicKeyEncoding: { type: 'spki', format: 'pem' },
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
	});
	return privateKey;
}

/** Writes the sheet as CSV, and says how many rows it has. */
function showSheet(sheet: Sheet, { folder, say }: Shown): void {
	mkdirSync(folder, { recursive: true });
	const file = join(folder, 'google-sheet.csv');
	const quoted = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
	writeFileSync(file, sheet.rows.map((row) => `${row.map(quoted).join(',')}\r\n`).join(''));
	const count = Math.max(0, sheet.rows.length - 1);
	say(`Google Sheets: ${count} ${count === 1 ? 'row' : 'rows'} below the header`);
	say(`  ${file}`);
}
