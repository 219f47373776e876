import { checkBaseUrl, checkSecret } from '../shared/request/address';
import { toIsoUtc } from '../shared/request/dates';
import type { Resource, Row, Vendor } from '../shared/node/operation';
import { get as getChargeRecord } from './resources/chargeRecord/get';
import { getAll as getChargeRecords } from './resources/chargeRecord/getAll';
import { getPage as getChargeRecordPage } from './resources/chargeRecord/getPage';
import { download as downloadLegacyChargeRecords } from './resources/legacyChargeRecord/download';
import { get as getLegacyChargeRecord } from './resources/legacyChargeRecord/get';
import { getAll as getLegacyChargeRecords } from './resources/legacyChargeRecord/getAll';
import { getPage as getLegacyChargeRecordPage } from './resources/legacyChargeRecord/getPage';
import { get as getTransaction } from './resources/transaction/get';
import { getAll as getTransactions } from './resources/transaction/getAll';
import { getPage as getTransactionPage } from './resources/transaction/getPage';

const BASE_URLS: Record<string, string> = {
	production: 'https://api.spirii.com',
	sandbox: 'https://sandbox.api.spirii.com',
};

const KEY_ADVICE =
	'Check the API key in the Spirii credential, that it belongs to the chosen environment, and what it may read. Spirii answers 401 or 403 for a key that is wrong or expired.';

/** What is particular to Spirii. Source: docs.spirii.com, authentication and errors pages. */
export const spirii: Vendor = {
	name: 'Spirii',
	credentialType: 'spiriiApi',
	baseUrl: ({ environment, baseUrl }) => checkBaseUrl(BASE_URLS[String(environment)] ?? baseUrl),
	secret: ({ apiKey }) => checkSecret(apiKey, 'API Key'),
	formatDate: toIsoUtc,
	advice: {
		401: KEY_ADVICE,
		403: KEY_ADVICE,
		410: 'Spirii has switched off this version of the API. Use the resource without "Legacy" in its name.',
		429: 'Spirii allows 120 requests a minute at least. Run less often, or ask for larger pages.',
	},
};

/** What the node can read. */
export const resources: Resource[] = [
	{
		value: 'chargeRecord',
		name: 'Charge Record',
		description: 'Finished charging session with energy, price and location',
	},
	{
		value: 'legacyChargeRecord',
		name: 'Charge Record (Legacy V1)',
		description: 'The same from the first version of the API, which can also write CSV',
		notice:
			'Spirii has deprecated this version of the API in favour of <b>Charge Record</b> and will switch it off at a date not yet named. Use it for its CSV download, or while you move.',
	},
	{
		value: 'transaction',
		name: 'Transaction',
		description: 'Running or recently finished charging session, updated as it goes',
	},
];

const CHARGE_RECORDS = { path: '/v2/charge-records', pageSize: { default: 1000, max: 5000 } };
const TRANSACTIONS = { path: '/v2/transactions', pageSize: { default: 2500, max: 2500 } };
const LEGACY_CHARGE_RECORDS = { path: '/v1/charge-records', pageSize: { default: 2000, max: 2000 } };

/** One row per operation: what it is, and where it reads. The first of a resource is its default. */
export const rows: Row[] = [
	{ resource: 'chargeRecord', operation: getChargeRecords, endpoint: CHARGE_RECORDS },
	{ resource: 'chargeRecord', operation: getChargeRecordPage, endpoint: CHARGE_RECORDS },
	{ resource: 'chargeRecord', operation: getChargeRecord, endpoint: { path: '/v2/charge-records/{id}' } },

	{ resource: 'transaction', operation: getTransactions, endpoint: TRANSACTIONS },
	{ resource: 'transaction', operation: getTransactionPage, endpoint: TRANSACTIONS },
	{ resource: 'transaction', operation: getTransaction, endpoint: { path: '/v2/transactions/{id}' } },

	{ resource: 'legacyChargeRecord', operation: getLegacyChargeRecords, endpoint: LEGACY_CHARGE_RECORDS },
	{ resource: 'legacyChargeRecord', operation: getLegacyChargeRecordPage, endpoint: LEGACY_CHARGE_RECORDS },
	{
		resource: 'legacyChargeRecord',
		operation: getLegacyChargeRecord,
		endpoint: { path: '/v1/charge-records/{id}' },
	},
	{ resource: 'legacyChargeRecord', operation: downloadLegacyChargeRecords, endpoint: LEGACY_CHARGE_RECORDS },
];
