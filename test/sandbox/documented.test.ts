import legacyRecord from '../../sandbox/examples/spirii.v1.chargeRecord.json';
import legacyRecords from '../../sandbox/examples/spirii.v1.chargeRecords.json';
import chargeRecords from '../../sandbox/examples/spirii.v2.chargeRecords.json';
import transactions from '../../sandbox/examples/spirii.v2.transactions.json';
import voltTimeTransactions from '../../sandbox/examples/voltTime.v2.transactions.json';
import { startSandbox, type Sandbox } from '../../sandbox';
import { call } from './client';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ documented: true });
});
afterAll(() => sandbox.close());

describe('the documented records', () => {
	it('are what v1 charge records give, and nothing else', async () => {
		const { json } = await call(sandbox.spirii, '/v1/charge-records', { query: { limit: 2 } });
		expect(json.data).toEqual(legacyRecords.data);
		expect(json).toMatchObject({
			offset: legacyRecords.offset,
			limit: legacyRecords.limit,
			totalElements: 2,
		});
	});

	it('are what v2 charge records give, and nothing else', async () => {
		const { json } = await call(sandbox.spirii, '/v2/charge-records');
		expect(json).toEqual({ data: chargeRecords.data });
	});

	it('are what v2 transactions give, and nothing else', async () => {
		const { json } = await call(sandbox.spirii, '/v2/transactions');
		expect(json).toEqual({ data: transactions.data });
	});

	it("are what Volt Time's transactions give, and nothing else", async () => {
		const { json } = await call(sandbox.voltTime, '/api/v2/teams/11/chargers/25/transactions');
		expect(json).toEqual(voltTimeTransactions);
	});

	it('can be paged and filtered like any others', async () => {
		const page = await call(sandbox.spirii, '/v1/charge-records', { query: { limit: 1, offset: 1 } });
		expect(page.json.data).toEqual([legacyRecords.data[1]]);
		const found = await call(sandbox.spirii, '/v1/charge-records', {
			query: { idTagUid: '6606F3F9B70E5F357F07' },
		});
		expect(found.json.data).toEqual([legacyRecords.data[1]]);
		const none = await call(sandbox.spirii, '/v2/transactions', {
			query: { startedAt: '2024-01-01T00:00:00Z' },
		});
		expect(none.json).toEqual({ data: [] });
	});

	it.each([true, false])('can be got by their ids, among documented data: %s', async (documented) => {
		const other = await startSandbox({ documented, records: 10 });
		const get = async (path: string) => (await call(other.spirii, path)).json;
		expect(await get('/v1/charge-records/123665')).toEqual(legacyRecord);
		expect(await get('/v1/charge-records/124909')).toEqual(legacyRecords.data[1]);
		expect(await get('/v2/charge-records/123')).toEqual(chargeRecords.data[0]);
		expect(await get('/v2/transactions/123456')).toEqual(transactions.data[0]);
		await other.close();
	});
});
