import type { IDataObject } from 'n8n-workflow';

import type { TriggerContext } from '../../shared/node/triggerSource';
import { placesOf } from '../places';
import { readCharger, unlessClosed } from './access';

/**
 * Numbers of chargers by base URL and UUID. They never change, so they are kept in memory: reading them anew in each poll would take
 * far more requests than the sessions.
 */
const numbers = new Map<string, unknown>();

/** With more unknown chargers than this, the list of all chargers takes fewer requests than each of them. */
const MAX_SINGLE = 5;

const numberKey = ({ baseUrl }: TriggerContext, uuid: unknown) => `${baseUrl} ${String(uuid)}`;

/** Keeps the numbers of chargers that were read for another reason. */
export function noteChargers(call: TriggerContext, chargers: IDataObject[]): void {
	for (const { uuid, id } of chargers) numbers.set(numberKey(call, uuid), id);
}

/** The number of each charger; `undefined` where the token may not read it. */
export async function chargerNumbers(
	call: TriggerContext,
	uuids: string[],
): Promise<(uuid: string) => unknown> {
	const unknown = [...new Set(uuids)].filter((uuid) => uuid !== '' && !numbers.has(numberKey(call, uuid)));
	if (unknown.length > MAX_SINGLE) noteChargers(call, await placesOf(call, 'charger'));
	else {
		for (const uuid of unknown) {
			noteChargers(call, [{ ...(await unlessClosed(readCharger(call, uuid), {})), uuid }]);
		}
	}
	return (uuid) => numbers.get(numberKey(call, uuid));
}
