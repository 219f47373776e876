import {
	updateDisplayOptions,
	type IDataObject,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import type { Advice, Redact } from '../http/response';
import { checkRouting } from '../parameters/checkRouting';
import { notice } from '../parameters/notice';
import type { Encode, Parameters } from '../parameters/parameters';
import type { WritePeriod } from '../parameters/period';
import type { Rule } from '../parameters/rules';
import type { ValuesOf } from '../parameters/typedValues';
import type { ApiRequest, HttpResponse, IncompleteResponse } from '../http/retry';
import type { WriteRequest } from '../http/types';
import type { RecordKind } from '../session/fields';
import { fileProperties, type ToBinary } from './files';
import { outputProperties } from './properties/output';
import type { OutputFormatter } from './outputFormatter';

/** The properties of a vendor that all its endpoints share. */
export interface Vendor {
	/** The name in messages. */
	name: string;
	/** The name of the credential type in n8n. */
	credentialType: string;
	/** The base URL in the decrypted credential, without trailing slash. Throws an InputError. */
	baseUrl: (credential: IDataObject) => string;
	/** The key in the decrypted credential, which is hidden in messages. Throws an InputError. */
	secret: (credential: IDataObject) => string;
	/** Writes a date for queries and bodies. */
	formatDate: (date: Date) => string;
	/** The advice for an HTTP status, where the general one is not enough. */
	advice: Advice;
}

/** The endpoint of an operation that reads. */
export interface ReadEndpoint {
	method?: 'GET';
	safety?: 'read';
	/** The path, with a placeholder for each id: `/api/v2/teams/{team_id}/chargers`. */
	path: string;
	/** The default number of records per request. */
	pageSize?: number;
	/** The field of a record that holds its id. */
	idField: string;
}

/** The endpoint of a list. */
export type ListEndpoint = Required<Pick<ReadEndpoint, 'path' | 'idField' | 'pageSize'>>;

/** The endpoint of an operation that changes something. */
export interface WriteEndpoint extends Pick<ReadEndpoint, 'path' | 'idField'> {
	method: WriteRequest['method'];
	/** How safe it is to send the request twice. */
	safety: WriteRequest['safety'];
	pageSize?: undefined;
}

export type Endpoint = ReadEndpoint | WriteEndpoint;

/** How many records a list has without period and filters. */
export interface Unfiltered {
	count: number;
	/** Whether these are all of them. Else there may be more. */
	isTotal: boolean;
}

/** One operation of a resource: its endpoint, its parameters, and the function that runs it. */
export interface Operation<Values = Parameters['values']> {
	/** The value of the operation in n8n. */
	value: string;
	name: string;
	/** In sentence case, with the resource: `Get many charge records`. */
	action: string;
	description: string;
	endpoint: Endpoint;
	properties: INodeProperties[];
	/** The field map of records that describe sessions. With it, the user can choose the output format. */
	records?: RecordKind;
	/** The field map for the set parameters, where it depends on them. */
	recordsFor?(values: Values): RecordKind;
	/** Returns the most useful fields of a record, flat. With it, the user can choose between these and all fields. */
	simplify?: (record: IDataObject) => IDataObject;
	/** Writes "Period" into the parameters of the endpoint. */
	writePeriod?: WritePeriod;
	/** Conditions between parameters. */
	rules?: Rule[];
	/** Encoders, by parameter name, for values that the API expects in another form. */
	encode?: Record<string, Encode>;
	/** Names of the parameters that say where the list begins. A blank one, also from an expression, means its beginning. */
	listStart?: string[];
	/** Whether it outputs files, which an agent cannot receive. For sessions, the user can also choose the file format. */
	writesFiles?: boolean;
	/** Says with one request how many records there are without period and filters, for the hint that nothing was found. */
	countAll?(call: OperationContext<Values>): Promise<Unfiltered>;
	/** Runs for one input item and returns its output items, without pairing. */
	run(call: OperationContext<Values>): Promise<INodeExecutionData[]>;
}

/** A resource with its operations. The first one is the default. */
export interface Resource {
	value: string;
	name: string;
	description: string;
	/** A text above the parameters of each of its operations. */
	notice?: string;
	operations: Operation[];
}

/** An operation and its resource. */
export interface OperationEntry {
	resource: string;
	operation: Operation;
}

/** The operations of all resources. */
export function operationsOf(resources: Resource[]): OperationEntry[] {
	return resources.flatMap(({ value: resource, operations }) =>
		operations.map((operation) => ({ resource, operation })),
	);
}

/**
 * An operation whose values have the types of its properties.
 *
 * @example
 * const get = operationOf({ ..., properties: [id], run: async ({ values }) => await read(values.id) });
 */
export function operationOf<const List extends INodeProperties[]>(
	operation: Operation<ValuesOf<List>> & { properties: List },
): Operation {
	return operation;
}

/** The context of an operation for one input item. */
export interface OperationContext<Values = Parameters['values']> extends OutputFormatter {
	endpoint: Endpoint;
	/** The checked parameters of the item. */
	values: Values;
	/** The request with these parameters. An operation may add to its query. */
	request: ApiRequest;
	/** Sends a request, with retries, and returns the JSON of its 2xx response. Throws an ApiError. */
	getJson: (request: ApiRequest) => Promise<object>;
	/**
	 * Sends a request that changes something, with the retries that its `safety` allows. Returns the JSON of its 2xx response, or
	 * `undefined` if that is empty. Throws an ApiError; `isOutcomeUnknown` says whether the request may have been carried out.
	 */
	send: (request: ApiRequest) => Promise<object | undefined>;
	/**
	 * Sends a request, with retries, and returns the content that `read` finds in its 2xx response. If `read` returns
	 * IncompleteResponse, the request is sent again. Throws an ApiError.
	 */
	getContent: <T extends object>(
		request: ApiRequest,
		read: (response: HttpResponse) => T | IncompleteResponse,
	) => Promise<T>;
	/** Reads something once for all items of the execution that have the same credential. What failed is read again. */
	once: <T>(key: string, read: () => Promise<T>) => Promise<T>;
	/** Of the credential, without a slash at its end. */
	baseUrl: string;
	/** The server's clock in milliseconds since 1970, as of its newest response. */
	clock: () => number | undefined;
	/** Whether an agent runs it. */
	isTool: boolean;
	redact: Redact;
	toBinary: ToBinary;
	/** Shows a hint above the output, once per execution. */
	hint: (message: string) => void;
}

/**
 * The properties of a node: the resource, the operations of each resource, and the parameters of each operation, which are shown
 * only for it. Resources and operations stand in the given order: what is used most first, what is deprecated last.
 *
 * @param resources The first one is the default.
 * @throws Error for an unsupported `routing`.
 */
export function nodeProperties(resources: Resource[]): INodeProperties[] {
	const [{ value: firstResource }] = resources;
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: resources.map(({ value, name, description }) => ({ value, name, description })),
			default: firstResource,
		},
		...resources.flatMap(operationProperties),
		...operationsOf(resources).flatMap(({ resource, operation }) => {
			const properties = propertiesOf(operation);
			checkRouting(properties, operation.encode);
			return updateDisplayOptions(
				{ show: { resource: [resource], operation: [operation.value] } },
				properties,
			);
		}),
	];
}

/** The operations of a resource as a choice, and the notice of the resource. */
function operationProperties({ value, notice: text, operations }: Resource): INodeProperties[] {
	const [{ value: firstOperation }] = operations;
	const displayOptions = { show: { resource: [value] } };
	const choice: INodeProperties = {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions,
		options: operations.map(toOption),
		default: firstOperation,
	};
	return text ? [choice, notice(`${value}Notice`, text, displayOptions)] : [choice];
}

const simplifyProperty: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

/** The properties of an operation. Those of its output and its files are inserted before its options, which are the last. */
export function propertiesOf({
	properties,
	records,
	simplify,
	writesFiles,
}: Omit<Operation, 'run'>): INodeProperties[] {
	const at = properties.findIndex(({ name }) => name === 'options');
	const end = at < 0 ? properties.length : at;
	return [
		...properties.slice(0, end),
		...(records ? outputProperties : []),
		...(simplify ? [simplifyProperty] : []),
		...(records && writesFiles ? fileProperties : []),
		...properties.slice(end),
	];
}

function toOption({ value, name, action, description }: Operation): INodePropertyOptions {
	return { value, name, action, description };
}
