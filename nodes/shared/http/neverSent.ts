/** What Node.js says of a network error; n8n puts its own error around that of axios, and axios its own around that of Node.js. */
interface NetworkError {
	code?: string;
	/** The call of the operating system that failed. */
	syscall?: string;
	/** One error for each address of a host: Node.js tries all of them. */
	errors?: NetworkError[];
	cause?: NetworkError;
}

/** Codes of errors of looking up a host and of connecting to it. */
const CODES = ['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENOTFOUND'];

/** Far more than the layers of n8n and axios. */
const MAX_DEPTH = 5;

/**
 * Whether no connection was made, so that the server has not received a byte of the request.
 *
 * The code alone doesn't say it: a connection that was made can end with EHOSTUNREACH as well. In doubt it is false.
 *
 * @param error As n8n's HTTP helper throws it.
 */
export function wasNeverSent(error: unknown): boolean {
	let inner = error as NetworkError | undefined;
	for (let depth = 0; inner && depth < MAX_DEPTH; depth++, inner = inner.cause) {
		const attempts = inner.errors ?? [inner];
		if (attempts.length > 0 && attempts.every(isOfConnecting)) return true;
	}
	return false;
}

function isOfConnecting({ code = '', syscall = '' }: NetworkError): boolean {
	return CODES.includes(code) && /^(connect|getaddrinfo|query)/.test(syscall);
}
