import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { VendorName } from '../../../sandbox';
import type { Run } from '../n8n';
import type { ActiveTrigger } from '../trigger';

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
	vendor: VendorName;
	/** Node parameters that choose it. */
	parameters: INodeParameters;
	/** Those that a trigger on every change needs beside, to see sessions that run. */
	withRunning: INodeParameters;
	/** Whether its records say what a session cost. */
	hasAmounts: boolean;
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

/** What one vendor says of such a list. */
export interface WatchedList extends Omit<TriggerCase, 'vendor' | 'parameters' | 'activate'> {
	/** Node parameters that choose it. The server runs by then. */
	parametersOf(): INodeParameters;
}

export function asJson(record: unknown): IDataObject {
	return JSON.parse(JSON.stringify(record)) as IDataObject;
}
