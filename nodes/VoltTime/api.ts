import type { Resource } from '../shared/node/operation';
import { charger } from './resources/charger';
import { team } from './resources/team';
import { legacyTransaction } from './resources/legacyTransaction';

/** The resources of the node. The first one is the default. */
export const resources: Resource[] = [legacyTransaction, charger, team];
