import { checkBaseUrl, checkSecret } from '../shared/http/url';
import { toSecondsUtc } from '../shared/parameters/dates';
import type { Vendor } from '../shared/node/operation';

const TOKEN_ADVICE =
	'Check the access token in the Volt Time credential, and that its account may read this team. Access to a site can run out.';

const LEGACY_ADVICE =
	'Version 2 of the API may be gone from here: choose Plugchoice in the credential, and "Transaction" instead of "Transaction (Legacy V2)".';

/** The hosts of the vendor's API. */
export const VENDOR_HOSTS = ['app.plugchoice.com', 'cloud.volttime.com'];

/** The properties of Volt Time, today Plugchoice. Source: developer.volttime.com, developer.plugchoice.com. */
export const voltTime: Vendor = {
	name: 'Volt Time',
	credentialType: 'voltTimeApi',
	baseUrl: ({ baseUrl, customBaseUrl }) => checkBaseUrl(baseUrl === 'custom' ? customBaseUrl : baseUrl),
	secret: ({ accessToken }) => checkSecret(accessToken, 'Access Token'),
	formatDate: toSecondsUtc,
	advice: {
		401: TOKEN_ADVICE,
		403: TOKEN_ADVICE,
		404: 'Check the team, the site and the charger in the node, and the base URL in the credential: not every address has both versions of the API. Choose Plugchoice for version 3.',
		410: LEGACY_ADVICE,
		301: `Check the base URL in the credential. ${LEGACY_ADVICE} The key is never sent to another address.`,
		429: 'Volt Time allows 500 requests a minute for each user. Run less often, or read fewer chargers at once.',
	},
};
