import type { DataOptions } from '../options';
import credential from './credential.json';
import { SpiriiData } from './data';
import { startSpirii } from './server';

export const spiriiSandbox = {
	credential,
	contract: 'spirii',
	defaultKey: 'sandbox-spirii-key',
	start: (key: string, port: number, options: DataOptions) =>
		startSpirii({ key, port, data: new SpiriiData(options) }),
};
