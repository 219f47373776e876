// Stand-ins on this machine for two services that examples send to: a mail server and an ERP. What they get goes no further.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

/** The credentials of the stand-ins, by the type of the node that takes them. */
const CREDENTIALS = {
	emailSend: { smtp: { id: 'exampleMail', name: 'E-mail (sandbox)' } },
	httpRequest: { httpHeaderAuth: { id: 'exampleErp', name: 'ERP (sandbox)' } },
};
/** The address of the ERP in the files of the examples. */
const ERP = 'https://erp.example.com';

/**
 * Starts both on the loopback address.
 * @param {{ erpPort: number, folder: string, say: (line: string) => void }} options `folder` gets the files that are attached to
 *   e-mails; `say` is called with what an e-mail or a line of the ERP is, a line at a time
 * @returns {Promise<{ mailPort: number, close: () => void }>} `mailPort` is any free port
 * @throws if the port of the ERP is taken
 */
export async function startServices({ erpPort, folder, say }) {
	// Installed by the first start.
	const [{ SMTPServer }, { default: PostalMime }] = await Promise.all([
		import('smtp-server'),
		import('postal-mime'),
	]);
	const mail = new SMTPServer({
		authOptional: true,
		disabledCommands: ['STARTTLS', 'AUTH'],
		onData: (stream, _session, done) => {
			const chunks = [];
			stream.on('data', (chunk) => chunks.push(chunk));
			stream.on('end', () => {
				PostalMime.parse(Buffer.concat(chunks))
					.then((email) => linesOf(email, folder).forEach((line) => say(line)))
					.then(() => done(), done);
			});
		},
	});
	// A client that leaves early is no reason to stop.
	mail.on('error', () => {});
	const erp = createServer(async (request, response) => {
		const chunks = [];
		for await (const chunk of request) chunks.push(chunk);
		say(`ERP ${request.url}: ${request.headers['idempotency-key'] ?? ''} ${Buffer.concat(chunks)}`);
		response.writeHead(201, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ accepted: true, key: request.headers['idempotency-key'] ?? null }));
	});
	await listen(erp, erpPort);
	await listen(mail.server, 0);
	return {
		mailPort: mail.server.address().port,
		close: () => {
			erp.close();
			mail.close();
		},
	};
}

function listen(server, port) {
	return new Promise((resolve, reject) => {
		server.once('error', reject).listen(port, '127.0.0.1', () => {
			server.removeListener('error', reject);
			resolve();
		});
	});
}

/** Writes the attached files, and gives a line on the e-mail and one on each file. */
function linesOf({ to = [], subject = '', attachments }, folder) {
	const files = attachments.map(({ filename, content }, index) => {
		mkdirSync(folder, { recursive: true });
		// The name is from the e-mail, so only its last part counts, without points in front.
		const name = basename((filename ?? '').replaceAll('\\', '/')).replace(/^\.+/, '');
		const file = join(folder, name || `file-${index + 1}`);
		writeFileSync(file, new Uint8Array(content));
		return `  ${file}`;
	});
	return [`E-mail to ${to.map(({ address }) => address).join(', ')}: ${subject}`, ...files];
}

/** The example with the stand-ins in place of a mail server and an ERP. Its file names none. */
export function withServices(workflow, erpPort) {
	const nodes = workflow.nodes.map((node) => {
		const credentials = CREDENTIALS[node.type.replace('n8n-nodes-base.', '')];
		if (!credentials) return node;
		const { url } = node.parameters;
		const local = url && { url: url.replace(ERP, `http://127.0.0.1:${erpPort}`) };
		return { ...node, parameters: { ...node.parameters, ...local }, credentials };
	});
	return { ...workflow, nodes };
}

/** The credentials of the stand-ins for n8n. */
export function serviceCredentials(mailPort) {
	const [mail, erp] = [CREDENTIALS.emailSend.smtp, CREDENTIALS.httpRequest.httpHeaderAuth];
	const server = { host: '127.0.0.1', port: mailPort, secure: false, disableStartTls: true };
	return [
		{ ...mail, type: 'smtp', data: { user: '', password: '', ...server } },
		{ ...erp, type: 'httpHeaderAuth', data: { name: 'X-Api-Key', value: 'sandbox' } },
	];
}
