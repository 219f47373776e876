import type { IDataObject } from 'n8n-workflow';

import { pathSegment } from '../shared/http/url';
import { ApiError, InputError, formatValue } from '../shared/util/errors';
import { readId } from '../shared/util/ids';
import { linkedPages, type LinkReader } from './linkedLists';

/** The lists of version 3 whose records have both a number and a UUID. */
export const PLACE_LISTS = {
	charger: '/api/v3/chargers',
	site: '/api/v3/sites',
	team: '/api/v3/teams',
};

export type PlaceKind = keyof typeof PLACE_LISTS;

/** Pattern of the ids that the parameters for places take: a UUID, or a number of a workflow made for version 2. */
export const PLACE_ID = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9]{1,10}';

/** Reads lists of places. `once` keeps them for all items of an execution. */
export interface PlaceReader extends LinkReader {
	once?: <T>(key: string, read: () => Promise<T>) => Promise<T>;
}

/** All records of a list of places, read once. */
export async function listOnce(call: PlaceReader, path: string): Promise<IDataObject[]> {
	const read = async () => {
		const all: IDataObject[] = [];
		for await (const page of linkedPages(call, { path, query: {}, body: {} })) {
			for (const place of page) all.push(place);
		}
		return all;
	};
	return call.once ? await call.once(path, read) : await read();
}

/** All sites, chargers or teams of the token. */
export async function placesOf(call: PlaceReader, kind: PlaceKind): Promise<IDataObject[]> {
	return await listOnce(call, PLACE_LISTS[kind]);
}

/** The chargers of a site, with their permissions, or of a team, with their sites. */
export async function chargersIn(
	call: PlaceReader,
	kind: 'site' | 'team',
	uuid: string,
): Promise<IDataObject[]> {
	return await listOnce(call, `${PLACE_LISTS[kind]}/${pathSegment(uuid, 'UUID')}/chargers`);
}

/** Reads something that the sessions can do without. If the token may not read it (403, 404), a hint says what is missing. */
export async function unlessRefused<T>(
	{ hint }: { hint: (message: string) => void },
	read: () => Promise<T>,
	missing: string,
): Promise<T | undefined> {
	return await read().catch((error: unknown) => {
		const isRefused = error instanceof ApiError && [403, 404].includes(error.details.status ?? 0);
		if (!isRefused) throw error;
		hint(missing);
		return undefined;
	});
}

/**
 * The UUID of a place. A number, as version 2 has them, is looked up in the list of the token, and a hint asks for the UUID.
 *
 * @throws InputError if no place of the token has the number.
 */
export async function uuidOf(
	call: PlaceReader & { hint: (message: string) => void },
	kind: PlaceKind,
	given: string,
): Promise<string> {
	const id = given.trim();
	if (id.includes('-')) return id;
	const place = (await placesOf(call, kind)).find((one) => readId(one.id) === id);
	const uuid = place && readId(place.uuid);
	if (uuid === undefined) {
		throw new InputError(
			`No ${kind} of this token has the number ${formatValue(id)}`,
			`Pick the ${kind} from the list, or give its UUID.`,
		);
	}
	call.hint(
		`The ${kind} ${id} was given by its number of version 2, which takes more requests. Use its UUID: ${uuid}`,
	);
	return uuid;
}
