import type { FastifyReply, FastifyRequest } from 'fastify';
import { Contract, type Values } from '../contract';
import { commandRoutes } from './commands';
import { cursorOf, emptyPageCursor, readCursor, type CursorForm } from './cursors';
import { toChargeRecord, toTransaction, toTransactionDetail, type JsonRecord } from './records';
import type { Session } from './session';
import type { SpiriiData } from './data';
import type { SortKey } from '../store';
import { FilterError } from './filter';
import { legacyRoutes } from './legacy';
import { getPage } from '../pages';
import { boundsOf, chargeRecordTest, transactionTest } from './selection';
import { siteRoutes } from './sites';
import { commonSwitches, startVendor } from '../server';
import {
	badRequest,
	cursorsOf,
	errorBody,
	findSession,
	readQuery,
	sortKeys,
	type SpiriiSwitches,
	type SpiriiVendor,
} from './request';

const contract = new Contract('spirii');
const CHARGE_RECORDS = contract.operation('/v2/charge-records');
const CHARGE_RECORD = contract.operation('/v2/charge-records/{id}');
const TRANSACTIONS = contract.operation('/v2/transactions');
const TRANSACTION = contract.operation('/v2/transactions/{id}');

/** Starts Spirii's API. */
export function startSpirii(options: { key: string; port: number; data: SpiriiData }) {
	return startVendor<SpiriiSwitches, SpiriiData>(
		{
			key: options.key,
			data: options.data,
			switches: () => ({
				endOfList: 'missing',
				badKeyStatus: 403,
				updatedAt: 'lastWrite',
				decimalComma: 'always',
				arrays: 'repeat',
				maxPageSize: undefined,
				defaultPageSize: 100,
				withoutPriority: 'all',
				maxBounds: 'inclusive',
				filterDates: 'compared',
				sortKeys: 'all',
				cursorsExpire: false,
				totals: true,
				stopOfNothing: 'rejected',
				...commonSwitches(),
			}),
			documentedRateLimit: 120,
			errorBody,
			guard,
			routes(app, vendor) {
				app.get('/v2/charge-records', (request) => chargeRecords(request, vendor));
				app.get('/v2/charge-records/:id', (request) => {
					readQuery(request, CHARGE_RECORD, contract, vendor.switches.arrays);
					const session = findSession(request, vendor, 'chargeRecords', 'string');
					return toChargeRecord(session, vendor.switches.updatedAt);
				});
				app.get('/v2/transactions', (request) => transactions(request, vendor));
				app.get('/v2/transactions/:id', (request) => {
					readQuery(request, TRANSACTION, contract, vendor.switches.arrays);
					const session = findSession(request, vendor, 'transactions', 'integer');
					return toTransactionDetail(session, vendor.switches.updatedAt);
				});
				legacyRoutes(app, vendor, contract);
				siteRoutes(app, vendor, contract);
				commandRoutes(app, vendor, contract);
			},
		},
		options.port,
	);
}

function guard(request: FastifyRequest, reply: FastifyReply, { key, switches }: SpiriiVendor) {
	if (request.headers.authorization === `Bearer ${key}`) return undefined;
	const message = 'Authorization header token is invalid or not provided.';
	return reply.code(switches.badKeyStatus).send(errorBody(switches.badKeyStatus, message));
}

function chargeRecords(request: FastifyRequest, vendor: SpiriiVendor): JsonRecord {
	const { switches } = vendor;
	const meaning = switches.updatedAt;
	const { given, values } = readQuery(request, CHARGE_RECORDS, contract, switches.arrays);

	const sortName = switches.sortKeys === 'ignored' ? 'updatedAt' : (values.sortKey as string);
	const sortKey = sortKeys(meaning).get(sortName);
	const isRefused = switches.sortKeys === 'onlyUpdatedAt' && sortName !== 'updatedAt';
	if (!sortKey || isRefused) throw badRequest('sortKey', 'is not a field to sort by');
	if (switches.filterDates === 'refused' && values.filter !== undefined)
		throw badRequest('filter', 'is not allowed');
	const limit = (given.limit as number | undefined) ?? switches.defaultPageSize;
	if (limit < 1) throw badRequest('limit', 'must be >= 1');
	const fields = values.fields as string[] | undefined;
	const unknown = fields?.find((field) => !RECORD_FIELDS.has(field));
	if (unknown !== undefined)
		throw badRequest('fields', `must hold properties of a charge record, not ${unknown}`);

	const priority = given.priority ?? (switches.withoutPriority === 'nonPriority' ? 0 : undefined);
	const list: List = {
		sortKey,
		descending: values.sortDirection === 'desc',
		matches: filterErrorsNamed(() =>
			chargeRecordTest({ ...values, priority }, meaning, switches.filterDates),
		),
		// The default order is the one of the time filter, where the walk can start at the bound right away.
		...(sortName === 'updatedAt' && {
			from: time(values.updatedAtFrom),
			before: time(values.updatedAtTo),
		}),
		cursorForm: 'opaque',
		limit: Math.min(limit, switches.maxPageSize ?? Infinity),
	};
	return servePage(request, vendor, values, list, (session) => {
		const record = toChargeRecord(session, meaning);
		if (!fields) return record;
		return Object.fromEntries(Object.entries(record).filter(([name]) => fields.includes(name)));
	});
}

const RECORD_FIELDS = new Set(
	Object.keys((contract.component('ChargeRecord') as { properties: Record<string, unknown> }).properties),
);

function transactions(request: FastifyRequest, vendor: SpiriiVendor): JsonRecord {
	const { switches } = vendor;
	const meaning = switches.updatedAt;
	const { given, values } = readQuery(request, TRANSACTIONS, contract, switches.arrays);

	// "Descending when set"; a time filter without it sorts by that time, ascending. Which one wins when there are
	// several is not documented: here the first of the documented order.
	const filtered = TIME_FILTERS.find((name) => given[name] !== undefined);
	const sortName =
		given.sortBy === undefined && filtered ? filtered.replace('Max', '') : (values.sortBy as string);
	const list: List = {
		sortKey: sortKeys(meaning).get(sortName) as SortKey<Session>,
		descending: given.sortBy !== undefined || filtered === undefined,
		matches: transactionTest(given, meaning, switches.maxBounds),
		...(sortName !== 'createdAt' && boundsOf(sortName, given, switches.maxBounds)),
		cursorForm: 'dated',
		limit: values.limit as number,
	};
	return servePage(request, vendor, values, list, (session) => toTransaction(session, meaning));
}

const TIME_FILTERS = ['startedAt', 'updatedAt', 'updatedAtMax', 'endedAt', 'endedAtMax'];

interface List {
	sortKey: SortKey<Session>;
	descending: boolean;
	matches: (session: Session) => boolean;
	from?: number;
	before?: number;
	cursorForm: CursorForm;
	limit: number;
}

function servePage(
	request: FastifyRequest,
	{ data, switches }: SpiriiVendor,
	values: Values,
	list: List,
	toRecord: (session: Session) => JsonRecord,
): JsonRecord {
	const fault = request.fault?.kind;
	const name =
		values.nextPageCursor === undefined && values.previousPageCursor !== undefined
			? 'previousPageCursor'
			: 'nextPageCursor';
	const direction = name === 'nextPageCursor' ? 'next' : 'previous';
	const given = values[name] as string | undefined;
	const after = given === undefined ? undefined : readCursor(list.cursorForm, given);
	if (given !== undefined && (after === undefined || switches.cursorsExpire))
		throw badRequest(name, 'is not a cursor of this endpoint');

	const walk = { store: data.store, order: data.store.order(list.sortKey), ...list };
	const limit = fault === 'shortPage' ? Math.ceil(list.limit / 2) : list.limit;
	const page = getPage(walk, direction, after, limit);

	const next = page.hasNext && page.last ? cursorOf(list.cursorForm, page.last) : undefined;
	const previous = page.hasPrevious && page.first ? cursorOf(list.cursorForm, page.first) : undefined;
	const answer = {
		data: page.records.map(toRecord),
		...cursorsOf({ nextPageCursor: next, previousPageCursor: previous }, switches),
	};
	if (fault === 'repeatedCursor') return { ...answer, [name]: given };
	const begin = direction === 'next' ? page.first : page.last;
	if (fault === 'emptyPage' && begin) {
		const backwards = list.descending === (direction === 'next');
		return { ...answer, data: [], [name]: emptyPageCursor(list.cursorForm, after, begin, backwards) };
	}
	return answer;
}

function filterErrorsNamed<T>(read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof FilterError) throw badRequest('filter', error.message);
		throw error;
	}
}

function time(text: unknown): number | undefined {
	return typeof text === 'string' ? Date.parse(text) : undefined;
}
