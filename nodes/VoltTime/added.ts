import type { IDataObject } from 'n8n-workflow';

import type { OperationContext } from '../shared/node/operation';
import { pathSegment } from '../shared/http/url';
import { ApiError } from '../shared/util/errors';
import {
	chargersIn,
	listOnce,
	PLACE_LISTS,
	placesOf,
	unlessRefused,
	type PlaceKind,
	type PlaceReader,
} from './places';

/** What reading places and prices needs of an operation. */
export type PlaceContext = Pick<
	OperationContext,
	'getJson' | 'baseUrl' | 'redact' | 'hint' | 'clock' | 'values'
> &
	PlaceReader;

/** The most names of chargers in a hint. */
const MAX_NAMES = 10;

/**
 * The list of a site or a team leaves out the sessions of chargers to which the token has no sensitive access, without an error.
 * A hint names them.
 */
export async function hintAtClosed(call: PlaceContext, kind: 'site' | 'team', uuid: string): Promise<void> {
	const readOwn = async () => await chargersIn(call, kind, uuid);
	const unknown = `The access token may not read the chargers of the ${kind}, so it is not known whether sessions of some are missing.`;
	const all = kind === 'team' ? await placesOf(call, 'charger') : await unlessRefused(call, readOwn, unknown);
	let closed = (all ?? []).filter(
		({ permissions }) => (permissions as IDataObject | null)?.sensitive === false,
	);
	if (kind === 'team' && closed.length > 0) {
		const own = (await unlessRefused(call, readOwn, unknown)) ?? closed;
		const keys = new Set(own.map((one) => one.uuid));
		closed = closed.filter((one) => keys.has(one.uuid));
	}
	if (closed.length === 0) return;
	const names = closed.slice(0, MAX_NAMES).map(({ identity, uuid: key }) => String(identity ?? key));
	if (closed.length > names.length) names.push('…');
	const chargers = closed.length === 1 ? 'charger' : 'chargers';
	call.hint(
		`The sessions of ${closed.length} ${chargers} of the ${kind} are missing, since the access token may not read them: ${names.join(', ')}. Ask the owner to give access again.`,
	);
}

/**
 * Returns the function that adds to a session what its record lacks: the site with its address, the team, and in the list of a team
 * the number of the charger, so that tables by charger go on after version 2.
 */
export async function addPlaces(
	call: PlaceContext,
	kind: PlaceKind,
	uuid: string,
): Promise<(record: IDataObject) => IDataObject> {
	const withAddress = await addressesOf(call);
	if (kind === 'site') {
		const added = { site: withAddress({ uuid }), team: await ownerOf(call, uuid) };
		return (record) => ({ ...record, added });
	}
	if (kind === 'charger') {
		const { site, team } = await ownersOf(call, uuid);
		const added = { site: withAddress(site), team };
		return (record) => ({ ...record, added });
	}
	const team = await teamOf(call, uuid);
	const numbers = new Map((await placesOf(call, 'charger')).map(({ uuid: key, id }) => [key, id]));
	return (record) => {
		const charger = record.charger as IDataObject | undefined;
		const site = withAddress((charger?.site ?? undefined) as IDataObject | undefined);
		return { ...record, added: { chargerId: numbers.get(charger?.uuid), site, team } };
	};
}

/** Returns the function that adds its address to a site, of which a session names the UUID alone. */
export async function addressesOf(
	call: PlaceContext,
): Promise<(site: IDataObject | undefined) => IDataObject | undefined> {
	const readSites = async () => await placesOf(call, 'site');
	const sites = await unlessRefused(
		call,
		readSites,
		'The access token may not read the list of sites, so rows have no addresses.',
	);
	return (site) => site && { ...site, ...sites?.find((one) => one.uuid === site.uuid) };
}

/** The team with its name. */
export async function teamOf(call: PlaceContext, uuid: string): Promise<IDataObject> {
	const readTeams = async () => await placesOf(call, 'team');
	const teams = await unlessRefused(
		call,
		readTeams,
		'The access token may not read the list of teams, so rows have no name of the team.',
	);
	return teams?.find((one) => one.uuid === uuid) ?? { uuid };
}

/**
 * The team that owns a site: teams own sites, and the list of those with access says which one does. It is one request, where the
 * chargers of the teams would take one for 25 chargers. A session is worth more than its team: if the list cannot be read, a hint
 * says so. Where the next request would fail as well, the error is passed on.
 */
async function ownerOf(call: PlaceContext, site: string): Promise<IDataObject | undefined> {
	const path = `${PLACE_LISTS.site}/${pathSegment(site, 'Site')}/teams`;
	const teams = await listOnce(call, path).catch((error: unknown) => {
		const status = error instanceof ApiError ? error.details.status : undefined;
		if (status === undefined || [401, 429].includes(status)) throw error;
		call.hint('The teams of the site cannot be read, so rows have no name of the team.');
		return [];
	});
	return teams.find(({ access }) => (access as IDataObject | null | undefined)?.is_owner === true);
}

/** The site and the team of a charger. Only the chargers of a team name theirs. */
async function ownersOf(
	call: PlaceContext,
	charger: string,
): Promise<{ site?: IDataObject; team?: IDataObject }> {
	const readTeams = async () => await placesOf(call, 'team');
	const teams = await unlessRefused(
		call,
		readTeams,
		'The access token may not read the list of teams, so rows of its chargers have no team and no location.',
	);
	for (const team of teams ?? []) {
		const chargers = await unlessRefused(
			call,
			async () => await chargersIn(call, 'team', String(team.uuid)),
			'The access token may not read the chargers of a team, so rows of its chargers have no location.',
		);
		const found = chargers?.find((one) => one.uuid === charger);
		if (found) return { site: (found.site ?? undefined) as IDataObject | undefined, team };
	}
	return {};
}
