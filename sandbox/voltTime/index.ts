import type { DataOptions } from '../options';
import credential from './credential.json';
import { VoltTimeData } from './data';
import { startVoltTime } from './server';

export const voltTimeSandbox = {
	credential,
	contract: 'volttime',
	defaultKey: 'sandbox-volt-time-token',
	start: (key: string, port: number, options: DataOptions) =>
		startVoltTime({ key, port, data: new VoltTimeData(options) }),
};
