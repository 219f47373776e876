import type { DataOptions } from './options';
import { sandboxVendors, vendorNames, type VendorName, type VendorServers } from './vendors';

export type { Session } from './spirii/session';
export type { SessionPatch, SpiriiData } from './spirii/data';
export type { Charger, Team, VoltTimeData, VoltTimeTransaction } from './voltTime/data';
export type { Fault, FaultKind, RecordedRequest } from './faults';
export type { Vendor } from './server';
export type { ReceivedCommand } from './spirii/commands';
export type { SpiriiSwitches, SpiriiVendor } from './spirii/request';
export type { VoltTimeSwitches, VoltTimeVendor } from './voltTime/server';

export {
	credentialDataOf,
	sandboxVendors,
	vendorNames,
	type VendorName,
	type VendorServers,
} from './vendors';

/** The APIs of all vendors, running on this machine. */
export interface Sandbox extends VendorServers {
	/** Stops all servers and closes open connections. */
	close(): Promise<void>;
}

export interface SandboxOptions extends Partial<Omit<DataOptions, 'now'>> {
	/** ISO 8601: no record is newer than this moment. */
	now?: string;
	/** Port of each server. 0: any free port. */
	ports?: Partial<Record<VendorName, number>>;
	/** The secret that each server accepts. */
	keys?: Partial<Record<VendorName, string>>;
}

/** Starts the APIs of all vendors on the loopback address, with generated data. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const { seed = 1, records = 240, transactionsPerCharger = 40, documented = false, plain = false } = options;
	const {
		firstChargerTransactions,
		firstTeamChargers,
		now = '2026-06-30T12:00:00.000Z',
		ports = {},
		keys = {},
	} = options;
	const data: DataOptions = {
		...{
			seed,
			records,
			transactionsPerCharger,
			firstChargerTransactions,
			firstTeamChargers,
			documented,
			plain,
		},
		now: Date.parse(now),
	};
	const servers: Partial<VendorServers> = {};
	const closers: Array<() => Promise<void>> = [];
	const close = async () => {
		await Promise.all(closers.map((closeServer) => closeServer()));
	};
	try {
		for (const name of vendorNames) {
			const { defaultKey, start } = sandboxVendors[name];
			const server = await start(keys[name] ?? defaultKey, ports[name] ?? 0, data);
			Object.assign(servers, { [name]: server.vendor });
			closers.push(server.close);
		}
	} catch (error) {
		await close();
		throw error;
	}
	return { ...(servers as VendorServers), close };
}
