/**
 * Asks Volt Time, today Plugchoice, what its documentation leaves open: `npm run probe -- --help`.
 *
 * Only GET requests, one after the other, to one address. The report has no token, name, address, card or id in it: ids are
 * given as a hash that is another one in each run, so that two of the same session can be seen to be so, and no more.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const DEFAULT_URL = 'https://app.plugchoice.com';
const KNOWN_HOSTS = ['app.plugchoice.com', 'cloud.volttime.com'];
const TOKEN_VARIABLE = 'VOLT_TIME_TOKEN';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TIMEOUT = MINUTE;
/** Chargers that are asked for sessions until one has some, and teams that are asked for a charger. */
const MOST_TRIES = 10;
const SESSIONS = 200;

const HELP = `Asks Volt Time (Plugchoice) what its documentation leaves open, and prints
what to paste into an issue. It only reads: about 30 GET requests. The report
has no token, names, addresses, cards or ids in it.

  ${TOKEN_VARIABLE}=... npm run probe       the token from the environment
  npm run probe                         asks for the token, without showing it

  --base-url <address>   ${DEFAULT_URL} (default),
                         https://cloud.volttime.com, or another one
  --help                 this text
`;

/** One open point and what was seen of it. */
export interface Finding {
	/** What is open. For those that the sandbox has a switch for, its name. */
	point: string;
	/** The value of the switch, or `not settled`. */
	answer: string;
	/** Why. */
	seen: string;
}

interface Answer {
	status: number;
	/** Host of the address that a redirect names. */
	location?: string;
	body: unknown;
}

type Json = Record<string, unknown>;
type Query = Record<string, string | number>;
type Ask = (path: string, query?: Query) => Promise<Answer>;

/**
 * Finds out what can be found out with this token.
 *
 * @throws With a sentence for the person at the terminal if the address or the token does not work at all.
 */
export async function probe(baseUrl: string, token: string): Promise<Finding[]> {
	const ask: Ask = (path, query = {}) => get(baseUrl, token, path, query);
	const findings: Finding[] = [];
	const say = (point: string, answer: string, seen: string) => void findings.push({ point, answer, seen });

	const v3 = await ask('/api/v3/user');
	const v2 = await ask('/api/v2/user');
	say('v3', versionOf(v3), `GET /api/v3/user: ${statusOf(v3)}`);
	say('v2', versionOf(v2), `GET /api/v2/user: ${statusOf(v2)}`);
	if (v3.status === 401 && v2.status !== 200) throw new Error('The token is refused (401). Make a new one.');
	say(
		'tokens',
		v2.status === 200 && v3.status === 200
			? 'both'
			: v2.status === 401 && v3.status === 200
				? 'onlyV3'
				: v3.status === 401
					? 'onlyV2'
					: OPEN,
		v2.status === 200 || v2.status === 401
			? 'one token, both versions of this address'
			: 'one of the versions does not answer here',
	);
	if (v3.status !== 200) return findings;

	const teams = rowsOf(await ask('/api/v3/teams'));
	const chargerList = await ask('/api/v3/chargers');
	const chargers = rowsOf(chargerList);
	say('paging of chargers', formOf(chargerList.body), `${chargers.length} on the first page`);
	await aboutTeams(ask, say, teams);
	const found = await findSessions(ask, chargers);
	if (!found) {
		for (const point of ['kwh', 'isValid', 'sameIds', 'limitMeans', 'datePrecision', 'stoppedUntil', 'zone'])
			say(point, OPEN, 'no readable charger with sessions');
	} else {
		await aboutSessions(ask, say, found);
		await aboutDates(ask, say, found);
		await aboutIds(ask, say, found, teams, v2.status === 200);
	}
	await aboutRunning(ask, say, chargers, teams);
	await aboutAccess(ask, say, chargers);
	return findings;
}

const OPEN = 'not settled';
type Say = (point: string, answer: string, seen: string) => void;

/** A charger and its newest finished sessions. */
interface Found {
	charger: Json;
	path: string;
	rows: Json[];
}

function versionOf({ status }: Answer): string {
	if (status === 200 || status === 401 || status === 403) return 'answers';
	const known: Record<number, string> = { 301: 'moved301', 404: 'missing404', 410: 'gone410' };
	return known[status] ?? OPEN;
}

function statusOf({ status, location }: Answer): string {
	return location ? `${status} to ${hostOf(location)}` : String(status);
}

async function findSessions(ask: Ask, chargers: Json[]): Promise<Found | undefined> {
	const readable = chargers.filter(
		({ permissions }) => (permissions as Json | undefined)?.sensitive !== false,
	);
	for (const charger of readable.slice(0, MOST_TRIES)) {
		const path = `/api/v3/chargers/${String(charger.uuid)}/transactions`;
		const rows = rowsOf(await ask(path, { limit: SESSIONS, 'filter[status]': 'finished' }));
		if (rows.length > 3) return { charger, path, rows };
	}
	return undefined;
}

async function aboutTeams(ask: Ask, say: Say, teams: Json[]): Promise<void> {
	let first: Answer | undefined;
	let path = '';
	for (const { uuid } of teams.slice(0, MOST_TRIES)) {
		path = `/api/v3/teams/${String(uuid)}/transactions`;
		const answer = await ask(path, { sort: '-stopped_at', 'filter[status]': 'finished' });
		const isLonger = answer.status === 200 && rowsOf(answer).length > rowsOf(first).length;
		if (isLonger) first = answer;
		if (nextOf(answer.body)) break;
	}
	if (!first) {
		say('paging of team sessions', OPEN, 'no team with sessions');
		return;
	}
	say('paging of team sessions', formOf(first.body), `${rowsOf(first).length} on the first page`);
	const unknown = await ask(path, { 'filter[probe]': '1' });
	const refused = unknown.status === 400 || unknown.status === 422;
	say(
		'unknownFilter',
		refused ? `refused${unknown.status}` : unknown.status === 200 ? 'ignored' : OPEN,
		statusOf(unknown),
	);
	for (const name of ['filter[search]', 'search']) {
		const answer = await ask(path, { [name]: 'probe-no-such-session' });
		if (answer.status !== 200 || rowsOf(answer).length > 0) continue;
		say('searchName', name, 'a text that no session has leaves none');
		return;
	}
	say('searchName', OPEN, 'neither name narrows the list');
}

async function aboutSessions(ask: Ask, say: Say, { charger, path, rows }: Found): Promise<void> {
	say('kwh', ...kwhOf(rows));
	const valid = rows.map(({ is_valid }) => is_valid);
	const invalid = valid.filter((value) => value === false).length;
	say(
		'isValid',
		valid.every((value) => value === undefined) ? 'absent' : invalid > 0 ? 'someFalse' : 'allTrue',
		`${invalid} of ${rows.length} are false`,
	);
	const starts = rows.map(({ started_at }) => String(started_at));
	const isDown = starts.every((start, index) => index === 0 || starts[index - 1] >= start);
	const isUp = starts.every((start, index) => index === 0 || starts[index - 1] <= start);
	say('v3Order', isDown === isUp ? OPEN : isDown ? 'desc' : 'asc', `${rows.length} sessions by started_at`);

	const two = await ask(path, { limit: 2, 'filter[status]': 'finished' });
	say('paging of charger sessions', formOf(two.body), `limit 2 gives ${rowsOf(two).length}`);
	const form = formOf(two.body);
	say(
		'limitMeans',
		form === 'none' ? OPEN : nextOf(two.body) ? 'pageSize' : 'cap',
		`limit 2 of at least ${rows.length}: ${nextOf(two.body) ? 'a next page' : 'no next page'}`,
	);
	const one = await ask(`/api/v3/chargers/${String(charger.uuid)}`);
	const isWrapped = typeof (one.body as Json | undefined)?.data === 'object';
	say('envelope', one.status !== 200 ? OPEN : isWrapped ? 'data' : 'bare', 'one charger');
}

/** What `total_kwh` is beside the meters. A session whose meters give whole kWh says nothing. */
function kwhOf(rows: Json[]): [string, string] {
	const counts: Record<string, number> = {};
	let sample = '';
	for (const { id, total_kwh: told, meter_start: start, meter_stop: stop } of rows) {
		if (typeof start !== 'number' || typeof stop !== 'number') continue;
		const used = stop - start;
		const isNear = Math.abs(Number(told) * 1000 - used) <= 10;
		const isWhole = Number(told) * 1000 === Math.floor(used / 1000) * 1000;
		if (told !== undefined && isNear && isWhole) continue;
		const exact = typeof told === 'number' ? 'number' : 'exact';
		const kind = told === undefined ? 'absent' : isNear ? exact : isWhole ? 'floor' : 'other';
		counts[kind] = (counts[kind] ?? 0) + 1;
		sample ||= `, for example ${used} Wh and ${JSON.stringify(told)} (session ${hashed(id)})`;
	}
	const kinds = Object.keys(counts);
	const seen = kinds.map((kind) => `${kind}: ${counts[kind]}`).join(', ');
	return [
		kinds.length === 1 ? kinds[0] : kinds.length === 0 ? OPEN : 'mixed',
		`${seen || 'none to compare'}${sample}`,
	];
}

async function aboutDates(ask: Ask, say: Say, { path, rows }: Found): Promise<void> {
	const has = async (row: Json, query: Query): Promise<boolean | number> => {
		const answer = await ask(path, { limit: 10_000, ...query });
		return answer.status === 200 ? rowsOf(answer).some(({ id }) => id === row.id) : answer.status;
	};
	const hourOf = (time: unknown) => new Date(String(time)).getUTCHours();
	const dayOf = (time: unknown, days = 0) =>
		new Date(Date.parse(String(time)) + days * DAY).toISOString().slice(0, 10);
	const atNoon = (field: string) => rows.find((row) => hourOf(row[field]) >= 3 && hourOf(row[field]) < 20);

	const started = atNoon('started_at');
	if (!started) say('datePrecision', OPEN, 'no session that began between 3 and 20 o’clock UTC');
	else {
		const later = new Date(Date.parse(String(started.started_at)) + MINUTE);
		const time = `${later.toISOString().slice(0, 19)}Z`;
		const held = await has(started, { 'filter[started_from]': time });
		const answers: Record<string, string> = { true: 'cutOff', false: 'time', 400: 'day', 422: 'day' };
		say(
			'datePrecision',
			answers[String(held)] ?? OPEN,
			`a start a minute after that of the session: ${told(held)}`,
		);
	}

	const stopped = atNoon('stopped_at');
	if (!stopped) say('stoppedUntil', OPEN, 'no session that ended between 3 and 20 o’clock UTC');
	else {
		const held = await has(stopped, {
			'filter[started_from]': dayOf(stopped.started_at, -1),
			'filter[stopped_until]': dayOf(stopped.stopped_at),
		});
		const answers: Record<string, string> = { true: 'endOfDay', false: 'startOfDay' };
		say('stoppedUntil', answers[String(held)] ?? OPEN, `the day of the end of the session: ${told(held)}`);
	}

	// From 23 to 24 o'clock in UTC it is the next day in the Netherlands, in winter too.
	const late = rows.find(({ started_at }) => hourOf(started_at) === 23);
	if (!late) say('zone', OPEN, 'no session that began between 23 and 24 o’clock UTC');
	else {
		const held = await has(late, { 'filter[started_from]': dayOf(late.started_at, 1) });
		const answers: Record<string, string> = { true: 'Amsterdam', false: 'UTC' };
		say(
			'zone',
			answers[String(held)] ?? OPEN,
			`begun at 23 o’clock UTC, asked for from the next day on: ${told(held)}`,
		);
	}
}

function told(held: boolean | number): string {
	return typeof held === 'number' ? String(held) : held ? 'it is listed' : 'it is not listed';
}

/** Looks for the sessions of V3 in V2: by charger, start and start of the meter. */
async function aboutIds(ask: Ask, say: Say, found: Found, teams: Json[], hasV2: boolean): Promise<void> {
	if (!hasV2) {
		say('sameIds', OPEN, 'V2 does not answer');
		return;
	}
	const { charger, rows } = found;
	const times = rows.map(({ started_at }) => Date.parse(String(started_at)));
	const text = (time: number) => new Date(time).toISOString().slice(0, 19).replace('T', ' ');
	const window = {
		date_from: text(Math.min(...times) - DAY),
		date_to: text(Math.max(...times) + DAY),
		limit: 10_000,
	};
	for (const { id } of teams.slice(0, MOST_TRIES)) {
		const path = `/api/v2/teams/${String(id)}/chargers/${String(charger.id)}/transactions`;
		const answer = await ask(path, window);
		if (answer.status !== 200) continue;
		const keyOf = (row: Json) => `${String(row.started_at)} ${String(row.meter_start)}`;
		const inV2 = new Map(rowsOf(answer).map((row) => [keyOf(row), row.id]));
		const pairs = rows.filter((row) => inV2.has(keyOf(row)));
		const same = pairs.filter((row) => inV2.get(keyOf(row)) === row.id).length;
		const all = same === pairs.length ? 'true' : same === 0 ? 'false' : 'mixed';
		const [first] = pairs;
		const sample = first ? `, for example ${hashed(inV2.get(keyOf(first)))} and ${hashed(first.id)}` : '';
		say(
			'sameIds',
			first ? all : OPEN,
			`${same} of ${pairs.length} sessions that both versions have${sample}`,
		);
		return;
	}
	say('sameIds', OPEN, 'V2 does not find the charger by its number');
}

async function aboutRunning(ask: Ask, say: Say, chargers: Json[], teams: Json[]): Promise<void> {
	const known = new Set(chargers.map(({ uuid }) => uuid));
	for (const team of teams.slice(0, MOST_TRIES)) {
		const list = await ask(`/api/v3/teams/${String(team.uuid)}/transactions`, { 'filter[status]': 'active' });
		const running = rowsOf(list).find(({ charger }) => known.has((charger as Json | null)?.uuid));
		if (!running) continue;
		const path = `/api/v3/chargers/${String((running.charger as Json).uuid)}/transactions`;
		const until = new Date(Date.now() + 2 * DAY).toISOString().slice(0, 10);
		const answer = await ask(path, { limit: 10_000, 'filter[stopped_until]': until });
		const held = answer.status === 200 ? rowsOf(answer).some(({ id }) => id === running.id) : answer.status;
		say(
			'untilHidesRunning',
			typeof held === 'number' ? OPEN : String(!held),
			`a running session: ${told(held)}`,
		);
		return;
	}
	say('untilHidesRunning', OPEN, 'no running session');
}

async function aboutAccess(ask: Ask, say: Say, chargers: Json[]): Promise<void> {
	const closed = chargers.filter(({ permissions }) => (permissions as Json | undefined)?.sensitive === false);
	if (closed.length === 0) {
		say('whenAccessEnded', OPEN, `sensitive access to all ${chargers.length} chargers of the first page`);
		return;
	}
	const answer = await ask(`/api/v3/chargers/${String(closed[0].uuid)}/transactions`, { limit: 5 });
	const isEmpty = answer.status === 200 && rowsOf(answer).length === 0;
	say(
		'whenAccessEnded',
		answer.status === 403 ? 'forbidden403' : isEmpty ? 'empty' : OPEN,
		`${closed.length} of ${chargers.length} chargers without sensitive access; the sessions of one: ${statusOf(answer)}`,
	);
}

/** Records of an answer, in `data` or bare; none of an error. */
function rowsOf(answer: Answer | undefined): Json[] {
	if (answer?.status !== 200) return [];
	const { body } = answer;
	const rows = Array.isArray(body) ? body : (body as Json | undefined)?.data;
	return Array.isArray(rows) ? (rows as Json[]) : [];
}

function nextOf(body: unknown): string | undefined {
	const { links, next_page_url } = (body ?? {}) as {
		links?: { next?: string | null };
		next_page_url?: string | null;
	};
	return (links?.next ?? next_page_url) || undefined;
}

/** The form of the block, and whether the next address counts pages or has a cursor. */
function formOf(body: unknown): string {
	const { links, meta, next_page_url } = (body ?? {}) as {
		links?: object;
		meta?: Json;
		next_page_url?: unknown;
	};
	const hasCursor = (block: Json) => 'next_cursor' in block;
	if (links && meta) return hasCursor(meta) ? 'cursor' : 'last_page' in meta ? 'lengthAware' : 'links';
	if (next_page_url !== undefined) return hasCursor(body as Json) ? 'cursor' : 'flat';
	return 'none';
}

/** Ids are numbers that could be tried out one by one: with this they cannot. */
const SALT = randomBytes(16);

/** A short name for an id, which does not give it away. */
function hashed(id: unknown): string {
	return `#${createHash('sha256').update(SALT).update(String(id)).digest('hex').slice(0, 8)}`;
}

function hostOf(address: string): string {
	try {
		const { hostname } = new URL(address);
		return KNOWN_HOSTS.includes(hostname) ? hostname : 'another host';
	} catch {
		return 'another host';
	}
}

/** One GET. Redirects are reported and never followed: the token stays with the host that it is for. */
async function get(baseUrl: string, token: string, path: string, query: Query): Promise<Answer> {
	const search = new URLSearchParams(
		Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
	);
	const url = `${baseUrl}${path}${search.size > 0 ? `?${search}` : ''}`;
	let response: Response;
	let text: string;
	try {
		response = await fetch(url, {
			headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
			redirect: 'manual',
			signal: AbortSignal.timeout(TIMEOUT),
		});
		text = await response.text();
	} catch (error) {
		const { code, message } = ((error as Error).cause ?? error) as { code?: string; message: string };
		throw new Error(`No answer from the address: ${code ?? message}. Check --base-url and the connection.`);
	}
	if (response.status === 429) {
		throw new Error('The limit of requests of this token is reached (429). Try again in a minute.');
	}
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		body = undefined;
	}
	return { status: response.status, location: response.headers.get('location') ?? undefined, body };
}

/** The open points in words. */
const QUESTIONS: Record<string, string> = {
	v3: 'Does version 3 answer',
	v2: 'Does version 2 answer',
	tokens: 'Which versions take the token',
	'paging of chargers': 'How the list of chargers goes on',
	'paging of team sessions': 'How the sessions of a team go on',
	'paging of charger sessions': 'How the sessions of a charger go on',
	unknownFilter: 'What becomes of an unknown filter',
	searchName: 'Name of the search parameter of a team',
	kwh: 'What total_kwh is beside the meters',
	isValid: 'Whether sessions say that they are valid',
	v3Order: 'Order of the sessions of a charger',
	limitMeans: 'Whether limit is a maximum or a page size',
	envelope: 'Whether one object stands in "data"',
	datePrecision: 'What becomes of the time in started_from',
	stoppedUntil: 'Which moment of its day stopped_until means',
	zone: 'Time zone of those days',
	sameIds: 'Whether sessions have the same id in both versions',
	untilHidesRunning: 'Whether stopped_until hides running sessions',
	whenAccessEnded: 'What comes where sensitive access has ended',
};

/** The report as a table in Markdown. */
export function toReport(baseUrl: string, findings: Finding[], now: Date): string {
	const { hostname } = new URL(baseUrl);
	const host = KNOWN_HOSTS.includes(hostname) ? hostname : 'another address';
	const lines = findings.map(
		({ point, answer, seen }) =>
			`| ${QUESTIONS[point]}${point.includes(' ') ? '' : ` (\`${point}\`)`} | ${answer} | ${seen} |`,
	);
	const settled = findings.filter(({ answer }) => answer !== OPEN).length;
	const head = ['| Open point | Answer | Seen |', '| --- | --- | --- |'];
	return [
		`Volt Time (Plugchoice), ${host}, ${now.toISOString().slice(0, 10)}: ${settled} of ${findings.length} points are settled.`,
		'',
		...head,
		...lines,
		'',
	].join('\n');
}

/** Reads the options. Throws with a sentence for a wrong one. */
function readOptions(words: string[]): { baseUrl: string; help: boolean } {
	if (words.some((word) => /^--?(token|key|access-token)\b/.test(word))) {
		throw new Error(
			`The token is no option, because the shell would keep it. Set ${TOKEN_VARIABLE}, or start without it and be asked.`,
		);
	}
	let values: { 'base-url': string; help: boolean };
	try {
		({ values } = parseArgs({
			args: words,
			options: {
				'base-url': { type: 'string', default: DEFAULT_URL },
				help: { type: 'boolean', default: false },
			},
		}));
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		const isMissing = code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && message.includes('--base-url');
		const what = isMissing ? '"--base-url" needs a value: --base-url ADDRESS' : message.split('. ')[0];
		throw new Error(`${what}. See npm run probe -- --help`);
	}
	const baseUrl = values['base-url'].replace(/\/+$/, '');
	const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
	const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && url.hostname === '127.0.0.1');
	if (!url || !isSafe || url.username || url.pathname !== '/' || url.search || url.hash) {
		throw new Error(`--base-url must be an address like ${DEFAULT_URL}, with https and without a path`);
	}
	return { baseUrl, help: values.help };
}

async function readToken(): Promise<string> {
	let token = process.env[TOKEN_VARIABLE];
	if (token === undefined && process.stdin.isTTY) token = await promptFor('Access token (not shown): ');
	if (!token?.trim())
		throw new Error(`There is no token. Set ${TOKEN_VARIABLE}, or start in a terminal and be asked.`);
	if (!/^[\x21-\x7e]+$/.test(token.trim())) throw new Error('The token has a character that no token has.');
	return token.trim();
}

/** Asks in the terminal without showing what is typed. */
function promptFor(question: string): Promise<string> {
	return new Promise((resolve) => {
		const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
		lines.question(question, (text) => {
			lines.close();
			process.stderr.write('\n');
			resolve(text);
		});
		// What comes now would be the echo of what is typed.
		(lines as unknown as { _writeToOutput: () => void })._writeToOutput = () => {};
	});
}

async function main(): Promise<void> {
	const { baseUrl, help } = readOptions(process.argv.slice(2));
	if (help) {
		process.stdout.write(HELP);
		return;
	}
	const token = await readToken();
	const findings = await probe(baseUrl, token);
	process.stdout.write(toReport(baseUrl, findings, new Date()));
}

if (require.main === module) {
	main().catch((error: Error) => {
		process.stderr.write(`${error.message}\n`);
		process.exitCode = 1;
	});
}
