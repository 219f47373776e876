import type { INodeProperties } from 'n8n-workflow';

import { filtersOf } from '../../shared/node/lists';
import type { Scan } from '../../shared/sync/state';
import type { TriggerEvent } from '../../shared/sync/snapshot';

/** Start of "all history": before any session. A list needs a time filter, since the filter also sorts it. */
const BEFORE_ALL = Date.UTC(2000, 0, 1);

/** Newest sessions whose ids tell, at the very first poll, whether ids rise and how far. */
export const NEWEST_FOR_IDS = 50;

/** The start of a list that is read from a moment on. */
export function listStart(from: number): Date {
	return new Date(Math.max(from, BEFORE_ALL));
}

/**
 * Properties of the list of ended sessions, sorted by their end, and of the list of updated records, sorted by their update.
 */
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
 * The lists of a scan where ended and updated sessions are separate lists.
 *
 * A session that starts is in the list of updates. A session that ends may be missing there: in the vendor's examples of the v1
 * API, `updatedAt` is the start of the session. The very first scan needs only updates of sessions that ended before it.
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
