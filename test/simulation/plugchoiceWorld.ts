import { below, dice } from '../../sandbox/random';

/** A session of version 3 as time goes on. Times are milliseconds since 1970. */
export interface TeamSession {
	id: number;
	charger: number;
	startedAt: number;
	endedAt: number;
	/** From when on the API shows it: running, ended. It is never shown running where the first is not earlier. */
	shownAt: number;
	endShownAt: number;
	/** When it was shown with another meter value: while it runs, and after its end. */
	meterAt: number[];
	correctedAt: number[];
}

export interface TeamCharger {
	/** In these times the token may read its sessions. */
	readable: Array<[from: number, to: number]>;
	/** When it leaves all lists. */
	removedAt: number;
}

export interface TeamWorld {
	sessions: TeamSession[];
	chargers: TeamCharger[];
	begin: number;
	end: number;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What a world is about, in turn. */
export const TEAM_THEMES = {
	head: 'pages that shift at the head: many sessions end at once, answers are slow',
	offline: 'chargers offline for weeks, which upload late',
	access: 'access that ends, to one charger or to most of them, and comes back',
	fleet: 'chargers that are added and removed',
	updates: 'energy that is corrected after the end',
	running: 'hundreds of sessions that run, and leave the list of running ones',
	late: 'sessions that show up late, up to the lookback windows',
} as const;
export type TeamTheme = keyof typeof TEAM_THEMES;

const { floor, max, min, round } = Math;
const toSecond = (time: number) => floor(time / SECOND) * SECOND;

/** Makes a world: the same for the same seed. */
export function makeTeamWorld(
	seed: number,
	theme: TeamTheme,
	{ lookbackMs, deepLookbackMs }: { lookbackMs: number; deepLookbackMs: number },
): TeamWorld {
	const next = dice(seed, 101);
	const chance = (share: number) => next() < share;
	const begin = Date.UTC(2026, 2, 2) + floor(next() * 30 * DAY);
	const days = theme === 'offline' ? 16 : 6 + below(next, 4);
	const end = begin + days * DAY;
	const count = theme === 'fleet' ? 20 : 6 + below(next, 10);
	const chargers: TeamCharger[] = Array.from({ length: count }, () => ({
		readable: [[-Infinity, Infinity]],
		removedAt: Infinity,
	}));
	const addedAt = chargers.map(() => -Infinity);
	if (theme === 'access') {
		const most = chance(0.5) ? 0.7 : 0.3;
		const all = begin + next() * (end - begin);
		for (const charger of chargers) {
			if (!chance(most)) continue;
			const at = toSecond(chance(0.5) ? all : begin + next() * (end - begin));
			const back = at + next() * 3 * DAY;
			charger.readable = chance(0.5)
				? [[-Infinity, at]]
				: [
						[-Infinity, at],
						[back, Infinity],
					];
		}
	}
	if (theme === 'fleet') {
		for (const [index, charger] of chargers.entries()) {
			const isRemoved = chance(0.3);
			const isAdded = !isRemoved && chance(0.3);
			if (isRemoved) charger.removedAt = begin + next() * (end - begin);
			if (isAdded) addedAt[index] = begin + next() * (end - begin);
		}
	}
	/** From when to when a charger has no connection: what happens there is shown at the end of that time. */
	const offline = chargers.map((): [number, number] => {
		if (theme !== 'offline' || chance(0.5)) return [Infinity, Infinity];
		const from = begin + next() * 4 * DAY;
		return [from, from + (4 + next() * 10) * DAY];
	});

	const sessions: TeamSession[] = [];
	const add = (startedAt: number, length: number, charger = below(next, count)) => {
		if (startedAt < addedAt[charger]) return;
		const endedAt = startedAt + max(SECOND, length);
		const [from, to] = offline[charger];
		const show = (at: number) =>
			(at > from && at < to ? to : at) + floor(next() * (chance(0.9) ? 3 : 90) * SECOND);
		let shownAt = show(startedAt);
		let endShownAt = max(shownAt + SECOND, show(endedAt));
		const isLate = theme === 'late' ? chance(0.25) : chance(0.02);
		if (isLate && length < 6 * HOUR) {
			const isDeep = chance(0.4) && deepLookbackMs > DAY;
			const most = isDeep ? deepLookbackMs - 1.3 * DAY : lookbackMs - 15 * MINUTE;
			endShownAt = endedAt + max(0, next() * most);
			shownAt = chance(0.3) ? min(shownAt, endShownAt - 1) : endShownAt;
		}
		const meterAt = Array.from({ length: below(next, 3) }, () => shownAt + next() * (endShownAt - shownAt));
		const corrections = theme === 'updates' ? below(next, 3) : chance(0.02) ? 1 : 0;
		const correctedAt = Array.from(
			{ length: corrections },
			() => endShownAt + MINUTE + next() * (chance(0.6) ? deepLookbackMs - DAY : 10 * DAY),
		);
		const byTime = (times: number[]) => times.map(toSecond).sort((a, b) => a - b);
		sessions.push({
			...{ id: 0, charger, startedAt: toSecond(startedAt), endedAt: toSecond(endedAt) },
			...{ shownAt: round(shownAt), endShownAt: round(endShownAt) },
			...{ meterAt: byTime(meterAt), correctedAt: byTime(correctedAt) },
		});
	};
	const length = () =>
		chance(0.02)
			? DAY + next() * 8 * DAY
			: chance(0.3)
				? (2 + next() * 28) * MINUTE
				: (0.5 + next() * 6) * HOUR;
	for (let index = 0; index < 80; index++) add(begin - (2 + next() * 200) * DAY, length());
	const perDay = 15 + below(next, 40);
	for (let time = begin - 2 * DAY; time < end; time += (next() * 2 * DAY) / perDay) add(time, length());
	if (theme === 'head') {
		for (let tie = 0; tie < 4; tie++) {
			const at = begin + next() * (end - begin);
			for (let index = 0; index < 60 + below(next, 80); index++) {
				const long = 10 * MINUTE + next() * 5 * HOUR;
				add(at - long + next() * 3 * MINUTE, long);
			}
		}
	}
	if (theme === 'running') {
		for (let index = 0; index < 150; index++) add(begin - next() * DAY, (1 + next() * (days - 1)) * DAY);
	}
	sessions.sort((one, other) => one.shownAt - other.shownAt);
	for (const [index, session] of sessions.entries()) session.id = 500_000 + index;
	return { sessions, chargers, begin, end };
}
