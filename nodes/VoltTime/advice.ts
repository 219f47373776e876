/** The advice for a request whose dates Volt Time ignores. A proxy may have dropped the body that holds them. */
export const IGNORED_DATES_ADVICE =
	'Change "Send Parameters As" in the options, so that the dates reach the API, and run it again.';
