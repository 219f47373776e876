import type { VendorPackage } from '../shared/node/vendorPackage';
import { resources } from './api';
import { recordKinds } from './records';
import { currentTransactions } from './trigger/currentTransactions';
import { transactions } from './trigger/transactions';
import { voltTime } from './vendor';

export const voltTimePackage: VendorPackage = {
	vendor: voltTime,
	resources,
	triggers: [currentTransactions, transactions],
	recordKinds,
};
