/** The advice for a request whose parameters Volt Time ignores. A proxy may have dropped the body that holds them. */
export const IGNORED_DATES_ADVICE =
	'Change "Send Parameters As" in the options, so that dates, limit and order reach the API, and run it again.';
