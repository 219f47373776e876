import { pollTimes, worldOf, type Config } from './run';
import { View } from './server';
import { HOUR, type World, type Write } from './world';

/** How other pollers do it: what they read from the list of updates, and what of it they give on. */
export const RULES = {
	/** What was updated since the last poll, by the poller's own clock. */
	'own clock': () => {
		let since = NaN;
		return (list: List, now: number) => {
			const found = list(since).filter(({ updatedAt }) => updatedAt > since);
			since = now;
			return found;
		};
	},
	/** What was updated after the newest update that was seen. */
	'newest seen': () => {
		let newest = NaN;
		return (list: List, now: number) => {
			const found = list(newest).filter(({ updatedAt }) => updatedAt > newest);
			newest = found.reduce(
				(most, { updatedAt }) => Math.max(most, updatedAt),
				Number.isNaN(newest) ? now : newest,
			);
			return found;
		};
	},
	/** What was updated up to an hour before that, without what was given already. */
	'newest seen less an hour, with digests': () => {
		let newest = NaN;
		const given = new Map<number, number>();
		return (list: List, now: number) => {
			const found = list(newest - HOUR);
			newest = found.reduce(
				(most, { updatedAt }) => Math.max(most, updatedAt),
				Number.isNaN(newest) ? now : newest,
			);
			const fresh = found.filter(({ session, content }) => given.get(session.id) !== content);
			for (const { session, content } of fresh) given.set(session.id, content);
			return fresh;
		};
	},
};

/** The list of updates from a moment on, in their order; nothing for a moment that is not known yet. */
type List = (from: number) => Write[];

export type RuleName = keyof typeof RULES;

/**
 * Lets a rule poll the world of a config, without any fault: no failed request, no crash, no cut.
 *
 * @returns How many of the sessions that ended after its beginning it never gave complete.
 */
export function loseBy(rule: RuleName, config: Config): number {
	const world = worldOf(config);
	const view = new View(world);
	const poll = RULES[rule]();
	const given = new Set<number>();
	const list: List = (from) =>
		view.shown
			.filter(({ updatedAt }) => updatedAt >= from)
			.sort((one, other) => one.updatedAt - other.updatedAt || one.session.id - other.session.id);
	const times = pollTimes(config, world);
	const last = Math.max(world.end, world.writes[world.writes.length - 1].visibleAt);
	const quiet = Array.from({ length: 48 }, (_, index) => last + (index + 1) * HOUR);
	for (const time of [...times, ...quiet]) {
		view.advance(time);
		for (const { session, endedAt } of poll(list, time + config.skew)) {
			if (endedAt !== null) given.add(session.id);
		}
	}
	const ended = endedAfter(world, times[0] + 10 * 60_000);
	return ended.filter(({ session }) => !given.has(session.id)).length;
}

/** The first complete form of each session that ended, and was shown so, after a moment. */
function endedAfter({ sessions }: World, moment: number): Write[] {
	const ends = sessions.flatMap(({ writes }) => writes.find(({ endedAt }) => endedAt !== null) ?? []);
	return ends.filter(({ endedAt, visibleAt }) => (endedAt ?? 0) > moment && visibleAt > moment);
}
