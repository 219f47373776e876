import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { optionsOf, pageSizeOf, returnAllOrLimit, toItems, wantedRecords } from '../../../shared/node/lists';
import type { Call, Operation } from '../../../shared/node/operation';
import { inOrder } from '../../../shared/paging/inOrder';
import { windowPages, type Window, type WindowStep } from '../../../shared/paging/window';
import { pathSegment } from '../../../shared/request/address';
import { recordsIn, unexpectedAnswer } from '../../../shared/request/answer';
import { toSecondsUtc } from '../../../shared/request/dates';
import { bothOrNone, notAfter } from '../../../shared/request/rules';
import type { ApiRequest } from '../../../shared/request/transport';
import { listPages } from '../../lists';
import { chargerId, teamId } from '../../ids';

/** The API's own bound on the records of one answer. */
const MOST_PER_ANSWER = 10_000;

const chargerScope: INodeProperties = {
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
};

const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [
		{
			displayName: 'Date From',
			name: 'dateFrom',
			type: 'dateTime',
			default: '',
			description: 'Only transactions from this time on. Goes together with Date To.',
			routing: { send: { type: 'body', property: 'date_from' } },
		},
		{
			displayName: 'Date To',
			name: 'dateTo',
			type: 'dateTime',
			default: '',
			description:
				'Only transactions up to this time. Goes together with Date From. A date without a time means 00:00 of that day.',
			routing: { send: { type: 'body', property: 'date_to' } },
		},
	],
};

const fetchOptions: INodeProperties[] = [
	{
		displayName: 'Chargers at Once',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 8, numberPrecision: 0 },
		default: 2,
		description: 'How many chargers to read at the same time when all chargers of the team are read',
	},
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
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: MOST_PER_ANSWER, numberPrecision: 0 },
		default: MOST_PER_ANSWER,
		description: 'Transactions per request when all are returned. As many as the API allows when not set.',
		routing: { send: { type: 'body', property: 'limit' } },
	},
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
];

/** The limit of n8n, bound to what one answer of the API can hold. */
const limits = returnAllOrLimit.map((property) =>
	property.name === 'limit'
		? { ...property, typeOptions: { ...property.typeOptions, maxValue: MOST_PER_ANSWER } }
		: property,
);

/**
 * `GET /api/v2/teams/{team_id}/chargers/{charger_id}/transactions`, of one charger or of each charger of the team.
 *
 * The API has no paging: a list longer than one answer is read in windows of dates.
 */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many transactions',
	description: 'Get the charging sessions of one charger, or of all chargers of a team',
	properties: [
		teamId,
		chargerScope,
		{ ...chargerId, displayOptions: { show: { chargerScope: ['one'] } } },
		...limits,
		filters,
		optionsOf(...fetchOptions),
	],
	rules: [bothOrNone('dateFrom', 'dateTo'), notAfter('dateFrom', 'dateTo')],
	run: async (call) => {
		const limit = wantedRecords(call.values);
		if (call.values.chargerScope !== 'all') {
			return await toItems(transactionsAt(call, call.request.path), call.endpoint.idField, limit);
		}

		const [chargersPath] = call.request.path.split('/{charger_id}');
		const lists: Array<() => AsyncGenerator<IDataObject[]>> = [];
		for await (const chargers of listPages(call, { path: chargersPath, query: {}, body: {} })) {
			for (const charger of chargers) {
				if (!charger.id) throw unexpectedAnswer(JSON.stringify(charger), 200, call.redact);
				const path = call.request.path.replace('{charger_id}', pathSegment(String(charger.id), 'Charger'));
				lists.push(() => transactionsAt(call, path));
			}
		}
		const concurrency = (call.values.concurrency as number | undefined) ?? 2;
		return await toItems(inOrder(lists, concurrency), call.endpoint.idField, limit);
	},
};

/** The transactions of one charger. A limit fits into one answer; all of them may take windows. */
async function* transactionsAt(call: Call, path: string): AsyncGenerator<IDataObject[]> {
	const { dateFrom, dateTo, orderBy, returnAll } = call.values;
	const ask = async ({ window, order, pageSize: limit }: WindowStep) => {
		const body: IDataObject = { ...(call.request.body as IDataObject), limit };
		if (window) {
			body.date_from = toSecondsUtc(new Date(window.from * 1000));
			body.date_to = toSecondsUtc(new Date(window.to * 1000));
		}
		if (order) body.order_by = order;
		const answer = await call.getJson(sentAs(call.values.sendParametersAs, { path, query: {}, body }));
		return recordsIn<IDataObject>(answer, 'data', call.redact);
	};

	const window =
		dateFrom instanceof Date && dateTo instanceof Date
			? { from: toSeconds(dateFrom), to: toSeconds(dateTo) }
			: undefined;
	const order = orderBy as 'asc' | 'desc' | undefined;
	const pages = returnAll
		? windowPages(ask, {
				window,
				order,
				pageSize: pageSizeOf(call),
				mostPerAnswer: MOST_PER_ANSWER,
				idOf: (transaction) => transaction[call.endpoint.idField],
				isOutside,
			})
		: onePage(await ask({ window, order, pageSize: wantedRecords(call.values) }));
	for await (const page of pages) {
		const kept = window ? page.filter((transaction) => !isOutside(transaction, window)) : page;
		if (kept.length < page.length) {
			call.hint(
				'Volt Time gave transactions outside the dates that were asked for; they were left out. Its API seems to ignore the dates: try another "Send Parameters As" in the options.',
			);
		}
		if (kept.length > 0) yield kept;
	}
}

async function* onePage<T>(page: T[]): AsyncGenerator<T[]> {
	yield page;
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
function isOutside(transaction: IDataObject, { from, to }: Window): boolean {
	const dates = ['started_at', 'stopped_at', 'created_at', 'updated_at']
		.map((name) => Date.parse(inUtc(String(transaction[name] ?? ''))) / 1000)
		.filter(Number.isFinite);
	return dates.length > 0 && dates.every((date) => date < from - 1 || date > to + 1);
}

/** The API writes UTC; a time without offset would be read in the time zone of the machine. */
function inUtc(time: string): string {
	return /(z|[+-]\d{2}:?\d{2})$/i.test(time) ? time : `${time.replace(' ', 'T')}Z`;
}

function toSeconds(date: Date): number {
	return Math.floor(date.getTime() / 1000);
}
