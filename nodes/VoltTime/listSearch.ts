import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { openClient } from '../shared/node/client';
import { toNodeError } from '../shared/node/execute';
import { InputError } from '../shared/util/errors';
import { pathSegment } from '../shared/http/url';
import { readId } from '../shared/util/ids';
import { listPages } from './numberedLists';
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

/** Reads a list and keeps the matching records. `words` returns the texts that are shown and searched, the id last. */
async function search(
	context: ILoadOptionsFunctions,
	filter: string | undefined,
	path: () => string,
	words: (record: IDataObject) => unknown[],
): Promise<INodeListSearchResult> {
	try {
		const request = { path: path(), query: {}, body: {} };
		const client = await openClient(context, voltTime, { timeoutSeconds: PICKER_TIMEOUT_S });
		const results: INodeListSearchResult['results'] = [];
		const wanted = filter?.trim().toLowerCase() ?? '';
		for await (const records of listPages(client, request)) {
			for (const record of records) {
				const texts = words(record).filter((word) => word !== null && word !== undefined && word !== '');
				const [name, ...details] = texts.map(String);
				const label = details.length > 0 ? `${name} (${details.join(', ')})` : name;
				const id = readId(record.id);
				if (id !== undefined && label.toLowerCase().includes(wanted))
					results.push({ name: label, value: id });
			}
		}
		return { results: results.sort((a, b) => a.name.localeCompare(b.name)) };
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}
