/** Behavior of V3, and of V2 beside it, that no page settles. The first value of each is the initial one. */
export interface PlugchoiceSwitches {
	/** Whether V2 still answers: as ever, 410, 404, or a 301 to `v2MovedTo`. */
	v2: 'answers' | 'gone410' | 'missing404' | 'moved301';
	/** Origin that a moved V2 names, without a slash at the end. */
	v2MovedTo: string;
	/** Whether this address has V3: not every address of the vendor may. */
	v3: 'answers' | 'missing404';
	/** Which versions take the token; the other one answers 401. */
	tokens: 'both' | 'onlyV2' | 'onlyV3';
	/** Whether a session has the same id in V2 and V3. If not, V3 counts from another number on. */
	sameIds: boolean;
	/** What becomes of the time part of `started_from` and `stopped_until`: 422, cut off, or read. */
	datePrecision: 'day' | 'cutOff' | 'time';
	/** Whether a day in `stopped_until` means its last or its first moment. */
	stoppedUntil: 'endOfDay' | 'startOfDay';
	/** Whether `stopped_until` leaves out sessions that still run. */
	untilHidesRunning: boolean;
	/** The time zone of those days. */
	zone: 'UTC' | 'Amsterdam';
	/** Whether `limit` is the most that a list gives in all, or the size of its pages. Without it a page has 25. */
	limitMeans: 'cap' | 'pageSize';
	/**
	 * Where the next page stands: as documented for the endpoint (`links` or `flat`), in `links` and `meta` (form A), flat
	 * (form B), in `links` and `meta` with totals (form C), as a cursor in either place, or nowhere. Without a block a list of
	 * sessions has up to `limit` records, and other lists are whole.
	 */
	blocks: 'documented' | 'links' | 'flat' | 'lengthAware' | 'cursor' | 'none';
	/** What becomes of an unknown `filter[...]`: 400, or nothing. */
	unknownFilter: 'refused400' | 'ignored';
	/** The name of the search parameter of the lists of a team. */
	searchName: 'filter[search]' | 'search';
	/** `total_kwh`: whole kWh as text, two places as text, two places as a number, or missing. */
	kwh: 'floor' | 'exact' | 'number' | 'absent';
	/** Whether sessions of a charger or a site have `is_valid`, which is false for some. */
	isValid: 'absent' | 'someFalse';
	/** What the list of sessions of a charger or site says when sensitive access to it has ended. */
	whenAccessEnded: 'forbidden403' | 'empty';
	/** Whether single objects, and lists without a paging block, stand in `data`. */
	envelope: 'data' | 'bare';
	/** Most sessions in a response of V3, whatever limit is asked for; undefined: as many as asked for. */
	v3Cap: number | undefined;
	/**
	 * What a response shows that has no more for this reason: the next page; the total, the number of the last page or the next
	 * cursor, without a link; or nothing.
	 */
	v3CapShows: 'nextPage' | 'total' | 'nothing';
	/** Order of the sessions of a charger or site, by start. */
	v3Order: 'desc' | 'asc';
}

/** The initial values. */
export function plugchoiceSwitches(): PlugchoiceSwitches {
	return {
		v2: 'answers',
		v2MovedTo: 'https://app.plugchoice.com',
		v3: 'answers',
		tokens: 'both',
		sameIds: true,
		datePrecision: 'day',
		stoppedUntil: 'endOfDay',
		untilHidesRunning: true,
		zone: 'UTC',
		limitMeans: 'cap',
		blocks: 'documented',
		unknownFilter: 'refused400',
		searchName: 'filter[search]',
		kwh: 'floor',
		isValid: 'absent',
		whenAccessEnded: 'forbidden403',
		envelope: 'data',
		v3Cap: undefined,
		v3CapShows: 'nextPage',
		v3Order: 'desc',
	};
}
