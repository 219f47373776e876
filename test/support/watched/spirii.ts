import type { SessionPatch } from '../../../sandbox';
import { toChargeRecord, toTransaction } from '../../../sandbox/spirii/records';
import type { TestBed } from '../sandbox';
import { ago, asJson, MINUTE, type SessionFacts, type WatchedList } from './case';

export const spiriiLists = {
	'Spirii charge records': (house: TestBed) => listOf(house, 'chargeRecord', toChargeRecord, 'transactionId'),
	'Spirii transactions': (house: TestBed) => listOf(house, 'transaction', toTransaction, 'id'),
};

function listOf(
	house: TestBed,
	source: 'chargeRecord' | 'transaction',
	toRecord: typeof toChargeRecord,
	idField: string,
): WatchedList {
	return {
		parametersOf: () => ({ source }),
		hasAmounts: true,
		withRunning: source === 'chargeRecord' ? { filters: { ongoing: true } } : {},
		idOf: (record) => record[idField] as number,
		add: (facts = {}) => {
			const times = { startedAt: ago(10 * MINUTE), createdAt: ago(10 * MINUTE), endedAt: ago() };
			return house.spirii.data.add({ ...times, updatedAt: ago(), ...spiriiPatch(facts) }).id;
		},
		change: (id, facts) => void house.spirii.data.update(id, { updatedAt: ago(), ...spiriiPatch(facts) }),
		sent: (id) => asJson(toRecord(house.spirii.data.get(id)!, house.spirii.switches.updatedAt)),
	};
}

function spiriiPatch({ kwh, amount, ...times }: SessionFacts): SessionPatch {
	return { ...times, ...(kwh !== undefined && { consumed: kwh }), ...(amount !== undefined && { amount }) };
}
