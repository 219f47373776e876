import { checkBaseUrl, checkSecret } from '../shared/http/url';
import { toSecondsUtc } from '../shared/parameters/dates';
import type { Vendor } from '../shared/node/operation';

const TOKEN_ADVICE =
	'Check the access token in the Volt Time credential, and that its account may read this team. Access to a site can run out.';

/** The properties of Volt Time. Source: developer.volttime.com; error and rate pages of its successor. */
export const voltTime: Vendor = {
	name: 'Volt Time',
	credentialType: 'voltTimeApi',
	baseUrl: ({ baseUrl }) => checkBaseUrl(baseUrl),
	secret: ({ accessToken }) => checkSecret(accessToken, 'Access Token'),
	formatDate: toSecondsUtc,
	advice: {
		401: TOKEN_ADVICE,
		403: TOKEN_ADVICE,
		404: 'Check the team and the charger: the charger must belong to the team, and the token to one of its members.',
		429: 'Volt Time allows 500 requests a minute for each user. Run less often, or read fewer chargers at once.',
	},
};
