import type { INodeProperties } from 'n8n-workflow';

import { optionsOf } from '../../../shared/node/lists';
import type { Call, Operation } from '../../../shared/node/operation';
import { offsetPages } from '../../../shared/paging/offset';
import { unexpectedAnswer } from '../../../shared/request/answer';
import type { HttpAnswer } from '../../../shared/request/transport';
import { idReader, joinCsv, splitCsv, type RawCsv } from '../../csv';
import { filters, listOptions, listRules, offset, outputAs } from './parameters';

const fileOptions: INodeProperties[] = [
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
		default: 'charge-records.csv',
		description: 'Name of the file',
	},
];

/** `GET /v1/charge-records` with `output=CSV`: one file with all pages under one header, each cell as it came. */
export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download legacy charge records as a file',
	description: 'Download charge records as one CSV file, written by the vendor',
	properties: [outputAs('CSV'), filters, optionsOf(...listOptions, offset, ...fileOptions)],
	rules: listRules,
	run: async (call) => {
		const { endpoint, request, values } = call;
		let first: { answer: HttpAnswer; header: string } | undefined;
		let idOf: (record: string) => string = (record) => record;
		const pages = offsetPages(
			async (at, pageSize) => {
				const query = { ...request.query, offset: at, limit: pageSize };
				const answer = await call.getAnswer({ ...request, query, accept: 'text/csv, */*' });
				const { header, records } = readCsv(answer, call);
				if (!first) {
					first = { answer, header };
					idOf = idReader(header);
				}
				return { records, total: undefined };
			},
			{
				idOf: (record) => idOf(record),
				start: (values.offset as number | undefined) ?? 0,
				limit: Infinity,
				pageSize: (values.pageSize as number | undefined) ?? endpoint.pageSize?.default ?? 250,
			},
		);
		const gathered: string[][] = [];
		for await (const page of pages) gathered.push(page);

		const file = joinCsv(first?.header ?? '', gathered);
		const fileName = (values.fileName as string | undefined) ?? 'charge-records.csv';
		return [await call.toBinary(file, fileName, mimeTypeOf(first?.answer))];
	},
};

/** @throws ApiError when the answer is a page or JSON instead of a file. */
function readCsv(answer: HttpAnswer, call: Call): RawCsv {
	const type = String(answer.headers['content-type'] ?? '');
	const begin = answer.body.subarray(0, 500).toString('utf8');
	if (/html|json/i.test(type) || /^\s*[<{[]/.test(begin)) {
		throw unexpectedAnswer(begin, answer.status, call.redact, 'CSV');
	}
	return splitCsv(answer.body);
}

/** `text/csv`, with the character set where the vendor names another one than UTF-8. */
function mimeTypeOf(answer: HttpAnswer | undefined): string {
	const charset = String(answer?.headers['content-type'] ?? '').match(/charset="?([\w-]+)/i)?.[1];
	return charset === undefined || /^utf-?8$/i.test(charset) ? 'text/csv' : `text/csv; charset=${charset}`;
}
