import type { VendorPackage } from '../shared/node/vendorPackage';
import { resources, rows } from './api';
import { recordKinds } from './records';
import { chargeRecords } from './trigger/chargeRecords';
import { transactions } from './trigger/transactions';
import { spirii } from './vendor';

export const spiriiPackage: VendorPackage = {
	vendor: spirii,
	resources,
	rows,
	triggers: [chargeRecords, transactions],
	recordKinds,
};
