import {
	updateDisplayOptions,
	type IDataObject,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import type { Advice, Redact } from '../http/response';
import { checkRouting } from '../parameters/checkRouting';
import type { Encode, Parameters } from '../parameters/parameters';
import type { Rule } from '../parameters/rules';
import type { ValuesOf } from '../parameters/typedValues';
import type { ApiRequest, HttpResponse, IncompleteResponse } from '../http/retry';
import type { WriteRequest } from '../http/types';
import type { RecordKind } from '../session/fields';
import { alphabetical } from '../util/alphabetical';
import { fileProperties, type ToBinary } from './files';
import { outputProperties } from './properties/output';
import type { OutputFormatter } from './outputFormatter';

/** What is particular to a vendor, whatever the endpoint. */
export interface Vendor {
	/** As messages call it. */
	name: string;
	/** n8n's name of the credential type. */
	credentialType: string;
	/** Base URL without trailing slash, from the decrypted credential. Throws an InputError. */
	baseUrl: (credential: IDataObject) => string;
	/** The key itself, from the decrypted credential: to keep it out of messages. Throws an InputError. */
	secret: (credential: IDataObject) => string;
	/** How dates are written in queries and bodies. */
	formatDate: (date: Date) => string;
	/** What to do about a status, where the general advice is not enough. */
	advice: Advice;
}

/** Where an operation reads. */
export interface ReadEndpoint {
	method?: 'GET';
	safety?: 'read';
	/** With `{parameter}` for each id, under the API's name: `/api/v2/teams/{team_id}/chargers`. */
	path: string;
	/** Records per request when the user sets none. */
	pageSize?: number;
	/** The field of a record that holds its id. */
	idField: string;
}

/** A list of records. */
export type ListEndpoint = Required<Pick<ReadEndpoint, 'path' | 'idField' | 'pageSize'>>;

/** What an operation changes. */
export interface WriteEndpoint extends Pick<ReadEndpoint, 'path' | 'idField'> {
	method: WriteRequest['method'];
	/** What a second sending could do. */
	safety: WriteRequest['safety'];
	pageSize?: undefined;
}

export type Endpoint = ReadEndpoint | WriteEndpoint;

/** One operation of a resource: where it reads, its parameters, and what it does with them. */
export interface Operation<Values = Parameters['values']> {
	/** n8n's value of the operation; the file bears the same name. */
	value: string;
	name: string;
	/** Sentence case, with the resource in it: `Get many charge records`. */
	action: string;
	description: string;
	endpoint: Endpoint;
	properties: INodeProperties[];
	/** What its records say of a session: with it, the user can choose in which form they come. */
	records?: RecordKind;
	/** A record with its most useful fields, flat; with it, the user can choose between these and all. */
	simplify?: (record: IDataObject) => IDataObject;
	/** What holds between parameters. */
	rules?: Rule[];
	/** By parameter name: how a value without a wire form of its own is written. */
	encode?: Record<string, Encode>;
	/** Names of the parameters that say where the list begins: blank, also from an expression, they mean its beginning. */
	listStart?: string[];
	/** Gives files, which no agent can receive. Where the records are of sessions, the user chooses the format, too. */
	writesFiles?: boolean;
	/** Runs for one input item and gives its output items, without pairing. */
	run(call: OperationContext<Values>): Promise<INodeExecutionData[]>;
}

/** A resource as the user sees it, with its operations; the first is its default. */
export interface Resource {
	value: string;
	name: string;
	description: string;
	/** Shown above the parameters of each of its operations. */
	notice?: string;
	operations: Operation[];
}

/** An operation and the resource that it belongs to. */
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

/** Everything an operation needs to run for one input item. */
export interface OperationContext<Values = Parameters['values']> extends OutputFormatter {
	endpoint: Endpoint;
	/** The item's parameters, checked. */
	values: Values;
	/** The request that the parameters describe; an operation may add to its query. */
	request: ApiRequest;
	/** Sends it, with retries; gives the JSON of a 2xx answer. Throws an ApiError. */
	getJson: (request: ApiRequest) => Promise<object>;
	/**
	 * Sends a request that changes something, with retries as its `safety` allows; gives the JSON of a 2xx response, `undefined`
	 * where it holds nothing. Throws an ApiError, on which `isOutcomeUnknown` says whether it may have been carried out.
	 */
	send: (request: ApiRequest) => Promise<object | undefined>;
	/**
	 * Sends it, with retries; gives what `read` finds in a 2xx answer, which is asked for again where `read` says that it is
	 * not whole. Throws an ApiError.
	 */
	getContent: <T extends object>(
		request: ApiRequest,
		read: (answer: HttpResponse) => T | IncompleteResponse,
	) => Promise<T>;
	/** Whether an agent runs it. */
	isTool: boolean;
	redact: Redact;
	toBinary: ToBinary;
	/** Shows a hint above the output, once per execution. */
	hint: (message: string) => void;
}

/**
 * The properties of a node: the resource, the operations of each, and the parameters of each operation, shown only for
 * it. Resources and operations appear in alphabetical order, as n8n's guidelines ask.
 *
 * @param resources The first one is the default.
 * @throws Error for a `routing` that would be dropped.
 */
export function nodeProperties(resources: Resource[]): INodeProperties[] {
	const [{ value: firstResource }] = resources;
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: alphabetical(
				resources.map(({ value, name, description }) => ({ value, name, description })),
				({ name }) => name,
			),
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

/** The choice between the operations of a resource, and its notice. */
function operationProperties({ value, notice, operations }: Resource): INodeProperties[] {
	const [{ value: firstOperation }] = operations;
	const displayOptions = { show: { resource: [value] } };
	const choice: INodeProperties = {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions,
		options: alphabetical(operations.map(toOption), ({ name }) => name),
		default: firstOperation,
	};
	if (!notice) return [choice];
	return [
		choice,
		{ displayName: notice, name: `${value}Notice`, type: 'notice', default: '', displayOptions },
	];
}

const simplifyProperty: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

/** The properties of an operation, with those of its output and of its files before its options. */
export function propertiesOf({
	properties,
	records,
	simplify,
	writesFiles,
}: Omit<Operation, 'run'>): INodeProperties[] {
	const isOptions = ({ name }: INodeProperties) => name === 'options';
	return [
		...properties.filter((property) => !isOptions(property)),
		...(records ? outputProperties : []),
		...(simplify ? [simplifyProperty] : []),
		...(records && writesFiles ? fileProperties : []),
		...properties.filter(isOptions),
	];
}

function toOption({ value, name, action, description }: Operation): INodePropertyOptions {
	return { value, name, action, description };
}
