import 'reflect-metadata';

import { configureGlobalAxiosDefaults } from '@n8n/backend-network';
import { BinaryDataService, ExecuteContext, LoadOptionsContext, RoutingNode } from 'n8n-core';
import { Container } from '@n8n/di';
import {
	Workflow,
	createEmptyRunExecutionData,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type ICredentialsHelper,
	type IDataObject,
	type IHttpRequestOptions,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
	type IWorkflowExecuteAdditionalData,
	type NodeExecutionHint,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { vendorClasses } from './vendors';

configureGlobalAxiosDefaults();

const credentialTypes: Record<string, ICredentialType> = Object.fromEntries(
	Object.values(vendorClasses)
		.map(({ Credential }) => new Credential())
		.map((type) => [type.name, type]),
);

/** How a node is run: as n8n runs it, with its own context, its own parameter defaults and its own HTTP helper. */
export interface Run {
	node: INodeType;
	parameters: INodeParameters;
	/** Decrypted credentials by type. */
	credentials: Record<string, IDataObject>;
	items?: INodeExecutionData[];
	continueOnFail?: boolean;
	/** Time zone of the workflow. */
	timezone?: string;
	/** What started the workflow; a person where it is left out. */
	mode?: WorkflowExecuteMode;
	/** Name of the node; that of its type where it is left out. */
	name?: string;
	cancel?: AbortSignal;
	/** What n8n does before it sends a request: it may throw. */
	beforeRequest?: () => void;
}

/** What came out of a run. */
export interface Output {
	items: INodeExecutionData[];
	hints: NodeExecutionHint[];
}

/** Runs an action node with n8n-core's ExecuteContext, in this process. */
export async function runNode(run: Run): Promise<Output> {
	const { workflow, node, additionalData } = prepare(run);
	const items = run.items ?? [{ json: {} }];
	const input = { main: [items] };
	const context = new ExecuteContext(
		workflow,
		node,
		additionalData,
		run.mode ?? 'manual',
		createEmptyRunExecutionData(),
		0,
		items,
		input,
		{ node, data: input, source: null },
		[],
		run.cancel,
	);
	const output = await run.node.execute!.call(context);
	return { items: (output as INodeExecutionData[][])[0], hints: context.hints };
}

/** Runs a search of a resource locator, as the editor does. */
export async function searchList(run: Run, method: string, filter?: string, paginationToken?: string) {
	const { workflow, node, additionalData } = prepare(run);
	const context = new LoadOptionsContext(workflow, node, additionalData, '');
	return await run.node.methods!.listSearch![method].call(context, filter, paginationToken);
}

/**
 * Runs a credential's own test as n8n's "Test" does: its request, as that of a declarative node, through n8n's router, then its
 * rules. Rejects with what n8n says when the test fails. After `runRequestTest` in n8n 2.41.1's credentials-tester.service.
 */
export async function testCredential(name: string, data: IDataObject): Promise<void> {
	const { request, rules = [] } = credentialTypes[name].test!;
	const type: INodeType = {
		description: {
			displayName: 'Temp',
			name: 'temp',
			group: [],
			version: 1,
			description: '',
			defaults: {},
			inputs: [],
			outputs: [],
			credentials: [{ name, required: true }],
			properties: [{ displayName: 'Temp', name: 'temp', type: 'string', routing: { request }, default: '' }],
		},
	};
	const { workflow, node, additionalData } = prepare({
		node: type,
		parameters: {},
		credentials: { [name]: data },
	});
	const input = { main: [[{ json: {} }]] };
	const context = new ExecuteContext(
		workflow,
		node,
		additionalData,
		'internal',
		createEmptyRunExecutionData(),
		0,
		[],
		input,
		{ node, data: {}, source: null },
		[],
	);
	const decrypted = { id: name, name, type: name, data: data as ICredentialDataDecryptedObject };
	const output = await new RoutingNode(context, type, decrypted).runNode().catch((error: RoutingError) => {
		const { response, code } = error.cause ?? {};
		if (!response) throw new Error(code ?? error.message);
		const onStatus = rules.find(
			({ type: kind, properties }) => kind === 'responseCode' && properties.value === response.status,
		);
		throw new Error(onStatus?.properties.message ?? response.statusText);
	});
	const { json } = (output as INodeExecutionData[][])[0][0];
	for (const rule of rules) {
		if (rule.type !== 'responseSuccessBody') continue;
		if (valueAt(json, rule.properties.key) === rule.properties.value)
			throw new Error(rule.properties.message);
	}
}

/** As lodash's `get` reads a path of names. */
function valueAt(value: unknown, path: string): unknown {
	return path
		.split('.')
		.reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name], value);
}

/** What the router throws: the error of axios is its cause. */
interface RoutingError extends Error {
	cause?: { response?: { status: number; statusText: string }; code?: string };
}

/** The bytes behind a binary property of an item. */
export async function binaryOf(item: INodeExecutionData, property = 'data'): Promise<Buffer> {
	return await Container.get(BinaryDataService).getAsBuffer(item.binary![property]);
}

/** Resolves the expressions in a credential for one item, as n8n's `CredentialsHelper.applyDefaultsAndOverwrites` does (2.41.1). */
function resolveCredential(
	data: IDataObject,
	[, , , mode, executeData, , values]: Parameters<ICredentialsHelper['getDecrypted']>,
): ICredentialDataDecryptedObject {
	if (!values) return data as ICredentialDataDecryptedObject;
	const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } = values;
	return workflow.expression.getParameterValue(
		data as INodeParameters,
		runExecutionData,
		runIndex,
		itemIndex,
		node.name,
		connectionInputData,
		mode,
		{},
		executeData,
		false,
		data as INodeParameters,
	) as ICredentialDataDecryptedObject;
}

let workflows = 0;

/** A workflow of one node, and what n8n-core's contexts need beside it. */
export function prepare({
	node: type,
	parameters,
	credentials,
	continueOnFail,
	timezone = 'Europe/Copenhagen',
	beforeRequest,
	name = type.description.displayName,
}: Run) {
	const node: INode = {
		id: 'node-1',
		name,
		type: type.description.name,
		typeVersion: 1,
		position: [0, 0],
		parameters,
		onError: continueOnFail ? 'continueRegularOutput' : undefined,
		continueOnFail,
		credentials: Object.fromEntries(
			Object.keys(credentials).map((name) => [name, { id: name, name: `${name} of the test` }]),
		),
	};
	const workflow = new Workflow({
		// A trigger is known by its workflow, so each one is another.
		id: `workflow-${++workflows}`,
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: { getByName: () => type, getByNameAndVersion: () => type, getKnownTypes: () => ({}) },
		settings: { timezone },
	});
	const additionalData = {
		executionId: '1',
		restApiUrl: '',
		instanceBaseUrl: '',
		webhookBaseUrl: '',
		variables: {},
		credentialsHelper: {
			getParentTypes: () => [],
			isCredentialUsableByNode: () => true,
			preAuthentication: async () => undefined,
			getDecrypted: async (...given: Parameters<ICredentialsHelper['getDecrypted']>) =>
				resolveCredential(credentials[given[2]], given),
			authenticate: async (
				decrypted: ICredentialDataDecryptedObject,
				name: string,
				request: IHttpRequestOptions,
			): Promise<IHttpRequestOptions> => {
				beforeRequest?.();
				const { authenticate } = credentialTypes[name];
				if (typeof authenticate !== 'function') throw new Error(`${name} has no authenticate function`);
				return await authenticate(decrypted, request);
			},
		},
	} as unknown as IWorkflowExecuteAdditionalData;
	return { workflow, node: workflow.getNode(node.name)!, additionalData };
}
