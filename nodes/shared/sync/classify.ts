import { CHANGE_CATEGORIES, type ChangeCategory } from '../session/fields';
import type { DeliveredSession } from './deliveredSessions';
import { isAboveHorizon, type RisingIds } from './risingIds';
import {
	AMOUNT_UNIT,
	changedCategories,
	unknownFingerprint,
	type SessionSnapshot,
	type TriggerEvent,
} from './snapshot';
import type { SessionList } from './source';
import type { PollState, Scan } from './state';

/** What a snapshot shows of its session. */
export type ChangeType = TriggerEvent | 'same';

/** The changes of a session after its end; null where its earlier version is unknown. */
export interface Change {
	changedFields: ChangeCategory[] | null;
	energyDeltaKwh: number | null;
	amountDelta: number | null;
}

/** In the unit of amounts. */
const HALF_CENT = AMOUNT_UNIT / 200;

/** Any earlier time comes from a clock that was never set. */
const EARLIEST_MS = Date.UTC(2001, 0, 1);

/**
 * The change that a snapshot of a known session shows: `completed` (ended), `changed` (another version while it runs), `corrected`
 * (another version after its end), or `same`.
 */
export function classifyKnown(
	{ endedAt }: SessionSnapshot,
	known: DeliveredSession,
	now: DeliveredSession,
	event: TriggerEvent,
): ChangeType {
	if (endedAt !== undefined && known.running) return 'completed';
	return isSame(known, now, event) ? 'same' : known.running ? 'changed' : 'corrected';
}

/** Whether nothing tells two versions apart. The earlier fingerprint may be made of other fields; energy and amount never are. */
function isSame(known: DeliveredSession, now: DeliveredSession, event: TriggerEvent): boolean {
	const { fingerprint, energyWh } = known;
	if (event === 'corrected' && (energyWh !== now.energyWh || !isSameAmount(known, now))) return false;
	return fingerprint === now.fingerprint || fingerprint === unknownFingerprint(event);
}

/**
 * The change that the first snapshot of a session shows: `started` (new and running), `completed` (new and ended), `changed` (it
 * ran before the trigger began), `corrected` (it had ended before that, or was forgotten), or `same`.
 *
 * @param ids What ids tell; `undefined` where they tell nothing.
 */
export function classifyUnknown<R>(
	snapshot: SessionSnapshot,
	list: SessionList<R>,
	ids: RisingIds | undefined,
	{ dedupHorizon, hasForgotten }: PollState,
	{ kind, from, trackFrom, begunAt }: Scan,
): ChangeType {
	const { id, startedAt = 0, endedAt, createdAt: made, updatedAt = -Infinity } = snapshot;
	const createdAt = made ?? EARLIEST_MS;
	const appeared = appearedAt(snapshot);
	const isLater = kind === 'regular' || kind === 'gap';
	const isAbove =
		isLater && ids ? isAboveHorizon(ids, id, made !== undefined && made < dedupHorizon) : undefined;
	if (endedAt === undefined) {
		// The start is written by a charger, whose clock can be wrong. It counts only where neither id nor creation tells.
		const isStartWrong = (ids?.horizon ?? null) === null || startedAt <= EARLIEST_MS;
		const isFirstSight = isAbove ?? (isLater && createdAt <= EARLIEST_MS && isStartWrong);
		return appeared >= dedupHorizon || isFirstSight ? 'started' : 'changed';
	}

	// Its end moved after it was forgotten.
	if (hasForgotten && isAbove === false && made !== undefined && made < trackFrom) return 'corrected';
	// New if it appeared after the moment from which all sessions are tracked.
	if (appeared >= trackFrom) return 'completed';
	if (!list.movesOnUpdate && appeared >= from) return 'completed';
	// The list that covers ended sessions was read before and held it: in this version, unless it was updated since.
	if (endedAt >= from) return updatedAt > (begunAt ?? Infinity) ? 'corrected' : 'same';
	if (createdAt >= from || isAbove) return 'completed';
	return isLater && appeared >= dedupHorizon ? 'completed' : 'corrected';
}

/** The time of a change; -Infinity where the snapshot has none. */
export function momentOf(type: ChangeType, { startedAt, endedAt, updatedAt }: SessionSnapshot): number {
	const moment = { started: startedAt, completed: endedAt, changed: updatedAt, corrected: updatedAt };
	return (type === 'same' ? undefined : moment[type]) ?? -Infinity;
}

export function changeOf(known: DeliveredSession | undefined, now: DeliveredSession): Change {
	if (!known) return { changedFields: null, energyDeltaKwh: null, amountDelta: null };
	const isComparable = known.fingerprint !== unknownFingerprint('corrected');
	const categories = new Set(isComparable ? changedCategories(known.fingerprint, now.fingerprint) : []);
	// Energy and amount are stored exactly, while the fingerprint of a category is short.
	if (known.energyWh !== now.energyWh) categories.add('energy');
	if (!isSameAmount(known, now)) categories.add('price');
	if (categories.size === 0) categories.add('other');
	const amountDelta = difference(known.amountTenThousandths, now.amountTenThousandths, AMOUNT_UNIT);
	return {
		changedFields: CHANGE_CATEGORIES.filter((category) => categories.has(category)),
		energyDeltaKwh: difference(known.energyWh, now.energyWh, 1000),
		amountDelta: categories.has('price') ? amountDelta : amountDelta && 0,
	};
}

/** Whether two amounts are equal as far as both are known: an earlier format has whole cents. The fingerprint tells finer changes. */
function isSameAmount(
	{ amountTenThousandths: one }: DeliveredSession,
	{ amountTenThousandths: other }: DeliveredSession,
): boolean {
	return one === other || (one !== undefined && other !== undefined && Math.abs(one - other) <= HALF_CENT);
}

function difference(before: number | undefined, after: number | undefined, unit: number): number | null {
	return before === undefined || after === undefined ? null : (after - before) / unit;
}

/** The time at which a session can have appeared: its end or its creation, the start of one that runs. */
export function appearedAt({ startedAt, endedAt = startedAt, createdAt }: SessionSnapshot): number {
	return Math.max(endedAt ?? -Infinity, createdAt ?? -Infinity);
}
