import { RULES, type RuleName } from './naive';
import { workOff } from './pool';
import { complaintsOf, sumUp, tableOf } from './report';
import { configOf, type Outcome } from './run';
import { THEME_NAMES, themeOf, THEMES } from './themes';
import type { Answer, Task } from './worker';

/** A block of ordinary worlds, and one of themes. */
const USUAL_SEEDS = 400;
/** Seeds of one test. */
const GROUP = 20;
/** Worlds of Spirii's transactions in which a session that ends is what counts. */
const CONTRAST_SEEDS = Array.from({ length: 16 }, (_, index) => 4 + index * 12);
const HOURS = 3_600_000;
/** Its worlds are large. */
const HEAVY_RULE = 'forget the oldest beyond a number';

/** Worlds of each theme in which a naive rule is tried; it has to go wrong in one of them. */
const CONTRASTS_OF_THEME = 2;

// SIMULATION_SEEDS runs that many seeds, SIMULATION_SEED one of them alone, SIMULATION_THEME those of one theme.
const { SIMULATION_SEED: only, SIMULATION_SEEDS: count, SIMULATION_THEME: theme } = process.env;
const all = Array.from({ length: Number(count ?? USUAL_SEEDS) }, (_, seed) => seed);
const ofTheme = all.filter((seed) => themeOf(seed)?.name === theme);
const chosen = theme === undefined ? all : ofTheme;
const seeds = only === undefined ? chosen : [Number(only)];
const contrasts = only === undefined && theme === undefined ? CONTRAST_SEEDS : [];
const themes = only === undefined ? THEME_NAMES.filter((name) => theme === undefined || name === theme) : [];
const contrastsOf = (name: string) => {
	const own = Array.from({ length: USUAL_SEEDS }, (_, seed) => seed).filter(
		(seed) => themeOf(seed)?.name === name,
	);
	return own.slice(0, THEMES[name as keyof typeof THEMES].naive === HEAVY_RULE ? 1 : CONTRASTS_OF_THEME);
};
const themeContrasts = themes.flatMap(contrastsOf);
const groups = Array.from({ length: Math.ceil(seeds.length / GROUP) }, (_, index) =>
	seeds.slice(index * GROUP, (index + 1) * GROUP),
);

let answers: Map<string, Promise<Answer>>;
const outcomes: Outcome[] = [];
const began = Date.now();
const nameOf = ({ seed, contrast }: Task) => `${seed} ${contrast}`;

beforeAll(() => {
	const tasks = [
		...[...contrasts, ...themeContrasts].map((seed) => ({ seed, contrast: true })),
		...seeds.map((seed) => ({ seed, contrast: false })),
	];
	const given = workOff(tasks);
	answers = new Map(tasks.map((task, index) => [nameOf(task), given[index]]));
});

async function answerTo(task: Task): Promise<Answer> {
	const answer = (await answers.get(nameOf(task))) as Answer;
	if (answer.error !== undefined) throw new Error(`seed ${task.seed}: ${answer.error}`);
	return answer;
}

if (contrasts.length > 0) {
	const losses: string[] = [];
	test.each(Object.keys(RULES) as RuleName[])(
		'a poller that goes by "%s" loses sessions',
		async (rule) => {
			const lost = { lastWrite: 0, startedAt: 0 };
			for (const seed of contrasts) {
				const answer = await answerTo({ seed, contrast: true });
				lost[configOf(seed).meaning] += answer.losses?.[rule] ?? NaN;
			}
			losses.push(`${rule}: ${lost.lastWrite} and ${lost.startedAt}`);
			expect(lost.lastWrite + lost.startedAt).toBeGreaterThan(0);
		},
		HOURS,
	);
	afterAll(() =>
		print([
			`sessions that other rules lose in ${contrasts.length} of the worlds, where updatedAt is the last write, and where it is the start:`,
			...losses,
		]),
	);
}

if (themes.length > 0) {
	const wrongs: string[] = [];
	test.each(themes.map((name) => [name, THEMES[name].naive, THEMES[name].about] as const))(
		'in the theme %s the rule "%s" loses or repeats sessions: %s',
		async (name, rule) => {
			let wrong = 0;
			for (const seed of contrastsOf(name)) wrong += (await answerTo({ seed, contrast: true })).wrong ?? NaN;
			wrongs.push(`${name}, "${rule}": ${wrong}`);
			expect(wrong).toBeGreaterThan(0);
		},
		HOURS,
	);
	afterAll(() => print(['sessions that the rule of a simple poller loses or repeats, by theme:', ...wrongs]));
}

test.each(groups.map((group) => [group[0], group[group.length - 1], group] as const))(
	'seeds %i to %i: nothing is lost, and nothing comes twice',
	async (_first, _last, group) => {
		const problems: string[] = [];
		for (const seed of group) {
			const { outcome } = await answerTo({ seed, contrast: false });
			outcomes.push(outcome as Outcome);
			problems.push(complaintsOf(outcome as Outcome));
		}
		expect(problems.join('')).toBe('');
	},
	HOURS,
);

test('a correction names what changed', () => {
	const { namedParts, unnamedParts } = sumUp(outcomes);
	// The fingerprint of a part has 11 bits: one change in 2048 leaves it as it was.
	expect(unnamedParts).toBeLessThanOrEqual(5 + namedParts / 1000);
});

afterAll(() => {
	const totals = sumUp(outcomes);
	const seconds = (Date.now() - began) / 1000;
	print([
		`simulation: ${totals.seeds} seeds, ${totals.sessions} sessions, ${totals.delivered} deliveries, ${totals.polls} polls (${Math.round(totals.polls / seconds)} a second)`,
		`lost ${totals.lost}, repeated ${totals.repeated}, uncalled for ${totals.uncalled}, wrong changes ${totals.wrongChanges}`,
		`repeated by a crash ${totals.crashRepeats}, old records written anew ${totals.touchedOld}, parts not named ${totals.unnamedParts} of ${totals.namedParts}`,
		...tableOf(outcomes),
		`most remembered: ${totals.peakSessions} sessions, ${totals.peakBytes} bytes of state; records read for each delivered: ${(totals.read / totals.delivered).toFixed(1)}`,
	]);
});

function print(lines: string[]): void {
	// eslint-disable-next-line no-console
	console.log(lines.join('\n  '));
}
