import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Contract, Values } from '../contract';
import { toCsv } from './csv';
import { toLegacyRecord, type JsonRecord } from './records';
import { sessionSource, type Session } from './session';
import type { SortKey } from '../store';
import { legacyTest } from './selection';
import { badRequest, findSession, notFound, readQuery, sortKeys, type SpiriiVendor } from './request';

/** The deprecated `/v1/charge-records`: paged by offset, as JSON or CSV. */
export function legacyRoutes(app: FastifyInstance, vendor: SpiriiVendor, contract: Contract): void {
	const many = contract.operation('/v1/charge-records');
	const single = contract.operation('/v1/charge-records/{id}');
	const select = selector(vendor);

	app.get('/v1/charge-records', (request, reply) => {
		const { given, values } = readQuery(request, many, contract, vendor.switches.arrays);
		const limit = values.limit as number;
		const offset = (values.offset as number | undefined) ?? 0;
		if (limit < 1) throw badRequest('limit', 'must be >= 1');
		if (offset < 0) throw badRequest('offset', 'must be >= 0');

		const selected = select(given, values);
		const fault = request.fault?.kind;
		const count = fault === 'emptyPage' ? 0 : fault === 'shortPage' ? Math.ceil(limit / 2) : limit;
		const sessions: Session[] = [];
		for (const slot of selected.subarray(offset, offset + count)) {
			const session = vendor.data.at(slot);
			if (session) sessions.push(session);
		}
		const toRecord = (session: Session) => legacyRecord(session, vendor, values, values.format === 'finance');
		if (values.output === 'CSV') return csv(reply, sessions.map(toRecord), toRecord(SAMPLE), values);
		const totalElements = vendor.switches.totals ? selected.length : undefined;
		return { data: sessions.map(toRecord), totalElements, offset, limit };
	});

	app.get('/v1/charge-records/:id', (request) => {
		const { values } = readQuery(request, single, contract, vendor.switches.arrays);
		const session = findSession(request, vendor, 'legacyChargeRecords', 'integer');
		// A running session has no charge record yet.
		if (session.endedAt === null) throw notFound();
		return legacyRecord(session, vendor, values, true);
	});
}

/** Any session, to know the columns of a CSV without lines. */
const SAMPLE = sessionSource({ seed: 1, records: 1, now: 0, plain: true }).make(0);

function legacyRecord(
	session: Session,
	{ switches }: SpiriiVendor,
	values: Values,
	rich: boolean,
): JsonRecord {
	const separator = switches.decimalComma === 'always' ? ',' : (values.decimalSeparator as string);
	return toLegacyRecord(session, switches.updatedAt, separator, rich);
}

function csv(reply: FastifyReply, records: JsonRecord[], sample: JsonRecord, values: Values): string {
	void reply.type('text/csv; charset=utf-8');
	return toCsv(records, sample, {
		delimiter: values.delimiter as string,
		fieldSeparator: values.fieldSeparator as string,
		decimalSeparator: values.decimalSeparator as string,
	});
}

/**
 * Gives the slots of all sessions that fit, in order. An offset and a total can't be had without going through all of
 * them, so the newest selection is kept for the next pages, until data or filters change.
 */
function selector({ data, switches }: SpiriiVendor): (given: Values, values: Values) => Uint32Array {
	let kept: { of: string; slots: Uint32Array } | undefined;
	return (given, values) => {
		const of = JSON.stringify([
			{ ...given, offset: 0, limit: 0 },
			data.store.version,
			switches.updatedAt,
			switches.maxBounds,
		]);
		if (kept?.of === of) return kept.slots;
		const sortName = values.sortBy === 'id' ? 'transactionId' : (values.sortBy as string);
		const sortKey = sortKeys(switches.updatedAt).get(sortName) as SortKey<Session>;
		const order = data.store.order(sortKey);
		const fits = legacyTest(given, switches.updatedAt, switches.maxBounds);
		const slots = order.slots.filter((slot) => {
			const session = data.at(slot);
			return session !== undefined && fits(session);
		});
		if (values.sortDir === 'DESC') slots.reverse();
		kept = { of, slots };
		return slots;
	};
}
