import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { openClient } from '../shared/node/client';
import { toNodeError } from '../shared/node/execute';
import { InputError } from '../shared/util/errors';
import type { ApiRequest } from '../shared/http/retry';
import { pathSegment } from '../shared/http/url';
import { readId } from '../shared/util/ids';
import { linkedPages, type LinkReader } from './linkedLists';
import { listPages } from './numberedLists';
import { PLACE_LISTS, type PlaceKind } from './places';
import { voltTime } from './vendor';

/** Short, because a person waits for these lists. */
const PICKER_TIMEOUT_S = 20;

/** The teams of the credential whose name or id contains the text. */
export async function searchTeams(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	return await search(
		this,
		filter,
		() => '/api/v2/teams',
		({ id, name }) => [name, id],
	);
}

/** The chargers of the chosen team whose identity, reference or id contains the text. */
export async function searchChargers(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const path = () => {
		const team = this.getNodeParameter('teamId', '', { extractValue: true });
		if (!team)
			throw new InputError('Choose the team first: this list holds its chargers', 'Pick one under "Team".');
		return `/api/v2/teams/${pathSegment(String(team), 'Team')}/chargers`;
	};
	return await search(this, filter, path, ({ id, identity, reference }) => [identity, reference, id]);
}

/** The method of a picker of version 3: the texts of a place that are shown and searched. */
const searchPlaces = (kind: PlaceKind, words: (record: IDataObject) => unknown[]) =>
	async function (this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
		return await search(this, filter, () => PLACE_LISTS[kind], words, {
			idField: 'uuid',
			pages: linkedPages,
		});
	};

export const searchSitesV3 = searchPlaces('site', ({ name, city }) => [name, city]);
export const searchChargersV3 = searchPlaces('charger', ({ identity, reference }) => [identity, reference]);
export const searchTeamsV3 = searchPlaces('team', ({ name }) => [name]);

/** Reads a list and keeps the matching records. `words` returns the texts that are shown and searched, the id last. */
async function search(
	context: ILoadOptionsFunctions,
	filter: string | undefined,
	path: () => string,
	words: (record: IDataObject) => unknown[],
	list: {
		idField: string;
		pages: (reader: LinkReader, request: ApiRequest) => AsyncIterable<IDataObject[]>;
	} = {
		idField: 'id',
		pages: listPages,
	},
): Promise<INodeListSearchResult> {
	try {
		const request = { path: path(), query: {}, body: {} };
		const client = await openClient(context, voltTime, { timeoutSeconds: PICKER_TIMEOUT_S });
		const results: INodeListSearchResult['results'] = [];
		const wanted = filter?.trim().toLowerCase() ?? '';
		for await (const records of list.pages(client, request)) {
			for (const record of records) {
				const texts = words(record).filter((word) => word !== null && word !== undefined && word !== '');
				const [name, ...details] = texts.map(String);
				const label = details.length > 0 ? `${name} (${details.join(', ')})` : name;
				const id = readId(record[list.idField]);
				if (id !== undefined && label.toLowerCase().includes(wanted))
					results.push({ name: label, value: id });
			}
		}
		return { results: results.sort((a, b) => a.name.localeCompare(b.name)) };
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}
