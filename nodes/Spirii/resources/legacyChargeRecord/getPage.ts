import type { IDataObject } from 'n8n-workflow';

import { optionsOf, pageFormatter } from '../../../shared/node/lists';
import type { Operation } from '../../../shared/node/operation';
import { recordsIn } from '../../../shared/http/response';
import { filters, listOptions, listRules, offset, outputAs } from './properties';

/** `GET /v1/charge-records`, one page: one item with the records and the offset of the next page. */
export const getPage: Operation = {
	value: 'getPage',
	name: 'Get Page',
	action: 'Get a page of legacy charge records',
	description:
		'Get one page of legacy charge records and the offset of the next one, for a loop over very long lists. Rows can shift between two pages; Get Many takes care of that.',
	properties: [outputAs('JSON'), offset, filters, optionsOf(...listOptions)],
	rules: listRules,
	listStart: [offset.name],
	run: async (call) => {
		const answer = (await call.getJson(call.request)) as IDataObject;
		const data = recordsIn<IDataObject>(answer, 'data', call.redact);
		const start = (call.values.offset as number | undefined) ?? 0;
		const totalElements = typeof answer.totalElements === 'number' ? answer.totalElements : null;
		const nextOffset = start + data.length;
		const hasNextPage = data.length > 0 && (totalElements === null || nextOffset < totalElements);
		return [
			{
				json: {
					data: pageFormatter(call)(data).rows,
					count: data.length,
					hasNextPage,
					nextOffset,
					offset: start,
					totalElements,
				},
			},
		];
	},
};
