import { request } from 'node:http';
import type { Vendor } from '../../sandbox';

/** An answer as it came. */
export interface Answer {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	text: string;
	/** The text as JSON, `undefined` when it is none. */
	json: Json;
}

/** A record, with the fields that the tests look at; which of them it has depends on the endpoint. */
export interface Row {
	[field: string]: unknown;
	id: number;
	transactionId: number;
	startedAt: string;
	endedAt?: string | null;
	updatedAt: string;
	consumed: number;
	chargingDetails: { consumed: number };
	price: { amount: number | string; vatRate: number | string };
}

/** An answer of any endpoint: a list, a single record or an error. */
export interface Json extends Row {
	data: Row[];
	nextPageCursor?: string;
	previousPageCursor?: string;
	error: { param?: string; message: string };
	message: string;
	errors: Record<string, string[]>;
}

export interface Call {
	/** Parameters in order; a list gives one parameter for each of its values. */
	query?: Record<string, unknown> | string;
	headers?: Record<string, string>;
	/** Sent as it is, with a JSON content type. */
	body?: string;
	method?: string;
}

/** Sends one request with the accepted key; rejects when the connection breaks. */
export function call<S, D>(vendor: Vendor<S, D>, path: string, given: Call = {}): Promise<Answer> {
	const { query = {}, headers = {}, body, method = 'GET' } = given;
	const text = typeof query === 'string' ? query : toQuery(query);
	return new Promise((resolve, reject) => {
		const sent = request(
			`${vendor.url}${path}${text ? `?${text}` : ''}`,
			{
				method,
				headers: {
					authorization: `Bearer ${vendor.key}`,
					accept: 'application/json',
					...(body !== undefined && {
						'content-type': 'application/json',
						'content-length': Buffer.byteLength(body),
					}),
					...headers,
				},
			},
			(response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', reject);
				response.on('end', () => {
					const content = Buffer.concat(chunks).toString();
					resolve({
						status: response.statusCode ?? 0,
						headers: response.headers,
						text: content,
						json: parse(content),
					});
				});
			},
		);
		sent.on('error', reject);
		sent.end(body);
	});
}

function toQuery(query: Record<string, unknown>): string {
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) {
		for (const one of [value].flat()) if (one !== undefined) search.append(name, String(one));
	}
	return search.toString();
}

function parse(text: string): Json {
	try {
		return JSON.parse(text) as Json;
	} catch {
		return undefined as unknown as Json;
	}
}

/** Walks a cursor list to its end and gives the pages' records, each page as it came. */
export async function walk<S, D>(
	vendor: Vendor<S, D>,
	path: string,
	query: Record<string, unknown>,
	cursor: 'nextPageCursor' | 'previousPageCursor' = 'nextPageCursor',
	start?: string,
): Promise<Row[][]> {
	const pages: Row[][] = [];
	let at = start;
	do {
		const { status, json, text } = await call(vendor, path, { query: { ...query, [cursor]: at } });
		if (status !== 200) throw new Error(`${status}: ${text}`);
		pages.push(json.data);
		at = json[cursor];
	} while (at);
	return pages;
}
