/** What to change on the canvas when Volt Time ignores the dates of a request: a proxy may drop the body that holds them. */
export const IGNORED_DATES_ADVICE =
	'Change "Send Parameters As" in the options, so that the dates reach the API, and run it again.';
