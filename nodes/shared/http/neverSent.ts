/** What Node.js says of a network error; n8n puts its own error around that of axios, and axios its own around that of Node.js. */
interface NetworkError {
	code?: string;
	/** The call of the operating system that failed. */
	syscall?: string;
	/** One error for each address of a host: Node.js tries all of them. */
	errors?: NetworkError[];
	cause?: NetworkError;
	/** In the error of n8n 1.123.81, which keeps these two of the error within and drops the rest: its code, */
	httpCode?: string | null;
	/** and its message, such as `connect EHOSTUNREACH 10.0.0.7:443`. */
	messages?: string[];
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

const CONNECTING = /^(connect|getaddrinfo|query)/;

function isOfConnecting({ code, syscall = '', httpCode, messages }: NetworkError): boolean {
	if (!messages) return CODES.includes(code ?? '') && CONNECTING.test(syscall);
	return CODES.includes(httpCode ?? '') && messages.some((message) => CONNECTING.test(message));
}
