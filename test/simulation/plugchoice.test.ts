import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { NaiveTeamRule, TeamOutcome } from './plugchoiceRun';
import { TEAM_THEMES } from './plugchoiceWorld';

const SEEDS = 200;
const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
/** Two processes, since machines of a CI have two processors. */
const PARTS = [seeds.slice(0, SEEDS / 2), seeds.slice(SEEDS / 2)];
/** No bound: how long a simulation takes depends on the machine. */
const HOUR = 3_600_000;

/** Runs seeds in a process of its own: within jest every look at a global is slow. */
async function outcomesOf(own: number[], rule?: NaiveTeamRule): Promise<TeamOutcome[]> {
	const loader = pathToFileURL(require.resolve('tsx')).href;
	const script = join(__dirname, 'plugchoiceRun.ts');
	const given = ['--import', loader, script, own.join(), ...(rule ? [rule] : [])];
	return await new Promise((resolve, reject) => {
		execFile(process.execPath, given, { maxBuffer: 2 ** 28 }, (error, output) =>
			error ? reject(error) : resolve(JSON.parse(output) as TeamOutcome[]),
		);
	});
}

function print(lines: string[]): void {
	// eslint-disable-next-line no-console
	console.log(lines.join('\n  '));
}

const sumOf = (outcomes: TeamOutcome[], of: (outcome: TeamOutcome) => number) =>
	outcomes.reduce((sum, outcome) => sum + of(outcome), 0);

test(
	`sessions of a team, version 3, ${SEEDS} seeds: nothing is lost, nothing comes twice, nothing uncalled for`,
	async () => {
		const all = (await Promise.all(PARTS.map(async (part) => await outcomesOf(part)))).flat();
		print([
			`simulation of teams: ${all.length} seeds, ${sumOf(all, ({ polls }) => polls)} polls, most bytes of state ${Math.max(...all.map(({ peakBytes }) => peakBytes))}`,
			...Object.entries(TEAM_THEMES).map(([name, about]) => {
				const own = all.filter(({ theme }) => theme === name);
				const [sessions, owed, lost, repeated, uncalled] = [
					sumOf(own, (one) => one.sessions),
					sumOf(own, (one) => one.owed),
					sumOf(own, (one) => one.lost.length),
					sumOf(own, (one) => one.repeated.length),
					sumOf(own, (one) => one.uncalled.length),
				];
				const perPoll = sumOf(own, (one) => one.requests) / sumOf(own, (one) => one.polls);
				return `${name} (${about}): ${own.length} worlds, ${sessions} sessions, ${owed} owed, lost ${lost}, repeated ${repeated}, uncalled for ${uncalled}, ${perPoll.toFixed(1)} requests a poll`;
			}),
		]);
		const problems = all.flatMap(({ seed, theme, event, lost, repeated, uncalled, isDrained }) => {
			const found = [...lost, ...repeated, ...uncalled];
			return found.length > 0 || !isDrained
				? [{ seed, theme, event, found: found.slice(0, 5), isDrained }]
				: [];
		});
		expect(problems).toEqual([]);
		// Every theme owes something, or it would show nothing.
		for (const name of Object.keys(TEAM_THEMES)) {
			const own = all.filter(({ theme }) => theme === name);
			expect([name, sumOf(own, ({ owed }) => owed) > 1000]).toEqual([name, true]);
		}
	},
	HOUR,
);

/** The worlds in which each rule counts: of completed sessions, from chargers that were offline for weeks, or of any theme. */
const OFFLINE = [1, 29, 57, 85, 113, 141];
const ANY_THEME = [0, 1, 2, 3, 4, 5, 6];
const CONTRASTS: Array<[rule: NaiveTeamRule, least: number, own: number[]]> = [
	['does not follow what runs', 10, OFFLINE],
	['does not ask by charger', 1, OFFLINE],
	['looks back not at all', 1, ANY_THEME],
	['takes what is newer than the newest', 1, ANY_THEME],
];

test.each(CONTRASTS)(
	'sessions of a team, version 3: a trigger that %s loses sessions',
	async (rule, least, own) => {
		const outcomes = await outcomesOf(own, rule);
		const lost = sumOf(outcomes, (one) => one.lost.length);
		print([`a trigger that ${rule}: ${lost} of ${sumOf(outcomes, ({ owed }) => owed)} lost`]);
		expect(lost).toBeGreaterThanOrEqual(least);
	},
	HOUR,
);
