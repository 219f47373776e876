import { optionsOf } from '../../../shared/node/lists';
import type { Operation } from '../../../shared/node/operation';
import { cursorNames, cursors } from '../../cursors';
import { getOnePage } from '../../cursorLists';
import { fetchOptions, filters, listRules } from './properties';

/** `GET /v2/transactions`, one page: one item with the records and the cursors, for loops that keep memory flat. */
export const getPage: Operation = {
	value: 'getPage',
	name: 'Get Page',
	action: 'Get a page of transactions',
	description: 'Get one page of transactions and the cursor of the next one, for a loop over very long lists',
	properties: [...cursors, filters, optionsOf(...fetchOptions)],
	rules: listRules,
	listStart: cursorNames,
	run: getOnePage,
};
