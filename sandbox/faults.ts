import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';

/** A request as it arrived, and what became of it. */
export interface RecordedRequest {
	method: string;
	/** As it was on the wire, without the query string. */
	path: string;
	query: URLSearchParams;
	/** As it was on the wire, without the question mark. */
	rawQuery: string;
	headers: Record<string, string | string[] | undefined>;
	/** As it was on the wire, empty when there was none. */
	body: string;
	/** Status of the answer, 0 until one is sent. */
	status: number;
}

/** What goes wrong. */
export type FaultKind =
	/** A right answer, that many milliseconds late. */
	| { kind: 'latency'; ms: number }
	/** This status, without rate limit headers; the vendor's own error body unless `body` says otherwise. */
	| { kind: 'status'; status: number; retryAfter?: number | string; body?: string | object }
	/** The connection is cut before an answer. */
	| { kind: 'reset' }
	/** The connection is cut in the middle of the answer. */
	| { kind: 'resetMidway' }
	/** The request is carried out, then the connection is cut before an answer. */
	| { kind: 'lostAfter' }
	/** The request is carried out, then answered with this status. */
	| { kind: 'statusAfter'; status: number }
	/** Headers at once, then the body bit by bit, for that many milliseconds. */
	| { kind: 'slowBody'; ms: number }
	/** Status 200 and a right Content-Length, but half of the JSON. */
	| { kind: 'truncatedJson' }
	/** Status 200 and a login page. */
	| { kind: 'html' }
	/** The page's cursor is the one that asked for it. Waits for a request that has a cursor. */
	| { kind: 'repeatedCursor' }
	/** A page without records whose cursor goes on where the page would have begun. */
	| { kind: 'emptyPage' }
	/** A page with half as many records as asked for; its cursor goes on right behind them. */
	| { kind: 'shortPage' }
	/** Status 302 to that address. */
	| { kind: 'redirect'; to: string }
	/** Status 200 and JSON of another shape: no `data` at all, or one that is no array. */
	| { kind: 'wrongShape'; form?: 'items' | 'dataNotArray' };

/** A fault in the queue: it applies to the next `times` (default 1) requests for which `when` holds (default: all). */
export type Fault = FaultKind & { times?: number; when?: (request: RecordedRequest) => boolean };

const LOGIN_PAGE =
	'<!doctype html><html><head><title>Log in</title></head><body><form action="/login">Log in</form></body></html>';

/** Takes the first fault that applies to the request out of the queue, or off its `times`. */
export function takeFault(queue: Fault[], request: RecordedRequest): Fault | undefined {
	const index = queue.findIndex((fault) => {
		const needsCursor = fault.kind === 'repeatedCursor';
		const hasCursor = request.query.has('nextPageCursor') || request.query.has('previousPageCursor');
		return (!needsCursor || hasCursor) && (fault.when?.(request) ?? true);
	});
	const fault = queue[index];
	if (fault === undefined) return undefined;
	fault.times = (fault.times ?? 1) - 1;
	if (fault.times <= 0) queue.splice(index, 1);
	return fault;
}

/**
 * Does what a fault does before the request is looked at.
 *
 * @param errorBody The vendor's error body for a status.
 * @returns Whether that was the answer.
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
 * Does what a fault does to a finished answer.
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
	// Long enough for the half to leave before the connection goes.
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
