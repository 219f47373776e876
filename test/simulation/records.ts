import type { IDataObject } from 'n8n-workflow';

import { toChargeRecord, toTransaction } from '../../sandbox/spirii/records';
import { sessionSource, type Session } from '../../sandbox/spirii/session';
import type { VoltTimeTransaction } from '../../sandbox/voltTime/data';
import type { Write } from './world';

export type SourceName = 'chargeRecord' | 'transaction' | 'voltTime';

/** Where a session's site, driver and price come from: as many as make the records differ. */
const MODELS = Array.from({ length: 97 }, (_, slot) =>
	sessionSource({ seed: 5, records: 1000, now: Date.UTC(2026, 0, 1), plain: true }).make(slot),
);

const KWH_COST = 0.3;

/** The record that a source shows of a write, written by the sandbox. */
export function recordOf(source: SourceName, write: Write): IDataObject {
	const { shownId } = write.session;
	const ownId =
		shownId === undefined ? {} : { [source === 'chargeRecord' ? 'transactionId' : 'id']: shownId };
	if (source === 'voltTime') return { ...toVoltTime(write), ...ownId };
	const toRecord = source === 'chargeRecord' ? toChargeRecord : toTransaction;
	// As it would come over the wire: what is undefined is not in it.
	return sent({ ...toRecord(toSession(write), 'lastWrite'), ...ownId }) as IDataObject;
}

/** A copy without what is undefined. */
function sent(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sent);
	if (typeof value !== 'object' || value === null) return value;
	const copy: Record<string, unknown> = {};
	for (const name in value) {
		const field = (value as Record<string, unknown>)[name];
		if (field !== undefined) copy[name] = sent(field);
	}
	return copy;
}

/** The write as the sandbox keeps it. `updatedAt` is what the record shows, whatever that means in its world. */
export function toSession(write: Write): Session {
	const { session, startedAt, endedAt, createdAt, updatedAt, energyWh, amountCents, remarks } = write;
	const model = MODELS[session.slot % MODELS.length];
	return {
		...model,
		id: session.id,
		startedAt,
		endedAt,
		createdAt,
		updatedAt,
		correctedAt: null,
		consumed: energyWh / 1000,
		amount: amountCents / 100,
		amountExVat: Math.round(amountCents * 0.8) / 100,
		chargeBoxId: model.chargeBoxId + remarks,
	};
}

function toVoltTime(write: Write): VoltTimeTransaction {
	const { session, startedAt, endedAt, createdAt, updatedAt, energyWh, amountCents, remarks } = write;
	const meterStart = 29_317 + session.slot * 26_000;
	const stamp = (time: number) => `${new Date(time).toISOString().slice(0, 19)}.000000Z`;
	return {
		id: session.id,
		charger_id: session.charger,
		charger_connector_id: 9000 + remarks,
		reservation_id: null,
		id_tag: 'ABCD1234',
		meter_start: meterStart,
		meter_stop: endedAt === null ? null : meterStart + energyWh,
		total_kwh: (energyWh / 1000).toFixed(2),
		start_cost: '0.0000',
		kwh_cost: KWH_COST.toFixed(4),
		total_kwh_cost: (amountCents / 100).toFixed(4),
		total_cost: (amountCents / 100).toFixed(2),
		started_at: stamp(startedAt),
		stopped_at: endedAt === null ? null : stamp(endedAt),
		stop_reason: endedAt === null ? null : 'Local',
		created_at: stamp(createdAt),
		updated_at: stamp(updatedAt),
	};
}
