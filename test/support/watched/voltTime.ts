import type { INodeParameters } from 'n8n-workflow';

import type { VoltTimeTransaction } from '../../../sandbox';
import { toTeamTransaction, toTransaction } from '../../../sandbox/voltTime/plugchoiceRecords';
import type { TestBed } from '../sandbox';
import { ago, asJson, MINUTE, type SessionFacts, type WatchedList } from './case';

const TEAM = 1142;

/** Of version 2. */
export const legacyLists = {
	'Volt Time, one charger': (house: TestBed) => listOf(house, 'one'),
	'Volt Time, all chargers': (house: TestBed) => listOf(house, 'all'),
};
/** Of version 3. */
export const plugchoiceLists = {
	'Plugchoice, a team': (house: TestBed) => currentListOf(house, 'team'),
	'Plugchoice, a site': (house: TestBed) => currentListOf(house, 'site'),
	'Plugchoice, a charger': (house: TestBed) => currentListOf(house, 'charger'),
};
export const voltTimeLists = { ...plugchoiceLists, ...legacyLists };

function listOf(house: TestBed, scope: 'one' | 'all'): WatchedList {
	const charger = () => house.voltTime.data.chargers(TEAM)[1].id;
	const parametersOf = (): INodeParameters => ({
		source: 'legacyTransaction',
		teamId: { __rl: true, mode: 'id', value: String(TEAM) },
		chargerScope: scope,
		...(scope === 'one' && { chargerId: { __rl: true, mode: 'id', value: String(charger()) } }),
	});
	return {
		...changesOf(house, charger),
		hasAmounts: true,
		parametersOf,
		sent: (id) => asJson(house.voltTime.data.get(id)),
	};
}

function changesOf(
	house: TestBed,
	charger: () => number,
): Omit<WatchedList, 'parametersOf' | 'sent' | 'hasAmounts'> {
	return {
		withRunning: {},
		idOf: (record) => record.id as number,
		add: (facts = {}) => {
			const times = { startedAt: ago(10 * MINUTE), createdAt: ago(10 * MINUTE), endedAt: ago() };
			const patch = voltTimePatch({ ...times, updatedAt: ago(), ...facts });
			return house.voltTime.data.add(charger(), patch).id;
		},
		change: (id, facts) => void house.voltTime.data.update(id, voltTimePatch({ updatedAt: ago(), ...facts })),
	};
}

function currentListOf(house: TestBed, scope: 'team' | 'site' | 'charger'): WatchedList {
	const charger = () => house.voltTime.data.chargers(TEAM)[1];
	const uuidOf = () => {
		if (scope === 'charger') return charger().uuid;
		if (scope === 'site') return house.voltTime.data.siteOf(charger().id)!.uuid;
		return house.voltTime.data.teams.find(({ id }) => id === TEAM)!.uuid;
	};
	return {
		...changesOf(house, () => charger().id),
		hasAmounts: false,
		parametersOf: () => ({
			source: 'transaction',
			sessionsOf: scope,
			[`${scope}Uuid`]: { __rl: true, mode: 'id', value: uuidOf() },
		}),
		sent: (id) => {
			const { switches, data: all } = house.voltTime;
			const session = all.get(id)!;
			const of = all.charger(session.charger_id)!;
			return asJson(
				scope === 'team'
					? toTeamTransaction(session, of, all.siteOf(of.id), switches)
					: toTransaction(session, of, switches),
			);
		},
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
