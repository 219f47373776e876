import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { SpiriiTrigger } from '../../nodes/Spirii/SpiriiTrigger.node';
import { runNode } from '../support/n8n';
import { failureOf } from '../support/sandbox';
import { activate } from '../support/trigger';
import { shortenWaits } from '../support/waits';

/** An answer as it is on the wire. */
interface Wire {
	status?: number;
	headers?: Record<string, string | string[]>;
	body: string | Buffer;
}

let server: Server;
let baseUrl: string;
let wire: Wire;

beforeAll(async () => {
	server = createServer((_, response) => {
		response.writeHead(wire.status ?? 200, { 'Content-Type': 'application/json', ...wire.headers });
		response.end(wire.body);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
	shortenWaits();
});
afterEach(() => {
	jest.restoreAllMocks();
});
afterAll(() => server.close());

const credentials = () => ({ spiriiApi: { apiKey: 's3cret-key', environment: 'custom', baseUrl } });
const read = async (parameters: INodeParameters): Promise<INodeExecutionData[]> =>
	(await runNode({ node: new Spirii(), parameters, credentials: credentials() })).items;

/** Ways to read a list. */
const READINGS: Record<string, () => Promise<unknown[]>> = {
	raw: async () => await read({ operation: 'getAll', output: 'raw', limit: 5 }),
	rows: async () => await read({ operation: 'getAll', columnGroups: ['change'], limit: 5 }),
	'legacy rows': async () => await read({ resource: 'legacyChargeRecord', operation: 'getAll', limit: 5 }),
	page: async () => await read({ operation: 'getPage', output: 'raw' }),
	file: async () => await read({ operation: 'export', output: 'raw', fileFormat: 'ndjson' }),
	record: async () => await read({ operation: 'get', id: '1', output: 'raw' }),
	'a poll': async () =>
		await activate({
			node: new SpiriiTrigger(),
			parameters: { source: 'transaction', event: 'corrected', firstRun: 'all', output: 'raw' },
			credentials: credentials(),
		}).poll(),
};

/** What no person at the canvas can do anything with. */
const BARE = /call stack|Cannot read|is not a|not iterable|Invalid (string|array|time)|in JSON|heap/i;

const nested = (depth: number, open = '[', close = ']', inside = '1') =>
	open.repeat(depth) + inside + close.repeat(depth);
const TIMES =
	'"startedAt":"2026-01-01T00:00:00Z","endedAt":"2026-01-01T01:00:00Z","updatedAt":"2026-01-01T01:00:00Z"';
const record = (more: string) =>
	`{"data":[{"transactionId":1,"id":1,${TIMES}${more && `,${more}`}}],"totalElements":1}`;
const DEPTHS = [1000, 10_000, 300_000];

/** Bodies, and what comes of each when it is read as raw records. */
const BODIES: Array<[string, string | Buffer, number | RegExp]> = [
	...DEPTHS.flatMap((depth): Array<[string, string, number | RegExp]> => [
		[`${depth} lists in one another`, nested(depth), /something other than the documented JSON/],
		[
			`${depth} objects in one another`,
			nested(depth, '{"data":', '}'),
			/something other than the documented/,
		],
		[`${depth} lists as records`, `{"data":${nested(depth)}}`, /something other than the documented JSON/],
		[`${depth} lists in a field`, record(`"x":${nested(depth)}`), 1],
		[`${depth} objects in a field`, record(`"price":${nested(depth, '{"price":', '}')}`), 1],
		[`${depth} lists that do not end`, '['.repeat(depth), /its JSON breaks off/],
	]),
	['an id beyond all numbers', '{"data":[{"transactionId":1e400,"id":1e400}]}', /more digits than JSON/],
	[
		'an id with too many digits',
		'{"data":[{"transactionId":12345678901234567890}]}',
		/more digits than JSON/,
	],
	['an amount beyond all numbers', record('"consumed":1e400,"price":{"amount":-1e400}'), 1],
	['a number that is next to nothing', record('"consumed":1e-400'), 1],
	['minus nothing', record('"consumed":-0'), 1],
	['a number of 100,000 digits', record(`"consumed":${'9'.repeat(100_000)}`), 1],
	['a number of 100,000 decimals', record(`"consumed":0.${'3'.repeat(100_000)}`), 1],
	['NaN', record('"consumed":NaN'), /its JSON breaks off/],
	['Infinity', record('"consumed":Infinity'), /its JSON breaks off/],
	['a number in hexadecimal', record('"consumed":0x10'), /its JSON breaks off/],
	['a leading zero', record('"consumed":01'), /its JSON breaks off/],
	['texts for numbers', record('"consumed":"1e400","price":{"amount":"NaN"},"meterStart":"0x10"'), 1],
	['times that are none', record('"startedAt":1e400,"endedAt":"9999-99-99","updatedAt":{}'), 1],
	['a time beyond all times', record('"startedAt":"+275760-09-13T00:00:00.001Z","endedAt":-1e300'), 1],
	['__proto__ in a record', record('"__proto__":{"polluted":"yes"}'), 1],
	['__proto__ of the answer', '{"__proto__":{"data":[{"transactionId":1}]}}', /something other than/],
	['constructor and prototype', record('"constructor":{"prototype":{"polluted":"yes"}}'), 1],
	['names of methods', record('"toString":1,"valueOf":null,"hasOwnProperty":{},"toJSON":"x"'), 1],
	['an empty name', record('"":1'), 1],
	['a name twice', record('"x":1,"x":2'), 1],
	['100,000 names', record(Array.from({ length: 100_000 }, (_, at) => `"n${at}":${at}`).join(',')), 1],
	['a name of a million characters', record(`"${'n'.repeat(1_000_000)}":1`), 1],
	['a text of a million characters', record(`"x":"${'x'.repeat(1_000_000)}"`), 1],
	['half a character', record('"x":"\\ud83d"'), 1],
	['NUL', record('"x":"\\u0000"'), 1],
	['a bare NUL', record('"x":"\u0000"'), /its JSON breaks off/],
	['line separators', record('"x":"\u2028\u2029"'), 1],
	[
		'bytes that are no UTF-8',
		Buffer.concat([
			Buffer.from('{"data":[{"transactionId":1,"x":"'),
			Buffer.from([0xff, 0xc3]),
			Buffer.from('"}]}'),
		]),
		1,
	],
	['comments', '{"data":[]/* none */}', /its JSON breaks off/],
	['two answers', '{"data":[]}{"data":[]}', /its JSON breaks off/],
	['JSONP', 'callback({"data":[]})', /its JSON breaks off/],
	['an anti-hijacking prefix', ')]}\',\n{"data":[]}', /its JSON breaks off/],
	['an object for a list', '{"data":{"0":{"transactionId":1},"length":1}}', /something other than/],
	['a list with gaps', '{"data":[{"transactionId":1},null]}', /something other than/],
	['lists for records', '{"data":[[{"transactionId":1}]]}', /something other than/],
	[
		'a cursor that is an object',
		'{"data":[{"transactionId":1}],"nextPageCursor":{"a":1}}',
		/as the page cursor/,
	],
	['a cursor that is a list', '{"data":[{"transactionId":1}],"nextPageCursor":["a"]}', /as the page cursor/],
	['a cursor that is true', '{"data":[{"transactionId":1}],"nextPageCursor":true}', /as the page cursor/],
	['a cursor of 4,000 characters', `{"data":[],"nextPageCursor":"${'c'.repeat(4000)}"}`, /a second time/],
	['a cursor of odd characters', '{"data":[],"nextPageCursor":"&=#\\r\\n\\u0000 ../"}', /a second time/],
];

/** The items of a reading; where it fails, an error that a person can do something with. */
async function itemsOf(name: string): Promise<unknown[] | undefined> {
	const run = READINGS[name]();
	const items = await run.catch(() => undefined);
	if (items === undefined) {
		const { message, description, everything } = await failureOf(run);
		expect(`${message} ${description}`).not.toMatch(BARE);
		expect(description).not.toBe('');
		expect(everything).not.toContain('s3cret-key');
	}
	expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	expect(Object.keys(Object.prototype)).toEqual([]);
	return items;
}

async function expectOutcome(outcome: number | RegExp): Promise<void> {
	if (typeof outcome === 'number') expect(await itemsOf('raw')).toHaveLength(outcome);
	else expect((await failureOf(READINGS.raw())).message).toMatch(outcome);
}

describe.each(BODIES)('%s', (_, body, outcome) => {
	beforeEach(() => {
		wire = { body };
	});

	test('is read or refused as raw records', async () => {
		await expectOutcome(outcome);
	});

	test.each(Object.keys(READINGS))('is no crash, and no bare error: %s', async (name) => {
		await itemsOf(name);
	});
});

test('a record of 100,000 lists in one another is told in words: legacy rows', async () => {
	wire = { body: record(`"x":${nested(100_000)}`) };
	const { message, description } = await failureOf(READINGS['legacy rows']());
	expect(message).toBe('A record is nested too deeply to be read');
	expect(description).toContain('Leave it out with a filter');
});

test('a record of 100,000 lists in one another is delivered by a poll, which looks at the fields of a row alone', async () => {
	wire = { body: record(`"x":${nested(100_000)}`) };
	expect(await READINGS['a poll']()).toHaveLength(0);
});

const LONG_AGO = 'Thu, 01 Jan 1970 00:00:00 GMT';

/** Headers of an answer with one record, and what comes of it. */
const HEADERS: Array<[Record<string, string | string[]>, number | RegExp]> = [
	[{ 'Content-Type': '' }, 1],
	[{ 'Content-Type': ';;;' }, 1],
	[{ 'Content-Type': 'text/html' }, 1],
	[{ 'Content-Type': 'application/problem+json; charset=""' }, 1],
	[{ 'Content-Type': `application/json; x="${'x'.repeat(8000)}"` }, 1],
	[{ 'Content-Type': `application/json; ${'charset '.repeat(900)}` }, 1],
	[{ 'Content-Type': 'application/json; charset=__proto__' }, 1],
	[{ 'Content-Encoding': 'identity' }, 1],
	[{ 'Content-Encoding': 'none-such' }, 1],
	[{ 'Content-Encoding': 'gzip' }, /gave no complete response/],
	[{ Date: 'yesterday' }, 1],
	[{ Date: LONG_AGO, 'X-RateLimit-Remaining': '5', 'X-RateLimit-Reset': '60' }, 1],
	[{ Date: 'Fri, 31 Dec 9999 23:59:59 GMT', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '1' }, 1],
	[{ 'X-RateLimit-Remaining': 'NaN', 'X-RateLimit-Reset': 'NaN' }, 1],
	[{ 'X-RateLimit-Remaining': '-1', 'X-RateLimit-Reset': '-1' }, 1],
	[{ 'X-RateLimit-Remaining': '1e400', 'X-RateLimit-Reset': '1e400' }, 1],
	[{ 'X-RateLimit-Remaining': '', 'X-RateLimit-Reset': '' }, 1],
	[{ 'Retry-After': '1e400' }, 1],
	[{ Location: 'https://evil.example/' }, 1],
	[{ 'Set-Cookie': ['a=1', 'b=2; Domain=evil.example'] }, 1],
	[{ Link: '<https://evil.example/>; rel="next"' }, 1],
	[{ 'X-Long': 'x'.repeat(12_000) }, 1],
	[{ ['__proto__']: 'polluted', constructor: 'x' }, 1],
];

test.each(HEADERS)('the headers %j change nothing, or are told', async (headers, outcome) => {
	wire = { headers, body: record('') };
	await expectOutcome(outcome);
	for (const name of ['rows', 'file', 'a poll']) await itemsOf(name);
});

test.each<[number, number | RegExp]>([
	[203, 1],
	[206, 1],
	[299, 1],
	[205, 1],
	[204, /something other than the documented JSON/],
	[300, /redirect to another address/],
	[304, /redirect to another address/],
	[402, /did not accept the request \(HTTP 402\)/],
	[407, /The proxy on the way to Spirii asks for a login \(HTTP 407\)/],
	[418, /did not accept the request \(HTTP 418\)/],
	[451, /did not accept the request \(HTTP 451\)/],
	[511, /could not process the request \(HTTP 511\)/],
	[599, /could not process the request \(HTTP 599\)/],
	[999, /could not process the request \(HTTP 999\)/],
])('the status %i is told', async (status, outcome) => {
	wire = { status, body: record('') };
	await expectOutcome(outcome);
	await itemsOf('rows');
});
