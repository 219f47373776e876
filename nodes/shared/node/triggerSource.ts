import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Redact } from '../http/redact';
import type { ApiRequest } from '../http/retry';
import type { Encode, Parameters } from '../parameters/parameters';
import type { Rule } from '../parameters/rules';
import type { RecordKind } from '../session/fields';
import type { Source } from '../sync/source';
import type { TriggerEvent } from '../sync/snapshot';
import type { ListEndpoint } from './operation';

/** One list of sessions that a trigger can watch. */
export interface TriggerSource {
	/** Value of the "Source" parameter. */
	value: string;
	name: string;
	description: string;
	endpoint: ListEndpoint;
	/** Reads rows, snapshots and change categories from its records. */
	records: RecordKind;
	/** Reads rows, where the records depend on the parameters. */
	recordsFor?: (values: Parameters['values']) => RecordKind;
	/** Parameters that select sessions. */
	properties: INodeProperties[];
	/** Options that control the requests, in addition to those of every trigger. */
	fetchOptions: INodeProperties[];
	rules?: Rule[];
	encode?: Record<string, Encode>;
	open: (call: TriggerContext) => Source<IDataObject>;
}

/** The context of one poll. */
export interface TriggerContext {
	endpoint: ListEndpoint;
	event: TriggerEvent;
	values: Parameters['values'];
	/** The request with the selecting parameters. It is the base of every page request. */
	request: ApiRequest;
	pageSize: number;
	/** Sends a request, with retries while the poll has time. Throws an ApiError. */
	getJson: (request: ApiRequest) => Promise<object>;
	/** The server's clock in milliseconds since 1970, as of its newest response. */
	clock: () => number | undefined;
	redact: Redact;
	/** Reads something once in a poll. */
	once?: <T>(key: string, read: () => Promise<T>) => Promise<T>;
	/** Of the credential, without a slash at its end. */
	baseUrl: string;
	/** Writes a warning into n8n's log: n8n shows no hints for polls. */
	hint: (message: string) => void;
}
