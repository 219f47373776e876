import type { IDataObject, INodeProperties } from 'n8n-workflow';

import {
	filtersOf,
	readPages,
	optionsOf,
	returnAllOrLimit,
	toItems,
	type ListContext,
} from '../shared/node/lists';
import type { Operation, ReadEndpoint } from '../shared/node/operation';
import { notSent, type WireExample } from '../shared/parameters/wireExamples';
import { linkedPages } from './linkedLists';

/** A list of version 3 that is read to its end. */
export interface LinkedList {
	endpoint: ReadEndpoint;
	plural: string;
	/** The description of Get Many. */
	description: string;
	filters?: INodeProperties[];
}

/** Get Many: one item per record. */
export function getManyOf({ endpoint, plural, description, filters = [] }: LinkedList): Operation {
	return {
		value: 'getAll',
		name: 'Get Many',
		action: `Get many ${plural}`,
		description,
		endpoint,
		properties: [...returnAllOrLimit, ...(filters.length > 0 ? [filtersOf(...filters)] : []), optionsOf()],
		run: async (call: ListContext) => await toItems(readPages(linkedPages(call, call.request), call), call),
	};
}

/** The object of a response. Pages of the vendor show it bare, and clients find it in `data`: both are read. */
export function objectIn(response: object): IDataObject {
	const { data } = response as IDataObject;
	return (data ?? response) as IDataObject;
}

/** Wire examples of a list without a limit. The whole list is read, and the node applies the limit. */
export const unlimitedExamples = (): Record<string, WireExample[]> => ({
	returnAll: notSent(false),
	limit: notSent(7),
	timeout: notSent(30),
});
