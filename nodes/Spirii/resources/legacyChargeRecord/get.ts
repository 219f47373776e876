import { optionsOf } from '../../../shared/node/lists';
import type { Operation } from '../../../shared/node/operation';
import { wholeNumber } from '../../../shared/parameters/rules';
import { getOne } from '../../cursorLists';
import { formatOptions } from './properties';

/** `GET /v1/charge-records/{id}`. */
export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a legacy charge record',
	description: 'Get one legacy charge record by its ID',
	properties: [
		{
			displayName: 'Charge Record ID',
			name: 'id',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. 123665',
			description: 'ID of the charge record, a whole number',
		},
		optionsOf(...formatOptions),
	],
	rules: [wholeNumber('id')],
	run: getOne,
};
