import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { IdSet } from '../util/idSet';
import { readId } from '../util/ids';
import { alphabetical } from '../util/alphabetical';
import { DEFAULT_TIMEOUT_S } from './client';
import { toFiles } from './files';
import { propertyList } from '../parameters/typedValues';
import type { OperationContext, Operation } from './operation';

/** More than this is no limit any more: n8n holds all items in memory. "Return All" has no bound. */
const MAX_LIMIT = 1_000_000;

/** Requests under way at the same time where a whole list is wanted and the user sets nothing. */
const DEFAULT_CONCURRENCY = 4;

/** "Return All" and "Limit", as every list of n8n has them. */
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
		description: 'How long to wait for one answer of the API before it is asked again',
	},
]);

/** "Options" of an operation: how it fetches, in alphabetical order, with the timeout that every operation has. */
export function optionsOf<const List extends INodeProperties[]>(...options: List) {
	return collectionOf('options', 'Options', 'Add Option', [...options, timeoutOption]);
}

/** "Filters" of a list: what it selects, in alphabetical order. */
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

/** How many requests may be under way at the same time. */
export const [concurrencyOption] = propertyList([
	{
		displayName: 'Requests at Once',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 8, numberPrecision: 0 },
		default: DEFAULT_CONCURRENCY,
		description:
			'How many pages of a long list to read at the same time. The order stays the same. When not set, an export and a list up to a limit are read page after page.',
	},
]);

/** What every list may be asked: how many records, and how they are fetched. */
export type ListValues = {
	returnAll?: boolean;
	limit?: number;
	pageSize?: number;
	concurrency?: number;
};

/** What an operation on a list needs to run. */
export type ListContext = OperationContext<ListValues>;

/** The user's, else several where a whole list is wanted: reading ahead of a limit may be for nothing. */
export function concurrencyOf({ concurrency, returnAll }: ListValues): number {
	return concurrency ?? (returnAll ? DEFAULT_CONCURRENCY : 1);
}

/**
 * How many workers read a list at the same time: with several requests at once, one more than these, since a worker that
 * parses a response has no request under way.
 */
export function workerCount(values: ListValues): number {
	const requests = concurrencyOf(values);
	return requests === 1 ? 1 : requests + 1;
}

/** The most records that the user wants: Infinity with "Return All". */
export function wantedRecords({ returnAll, limit = Infinity }: ListValues): number {
	return returnAll ? Infinity : limit;
}

/** Records per request: the user's, else the endpoint's. */
export function pageSizeOf({ values, endpoint }: Pick<ListContext, 'values' | 'endpoint'>): number {
	return (values.pageSize ?? endpoint.pageSize) as number;
}

/**
 * A page in the form that the user picked, with the ids of its records, `undefined` where one has none: several times smaller
 * than as it came.
 */
export interface FormattedPage {
	ids: Array<string | undefined>;
	rows: IDataObject[];
}

/** How a page is written as soon as it is there. */
export type FormatPage = (page: IDataObject[]) => FormattedPage;

/**
 * @param call Knows which field of a record holds its id, and in which form it comes out.
 * @throws ApiError (from what is returned) for an id that JSON could not carry, see `readId`.
 */
export function pageFormatter({
	endpoint,
	format,
}: Pick<OperationContext, 'endpoint' | 'format'>): FormatPage {
	return (page) => ({ ids: page.map((record) => readId(record[endpoint.idField])), rows: format(page) });
}

/** Formats pages as they come. */
export async function* formatPages(
	pages: AsyncIterable<IDataObject[]>,
	call: Pick<OperationContext, 'endpoint' | 'format'>,
): AsyncGenerator<FormattedPage> {
	const formatPage = pageFormatter(call);
	for await (const page of pages) yield formatPage(page);
}

/**
 * Gathers pages into n8n items, one per record, up to a limit. A record that comes again, because it was updated while
 * the list was read, takes the place of its older form. A loop, since a spread push overflows the stack.
 */
export async function toItems(
	pages: AsyncIterable<FormattedPage>,
	limit: number,
): Promise<INodeExecutionData[]> {
	const items: INodeExecutionData[] = [];
	const places = new Map<string, number>();
	for await (const { ids, rows } of pages) {
		for (let index = 0; index < rows.length; index++) {
			const id = ids[index];
			const item = { json: rows[index] };
			const place = id === undefined ? undefined : places.get(id);
			if (place !== undefined) {
				items[place] = item;
				continue;
			}
			if (id !== undefined) places.set(id, items.length);
			items.push(item);
			if (items.length === limit) return items;
		}
	}
	return items;
}

/**
 * The export of a list: the same selection as Get Many, everything of it unless the user sets a limit, into files.
 *
 * @param getAll The list's Get Many.
 * @param read Its pages; records that come twice are left out here.
 */
export function exportOf(
	getAll: Operation,
	texts: Pick<Operation, 'action' | 'description'>,
	read: (call: ListContext) => AsyncIterable<FormattedPage>,
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
			// Memory counts here: several pages on their way take more of it than they save time.
			const call = { ...given, values: { ...given.values, concurrency: given.values.concurrency ?? 1 } };
			return await toFiles(dedupe(read(call), call), call.values, call.columns, call.toBinary);
		},
	};
}

/**
 * The rows of the pages, each record once. One that comes again, because it was updated while the list
 * was read, stays as it was at first: it may be in a file that is stored already.
 */
async function* dedupe(
	pages: AsyncIterable<FormattedPage>,
	{ values, hint }: OperationContext,
): AsyncGenerator<IDataObject[]> {
	const seen = new IdSet();
	let missing = wantedRecords(values);
	for await (const { ids, rows } of pages) {
		const fresh = rows.filter((_, index) => {
			const id = ids[index];
			return id === undefined || seen.add(id);
		});
		if (fresh.length < rows.length) {
			hint(
				"Some sessions were updated while they were read and came twice. The files have each of them once, as it was at first; the trigger's Session Corrected gives the newer form.",
			);
		}
		yield fresh.slice(0, missing);
		missing -= fresh.length;
		if (missing <= 0) return;
	}
}
