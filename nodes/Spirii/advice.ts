/** The advice for a list of the v1 API that changes faster than it can be read. */
export const UNSTABLE_LIST_ADVICE =
	'Set "Sort By" to ID, leave out "Updated Until", or request a shorter time span.';
