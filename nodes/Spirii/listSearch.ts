import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';

import { isObject } from '../shared/http/response';
import { openClient } from '../shared/node/client';
import { toNodeError } from '../shared/node/execute';
import { readCursor, VisitedPages } from '../shared/paging/cursor';
import { readId } from '../shared/util/ids';
import { pageOf } from './cursorLists';
import { spirii } from './vendor';

/** A person waits for these lists. */
const PICKER_TIMEOUT_S = 20;

const PAGE_SIZE = 100;

/** Pages are read until so many entries match, so that a list that is narrowed down fills what the picker shows. */
const MIN_MATCHES = 20;

/** What a record offers to pick. */
type EntriesOf = (record: IDataObject) => Array<INodeListSearchItems | undefined>;

/** Locations, by name, address, number or the ID of one of their EVSEs. */
export const searchLocations = searchOf('/v2/locations', (location) => [
	entryOf(location.id, [location.name, location.address, location.city, location.id], evseIdsOf(location)),
]);

/** EVSEs by ID, or by name and address of the location; the value is the number that paths need. */
export const searchEvses = searchOf('/v2/locations', (location) =>
	evsesOf(location).map((evse) => entryOf(evse.uid, [evse.evseId, location.name, location.address])),
);

/** The same; the value is the EVSE ID that sessions have. */
export const searchEvseIds = searchOf('/v2/locations', (location) =>
	evsesOf(location).map((evse) => entryOf(evse.evseId, [evse.evseId, location.name, location.address])),
);

/** Charge boxes, by name, serial number, number or the ID of one of their EVSEs. */
export const searchChargeBoxes = searchOf('/v2/chargeboxes', (box) => [
	entryOf(
		box.id,
		[box.chargeBoxIdentity, box.serialNumber, box.id, box.deletedAt ? 'deleted' : undefined],
		evseIdsOf(box),
	),
]);

/** Running transactions, by EVSE ID, location, ID tag or number. */
export const searchRunningTransactions = searchOf(
	'/v2/transactions',
	({ id, evseId, location, auth, startedAt }) => [
		entryOf(id, [
			evseId,
			isObject(location) ? location.name : undefined,
			isObject(auth) && isObject(auth.idTag) ? auth.idTag.label : undefined,
			startedAt,
			id,
		]),
	],
	{ ongoing: true },
);

/** The pickers of the node and of the trigger. */
export const listSearch = {
	searchLocations,
	searchEvses,
	searchEvseIds,
	searchChargeBoxes,
	searchRunningTransactions,
};

function evsesOf({ evses }: IDataObject): IDataObject[] {
	return Array.isArray(evses) ? (evses.filter(isObject) as IDataObject[]) : [];
}

function evseIdsOf(holder: IDataObject): unknown[] {
	return evsesOf(holder).map(({ evseId }) => evseId);
}

/**
 * An entry of a picker.
 *
 * @param id Without one, there is nothing to pick.
 * @param words What is shown, the name first.
 * @param more What can be searched besides.
 */
function entryOf(id: unknown, words: unknown[], more: unknown[] = []): INodeListSearchItems | undefined {
	const value = readId(id);
	if (value === undefined) return undefined;
	const isText = (word: unknown) => word !== null && word !== undefined && word !== '';
	const [name, ...details] = words.filter(isText).map(String);
	const text = details.length > 0 ? `${name} (${details.join(', ')})` : name;
	return { name: text, value, description: more.filter(isText).map(String).join(', ') };
}

/**
 * A picker of n8n over a list that the API cannot search: its pages are read until enough entries match. n8n asks for the
 * entries behind them, with the cursor, when the person scrolls down.
 */
function searchOf(path: string, entriesOf: EntriesOf, selection: IDataObject = {}) {
	return async function (
		this: ILoadOptionsFunctions,
		filter?: string,
		paginationToken?: string,
	): Promise<INodeListSearchResult> {
		try {
			const client = await openClient(this, spirii, { timeoutSeconds: PICKER_TIMEOUT_S });
			const wanted = filter?.trim().toLowerCase() ?? '';
			const results: INodeListSearchItems[] = [];
			const visited = new VisitedPages(client.redact);
			let cursor = paginationToken;
			do {
				const query = { ...selection, limit: PAGE_SIZE, nextPageCursor: cursor };
				const page = await pageOf(client, { path, query, body: {} });
				visited.addPage(page.records);
				for (const record of page.records) {
					for (const entry of entriesOf(record)) {
						if (entry && isMatch(entry, wanted)) results.push(entry);
					}
				}
				cursor = readCursor(page.nextCursor);
				if (cursor !== undefined) visited.addCursor(cursor);
			} while (cursor !== undefined && results.length < MIN_MATCHES);
			return { results, paginationToken: cursor };
		} catch (error) {
			throw toNodeError(this.getNode(), error);
		}
	};
}

function isMatch({ name, description = '' }: INodeListSearchItems, wanted: string): boolean {
	return name.toLowerCase().includes(wanted) || description.toLowerCase().includes(wanted);
}
