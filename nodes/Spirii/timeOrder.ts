import type { IDataObject } from 'n8n-workflow';

import type { TimeRange } from '../shared/paging/timeSlices';
import { readUtc, toIsoUtc } from '../shared/parameters/dates';

type Query = Record<string, unknown>;

/** The time that a list is sorted by, and the parameters that select a range of it. */
export interface TimeOrder {
	/** Name of the record's field. */
	field: string;
	/** Names of the parameters for the lower and the upper bound. */
	from: string;
	to: string;
	isNewestFirst: boolean;
	/** Parameters that reverse the order of the list. */
	reversed: Query;
}

/** The order of charge records: by their update, unless another sort key is requested. */
export function chargeRecordOrder({ sortKey, sortDirection }: Query): TimeOrder | undefined {
	if (sortKey !== undefined && sortKey !== 'updatedAt') return undefined;
	const isNewestFirst = sortDirection === 'desc';
	return {
		field: 'updatedAt',
		from: 'updatedAtFrom',
		to: 'updatedAtTo',
		isNewestFirst,
		reversed: { sortKey: 'updatedAt', sortDirection: isNewestFirst ? 'asc' : 'desc' },
	};
}

/** The times that have both a lower and an upper bound. */
const BOUNDED = ['updatedAt', 'endedAt'];

/**
 * The order of transactions: by the time that is filtered on, oldest first. It is unknown with several such times, or with
 * `sortBy`: the documentation does not define these. It is useless without a filter, since the creation time cannot be bounded.
 */
export function transactionOrder(query: Query): TimeOrder | undefined {
	if (query.sortBy !== undefined || query.startedAt !== undefined) return undefined;
	const filtered = BOUNDED.filter((name) => query[name] !== undefined || query[`${name}Max`] !== undefined);
	if (filtered.length !== 1) return undefined;
	const [field] = filtered;
	return { field, from: field, to: `${field}Max`, isNewestFirst: false, reversed: { sortBy: field } };
}

/** The position of a record in the order, in milliseconds that never fall along the list. */
export function sortKeyIn({ field, isNewestFirst }: TimeOrder, record: IDataObject): number | undefined {
	const time = readUtc(record[field]);
	return time === undefined ? undefined : isNewestFirst ? -time : time;
}

/** The query for a time range of the list, within the bounds that the query already has. */
export function rangeOf(query: Query, { from, to, isNewestFirst }: TimeOrder, range: TimeRange): Query {
	const [oldest, newest] = isNewestFirst ? [-range.before, -range.from] : [range.from, range.before];
	const bound = (name: string, time: number, closest: (...times: number[]) => number): Query => {
		const own = readUtc(query[name]);
		const bounded = own === undefined ? time : closest(own, time);
		return Number.isFinite(bounded) ? { [name]: toIsoUtc(new Date(bounded)) } : {};
	};
	return { ...query, ...bound(from, oldest, Math.max), ...bound(to, newest, Math.min) };
}
