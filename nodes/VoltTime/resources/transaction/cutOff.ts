import type { IDataObject } from 'n8n-workflow';

import { readUtc } from '../../../shared/parameters/dates';
import { recordKey } from '../../../shared/paging/recordKey';
import { readId } from '../../../shared/util/ids';
import { DAY_MS } from '../../period';

/** No API has a lower maximum. */
export const MIN_CAP = 10;

/** The API's days can begin 14 hours earlier, and end 12 hours later, than those of UTC. */
const ZONES_MS = 14 * 3600 * 1000;

/** The filters of a list that concern the time. */
export const FROM = 'filter[started_from]';
export const UNTIL = 'filter[stopped_until]';
export const STATUS = 'filter[status]';

/** The size of the largest response to a list: an own maximum of the API is not below it. */
export interface Largest {
	count: number;
}

/** Fetches so many records of the list at most. */
type Fetch = (query: IDataObject, limit: number) => Promise<IDataObject[]>;

export const transactionKey = (record: IDataObject) => recordKey(record, ({ id }) => readId(id));

/**
 * Whether a list, which has fewer records than requested, was cut off by an own maximum of the API.
 *
 * Nothing in the response may say so. A longer response would prove that the maximum is higher: without dates, as many records as
 * received and one more are requested. If there is no longer list, the API is asked for the sessions that would be missing, at the
 * end where the list stops, and for those that run.
 *
 * @param records All that were received, in their order.
 * @param query The filters of the list.
 * @param longestMs How long a session can last.
 * @returns `undefined` if nothing shows a cut, but the sessions lie too close to each other to tell.
 */
export async function isCutOff(
	records: IDataObject[],
	query: IDataObject,
	{ fetch, largest, longestMs }: { fetch: Fetch; largest: Largest; longestMs: number },
): Promise<boolean | undefined> {
	const count = records.length;
	if (count < Math.max(MIN_CAP, largest.count)) return false;
	largest.count = count;
	const keys = new Set(records.map(transactionKey));
	/** If the list has grown meanwhile, a session that is new is no sign. */
	const isStillFull = async () => (await fetch(query, count + 1)).length <= count;

	if (Object.keys(query).length > 0) {
		const all = await fetch({}, count + 1);
		largest.count = Math.max(count, all.length);
		if (all.length > count) return false;
		if (all.some((record) => !keys.has(transactionKey(record)))) return await isStillFull();
	}
	const probes = probesOf(records, query, longestMs);
	let isSure = probes.length > 0;
	for (const { filters, canCome, isEnough } of probes) {
		const known = records.filter(canCome).length;
		// Where all can come again, there is no room for another one.
		const found = known < count ? await fetch({ ...query, ...filters }, known + 1) : [];
		if (found.some((record) => !keys.has(transactionKey(record)))) return await isStillFull();
		isSure &&= known < count && isEnough && found.every(canCome);
	}
	return isSure ? false : undefined;
}

interface Probe {
	/** The filters by which missing sessions would come. */
	filters: IDataObject;
	/** Whether a session can come by these. */
	canCome: (record: IDataObject) => boolean;
	/** Whether each missing session of a day or less would come. */
	isEnough: boolean;
}

function probesOf(records: IDataObject[], query: IDataObject, longestMs: number): Probe[] {
	const starts = records.flatMap(({ started_at }) => readUtc(started_at) ?? []);
	const ends = records.flatMap(({ stopped_at }) => readUtc(stopped_at) ?? []);
	const [first, last] = [starts[0], starts[starts.length - 1]];
	const probes: Probe[] = [];
	if (first >= last) {
		// A day that the session with the latest end does not come by, but those at the old end do.
		const oldest = Math.min(...starts);
		const day = floorDay(
			Math.min(Math.max(...ends, -Infinity) - DAY_MS - ZONES_MS, oldest + longestMs + 2 * DAY_MS),
		);
		if (ends.length > 0 && day >= dayIn(query[FROM], 0))
			probes.push({
				filters: { [UNTIL]: dayOf(day) },
				canCome: ({ stopped_at }) => (readUtc(stopped_at) ?? day) <= day + DAY_MS + ZONES_MS,
				isEnough: day - ZONES_MS >= oldest + DAY_MS,
			});
		if (query[STATUS] === undefined && query[UNTIL] === undefined)
			probes.push({
				filters: { [STATUS]: 'active' },
				canCome: ({ stopped_at }) => readUtc(stopped_at) === undefined,
				isEnough: true,
			});
	}
	if (first <= last) {
		// A day that the oldest of the received sessions does not come by.
		const newest = Math.max(...starts);
		const day = floorDay(Math.max(newest - DAY_MS, Math.min(...starts) + DAY_MS + ZONES_MS));
		if (day > dayIn(query[FROM], -Infinity) && day <= dayIn(query[UNTIL], Infinity))
			probes.push({
				filters: { [FROM]: dayOf(day) },
				canCome: ({ started_at }) => (readUtc(started_at) ?? day) >= day - ZONES_MS,
				isEnough: day + ZONES_MS <= newest,
			});
	}
	return probes;
}

function dayIn(text: unknown, otherwise: number): number {
	return typeof text === 'string' ? Date.parse(text) : otherwise;
}

/** The day of a time in UTC: `2026-06-30`. */
export function dayOf(time: number): string {
	return new Date(time).toISOString().slice(0, 10);
}

export function floorDay(time: number): number {
	return Math.floor(time / DAY_MS) * DAY_MS;
}
