import { randomUUID } from 'node:crypto';

import type { EncodedBody } from './types';

/** A file of a form. */
export interface FormFile {
	data: Buffer;
	fileName: string;
	mimeType: string;
}

/**
 * Writes a form with files as `multipart/form-data` (RFC 7578). By hand, since n8n's helper drops the `FormData` of Node.js as an
 * empty object, and the package that it knows cannot be imported by community nodes (n8n-core 1.122.48 and 2.41.1).
 *
 * @param fields Texts by name; they come in front of the files.
 * @param files Files by name.
 * @param boundary A text that is in no file.
 * @example encodeMultipart({ userId: '7' }, { photo: { data, fileName: 'a.png', mimeType: 'image/png' } })
 */
export function encodeMultipart(
	fields: Record<string, string>,
	files: Record<string, FormFile>,
	boundary = `form-${randomUUID()}`,
): EncodedBody {
	const parts = [
		...Object.entries(fields).map(([name, text]) => ({ head: '', name: quoted(name), data: text })),
		...Object.entries(files).map(([name, { data, fileName, mimeType }]) => ({
			head: `\r\nContent-Type: ${mimeType.replace(/[\r\n]/g, '')}`,
			name: `${quoted(name)}; filename=${quoted(fileName)}`,
			data,
		})),
	];
	const chunks = parts.flatMap(({ head, name, data }) => [
		Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name=${name}${head}\r\n\r\n`),
		Buffer.from(data as Buffer),
		Buffer.from('\r\n'),
	]);
	return {
		contentType: `multipart/form-data; boundary=${boundary}`,
		bytes: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
	};
}

/** As browsers write names: a quotation mark or a line break would end them (HTML standard, multipart/form-data). */
function quoted(text: string): string {
	const escaped = text.replace(/["\r\n]/g, (letter) => encodeURIComponent(letter));
	return `"${escaped}"`;
}
