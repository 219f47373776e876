import type { IDataObject } from 'n8n-workflow';

import type { OperationContext } from '../../../shared/node/operation';
import type { Window, WindowStep } from '../../../shared/paging/dateWindow';
import { isPathSegment, pathSegment } from '../../../shared/http/url';
import { recordsIn, unexpectedResponse } from '../../../shared/http/response';
import { readId } from '../../../shared/util/ids';
import { readUtc, toSecondsUtc } from '../../../shared/parameters/dates';
import { propertyList } from '../../../shared/parameters/typedValues';
import type { ApiRequest } from '../../../shared/http/retry';
import { listPages } from '../../numberedLists';

/** The API's own bound on the records of one answer. */
export const MAX_PER_RESPONSE = 10_000;

export const endpoint = {
	path: '/api/v2/teams/{team_id}/chargers/{charger_id}/transactions',
	idField: 'id',
	pageSize: MAX_PER_RESPONSE,
};

/** Whether one charger is read or all. */
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

/** What asking for transactions takes; an operation's call and a trigger's both have it. */
export type TransactionsContext = Pick<OperationContext, 'getJson' | 'redact' | 'values' | 'request'>;

/**
 * The chargers of the chosen team, with the path of each one's transactions.
 *
 * @throws ApiError when a charger has no id, or one that JSON could not carry or no path can hold.
 */
export async function* chargersOf(call: TransactionsContext): AsyncGenerator<{ id: string; path: string }> {
	const [chargersPath] = call.request.path.split('/{charger_id}');
	for await (const chargers of listPages(call, { path: chargersPath, query: {}, body: {} })) {
		for (const charger of chargers) {
			const id = readId(charger.id);
			if (id === undefined || !isPathSegment(id.trim())) throw unexpectedResponse(charger, 200, call.redact);
			yield { id, path: call.request.path.replace('{charger_id}', () => pathSegment(id, 'Charger')) };
		}
	}
}

/** One answer: the transactions of a charger in a window of dates, or the first or last of all. */
export async function fetchTransactions(
	call: TransactionsContext,
	path: string,
	{ window, order, pageSize: limit }: WindowStep,
): Promise<IDataObject[]> {
	const body: IDataObject = { ...(call.request.body as IDataObject), limit };
	if (window) {
		body.date_from = toSecondsUtc(new Date(window.from * 1000));
		body.date_to = toSecondsUtc(new Date(window.to * 1000));
	}
	if (order) body.order_by = order;
	const answer = await call.getJson(sentAs(call.values.sendParametersAs, { path, query: {}, body }));
	return recordsIn<IDataObject>(answer, 'data', call.redact);
}

/**
 * The documented form is a JSON body on a GET; servers of this kind read the query string as well, and a proxy may drop
 * the body. Sending both, with equal values, works in every case known.
 */
function sentAs(form: unknown, request: ApiRequest): ApiRequest {
	const { body, query } = request;
	if (form === 'body') return request;
	if (form === 'query') return { ...request, query: { ...query, ...body }, body: {} };
	return { ...request, query: { ...query, ...body } };
}

/**
 * Whether none of the dates of a transaction lies in the window. The vendor does not say which date it compares, so a
 * transaction is outside only when it is so by every reading; a second more at both ends allows for cut-off fractions.
 */
export function isOutside(transaction: IDataObject, { from, to }: Window): boolean {
	const dates = ['started_at', 'stopped_at', 'created_at', 'updated_at']
		.map((name) => readUtc(transaction[name]))
		.filter((date) => date !== undefined)
		.map((date) => date / 1000);
	return dates.length > 0 && dates.every((date) => date < from - 1 || date > to + 1);
}
