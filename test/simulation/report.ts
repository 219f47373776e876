import type { Outcome } from './run';
import { THEME_NAMES } from './themes';

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
	owed: number;
	unpromised: number;
	requests: number;
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
	const add = (name: 'crashRepeats' | 'touchedOld' | 'owed' | 'unpromised' | 'namedParts' | 'unnamedParts') =>
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
		owed: add('owed'),
		unpromised: add('unpromised'),
		requests: sum(({ requests }) => requests),
		namedParts: add('namedParts'),
		unnamedParts: add('unnamedParts'),
		peakSessions: most(({ peakSessions }) => peakSessions),
		peakBytes: most(({ peakBytes }) => peakBytes),
	};
}

/**
 * One line for each theme, and one for the ordinary worlds. "Unpromised" counts what no list shows in time, or what nothing tells from
 * older sessions, and did not come; "old" what came again, or as a correction, because the trigger did not know it.
 */
export function tableOf(outcomes: Outcome[]): string[] {
	const header = ['theme', 'worlds', 'sessions', 'owed', 'lost', 'repeated', 'uncalled', 'unpromised', 'old'];
	const rows = [undefined, ...THEME_NAMES].flatMap((theme) => {
		const own = outcomes.filter(({ config }) => config.theme === theme);
		if (own.length === 0) return [];
		const { seeds, sessions, owed, lost, repeated, uncalled, unpromised, touchedOld, ...all } = sumUp(own);
		const counts = [seeds, sessions, owed, lost, repeated, uncalled, unpromised, touchedOld];
		return [[theme ?? 'ordinary', ...counts, all.peakBytes, (all.requests / all.polls).toFixed(1)]];
	});
	const lines = [[...header, 'bytes', 'requests/poll'], ...rows].map((row) => row.map(String));
	const widths = lines[0].map((_, column) => Math.max(...lines.map((row) => row[column].length)));
	return lines.map(([name, ...cells]) =>
		[name.padEnd(widths[0]), ...cells.map((cell, index) => cell.padStart(widths[index + 1]))].join(' '),
	);
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
