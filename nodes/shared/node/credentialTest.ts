import type { ICredentialTestRequest } from 'n8n-workflow';

const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * What n8n says when the test of a credential fails; without them, the bare words of the status, and "Connection successful!"
 * for any page with status 200.
 *
 * n8n compares what stands at a key of the answer with a value, and finds nothing in an answer that is no JSON or has another
 * shape (n8n 1.123.81 and 2.41.1). It asks no rule about a host that cannot be reached: 2.41.1 shows the bare code, such as
 * ECONNREFUSED; 1.123.81 shows words of its own, and does so for every status as well. An empty list in place of the answer
 * ends in an error of n8n's own in both.
 *
 * @param texts `vendor`: as messages call it; `notAccepted`: about 401 and 403; `check`: what leads to the wrong address;
 * `documentedKey`: where the documented answer has something in any case, `data.length` for a list in `data`.
 */
export function credentialTestRules(texts: {
	vendor: string;
	notAccepted: string;
	check: string;
	documentedKey: string;
}): ICredentialTestRequest['rules'] {
	const { vendor, notAccepted, check, documentedKey } = texts;
	const onStatus = (value: number, message: string) => ({
		type: 'responseCode' as const,
		properties: { value, message },
	});
	const proxy =
		'The proxy asks for a login (HTTP 407). Check the proxy settings of n8n (HTTP_PROXY, HTTPS_PROXY).';
	// n8n's type knows lists of one kind; its tester goes through a mixed one as well.
	return [
		...[401, 403].map((status) => onStatus(status, notAccepted)),
		...REDIRECTS.map((status) =>
			onStatus(status, `This address leads to another one (HTTP ${status}), which is not followed. ${check}`),
		),
		onStatus(404, `There is nothing of ${vendor} at this address (HTTP 404). ${check}`),
		onStatus(407, proxy),
		{
			type: 'responseSuccessBody' as const,
			properties: {
				key: documentedKey,
				value: undefined,
				message: `This address answers, but not as ${vendor} does. ${check}`,
			},
		},
	] as ICredentialTestRequest['rules'];
}
