import { inspect } from 'node:util';

import { NodeApiError, NodeOperationError, type IDataObject, type INodeParameters } from 'n8n-workflow';

import {
	credentialDataOf,
	sandboxVendors,
	startSandbox,
	vendorNames,
	type Sandbox,
	type SandboxOptions,
	type VendorName,
	type VendorServers,
} from '../../sandbox';
import { runNode, type Output, type Run } from './n8n';
import { activate, type ActiveTrigger } from './trigger';
import { vendorClasses } from './vendors';

/** What a test may set of a run, beside node and parameters. */
export type RunOptions = Partial<Omit<Run, 'node' | 'parameters'>>;

/** The vendors' servers, and the vendors' nodes connected to them. */
export interface TestBed extends VendorServers {
	/** Runs the node; records come raw unless the parameters say otherwise. */
	run: Record<VendorName, (parameters: INodeParameters, more?: RunOptions) => Promise<Output>>;
	/** The trigger in an active workflow, not polled yet. */
	activate: Record<VendorName, (parameters: INodeParameters) => ActiveTrigger>;
	/** Decrypted credentials that the servers accept. */
	credentials(): Record<string, IDataObject>;
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
		for (const name of vendorNames) sandbox[name].reset();
	});
	afterAll(async () => {
		await sandbox.close();
	});
	const credentials = () =>
		Object.fromEntries(
			vendorNames.map((name) => [
				sandboxVendors[name].credential.type,
				credentialDataOf(name, sandbox[name]),
			]),
		);
	const run = (name: VendorName) => async (parameters: INodeParameters, more?: RunOptions) =>
		await runNode({
			node: new vendorClasses[name].Node(),
			parameters: { output: 'raw', ...parameters },
			credentials: credentials(),
			...more,
		});
	const activateTrigger = (name: VendorName) => (parameters: INodeParameters) =>
		activate({
			node: new vendorClasses[name].Trigger(),
			parameters: { output: 'raw', ...parameters },
			credentials: credentials(),
		});
	const ofEach = <T>(give: (name: VendorName) => T) =>
		Object.fromEntries(vendorNames.map((name) => [name, give(name)])) as Record<VendorName, T>;
	const bed: Omit<TestBed, VendorName> = { credentials, run: ofEach(run), activate: ofEach(activateTrigger) };
	// The servers are there when the tests run, not yet here.
	for (const name of vendorNames) Object.defineProperty(bed, name, { get: () => sandbox[name] });
	return bed as TestBed;
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
