import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { VoltTimeTransaction } from '../../sandbox/voltTime/data';
import type { PlugchoiceSwitches } from '../../sandbox/voltTime/plugchoiceSwitches';
import type { TestBed } from './sandbox';

/** Each outcome of each switch of the server with which sessions can be read; what it is about is in `plugchoiceSwitches.ts`. */
export const READINGS: Array<Partial<PlugchoiceSwitches>> = [
	{},
	{ v2: 'gone410' },
	{ v2: 'missing404' },
	{ v2: 'moved301' },
	{ v2MovedTo: 'https://example.com' },
	{ tokens: 'onlyV3' },
	{ sameIds: false },
	{ datePrecision: 'cutOff' },
	{ datePrecision: 'time' },
	{ stoppedUntil: 'startOfDay' },
	{ untilHidesRunning: false },
	{ zone: 'Amsterdam' },
	{ zone: 'Amsterdam', stoppedUntil: 'startOfDay', datePrecision: 'cutOff' },
	{ limitMeans: 'pageSize' },
	{ blocks: 'links' },
	{ blocks: 'flat' },
	{ blocks: 'lengthAware' },
	{ blocks: 'cursor' },
	{ blocks: 'none' },
	{ blocks: 'none', envelope: 'bare' },
	{ blocks: 'cursor', limitMeans: 'pageSize', v3Order: 'asc' },
	{ unknownFilter: 'ignored' },
	{ searchName: 'search' },
	{ kwh: 'exact' },
	{ kwh: 'number' },
	{ kwh: 'absent' },
	{ isValid: 'someFalse' },
	{ whenAccessEnded: 'empty' },
	{ envelope: 'bare' },
	{ v3Order: 'asc' },
];

export const byId = (value: string | number) =>
	({ __rl: true, mode: 'id', value }) as unknown as INodeParameters;

export const sorted = (ids: number[]) => [...ids].sort((a, b) => a - b);
export const idsIn = (items: Array<{ json: IDataObject }>) =>
	sorted(items.map(({ json }) => Number(json.id)));

/** Whose sessions a node can read. */
export interface Scope {
	/** Node parameters that choose it. */
	parameters: () => INodeParameters;
	/** Numbers of its chargers. */
	chargers: () => number[];
}
export const SCOPES = ['site', 'charger', 'team'] as const;

const SITE = 7000;
const TEAM = 1107;

/** A site, one of its chargers, and its team. */
export function scopesIn(house: TestBed): Record<(typeof SCOPES)[number], Scope> {
	const data = () => house.voltTime.data;
	const site = () => data().sites.find(({ id }) => id === SITE)!;
	const scope = (sessionsOf: string, uuid: () => string, chargers: () => number[]): Scope => ({
		parameters: () => ({ sessionsOf, [`${sessionsOf}Uuid`]: byId(uuid()) }),
		chargers,
	});
	return {
		site: scope(
			'site',
			() => site().uuid,
			() => site().chargerIds,
		),
		charger: scope(
			'charger',
			() => data().charger(site().chargerIds[0])!.uuid,
			() => site().chargerIds.slice(0, 1),
		),
		team: scope(
			'team',
			() => data().teams.find(({ id }) => id === TEAM)!.uuid,
			() =>
				data()
					.chargers(TEAM)
					.map(({ id }) => id),
		),
	};
}

/** The sessions of chargers in the sandbox's store that pass. */
export function sessionsAt(
	house: TestBed,
	chargers: number[],
	passes: (session: VoltTimeTransaction) => boolean = () => true,
): VoltTimeTransaction[] {
	return chargers.flatMap((id) => [...house.voltTime.data.transactions(id).records()]).filter(passes);
}
