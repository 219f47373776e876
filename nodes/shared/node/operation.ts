import type { IDataObject, INodeExecutionData, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Advice, Redact } from '../http/response';
import type { Encode, Parameters } from '../parameters/parameters';
import type { Rule } from '../parameters/rules';
import type { ApiRequest, HttpResponse, IncompleteResponse } from '../http/retry';
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
export interface Endpoint {
	/** With `{parameter}` for each id, under the API's name: `/api/v2/teams/{team_id}/chargers`. */
	path: string;
	/** Records per request when the user sets none. */
	pageSize?: number;
	/** The field of a record that holds its id. */
	idField: string;
}

/** One operation of a resource: its parameters and what it does with them. */
export interface Operation {
	/** n8n's value of the operation; the file bears the same name. */
	value: string;
	name: string;
	/** Sentence case, with the resource in it: `Get many charge records`. */
	action: string;
	description: string;
	properties: INodeProperties[];
	/** What holds between parameters. */
	rules?: Rule[];
	/** By parameter name: how a value without a wire form of its own is written. */
	encode?: Record<string, Encode>;
	/** Names of the parameters that say where the list begins: blank, also from an expression, they mean its beginning. */
	listStart?: string[];
	/** Gives files, which no agent can receive. Where the records are of sessions, the user chooses the format, too. */
	writesFiles?: boolean;
	/** Runs for one input item and gives its output items, without pairing. */
	run: (call: OperationContext) => Promise<INodeExecutionData[]>;
}

/** A resource as the user sees it. */
export interface Resource {
	value: string;
	name: string;
	description?: string;
	/** Shown above the parameters of each of its operations. */
	notice?: string;
}

/** The row that a vendor's `api.ts` has for each operation. */
export interface OperationEntry {
	resource: string;
	operation: Operation;
	endpoint: Endpoint;
	/** What its records say of a session: with it, the user can choose in which form they come. */
	records?: RecordKind;
}

/** Everything an operation needs to run for one input item. */
export interface OperationContext extends OutputFormatter {
	endpoint: Endpoint;
	/** The item's parameters, checked. */
	values: Parameters['values'];
	/** The request that the parameters describe; an operation may add to its query. */
	request: ApiRequest;
	/** Sends it, with retries; gives the JSON of a 2xx answer. Throws an ApiError. */
	getJson: (request: ApiRequest) => Promise<object>;
	/**
	 * Sends it, with retries; gives what `read` finds in a 2xx answer, which is asked for again where `read` says that it is
	 * not whole. Throws an ApiError.
	 */
	getContent: <T extends object>(
		request: ApiRequest,
		read: (answer: HttpResponse) => T | IncompleteResponse,
	) => Promise<T>;
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
 * @param rows One per operation; the first operation of a resource is its default.
 */
export function nodeProperties(resources: Resource[], rows: OperationEntry[]): INodeProperties[] {
	const [{ value: firstResource }] = resources;
	const properties: INodeProperties[] = [
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
	];
	for (const { value, notice } of resources) {
		const operations = rows.filter((row) => row.resource === value).map((row) => row.operation);
		const [{ value: firstOperation }] = operations;
		properties.push({
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: [value] } },
			options: alphabetical(operations.map(toOption), ({ name }) => name),
			default: firstOperation,
		});
		if (notice) {
			properties.push({
				displayName: notice,
				name: `${value}Notice`,
				type: 'notice',
				default: '',
				displayOptions: { show: { resource: [value] } },
			});
		}
	}
	for (const row of rows) {
		const { resource, operation } = row;
		for (const property of propertiesOf(row)) {
			const show = { resource: [resource], operation: [operation.value], ...property.displayOptions?.show };
			properties.push({ ...property, displayOptions: { ...property.displayOptions, show } });
		}
	}
	return properties;
}

/** The properties of an operation, with those of its output and of its files before its options. */
export function propertiesOf({ operation, records }: OperationEntry): INodeProperties[] {
	const isOptions = ({ name }: INodeProperties) => name === 'options';
	const { properties } = operation;
	if (!records) return properties;
	return [
		...properties.filter((property) => !isOptions(property)),
		...outputProperties,
		...(operation.writesFiles ? fileProperties : []),
		...properties.filter(isOptions),
	];
}

function toOption({ value, name, action, description }: Operation): INodePropertyOptions {
	return { value, name, action, description };
}
