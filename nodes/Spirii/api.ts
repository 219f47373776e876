import type { Resource } from '../shared/node/operation';
import { chargeRecord } from './resources/chargeRecord';
import { evse } from './resources/evse';
import { legacyChargeRecord } from './resources/legacyChargeRecord';
import { location } from './resources/location';
import { transaction } from './resources/transaction';

/** What the node reads; the first is its default. */
export const resources: Resource[] = [chargeRecord, evse, legacyChargeRecord, location, transaction];
