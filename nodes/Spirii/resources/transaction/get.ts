import { optionsOf } from '../../../shared/node/lists';
import type { Operation } from '../../../shared/node/operation';
import { wholeNumber } from '../../../shared/parameters/rules';
import { getOne } from '../../cursorLists';

/** `GET /v2/transactions/{id}`. */
export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a transaction',
	description: 'Get one transaction by its ID',
	properties: [
		{
			displayName: 'Transaction ID',
			name: 'id',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. 12345678',
			description: 'ID of the transaction, a whole number',
		},
		optionsOf(),
	],
	rules: [wholeNumber('id')],
	run: getOne,
};
