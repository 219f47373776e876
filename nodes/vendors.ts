import { spiriiPackage } from './Spirii';
import { voltTimePackage } from './VoltTime';
import type { VendorPackage } from './shared/node/vendorPackage';

/** All vendors, in the order of the documentation. A new vendor is added here, and nowhere else in `nodes/`. */
export const vendors: VendorPackage[] = [spiriiPackage, voltTimePackage];
