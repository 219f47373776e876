import type { IDataObject, INodeProperties } from 'n8n-workflow';

import {
	optionsOf,
	pageSizeOf,
	concurrencyOption,
	concurrencyOf,
	returnAllOrLimit,
	toItems,
	wantedRecords,
	formatPages,
	type FormattedPage,
} from '../../../shared/node/lists';
import type { OperationContext, Operation } from '../../../shared/node/operation';
import { concatConcurrently } from '../../../shared/paging/concatConcurrently';
import { windowPages, type WindowStep } from '../../../shared/paging/dateWindow';
import { bothOrNone, notAfter } from '../../../shared/parameters/rules';
import { readId } from '../../../shared/util/ids';
import { chargerId, teamId } from '../../pickers';
import {
	fetchTransactions,
	chargersOf,
	chargerScope,
	isOutside,
	MAX_PER_RESPONSE,
	pageSize,
	sendParametersAs,
} from './ask';

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
	sendParametersAs,
];

/** The limit of n8n, bound to what one answer of the API can hold. */
const limits = returnAllOrLimit.map((property) =>
	property.name === 'limit'
		? { ...property, typeOptions: { ...property.typeOptions, maxValue: MAX_PER_RESPONSE } }
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
	run: async (call) => await toItems(transactionPages(call), wantedRecords(call.values)),
};

/** The transactions of one charger, or of each charger of the team in turn. */
export async function* transactionPages(call: OperationContext): AsyncGenerator<FormattedPage> {
	const concurrency = concurrencyOf(call.values);
	if (call.values.chargerScope !== 'all') {
		yield* formatPages(transactionsAt(call, call.request.path, concurrency), call);
		return;
	}
	const paths: string[] = [];
	for await (const { path } of chargersOf(call)) paths.push(path);
	// As many chargers as there may be requests; where there are fewer, several windows of each.
	const windows = Math.max(1, Math.floor(concurrency / paths.length));
	yield* concatConcurrently(
		paths.map((path) => () => formatPages(transactionsAt(call, path, windows), call)),
		concurrency,
	);
}

/** The transactions of one charger. A limit fits into one answer; all of them may take windows, several at once. */
async function* transactionsAt(
	call: OperationContext,
	path: string,
	concurrency: number,
): AsyncGenerator<IDataObject[]> {
	const { dateFrom, dateTo, orderBy, returnAll } = call.values;
	const ask = async (step: WindowStep) => await fetchTransactions(call, path, step);

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
				maxPerResponse: MAX_PER_RESPONSE,
				concurrency,
				idOf: (transaction) => readId(transaction[call.endpoint.idField]),
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

function toSeconds(date: Date): number {
	return Math.floor(date.getTime() / 1000);
}
