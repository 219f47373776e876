import type { ApiError } from '../util/errors';
import type { RunningSession } from './deliveredSessions';
import type { SessionSnapshot } from './snapshot';
import type { Json, Scan } from './state';

/** Some records of a list. */
export interface SourcePage<R> {
	records: R[];
	/** The resume token of the next page; `undefined` at the end of the list. Only the source understands it. */
	next?: Json;
	/** Tells the next page from the others of the list, where the token itself does not: a cursor. */
	key?: string;
	/** Why the list cannot be read on now: the poll ends with this error, and the next one continues at `next`. */
	failure?: ApiError;
	/** The partition that all records belong to, where the source reads one partition at a time: a charger, a site. */
	partition?: string;
	/** How a message names the partition; "charger" and its key where this is not set. */
	partitionLabel?: string;
	/** What the user has to know of this answer: a sentence for n8n's log. */
	notice?: string;
	/** Notes of the source for its next scan. They replace those that {@link Source.listsOf} returned. */
	notes?: Json;
}

/** A session that is known to run, with its number: see `sessionNumber`. */
export interface KnownRunning extends RunningSession {
	number: number;
}

/**
 * A list of sessions that a vendor offers, with the properties that the engine depends on.
 *
 * @example
 * // Ended sessions, sorted by their end. An update does not change the end.
 * { key: 'ended', order: 'oldestFirst', coversEnded: true, movesOnUpdate: false, fetchPage }
 * // Updated records, sorted by their update. A session can end without an update.
 * { key: 'updated', order: 'oldestFirst', coversEnded: false, movesOnUpdate: true, fetchPage }
 */
export interface SessionList<R> {
	/** Name of the list in the stored state: unique within the source, and never changed after a release. */
	readonly key: string;
	/** The order of the records, within a partition where there are partitions. */
	readonly order: 'oldestFirst' | 'newestFirst' | 'unordered';
	/** Whether the list holds every session that ended since the start of the scan. */
	readonly coversEnded: boolean;
	/** Whether an update brings a session into the list, or moves it within the list. */
	readonly movesOnUpdate: boolean;
	/**
	 * Fetches one page.
	 *
	 * @param from Start of the scan in milliseconds since 1970. The page may also hold older sessions.
	 * @param resumeToken `next` of the page before; null at the beginning of the list.
	 * @param running All sessions that were known to run when the list, or the poll that resumed it, began.
	 * @throws ApiError when the API fails.
	 */
	fetchPage(from: number, resumeToken: Json, running: KnownRunning[]): Promise<SourcePage<R>>;
}

/** Reads the sessions of one vendor. */
export interface Source<R> {
	/** Every list that {@link listsOf} can choose. A stored scan is resumed from the list with the stored key. */
	readonly lists: ReadonlyArray<SessionList<R>>;
	/** `undefined` for a record without an id, which is skipped. Throws an ApiError for an id that lost digits. */
	describe(record: R): SessionSnapshot | undefined;
	/** The partition of a record, where a page holds several. */
	partitionOf?(record: R): string | undefined;
	/**
	 * Chooses the lists of a scan, in the order in which they are read: a list that covers ended sessions comes before one that
	 * does not. May call the API.
	 *
	 * @param notes What this source returned as `notes` for the last scan; null at the first one.
	 */
	listsOf(
		scan: Pick<Scan, 'kind' | 'deep' | 'from'>,
		notes: Json,
	): Promise<{ lists: Array<SessionList<R>>; notes: Json }>;
	/** A few records, the newest first. */
	newest(count: number): Promise<R[]>;
	/** The server's clock in milliseconds since 1970, as of its newest response. */
	clock(): number | undefined;
	/**
	 * Sends a small request, so that the server's clock is known. Returns some of the newest records, which show whether this
	 * machine's clock is behind, and how ids rise where the source has no partitions. Throws an ApiError.
	 */
	readClock(): Promise<R[]>;
	/** Whether the source asks for running sessions until they end. */
	followsRunning: boolean;
	/** Adds to records what rows show beside them. Called for delivered records only. Throws an ApiError. */
	complete?(records: R[]): Promise<R[]>;
}

/** The list with a key that {@link listKeys} returned. */
export function listWithKey<R>(source: Source<R>, key: string): SessionList<R> {
	const list = source.lists.find((candidate) => candidate.key === key);
	if (!list) throw new Error(`The source has no list "${key}"`);
	return list;
}

/** The keys under which lists are stored. */
export function listKeys<R>(source: Source<R>, lists: Array<SessionList<R>>): string[] {
	return lists.map((list) => {
		if (listWithKey(source, list.key) !== list) throw new Error(`Two lists have the key "${list.key}"`);
		return list.key;
	});
}
