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
	/** n8n's value of the source. */
	value: string;
	name: string;
	description: string;
	endpoint: ListEndpoint;
	/** What its records say of a session. */
	records: RecordKind;
	/** What selects sessions. */
	properties: INodeProperties[];
	/** What steers how they are fetched, beside the options that every trigger has. */
	fetchOptions: INodeProperties[];
	rules?: Rule[];
	encode?: Record<string, Encode>;
	open: (call: TriggerContext) => Source<IDataObject>;
}

/** What a source needs for one poll. */
export interface TriggerContext {
	endpoint: ListEndpoint;
	event: TriggerEvent;
	values: Parameters['values'];
	/** What the parameters select, to be sent with every page. */
	request: ApiRequest;
	pageSize: number;
	/** Sends it, with retries while the poll has time. Throws an ApiError. */
	getJson: (request: ApiRequest) => Promise<object>;
	/** The server's clock in milliseconds since 1970, as its newest answer gave it. */
	clock: () => number | undefined;
	redact: Redact;
}
