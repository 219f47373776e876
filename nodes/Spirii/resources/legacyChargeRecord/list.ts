import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { recordsIn } from '../../../shared/http/response';
import {
	filtersOf,
	readPages,
	pageSizeOf,
	wantedRecords,
	workerCount,
	type RowPage,
	type ListContext,
} from '../../../shared/node/lists';
import type { OperationContext } from '../../../shared/node/operation';
import { offsetPages } from '../../../shared/paging/offset';
import { notAfter, notBoth } from '../../../shared/parameters/rules';
import { propertyList } from '../../../shared/parameters/typedValues';
import { readId } from '../../../shared/util/ids';
import { UNSTABLE_LIST_ADVICE, UPDATE_IS_NOT_END } from '../../advice';
import { cutOf, period, writeTimes } from '../../period';
import { locationFilter } from '../../pickers';
import { legacyChargeRecordKind } from '../../records';

const filters = propertyList([
	{
		displayName: 'App User ID',
		name: 'appUserId',
		type: 'number',
		typeOptions: { numberPrecision: 0 },
		default: 0,
		description: 'Only charge records of this app user',
		routing: { send: { type: 'query', property: 'appUserId' } },
	},
	{
		displayName: 'Ended From',
		name: 'endedAt',
		type: 'dateTime',
		default: '',
		description: 'Only charge records that ended at or after this time. Not together with Started From.',
		routing: { send: { type: 'query', property: 'endedAt' } },
	},
	{
		displayName: 'Ended To',
		name: 'endedAtMax',
		type: 'dateTime',
		default: '',
		description:
			'Only charge records that ended up to and including this time. A date without a time means 00:00 of that day.',
		routing: { send: { type: 'query', property: 'endedAtMax' } },
	},
	{
		displayName: 'ID Tag UID',
		name: 'idTagUid',
		type: 'string',
		default: '',
		description: 'Only charge records that were started with this ID tag',
		routing: { send: { type: 'query', property: 'idTagUid' } },
	},
	locationFilter('charge records'),
	{
		displayName: 'Started From',
		name: 'startedAt',
		type: 'dateTime',
		default: '',
		description: 'Only charge records that started at or after this time. Not together with Ended From.',
		routing: { send: { type: 'query', property: 'startedAt' } },
	},
	{
		displayName: 'Updated From',
		name: 'updatedAt',
		type: 'dateTime',
		default: '',
		description: 'Only charge records that were updated at or after this time',
		hint: UPDATE_IS_NOT_END,
		routing: { send: { type: 'query', property: 'updatedAt' } },
	},
	{
		displayName: 'Updated To',
		name: 'updatedAtMax',
		type: 'dateTime',
		default: '',
		description:
			'Only charge records that were updated up to and including this time. A date without a time means 00:00 of that day.',
		hint: UPDATE_IS_NOT_END,
		routing: { send: { type: 'query', property: 'updatedAtMax' } },
	},
	{
		displayName: 'Voucher ID',
		name: 'voucherId',
		type: 'number',
		typeOptions: { numberPrecision: 0 },
		default: 0,
		description: 'Only charge records that were paid with this voucher',
		routing: { send: { type: 'query', property: 'voucherId' } },
	},
]);

/** Where a page begins. */
export const [offset] = propertyList([
	{
		displayName: 'Offset',
		name: 'offset',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 0 },
		default: 0,
		description: 'Number of charge records to skip before the first one',
		routing: { send: { type: 'query', property: 'offset' } },
	},
]);

/** How a charge record is written; of Get as well. */
export const formatOptions = propertyList([
	{
		displayName: 'Decimal Separator',
		name: 'decimalSeparator',
		type: 'options',
		options: [
			{ name: 'Comma', value: ',' },
			{ name: 'Point', value: '.' },
		],
		default: '.',
		description:
			'Character in front of the decimals. The documented examples show commas in spite of this default.',
		routing: { send: { type: 'query', property: 'decimalSeparator' } },
	},
	{
		displayName: 'Format',
		name: 'format',
		type: 'options',
		options: [
			{ name: 'Finance', value: 'finance' },
			{ name: 'Standard', value: 'standard' },
		],
		default: 'standard',
		description: 'Which set of columns to return',
		routing: { send: { type: 'query', property: 'format' } },
	},
]);

/** How a list is fetched and written. */
const options = propertyList([
	...formatOptions,
	{
		displayName: 'Field Separator',
		name: 'fieldSeparator',
		type: 'options',
		options: [
			{ name: 'Point', value: '.' },
			{ name: 'Underscore', value: '_' },
		],
		default: '.',
		description: 'Character that joins the parts of a column name, such as location.ID',
		routing: { send: { type: 'query', property: 'fieldSeparator' } },
	},
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 2000, numberPrecision: 0 },
		default: 250,
		description: 'Charge records per request. As many as the API allows when not set.',
		routing: { send: { type: 'query', property: 'limit' } },
	},
	{
		displayName: 'Sort By',
		name: 'sortBy',
		type: 'options',
		options: [
			{ name: 'Ended At', value: 'endedAt' },
			{ name: 'ID', value: 'id' },
			{ name: 'Started At', value: 'startedAt' },
			{ name: 'Updated At', value: 'updatedAt' },
		],
		default: 'id',
		description: 'What to sort by. ID is the safest while charge records change.',
		routing: { send: { type: 'query', property: 'sortBy' } },
	},
	{
		displayName: 'Sort Direction',
		name: 'sortDir',
		type: 'options',
		options: [
			{ name: 'Ascending', value: 'ASC' },
			{ name: 'Descending', value: 'DESC' },
		],
		default: 'ASC',
		description: 'Whether the smallest or the largest come first',
		routing: { send: { type: 'query', property: 'sortDir' } },
	},
]);

/** What the operation asks for; not for the user to choose. */
export function outputAs(value: 'CSV' | 'JSON'): INodeProperties {
	return {
		displayName: 'Output',
		name: 'answerFormat',
		type: 'hidden',
		default: value,
		routing: { send: { type: 'query', property: 'output' } },
	};
}

/** `GET /v1/charge-records`, the first version of the API: pages by offset, rows of which may shift. */
export const legacyList = {
	endpoint: { path: '/v1/charge-records', idField: 'id', pageSize: 2000 },
	kind: legacyChargeRecordKind,
	period,
	writePeriod: writeTimes,
	filters: filtersOf(...filters),
	options,
	// The first is documented, the others spare a useless request.
	rules: [
		notBoth('startedAt', 'endedAt'),
		notAfter('updatedAt', 'updatedAtMax'),
		notAfter('endedAt', 'endedAtMax'),
	],
};

/** One page: its records, and how many the whole list has where the vendor says it. */
export interface LegacyPage {
	records: IDataObject[];
	total: number | undefined;
}

/**
 * One page of the list.
 *
 * @throws ApiError when the response is not `{ data: [...] }`.
 */
export async function legacyPage(
	{ getJson, redact, request }: Pick<OperationContext, 'getJson' | 'redact' | 'request'>,
	position: { offset?: number; limit?: number } = {},
): Promise<LegacyPage> {
	const response = (await getJson({ ...request, query: { ...request.query, ...position } })) as IDataObject;
	const total = response.totalElements;
	return {
		records: recordsIn<IDataObject>(response, 'data', redact),
		total: typeof total === 'number' ? total : undefined,
	};
}

/** The pages of a list, each record once although rows may shift. */
export async function* legacyPages(call: ListContext): AsyncGenerator<RowPage> {
	const { endpoint, values } = call;
	const cut = cutOf(values);
	const pages = offsetPages(async (offset, limit) => await legacyPage(call, { offset, limit }), {
		idOf: (record) => readId(record[endpoint.idField]),
		start: 0,
		unstableListAdvice: UNSTABLE_LIST_ADVICE,
		limit: cut ? Infinity : wantedRecords(values),
		pageSize: pageSizeOf(call),
		concurrency: workerCount(values),
	});
	yield* readPages(cut ? kept(pages, cut) : pages, call);
}

async function* kept(
	pages: AsyncIterable<IDataObject[]>,
	cut: (record: IDataObject) => boolean,
): AsyncGenerator<IDataObject[]> {
	for await (const page of pages) yield page.filter(cut);
}
