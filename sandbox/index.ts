import { SpiriiData } from './spirii/data';
import { VoltTimeData } from './voltTime/data';
import { startSpirii } from './spirii/server';
import type { SpiriiVendor } from './spirii/request';
import { startVoltTime, type VoltTimeVendor } from './voltTime/server';

export type { Session } from './spirii/session';
export type { SessionPatch, SpiriiData } from './spirii/data';
export type { Charger, Team, VoltTimeData, VoltTimeTransaction } from './voltTime/data';
export type { Fault, FaultKind, RecordedRequest } from './faults';
export type { Vendor } from './server';
export type { SpiriiSwitches, SpiriiVendor } from './spirii/request';
export type { VoltTimeSwitches, VoltTimeVendor } from './voltTime/server';

/** Both vendors' APIs, running on this machine. */
export interface Sandbox {
	spirii: SpiriiVendor;
	voltTime: VoltTimeVendor;
	/** Stops both servers, and cuts connections that are still open. */
	close(): Promise<void>;
}

export interface SandboxOptions {
	/** Chooses the data; the same seed gives the same data. */
	seed?: number;
	/** Spirii's sessions, 0 to 1,000,000. */
	records?: number;
	/** Volt Time's sessions of each charger, up to 1,000,000. */
	transactionsPerCharger?: number;
	/** Volt Time's sessions of the first charger of the first team, when it shall differ. */
	firstChargerTransactions?: number;
	/** ISO 8601: no record is newer than this moment. */
	now?: string;
	/** 0: any free one. */
	ports?: { spirii?: number; voltTime?: number };
	/** The secrets that are accepted. */
	keys?: { spirii?: string; voltTime?: string };
	/** The data set is what the documentation prints, and nothing else. */
	documented?: boolean;
	/** Every session of Spirii is in every list that is asked for without parameters, so lists have exactly `records`. */
	plain?: boolean;
}

/** Starts both vendors' APIs on the loopback address, with generated data. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const { seed = 1, records = 240, transactionsPerCharger = 40, documented = false, plain = false } = options;
	const now = Date.parse(options.now ?? '2026-06-30T12:00:00.000Z');
	const { firstChargerTransactions } = options;
	const spirii = await startSpirii({
		key: options.keys?.spirii ?? 'sandbox-spirii-key',
		port: options.ports?.spirii ?? 0,
		data: new SpiriiData({ seed, records, now, plain, documented }),
	});
	try {
		const voltTime = await startVoltTime({
			key: options.keys?.voltTime ?? 'sandbox-volt-time-token',
			port: options.ports?.voltTime ?? 0,
			data: new VoltTimeData({ seed, now, transactionsPerCharger, firstChargerTransactions, documented }),
		});
		return {
			spirii: spirii.vendor,
			voltTime: voltTime.vendor,
			close: async () => {
				await Promise.all([spirii.close(), voltTime.close()]);
			},
		};
	} catch (error) {
		await spirii.close();
		throw error;
	}
}
