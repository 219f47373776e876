import type { RecordKind } from '../session/fields';
import type { Resource, Vendor } from './operation';
import type { TriggerSource } from './triggerSource';

/** One kind of records of a vendor, as the user can pick it. */
export interface NamedRecordKind {
	/** n8n's value of the option; unique among all vendors. */
	value: string;
	name: string;
	kind: RecordKind;
}

/** Everything that a vendor's folder provides. */
export interface VendorPackage {
	vendor: Vendor;
	/** The resources of the action node. The first one is the default. */
	resources: Resource[];
	/** The sources of the trigger node. The first one is the default. */
	triggers: TriggerSource[];
	/** The kinds of records that describe sessions. `matches` is tried in this order. */
	recordKinds: NamedRecordKind[];
}
