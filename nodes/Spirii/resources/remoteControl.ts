import type { IDataObject } from 'n8n-workflow';

import { isOutcomeUnknown, OUTCOME_UNKNOWN } from '../../shared/http/retry';
import { optionsOf } from '../../shared/node/lists';
import { operationOf, type Resource } from '../../shared/node/operation';
import { AS_NUMBER } from '../../shared/parameters/forms';
import { propertyList } from '../../shared/parameters/typedValues';
import { notSent, picked, type WireExamples } from '../../shared/parameters/wireExamples';
import { ApiError, InputError } from '../../shared/util/errors';
import { evseUid, runningTransaction } from '../pickers';

const ERROR_OR_ITEM = [
	{ name: 'Fail', value: 'error', description: 'End with an error that says what happened' },
	{
		name: 'Return an Item',
		value: 'item',
		description: 'Go on with an item that has what happened under "outcome"',
	},
] as const;

const options = propertyList([
	{
		displayName: 'Allow Agents',
		name: 'allowAgents',
		type: 'boolean',
		default: false,
		description: 'Whether an AI agent that has this node as a tool may send the command',
	},
	{
		displayName: 'Give Up After (Seconds)',
		name: 'giveUpAfter',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 600, numberPrecision: 0 },
		default: 30,
		description:
			'How long to try to reach the API before the command is given up. One that comes minutes late is worse than none.',
	},
	{
		displayName: 'When Rejected',
		name: 'whenRejected',
		type: 'options',
		options: [...ERROR_OR_ITEM],
		default: 'error',
		description: 'What to do when the charger refuses, for example because the session has ended',
	},
	{
		displayName: 'When the Outcome Is Unknown',
		name: 'whenUnknown',
		type: 'options',
		options: [...ERROR_OR_ITEM],
		default: 'error',
		description:
			'What to do when no response came, so that the charger may have stopped or not. The command is never sent a second time.',
	},
]);

/** The session of the command, by the number that Get Many of transactions gives as id. */
const transactionId = {
	...runningTransaction,
	routing: { send: { type: 'body', property: 'transactionId', value: AS_NUMBER } },
} as const;

/**
 * `POST /v2/evses/{uid}/connectors/{connectorId}/remote-stop-transaction`: `{ status: 'Accepted' | 'Rejected' }`. Accepted means
 * that the charger will stop, not that it has.
 * Source: docs.spirii.com/api-reference/evses-v2/requests-an-evse-to-stop-a-transaction
 */
const stop = operationOf({
	value: 'stop',
	name: 'Stop Charging',
	action: 'Stop a charging session',
	description: 'Ask a charger to stop a running session',
	endpoint: {
		method: 'POST',
		safety: 'command',
		path: '/v2/evses/{uid}/connectors/{connectorId}/remote-stop-transaction',
		idField: 'transactionId',
	},
	properties: [
		{ ...evseUid, description: 'The EVSE at which the session runs' },
		{
			displayName: 'Connector',
			name: 'connectorId',
			type: 'number',
			required: true,
			typeOptions: { minValue: 1, numberPrecision: 0 },
			default: 1,
			description: 'Number of the connector within the EVSE, as Get of the resource EVSE gives it',
		},
		transactionId,
		optionsOf(...options),
	],
	run: async ({ isTool, request, send, values }) => {
		if (isTool && !values.allowAgents) {
			throw new InputError(
				'"Stop Charging" acts on a real charger, and agents are not allowed to send it',
				'Turn on "Allow Agents" in the options of the node.',
			);
		}
		const { uid, connectorId, transactionId: id, giveUpAfter, whenRejected, whenUnknown } = values;
		const giveUpAfterMs = giveUpAfter === undefined ? undefined : giveUpAfter * 1000;
		const outcome = await send({ ...request, method: 'POST', safety: 'command', giveUpAfterMs })
			.then((response) => outcomeOf(response, whenRejected === 'item'))
			.catch(async (error: unknown) => {
				if (!isOutcomeUnknown(error) || whenUnknown !== 'item') return await Promise.reject(error as Error);
				return { outcome: 'unknown', message: error.message };
			});
		return [{ json: { transactionId: Number(id), uid: Number(uid), connectorId, ...outcome } }];
	},
});

/** @throws ApiError for any other status than Accepted; for Rejected only if that is not allowed. */
function outcomeOf(response: object | undefined, isRejectedAllowed: boolean): IDataObject {
	const { status } = (response ?? {}) as { status?: unknown };
	if (status === 'Accepted') return { outcome: 'accepted' };
	if (status === 'Rejected' && isRejectedAllowed) return { outcome: 'rejected' };
	if (status === 'Rejected') {
		throw new ApiError('The charger rejected the stop', {
			advice: 'Check that the transaction still runs, at this EVSE and connector.',
			outcome: 'notDone',
		});
	}
	throw new ApiError(`Spirii answered neither Accepted nor Rejected${OUTCOME_UNKNOWN}`, {
		advice: 'Look at the transaction before you run this again.',
		outcome: 'unknown',
	});
}

export const remoteControl: Resource = {
	value: 'remoteControl',
	name: 'Remote Control',
	description: 'Command to a charger',
	notice: 'These operations act on real chargers. A command whose outcome is unknown is never sent again.',
	operations: [stop],
};

export const wire = (): WireExamples => ({
	requests: {
		stop: 'POST /v2/evses/304001/connectors/1/remote-stop-transaction',
	},
	required: { uid: '304001', transactionId: '8400060', whenRejected: 'item' },
	sentIn: 'body',
	parameters: {
		uid: picked('304001', {}),
		connectorId: notSent(1),
		transactionId: picked('8400060', { transactionId: 8_400_060 }),
		allowAgents: notSent(true),
		giveUpAfter: notSent(10),
		whenRejected: notSent('item'),
		whenUnknown: [...notSent('item'), ...notSent('error')],
		timeout: notSent(30),
	},
});
