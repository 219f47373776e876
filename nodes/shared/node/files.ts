import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { InputError, formatValue } from '../util/errors';
import type { Parameters } from '../parameters/parameters';
import { labelOfName } from '../session/columnChoice';
import { csvHead, csvWriter, type CsvForm } from '../formats/csv';

/** The default number of records per file. Every spreadsheet can open that many, and they fit in memory. */
const RECORDS_PER_FILE = 50_000;

/** The number of lines that are encoded at once. */
const LINES_AT_ONCE = 500;

/** A file is gathered in one block, for which room is made by the lines that came so far: this much more than they promise. */
const EXPECTED_MARGIN = 1.1;

/** The most room that is made ahead. */
const MAX_SPARE_BYTES = 64 * 1024 * 1024;

const BYTE_ORDER_MARK = '\uFEFF';

const flat = { show: { output: ['simplified', 'selected'] } };
const csv = { show: { fileFormat: ['csv'] } };

/** The file settings of an operation with "Output". CSV is for flat records. Other records are written as NDJSON. */
export const fileProperties: INodeProperties[] = [
	{
		displayName: 'File Format',
		name: 'fileFormat',
		type: 'options',
		noDataExpression: true,
		displayOptions: flat,
		options: [
			{ name: 'CSV', value: 'csv', description: 'For spreadsheets and most ERP systems' },
			{
				name: 'NDJSON',
				value: 'ndjson',
				description: 'One JSON object per line, for databases and programs',
			},
		],
		default: 'csv',
		description: 'Format of the file',
	},
	{
		displayName: 'CSV For',
		name: 'csvPreset',
		type: 'options',
		noDataExpression: true,
		displayOptions: csv,
		options: [
			{ name: 'Programs', value: 'standard', description: 'Comma between cells, point in numbers' },
			{
				name: 'Excel (Europe)',
				value: 'excelEurope',
				description: 'Semicolon between cells, comma in numbers, and a byte order mark for letters such as ø',
			},
		],
		default: 'standard',
		description: 'What opens the file. "CSV Settings" override it.',
	},
	{
		displayName: 'CSV Settings',
		name: 'csvSettings',
		type: 'collection',
		placeholder: 'Add Setting',
		displayOptions: csv,
		default: {},
		options: [
			{
				displayName: 'Byte Order Mark',
				name: 'byteOrderMark',
				type: 'boolean',
				default: false,
				description: 'Whether to mark the file as UTF-8, which Excel needs for letters such as ø and ü',
			},
			{
				displayName: 'Decimal Mark',
				name: 'decimalMark',
				type: 'options',
				options: [
					{ name: 'Comma', value: ',' },
					{ name: 'Point', value: '.' },
				],
				default: '.',
				description: 'Spreadsheets in most of Europe expect a comma',
			},
			{
				displayName: 'Delimiter',
				name: 'csvDelimiter',
				type: 'options',
				options: [
					{ name: 'Comma', value: 'comma' },
					{ name: 'Pipe', value: 'pipe' },
					{ name: 'Semicolon', value: 'semicolon' },
					{ name: 'Tab', value: 'tab' },
				],
				default: 'comma',
				description: 'Character between the cells. Spreadsheets in most of Europe expect a semicolon.',
			},
			{
				displayName: 'Header Names',
				name: 'headerNames',
				type: 'options',
				options: [
					{ name: 'Field Names', value: 'fields', description: 'Such as energyKwh, for programs' },
					{ name: 'Readable', value: 'readable', description: 'Such as Energy (kWh), for people' },
				],
				default: 'fields',
				description: 'What the first line calls the columns. EV Charging reads files with either.',
			},
			{
				displayName: 'Headers',
				name: 'csvHeaders',
				type: 'fixedCollection',
				typeOptions: { multipleValues: true },
				placeholder: 'Add Header',
				default: {},
				description: 'Names of your own for some columns. Which columns are written is chosen in "Columns".',
				options: [
					{
						displayName: 'Header',
						name: 'header',
						values: [
							{
								displayName: 'Column Name',
								name: 'field',
								type: 'string',
								default: '',
								placeholder: 'e.g. energyKwh',
								description: 'Name of the column in the row',
							},
							{
								displayName: 'Header',
								name: 'name',
								type: 'string',
								default: '',
								placeholder: 'e.g. kWh',
								description: 'Name of the column in the file',
							},
						],
					},
				],
			},
			{
				displayName: 'Keep IDs as Text',
				name: 'textIds',
				type: 'boolean',
				default: false,
				description:
					'Whether to put an apostrophe before IDs that a spreadsheet turns into other numbers: with leading zeros, with 12 digits or more, or such as 5E12',
			},
		],
	},
	{
		displayName: 'Sessions per File',
		name: 'perFile',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1_000_000, numberPrecision: 0 },
		default: RECORDS_PER_FILE,
		description: 'More sessions than this are split into several files. One file is in memory at a time.',
	},
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: 'charging-sessions',
		description:
			'Name of the file, without extension; charging-sessions when left blank. Several files are numbered.',
	},
];

const DELIMITERS = { comma: ',', pipe: '|', semicolon: ';', tab: '\t' } as const;

/** The settings that "CSV For" stands for. */
const PRESETS = {
	standard: { delimiter: 'comma', decimalMark: '.', byteOrderMark: false },
	excelEurope: { delimiter: 'semicolon', decimalMark: ',', byteOrderMark: true },
} as const;

/** The format of a file. */
interface FileForm {
	extension: 'csv' | 'ndjson';
	mimeType: string;
	head: string;
	lineOf: (record: IDataObject) => string;
}

/** Stores bytes as binary data and returns the item that holds it. The bytes are overwritten by the next file. */
export type ToBinary = (bytes: Buffer, fileName: string, mimeType: string) => Promise<INodeExecutionData>;

/** Stores binary data in n8n's store of the execution. */
export function binaryStore({ helpers }: Pick<IExecuteFunctions, 'helpers'>): ToBinary {
	return async (bytes, fileName, mimeType) => ({
		json: { fileName, mimeType, bytes: bytes.length },
		binary: { data: await helpers.prepareBinaryData(bytes, fileName, mimeType) },
	});
}

/**
 * Writes records to files, page by page. A file is in memory once, in a block of bytes that all files use one after the
 * other. Each file becomes one item with the number of its `rows` and its number as `part`. A list without records becomes one file
 * without rows.
 *
 * @param columns The fields of each record, in order. `undefined` for nested records.
 * @throws InputError if "Headers" names a column that the file does not have.
 */
export async function toFiles(
	pages: AsyncIterable<IDataObject[]> | Iterable<IDataObject[]>,
	values: Parameters['values'],
	columns: string[] | undefined,
	toBinary: ToBinary,
): Promise<INodeExecutionData[]> {
	const form = fileFormOf(values, columns);
	const perFile = values.perFile as number;
	const name = String(values.fileName ?? 'charging-sessions').replace(/\.(csv|ndjson)$/i, '');

	const files: INodeExecutionData[] = [];
	let lines = [form.head];
	let bytes = Buffer.alloc(0);
	let used = 0;
	let rows = 0;
	const encode = (isEnd: boolean) => {
		const text = lines.join('');
		lines = [];
		const needed = used + Buffer.byteLength(text);
		if (needed > bytes.length) {
			const expected = isEnd ? needed : (needed / rows) * perFile * EXPECTED_MARGIN;
			bytes = enlarged(bytes.subarray(0, used), needed, Math.min(expected, needed + MAX_SPARE_BYTES));
		}
		used += bytes.write(text, used);
	};
	const store = async (isOnly: boolean) => {
		encode(true);
		const part = files.length + 1;
		const fileName = `${name}${isOnly ? '' : `-${part}`}.${form.extension}`;
		const { json, ...file } = await toBinary(bytes.subarray(0, used), fileName, form.mimeType);
		files.push({ json: { ...json, part, rows }, ...file });
		lines = [form.head];
		used = 0;
		rows = 0;
	};
	for await (const page of pages) {
		for (const record of page) {
			// Only a further record shows that another file follows.
			if (rows === perFile) await store(false);
			lines.push(form.lineOf(record));
			rows++;
			if (lines.length >= LINES_AT_ONCE) encode(false);
		}
	}
	await store(files.length === 0);
	return files;
}

/** A copy in a block of at least `least` bytes, and of `wanted` bytes if that is more. */
function enlarged(bytes: Buffer, least: number, wanted: number) {
	const block = Buffer.allocUnsafe(Math.max(least, Math.ceil(wanted)));
	bytes.copy(block);
	return block;
}

function fileFormOf(values: Parameters['values'], columns: string[] | undefined): FileForm {
	if (values.fileFormat !== 'csv' || columns === undefined) {
		return {
			extension: 'ndjson',
			mimeType: 'application/x-ndjson',
			head: '',
			lineOf: (record) => `${JSON.stringify(record)}\n`,
		};
	}
	const preset = PRESETS[(values.csvPreset ?? 'standard') as keyof typeof PRESETS];
	const delimiter = (values.csvDelimiter ?? preset.delimiter) as keyof typeof DELIMITERS;
	const form: CsvForm = {
		columns: headersOf(values, columns),
		delimiter: DELIMITERS[delimiter],
		decimalMark: (values.decimalMark ?? preset.decimalMark) === ',' ? ',' : '.',
		textIds: values.textIds === true,
	};
	return {
		extension: 'csv',
		mimeType: 'text/csv',
		head: ((values.byteOrderMark ?? preset.byteOrderMark) ? BYTE_ORDER_MARK : '') + csvHead(form),
		lineOf: csvWriter(form),
	};
}

/** The columns with their names in the file. */
function headersOf({ headerNames, csvHeaders }: Parameters['values'], columns: string[]): CsvForm['columns'] {
	const { header: given = [] } = (csvHeaders ?? {}) as {
		header?: Array<{ field?: unknown; name?: unknown }>;
	};
	const own = new Map<string, string>();
	for (const { field, name } of given) {
		const column = String(field ?? '').trim();
		if (!columns.includes(column)) {
			throw new InputError(
				`"Headers" names the column ${formatValue(column)}, which the file does not have`,
				`Write the name as it is in the output (${columns.slice(0, 6).join(', ')} …), or add the column in "Columns".`,
			);
		}
		own.set(column, String(name ?? '').trim());
	}
	const usual = (column: string) => (headerNames === 'readable' ? labelOfName(column) : column);
	return columns.map((field) => ({ field, header: own.get(field) || usual(field) }));
}
