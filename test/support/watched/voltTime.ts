import type { INodeParameters } from 'n8n-workflow';

import type { VoltTimeTransaction } from '../../../sandbox';
import type { TestBed } from '../sandbox';
import { ago, asJson, MINUTE, type SessionFacts, type WatchedList } from './case';

const TEAM = 1142;

export const voltTimeLists = {
	'Volt Time, one charger': (house: TestBed) => listOf(house, 'one'),
	'Volt Time, all chargers': (house: TestBed) => listOf(house, 'all'),
};

function listOf(house: TestBed, scope: 'one' | 'all'): WatchedList {
	const charger = () => house.voltTime.data.chargers(TEAM)[1].id;
	const parametersOf = (): INodeParameters => ({
		teamId: { __rl: true, mode: 'id', value: String(TEAM) },
		chargerScope: scope,
		...(scope === 'one' && { chargerId: { __rl: true, mode: 'id', value: String(charger()) } }),
	});
	return {
		parametersOf,
		withRunning: {},
		idOf: (record) => record.id as number,
		add: (facts = {}) => {
			const times = { startedAt: ago(10 * MINUTE), createdAt: ago(10 * MINUTE), endedAt: ago() };
			const patch = voltTimePatch({ ...times, updatedAt: ago(), ...facts });
			return house.voltTime.data.add(charger(), patch).id;
		},
		change: (id, facts) => void house.voltTime.data.update(id, voltTimePatch({ updatedAt: ago(), ...facts })),
		sent: (id) => asJson(house.voltTime.data.get(id)),
	};
}

function voltTimePatch(facts: SessionFacts): Partial<VoltTimeTransaction> {
	const { startedAt, endedAt, createdAt, updatedAt, kwh, amount } = facts;
	return {
		...(startedAt && { started_at: stamp(startedAt) }),
		...(endedAt !== undefined && { stopped_at: endedAt && stamp(endedAt) }),
		...(createdAt && { created_at: stamp(createdAt) }),
		...(updatedAt && { updated_at: stamp(updatedAt) }),
		...(kwh !== undefined && {
			meter_start: 1_000_000,
			meter_stop: 1_000_000 + Math.round(kwh * 1000),
			total_kwh: kwh.toFixed(2),
		}),
		...(amount !== undefined && { total_cost: amount.toFixed(2) }),
	};
}

/** Volt Time's times have whole seconds. */
function stamp(iso: string): string {
	return `${iso.slice(0, 19)}.000000Z`;
}
