import type { IDataObject } from 'n8n-workflow';

import type { OperationContext } from '../shared/node/operation';
import { placesOf, type PlaceKind } from './places';

/** What reading places and prices needs of an operation. */
export type PlaceContext = Pick<
	OperationContext,
	'getJson' | 'baseUrl' | 'redact' | 'hint' | 'clock' | 'values'
>;

/** The most names of chargers in a hint. */
const MAX_NAMES = 10;

/**
 * Returns the function that adds to a session what its record lacks: of a site, the site; of a team, the number of the charger, so
 * that tables by charger go on after version 2.
 *
 * The list of a team leaves out chargers without sensitive access, and no error says so. A hint names them.
 */
export async function addPlaces(
	call: PlaceContext,
	kind: PlaceKind,
	uuid: string,
): Promise<(record: IDataObject) => IDataObject> {
	if (kind === 'site') {
		const site = (await placesOf(call, 'site')).find((one) => one.uuid === uuid);
		return (record) => ({ ...record, added: { site } });
	}
	if (kind === 'charger') return (record) => ({ ...record, added: {} });

	const chargers = await placesOf(call, 'charger');
	const closed = chargers.filter(
		({ permissions }) => (permissions as IDataObject | null)?.sensitive === false,
	);
	if (closed.length > 0) {
		const names = closed.slice(0, MAX_NAMES).map(({ identity, uuid: key }) => String(identity ?? key));
		if (closed.length > names.length) names.push('…');
		call.hint(
			`The access token may not read the sessions of ${closed.length} of ${chargers.length} chargers, which are missing where they belong to this team: ${names.join(', ')}`,
		);
	}
	const ids = new Map(chargers.map(({ uuid: key, id }) => [key, id]));
	return (record) => ({
		...record,
		added: { chargerId: ids.get((record.charger as IDataObject | undefined)?.uuid) },
	});
}
