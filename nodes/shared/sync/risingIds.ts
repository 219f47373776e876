import { isObject } from '../http/response';
import type { SessionSnapshot } from './snapshot';

/**
 * What is known of ids that are whole numbers. Where a vendor numbers its sessions in the order of their starts, an id tells new
 * from old, whatever the charger's clock says.
 */
export interface RisingIds {
	/** Every delivered session with a higher id is stored; null until a session of the trigger's own time was read. */
	horizon: number | null;
	/** The last session that was read for the first time. Its start is in milliseconds since 1970. */
	last: { id: number; startedAt: number } | null;
	/** How many sessions started in the order of their ids, and how many did not. */
	inOrder: number;
	outOfOrder: number;
}

/** Whole numbers rise unless more than one in five pairs of sessions says the opposite. */
const MIN_RATIO = 4;
/** Older pairs count half from here on. */
const MAX_PAIRS = 1000;

/** Nothing known of ids. */
export function noIds(): RisingIds {
	return { horizon: null, last: null, inOrder: 0, outOfOrder: 0 };
}

/** Whether a stored value is one of {@link RisingIds}. */
export function isSoundIds(value: unknown): value is RisingIds {
	if (!isObject(value)) return false;
	const { horizon, last, inOrder, outOfOrder } = value;
	return (
		(horizon === null || Number.isSafeInteger(horizon)) &&
		(last === null || (isObject(last) && Number.isSafeInteger(last.id) && Number.isFinite(last.startedAt))) &&
		[inOrder, outOfOrder].every(Number.isSafeInteger)
	);
}

/** The id where it is a whole number. */
export function wholeId(id: SessionSnapshot['id']): number | undefined {
	const number = typeof id === 'number' || /^(0|[1-9]\d*)$/.test(id) ? Number(id) : NaN;
	return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/**
 * Compares a session that is read for the first time with the one before. A higher id with an earlier start says nothing: the
 * clock of a charger can be behind, and an id can be given at the upload.
 */
export function learnFrom(ids: RisingIds, { id, startedAt, createdAt }: SessionSnapshot): void {
	const number = wholeId(id);
	const start = createdAt ?? startedAt;
	if (number === undefined || start === undefined) return;
	const { last } = ids;
	ids.last = { id: number, startedAt: start };
	if (!last || last.id === number || last.startedAt === start) return;
	if (number > last.id === start > last.startedAt) ids.inOrder++;
	else if (number < last.id) ids.outOfOrder++;
	if (ids.inOrder + ids.outOfOrder < MAX_PAIRS) return;
	ids.inOrder = Math.floor(ids.inOrder / 2);
	ids.outOfOrder = Math.floor(ids.outOfOrder / 2);
}

/** What the newest sessions before the beginning of a trigger tell. */
export function idsOf(newest: SessionSnapshot[]): RisingIds {
	const ids = noIds();
	for (const snapshot of newest) {
		learnFrom(ids, snapshot);
		const id = wholeId(snapshot.id);
		if (id !== undefined) ids.horizon = Math.max(ids.horizon ?? id, id);
	}
	return ids;
}

/** Whether an id is above the horizon: `undefined` where ids tell nothing. */
export function isAboveHorizon(
	{ horizon, inOrder, outOfOrder }: RisingIds,
	id: SessionSnapshot['id'],
): boolean | undefined {
	const number = wholeId(id);
	const rises = inOrder >= MIN_RATIO * outOfOrder;
	return rises && horizon !== null && number !== undefined ? number > horizon : undefined;
}
