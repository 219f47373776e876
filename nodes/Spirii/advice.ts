/** The advice for a list of the v1 API that changes faster than it can be read. */
export const UNSTABLE_LIST_ADVICE =
	'Set "Sort By" to ID, leave out "Updated To", or request a shorter time span.';

/** The hint at a filter on the last update: the obvious filter for a month, and the wrong one. */
export const UPDATE_IS_NOT_END =
	'By the last update, not by the end of the session. For the sessions of a month, set Period above.';
