import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { IdSet } from '../util/idSet';
import { readId } from '../util/ids';
import { alphabetical } from '../util/alphabetical';
import { DEFAULT_TIMEOUT_S } from './client';
import { toFiles } from './files';
import { propertyList, type ValuesOf } from '../parameters/typedValues';
import type { OperationContext, Operation } from './operation';

/** The highest "Limit": n8n holds all items in memory. "Return All" has no limit. */
const MAX_LIMIT = 1_000_000;

/** The default number of active requests for a whole list. */
const DEFAULT_CONCURRENCY = 4;

/** "Return All" and "Limit", as in every list of n8n. */
export const returnAllOrLimit = propertyList([
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		displayOptions: { show: { returnAll: [false] } },
		typeOptions: { minValue: 1, maxValue: MAX_LIMIT, numberPrecision: 0 },
		default: 50,
		description: 'Max number of results to return',
	},
]);

const [timeoutOption] = propertyList([
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 600, numberPrecision: 0 },
		default: DEFAULT_TIMEOUT_S,
		description: 'How long to wait for a response before the request is sent again',
	},
]);

/** The values of the options that every operation and every trigger has. */
export type RequestValues = Partial<ValuesOf<[typeof timeoutOption]>>;

/** "Options" of an operation: its fetch options and the timeout, in alphabetical order. */
export function optionsOf<const List extends INodeProperties[]>(...options: List) {
	return collectionOf('options', 'Options', 'Add option', [...options, timeoutOption]);
}

/** "Filters" of a list, in alphabetical order. */
export function filtersOf<const List extends INodeProperties[]>(...filters: List) {
	return collectionOf('filters', 'Filters', 'Add Filter', filters);
}

function collectionOf<Name extends string, Member extends INodeProperties>(
	name: Name,
	displayName: string,
	placeholder: string,
	members: Member[],
) {
	return {
		displayName,
		name,
		type: 'collection',
		placeholder,
		default: {},
		options: alphabetical(members, (member) => member.displayName),
	} satisfies INodeProperties;
}

/** The number of requests that may be active at the same time. */
export const [concurrencyOption] = propertyList([
	{
		displayName: 'Concurrent Requests',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 8, numberPrecision: 0 },
		default: DEFAULT_CONCURRENCY,
		description:
			'How many pages of a long list to read at the same time. The order stays the same. When not set, an export and a list up to a limit are read page after page.',
	},
]);

/** The parameters of every list: how many records, and how they are fetched. */
export type ListValues = {
	returnAll?: boolean;
	limit?: number;
	pageSize?: number;
	concurrency?: number;
};

/** The context of an operation on a list. */
export type ListContext = OperationContext<ListValues>;

/** The user's setting. By default several requests for a whole list, and one for a limit: prefetched pages could be wasted there. */
export function concurrencyOf({ concurrency, returnAll }: ListValues): number {
	return concurrency ?? (returnAll ? DEFAULT_CONCURRENCY : 1);
}

/**
 * The number of workers that read a list at the same time. With several requests at once it is one more than the requests, since a
 * worker that parses a response has no active request.
 */
export function workerCount(values: ListValues): number {
	const requests = concurrencyOf(values);
	return requests === 1 ? 1 : requests + 1;
}

/** The maximum number of records: Infinity with "Return All". */
export function wantedRecords({ returnAll, limit = Infinity }: ListValues): number {
	return returnAll ? Infinity : limit;
}

/** Records per request: the user's setting, or the default of the endpoint. */
export function pageSizeOf({ values, endpoint }: Pick<ListContext, 'values' | 'endpoint'>): number {
	return (values.pageSize ?? endpoint.pageSize) as number;
}

/**
 * A page as rows, with the ids of its records. The id is `undefined` for a record without one. It is several times smaller than the
 * page as received.
 */
export interface RowPage {
	ids: Array<string | undefined>;
	rows: IDataObject[];
}

/** Reads a page as soon as it arrives. */
export type ReadPage = (page: IDataObject[]) => RowPage;

/**
 * Creates the function that reads pages as rows. It throws an ApiError for an id that JSON cannot represent exactly, see `readId`.
 *
 * @param context The endpoint, for the id field, and the output format.
 */
export function pageReader({ endpoint, read }: Pick<OperationContext, 'endpoint' | 'read'>): ReadPage {
	return (page) => ({ ids: page.map((record) => readId(record[endpoint.idField])), rows: read(page) });
}

/**
 * Converts the records of one page that is no part of a longer list.
 *
 * @throws ApiError for an id that JSON cannot represent exactly, see `readId`.
 */
export function formatOnePage(
	{ endpoint, format }: Pick<OperationContext, 'endpoint' | 'format'>,
	page: IDataObject[],
): IDataObject[] {
	for (const record of page) readId(record[endpoint.idField]);
	return format(page);
}

/** Reads pages as they arrive. */
export async function* readPages(
	pages: AsyncIterable<IDataObject[]>,
	call: Pick<OperationContext, 'endpoint' | 'read'>,
): AsyncGenerator<RowPage> {
	const readPage = pageReader(call);
	for await (const page of pages) yield readPage(page);
}

/**
 * Collects pages into n8n items, one per record, up to the limit of the list. If a record comes again, because it was updated while the list was
 * read, its newer version replaces the older item. It uses a loop, since a spread push overflows the call stack.
 */
export async function toItems(
	pages: AsyncIterable<RowPage>,
	call: Pick<ListContext, 'values' | 'comparer' | 'show'>,
): Promise<INodeExecutionData[]> {
	const items = await rowsAsItems(pages, wantedRecords(call.values));
	call.comparer()(items.map(({ json }) => json));
	for (const item of items) item.json = call.show(item.json);
	return items;
}

async function rowsAsItems(pages: AsyncIterable<RowPage>, limit: number): Promise<INodeExecutionData[]> {
	const items: INodeExecutionData[] = [];
	const indexes = new Map<string, number>();
	for await (const { ids, rows } of pages) {
		for (let index = 0; index < rows.length; index++) {
			const id = ids[index];
			const item = { json: rows[index] };
			const known = id === undefined ? undefined : indexes.get(id);
			if (known !== undefined) {
				items[known] = item;
				continue;
			}
			if (id !== undefined) indexes.set(id, items.length);
			items.push(item);
			if (items.length === limit) return items;
		}
	}
	return items;
}

/**
 * Export: writes the records of Get Many to files. Without a limit it writes all of them.
 *
 * @param getAll Get Many of the list.
 * @param read Reads its pages. Records that come twice are left out here.
 */
export function exportOf(
	getAll: Operation,
	texts: Pick<Operation, 'action' | 'description'>,
	read: (call: ListContext) => AsyncIterable<RowPage>,
): Operation {
	return {
		...getAll,
		...texts,
		value: 'export',
		name: 'Export',
		properties: getAll.properties.map((property) =>
			property.name === 'returnAll' ? { ...property, default: true } : property,
		),
		writesFiles: true,
		run: async (given: ListContext) => {
			// An export reads page after page by default: several pages at once would need more memory and save little time.
			const call = { ...given, values: { ...given.values, concurrency: given.values.concurrency ?? 1 } };
			return await toFiles(dedupe(read(call), call), call.values, call.columns, call.toBinary);
		},
	};
}

/** The rows of an export that are compared with each other, and with those before: the same ones, whatever the pages are. */
const COMPARED_AT_ONCE = 1000;

/**
 * The rows of the pages, each record once. If a record comes again, because it was updated while the list was read, its first
 * version is kept: it may be in a file that is already stored.
 */
async function* dedupe(
	pages: AsyncIterable<RowPage>,
	{ values, hint, comparer, show }: OperationContext,
): AsyncGenerator<IDataObject[]> {
	const seen = new IdSet();
	const compare = comparer();
	const unmarked = new Set<string>();
	const finish = (rows: IDataObject[]) => {
		for (const key of compare(rows)) unmarked.add(key);
		return rows.map(show);
	};
	let block: IDataObject[] = [];
	let missing = wantedRecords(values);
	for await (const { ids, rows } of pages) {
		const fresh = rows.filter((_, index) => {
			const id = ids[index];
			return id === undefined || seen.add(id);
		});
		if (fresh.length < rows.length) {
			hint(
				"Some sessions were updated while they were read and came twice. The files have the first version of each; the trigger's Session Corrected delivers the newer one.",
			);
		}
		for (const row of fresh.slice(0, missing)) {
			block.push(row);
			if (block.length < COMPARED_AT_ONCE) continue;
			yield finish(block);
			block = [];
		}
		missing -= fresh.length;
		if (missing <= 0) break;
	}
	yield finish(block);
	if (unmarked.size > 0) hint(unmarkedHint([...unmarked]));
}

function unmarkedHint(keys: string[]): string {
	const more = keys.length > 5 ? ` and ${keys.length - 5} more` : '';
	const [sessions, are] = keys.length === 1 ? ['session overlaps', 'is'] : ['sessions overlap', 'are'];
	return `${keys.length} ${sessions} with one that came later in the list, and ${are} in the file without the code "overlapping": ${keys.slice(0, 5).join(', ')}${more}. The later one has it.`;
}
