import type { IDataObject } from 'n8n-workflow';

import { readUtc, toIsoUtc } from '../shared/parameters/dates';
import { narrow, periodProperties, type Period, type WritePeriod } from '../shared/parameters/period';
import { example, notSent, type Sent, type WireExample } from '../shared/parameters/wireExamples';

/** "Period" of Spirii's lists of sessions. */
export const period = periodProperties('end', 'start', 'update');

/** The parameter that holds the end of a period which the API cannot be asked for. Not on the canvas. */
const STARTED_BEFORE = 'startedBefore';

/** The lists with `endedAt`, `startedAt` and `updatedAt`. They have no upper bound of the start. */
export const writeTimes: WritePeriod = (period, parameters, { formatDate }) => {
	if (period.by === 'start') {
		narrow(period, parameters, { from: 'startedAt' }, formatDate);
		parameters.values[STARTED_BEFORE] = period.before;
		return;
	}
	const from = period.by === 'end' ? 'endedAt' : 'updatedAt';
	narrow(period, parameters, { from, to: `${from}Max` }, formatDate);
};

/** `GET /v2/charge-records`: the update has parameters of its own, the rest goes into `filter`, beside what it holds. */
export const writeIntoFilter: WritePeriod = (period, parameters, { formatDate }) => {
	if (period.by === 'update') {
		narrow(period, parameters, { from: 'updatedAtFrom', before: 'updatedAtTo' }, formatDate);
		return;
	}
	const { query } = parameters;
	const condition = { [period.by === 'end' ? 'endedAt' : 'startedAt']: rangeOf(period) };
	query.filter = JSON.stringify(
		query.filter === undefined ? condition : { $and: [condition, JSON.parse(query.filter as string)] },
	);
};

function rangeOf({ from, before }: Period): IDataObject {
	return { ...(from && { $gte: toIsoUtc(from) }), ...(before && { $lt: toIsoUtc(before) }) };
}

/**
 * Whether a list has to be cut at the end of the period here, since the API has no parameter for it.
 *
 * @returns The function that keeps the records of the period, those without a start included.
 */
export function cutOf(values: Record<string, unknown>): ((record: IDataObject) => boolean) | undefined {
	const before = values[STARTED_BEFORE] as Date | undefined;
	return before && (({ startedAt }) => !((readUtc(startedAt) ?? -Infinity) >= before.getTime()));
}

/** What "Period" sends for January in Copenhagen, by the end of the session. `last` is the millisecond right before `before`. */
export const periodExamples = (
	fromSent: (from: string) => Sent,
	untilSent: (before: string, last: string) => Sent,
	joined = (one: Sent, other: Sent): Sent => ({ ...one, ...other }),
): Record<string, WireExample[]> => {
	const begin = fromSent('2025-12-31T23:00:00.000Z');
	const end = untilSent('2026-01-31T23:00:00.000Z', '2026-01-31T22:59:59.999Z');
	const january = { periodFrom: '2026-01-01T00:00:00', periodBefore: '2026-02-01' };
	return {
		period: [example('between', joined(begin, end), january)],
		periodBy: notSent('end'),
		periodFrom: [example(january.periodFrom, begin, { period: 'between' })],
		periodBefore: [example(january.periodBefore, end, { period: 'between' })],
	};
};

/** {@link periodExamples} of the lists with `endedAt` and `endedAtMax`. */
export const timeExamples = () =>
	periodExamples(
		(from) => ({ endedAt: from }),
		(_, last) => ({ endedAtMax: last }),
	);
