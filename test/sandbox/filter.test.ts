import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { startSandbox, type Sandbox, type Session } from '../../sandbox';
import { FILTER_FIELDS } from '../../sandbox/spirii/filter';
import { call } from './client';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ records: 300 });
});
afterAll(() => sandbox.close());

const ALL = { ongoing: 1, includeChildCompanyRecords: 1, limit: 1000 };

async function find(filter: unknown): Promise<number[]> {
	const query = { ...ALL, filter: JSON.stringify(filter) };
	const { status, json, text } = await call(sandbox.spirii, '/v2/charge-records', { query });
	if (status !== 200) throw new Error(text);
	return json.data.map(({ transactionId }) => transactionId).sort((a, b) => a - b);
}

const wanted = (fits: (session: Session) => boolean): number[] =>
	[...sandbox.spirii.data.store.records((session) => session.roaming !== 'emp' && fits(session))].map(
		({ id }) => id,
	);

describe('the filter of v2 charge records', () => {
	it('knows exactly the documented fields', () => {
		const text = readFileSync(join(__dirname, '../../sandbox/contract/spirii.openapi.yaml'), 'utf8');
		const [fields] = /x-filter-fields:\n([\s\S]*?)x-filter-operators/.exec(text)?.slice(1) ?? [];
		expect(FILTER_FIELDS).toEqual(load(fields));
	});

	const FROM = '2026-06-01T00:00:00.000Z';
	const from = Date.parse(FROM);
	const cases: Array<[string, unknown, (session: Session) => boolean]> = [
		['a plain value', { 'location.country': 'DK' }, ({ site }) => site.country === 'DK'],
		['$eq', { isRoaming: { $eq: true } }, ({ roaming }) => roaming !== null],
		['$ne', { 'location.country': { $ne: 'DK' } }, ({ site }) => site.country !== 'DK'],
		['$gt', { consumed: { $gt: 30 } }, ({ consumed }) => consumed > 30],
		[
			'$gte and $lt together',
			{ startedAt: { $gte: FROM, $lt: '2026-06-15T00:00:00Z' } },
			({ startedAt }) => startedAt >= from && startedAt < from + 14 * 86_400_000,
		],
		['$lte', { consumed: { $lte: 10.5 } }, ({ consumed }) => consumed <= 10.5],
		['$in', { 'location.country': { $in: ['NL', 'SE'] } }, ({ site }) => ['NL', 'SE'].includes(site.country)],
		['$nin', { 'location.type': { $nin: ['Hotel'] } }, ({ site }) => site.type !== 'Hotel'],
		['$exists true', { 'voucher.id': { $exists: true } }, ({ voucher }) => voucher !== null],
		['$exists false', { endedAt: { $exists: false } }, ({ endedAt }) => endedAt === null],
		['$regex', { evseId: { $regex: '^DK\\..*\\*1$' } }, ({ evseId }) => /^DK\..*\*1$/.test(evseId)],
		['null for what is missing', { endedAt: null }, ({ endedAt }) => endedAt === null],
		[
			'dates as dates, whatever their form',
			{ startedAt: { $gte: '2026-06-01T02:00:00+02:00' } },
			({ startedAt }) => startedAt >= from,
		],
		[
			'$or',
			{ $or: [{ 'location.country': 'FR' }, { consumed: { $gt: 50 } }] },
			({ site, consumed }) => site.country === 'FR' || consumed > 50,
		],
		[
			'$and',
			{ $and: [{ 'location.isPublic': true }, { isRoaming: false }] },
			({ site, roaming }) => site.isPublic && roaming === null,
		],
		[
			'several fields, all of which must fit',
			{ 'location.country': 'DK', 'auth.type': 'rfid' },
			({ site, tag }) => site.country === 'DK' && tag.type === 'rfid',
		],
		['nothing', {}, () => true],
	];

	it.each(cases)('evaluates %s', async (_title, filter, fits) => {
		const expected = wanted(fits);
		expect(expected.length).toBeGreaterThan(0);
		expect(await find(filter)).toEqual(expected);
	});

	it('lets every documented field be compared', async () => {
		for (const field of FILTER_FIELDS)
			expect([field, (await find({ [field]: { $exists: true } })).length > 0]).toEqual([field, true]);
	});

	it('works together with updatedAtFrom and with cursors', async () => {
		const filter = JSON.stringify({ 'location.country': 'DK' });
		const query = { ...ALL, filter, updatedAtFrom: FROM, limit: 5 };
		const first = await call(sandbox.spirii, '/v2/charge-records', { query });
		const second = await call(sandbox.spirii, '/v2/charge-records', {
			query: { ...query, nextPageCursor: first.json.nextPageCursor },
		});
		const ids = [...first.json.data, ...second.json.data].map(({ transactionId }) => transactionId);
		expect(new Set(ids).size).toBe(10);
		const expected = wanted(({ site, updatedAt }) => site.country === 'DK' && updatedAt >= from);
		expect(ids.every((id) => expected.includes(id))).toBe(true);
	});

	const refused: Array<[string, unknown, string]> = [
		['an unknown field', { colour: 'red' }, 'colour'],
		['a field that only the record has', { 'price.amount': 3 }, 'price.amount'],
		['an unknown operator', { consumed: { $near: 3 } }, '$near'],
		['$where', { $where: 'true' }, '$where'],
		['$not', { consumed: { $not: { $gt: 3 } } }, '$not'],
		['a text for a number', { consumed: { $gt: '30' } }, 'consumed'],
		['a number for a flag', { isRoaming: 1 }, 'isRoaming'],
		['a date that is none', { startedAt: { $gt: 'yesterday' } }, 'startedAt'],
		['a number for a date', { startedAt: { $gt: 1767225600 } }, 'startedAt'],
		['$in without a list', { 'location.id': { $in: 3 } }, '$in'],
		['$or without a list', { $or: { 'location.id': 3 } }, '$or'],
		['a broken expression', { evseId: { $regex: '(' } }, '$regex'],
		['a list instead of an object', [], 'object'],
	];

	it.each(refused)('refuses %s by name', async (_title, filter, name) => {
		const { status, json } = await call(sandbox.spirii, '/v2/charge-records', {
			query: { filter: JSON.stringify(filter) },
		});
		expect([status, json.error.param]).toEqual([400, 'filter']);
		expect(json.error.message).toContain(name);
	});
});
