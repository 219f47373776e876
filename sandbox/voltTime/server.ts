import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Contract, typed, type Problem, type Values } from '../contract';
import type { Charger, Team, VoltTimeData, VoltTimeTransaction } from './data';
import { getPage } from '../pages';
import { commonSwitches, Refusal, startVendor, type CommonSwitches, type Vendor } from '../server';
import { invalid, notFound, problem, refuseAll } from './laravel';
import { plugchoiceRoutes } from './plugchoice';
import { plugchoiceSwitches, type PlugchoiceSwitches } from './plugchoiceSwitches';

/** Behavior that Volt Time's documentation leaves open. The first value of each is the initial one. */
export interface VoltTimeSwitches extends CommonSwitches, PlugchoiceSwitches {
	/** Where the fields of transactions are read; the body takes precedence. Fields elsewhere are not checked. */
	readsFrom: 'both' | 'body' | 'query';
	/** The time that `date_from` and `date_to` filter, and that transactions are sorted by. */
	dateField: 'started_at' | 'stopped_at' | 'created_at';
	/** Which bounds belong to the window: both, neither, or only `date_from`. */
	bounds: 'inclusive' | 'exclusive' | 'endExclusive';
	/** Transactions in a response to a request without a limit; undefined: all. */
	defaultLimit: number | undefined;
	/** Sort direction of a request without one. */
	defaultOrder: 'asc' | 'desc';
	/** Teams and chargers come 25 a page: in v3's usual form (`links`, `meta`), or in its flat one (`next_page_url`). */
	pagedLists: boolean | 'flat';
	/** Whether the dates are validated and then ignored. */
	ignoresDates: boolean;
	/** Most transactions in a response, whatever limit is asked for; undefined: no maximum. */
	cap: number | undefined;
	/** What a response has of a longer list: the first transactions in the order that is asked for, or the newest in any order. */
	keeps: 'first' | 'newest';
	/** Hours by which the time zone of `date_from` and `date_to` is ahead of UTC. */
	zoneHours: number;
	/** Where transactions stand that lack the date by which they are sorted, oldest first. In the middle: at their start. */
	undated: 'last' | 'first' | 'middle';
}

export type VoltTimeVendor = Vendor<VoltTimeSwitches, VoltTimeData>;

const contract = new Contract('volttime');
const TRANSACTIONS = contract.operation('/api/v2/teams/{team_id}/chargers/{charger_id}/transactions');
const PAGE_SIZE = 25;

/** Starts Volt Time's API. */
export function startVoltTime(options: { key: string; port: number; data: VoltTimeData }) {
	return startVendor<VoltTimeSwitches, VoltTimeData>(
		{
			key: options.key,
			data: options.data,
			switches: () => ({
				readsFrom: 'both',
				dateField: 'started_at',
				bounds: 'inclusive',
				defaultLimit: undefined,
				defaultOrder: 'asc',
				pagedLists: false,
				ignoresDates: false,
				cap: undefined,
				keeps: 'first',
				zoneHours: 0,
				undated: 'last',
				...plugchoiceSwitches(),
				...commonSwitches(),
			}),
			documentedRateLimit: 500,
			errorBody: (_status, message) => ({ message }),
			guard,
			routes,
		},
		options.port,
	);
}

function routes(app: FastifyInstance, vendor: VoltTimeVendor): void {
	const { data } = vendor;
	plugchoiceRoutes(app, vendor);
	app.get('/api/v2/user', (request) => {
		refuseAll(request.recorded.query.keys());
		return data.user;
	});
	app.get('/api/v2/teams', (request) => serveList(request, vendor, data.teams));
	app.get('/api/v2/teams/:team_id/chargers', (request) => {
		return serveList(request, vendor, data.chargers(findTeam(request, data).id));
	});
	app.get('/api/v2/teams/:team_id/chargers/:charger_id/transactions', (request) => {
		const charger = findCharger(request, data, findTeam(request, data));
		return { data: transactions(request, vendor, charger) };
	});
}

/**
 * As in Laravel: a request that does not accept JSON is redirected to the login page. A version that is switched off answers
 * before it looks at the token.
 */
function guard(request: FastifyRequest, reply: FastifyReply, { key, url, switches }: VoltTimeVendor) {
	const isV3 = request.recorded.path.startsWith('/api/v3/');
	const answers = isV3 ? switches.v3 : switches.v2;
	if (answers === 'gone410') return reply.code(410).send({ message: 'This version of the API is gone.' });
	if (answers === 'missing404') {
		return reply
			.code(404)
			.send({ message: `The route ${request.recorded.path.slice(1)} could not be found.` });
	}
	if (answers === 'moved301') return reply.redirect(`${switches.v2MovedTo}${request.raw.url}`, 301);
	if (!/\bjson\b/.test(request.headers.accept ?? '')) return reply.redirect(`${url}/login`, 302);
	const takesToken = switches.tokens !== (isV3 ? 'onlyV2' : 'onlyV3');
	if (takesToken && request.headers.authorization === `Bearer ${key}`) return undefined;
	return reply.code(401).send({ message: 'Unauthenticated.' });
}

/** Finds by id or UUID: responses contain both. */
function findTeam(request: FastifyRequest, data: VoltTimeData): Team {
	const { team_id } = request.params as { team_id: string };
	const team = data.teams.find(({ id, uuid }) => String(id) === team_id || uuid === team_id);
	if (!team) throw notFound('Team', team_id);
	return team;
}

function findCharger(request: FastifyRequest, data: VoltTimeData, team: Team): Charger {
	const { charger_id } = request.params as { charger_id: string };
	const charger = data
		.chargers(team.id)
		.find(({ id, uuid }) => String(id) === charger_id || uuid === charger_id);
	if (!charger) throw notFound('Charger', charger_id);
	return charger;
}

/** All teams or chargers, or a page of them in one of the two forms that v3 documents. */
function serveList(request: FastifyRequest, { switches, url }: VoltTimeVendor, rows: object[]): object {
	const { query, path } = request.recorded;
	const fault = request.fault?.kind;
	if (switches.pagedLists === false) {
		refuseAll(query.keys());
		return { data: fault === 'emptyPage' ? [] : rows };
	}
	refuseAll([...query.keys()].filter((name) => name !== 'page'));
	const page = typed(query.get('page') ?? '1', { type: 'integer' });
	if (typeof page !== 'number' || page < 1) throw invalid([problem('page', 'minimum', 1)]);

	const start = (page - 1) * PAGE_SIZE;
	const shown = rows.slice(start, start + PAGE_SIZE);
	const address = `${url}${path}`;
	const pageUrl = (number: number) => `${address}?page=${number}`;
	const next = start + PAGE_SIZE < rows.length ? pageUrl(page + 1) : null;
	const previous = page > 1 ? pageUrl(page - 1) : null;
	const from = shown.length > 0 ? start + 1 : null;
	const to = shown.length > 0 ? start + shown.length : null;
	const data = fault === 'emptyPage' ? [] : shown;
	const common = { from, path: address, per_page: PAGE_SIZE, to };
	if (switches.pagedLists === 'flat') {
		return { data, first_page_url: pageUrl(1), next_page_url: next, prev_page_url: previous, ...common };
	}
	const links = { first: pageUrl(1), last: null, prev: previous, next };
	return { data, links, meta: { current_page: page, current_page_url: pageUrl(page), ...common } };
}

function transactions(
	request: FastifyRequest,
	vendor: VoltTimeVendor,
	charger: Charger,
): VoltTimeTransaction[] {
	const { switches, data } = vendor;
	const values = readFields(request, switches.readsFrom);
	const { dateField } = switches;
	const store = data.transactions(charger.id);
	const asked = (values.limit as number | undefined) ?? switches.defaultLimit ?? store.count;
	const limit = Math.min(asked, switches.cap ?? asked);
	const hasDates = values.date_from !== undefined && !switches.ignoresDates;
	const zone = switches.zoneHours * 3_600_000;
	const from = time(values.date_from as string) - zone + (switches.bounds === 'exclusive' ? 1 : 0);
	const before = time(values.date_to as string) - zone + (switches.bounds === 'inclusive' ? 1 : 0);
	const fault = request.fault?.kind;
	const isAscending = (values.order_by ?? switches.defaultOrder) === 'asc';
	const isReversed = isAscending && switches.keeps === 'newest';
	const walk = {
		store,
		order: store.order({
			name: `${dateField} ${switches.undated}`,
			of: (transaction) => sortTime(transaction, switches),
		}),
		descending: !isAscending || isReversed,
		matches: (transaction: VoltTimeTransaction) => !hasDates || transaction[dateField] !== null,
		...(hasDates && { from, before }),
	};
	const count = fault === 'emptyPage' ? 0 : fault === 'shortPage' ? Math.ceil(limit / 2) : limit;
	const { records } = getPage(walk, 'next', undefined, count);
	return isReversed ? records.reverse() : records;
}

/** The fields of transactions, from the JSON body, the query string or both. */
function readFields(request: FastifyRequest, readsFrom: VoltTimeSwitches['readsFrom']): Values {
	const problems: Problem[] = [];
	const values: Values = {};
	const schemas = new Map(
		TRANSACTIONS.parameters.map(({ name, in: where, schema }) => [name, { where, schema }]),
	);
	if (readsFrom !== 'body') {
		for (const [name, text] of request.recorded.query) {
			const known = schemas.get(name);
			// A text that is not a number stays a text, and the schema refuses it.
			values[name] = known?.where === 'query' ? (typed(text, known.schema) ?? text) : text;
		}
	}
	if (readsFrom !== 'query') Object.assign(values, readBody(request));
	for (const name of Object.keys(values)) {
		// Laravel ignores unknown fields. The sandbox refuses them, so that tests find misspelled names.
		if (schemas.get(name)?.where !== 'query') problems.push(problem(name, 'unknown'));
	}
	problems.push(...contract.check('transactions body', TRANSACTIONS.body as object, values));
	for (const name of ['date_from', 'date_to']) {
		const isWrong = typeof values[name] === 'string' && !problems.some(({ param }) => param === name);
		if (isWrong && !isDate(values[name] as string)) problems.push(problem(name, 'pattern'));
	}
	if (problems.length > 0) throw invalid(problems);
	return values;
}

/** Laravel reads a body as JSON only when its type says so. */
function readBody(request: FastifyRequest): Values {
	const { body, headers } = request.recorded;
	if (body === '' || !/[/+]json/.test(String(headers['content-type'] ?? ''))) return {};
	let content: unknown;
	try {
		content = JSON.parse(body);
	} catch {
		throw new Refusal(400, { message: 'The body is not JSON.' });
	}
	// PHP reads an empty list and an empty object alike.
	const isFields =
		typeof content === 'object' && content !== null && !(Array.isArray(content) && content.length > 0);
	if (!isFields) throw new Refusal(400, { message: 'The body is not a JSON object.' });
	return { ...(content as Values) };
}

/** `Y-m-d H:i:s`, read as UTC. */
function time(text: string | undefined): number {
	return text === undefined ? NaN : Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** Whether the day exists. JavaScript would read 30 February as 1 or 2 March. */
function isDate(text: string): boolean {
	const at = time(text);
	return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text.replace(' ', 'T'));
}

function sortTime(transaction: VoltTimeTransaction, { dateField, undated }: VoltTimeSwitches): number {
	const text = transaction[dateField];
	if (text === null && undated !== 'middle') return undated === 'last' ? Infinity : -Infinity;
	return Date.parse(text ?? transaction.started_at);
}
