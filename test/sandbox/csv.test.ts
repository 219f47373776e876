import { startSandbox, type Sandbox } from '../../sandbox';
import { SITES } from '../../sandbox/spirii/places';
import { call } from './client';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ records: 60, plain: true });
});
afterAll(() => sandbox.close());
afterEach(() => sandbox.spirii.reset());

const csv = (query: Record<string, unknown> = {}) =>
	call(sandbox.spirii, '/v1/charge-records', { query: { output: 'CSV', ...query } });

/** Reads CSV by RFC 4180. */
function parse(text: string, delimiter: string): string[][] {
	const rows: string[][] = [];
	const row: string[] = [];
	const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"\\r\\n${delimiter}]*))(${delimiter}|\\r\\n)`, 'y');
	for (let found = cell.exec(text); found; found = cell.exec(text)) {
		row.push(found[1]?.replaceAll('""', '"') ?? found[2]);
		if (found[3] === '\r\n') rows.push(row.splice(0));
	}
	return rows;
}

describe('the CSV of v1 charge records', () => {
	it('is labelled, has one header line and a line a record', async () => {
		const { headers, text } = await csv({ limit: 10 });
		expect(headers['content-type']).toBe('text/csv; charset=utf-8');
		const [header, ...rows] = parse(text, ',');
		expect(rows).toHaveLength(10);
		expect(header.slice(0, 4)).toEqual(['id', 'location.id', 'location.crmCustomerId', 'location.name']);
		expect(rows.every((row) => row.length === header.length)).toBe(true);
	});

	it('has the same header line when there are no records', async () => {
		const [some, none] = [await csv({ limit: 1 }), await csv({ offset: 1000 })];
		expect(none.text).toBe(`${some.text.split('\r\n')[0]}\r\n`);
	});

	it.each([',', ';'])(
		'survives names with commas, semicolons and quotes, between cells parted by %s',
		async (delimiter) => {
			const [, awkward] = SITES;
			expect(awkward.name).toMatch(/".*,.*;/);
			const id = sandbox.spirii.data.ids()[0];
			sandbox.spirii.data.update(id, { site: awkward });
			const { text } = await csv({ delimiter, limit: 1 });
			const [header, row] = parse(text, delimiter);
			expect(row[header.indexOf('location.name')]).toBe(awkward.name);
			expect(row[header.indexOf('location.city')]).toBe('København Ø');
			expect(text).toContain(`"${awkward.name.replaceAll('"', '""')}"`);
		},
	);

	it('says the same as the JSON', async () => {
		const { json } = await call(sandbox.spirii, '/v1/charge-records', { query: { limit: 60 } });
		const [header, ...rows] = parse((await csv({ limit: 60 })).text, ',');
		for (const [index, record] of json.data.entries()) {
			const cell = (name: string) => rows[index][header.indexOf(name)];
			expect([cell('id'), cell('endedAt'), cell('price.amount'), cell('consumed')]).toEqual(
				[record.id, record.endedAt, record.price.amount, record.consumed].map(String),
			);
		}
	});

	it('follows fieldSeparator, decimalSeparator and format', async () => {
		sandbox.spirii.switches.decimalComma = 'asAsked';
		const { text } = await csv({
			fieldSeparator: '_',
			decimalSeparator: ',',
			delimiter: ';',
			format: 'finance',
		});
		const [header, row] = parse(text, ';');
		expect(header).toEqual(
			expect.arrayContaining(['location_name', 'price_amountExVat', 'price_vatRate', 'price_netKwh']),
		);
		expect(row[header.indexOf('consumed')]).toMatch(/^\d+(,\d+)?$/);
		expect(row[header.indexOf('price_amount')]).toMatch(/^\d+,\d\d$/);
		const dots = parse((await csv()).text, ',');
		expect(dots[1][dots[0].indexOf('price.amount')]).toMatch(/^\d+\.\d\d$/);
		expect(dots[0]).not.toContain('price.vatRate');
	});
});
