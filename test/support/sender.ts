import type { IExecuteFunctions, INodeType } from 'n8n-workflow';

import { spirii } from '../../nodes/Spirii/vendor';
import type { ApiRequest } from '../../nodes/shared/http/types';
import { openClient } from '../../nodes/shared/node/client';
import { ApiError } from '../../nodes/shared/util/errors';
import { runNode } from './n8n';

/** The key of {@link sendAs} unless another is given. */
export const KEY = 'sandbox-key-of-writes';

export interface SendOptions {
	baseUrl?: string;
	key?: string;
	cancel?: AbortSignal;
	/** Seconds that a response may take. */
	timeoutSeconds?: number;
	/** Called before each attempt. */
	onTry?: () => void;
}

/** Sends one request with the client of the nodes, through n8n's own helper, as an operation does. */
export async function sendAs(
	use: 'send' | 'getJson',
	request: ApiRequest,
	{ baseUrl, key = KEY, cancel, timeoutSeconds = 1, onTry }: SendOptions,
): Promise<unknown> {
	const node: INodeType = {
		description: {
			displayName: 'Sender',
			name: 'sender',
			group: [],
			version: 1,
			description: '',
			defaults: {},
			inputs: ['main'],
			outputs: ['main'],
			credentials: [{ name: spirii.credentialType, required: true }],
			properties: [],
		},
		async execute(this: IExecuteFunctions) {
			const client = await openClient(this, spirii, { timeoutSeconds });
			const result = await client[use](request);
			return [[{ json: { result: (result ?? 'nothing') as object } }]];
		},
	};
	const { items } = await runNode({
		node,
		parameters: {},
		credentials: { spiriiApi: { apiKey: key, environment: 'custom', baseUrl } },
		cancel,
		beforeRequest: onTry,
	});
	return items[0].json.result;
}

/** The ApiError with which a run ends; fails the test when it ends otherwise. */
export async function errorOf(run: Promise<unknown>): Promise<ApiError> {
	const error: unknown = await run.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(ApiError);
	return error as ApiError;
}
