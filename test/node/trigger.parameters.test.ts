import type { INodeParameters } from 'n8n-workflow';

import { failureOf, useSandbox } from '../support/sandbox';
import type { ActiveTrigger } from '../support/trigger';

const house = useSandbox({ records: 5, transactionsPerCharger: 2, plain: true });

const spirii = (parameters: INodeParameters) => house.activate.spirii(parameters);
const voltTime = (parameters: INodeParameters) =>
	house.activate.voltTime({
		source: 'legacyTransaction',
		teamId: { __rl: true, mode: 'id', value: '1142' },
		...parameters,
	});

type Activate = (parameters: INodeParameters) => ActiveTrigger;

/** Polls live and by hand; each is refused, with nothing asked for and no position kept. */
async function expectRefused(trigger: ActiveTrigger, words: string): Promise<void> {
	for (const run of [trigger.poll(), trigger.showNewest()]) {
		const { message, cause, description } = await failureOf(run);
		expect([message, cause]).toEqual([words, 'configuration-invalid']);
		expect(description).not.toBe('');
	}
	expect([house.spirii.requests, house.voltTime.requests]).toEqual([[], []]);
	expect(trigger.data()).toEqual({});
}

test.each<[Activate, INodeParameters, string]>([
	[spirii, { source: null }, '"Source" must be one of chargeRecord, transaction, but null was given'],
	[
		spirii,
		{ source: 'session' },
		'"Source" must be one of chargeRecord, transaction, but "session" was given',
	],
	[spirii, { source: 7 }, '"Source" must be one of chargeRecord, transaction, but 7 was given'],
	[
		spirii,
		{ event: null },
		'"Trigger On" must be one of completed, started, corrected, changed, but null was given',
	],
	[spirii, { firstRun: null }, '"First Run" must be one of now, date, days, all, but null was given'],
	[spirii, { output: null }, '"Output" must be one of simplified, raw, ocpi, selected, but null was given'],
	[voltTime, { chargerScope: null }, '"Chargers" must be one of all, one, but null was given'],
	[voltTime, { chargerScope: 'each' }, '"Chargers" must be one of all, one, but "each" was given'],
] as never)(
	'what decides over other fields is refused where it is missing or mistyped (%#)',
	async (...given) => {
		const [activate, parameters, words] = given;
		await expectRefused(activate(parameters), words);
	},
);

test.each([
	['={{ undefined }}', 'undefined'],
	['={{ "" }}', '""'],
	['={{ [] }}', '[]'],
	['={{ NaN }}', 'NaN'],
])('an expression that gives nothing is refused: %s', async (given, shown) => {
	const nothing = `must give a value, but it gives ${shown}`;
	await expectRefused(
		spirii({ source: 'transaction', filters: { idTagUid: given } }),
		`The expression of "ID Tag UID" ${nothing}`,
	);
	await expectRefused(
		spirii({ firstRun: 'days', firstRunDays: given }),
		`The expression of "Days" ${nothing}`,
	);
	await expectRefused(
		voltTime({ options: { lookbackHours: given } }),
		`The expression of "Lookback Window (Hours)" ${nothing}`,
	);
	await expectRefused(
		voltTime({ teamId: { __rl: true, mode: 'id', value: given } }),
		`The expression of "Team" ${nothing}`,
	);
});

test('a filter that was left blank is not sent, and a warning in the log names it', async () => {
	const trigger = spirii({ source: 'transaction', filters: { evseId: '', idTagUid: ' ' } });
	const warnings = () => trigger.log.filter((line) => line.startsWith('warn: '));
	const expected = ['EVSE', 'ID Tag UID'].map(
		(label) => `warn: Spirii Trigger: the filter "${label}" was left blank and is not applied`,
	);
	await trigger.poll();
	expect(warnings()).toEqual(expected);
	await trigger.showNewest();
	expect(warnings()).toEqual([...expected, ...expected]);
	for (const { query } of house.spirii.requests)
		expect(query.has('idTagUid') || query.has('evseId')).toBe(false);
	expect(house.spirii.requests.length).toBeGreaterThan(1);
});
