import { Contract, type Operation, type Parameter } from '../../sandbox/contract';
import { startSandbox, type Sandbox } from '../../sandbox';
import { call } from './client';

let sandbox: Sandbox;
let voltTimePath: string;
beforeAll(async () => {
	sandbox = await startSandbox({ records: 30, transactionsPerCharger: 5 });
	const [team] = sandbox.voltTime.data.teams;
	voltTimePath = `/api/v2/teams/${team.id}/chargers/${sandbox.voltTime.data.chargers(team.id)[0].id}/transactions`;
});
afterAll(() => sandbox.close());
afterEach(() => {
	sandbox.spirii.reset();
	sandbox.voltTime.reset();
});

const LISTS = ['/v2/charge-records', '/v2/transactions', '/v1/charge-records'];
const contract = new Contract('spirii');
const operations: Array<[string, Operation]> = LISTS.map((path) => [path, contract.operation(path)]);
const rows = operations.flatMap(([path, { parameters }]) =>
	parameters.map((parameter): [string, string, Parameter] => [path, parameter.name, parameter]),
);

/** Values that a parameter takes, and values that it must refuse. */
function samples({ name, schema, ...rest }: Parameter): { right: string[]; wrong: string[] } {
	const { minimum, maximum, format } = schema as { minimum?: number; maximum?: number; format?: string };
	const examples = (rest as { example?: unknown }).example;
	if (schema.enum) return { right: schema.enum.map(String), wrong: ['7', 'other', '', 'CPO '] };
	if (schema.type === 'boolean') return { right: ['true', 'false'], wrong: ['1', '0', 'yes', 'TRUE', ''] };
	if (schema.type === 'array') return { right: ['price'], wrong: ['prize', 'price,evseId'] };
	if (schema.type === 'integer') {
		const beyond = [minimum && minimum - 1, maximum && maximum + 1].filter((bound) => bound !== undefined);
		const right = [minimum ?? 1, maximum ?? 2].map(String);
		return { right, wrong: [...beyond.map(String), '1.5', 'ten', '1e2', '', ' 1'] };
	}
	if (format === 'date-time') {
		const right = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00+02:00'];
		return { right, wrong: ['2026-01-01', '1767225600', 'yesterday', '2026-02-30T00:00:00Z', ''] };
	}
	if (name.endsWith('Cursor'))
		return { right: examples ? [String(examples)] : ['MTc3NzY2MjI0NTI2NDo4NDAwMDAz'], wrong: ['next', ''] };
	if (name === 'filter') return { right: ['{}', '{"role":"CPO"}'], wrong: ['', '[]', '{'] };
	if (name === 'sortKey') return { right: ['updatedAt', 'startedAt'], wrong: ['constructor', ''] };
	return { right: ['ABC', ''], wrong: [] };
}

describe("every parameter of Spirii's lists", () => {
	it.each(rows)('%s: %s is held to its type, values and bounds', async (path, name, parameter) => {
		const others = parameter['x-only-with'] ?? {};
		const { right, wrong } = samples(parameter);
		for (const value of right) {
			const { status, text } = await call(sandbox.spirii, path, { query: { ...others, [name]: value } });
			expect([value, status, status === 200 || text]).toEqual([value, 200, true]);
		}
		for (const value of wrong) {
			const { status, json } = await call(sandbox.spirii, path, { query: { ...others, [name]: value } });
			expect([value, status, json.error.param]).toEqual([value, 400, name]);
			expect(json.error.message).toContain(name);
		}
		if (parameter.schema.type === 'array') return;
		const twice = await call(sandbox.spirii, path, { query: { ...others, [name]: [right[0], right[0]] } });
		expect([twice.status, twice.json.error.param]).toEqual([400, name]);
	});

	it.each(operations)(
		'%s: a parameter left out counts as its documented default',
		async (path, { parameters }) => {
			const plain = await call(sandbox.spirii, path);
			for (const { name, schema, 'x-only-with': onlyWith } of parameters) {
				// The default of `priority` is unclear and has a switch; sortBy sorts descending only "when set".
				if (schema.default === undefined || onlyWith || name === 'priority') continue;
				const { text } = await call(sandbox.spirii, path, { query: { [name]: schema.default } });
				expect([name, text]).toEqual([name, plain.text]);
			}
		},
	);

	// The other tests follow the contract document; these bounds are the printed ones, so that it is held to them too.
	it.each([
		['/v2/transactions', [1, 2500], [0, 2501], 500],
		['/v1/charge-records', [1, 2000], [0, 2001], 250],
		['/v2/charge-records', [1, 5000], [0, -1], undefined],
	])('%s takes the printed page sizes %j, and not %j', async (path, right, wrong, printed) => {
		for (const limit of right)
			expect((await call(sandbox.spirii, path, { query: { limit } })).status).toBe(200);
		for (const limit of wrong)
			expect((await call(sandbox.spirii, path, { query: { limit } })).status).toBe(400);
		const { parameters } = contract.operation(path);
		expect(parameters.find(({ name }) => name === 'limit')?.schema.default).toBe(printed);
	});

	it('excludes each other where the documentation says so', async () => {
		const cursor = 'MTc3NzY2MjI0NTI2NDo4NDAwMDAz';
		const both = { nextPageCursor: cursor, previousPageCursor: cursor };
		expect((await call(sandbox.spirii, '/v2/charge-records', { query: both })).status).toBe(400);
		const time = '2026-01-01T00:00:00Z';
		const times = await call(sandbox.spirii, '/v1/charge-records', {
			query: { startedAt: time, endedAt: time },
		});
		expect([times.status, times.json.error.param]).toEqual([400, 'endedAt']);
		const withMax = await call(sandbox.spirii, '/v1/charge-records', {
			query: { startedAt: time, endedAtMax: time },
		});
		expect(withMax.status).toBe(200);
	});

	it('has no misspelled neighbours: what is unknown is refused by name', async () => {
		for (const path of [...LISTS, '/v2/transactions/8400003', '/v1/charge-records/8400003']) {
			const { status, json } = await call(sandbox.spirii, path, { query: { sortDirecton: 'asc' } });
			expect([path, status, json.error.param]).toEqual([path, 400, 'sortDirecton']);
		}
	});

	it('refuses a CSV delimiter where no CSV was asked for', async () => {
		const { status, json } = await call(sandbox.spirii, '/v1/charge-records', { query: { delimiter: ';' } });
		expect([status, json.error.param]).toEqual([400, 'delimiter']);
	});

	it.each([
		['/v2/charge-records/abc', 404],
		['/v2/charge-records/1', 404],
		['/v2/charge-records/..%2F..%2Fv1', 404],
		['/v2/transactions/abc', 400],
		['/v2/transactions/1', 404],
		['/v1/charge-records/1.5', 400],
		['/v1/charge-records/1', 404],
		['/v3/charge-records', 404],
	])('%s answers %d in the documented envelope', async (path, expected) => {
		const { status, json } = await call(sandbox.spirii, path);
		expect(status).toBe(expected);
		expect(json.error).toMatchObject({
			type: expect.any(String),
			code: expect.any(String),
			message: expect.any(String),
		});
	});
});

describe("the filters of Spirii's lists", () => {
	const ids = async (path: string, query: Record<string, unknown>, key: 'id' | 'transactionId' = 'id') =>
		(await call(sandbox.spirii, path, { query })).json.data.map((row) => row[key]).sort((a, b) => a - b);
	const wanted = (fits: (session: NonNullable<ReturnType<typeof sandbox.spirii.data.at>>) => boolean) =>
		[...sandbox.spirii.data.store.records(fits)].map(({ id }) => id);

	it('select transactions', async () => {
		const some = sandbox.spirii.data.at(3);
		if (!some) throw new Error('There is no fourth session');
		const { site, evseId, chargeBoxId, tag } = some;
		const pairs: Array<[Record<string, unknown>, Parameters<typeof wanted>[0]]> = [
			[{ locationId: site.id }, (session) => session.site.id === site.id],
			[{ locationType: site.type }, (session) => session.site.type === site.type],
			[{ evseId }, (session) => session.evseId === evseId],
			[{ chargeBoxId }, (session) => session.chargeBoxId === chargeBoxId],
			[{ idTagUid: tag.uid }, (session) => session.tag.uid === tag.uid],
			[{ appUserId: 6312 }, (session) => session.tag.appUserId === 6312],
			[{ voucherId: 511 }, (session) => session.voucher?.id === 511],
			[{ transactionType: 'roaming' }, ({ roaming }) => roaming !== null],
			[{ transactionType: 'roamingCpo' }, ({ roaming }) => roaming === 'cpo'],
			[{ transactionType: 'roamingEmp' }, ({ roaming }) => roaming === 'emp'],
			[{ transactionType: 'nonRoaming' }, ({ roaming }) => roaming === null],
			[{ ongoing: true }, ({ endedAt }) => endedAt === null],
			[{ ongoing: false }, () => true],
			[{ priority: 1 }, ({ isPriority }) => isPriority],
			[{ priority: 0 }, ({ isPriority }) => !isPriority],
		];
		for (const [query, fits] of pairs)
			expect([query, await ids('/v2/transactions', query)]).toEqual([query, wanted(fits)]);
	});

	it('select v2 charge records', async () => {
		const get = async (query: Record<string, unknown>) => ids('/v2/charge-records', query, 'transactionId');
		const own = ({ company }: { company: { id: number } }) => company.id === 2101;
		expect(await get({})).toEqual(sandbox.spirii.data.listed('chargeRecords'));
		expect(await get({ mode: 'emp' })).toEqual(
			wanted((s) => s.roaming !== 'cpo' && s.endedAt !== null && own(s)),
		);
		expect(await get({ ongoing: 1 })).toEqual(wanted((s) => s.roaming !== 'emp' && own(s)));
		const withChildren = wanted((s) => s.roaming !== 'emp' && s.endedAt !== null);
		expect(await get({ includeChildCompanyRecords: 1 })).toEqual(withChildren);
		expect(withChildren.length).toBeGreaterThan(sandbox.spirii.data.listed('chargeRecords').length);
		const all = { ongoing: 1, includeChildCompanyRecords: 1 };
		expect(await get({ ...all, priority: 1 })).toEqual(wanted((s) => s.roaming !== 'emp' && s.isPriority));
	});

	it('bound times: from included, updatedAtTo not', async () => {
		const session = sandbox.spirii.data.get(sandbox.spirii.data.listed('chargeRecords')[4]);
		const at = new Date(session?.updatedAt ?? 0).toISOString();
		const get = async (query: Record<string, unknown>) => ids('/v2/charge-records', query, 'transactionId');
		const [from, to] = [await get({ updatedAtFrom: at }), await get({ updatedAtTo: at })];
		expect(from).toContain(session?.id);
		expect(to).not.toContain(session?.id);
		expect([...from, ...to].sort((a, b) => a - b)).toEqual(sandbox.spirii.data.listed('chargeRecords'));
		const sorted = await get({ updatedAtFrom: at, sortKey: 'startedAt' });
		expect(sorted).toEqual(from);
	});

	it('give only the fields that were asked for', async () => {
		const { json } = await call(sandbox.spirii, '/v2/charge-records', {
			query: { fields: ['transactionId', 'price'] },
		});
		for (const row of json.data) expect(Object.keys(row).sort()).toEqual(['price', 'transactionId']);
	});
});

describe("the fields of Volt Time's transactions", () => {
	const wrong: Array<[string, Record<string, unknown>, string, string]> = [
		['a limit above 10000', { limit: 10_001 }, 'limit', 'The limit field must not be greater than 10000.'],
		['a limit that is no number', { limit: 'ten' }, 'limit', 'The limit field must be an integer.'],
		['another order', { order_by: 'ASC' }, 'order_by', 'The selected order by is invalid.'],
		[
			'date_from alone',
			{ date_from: '2026-01-01 00:00:00' },
			'date_to',
			'The date to field is required when date from is present.',
		],
		[
			'date_to alone',
			{ date_to: '2026-01-01 00:00:00' },
			'date_from',
			'The date from field is required when date to is present.',
		],
		[
			'an ISO date',
			{ date_from: '2026-01-01T00:00:00Z', date_to: '2026-01-02 00:00:00' },
			'date_from',
			'The date from field must match the format Y-m-d H:i:s.',
		],
		[
			'a day that does not exist',
			{ date_from: '2026-02-30 00:00:00', date_to: '2026-03-02 00:00:00' },
			'date_from',
			'The date from field must match the format Y-m-d H:i:s.',
		],
		['a misspelled field', { order: 'asc' }, 'order', 'The order field is not known here.'],
	];

	it.each(wrong)(
		'refuse %s with a 422, in the body and in the query string',
		async (_title, fields, name, message) => {
			for (const sent of [{ query: fields }, { body: JSON.stringify(fields) }]) {
				const { status, json } = await call(sandbox.voltTime, voltTimePath, sent);
				expect([status, json.message]).toEqual([422, message]);
				expect(json.errors).toEqual({ [name]: [message] });
			}
		},
	);

	it('take the documented example', async () => {
		const example = {
			date_from: '2025-09-25 07:17:36',
			date_to: '2025-09-25 07:17:36',
			limit: 1,
			order_by: 'asc',
		};
		expect(await call(sandbox.voltTime, voltTimePath, { body: JSON.stringify(example) })).toMatchObject({
			status: 200,
		});
		expect(await call(sandbox.voltTime, voltTimePath, { query: example })).toMatchObject({ status: 200 });
		const { status } = await call(sandbox.voltTime, voltTimePath, { query: { limit: 10_000 } });
		expect(status).toBe(200);
	});

	it('do what they say', async () => {
		const all = (await call(sandbox.voltTime, voltTimePath)).json.data;
		expect(all).toHaveLength(5);
		const limited = await call(sandbox.voltTime, voltTimePath, { query: { limit: 2, order_by: 'desc' } });
		expect(limited.json.data).toEqual([...all].reverse().slice(0, 2));
		const at = (index: number) => String(all[index].started_at).slice(0, 19).replace('T', ' ');
		const some = await call(sandbox.voltTime, voltTimePath, { query: { date_from: at(1), date_to: at(3) } });
		expect(some.json.data).toEqual(all.slice(1, 4));
	});

	it('are refused where there are none', async () => {
		for (const path of ['/api/v2/user', '/api/v2/teams', '/api/v2/teams/1107/chargers']) {
			const { status, json } = await call(sandbox.voltTime, path, { query: { page: 1 } });
			expect([path, status, Object.keys(json.errors)]).toEqual([path, 422, ['page']]);
		}
	});

	it.each([
		'/api/v2/teams/9/chargers',
		'/api/v2/teams/1107/chargers/9/transactions',
		'/api/v2/teams/1142/chargers/402700/transactions',
	])('%s is not found', async (path) => {
		const { status, json } = await call(sandbox.voltTime, path);
		expect([status, typeof json.message]).toEqual([404, 'string']);
	});
});

describe('authentication', () => {
	it('takes the key behind the word Bearer, and nothing else', async () => {
		for (const authorization of [sandbox.spirii.key, 'Bearer other', '', `Basic ${sandbox.spirii.key}`]) {
			const { status, json } = await call(sandbox.spirii, '/v2/charge-records', {
				headers: { authorization },
			});
			expect([status, typeof json.error.message]).toEqual([403, 'string']);
			const other = await call(sandbox.voltTime, '/api/v2/user', { headers: { authorization } });
			expect([other.status, other.json]).toEqual([401, { message: 'Unauthenticated.' }]);
		}
	});

	it('of Volt Time sends whoever does not ask for JSON to the login page', async () => {
		const { status, headers } = await call(sandbox.voltTime, '/api/v2/user', { headers: { accept: '*/*' } });
		expect([status, headers.location]).toEqual([302, `${sandbox.voltTime.url}/login`]);
	});

	it('lets the right token see whose it is', async () => {
		const { json } = await call(sandbox.voltTime, '/api/v2/user');
		expect(json.id).toBe(sandbox.voltTime.data.user.id);
	});
});
