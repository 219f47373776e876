import type { VendorPackage } from '../shared/node/vendorPackage';
import { resources } from './api';
import { recordKinds } from './records';
import { transactions } from './trigger/transactions';
import { voltTime } from './vendor';

export const voltTimePackage: VendorPackage = {
	vendor: voltTime,
	resources,
	triggers: [transactions],
	recordKinds,
};
