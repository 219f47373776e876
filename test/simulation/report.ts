import type { Outcome } from './run';

/** The sums over all seeds. */
export interface Totals {
	seeds: number;
	polls: number;
	sessions: number;
	delivered: number;
	read: number;
	lost: number;
	repeated: number;
	uncalled: number;
	wrongChanges: number;
	crashRepeats: number;
	touchedOld: number;
	namedParts: number;
	unnamedParts: number;
	peakSessions: number;
	peakBytes: number;
}

/** Sums up outcomes. */
export function sumUp(outcomes: Outcome[]): Totals {
	const sum = (of: (outcome: Outcome) => number) =>
		outcomes.reduce((total, outcome) => total + of(outcome), 0);
	const most = (of: (outcome: Outcome) => number) =>
		outcomes.reduce((top, outcome) => Math.max(top, of(outcome)), 0);
	const count = (name: 'lost' | 'repeated' | 'uncalled' | 'wrongChanges') =>
		sum(({ findings }) => findings.reduce((total, found) => total + found[name].length, 0));
	const add = (name: 'crashRepeats' | 'touchedOld' | 'namedParts' | 'unnamedParts') =>
		sum(({ findings }) => findings.reduce((total, found) => total + found[name], 0));
	return {
		seeds: outcomes.length,
		polls: sum(({ polls }) => polls),
		sessions: sum(({ sessions }) => sessions),
		delivered: sum(({ delivered }) => delivered),
		read: sum(({ read }) => read),
		lost: count('lost'),
		repeated: count('repeated'),
		uncalled: count('uncalled'),
		wrongChanges: count('wrongChanges'),
		crashRepeats: add('crashRepeats'),
		touchedOld: add('touchedOld'),
		namedParts: add('namedParts'),
		unnamedParts: add('unnamedParts'),
		peakSessions: most(({ peakSessions }) => peakSessions),
		peakBytes: most(({ peakBytes }) => peakBytes),
	};
}

/** Everything that went wrong with a seed, and how to run it alone; empty where nothing did. */
export function complaintsOf({ config, findings, isDrained }: Outcome): string {
	const problems = findings.flatMap(({ lost, repeated, uncalled, wrongChanges }) => [
		...lost,
		...repeated,
		...uncalled,
		...wrongChanges,
	]);
	if (!isDrained) problems.push('it never came to rest: the last scan does not end');
	if (problems.length === 0) return '';
	const shown = problems.slice(0, 3).join('\n\n');
	return `seed ${config.seed}, alone with SIMULATION_SEED=${config.seed}: ${JSON.stringify(config)}\n${problems.length} problems:\n${shown}\n`;
}
