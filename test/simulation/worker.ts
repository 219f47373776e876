import { goWrongBy } from './contrast';
import { loseBy, RULES, type RuleName } from './naive';
import { configOf, simulate, type Outcome } from './run';
import { THEMES } from './themes';

/** What a process is asked for. */
export interface Task {
	seed: number;
	/** Whether the other rules poll the world instead of the trigger. */
	contrast: boolean;
}

/** What it gives. */
export interface Answer {
	task: Task;
	outcome?: Outcome;
	/** Sessions that each rule lost. */
	losses?: Record<RuleName, number>;
	/** Sessions of a theme that its naive rule lost or gave again. */
	wrong?: number;
	/** Set when it broke. */
	error?: string;
}

async function work(task: Task): Promise<Answer> {
	const config = configOf(task.seed);
	if (!task.contrast) return { task, outcome: await simulate(config) };
	if (config.theme) return { task, wrong: goWrongBy(THEMES[config.theme].naive, config) };
	const names = Object.keys(RULES) as RuleName[];
	const losses = Object.fromEntries(names.map((name) => [name, loseBy(name, config)]));
	return { task, losses: losses as Record<RuleName, number> };
}

process.on('message', (task: Task) => {
	void work(task)
		.catch((error: unknown) => ({ task, error: error instanceof Error ? error.stack : String(error) }))
		.then((answer) => process.send?.(answer));
});
// The tests were stopped.
process.on('disconnect', () => process.exit());
