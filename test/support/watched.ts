import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { SpiriiTrigger } from '../../nodes/Spirii/SpiriiTrigger.node';
import { VoltTimeTrigger } from '../../nodes/VoltTime/VoltTimeTrigger.node';
import type { SessionPatch, VoltTimeTransaction } from '../../sandbox';
import { toChargeRecord, toTransaction } from '../../sandbox/spirii/records';
import type { Run } from './n8n';
import type { TestBed } from './sandbox';
import { activate, type ActiveTrigger } from './trigger';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** ISO 8601 of a moment so many milliseconds before now. */
export const ago = (milliseconds = 0): string => new Date(Date.now() - milliseconds).toISOString();

/** What a test may say of a session, in the same words for each source; times in ISO 8601. */
export interface SessionFacts {
	startedAt?: string;
	endedAt?: string | null;
	createdAt?: string;
	updatedAt?: string;
	kwh?: number;
	amount?: number;
}

/** A list of sessions that a trigger can watch, and how a test changes what is in it. */
export interface TriggerCase {
	vendor: 'spirii' | 'voltTime';
	/** Node parameters that choose it. */
	parameters: INodeParameters;
	/** Those that a trigger on every change needs beside, to see sessions that run. */
	withRunning: INodeParameters;
	/** Records come raw unless the parameters say otherwise. */
	activate(parameters?: INodeParameters, more?: Partial<Run>): ActiveTrigger;
	idOf(record: IDataObject): number;
	/** Adds a session: one that began ten minutes ago and has just ended, unless it is said otherwise. Gives its id. */
	add(facts?: SessionFacts): number;
	/** Changes it; it counts as updated just now, unless it is said otherwise. */
	change(id: number, facts: SessionFacts): void;
	/** The record as the vendor sends it. */
	sent(id: number): IDataObject;
}

const TEAM = 1142;

/** The lists that triggers can watch, by the names that tests call them. */
export function watchedIn(house: TestBed) {
	const spirii = (
		source: 'chargeRecord' | 'transaction',
		toRecord: typeof toChargeRecord,
		idField: string,
	): TriggerCase => ({
		vendor: 'spirii',
		parameters: { source },
		withRunning: source === 'chargeRecord' ? { filters: { ongoing: true } } : {},
		activate: (parameters, more) =>
			activate({
				node: new SpiriiTrigger(),
				parameters: { output: 'raw', source, ...parameters },
				credentials: house.credentials(),
				...more,
			}),
		idOf: (record) => record[idField] as number,
		add: (facts = {}) => {
			const times = { startedAt: ago(10 * MINUTE), createdAt: ago(10 * MINUTE), endedAt: ago() };
			return house.spirii.data.add({ ...times, updatedAt: ago(), ...spiriiPatch(facts) }).id;
		},
		change: (id, facts) => void house.spirii.data.update(id, { updatedAt: ago(), ...spiriiPatch(facts) }),
		sent: (id) => asJson(toRecord(house.spirii.data.get(id)!, house.spirii.switches.updatedAt)),
	});
	const voltTime = (scope: 'one' | 'all'): TriggerCase => {
		const charger = () => house.voltTime.data.chargers(TEAM)[1].id;
		const parameters = (): INodeParameters => ({
			teamId: { __rl: true, mode: 'id', value: String(TEAM) },
			chargerScope: scope,
			...(scope === 'one' && { chargerId: { __rl: true, mode: 'id', value: String(charger()) } }),
		});
		return {
			vendor: 'voltTime',
			get parameters() {
				return parameters();
			},
			withRunning: {},
			activate: (more, run) =>
				activate({
					node: new VoltTimeTrigger(),
					parameters: { output: 'raw', ...parameters(), ...more },
					credentials: house.credentials(),
					...run,
				}),
			idOf: (record) => record.id as number,
			add: (facts = {}) => {
				const times = { startedAt: ago(10 * MINUTE), createdAt: ago(10 * MINUTE), endedAt: ago() };
				const patch = voltTimePatch({ ...times, updatedAt: ago(), ...facts });
				return house.voltTime.data.add(charger(), patch).id;
			},
			change: (id, facts) =>
				void house.voltTime.data.update(id, voltTimePatch({ updatedAt: ago(), ...facts })),
			sent: (id) => asJson(house.voltTime.data.get(id)),
		};
	};
	return {
		'Spirii charge records': spirii('chargeRecord', toChargeRecord, 'transactionId'),
		'Spirii transactions': spirii('transaction', toTransaction, 'id'),
		'Volt Time, one charger': voltTime('one'),
		'Volt Time, all chargers': voltTime('all'),
	};
}

export type WatchedName = keyof ReturnType<typeof watchedIn>;

export const SPIRII: WatchedName[] = ['Spirii charge records', 'Spirii transactions'];
export const VOLT_TIME: WatchedName[] = ['Volt Time, one charger', 'Volt Time, all chargers'];
export const ALL_WATCHED: WatchedName[] = [...SPIRII, ...VOLT_TIME];

function spiriiPatch({ kwh, amount, ...times }: SessionFacts): SessionPatch {
	return { ...times, ...(kwh !== undefined && { consumed: kwh }), ...(amount !== undefined && { amount }) };
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

function asJson(record: unknown): IDataObject {
	return JSON.parse(JSON.stringify(record)) as IDataObject;
}
