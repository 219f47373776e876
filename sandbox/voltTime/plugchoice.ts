import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Contract, type Operation, type Problem, type Values } from '../contract';
import { Refusal } from '../server';
import type { Charger, Site, Team, VoltTimeTransaction } from './data';
import { invalid, notFound, problem } from './laravel';
import { servePage, takePosition, type Row } from './plugchoicePages';
import {
	idInV3,
	toCharger,
	toChargerDetail,
	toSite,
	toTeam,
	toTeamAccess,
	toTeamCharger,
	toTeamSite,
	toTeamTransaction,
	toTransaction,
} from './plugchoiceRecords';
import type { PlugchoiceSwitches } from './plugchoiceSwitches';
import type { VoltTimeVendor } from './server';

const contract = new Contract('volttime');
const SEARCHED = ['listTeamSites', 'listTeamChargers', 'listTeamTransactions'];
const DAY = 24 * 3600 * 1000;

/** A session with its charger. */
interface Charged {
	session: VoltTimeTransaction;
	charger: Charger;
}

/** Everything that V3 serves here. */
export function plugchoiceRoutes(app: FastifyInstance, vendor: VoltTimeVendor): void {
	const { data, switches } = vendor;
	/** One GET of the contract: reads its parameters first, so that a wrong one is refused on every endpoint. */
	const get = (path: string, answer: (request: FastifyRequest, values: Values) => object) => {
		const full = `/api/v3${path}`;
		// What no node uses is not in the contract, and is not served.
		if (!contract.has(full)) return;
		const operation = contract.operation(full);
		app.get(full.replace(/\{(\w+)\}/g, ':$1'), (request) =>
			answer(request, readQuery(request, operation, switches)),
		);
	};
	const byName = (row: { name: string }, other: { name: string }) => (row.name < other.name ? -1 : 1);
	const inOrder = <R>(rows: R[], toRecord: (row: R) => object): Row[] =>
		rows.map((row, index) => ({ key: index, id: index, record: () => toRecord(row) }));

	get('/user', () => ({ ...data.user, avatar: 'https://example.com/avatar.png' }));
	get('/teams', () => bareOrData(switches, data.teams.map(toTeam)));
	get('/sites', (request, { search }) => {
		const rows = data.sites.filter(({ name, street }) => contains(`${name} ${street}`, search));
		return servePage(request, vendor, { rows: inOrder(rows, (site) => toSite(site, data)), form: 'links' });
	});
	get('/teams/{team_uuid}/sites', (request, values) => {
		const { id } = findTeam(request, vendor);
		const rows = data.sites
			.filter(({ teamId }) => teamId === id)
			.filter(({ name, street }) => contains(`${name} ${street}`, values['filter[search]']))
			.sort(byName);
		return servePage(request, vendor, {
			rows: inOrder(rows, (site) => toTeamSite(site, data)),
			form: 'flat',
			extra: { filter_options: { countries: ['NL'], smart_charging_modes: ['disabled'] } },
		});
	});
	get('/chargers', (request) =>
		servePage(request, vendor, {
			rows: inOrder(data.allChargers(), (charger) => toCharger(charger, data)),
			form: 'links',
		}),
	);
	get('/chargers/{charger_uuid}', (request) =>
		bareOrData(switches, toChargerDetail(findCharger(request, vendor), data)),
	);
	get('/teams/{team_uuid}/chargers', (request, values) => {
		const rows = data
			.chargers(findTeam(request, vendor).id)
			.filter(({ identity }) => contains(identity, values['filter[search]']))
			.filter(({ connection_status }) => isAsked(connection_status, values['filter[connection_status]']))
			.filter(({ id }) => isAsked(data.siteOf(id)?.uuid, values['filter[site_uuid]']));
		return servePage(request, vendor, {
			rows: inOrder(rows, (charger) => toTeamCharger(charger, data)),
			form: 'flat',
			extra: { filter_options: { connection_statuses: ['online', 'offline', 'never_seen'] } },
		});
	});
	get('/sites/{site_uuid}/chargers', (request) =>
		servePage(request, vendor, {
			rows: inOrder(data.chargersOfSite(findSite(request, vendor).id), (charger) =>
				toChargerDetail(charger, data),
			),
			form: 'links',
		}),
	);
	get('/sites/{site_uuid}/teams', (request) => {
		const site = findSite(request, vendor);
		const teams = data.teams.filter(({ id }) => id === site.teamId);
		return bareOrData(
			switches,
			teams.map((team) => toTeamAccess(team, data.isSiteReadable(site.id))),
		);
	});
	get('/teams/{team_uuid}/billing/reimbursement/links', (request) => {
		const rows = data.reimbursementLinks(findTeam(request, vendor).id);
		return servePage(request, vendor, { rows: inOrder(rows, (link) => link), form: 'links' });
	});
	get('/chargers/{charger_uuid}/settings/public-charging', (request) => {
		const charger = findCharger(request, vendor);
		if (!data.isReadable(charger.id)) throw forbidden();
		const prices = data.publicCharging(charger.id);
		return {
			...prices,
			public_code: prices.enabled ? `VT${charger.id}` : null,
			public_url: prices.enabled ? `https://example.com/VT${charger.id}` : null,
			preauth_amount: prices.enabled ? 5000 : null,
			limits: { max_price_per_kwh: 150, max_start_fee: 1000 },
		};
	});
	sessionRoutes(get, vendor);
}

type Get = (path: string, answer: (request: FastifyRequest, values: Values) => object) => void;

function sessionRoutes(get: Get, vendor: VoltTimeVendor): void {
	const { data, switches } = vendor;
	const sorted = sorter(vendor);

	get('/teams/{team_uuid}/transactions', (request, values) => {
		const team = findTeam(request, vendor);
		// Only chargers with sensitive access: those without are left out, and nothing says so.
		const readable = data.chargers(team.id).filter(({ id }) => data.isReadable(id));
		const sort = (values.sort as string | undefined) ?? '-started_at';
		const status = values['filter[status]'] as string | undefined;
		const search = values['filter[search]'];
		const rows = sorted(readable, sort, status)
			.filter(
				({ session: { id, id_tag }, charger: { identity } }) =>
					search === undefined ||
					String(idInV3(id, switches)) === search ||
					id_tag === search ||
					identity === search,
			)
			.map((row) => ({
				key: sortValue(row.session, sort),
				id: row.session.id,
				record: () => toTeamTransaction(row.session, row.charger, data.siteOf(row.charger.id), switches),
			}));
		return servePage(request, vendor, {
			...{ rows, descending: sort.startsWith('-'), form: 'flat', holdsSessions: true },
			extra: { filter_options: { statuses: ['active', 'finished'] } },
		});
	});

	const list = (request: FastifyRequest, values: Values, chargers: Charger[]) => {
		const fits = periodOf(values, switches);
		const sort = switches.v3Order === 'desc' ? '-started_at' : 'started_at';
		const rows = sorted(chargers, sort, values['filter[status]'] as string | undefined)
			.filter(({ session }) => fits(session))
			.map(({ session, charger }) => ({
				key: sortValue(session, sort),
				id: session.id,
				record: () => toTransaction(session, charger, switches),
			}));
		const limit = values.limit as number | undefined;
		return servePage(request, vendor, {
			...{
				rows,
				descending: sort.startsWith('-'),
				form: 'links',
				limit,
				takesLimit: true,
				holdsSessions: true,
			},
		});
	};
	get('/chargers/{charger_uuid}/transactions', (request, values) => {
		const charger = findCharger(request, vendor);
		const isOpen = data.isReadable(charger.id);
		if (!isOpen && switches.whenAccessEnded === 'forbidden403') throw forbidden();
		return list(request, values, isOpen ? [charger] : []);
	});
	get('/sites/{site_uuid}/transactions', (request, values) => {
		const site = findSite(request, vendor, switches.whenAccessEnded === 'empty');
		const chargers = data.chargersOfSite(site.id).filter(({ id }) => data.isReadable(id));
		return list(request, values, chargers);
	});
}

/** Sorts the sessions of several chargers, and remembers the lists until a session changes. */
function sorter({ data }: VoltTimeVendor) {
	const known = new Map<string, { version: string; rows: Charged[] }>();
	return (chargers: Charger[], sort: string, status: string | undefined): Charged[] => {
		const name = `${chargers.map(({ id }) => id).join()} ${sort} ${status}`;
		const version = chargers.map(({ id }) => data.version(id)).join();
		const found = known.get(name);
		if (found?.version === version) return found.rows;
		const isWanted = ({ stopped_at }: VoltTimeTransaction) =>
			status === undefined || (status === 'active') === (stopped_at === null);
		const rows = chargers
			.flatMap((charger) =>
				Array.from(data.transactions(charger.id).records(isWanted), (session) => ({
					...{ session, charger, key: sortValue(session, sort) },
				})),
			)
			.sort((row, other) =>
				row.key === other.key ? row.session.id - other.session.id : row.key - other.key,
			);
		if (sort.startsWith('-')) rows.reverse();
		known.set(name, { version, rows });
		return rows;
	};
}

/** As in MySQL, a missing value is less than any other. */
function sortValue(session: VoltTimeTransaction, sort: string): number {
	const field = sort.replace('-', '') as 'started_at' | 'stopped_at' | 'meter_start';
	const value = session[field];
	if (value === null) return -1;
	return field.endsWith('_at') ? Date.parse(value as string) : Number(value);
}

/** Whether a session is between `started_from` and `stopped_until`, which are about its start and its end. */
function periodOf(values: Values, switches: PlugchoiceSwitches): (session: VoltTimeTransaction) => boolean {
	const from = values['filter[started_from]'] as string | undefined;
	const until = values['filter[stopped_until]'] as string | undefined;
	const start = from === undefined ? -Infinity : moment(from, switches);
	const isDay = until !== undefined && (until.length === 10 || switches.datePrecision !== 'time');
	const width = isDay && switches.stoppedUntil === 'endOfDay' ? DAY - 1 : 0;
	const end = until === undefined ? Infinity : moment(until, switches) + width;
	return ({ started_at, stopped_at }) => {
		if (Date.parse(started_at) < start) return false;
		if (stopped_at === null) return until === undefined || !switches.untilHidesRunning;
		return Date.parse(stopped_at) <= end;
	};
}

/** Reads a date, in the zone of the switch; a time of its own counts only where it is read. */
function moment(text: string, { datePrecision, zone }: PlugchoiceSwitches): number {
	if (text.length > 10 && datePrecision === 'time') return Date.parse(text);
	const utc = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
	return zone === 'UTC' ? utc : utc - amsterdamAhead(utc);
}

/** Milliseconds by which clocks in Amsterdam are ahead of UTC at that moment. */
function amsterdamAhead(at: number): number {
	const text = new Intl.DateTimeFormat('sv-SE', {
		...{ timeZone: 'Europe/Amsterdam', dateStyle: 'short', timeStyle: 'medium' },
	}).format(at);
	return Date.parse(`${text.replace(' ', 'T')}Z`) - at;
}

/**
 * Reads the query string as the operation's parameters, without `page` and `cursor`.
 *
 * Unknown filters and sorts are a 400, other problems a 422.
 */
function readQuery(request: FastifyRequest, operation: Operation, switches: PlugchoiceSwitches): Values {
	const { rest } = takePosition(request.recorded.query, switches);
	const search = takeSearch(rest, operation, switches);
	for (const name of [...rest.keys()]) {
		if (!name.startsWith('filter[') || knows(operation, name)) continue;
		if (switches.unknownFilter === 'refused400') throw badRequest('filter', name.slice(7, -1));
		rest.delete(name);
	}
	const times: Values = {};
	if (switches.datePrecision !== 'day') {
		for (const name of ['filter[started_from]', 'filter[stopped_until]']) {
			const text = rest.get(name) ?? '';
			if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?Z$/.test(text)) continue;
			times[name] = text;
			rest.set(name, text.slice(0, 10));
		}
	}
	const { values, problems } = contract.readQuery(operation, rest, 'repeat');
	for (const { param, keyword } of problems) {
		if (param === 'sort' && keyword === 'enum') throw badRequest('sort', String(values.sort));
	}
	problems.push(...afterEachOther(values));
	const [wrong] = problems;
	if (wrong) throw invalid(problems.map(withLimit(operation)));
	return { ...values, ...times, ...search };
}

function knows({ parameters }: Operation, name: string): boolean {
	return name !== 'filter[search]' && parameters.some((parameter) => parameter.name === name);
}

/** Takes the search out of a query, by the name of the switch; no page shows the name, so it need not be in the contract. */
function takeSearch(
	query: URLSearchParams,
	{ operationId }: Operation,
	{ searchName }: PlugchoiceSwitches,
): Values {
	const text = query.get(searchName);
	if (!SEARCHED.includes(operationId) || text === null) return {};
	query.delete(searchName);
	return { 'filter[search]': text };
}

/** Says which format is meant. */
function withLimit({ parameters }: Operation): (problem: Problem) => Problem {
	const formats = new Map(
		parameters.map(({ name, schema }) => [name, (schema as { format?: string }).format]),
	);
	return (one) => (one.keyword === 'format' ? { ...one, limit: formats.get(one.param) } : one);
}

function afterEachOther(values: Values): Problem[] {
	const { 'filter[started_from]': from, 'filter[stopped_until]': until } = values as Record<string, string>;
	const isWrong = from !== undefined && until !== undefined && until < from;
	return isWrong ? [problem('filter[stopped_until]', 'order', 'filter[started from]')] : [];
}

/** 400 in the words of the library that reads filters and sorts. */
function badRequest(kind: 'filter' | 'sort', name: string): Refusal {
	return new Refusal(400, { message: `Requested ${kind}(s) \`${name}\` are not allowed.` });
}

function forbidden(): Refusal {
	return new Refusal(403, { message: 'This action is unauthorized.' });
}

/** Only UUIDs: a number of V2 is found nowhere. */
function findTeam(request: FastifyRequest, { data }: VoltTimeVendor): Team {
	const { team_uuid } = request.params as { team_uuid: string };
	const team = data.teams.find(({ uuid }) => uuid === team_uuid);
	if (!team) throw notFound('Team', team_uuid);
	return team;
}

function findCharger(request: FastifyRequest, { data }: VoltTimeVendor): Charger {
	const { charger_uuid } = request.params as { charger_uuid: string };
	const charger = data.allChargers().find(({ uuid }) => uuid === charger_uuid);
	if (!charger) throw notFound('Charger', charger_uuid);
	return charger;
}

function findSite(request: FastifyRequest, { data }: VoltTimeVendor, alsoClosed = false): Site {
	const { site_uuid } = request.params as { site_uuid: string };
	const site = data.sites.find(({ uuid }) => uuid === site_uuid);
	if (!site) throw notFound('Site', site_uuid);
	if (!alsoClosed && !data.isSiteReadable(site.id)) throw forbidden();
	return site;
}

function bareOrData({ envelope }: PlugchoiceSwitches, data: object): object {
	return envelope === 'bare' ? data : { data };
}

function contains(text: string, part: unknown): boolean {
	return part === undefined || text.toLowerCase().includes(String(part).toLowerCase());
}

function isAsked(value: unknown, asked: unknown): boolean {
	return asked === undefined || value === asked;
}
