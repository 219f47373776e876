import { below, dice, pick, uuid, type Dice } from '../../sandbox/random';
import type { ThemeName } from './themes';
import {
	addCorrections,
	addTouches,
	DAY,
	draftOf,
	finish,
	HOUR,
	LONGEST,
	MINUTE,
	SECOND,
	usualLength,
	type Draft,
	type World,
	type WorldSession,
	type WorldSettings,
} from './world';

const { floor, max, min } = Math;

/** How far off a charger's clock can be: days to decades behind, and days to a year ahead. */
const CLOCKS_OFF = [
	-5 * DAY,
	-30 * DAY,
	-26 * 365 * DAY,
	'zero',
	'zero',
	2 * DAY,
	40 * DAY,
	400 * DAY,
] as const;

/** The size of a theme's worlds; sessions begin at `perDay`, and `past` are long over. */
function sizeOf(theme: ThemeName, next: Dice): { perDay: number; past: number; chargers: number } {
	if (theme === 'manyTouched') return { perDay: 40, past: 21_500, chargers: 40 };
	return { perDay: 8 + below(next, 14), past: 20, chargers: 2 + below(next, 4) };
}

/** When the world of a theme begins, and the dice that go on from there. */
export function spanOf(seed: number): { begin: number; next: Dice } {
	const next = dice(seed, 11);
	return { begin: Date.UTC(2026, 2, 2) + floor(next() * 30 * DAY), next };
}

/** Makes the world of a theme: the same for the same settings. */
export function makeThemedWorld(theme: ThemeName, settings: WorldSettings): World {
	const { seed, days } = settings;
	const { begin, next } = spanOf(seed);
	const end = begin + days * DAY;
	const { perDay, past, chargers } = sizeOf(theme, next);
	const drafts: Draft[] = [];
	const add = (startedAt: number, length: number) => {
		const charger = below(next, chargers);
		drafts.push(draftOf(settings, next, floor(startedAt), floor(length), charger, 'usual', undefined));
	};
	const isCrowd = theme === 'manyTouched';
	for (let index = 0; index < past; index++) {
		// A crowd is of one day, so that nothing but room tells its sessions apart.
		if (isCrowd) add(begin + next() * 0.8 * DAY, (10 + next() * 50) * MINUTE);
		else add(begin - LONGEST - next() * 100 * DAY, usualLength(next));
	}
	for (let time = begin - 2 * DAY; time < end; time += (next() * 2 * DAY) / perDay)
		add(time, usualLength(next));
	alter(theme, settings, drafts, { begin, end, next });
	addCorrections(drafts, begin, end, next);
	if (isCrowd) touchAll(drafts, begin, end);
	else if (next() < 0.5) addTouches(drafts, begin, end, next);

	// Ids are given when a session is first written down.
	const firstOf = ({ events }: Draft) => events.reduce((first, { at }) => min(first, at), Infinity);
	const inOrder = drafts.map((draft) => ({ draft, first: firstOf(draft) })).sort((a, b) => a.first - b.first);
	const sessions = inOrder.map(({ draft }, slot) => finish(settings, draft, slot, next));
	nameAnew(theme, sessions, seed);
	if (theme === 'removedCharger') removeChargers(sessions, chargers, { begin, end, next });
	const writes = sessions.flatMap((session) => session.writes);
	writes.sort((one, other) => one.visibleAt - other.visibleAt || one.session.slot - other.session.slot);
	return { settings, sessions, writes, begin, end, chargers };
}

interface Span {
	begin: number;
	end: number;
	next: Dice;
}

/** Gives the sessions of a world what its theme is about. */
function alter(theme: ThemeName, settings: WorldSettings, drafts: Draft[], span: Span): void {
	const { begin, end, next } = span;
	if (theme === 'deadClock') setClocksOff(settings, drafts, next);
	if (theme === 'ties') addTies(settings, drafts, span);
	if (theme === 'manyRunning') addRunning(settings, drafts, span);
	if (theme === 'lateUpload') {
		for (let count = 20 + below(next, 20); count > 0; count--) drafts.push(lateDraft(settings, span));
	}
	if (theme !== 'movedEnd' && theme !== 'reopened') return;
	for (const draft of drafts) {
		if (next() > 0.25) continue;
		const ended = max(draft.settledAt, begin);
		for (let again = true; again; again = next() < 0.3) {
			const at = floor(ended + MINUTE + next() * (next() < 0.4 ? 2 * DAY : end - ended));
			if (at >= end) break;
			let endsAt = at;
			if (theme === 'reopened') {
				draft.events.push({ kind: 'reopen', at, delay: SECOND, endedAt: null });
				endsAt = at + floor(next() * 6 * HOUR);
				draft.events.push({ kind: 'meter', at: floor((at + endsAt) / 2), delay: SECOND });
			}
			// A corrected end is earlier or later, often by days.
			const moved = theme === 'reopened' ? endsAt : floor(draft.settledAt + (at - draft.settledAt) * next());
			draft.events.push({ kind: 'moved', at: endsAt + SECOND, delay: SECOND, endedAt: moved });
		}
	}
}

/** A third of the sessions are of chargers whose clocks are off; what the vendor stamps itself is right. */
function setClocksOff({ wholeSeconds }: WorldSettings, drafts: Draft[], next: Dice): void {
	for (const draft of drafts) {
		if (next() > 0.35) continue;
		const off = pick(next, CLOCKS_OFF);
		const shift = off === 'zero' ? HOUR - draft.startedAt : off;
		draft.startedAt += shift;
		// Volt Time stamps the creation itself; of Spirii it is not known.
		const [{ at }] = draft.events;
		if (wholeSeconds || next() < 0.5) draft.createdAt = at;
		for (const event of draft.events) if (event.endedAt) event.endedAt += shift;
	}
}

function addTies(settings: WorldSettings, drafts: Draft[], { begin, end, next }: Span): void {
	for (let tie = 0; tie < 4; tie++) {
		const moment = floor((begin + next() * (end - begin)) / SECOND) * SECOND;
		for (let count = 60 + below(next, 120); count > 0; count--) {
			const length = min(usualLength(next), 2 * DAY);
			const end = { at: moment + 5 * SECOND, delay: 800 };
			const charger = below(next, 2);
			drafts.push(draftOf(settings, next, floor(moment - length), floor(length), charger, 'tied', end));
		}
	}
}

/** Sessions that begin within hours and run for days: a car park at an airport. */
function addRunning(settings: WorldSettings, drafts: Draft[], { begin, end, next }: Span): void {
	const count = settings.wholeSeconds ? 90 : 1100;
	for (let index = 0; index < count; index++) {
		const startedAt = floor(begin + next() * 12 * HOUR);
		const length = floor((0.3 + next() * 0.6) * (end - begin));
		drafts.push(draftOf(settings, next, startedAt, length, below(next, 2), 'tied', {}));
	}
}

/** A session that nothing is known of until days after its end; the vendor says when it was created, or written, or both. */
function lateDraft({ meaning }: WorldSettings, { begin, end, next }: Span): Draft {
	const at = floor(begin + HOUR + next() * (end - begin - 2 * HOUR));
	const endedAt = at - floor((5 + next() * 15) * DAY);
	const startedAt = endedAt - floor(usualLength(next));
	const stamps = meaning === 'lastWrite' ? next() : 1;
	return {
		startedAt,
		charger: below(next, 2),
		events: [{ kind: 'end', at, delay: SECOND, endedAt }],
		settledAt: at + 3 * MINUTE,
		createdAt: stamps < 0.4 ? startedAt : at,
		isStale: stamps > 0.7,
	};
}

/** Every session is written anew each night, and says the same. */
function touchAll(drafts: Draft[], begin: number, end: number): void {
	for (let at = begin + 1.5 * DAY; at < end; at += DAY) {
		for (const { events, settledAt } of drafts) {
			if (settledAt < at) events.push({ kind: 'touch', at: floor(at), delay: SECOND });
		}
	}
}

/** Ids of another kind; and records that have none. */
function nameAnew(theme: ThemeName, sessions: WorldSession[], seed: number): void {
	const next = dice(seed, 12);
	const form = pick(next, ['uuid', 'text', 'unordered'] as const);
	for (const session of sessions) {
		if (theme === 'noId' && next() < 0.03) session.shownId = null;
		if (theme !== 'ids') continue;
		if (form === 'uuid') session.shownId = uuid(next);
		// With zeros in front, "007" is not 7.
		if (form === 'text') session.shownId = String(session.slot).padStart(2 + (session.slot % 7), '0');
		if (form === 'unordered') session.shownId = 1 + ((session.slot * 48_271) % 99_991);
	}
}

/** From some moment on, a charger is not in the list, and cannot be read. */
function removeChargers(sessions: WorldSession[], chargers: number, { begin, end, next }: Span): void {
	const goneAt = new Map<number, number>();
	for (let charger = 1; charger < chargers; charger++) {
		if (next() < 0.6) goneAt.set(charger, floor(begin + next() * (end - begin)));
	}
	for (const session of sessions) session.goneAt = goneAt.get(session.charger);
}
