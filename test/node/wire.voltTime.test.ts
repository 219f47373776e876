import type { GenericValue, INodeParameters } from 'n8n-workflow';

import { rows } from '../../nodes/VoltTime/api';
import type { OperationEntry } from '../../nodes/shared/node/operation';
import type { RecordedRequest } from '../../sandbox';
import { leavesOf, nameOf, placed } from '../support/parameters';
import { useSandbox } from '../support/sandbox';

type Fields = Record<string, string | number>;

/** A value on the canvas, the fields it becomes, and what the canvas needs to show it at all. */
interface Case {
	given: GenericValue | INodeParameters;
	sent: Fields;
	beside?: INodeParameters;
	path?: string;
}

const house = useSandbox({ transactionsPerCharger: 5 });

const TEAM = 1107;
const CHARGER = 402_700;
const CHARGERS = `/api/v2/teams/${TEAM}/chargers`;
const TRANSACTIONS = `${CHARGERS}/${CHARGER}/transactions`;
const byId = (value: GenericValue): INodeParameters => ({ __rl: true, mode: 'id', value }) as INodeParameters;
const fromList = (value: GenericValue): INodeParameters =>
	({ __rl: true, mode: 'list', value, cachedResultName: 'As the list showed it' }) as INodeParameters;

const winter = { dateFrom: '2026-01-15T10:30:00', dateTo: '2026-01-16T00:00:00' };
const winterSent = { date_from: '2026-01-15 09:30:00', date_to: '2026-01-15 23:00:00' };
const summer = { dateFrom: '2026-07-15T10:30:00', dateTo: '2026-07-16T00:00:00' };
const summerSent = { date_from: '2026-07-15 08:30:00', date_to: '2026-07-15 22:00:00' };

const everywhere: Record<string, Case[]> = {
	timeout: [{ given: 30, sent: {} }],
	returnAll: [{ given: false, sent: {} }],
	// Teams and chargers are read whole: their lists take no limit.
	limit: [{ given: 7, sent: {} }],
};
const team: Case[] = [byId(TEAM), byId(String(TEAM)), fromList(String(TEAM))].map((given) => ({
	given,
	sent: {},
}));

/** What each parameter has to become, written down from the vendor's pages, not from the code. */
const expectations: Record<string, Record<string, Case[]>> = {
	team: everywhere,
	charger: { ...everywhere, teamId: team },
	transaction: {
		...everywhere,
		returnAll: [
			{ given: false, sent: { limit: 50 } },
			{ given: true, sent: { limit: 10_000 } },
		],
		limit: [
			{ given: 7, sent: { limit: 7 }, beside: { returnAll: false } },
			{ given: '10000', sent: { limit: 10_000 }, beside: { returnAll: false } },
		],
		teamId: team,
		chargerId: [byId(CHARGER), byId(String(CHARGER)), fromList(String(CHARGER))].map((given) => ({
			given,
			sent: {},
		})),
		chargerScope: [{ given: 'one', sent: {} }],
		dateFrom: [
			{ given: winter.dateFrom, sent: winterSent, beside: winter },
			{ given: summer.dateFrom, sent: summerSent, beside: summer },
		],
		dateTo: [
			{ given: winter.dateTo, sent: winterSent, beside: winter },
			{ given: summer.dateTo, sent: summerSent, beside: summer },
		],
		orderBy: [
			{ given: 'asc', sent: { order_by: 'asc' } },
			{ given: 'desc', sent: { order_by: 'desc' } },
		],
		pageSize: [{ given: 500, sent: { limit: 500 }, beside: { returnAll: true } }],
		concurrency: [{ given: 8, sent: {} }],
		sendParametersAs: [{ given: 'both', sent: {} }],
	},
};

const always: Record<string, Fields> = {
	'transaction getAll': { limit: 50 },
	'transaction export': { limit: 10_000 },
};
const paths: Record<string, string> = {
	team: '/api/v2/teams',
	charger: CHARGERS,
	transaction: TRANSACTIONS,
};

async function firstRequest(row: OperationEntry, values: INodeParameters): Promise<RecordedRequest> {
	const required = { teamId: byId(TEAM), chargerId: byId(CHARGER) };
	const names = new Set(leavesOf(row).map(({ name }) => name));
	const known = Object.entries({ ...required, ...values }).filter(([name]) => names.has(name));
	await house.runVoltTime(placed(row, Object.fromEntries(known) as INodeParameters));
	const [request] = house.voltTime.requests;
	expect(request).toMatchObject({ method: 'GET', path: paths[row.resource], status: 200 });
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

describe.each(rows.map((row): [string, OperationEntry] => [`Volt Time ${nameOf(row)}`, row]))(
	'%s',
	(_, row) => {
		const cases = expectations[row.resource];
		const start = always[nameOf(row)] ?? {};

		test('has an expectation for each of its parameters', () => {
			expect(Object.keys(cases).sort()).toEqual(
				leavesOf(row)
					.map(({ name }) => name)
					.sort(),
			);
		});

		test('sends nothing but what it always sends when no parameter is set', async () => {
			const request = await firstRequest(row, {});
			expect([queryOf(request), bodyOf(request)]).toEqual([start, start]);
		});

		const single = Object.entries(cases).flatMap(([name, list]) =>
			list.map((one): [string, string, Case] => [name, JSON.stringify(one.given), one]),
		);
		test.each(single)('sends %s %s in the query string and in the body', async (name, _given, one) => {
			const request = await firstRequest(row, { ...one.beside, [name]: one.given } as INodeParameters);
			const sent = { ...start, ...one.sent };
			expect([queryOf(request), bodyOf(request)]).toEqual([sent, sent]);
		});

		test('sends all parameters together', async () => {
			const values: INodeParameters = {};
			let sent = start;
			for (const [name, [one]] of Object.entries(cases)) {
				Object.assign(values, { [name]: one.given, ...one.beside });
				sent = { ...sent, ...one.sent };
			}
			const request = await firstRequest(row, values);
			expect([queryOf(request), bodyOf(request)]).toEqual([sent, sent]);
		});
	},
);

describe('the three forms in which Volt Time can get its parameters', () => {
	const transactions = rows.find(({ resource }) => resource === 'transaction') as OperationEntry;
	const all = { ...winter, orderBy: 'desc', returnAll: true, pageSize: 500 };
	const sent = { ...winterSent, order_by: 'desc', limit: 500 };

	test.each([
		['both', sent, sent],
		['query', sent, {}],
		['body', {}, sent],
	])('%s', async (form, query, body) => {
		const request = await firstRequest(transactions, { ...all, sendParametersAs: form });
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
		const { items } = await house.runVoltTime(
			placed(transactions, {
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
		const row = rows.find(({ resource }) => resource === 'transaction') as OperationEntry;
		const [, , { id: team }] = house.voltTime.data.teams;
		const [{ id: charger }] = house.voltTime.data.chargers(team);
		await house.runVoltTime(
			placed(row, { teamId: byId(team), chargerScope: 'all', ...winter, orderBy: 'desc' }),
		);
		const [list, transactions] = house.voltTime.requests;
		expect(list).toMatchObject({ path: `/api/v2/teams/${team}/chargers`, rawQuery: '', body: '' });
		expect(transactions.path).toBe(`/api/v2/teams/${team}/chargers/${charger}/transactions`);
		const sent = { ...winterSent, order_by: 'desc', limit: 50 };
		expect([queryOf(transactions), bodyOf(transactions)]).toEqual([sent, sent]);
		house.voltTime.requests.forEach(expectHeaders);
		expect(house.voltTime.requests).toHaveLength(2);
	});
});
