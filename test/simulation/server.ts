import type { IDataObject } from 'n8n-workflow';

import { chargeRecords } from '../../nodes/Spirii/resources/chargeRecord';
import { transactions } from '../../nodes/Spirii/resources/transaction';
import { endpoint as voltTime } from '../../nodes/VoltTime/resources/legacyTransaction/request';
import { ApiError } from '../../nodes/shared/util/errors';
import type { TriggerContext } from '../../nodes/shared/node/triggerSource';
import type { TriggerEvent } from '../../nodes/shared/sync/snapshot';
import type { ApiRequest } from '../../nodes/shared/http/retry';
import { below, type Dice } from '../../sandbox/random';
import { cursorOf, readCursor } from '../../sandbox/spirii/cursors';
import { readFilter } from '../../sandbox/spirii/filter';
import type { Session } from '../../sandbox/spirii/session';
import { recordOf, toSession, type SourceName } from './records';
import { SECOND, type World, type Write } from './world';

/** What the documentation leaves open, and what goes wrong. */
export interface ServerSettings {
	source: SourceName;
	/** What Spirii does with a filter on times. */
	filter: 'works' | 'refused' | 'ignored' | 'never';
	/** Which time Volt Time's window is about, and whether its bounds belong to it. */
	dateField: 'startedAt' | 'endedAt' | 'createdAt';
	bounds: 'inclusive' | 'exclusive' | 'endExclusive';
	/** Share of requests that fail. */
	failures: number;
	/** After that long a cursor is refused. */
	cursorsLive: number;
}

/** What an API shows as time goes on: of each session the newest write that is visible. */
export class View {
	/** By slot; nothing where the session is not visible yet. */
	readonly shown: Write[] = [];
	/** Grows with every change. */
	version = 0;
	private seen = 0;

	constructor(readonly world: World) {}

	advance(to: number): void {
		const { writes } = this.world;
		while (this.seen < writes.length && writes[this.seen].visibleAt <= to) {
			const write = writes[this.seen++];
			this.shown[write.session.slot] = write;
			this.version++;
		}
	}
}

const { floor } = Math;

type KeyName = 'startedAt' | 'endedAt' | 'createdAt' | 'updatedAt';
type Query = Record<string, unknown>;

/** A vendor's API over a world, without a network. Its clock is the simulation's. */
export class SimulatedServer {
	/** Milliseconds since 1970. Only grows. */
	time = 0;
	requests = 0;
	private readonly view: View;
	/** When each cursor was given out last. */
	private readonly cursors = new Map<string, number>();
	private readonly records = new Map<Write, IDataObject>();
	private readonly writes = new Map<IDataObject, Write>();
	private readonly sessions = new Map<Write, Session>();
	private list: { of: string; writes: Write[] } = { of: '', writes: [] };

	constructor(
		private readonly world: World,
		readonly settings: ServerSettings,
		private readonly next: Dice,
	) {
		this.view = new View(world);
	}

	/** Which write a record is of. */
	writeOf(record: IDataObject): Write {
		return this.writes.get(record) as Write;
	}

	/** What a node's shell hands to its source for one poll. */
	call(event: TriggerEvent, pageSize: number): TriggerContext {
		let clock: number | undefined;
		const { source } = this.settings;
		const endpoint = { chargeRecord: chargeRecords.endpoint, transaction: transactions.endpoint, voltTime }[
			source
		];
		return {
			endpoint,
			event,
			values: { chargerScope: 'all' },
			request: { path: endpoint.path.replace('{team_id}', '1107'), query: {}, body: {} },
			pageSize,
			getJson: async (request) => {
				try {
					return this.answer(request);
				} finally {
					clock = floor(this.time / SECOND) * SECOND;
				}
			},
			clock: () => clock,
			redact: (text) => text,
		};
	}

	private answer({ path, query, body }: ApiRequest): object {
		const { next } = this;
		this.requests++;
		// Now and then an answer takes so long that writes come in between.
		this.time += next() < 0.01 ? below(next, 60 * SECOND) : 50 + below(next, SECOND);
		this.view.advance(this.time);
		if (next() < this.settings.failures) {
			throw new ApiError('The service could not answer', { status: 503, failure: 'temporarily-unavailable' });
		}
		if (this.settings.source === 'voltTime') return this.voltTime(path, body);
		return this.settings.source === 'chargeRecord' ? this.chargeRecords(query) : this.transactions(query);
	}

	private chargeRecords(query: Query): object {
		const { filter: filterSupport } = this.settings;
		const filter = filterSupport === 'ignored' ? undefined : (query.filter as string | undefined);
		if (filter !== undefined && filterSupport === 'refused') throw refused('filter');
		const from = query.updatedAtFrom === undefined ? -Infinity : Date.parse(query.updatedAtFrom as string);
		const sortKey = (query.sortKey as KeyName | undefined) ?? 'updatedAt';
		const list = () => {
			// Any time that a filter here names is a lower bound.
			const dates = filter?.match(/\d{4}-[\dT:.-]+Z/g)?.map((text) => Date.parse(text)) ?? [];
			const least = dates.length > 0 ? Math.min(...dates) : -Infinity;
			const test =
				filter === undefined || filterSupport === 'never' ? undefined : readFilter(filter, 'lastWrite');
			return this.view.shown.filter((write) => {
				const { endedAt, updatedAt } = write;
				if (endedAt === null && query.ongoing !== 1) return false;
				if (updatedAt < from || (updatedAt < least && (endedAt ?? -Infinity) < least)) return false;
				if (filter !== undefined && filterSupport === 'never') return false;
				return test === undefined || test(this.sessionOf(write));
			});
		};
		return this.page(query, list, sortKey, query.sortDirection === 'desc', 'opaque');
	}

	private transactions(query: Query): object {
		const name = (['updatedAt', 'endedAt'] as const).find((key) => query[key] !== undefined);
		const from = name === undefined ? -Infinity : Date.parse(query[name] as string);
		const list = () =>
			this.view.shown.filter((write) => name === undefined || (write[name] ?? -Infinity) >= from);
		return this.page(query, list, name ?? 'startedAt', name === undefined, 'dated');
	}

	private page(
		query: Query,
		list: () => Write[],
		key: KeyName,
		descends: boolean,
		form: 'dated' | 'opaque',
	): object {
		const { nextPageCursor, limit, ...selection } = query;
		const of = JSON.stringify([selection, this.view.version]);
		if (this.list.of !== of) this.list = { of, writes: sorted(list(), key, descends) };
		const { writes } = this.list;

		let begin = 0;
		if (nextPageCursor !== undefined) {
			const issued = this.cursors.get(nextPageCursor as string) ?? -Infinity;
			const after = readCursor(form, nextPageCursor as string);
			if (!after || this.time - issued > this.settings.cursorsLive) throw refused('nextPageCursor');
			const sign = descends ? -1 : 1;
			const isBehind = (write: Write) =>
				sign * ((write[key] ?? Infinity) - after.key || write.session.id - after.id) > 0;
			begin = writes.findIndex(isBehind);
			if (begin < 0) begin = writes.length;
		}
		const shown = writes.slice(begin, begin + (limit as number));
		const answer: IDataObject = { data: shown.map((write) => this.recordOf(write)) };
		if (begin + shown.length < writes.length) {
			const last = shown[shown.length - 1];
			const cursor = cursorOf(form, { key: last[key] ?? Infinity, id: last.session.id });
			this.cursors.set(cursor, this.time);
			answer.nextPageCursor = cursor;
		}
		return answer;
	}

	private voltTime(path: string, body: Query): object {
		const [, charger] = /chargers\/(\d+)\/transactions$/.exec(path) ?? [];
		if (charger === undefined) {
			return { data: Array.from({ length: this.world.chargers }, (_, number) => ({ id: 1 + number })) };
		}
		const { dateField, bounds } = this.settings;
		const hasDates = body.date_from !== undefined;
		const from = hasDates ? readTime(body.date_from) + (bounds === 'exclusive' ? 1 : 0) : -Infinity;
		const before = hasDates ? readTime(body.date_to) + (bounds === 'inclusive' ? 1 : 0) : Infinity;
		const number = Number(charger) - 1;
		const writes = this.view.shown.filter((write) => {
			if (write.session.charger !== number) return false;
			// A session without the time is in no window.
			const time = write[dateField];
			return !hasDates || (time !== null && time >= from && time < before);
		});
		const chosen = sorted(writes, dateField, body.order_by === 'desc').slice(0, body.limit as number);
		return { data: chosen.map((write) => this.recordOf(write)) };
	}

	private recordOf(write: Write): IDataObject {
		let record = this.records.get(write);
		if (!record) {
			record = recordOf(this.settings.source, write);
			this.records.set(write, record);
			this.writes.set(record, write);
		}
		return record;
	}

	private sessionOf(write: Write): Session {
		let session = this.sessions.get(write);
		if (!session) this.sessions.set(write, (session = toSession(write)));
		return session;
	}
}

function refused(parameter: string): ApiError {
	return new ApiError(`${parameter} is not accepted`, { status: 400 });
}

/** `Y-m-d H:i:s`, in UTC. */
function readTime(text: unknown): number {
	return Date.parse(`${String(text).replace(' ', 'T')}Z`);
}

/** By a time and then by id; what lacks the time comes last, or first in a list that descends. */
function sorted(writes: Write[], key: KeyName, descends: boolean): Write[] {
	const sign = descends ? -1 : 1;
	return writes.sort((one, other) => {
		const [left, right] = [one[key] ?? Infinity, other[key] ?? Infinity];
		return left === right ? sign * (one.session.id - other.session.id) : sign * (left < right ? -1 : 1);
	});
}
