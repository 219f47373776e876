import type { IDataObject } from 'n8n-workflow';

import type { TriggerContext } from '../../nodes/shared/node/triggerSource';
import { ApiError } from '../../nodes/shared/util/errors';
import type { ApiRequest } from '../../nodes/shared/http/retry';
import type { TriggerEvent } from '../../nodes/shared/sync/snapshot';
import { below, type Dice } from '../../sandbox/random';
import { DAY, MINUTE, SECOND, type TeamSession, type TeamWorld } from './plugchoiceWorld';

const PAGE = 25;
/** The team, and the only site of all its chargers. */
const TEAM = '65976f67-b48f-4152-a76a-c729533bc564';
const SITE = '0d496e9c-8f9e-47c7-afea-a0569f985cc4';
const ORIGIN = 'https://app.plugchoice.com';

/** Whose sessions the trigger watches. */
export type Scope = 'team' | 'site' | 'charger';

/** How the server gives pages, and what fails. */
export interface TeamServerSettings {
	scope: Scope;
	blocks: 'page' | 'links' | 'cursor' | 'none';
	whenAccessEnded: 403 | 'empty';
	failures: number;
}

const uuidOf = (charger: number) => `14d4490e-da99-4830-ab62-${String(charger).padStart(12, '0')}`;
const stamp = (time: number) => `${new Date(time).toISOString().slice(0, 19)}.000000Z`;

/** The lists of a team, of its site and of its chargers over a world, without a network. Its clock is the simulation's. */
export class TeamServer {
	/** Milliseconds since 1970. Only grows. */
	time = 0;
	requests = 0;
	private readonly records = new Map<string, IDataObject>();
	/** The sessions by each `sort`. */
	private readonly orders = new Map<string, TeamSession[]>();
	private byStart: TeamSession[] | undefined;

	constructor(
		private readonly world: TeamWorld,
		readonly settings: TeamServerSettings,
		private readonly next: Dice,
	) {}

	/** What a node's shell hands to its source for one poll. */
	call(event: TriggerEvent): TriggerContext {
		let clock: number | undefined;
		const { scope } = this.settings;
		const uuid = { team: TEAM, site: SITE, charger: uuidOf(0) }[scope];
		return {
			endpoint: { path: '/api/v3/teams/{team_uuid}/transactions', idField: 'id', pageSize: PAGE },
			event,
			values: { sessionsOf: scope, [`${scope}Uuid`]: uuid, output: 'raw' },
			request: { path: '', query: {}, body: {} },
			pageSize: PAGE,
			getJson: async (request) => {
				try {
					return this.answer(request);
				} finally {
					clock = Math.floor(this.time / SECOND) * SECOND;
				}
			},
			clock: () => clock,
			redact: (text) => text,
			baseUrl: ORIGIN,
			hint: () => {},
		};
	}

	isReadable(charger: number, time = this.time): boolean {
		const { readable, removedAt } = this.world.chargers[charger];
		return time < removedAt && readable.some(([from, to]) => time >= from && time < to);
	}

	/** Which version of a session is shown: how often its record has changed; -1 while it is not shown. */
	static versionAt({ shownAt, endShownAt, meterAt, correctedAt }: TeamSession, time: number): number {
		if (time < Math.min(shownAt, endShownAt)) return -1;
		let version = endShownAt <= time ? 1 : 0;
		for (const at of meterAt) if (at <= time) version++;
		for (const at of correctedAt) if (at <= time) version++;
		return version;
	}

	private answer({ path, query }: ApiRequest): object {
		const { next, settings } = this;
		this.requests++;
		// Now and then an answer takes so long that sessions begin and end in between.
		this.time += next() < 0.02 ? below(next, 2 * MINUTE) : 50 + below(next, SECOND);
		if (next() < settings.failures) {
			throw new ApiError('The service could not answer', { status: 503, failure: 'temporarily-unavailable' });
		}
		const asked = query as Record<string, string>;
		const [, charger] = /^\/api\/v3\/chargers\/[^/]*-0*(\d+)\/transactions$/.exec(path) ?? [];
		if (charger !== undefined) return this.ofCharger(Number(charger), asked);
		if (/sites\/[^/]+\/transactions$/.test(path)) return this.ofPlace((one) => this.isReadable(one), asked);
		if (path.endsWith('/transactions')) return this.ofTeam(path, asked);
		if (path.endsWith('/sites')) return { data: [{ id: 7, uuid: SITE, permissions: { sensitive: true } }] };
		const [, one] = /chargers\/[^/]*-0*(\d+)$/.exec(path) ?? [];
		if (one !== undefined)
			return { data: { identity: path, permissions: { sensitive: this.isReadable(Number(one)) } } };
		return { data: this.chargers() };
	}

	private chargers(): IDataObject[] {
		return this.world.chargers.flatMap(({ removedAt }, index) => {
			const permissions = { sensitive: this.isReadable(index) };
			return removedAt > this.time ? [{ id: 1 + index, uuid: uuidOf(index), permissions }] : [];
		});
	}

	private ofTeam(path: string, query: Record<string, string>): object {
		const isFinished = query['filter[status]'] === 'finished';
		const { time } = this;
		const isOpen = this.world.chargers.map((_, charger) => this.isReadable(charger));
		const key = query.sort.endsWith('stopped_at') ? 'endedAt' : 'startedAt';
		const sign = query.sort.startsWith('-') ? -1 : 1;
		const order = (one: TeamSession, other: TeamSession) =>
			sign * (one[key] - other[key] || one.id - other.id);
		let inOrder = this.orders.get(query.sort);
		if (!inOrder) this.orders.set(query.sort, (inOrder = [...this.world.sessions].sort(order)));
		const shown = inOrder.filter(
			({ shownAt, endShownAt, charger }) =>
				isOpen[charger] && (isFinished ? endShownAt <= time : shownAt <= time && endShownAt > time),
		);
		const { blocks } = this.settings;
		let begin = query.page === undefined ? 0 : (Number(query.page) - 1) * PAGE;
		if (query.cursor !== undefined) {
			const [at, id] = query.cursor.split('-').map(Number);
			begin = shown.findIndex((session) => sign * (session[key] - at || session.id - id) > 0);
			if (begin < 0) begin = shown.length;
		}
		const size = blocks === 'none' ? Infinity : PAGE;
		const page = shown.slice(begin, begin + size);
		const last = page[page.length - 1];
		const data = page.map((session) => this.recordOf(session, true));
		if (begin + size >= shown.length || !last) return { data, next_page_url: null };
		const position =
			blocks === 'cursor' ? `cursor=${last[key]}-${last.id}` : `page=${Math.floor(begin / PAGE) + 2}`;
		const address = `${ORIGIN}${path}?${new URLSearchParams({ 'filter[status]': query['filter[status]'], sort: query.sort })}&${position}`;
		return blocks === 'links' ? { data, links: { next: address } } : { data, next_page_url: address };
	}

	private ofCharger(charger: number, query: Record<string, string>): object {
		if (this.time >= this.world.chargers[charger].removedAt)
			throw new ApiError('Nothing here', { status: 404 });
		if (!this.isReadable(charger)) {
			if (this.settings.whenAccessEnded === 'empty') return { data: [] };
			throw new ApiError('Not allowed', { status: 403 });
		}
		return this.ofPlace((one) => one === charger, query);
	}

	/** The sessions of some chargers, by their start. The end of the day that `stopped_until` names counts, and hides what runs. */
	private ofPlace(holds: (charger: number) => boolean, query: Record<string, string>): object {
		const from = Date.parse(query['filter[started_from]'] ?? '1970-01-01');
		const day = query['filter[stopped_until]'];
		const until = day === undefined ? Infinity : Date.parse(day) + DAY;
		const status = query['filter[status]'];
		const { time } = this;
		this.byStart ??= [...this.world.sessions].sort((one, other) => other.startedAt - one.startedAt);
		const shown = this.byStart.filter((session) => {
			const { charger, startedAt, endedAt, endShownAt } = session;
			if (!holds(charger) || startedAt < from || TeamServer.versionAt(session, time) < 0) return false;
			const hasEnded = endShownAt <= time;
			if (status !== undefined && hasEnded !== (status === 'finished')) return false;
			return day === undefined || (hasEnded && endedAt < until);
		});
		const limit = query.limit === undefined ? PAGE : Number(query.limit);
		return { data: shown.slice(0, limit).map((session) => this.recordOf(session, false)) };
	}

	/** Each version has a meter value of its own. */
	private recordOf(session: TeamSession, isOfTeam: boolean): IDataObject {
		const version = TeamServer.versionAt(session, this.time);
		const name = `${session.id} ${version} ${isOfTeam}`;
		const known = this.records.get(name);
		if (known) return known;
		const { id, charger, startedAt, endedAt, endShownAt, shownAt } = session;
		const hasEnded = endShownAt <= this.time;
		const uuid = uuidOf(charger);
		const common = {
			id,
			id_tag: 'ABCD1234',
			started_at: stamp(startedAt),
			stopped_at: hasEnded ? stamp(endedAt) : null,
			meter_start: 1000,
			meter_stop: 1000 + version,
			total_kwh: '0.00',
			stop_reason: hasEnded ? 'Local' : null,
		};
		const record: IDataObject = isOfTeam
			? {
					...common,
					status: hasEnded ? 'finished' : 'active',
					charger: { uuid, identity: uuid, site: { uuid: 's', name: 'S' }, is_mid: false },
					connector_id: 1,
				}
			: {
					...common,
					charger_id: 1 + charger,
					charger: { uuid, identity: uuid },
					connector: { connector_id: 1 },
					created_at: stamp(Math.min(shownAt, endShownAt)),
					updated_at: stamp(this.time),
				};
		this.records.set(name, record);
		return record;
	}
}
