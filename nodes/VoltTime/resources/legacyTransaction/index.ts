import type { IDataObject } from 'n8n-workflow';

import {
	exportOf,
	filtersOf,
	optionsOf,
	pageSizeOf,
	concurrencyOption,
	concurrencyOf,
	returnAllOrLimit,
	toItems,
	wantedRecords,
	readPages,
	type RowPage,
} from '../../../shared/node/lists';
import type { OperationContext, Operation, Resource } from '../../../shared/node/operation';
import { concatConcurrently } from '../../../shared/paging/concatConcurrently';
import { windowPages, type LargestWhole, type Window } from '../../../shared/paging/dateWindow';
import { isIn, narrow, type Period, type WritePeriod } from '../../../shared/parameters/period';
import { bothOrNone, notAfter } from '../../../shared/parameters/rules';
import { propertyList, type ValuesOf } from '../../../shared/parameters/typedValues';
import {
	example,
	listExamples,
	notSent,
	picked,
	type WireExamples,
} from '../../../shared/parameters/wireExamples';
import { readTime } from '../../../shared/session/times';
import { namingPart } from '../../../shared/util/errors';
import { readId } from '../../../shared/util/ids';
import { IGNORED_DATES_ADVICE } from '../../advice';
import { DAY_MS, longestNotice, longestSession, period } from '../../period';
import { chargerId, teamId } from '../../pickers';
import { endOf, legacyTransactionKind } from '../../records';
import {
	fetchTransactions,
	chargersOf,
	chargerScope,
	isOutside,
	isRunning,
	lacksRunning,
	LATEST_S,
	MAX_PER_RESPONSE,
	endpoint,
	pageSize,
	sendParametersAs,
	isElsewhere,
	startsIn,
	widened,
} from './request';

const filters = propertyList([
	{
		displayName: 'Started From',
		name: 'dateFrom',
		type: 'dateTime',
		default: '',
		description: 'Only transactions that started at or after this time. Requires Started To.',
		routing: { send: { type: 'body', property: 'date_from' } },
	},
	{
		displayName: 'Started To',
		name: 'dateTo',
		type: 'dateTime',
		default: '',
		description:
			'Only transactions that started up to and including this time. Requires Started From. A date without a time means 00:00 of that day.',
		routing: { send: { type: 'body', property: 'date_to' } },
	},
]);

const options = propertyList([
	{
		displayName: 'Order',
		name: 'orderBy',
		type: 'options',
		options: [
			{ name: 'Newest First', value: 'desc' },
			{ name: 'Oldest First', value: 'asc' },
		],
		default: 'asc',
		description: 'Which transactions of a charger come first. The vendor does not say which date counts.',
		routing: { send: { type: 'body', property: 'order_by' } },
	},
	pageSize,
	concurrencyOption,
	longestSession,
	sendParametersAs,
]);

/** The API takes dates of the start alone, and both or none. By the end, the sessions are read with a margin and filtered here. */
const writePeriod: WritePeriod = (range, parameters, { formatDate }) => {
	const { values } = parameters;
	if (range.by === 'end') {
		values.endsIn = range;
		return;
	}
	narrow(range, { ...parameters, query: {} }, { from: 'dateFrom', to: 'dateTo' }, formatDate);
	values.dateFrom ??= new Date(0);
	values.dateTo ??= new Date(LATEST_S * 1000);
};

/** "Return All" and "Limit". The limit must fit in one response of the API. */
const limits = returnAllOrLimit.map((property) =>
	property.name === 'limit'
		? { ...property, typeOptions: { ...property.typeOptions, maxValue: MAX_PER_RESPONSE } }
		: property,
);

/**
 * `GET /api/v2/teams/{team_id}/chargers/{charger_id}/transactions`, of one charger or of each charger of the team.
 *
 * The API has no paging. A list longer than one response is read in date windows.
 */
const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many legacy transactions',
	description: 'Get the charging sessions of one charger, or of all chargers of a team',
	endpoint,
	records: legacyTransactionKind,
	properties: [
		teamId,
		chargerScope,
		{ ...chargerId, displayOptions: { show: { chargerScope: ['one'] } } },
		...period,
		longestNotice(),
		...limits,
		filtersOf(...filters),
		optionsOf(...options),
	],
	writePeriod,
	rules: [bothOrNone('dateFrom', 'dateTo'), notAfter('dateFrom', 'dateTo')],
	run: async (call: Context) => await toItems(transactionPages(call), call),
};

export const legacyTransaction: Resource = {
	value: 'legacyTransaction',
	name: 'Transaction (Legacy V2)',
	description: 'Charging session of a charger, from version 2 of the API',
	notice:
		'The vendor calls version 2 deprecated. Use it only where "Transaction" does not work yet, or to compare the two.',
	operations: [
		getAll,
		exportOf(
			getAll,
			{
				action: 'Export legacy transactions to files',
				description:
					'Write the charging sessions of one charger, or of all chargers of a team, into CSV or NDJSON files',
			},
			transactionPages,
		),
	],
};

type Context = OperationContext<
	Partial<
		ValuesOf<[...typeof returnAllOrLimit, typeof chargerScope, ...typeof filters, ...typeof options]>
	> & { endsIn?: Period }
>;

/** The transactions of one charger, or of each charger of the team in turn. */
async function* transactionPages(call: Context): AsyncGenerator<RowPage> {
	const concurrency = concurrencyOf(call.values);
	if (call.values.chargerScope !== 'all') {
		yield* readPages(transactionsAt(call, call.request.path, concurrency), call);
		return;
	}
	const chargers: Array<{ path: string; label: string }> = [];
	for await (const charger of chargersOf(call)) chargers.push(charger);
	// One request per charger at a time. If there are fewer chargers than requests, several date windows of each.
	const windows = Math.max(1, Math.floor(concurrency / chargers.length));
	const largestWhole = { count: 0 };
	yield* concatConcurrently(
		chargers.map(
			({ path, label }) =>
				() =>
					namingPart(label, readPages(transactionsAt(call, path, windows, largestWhole), call)),
		),
		concurrency,
	);
}

/**
 * The transactions of one charger. A whole list may take several date windows, read at once. Between two dates, more than a page
 * can lie beside the records that count, so a limit is no page size there.
 */
async function* transactionsAt(
	call: Context,
	path: string,
	concurrency: number,
	largestWhole: LargestWhole = { count: 0 },
): AsyncGenerator<IDataObject[]> {
	const { dateFrom, dateTo, orderBy, returnAll, endsIn, longestSession = 7 } = call.values;
	const started = dateFrom && dateTo ? { from: toSeconds(dateFrom), to: toSeconds(dateTo) } : undefined;
	const window = endsIn ? startsOf(endsIn, longestSession * DAY_MS, started) : started;
	if (window && window.from > window.to) return;
	const asked = window && widened(window);
	const limit = returnAll || window ? undefined : wantedRecords(call.values);
	const pages = windowPages(async (step) => await fetchTransactions(call, path, step), {
		window: asked,
		order: orderBy,
		limit,
		pageSize: limit ?? pageSizeOf(call),
		maxPerResponse: MAX_PER_RESPONSE,
		concurrency,
		idOf: (transaction) => readId(transaction[call.endpoint.idField]),
		isOutside,
		lacksDate: ({ started_at, stopped_at }) =>
			[started_at, stopped_at].some((time) => !time || readTime(time) === null),
		onDoubt: () => call.hint(UNDATED_HINT),
		ignoredDatesAdvice: IGNORED_DATES_ADVICE,
		largestWhole,
	});
	let isRunningGiven = false;
	for await (const page of pages) {
		isRunningGiven ||= page.some(isRunning);
		if (asked && page.some((transaction) => isOutside(transaction, widened(asked))))
			call.hint(IGNORED_DATES_HINT);
		else if (asked && page.some((transaction) => isElsewhere(transaction, asked, endsIn !== undefined)))
			call.hint(endsIn ? OTHER_DATE_HINT_BY_END : OTHER_DATE_HINT);
		const kept = page
			.filter((transaction) => !endsIn || isIn(endsIn, endOf(transaction)))
			.filter((transaction) => !started || (startsIn(transaction, started) ?? keepUndated(call)));
		if (kept.length > 0) yield kept;
	}
	if (!window || endsIn || isRunningGiven) return;
	if (await lacksRunning(call, path, window)) call.hint(RUNNING_HINT);
}

/** The window in which sessions start that end in a period, if none is longer than `longestMs`. */
function startsOf(
	{ from, before }: Period,
	longestMs: number,
	within: Window = { from: 0, to: LATEST_S },
): Window {
	return {
		from: Math.max(within.from, from ? Math.floor((from.getTime() - longestMs) / 1000) : 0),
		to: Math.min(within.to, before ? toSeconds(before) : LATEST_S),
	};
}

const RUNNING_HINT =
	'Volt Time left out transactions that still run: it seems to compare the dates with "stopped_at". They come once they have ended, or now without dates.';

const UNDATED_HINT =
	'Volt Time holds more transactions of a charger than one response can have, and the dates by which they were read may leave out those that still run. They come once they have ended.';

const IGNORED_DATES_HINT =
	'Volt Time returned transactions outside the requested dates. They were left out. Its API seems to ignore the dates: try another "Send Parameters As" in the options.';

const OTHER_DATE_HINT =
	'Volt Time compares the dates with another date than "started_at". Transactions that started in the range, but run or ran for more than half a day, may be missing. They come with a later end of the period.';

const OTHER_DATE_HINT_BY_END =
	'Volt Time compares the dates with neither "started_at" nor "stopped_at". Transactions that ended in the period, but reached the vendor later, may be missing. They come with a later end of the period.';

function keepUndated(call: Context): boolean {
	call.hint(
		'Some transactions have no "started_at", which the dates are compared with. They are included if another of their dates is in the range.',
	);
	return true;
}

function toSeconds(date: Date): number {
	return Math.floor(date.getTime() / 1000);
}

const winter = { dateFrom: '2026-01-15T10:30:00', dateTo: '2026-01-16T00:00:00' };
const winterSent = { date_from: '2026-01-14 09:30:00', date_to: '2026-01-16 23:00:00', limit: 10_000 };
const summer = { dateFrom: '2026-07-15T10:30:00', dateTo: '2026-07-16T00:00:00' };
const summerSent = { date_from: '2026-07-14 08:30:00', date_to: '2026-07-16 22:00:00', limit: 10_000 };
const january = { periodFrom: winter.dateFrom, periodBefore: winter.dateTo };
const byStartSent = { ...winterSent, date_to: '2026-01-16 22:59:59' };
/** The first one lies the longest session before the period. */
const byEndSent = { ...winterSent, date_from: '2026-01-07 09:30:00' };

export const wire = (): WireExamples => ({
	requests: {
		getAll: 'GET /api/v2/teams/1107/chargers/402700/transactions?limit=50',
		export: 'GET /api/v2/teams/1107/chargers/402700/transactions?limit=10000',
	},
	required: { teamId: '1107', chargerId: '402700' },
	sentIn: 'query and body',
	parameters: {
		...listExamples(),
		returnAll: [example(false, { limit: 50 }), example(true, { limit: 10_000 })],
		limit: [
			example(7, { limit: 7 }, { returnAll: false }),
			example('10000', { limit: 10_000 }, { returnAll: false }),
		],
		pageSize: [example(500, { limit: 500 }, { returnAll: true })],
		teamId: picked('1107', {}),
		chargerId: picked('402700', {}),
		chargerScope: notSent('one'),
		period: [example('between', byEndSent, january)],
		periodBy: [
			example('end', byEndSent, { ...january, period: 'between' }),
			example('start', byStartSent, { ...january, period: 'between' }),
		],
		periodFrom: [
			example(january.periodFrom, { ...byEndSent, date_to: '2100-01-01 00:00:00' }, { period: 'between' }),
		],
		periodBefore: [
			example(
				january.periodBefore,
				{ ...byEndSent, date_from: '1970-01-01 00:00:00' },
				{ period: 'between' },
			),
		],
		longestSession: notSent(7),
		dateFrom: [example(winter.dateFrom, winterSent, winter), example(summer.dateFrom, summerSent, summer)],
		dateTo: [example(winter.dateTo, winterSent, winter), example(summer.dateTo, summerSent, summer)],
		orderBy: [example('asc', { order_by: 'asc' }), example('desc', { order_by: 'desc' })],
		sendParametersAs: notSent('both'),
	},
});
