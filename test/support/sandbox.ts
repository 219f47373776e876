import { inspect } from 'node:util';

import { NodeApiError, NodeOperationError, type IDataObject, type INodeParameters } from 'n8n-workflow';

import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { SpiriiTrigger } from '../../nodes/Spirii/SpiriiTrigger.node';
import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { VoltTimeTrigger } from '../../nodes/VoltTime/VoltTimeTrigger.node';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox';
import { runNode, type Output, type Run } from './n8n';
import { activate, type ActiveTrigger } from './trigger';

/** What a test may set of a run, beside node and parameters. */
export type RunOptions = Partial<Omit<Run, 'node' | 'parameters'>>;

/** Both vendors' servers, and both nodes connected to them. */
export interface TestBed extends Pick<Sandbox, 'spirii' | 'voltTime'> {
	/** Runs the node; records come raw unless the parameters say otherwise. */
	runSpirii(parameters: INodeParameters, more?: RunOptions): Promise<Output>;
	runVoltTime(parameters: INodeParameters, more?: RunOptions): Promise<Output>;
	/** A Spirii Trigger in an active workflow, not polled yet. */
	activateSpirii(parameters: INodeParameters): ActiveTrigger;
	activateVoltTime(parameters: INodeParameters): ActiveTrigger;
	/** Decrypted credentials that the servers accept. */
	credentials(): { spiriiApi: IDataObject; voltTimeApi: IDataObject };
}

/**
 * A sandbox for the tests of a file or of a `describe`: started before the first, back at its beginning before each, and
 * closed after the last.
 */
export function useSandbox(options: SandboxOptions = {}): TestBed {
	let sandbox: Sandbox;
	beforeAll(async () => {
		sandbox = await startSandbox(options);
	});
	beforeEach(() => {
		sandbox.spirii.reset();
		sandbox.voltTime.reset();
	});
	afterAll(async () => {
		await sandbox.close();
	});
	const credentials = () => ({
		spiriiApi: { apiKey: sandbox.spirii.key, environment: 'custom', baseUrl: sandbox.spirii.url },
		voltTimeApi: { accessToken: sandbox.voltTime.key, baseUrl: sandbox.voltTime.url },
	});
	return {
		get spirii() {
			return sandbox.spirii;
		},
		get voltTime() {
			return sandbox.voltTime;
		},
		credentials,
		runSpirii: async (parameters, more) =>
			await runNode({
				node: new Spirii(),
				parameters: { output: 'raw', ...parameters },
				credentials: credentials(),
				...more,
			}),
		runVoltTime: async (parameters, more) =>
			await runNode({
				node: new VoltTime(),
				parameters: { output: 'raw', ...parameters },
				credentials: credentials(),
				...more,
			}),
		activateSpirii: (parameters) =>
			activate({
				node: new SpiriiTrigger(),
				parameters: { output: 'raw', ...parameters },
				credentials: credentials(),
			}),
		activateVoltTime: (parameters) =>
			activate({
				node: new VoltTimeTrigger(),
				parameters: { output: 'raw', ...parameters },
				credentials: credentials(),
			}),
	};
}

/** What a failed node shows in n8n. */
export interface Failure {
	message: string;
	description: string;
	httpCode: string | null;
	itemIndex: number | undefined;
	/** What n8n's scheduler is told. */
	cause: string | undefined;
	retryAfterMs: number | undefined;
	/** Everything that can be read off the error, by whatever way: no secret may be in here. */
	everything: string;
}

/** The error with which a run ends. Fails the test when it does not end with one of n8n's node errors. */
export async function failureOf(run: Promise<unknown>): Promise<Failure> {
	const error: unknown = await run.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(error instanceof NodeApiError || error instanceof NodeOperationError)) {
		throw new Error(`Expected an error of n8n's own kind, but got ${inspect(error)}`);
	}
	const { failure } = error as { failure?: { cause: string; retryAfterMs?: number } };
	return {
		message: error.message,
		description: error.description ?? '',
		httpCode: error instanceof NodeApiError ? error.httpCode : null,
		itemIndex: error.context.itemIndex as number | undefined,
		cause: failure?.cause,
		retryAfterMs: failure?.retryAfterMs,
		everything: [
			error.message,
			error.description,
			error.stack,
			JSON.stringify(error),
			inspect(error, { depth: null, showHidden: true }),
		].join('\n'),
	};
}
