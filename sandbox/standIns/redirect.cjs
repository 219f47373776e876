// Loaded into n8n before anything else (`--require`): requests that belong to the stand-ins of this folder go to them. The nodes of
// n8n for Slack and Google Sheets have fixed addresses, so no setting of theirs could lead there. Whatever carries another key, such as
// that of a person's own account, goes where it is addressed to.
const http = require('node:http');
const https = require('node:https');

/** `url` of the stand-ins; the `key` that all of them accept; `hosts` that they stand in for whatever the key is. */
const { url, key, hosts } = JSON.parse(process.env.SANDBOX_STAND_INS);
const standIns = new URL(url);

const { request } = https;

/** n8n's HTTP client calls it with an object of options (n8n 2.41.1 and 1.123.81). */
https.request = function (options, ...rest) {
	const host = options?.hostname ?? options?.host;
	const carriesKey = Object.values(options?.headers ?? {}).some((value) => String(value).includes(key));
	if (!carriesKey && !hosts.includes(host)) return request.call(https, options, ...rest);
	const { hostname, port } = standIns;
	const local = { protocol: 'http:', host: hostname, hostname, port, path: `/${host}${options.path}` };
	return http.request({ ...options, ...local, agent: undefined, agents: undefined }, ...rest);
};
