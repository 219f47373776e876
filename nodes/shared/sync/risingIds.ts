import { isObject } from '../http/response';
import type { SessionSnapshot } from './snapshot';

/**
 * What is known of ids that are whole numbers. Where a vendor numbers its sessions in the order of their starts, an id tells new
 * from old, whatever the charger's clock says.
 */
export interface RisingIds {
	/** Every delivered session with a higher id is stored; null until a session of the trigger's own time was read. */
	horizon: number | null;
	/** The session with the highest id that rose with its start, which is in milliseconds since 1970. */
	last: { id: number; startedAt: number } | null;
	/** How many sessions that started later than it had a higher id, and how many had not. */
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
 * Compares a session that is read for the first time with the one of the highest id. An earlier start says nothing: the clock of a
 * charger can be behind, an id can be given at the upload, and a list can have the newest first.
 *
 * @param until The present in milliseconds since 1970: a later start says nothing either.
 */
export function learnFrom(ids: RisingIds, snapshot: SessionSnapshot, until: number): void {
	const { id, startedAt, createdAt } = snapshot;
	const number = wholeId(id);
	const start = createdAt ?? startedAt;
	if (number === undefined || start === undefined || start > until) return;
	const { last } = ids;
	const rises = !last || number > last.id;
	if (last && (number === last.id || start <= last.startedAt)) return;
	if (rises) ids.last = { id: number, startedAt: start };
	if (!last) return;
	if (rises) ids.inOrder++;
	else ids.outOfOrder++;
	if (ids.inOrder + ids.outOfOrder < MAX_PAIRS) return;
	ids.inOrder = Math.floor(ids.inOrder / 2);
	ids.outOfOrder = Math.floor(ids.outOfOrder / 2);
}

/** What the newest sessions before the beginning of a trigger tell. */
export function idsOf(newest: SessionSnapshot[], until: number): RisingIds {
	const ids = noIds();
	const startOf = ({ createdAt, startedAt = 0 }: SessionSnapshot) => createdAt ?? startedAt;
	for (const snapshot of [...newest].sort((one, other) => startOf(one) - startOf(other))) {
		learnFrom(ids, snapshot, until);
		const id = wholeId(snapshot.id);
		if (id !== undefined) ids.horizon = Math.max(ids.horizon ?? id, id);
	}
	return ids;
}

/**
 * Whether an id is above the horizon: `undefined` where ids tell nothing.
 *
 * @param isDenied Whether its creation says the opposite. Then it must follow on the ids that are known: it can be of another block.
 */
export function isAboveHorizon(
	{ horizon, last, inOrder, outOfOrder }: RisingIds,
	id: SessionSnapshot['id'],
	isDenied: boolean,
): boolean | undefined {
	const number = wholeId(id);
	const rises = inOrder >= Math.max(MIN_PAIRS, MIN_RATIO * outOfOrder);
	if (!rises || horizon === null || number === undefined) return undefined;
	const highest = Math.max(horizon, last?.id ?? 0);
	const isFar = isDenied && number > highest * (1 + MAX_LEAP) + MAX_STEP;
	return isFar ? undefined : number > horizon;
}
