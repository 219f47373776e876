import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { withDefaults, type Arrays, type Contract, type Operation, type Values } from '../contract';
import { documentedSessions } from './documented';
import { isIn, updatedAt, type UpdatedAt } from './records';
import type { Session, SessionList } from './session';
import type { SpiriiData } from './data';
import type { SortKey } from '../store';
import { Refusal, type CommonSwitches, type Vendor } from '../server';

/** How Spirii's open questions are answered. The first value of each is the start. */
export interface SpiriiSwitches extends CommonSwitches {
	/** What stands in place of a cursor that leads nowhere: no key, null, '', 'null' or 'undefined'. */
	endOfList: 'missing' | 'null' | 'empty' | 'nullText' | 'undefinedText';
	/** Status for a key that is wrong or missing; the endpoint pages say 403, the page on authentication 401. */
	badKeyStatus: 403 | 401;
	/** Which moments count as an update: every write, or (as in v1's example) the start and later corrections. */
	updatedAt: UpdatedAt;
	/** v1 amounts have a comma whatever is asked for (as in v1's example), or follow `decimalSeparator`. */
	decimalComma: 'always' | 'asAsked';
	/** How `fields` is read: `fields=a&fields=b`, `fields[]=a&fields[]=b` or `fields=a,b`. */
	arrays: Arrays;
	/** v2 charge records, locations, EVSEs and charge boxes: never more than this in a page, whatever is asked for. */
	maxPageSize: number | undefined;
	/** v2 charge records: page size when none is asked for; none is documented. */
	defaultPageSize: number;
	/** v2 charge records without `priority`: all, or (as its documented default 0 may mean) no priority records. */
	withoutPriority: 'all' | 'nonPriority';
	/** Whether `updatedAtMax` and `endedAtMax` include the moment itself. */
	maxBounds: 'inclusive' | 'exclusive';
	/**
	 * v2 charge records: what becomes of a `filter`. It holds; it is refused with a 400, whatever is in it; it is checked and
	 * forgotten; or its times are compared as texts, which equal no time and are neither before nor after one.
	 */
	filterDates: 'compared' | 'refused' | 'ignored' | 'neverMatch';
	/** v2 charge records: other keys than `updatedAt` sort, are refused with a 400, or are read as `updatedAt`. */
	sortKeys: 'all' | 'onlyUpdatedAt' | 'ignored';
	/** v2: a cursor is refused with a 400, as one is that was given too long ago. */
	cursorsExpire: boolean;
	/** v1: whether a page says how many records the list has. */
	totals: boolean;
	/** A stop of what does not run at the connector: rejected by the charger with status 200, or refused with a 400. */
	stopOfNothing: 'rejected' | 'refused';
}

export type SpiriiVendor = Vendor<SpiriiSwitches, SpiriiData>;

const ERROR_CODES: Record<number, [type: string, code: string]> = {
	401: ['authentication_error', 'invalid_api_key'],
	403: ['authentication_error', 'invalid_api_key'],
	404: ['not_found', 'resource_not_found'],
	429: ['rate_limit_error', 'rate_limit_exceeded'],
};

/** The envelope that is printed for errors of every kind. */
export function errorBody(status: number, message: string, param?: string): object {
	const [type, code] =
		ERROR_CODES[status] ??
		(status < 500 ? ['invalid_request', 'invalid_parameter'] : ['api_error', 'internal_error']);
	const requestId = `req_${randomUUID().slice(0, 8)}`;
	return { error: { type, code, message, ...(param !== undefined && { param }), request_id: requestId } };
}

/** A 400 that names the parameter. */
export function badRequest(param: string, message: string): Refusal {
	return new Refusal(400, errorBody(400, `${param} ${message}`, param));
}

/**
 * The query string, checked, each parameter in its own type.
 *
 * @returns `given`: what was sent. `values`: the same with the documented defaults.
 * @throws Refusal with status 400.
 */
export function readQuery(request: FastifyRequest, operation: Operation, contract: Contract, arrays: Arrays) {
	const { values: given, problems } = contract.readQuery(operation, request.recorded.query, arrays);
	for (const { param, message } of problems) throw badRequest(param, message);
	return { given, values: withDefaults(operation, given) as Values };
}

/**
 * The session of the path. Documented sessions can be got by their ids from any data set.
 *
 * @param idType As the contract has it: the charge record's id is a text, so a word is merely an unknown one.
 * @throws Refusal with status 400 or 404.
 */
export function findSession(
	request: FastifyRequest,
	{ data }: SpiriiVendor,
	list: SessionList,
	idType: 'integer' | 'string',
): Session {
	const { id: text } = request.params as { id: string };
	const isNumber = /^\d{1,15}$/.test(text);
	if (!isNumber && idType === 'integer') throw badRequest('id', 'must be integer');
	const id = isNumber ? Number(text) : NaN;
	const session = data.get(id) ?? documentedSessions().find((documented) => documented.id === id);
	if (session && isIn(list, session)) return session;
	throw notFound();
}

/** Both cursors, with the end of the list in the form that is switched on. */
export function cursorsOf(
	given: Record<string, string | undefined>,
	{ endOfList }: SpiriiSwitches,
): Record<string, unknown> {
	const forms = { missing: undefined, null: null, empty: '', nullText: 'null', undefinedText: 'undefined' };
	const end = forms[endOfList];
	// A key with the value undefined is left out of the JSON.
	return Object.fromEntries(Object.entries(given).map(([name, cursor]) => [name, cursor ?? end]));
}

export function notFound(): Refusal {
	return new Refusal(404, errorBody(404, 'No such record'));
}

/** Stands for "no end yet" where sessions are sorted by their end: behind every time that can be written. */
const NO_END = Date.parse('9999-12-31T23:59:59.999Z');

/** What lists can be sorted by. The page on charge records names no values but `updatedAt`. */
export function sortKeys(meaning: UpdatedAt): Map<string, SortKey<Session>> {
	return new Map([
		['updatedAt', { name: `updatedAt as ${meaning}`, of: (session) => updatedAt(session, meaning) }],
		['createdAt', { name: 'createdAt', of: (session) => session.createdAt }],
		['startedAt', { name: 'startedAt', of: (session) => session.startedAt }],
		['endedAt', { name: 'endedAt', of: (session) => session.endedAt ?? NO_END }],
		['transactionId', { name: 'transactionId', of: (session) => session.id }],
		['consumed', { name: 'consumed', of: (session) => session.consumed }],
	]);
}
