import { RULES, type RuleName } from './naive';
import { workOff } from './pool';
import { complaintsOf, sumUp } from './report';
import { configOf, type Outcome } from './run';
import type { Answer, Task } from './worker';

const USUAL_SEEDS = 200;
/** Seeds of one test. */
const GROUP = 20;
/** Worlds of Spirii's transactions in which a session that ends is what counts. */
const CONTRAST_SEEDS = Array.from({ length: 24 }, (_, index) => 4 + index * 12);
const HOURS = 3_600_000;

// SIMULATION_SEEDS runs that many seeds, SIMULATION_SEED one of them alone.
const { SIMULATION_SEED: only, SIMULATION_SEEDS: count } = process.env;
const seeds =
	only === undefined
		? Array.from({ length: Number(count ?? USUAL_SEEDS) }, (_, seed) => seed)
		: [Number(only)];
const contrasts = only === undefined ? CONTRAST_SEEDS : [];
const groups = Array.from({ length: Math.ceil(seeds.length / GROUP) }, (_, index) =>
	seeds.slice(index * GROUP, (index + 1) * GROUP),
);

let answers: Map<string, Promise<Answer>>;
const outcomes: Outcome[] = [];
const began = Date.now();
const nameOf = ({ seed, contrast }: Task) => `${seed} ${contrast}`;

beforeAll(() => {
	const tasks = [
		...contrasts.map((seed) => ({ seed, contrast: true })),
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
	// A part has a short print: one change in 4,096 leaves it as it was.
	expect(unnamedParts).toBeLessThanOrEqual(5 + namedParts / 1000);
});

afterAll(() => {
	const totals = sumUp(outcomes);
	const seconds = (Date.now() - began) / 1000;
	print([
		`simulation: ${totals.seeds} seeds, ${totals.sessions} sessions, ${totals.delivered} deliveries, ${totals.polls} polls (${Math.round(totals.polls / seconds)} a second)`,
		`lost ${totals.lost}, repeated ${totals.repeated}, uncalled for ${totals.uncalled}, wrong changes ${totals.wrongChanges}`,
		`repeated by a crash ${totals.crashRepeats}, old records written anew ${totals.touchedOld}, parts not named ${totals.unnamedParts} of ${totals.namedParts}`,
		`most remembered: ${totals.peakSessions} sessions, ${totals.peakBytes} bytes of state; records read for each delivered: ${(totals.read / totals.delivered).toFixed(1)}`,
	]);
});

function print(lines: string[]): void {
	// eslint-disable-next-line no-console
	console.log(lines.join('\n  '));
}
