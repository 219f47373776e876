import {
	concurrencyOption,
	exportOf,
	optionsOf,
	formatOnePage,
	returnAllOrLimit,
	toItems,
	type ListContext,
} from '../../../shared/node/lists';
import { countOf } from '../../../shared/node/nothingFound';
import { operationOf, type Operation, type Resource } from '../../../shared/node/operation';
import { wholeNumber } from '../../../shared/parameters/rules';
import {
	asIs,
	example,
	integer,
	listExamples,
	moment,
	notSent,
	picked,
	type WireExamples,
} from '../../../shared/parameters/wireExamples';
import { getOf } from '../../operations';
import { cutOf, timeExamples } from '../../period';
import { download } from './download';
import { formatOptions, legacyList, legacyPage, legacyPages, offset, outputAs } from './list';

const { endpoint, kind, period, writePeriod, filters, options, rules } = legacyList;

const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many legacy charge records',
	description: 'Get charge records from the first version of the API, which the vendor has deprecated',
	endpoint,
	records: kind,
	properties: [
		outputAs('JSON'),
		...period,
		...returnAllOrLimit,
		filters,
		optionsOf(...options, concurrencyOption),
	],
	writePeriod,
	rules,
	countAll: async (call) => {
		const request = { ...call.request, query: {} };
		const { records, total } = await call.once(
			`first of ${request.path}`,
			async () => await legacyPage({ ...call, request }, { limit: 1 }),
		);
		return countOf(records, total);
	},
	run: async (call: ListContext) => await toItems(legacyPages(call), call),
};

/** One item with the records and the offset of the next page. */
const getPage = operationOf({
	value: 'getPage',
	name: 'Get Page',
	action: 'Get a page of legacy charge records',
	description:
		'Get one page of legacy charge records and the offset of the next one, for a loop over very long lists. Rows can shift between two pages; Get Many takes care of that.',
	endpoint,
	records: kind,
	properties: [outputAs('JSON'), ...period, offset, filters, optionsOf(...options)],
	writePeriod,
	rules,
	listStart: [offset.name],
	run: async (call) => {
		const { records, total = null } = await legacyPage(call);
		const cut = cutOf(call.values);
		const rows = formatOnePage(call, cut ? records.filter(cut) : records);
		const start = call.values.offset ?? 0;
		const nextOffset = start + records.length;
		return [
			{
				json: {
					data: rows,
					count: rows.length,
					hasNextPage: records.length > 0 && (total === null || nextOffset < total),
					nextOffset,
					offset: start,
					totalElements: total,
				},
			},
		];
	},
});

const get = getOf({
	endpoint: { path: '/v1/charge-records/{id}', idField: 'id' },
	records: { singular: 'legacy charge record', plural: 'legacy charge records', kind },
	id: {
		displayName: 'Charge Record ID',
		name: 'id',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 123665',
		description: 'ID of the charge record, a whole number, or the sessionKey of a row',
	},
	options: [...formatOptions],
	rules: [wholeNumber('id')],
});

/** `/v1/charge-records`: the same sessions as charge records, from the first version of the API. */
export const legacyChargeRecord: Resource = {
	value: 'legacyChargeRecord',
	name: 'Charge Record (Legacy V1)',
	description: 'The same sessions from the first version of the API, which can also write CSV',
	notice:
		'Spirii has deprecated this version of the API in favor of the resource "Charge Record (CDR)" and will switch it off at a date not yet named. Use it for its CSV download, or while you move.',
	operations: [
		getAll,
		getPage,
		get,
		exportOf(
			getAll,
			{
				action: 'Export legacy charge records to files',
				description: 'Write charge records from the first version of the API into CSV or NDJSON files',
			},
			legacyPages,
		),
		download,
	],
};

export const wire = (): WireExamples => ({
	requests: {
		getAll: 'GET /v1/charge-records?output=JSON&limit=50&offset=0',
		getPage: 'GET /v1/charge-records?output=JSON&offset=0',
		get: 'GET /v1/charge-records/8400060',
		export: 'GET /v1/charge-records?output=JSON&limit=2000&offset=0',
		download: 'GET /v1/charge-records?output=CSV&limit=2000&offset=0',
	},
	required: { id: '8400060' },
	exclusive: [['startedAt', 'endedAt']],
	parameters: {
		...listExamples(),
		...timeExamples(),
		offset: [example(20, { offset: 20 }), example(0, { offset: 0 })],
		pageSize: [example(2000, { limit: 2000 }, { returnAll: true })],
		appUserId: integer('appUserId'),
		decimalSeparator: asIs('decimalSeparator', ',', '.'),
		delimiter: asIs('delimiter', ',', ';'),
		endedAt: moment('endedAt'),
		endedAtMax: moment('endedAtMax'),
		fieldSeparator: asIs('fieldSeparator', '.', '_'),
		fileName: notSent('records.csv'),
		format: asIs('format', 'finance', 'standard'),
		idTagUid: asIs('idTagUid', '6F15 8851&x=Ø+'),
		locationId: picked('1800', { locationId: 1800 }),
		sortBy: asIs('sortBy', 'endedAt', 'id', 'startedAt', 'updatedAt'),
		sortDir: asIs('sortDir', 'ASC', 'DESC'),
		startedAt: moment('startedAt'),
		updatedAt: moment('updatedAt'),
		updatedAtMax: moment('updatedAtMax'),
		voucherId: integer('voucherId'),
	},
});
