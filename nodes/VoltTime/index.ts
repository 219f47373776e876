import type { VendorPackage } from '../shared/node/vendorPackage';
import { resources, rows } from './api';
import { recordKinds } from './records';
import { transactions } from './trigger/transactions';
import { voltTime } from './vendor';

export const voltTimePackage: VendorPackage = {
	vendor: voltTime,
	resources,
	rows,
	triggers: [transactions],
	recordKinds,
};
