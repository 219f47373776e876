import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../shared/util/errors';
import { readId } from '../shared/util/ids';
import { placesOf, type PlaceKind, type PlaceReader } from './places';

/**
 * Rejects with the error of a request for the sessions of a site, a charger or a team, naming it where the API refuses them.
 */
export async function namePlace(
	call: PlaceReader,
	kind: PlaceKind,
	uuid: string,
	error: unknown,
): Promise<never> {
	if (!isRefusal(error)) return await Promise.reject(error as Error);
	const places = await placesOf(call, kind).catch(async () => await Promise.reject(error));
	throw noAccess(kind, nameOf(places.find((one) => one.uuid === uuid) ?? { uuid }), error.details.status);
}

/** Whether the API has nothing for the token there, or says that it may not read it. */
export function isRefusal(error: unknown): error is ApiError {
	return error instanceof ApiError && [403, 404].includes(error.details.status ?? 0);
}

/** The error that the sessions of a place cannot be read. */
export function noAccess(kind: PlaceKind, name: string, status?: number): ApiError {
	const answer = status === undefined ? '' : ` (HTTP ${status})`;
	const advice =
		kind === 'team'
			? 'Check that the account of the token is a member of the team and may read its sessions.'
			: `Its access has ended or was never given: that of an installer ends 14 days after the installation. Ask the owner of the ${kind} to give it again.`;
	return new ApiError(`The access token may not read the sessions of the ${kind} ${name}${answer}`, {
		advice,
		failure: 'credential-invalid',
		status,
	});
}

/** Whether the token has no sensitive access to a site or charger, and so may not read its sessions. */
export function isClosed({ permissions }: IDataObject): boolean {
	return (permissions as IDataObject | null | undefined)?.sensitive === false;
}

/** The name of a place for a message. */
export function nameOf({ name, identity, uuid }: IDataObject): string {
	return readId(name) ?? readId(identity) ?? String(uuid);
}
