import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { INodeParameters } from 'n8n-workflow';

import { binaryOf } from '../support/n8n';
import { failureOf, useSandbox, type TestBed } from '../support/sandbox';
import { shortenWaits } from '../support/waits';

const parameters = (options: INodeParameters = {}, filters: INodeParameters = {}): INodeParameters => ({
	resource: 'legacyChargeRecord',
	operation: 'download',
	options,
	filters,
});

/** What one request for the list gives, byte for byte. */
async function fetched(house: TestBed, query: Record<string, string> = {}): Promise<Buffer> {
	const { url, key } = house.spirii;
	const search = new URLSearchParams({ output: 'CSV', limit: '2000', ...query });
	const answer = await fetch(`${url}/v1/charge-records?${search}`, {
		headers: { Authorization: `Bearer ${key}` },
	});
	const bytes = Buffer.from(await answer.arrayBuffer());
	house.spirii.requests.length = 0;
	return bytes;
}

async function downloaded(house: TestBed, options: INodeParameters = {}, filters: INodeParameters = {}) {
	const { items } = await house.run.spirii(parameters(options, filters));
	expect(items).toHaveLength(1);
	const [item] = items;
	return { item, bytes: await binaryOf(item) };
}

/** Compares texts, which show what differs, and then the bytes. */
function expectSame(bytes: Buffer, expected: Buffer): void {
	expect(bytes.toString()).toBe(expected.toString());
	expect(bytes.equals(expected)).toBe(true);
}

const linesOf = (bytes: Buffer) => bytes.toString().split('\r\n').slice(0, -1);

describe('the CSV file', () => {
	const house = useSandbox({ records: 150, plain: true });

	test.each([1, 2, 7, 50, 149, 150, 151, 2000])(
		'read by pages of %i is what one large request gives, byte for byte',
		async (pageSize) => {
			expectSame((await downloaded(house, { pageSize })).bytes, await fetched(house));
		},
	);

	const forms = [';', ','].flatMap((delimiter) =>
		['_', '.'].flatMap((fieldSeparator) =>
			[',', '.'].map((decimalSeparator) => ({ delimiter, fieldSeparator, decimalSeparator })),
		),
	);
	test.each(forms)('has the characters that were asked for: %j', async (form) => {
		house.spirii.switches.decimalComma = 'asAsked';
		const whole = await fetched(house, form);
		const { bytes } = await downloaded(house, { ...form, pageSize: 40 });
		expectSame(bytes, whole);
		const [header] = linesOf(bytes);
		expect(header).toContain(`location${form.fieldSeparator}name${form.delimiter}`);
	});

	test('has more columns in the finance format', async () => {
		const whole = await fetched(house, { format: 'finance' });
		const { bytes } = await downloaded(house, { format: 'finance', pageSize: 40 });
		expectSame(bytes, whole);
		expect(linesOf(bytes)[0]).toContain('amountExVat');
	});

	test('keeps quotes, delimiters in texts and letters beyond ASCII as they are', async () => {
		const { bytes } = await downloaded(house, { pageSize: 9 });
		expect(bytes.toString()).toContain('"Café ""Blå Port"", Østerbro; kælder"');
		expect(bytes.toString()).toContain('København Ø');
	});

	test('has its filters and order in every request', async () => {
		const filters = { updatedAt: '2026-06-15T00:00:00Z' };
		const whole = await fetched(house, {
			updatedAt: '2026-06-15T00:00:00.000Z',
			sortBy: 'endedAt',
			sortDir: 'DESC',
		});
		const options = { pageSize: 10, sortBy: 'endedAt', sortDir: 'DESC' };
		expectSame((await downloaded(house, options, filters)).bytes, whole);
		expect(house.spirii.requests.length).toBeGreaterThan(2);
		for (const { query } of house.spirii.requests)
			expect([query.get('updatedAt'), query.get('sortBy')]).toEqual(['2026-06-15T00:00:00.000Z', 'endedAt']);
	});

	test('has a name and a type that spreadsheets know', async () => {
		const { item, bytes } = await downloaded(house);
		expect(item.json).toEqual({ fileName: 'charge-records.csv', mimeType: 'text/csv', bytes: bytes.length });
		expect(item.binary?.data).toMatchObject({
			fileName: 'charge-records.csv',
			mimeType: 'text/csv',
			fileExtension: 'csv',
		});
		const { item: named } = await downloaded(house, { fileName: 'Ladungen Jänner.csv' });
		expect(named.binary?.data.fileName).toBe('Ladungen Jänner.csv');
		expect(named.pairedItem).toEqual({ item: 0 });
	});

	test.each([
		['latency', { kind: 'latency', ms: 30 }],
		['503', { kind: 'status', status: 503 }],
		['a cut connection', { kind: 'reset' }],
		['a connection cut midway', { kind: 'resetMidway' }],
		['a short page', { kind: 'shortPage' }],
		['an empty page', { kind: 'emptyPage' }],
		['a page that breaks off', { kind: 'truncatedJson' }],
	] as const)('is the same in spite of %s', async (_, fault) => {
		shortenWaits();
		const whole = await fetched(house);
		// An empty first page is an empty list: nothing in a CSV tells the two apart.
		for (const number of fault.kind === 'emptyPage' ? [2, 4] : [1, 2, 4]) {
			house.spirii.requests.length = 0;
			house.spirii.faults.push({ ...fault, when: () => house.spirii.requests.length >= number });
			expectSame((await downloaded(house, { pageSize: 20 })).bytes, whole);
			expect(house.spirii.faults).toEqual([]);
		}
		jest.restoreAllMocks();
	});

	test('holds each record once while records are removed and added', async () => {
		const before = linesOf(await fetched(house)).slice(1);
		const ids = house.spirii.data.listed('legacyChargeRecords');
		house.spirii.onRequest = (_request, count) => {
			if (count !== 4) return;
			for (const id of ids.slice(10, 13)) house.spirii.data.remove(id);
			house.spirii.data.add();
		};
		const [, ...lines] = linesOf((await downloaded(house, { pageSize: 20 })).bytes);
		expect(lines.filter((line) => before.includes(line))).toEqual(before);
		expect(new Set(lines).size).toBe(lines.length);
	});

	test.each([
		['a login page', { kind: 'html' } as const],
		['JSON', { kind: 'wrongShape' } as const],
		['a text that begins like a page', { kind: 'status', status: 200, body: ' <p>Sorry</p>' } as const],
	])('is a clear error when %s comes instead, on any page', async (_, fault) => {
		for (const number of [1, 3]) {
			house.spirii.requests.length = 0;
			house.spirii.faults.push({ ...fault, when: () => house.spirii.requests.length >= number });
			const { message, description } = await failureOf(house.run.spirii(parameters({ pageSize: 20 })));
			expect(message).toBe('The API responded with something other than the documented CSV');
			expect(description).toMatch(/The response begins: (<|\{)/);
		}
	});
});

describe('the CSV file of an empty list', () => {
	const house = useSandbox({ records: 0, plain: true });

	test('has the header and nothing else', async () => {
		const { bytes, item } = await downloaded(house, { delimiter: ';' });
		expectSame(bytes, await fetched(house, { delimiter: ';' }));
		expect(linesOf(bytes)).toHaveLength(1);
		expect(item.binary?.data.fileName).toBe('charge-records.csv');
	});
});

describe('the CSV file of more records than a request can give', () => {
	const house = useSandbox({ records: 25_000, plain: true });

	// Other load can make the writing and reading of so many rows take more than the usual minute.
	const MINUTE = 60_000;
	test(
		'has all of them under one header',
		async () => {
			const { bytes } = await downloaded(house, { pageSize: 2000 });
			const [header, ...records] = linesOf(bytes);
			expect(records.map((record) => Number(record.split(',')[0]))).toEqual(
				house.spirii.data.listed('legacyChargeRecords'),
			);
			expect(records.filter((record) => record === header)).toEqual([]);
		},
		5 * MINUTE,
	);
});

describe('a CSV file in another form', () => {
	let server: Server;
	let contentType: string;
	let rows: Buffer[];
	let header: Buffer;
	beforeAll(async () => {
		server = createServer((request, response) => {
			const query = new URL(request.url ?? '', 'http://localhost').searchParams;
			const offset = Number(query.get('offset'));
			const page = rows.slice(offset, offset + Number(query.get('limit')));
			response.setHeader('Content-Type', contentType).end(Buffer.concat([header, ...page]));
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	});
	afterAll(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});
	const house = useSandbox({ records: 0 });

	async function download(): Promise<{ bytes: Buffer; mimeType: string }> {
		const { port } = server.address() as AddressInfo;
		const spiriiApi = { apiKey: 'abc', environment: 'custom', baseUrl: `http://127.0.0.1:${port}` };
		const { items } = await house.run.spirii(parameters({ pageSize: 2 }), { credentials: { spiriiApi } });
		return { bytes: await binaryOf(items[0]), mimeType: items[0].binary?.data.mimeType ?? '' };
	}

	test('keeps its own character set, which its type names', async () => {
		contentType = 'text/csv; charset=iso-8859-1';
		header = Buffer.from('id;navn\r\n', 'latin1');
		rows = [1, 2, 3, 4, 5].map((id) => Buffer.from(`${id};Sønderjylland é\xff\r\n`, 'latin1'));
		const { bytes, mimeType } = await download();
		expect(bytes.equals(Buffer.concat([header, ...rows]))).toBe(true);
		expect(mimeType).toBe('text/csv; charset=iso-8859-1');
	});

	test('keeps its byte order mark, once, and line ends inside of cells', async () => {
		contentType = 'text/csv; charset=UTF-8';
		header = Buffer.from('\uFEFF"name","id"\n');
		rows = [1, 2, 3, 4, 5].map((id) => Buffer.from(`"two\nlines, ""${id}""",${id}\n`));
		const { bytes, mimeType } = await download();
		expect(bytes.toString()).toBe(Buffer.concat([header, ...rows]).toString());
		expect(mimeType).toBe('text/csv');
	});

	test('may lack the id and the last line end of each page', async () => {
		contentType = 'application/octet-stream';
		header = Buffer.from('started,kwh');
		rows = [1, 2, 3, 4, 5].map((id) => Buffer.from(`\n2026-01-0${id},${id}`));
		const { bytes } = await download();
		expect(bytes.toString().trimEnd()).toBe(Buffer.concat([header, ...rows]).toString());
	});

	test.each(['text/html', 'application/json'])(
		'is none when its type is %s, whatever it looks like',
		async (type) => {
			contentType = type;
			header = Buffer.from('id,name\n');
			rows = [];
			const { message, description } = await failureOf(download());
			expect(message).toBe('The API responded with something other than the documented CSV');
			expect(description).toMatch('The response begins: id,name');
		},
	);

	test('is none when it is a sentence, or has other columns on a later page', async () => {
		contentType = 'text/plain';
		header = Buffer.from('Sorry, we are down');
		rows = [];
		expect((await failureOf(download())).description).toMatch('The response begins: Sorry, we are down');

		contentType = 'text/csv';
		header = Buffer.from('id,kwh\n');
		rows = [1, 2, 3, 4, 5].map((id) => Buffer.from(`${id},2\n`));
		const original = rows.slice.bind(rows);
		jest.spyOn(rows, 'slice').mockImplementation((start, end) => {
			if (start !== 0) header = Buffer.from('id,price\n');
			return original(start, end);
		});
		expect((await failureOf(download())).message).toMatch('The columns of the CSV change');
	});
});
