import type { IDataObject } from 'n8n-workflow';

import {
	optionsOf,
	pageSizeOf,
	workerCount,
	concurrencyOption,
	returnAllOrLimit,
	toItems,
	wantedRecords,
	formatPages,
	type FormattedPage,
} from '../../../shared/node/lists';
import type { OperationContext, Operation } from '../../../shared/node/operation';
import { offsetPages } from '../../../shared/paging/offset';
import { recordsIn } from '../../../shared/http/response';
import { readId } from '../../../shared/util/ids';
import { filters, listOptions, listRules, offset, outputAs } from './properties';

/** `GET /v1/charge-records`, page after page: one item per charge record, each once although rows may shift. */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many legacy charge records',
	description: 'Get charge records from the first version of the API, which the vendor has deprecated',
	properties: [
		outputAs('JSON'),
		...returnAllOrLimit,
		filters,
		optionsOf(...listOptions, offset, concurrencyOption),
	],
	rules: listRules,
	listStart: [offset.name],
	run: async (call) => await toItems(legacyPages(call), wantedRecords(call.values)),
};

/** The pages of a list, each record once although rows may shift. */
export function legacyPages(call: OperationContext): AsyncGenerator<FormattedPage> {
	const { endpoint, request, values } = call;
	const pages = offsetPages(
		async (at, pageSize) => {
			const query = { ...request.query, offset: at, limit: pageSize };
			const answer = (await call.getJson({ ...request, query })) as IDataObject;
			const total = answer.totalElements;
			return {
				records: recordsIn<IDataObject>(answer, 'data', call.redact),
				total: typeof total === 'number' ? total : undefined,
			};
		},
		{
			idOf: (record) => readId(record[endpoint.idField]),
			start: (values.offset as number | undefined) ?? 0,
			limit: wantedRecords(values),
			pageSize: pageSizeOf(call),
			concurrency: workerCount(values),
		},
	);
	return formatPages(pages, call);
}
