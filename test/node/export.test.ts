import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { toFiles } from '../../nodes/shared/node/files';
import { exportOf } from '../../nodes/shared/node/lists';
import type { Operation, OperationContext } from '../../nodes/shared/node/operation';
import { overlapMarker } from '../../nodes/shared/session/overlaps';
import type { SessionRow } from '../../nodes/shared/session/types';
import type { VendorName } from '../../sandbox';
import { parseCsv } from '../support/csv';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 60, plain: true, transactionsPerCharger: 12 });

/** Each list that can be exported, by a name for the test. */
const LISTS: Record<string, { vendor: VendorName; list: INodeParameters }> = {
	'charge records': { vendor: 'spirii', list: { resource: 'chargeRecord' } },
	transactions: { vendor: 'spirii', list: { resource: 'transaction' } },
	'legacy charge records': { vendor: 'spirii', list: { resource: 'legacyChargeRecord' } },
	'Volt Time transactions': {
		vendor: 'voltTime',
		list: { resource: 'legacyTransaction', teamId: '1107', chargerScope: 'all' },
	},
};

const textOf = ({ binary }: INodeExecutionData) => Buffer.from(binary!.data.data, 'base64').toString();
const linesOf = (item: INodeExecutionData) =>
	textOf(item)
		.split('\n')
		.slice(0, -1)
		.map((line) => JSON.parse(line) as IDataObject);

describe.each(Object.entries(LISTS))('the export of %s', (_, { vendor, list }) => {
	const run = async (parameters: INodeParameters) =>
		await house.run[vendor]({ ...list, output: 'simplified', ...parameters });

	test.each(['simplified', 'ocpi', 'raw'])('writes what Get Many gives, as NDJSON: %s', async (output) => {
		const parameters = { output, driverData: 'masked', fileFormat: 'ndjson' };
		const { items: many } = await run({ operation: 'getAll', returnAll: true, ...parameters });
		const { items: files } = await run({ operation: 'export', ...parameters });
		expect(files).toHaveLength(1);
		expect(linesOf(files[0])).toEqual(many.map(({ json }) => json));
		expect(files[0].json).toMatchObject({
			fileName: 'charging-sessions.ndjson',
			mimeType: 'application/x-ndjson',
			part: 1,
			rows: many.length,
		});
	});

	test('writes what Get Many gives, as CSV, in parts that follow each other', async () => {
		const { items: many } = await run({ operation: 'getAll', returnAll: true });
		const { items: files } = await run({ operation: 'export', perFile: 25, fileName: 'July.csv' });
		const full = Math.ceil(many.length / 25);
		expect(files.map(({ json }) => json.fileName)).toEqual(
			Array.from({ length: full }, (_unused, index) => `July-${index + 1}.csv`),
		);
		const cells = files.flatMap((file) => parseCsv(textOf(file)));
		const asText = (value: unknown) => (value === null ? '' : String(value as string));
		expect(cells).toEqual(
			many.map(({ json }) =>
				Object.fromEntries(Object.entries(json).map(([name, value]) => [name, asText(value)])),
			),
		);
	});

	test('ends at a limit', async () => {
		const { items } = await run({ operation: 'export', returnAll: false, limit: 7, fileFormat: 'ndjson' });
		expect(items.map(({ json }) => json.rows)).toEqual([7]);
	});

	test('is paired with its input item, one list after the other', async () => {
		const items = [{ json: {} }, { json: {} }];
		const output = await house.run[vendor](
			{ ...list, operation: 'export', output: 'simplified', returnAll: false, limit: 3, perFile: 2 },
			{ items },
		);
		expect(output.items.map(({ pairedItem, json }) => [pairedItem, json.part])).toEqual([
			[{ item: 0 }, 1],
			[{ item: 0 }, 2],
			[{ item: 1 }, 1],
			[{ item: 1 }, 2],
		]);
	});
});

const exported = (parameters: INodeParameters) => ({
	resource: 'chargeRecord',
	operation: 'export',
	output: 'simplified',
	...parameters,
});

test('a list without records is one file with its header', async () => {
	const { items } = await house.run.spirii(
		exported({ resource: 'legacyChargeRecord', filters: { appUserId: 999999 } }),
	);
	expect(items).toHaveLength(1);
	expect(items[0].json).toMatchObject({ rows: 0, part: 1, fileName: 'charging-sessions.csv' });
	expect(textOf(items[0]).split('\r\n')[0].split(',').slice(0, 3)).toEqual([
		'startedAt',
		'endedAt',
		'energyKwh',
	]);
});

test('as many records as a file holds are one file, without a number', async () => {
	const { items } = await house.run.spirii(exported({ perFile: 60 }));
	expect(items.map(({ json }) => [json.fileName, json.rows])).toEqual([['charging-sessions.csv', 60]]);
});

test('a session that is updated while the list is read is written once, and a hint says so', async () => {
	const { data } = house.spirii;
	const { id } = data.store.at(3)!;
	let pages = 0;
	house.spirii.onRequest = () => {
		pages++;
		// It moves from the first page to the last.
		if (pages === 2) data.update(id, { amount: 999 });
	};
	const { items, hints } = await house.run.spirii(
		exported({ fileFormat: 'ndjson', options: { pageSize: 10 } }),
	);
	const keys = linesOf(items[0]).map(({ sessionKey }) => sessionKey);
	expect(keys).toHaveLength(60);
	expect(new Set(keys).size).toBe(60);
	expect(hints.map(({ message }) => message).join()).toContain('came twice');
});

test('CSV is written as a spreadsheet of the place expects it, with the columns that are picked', async () => {
	const { items } = await house.run.spirii(
		exported({
			returnAll: false,
			limit: 2,
			columns: 'choose',
			chosenColumns: ['sessionKey', 'energyKwh', 'locationName'],
			csvSettings: {
				csvHeaders: { header: [{ field: 'sessionKey', name: 'Session' }] },
				csvDelimiter: 'semicolon',
				decimalMark: ',',
				byteOrderMark: true,
			},
		}),
	);
	const [head, first] = textOf(items[0]).split('\r\n');
	expect(head).toBe('\uFEFFSession;energyKwh;locationName');
	expect(first).toMatch(/^spirii:\d+;\d+,\d+;\S/);
});

describe('CSV for Excel (Europe)', () => {
	const excel = exported({
		returnAll: false,
		limit: 2,
		columns: 'choose',
		chosenColumns: ['energyKwh', 'sessionKey'],
		csvPreset: 'excelEurope',
	});

	test('has semicolons, decimal commas and a byte order mark', async () => {
		const { items } = await house.run.spirii(excel);
		const [head, first] = textOf(items[0]).split('\r\n');
		expect(head).toBe('\uFEFFenergyKwh;sessionKey');
		expect(first).toMatch(/^\d+,\d+;spirii:\d+$/);
	});

	test('follows a single setting that is added to it', async () => {
		const csvSettings = { decimalMark: '.', byteOrderMark: false };
		const { items } = await house.run.spirii({ ...excel, csvSettings });
		const [head, first] = textOf(items[0]).split('\r\n');
		expect(head).toBe('energyKwh;sessionKey');
		expect(first).toMatch(/^\d+\.\d+;spirii:\d+$/);
	});

	test('has readable headers where they are asked for, but for those that have a name of their own', async () => {
		const csvSettings = {
			headerNames: 'readable',
			csvHeaders: { header: [{ field: 'sessionKey', name: 'Nøgle' }] },
		};
		const { items } = await house.run.spirii({ ...excel, csvSettings });
		expect(textOf(items[0]).split('\r\n')[0]).toBe('\uFEFFEnergy (kWh);Nøgle');
	});
});

test.each(['enegryKwh', 'tokenUid'])(
	'a header for a column that the file does not have is refused before anything is read: %s',
	async (field) => {
		const csvSettings = { csvHeaders: { header: [{ field, name: 'X' }] } };
		const failure = await failureOf(house.run.spirii(exported({ csvSettings })));
		expect(failure.message).toBe(`"Headers" names the column "${field}", which the file does not have`);
		expect(failure.description).toMatch(/^Write the name as it is in the output \(startedAt, /);
		expect(house.spirii.requests).toEqual([]);
	},
);

test('a name that begins like a formula gets an apostrophe', async () => {
	const { data } = house.spirii;
	const session = data.store.at(0)!;
	data.update(session.id, { tag: { ...session.tag, firstName: '=1+1', lastName: '' } });
	const { items } = await house.run.spirii(exported({ driverData: 'plain' }));
	const row = parseCsv(textOf(items[0])).find(({ sessionId }) => sessionId === String(session.id));
	expect(row?.driverName).toBe("'=1+1");
});

test('a file is whole however long its later lines are', async () => {
	const records = Array.from({ length: 3000 }, (_, index) => ({ id: index, name: 'ø'.repeat(index) }));
	const files: string[] = [];
	const keep = async (bytes: Buffer) => {
		files.push(bytes.toString('utf8'));
		return await Promise.resolve({ json: { bytes: bytes.length } });
	};
	const pages = [records.slice(0, 700), records.slice(700)];
	const items = await toFiles(pages, { fileFormat: 'ndjson', perFile: 2000 }, undefined, keep);
	const lines = files.map((text) => text.trimEnd().split('\n'));
	expect(lines.map(({ length }) => length)).toEqual([2000, 1000]);
	expect(lines.flat().map((line) => JSON.parse(line) as object)).toEqual(records);
	expect(items.map(({ json }) => json.bytes)).toEqual(files.map((text) => Buffer.byteLength(text)));
});

test.each<[string, number[], string[]]>([
	['nothing where the file has both with the code', [0, 900], []],
	[
		'which session is in the file without the code, since its pair came later',
		[0, 1200],
		[
			'1 session overlaps with one that came later in the list, and is in the file without the code "overlapping": test:0. The later one has it.',
		],
	],
	[
		'each of them once, and not those that have the code from before',
		[0, 1200, 1201, 2400, 2401],
		[
			'1 session overlaps with one that came later in the list, and is in the file without the code "overlapping": test:0. The later one has it.',
		],
	],
])('an export of sessions that overlap says %s', async (_, overlapping, expected) => {
	const rows = Array.from({ length: 2500 }, (_unused, index): SessionRow => {
		const isTwin = overlapping.includes(index);
		return {
			source: 'test',
			sessionKey: `test:${index}`,
			status: 'completed',
			startedAt: isTwin ? '2026-03-01T10:00:00.000Z' : '2026-03-02T10:00:00.000Z',
			endedAt: isTwin ? '2026-03-01T12:00:00.000Z' : '2026-03-02T12:00:00.000Z',
			evseId: isTwin ? 'DK*SPI*E1*1' : `DK*SPI*E${index + 10}*1`,
			...{ chargerId: null, connectorId: null, meterStartKwh: null, meterStopKwh: null, warnings: null },
		};
	});
	async function* read() {
		for (let at = 0; at < rows.length; at += 100) {
			const page = rows.slice(at, at + 100);
			yield await Promise.resolve({ rows: page, ids: page.map(({ sessionKey }) => String(sessionKey)) });
		}
	}
	const hints: string[] = [];
	const { run } = exportOf({ properties: [] } as unknown as Operation, { action: '', description: '' }, read);
	await run({
		values: { fileFormat: 'ndjson', perFile: 5000, returnAll: true },
		hint: (message: string) => hints.push(message),
		comparer: overlapMarker,
		show: (row: SessionRow) => row,
		toBinary: async () => await Promise.resolve({ json: {} }),
	} as unknown as OperationContext);
	expect(hints).toEqual(expected);
	const isMarked = ({ warnings }: SessionRow) => warnings === 'overlapping';
	expect(overlapping.filter((index) => !isMarked(rows[index]))).toEqual(expected.length === 0 ? [] : [0]);
});
