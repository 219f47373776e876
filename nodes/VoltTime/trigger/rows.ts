import type { IDataObject } from 'n8n-workflow';

import { pathSegment } from '../../shared/http/url';
import type { TriggerContext } from '../../shared/node/triggerSource';
import { addPlaces, addressesOf, teamOf } from '../added';
import { linkedPages } from '../linkedLists';
import { PLACE_LISTS } from '../places';
import { pricesOf } from '../prices';
import type { Added } from '../records';
import { chargerNumbers } from './chargerNumbers';
import { chargerOf } from './versions';

/** Whether rows are made of the records, which show more than they hold. */
function makesRows({ values: { output } }: TriggerContext): boolean {
	return output !== 'raw' && output !== 'selected';
}

/** Adds the number of the charger, the price, and the site where a session was read from the list of its charger. */
export async function completeTeamRecords(
	call: TriggerContext,
	team: string,
	records: IDataObject[],
): Promise<IDataObject[]> {
	const withSites = await addSites(call, team, records);
	if (!makesRows(call)) return withSites;
	const numberOf = await chargerNumbers(call, records.map(chargerOf));
	const withAddress = await addressesOf(call);
	const owner = await teamOf(call, team);
	const placed = withSites.map((record) => {
		const { site } = record.charger as IDataObject;
		const added: Added = {
			chargerId: numberOf(chargerOf(record)),
			site: withAddress((site ?? undefined) as IDataObject | undefined),
			team: owner,
		};
		return { ...record, added: added as IDataObject };
	});
	return await (
		await pricesOf(call, team)
	)(placed);
}

/** Adds the site to the records of a site's or a charger's list, and the price. */
export async function completePlaceRecords(
	call: TriggerContext,
	kind: 'site' | 'charger',
	uuid: string,
	records: IDataObject[],
): Promise<IDataObject[]> {
	if (!makesRows(call)) return records;
	const place = await addPlaces(call, kind, uuid);
	return await (
		await pricesOf(call, undefined)
	)(records.map(place));
}

/** The list of the team's chargers names the site that the list of one charger leaves out. */
async function addSites(call: TriggerContext, team: string, records: IDataObject[]): Promise<IDataObject[]> {
	const lacks = ({ charger }: IDataObject) => (charger as IDataObject | undefined)?.site === undefined;
	const wanted = new Set(records.filter(lacks).map(chargerOf));
	if (wanted.size === 0) return records;
	const sites = new Map<string, unknown>();
	for (const record of records) {
		if (!lacks(record)) sites.set(chargerOf(record), (record.charger as IDataObject).site);
	}
	const path = `${PLACE_LISTS.team}/${pathSegment(team, 'Team')}/chargers`;
	if ([...wanted].some((charger) => !sites.has(charger))) {
		for await (const page of linkedPages(call, { path, query: {}, body: {} })) {
			for (const { uuid, site } of page) sites.set(String(uuid), site);
		}
	}
	return records.map((record) => {
		if (!lacks(record)) return record;
		const charger = { ...(record.charger as IDataObject), site: sites.get(chargerOf(record)) ?? null };
		return { ...record, charger: charger as IDataObject };
	});
}
