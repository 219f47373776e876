import type { FastifyRequest } from 'fastify';
import { typed } from '../contract';
import { invalid, problem } from './laravel';
import type { PlugchoiceSwitches } from './plugchoiceSwitches';
import type { VoltTimeVendor } from './server';

export const PAGE_SIZE = 25;

/** A record by the key and the id that put it in its place. */
export interface Row {
	key: number;
	id: number;
	record: () => object;
}

/** A list to be served page by page. */
export interface Listing {
	/** All records, in order. A cursor names the key and the id of the last one of its page. */
	rows: Row[];
	/** Whether keys descend, and ids among equal keys. */
	descending?: boolean;
	/** The documented form of the endpoint. */
	form: 'links' | 'flat';
	/** As asked for; lists of sessions only. */
	limit?: number;
	/** Whether the list takes `limit`, so that it is cut where no block leads on. */
	takesLimit?: boolean;
	/** Whether it is a list of sessions, of which an own maximum may cut the responses. */
	holdsSessions?: boolean;
	/** What stands beside `data`. */
	extra?: object;
}

/** Takes `page` or `cursor` out of a query: what the links of the server hold, and no page documents everywhere. */
export function takePosition(
	query: URLSearchParams,
	{ blocks }: PlugchoiceSwitches,
): { page: number; cursor?: string; rest: URLSearchParams } {
	const rest = new URLSearchParams(query);
	if (blocks === 'none') return { page: 1, rest };
	const name = blocks === 'cursor' ? 'cursor' : 'page';
	const texts = query.getAll(name);
	rest.delete(name);
	if (texts.length === 0) return { page: 1, rest };
	if (blocks === 'cursor') return { page: 1, cursor: texts[0], rest };
	const page = typed(texts[0], { type: 'integer' });
	if (typeof page !== 'number') throw invalid([problem('page', 'type', 'integer')]);
	if (page < 1) throw invalid([problem('page', 'minimum', 1)]);
	return { page, rest };
}

/**
 * One page with its block. The addresses in it keep all parameters of the request but the position.
 *
 * Pages are cut when they are asked for: a record that comes in at the head moves all others. A cursor stands behind the last
 * record of its page, even if that one is gone since.
 */
export function servePage(request: FastifyRequest, vendor: VoltTimeVendor, listing: Listing): object {
	const { switches, url } = vendor;
	const { query, path } = request.recorded;
	const { rows, limit, takesLimit = false, extra = {} } = listing;
	const { page, cursor, rest } = takePosition(query, switches);
	const isCapped = limit !== undefined && switches.limitMeans === 'cap';
	const cap = (listing.holdsSessions && switches.v3Cap) || Infinity;
	const hasNextPages = switches.v3CapShows === 'nextPage' && switches.blocks !== 'none';
	const asked = isCapped ? rows.slice(0, limit) : rows;
	const whole = hasNextPages ? asked : asked.slice(0, cap);
	const wholeSize = takesLimit ? (limit ?? PAGE_SIZE) : rows.length;
	const size = Math.min(
		switches.blocks === 'none' ? wholeSize : (limit ?? PAGE_SIZE),
		hasNextPages ? cap : Infinity,
	);
	const told = switches.v3CapShows === 'total' ? asked : whole;
	const start = cursor === undefined ? (page - 1) * size : behind(cursor, whole, listing.descending ?? false);
	const fault = request.fault;
	const shownEnd = fault?.kind === 'shortPage' ? start + Math.ceil(size / 2) : start + size;
	const shown = fault?.kind === 'emptyPage' ? [] : whole.slice(start, shownEnd);
	const data = shown.map(({ record }) => record());
	if (switches.blocks === 'none') return switches.envelope === 'bare' ? data : { data, ...extra };

	const origin = fault?.kind === 'nextHost' ? fault.host : url;
	const address = (at: string, value: string | number, host = url) => {
		const all = new URLSearchParams(rest);
		all.set(at, String(value));
		return `${host}${path}?${all}`;
	};
	const form = switches.blocks === 'documented' ? listing.form : switches.blocks;
	const hasNext = start + size < whole.length;
	const isRepeated = fault?.kind === 'repeatedCursor';
	if (form === 'cursor') {
		const at = isRepeated ? cursor : cursorOf(whole[start + size - 1]);
		const next_cursor = start + size < told.length || hasNext || isRepeated ? (at ?? null) : null;
		const next =
			next_cursor === null || !(hasNext || isRepeated) ? null : address('cursor', next_cursor, origin);
		const common = { path: `${url}${path}`, per_page: size, next_cursor, prev_cursor: null };
		if (listing.form === 'flat')
			return { data, ...extra, ...common, next_page_url: next, prev_page_url: null };
		return { data, ...extra, links: { first: null, last: null, prev: null, next }, meta: common };
	}

	const next = isRepeated
		? address('page', page, origin)
		: hasNext
			? address('page', page + 1, origin)
			: null;
	const prev = page > 1 ? address('page', page - 1) : null;
	const first = address('page', 1);
	const from = shown.length > 0 ? start + 1 : null;
	const to = shown.length > 0 ? start + shown.length : null;
	const common = { from, path: `${url}${path}`, per_page: size, to };
	if (form === 'flat') {
		return { data, ...extra, first_page_url: first, next_page_url: next, prev_page_url: prev, ...common };
	}
	const meta = { current_page: page, ...common };
	if (form === 'links') {
		const last = null;
		return {
			...{ data, ...extra, links: { first, last, prev, next } },
			meta: { ...meta, current_page_url: address('page', page) },
		};
	}
	const lastPage = Math.max(1, Math.ceil(told.length / size));
	const numbers = Array.from({ length: Math.min(lastPage, 10) }, (_, index) => index + 1);
	const links = numbers.map((one) => ({
		...{ url: address('page', one), label: String(one), page: one, active: one === page },
	}));
	return {
		...{ data, ...extra, links: { first, last: address('page', lastPage), prev, next } },
		meta: { ...meta, last_page: lastPage, total: told.length, links },
	};
}

function cursorOf(row: Row | undefined): string | undefined {
	if (!row) return undefined;
	const text = JSON.stringify({ key: row.key, id: row.id, _pointsToNextItems: true });
	return Buffer.from(text).toString('base64url');
}

/** The index behind the record that a cursor names. */
function behind(cursor: string, rows: Row[], descending: boolean): number {
	let at: { key: number | null; id: number };
	try {
		at = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as typeof at;
	} catch {
		throw invalid([problem('cursor', 'unknown')]);
	}
	// JSON writes an endless key as null.
	const key = at.key ?? Infinity;
	const index = rows.findIndex((row) => {
		const order = row.key === key ? row.id - at.id : row.key - key;
		return descending ? order < 0 : order > 0;
	});
	return index < 0 ? rows.length : index;
}
