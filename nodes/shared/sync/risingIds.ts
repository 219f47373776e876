import { isObject } from '../http/response';
import type { SessionSnapshot } from './snapshot';

/**
 * What is known of ids that are whole numbers. Where a vendor numbers its sessions in the order of their starts, an id tells new
 * from old, whatever the charger's clock says.
 */
export interface RisingIds {
	/** Every delivered session with a higher id is stored; null until a session of the trigger's own time was read. */
	horizon: number | null;
	/** The highest id of a session that was created in the trigger's own time; `undefined` until one was read. */
	highest?: number;
	/** The last session that was read for the first time. Its start is in milliseconds since 1970. */
	last: { id: number; startedAt: number } | null;
	/** How many sessions that started later than the one before had a higher id, and how many had not. */
	inOrder: number;
	outOfOrder: number;
}

/** Whole numbers rise if so many pairs of sessions say so, and not more than one in five the opposite. */
const MIN_PAIRS = 4;
const MIN_RATIO = 4;
/** An id that is higher than the highest one by more than this share and number is of another block. */
const MAX_LEAP = 0.1;
const MAX_STEP = 100;
/** Older pairs count half from here on. */
const MAX_PAIRS = 1000;

/** Nothing known of ids. */
export function noIds(): RisingIds {
	return { horizon: null, last: null, inOrder: 0, outOfOrder: 0 };
}

/** Whether a stored value is one of {@link RisingIds}. */
export function isSoundIds(value: unknown): value is RisingIds {
	if (!isObject(value)) return false;
	const { horizon, highest = 0, last, inOrder, outOfOrder } = value;
	return (
		(horizon === null || Number.isSafeInteger(horizon)) &&
		(last === null || (isObject(last) && Number.isSafeInteger(last.id) && Number.isFinite(last.startedAt))) &&
		[highest, inOrder, outOfOrder].every(Number.isSafeInteger)
	);
}

/** The id where it is a whole number. */
export function wholeId(id: SessionSnapshot['id']): number | undefined {
	const number = typeof id === 'number' || /^(0|[1-9]\d*)$/.test(id) ? Number(id) : NaN;
	return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/**
 * Compares a session that is read for the first time with the one before. A start that does not rise with the list says nothing: the
 * clock of a charger can be behind, and an id can be given at the upload.
 *
 * @param isNewestFirst Whether the list falls.
 */
export function learnFrom(ids: RisingIds, snapshot: SessionSnapshot, isNewestFirst = false): void {
	const { id, startedAt, createdAt } = snapshot;
	const number = wholeId(id);
	const start = createdAt ?? startedAt;
	if (number === undefined || start === undefined) return;
	const here = { id: number, startedAt: start };
	const [one, other] = isNewestFirst ? [here, ids.last] : [ids.last, here];
	ids.last = here;
	if (!one || !other || one.id === other.id || one.startedAt >= other.startedAt) return;
	if (other.id > one.id) ids.inOrder++;
	else ids.outOfOrder++;
	if (ids.inOrder + ids.outOfOrder < MAX_PAIRS) return;
	ids.inOrder = Math.floor(ids.inOrder / 2);
	ids.outOfOrder = Math.floor(ids.outOfOrder / 2);
}

/** What the newest sessions before the beginning of a trigger tell, the newest first. */
export function idsOf(newest: SessionSnapshot[]): RisingIds {
	const ids = noIds();
	for (const snapshot of newest) {
		learnFrom(ids, snapshot, true);
		const id = wholeId(snapshot.id);
		if (id !== undefined) ids.horizon = Math.max(ids.horizon ?? id, id);
	}
	return ids;
}

/** Whether an id can follow on those that are known, rather than be of another block, or the digest of a text. */
export function followsOn({ horizon, highest = 0 }: RisingIds, id: number): boolean {
	return id <= Math.max(horizon ?? 0, highest) * (1 + MAX_LEAP) + MAX_STEP;
}

/**
 * Whether an id is above the horizon: `undefined` where ids tell nothing.
 *
 * @param isDenied Whether its creation says the opposite. Then it must follow on the ids that are known: it can be of another block.
 */
export function isAboveHorizon(
	ids: RisingIds,
	id: SessionSnapshot['id'],
	isDenied: boolean,
): boolean | undefined {
	const { horizon, inOrder, outOfOrder } = ids;
	const number = wholeId(id);
	const rises = inOrder >= Math.max(MIN_PAIRS, MIN_RATIO * outOfOrder);
	if (!rises || horizon === null || number === undefined) return undefined;
	return isDenied && !followsOn(ids, number) ? undefined : number > horizon;
}
