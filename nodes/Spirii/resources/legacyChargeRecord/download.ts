import { optionsOf, pageSizeOf } from '../../../shared/node/lists';
import { operationOf, type OperationContext } from '../../../shared/node/operation';
import { propertyList } from '../../../shared/parameters/typedValues';
import { offsetPages } from '../../../shared/paging/offset';
import { ApiError } from '../../../shared/util/errors';
import { textForMessage, unexpectedResponse } from '../../../shared/http/response';
import type { HttpResponse, IncompleteResponse } from '../../../shared/http/retry';
import { hasColumn, idReader, isCutOff, joinCsv, splitCsv, type RawCsv } from '../../csv';
import { UNSTABLE_LIST_ADVICE } from '../../advice';
import { periodProperties } from '../../../shared/parameters/period';
import { legacyList, outputAs } from './list';

const DEFAULT_FILE_NAME = 'charge-records.csv';

const fileOptions = propertyList([
	{
		displayName: 'Delimiter',
		name: 'delimiter',
		type: 'options',
		options: [
			{ name: 'Comma', value: ',' },
			{ name: 'Semicolon', value: ';' },
		],
		default: ',',
		description: 'Character between the cells. Spreadsheets in most of Europe expect a semicolon.',
		routing: { send: { type: 'query', property: 'delimiter' } },
	},
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: DEFAULT_FILE_NAME,
		description: 'Name of the file',
	},
]);

/** `GET /v1/charge-records` with `output=CSV`: one file with all pages under one header, each cell as it came. */
export const download = operationOf({
	value: 'download',
	name: 'Download',
	action: 'Download legacy charge records as a file',
	description: 'Download charge records as one CSV file, written by the vendor',
	endpoint: legacyList.endpoint,
	properties: [
		outputAs('CSV'),
		// The API has no upper bound of the start, and the file is passed on as it is.
		...periodProperties('end', 'update'),
		legacyList.filters,
		optionsOf(...legacyList.options, ...fileOptions),
	],
	writePeriod: legacyList.writePeriod,
	rules: legacyList.rules,
	writesFiles: true,
	run: async (call) => {
		const { request, values } = call;
		let first: Page | undefined;
		let idOf: (record: string) => string = (record) => record;
		const pages = offsetPages(
			async (at, pageSize) => {
				const query = { ...request.query, offset: at, limit: pageSize };
				const page = await call.getContent({ ...request, query, accept: 'text/csv, */*' }, (response) =>
					readPage(response, call, first),
				);
				if (!first) {
					first = page;
					idOf = idReader(page.header);
				}
				return { records: page.records, total: undefined };
			},
			{
				idOf: (record) => idOf(record),
				start: 0,
				unstableListAdvice: UNSTABLE_LIST_ADVICE,
				limit: Infinity,
				pageSize: pageSizeOf(call),
				// CSV does not say how many there are.
				concurrency: 1,
			},
		);
		const gathered: string[][] = [];
		for await (const page of pages) gathered.push(page);

		const file = joinCsv(first?.header ?? '', gathered);
		const fileName = values.fileName ?? DEFAULT_FILE_NAME;
		return [await call.toBinary(file, fileName, first?.mimeType ?? 'text/csv')];
	},
});

/** One response. Each record has a line end, so that it is the same wherever in a response it stands. */
interface Page extends RawCsv {
	endsInLineEnd: boolean;
	mimeType: string;
}

/**
 * @param first The first page: its form is that of all.
 * @returns IncompleteResponse when the last record is not whole.
 * @throws ApiError when the response is a page, JSON or a sentence instead of a file, or has other columns than the first.
 */
function readPage(
	response: HttpResponse,
	call: OperationContext,
	first: Page | undefined,
): Page | IncompleteResponse {
	const { status, headers, body } = response;
	const type = String(headers['content-type'] ?? '');
	const begin = body.subarray(0, 500).toString('utf8');
	if (/html|json/i.test(type) || /^\s*[<{[]/.test(begin)) {
		throw unexpectedResponse(textForMessage(response), status, call.redact, 'CSV');
	}
	const { header, records } = splitCsv(body);
	const isFile = /csv|excel|octet-stream/i.test(type) || hasColumn(header, 'id');
	if (!isFile) throw unexpectedResponse(textForMessage(response), status, call.redact, 'CSV');
	if (first && header !== '' && header.trimEnd() !== first.header.trimEnd()) {
		throw new ApiError(
			'The columns of the CSV change from one page to the next, so the pages do not fit together',
			{
				advice:
					'Set the page size to its maximum and request a shorter time span, so that one page holds everything.',
			},
		);
	}
	const endsInLineEnd = records.every((record) => record.endsWith('\n'));
	if (isCutOff({ header, records }) || (first?.endsInLineEnd && !endsInLineEnd)) {
		return { incomplete: 'its CSV breaks off in the middle' };
	}
	const lineEnd = header.endsWith('\r\n') ? '\r\n' : '\n';
	const ended = records.map((record) => (record.endsWith('\n') ? record : record + lineEnd));
	return { header, records: ended, endsInLineEnd, mimeType: mimeTypeOf(type) };
}

/** `text/csv`, with the character set where the vendor names another one than UTF-8. */
function mimeTypeOf(contentType: string): string {
	const charset = contentType.match(/charset="?([\w-]+)/i)?.[1];
	return charset === undefined || /^utf-?8$/i.test(charset) ? 'text/csv' : `text/csv; charset=${charset}`;
}
