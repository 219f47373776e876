import type { GenericValue, INodeParameters } from 'n8n-workflow';

import { operationsOf, type OperationEntry } from '../../nodes/shared/node/operation';
import { resources } from '../../nodes/VoltTime/api';
import type { RecordedRequest } from '../../sandbox';
import { placed } from '../support/parameters';
import { useSandbox } from '../support/sandbox';

type Fields = Record<string, string | number>;

const house = useSandbox({ transactionsPerCharger: 5 });

const TEAM = 1107;
const CHARGER = 402_700;
const byId = (value: GenericValue): INodeParameters => ({ __rl: true, mode: 'id', value }) as INodeParameters;

const winter = { dateFrom: '2026-01-15T10:30:00', dateTo: '2026-01-16T00:00:00' };
const winterSent = { date_from: '2026-01-14 09:30:00', date_to: '2026-01-16 23:00:00' };

const getTransactions = operationsOf(resources).find(
	({ resource, operation }) => resource === 'legacyTransaction' && operation.value === 'getAll',
) as OperationEntry;

async function firstRequest(values: INodeParameters): Promise<RecordedRequest> {
	await house.run.voltTime(
		placed(getTransactions, { teamId: byId(TEAM), chargerId: byId(CHARGER), ...values }),
	);
	const [request] = house.voltTime.requests;
	expectHeaders(request);
	return request;
}

function expectHeaders({ headers }: RecordedRequest): void {
	expect(headers.accept).toBe('application/json');
	expect(headers.authorization).toBe(`Bearer ${house.voltTime.key}`);
}

/** The fields of the query string, numbers as numbers so that they can be compared with the body. */
function queryOf({ query }: RecordedRequest): Fields {
	expect([...query.keys()]).toEqual([...new Set(query.keys())]);
	return Object.fromEntries(
		[...query].map(([name, text]) => [name, /^\d+$/.test(text) ? Number(text) : text]),
	);
}

function bodyOf({ body, headers }: RecordedRequest): Fields {
	if (body === '') return {};
	expect(headers['content-type']).toMatch(/^application\/json/);
	return JSON.parse(body) as Fields;
}

describe('the three forms in which Volt Time can get its parameters', () => {
	const all = { ...winter, orderBy: 'desc', returnAll: true, pageSize: 500 };
	const sent = { ...winterSent, order_by: 'desc', limit: 500 };

	test.each([
		['both', sent, sent],
		['query', sent, {}],
		['body', {}, sent],
	])('%s', async (form, query, body) => {
		const request = await firstRequest({ ...all, sendParametersAs: form });
		expect([queryOf(request), bodyOf(request)]).toEqual([query, body]);
	});

	test.each([
		['body', 'body'],
		['body', 'both'],
		['query', 'query'],
		['query', 'both'],
	] as const)('reach a server that reads the %s only, when sent as %s', async (reads, form) => {
		house.voltTime.switches.readsFrom = reads;
		const [, { started_at }] = [...house.voltTime.data.transactions(CHARGER).records()];
		const { items } = await house.run.voltTime(
			placed(getTransactions, {
				teamId: byId(TEAM),
				chargerId: byId(CHARGER),
				dateFrom: started_at,
				dateTo: started_at,
				sendParametersAs: form,
			}),
		);
		expect(items.map(({ json }) => json.started_at)).toEqual([started_at]);
	});
});

describe('all chargers of a team', () => {
	test('are looked up first, then each is asked with the same parameters', async () => {
		const [, , { id: team }] = house.voltTime.data.teams;
		const [{ id: charger }] = house.voltTime.data.chargers(team);
		await house.run.voltTime(
			placed(getTransactions, { teamId: byId(team), chargerScope: 'all', ...winter, orderBy: 'desc' }),
		);
		const [list, transactions] = house.voltTime.requests;
		expect(list).toMatchObject({ path: `/api/v2/teams/${team}/chargers`, rawQuery: '', body: '' });
		expect(transactions.path).toBe(`/api/v2/teams/${team}/chargers/${charger}/transactions`);
		const sent = { ...winterSent, order_by: 'desc', limit: 10_000 };
		expect([queryOf(transactions), bodyOf(transactions)]).toEqual([sent, sent]);
		house.voltTime.requests.forEach(expectHeaders);
		expect(house.voltTime.requests).toHaveLength(2);
	});
});
