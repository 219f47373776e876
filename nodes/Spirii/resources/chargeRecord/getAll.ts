import { optionsOf, concurrencyOption, returnAllOrLimit } from '../../../shared/node/lists';
import type { Operation } from '../../../shared/node/operation';
import { filterEncoders } from '../../filter';
import { cursorNames, cursors } from '../../cursors';
import { getMany } from '../../cursorLists';
import { chargeRecordOrder } from '../../timeOrder';
import { fetchOptions, filters, listRules } from './properties';

/** `GET /v2/charge-records`, page after page: one item per charge record. */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many charge records',
	description: 'Get charge records: finished charging sessions with energy, price and location',
	properties: [...returnAllOrLimit, filters, optionsOf(...fetchOptions, ...cursors, concurrencyOption)],
	rules: listRules,
	listStart: cursorNames,
	encode: filterEncoders,
	run: getMany(chargeRecordOrder),
};
