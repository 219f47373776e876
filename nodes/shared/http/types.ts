/** How safe it is to send a request twice. The rules are in `retry.ts`. */
export type SafetyClass = 'read' | 'set' | 'create' | 'command' | 'final';

interface RequestParts {
	/** Percent-encoded, with a leading slash. */
	path: string;
	query: Record<string, unknown>;
	/** JSON of any depth. An empty body is sent only with `sendEmptyBody`. */
	body: Record<string, unknown>;
	/** Whether an empty body is sent as `{}`. */
	sendEmptyBody?: boolean;
	/** A form with files. It is sent as `multipart/form-data`, instead of `body`. */
	form?: FormData;
	/** The accepted media type. The default is JSON. */
	accept?: string;
	/** With `none`, the content of a 2xx response is ignored. The default is `json`. */
	expects?: 'json' | 'none';
}

/** A request that changes nothing. */
export interface ReadRequest extends RequestParts {
	method?: 'GET';
	safety?: 'read';
}

/** A request that may change something. It names its safety class. */
export type WriteRequest = RequestParts & { method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' } & (
		| { safety: Exclude<SafetyClass, 'command'> }
		| {
				safety: 'command';
				/** Milliseconds, more than 0, after which no attempt begins. The default is 30 seconds. */
				giveUpAfterMs?: number;
		  }
	);

/** A request to an API, ready to be sent. */
export type ApiRequest = ReadRequest | WriteRequest;

/** A complete response. Header names are in lower case. */
export interface HttpResponse {
	status: number;
	headers: Record<string, unknown>;
	body: Buffer;
}

/** No complete response: the connection was refused or reset, or timed out. */
export interface IncompleteResponse {
	incomplete: string;
	/** Whether no connection was made. Otherwise the server may have received the request. */
	neverSent?: boolean;
}

/**
 * Makes one attempt.
 *
 * @throws ApiError if another attempt would fail as well, with `outcome: 'unknown'` if the request was sent.
 */
export type SendOnce = (request: ApiRequest) => Promise<HttpResponse | IncompleteResponse>;
