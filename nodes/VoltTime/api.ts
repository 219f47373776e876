import type { Resource } from '../shared/node/operation';
import { charger } from './resources/charger';
import { team } from './resources/team';
import { transaction } from './resources/transaction';

/** What the node reads; the first is its default. */
export const resources: Resource[] = [transaction, charger, team];
