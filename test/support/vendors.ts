import { SpiriiApi } from '../../credentials/SpiriiApi.credentials';
import { VoltTimeApi } from '../../credentials/VoltTimeApi.credentials';
import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { SpiriiTrigger } from '../../nodes/Spirii/SpiriiTrigger.node';
import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { VoltTimeTrigger } from '../../nodes/VoltTime/VoltTimeTrigger.node';
import { operationsOf } from '../../nodes/shared/node/operation';
import { vendors } from '../../nodes/vendors';
import { sandboxVendors, vendorNames } from '../../sandbox';
import { spiriiLists } from './watched/spirii';
import { voltTimeLists } from './watched/voltTime';

/**
 * The classes that n8n loads of each vendor, and the lists that its trigger can watch. A new vendor is added here, and nowhere
 * else in `test/support/`.
 */
export const vendorClasses = {
	spirii: { Node: Spirii, Trigger: SpiriiTrigger, Credential: SpiriiApi, lists: spiriiLists },
	voltTime: { Node: VoltTime, Trigger: VoltTimeTrigger, Credential: VoltTimeApi, lists: voltTimeLists },
};

/** Each vendor's package with its classes and the name of its contract document. */
export const testVendors = vendors.map((vendorPackage) => {
	const { credentialType } = vendorPackage.vendor;
	const name = vendorNames.find((one) => sandboxVendors[one].credential.type === credentialType);
	if (!name) throw new Error(`The sandbox has no server for ${credentialType}`);
	const { contract } = sandboxVendors[name];
	return {
		...vendorPackage,
		rows: operationsOf(vendorPackage.resources),
		name,
		...vendorClasses[name],
		contract,
	};
});
