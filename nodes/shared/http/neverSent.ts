/** A network error of Node.js. axios wraps it in an error of its own, and n8n wraps that one. */
interface NetworkError {
	code?: string;
	/** The system call that failed. */
	syscall?: string;
	/** One error for each address of the host: Node.js tries all of them. */
	errors?: NetworkError[];
	cause?: NetworkError;
	/** The code of the inner error. n8n 1.123.81 keeps only this and `messages` of it. */
	httpCode?: string | null;
	/** The message of the inner error, such as `connect EHOSTUNREACH 10.0.0.7:443`. */
	messages?: string[];
}

/** Error codes of DNS lookups and of connection attempts. */
const CODES = ['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENOTFOUND'];

/** More levels of nested errors than n8n and axios create. */
const MAX_DEPTH = 5;

/**
 * Whether no connection was made, so the server has received no byte of the request. Returns false if this is uncertain.
 *
 * The code alone is not enough: an open connection can also end with EHOSTUNREACH. So the failed system call is checked as well.
 *
 * @param error The error that n8n's HTTP helper throws.
 */
export function wasNeverSent(error: unknown): boolean {
	let inner = error as NetworkError | undefined;
	for (let depth = 0; inner && depth < MAX_DEPTH; depth++, inner = inner.cause) {
		const attempts = inner.errors ?? [inner];
		if (attempts.length > 0 && attempts.every(isConnectionFailure)) return true;
	}
	return false;
}

const CONNECTING = /^(connect|getaddrinfo|query)/;

function isConnectionFailure({ code, syscall = '', httpCode, messages }: NetworkError): boolean {
	if (!messages) return CODES.includes(code ?? '') && CONNECTING.test(syscall);
	return CODES.includes(httpCode ?? '') && messages.some((message) => CONNECTING.test(message));
}
