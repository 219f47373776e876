import { checkBaseUrl, checkSecret } from '../shared/http/url';
import { toIsoUtc } from '../shared/parameters/dates';
import type { Vendor } from '../shared/node/operation';

/** Base URLs by the environment of the credential. Any other environment has its base URL in the credential. */
export const BASE_URLS: Record<string, string> = {
	production: 'https://api.spirii.com',
	sandbox: 'https://sandbox.api.spirii.com',
};

const KEY_ADVICE =
	'Check the API key in the Spirii credential, that it belongs to the chosen environment, and what it may read. Spirii returns 401 or 403 for a key that is wrong or expired.';

/** The properties of Spirii. Source: docs.spirii.com, authentication and errors pages. */
export const spirii: Vendor = {
	name: 'Spirii',
	credentialType: 'spiriiApi',
	baseUrl: ({ environment, baseUrl }) => checkBaseUrl(BASE_URLS[String(environment)] ?? baseUrl),
	secret: ({ apiKey }) => checkSecret(apiKey, 'API Key'),
	formatDate: toIsoUtc,
	advice: {
		401: KEY_ADVICE,
		403: KEY_ADVICE,
		410: 'Spirii has switched off this version of the API. Use another resource of the node, or a newer version of it.',
		429: 'Spirii allows 120 requests a minute at least. Run less often, or request larger pages.',
	},
};
