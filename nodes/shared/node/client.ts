import {
	sleep,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type ILoadOptionsFunctions,
	type IN8nHttpFullResponse,
} from 'n8n-workflow';

import { ApiError } from '../errors';
import { readJson, redactor, statusError, type Redact } from '../request/answer';
import { send, type ApiRequest, type Exchange, type HttpAnswer } from '../request/transport';
import type { Vendor } from './operation';

/** Calls of one vendor with one credential. */
export interface Client {
	getJson: (request: ApiRequest) => Promise<object>;
	getAnswer: (request: ApiRequest) => Promise<HttpAnswer>;
	redact: Redact;
}

/** Seconds that an answer may take unless the user says otherwise. */
export const DEFAULT_TIMEOUT_S = 120;

/**
 * Opens a vendor's API for one input item.
 *
 * @param timeoutSeconds How long one answer may take.
 * @throws InputError when the credential cannot be used: before any request.
 */
export async function openClient(
	context: IExecuteFunctions | ILoadOptionsFunctions,
	vendor: Vendor,
	itemIndex = 0,
	timeoutSeconds = DEFAULT_TIMEOUT_S,
): Promise<Client> {
	const credential = await context.getCredentials<IDataObject>(vendor.credentialType, itemIndex);
	const baseUrl = vendor.baseUrl(credential);
	const redact = redactor(vendor.secret(credential));
	const cancelSignal = 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;

	const exchange: Exchange = async (request) => {
		try {
			const response = (await context.helpers.httpRequestWithAuthentication.call(
				context,
				vendor.credentialType,
				toHttpRequest(request, baseUrl, timeoutSeconds),
			)) as IN8nHttpFullResponse;
			return {
				status: response.statusCode,
				headers: response.headers,
				body: response.body as Buffer,
			};
		} catch (error) {
			return { noAnswer: redact(describe(error)) };
		}
	};
	const tools = {
		wait: async (milliseconds: number) => await waitUnlessCancelled(milliseconds, cancelSignal),
		random: Math.random,
		now: Date.now,
		checkCancelled: () => {
			if (cancelSignal?.aborted) throw new ApiError('The execution was cancelled');
		},
		toError: (answer: HttpAnswer) => statusError(answer, vendor.name, vendor.advice, redact),
	};
	return {
		getJson: async (request) => await send(request, exchange, (answer) => readJson(answer, redact), tools),
		getAnswer: async (request) => await send(request, exchange, (answer) => answer, tools),
		redact,
	};
}

/**
 * The one place where a request takes n8n's form. All calls are GETs.
 *
 * n8n deletes the body of a request whose method is given as GET, and sends it where the method is left out (axios then
 * takes GET; n8n-core 1.97.0 to 2.41.1), so the method is left out. Bytes come back rather than text, so that a file
 * keeps its character set. Redirects are off because n8n would send the key along.
 */
function toHttpRequest(
	{ path, query, body, accept }: ApiRequest,
	baseUrl: string,
	timeoutSeconds: number,
): IHttpRequestOptions {
	return {
		url: baseUrl + path,
		qs: query as IDataObject,
		arrayFormat: 'repeat',
		...(Object.keys(body).length > 0 ? { body: body as IDataObject, json: true } : {}),
		headers: { Accept: accept ?? 'application/json' },
		encoding: 'arraybuffer',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout: timeoutSeconds * 1000,
	};
}

/** What the network said, without addresses: `ECONNREFUSED`, `timeout of 120000ms exceeded`. */
function describe(error: unknown): string {
	const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
	return [cause?.code, cause?.message ?? message].filter(Boolean).join(', ');
}

async function waitUnlessCancelled(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
	if (!signal) return await sleep(milliseconds);
	await new Promise<void>((resolve) => {
		const done = () => {
			signal.removeEventListener('abort', done);
			resolve();
		};
		signal.addEventListener('abort', done);
		if (signal.aborted) done();
		void sleep(milliseconds).then(done);
	});
}
