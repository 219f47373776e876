import type { IDataObject } from 'n8n-workflow';

import { chargeRecords } from '../../nodes/Spirii/resources/chargeRecord';
import { transactions } from '../../nodes/Spirii/resources/transaction';
import { endpoint as voltTime } from '../../nodes/VoltTime/resources/legacyTransaction/request';
import { ApiError } from '../../nodes/shared/util/errors';
import type { TriggerContext } from '../../nodes/shared/node/triggerSource';
import type { TriggerEvent } from '../../nodes/shared/sync/snapshot';
import type { ApiRequest } from '../../nodes/shared/http/retry';
import { below, type Dice } from '../../sandbox/random';
import { cursorOf, emptyPageCursor, readCursor } from '../../sandbox/spirii/cursors';
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
	quirks?: Quirks;
}

/** What the server of a theme does besides. Times are milliseconds. */
export interface Quirks {
	/** The status with which a cursor is refused. */
	staleStatus?: number;
	/** Whether records with one time come in another order each time, within a page. */
	shufflesTies?: boolean;
	/** Most records of a page, however many are asked for; and whether pages are shorter than that now and then, or empty. */
	mostPerPage?: number;
	hasShortPages?: boolean;
	/** By how much the header `Date` is ahead, if there is one; and the share of responses in which it is 400 days ahead. */
	dateAhead?: number;
	hasNoDate?: boolean;
	dateJumps?: number;
	/** From then on all records have new fields, and their lists come in another order each time. */
	newFieldsAt?: number;
	/** In these times no parameter arrives. */
	ignores?: Array<[from: number, to: number]>;
}

/** Records of an answer where no limit arrives. */
const DEFAULT_LIMIT = 100;
const JUMP = 400 * 24 * 3600 * SECOND;

type KeyName = 'startedAt' | 'endedAt' | 'createdAt' | 'updatedAt';

/** What an API shows as time goes on: of each session the newest write that is visible. */
export class View {
	/** By slot; nothing where the session is not visible yet. */
	readonly shown: Write[] = [];
	/** Grows with every change. */
	version = 0;
	private seen = 0;
	/** Lists that were asked for, kept in order. */
	private readonly lists = new Map<string, SortedList>();

	constructor(readonly world: World) {}

	advance(to: number): void {
		const { writes } = this.world;
		const first = this.seen;
		while (this.seen < writes.length && writes[this.seen].visibleAt <= to) this.seen++;
		// Sorting anew is cheaper than to put that many into their places.
		if (this.seen - first > this.shown.length / 50) this.lists.clear();
		for (const write of writes.slice(first, this.seen)) {
			const { slot } = write.session;
			for (const list of this.lists.values()) list.replace(this.shown[slot], write);
			this.shown[slot] = write;
			this.version++;
		}
	}

	/** What is shown, of one charger or of all: by a time and then by id, what lacks the time last. */
	sortedBy(key: KeyName, charger?: number): SortedList {
		const name = `${key} ${charger}`;
		let list = this.lists.get(name);
		if (!list) {
			this.lists.set(name, (list = new SortedList(key, charger)));
			list.fill(this.shown);
		}
		return list;
	}
}

/** Writes in the order of a time; not to be changed from outside. */
class SortedList {
	writes: Write[] = [];

	constructor(
		readonly key: KeyName,
		private readonly charger: number | undefined,
	) {}

	fill(shown: Write[]): void {
		this.writes = shown.filter((write) => this.holds(write)).sort((one, other) => this.compare(one, other));
	}

	replace(before: Write | undefined, after: Write): void {
		if (!this.holds(after)) return;
		if (before) this.writes.splice(this.placeOf(before), 1);
		this.writes.splice(this.placeOf(after), 0, after);
	}

	/** How many lie before a time. */
	countBefore(time: number): number {
		return this.firstWhere((write) => (write[this.key] ?? Infinity) >= time);
	}

	private holds({ session }: Write): boolean {
		return this.charger === undefined || session.charger === this.charger;
	}

	private compare(one: Write, other: Write): number {
		const [left, right] = [one[this.key] ?? Infinity, other[this.key] ?? Infinity];
		return left === right ? one.session.id - other.session.id : left - right;
	}

	private placeOf(write: Write): number {
		return this.firstWhere((other) => this.compare(other, write) >= 0);
	}

	private firstWhere(isThere: (write: Write) => boolean): number {
		let low = 0;
		let high = this.writes.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (isThere(this.writes[middle])) high = middle;
			else low = middle + 1;
		}
		return low;
	}
}

const { floor } = Math;

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
	private readonly quirks: Quirks;
	/** Records with the new fields. */
	private readonly newRecords = new Map<Write, IDataObject>();
	private goneAt: Map<number, number> | undefined;

	/** @param nextQuirk Dice of the quirks, so that they change nothing else. */
	constructor(
		private readonly world: World,
		readonly settings: ServerSettings,
		private readonly next: Dice,
		private readonly nextQuirk: Dice = next,
	) {
		this.view = new View(world);
		this.quirks = settings.quirks ?? {};
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
					clock = this.date();
				}
			},
			clock: () => clock,
			redact: (text) => text,
			baseUrl: 'https://example.com',
			hint: () => {},
		};
	}

	/** The header `Date` of an answer given now. */
	private date(): number | undefined {
		const { dateAhead = 0, hasNoDate, dateJumps = 0 } = this.quirks;
		if (hasNoDate) return undefined;
		const jump = dateJumps > 0 && this.nextQuirk() < dateJumps ? JUMP : 0;
		return floor(this.time / SECOND) * SECOND + dateAhead + jump;
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
		const isListed = () => {
			// Any time that a filter here names is a lower bound.
			const dates = filter?.match(/\d{4}-[\dT:.-]+Z/g)?.map((text) => Date.parse(text)) ?? [];
			const least = dates.length > 0 ? Math.min(...dates) : -Infinity;
			const test =
				filter === undefined || filterSupport === 'never' ? undefined : readFilter(filter, 'lastWrite');
			return (write: Write) => {
				const { endedAt, updatedAt, createdAt } = write;
				if (endedAt === null && query.ongoing !== 1) return false;
				if (updatedAt < from || Math.max(updatedAt, createdAt, endedAt ?? -Infinity) < least) return false;
				if (filter !== undefined && filterSupport === 'never') return false;
				return test === undefined || test(this.sessionOf(write));
			};
		};
		const list = () => this.listed(sortKey, sortKey === 'updatedAt' ? from : -Infinity, isListed());
		return this.page(query, list, sortKey, query.sortDirection === 'desc', 'opaque');
	}

	private transactions(query: Query): object {
		const name = (['updatedAt', 'endedAt'] as const).find((key) => query[key] !== undefined);
		const from = name === undefined ? -Infinity : Date.parse(query[name] as string);
		const key = name ?? 'startedAt';
		const list = () => this.listed(key, from, (write) => name === undefined || write[name] !== null);
		return this.page(query, list, key, name === undefined, 'dated');
	}

	/** What is shown with a time from a moment on, in its order. */
	private listed(key: KeyName, from: number, isListed: (write: Write) => boolean): Write[] {
		const list = this.view.sortedBy(key);
		return list.writes.slice(list.countBefore(from)).filter(isListed);
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
		if (this.list.of !== of) this.list = { of, writes: descends ? list().reverse() : list() };
		const { writes } = this.list;

		let begin = 0;
		if (nextPageCursor !== undefined) {
			const issued = this.cursors.get(nextPageCursor as string) ?? -Infinity;
			const after = readCursor(form, nextPageCursor as string);
			if (!after || this.time - issued > this.settings.cursorsLive) {
				throw refused('nextPageCursor', this.quirks.staleStatus);
			}
			const sign = descends ? -1 : 1;
			const isBehind = (write: Write) =>
				sign * ((write[key] ?? Infinity) - after.key || write.session.id - after.id) > 0;
			begin = writes.findIndex(isBehind);
			if (begin < 0) begin = writes.length;
		}
		const shown = writes.slice(begin, begin + this.sizeOfPage(limit as number));
		const inOrder = this.quirks.shufflesTies ? this.shuffled(shown, key) : shown;
		const answer: IDataObject = { data: inOrder.map((write) => this.recordOf(write)) };
		if (shown.length === 0 && begin < writes.length) {
			const asked = nextPageCursor === undefined ? undefined : readCursor(form, nextPageCursor as string);
			const { [key]: time, session } = writes[begin];
			const cursor = emptyPageCursor(form, asked, { key: time ?? Infinity, id: session.id }, descends);
			this.cursors.set(cursor, this.time);
			answer.nextPageCursor = cursor;
		} else if (begin + shown.length < writes.length) {
			const last = shown[shown.length - 1];
			const cursor = cursorOf(form, { key: last[key] ?? Infinity, id: last.session.id });
			this.cursors.set(cursor, this.time);
			answer.nextPageCursor = cursor;
		}
		return answer;
	}

	private sizeOfPage(limit: number): number {
		const { mostPerPage = Infinity, hasShortPages } = this.quirks;
		const most = Math.min(limit, mostPerPage);
		if (!hasShortPages || this.nextQuirk() < 0.7) return most;
		return this.nextQuirk() < 0.4 ? 0 : 1 + below(this.nextQuirk, most);
	}

	/** The same records, those with one time in any order. */
	private shuffled(writes: Write[], key: KeyName): Write[] {
		const places = new Map(writes.map((write) => [write, this.nextQuirk()]));
		const first = new Map<number | null, number>();
		for (const [index, write] of writes.entries()) {
			if (!first.has(write[key])) first.set(write[key], index);
		}
		const placeOf = (write: Write) => (first.get(write[key]) ?? 0) + (places.get(write) ?? 0);
		return [...writes].sort((one, other) => placeOf(one) - placeOf(other));
	}

	private voltTime(path: string, body: Query): object {
		const [, charger] = /chargers\/(\d+)\/transactions$/.exec(path) ?? [];
		if (charger === undefined) {
			const all = Array.from({ length: this.world.chargers }, (_, number) => ({ id: 1 + number }));
			return { data: all.filter(({ id }) => !this.isGone(id - 1)) };
		}
		if (this.isGone(Number(charger) - 1)) throw new ApiError('There is nothing here', { status: 404 });
		const { dateField, bounds } = this.settings;
		const ignores = this.quirks.ignores?.some(([since, to]) => this.time >= since && this.time < to) ?? false;
		const hasDates = body.date_from !== undefined && !ignores;
		const from = hasDates ? readTime(body.date_from) + (bounds === 'exclusive' ? 1 : 0) : -Infinity;
		const before = hasDates ? readTime(body.date_to) + (bounds === 'inclusive' ? 1 : 0) : Infinity;
		const list = this.view.sortedBy(dateField, Number(charger) - 1);
		// A session without the time is in no window.
		const [first, end] = [list.countBefore(from), list.countBefore(before)];
		const limit = ignores ? DEFAULT_LIMIT : (body.limit as number);
		const chosen =
			body.order_by === 'desc' && !ignores
				? list.writes
						.slice(hasDates ? Math.max(first, end - limit) : -limit, hasDates ? end : undefined)
						.reverse()
				: list.writes.slice(first, hasDates ? Math.min(end, first + limit) : limit);
		const inOrder = this.quirks.shufflesTies ? this.shuffled(chosen, dateField) : chosen;
		return { data: inOrder.map((write) => this.recordOf(write)) };
	}

	private isGone(charger: number): boolean {
		this.goneAt ??= new Map(
			this.world.sessions.flatMap(({ charger: of, goneAt }) => (goneAt === undefined ? [] : [[of, goneAt]])),
		);
		return (this.goneAt.get(charger) ?? Infinity) <= this.time;
	}

	private recordOf(write: Write): IDataObject {
		const { newFieldsAt = Infinity } = this.quirks;
		const isNew = this.time >= newFieldsAt;
		const known = isNew ? this.newRecords : this.records;
		let record = known.get(write);
		if (!record) {
			record = recordOf(this.settings.source, write);
			if (isNew) record = withNewFields(record, write.session.slot) as IDataObject;
			known.set(write, record);
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

function refused(parameter: string, status = 400): ApiError {
	return new ApiError(`${parameter} is not accepted`, { status });
}

/** The record as a later release of the vendor shows it: a new field at each level, and lists the other way round. */
export function withNewFields(value: unknown, slot: number): unknown {
	if (Array.isArray(value)) return value.map((item) => withNewFields(item, slot)).reverse();
	if (typeof value !== 'object' || value === null) return value;
	const fields = Object.entries(value).map(([name, field]) => [name, withNewFields(field, slot)]);
	return { ...Object.fromEntries(fields), plugKind: `kind ${slot % 3}`, addedList: [slot % 5, 1] };
}

/** `Y-m-d H:i:s`, in UTC. */
function readTime(text: unknown): number {
	return Date.parse(`${String(text).replace(' ', 'T')}Z`);
}
