import { parse } from 'csv-parse/sync';
import type { IDataObject } from 'n8n-workflow';

import { runEvCharging as run } from '../support/evCharging';
import { binaryOf } from '../support/n8n';

const session = (changes: IDataObject = {}): IDataObject => ({
	transactionId: 4711,
	evseId: 'DK*SPI*E123456*2',
	startedAt: '2026-01-31T08:00:00Z',
	endedAt: '2026-01-31T10:30:00Z',
	updatedAt: '2026-01-31T10:31:02Z',
	consumed: 22,
	price: { amount: 100, amountExVat: 80, vatRate: 0.25, currency: 'DKK' },
	location: { id: 17, name: 'Depot Nord', city: 'Odense', country: 'DK', timezone: 'Europe/Copenhagen' },
	...changes,
});
const corrected = session({
	updatedAt: '2026-02-02T08:00:00Z',
	consumed: 11,
	price: { amount: 50, amountExVat: 40, vatRate: 0.25, currency: 'DKK' },
	changedFields: ['energy', 'price'],
});
const correct = { operation: 'correctCdrs' };
const cdrsOf = async (records: IDataObject[]) =>
	(await run({ operation: 'normalize', output: 'ocpi' }, records)).json;

describe('Correct CDRs', () => {
	test('writes the credit CDR and the new one of a session that was corrected, paired with both items', async () => {
		const [sent] = await cdrsOf([session()]);
		const { items, json, hints } = await run(correct, [sent, corrected]);
		expect(json.map(({ id, credit, total_cost }) => [id, credit, total_cost])).toEqual([
			['4711-C', true, { excl_vat: -80, incl_vat: -100 }],
			['4711-v2', undefined, { excl_vat: 40, incl_vat: 50 }],
		]);
		expect(json[0]).toMatchObject({ credit_reference_id: '4711', country_code: 'DK', party_id: 'SPI' });
		expect(JSON.stringify(json)).not.toContain('changedFields');
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([
			[{ item: 1 }, { item: 0 }],
			[{ item: 1 }, { item: 0 }],
		]);
		expect(hints).toEqual([]);
	});

	test('gives nothing the second time, when all that was sent is among the items', async () => {
		const [sent] = await cdrsOf([session()]);
		const { json: made } = await run(correct, [sent, corrected]);
		const { json, hints } = await run(correct, [corrected, ...made, sent]);
		expect(json).toEqual([]);
		expect(hints.map(({ message }) => message)).toEqual([
			'1 session is as in the CDR that was sent, and left out.',
		]);
	});

	test('writes no CDR of what is no session, and says so', async () => {
		const { json, hints } = await run(correct, [{ hello: 'world' }, session()]);
		expect(json.map(({ id }) => id)).toEqual(['4711']);
		expect(hints[0].message).toMatch(/^1 item is not a session that the node knows\. It is left out\./);
	});

	test('says which sessions are running, without a CDR, or given twice', async () => {
		const running = session({ transactionId: 1, endedAt: null });
		const { json, hints } = await run(correct, [session(), running, corrected]);
		expect(json.map(({ id }) => id)).toEqual(['4711']);
		expect(json[0].total_cost).toEqual({ excl_vat: 40, incl_vat: 50 });
		expect(hints.map(({ message }) => message)).toEqual([
			'1 item repeats a session: in each column the newest known value counts.',
			'1 session is still running, and left out.',
			'1 session has no CDR among the items: their first CDR is written.',
		]);
	});

	const price = { amount: 100, amountExVat: 80, vatRate: 0.25, currency: 'DKK' };
	test.each<[string, IDataObject]>([
		['total_cost', { price: { ...price, amount: -5, amountExVat: -4 } }],
		['total_cost', { price: { currency: 'DKK' } }],
		['total_cost', { price: undefined }],
		['total_cost', { price: { ...price, amount: 'a lot', amountExVat: '?' } }],
		['currency', { price: { ...price, currency: 'kr.' } }],
		['total_energy', { consumed: -10 }],
		['end_date_time', { endedAt: 'yesterday' }],
		['end_date_time', { endedAt: null }],
	])('takes a CDR back whose %s is gone after %j, and says what is to be done', async (name, changes) => {
		const [sent] = await cdrsOf([session()]);
		const changed = session({ updatedAt: '2026-02-02T08:00:00Z', ...changes });
		const first = await run(correct, [sent, changed]);
		expect(first.json).toMatchObject([{ id: '4711-C', total_cost: { excl_vat: -80, incl_vat: -100 } }]);
		expect(first.json).toHaveLength(1);
		const message = new RegExp(`^1 session no longer has a value that was sent \\(4711: .*\\b${name}\\b`);
		expect(first.hints[0].message).toMatch(message);
		// While it is unknown, nothing follows; when it is known again, the new CDR does.
		const again = await run(correct, [sent, ...first.json, changed]);
		expect([again.json, again.hints[0].message]).toEqual([[], expect.stringMatching(message)]);
		const cured = await run(correct, [sent, ...first.json, corrected]);
		expect(cured.json).toMatchObject([{ id: '4711-v2', total_cost: { excl_vat: 40, incl_vat: 50 } }]);
	});

	test('corrects a CDR whose amount with VAT is gone', async () => {
		const [sent] = await cdrsOf([session()]);
		const { json } = await run(correct, [sent, session({ price: { amountExVat: 80, currency: 'DKK' } })]);
		expect(json.map(({ id }) => id)).toEqual(['4711-C', '4711-v2']);
	});

	test('leaves another operator’s session of the same number alone', async () => {
		const [other] = await cdrsOf([session({ evseId: 'NL*ABC*E1*1' })]);
		const { json } = await run(correct, [other, corrected]);
		expect(json.map(({ id }) => id)).toEqual(['4711']);
	});
});

test('EVSE IDs are rewritten where that is set', async () => {
	const record = session({ evseId: 'DK.SPI.ZM0050*1' });
	const normalize = { operation: 'normalize', output: 'ocpi' };
	const [plain] = (await run(normalize, [record])).json;
	expect(plain._missing).toContain('cdr_location.evse_id');
	const [cdr] = (await run({ ...normalize, sessionSettings: { rewriteEvseIds: true } }, [record])).json;
	expect(cdr.cdr_location).toMatchObject({ evse_id: 'DK*SPI*EZM0050*1', evse_uid: 'DK.SPI.ZM0050*1' });
	expect(cdr._warnings).toContain('evse-id-rewritten');
});

test('a row that comes back from a file is as it was, whatever stands in its texts', async () => {
	const record = session({
		transactionId: '004711',
		location: {
			id: '5E12',
			name: 'Depot;=1+1',
			address: '=1+1',
			city: "'-x\n@y",
			country: 'DK',
			timezone: 'Europe/Copenhagen',
		},
	});
	const columns = { columnGroups: ['address'] };
	const { json: rows } = await run({ operation: 'normalize', ...columns }, [record]);
	const { items } = await run(
		{ operation: 'export', ...columns, csvSettings: { textIds: true, csvDelimiter: 'semicolon' } },
		[record],
	);
	const text = (await binaryOf(items[0])).toString();
	expect(text).toContain("'004711;");
	expect(text).toContain("Depot;'=1+1");
	const read = parse(text, {
		columns: true,
		delimiter: ';',
		record_delimiter: '\r\n',
	}) as unknown as IDataObject[];
	expect((await run({ operation: 'normalize', ...columns }, read)).json).toEqual(rows);
});
