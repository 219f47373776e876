import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { recordsIn } from '../../../shared/http/response';
import { pathSegment } from '../../../shared/http/url';
import {
	exportOf,
	filtersOf,
	readPages,
	optionsOf,
	pageSizeOf,
	returnAllOrLimit,
	toItems,
	wantedRecords,
	type RowPage,
} from '../../../shared/node/lists';
import { countOf } from '../../../shared/node/nothingFound';
import type { Operation, OperationContext, Resource } from '../../../shared/node/operation';
import type { Period } from '../../../shared/parameters/period';
import type { Rule } from '../../../shared/parameters/rules';
import { propertyList, type ValuesOf } from '../../../shared/parameters/typedValues';
import { example, notSent, picked, type WireExamples } from '../../../shared/parameters/wireExamples';
import { ApiError, InputError } from '../../../shared/util/errors';
import { addPlaces, hintAtClosed } from '../../added';
import { totalOf } from '../../linkedLists';
import { DAY_MS, longestNotice, longestSession, period } from '../../period';
import { chargerUuid, siteUuid, teamUuid } from '../../pickers';
import { isClosed, nameOf, namePlace, noAccess } from '../../placeAccess';
import { PLACE_LISTS, placesOf, uuidOf, type PlaceKind } from '../../places';
import { priceOptions, priceRules, pricesOf } from '../../prices';
import { teamTransactionKind, transactionKind } from '../../records';
import { MAX_PER_RESPONSE, placeTransactions, teamTransactions, type Wanted } from './request';

/** The filters that the two dates of a period become. They are days, see {@link placeTransactions}. */
const SENT_AS: Record<string, string> = {
	periodFrom: 'filter[started_from]',
	periodBefore: 'filter[stopped_until]',
};

const periods = period.map((property) => {
	const wireName = SENT_AS[property.name];
	const routing: INodeProperties['routing'] = wireName
		? { send: { type: 'query', property: wireName, propertyInDotNotation: false } }
		: undefined;
	return { ...property, ...(routing && { routing }) };
});

const [sessionsOf] = propertyList([
	{
		displayName: 'Sessions Of',
		name: 'sessionsOf',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Charger', value: 'charger', description: 'One charger' },
			{ name: 'Site', value: 'site', description: 'All chargers of a site' },
			{
				name: 'Team',
				value: 'team',
				description: 'All chargers of a team. One request per 25 sessions.',
			},
		],
		default: 'site',
		description: 'Whose sessions to read',
	},
]);

const filters = propertyList([
	{
		displayName: 'Status',
		name: 'status',
		type: 'options',
		options: [
			{ name: 'Finished', value: 'finished' },
			{ name: 'Running', value: 'active' },
		],
		default: 'finished',
		description: 'Only sessions with this status',
		routing: { send: { type: 'query', property: 'filter[status]', propertyInDotNotation: false } },
	},
]);

const options = propertyList([
	longestSession,
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: MAX_PER_RESPONSE, numberPrecision: 0 },
		default: MAX_PER_RESPONSE,
		description: 'Sessions per request of a site or charger. As many as the API allows when not set.',
		routing: { send: { type: 'query', property: 'limit' } },
	},
	...priceOptions,
]);

/** By its end, no running session lies in a period. */
const noEndWhileRunning: Rule = ({ values: { status, range } }) => {
	if (status !== 'active' || (range as Period | undefined)?.by !== 'end') return;
	throw new InputError(
		'"Status" is Running, but a session that runs has no end, and the period is about the end',
		'Set "Period By" to "Start of the Session", or "Period" to All.',
	);
};

/**
 * `GET /api/v3/sites/{site_uuid}/transactions`, of a charger `/api/v3/chargers/{charger_uuid}/transactions`, of a team
 * `/api/v3/teams/{team_uuid}/transactions`. Source: developer.plugchoice.com/api-reference/transactions
 */
const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many transactions',
	description: 'Get the charging sessions of a site, a charger or a team',
	endpoint: { path: '/api/v3/sites/{site_uuid}/transactions', idField: 'id', pageSize: MAX_PER_RESPONSE },
	records: transactionKind,
	recordsFor: (values) => (values.sessionsOf === 'team' ? teamTransactionKind : transactionKind),
	properties: [
		sessionsOf,
		{ ...siteUuid, displayOptions: { show: { sessionsOf: ['site'] } } },
		{ ...chargerUuid, displayOptions: { show: { sessionsOf: ['charger'] } } },
		{ ...teamUuid, displayOptions: { show: { sessionsOf: ['team'] } } },
		...periods,
		longestNotice({ sessionsOf: ['site', 'charger'] }),
		...returnAllOrLimit,
		filtersOf(...filters),
		optionsOf(...options),
	],
	writePeriod: (range, { values }) => {
		values.range = range;
	},
	rules: [noEndWhileRunning, ...priceRules],
	countAll: async (call: Context) => {
		const { kind, path } = await listOf(call);
		// The list of a team takes no limit.
		const request = { path, query: kind === 'team' ? {} : { limit: 1 }, body: {} };
		const read = async () => (await call.getJson(request)) as IDataObject;
		const response = await call.once(`first of ${path}`, read);
		return countOf(recordsIn(response, 'data', call.redact), totalOf(response));
	},
	run: async (call: Context) => await toItems(transactionPages(call), call),
};

export const transaction: Resource = {
	value: 'transaction',
	name: 'Transaction',
	description: 'Charging session of a site, a charger or a team',
	operations: [
		getAll,
		exportOf(
			getAll,
			{
				action: 'Export transactions to files',
				description: 'Write the charging sessions of a site, a charger or a team into CSV or NDJSON files',
			},
			transactionPages,
		),
	],
};

type Context = OperationContext<
	Partial<ValuesOf<[...typeof returnAllOrLimit, ...typeof filters, ...typeof options]>> & {
		sessionsOf?: 'charger' | 'site' | 'team';
		siteUuid?: string;
		chargerUuid?: string;
		teamUuid?: string;
		range?: Period;
		output?: unknown;
	}
>;

async function* transactionPages(call: Context): AsyncGenerator<RowPage> {
	yield* readPages(sessionPages(call), call);
}

/** The chosen place, and the path of its sessions. */
async function listOf(call: Context): Promise<{ kind: PlaceKind; uuid: string; path: string }> {
	const { sessionsOf: kind = 'site', siteUuid: site, chargerUuid: charger, teamUuid: team } = call.values;
	const uuid = await uuidOf(call, kind, String({ site, charger, team }[kind]));
	return { kind, uuid, path: `${PLACE_LISTS[kind]}/${pathSegment(uuid, 'UUID')}/transactions` };
}

/** The sessions, with what rows need beside them. */
async function* sessionPages(call: Context): AsyncGenerator<IDataObject[]> {
	const { range, status, longestSession = 7, output } = call.values;
	const { kind, uuid, path } = await listOf(call);
	const wanted: Wanted = {
		path,
		from: range?.from?.getTime(),
		to: range?.before && range.before.getTime() - 1,
		countsBy: range?.by === 'start' ? 'start' : 'end',
		status,
		longestMs: longestSession * DAY_MS,
		now: call.clock() ?? Date.now(),
	};
	const isRow = output !== 'raw' && output !== 'selected';
	const sent = kind === 'team' ? teamTransactions(call, wanted) : placePages(call, wanted);
	const pages = namingPlace(call, kind, uuid, sent);
	let isEmpty = true;
	const place = isRow ? await addPlaces(call, kind, uuid) : undefined;
	const prices = isRow ? await pricesOf(call, kind === 'team' ? uuid : undefined) : undefined;
	for await (const page of pages) {
		// With the first page, since a limit can end the list early.
		if (isEmpty && kind !== 'charger') await hintAtClosed(call, kind, uuid);
		isEmpty = false;
		yield place && prices ? await prices(page.map(place)) : page;
	}
	if (!isEmpty) return;
	if (kind !== 'team') await checkAccess(call, kind, uuid);
	if (kind !== 'charger') await hintAtClosed(call, kind, uuid);
}

/** Without a period, a limit fits into one request; else the whole list is read as far as it is needed. */
async function* placePages(call: Context, wanted: Wanted): AsyncGenerator<IDataObject[]> {
	const limit = wantedRecords(call.values);
	const isPart = limit <= MAX_PER_RESPONSE && wanted.from === undefined && wanted.to === undefined;
	if (!isPart) {
		yield* placeTransactions(call, wanted, pageSizeOf(call));
		return;
	}
	let missing = limit;
	for await (const page of placeTransactions(call, wanted, limit)) {
		yield page;
		missing -= page.length;
		if (missing <= 0) return;
	}
}

/**
 * An account without sensitive access to a site or charger may get an empty list instead of a refusal.
 *
 * @throws ApiError that names it.
 */
async function checkAccess(call: Context, kind: 'site' | 'charger', uuid: string): Promise<void> {
	const place = (await placesOf(call, kind)).find((one) => one.uuid === uuid);
	if (place && isClosed(place)) throw noAccess(kind, nameOf(place));
}

/** The pages, with the name of the place where the API refuses them: it does not say which one it means. */
async function* namingPlace<Page>(
	call: Context,
	kind: PlaceKind,
	uuid: string,
	pages: AsyncIterable<Page>,
): AsyncGenerator<Page> {
	try {
		yield* pages;
	} catch (error) {
		if (error instanceof ApiError && error.details.status === 403) await namePlace(call, kind, uuid, error);
		await Promise.reject(error as Error);
	}
}

const SITE = '0d496e9c-8f9e-47c7-afea-a0569f985cc4';
const CHARGER = '14d4490e-da99-4830-ab62-1af59d040eb5';
const TEAM = '65976f67-b48f-4152-a76a-c729533bc564';
const winter = { periodFrom: '2026-01-15T10:30:00', periodBefore: '2026-01-16T00:00:00' };
const between = { period: 'between', returnAll: true };
/** The days are wider than the period, and the first one lies the longest session before it. */
const startedFrom = { 'filter[started_from]': '2026-01-07', limit: 10_000 };
const stoppedUntil = { 'filter[stopped_until]': '2026-01-17', limit: 10_000 };

export const wire = (): WireExamples => ({
	requests: {
		getAll: `GET /api/v3/sites/${SITE}/transactions?limit=50`,
		export: `GET /api/v3/sites/${SITE}/transactions?limit=10000`,
	},
	required: { siteUuid: SITE },
	parameters: {
		timeout: notSent(30),
		returnAll: [example(false, { limit: 50 }), example(true, { limit: 10_000 })],
		limit: [
			example(7, { limit: 7 }, { returnAll: false }),
			example('10000', { limit: 10_000 }, { returnAll: false }),
		],
		sessionsOf: notSent('site'),
		siteUuid: picked(SITE, {}),
		chargerUuid: notSent(CHARGER),
		teamUuid: notSent(TEAM),
		period: [example('between', { ...startedFrom, ...stoppedUntil }, { ...winter, returnAll: true })],
		periodFrom: [example(winter.periodFrom, startedFrom, between)],
		periodBefore: [example(winter.periodBefore, stoppedUntil, between)],
		status: [
			example('finished', { 'filter[status]': 'finished' }),
			example('active', { 'filter[status]': 'active' }),
		],
		periodBy: notSent('end'),
		longestSession: notSent(7),
		pageSize: [example(500, { limit: 500 }, { returnAll: true })],
		prices: notSent('fixed', { fixedPricePerKwh: 0.3 }),
		fixedPricePerKwh: notSent(0.3, { prices: 'fixed' }),
	},
});
