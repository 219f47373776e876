/**
 * A minimal server for the sandbox's charge records. It serializes every record once at the start, so that the figures do not
 * include this work.
 *
 *   node --import tsx bench/server.ts --records 100000
 *
 * `GET /<records>/<milliseconds>/v2/charge-records` is Spirii's list with that many records and that latency per page. It
 * supports the parameters of the contenders (limit, nextPageCursor, updatedAtFrom, updatedAtTo, sortKey, sortDirection) and
 * responds with 400 to any other. Prints `{ "url", "key", "bytesPerRecord" }` when it is ready.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

import { SpiriiData } from '../sandbox/spirii/data';
import { toChargeRecord } from '../sandbox/spirii/records';
import { sortKeys } from '../sandbox/spirii/request';
import type { Session } from '../sandbox/spirii/session';

const KEY = 'bench-key';
const KNOWN = ['limit', 'nextPageCursor', 'updatedAtFrom', 'updatedAtTo', 'sortKey', 'sortDirection'];

/** All records in the order of the list, each followed by a comma. */
interface List {
	bytes: Buffer;
	/** Offset of each record, and the end of the last one. */
	starts: Float64Array;
	/** Time of the last update, in milliseconds since 1970. */
	times: Float64Array;
}

/** A record of about 1.4 KB: its id tag has few fields, like that of a roaming driver, and it has no default price. */
function leanRecord(session: Session): object {
	const record = toChargeRecord(session, 'lastWrite');
	const { uid, id, type, label } = (record.auth as { idTag: Record<string, unknown> }).idTag;
	return { ...record, auth: { idTag: { uid, id, type, label, customerId: null } }, cpoDefaultPrice: null };
}

function listOf(records: number): List {
	const now = Date.parse('2026-06-30T12:00:00.000Z');
	const { store } = new SpiriiData({ seed: 1, records, now, plain: true, documented: false });
	const byUpdate = sortKeys('lastWrite').get('updatedAt');
	if (!byUpdate) throw new Error('The sandbox has no order by updatedAt');
	const { slots, keys } = store.order(byUpdate);
	const texts: Buffer[] = [];
	const starts = new Float64Array(records + 1);
	const times = new Float64Array(records);
	slots.forEach((slot, index) => {
		const session = store.at(slot);
		if (!session) throw new Error(`The sandbox has no session ${slot}`);
		const text = Buffer.from(`${JSON.stringify(leanRecord(session))},`);
		texts.push(text);
		starts[index + 1] = starts[index] + text.length;
		times[index] = keys[slot];
	});
	return { bytes: Buffer.concat(texts), starts, times };
}

/** The parts of a page's response; undefined if a parameter is not supported. */
function pageOf(
	{ bytes, starts, times }: List,
	records: number,
	query: URLSearchParams,
): Buffer[] | undefined {
	if ([...query.keys()].some((name) => !KNOWN.includes(name))) return undefined;
	if ((query.get('sortKey') ?? 'updatedAt') !== 'updatedAt') return undefined;
	const bound = (name: string, otherwise: number) => {
		const text = query.get(name);
		return text === null ? otherwise : firstFrom(times, records, Date.parse(text));
	};
	const [begin, end] = [bound('updatedAtFrom', 0), bound('updatedAtTo', records)];
	const limit = Number(query.get('limit') ?? 100);
	const at = Number(query.get('nextPageCursor') || 0);
	const isDescending = query.get('sortDirection') === 'desc';
	// In descending order, the contenders only request the first record.
	if (isDescending && limit !== 1) return undefined;
	const from = isDescending ? Math.max(begin, end - 1) : Math.max(begin, at);
	const to = Math.min(from + limit, end);
	const cursor = to < end && !isDescending ? `,"nextPageCursor":"${to}"` : '';
	const data = bytes.subarray(starts[from], Math.max(starts[from], starts[to] - 1));
	return [Buffer.from('{"data":['), data, Buffer.from(`]${cursor}}`)];
}

/** Index of the first record that was not updated before a time. */
function firstFrom(times: Float64Array, records: number, time: number): number {
	let [low, high] = [0, records];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (times[middle] < time) low = middle + 1;
		else high = middle;
	}
	return low;
}

const { values } = parseArgs({ options: { records: { type: 'string', default: '10000' } } });
const all = Number(values.records);
const list = listOf(all);

const server = createServer((request, response) => {
	const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
	const [, records, latency] = /^\/(\d+)\/(\d+)\/v2\/charge-records$/.exec(pathname) ?? [];
	const isAllowed = request.headers.authorization === `Bearer ${KEY}` && Number(records) <= all;
	const page = isAllowed ? pageOf(list, Number(records), searchParams) : undefined;
	const answer = () => {
		const parts = page ?? [Buffer.from('{"error":{"message":"not for this benchmark"}}')];
		const length = parts.reduce((sum, part) => sum + part.length, 0);
		response.writeHead(page ? 200 : 400, { 'content-type': 'application/json', 'content-length': length });
		for (const part of parts) response.write(part);
		response.end();
	};
	if (Number(latency) > 0) setTimeout(answer, Number(latency));
	else answer();
});
// Keep-alive connections stay open, even while a contender processes a long page.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
	const { port } = server.address() as AddressInfo;
	const bytesPerRecord = Math.round(list.starts[all] / all);
	process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}`, key: KEY, bytesPerRecord })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
