import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Encode } from '../shared/parameters/parameters';
import type { WritePeriod } from '../shared/parameters/period';
import { takesSessionKey, type Rule } from '../shared/parameters/rules';
import type { RecordKind } from '../shared/session/fields';
import { orNotFound } from '../shared/util/errors';
import { concurrencyOption, exportOf, filtersOf, optionsOf, returnAllOrLimit } from '../shared/node/lists';
import type { ListEndpoint, Operation, ReadEndpoint } from '../shared/node/operation';
import { countAll, getMany, getOne, getOnePage, pagesForFiles, type OrderOf } from './cursorLists';
import { cursorNames, cursors, oneCursor } from './cursors';
import { period } from './period';

/** The records of an endpoint, which returns one of them or a list. */
interface Records {
	/** Their name in sentences, in singular and plural: `charge record`, `charge records`. */
	singular: string;
	plural: string;
	/** The field map of records that describe sessions. */
	kind?: RecordKind;
	/** Returns the fields that "Simplify" keeps. */
	simplify?: (record: IDataObject) => IDataObject;
}

/**
 * A list that is read page by page with cursors: `{ data: [...], nextPageCursor, previousPageCursor }`.
 * Source: docs.spirii.com, page on pagination.
 */
export interface CursorList {
	endpoint: ListEndpoint;
	records: Records;
	/** What the records are, for the description of Get Many. */
	about: string;
	/** The filters of the list. */
	filters: INodeProperties[];
	/** Fetch options, besides those of every list. */
	options?: INodeProperties[];
	/** Writes "Period" into the parameters, for a list of sessions. */
	writePeriod?: WritePeriod;
	rules?: Rule[];
	encode?: Record<string, Encode>;
	/** The time that the list is sorted by. If it is known, several time ranges of the list can be read at once. */
	orderOf?: OrderOf;
}

/** Get Many: all pages, one item per record. */
export function getManyOf(list: CursorList): Operation {
	const { records, about, filters, options = [], writePeriod, orderOf = () => undefined } = list;
	return {
		...common(list),
		value: 'getAll',
		name: 'Get Many',
		action: `Get many ${records.plural}`,
		description: `Get ${records.plural}: ${about}`,
		properties: [
			...(writePeriod ? period : []),
			...returnAllOrLimit,
			filtersOf(...filters),
			optionsOf(...options, concurrencyOption),
		],
		countAll,
		run: getMany(orderOf),
	};
}

/** Get Page: one item with the records and the cursors, for loops that keep memory flat. */
export function getPageOf(list: CursorList): Operation {
	const { records, filters, options = [], writePeriod, rules = [] } = list;
	return {
		...common(list),
		rules: [oneCursor, ...rules],
		listStart: cursorNames,
		value: 'getPage',
		name: 'Get Page',
		action: `Get a page of ${records.plural}`,
		description: `Get one page of ${records.plural} and the cursor of the next one, for a loop over very long lists`,
		properties: [...(writePeriod ? period : []), ...cursors, filtersOf(...filters), optionsOf(...options)],
		run: getOnePage,
	};
}

/** Export: all pages, into files. */
export function exportListOf(list: CursorList): Operation {
	const { records, orderOf = () => undefined } = list;
	return exportOf(
		getManyOf(list),
		{
			action: `Export ${records.plural} to files`,
			description: `Write ${records.plural} into CSV or NDJSON files, page by page, for very long lists`,
		},
		pagesForFiles(orderOf),
	);
}

function common({ endpoint, records: { kind, simplify }, writePeriod, rules = [], encode }: CursorList) {
	return { endpoint, records: kind, simplify, writePeriod, rules, encode };
}

/** An endpoint that returns one record by its id. */
export interface SingleRecord {
	endpoint: ReadEndpoint;
	records: Records;
	/** The parameter with the id. */
	id: INodeProperties;
	options?: INodeProperties[];
	rules?: Rule[];
}

/** Get: one record by its id. */
export function getOf({ endpoint, records, id, options = [], rules = [] }: SingleRecord): Operation {
	const { singular, kind, simplify } = records;
	const article = /^[aeiou]/i.test(singular) ? 'an' : 'a';
	return {
		value: 'get',
		name: 'Get',
		action: `Get ${article} ${singular}`,
		description: `Get one ${singular} by its ID`,
		endpoint,
		records: kind,
		simplify,
		properties: [id, optionsOf(...options)],
		rules: kind?.source ? [takesSessionKey(id.name, kind.source), ...rules] : rules,
		run: async (call) => await orNotFound(singular, call.values[id.name], async () => await getOne(call)),
	};
}
