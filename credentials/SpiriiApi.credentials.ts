import type {
	IAuthenticate,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

import { BASE_URLS, spirii } from '../nodes/Spirii/vendor';
import { credentialTestRules } from '../nodes/shared/node/credentialTest';
import { signedRequest } from '../nodes/shared/http/sign';

/** Access to the Spirii API. Source: docs.spirii.com, authentication page. */
export class SpiriiApi implements ICredentialType {
	name = 'spiriiApi';

	displayName = 'Spirii API';

	icon: Icon = { light: 'file:../nodes/Spirii/spirii.svg', dark: 'file:../nodes/Spirii/spirii.dark.svg' };

	documentationUrl = 'https://docs.spirii.com/api-reference/authentication';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'From Spirii support or your account manager. Production and sandbox have separate keys.',
		},
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'options',
			options: [
				{ name: 'Production', value: 'production' },
				{ name: 'Sandbox', value: 'sandbox' },
				{ name: 'Custom Base URL', value: 'custom' },
			],
			default: 'production',
			description: 'Where the API is reached',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			displayOptions: { show: { environment: ['custom'] } },
			required: true,
			default: '',
			placeholder: 'https://api.example.com',
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
	 * key is sent to the API only.
	 */
	authenticate: IAuthenticate = async (
		credentials: ICredentialDataDecryptedObject,
		request: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> =>
		signedRequest(request, spirii.baseUrl(credentials), spirii.secret(credentials));

	test: ICredentialTestRequest = {
		request: {
			baseURL: `={{ (${JSON.stringify(BASE_URLS)})[$credentials.environment] ?? $credentials.baseUrl.trim() }}`,
			url: '/v2/charge-records',
			qs: { limit: 1 },
			disableFollowRedirect: true,
		},
		rules: credentialTestRules({
			vendor: 'the Spirii API',
			notAccepted:
				'Spirii did not accept the API key. Check that it is copied whole and belongs to the chosen environment.',
			check: 'Check the environment and the base URL.',
			documentedKey: 'data.length',
		}),
	};
}
