import type { IDataObject } from 'n8n-workflow';

import { pathSegment } from '../../shared/http/url';
import type { TriggerContext } from '../../shared/node/triggerSource';
import { ApiError } from '../../shared/util/errors';
import { readId } from '../../shared/util/ids';
import { linkedPages } from '../linkedLists';
import { objectIn } from '../operations';
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

/**
 * Rejects with the error of a request for the sessions of a site or a charger, naming it where the API refuses them.
 */
export async function namePlace(
	call: TriggerContext,
	kind: 'site' | 'charger',
	uuid: string,
	error: unknown,
): Promise<never> {
	if (!isRefusal(error)) return await Promise.reject(error as Error);
	const places = await placesOf(call, kind).catch(async () => await Promise.reject(error));
	throw noAccess(kind, nameOf(places.find((one) => one.uuid === uuid) ?? { uuid }), error.details.status);
}

/** The result, or the substitute where the token may not read it, or where it is gone. */
export async function unlessClosed<T>(result: Promise<T>, substitute: T): Promise<T> {
	return await result.catch(async (error: unknown) =>
		isRefusal(error) ? substitute : await Promise.reject(error as Error),
	);
}

function isRefusal(error: unknown): error is ApiError {
	return error instanceof ApiError && [403, 404].includes(error.details.status ?? 0);
}

function noAccess(kind: string, name: string, status?: number): ApiError {
	const answer = status === undefined ? '' : ` (HTTP ${status})`;
	return new ApiError(`The access token may not read the sessions of the ${kind} ${name}${answer}`, {
		advice: `Its access has ended or was never given: that of an installer ends 14 days after the installation. Ask the owner of the ${kind} to give it again.`,
		failure: 'credential-invalid',
		status,
	});
}

function isClosed({ permissions }: IDataObject): boolean {
	return (permissions as IDataObject | null | undefined)?.sensitive === false;
}

function nameOf({ name, identity, uuid }: IDataObject): string {
	return readId(name) ?? readId(identity) ?? String(uuid);
}
