import { optionsOf, concurrencyOption, returnAllOrLimit } from '../../../shared/node/lists';
import type { Operation } from '../../../shared/node/operation';
import { cursorNames, cursors } from '../../cursors';
import { getMany } from '../../cursorLists';
import { transactionOrder } from '../../timeOrder';
import { fetchOptions, filters, listRules } from './properties';

/** `GET /v2/transactions`, page after page: one item per transaction. */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many transactions',
	description: 'Get transactions: running and recently finished charging sessions',
	properties: [...returnAllOrLimit, filters, optionsOf(...fetchOptions, ...cursors, concurrencyOption)],
	rules: listRules,
	listStart: cursorNames,
	run: getMany(transactionOrder),
};
