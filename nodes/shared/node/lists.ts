import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

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
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 50,
		description: 'Max number of results to return',
	},
];

const timeoutOption: INodeProperties = {
	displayName: 'Timeout (Seconds)',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 600, numberPrecision: 0 },
	default: 120,
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

/** Gathers pages into n8n items, one per record, up to a limit. A loop, since a spread push overflows the stack. */
export async function toItems(
	pages: AsyncIterable<object[]>,
	limit = Infinity,
): Promise<INodeExecutionData[]> {
	const items: INodeExecutionData[] = [];
	for await (const page of pages) {
		for (const record of page) {
			items.push({ json: record as IDataObject });
			if (items.length === limit) return items;
		}
	}
	return items;
}
