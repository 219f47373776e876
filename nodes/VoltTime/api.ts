import type { Resource } from '../shared/node/operation';
import { charger } from './resources/charger';
import { legacyTransaction } from './resources/legacyTransaction';
import { site } from './resources/site';
import { team } from './resources/team';
import { transaction } from './resources/transaction';

/** The resources of the node. The first one is the default. */
export const resources: Resource[] = [transaction, charger, site, team, legacyTransaction];
