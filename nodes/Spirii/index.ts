import type { VendorPackage } from '../shared/node/vendorPackage';
import { resources } from './api';
import { recordKinds } from './records';
import { chargeRecords } from './trigger/chargeRecords';
import { transactions } from './trigger/transactions';
import { spirii } from './vendor';

export const spiriiPackage: VendorPackage = {
	vendor: spirii,
	resources,
	triggers: [chargeRecords, transactions],
	recordKinds,
};
