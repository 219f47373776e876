import type { IDataObject } from 'n8n-workflow';

import type { OperationContext } from '../../../shared/node/operation';
import type { Window, WindowStep } from '../../../shared/paging/dateWindow';
import { isPathSegment, pathSegment } from '../../../shared/http/url';
import { recordsIn, unexpectedResponse } from '../../../shared/http/response';
import { formatValue } from '../../../shared/util/errors';
import { readId } from '../../../shared/util/ids';
import { emptyToUndefined } from '../../../shared/session/fields';
import { hasEnded } from '../../../shared/session/times';
import { readUtc, toSecondsUtc } from '../../../shared/parameters/dates';
import { propertyList } from '../../../shared/parameters/typedValues';
import type { ApiRequest } from '../../../shared/http/retry';
import { listPages } from '../../numberedLists';

/** The most records that the API returns in one response. */
export const MAX_PER_RESPONSE = 10_000;

export const endpoint = {
	path: '/api/v2/teams/{team_id}/chargers/{charger_id}/transactions',
	idField: 'id',
	pageSize: MAX_PER_RESPONSE,
};

/** The choice between one charger and all chargers. */
export const [chargerScope] = propertyList([
	{
		displayName: 'Chargers',
		name: 'chargerScope',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'All Chargers of the Team', value: 'all' },
			{ name: 'One Charger', value: 'one' },
		],
		default: 'one',
		description:
			'Whether to read the transactions of one charger or of every charger of the team, one charger after the other',
	},
]);

export const [pageSize] = propertyList([
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: MAX_PER_RESPONSE, numberPrecision: 0 },
		default: MAX_PER_RESPONSE,
		description: 'Transactions per request when all are returned. As many as the API allows when not set.',
		routing: { send: { type: 'body', property: 'limit' } },
	},
]);

export const [sendParametersAs] = propertyList([
	{
		displayName: 'Send Parameters As',
		name: 'sendParametersAs',
		type: 'options',
		options: [
			{ name: 'JSON Body', value: 'body', description: 'As the vendor documents it' },
			{ name: 'Query String', value: 'query', description: 'For a proxy that refuses a body' },
			{ name: 'Query String and JSON Body', value: 'both', description: 'Works either way' },
		],
		default: 'both',
		description: 'How dates, limit and order reach the API: some proxies drop the body of such a request',
	},
]);

/** The context that a request for transactions needs. The contexts of operations and triggers both fit. */
export type TransactionsContext = Pick<OperationContext, 'getJson' | 'redact' | 'values' | 'request'>;

/**
 * The chargers of the chosen team, each with the path of its transactions, and its ids and name for errors.
 *
 * @throws ApiError if a charger has no id, or an id that JSON rounds or that cannot stand in a path.
 */
export async function* chargersOf(
	call: TransactionsContext,
): AsyncGenerator<{ id: string; path: string; label: string }> {
	const [chargersPath] = call.request.path.split('/{charger_id}');
	for await (const chargers of listPages(call, { path: chargersPath, query: {}, body: {} })) {
		for (const charger of chargers) {
			const id = readId(charger.id);
			if (id === undefined || !isPathSegment(id.trim())) throw unexpectedResponse(charger, 200, call.redact);
			const name = [charger.identity, charger.reference].find(
				(word) => typeof word === 'string' && word !== '',
			);
			const label = `charger ${id}${name ? ` ${formatValue(call.redact(String(name)))}` : ''}, team ${chargersPath.split('/').at(-2)}`;
			yield {
				id,
				path: call.request.path.replace('{charger_id}', () => pathSegment(id, 'Charger')),
				label,
			};
		}
	}
}

const DAY_S = 24 * 3600;

/**
 * The window to request for the transactions that start in a window: a day wider on both sides, since the API does not document
 * in which time zone (UTC-12 to UTC+14) it compares, or which date. It does not get wider than 1970 to 2100.
 */
export function widened({ from, to }: Window): Window {
	return {
		from: Math.min(from, Math.max(0, from - DAY_S)),
		to: Math.max(to, Math.min(LATEST_S, to + DAY_S)),
	};
}

/**
 * Whether a transaction of a response starts outside the requested window in any time zone, so that another date was compared.
 *
 * @param orEnds Whether the end will do as well.
 */
export function isElsewhere(
	{ started_at, stopped_at }: IDataObject,
	{ from, to }: Window,
	orEnds: boolean,
): boolean {
	const isOut = (time: number | undefined) =>
		time !== undefined && (time / 1000 < from - DAY_S || time / 1000 > to + DAY_S);
	return isOut(readUtc(started_at)) && (!orEnds || isOut(readUtc(stopped_at)));
}

/** Later than any session. */
export const LATEST_S = Date.UTC(2100, 0, 1) / 1000;

/** Whether a transaction starts in the window; `undefined` if it has no start and another date lies in it. */
export function startsIn(transaction: IDataObject, window: Window): boolean | undefined {
	const start = readUtc(transaction.started_at);
	if (start === undefined) return isOutside(transaction, window) ? false : undefined;
	const second = Math.floor(start / 1000);
	return second >= window.from && second <= window.to;
}

/** For so long after the end of a window, transactions that still run are looked for. */
const MAX_RUNNING_S = 31 * DAY_S;

const RUNNING_PAGE_SIZE = 25;

export function isRunning({ stopped_at }: IDataObject): boolean {
	return !hasEnded({ endedAt: emptyToUndefined(stopped_at) });
}

/**
 * Whether a list between dates, in which no transaction runs, lacks one that does: where the API compares the end. Where undated
 * records stand depends on its database, so both ends of the list are looked at. A window that ended long ago costs no request.
 */
export async function lacksRunning(
	call: TransactionsContext,
	path: string,
	window: Window,
): Promise<boolean> {
	if (window.to < Date.now() / 1000 - MAX_RUNNING_S) return false;
	for (const order of ['desc', 'asc'] as const) {
		const records = await fetchTransactions(call, path, {
			window: undefined,
			order,
			pageSize: RUNNING_PAGE_SIZE,
		});
		const running = records.filter(isRunning);
		if (running.some((transaction) => startsIn(transaction, window))) return true;
		if (running.length > 0 || records.length < RUNNING_PAGE_SIZE) return false;
	}
	return false;
}

/** Fetches one response: the transactions of a charger in a date window, or the first or last of all its transactions. */
export async function fetchTransactions(
	call: TransactionsContext,
	path: string,
	{ window, order, pageSize: limit }: WindowStep,
): Promise<IDataObject[]> {
	const body: IDataObject = { ...(call.request.body as IDataObject), limit };
	// The dates as given; those to request differ.
	delete body.date_from;
	delete body.date_to;
	if (window) {
		body.date_from = toSecondsUtc(new Date(window.from * 1000));
		body.date_to = toSecondsUtc(new Date(window.to * 1000));
	}
	if (order) body.order_by = order;
	const response = await call.getJson(sentAs(call.values.sendParametersAs, { path, query: {}, body }));
	return recordsIn<IDataObject>(response, 'data', call.redact);
}

/**
 * Puts the parameters into the JSON body, the query string, or both.
 *
 * The vendor documents a JSON body on a GET. A proxy may drop it, and servers of this kind also read the query string. Sending both
 * with equal values works in every known case.
 */
function sentAs(form: unknown, request: ApiRequest): ApiRequest {
	const { body, query } = request;
	if (form === 'body') return request;
	if (form === 'query') return { ...request, query: { ...query, ...body }, body: {} };
	return { ...request, query: { ...query, ...body } };
}

const DATES = ['started_at', 'stopped_at', 'created_at', 'updated_at'];

/**
 * Whether no date of a transaction lies in the window. The vendor does not say which date it compares, so a transaction is outside
 * only if all its dates are. The window is a second wider at both ends, since fractions of a second may be cut off.
 */
export function isOutside(transaction: IDataObject, { from, to }: Window): boolean {
	let hasDate = false;
	for (const name of DATES) {
		const date = readUtc(transaction[name]);
		if (date === undefined) continue;
		if (date >= (from - 1) * 1000 && date <= (to + 1) * 1000) return false;
		hasDate = true;
	}
	return hasDate;
}
