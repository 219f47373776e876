/** What a second sending of a request can do; the rules are in `retry.ts`. */
export type SafetyClass = 'read' | 'set' | 'create' | 'command' | 'final';

interface RequestParts {
	/** Starts with a slash and is encoded. */
	path: string;
	query: Record<string, unknown>;
	/** JSON of any depth. An empty one is not sent, unless `sendEmptyBody` says so. */
	body: Record<string, unknown>;
	/** Sends `{}` where the body is empty. */
	sendEmptyBody?: boolean;
	/** A form with files, sent as `multipart/form-data` in place of `body`. */
	form?: FormData;
	/** Media type wanted; JSON unless said otherwise. */
	accept?: string;
	/** `none`: any 2xx response is a success, whatever is in it. JSON unless said otherwise. */
	expects?: 'json' | 'none';
}

/** A request that changes nothing. */
export interface ReadRequest extends RequestParts {
	method?: 'GET';
	safety?: 'read';
}

/** A request with another method than GET has to say what a second sending can do. */
export type WriteRequest = RequestParts & { method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' } & (
		| { safety: Exclude<SafetyClass, 'command'> }
		| {
				safety: 'command';
				/** Milliseconds, more than 0, after which it is not sent any more; 30 seconds unless said otherwise. */
				giveUpAfterMs?: number;
		  }
	);

/** One call of an API, ready to be sent. */
export type ApiRequest = ReadRequest | WriteRequest;

/** What came back. Header names are in lower case. */
export interface HttpResponse {
	status: number;
	headers: Record<string, unknown>;
	body: Buffer;
}

/** Connection refused, reset, timed out: no complete response came. */
export interface IncompleteResponse {
	incomplete: string;
	/** No connection was made, so the server has not received the request. Else it may have. */
	neverSent?: boolean;
}

/**
 * Sends once, without retry.
 *
 * @throws ApiError where another attempt would change nothing, with `outcome: 'unknown'` where the request was sent.
 */
export type SendOnce = (request: ApiRequest) => Promise<HttpResponse | IncompleteResponse>;
