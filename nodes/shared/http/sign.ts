import type { IHttpRequestOptions } from 'n8n-workflow';

import { checkOrigin } from './url';

/**
 * Switches redirects off. With them, n8n would send the key to another host (n8n 1.123.81 and 2.41.1). Its helpers read the first
 * name, and the HTTP Request node reads the other two.
 */
const NO_REDIRECTS = { disableFollowRedirect: true, followRedirect: false, followAllRedirects: false };

/**
 * Adds the key to a request of a node, of the credential test, or of the HTTP Request node.
 *
 * @param baseUrl The base URL of the credential, as `checkBaseUrl` returns it.
 * @param secret The key, as `checkSecret` returns it.
 * @throws InputError if the request goes to another origin.
 */
export function signedRequest(
	request: IHttpRequestOptions,
	baseUrl: string,
	secret: string,
): IHttpRequestOptions {
	checkOrigin(request, baseUrl, secret);
	return {
		...request,
		...NO_REDIRECTS,
		headers: { ...request.headers, Authorization: `Bearer ${secret}` },
	};
}
