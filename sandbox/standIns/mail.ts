import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface MailServer {
	port: number;
	/** What has come, in order. */
	emails: Email[];
	close(): Promise<void>;
}

/**
 * Starts a mail server on the loopback address that delivers nothing.
 *
 * @param key The password that it accepts, of any user.
 * @param folder Where it writes attached files, if anywhere.
 * @param say Called with a line for each e-mail, and one for each file.
 */
export async function startMailServer(
	key: string,
	folder?: string,
	say: (line: string) => void = () => {},
): Promise<MailServer> {
	const emails: Email[] = [];
	const server = new SMTPServer({
		allowInsecureAuth: true,
		disabledCommands: ['STARTTLS'],
		onAuth: ({ username, password }, _session, done) =>
			done(password === key ? null : new Error('Wrong user or password'), { user: username }),
		onData: (stream, _session, done) => {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				PostalMime.parse(Buffer.concat(chunks))
					.then((email) => {
						emails.push(email);
						for (const line of linesOf(email, folder)) say(line);
					})
					.then(() => done(), done);
			});
		},
	});
	// A client that leaves early is no reason to stop.
	server.on('error', () => {});
	server.listen(0, '127.0.0.1');
	await once(server.server, 'listening');
	return {
		port: (server.server.address() as AddressInfo).port,
		emails,
		close: async () => await new Promise<void>((resolve) => server.close(resolve)),
	};
}

/** Writes the attached files, and gives a line on the e-mail and one on each file. */
function linesOf({ to = [], subject = '', attachments }: Email, folder: string | undefined): string[] {
	const files = attachments.map(({ filename, content }, index) => {
		if (folder === undefined) return `  ${filename}`;
		mkdirSync(folder, { recursive: true });
		// The name is from the e-mail, so only its last part counts, without points in front.
		const name = basename((filename ?? '').replaceAll('\\', '/')).replace(/^\.+/, '');
		const file = join(folder, name || `file-${index + 1}`);
		writeFileSync(file, new Uint8Array(content as ArrayBuffer));
		return `  ${file}`;
	});
	return [`E-mail to ${to.map(({ address }) => address).join(', ')}: ${subject}`, ...files];
}
