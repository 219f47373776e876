import legacyRecord from '../examples/spirii.v1.chargeRecord.json';
import legacyRecords from '../examples/spirii.v1.chargeRecords.json';
import chargeRecords from '../examples/spirii.v2.chargeRecords.json';
import transactions from '../examples/spirii.v2.transactions.json';
import { OPERATOR, SITES } from './places';
import { sessionSource, type Session } from './session';
import type { Source } from '../store';

/**
 * The records that Spirii's documentation prints, in order of their ids.
 *
 * Each carries the printed record; its other values only serve filters and orders, and follow the printed ones where
 * those say something (the v2 examples are placeholders for the most part).
 */
export function documentedSessions(): Session[] {
	const [chargeRecord] = chargeRecords.data;
	const [transaction] = transactions.data;
	return [
		session(chargeRecord.transactionId, chargeRecord, {
			documented: { list: 'chargeRecords', record: chargeRecord },
			consumed: chargeRecord.consumed,
		}),
		session(transaction.id, transaction, {
			documented: { list: 'transactions', record: transaction },
			site: { ...SITES[12], id: transaction.location.id, name: transaction.location.name },
		}),
		...legacyRecords.data.map((record) =>
			session(record.id, record, {
				documented: {
					list: 'legacyChargeRecords',
					record,
					detail: record.id === legacyRecord.id ? legacyRecord : record,
				},
				consumed: record.consumed,
				site: { ...SITES[0], id: record.location.id, name: record.location.name, type: 'ParkingLot' },
				tag: { ...base().tag, uid: record.auth.tagUid, appUserId: record.auth.appUserId },
			}),
		),
	];
}

/** A data set of given sessions; ids must ascend. */
export function fixedSource(sessions: Session[]): Source<Session> {
	return {
		count: sessions.length,
		make: (slot) => sessions[slot] ?? base(),
		idOf: (slot) => sessions[slot]?.id ?? 900_000 + slot,
		slotOf: (id) => (id >= 900_000 ? id - 900_000 : sessions.findIndex((session) => session.id === id)),
	};
}

interface PrintedTimes {
	evseId: string;
	startedAt: string;
	endedAt: string;
	updatedAt: string;
}

function session(
	id: number,
	printed: PrintedTimes,
	more: Partial<Session> & { documented: NonNullable<Session['documented']> },
) {
	const startedAt = Date.parse(printed.startedAt);
	const updatedAt = Date.parse(printed.updatedAt);
	return {
		...base(),
		id,
		evseId: printed.evseId,
		startedAt,
		createdAt: startedAt,
		updatedAt,
		correctedAt: updatedAt,
		endedAt: Date.parse(printed.endedAt),
		...more,
	};
}

function base(): Session {
	return { ...sessionSource({ seed: 1, records: 1, now: 0, plain: true }).make(0), operator: OPERATOR };
}
