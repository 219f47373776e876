import type { IDataObject } from 'n8n-workflow';

import type { TimeRange } from '../shared/paging/timeSlices';
import { readUtc, toIsoUtc } from '../shared/parameters/dates';

type Query = Record<string, unknown>;

/** The time that a list is sorted by, and how to ask for a part of that time. */
export interface TimeOrder {
	/** The record's field. */
	field: string;
	/** The parameters that bound it. */
	from: string;
	to: string;
	isNewestFirst: boolean;
	/** What to change in the query to get the list from its other end. */
	reversed: Query;
}

/** Sorted by the update unless something else is asked for. */
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

/** The times that have a lower and an upper bound. */
const BOUNDED = ['updatedAt', 'endedAt'];

/**
 * Sorted by the time that is filtered on, oldest first. Of several such times it is not documented which one counts, and of
 * what `sortBy` means besides them neither; creation, the default, can't be bounded.
 */
export function transactionOrder(query: Query): TimeOrder | undefined {
	if (query.sortBy !== undefined || query.startedAt !== undefined) return undefined;
	const filtered = BOUNDED.filter((name) => query[name] !== undefined || query[`${name}Max`] !== undefined);
	if (filtered.length !== 1) return undefined;
	const [field] = filtered;
	return { field, from: field, to: `${field}Max`, isNewestFirst: false, reversed: { sortBy: field } };
}

/** The place of a record in the order, in milliseconds that never fall along the list. */
export function sortKeyIn({ field, isNewestFirst }: TimeOrder, record: IDataObject): number | undefined {
	const time = readUtc(record[field]);
	return time === undefined ? undefined : isNewestFirst ? -time : time;
}

/** The query for a part of the list, within the bounds that it has already. */
export function partOf(query: Query, { from, to, isNewestFirst }: TimeOrder, part: TimeRange): Query {
	const [oldest, newest] = isNewestFirst ? [-part.before, -part.from] : [part.from, part.before];
	const bound = (name: string, time: number, closest: (...times: number[]) => number): Query => {
		const own = readUtc(query[name]);
		const bounded = own === undefined ? time : closest(own, time);
		return Number.isFinite(bounded) ? { [name]: toIsoUtc(new Date(bounded)) } : {};
	};
	return { ...query, ...bound(from, oldest, Math.max), ...bound(to, newest, Math.min) };
}
