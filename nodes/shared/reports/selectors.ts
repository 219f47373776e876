import { InputError, formatValue } from '../util/errors';
import type { Cell, SessionRow } from '../session/types';

/** The kinds of ids and places that a person can name, the most exact first: of several prices, that of the first kind counts. */
export const KINDS = [
	'card',
	'contract',
	'customer',
	'appUser',
	'driver',
	'evse',
	'charger',
	'location',
	'postal',
	'city',
	'country',
] as const;

/** The column that has the IDs of a kind. */
export const COLUMN_OF = {
	card: 'tokenUid',
	contract: 'contractId',
	customer: 'driverId',
	appUser: 'driverId',
	driver: 'driverId',
	evse: 'evseId',
	charger: 'chargerId',
	location: 'locationId',
	postal: 'postalCode',
	city: 'city',
	country: 'country',
} as const satisfies Record<Kind, string>;

export type Kind = (typeof KINDS)[number];

export const SITE_KINDS: Kind[] = ['location', 'charger', 'evse'];

/** Kinds that a text without a kind may mean. Places need theirs: `country:BE`. */
const IDS: Kind[] = KINDS.filter((kind) => !['postal', 'city', 'country'].includes(kind));

/** Kinds whose ids are given by each vendor on its own. A card and a place are the same at every vendor. */
const OF_A_VENDOR: Kind[] = ['customer', 'appUser', 'driver', ...SITE_KINDS];

/** An id of a driver, card, site or place, as a person wrote it. */
export interface Selector {
	written: string;
	/** The vendor, in small letters; null for any. */
	source: string | null;
	kinds: Kind[];
	value: string;
}

/**
 * Reads ids that are separated by commas, each with its kind and vendor or without: `location:1766`, `vendor:charger:1766`,
 * `04:AA:BB:CC`. Postal codes may be a range: `postal:1000-1299`.
 *
 * @param label Of the parameter, for messages.
 * @param kinds Those that are allowed.
 * @param sources The vendors' names in rows.
 * @throws InputError for another kind or vendor.
 */
export function readSelectors(
	text: string,
	label: string,
	sources: string[],
	kinds: readonly Kind[] = KINDS,
): Selector[] {
	return text
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== '')
		.map((written) => {
			// A word before a colon is a kind or a vendor; two digits are the first byte of a card.
			const [, first, rest = ''] = WORD.exec(written) ?? [];
			if (first === undefined) {
				return { written, source: null, kinds: IDS.filter((kind) => kinds.includes(kind)), value: written };
			}
			const vendor = sources.find((source) => isSame(source, first));
			const [, second, last = ''] = (vendor && WORD.exec(rest)) || [];
			const kind = kinds.find((name) => isSame(name, vendor === undefined ? first : (second ?? '')));
			if (kind === undefined) {
				throw new InputError(
					`"${label}" has ${formatValue(written)}, and the node does not know this kind of ID`,
					`Write one of ${kinds.join(', ')} before an ID, and the vendor before that: ${kinds[0]}:1766, ${sources[0]}:${kinds[0]}:1766.`,
				);
			}
			return {
				written,
				source: vendor?.toLowerCase() ?? null,
				kinds: kind === 'driver' ? ['customer', 'appUser', 'driver'] : [kind],
				value: vendor === undefined ? rest : last,
			};
		});
}

const WORD = /^([a-z]{3,})\s*:\s*(.+)$/i;

function isSame(one: string, other: string): boolean {
	return one.toLowerCase() === other.toLowerCase();
}

/** A card's number for comparison: in capitals, without separators. `04:aa:bb` and `04AABB` are one card; leading zeros count. */
export function cardOf(value: Cell | undefined): string | null {
	const card = isHidden(value) ? '' : String(value).replace(/[\s:.-]/g, '');
	return card === '' ? null : card.toUpperCase();
}

/** Whether a value is missing or masked. One mask hides many values. */
export function isHidden(value: Cell | undefined): boolean {
	return value === null || value === undefined || String(value).startsWith('****');
}

/** Which rows are named by which selectors. */
export interface Selection {
	/** By index of the row: its selectors with their kinds, without those that are unclear. */
	of: Array<Map<Selector, Kind>>;
	/** By index of the row: its selectors that are unclear. */
	unclearOf: Map<number, Selector[]>;
	/** Selectors that could mean several things, and these: `vendor:location`. */
	unclear: Map<Selector, string[]>;
	/** Numbers without their kind, and what they are taken for, as they have to be written to stay that: `vendor:charger:1766`. */
	taken: Array<{ written: string; taken: string }>;
}

/**
 * Finds the rows that selectors name. A selector whose value is an id of different kinds, or at different vendors, is unclear and selects nothing, since it would name the wrong person or site.
 */
export function selectRows(selectors: Selector[], rows: SessionRow[]): Selection {
	const ranges = selectors.filter(({ kinds }) => kinds[0] === 'postal');
	const byValue = new Map<string, Selector[]>();
	for (const selector of selectors) {
		for (const key of new Set(selector.kinds.map((kind) => selectorKey(kind, selector.value)))) {
			byValue.set(key, [...(byValue.get(key) ?? []), selector]);
		}
	}
	const found = rows.map((row) => {
		const labels = new Map<Selector, string[]>();
		const source = String(row.source).toLowerCase();
		for (const [kind, value] of idsOf(row)) {
			for (const selector of byValue.get(selectorKey(kind, value)) ?? []) {
				if (!selector.kinds.includes(kind) || (selector.source ?? source) !== source) continue;
				const label = OF_A_VENDOR.includes(kind) ? `${String(row.source)}:${kind}` : kind;
				labels.set(selector, [...(labels.get(selector) ?? []), label]);
			}
		}
		for (const range of ranges) if (isInRange(row.postalCode, range.value)) labels.set(range, ['postal']);
		return labels;
	});
	const meanings = new Map<Selector, Set<string>>();
	for (const labels of found) {
		for (const [selector, kinds] of labels) {
			const known = meanings.get(selector) ?? new Set();
			meanings.set(selector, new Set([...known, ...kinds]));
		}
	}
	const several = [...meanings].filter(([, known]) => known.size > 1);
	const unclear = new Map(several.map(([selector, known]) => [selector, [...known].sort()]));
	const unclearOf = new Map<number, Selector[]>();
	const of = found.map((labels, index) => {
		const clear = [...labels].filter(([selector]) => !unclear.has(selector));
		if (clear.length < labels.size)
			unclearOf.set(
				index,
				[...labels.keys()].filter((key) => unclear.has(key)),
			);
		return new Map(clear.map(([selector, [label]]) => [selector, label.split(':').at(-1) as Kind]));
	});
	const taken = [...meanings].flatMap(([{ written, kinds }, [meaning, ...others]]) =>
		others.length === 0 &&
		!WORD.test(written) &&
		kinds.length > 1 &&
		(/^\d+$/.test(written) || meaning.includes(':'))
			? [{ written, taken: `${meaning}:${written}` }]
			: [],
	);
	return { of, unclearOf, unclear, taken };
}

/** Sites in which the name of a location is replaced by its ID. */
export interface NamedSites {
	sites: Selector[];
	/** Names and the locations that have them, as they have to be written: `vendor:location:1766`. Of several none is used. */
	names: Map<string, string[]>;
}

/** Finds the locations of sites that no row has as an ID, and that are the name of a location. */
export function locationsByName(sites: Selector[], rows: SessionRow[]): NamedSites {
	const { of, unclear } = selectRows(sites, rows);
	const names: NamedSites['names'] = new Map();
	const found = sites.map((site): Selector => {
		const { written, source, kinds, value } = site;
		const isId = unclear.has(site) || of.some((selectors) => selectors.has(site));
		if (isId || !kinds.includes('location')) return site;
		const isNamed = (row: SessionRow) =>
			isSame(String(row.locationName ?? '').trim(), value) &&
			!isHidden(row.locationId) &&
			(source === null || isSame(source, String(row.source)));
		const locations = new Map(
			rows.filter(isNamed).map((row) => [`${row.source}:location:${row.locationId}`, row]),
		);
		if (locations.size === 0) return site;
		names.set(written, [...locations.keys()].sort());
		const [row, ...others] = locations.values();
		if (others.length > 0) return site;
		return {
			written,
			source: String(row.source).toLowerCase(),
			kinds: ['location'],
			value: String(row.locationId),
		};
	});
	return { sites: found, names };
}

function selectorKey(kind: Kind, value: Cell): string {
	return kind === 'card' ? `card ${cardOf(value)}` : String(value).trim().toUpperCase();
}

/** Everything that a row can be named by, the most exact first. */
function idsOf(row: SessionRow): Array<[Kind, Cell]> {
	const driver = KINDS.find((kind) => kind === row.driverIdKind) ?? 'driver';
	const ids: Array<[Kind, Cell | undefined]> = [
		['card', row.tokenUid],
		['contract', row.contractId],
		[driver, row.driverId],
		['evse', row.evseId],
		['charger', row.chargerId],
		['charger', row.chargerUuid],
		['location', row.locationId],
		['postal', row.postalCode],
		['city', row.city],
		['country', row.country],
	];
	return ids.filter((id): id is [Kind, Cell] => !isHidden(id[1]));
}

/** Whether a postal code is within `1000-1299`. Both ends have as many digits as the code. */
function isInRange(code: Cell | undefined, range: string): boolean {
	const ends = /^(\d+)\s*-\s*(\d+)$/.exec(range);
	const digits = /\d+/.exec(String(code ?? ''))?.[0];
	if (!ends || digits?.length !== ends[1].length) return false;
	return ends[1] <= digits && digits <= ends[2];
}
