import type { IDataObject } from 'n8n-workflow';

import { pathSegment } from '../../shared/http/url';
import type { TriggerContext } from '../../shared/node/triggerSource';
import { linkedPages } from '../linkedLists';
import { objectIn } from '../operations';
import { isClosed, isRefusal, nameOf, namePlace, noAccess } from '../placeAccess';
import { PLACE_LISTS, placesOf } from '../places';

/** The most names of chargers in a warning. */
const MAX_NAMES = 10;

/**
 * Warns of those chargers of a team whose sessions the token may not read: the list of the team leaves them out, and no error says so.
 */
export async function warnOfClosed(
	call: TriggerContext,
	team: string,
	chargers: IDataObject[],
): Promise<void> {
	const closed = chargers.filter(isClosed);
	if (closed.length === 0) return;
	const ofTeam = new Set<unknown>();
	const path = `${PLACE_LISTS.team}/${pathSegment(team, 'Team')}/chargers`;
	for await (const page of linkedPages(call, { path, query: {}, body: {} })) {
		for (const { uuid } of page) ofTeam.add(uuid);
	}
	const names = closed.filter(({ uuid }) => ofTeam.has(uuid)).map(nameOf);
	if (names.length === 0) return;
	const shown = names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ', …' : '');
	call.hint(
		`the access token may not read the sessions of ${names.length} of ${ofTeam.size} chargers of the team, so they are not delivered: ${shown}. Ask their owners for access`,
	);
}

/** The name of a charger for a message. */
export async function nameOfCharger(call: TriggerContext, uuid: string): Promise<string> {
	return nameOf({ ...(await unlessClosed(readCharger(call, uuid), {})), uuid });
}

/** `GET /api/v3/chargers/{charger_uuid}` */
export async function readCharger(call: TriggerContext, uuid: string): Promise<IDataObject> {
	const path = `${PLACE_LISTS.charger}/${pathSegment(uuid, 'Charger')}`;
	return objectIn(await call.getJson({ path, query: {}, body: {} }));
}

/**
 * Checks that the token may read the sessions of a site or a charger: the API may give an empty list instead of a refusal.
 *
 * @throws ApiError that names it.
 */
export async function checkAccess(
	call: TriggerContext,
	kind: 'site' | 'charger',
	uuid: string,
): Promise<void> {
	const place =
		kind === 'charger'
			? await readCharger(call, uuid).catch(
					async (error: unknown) => await namePlace(call, kind, uuid, error),
				)
			: (await placesOf(call, 'site')).find((one) => one.uuid === uuid);
	if (place && isClosed(place)) throw noAccess(kind, nameOf(place));
}

/** The result, or the substitute where the token may not read it, or where it is gone. */
export async function unlessClosed<T>(result: Promise<T>, substitute: T): Promise<T> {
	return await result.catch(async (error: unknown) =>
		isRefusal(error) ? substitute : await Promise.reject(error as Error),
	);
}
