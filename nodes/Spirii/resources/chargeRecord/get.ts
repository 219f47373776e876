import { optionsOf } from '../../../shared/node/lists';
import type { Operation } from '../../../shared/node/operation';
import { getOne } from '../../cursorLists';

/** `GET /v2/charge-records/{id}`. */
export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a charge record',
	description: 'Get one charge record by its ID',
	properties: [
		{
			displayName: 'Charge Record ID',
			name: 'id',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. 12345678',
			description: 'ID of the charge record: the transactionId of a list',
		},
		optionsOf(),
	],
	run: getOne,
};
