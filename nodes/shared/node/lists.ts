import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { DEFAULT_TIMEOUT_S } from './client';
import type { Call } from './operation';

/** More than this is no limit any more: n8n holds all items in memory. "Return All" has no bound. */
const HIGHEST_LIMIT = 1_000_000;

/** "Return All" and "Limit", as every list of n8n has them. */
export const returnAllOrLimit: INodeProperties[] = [
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
		typeOptions: { minValue: 1, maxValue: HIGHEST_LIMIT, numberPrecision: 0 },
		default: 50,
		description: 'Max number of results to return',
	},
];

const timeoutOption: INodeProperties = {
	displayName: 'Timeout (Seconds)',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 600, numberPrecision: 0 },
	default: DEFAULT_TIMEOUT_S,
	description: 'How long to wait for one answer of the API before it is asked again',
};

/** "Options" of an operation: how it fetches, in alphabetical order, with the timeout that every operation has. */
export function optionsOf(...options: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [...options, timeoutOption].sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
}

/** The most records that the user wants: Infinity with "Return All". */
export function wantedRecords(values: Record<string, unknown>): number {
	return values.returnAll ? Infinity : ((values.limit as number | undefined) ?? 50);
}

/** Records per request: the user's, else the endpoint's. */
export function pageSizeOf({ values, endpoint }: Call): number {
	return (values.pageSize ?? endpoint.pageSize) as number;
}

/**
 * Gathers pages into n8n items, one per record, up to a limit. A record that comes again, because it was updated while
 * the list was read, takes the place of its older form. A loop, since a spread push overflows the stack.
 *
 * @param call Knows which field of a record holds its id, and in which form it comes out.
 */
export async function toItems(
	pages: AsyncIterable<IDataObject[]>,
	{ endpoint, write }: Pick<Call, 'endpoint' | 'write'>,
	limit = Infinity,
): Promise<INodeExecutionData[]> {
	const items: INodeExecutionData[] = [];
	const places = new Map<unknown, number>();
	for await (const page of pages) {
		const written = write(page);
		for (let index = 0; index < page.length; index++) {
			const id = page[index][endpoint.idField] ?? undefined;
			const item = { json: written[index] };
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
