import { below, dice, pick, type Dice } from '../../sandbox/random';
import type { UpdatedAt } from '../../sandbox/spirii/records';

/** One write to a session's record: what the API shows from `visibleAt` on, until the next one. Times are milliseconds. */
export interface Write {
	session: WorldSession;
	kind: EventKind;
	/** When it was written, and from when on the API shows it. */
	at: number;
	visibleAt: number;
	/** Grows by one whenever the record says something new; a touch keeps it. */
	content: number;
	startedAt: number;
	/** Null while the session runs. */
	endedAt: number | null;
	createdAt: number;
	/** As the record shows it. */
	updatedAt: number;
	energyWh: number;
	amountCents: number;
	/** Grows with every correction of anything but energy and amount. */
	remarks: number;
}

/** `moved`: its end is another one; `reopen`: it runs again. */
type EventKind = 'begin' | 'meter' | 'end' | 'priced' | 'correction' | 'touch' | 'moved' | 'reopen';

export interface WorldSession {
	/** Its place in the list of sessions; ids grow with it. */
	slot: number;
	id: number;
	/** The id that its records have, where that is another one; null in records without an id. */
	shownId?: number | string | null;
	/** Number of its charger, from 0. */
	charger: number;
	/** When its charger was removed, after which nothing of it can be read. */
	goneAt?: number;
	/** In the order in which they become visible. */
	writes: Write[];
}

export interface WorldSettings {
	seed: number;
	/** What `updatedAt` means: the last write, or (as in the examples of v1) the start until something is corrected. */
	meaning: UpdatedAt;
	/** Volt Time's times have whole seconds, and its chargers few connectors. */
	wholeSeconds: boolean;
	days: number;
	/** Up to how late a session may be shown: at any time, and where a deep scan has to find it. */
	lookbackMs: number;
	deepLookbackMs: number;
}

/** Everything that happens at a vendor in some days, whoever looks at it. */
export interface World {
	settings: WorldSettings;
	sessions: WorldSession[];
	/** Of all sessions, in the order in which they become visible. */
	writes: Write[];
	begin: number;
	end: number;
	chargers: number;
}

// Taken out of the global once: within jest every look at a global is slow.
const { floor, max, min, exp, log } = Math;

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const LONGEST = 16 * DAY;
const MONTHS_17 = 517 * DAY;
const FIRST_ID = 8_400_003;

/** Something that will be written to a session. */
export interface Event {
	kind: EventKind;
	at: number;
	delay: number;
	/** The session as its charger reports it; null where it runs again. */
	endedAt?: number | null;
}

export interface Draft {
	startedAt: number;
	charger: number;
	events: Event[];
	/** When its end, with its price, is visible at the latest; no correction or touch comes earlier. */
	settledAt: number;
	/** What its records show as their creation, where that is fixed. */
	createdAt?: number;
	/** Whether its records never show when they were written. */
	isStale?: boolean;
}

/** Makes a world: the same for the same settings. */
export function makeWorld(settings: WorldSettings): World {
	const { seed, days, wholeSeconds } = settings;
	const next = dice(seed, 1);
	const begin = Date.UTC(2026, 2, 2) + floor(next() * 30 * DAY);
	const end = begin + days * DAY;
	const chargers = wholeSeconds ? 2 + below(next, 4) : 40;
	const drafts: Draft[] = [];
	const add = (startedAt: number, length: number, how: 'usual' | 'tied' = 'usual', tied?: Partial<Event>) => {
		drafts.push(draftOf(settings, next, floor(startedAt), floor(length), below(next, chargers), how, tied));
	};

	const past = 60 + below(next, wholeSeconds ? 60 : 200);
	for (let index = 0; index < past; index++) add(begin - LONGEST - next() * 714 * DAY, usualLength(next));
	const perDay = (wholeSeconds ? 8 : 25) + below(next, wholeSeconds ? 17 : 60);
	// Long before the begin only those count that still run at the begin.
	for (let time = begin - LONGEST; time < begin - 2 * DAY; time += DAY / (perDay * 0.02)) {
		add(time, begin - time + next() * 6 * DAY);
	}
	for (let time = begin - 2 * DAY; time < end; time += (-log(1 - next()) * DAY) / perDay) {
		add(time, usualLength(next));
	}

	const ties = 1 + below(next, 3);
	for (let tie = 0; tie < ties; tie++) {
		const moment = floor(begin + next() * (end - begin));
		const count = (wholeSeconds ? 15 : 60) + below(next, wholeSeconds ? 25 : 190);
		const sameEnd = next() < 0.6;
		for (let index = 0; index < count; index++) {
			const length = sameEnd ? min(usualLength(next), 2 * DAY) : usualLength(next);
			if (sameEnd) add(moment - length, length, 'tied', { at: moment + 5 * SECOND, delay: 800 });
			else add(moment, length, 'tied');
		}
	}
	addCorrections(drafts, begin, end, next);
	addTouches(drafts, begin, end, next);

	drafts.sort((one, other) => one.startedAt - other.startedAt);
	const sessions = drafts.map((draft, slot) => finish(settings, draft, slot, next));
	const writes = sessions.flatMap((session) => session.writes);
	writes.sort((one, other) => one.visibleAt - other.visibleAt || one.session.slot - other.session.slot);
	return { settings, sessions, writes, begin, end, chargers };
}

/** Minutes to hours mostly, one in a hundred up to 16 days. */
export function usualLength(next: Dice): number {
	const kind = next();
	if (kind < 0.01) return DAY + next() * (LONGEST - DAY);
	if (kind < 0.1) return (6 + next() * 18) * HOUR;
	if (kind < 0.3) return (2 + next() * 28) * MINUTE;
	return (0.5 + next() * 6) * HOUR;
}

/** Mostly at once, now and then up to a minute and a half late. */
export function usualDelay(next: Dice): number {
	return floor(next() < 0.9 ? next() * 3 * SECOND : next() * 90 * SECOND);
}

export function draftOf(
	{ lookbackMs, deepLookbackMs }: WorldSettings,
	next: Dice,
	startedAt: number,
	length: number,
	charger: number,
	how: 'usual' | 'tied',
	tied: Partial<Event> | undefined,
): Draft {
	const events: Event[] = [];
	const endedAt = startedAt + length;
	const plus = (time: number, most: number) => time + floor(next() * most);
	const kind = how === 'tied' ? 1 : next();

	// The charger had no connection: what it reports comes late, the end only or everything.
	const isShort = length < 6 * HOUR;
	if (kind < 0.03) {
		const isDeep = next() < 0.3 && isShort && deepLookbackMs > 2 * DAY;
		const most = isDeep ? deepLookbackMs - 1.3 * DAY : lookbackMs - 10 * MINUTE;
		const late = plus(endedAt, most);
		if (next() < 0.4 || !isShort)
			events.push({ kind: 'begin', at: plus(startedAt, 3 * SECOND), delay: usualDelay(next) });
		else if (next() < 0.3) events.push({ kind: 'begin', at: min(plus(startedAt, most), late - 1), delay: 0 });
		events.push({ kind: 'end', at: late, delay: usualDelay(next), endedAt });
		return { startedAt, charger, events, settledAt: late + 3 * MINUTE };
	}

	// A clock that is wrong shifts what the charger reports, not when it does so.
	const isWrong = kind < 0.045;
	const shift = !isWrong ? 0 : floor(next() < 0.6 ? next() * 3 * DAY : -next() * 0.6 * lookbackMs);
	events.push({ kind: 'begin', at: plus(startedAt, 3 * SECOND), delay: usualDelay(next) });
	for (let count = below(next, 4); count > 0; count--) {
		events.push({ kind: 'meter', at: plus(startedAt + 4 * SECOND, length), delay: usualDelay(next) });
	}
	const end = { at: plus(endedAt + SECOND, 3 * MINUTE), delay: usualDelay(next), ...tied };
	events.push({ kind: 'end', ...end, endedAt: endedAt + shift });
	let settledAt = end.at + end.delay;
	if (next() < 0.1) {
		const at = plus(settledAt + MINUTE, 9 * MINUTE);
		events.push({ kind: 'priced', at, delay: usualDelay(next) });
		settledAt = at;
	}
	return { startedAt: startedAt + shift, charger, events, settledAt: settledAt + 3 * MINUTE };
}

/** Three in a hundred are corrected, from minutes to 17 months after their end, some of them several times. */
export function addCorrections(drafts: Draft[], begin: number, end: number, next: Dice): void {
	for (const draft of drafts) {
		const isOld = draft.settledAt < begin;
		if (next() > (isOld ? 0.1 : 0.03)) continue;
		for (let again = true; again; again = next() < 0.4) {
			const after = exp(log(MINUTE) + next() * (log(MONTHS_17) - log(MINUTE)));
			const at = isOld ? begin + next() * (end - begin) : draft.settledAt + after;
			if (at < end) draft.events.push({ kind: 'correction', at: floor(at), delay: usualDelay(next) });
		}
	}
}

/** A nightly job writes some hundred records anew, with one timestamp and in two halves; what they say stays the same. */
export function addTouches(drafts: Draft[], begin: number, end: number, next: Dice): void {
	for (let night = floor(begin / DAY) * DAY + 2 * HOUR; night < end; night += DAY) {
		if (next() < 0.4) continue;
		const at = night + below(next, 2 * HOUR);
		const settled = drafts.filter(({ settledAt }) => settledAt < at);
		const count = min(settled.length / 2, 30 + below(next, 220));
		const pause = floor((2 + next() * 8) * MINUTE);
		const chosen = new Set<Draft>();
		// Half of them are recent ones.
		const recent = settled.filter(({ settledAt }) => settledAt > at - 5 * DAY);
		while (chosen.size < count) chosen.add(pick(next, next() < 0.5 && recent.length > 0 ? recent : settled));
		let index = 0;
		for (const draft of chosen) {
			draft.events.push({ kind: 'touch', at, delay: index++ < count / 2 ? SECOND : pause });
		}
	}
}

/** Writes down what the record says after each event. */
export function finish(
	{ meaning, wholeSeconds }: WorldSettings,
	{ startedAt, charger, events, createdAt, isStale }: Draft,
	slot: number,
	next: Dice,
): WorldSession {
	const session: WorldSession = { slot, id: FIRST_ID + slot * 3, charger, writes: [] };
	const shown = (time: number) => (wholeSeconds ? floor(time / SECOND) * SECOND : time);
	events.sort((one, other) => one.at - other.at);
	let write: Write | undefined;
	for (const { kind, at, delay, endedAt } of events) {
		// What a meter says after the end, or before the begin was known, is not written.
		if (kind === 'meter' && write?.endedAt !== null) continue;
		const visibleAt = max(at + delay, write ? write.visibleAt + 1 : 0);
		const usual = () => (next() < 0.5 ? at : min(at, startedAt + 2 * SECOND));
		const created = write ? write.createdAt : (createdAt ?? usual());
		const before: Write = write ?? {
			session,
			kind,
			at,
			visibleAt,
			content: -1,
			startedAt: shown(startedAt),
			endedAt: null,
			createdAt: shown(created),
			updatedAt: shown(startedAt),
			energyWh: 0,
			amountCents: 0,
			remarks: 0,
		};
		const isCorrection = ['correction', 'touch', 'moved', 'reopen'].includes(kind);
		const showsWrite = isCorrection || (meaning === 'lastWrite' && !isStale);
		write = {
			...before,
			kind,
			at,
			visibleAt,
			content: before.content + (kind === 'touch' ? 0 : 1),
			endedAt: endedAt === undefined ? before.endedAt : endedAt && shown(endedAt),
			updatedAt: showsWrite ? shown(at) : before.updatedAt,
		};
		change(write, next);
		session.writes.push(write);
	}
	return session;
}

function change(write: Write, next: Dice): void {
	const dieOf = write.kind === 'correction' ? next() : 0;
	if (write.kind === 'meter') write.energyWh += 10 * (1 + below(next, 500));
	if (write.kind === 'end' || write.kind === 'moved') {
		write.energyWh += 10 * (100 + below(next, 5000));
		write.amountCents = floor(write.energyWh * 0.03);
	}
	if (write.kind === 'priced') write.amountCents += 1 + below(next, 900);
	if (write.kind !== 'correction') return;
	if (dieOf < 0.6) write.energyWh += 10 * (below(next, 2) * 2 - 1) * (1 + below(next, 60));
	if (dieOf > 0.3 && dieOf < 0.9) write.amountCents += (below(next, 2) * 2 - 1) * (1 + below(next, 300));
	write.remarks++;
}
