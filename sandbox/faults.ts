import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';

/** A recorded request with the status of its response. */
export interface RecordedRequest {
	method: string;
	/** As sent, without the query string. */
	path: string;
	query: URLSearchParams;
	/** As sent, without the question mark. */
	rawQuery: string;
	headers: Record<string, string | string[] | undefined>;
	/** As sent; empty if there was no body. */
	body: string;
	/** Status of the response; 0 until it is sent. */
	status: number;
}

/** Kinds of faults. */
export type FaultKind =
	/** A correct response, delayed by that many milliseconds. */
	| { kind: 'latency'; ms: number }
	/** This status, without rate limit headers, with `body` or else the vendor's error body. */
	| { kind: 'status'; status: number; retryAfter?: number | string; body?: string | object }
	/** The connection is closed before the response. */
	| { kind: 'reset' }
	/** The connection is closed in the middle of the response. */
	| { kind: 'resetMidway' }
	/** The request is carried out, then the connection is cut before an answer. */
	| { kind: 'lostAfter' }
	/** The request is carried out, then answered with this status. */
	| { kind: 'statusAfter'; status: number }
	/** Headers at once, then the body bit by bit, for that many milliseconds. */
	| { kind: 'slowBody'; ms: number }
	/** Status 200 and a matching Content-Length, but only half of the JSON. */
	| { kind: 'truncatedJson' }
	/** Status 200 and a login page. */
	| { kind: 'html' }
	/** The cursor of the page, or its next address, equals that of its request. Applies to requests with a cursor or a page. */
	| { kind: 'repeatedCursor' }
	/** The next address of the page has this origin. */
	| { kind: 'nextHost'; host: string }
	/** A page without records. Its cursor continues where the page would have begun. */
	| { kind: 'emptyPage' }
	/** A page with half of the requested records. Its cursor continues after them. */
	| { kind: 'shortPage' }
	/** Status 302 with this location. */
	| { kind: 'redirect'; to: string }
	/** Status 200 and JSON of another shape: `data` is missing or not an array. */
	| { kind: 'wrongShape'; form?: 'items' | 'dataNotArray' };

/** A fault in the queue: it applies to the next `times` (default 1) requests for which `when` holds (default: all). */
export type Fault = FaultKind & { times?: number; when?: (request: RecordedRequest) => boolean };

const POSITIONS = ['nextPageCursor', 'previousPageCursor', 'page', 'cursor'];

const LOGIN_PAGE =
	'<!doctype html><html><head><title>Log in</title></head><body><form action="/login">Log in</form></body></html>';

/** Returns the first fault that applies to the request, and removes it from the queue or decrements its `times`. */
export function takeFault(queue: Fault[], request: RecordedRequest): Fault | undefined {
	const index = queue.findIndex((fault) => {
		const needsCursor = fault.kind === 'repeatedCursor';
		const hasCursor = POSITIONS.some((name) => request.query.has(name));
		return (!needsCursor || hasCursor) && (fault.when?.(request) ?? true);
	});
	const fault = queue[index];
	if (fault === undefined) return undefined;
	fault.times = (fault.times ?? 1) - 1;
	if (fault.times <= 0) queue.splice(index, 1);
	return fault;
}

/**
 * Applies a fault before the request is handled.
 *
 * @param errorBody The vendor's error body for a status.
 * @returns Whether the fault has sent the response.
 */
export async function answerFault(
	fault: Fault,
	reply: FastifyReply,
	errorBody: (status: number) => object,
): Promise<boolean> {
	switch (fault.kind) {
		case 'latency':
			await sleep(fault.ms);
			return false;
		case 'status':
			if (fault.retryAfter !== undefined) reply.header('Retry-After', String(fault.retryAfter));
			await reply.code(fault.status).send(fault.body ?? errorBody(fault.status));
			return true;
		case 'reset':
			reply.hijack();
			reply.raw.destroy();
			return true;
		case 'html':
			await reply.type('text/html; charset=utf-8').send(LOGIN_PAGE);
			return true;
		case 'redirect':
			await reply.redirect(fault.to, 302);
			return true;
		case 'wrongShape':
			await reply.send(fault.form === 'dataNotArray' ? { data: { records: [] } } : { items: [] });
			return true;
		default:
			return false;
	}
}

/**
 * Applies a fault to a finished response.
 *
 * @param payload The whole body.
 * @param errorBody The vendor's error body for a status.
 * @returns What to send instead.
 */
export function spoilBody(
	fault: Fault,
	reply: FastifyReply,
	payload: string,
	errorBody: (status: number) => object,
): string | Readable {
	const bytes = Buffer.from(payload);
	const half = bytes.subarray(0, Math.floor(bytes.length / 2));
	switch (fault.kind) {
		case 'lostAfter':
			reply.raw.destroy();
			return '';
		case 'statusAfter':
			reply.code(fault.status);
			return JSON.stringify(errorBody(fault.status));
		case 'truncatedJson':
			return payload.slice(0, Math.floor(payload.length / 2));
		case 'resetMidway':
			reply.header('Content-Length', bytes.length);
			return Readable.from(cutOff(half));
		case 'slowBody':
			reply.header('Content-Length', bytes.length);
			return Readable.from(trickle(bytes, fault.ms));
		default:
			return payload;
	}
}

async function* cutOff(bytes: Buffer): AsyncGenerator<Buffer> {
	yield bytes;
	// The delay lets the first half leave before the connection closes.
	await sleep(20);
	throw new Error('The sandbox cut the connection');
}

const TRICKLES = 10;

async function* trickle(bytes: Buffer, ms: number): AsyncGenerator<Buffer> {
	const size = Math.ceil(bytes.length / TRICKLES);
	for (let start = 0; start < bytes.length; start += size) {
		yield bytes.subarray(start, start + size);
		await sleep(ms / TRICKLES);
	}
}
