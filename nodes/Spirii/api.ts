import type { Resource } from '../shared/node/operation';
import { chargeBox } from './resources/chargeBox';
import { chargeRecord } from './resources/chargeRecord';
import { evse } from './resources/evse';
import { legacyChargeRecord } from './resources/legacyChargeRecord';
import { location } from './resources/location';
import { remoteControl } from './resources/remoteControl';
import { transaction } from './resources/transaction';

/** The resources of the node. The first one is the default. */
export const resources: Resource[] = [
	chargeRecord,
	transaction,
	location,
	evse,
	chargeBox,
	remoteControl,
	legacyChargeRecord,
];
