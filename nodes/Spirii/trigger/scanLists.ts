import type { INodeProperties } from 'n8n-workflow';

import { filtersOf } from '../../shared/node/lists';
import type { Scan } from '../../shared/sync/state';
import type { TriggerEvent } from '../../shared/sync/snapshot';

/** Earlier than any session: what "all history" begins with, since a list is ordered by the time it is filtered on. */
const BEFORE_ALL = Date.UTC(2000, 0, 1);

/** Where a list begins that is read from a moment on. */
export function listStart(from: number): Date {
	return new Date(Math.max(from, BEFORE_ALL));
}

/**
 * The lists of a scan where ended and updated sessions come from two lists.
 *
 * A session that starts is in the list of updates. A session that ends may not be: in the vendor's examples of the first
 * version of the API `updatedAt` is the start of the session. At the very first run of a trigger there are no updates to
 * look for, but those of sessions that ended before its beginning.
 */
export function twoLists(
	event: TriggerEvent,
	{ kind, from }: Pick<Scan, 'kind' | 'from'>,
): Array<'ended' | 'updated'> {
	if (event === 'started') return ['updated'];
	const isWhole = kind === 'first' && (event === 'completed' || from <= BEFORE_ALL);
	return isWhole ? ['ended'] : ['ended', 'updated'];
}

/** "Filters" without some of them. */
export function without(filters: INodeProperties[], ...names: string[]): INodeProperties {
	return filtersOf(...filters.filter(({ name }) => !names.includes(name)));
}
