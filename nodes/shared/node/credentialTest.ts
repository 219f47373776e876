import type { ICredentialTestRequest } from 'n8n-workflow';

const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * The messages of a failed credential test. Without them, n8n shows the bare status text, and "Connection successful!" for any page
 * with status 200.
 *
 * n8n compares the value at a key of the response. It finds no value if the response is not JSON or has another shape (n8n 1.123.81
 * and 2.41.1). No rule applies to an unreachable host: 2.41.1 shows the bare code, such as ECONNREFUSED. 1.123.81 shows texts of its
 * own, also for every status. If the response is an empty list, both show an error of their own.
 *
 * @param texts `vendor`: the name in messages; `notAccepted`: the message for 401 and 403; `check`: the advice for a wrong address;
 * `documentedKey`: a key that every documented response has, for example `data.length` for a list in `data`.
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
	// n8n's type allows one kind of rule per list, but its tester accepts a mixed list.
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
				message: `This address responds, but not as ${vendor} does. ${check}`,
			},
		},
	] as ICredentialTestRequest['rules'];
}
