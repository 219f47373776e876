import { below, dice, type Dice } from '../../sandbox/random';
import { recordOf } from './records';
import { pollTimes, worldOf, type Config } from './run';
import { View, withNewFields } from './server';
import { DAY, HOUR, type World, type Write } from './world';

/** What a simple poller goes by, and what the rules of `nodes/shared/sync` replaced. */
export type NaiveRule =
	| 'new is told by age'
	| 'forget by age'
	| 'forget the oldest beyond a number'
	| 'new has a higher id'
	| 'go on behind the last record'
	| 'a short page is the last'
	| 'begin at the Date'
	| 'ask from the own clock on'
	| 'stop at a refused cursor'
	| 'compare all fields'
	| 'stop at a removed charger'
	| 'follow the newest hundred'
	| 'stop at a record without id'
	| 'an answer is whole';

const AGE = 4 * DAY;
const ROOM = 20_000;
const PAGE = 10;

/** A poller that reads what was updated since a moment, an hour back, and remembers what it gave; one rule of it is naive. */
class NaivePoller {
	lost = 0;
	repeated = 0;
	private since = -Infinity;
	/** By session: when it was given, or what of it. */
	private readonly given = new Map<number, number | string>();
	private readonly everGiven = new Set<number>();
	private highest = -Infinity;
	private isStopped = false;
	/** Records behind the last page, with the next poll. */
	private hasCursor = false;
	private readonly watched = new Set<number>();
	private readonly next: Dice;

	constructor(
		private readonly rule: NaiveRule,
		private readonly config: Config,
		private readonly world: World,
	) {
		this.next = dice(config.seed, 14);
	}

	/** Reads the writes that are shown at a time. */
	poll(shown: Write[], time: number): void {
		if (this.isStopped) return;
		const { rule } = this;
		let found = shown.filter(({ updatedAt, endedAt }) => Math.max(updatedAt, endedAt ?? 0) > this.since);
		found.sort((one, other) => one.updatedAt - other.updatedAt);
		if (rule === 'stop at a removed charger') {
			this.isStopped = this.world.sessions.some(({ goneAt = Infinity }) => goneAt <= time);
			if (this.isStopped) return;
		}
		if (rule === 'stop at a record without id' && found.some(({ session }) => session.shownId === null))
			return;
		if (rule === 'stop at a refused cursor') {
			// A cursor of the poll before is refused, and asked again for ever.
			if (this.hasCursor) this.isStopped = true;
			this.hasCursor = found.length > PAGE;
			found = found.slice(0, PAGE);
		}
		if (rule === 'a short page is the last') found = found.slice(0, 1 + below(this.next, PAGE));
		if (rule === 'go on behind the last record') found = this.pagesOf(found);
		if (rule === 'an answer is whole' && this.ignores(time)) found = shown.slice(0, 100);
		if (rule === 'follow the newest hundred') found = this.followed(shown);
		for (const write of found) this.take(write, time);
		this.since = this.nextSince(time);
		this.forget(time);
	}

	/** Counts what ended after the first poll, and was never given. */
	finish(begin: number): void {
		for (const { slot, shownId, writes, goneAt = Infinity } of this.world.sessions) {
			const end = writes.find(({ endedAt }) => endedAt !== null);
			const isOwed = end && end.visibleAt > begin && end.visibleAt + 5 * HOUR < goneAt && shownId !== null;
			if (isOwed && !this.everGiven.has(slot)) this.lost++;
		}
	}

	private take(write: Write, time: number): void {
		const { rule, given } = this;
		const { slot, id, shownId = id } = write.session;
		if (write.endedAt === null) return;
		if (rule === 'new is told by age' && write.endedAt < time - AGE) return;
		if (rule === 'new has a higher id') {
			if (!(Number(shownId) > this.highest)) return;
			this.highest = Number(shownId);
		}
		const print = rule === 'compare all fields' ? this.printOf(write, time) : time;
		const before = given.get(slot);
		if (before !== undefined && (rule !== 'compare all fields' || before === print)) return;
		if (before === undefined && this.everGiven.has(slot)) this.repeated++;
		if (before !== undefined && String(before).startsWith(`${write.content} `)) this.repeated++;
		given.set(slot, print);
		this.everGiven.add(slot);
	}

	private printOf(write: Write, time: number): string {
		const record = recordOf(this.config.source, { ...write, updatedAt: 0 });
		const isNew = time >= (this.config.quirks?.newFieldsAt ?? Infinity);
		return `${write.content} ${JSON.stringify(isNew ? withNewFields(record, write.session.slot) : record)}`;
	}

	private nextSince(time: number): number {
		const { skew, quirks = {} } = this.config;
		if (this.rule === 'ask from the own clock on') return time + skew - HOUR;
		if (this.rule !== 'begin at the Date') return time - HOUR;
		if (quirks.hasNoDate) return NaN;
		const jump = this.next() < (quirks.dateJumps ?? 0) ? 400 * DAY : 0;
		return Math.max(this.since, time + (quirks.dateAhead ?? 0) + jump - HOUR);
	}

	private forget(time: number): void {
		if (this.rule === 'forget by age') {
			for (const [slot, at] of this.given) if (Number(at) < time - AGE) this.given.delete(slot);
		}
		if (this.rule !== 'forget the oldest beyond a number') return;
		for (const slot of this.given.keys()) {
			if (this.given.size <= ROOM) break;
			this.given.delete(slot);
		}
	}

	/** Pages of a list with ties in another order each time, each from behind the last record of the one before. */
	private pagesOf(found: Write[]): Write[] {
		const read: Write[] = [];
		let last: Write | undefined;
		for (let page = 0; page * PAGE < found.length; page++) {
			const places = new Map(found.map((write) => [write, this.next()]));
			const placeOf = (write: Write) => places.get(write) ?? 0;
			found.sort((one, other) => one.updatedAt - other.updatedAt || placeOf(one) - placeOf(other));
			const begin = last ? found.indexOf(last) + 1 : 0;
			read.push(...found.slice(begin, begin + PAGE));
			last = read[read.length - 1];
		}
		return read;
	}

	private ignores(time: number): boolean {
		return this.config.quirks?.ignores?.some(([from, to]) => time >= from && time < to) ?? false;
	}

	/** Of the sessions that run, those that began last; and what became of those that were among them before. */
	private followed(shown: Write[]): Write[] {
		const found = shown.filter(({ session }) => this.watched.has(session.slot));
		this.watched.clear();
		const running = shown.filter(({ endedAt }) => endedAt === null);
		running.sort((one, other) => other.startedAt - one.startedAt);
		for (const { session } of running.slice(0, 100)) this.watched.add(session.slot);
		return found;
	}
}

/**
 * Lets a poller with a naive rule read the world of a theme, without any fault but those of the theme.
 *
 * @returns How many sessions it lost and how many it gave again.
 */
export function goWrongBy(rule: NaiveRule, config: Config): number {
	const world = worldOf(config);
	const view = new View(world);
	const poller = new NaivePoller(rule, config, world);
	const times = pollTimes(config, world);
	const last = Math.max(world.end, world.writes[world.writes.length - 1].visibleAt);
	for (const time of [...times, last + HOUR, last + 2 * HOUR]) {
		view.advance(time);
		// Slots that are not visible yet are holes.
		poller.poll(view.shown.filter(Boolean), time);
	}
	poller.finish(times[0]);
	return poller.lost + poller.repeated;
}
