import type {
	IAuthenticate,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

import { voltTime } from '../nodes/VoltTime/vendor';
import { credentialTestRules } from '../nodes/shared/node/credentialTest';
import { signedRequest } from '../nodes/shared/http/sign';

/** Access to the API of Volt Time, today Plugchoice. Source: developer.plugchoice.com, authentication page. */
export class VoltTimeApi implements ICredentialType {
	name = 'voltTimeApi';

	displayName = 'Volt Time API';

	icon: Icon = {
		light: 'file:../nodes/VoltTime/voltTime.svg',
		dark: 'file:../nodes/VoltTime/voltTime.dark.svg',
	};

	documentationUrl = 'https://developer.volttime.com/api-reference/authentication';

	properties: INodeProperties[] = [
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'From the dashboard, under Settings > Personal Access Tokens',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'options',
			options: [
				{ name: 'Custom', value: 'custom', description: 'Another address, such as a proxy' },
				{
					name: 'Plugchoice',
					value: 'https://app.plugchoice.com',
					description: 'app.plugchoice.com: current accounts',
				},
				{
					name: 'Volt Time Cloud',
					value: 'https://cloud.volttime.com',
					description: 'cloud.volttime.com: the older address',
				},
			],
			required: true,
			default: 'https://app.plugchoice.com',
			description:
				'Where your account is. Volt Time is now called Plugchoice, and its new accounts are there.',
		},
		{
			displayName: 'Custom Base URL',
			name: 'customBaseUrl',
			type: 'string',
			required: true,
			displayOptions: { show: { baseUrl: ['custom'] } },
			default: '',
			placeholder: 'e.g. https://proxy.example.com',
			description: 'Must start with https:// unless it is on this machine',
		},
		{
			displayName: 'Hash Secret (Optional)',
			name: 'hashSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Secret for the option "Hashed" of "Driver Data": at least 16 random characters. A different secret gives the same driver a different hash.',
		},
	];

	/**
	 * Signs every request, including those of the credential test and of n8n's HTTP Request node. It refuses other hosts, so the
	 * token is sent to the API only.
	 */
	authenticate: IAuthenticate = async (
		credentials: ICredentialDataDecryptedObject,
		request: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const headers = { ...request.headers, Accept: 'application/json' };
		return signedRequest(
			{ ...request, headers },
			voltTime.baseUrl(credentials),
			voltTime.secret(credentials),
		);
	};

	test: ICredentialTestRequest = {
		request: {
			// A credential of an earlier version holds the address itself.
			baseURL:
				'={{ ($credentials.baseUrl === "custom" ? $credentials.customBaseUrl : $credentials.baseUrl).trim() }}',
			url: '/api/v3/user',
			disableFollowRedirect: true,
		},
		rules: credentialTestRules({
			vendor: 'the Volt Time API',
			notAccepted:
				'Volt Time did not accept the access token. Check that it is copied whole and was not revoked.',
			check:
				'Check the base URL. Choose Plugchoice, where version 3 of the API is. Where only version 2 is, "Transaction (Legacy V2)" works although this test fails.',
			documentedKey: 'id',
		}),
	};
}
