import type { Resource, OperationEntry } from '../shared/node/operation';
import {
	CHARGE_RECORD,
	CHARGE_RECORDS,
	LEGACY_CHARGE_RECORD,
	LEGACY_CHARGE_RECORDS,
	TRANSACTION,
	TRANSACTIONS,
} from './endpoints';
import { chargeRecordKind, legacyChargeRecordKind, transactionKind } from './records';
import { exportChargeRecords } from './resources/chargeRecord/export';
import { get as getChargeRecord } from './resources/chargeRecord/get';
import { getAll as getChargeRecords } from './resources/chargeRecord/getAll';
import { getPage as getChargeRecordPage } from './resources/chargeRecord/getPage';
import { exportLegacyChargeRecords } from './resources/legacyChargeRecord/export';
import { download as downloadLegacyChargeRecords } from './resources/legacyChargeRecord/download';
import { get as getLegacyChargeRecord } from './resources/legacyChargeRecord/get';
import { getAll as getLegacyChargeRecords } from './resources/legacyChargeRecord/getAll';
import { getPage as getLegacyChargeRecordPage } from './resources/legacyChargeRecord/getPage';
import { exportTransactions } from './resources/transaction/export';
import { get as getTransaction } from './resources/transaction/get';
import { getAll as getTransactions } from './resources/transaction/getAll';
import { getPage as getTransactionPage } from './resources/transaction/getPage';

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
			'Spirii has deprecated this version of the API in favour of the resource "Charge Record" and will switch it off at a date not yet named. Use it for its CSV download, or while you move.',
	},
	{
		value: 'transaction',
		name: 'Transaction',
		description: 'Running or recently finished charging session, updated as it goes',
	},
];

/** One row per operation: what it is, and where it reads. The first of a resource is its default. */
export const rows: OperationEntry[] = [
	{
		resource: 'chargeRecord',
		operation: getChargeRecords,
		endpoint: CHARGE_RECORDS,
		records: chargeRecordKind,
	},
	{
		resource: 'chargeRecord',
		operation: getChargeRecordPage,
		endpoint: CHARGE_RECORDS,
		records: chargeRecordKind,
	},
	{
		resource: 'chargeRecord',
		operation: getChargeRecord,
		endpoint: CHARGE_RECORD,
		records: chargeRecordKind,
	},
	{
		resource: 'chargeRecord',
		operation: exportChargeRecords,
		endpoint: CHARGE_RECORDS,
		records: chargeRecordKind,
	},

	{ resource: 'transaction', operation: getTransactions, endpoint: TRANSACTIONS, records: transactionKind },
	{
		resource: 'transaction',
		operation: getTransactionPage,
		endpoint: TRANSACTIONS,
		records: transactionKind,
	},
	{ resource: 'transaction', operation: getTransaction, endpoint: TRANSACTION, records: transactionKind },
	{
		resource: 'transaction',
		operation: exportTransactions,
		endpoint: TRANSACTIONS,
		records: transactionKind,
	},

	{
		resource: 'legacyChargeRecord',
		operation: getLegacyChargeRecords,
		endpoint: LEGACY_CHARGE_RECORDS,
		records: legacyChargeRecordKind,
	},
	{
		resource: 'legacyChargeRecord',
		operation: getLegacyChargeRecordPage,
		endpoint: LEGACY_CHARGE_RECORDS,
		records: legacyChargeRecordKind,
	},
	{
		resource: 'legacyChargeRecord',
		operation: getLegacyChargeRecord,
		endpoint: LEGACY_CHARGE_RECORD,
		records: legacyChargeRecordKind,
	},
	{
		resource: 'legacyChargeRecord',
		operation: exportLegacyChargeRecords,
		endpoint: LEGACY_CHARGE_RECORDS,
		records: legacyChargeRecordKind,
	},
	{ resource: 'legacyChargeRecord', operation: downloadLegacyChargeRecords, endpoint: LEGACY_CHARGE_RECORDS },
];
