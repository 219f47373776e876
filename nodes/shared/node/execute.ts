import {
	NodeApiError,
	NodeOperationError,
	type IExecuteFunctions,
	type IGetNodeParameterOptions,
	type INode,
	type INodeExecutionData,
	type JsonObject,
} from 'n8n-workflow';

import { ApiError, InputError } from '../util/errors';
import { decodeAtOnce, decodeInPieces } from '../http/response';
import { RateLimiters } from '../http/rateLimiter';
import type { ApiRequest } from '../http/retry';
import { checkChoice, fillPath, readParameters } from '../parameters/parameters';
import { DEFAULT_TIMEOUT_S, openClient } from './client';
import { binaryStore } from './files';
import { concurrencyOf } from './lists';
import { propertiesOf, type OperationContext, type Operation, type Resource, type Vendor } from './operation';
import { isTool, parameterSource } from './parameterSource';
import { outputFormatter, passThrough, simplified } from './outputFormatter';

/**
 * Runs the operation that the user picked, for each input item in turn.
 *
 * Every output item is paired with its input item. With "Continue On Fail" an item that fails gives one item with
 * `error` and `message`, and the next item runs; otherwise the error ends the node and says which item
 * it was. A cancelled execution ends in either case.
 */
export async function executeOperation(
	context: IExecuteFunctions,
	vendor: Vendor,
	resources: Resource[],
): Promise<INodeExecutionData[][]> {
	const output: INodeExecutionData[] = [];
	const hints = new Set<string>();
	const limiters = new RateLimiters();
	const node = context.getNode();
	const itemCount = context.getInputData().length;
	for (let itemIndex = 0; itemIndex < itemCount; itemIndex++) {
		try {
			const items = await runItem(context, vendor, resources, { node, itemIndex, hints, limiters });
			for (const item of items) {
				item.pairedItem = { item: itemIndex };
				output.push(item);
			}
		} catch (caught) {
			const error = toNodeError(node, caught, itemIndex);
			const cancelled = context.getExecutionCancelSignal()?.aborted;
			if (cancelled || !context.continueOnFail()) throw error;
			output.push(toErrorItem(error, itemIndex));
		}
	}
	for (const message of hints) context.addExecutionHints({ message, location: 'outputPane' });
	return [output];
}

/** What the run of one item has beside its parameters; hints and limiters are those of the execution. */
interface ItemRun {
	/** n8n copies the node each time it is asked for it. */
	node: INode;
	itemIndex: number;
	hints: Set<string>;
	limiters: RateLimiters;
}

async function runItem(
	context: IExecuteFunctions,
	vendor: Vendor,
	resources: Resource[],
	{ node, itemIndex, hints, limiters }: ItemRun,
): Promise<INodeExecutionData[]> {
	const read = (name: string, options?: IGetNodeParameterOptions) =>
		context.getNodeParameter(name, itemIndex, null, options) as unknown;
	const operation = chosenOperation(resources, read);
	const { endpoint, records, simplify, encode, listStart } = operation;
	if (operation.writesFiles && isTool(node)) throw noFilesForAgents(operation);

	const { formatDate } = vendor;
	const timezone = context.getTimezone();
	const parameters = readParameters(propertiesOf(operation), parameterSource(node, read, itemIndex), {
		timezone,
		formatDate,
		encode,
		listStart,
	});
	for (const rule of operation.rules ?? []) rule(parameters);
	for (const label of parameters.blankFilters) {
		hints.add(`The filter "${label}" was left blank for at least one item and was not applied.`);
	}
	const { method, safety } = endpoint;
	const path = fillPath(endpoint.path, parameters);

	const timeout = (parameters.values.timeout as number | undefined) ?? DEFAULT_TIMEOUT_S;
	const stop = new AbortController();
	const client = await openClient(context, vendor, {
		itemIndex,
		timeoutSeconds: timeout,
		stop: stop.signal,
		maxConcurrent: concurrencyOf(parameters.values),
		limiters,
		decode: operation.writesFiles ? decodeAtOnce : decodeInPieces,
	});
	const { values } = parameters;
	const call: OperationContext = {
		...client,
		...(records
			? outputFormatter(records, { values, timezone, secret: client.hashSecret })
			: simplify && values.simplify
				? simplified(simplify)
				: passThrough),
		endpoint,
		values,
		request: { method, safety, path, query: parameters.query, body: parameters.body } as ApiRequest,
		isTool: isTool(node),
		toBinary: binaryStore(context),
		hint: (message) => hints.add(message),
	};
	try {
		return await operation.run(call);
	} finally {
		// Where one of several readers has failed, the others may still be waiting.
		stop.abort();
	}
}

/**
 * The operation that the user picked.
 *
 * @throws InputError that names the resource or the operation that does not exist.
 */
function chosenOperation(resources: Resource[], read: (name: string) => unknown): Operation {
	const { operations } = chosenBy('Resource', resources, read('resource'));
	return chosenBy('Operation', operations, read('operation'));
}

function chosenBy<T extends { value: string }>(label: string, offered: T[], given: unknown): T {
	const values = offered.map(({ value }) => value);
	return offered[values.indexOf(checkChoice(label, values, given))];
}

/** n8n leaves the binary data of a tool out of what the model reads (n8n 2.41.1), so the file would be lost. */
function noFilesForAgents({ name }: Operation): InputError {
	return new InputError(
		`"${name}" writes a file, and an agent cannot receive one`,
		'Put the node into a workflow of its own that saves or sends the file, and give the agent that workflow as a Call n8n Workflow Tool.',
	);
}

/** The error as n8n shows it, with the item it belongs to. */
export function toNodeError(
	node: INode,
	error: unknown,
	itemIndex?: number,
): NodeApiError | NodeOperationError {
	// An agent is told the message of an error and nothing else (n8n 2.41.1): for a tool, the advice is part of it.
	const told = (message: string, advice?: string) =>
		advice && isTool(node) ? `${message}. ${advice}` : message;
	if (error instanceof InputError) {
		return new NodeOperationError(node, told(error.message, error.advice), {
			description: error.advice,
			itemIndex,
			failure: { cause: 'configuration-invalid' },
		});
	}
	if (error instanceof ApiError) {
		const { advice, status, failure, retryAfterMs } = error.details;
		const timed = failure === 'rate-limited' || failure === 'temporarily-unavailable';
		return new NodeApiError(node, { message: error.message } as JsonObject, {
			message: told(error.message, advice),
			description: advice,
			httpCode: status === undefined ? undefined : String(status),
			itemIndex,
			failure: timed ? { cause: failure, retryAfterMs } : failure && { cause: failure },
		});
	}
	if (isStackOverflow(error)) {
		const advice =
			'It has thousands of values inside one another. Leave it out with a filter, and report it to the vendor.';
		return new NodeOperationError(node, told('A record is nested too deeply to be read', advice), {
			description: advice,
			itemIndex,
		});
	}
	// An expression that fails, a credential that is missing: n8n's own errors say what is wrong.
	return new NodeOperationError(node, error as Error, { itemIndex });
}

/** What `JSON.stringify` throws for some thousands of lists in one another; `JSON.parse` reads any number of them. */
function isStackOverflow(error: unknown): boolean {
	return error instanceof RangeError && error.message.includes('call stack');
}

/**
 * What an item that failed becomes with "Continue On Fail": `error`, and what to do as `message`.
 *
 * n8n takes an item with these two fields and no others for one that failed, and adds the fields of its input; of one that
 * has an error object it keeps nothing but the text (n8n 1.123.81 and 2.41.1).
 */
export function toErrorItem(error: NodeApiError | NodeOperationError, itemIndex: number): INodeExecutionData {
	const { message, description } = error;
	return {
		json: { error: message, ...(description && { message: description }) },
		pairedItem: { item: itemIndex },
	};
}
