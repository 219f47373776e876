import { InputError, formatValue } from '../util/errors';
import { beginningOf, redactor } from './redact';

/** Longer than any real base URL. */
const MAX_BASE_URL_LENGTH = 2000;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Parses a URL. Returns `undefined` for a text that is not a URL. It does not use `URL.canParse`: once Node 20 has optimized that
 * function, it rejects every host with letters such as æ (measured on Node 20.20.2 with `https://ærø.example`).
 */
export function parseUrl(text: string, base?: string): URL | undefined {
	try {
		return new URL(text, base);
	} catch {
		return undefined;
	}
}

/**
 * Checks a base URL and prepares it for joining with a path.
 *
 * @param given The value in the credential, for example `https://api.example.com/` or `https://proxy.example.com/ev`.
 * @returns The URL without trailing slashes, query and fragment. Its path is kept.
 * @throws InputError if it is not a URL, is longer than 2,000 characters, or uses plain http to another machine: the key would be
 * sent unencrypted.
 */
export function checkBaseUrl(given: unknown): string {
	const text = String(given ?? '').trim();
	if (text.length > MAX_BASE_URL_LENGTH) {
		throw new InputError(
			`The credential's "Base URL" must have at most 2,000 characters, but ${text.length.toLocaleString('en-US')} were given`,
			'Open the credential and correct the base URL.',
		);
	}
	const url = parseUrl(text);
	if (!url) {
		throw new InputError(
			`The credential's "Base URL" must be a full address such as https://api.example.com, but ${text === '' ? 'nothing' : 'something else'} was given`,
			text === ''
				? 'Open the credential and fill in the base URL.'
				: 'Open the credential and correct the base URL. Its value is not shown here, in case it is a key.',
		);
	}
	if (url.username || url.password) {
		throw new InputError(
			'The credential\'s "Base URL" must not hold a user name or a password',
			'Take them out of the base URL; the key belongs in its own field.',
		);
	}
	const secure = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
	if (!secure) {
		throw new InputError(
			`The credential's "Base URL" must start with https://, but ${formatValue(`${url.protocol}//${url.host}`)} was given`,
			'Plain http is accepted for this machine only (localhost, 127.0.0.1), because the key would be readable on its way.',
		);
	}
	return url.origin + withoutTrailingSlashes(url.pathname);
}

/** A loop, since the pattern `/+$` takes quadratic time for slashes in the middle. */
function withoutTrailingSlashes(path: string): string {
	let end = path.length;
	while (path[end - 1] === '/') end--;
	return path.slice(0, end);
}

/** The address of a request, under the names that n8n's helpers use. */
interface RequestAddress {
	baseURL?: unknown;
	url?: unknown;
	uri?: unknown;
}

/** A `url` that names a host. axios ignores `baseURL` for it. */
const NAMES_HOST = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/**
 * All addresses that a request can have, depending on the reader.
 *
 * Nodes use `url`, and the HTTP Request node uses `uri`. axios, which sends the request, joins `baseURL` and `url` as text, and
 * ignores `baseURL` if `url` names a host. n8n's own checks resolve `url` against `baseURL` as a browser does (n8n 1.123.81 and
 * 2.41.1, axios 1.18.0). The two read `\\host` and `//host` differently.
 */
function addressesOf({ baseURL, url, uri }: RequestAddress): string[] {
	const base = String(baseURL ?? '');
	const paths = [url, uri].filter((path) => path !== undefined && path !== null).map(String);
	if (base === '') return paths;
	if (paths.length === 0) return [base];
	return paths.flatMap((path) => {
		const joined = NAMES_HOST.test(path) ? path : `${base.replace(/\/?\/$/, '')}/${path.replace(/^\/+/, '')}`;
		const resolved = parseUrl(path, base)?.href ?? path;
		return [joined, resolved];
	});
}

/**
 * Checks that a request goes to the origin (scheme, host and port) of its credential.
 *
 * @param baseUrl The base URL of the credential, as `checkBaseUrl` returns it.
 * @param secret The key. It is hidden in the message.
 * @throws InputError with both origins if one of the request's possible addresses has another origin.
 */
export function checkOrigin(request: RequestAddress, baseUrl: string, secret: string): void {
	const own = new URL(baseUrl).origin;
	const originOf = (address: string) => parseUrl(address)?.origin;
	const origins = addressesOf(request).map(originOf);
	if (origins.length > 0 && origins.every((origin) => origin === own)) return;
	const other = origins.find((origin) => origin !== own && origin !== undefined && origin !== 'null');
	const target =
		other === undefined ? 'an address that cannot be read' : beginningOf(other, redactor(secret));
	throw new InputError(
		`The key of this credential is for ${own} only, but the request goes to ${target}`,
		'Correct the URL of the request, or make another credential whose base URL is at that address.',
	);
}

/**
 * Cleans a pasted key: removes blanks around it and a leading `Bearer `.
 *
 * @param given The value in the credential.
 * @param label The label of the field in the credential, for the message.
 * @returns The key itself, valid in a header.
 * @throws InputError if it is empty, or contains a line break or another character that a header cannot hold.
 */
export function checkSecret(given: unknown, label: string): string {
	const secret = String(given ?? '')
		.trim()
		.replace(/^bearer\s+/i, '');
	if (secret === '' || /^bearer$/i.test(secret)) {
		throw new InputError(
			`The credential's "${label}" is empty`,
			`Paste the ${label.toLowerCase()} into the credential.`,
		);
	}
	if (!/^[\x21-\x7e]+$/.test(secret)) {
		throw new InputError(
			`The credential's "${label}" must be one line of plain characters, but it holds a line break, a blank or a special character`,
			`Copy the ${label.toLowerCase()} again, without anything around it, and paste it into the credential.`,
		);
	}
	return secret;
}

/**
 * Encodes an id as one segment of a path.
 *
 * @param id For example `4711` or a UUID.
 * @param label The label of the parameter, for the message.
 * @returns The id, percent-encoded.
 * @throws InputError if the id is empty, could change the path (`/`, `\`, `.`, `..`, control characters), or contains half of a
 * surrogate pair.
 */
export function pathSegment(id: string, label: string): string {
	const text = id.trim();
	if (text === '') {
		throw new InputError(`"${label}" must not be empty`, `Give the id in "${label}".`);
	}
	if (!isPathSegment(text)) {
		throw new InputError(
			`"${label}" must be a plain id without slashes, but ${formatValue(text)} was given`,
			'Enter only the id, not an address or a path.',
		);
	}
	return encodeURIComponent(text);
}

/** Whether a text can be one segment of a path, percent-encoded. */
export function isPathSegment(text: string): boolean {
	return !(
		text === '' ||
		/[/\\]/.test(text) ||
		/^\.+$/.test(text) ||
		/\p{Surrogate}/u.test(text) ||
		[...text].some((c) => c.charCodeAt(0) < 32)
	);
}
