import type { Resource } from '../shared/node/operation';
import { charger } from './resources/charger';
import { team } from './resources/team';
import { transaction } from './resources/transaction';

/** The resources of the node. The first one is the default. */
export const resources: Resource[] = [transaction, charger, team];
