import type { IHttpRequestOptions } from 'n8n-workflow';

import { checkOrigin } from './url';

/**
 * Off under each of the names that n8n's helpers have for it: they would send the key along to another host (n8n 1.123.81 and
 * 2.41.1). The last two are those of the HTTP Request node.
 */
const NO_REDIRECTS = { disableFollowRedirect: true, followRedirect: false, followAllRedirects: false };

/**
 * Adds the key to a request: for the nodes, the test of the credential, and the HTTP Request node.
 *
 * @param baseUrl The credential's own, as `checkBaseUrl` gives it.
 * @param secret The key, as `checkSecret` gives it.
 * @throws InputError when the request goes to another origin.
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
