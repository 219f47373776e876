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
import { collectingDecoder, decodeInPieces } from '../http/response';
import { RateLimiters } from '../http/rateLimiter';
import type { ApiRequest } from '../http/retry';
import { checkChoice, fillPath, readParameters } from '../parameters/parameters';
import { describePeriod, periodOf } from '../parameters/period';
import { DEFAULT_TIMEOUT_S, openClient } from './client';
import { binaryStore } from './files';
import { concurrencyOf, type RequestValues } from './lists';
import { propertiesOf, type OperationContext, type Operation, type Resource, type Vendor } from './operation';
import { isTool, parameterSource } from './parameterSource';
import { describeNothing, isNothing } from './nothingFound';
import { outputFormatter, passThrough, simplified } from './outputFormatter';

/** How long the one request may take that says what there is without the filters. */
const MAX_COUNT_MS = 5000;

/**
 * Runs the picked operation for one input item after the other.
 *
 * Every output item is paired with its input item. With "Continue On Fail" a failed item outputs one item with `error` and
 * `message`, and the next item runs. Otherwise the error ends the node and names the item. A cancellation ends the node in both
 * cases.
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
			const canceled = context.getExecutionCancelSignal()?.aborted;
			if (canceled || !context.continueOnFail()) throw error;
			output.push(toErrorItem(error, itemIndex));
		}
	}
	for (const message of hints) context.addExecutionHints({ message, location: 'outputPane' });
	return [output];
}

/** The context of one item's run. Hints and limiters belong to the whole execution. */
interface ItemRun {
	/** Read once, because n8n copies the node for each `getNode()`. */
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
	if (operation.writesFiles && isTool(node)) throw unsupportedAsTool(operation);

	const { formatDate } = vendor;
	const timezone = context.getTimezone();
	const parameters = readParameters(propertiesOf(operation), parameterSource(node, read, itemIndex), {
		timezone,
		formatDate,
		encode,
		listStart,
	});
	const period = operation.writePeriod && periodOf(parameters.values, Date.now(), timezone);
	if (period) operation.writePeriod?.(period, parameters, { formatDate });
	for (const rule of operation.rules ?? []) rule(parameters);
	for (const label of parameters.blankFilters) {
		hints.add(`The filter "${label}" was left blank for at least one item and was not applied.`);
	}
	const { method, safety } = endpoint;
	const path = fillPath(endpoint.path, parameters);

	const { timeout = DEFAULT_TIMEOUT_S } = parameters.values as RequestValues;
	const stop = new AbortController();
	const client = await openClient(context, vendor, {
		itemIndex,
		timeoutSeconds: timeout,
		stop: stop.signal,
		maxConcurrent: concurrencyOf(parameters.values),
		limiters,
		decode: operation.writesFiles ? collectingDecoder() : decodeInPieces,
	});
	const { values } = parameters;
	const call: OperationContext = {
		...client,
		...(records
			? outputFormatter(operation.recordsFor?.(values) ?? records, {
					values,
					timezone,
					secret: client.hashSecret,
					now: () => client.clock() ?? Date.now(),
				})
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
		const items = await operation.run(call);
		for (const message of call.hints?.(!operation.writesFiles) ?? []) hints.add(message);
		if (isNothing(items)) {
			const times = period ? describePeriod(period, timezone) : undefined;
			// Nobody waits for the hint of a run that a schedule or a trigger has started.
			const isWatched = context.getMode() === 'manual' && !call.isTool;
			const countAll = async () => {
				const brief = await openClient(context, vendor, {
					itemIndex,
					deadline: Date.now() + MAX_COUNT_MS,
					stop: stop.signal,
					limiters,
				});
				return await operation.countAll!({ ...call, ...brief });
			};
			const read = isWatched && operation.countAll ? countAll : undefined;
			hints.add(await describeNothing(operation, parameters, times, read));
		}
		return items;
	} finally {
		// If one of several workers has failed, the others may still be waiting.
		stop.abort();
	}
}

/**
 * The picked operation.
 *
 * @throws InputError that names the unknown resource or operation.
 */
function chosenOperation(resources: Resource[], read: (name: string) => unknown): Operation {
	const { operations } = chosenBy('Resource', resources, read('resource'));
	return chosenBy('Operation', operations, read('operation'));
}

function chosenBy<T extends { value: string }>(label: string, offered: T[], given: unknown): T {
	const values = offered.map(({ value }) => value);
	return offered[values.indexOf(checkChoice(label, values, given))];
}

/** n8n does not pass a tool's binary data to the model (n8n 2.41.1), so the file would be lost. */
function unsupportedAsTool({ name }: Operation): InputError {
	return new InputError(
		`"${name}" writes a file, and an agent cannot receive one`,
		'Put the node into a workflow of its own that saves or sends the file, and give the agent that workflow as a Call n8n Workflow Tool.',
	);
}

/** Converts an error to n8n's form, with the index of its item. */
export function toNodeError(
	node: INode,
	error: unknown,
	itemIndex?: number,
): NodeApiError | NodeOperationError {
	// An agent receives only the message of an error (n8n 2.41.1), so for a tool the advice becomes part of it.
	const messageWith = (message: string, advice?: string) =>
		advice && isTool(node) ? `${message}. ${advice}` : message;
	if (error instanceof InputError) {
		return new NodeOperationError(node, messageWith(error.message, error.advice), {
			description: error.advice,
			itemIndex,
			failure: { cause: 'configuration-invalid' },
		});
	}
	if (error instanceof ApiError) {
		const { advice, status, failure, retryAfterMs } = error.details;
		const timed = failure === 'rate-limited' || failure === 'temporarily-unavailable';
		return new NodeApiError(node, { message: error.message } as JsonObject, {
			message: messageWith(error.message, advice),
			description: advice,
			httpCode: status === undefined ? undefined : String(status),
			itemIndex,
			failure: timed ? { cause: failure, retryAfterMs } : failure && { cause: failure },
		});
	}
	if (isStackOverflow(error)) {
		const advice =
			'It has thousands of values inside one another. Leave it out with a filter, and report it to the vendor.';
		return new NodeOperationError(node, messageWith('A record is nested too deeply to be read', advice), {
			description: advice,
			itemIndex,
		});
	}
	// n8n's own errors, for example of a failed expression or a missing credential, are clear enough.
	return new NodeOperationError(node, error as Error, { itemIndex });
}

/** `JSON.stringify` fails on some thousand nested lists, which `JSON.parse` reads. */
function isStackOverflow(error: unknown): boolean {
	return error instanceof RangeError && error.message.includes('call stack');
}

/**
 * The output item of a failed item with "Continue On Fail": the message as `error`, the advice as `message`.
 *
 * n8n treats an item with only these two fields as failed and adds the fields of the input item. Of an error object it would keep
 * only the text (n8n 1.123.81 and 2.41.1).
 */
export function toErrorItem(error: NodeApiError | NodeOperationError, itemIndex: number): INodeExecutionData {
	const { message, description } = error;
	return {
		json: { error: message, ...(description && { message: description }) },
		pairedItem: { item: itemIndex },
	};
}
