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

/** The properties of a list of ended sessions, sorted by their end, and of one of updated records, sorted by their update. */
export const ENDED = {
	key: 'ended',
	order: 'oldestFirst',
	coversEnded: true,
	movesOnUpdate: false,
} as const;
export const UPDATED = {
	key: 'updated',
	order: 'oldestFirst',
	coversEnded: false,
	movesOnUpdate: true,
} as const;

/**
 * The lists of a scan where ended and updated sessions come from two lists.
 *
 * A session that starts is in the list of updates. A session that ends may not be: in the vendor's examples of the first
 * version of the API `updatedAt` is the start of the session. The very first scan of a trigger only needs the updates of
 * sessions that ended before it.
 */
export function twoLists<L>(
	{ ended, updated }: { ended: L; updated: L },
	event: TriggerEvent,
	{ kind, from }: Pick<Scan, 'kind' | 'from'>,
): L[] {
	if (event === 'started') return [updated];
	const isWhole = kind === 'first' && (event === 'completed' || from <= BEFORE_ALL);
	return isWhole ? [ended] : [ended, updated];
}

/** "Filters" without some of them. */
export function without(filters: INodeProperties[], ...names: string[]): INodeProperties {
	return filtersOf(...filters.filter(({ name }) => !names.includes(name)));
}
