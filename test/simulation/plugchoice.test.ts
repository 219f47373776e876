import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { NaiveTeamRule, TeamOutcome } from './plugchoiceRun';
import type { Scope } from './plugchoiceServer';
import { TEAM_THEMES } from './plugchoiceWorld';

const SEEDS = 200;
const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
/** Two processes, since machines of a CI have two processors. */
const PARTS = [seeds.slice(0, SEEDS / 2), seeds.slice(SEEDS / 2)];
/** Each theme with completed and changed sessions of a site, and with started and corrected ones of a charger. */
const PLACES: Array<[scope: Scope, own: number[]]> = [
	['site', [...seeds.slice(0, 7), ...seeds.slice(14, 21)]],
	['charger', [...seeds.slice(7, 14), ...seeds.slice(21, 28)]],
];
/** No bound: how long a simulation takes depends on the machine. */
const HOUR = 3_600_000;

/** Runs seeds in a process of its own: within jest every look at a global is slow. */
async function outcomesOf(scope: Scope, own: number[], rule?: NaiveTeamRule): Promise<TeamOutcome[]> {
	const loader = pathToFileURL(require.resolve('tsx')).href;
	const script = join(__dirname, 'plugchoiceRun.ts');
	const given = ['--import', loader, script, scope, own.join(), ...(rule ? [rule] : [])];
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

/** Prints what came of the worlds by theme, and expects nothing lost, repeated or uncalled for in any. */
function expectPromises(scope: Scope, all: TeamOutcome[], leastOwed: number): void {
	print([
		`simulation of a ${scope}: ${all.length} seeds, ${sumOf(all, ({ polls }) => polls)} polls, most bytes of state ${Math.max(...all.map(({ peakBytes }) => peakBytes))}`,
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
		expect([name, sumOf(own, ({ owed }) => owed) > leastOwed]).toEqual([name, true]);
	}
}

test(
	`sessions of a team, version 3, ${SEEDS} seeds: nothing is lost, nothing comes twice, nothing uncalled for`,
	async () => {
		const all = await Promise.all(PARTS.map(async (part) => await outcomesOf('team', part)));
		expectPromises('team', all.flat(), 1000);
	},
	HOUR,
);

test(
	'sessions of a site and of a charger, version 3: nothing is lost, nothing comes twice, nothing uncalled for',
	async () => {
		const all = await Promise.all(PLACES.map(async ([scope, own]) => await outcomesOf(scope, own)));
		for (const [index, [scope]] of PLACES.entries()) expectPromises(scope, all[index], 30);
	},
	HOUR,
);

/** The worlds in which each rule counts: of completed sessions, from chargers that were offline for weeks, or of any theme. */
const OFFLINE = [85, 113, 141, 169, 253, 365];
const ANY_THEME = [0, 1, 2, 3, 4, 5, 6];
const CONTRASTS: Array<[rule: NaiveTeamRule, scope: Scope, least: number, own: number[]]> = [
	['does not follow what runs', 'team', 10, OFFLINE],
	['does not ask by charger', 'team', 10, OFFLINE],
	['looks back not at all', 'team', 10, ANY_THEME],
	['takes what is newer than the newest', 'team', 100, ANY_THEME],
	['takes what is newer than the newest', 'site', 100, ANY_THEME],
];

test.each(CONTRASTS)(
	'a trigger, version 3, that %s loses sessions of a %s',
	async (rule, scope, least, own) => {
		const outcomes = await outcomesOf(scope, own, rule);
		const lost = sumOf(outcomes, (one) => one.lost.length);
		print([`a trigger that ${rule}: ${lost} of ${sumOf(outcomes, ({ owed }) => owed)} lost of a ${scope}`]);
		expect(lost).toBeGreaterThanOrEqual(least);
	},
	HOUR,
);
